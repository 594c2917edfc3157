/*
 * event_dates.c: the dates of an event, for its hosts: also those that were skipped.
 */
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"

enum { Q_COMING, Q_PAST, Q__COUNT };

#define COLUMNS	"SELECT id, starts_at, ends_at, state, own, placed, note, capacity, taken," \
		" waiting, came FROM occurrence WHERE event = ?"

const struct db_query event_dates_queries[] = {	/* takes, gives, sql */
	[Q_COMING] = { "biiibi", "biisiisIiii",
	    COLUMNS " AND ends_at > ? AND ends_at >= ? AND (ends_at > ? OR id > ?)"
	    " ORDER BY ends_at, id LIMIT ?" },
	[Q_PAST] = { "biiibi", "biisiisIiii",
	    COLUMNS " AND ends_at <= ? AND ends_at <= ? AND (ends_at < ? OR id < ?)"
	    " ORDER BY ends_at DESC, id DESC LIMIT ?" },
};
const size_t event_dates_n_queries = Q__COUNT;

enum { F_ID, F_STARTS, F_ENDS, F_STATE, F_OWN, F_PLACED, F_NOTE, F_CAPACITY, F_TAKEN, F_WAITING,
	F_CAME };

enum { ROWS = 25 };

enum { D_ID, D_WHEN, D_STATE, D_KIND, D_OWN, D_PLACED, D_SEATS, D_NOTE, D__COUNT };

const struct view_name date_row_names[] = {
	[D_ID] = { "oid", NULL },
	[D_WHEN] = { "when", NULL },
	[D_STATE] = { "state", NULL },
	[D_KIND] = { "kind", NULL },
	[D_OWN] = { "own", NULL },
	[D_PLACED] = { "placed", NULL },
	[D_SEATS] = { "seats", NULL },
	[D_NOTE] = { "note", NULL },
	[D__COUNT] = { NULL, NULL }
};

enum { U_ID, U_NAME, U_NAME_LANG, U_ROWS, U_SOME, U_PAST, U_NEXT, U_LATER, U__COUNT };

static const struct view_name page_names[] = {
	[U_ID] = { "id", NULL },
	[U_NAME] = { "name", NULL },
	[U_NAME_LANG] = { "name_lang", NULL },
	[U_ROWS] = { "dates", date_row_names },
	[U_SOME] = { "some", NULL },
	[U_PAST] = { "past", NULL },
	[U_NEXT] = { "next", NULL },
	[U_LATER] = { "later_page", NULL },
	[U__COUNT] = { NULL, NULL }
};

void
event_dates_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->event_dates, "admin-event-dates.html",
	    page_names);
}

/* "12 of 30 seats taken, 3 waiting", "12 coming", "10 came"; NULL: nobody so far. */
static const char *
seats_of(struct request *rq, const struct db_value *at)
{
	long long	 taken = at[F_TAKEN].number, waiting = at[F_WAITING].number;
	const char	*words;

	if (at[F_CAME].number > 0)
		return talloc_asprintf(rq, text_in(rq->words, "%lld came"),
		    (long long)at[F_CAME].number);
	if (taken + waiting == 0)
		return NULL;
	if (at[F_CAPACITY].type == 0)
		return talloc_asprintf(rq, text_in(rq->words, "%lld coming"), taken);
	words = talloc_asprintf(rq, text_in(rq->words, "%lld of %lld seats taken"), taken,
	    (long long)at[F_CAPACITY].number);
	return waiting == 0 || words == NULL ? words : talloc_asprintf(rq, "%s, %s", words,
	    talloc_asprintf(rq, text_in(rq->words, "%lld waiting"), waiting));
}

static void
add_row(struct request *rq, const struct plan *p, struct view *row, const struct db_value *at)
{
	view_text(row, D_ID, plan_hex(rq, at[F_ID].bytes.data));
	view_text(row, D_WHEN, plan_when(rq, p->e.zone, at[F_STARTS].number,
	    at[F_ENDS].number));
	for (size_t i = 0; i < OCCURRENCE_STATES; i++) {
		if (date_tags[i].words == NULL ||
		    strcmp(at[F_STATE].bytes.data, occurrence_state_names[i]) != 0)
			continue;
		view_text(row, D_STATE, text_in(rq->words, date_tags[i].words));
		view_text(row, D_KIND, date_tags[i].kind);
	}
	view_flag(row, D_OWN, at[F_OWN].number != 0);
	view_flag(row, D_PLACED, at[F_PLACED].number != 0);
	view_text(row, D_SEATS, seats_of(rq, at));
	view_text(row, D_NOTE, at[F_NOTE].bytes.data);
}

enum outcome
dates_part(struct request *rq, const struct plan *p, size_t most, struct view *v, size_t i,
    bool *more)
{
	const struct id	first = { { 0 } };
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &event_dates_queries[Q_COMING], &rows,
	    DB_BYTES(p->e.id.at, ID_LEN), DB_INT(rq->now), DB_INT(0), DB_INT(0),
	    DB_BYTES(first.at, ID_LEN), DB_INT(most + 1));
	for (size_t k = 0; got == OUT_OK && k < rows.n && k < most; k++)
		add_row(rq, p, view_row(v, i), rows.at[k].at);
	*more = got == OUT_OK && rows.n > most;
	return got;
}

enum outcome
event_dates_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*list = pairs_find(&rq->query, "list");
	const char		*after = pairs_find(&rq->query, "after");
	bool			 past = list != NULL && strcmp(list, "past") == 0;
	struct cursor		 from = { .at = past ? INT64_MAX : 0 };
	struct view		*v = view_new(rq, page_names);
	struct db_rows		 rows;
	struct plan		 p;
	enum outcome		 got;

	if ((got = plan_read(rq, &p)) != OUT_OK)
		return got;
	if (after != NULL && !cursor_read(&from, after))
		return OUT_MISSING;
	got = db_all(rq->app->db, rq, &event_dates_queries[past ? Q_PAST : Q_COMING], &rows,
	    DB_BYTES(p.e.id.at, ID_LEN), DB_INT(rq->now), DB_INT(from.at),
	    DB_INT(from.at), DB_BYTES(from.id.at, ID_LEN), DB_INT(ROWS + 1));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; i < rows.n && i < ROWS; i++)
		add_row(rq, &p, view_row(v, U_ROWS), rows.at[i].at);
	if (rows.n > ROWS) {
		const struct db_value *last = rows.at[ROWS - 1].at;

		view_text(v, U_NEXT, cursor_text(rq, last[F_ENDS].number, last[F_ID].bytes.data));
	}
	view_text(v, U_ID, p.hex);
	view_text(v, U_NAME, p.called);
	view_text(v, U_NAME_LANG, p.spoken);
	view_flag(v, U_SOME, rows.n > 0);
	view_flag(v, U_PAST, past);
	view_flag(v, U_LATER, after != NULL);
	return page_send(rq, &office->event_dates, v, 200);
}
