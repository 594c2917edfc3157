/*
 * date.c: one date of an event, as all pages tell of it: in the clocks of its own zone.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/unit.h"
#include "openhall/when.h"

enum {
	NIGHT = 6 * 3600,		/* so long the evening before goes on */
	SAME_YEAR = 300 * DAY		/* so far off a day needs no year */
};

enum { R_HREF, R_DAY, R_STARTS, R_MORE };

static const struct view_name other_names[] = {
	[R_HREF] = { "to", NULL },
	[R_DAY] = { "on", NULL },
	[R_STARTS] = { "at", NULL },
	[R_MORE] = { "more", NULL },		/* there is another one */
	{ NULL, NULL }
};

const struct view_name date_names[] = {
	[D_HREF] = { "href", NULL },
	[D_TITLE] = { "name", NULL },
	[D_WORDS] = { "words", NULL },		/* their language, where that is another one */
	[D_SUMMARY] = { "summary", NULL },
	[D_DAY] = { "day", NULL },
	[D_HOURS] = { "hours", NULL },
	[D_ZONE] = { "zone", NULL },		/* "EST" */
	[D_PLACE] = { "clocks", NULL },		/* whose clocks, where not the site's */
	[D_STARTS] = { "starts", NULL },
	[D_ENDS] = { "ends", NULL },
	[D_KIND] = { "kind", NULL },
	[D_UNIT] = { "unit", NULL },
	[D_AREA] = { "area", NULL },
	[D_ONLINE] = { "online", NULL },
	[D_CANCELLED] = { "cancelled", NULL },
	[D_POSTPONED] = { "postponed", NULL },
	[D_MOVED] = { "moved", NULL },		/* from this day */
	[D_NOTE] = { "note", NULL },
	[D_FEW] = { "few", NULL },		/* seats are left */
	[D_FULL] = { "full", NULL },
	[D_STATUS] = { "status", NULL },	/* of schema.org */
	[D_ODD] = { "odd", NULL },		/* it is not as it was planned, or says so */
	[D_FIRST] = { "first", NULL },
	[D_LAST] = { "last", NULL },
	[D_ALSO] = { "also", NULL },		/* there are others that are as this one */
	[D_OTHERS] = { "others", other_names },
	[D__COUNT] = { NULL, NULL }
};

/* ---- days ---- */

int64_t
date_first_day(const struct event *e, const struct occurrence *o)
{
	return when_day_of(calendar_wall(e->zone, o->starts_at));
}

int64_t
date_last_day(const struct event *e, const struct occurrence *o)
{
	int64_t first = date_first_day(e, o), ends = calendar_wall(e->zone, o->ends_at);

	return ends <= first + DAY + NIGHT ? first : when_day_of(ends - 1);
}

bool
date_is_moved(const struct event *e, const struct occurrence *o)
{
	int64_t planned;

	return o->day != 0 && calendar_day(date_first_day(e, o)) != o->day &&
	    calendar_day_wall(o->day, &planned);
}

enum outcome
date_read(const char *text, int *day)
{
	static const char	shape[] = "dddd-dd-dd";
	int64_t			midnight;
	size_t			i;

	*day = 0;
	if (*text == '\0')
		return OUT_OK;
	for (i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return OUT_MISSING;
		if (shape[i] != '-')
			*day = 10 * *day + text[i] - '0';
	}
	return text[i] == '\0' && calendar_day_wall(*day, &midnight) ? OUT_OK : OUT_MISSING;
}

/* ---- seats ---- */

int64_t
date_seats(const struct occurrence *o)
{
	if (o->capacity < 0)
		return -1;
	/* Who waits comes first, if they can ever have a seat. */
	return o->line || o->taken >= o->capacity ? 0 : o->capacity - o->taken;
}

static void
add_seats(struct request *rq, struct view *row, const struct event *e,
    const struct occurrence *o)
{
	const struct own	*own = rq->app->own;
	int64_t			 seats = date_seats(o);

	if (own->answering == NULL || !event_takes_rsvp(e, o, rq->now))
		return;
	view_flag(row, D_FULL, seats == 0);
	view_flag(row, D_FEW, seats > 0);
}

