/*
 * queue.c: what is waiting at a desk, in the lists of lists.c, and what needs a look.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "lists.h"
#include "openhall/retain.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { T_KEY, T_TITLE, T_COUNT, T_CURRENT, T__COUNT };

static const struct view_name tab_names[] = {
	[T_KEY] = { "key", NULL },
	[T_TITLE] = { "title", NULL },
	[T_COUNT] = { "count", NULL },
	[T_CURRENT] = { "current", NULL },
	[T__COUNT] = { NULL, NULL }
};

enum { N_KEY, N_TEXT, N__COUNT };

static const struct view_name notice_names[] = {
	[N_KEY] = { "key", NULL },
	[N_TEXT] = { "text", NULL },
	[N__COUNT] = { NULL, NULL }
};

enum { C_ID, C_NAME, C_GONE, C_BROKEN, C_STATE, C_STATE_KIND, C_UNREAD, C_SUSPECT,
	C_CHANNEL, C_RECEIVED, C_AGE, C_STILL, C_NEVER, C_SUNK, C_ENDED, C_ERASED, C_UNMET,
	C_CLOSES, C_MINE, C_AT, C_NEEDS, C_OFFERS, C_AREA, C_URGENCY, C_URGENT, C_ASSIGNEE,
	C__COUNT };

static const struct view_name case_names[] = {
	[C_ID] = { "id", NULL },
	[C_NAME] = { "name", NULL },
	[C_GONE] = { "gone", NULL },		/* erased */
	[C_BROKEN] = { "broken", NULL },	/* does not open: damaged */
	[C_STATE] = { "state", NULL },
	[C_STATE_KIND] = { "state_kind", NULL },
	[C_UNREAD] = { "unread", NULL },
	[C_SUSPECT] = { "suspect", NULL },
	[C_CHANNEL] = { "channel", NULL },
	[C_RECEIVED] = { "received", NULL },
	[C_AGE] = { "age", NULL },
	[C_STILL] = { "still", NULL },
	[C_NEVER] = { "never", NULL },		/* since it came */
	[C_SUNK] = { "sunk", NULL },
	[C_ENDED] = { "ended", NULL },
	[C_ERASED] = { "erased_on", NULL },
	[C_UNMET] = { "unmet", NULL },
	[C_CLOSES] = { "closes", NULL },
	[C_MINE] = { "mine", NULL },
	[C_AT] = { "at", NULL },		/* where it stands in the list */
	[C_NEEDS] = { "needs", NULL },
	[C_OFFERS] = { "offers", NULL },
	[C_AREA] = { "area", NULL },
	[C_URGENCY] = { "urgency", NULL },
	[C_URGENT] = { "urgent", NULL },
	[C_ASSIGNEE] = { "assignee", NULL },
	[C__COUNT] = { NULL, NULL }
};

enum { U_DESK, U_DESK_TITLE, U_SEVERAL, U_DESKS, U_NOTICED, U_NOTICES, U_TABS, U_SOME,
	U_CASES, U_TITLE, U_KEY, U_AFTER, U_NEXT, U_FIRST, U_LATER,
	U_WORKED, U_DONE, U_MIXED, U__COUNT };

static const struct view_name queue_names[] = {
	[U_DESK] = { "desk", NULL },		/* none: they serve at none */
	[U_DESK_TITLE] = { "desk_title", NULL },
	[U_SEVERAL] = { "several", NULL },	/* desks of theirs */
	[U_DESKS] = { "desks", tab_names },
	[U_NOTICED] = { "noticed", NULL },
	[U_NOTICES] = { "notices", notice_names },
	[U_TABS] = { "tabs", tab_names },
	[U_SOME] = { "some", NULL },
	[U_CASES] = { "cases", case_names },
	[U_TITLE] = { "title", NULL },
	[U_KEY] = { "key", NULL },
	[U_AFTER] = { "after", NULL },		/* behind which place this page begins */
	[U_NEXT] = { "next", NULL },
	[U_FIRST] = { "is_first", NULL },
	[U_LATER] = { "later_page", NULL },
	[U_WORKED] = { "worked", NULL },	/* the desk works on cases, and does not decide */
	[U_DONE] = { "done", NULL },		/* a list of cases that have ended, or will */
	[U_MIXED] = { "mixed", NULL },		/* of cases in several states */
	[U__COUNT] = { NULL, NULL }
};

