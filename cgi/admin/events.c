/*
 * events.c: the list of events, for their hosts.
 */
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_COMING, Q_PAST, Q_DRAFTS, Q_COUNTS, Q_NEXT, Q_LAST, Q__COUNT };

/* Called in the language of the page, or in its own. */
#define COLUMNS	"SELECT e.id, COALESCE(w.lang, e.lang), COALESCE(w.title, m.title, e.slug)," \
		" e.kind, e.rule, e.zone, e.state, e.visibility, e.changed_at, a.name, "
#define TABLES	" JOIN admin a ON a.id = e.changed_by" \
		" LEFT JOIN event_words w ON w.event = e.id AND w.lang = ?" \
		" LEFT JOIN event_words m ON m.event = e.id AND m.lang = e.lang"
#define NEXT	"(SELECT event, MIN(ends_at) AS at FROM occurrence WHERE ends_at > ?" \
		" AND state <> 'skipped' GROUP BY event)"
#define LAST	"(SELECT v.id AS event, COALESCE(MAX(o.ends_at), 0) AS at FROM event v" \
		" LEFT JOIN occurrence o ON o.event = v.id AND o.state <> 'skipped'" \
		" GROUP BY v.id HAVING at <= ?)"
#define DATE	"SELECT starts_at, ends_at, state, taken, capacity FROM occurrence" \
		" WHERE event = ? AND state <> 'skipped'"

const struct db_query events_queries[] = {	/* takes, gives, sql */
	[Q_COMING] = { "isiibi", "bsssssssisi",
	    COLUMNS "n.at FROM " NEXT " n JOIN event e ON e.id = n.event" TABLES
	    " WHERE e.state <> 'draft' AND n.at >= ? AND (n.at > ? OR e.id > ?)"
	    " ORDER BY n.at, e.id LIMIT ?" },
	[Q_PAST] = { "isiibi", "bsssssssisi",
	    COLUMNS "n.at FROM " LAST " n JOIN event e ON e.id = n.event" TABLES
	    " WHERE e.state <> 'draft' AND n.at <= ? AND (n.at < ? OR e.id < ?)"
	    " ORDER BY n.at DESC, e.id DESC LIMIT ?" },
	[Q_DRAFTS] = { "siibi", "bsssssssisi",
	    COLUMNS "e.changed_at FROM event e" TABLES
	    " WHERE e.state = 'draft' AND e.changed_at <= ? AND (e.changed_at < ? OR e.id < ?)"
	    " ORDER BY e.changed_at DESC, e.id DESC LIMIT ?" },
	[Q_COUNTS] = { "i", "iii",
	    "SELECT COUNT(IF(e.state <> 'draft' AND n.event IS NOT NULL, 1, NULL)),"
	    " COUNT(IF(e.state = 'draft', 1, NULL)),"
	    " COUNT(IF(e.state <> 'draft' AND n.event IS NULL, 1, NULL))"
	    " FROM event e LEFT JOIN " NEXT " n ON n.event = e.id" },
	[Q_NEXT] = { "bi", "iisiI", DATE " AND ends_at > ? ORDER BY ends_at LIMIT 1" },
	[Q_LAST] = { "b", "iisiI", DATE " ORDER BY ends_at DESC LIMIT 1" },
};
const size_t events_n_queries = Q__COUNT;

/* The columns of the lists, and of a date. */
enum { F_ID, F_LANG, F_TITLE, F_KIND, F_RULE, F_ZONE, F_STATE, F_VISIBILITY, F_CHANGED, F_BY,
	F_AT };
enum { O_STARTS, O_ENDS, O_STATE, O_TAKEN, O_CAPACITY };

enum { ROWS = 25 };

enum list { COMING, DRAFTS, PAST, LISTS };

static const struct { const char *key, *title; } lists[LISTS] = {
	[COMING] = { "coming", N_("Coming") },
	[DRAFTS] = { "drafts", N_("Drafts") },
	[PAST] = { "past", N_("Past") },
};

enum { B_KEY, B_TITLE, B_COUNT, B_CURRENT, B__COUNT };
static const struct view_name tab_names[] = {
	[B_KEY] = { "key", NULL },
	[B_TITLE] = { "title", NULL },
	[B_COUNT] = { "count", NULL },
	[B_CURRENT] = { "current", NULL },
	[B__COUNT] = { NULL, NULL }
};

