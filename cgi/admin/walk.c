/*
 * walk.c: from a list of the queue to a case, to the next in that list, and back to the page of it
 * from which one came.  The address of the case says where that was.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "lists.h"
#include "openhall/text.h"

enum { S_LIST, S_TITLE, S_AFTER, S_NEXT, S_LAST, S__COUNT };
const struct view_name walk_names[] = {
	[S_LIST] = { "list", NULL },
	[S_TITLE] = { "list_title", NULL },
	[S_AFTER] = { "after", NULL },		/* where the page of the list begins */
	[S_NEXT] = { "next", NULL },		/* where it is */
	[S_LAST] = { "last", NULL },		/* there is none behind this one */
	[S__COUNT] = { NULL, NULL }
};

/* What the address said, as far as it can be true. */
struct walk {
	const struct list	*list;		/* NULL: nothing */
	const char		*after, *at;	/* places; may be NULL */
	struct place		 place;		/* that of `at` */
};

static struct walk
walk_of(const struct request *rq, const struct desk *desk)
{
	const char	*list = pairs_find(&rq->query, "list");
	struct walk	 walk = { .after = pairs_find(&rq->query, "after"),
			    .at = pairs_find(&rq->query, "at") };

	if (list != NULL)
		walk.list = lists_find(desk, list);
	if (walk.after != NULL && !place_read(&walk.place, walk.after))
		walk.after = NULL;
	if (walk.at != NULL && !place_read(&walk.place, walk.at))
		walk.at = NULL;
	return walk;
}

/* The same for another case of the list, at `at`. */
static const char *
query_of(struct request *rq, const struct walk *walk, const char *at)
{
	return talloc_asprintf(rq, "?list=%s%s%s%s%s", walk->list->key,
	    walk->after != NULL ? "&after=" : "", walk->after != NULL ? walk->after : "",
	    at != NULL ? "&at=" : "", at != NULL ? at : "");
}

const char *
walk_query(struct request *rq, const struct desk *desk)
{
	const struct walk walk = walk_of(rq, desk);

	return walk.list != NULL ? query_of(rq, &walk, walk.at) : NULL;
}

static enum outcome
add_next(struct request *rq, const struct walk *walk, const struct desk *desk, struct view *v)
{
	const struct lists	 ls = lists_at(rq, desk);
	char			 at[PLACE_TEXT], hex[2 * ID_LEN + 1];
	struct place		 place;
	struct db_row		 row;
	enum outcome		 got = lists_next(&ls, rq, walk->list, &walk->place, &row);

	view_flag(v, S_LAST, got == OUT_MISSING);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	place = lists_place(&ls, walk->list, &row);
	place_text(at, &place);
	id_text(hex, &place.id);
	view_text(v, S_NEXT, talloc_asprintf(rq, "/admin/case/%s%s", hex,
	    query_of(rq, walk, at)));
	return OUT_OK;
}

enum outcome
walk_part(struct request *rq, const struct dossier *d, struct view *page, size_t i)
{
	const struct walk	 walk = walk_of(rq, d->desk);
	struct view		*v;

	if (walk.list == NULL)
		return OUT_OK;
	v = view_row(page, i);
	view_text(v, S_LIST, walk.list->key);
	view_text(v, S_TITLE, text_in(rq->words, walk.list->title));
	view_text(v, S_AFTER, walk.after);
	return walk.at != NULL ? add_next(rq, &walk, d->desk, v) : OUT_OK;
}