void
queue_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->queue, "queue.html",
	    queue_names);
}

/* ---- tabs and notices ---- */

static const char *
count_text(struct request *rq, int64_t n)
{
	return n > LIST_COUNTED ? talloc_asprintf(rq, "%d+", LIST_COUNTED) :
	    talloc_asprintf(rq, "%lld", (long long)n);
}

static void
add_tab(struct request *rq, struct view *row, const char *key, const char *title,
    int64_t n, bool current)
{
	view_text(row, T_KEY, key);
	view_text(row, T_TITLE, text_in(rq->words, title));
	view_text(row, T_COUNT, count_text(rq, n));
	view_flag(row, T_CURRENT, current);
}

/* What a list that needs a look says about itself; NULL: it is none. */
static const char *
notice(struct request *rq, const struct list *l, int64_t n)
{
	const char	*count = count_text(rq, n);
	unsigned long	 many = (unsigned long)n;

	if (l->by == BY_ERASURE)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%1$s case will be erased within %2$d days",
		    "%1$s cases will be erased within %2$d days", many), count,
		    RETAIN_WARN_DAYS);
	if (l->by == BY_STILL)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%1$s case has not moved for %2$u days or more",
		    "%1$s cases have not moved for %2$u days or more", many), count,
		    rq->settings->remind_days);
	if (l->sunk)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case got no answer when we asked whether it still stands",
		    "%s cases got no answer when we asked whether they still stand",
		    many), count);
	return NULL;
}

static enum outcome
add_tabs(struct request *rq, struct view *v, const struct lists *ls,
    const struct list *current)
{
	for (const struct list *l = lists_of(ls->desk); l->key != NULL; l++) {
		const char	*says;
		int64_t		 n;
		enum outcome	 got = lists_count(ls, l, &n);

		if (got != OUT_OK)
			return got;
		if (!l->aside || l == current)
			add_tab(rq, view_row(v, U_TABS), l->key, l->title, n,
			    l == current);
		if (n > 0 && l != current && (says = notice(rq, l, n)) != NULL) {
			struct view *row = view_row(v, U_NOTICES);

			view_flag(v, U_NOTICED, 1);
			view_text(row, N_KEY, l->key);
			view_text(row, N_TEXT, says);
		}
	}
	return OUT_OK;
}

/* The other desks of theirs, with what waits there. */
static enum outcome
add_desks(struct request *rq, struct view *v, const struct desk *current)
{
	unsigned serves = rq->session->desks & ((1u << INTAKES) - 1);

	if ((serves & (serves - 1)) == 0)
		return OUT_OK;
	view_flag(v, U_SEVERAL, 1);
	for (size_t i = 0; i < INTAKES; i++) {
		struct lists	ls;
		int64_t		n;
		enum outcome	got;

		if ((serves & 1u << i) == 0)
			continue;
		ls = lists_at(rq, &desks[i]);
		if ((got = lists_count(&ls, lists_of(&desks[i]), &n)) != OUT_OK)
			return got;
		add_tab(rq, view_row(v, U_DESKS), desks[i].name, desks[i].title, n,
		    &desks[i] == current);
	}
	return OUT_OK;
}

/* ---- rows ---- */

/* The name in the answers, to know a case by. */
static void
add_name(struct request *rq, struct view *row, const struct desk *desk,
    const struct key *desk_secret, const struct id *id, const struct db_row *at)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	struct key		 content;
	enum outcome		 got;

	got = answers_key(desk_secret, id, at->at[LF_KEY].bytes, &content);
	if (got == OUT_OK)
		got = answers_open(rq, desk, &content, id, at->at[LF_BODY].bytes,
		    &answers, &strays);
	sodium_memzero(&content, sizeof(content));
	if (got == OUT_OK)
		view_text(row, C_NAME, answers_name(answers));
	view_flag(row, C_GONE, got == OUT_MISSING);
	view_flag(row, C_BROKEN, got != OUT_OK && got != OUT_MISSING);
}

