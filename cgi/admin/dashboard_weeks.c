/*
 * dashboard_weeks.c: what came in, week by week: a plot, and a table that says the same.
 */
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "dashboard.h"
#include "openhall/plot.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { WEEKS = 26, MONTHS = 8, MONTH_WEEKS = 5 };

enum { Q_RECEIVED, Q_CONFIRMED, Q__COUNT };

const struct db_query weeks_queries[] = {	/* takes, gives, sql */
	/* By day, in the order of the index.  What looks automated is not counted. */
	[Q_RECEIVED] = { "iiss", "ii",
	    "SELECT received_day, COUNT(*) FROM submission FORCE INDEX (received)"
	    " WHERE received_day >= ? AND received_day < ? AND desk = ? AND kind = ?"
	    " AND suspect = 0 GROUP BY received_day" },
	/* By week: some moment of it. */
	[Q_CONFIRMED] = { "iii", "ii",
	    "SELECT MIN(confirmed_at), COUNT(*) FROM subscriber FORCE INDEX (confirmed)"
	    " WHERE confirmed_at >= ? AND confirmed_at < ? AND state = 'confirmed'"
	    " GROUP BY (confirmed_at - ?) DIV 604800" },
};
const size_t weeks_n_queries = Q__COUNT;

/* What is plotted, by the desk that sees it.  `kind` NULL: subscribers. */
static const struct series { const char *key, *title; size_t desk; const char *kind; } series[] = {
	{ "applications", N_("Applications"), DESK_MEMBERSHIP, "" },
	{ "supporters", N_("Supporters"), DESK_SUPPORTERS, "" },
	{ "asked", N_("Help asked for"), DESK_AID, "ask" },
	{ "offered", N_("Help offered"), DESK_AID, "offer" },
	{ "subscribers", N_("New subscribers"), DESK_STATEMENTS, NULL },
};

static const char *const short_months[12] = {
	NC_("short month", "Jan"), NC_("short month", "Feb"), NC_("short month", "Mar"),
	NC_("short month", "Apr"), NC_("short month", "May"), NC_("short month", "Jun"),
	NC_("short month", "Jul"), NC_("short month", "Aug"), NC_("short month", "Sep"),
	NC_("short month", "Oct"), NC_("short month", "Nov"), NC_("short month", "Dec"),
};

enum { B_X, B_Y, B_WIDTH, B_HEIGHT, B_NOW, B_WHAT, B__COUNT };
static const struct view_name bar_names[] = {
	[B_X] = { "x", NULL },
	[B_Y] = { "y", NULL },
	[B_WIDTH] = { "width", NULL },
	[B_HEIGHT] = { "height", NULL },
	[B_NOW] = { "now", NULL },		/* the week is not over */
	[B_WHAT] = { "what", NULL },
	[B__COUNT] = { NULL, NULL }
};

enum { A_X, A_NAME, A__COUNT };
static const struct view_name axis_names[] = {
	[A_X] = { "x", NULL },
	[A_NAME] = { "name", NULL },
	[A__COUNT] = { NULL, NULL }
};

enum { C_NUMBER, C__COUNT };
static const struct view_name cell_names[] = {
	[C_NUMBER] = { "number", NULL },
	[C__COUNT] = { NULL, NULL }
};

enum { M_NAME, M_CELLS, M_SUM, M__COUNT };
static const struct view_name month_names[] = {
	[M_NAME] = { "name", NULL },
	[M_CELLS] = { "cells", cell_names },
	[M_SUM] = { "sum", NULL },
	[M__COUNT] = { NULL, NULL }
};

enum { P_KEY, P_TITLE, P_SUM, P_NOW, P_LAST, P_SOME, P_MOST, P_TOP, P_HALF, P_BARS, P_AXIS,
	P_MONTHS, P__COUNT };
const struct view_name weeks_names[] = {
	[P_KEY] = { "key", NULL },
	[P_TITLE] = { "title", NULL },
	[P_SUM] = { "sum", NULL },		/* of all weeks, of this one, of the one before */
	[P_NOW] = { "this_week", NULL },
	[P_LAST] = { "last_week", NULL },
	[P_SOME] = { "some", NULL },
	[P_MOST] = { "most", NULL },		/* in words; none: it is this week */
	[P_TOP] = { "top", NULL },
	[P_HALF] = { "half", NULL },
	[P_BARS] = { "bars", bar_names },
	[P_AXIS] = { "axis", axis_names },
	[P_MONTHS] = { "months", month_names },
	[P__COUNT] = { NULL, NULL }
};

/* The weeks of a plot: which Mondays, and how many in each. */
struct weeks {
	int64_t	first;
	int64_t	n[WEEKS];
};

static int64_t
monday(const struct weeks *w, size_t i)
{
	return w->first + (int64_t)i * WEEK;
}

static enum outcome
count(struct request *rq, const struct series *s, struct weeks *w)
{
	struct db_value	first = DB_INT(w->first), end = DB_INT(monday(w, WEEKS));
	struct db_rows	rows;
	enum outcome	got;

	got = s->kind == NULL ?
	    db_all(rq->app->db, rq, &weeks_queries[Q_CONFIRMED], &rows, first, end, first) :
	    db_all(rq->app->db, rq, &weeks_queries[Q_RECEIVED], &rows, first, end,
	    DB_TEXT(desks[s->desk].name), DB_TEXT(s->kind));
	if (got != OUT_OK)
		return got;
	memset(w->n, 0, sizeof(w->n));
	for (size_t i = 0; i < rows.n; i++)
		w->n[(rows.at[i].at[0].number - w->first) / WEEK] += rows.at[i].at[1].number;
	return OUT_OK;
}

