/*
 * lists.c: see lists.h.  Each way of cutting a list has two statements that take the same:
 * one gives rows, the other counts them as far as anybody wants to know.
 */
#include "lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/retain.h"
#include "openhall/text.h"
#include "openhall/when.h"

/* The cut is made in the index alone; what is shown of its rows is joined to it. */
#define ROWS(key, where, order) \
	"SELECT s.id, s.state, s.kind, s.suspect, s.urgency, s.received_day," \
	" s.ended_day, s.moved_day, s.sunk, s.desk_unread, s.channel, s.facets," \
	" s.desk_key, s.body, a.name" \
	" FROM (SELECT id FROM submission FORCE INDEX (" key ")" \
	"  WHERE " where " ORDER BY " order " LIMIT ?) p" \
	" STRAIGHT_JOIN submission s ON s.id = p.id" \
	" LEFT JOIN admin a ON a.id = s.assigned_to"
#define ROWS_GIVE "bssiiiIiiissbbS"
#define COUNT(key, where) \
	"SELECT COUNT(*) FROM (SELECT 1 AS one FROM submission FORCE INDEX (" key ")" \
	" WHERE " where " LIMIT ?) c"

/* Behind a place in the order of `first`, urgency, received_day, id. */
#define BEHIND(first) \
	"(" first " > ? OR (" first " = ? AND (urgency > ? OR (urgency = ?" \
	" AND (received_day > ? OR (received_day = ? AND id > ?))))))"
#define BEHIND_TAKES "iiiiiib"

#define STATE	"desk = ? AND state = ? AND suspect <= ? AND " BEHIND("suspect")
#define KIND	"desk = ? AND kind = ? AND ended_day IS NULL AND suspect = ? AND " \
		BEHIND("sunk")
#define MINE	"desk = ? AND assigned_to = ? AND ended_day IS NULL AND " BEHIND("sunk")
#define STILL	"desk = ? AND kind = ? AND ended_day IS NULL AND suspect = 0" \
		" AND moved_day <= ? AND (moved_day > ? OR (moved_day = ? AND id > ?))"
#define UNREAD	"desk = ? AND desk_unread > 0" \
		" AND (desk_unread < ? OR (desk_unread = ? AND id < ?))"
/* A form belongs to one desk, so this names the desk as well. */
#define ENDED	"form = ? AND state = ?" \
		" AND (ended_day < ? OR (ended_day = ? AND id < ?))"
#define ERASED	"form = ? AND state = ?" \
		" AND ended_day <= ? AND (ended_day > ? OR (ended_day = ? AND id > ?))"
#define STALE	"desk = ? AND ended_day IS NULL" \
		" AND moved_day <= ? AND (moved_day > ? OR (moved_day = ? AND id > ?))"

enum { Q_STATE, Q_KIND, Q_MINE, Q_STILL, Q_UNREAD, Q_ENDED, Q_ERASED, Q_STALE, Q_ROWS,
	Q__COUNT = 2 * Q_ROWS };

const struct db_query queue_queries[] = {	/* takes, gives, sql */
	[Q_STATE] = { "ssi" BEHIND_TAKES "i", ROWS_GIVE,
	    ROWS("queue", STATE, "suspect, urgency, received_day, id") },
	[Q_KIND] = { "ssi" BEHIND_TAKES "i", ROWS_GIVE,
	    ROWS("open", KIND, "sunk, urgency, received_day, id") },
	[Q_MINE] = { "sb" BEHIND_TAKES "i", ROWS_GIVE,
	    ROWS("mine", MINE, "sunk, urgency, received_day, id") },
	[Q_STILL] = { "ssiiibi", ROWS_GIVE,
	    ROWS("still", STILL, "moved_day, id") },
	[Q_UNREAD] = { "siibi", ROWS_GIVE,
	    ROWS("unread", UNREAD, "desk_unread DESC, id DESC") },
	[Q_ENDED] = { "ssiibi", ROWS_GIVE,
	    ROWS("retention", ENDED, "ended_day DESC, id DESC") },
	[Q_ERASED] = { "ssiiibi", ROWS_GIVE,
	    ROWS("retention", ERASED, "ended_day, id") },
	[Q_STALE] = { "siiibi", ROWS_GIVE,
	    ROWS("moved", STALE, "moved_day, id") },

	[Q_ROWS + Q_STATE] = { "ssi" BEHIND_TAKES "i", "i", COUNT("queue", STATE) },
	[Q_ROWS + Q_KIND] = { "ssi" BEHIND_TAKES "i", "i", COUNT("open", KIND) },
	[Q_ROWS + Q_MINE] = { "sb" BEHIND_TAKES "i", "i", COUNT("mine", MINE) },
	[Q_ROWS + Q_STILL] = { "ssiiibi", "i", COUNT("still", STILL) },
	[Q_ROWS + Q_UNREAD] = { "siibi", "i", COUNT("unread", UNREAD) },
	[Q_ROWS + Q_ENDED] = { "ssiibi", "i", COUNT("retention", ENDED) },
	[Q_ROWS + Q_ERASED] = { "ssiiibi", "i", COUNT("retention", ERASED) },
	[Q_ROWS + Q_STALE] = { "siiibi", "i", COUNT("moved", STALE) },
};
const size_t queue_n_queries = Q__COUNT;