/* The labels of every value of facet `name`, as one text; NULL: it has none. */
static const char *
labels(struct request *rq, const struct form *form, const struct pairs *facets,
    const char *name)
{
	char *all = NULL;

	for (size_t i = 0; i < facets->n; i++) {
		const char *label;

		if (strcmp(facets->at[i].name, name) != 0)
			continue;
		label = form_facet_label(form, name, facets->at[i].value, rq->lang);
		all = all == NULL ? talloc_strdup(rq, label) :
		    talloc_asprintf_append(all, ", %s", label);
	}
	return all;
}

/* What stands readable beside the answers. */
static void
add_facets(struct request *rq, struct view *row, const struct lists *ls,
    const struct db_row *at)
{
	const struct bytes	*text = &at->at[LF_FACETS].bytes;
	struct pairs		 facets;

	if (pairs_decode(rq, text->data, text->len, BODY_PAIRS_MAX, &facets) != OUT_OK)
		return;
	view_text(row, C_NEEDS, labels(rq, ls->form, &facets, "need"));
	view_text(row, C_OFFERS, labels(rq, ls->form, &facets, "offer"));
	view_text(row, C_AREA, labels(rq, ls->form, &facets, "area"));
	view_text(row, C_URGENCY, labels(rq, ls->form, &facets, "urgency"));
	view_flag(row, C_URGENT, at->at[LF_URGENCY].number == 0 &&
	    strcmp(at->at[LF_KIND].bytes.data, "ask") == 0);
}

/* What a case in review still needs. */
static enum outcome
add_round(struct request *rq, struct view *row, const struct id *id)
{
	struct dossier	d = { .id = *id };
	enum outcome	got = case_read_round(rq, &d);

	if (got != OUT_OK || !d.has_round)
		return got;
	view_text(row, C_UNMET, words_unmet(rq, rq->words, &d.tally, rq->now));
	if (rule_verdict(&d.tally, rq->now) != VERDICT_OPEN)
		return OUT_OK;
	view_text(row, C_CLOSES, when_day(rq, rq->words, d.tally.closes_at));
	for (size_t i = 0; i < d.electors.n; i++) {
		if (case_is_me(rq, d.electors.at[i].at))
			view_flag(row, C_MINE, d.electors.at[i].at[E_VOTE].type == 0);
	}
	return OUT_OK;
}

static void
add_state(struct request *rq, struct view *row, const struct lists *ls,
    const struct db_row *at)
{
	const char	*state = at->at[LF_STATE].bytes.data;
	int64_t		 moved = at->at[LF_MOVED].number;
	int64_t		 erased = lists_erasure(ls, at);
	bool		 ended = at->at[LF_ENDED].type != 0;

	view_text(row, C_STATE, words_state(rq->words, state));
	view_text(row, C_STATE_KIND, words_state_kind(state));
	view_flag(row, C_SUSPECT, at->at[LF_SUSPECT].number != 0);
	view_flag(row, C_SUNK, at->at[LF_SUNK].number != 0);
	view_text(row, C_RECEIVED, when_day(rq, rq->words, at->at[LF_RECEIVED].number));
	view_text(row, C_AGE, when_age(rq, rq->words, at->at[LF_RECEIVED].number,
	    rq->now));
	if (ended)
		view_text(row, C_ENDED, when_day(rq, rq->words,
		    at->at[LF_ENDED].number));
	else if (moved <= ls->today - (int64_t)ls->remind_days * DAY) {
		view_flag(row, C_NEVER, moved == at->at[LF_RECEIVED].number);
		if (moved != at->at[LF_RECEIVED].number)
			view_text(row, C_STILL, when_age(rq, rq->words, moved, rq->now));
	}
	if (erased >= 0)
		view_text(row, C_ERASED, when_day(rq, rq->words, erased));
}