/* ---- the plot ---- */

static void
add_bars(struct request *rq, struct view *plot, const struct weeks *w, int64_t top)
{
	for (size_t i = 0; i < WEEKS; i++) {
		struct plot_bar	 bar = plot_bar(i, w->n[i], top);
		struct view	*row;

		if (bar.height == 0)
			continue;
		row = view_row(plot, P_BARS);
		view_number(row, B_X, bar.x);
		view_number(row, B_Y, bar.y);
		view_number(row, B_WIDTH, bar.width);
		view_number(row, B_HEIGHT, bar.height);
		view_flag(row, B_NOW, i == WEEKS - 1);
		/* TRANSLATORS: the day a week begins with, how many in it */
		view_text(row, B_WHAT, talloc_asprintf(rq, text_in(rq->words,
		    "Week from %1$s: %2$lld"), when_day(rq, rq->words, monday(w, i)),
		    (long long)w->n[i]));
	}
}

/* In words, where it is not this week's number that stands there already. */
static void
add_most(struct request *rq, struct view *plot, const struct weeks *w)
{
	size_t most = 0;

	for (size_t i = 1; i < WEEKS; i++) {
		if (w->n[i] >= w->n[most])
			most = i;
	}
	if (most == WEEKS - 1)
		return;
	/* TRANSLATORS: how many, the day a week begins with */
	view_text(plot, P_MOST, talloc_asprintf(rq, text_in(rq->words,
	    "Most: %1$lld, in the week from %2$s."), (long long)w->n[most],
	    when_day(rq, rq->words, monday(w, most))));
}

/* ---- the months, along the plot and down the table ---- */

struct month {
	struct tm	first;		/* of its Mondays in the plot */
	size_t		from, n;	/* which weeks */
};

/* Weeks belong to the month of their Monday.  How many there are. */
static size_t
divide(const struct weeks *w, struct month months[MONTHS])
{
	size_t n = 0;

	for (size_t i = 0; i < WEEKS; i++) {
		time_t		t = (time_t)monday(w, i);
		struct tm	tm;

		if (gmtime_r(&t, &tm) == NULL)
			return 0;
		if (n == 0 || months[n - 1].first.tm_mon != tm.tm_mon)
			months[n++] = (struct month){ .first = tm, .from = i };
		months[n - 1].n++;
	}
	return n;
}

static void
add_axis(struct request *rq, struct view *plot, const struct month *m)
{
	struct view *row;

	if (m->n < 3 && m->from < WEEKS / 2)	/* the next one's name needs the room */
		return;
	row = view_row(plot, P_AXIS);
	view_number(row, A_X, (int)m->from * PLOT_STEP);
	view_text(row, A_NAME, text_in(rq->words, short_months[m->first.tm_mon]));
}

static void
add_month(struct request *rq, struct view *plot, const struct weeks *w, const struct month *m)
{
	struct view	*row = view_row(plot, P_MONTHS);
	size_t		 before = (size_t)(m->first.tm_mday - 1) / 7;
	int64_t		 sum = 0;

	view_text(row, M_NAME, text_in(rq->words, short_months[m->first.tm_mon]));
	for (size_t i = 0; i < MONTH_WEEKS; i++) {
		struct view *cell = view_row(row, M_CELLS);

		if (i < before || i - before >= m->n)
			continue;
		view_number(cell, C_NUMBER, w->n[m->from + i - before]);
		sum += w->n[m->from + i - before];
	}
	view_number(row, M_SUM, sum);
}

static enum outcome
add_plot(struct request *rq, struct view *page, size_t i, const struct series *s)
{
	struct weeks	 w = { .first = plot_week(rq->now) - (WEEKS - 1) * (int64_t)WEEK };
	struct month	 months[MONTHS];
	size_t		 n_months = divide(&w, months);
	struct view	*plot = view_row(page, i);
	int64_t		 sum = 0, top;
	enum outcome	 got;

	if ((got = count(rq, s, &w)) != OUT_OK)
		return got;
	for (size_t week = 0; week < WEEKS; week++)
		sum += w.n[week];
	top = plot_top(w.n, WEEKS);
	view_text(plot, P_KEY, s->key);
	view_text(plot, P_TITLE, text_in(rq->words, s->title));
	view_number(plot, P_SUM, sum);
	view_number(plot, P_NOW, w.n[WEEKS - 1]);
	view_number(plot, P_LAST, w.n[WEEKS - 2]);
	view_flag(plot, P_SOME, sum > 0);
	view_number(plot, P_TOP, top);
	view_number(plot, P_HALF, top / 2);
	add_bars(rq, plot, &w, top);
	add_most(rq, plot, &w);
	for (size_t month = 0; month < n_months; month++) {
		add_axis(rq, plot, &months[month]);
		add_month(rq, plot, &w, &months[month]);
	}
	return OUT_OK;
}

enum outcome
weeks_part(struct request *rq, struct view *page, size_t i, bool *some)
{
	for (size_t at = 0; at < sizeof(series) / sizeof(series[0]); at++) {
		enum outcome	got;

		if (!dashboard_serves(rq, series[at].desk))
			continue;
		if ((got = add_plot(rq, page, i, &series[at])) != OUT_OK)
			return got;
		*some = true;
	}
	return OUT_OK;
}
