/*
 * one.c: the page of an event, and that of one of its dates, by which it is known for good.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/text.h"
#include "openhall/unit.h"
#include "openhall/when.h"

enum { A_NAME, A_TEXT };

static const struct view_name access_names[] = {
	[A_NAME] = { "name", NULL },
	[A_TEXT] = { "text", NULL },
	{ NULL, NULL }
};

enum { O_TITLE, O_WORDS, O_SUMMARY, O_HTML, O_KIND, O_TO_KIND, O_UNIT, O_TO_UNIT, O_AREA,
	O_ADDRESS, O_LINK, O_ADDRESS_COMING, O_LINK_COMING, O_ONLINE, O_PLACE, O_MODE,
	O_ACCESS, O_CONTACT, O_TO_CONTACT, O_CALENDAR, O_DATE, O_RULE, O_DATES, O_SHOWS_PAST,
	O_TO_ALL, O_TO_PAST, O_TO_COMING, O_TO_EVENT, O_RSVP, O_SEATS, O_FULL, O_DEADLINE,
	O_CLOSED, O_OVER, O_CANCELLED, O_TYPE, O_ORIGIN };

static const struct view_name one_names[] = {
	[O_TITLE] = { "title", NULL },
	[O_WORDS] = { "words", NULL },		/* their language, where that is another one */
	[O_SUMMARY] = { "summary", NULL },
	[O_HTML] = { "html", VIEW_MARKUP },
	[O_KIND] = { "kind", NULL },
	[O_TO_KIND] = { "to_kind", NULL },
	[O_UNIT] = { "unit", NULL },
	[O_TO_UNIT] = { "to_unit", NULL },
	[O_AREA] = { "area", NULL },
	[O_ADDRESS] = { "address", NULL },
	[O_LINK] = { "link", NULL },
	[O_ADDRESS_COMING] = { "address_coming", NULL },	/* only who comes is told */
	[O_LINK_COMING] = { "link_coming", NULL },
	[O_ONLINE] = { "online", NULL },
	[O_PLACE] = { "place", NULL },		/* there is one, that is: not online alone */
	[O_MODE] = { "mode", NULL },		/* of schema.org */
	[O_ACCESS] = { "access", access_names },
	[O_CONTACT] = { "contact", NULL },
	[O_TO_CONTACT] = { "to_contact", NULL },
	[O_CALENDAR] = { "calendar", NULL },
	[O_DATE] = { "date", date_names },	/* the one that the page is of */
	[O_RULE] = { "rule", NULL },
	[O_DATES] = { "dates", date_names },	/* or those that there are */
	[O_SHOWS_PAST] = { "shows_past", NULL },
	[O_TO_ALL] = { "to_all", NULL },	/* there are more to come */
	[O_TO_PAST] = { "to_past", NULL },
	[O_TO_COMING] = { "to_coming", NULL },
	[O_TO_EVENT] = { "to_event", NULL },	/* of which it is a date */
	[O_RSVP] = { "rsvp", NULL },
	[O_SEATS] = { "seats", NULL },
	[O_FULL] = { "full", NULL },
	[O_DEADLINE] = { "deadline", NULL },
	[O_CLOSED] = { "closed", NULL },	/* it is too late to say so */
	[O_OVER] = { "over", NULL },
	[O_CANCELLED] = { "all_cancelled", NULL },	/* all of it */
	[O_TYPE] = { "type", NULL },		/* of schema.org */
	[O_ORIGIN] = { "origin", NULL },
	{ NULL, NULL }
};

void
one_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->one, "event.html", one_names);
}

/* What the page is of: an event, and (or NULL) one of its dates. */
struct shown {
	const struct event	*e;
	const struct occurrence	*o;
	const struct filters	*filters;
};

/* ---- where ---- */

