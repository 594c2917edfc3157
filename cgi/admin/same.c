/*
 * same.c: on the page of a case, what else was probably handed in by the same person.  It is
 * a hint for who decides: nothing is ever put together.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/person.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { SA_ID, SA_DESK, SA_STATE, SA_KIND, SA_RECEIVED, SA__COUNT };

const struct view_name same_row_names[] = {
	[SA_ID] = { "same_id", NULL },		/* none: they do not serve at its desk */
	[SA_DESK] = { "same_desk", NULL },
	[SA_STATE] = { "same_state", NULL },
	[SA_KIND] = { "same_kind", NULL },
	[SA_RECEIVED] = { "same_received", NULL },
	[SA__COUNT] = { NULL, NULL }
};

const struct view_name same_names[] = {
	{ "same_cases", same_row_names },
	{ NULL, NULL }
};

bool
same_row(struct request *rq, struct view *v, size_t i, const struct db_value *at,
    bool others)
{
	const struct desk	*desk = desk_named(at[1].bytes.data);
	const char		*state = at[2].bytes.data;
	bool			 serves = desk != NULL &&
				    (rq->session->desks & 1u << (desk - desks)) != 0;
	char			*hex = talloc_size(rq, 2 * ID_LEN + 1);
	struct view		*row;
	struct id		 id;

	if (desk == NULL || hex == NULL || (!serves && !others))
		return false;
	row = view_row(v, i);
	memcpy(id.at, at[0].bytes.data, ID_LEN);
	id_text(hex, &id);
	view_text(row, SA_ID, serves ? hex : NULL);
	view_text(row, SA_DESK, text_in(rq->words, desk->title));
	view_text(row, SA_STATE, words_state(rq->words, state));
	view_text(row, SA_KIND, words_state_kind(state));
	view_text(row, SA_RECEIVED, when_day(rq, rq->words, at[3].number));
	return true;
}

enum outcome
same_part(struct request *rq, struct dossier *d, struct view *v, size_t i)
{
	struct key	 hashes[PERSON_HASHES_MAX];
	struct db_rows	 rows;
	struct view	*part;
	enum outcome	 got;

	if (d->answers == NULL)
		return OUT_OK;
	got = person_find(rq->app->db, rq, hashes,
	    person_hashes(&d->match, d->answers, hashes), &d->id, &rows);
	if (got != OUT_OK || rows.n == 0)
		return got;
	part = view_row(v, i);
	for (size_t j = 0; j < rows.n; j++)
		same_row(rq, part, 0, rows.at[j].at, true);
	return OUT_OK;
}