/* ---- the lists there are ---- */

/* In BY_ERASURE: an open case that nobody has touched for as long as its form says. */
#define NEVER "never"

/* "list": of many cases, where the word of a state is that of one. */
static const struct list decided[] = {
	{ .key = "received", .title = NC_("list", "Waiting"),
	  .by = BY_STATE, .of = { "received" } },
	{ .key = "review", .title = NC_("list", "In review"),
	  .by = BY_STATE, .of = { "review" }, .suspect = true },
	{ .key = "unread", .title = N_("Unread messages"), .by = BY_UNREAD, .of = { "" } },
	{ .key = "accepted", .title = NC_("list", "Accepted"),
	  .by = BY_ENDED, .of = { "accepted" } },
	{ .key = "declined", .title = NC_("list", "Declined"),
	  .by = BY_ENDED, .of = { "declined" } },
	{ .key = "withdrawn", .title = NC_("list", "Withdrawn"),
	  .by = BY_ENDED, .of = { "withdrawn" } },
	{ .key = "suspect", .title = N_("Looks automated"),
	  .by = BY_KIND, .of = { "" }, .suspect = true },
	{ .key = "still", .title = N_("Not moving"),
	  .by = BY_STILL, .of = { "" }, .aside = true },
	{ .key = "ending", .title = N_("Erased soon"),
	  .by = BY_ERASURE, .of = { "accepted", "declined", NEVER }, .aside = true },
	{ .key = NULL }
};

static const struct list worked[] = {
	{ .key = "ask", .title = N_("Requests"), .by = BY_KIND, .of = { "ask" } },
	{ .key = "offer", .title = N_("Offers"), .by = BY_KIND, .of = { "offer" } },
	{ .key = "mine", .title = N_("Mine"), .by = BY_ASSIGNEE, .of = { "" } },
	{ .key = "still", .title = N_("Not moving"), .by = BY_STILL, .of = { "ask" } },
	{ .key = "unread", .title = N_("Unread messages"), .by = BY_UNREAD, .of = { "" } },
	{ .key = "complete", .title = NC_("list", "Complete"),
	  .by = BY_ENDED, .of = { "complete" } },
	{ .key = "elsewhere", .title = N_("Elsewhere"),
	  .by = BY_ENDED, .of = { "duplicate", "outofarea", "passedon" } },
	{ .key = "withdrawn", .title = NC_("list", "Withdrawn"),
	  .by = BY_ENDED, .of = { "withdrawn" } },
	{ .key = "suspect", .title = N_("Looks automated"),
	  .by = BY_KIND, .of = { "ask", "offer" }, .suspect = true },
	{ .key = "sunk", .title = N_("No answer when asked"),
	  .by = BY_KIND, .of = { "ask", "offer" }, .sunk = true, .aside = true },
	{ .key = "ending", .title = N_("Erased soon"), .by = BY_ERASURE,
	  .of = { "complete", "duplicate", "outofarea", "passedon", NEVER },
	  .aside = true },
	{ .key = NULL }
};

const struct list *
lists_of(const struct desk *desk)
{
	return desk->decides ? decided : worked;
}

const struct list *
lists_find(const struct desk *desk, const char *key)
{
	const struct list *l = lists_of(desk);

	while (key != NULL && l->key != NULL && strcmp(l->key, key) != 0)
		l++;
	return l->key != NULL ? l : NULL;
}

struct lists
lists_at(struct request *rq, const struct desk *desk)
{
	return (struct lists){
		.db = rq->app->db,
		.desk = desk,
		.form = answers_form(rq, desk),
		.admin = &rq->session->admin.id,
		.today = when_day_of(rq->now),
		.remind_days = rq->settings->remind_days,
	};
}

/* ---- places ---- */