/* ---- what became of it ---- */

/* The words of schema.org for it; and for people. */
static void
add_state(struct request *rq, struct view *row, const struct event *e,
    const struct occurrence *o)
{
	bool		 cancelled = e->state == EVENT_CANCELLED ||
			    o->state == OCCURRENCE_CANCELLED;
	bool		 postponed = !cancelled && o->state == OCCURRENCE_POSTPONED;
	bool		 moved = !cancelled && !postponed && date_is_moved(e, o);
	int64_t		 planned;

	view_flag(row, D_CANCELLED, cancelled);
	view_flag(row, D_POSTPONED, postponed);
	if (moved && calendar_day_wall(o->day, &planned))
		view_text(row, D_MOVED, when_day(rq, rq->words, planned));
	view_text(row, D_NOTE, o->note);
	view_flag(row, D_ODD, cancelled || postponed || moved || *o->note != '\0');
	view_text(row, D_STATUS, cancelled ? "EventCancelled" : postponed ? "EventPostponed" :
	    o->own || moved ? "EventRescheduled" : "EventScheduled");
}

enum outcome
date_view(struct request *rq, struct view *row, const struct filters *filters,
    const struct event *e, const struct occurrence *o)
{
	struct event_when	when;
	const char		*to;
	enum outcome		got;

	got = event_when(rq, rq->words, e->zone, o->starts_at, o->ends_at, &when);
	if (got != OUT_OK || (to = calendar_abbreviation(rq, e->zone, o->ends_at)) == NULL)
		return OUT_FAULT;
	view_text(row, D_HREF, talloc_asprintf(rq, "%s%s", rq->words->prefix,
	    event_path(rq, e, o)));
	view_text(row, D_TITLE, e->title);
	if (strcmp(e->lang, rq->words->lang) != 0)
		view_text(row, D_WORDS, e->lang);
	view_text(row, D_SUMMARY, e->summary);
	view_text(row, D_DAY, when.day);
	view_text(row, D_HOURS, when.hours);
	/* The clocks may be moved while it goes on. */
	view_text(row, D_ZONE, strcmp(when.zone, to) == 0 ? when.zone :
	    talloc_asprintf(rq, "%s\xE2\x80\x93%s", when.zone, to));
	if (strcmp(e->zone, rq->settings->zone) != 0)
		view_text(row, D_PLACE, event_zone_name(rq, rq->settings, rq->words, e->zone));
	view_text(row, D_STARTS, when.starts_iso);
	view_text(row, D_ENDS, when.ends_iso);
	view_text(row, D_KIND, text_in(rq->words, event_kind_words[e->kind]));
	view_text(row, D_UNIT, filter_unit(filters, e->unit));
	view_text(row, D_AREA, unit_area(rq->settings, o->area));
	view_flag(row, D_ONLINE, o->online);
	add_state(rq, row, e, o);
	add_seats(rq, row, e, o);
	return OUT_OK;
}

enum outcome
date_view_other(struct request *rq, struct view *row, const struct listing *l,
    const struct listing *other, bool last)
{
	int64_t			 day = date_first_day(&other->e, &other->o);
	int64_t			 apart = day - date_first_day(&l->e, &l->o);
	struct view		*to = view_row(row, D_OTHERS);
	struct event_when	 when;
	enum outcome		 got;

	got = event_when(rq, rq->words, other->e.zone, other->o.starts_at, other->o.ends_at,
	    &when);
	if (got != OUT_OK)
		return got;
	view_flag(row, D_ALSO, 1);
	view_text(to, R_HREF, talloc_asprintf(rq, "%s%s", rq->words->prefix,
	    event_path(rq, &other->e, &other->o)));
	view_text(to, R_DAY, apart > -SAME_YEAR && apart < SAME_YEAR ?
	    when_date(rq, rq->words, day) : when_day(rq, rq->words, day));
	view_text(to, R_STARTS, when.starts_iso);
	view_flag(to, R_MORE, !last);
	return OUT_OK;
}