enum { S_ID, S_NAME, S_LANG, S_WHAT, S_WHEN, S_RULE, S_STATE, S_KIND, S_BY_LINK, S_SEATS,
	S_CHANGED, S_BY, S__COUNT };
static const struct view_name row_names[] = {
	[S_ID] = { "id", NULL },
	[S_NAME] = { "name", NULL },
	[S_LANG] = { "spoken", NULL },
	[S_WHAT] = { "what", NULL },
	[S_WHEN] = { "when", NULL },
	[S_RULE] = { "rule", NULL },
	[S_STATE] = { "state", NULL },
	[S_KIND] = { "kind", NULL },
	[S_BY_LINK] = { "by_link", NULL },
	[S_SEATS] = { "seats", NULL },
	[S_CHANGED] = { "changed", NULL },
	[S_BY] = { "by", NULL },
	[S__COUNT] = { NULL, NULL }
};

enum { U_TABS, U_ROWS, U_SOME, U_TITLE, U_KEY, U_NEXT, U_LATER, U_NONE, U_DRAFTS, U_COMING,
	U__COUNT };
static const struct view_name list_names[] = {
	[U_TABS] = { "tabs", tab_names },
	[U_ROWS] = { "rows", row_names },
	[U_SOME] = { "some", NULL },
	[U_TITLE] = { "title", NULL },
	[U_KEY] = { "key", NULL },
	[U_NEXT] = { "next", NULL },
	[U_LATER] = { "later_page", NULL },
	[U_NONE] = { "none", NULL },		/* not one in any list */
	[U_DRAFTS] = { "is_drafts", NULL },
	[U_COMING] = { "is_coming", NULL },
	[U__COUNT] = { NULL, NULL }
};

void
events_start(struct app *app)
{
	struct office *office = app->own;

	calendar_start(app->settings);
	page_compile(office, app->settings, &office->events, "admin-events.html", list_names);
}

/* The list that is asked for; without one, the first that holds something; LISTS: there is none
 * of that name. */
static enum list
list_asked(const struct request *rq, const struct db_row *counts)
{
	const char	*asked = pairs_find(&rq->query, "list");
	unsigned	 i = 0;

	while (i < LISTS && (asked != NULL ? strcmp(asked, lists[i].key) != 0 :
	    counts->at[i].number == 0))
		i++;
	return i == LISTS && asked == NULL ? COMING : (enum list)i;
}

/* Its next date, or its last. */
static enum outcome
add_date(struct request *rq, struct view *row, const struct db_value *at)
{
	struct db		*db = rq->app->db;
	const char		*zone = at[F_ZONE].bytes.data;
	const struct db_value	*o;
	struct db_row		 date;
	enum outcome		 got;

	got = db_first(db, rq, &events_queries[Q_NEXT], &date, at[F_ID], DB_INT(rq->now));
	if (got == OUT_MISSING)
		got = db_first(db, rq, &events_queries[Q_LAST], &date, at[F_ID]);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;	/* all were skipped */
	o = date.at;
	view_text(row, S_WHEN, plan_when(rq, zone, o[O_STARTS].number, o[O_ENDS].number));
	if (o[O_CAPACITY].type != 0)
		view_text(row, S_SEATS, talloc_asprintf(rq, text_in(rq->words,
		    "%lld of %lld seats taken"), (long long)o[O_TAKEN].number,
		    (long long)o[O_CAPACITY].number));
	else if (o[O_TAKEN].number > 0)
		view_text(row, S_SEATS, talloc_asprintf(rq, text_in(rq->words, "%lld coming"),
		    (long long)o[O_TAKEN].number));
	for (size_t i = 0; i < OCCURRENCE_STATES; i++) {
		if (date_tags[i].words == NULL ||
		    strcmp(o[O_STATE].bytes.data, occurrence_state_names[i]) != 0)
			continue;
		view_text(row, S_STATE, text_in(rq->words, date_tags[i].words));
		view_text(row, S_KIND, date_tags[i].kind);
	}
	return OUT_OK;
}