/* What is told to all of it.  That the portal has another key than it had hides it, too. */
static void
add_address(struct request *rq, struct view *v, const struct shown *s)
{
	const struct event	*e = s->e;
	bool			 placed = s->o != NULL && s->o->placed;
	const struct id		*about = placed ? &s->o->id : &e->id;
	struct place		 place;

	if (event_place_open(rq, &rq->app->form_key, about, placed ? s->o->whereabouts :
	    e->whereabouts, &place) != OUT_OK) {
		log_error("event.place", "reason", "it does not open", NULL);
		return;
	}
	if (*place.address != '\0') {
		view_flag(v, O_PLACE, 1);
		view_flag(v, O_ADDRESS_COMING, e->address_coming);
		if (!e->address_coming)
			view_text(v, O_ADDRESS, place.address);
	}
	if (*place.link != '\0') {
		view_flag(v, O_LINK_COMING, e->link_coming);
		if (!e->link_coming)
			view_text(v, O_LINK, place.link);
	}
}

static void
add_where(struct request *rq, struct view *v, const struct shown *s)
{
	const char	*area = s->o != NULL ? s->o->area : s->e->area;
	bool		 online = s->o != NULL ? s->o->online : s->e->online;
	struct bytes	 sealed = s->o != NULL && s->o->placed ? s->o->whereabouts :
			    s->e->whereabouts;
	bool		 somewhere = *area != '\0' || (!online && sealed.len > 0);

	view_text(v, O_AREA, unit_area(rq->settings, area));
	view_flag(v, O_ONLINE, online);
	view_flag(v, O_PLACE, somewhere || !online);
	add_address(rq, v, s);
	view_text(v, O_MODE, !online ? "OfflineEventAttendanceMode" : somewhere ?
	    "MixedEventAttendanceMode" : "OnlineEventAttendanceMode");
}

/* ---- what else there is to know ---- */

static enum outcome
add_access(struct request *rq, struct view *v, const struct event *e)
{
	struct pairs	pairs;
	enum outcome	got;

	got = pairs_decode(rq, e->access, strlen(e->access), EVENT_ACCESS, &pairs);
	for (size_t i = 0; got == OUT_OK && i < EVENT_ACCESS; i++) {
		const char	*said = pairs_find(&pairs, event_access_names[i]);
		struct view	*row;

		if (said == NULL || *said == '\0')
			continue;
		row = view_row(v, O_ACCESS);
		view_text(row, A_NAME, text_in(rq->words, event_access_words[i]));
		view_text(row, A_TEXT, said);
	}
	return got == OUT_OK ? OUT_OK : OUT_FAULT;
}

/* An address of mail, or of a page, can be followed. */
static void
add_contact(struct request *rq, struct view *v, const char *contact)
{
	view_text(v, O_CONTACT, contact);
	if (strncmp(contact, "https://", 8) == 0 || strncmp(contact, "http://", 7) == 0)
		view_text(v, O_TO_CONTACT, contact);
	else if (strchr(contact, '@') != NULL && strpbrk(contact, " ,;<>?&/") == NULL)
		view_text(v, O_TO_CONTACT, talloc_asprintf(rq, "mailto:%s", contact));
}

static const char *
below(struct request *rq, const char *path)
{
	return talloc_asprintf(rq, "%s%s", rq->words->prefix, path);
}

static enum outcome
add_event(struct request *rq, struct view *v, const struct shown *s)
{
	const struct event	*e = s->e;
	struct event_filter	 same = { .kind = event_kind_names[e->kind] };
	const char		*unit = filter_unit(s->filters, e->unit);

	view_text(v, O_TITLE, e->title);
	if (strcmp(e->lang, rq->words->lang) != 0)
		view_text(v, O_WORDS, e->lang);
	view_text(v, O_SUMMARY, e->summary);
	view_markup(v, O_HTML, e->html);
	view_text(v, O_KIND, text_in(rq->words, event_kind_words[e->kind]));
	view_text(v, O_TO_KIND, filter_path(rq, below(rq, "/events"), &same, NULL, NULL));
	view_text(v, O_UNIT, unit);
	view_text(v, O_TO_UNIT, talloc_asprintf(rq, "%s/units/%s", rq->words->prefix, e->unit));
	view_text(v, O_CALENDAR, talloc_asprintf(rq, "%s/events/%s.ics", rq->words->prefix,
	    e->slug));
	view_text(v, O_TYPE, s->o != NULL ? "Event" : "EventSeries");
	view_text(v, O_ORIGIN, rq->settings->origin);
	view_flag(v, O_CANCELLED, e->state == EVENT_CANCELLED);
	add_contact(rq, v, e->contact);
	add_where(rq, v, s);
	return add_access(rq, v, e);
}

