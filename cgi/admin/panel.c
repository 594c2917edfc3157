/*
 * panel.c: the part of a case's page where it is worked on: its state, who takes it on, what
 * could fit, and the log of calls and visits.
 */
#include <stdlib.h>
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "work.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_PEOPLE, Q_NOTES, Q_BODY, Q__COUNT };

const struct db_query panel_queries[] = {	/* takes, gives, sql */
	[Q_PEOPLE] = { "s", "bs",
	    "SELECT a.id, a.name FROM desk_key k JOIN admin a ON a.id = k.admin"
	    " WHERE k.desk = ? ORDER BY a.name LIMIT 500" },
	[Q_NOTES] = { "bi", "ibsb",
	    "SELECT n.number, n.body, a.name, n.admin FROM note n"
	    " JOIN admin a ON a.id = n.admin WHERE n.submission = ?"
	    " ORDER BY n.number DESC LIMIT ?" },
	[Q_BODY] = { "b", "bb",
	    "SELECT desk_key, body FROM submission WHERE id = ?" },
};
const size_t panel_n_queries = Q__COUNT;

enum { MV_STATE, MV_WORDS, MV__COUNT };

static const struct view_name move_names[] = {
	[MV_STATE] = { "to", NULL },
	[MV_WORDS] = { "words", NULL },
	[MV__COUNT] = { NULL, NULL }
};

enum { PE_ID, PE_NAME, PE_SELECTED, PE__COUNT };

static const struct view_name people_names[] = {
	[PE_ID] = { "person", NULL },
	[PE_NAME] = { "name", NULL },
	[PE_SELECTED] = { "selected", NULL },
	[PE__COUNT] = { NULL, NULL }
};

enum { WY_VALUE, WY_WORDS, WY_CHECKED, WY__COUNT };

static const struct view_name way_names[] = {
	[WY_VALUE] = { "value", NULL },
	[WY_WORDS] = { "words", NULL },
	[WY_CHECKED] = { "checked", NULL },
	[WY__COUNT] = { NULL, NULL }
};

enum { NO_WHO, NO_WHEN, NO_WAY, NO_TO, NO_TEXT, NO_CLOSED, NO__COUNT };

static const struct view_name note_names[] = {
	[NO_WHO] = { "who", NULL },
	[NO_WHEN] = { "when", NULL },
	[NO_WAY] = { "way", NULL },
	[NO_TO] = { "to", NULL },
	[NO_TEXT] = { "text", NULL },
	[NO_CLOSED] = { "closed", NULL },	/* it does not open */
	[NO__COUNT] = { NULL, NULL }
};

enum { KI_LABEL, KI__COUNT };

static const struct view_name kind_names[] = {
	[KI_LABEL] = { "label", NULL },
	[KI__COUNT] = { NULL, NULL }
};

enum { SU_ID, SU_NAME, SU_STATE, SU_TAG, SU_AGE, SU_AREA, SU_NEAR, SU_LANGUAGE,
	SU_UNDERSTOOD, SU_KINDS, SU__COUNT };

static const struct view_name suggestion_names[] = {
	[SU_ID] = { "other", NULL },
	[SU_NAME] = { "name", NULL },
	[SU_STATE] = { "state", NULL },
	[SU_TAG] = { "tag", NULL },
	[SU_AGE] = { "age", NULL },
	[SU_AREA] = { "area", NULL },
	[SU_NEAR] = { "near", NULL },
	[SU_LANGUAGE] = { "language", NULL },
	[SU_UNDERSTOOD] = { "understood", NULL },
	[SU_KINDS] = { "kinds", kind_names },
	[SU__COUNT] = { NULL, NULL }
};

enum { W_WAS, W_OPENS, W_ENDS, W_OVER, W_MOVE_TEXT, W_LONG_MOVE, W_ASSIGNEE,
	W_HOLDER, W_PEOPLE, W_ME, W_MINE, W_STILL, W_ASKED, W_SUNK, W_OFFER,
	W_SUGGESTIONS, W_WAYS, W_TEXT, W_NO_NOTE, W_LONG_NOTE, W_FULL, W_NOTES,
	W__COUNT };