/* The statement of each order, and whether it begins with the greatest. */
static const struct { int q; bool down; } orders[BY__COUNT] = {
	[BY_STATE] = { Q_STATE, false },
	[BY_KIND] = { Q_KIND, false },
	[BY_ASSIGNEE] = { Q_MINE, false },
	[BY_STILL] = { Q_STILL, false },
	[BY_UNREAD] = { Q_UNREAD, true },
	[BY_ENDED] = { Q_ENDED, true },
	[BY_ERASURE] = { Q_ERASED, false },
};

void
place_text(char out[PLACE_TEXT], const struct place *p)
{
	char hex[2 * ID_LEN + 1];

	id_text(hex, &p->id);
	snprintf(out, PLACE_TEXT, "%" PRId64 ".%" PRId64 ".%" PRId64 ".%s", p->at[0],
	    p->at[1], p->at[2], hex);
}

bool
place_read(struct place *p, const char *text)
{
	char	*end;

	for (size_t i = 0; i < 3; i++) {
		if (*text < '0' || *text > '9')
			return false;
		p->at[i] = strtoll(text, &end, 10);
		if (*end != '.' || end - text > 18)
			return false;
		text = end + 1;
	}
	return id_read(&p->id, text);
}

static struct place
first_place(const struct lists *ls, const struct list *l)
{
	struct place p = { .at = { 0 } };

	if (orders[l->by].down)
		p.at[0] = INT64_MAX;
	else
		p.at[0] = l->by == BY_ERASURE ? ls->today : l->sunk;
	/* What is due today is erased within the hour. */
	if (orders[l->by].down || l->by == BY_ERASURE)
		memset(p.id.at, 0xff, ID_LEN);
	return p;
}

static int
keep_days(const struct lists *ls, const char *state)
{
	return form_keep_days(ls->form, state, false);
}

int64_t
lists_erasure(const struct lists *ls, const struct db_row *row)
{
	const struct db_value	*ended = &row->at[LF_ENDED];
	int			 days = keep_days(ls, ended->type == 0 ? NEVER :
				    row->at[LF_STATE].bytes.data);

	return days < 0 ? -1 : (int64_t)days * DAY +
	    (ended->type == 0 ? row->at[LF_MOVED].number : ended->number);
}

struct place
lists_place(const struct lists *ls, const struct list *l, const struct db_row *row)
{
	const struct db_value	*at = row->at;
	struct place		 p = { .at = { 0 } };

	memcpy(p.id.at, at[LF_ID].bytes.data, ID_LEN);
	switch (l->by) {
	case BY_STATE:
	case BY_KIND:
	case BY_ASSIGNEE:
		p.at[0] = at[l->by == BY_STATE ? LF_SUSPECT : LF_SUNK].number;
		p.at[1] = at[LF_URGENCY].number;
		p.at[2] = at[LF_RECEIVED].number;
		break;
	case BY_STILL:
		p.at[0] = at[LF_MOVED].number;
		break;
	case BY_UNREAD:
		p.at[0] = at[LF_UNREAD].number;
		break;
	case BY_ENDED:
		p.at[0] = at[LF_ENDED].number;
		break;
	case BY_ERASURE:
		p.at[0] = lists_erasure(ls, row);
		break;
	case BY__COUNT:
		break;
	}
	return p;
}

/* ---- reading them ---- */

/* The values that the statements of part `of` of a list take; how many.  `*q` is the
 * statement; 0 values: there can be no row. */
static size_t
values_of(const struct lists *ls, const struct list *l, const char *of,
    const struct place *p, int64_t limit, struct db_value v[16], int *q)
{
	const struct db_value	id = DB_BYTES(p->id.at, ID_LEN);
	int64_t			first = p->at[0], until = 0;
	size_t			n = 0;
	int			days = 0;

	*q = orders[l->by].q;
	if (l->by == BY_ERASURE) {
		if ((days = keep_days(ls, of)) < 0)
			return 0;
		first -= (int64_t)days * DAY;
		until = ls->today + (int64_t)(RETAIN_WARN_DAYS - days) * DAY;
		if (strcmp(of, NEVER) == 0)
			*q = Q_STALE;
	}
	v[n++] = DB_TEXT(*q == Q_ENDED || *q == Q_ERASED ? ls->desk->form : ls->desk->name);
	switch (*q) {
	case Q_STATE:
	case Q_KIND:
		v[n++] = DB_TEXT(of);
		v[n++] = DB_INT(l->suspect);
		break;
	case Q_MINE:
		v[n++] = DB_BYTES(ls->admin->at, ID_LEN);
		break;
	case Q_STILL:
		v[n++] = DB_TEXT(of);
		v[n++] = DB_INT(ls->today - (int64_t)ls->remind_days * DAY);
		break;
	case Q_ENDED:
		v[n++] = DB_TEXT(of);
		break;
	case Q_ERASED:
		v[n++] = DB_TEXT(of);
		v[n++] = DB_INT(until);
		break;
	case Q_STALE:
		v[n++] = DB_INT(until);
		break;
	}
	v[n++] = DB_INT(first);
	v[n++] = DB_INT(first);
	for (size_t i = 1; i < 3 && *q <= Q_MINE; i++) {
		v[n++] = DB_INT(p->at[i]);
		v[n++] = DB_INT(p->at[i]);
	}
	v[n++] = id;
	v[n++] = DB_INT(limit);
	return n;
}

