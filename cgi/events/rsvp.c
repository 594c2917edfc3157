/*
 * rsvp.c: which date of an event is answered, and how the pages for that tell of it.
 */
#include "rsvp.h"

#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/notice.h"
#include "openhall/text.h"

enum { B_DATE, B_SEATS, B_UNTIL, B_WHERE, B_ADDRESS, B_LINK, B_LATER, B__COUNT };

const struct view_name about_names[] = {
	[B_DATE] = { "date", date_names },
	[B_SEATS] = { "seats", NULL },
	[B_UNTIL] = { "until", NULL },		/* that moment answers are taken */
	[B_WHERE] = { "where", NULL },		/* there is something to say of it */
	[B_ADDRESS] = { "address", NULL },
	[B_LINK] = { "link", NULL },
	[B_LATER] = { "later", NULL },		/* who has a seat sees where it is */
	[B__COUNT] = { NULL, NULL }
};

struct answering *
answering_of(const struct request *rq)
{
	const struct own	*own = rq->app->own;

	return own->answering;
}

struct answering *
rsvp_start(struct app *app)
{
	struct answering	*a = talloc_zero(app, struct answering);

	if (a == NULL)
		log_stop("no memory");
	if ((a->form = rsvp_form(a, app->settings)) == NULL) {
		talloc_free(a);
		return NULL;
	}
	seal_read_key(&a->desk.to, app->settings->key_dir, "events.pub");
	a->mails = notice_start(&a->mail, app->settings);
	dates_start(app, a);
	ask_start(app, a);
	enter_start(app, a);
	stands_start(app, a);
	change_start(app, a);
	return a;
}

/* ---- which one ---- */

enum outcome
answered_find(struct request *rq, struct answered *d)
{
	struct db	*db = rq->app->db;
	int		 day;
	enum outcome	 got;

	*d = (struct answered){ .o.day = -1 };
	if ((got = date_read(rq->second, &day)) != OUT_OK)
		return got;
	got = event_find(db, rq, rq->words->lang, rq->rest, &d->e);
	if (got != OUT_OK || (day == 0 && *d->e.rule != '\0'))
		return got;
	got = occurrence_find(db, rq, &d->e.id, day, &d->o);
	return got == OUT_OK && d->o.state == OCCURRENCE_SKIPPED ? OUT_MISSING : got;
}

bool
answered_is_one(const struct answered *d)
{
	return d->o.day >= 0;
}

enum outcome
answered_find_id(struct request *rq, const struct id *occurrence, struct answered *d)
{
	enum outcome	got = occurrence_find_id(rq->app->db, rq, occurrence, &d->o);

	return got != OUT_OK ? got :
	    event_find_id(rq->app->db, rq, rq->words->lang, &d->o.event, &d->e);
}

bool
answered_is_over(const struct request *rq, const struct answered *d)
{
	return d->o.ends_at <= rq->now;
}

bool
answered_is_on(const struct answered *d)
{
	return d->e.state == EVENT_PUBLISHED && d->o.state == OCCURRENCE_PLANNED;
}

/* ---- what the pages tell of it ---- */

static const char *
seats_of(struct request *rq, const struct occurrence *o, bool theirs)
{
	int64_t	free = date_seats(o);

	if (o->capacity < 0)
		return text_in(rq->words, "There is room for everybody.");
	if (free > 0)
		return talloc_asprintf(rq, text_in_n(rq->words, "%lld of %lld seats is free",
		    "%lld of %lld seats are free", (unsigned long)free), (long long)free,
		    (long long)o->capacity);
	if (theirs)
		return talloc_asprintf(rq, text_in(rq->words, "All %lld are taken."),
		    (long long)o->capacity);
	return talloc_asprintf(rq, text_in(rq->words, "All %lld are taken. You would be number %lld"
	    " on the waiting list, which moves up in order."), (long long)o->capacity,
	    (long long)o->waiting + 1);
}

/* Until when one may answer, where that is not until it begins. */
static enum outcome
add_until(struct request *rq, struct view *row, const struct answered *d)
{
	const int64_t		until = d->o.starts_at - (int64_t)d->e.rsvp_hours * 3600;
	struct event_when	when;

	if (d->e.rsvp_hours == 0)
		return OUT_OK;
	if (event_when(rq, rq->words, d->e.zone, until, until, &when) != OUT_OK)
		return OUT_FAULT;
	view_text(row, B_UNTIL, talloc_asprintf(rq, "%s, %s %s", when.day, when.hours,
	    when.zone));
	return OUT_OK;
}

/* What does not open is our matter: the rest of the page is of use all the same. */
static enum outcome
add_place(struct request *rq, struct view *row, const struct answered *d, bool seated)
{
	const struct event	*e = &d->e;
	const char		*address = "", *link = "";
	struct place		 place;
	bool			 later;
	enum outcome		 got;

	got = event_place_open(rq, &rq->app->form_key, d->o.placed ? &d->o.id : &e->id,
	    d->o.placed ? d->o.whereabouts : e->whereabouts, &place);
	if (got != OUT_OK && got != OUT_FORBIDDEN)
		return got;
	if (got == OUT_FORBIDDEN) {
		log_error("rsvp.place", "reason", outcome_word(got), NULL);
		place = (struct place){ "", "" };
	}
	if (seated || !e->address_coming)
		address = place.address;
	if (seated || !e->link_coming)
		link = place.link;
	later = answered_is_on(d) && (*address != *place.address || *link != *place.link);
	view_text(row, B_ADDRESS, address);
	view_text(row, B_LINK, link);
	view_flag(row, B_LATER, later);
	view_flag(row, B_WHERE, *d->o.area != '\0' || d->o.online || later || *address != '\0' ||
	    *link != '\0');
	return OUT_OK;
}

enum outcome
about_view(struct request *rq, struct view *page, size_t i, const struct answered *d,
    const struct rsvp *r)
{
	struct view		*row = view_row(page, i);
	const struct filters	*filters;
	enum outcome		 got = filter_find(rq, &filters);

	if (got == OUT_OK)
		got = date_view(rq, view_row(row, B_DATE), filters, &d->e, &d->o);
	if (got != OUT_OK)
		return got;
	if (event_takes_rsvp(&d->e, &d->o, rq->now)) {
		view_text(row, B_SEATS, seats_of(rq, &d->o, r != NULL));
		got = r == NULL ? add_until(rq, row, d) : OUT_OK;
	}
	return got == OUT_OK ? add_place(rq, row, d,
	    r != NULL && r->state == RSVP_SEATED) : got;
}
