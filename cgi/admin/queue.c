/*
 * queue.c: what is waiting at the desk, oldest first, and which condition is unmet.
 * Pages go on from the last row shown (a key, never a count of rows to skip).
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { PAGE_ROWS = 25 };

enum { Q_COUNTS, Q_PAGE, Q__COUNT };

const struct db_query queue_queries[] = {	/* takes, gives, sql */
	[Q_COUNTS] = { "s", "sii",
	    "SELECT state, suspect, COUNT(*) FROM submission"
	    " WHERE desk = ? GROUP BY state, suspect" },
	/* The page is cut before the rounds are joined to it. */
	[Q_PAGE] = { "bssiiiibi", "biibbIIIIIIIIIIII",
	    "SELECT s.id, s.received_day, s.suspect, s.desk_key, s.body,"
	    " r.opened_at, r.closes_at, r.quorum, r.favour, r.block,"
	    " CAST(COUNT(e.admin) AS SIGNED),"
	    " CAST(SUM(e.vote = 'favour') AS SIGNED),"
	    " CAST(SUM(e.vote = 'against') AS SIGNED),"
	    " CAST(SUM(e.vote = 'abstain') AS SIGNED),"
	    " CAST(SUM(e.vote = 'recused') AS SIGNED),"
	    " CAST(SUM(e.admin = ? AND e.vote IS NULL) AS SIGNED),"
	    " s.ended_day"
	    " FROM (SELECT id, received_day, ended_day, suspect, desk_key,"
	    "  body FROM submission WHERE desk = ? AND state = ? AND suspect = ?"
	    "  AND received_day >= ? AND (received_day > ? OR received_day = ?"
	    "  AND id > ?) ORDER BY received_day, id LIMIT ?) s"
	    " LEFT JOIN round r ON r.submission = s.id AND r.number ="
	    "  (SELECT MAX(number) FROM round WHERE submission = s.id)"
	    " LEFT JOIN elector e ON e.submission = s.id"
	    "  AND e.number = r.number"
	    " GROUP BY s.id, s.received_day, s.suspect, s.desk_key, s.body,"
	    " r.opened_at, r.closes_at, r.quorum, r.favour, r.block,"
	    " s.ended_day ORDER BY s.received_day, s.id" },
};
const size_t queue_n_queries = Q__COUNT;

enum { F_ID, F_RECEIVED, F_SUSPECT, F_KEY, F_BODY, F_OPENED, F_CLOSES,
	F_QUORUM, F_FAVOUR, F_BLOCK, F_ELECTORS, F_IN_FAVOUR, F_AGAINST,
	F_ABSTAINED, F_RECUSED, F_MINE, F_ENDED };

/* The lists there are: a state, and apart from the rest what looks like a machine's. */
static const struct list {
	const char *key, *state, *title;
	bool suspect;
} lists[] = {
	{ "received",	"received",	N_("Waiting"),		false },
	{ "review",	"review",	N_("In review"),	false },
	{ "accepted",	"accepted",	N_("Accepted"),		false },
	{ "declined",	"declined",	N_("Declined"),		false },
	{ "withdrawn",	"withdrawn",	N_("Withdrawn"),	false },
	{ "suspect",	"received",	N_("Looks automated"),	true },
};
enum { LISTS = sizeof(lists) / sizeof(*lists) };

enum { T_KEY, T_TITLE, T_COUNT, T_CURRENT, T__COUNT };

static const struct view_name tab_names[] = {
	[T_KEY] = { "key", NULL },
	[T_TITLE] = { "title", NULL },
	[T_COUNT] = { "count", NULL },
	[T_CURRENT] = { "current", NULL },
	[T__COUNT] = { NULL, NULL }
};

enum { C_ID, C_NAME, C_RECEIVED, C_AGE, C_UNMET, C_CLOSES, C_MINE, C_ENDED,
	C__COUNT };

static const struct view_name case_names[] = {
	[C_ID] = { "id", NULL },
	[C_NAME] = { "name", NULL },
	[C_RECEIVED] = { "received", NULL },
	[C_AGE] = { "age", NULL },
	[C_UNMET] = { "unmet", NULL },
	[C_CLOSES] = { "closes", NULL },
	[C_MINE] = { "mine", NULL },
	[C_ENDED] = { "ended", NULL },
	[C__COUNT] = { NULL, NULL }
};

enum { U_TABS, U_SOME, U_CASES, U_TITLE, U_KEY, U_NEXT, U_FIRST, U_NOT_FIRST, U_DONE,
	U__COUNT };

static const struct view_name queue_names[] = {
	[U_TABS] = { "tabs", tab_names },
	[U_SOME] = { "some", NULL },
	[U_CASES] = { "cases", case_names },
	[U_TITLE] = { "title", NULL },
	[U_KEY] = { "key", NULL },
	[U_NEXT] = { "next", NULL },
	[U_FIRST] = { "is_received", NULL },
	[U_NOT_FIRST] = { "later_page", NULL },
	[U_DONE] = { "done", NULL },	/* a list of cases that have ended */
	[U__COUNT] = { NULL, NULL }
};

void
queue_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->queue, "queue.html",
	    queue_names);
}

static const struct list *
find_list(const char *key)
{
	for (size_t i = 0; key != NULL && i < LISTS; i++) {
		if (strcmp(lists[i].key, key) == 0)
			return &lists[i];
	}
	return key == NULL ? &lists[0] : NULL;
}

/* Where a page starts: "DAY-ID" of the last row of the one before, or NULL. */
static bool
read_after(const char *after, int64_t *day, struct id *id)
{
	char *end;

	*day = 0;
	*id = (struct id){ { 0 } };
	if (after == NULL)
		return true;
	*day = strtoll(after, &end, 10);
	return *end == '-' && *day >= 0 && id_read(id, end + 1);
}

