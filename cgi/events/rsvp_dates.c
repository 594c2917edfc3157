/*
 * rsvp_dates.c: where there is no form to show: which dates of an event take answers, and why
 * one takes none.
 */
#include "rsvp.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { DATES_MOST = 12, YEARS = 2 * 366 * 86400 };

enum { T_HREF, T_DAY, T_HOURS, T_ZONE, T_STARTS, T_FULL, T_FIRST, T_LAST, T__COUNT };

static const struct view_name time_names[] = {
	[T_HREF] = { "href", NULL },
	[T_DAY] = { "day", NULL },
	[T_HOURS] = { "hours", NULL },
	[T_ZONE] = { "zone", NULL },
	[T_STARTS] = { "starts", NULL },
	[T_FULL] = { "full", NULL },
	[T_FIRST] = { "first", NULL },
	[T_LAST] = { "last", NULL },
	[T__COUNT] = { NULL, NULL }
};

enum { E_NAME, E_WORDS, E_HREF, E_TIMES, E_MORE, E__COUNT };

static const struct view_name dates_names[] = {
	[E_NAME] = { "name", NULL },
	[E_WORDS] = { "words", NULL },		/* their language, where that is another one */
	[E_HREF] = { "event", NULL },
	[E_TIMES] = { "times", time_names },
	[E_MORE] = { "more", NULL },		/* there are later ones */
	[E__COUNT] = { NULL, NULL }
};

enum { C_ABOUT, C_OFF, C_GONE, C_POSTPONED, C_OVER, C_LATE, C_HREF, C_OTHERS, C__COUNT };

static const struct view_name closed_names[] = {
	[C_ABOUT] = { "about", about_names },
	[C_OFF] = { "off", NULL },		/* nobody asks */
	[C_GONE] = { "gone", NULL },		/* it is cancelled */
	[C_POSTPONED] = { "put_off", NULL },
	[C_OVER] = { "over", NULL },
	[C_LATE] = { "late", NULL },
	[C_HREF] = { "event", NULL },
	[C_OTHERS] = { "others", NULL },	/* where its other dates are */
	[C__COUNT] = { NULL, NULL }
};

void
dates_start(struct app *app, struct answering *a)
{
	page_compile(a, app->settings, &a->dates, "rsvp-dates.html", dates_names);
	page_compile(a, app->settings, &a->closed, "rsvp-closed.html", closed_names);
}

/* ---- several dates ---- */

static enum outcome
time_view(struct request *rq, const struct event *e, const struct occurrence *o,
    struct view *row)
{
	struct event_when	when;

	if (event_when(rq, rq->words, e->zone, o->starts_at, o->ends_at, &when) != OUT_OK)
		return OUT_FAULT;
	view_text(row, T_HREF, talloc_asprintf(rq, "%s/rsvp%s", rq->words->prefix,
	    event_path(rq, e, o) + strlen("/events")));
	view_text(row, T_DAY, when.day);
	view_text(row, T_HOURS, when.hours);
	view_text(row, T_ZONE, when.zone);
	view_text(row, T_STARTS, when.starts_iso);
	view_flag(row, T_FULL, date_seats(o) == 0);
	return OUT_OK;
}

enum outcome
dates_page(struct request *rq, const struct answered *d)
{
	struct answering	*a = answering_of(rq);
	struct view		*v = view_new(rq, dates_names);
	struct view		*row = NULL;
	struct occurrences	 all;
	bool			 first = true;
	enum outcome		 got;

	got = occurrence_all(rq->app->db, rq, &d->e.id, rq->now, rq->now + YEARS,
	    DATES_MOST + 1, &all);
	view_flag(v, E_MORE, got == OUT_OK && all.n > DATES_MOST);
	for (size_t i = 0; got == OUT_OK && i < all.n && i < DATES_MOST; i++) {
		if (!event_takes_rsvp(&d->e, &all.at[i], rq->now))
			continue;
		row = view_row(v, E_TIMES);
		view_flag(row, T_FIRST, first);
		first = false;
		got = time_view(rq, &d->e, &all.at[i], row);
	}
	view_flag(row, T_LAST, 1);
	if (got != OUT_OK)
		return got;
	view_text(v, E_NAME, d->e.title);
	if (strcmp(d->e.lang, rq->words->lang) != 0)
		view_text(v, E_WORDS, d->e.lang);
	view_text(v, E_HREF, talloc_asprintf(rq, "%s%s", rq->words->prefix,
	    event_path(rq, &d->e, NULL)));
	return page_send(rq, &a->dates, v, 200);
}

/* ---- one that takes none ---- */

enum outcome
closed_page(struct request *rq, const struct answered *d)
{
	struct answering	*a = answering_of(rq);
	struct view		*v = view_new(rq, closed_names);
	enum outcome		 got;

	if ((got = about_view(rq, v, C_ABOUT, d, NULL)) != OUT_OK)
		return got;
	if (d->e.state == EVENT_CANCELLED || d->o.state == OCCURRENCE_CANCELLED)
		view_flag(v, C_GONE, 1);
	else if (d->o.state == OCCURRENCE_POSTPONED)
		view_flag(v, C_POSTPONED, 1);
	else if (!d->e.rsvp)
		view_flag(v, C_OFF, 1);
	else
		view_flag(v, d->o.starts_at <= rq->now ? C_OVER : C_LATE, 1);
	view_text(v, C_HREF, talloc_asprintf(rq, "%s%s", rq->words->prefix,
	    event_path(rq, &d->e, &d->o)));
	if (*d->e.rule != '\0' && d->e.rsvp)
		view_text(v, C_OTHERS, talloc_asprintf(rq, "%s/rsvp/%s", rq->words->prefix,
		    d->e.slug));
	return page_send(rq, &a->closed, v, rq->method == POST ? 409 : 200);
}