const struct view_name work_names[] = {
	[W_WAS] = { "was", NULL },
	[W_OPENS] = { "opens", move_names },
	[W_ENDS] = { "ends", move_names },
	[W_OVER] = { "over", NULL },
	[W_MOVE_TEXT] = { "move_text", NULL },
	[W_LONG_MOVE] = { "long_move", NULL },
	[W_ASSIGNEE] = { "assignee", NULL },
	[W_HOLDER] = { "holder", NULL },	/* the id, or "nobody" */
	[W_PEOPLE] = { "people", people_names },
	[W_ME] = { "me", NULL },
	[W_MINE] = { "mine", NULL },
	[W_STILL] = { "still", NULL },
	[W_ASKED] = { "asked", NULL },
	[W_SUNK] = { "sunk", NULL },
	[W_OFFER] = { "offer", NULL },
	[W_SUGGESTIONS] = { "suggestions", suggestion_names },
	[W_WAYS] = { "ways", way_names },
	[W_TEXT] = { "text", NULL },
	[W_NO_NOTE] = { "no_note", NULL },
	[W_LONG_NOTE] = { "long_note", NULL },
	[W_FULL] = { "full", NULL },
	[W_NOTES] = { "notes", note_names },
	[W__COUNT] = { NULL, NULL }
};

static const char *
hex_of(const void *ctx, const void *id)
{
	char		*hex = talloc_size(ctx, 2 * ID_LEN + 1);
	struct id	 copy;

	if (hex == NULL)
		return NULL;
	memcpy(copy.at, id, ID_LEN);
	id_text(hex, &copy);
	return hex;
}

/* ---- the state ---- */

static void
add_moves(struct request *rq, const struct dossier *d, struct view *v)
{
	for (size_t i = 0; i < work_n_states; i++) {
		const struct work_state	*to = &work_states[i];
		struct view		*row;

		if (!work_may(d, to))
			continue;
		row = view_row(v, to->ended ? W_ENDS : W_OPENS);
		view_text(row, MV_STATE, to->state);
		view_text(row, MV_WORDS, words_state(rq->words, to->state));
	}
	view_text(v, W_WAS, d->row.at[CF_STATE].bytes.data);
	view_flag(v, W_OVER, d->row.at[CF_ENDED].type != 0);
}

/* What has not moved, and what its holder was asked. */
static void
add_reminders(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct db_value	*at = d->row.at;
	int64_t			 days = (when_day_of(rq->now) -
	    when_day_of(at[CF_MOVED].number)) / DAY;

	if (at[CF_ENDED].type != 0)
		return;
	if (days >= rq->settings->remind_days)
		view_text(v, W_STILL, talloc_asprintf(rq, text_in_n(rq->words,
		    "Nothing has moved here for %ld day.",
		    "Nothing has moved here for %ld days.",
		    (unsigned long)days), (long)days));
	if (at[CF_ASKED].type != 0)
		view_text(v, W_ASKED, when_day(rq, rq->words,
		    at[CF_ASKED].number));
	view_flag(v, W_SUNK, at[CF_SUNK].number != 0);
}

/* ---- who takes it on ---- */

static enum outcome
add_people(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct db_value	*now = &d->row.at[CF_ASSIGNED_TO];
	const void		*me = rq->session->admin.id.at;
	struct db_rows		 rows;
	enum outcome		 got;

	view_text(v, W_ASSIGNEE, d->row.at[CF_ASSIGNEE].bytes.data);
	view_text(v, W_HOLDER, now->type != 0 ? hex_of(rq, now->bytes.data) :
	    "nobody");
	view_text(v, W_ME, hex_of(rq, me));
	view_flag(v, W_MINE, now->type != 0 &&
	    memcmp(now->bytes.data, me, ID_LEN) == 0);
	got = db_all(rq->app->db, rq, &panel_queries[Q_PEOPLE], &rows,
	    DB_TEXT(d->desk->name));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct view		*row = view_row(v, W_PEOPLE);

		view_text(row, PE_ID, hex_of(rq, at[0].bytes.data));
		view_text(row, PE_NAME, at[1].bytes.data);
		view_flag(row, PE_SELECTED, now->type != 0 &&
		    memcmp(now->bytes.data, at[0].bytes.data, ID_LEN) == 0);
	}
	return got;
}

