/*
 * statements.c: the list of statements, for those who write them.
 */
#include <string.h>
#include <talloc.h>

#include "draft.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_COUNTS, Q_FIRST, Q_AFTER, Q_LANGUAGES, Q__COUNT };

#define COLUMNS	"SELECT s.id, s.work, s.lang, s.title, s.changed_at, a.name, p.published_at," \
		" s.closes_at, EXISTS (SELECT 1 FROM approval v WHERE v.statement = s.id" \
		" AND v.version = s.version AND v.admin = ? AND v.vote IS NULL)," \
		" EXISTS (SELECT 1 FROM edition e WHERE e.statement = s.id)" \
		" FROM statement s JOIN admin a ON a.id = s.changed_by" \
		" LEFT JOIN published p ON p.id = s.id WHERE s.state = ?"
#define ORDER	" ORDER BY s.changed_at DESC, s.id DESC LIMIT ?"

const struct db_query statements_queries[] = {	/* takes, gives, sql */
	[Q_COUNTS] = { "", "si", "SELECT state, COUNT(*) FROM statement GROUP BY state" },
	[Q_FIRST] = { "bsi", "bbssisIIii", COLUMNS ORDER },
	[Q_AFTER] = { "bsiibi", "bbssisIIii",
	    COLUMNS " AND s.changed_at <= ? AND (s.changed_at < ? OR s.id < ?)" ORDER },
	[Q_LANGUAGES] = { "bb", "bs",
	    "SELECT id, lang FROM statement WHERE work = ? AND id <> ? ORDER BY lang" },
};
const size_t statements_n_queries = Q__COUNT;

/* The columns of the lists. */
enum { F_ID, F_WORK, F_LANG, F_TITLE, F_CHANGED, F_BY, F_PUBLISHED, F_CLOSES, F_MINE,
	F_EDITIONS };

enum { ROWS = 25 };

enum { B_KEY, B_TITLE, B_COUNT, B_CURRENT, B__COUNT };

static const struct view_name tab_names[] = {
	[B_KEY] = { "key", NULL },
	[B_TITLE] = { "title", NULL },
	[B_COUNT] = { "count", NULL },
	[B_CURRENT] = { "current", NULL },
	[B__COUNT] = { NULL, NULL }
};

enum { T_ID, T_LANG, T_NAME, T__COUNT };

static const struct view_name other_names[] = {
	[T_ID] = { "id", NULL },
	[T_LANG] = { "lang", NULL },
	[T_NAME] = { "name", NULL },
	[T__COUNT] = { NULL, NULL }
};

enum { S_ID, S_NAME, S_LANG, S_LANGUAGE, S_CHANGED, S_BY, S_SINCE, S_FROM, S_CLOSES, S_MINE,
	S_CORRECTS, S_WAS, S_OTHERS, S__COUNT };

static const struct view_name row_names[] = {
	[S_ID] = { "id", NULL },
	[S_NAME] = { "name", NULL },
	[S_LANG] = { "lang", NULL },
	[S_LANGUAGE] = { "language", NULL },
	[S_CHANGED] = { "changed", NULL },
	[S_BY] = { "by", NULL },
	[S_SINCE] = { "since", NULL },		/* public */
	[S_FROM] = { "from", NULL },		/* will be public */
	[S_CLOSES] = { "closes", NULL },
	[S_MINE] = { "mine", NULL },		/* my vote is missing */
	[S_CORRECTS] = { "corrects", NULL },	/* a former version is public now */
	[S_WAS] = { "was", NULL },		/* it was public once */
	[S_OTHERS] = { "others", other_names },
	[S__COUNT] = { NULL, NULL }
};

enum { U_TABS, U_ROWS, U_SOME, U_TITLE, U_KEY, U_NEXT, U_LATER, U_NONE, U_DRAFTS, U_REVIEW,
	U_DONE, U__COUNT };

static const struct view_name list_names[] = {
	[U_TABS] = { "tabs", tab_names },
	[U_ROWS] = { "statements", row_names },
	[U_SOME] = { "some", NULL },
	[U_TITLE] = { "title", NULL },
	[U_KEY] = { "key", NULL },
	[U_NEXT] = { "next", NULL },
	[U_LATER] = { "later_page", NULL },
	[U_NONE] = { "none", NULL },		/* not one in any list */
	[U_DRAFTS] = { "is_drafts", NULL },
	[U_REVIEW] = { "is_review", NULL },
	[U_DONE] = { "is_done", NULL },
	[U__COUNT] = { NULL, NULL }
};

void
statements_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->statements, "admin-statements.html",
	    list_names);
}

/* What waits for somebody first. */
static const struct { enum draft_state state; const char *title; } lists[] = {
	{ REVIEW, N_("In review") },
	{ READY, N_("Ready to publish") },
	{ DRAFT, N_("Drafts") },
	{ PUBLISHED, N_("Published") },
	{ WITHDRAWN, NC_("statement", "Withdrawn") },
};

enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

static const char *
key_of(size_t list)
{
	return draft_states[lists[list].state].name;
}

/* The list that is asked for; without one, the first that holds something, or the drafts;
 * LISTS: there is none of that name. */
static size_t
list_asked(const struct request *rq, const int64_t counts[LISTS])
{
	const char	*asked = pairs_find(&rq->query, "list");
	size_t		 i = 0;

	while (i < LISTS && (asked != NULL ? strcmp(asked, key_of(i)) != 0 : counts[i] == 0))
		i++;
	return i == LISTS && asked == NULL ? 2 : i;
}