static enum outcome
add_case(struct request *rq, struct view *v, const struct lists *ls, const struct list *list,
    const struct key *desk_secret, const struct db_row *at)
{
	const struct place	 place = lists_place(ls, list, at);
	struct view		*row = view_row(v, U_CASES);
	char			*hex = talloc_size(rq, 2 * ID_LEN + 1);
	char			*where = talloc_size(rq, PLACE_TEXT);
	struct id		 id;

	if (hex == NULL || where == NULL)
		return OUT_FAULT;
	place_text(where, &place);
	view_text(row, C_AT, where);
	memcpy(id.at, at->at[LF_ID].bytes.data, ID_LEN);
	id_text(hex, &id);
	view_text(row, C_ID, hex);
	add_name(rq, row, ls->desk, desk_secret, &id, at);
	add_state(rq, row, ls, at);
	view_text(row, C_CHANNEL, words_channel(rq->words,
	    at->at[LF_CHANNEL].bytes.data));
	if (at->at[LF_UNREAD].number > 0)
		view_number(row, C_UNREAD, at->at[LF_UNREAD].number);
	view_text(row, C_ASSIGNEE, at->at[LF_ASSIGNEE].bytes.data);
	if (!ls->desk->decides)
		add_facets(rq, row, ls, at);
	return strcmp(at->at[LF_STATE].bytes.data, "review") == 0 ?
	    add_round(rq, row, &id) : OUT_OK;
}

static enum outcome
add_cases(struct request *rq, struct view *v, const struct lists *ls,
    const struct list *list, const struct place *after)
{
	struct desk_keys	 keys;
	struct list_page	*page = talloc(rq, struct list_page);
	char			*next = talloc_size(rq, PLACE_TEXT);
	enum outcome		 got;

	if (page == NULL || next == NULL)
		return OUT_FAULT;
	if ((got = lists_page(ls, rq, list, after, page)) != OUT_OK ||
	    (got = desk_open(rq->app->db, &rq->session->admin, ls->desk,
	    &keys)) != OUT_OK)
		return got;
	for (size_t i = 0; got == OUT_OK && i < page->n; i++)
		got = add_case(rq, v, ls, list, &keys.secret, &page->at[i]);
	sodium_memzero(&keys, sizeof(keys));
	view_flag(v, U_SOME, page->n > 0);
	if (page->more) {
		place_text(next, &page->last);
		view_text(v, U_NEXT, next);
	}
	return got;
}

/* ---- the page ---- */

/* The desk that is asked for, or the first of theirs; NULL: none of theirs. */
static const struct desk *
desk_asked(const struct request *rq)
{
	const char *name = pairs_find(&rq->query, "desk");

	for (size_t i = 0; i < INTAKES; i++) {
		if ((rq->session->desks & 1u << i) != 0 &&
		    (name == NULL || strcmp(name, desks[i].name) == 0))
			return &desks[i];
	}
	return NULL;
}

enum outcome
queue_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const struct desk	*desk = desk_asked(rq);
	const char		*after = pairs_find(&rq->query, "after");
	const struct list	*list;
	struct view		*v = view_new(rq, queue_names);
	struct lists		 ls;
	struct place		 place;
	enum outcome		 got;

	if (rq->session->desks == 0)
		return page_send(rq, &office->queue, v, 200);
	if ((rq->session->desks & ((1u << INTAKES) - 1)) == 0)	/* no case comes to them */
		return http_see_other(rq, rq->editor ? "/admin/statements" : "/admin/events");
	if (desk == NULL ||
	    (list = lists_find(desk, pairs_find(&rq->query, "list"))) == NULL ||
	    (after != NULL && !place_read(&place, after)))
		return OUT_MISSING;
	ls = lists_at(rq, desk);
	if ((got = add_desks(rq, v, desk)) != OUT_OK ||
	    (got = add_tabs(rq, v, &ls, list)) != OUT_OK ||
	    (got = add_cases(rq, v, &ls, list, after != NULL ? &place : NULL)) != OUT_OK)
		return got;
	view_text(v, U_DESK, desk->name);
	view_text(v, U_DESK_TITLE, text_in(rq->words, desk->title));
	view_text(v, U_TITLE, text_in(rq->words, list->title));
	view_text(v, U_KEY, list->key);
	view_text(v, U_AFTER, after);
	view_flag(v, U_FIRST, list == lists_of(desk));
	view_flag(v, U_LATER, after != NULL);
	view_flag(v, U_WORKED, !desk->decides);
	view_flag(v, U_DONE, list->by == BY_ENDED || list->by == BY_ERASURE);
	view_flag(v, U_MIXED, !(list->by == BY_STATE || list->by == BY_ENDED) ||
	    list->of[1] != NULL);
	return page_send(rq, &office->queue, v, 200);
}