static enum outcome
add_row(struct request *rq, struct view *v, const struct db_value *at)
{
	struct view		*row = view_row(v, U_ROWS);
	const struct event_tag	*cancelled = &event_tags[EVENT_CANCELLED];
	struct recurrence	 rule;
	enum outcome		 got;

	view_text(row, S_ID, plan_hex(rq, at[F_ID].bytes.data));
	view_text(row, S_NAME, at[F_TITLE].bytes.data);
	view_text(row, S_LANG, at[F_LANG].bytes.data);
	for (size_t i = 0; i < EVENT_KINDS; i++) {
		if (strcmp(at[F_KIND].bytes.data, event_kind_names[i]) == 0)
			view_text(row, S_WHAT, text_in(rq->words, event_kind_words[i]));
	}
	if (recurrence_read(&rule, at[F_RULE].bytes.data) == OUT_OK && rule.how != RECURS_NOT)
		view_text(row, S_RULE, recurrence_words(rq, rq->words, &rule));
	if ((got = add_date(rq, row, at)) != OUT_OK)
		return got;
	if (strcmp(at[F_STATE].bytes.data, event_state_names[EVENT_CANCELLED]) == 0) {
		view_text(row, S_STATE, text_in(rq->words, cancelled->words));
		view_text(row, S_KIND, cancelled->kind);
	}
	view_flag(row, S_BY_LINK, strcmp(at[F_VISIBILITY].bytes.data, "link") == 0);
	view_text(row, S_CHANGED, when_day(rq, rq->words, at[F_CHANGED].number));
	view_text(row, S_BY, at[F_BY].bytes.data);
	return OUT_OK;
}

static enum outcome
read_rows(struct request *rq, enum list list, const struct cursor *from,
    struct db_rows *rows)
{
	struct db	*db = rq->app->db;
	struct db_value	 lang = DB_TEXT(rq->words->lang), now = DB_INT(rq->now);
	struct db_value	 behind = DB_INT(from->at), which = DB_BYTES(from->id.at, ID_LEN);

	if (list == DRAFTS)
		return db_all(db, rq, &events_queries[Q_DRAFTS], rows, lang, behind, behind,
		    which, DB_INT(ROWS + 1));
	return db_all(db, rq, &events_queries[list == COMING ? Q_COMING : Q_PAST], rows, now,
	    lang, behind, behind, which, DB_INT(ROWS + 1));
}

static enum outcome
add_rows(struct request *rq, struct view *v, enum list list, const char *after)
{
	struct cursor	from = { .at = list == COMING ? 0 : INT64_MAX };
	struct db_rows	rows;
	enum outcome	got;

	if (after != NULL && !cursor_read(&from, after))
		return OUT_MISSING;
	got = read_rows(rq, list, &from, &rows);
	for (size_t i = 0; got == OUT_OK && i < rows.n && i < ROWS; i++)
		got = add_row(rq, v, rows.at[i].at);
	if (got != OUT_OK)
		return got;
	view_flag(v, U_SOME, rows.n > 0);
	if (rows.n > ROWS) {
		const struct db_value *last = rows.at[ROWS - 1].at;

		view_text(v, U_NEXT, cursor_text(rq, last[F_AT].number, last[F_ID].bytes.data));
	}
	return OUT_OK;
}

enum outcome
events_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*after = pairs_find(&rq->query, "after");
	struct view		*v = view_new(rq, list_names);
	struct db_row		 counts;
	int64_t			 all = 0;
	enum list		 list;
	enum outcome		 got;

	if (!plan_may(rq))
		return OUT_MISSING;
	if ((got = db_first(rq->app->db, rq, &events_queries[Q_COUNTS], &counts,
	    DB_INT(rq->now))) != OUT_OK)
		return got;
	if ((list = list_asked(rq, &counts)) == LISTS)
		return OUT_MISSING;
	for (size_t i = 0; i < LISTS; i++) {
		struct view *row = view_row(v, U_TABS);

		view_text(row, B_KEY, lists[i].key);
		view_text(row, B_TITLE, text_in(rq->words, lists[i].title));
		view_number(row, B_COUNT, counts.at[i].number);
		view_flag(row, B_CURRENT, i == list);
		all += counts.at[i].number;
	}
	if ((got = add_rows(rq, v, list, after)) != OUT_OK)
		return got;
	view_text(v, U_TITLE, text_in(rq->words, lists[list].title));
	view_text(v, U_KEY, lists[list].key);
	view_flag(v, U_LATER, after != NULL);
	view_flag(v, U_NONE, all == 0);
	view_flag(v, U_DRAFTS, list == DRAFTS);
	view_flag(v, U_COMING, list == COMING);
	return page_send(rq, &office->events, v, 200);
}