struct placed {
	struct place	place;
	struct db_row	row;
};

static int
compare(const void *one, const void *other, void *down)
{
	const struct place	*a = &((const struct placed *)one)->place,
				*b = &((const struct placed *)other)->place;
	int			 order = 0;

	for (size_t i = 0; order == 0 && i < 3; i++)
		order = (a->at[i] > b->at[i]) - (a->at[i] < b->at[i]);
	if (order == 0)
		order = memcmp(a->id.at, b->id.at, ID_LEN);
	return *(const bool *)down ? -order : order;
}

/* The first `most` of each part, put together: among them are the first of all. */
static enum outcome
read_parts(const struct lists *ls, const void *ctx, const struct list *l,
    const struct place *from, size_t most, struct placed **found, size_t *found_n)
{
	bool		 down = orders[l->by].down;
	struct placed	*all = NULL;
	size_t		 n = 0;

	for (size_t part = 0; part < LIST_PARTS && l->of[part] != NULL; part++) {
		struct db_value	v[16];
		struct db_rows	rows;
		enum outcome	got;
		int		q;
		size_t		takes = values_of(ls, l, l->of[part], from,
				    (int64_t)most, v, &q);

		if (takes == 0)
			continue;
		if ((got = db_all_values(ls->db, ctx, &queue_queries[q], &rows, v,
		    takes)) != OUT_OK)
			return got;
		all = talloc_realloc(ctx, all, struct placed, n + rows.n + 1);
		if (all == NULL)
			return OUT_FAULT;
		for (size_t i = 0; i < rows.n; i++, n++)
			all[n] = (struct placed){ lists_place(ls, l, &rows.at[i]),
			    rows.at[i] };
	}
	if (n > 0)
		qsort_r(all, n, sizeof(*all), compare, &down);
	*found = all;
	*found_n = n;
	return OUT_OK;
}

enum outcome
lists_page(const struct lists *ls, const void *ctx, const struct list *l,
    const struct place *after, struct list_page *page)
{
	const struct place	 from = after != NULL ? *after : first_place(ls, l);
	struct placed		*all;
	size_t			 n;
	enum outcome		 got = read_parts(ls, ctx, l, &from, LIST_ROWS + 1, &all, &n);

	if (got != OUT_OK)
		return got;
	*page = (struct list_page){ .more = n > LIST_ROWS };
	for (; page->n < n && page->n < LIST_ROWS; page->n++)
		page->at[page->n] = all[page->n].row;
	if (page->n > 0)
		page->last = all[page->n - 1].place;
	return OUT_OK;
}

enum outcome
lists_next(const struct lists *ls, const void *ctx, const struct list *l,
    const struct place *after, struct db_row *row)
{
	struct placed	*all;
	size_t		 n;
	enum outcome	 got = read_parts(ls, ctx, l, after, 1, &all, &n);

	if (got != OUT_OK || n == 0)
		return got != OUT_OK ? got : OUT_MISSING;
	*row = all[0].row;
	return OUT_OK;
}

enum outcome
lists_count(const struct lists *ls, const struct list *l, int64_t *n)
{
	struct place	from = first_place(ls, l);
	enum outcome	got;

	*n = 0;
	for (size_t part = 0; part < LIST_PARTS && l->of[part] != NULL; part++) {
		struct db_value	v[16];
		struct db_row	row;
		int		q;
		size_t		takes = values_of(ls, l, l->of[part], &from,
				    LIST_COUNTED + 1, v, &q);

		if (takes == 0)
			continue;
		if ((got = db_first_values(ls->db, NULL, &queue_queries[Q_ROWS + q],
		    &row, v, takes)) != OUT_OK)
			return got;
		*n += row.at[0].number;
		talloc_free(row.at);
	}
	if (*n > LIST_COUNTED)
		*n = LIST_COUNTED + 1;
	return OUT_OK;
}
