/*
 * month.c: a month as a table, its weeks from Monday on.  A date stands on its day in the clocks
 * of its own zone, and on each day that it goes on.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/when.h"

enum { WEEK = 7, DAYS_MOST = 31 };

enum { C_HREF, C_TITLE, C_WORDS, C_HOUR, C_CANCELLED, C_POSTPONED, C_GOES_ON };

static const struct view_name entry_names[] = {
	[C_HREF] = { "href", NULL },
	[C_TITLE] = { "name", NULL },
	[C_WORDS] = { "words", NULL },
	[C_HOUR] = { "hour", NULL },
	[C_CANCELLED] = { "cancelled", NULL },
	[C_POSTPONED] = { "postponed", NULL },
	[C_GOES_ON] = { "goes_on", NULL },	/* since a day before */
	{ NULL, NULL }
};

enum { Y_NUMBER, Y_WEEKDAY, Y_ISO, Y_TODAY, Y_BUSY, Y_ENTRIES };

static const struct view_name day_names[] = {
	[Y_NUMBER] = { "number", NULL },	/* unset: of another month */
	[Y_WEEKDAY] = { "weekday", NULL },
	[Y_ISO] = { "iso", NULL },
	[Y_TODAY] = { "today", NULL },
	[Y_BUSY] = { "busy", NULL },		/* it has entries */
	[Y_ENTRIES] = { "entries", entry_names },
	{ NULL, NULL }
};

enum { W_DAYS };

static const struct view_name week_names[] = {
	[W_DAYS] = { "days", day_names },
	{ NULL, NULL }
};

enum { H_NAME };

static const struct view_name head_names[] = {
	[H_NAME] = { "weekday", NULL },
	{ NULL, NULL }
};

enum { M_TITLE, M_HEADS, M_WEEKS, M_FRAME, M_BEFORE, M_BEFORE_TITLE, M_AFTER, M_AFTER_TITLE,
	M_EMPTY, M_CUT, M_ZONE };

static const struct view_name month_names[] = {
	[M_TITLE] = { "month", NULL },
	[M_HEADS] = { "heads", head_names },
	[M_WEEKS] = { "weeks", week_names },
	[M_FRAME] = { "frame", filter_names },
	[M_BEFORE] = { "before", NULL },
	[M_BEFORE_TITLE] = { "before_month", NULL },
	[M_AFTER] = { "after", NULL },
	[M_AFTER_TITLE] = { "after_month", NULL },
	[M_EMPTY] = { "empty", NULL },
	[M_CUT] = { "cut", NULL },		/* there is more than fits */
	[M_ZONE] = { "zone", NULL },
	{ NULL, NULL }
};

void
month_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->month, "events-month.html", month_names);
}

/* ---- months, counted from the year 0 on ---- */

static int
month_of(int64_t wall)
{
	struct calendar_date date;

	calendar_date(&date, wall);
	return 12 * date.year + date.month - 1;
}

/* "2026-12", from 2000 to 2100; false: none of them. */
static bool
month_read(const char *text, int *month)
{
	int64_t	first;
	int	day = 0;

	if (strlen(text) != 7 || text[4] != '-' || strspn(text, "0123456789") != 4 ||
	    strspn(text + 5, "0123456789") != 2)
		return false;
	for (; *text != '\0'; text++)
		day = *text == '-' ? day : 10 * day + *text - '0';
	day = 100 * day + 1;
	if (!calendar_day_wall(day, &first) || day < 20000101 || day > 21001231)
		return false;
	*month = month_of(first);
	return true;
}

static int64_t
month_first(int month)
{
	return calendar_at(month / 12, month % 12 + 1, 1, 0, 0);
}

/* "December 2026" */
static const char *
month_title(struct request *rq, int month)
{
	return when_month(rq, rq->words, month_first(month));
}

static const char *
month_path(struct request *rq, int month, const struct event_filter *f)
{
	return filter_path(rq, talloc_asprintf(rq, "%s/events/month/%04d-%02d",
	    rq->words->prefix, month / 12, month % 12 + 1), f, NULL, NULL);
}

/* ---- the table ---- */

static void
add_weeks(struct request *rq, struct view *v, int month, struct view *days[DAYS_MOST])
{
	int64_t			 first = month_first(month), end = month_first(month + 1);
	int64_t			 today = when_day_of(calendar_wall(rq->settings->zone, rq->now));
	struct calendar_date	 date;

	calendar_date(&date, first);
	for (int64_t at = first - (date.weekday + WEEK - 1) % WEEK * DAY; at < end;) {
		struct view *week = view_row(v, M_WEEKS);

		for (size_t i = 0; i < WEEK; i++, at += DAY) {
			struct view *day = view_row(week, W_DAYS);

			if (at < first || at >= end)
				continue;
			calendar_date(&date, at);
			days[date.day - 1] = day;
			view_number(day, Y_NUMBER, date.day);
			view_text(day, Y_WEEKDAY, text_in(rq->words,
			    calendar_weekday_words[date.weekday]));
			view_text(day, Y_ISO, talloc_asprintf(rq, "%04d-%02d-%02d", date.year,
			    date.month, date.day));
			view_flag(day, Y_TODAY, at == today);
		}
	}
}

static void
add_heads(struct request *rq, struct view *v)
{
	for (size_t i = 0; i < WEEK; i++)
		view_text(view_row(v, M_HEADS), H_NAME, text_in(rq->words,
		    calendar_weekday_words[(i + 1) % WEEK]));
}