static enum outcome
count(struct request *rq, int64_t counts[LISTS])
{
	struct db_rows	rows;
	enum outcome	got;

	memset(counts, 0, LISTS * sizeof(*counts));
	got = db_all_values(rq->app->db, rq, &statements_queries[Q_COUNTS], &rows, NULL, 0);
	for (size_t k = 0; got == OUT_OK && k < rows.n; k++) {
		for (size_t i = 0; i < LISTS; i++) {
			if (strcmp(rows.at[k].at[0].bytes.data, key_of(i)) == 0)
				counts[i] = rows.at[k].at[1].number;
		}
	}
	return got;
}

static enum outcome
add_others(struct request *rq, struct view *row, const struct db_value *at)
{
	struct db_rows	rows;
	enum outcome	got;

	if (rq->settings->n_words < 2)
		return OUT_OK;
	got = db_all(rq->app->db, rq, &statements_queries[Q_LANGUAGES], &rows, at[F_WORK],
	    at[F_ID]);
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		struct view	*other = view_row(row, S_OTHERS);
		char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
		struct id	 id;

		if (hex == NULL)
			return OUT_FAULT;
		memcpy(id.at, rows.at[i].at[0].bytes.data, ID_LEN);
		id_text(hex, &id);
		view_text(other, T_ID, hex);
		view_text(other, T_LANG, rows.at[i].at[1].bytes.data);
		view_text(other, T_NAME, draft_language(rq, rows.at[i].at[1].bytes.data));
	}
	return got;
}

static enum outcome
add_row(struct request *rq, struct view *v, enum draft_state state, const struct db_value *at)
{
	struct view	*row = view_row(v, U_ROWS);
	char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
	bool		 is_public = at[F_PUBLISHED].type != 0;
	int64_t		 from = at[F_PUBLISHED].number;
	struct id	 id;

	if (hex == NULL)
		return OUT_FAULT;
	memcpy(id.at, at[F_ID].bytes.data, ID_LEN);
	id_text(hex, &id);
	view_text(row, S_ID, hex);
	view_text(row, S_NAME, at[F_TITLE].bytes.data);
	view_text(row, S_LANG, at[F_LANG].bytes.data);
	view_text(row, S_LANGUAGE, draft_language(rq, at[F_LANG].bytes.data));
	view_text(row, S_CHANGED, when_day(rq, rq->words, at[F_CHANGED].number));
	view_text(row, S_BY, at[F_BY].bytes.data);
	if (is_public)
		view_text(row, from <= rq->now ? S_SINCE : S_FROM,
		    when_moment(rq, rq->words, from));
	if (state == REVIEW) {
		view_text(row, S_CLOSES, when_day(rq, rq->words, at[F_CLOSES].number));
		view_flag(row, S_MINE, at[F_MINE].number != 0);
	}
	view_flag(row, S_CORRECTS, is_public && state != PUBLISHED);
	view_flag(row, S_WAS, !is_public && state != WITHDRAWN && at[F_EDITIONS].number != 0);
	return add_others(rq, row, at);
}

static enum outcome
add_rows(struct request *rq, struct view *v, enum draft_state state, const char *after)
{
	struct db_value	 me = DB_BYTES(rq->session->admin.id.at, ID_LEN);
	struct db_value	 name = DB_TEXT(draft_states[state].name);
	struct db_rows	 rows;
	struct cursor	 from;
	enum outcome	 got;

	if (after == NULL)
		got = db_all(rq->app->db, rq, &statements_queries[Q_FIRST], &rows, me, name,
		    DB_INT(ROWS + 1));
	else if (cursor_read(&from, after))
		got = db_all(rq->app->db, rq, &statements_queries[Q_AFTER], &rows, me, name,
		    DB_INT(from.at), DB_INT(from.at), DB_BYTES(from.id.at, ID_LEN),
		    DB_INT(ROWS + 1));
	else
		return OUT_MISSING;
	for (size_t i = 0; got == OUT_OK && i < rows.n && i < ROWS; i++)
		got = add_row(rq, v, state, rows.at[i].at);
	if (got != OUT_OK)
		return got;
	view_flag(v, U_SOME, rows.n > 0);
	if (rows.n > ROWS) {
		const struct db_value *last = rows.at[ROWS - 1].at;

		view_text(v, U_NEXT, cursor_text(rq, last[F_CHANGED].number,
		    last[F_ID].bytes.data));
	}
	return OUT_OK;
}

enum outcome
statements_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*after = pairs_find(&rq->query, "after");
	struct view		*v = view_new(rq, list_names);
	int64_t			 counts[LISTS], all = 0;
	size_t			 list;
	enum outcome		 got;

	if (!draft_may(rq))
		return OUT_MISSING;
	if ((got = count(rq, counts)) != OUT_OK)
		return got;
	if ((list = list_asked(rq, counts)) == LISTS)
		return OUT_MISSING;
	for (size_t i = 0; i < LISTS; i++) {
		struct view *row = view_row(v, U_TABS);

		view_text(row, B_KEY, key_of(i));
		view_text(row, B_TITLE, text_in(rq->words, lists[i].title));
		view_number(row, B_COUNT, counts[i]);
		view_flag(row, B_CURRENT, i == list);
		all += counts[i];
	}
	if ((got = add_rows(rq, v, lists[list].state, after)) != OUT_OK)
		return got;
	view_text(v, U_TITLE, text_in(rq->words, lists[list].title));
	view_text(v, U_KEY, key_of(list));
	view_flag(v, U_LATER, after != NULL);
	view_flag(v, U_NONE, all == 0);
	view_flag(v, U_DRAFTS, lists[list].state == DRAFT);
	view_flag(v, U_REVIEW, lists[list].state == REVIEW);
	view_flag(v, U_DONE, lists[list].state == PUBLISHED);
	return page_send(rq, &office->statements, v, 200);
}