/* ---- one date ---- */

static enum outcome
add_rsvp(struct request *rq, struct view *v, const struct event *e, const struct occurrence *o)
{
	const struct own	*own = rq->app->own;
	int64_t			closes = o->starts_at - (int64_t)e->rsvp_hours * 3600;
	int64_t			seats = date_seats(o);
	struct event_when	when;

	if (own->answering == NULL)
		return OUT_OK;
	if (!event_takes_rsvp(e, o, rq->now)) {
		view_flag(v, O_CLOSED, e->rsvp && e->state == EVENT_PUBLISHED &&
		    o->state == OCCURRENCE_PLANNED && rq->now < o->ends_at);
		return OUT_OK;
	}
	if (event_when(rq, rq->words, e->zone, closes, closes, &when) != OUT_OK)
		return OUT_FAULT;
	/* The same address as below /events. */
	view_text(v, O_RSVP, talloc_asprintf(rq, "%s/rsvp%s", rq->words->prefix,
	    event_path(rq, e, o) + strlen("/events")));
	view_flag(v, O_FULL, seats == 0);
	if (seats > 0)
		view_text(v, O_SEATS, talloc_asprintf(rq, text_in_n(rq->words,
		    "%ld seat is left.", "%ld seats are left.", (unsigned long)seats),
		    (long)seats));
	if (e->rsvp_hours > 0)
		view_text(v, O_DEADLINE, talloc_asprintf(rq, "%s, %s %s", when.within, when.hours,
		    when.zone));
	return OUT_OK;
}

static enum outcome
add_date(struct request *rq, struct view *v, const struct shown *s)
{
	struct view	*row = view_row(v, O_DATE);
	enum outcome	 got;

	if ((got = date_view(rq, row, s->filters, s->e, s->o)) != OUT_OK)
		return got;
	/* Who reads it alone may be anywhere. */
	view_text(row, D_PLACE, event_zone_name(rq, rq->settings, rq->words, s->e->zone));
	view_flag(v, O_OVER, s->o->ends_at <= rq->now);
	if (s->o->day != 0)
		view_text(v, O_TO_EVENT, below(rq, event_path(rq, s->e, NULL)));
	return add_rsvp(rq, v, s->e, s->o);
}

/* ---- several ---- */

enum dates { DATES_COMING, DATES_ALL, DATES_PAST };

static enum outcome
read_dates(const struct request *rq, enum dates *out)
{
	const char *text = pairs_find(&rq->query, "dates");

	*out = text == NULL ? DATES_COMING : strcmp(text, "past") == 0 ? DATES_PAST : DATES_ALL;
	return text == NULL || strcmp(text, "past") == 0 || strcmp(text, "all") == 0 ?
	    OUT_OK : OUT_MISSING;
}

static enum outcome
add_rule(struct request *rq, struct view *v, const struct event *e)
{
	struct recurrence	rule;
	const char		*words;

	if (recurrence_read(&rule, e->rule) != OUT_OK)
		return OUT_FAULT;
	if (rule.how == RECURS_NOT)
		return OUT_OK;
	words = recurrence_words(rq, rq->words, &rule);
	view_text(v, O_RULE, words);
	return words != NULL ? OUT_OK : OUT_FAULT;
}

static enum outcome
add_rows(struct request *rq, struct view *v, const struct shown *s,
    const struct occurrences *all, size_t most)
{
	enum outcome	got = OUT_OK;
	size_t		shown = 0;

	for (size_t i = 0; got == OUT_OK && i < all->n; i++) {
		const struct occurrence *o = &all->at[i];

		if (o->state == OCCURRENCE_SKIPPED)
			continue;
		if (shown++ == most) {
			view_text(v, O_TO_ALL, talloc_asprintf(rq, "%s?dates=all",
			    below(rq, event_path(rq, s->e, NULL))));
			break;
		}
		got = date_view(rq, view_row(v, O_DATES), s->filters, s->e, o);
	}
	return got;
}