/* "18:30"; of another zone than the site's "18:30 PST". */
static const char *
hour(struct request *rq, const struct listing *l, const struct calendar_date *date)
{
	bool here = strcmp(l->e.zone, rq->settings->zone) == 0;

	return talloc_asprintf(rq, "%02d:%02d%s%s", date->hour, date->minute, here ? "" : " ",
	    here ? "" : calendar_abbreviation(rq, l->e.zone, l->o.starts_at));
}

static void
add_entry(struct request *rq, struct view *day, const struct listing *l, bool goes_on)
{
	struct view		*row = view_row(day, Y_ENTRIES);
	struct calendar_date	 date;

	view_flag(day, Y_BUSY, 1);
	calendar_date(&date, calendar_wall(l->e.zone, l->o.starts_at));
	view_text(row, C_HREF, talloc_asprintf(rq, "%s%s", rq->words->prefix,
	    event_path(rq, &l->e, &l->o)));
	view_text(row, C_TITLE, l->e.title);
	if (strcmp(l->e.lang, rq->words->lang) != 0)
		view_text(row, C_WORDS, l->e.lang);
	if (!goes_on)
		view_text(row, C_HOUR, hour(rq, l, &date));
	view_flag(row, C_GOES_ON, goes_on);
	view_flag(row, C_CANCELLED, l->e.state == EVENT_CANCELLED ||
	    l->o.state == OCCURRENCE_CANCELLED);
	view_flag(row, C_POSTPONED, l->e.state != EVENT_CANCELLED &&
	    l->o.state == OCCURRENCE_POSTPONED);
}

/* How many of them stand in the table. */
static size_t
add_entries(struct request *rq, int month, struct view *days[DAYS_MOST],
    const struct listings *all)
{
	int64_t	begin = month_first(month), end = month_first(month + 1);
	size_t	n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct listing	*l = &all->at[i];
		int64_t			 first = date_first_day(&l->e, &l->o);
		int64_t			 last = date_last_day(&l->e, &l->o);

		for (int64_t at = first < begin ? begin : first; at <= last && at < end;
		    at += DAY, n++)
			add_entry(rq, days[(at - begin) / DAY], l, at != first);
	}
	return n;
}

/* ---- the page ---- */

/* To where there is something; and back to now. */
static void
add_ways(struct request *rq, struct view *v, int month, const struct filters *filters,
    const struct event_filter *f)
{
	const char	*zone = rq->settings->zone;
	int		 now = month_of(calendar_wall(zone, rq->now));
	int		 first = filters->first == 0 ? now :
			    month_of(calendar_wall(zone, filters->first));
	int		 last = month_of(calendar_wall(zone, filters->last));

	if (month > (first < now ? first : now)) {
		view_text(v, M_BEFORE, month_path(rq, month - 1, f));
		view_text(v, M_BEFORE_TITLE, month_title(rq, month - 1));
	}
	if (month < (last > now ? last : now)) {
		view_text(v, M_AFTER, month_path(rq, month + 1, f));
		view_text(v, M_AFTER_TITLE, month_title(rq, month + 1));
	}
}

static enum outcome
make(struct request *rq)
{
	const struct own	*own = rq->app->own;
	const char		*zone = rq->settings->zone, *place, *title;
	struct view		*v = view_new(rq, month_names), *days[DAYS_MOST] = { NULL };
	int			 month = month_of(calendar_wall(zone, rq->now));
	const struct filters	*filters;
	struct event_filter	 f;
	struct listings		 all;
	enum outcome		 got;
	size_t			 n;

	if (*rq->rest != '\0' && !month_read(rq->rest, &month))
		return OUT_MISSING;
	/* A day of another zone begins up to a day sooner or later; and what began within a
	 * week may go on. */
	if ((got = filter_read(rq, &f)) != OUT_OK ||
	    (got = filter_find(rq, &filters)) != OUT_OK ||
	    (got = event_between(rq->app->db, rq, rq->words->lang,
	    month_first(month) - DAY - EVENT_MINUTES_MAX * 60,
	    month_first(month + 1) + DAY, &f, MONTH_MOST, &all)) != OUT_OK)
		return got;
	title = month_title(rq, month);
	view_text(v, M_TITLE, title);
	place = event_zone_name(rq, rq->settings, rq->words, zone);
	view_text(v, M_ZONE, place != NULL ? place : zone);
	add_heads(rq, v);
	add_weeks(rq, v, month, days);
	n = add_entries(rq, month, days, &all);
	view_flag(v, M_EMPTY, n == 0);
	view_flag(v, M_CUT, all.n == MONTH_MOST);
	filter_view(rq, view_row(v, M_FRAME), filters, &f, FRAME_MONTH);
	add_ways(rq, v, month, filters, &f);
	/* No machine keeps months in which there is nothing. */
	if (n == 0 && *rq->rest != '\0')
		http_header(rq, "X-Robots-Tag", "noindex");
	rq->description = talloc_asprintf(rq, text_in(rq->words, "What takes place in %s."),
	    title);
	rq->canonical = filter_path(rq, rq->path, &f, NULL, NULL);
	for (size_t i = 0; i < rq->settings->n_words; i++)
		rq->path_in[i] = rq->canonical;
	if (rq->description == NULL || rq->canonical == NULL)
		return OUT_FAULT;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->month, v, 200);
}

enum outcome
month_show(struct request *rq)
{
	return *rq->rest == '\0' && rq->query.n == 0 ? events_send(rq, KEPT_MONTH, rq->path, make) :
	    make(rq);
}