static enum outcome
add_tabs(struct request *rq, struct view *v, const struct list *current)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &queue_queries[Q_COUNTS], &rows,
	    DB_TEXT(DESK));
	for (const struct list *l = lists; got == OUT_OK && l < lists + LISTS;
	    l++) {
		struct view	*row = view_row(v, U_TABS);
		int64_t		 count = 0;

		for (size_t i = 0; i < rows.n; i++) {
			const struct db_value *at = rows.at[i].at;

			if (strcmp(at[0].bytes.data, l->state) == 0 &&
			    (at[1].number != 0) == l->suspect)
				count += at[2].number;
		}
		view_text(row, T_KEY, l->key);
		view_text(row, T_TITLE, text_in(rq->words, l->title));
		view_number(row, T_COUNT, count);
		view_flag(row, T_CURRENT, l == current);
	}
	return got;
}

/* The name in the answers, for the reviewer to know a case by; NULL when erased. */
static const char *
name_in(struct request *rq, const struct key *desk_secret,
    const struct id *id, const struct db_value *at)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	struct key		 content;

	if (answers_key(desk_secret, id, at[F_KEY].bytes, &content) != OUT_OK ||
	    answers_open(rq, &content, id, at[F_BODY].bytes, &answers,
	    &strays) != OUT_OK)
		return NULL;
	for (size_t i = 0; i < answers->form->n_fields; i++) {
		if (strcmp(answers->form->fields[i].name, "name") == 0)
			return answers->values[i][0];
	}
	return NULL;
}

static enum outcome
add_case(struct request *rq, struct view *v, const struct key *desk_secret,
    const struct db_value *at)
{
	struct view	*row = view_row(v, U_CASES);
	char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
	struct id	 id;

	if (hex == NULL)
		return OUT_FAULT;
	memcpy(id.at, at[F_ID].bytes.data, ID_LEN);
	id_text(hex, &id);
	view_text(row, C_ID, hex);
	view_text(row, C_NAME, name_in(rq, desk_secret, &id, at));
	view_text(row, C_RECEIVED, when_day(rq, rq->words,
	    at[F_RECEIVED].number));
	view_text(row, C_AGE, when_age(rq, rq->words, at[F_RECEIVED].number,
	    rq->now));
	if (at[F_ENDED].type != 0) {
		view_text(row, C_ENDED, when_day(rq, rq->words,
		    at[F_ENDED].number));
	} else if (at[F_OPENED].type != 0) {
		struct tally t = {
			.quorum = (unsigned)at[F_QUORUM].number,
			.favour = (unsigned)at[F_FAVOUR].number,
			.block = (unsigned)at[F_BLOCK].number,
			.electors = (unsigned)at[F_ELECTORS].number,
			.in_favour = (unsigned)at[F_IN_FAVOUR].number,
			.against = (unsigned)at[F_AGAINST].number,
			.abstained = (unsigned)at[F_ABSTAINED].number,
			.recused = (unsigned)at[F_RECUSED].number,
			.closes_at = at[F_CLOSES].number,
		};

		view_text(row, C_UNMET, words_unmet(rq, rq->words, &t, rq->now));
		if (rule_verdict(&t, rq->now) == VERDICT_OPEN) {
			view_text(row, C_CLOSES, when_day(rq, rq->words,
			    t.closes_at));
			view_flag(row, C_MINE, at[F_MINE].number > 0);
		}
	}
	return OUT_OK;
}

enum outcome
queue_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const struct list	*list = find_list(pairs_find(&rq->query, "list"));
	const char		*after = pairs_find(&rq->query, "after");
	struct view		*v = view_new(rq, queue_names);
	struct db_rows		 rows;
	struct key		 public, secret;
	struct id		 id;
	int64_t			 day;
	enum outcome		 got;

	if (list == NULL || !read_after(after, &day, &id))
		return OUT_MISSING;
	if ((got = desk_open(rq->app->db, &rq->session->admin, DESK, &public,
	    &secret)) != OUT_OK ||
	    (got = add_tabs(rq, v, list)) != OUT_OK)
		return got;
	got = db_all(rq->app->db, rq, &queue_queries[Q_PAGE], &rows,
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_TEXT(DESK),
	    DB_TEXT(list->state), DB_INT(list->suspect), DB_INT(day),
	    DB_INT(day), DB_INT(day), DB_BYTES(id.at, ID_LEN),
	    DB_INT(PAGE_ROWS + 1));
	for (size_t i = 0; got == OUT_OK && i < rows.n && i < PAGE_ROWS; i++)
		got = add_case(rq, v, &secret, rows.at[i].at);
	sodium_memzero(&secret, sizeof(secret));
	if (got != OUT_OK)
		return got;
	if (rows.n > PAGE_ROWS) {
		const struct db_value	*last = rows.at[PAGE_ROWS - 1].at;
		char			 hex[2 * ID_LEN + 1];

		memcpy(id.at, last[F_ID].bytes.data, ID_LEN);
		id_text(hex, &id);
		view_text(v, U_NEXT, talloc_asprintf(rq, "%lld-%s",
		    (long long)last[F_RECEIVED].number, hex));
	}
	view_flag(v, U_SOME, rows.n > 0);
	view_text(v, U_TITLE, text_in(rq->words, list->title));
	view_text(v, U_KEY, list->key);
	view_flag(v, U_FIRST, list == &lists[0]);
	view_flag(v, U_NOT_FIRST, after != NULL);
	view_flag(v, U_DONE, list - lists >= 2 && !list->suspect);
	return page_send(rq, &office->queue, v, 200);
}