/* ---- what could fit ---- */

/* The name or alias in the answers of another case of the desk; NULL: none, erased, or it does
 * not open.  What is damaged there is told on its own page, and does not close this one. */
static enum outcome
read_name(struct request *rq, const struct desk *desk, const struct key *secret,
    const struct id *id, const char **name)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	struct db_row		 row;
	struct key		 content;
	enum outcome		 got;

	*name = NULL;
	if ((got = db_first(rq->app->db, rq, &panel_queries[Q_BODY], &row,
	    DB_BYTES(id->at, ID_LEN))) != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	got = answers_key(secret, id, row.at[0].bytes, &content);
	if (got == OUT_OK)
		got = answers_open(rq, desk, &content, id, row.at[1].bytes,
		    &answers, &strays);
	if (got == OUT_OK)
		*name = answers_name(answers);
	sodium_memzero(&content, sizeof(content));
	return OUT_OK;
}

static void
add_suggestion(struct request *rq, const struct form *form,
    const struct pairs *mine, const struct suggestion *found, const char *name,
    struct view *row)
{
	const struct pairs	*theirs = &found->facets;
	const char		*seek = strcmp(found->matches, "offer") == 0 ?
	    "need" : "offer";
	const char		*area = pairs_find(theirs, "area");
	const char		*language = pairs_find(theirs, "language");

	view_text(row, SU_ID, hex_of(rq, found->id.at));
	view_text(row, SU_NAME, name);
	view_text(row, SU_STATE, words_state(rq->words, found->state));
	view_text(row, SU_TAG, words_state_kind(found->state));
	view_text(row, SU_AGE, when_age(rq, rq->words, found->received, rq->now));
	if (area != NULL)
		view_text(row, SU_AREA, form_facet_label(form, "area", area,
		    rq->lang));
	view_flag(row, SU_NEAR, found->near);
	if (language != NULL)
		view_text(row, SU_LANGUAGE, form_facet_label(form, "language",
		    language, rq->lang));
	view_flag(row, SU_UNDERSTOOD, found->understood);
	for (size_t i = 0; i < theirs->n; i++) {
		if (strcmp(theirs->at[i].name, found->matches) == 0 &&
		    suggest_has(mine, seek, theirs->at[i].value))
			view_text(view_row(row, SU_KINDS), KI_LABEL,
			    form_facet_label(form, found->matches,
			    theirs->at[i].value, rq->lang));
	}
}

static enum outcome
add_suggestions(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct form	*form = answers_form(rq, d->desk);
	struct bytes		 facets = d->row.at[CF_FACETS].bytes;
	struct suggestion	 found[SUGGESTIONS];
	struct desk_keys	 keys;
	struct pairs		 mine;
	const char		*area;
	size_t			 n;
	enum outcome		 got;

	if (d->row.at[CF_ENDED].type != 0)
		return OUT_OK;
	if (pairs_decode(rq, facets.data, facets.len, BODY_PAIRS_MAX, &mine) !=
	    OUT_OK)
		return OUT_FAULT;
	area = pairs_find(&mine, "area");
	if (area == NULL || unit_area(rq->settings, area) == NULL)
		area = "";
	if ((got = suggest_find(rq->app->db, rq, d->desk, &d->id,
	    d->row.at[CF_KIND].bytes.data, facets.data, area, found,
	    &n)) != OUT_OK || n == 0)
		return got;
	if ((got = desk_open(rq->app->db, &rq->session->admin, d->desk,
	    &keys)) != OUT_OK)
		return got;
	for (size_t i = 0; got == OUT_OK && i < n; i++) {
		const char *name;

		got = read_name(rq, d->desk, &keys.secret, &found[i].id, &name);
		if (got == OUT_OK)
			add_suggestion(rq, form, &mine, &found[i], name,
			    view_row(v, W_SUGGESTIONS));
	}
	sodium_memzero(&keys, sizeof(keys));
	return got;
}

/* ---- the log ---- */