static enum outcome
add_dates(struct request *rq, struct view *v, const struct shown *s, enum dates which)
{
	const bool		past = which == DATES_PAST;
	struct db		*db = rq->app->db;
	struct occurrences	 all, over;
	enum outcome		 got;

	/* What ends now is over. */
	if ((got = add_rule(rq, v, s->e)) != OUT_OK ||
	    (got = occurrence_past(db, rq, &s->e->id, rq->now, past ? CALENDAR_DATES_MAX : 1,
	    &over)) != OUT_OK ||
	    (!past && (got = occurrence_all(db, rq, &s->e->id, rq->now + 1, INT64_MAX,
	    CALENDAR_DATES_MAX, &all)) != OUT_OK))
		return got;
	view_flag(v, O_SHOWS_PAST, past);
	if (past)
		view_text(v, O_TO_COMING, below(rq, event_path(rq, s->e, NULL)));
	else if (over.n > 0)
		view_text(v, O_TO_PAST, talloc_asprintf(rq, "%s?dates=past",
		    below(rq, event_path(rq, s->e, NULL))));
	return add_rows(rq, v, s, past ? &over : &all,
	    which == DATES_COMING ? NEXT_MOST : SIZE_MAX);
}

/* ---- the page ---- */

static enum outcome
send(struct request *rq, const struct shown *s, enum dates which)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, one_names);
	enum outcome		 got;

	if ((got = add_event(rq, v, s)) != OUT_OK ||
	    (got = s->o != NULL ? add_date(rq, v, s) : add_dates(rq, v, s, which)) != OUT_OK)
		return got;
	if (s->e->by_link)
		http_header(rq, "X-Robots-Tag", "noindex, nofollow");
	rq->description = *s->e->summary != '\0' ? s->e->summary : s->e->title;
	rq->canonical = rq->path;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->one, v, 200);
}

static enum outcome
make(struct request *rq, int day, int64_t number, struct counted *seats)
{
	struct db		*db = rq->app->db;
	struct event		 e;
	struct occurrence	 o;
	struct shown		 s = { .e = &e };
	enum dates		 which = DATES_COMING;
	enum outcome		 got;

	if ((day == 0 && (got = read_dates(rq, &which)) != OUT_OK) ||
	    (got = event_find(db, rq, rq->words->lang, rq->rest, &e)) != OUT_OK ||
	    (got = filter_of(rq, number, &s.filters)) != OUT_OK)
		return got;
	/* One that has a single date is at its own address. */
	got = occurrence_find(db, rq, &e.id, day, &o);
	if (got == OUT_OK && o.state == OCCURRENCE_SKIPPED)
		got = OUT_MISSING;
	*seats = (struct counted){ 0 };
	if (got == OUT_OK) {
		s.o = &o;
		*seats = (struct counted){ e.rsvp && o.capacity >= 0, o.id, date_seats(&o) };
	} else if (got != OUT_MISSING || day != 0) {
		return got;
	}
	return send(rq, &s, which);
}

static const char *
key_of(struct request *rq, const struct counted *seats)
{
	return !seats->are ? rq->path :
	    talloc_asprintf(rq, "%s %lld", rq->path, (long long)seats->left);
}

enum outcome
one_show(struct request *rq)
{
	const size_t	 which = kept_slot(rq->path, ONES_MOST);
	struct own	*own = rq->app->own;
	struct counted	 seats = own->counted[rq->lang][which];
	const char	*key;
	int64_t		 number;
	int		 day;
	enum outcome	 got;

	if (calendar_is_asked(rq))
		return calendar_one(rq);
	if ((got = date_read(rq->second, &day)) != OUT_OK ||
	    (got = seats.are ? event_press_of(rq->app->db, &seats.date, &number, &seats.left) :
	    event_press(rq->app->db, &number)) != OUT_OK)
		return got;
	if (rq->query.n > 0)
		return make(rq, day, number, &seats);
	if ((key = key_of(rq, &seats)) == NULL)
		return OUT_FAULT;
	if (kept_find(rq, KEPT_ONE + which, key, number))
		return OUT_OK;
	if ((got = make(rq, day, number, &seats)) == OUT_OK &&
	    (key = key_of(rq, &seats)) != NULL &&
	    kept_keep(rq, KEPT_ONE + which, key, number))
		own->counted[rq->lang][which] = seats;
	return got;
}