static const char *
way_words(const struct site_words *words, const char *way)
{
	for (size_t i = 0; way != NULL && i < work_n_ways; i++) {
		if (strcmp(work_ways[i].way, way) == 0)
			return text_in(words, work_ways[i].words);
	}
	return NULL;
}

/* Open a note; false: it does not, or is not of whom it stands beside. */
static bool
open_note(struct request *rq, const struct dossier *d, const struct db_value *at,
    struct pairs *pairs)
{
	const char	*word = work_note_word(rq, at[0].number);
	const char	*admin = hex_of(rq, at[3].bytes.data), *from;
	struct bytes	 text;

	return word != NULL && admin != NULL && seal_open(rq, &d->content, &d->id,
	    word, at[1].bytes, &text) == OUT_OK && pairs_decode(rq, text.data,
	    text.len, BODY_PAIRS_MAX, pairs) == OUT_OK &&
	    (from = pairs_find(pairs, "from")) != NULL && strcmp(from, admin) == 0;
}

/* A note that does not open hides none of the others. */
static void
add_note(struct request *rq, const struct dossier *d, const struct db_value *at,
    struct view *row)
{
	const char	*moment, *to;
	struct pairs	 pairs;

	view_text(row, NO_WHO, at[2].bytes.data);
	if (!open_note(rq, d, at, &pairs)) {
		view_flag(row, NO_CLOSED, 1);
		return;
	}
	if ((moment = pairs_find(&pairs, "at")) != NULL)
		view_text(row, NO_WHEN, when_moment(rq, rq->words,
		    strtoll(moment, NULL, 10)));
	view_text(row, NO_WAY, way_words(rq->words, pairs_find(&pairs, "way")));
	if ((to = pairs_find(&pairs, "to")) != NULL)
		view_text(row, NO_TO, words_state(rq->words, to));
	view_text(row, NO_TEXT, pairs_find(&pairs, "text"));
}

static enum outcome
add_notes(struct request *rq, const struct dossier *d, struct view *v)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &panel_queries[Q_NOTES], &rows,
	    DB_BYTES(d->id.at, ID_LEN), DB_INT(NOTES_MAX));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++)
		add_note(rq, d, rows.at[i].at, view_row(v, W_NOTES));
	return got;
}

/* What was typed comes back in the form where it was. */
static void
add_typed(struct request *rq, enum case_problem problem, struct view *v)
{
	const char	*way = pairs_find(&rq->body, "way");
	const char	*text = pairs_find(&rq->body, "text");
	bool		 move = pairs_find(&rq->body, "was") != NULL;

	for (size_t i = 0; i < work_n_ways; i++) {
		struct view *row = view_row(v, W_WAYS);

		view_text(row, WY_VALUE, work_ways[i].way);
		view_text(row, WY_WORDS, text_in(rq->words, work_ways[i].words));
		view_flag(row, WY_CHECKED, way == NULL ? i == 0 :
		    strcmp(way, work_ways[i].way) == 0);
	}
	if (move)
		view_text(v, W_MOVE_TEXT, text);
	else if (way != NULL)
		view_text(v, W_TEXT, text);
	view_flag(v, W_LONG_MOVE, move && problem == CASE_LONG_NOTE);
	view_flag(v, W_LONG_NOTE, !move && problem == CASE_LONG_NOTE);
	view_flag(v, W_NO_NOTE, problem == CASE_NO_NOTE);
	view_flag(v, W_FULL, problem == CASE_FULL_LOG);
}

enum outcome
work_part(struct request *rq, struct dossier *d, struct view *page, size_t list,
    enum case_problem problem)
{
	struct view	*v;
	enum outcome	 got;

	if (d->desk->decides || !d->opened)
		return OUT_OK;
	v = view_row(page, list);
	view_flag(v, W_OFFER, work_is(d, "offer"));
	add_moves(rq, d, v);
	add_reminders(rq, d, v);
	add_typed(rq, problem, v);
	if ((got = add_people(rq, d, v)) != OUT_OK ||
	    (got = add_suggestions(rq, d, v)) != OUT_OK)
		return got;
	return add_notes(rq, d, v);
}
