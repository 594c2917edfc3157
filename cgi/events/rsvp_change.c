/*
 * rsvp_change.c: who holds a code answers differently, or takes the answer back.
 */
#include "rsvp.h"

#include <sodium.h>
#include <talloc.h>

#include "openhall/text.h"

enum { R_ABOUT, R_SEATED, R__COUNT };

static const struct view_name remove_names[] = {
	[R_ABOUT] = { "about", about_names },
	[R_SEATED] = { "seated", NULL },
	[R__COUNT] = { NULL, NULL }
};

static const struct view_name gone_names[] = { { NULL, NULL } };

void
change_start(struct app *app, struct answering *a)
{
	page_compile(a, app->settings, &a->remove, "rsvp-remove.html", remove_names);
	page_compile(a, app->settings, &a->gone, "rsvp-gone.html", gone_names);
}

/* ---- changing ---- */

enum outcome
change_show(struct request *rq)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	struct holder		 h;
	enum outcome		 got = holder_find(rq, &h);

	/* Who has no code at hand is asked for it. */
	if (got == OUT_MISSING || (got == OUT_OK && answered_is_over(rq, &h.d)))
		got = http_see_other(rq, "/rsvp");
	else if (got == OUT_OK && (got = rsvp_open(rq, &h.r.id, &h.content, h.r.body,
	    answering_of(rq)->form, &answers, &strays)) == OUT_OK &&
	    /* For who takes their time; a code that was not noted yet is still shown later. */
	    (got = receipt_remember(rq, &rq->app->form_key, RECEIPT_RSVP, &h.code,
	    h.how)) == OUT_OK)
		got = ask_page(rq, &h.d, &h.r, answers, WHY_ASKED);
	holder_close(&h);
	return got;
}

/* Why there are not as many seats as they ask for now. */
static enum outcome
refuse(struct request *rq, struct holder *h, struct form_answers *answers)
{
	const struct id	occurrence = h->r.occurrence;
	enum outcome	got = answered_find_id(rq, &occurrence, &h->d);

	if (got != OUT_OK)
		return got;
	if (!event_takes_rsvp(&h->d.e, &h->d.o, rq->now))
		return ask_page(rq, &h->d, &h->r, answers, WHY_LATE);
	return ask_fewer(rq, &h->d, &h->r, answers, text_in(rq->words,
	    "So many seats are not free. You keep those that you have; ask for no more, or take"
	    " this back and get on the waiting list."));
}

static enum outcome
store(struct request *rq, struct holder *h, struct form_answers *answers)
{
	enum outcome	got;

	got = rsvp_answer(rq, &h->r, &h->content, answers, rq->words->lang,
	    ask_mail(answering_of(rq)), rq->now);
	if (got != OUT_OK)
		return got;
	db_hasty(rq->app->db, false);
	got = rsvp_change(rq->app->db, &h->r, rq->now);
	db_hasty(rq->app->db, true);
	switch (got) {
	case OUT_OK:
	case OUT_MISSING:	/* taken back meanwhile: that page says so */
		return http_see_other(rq, "/rsvp");
	case OUT_LIMITED:
		return refuse(rq, h, answers);
	case OUT_INVALID:
		return ask_fewer(rq, &h->d, &h->r, answers, ask_seats(rq, &h->d));
	default:
		return got;
	}
}

static enum outcome
take(struct request *rq, bool late)
{
	struct form_answers	*answers;
	struct holder		 h;
	enum why		 why;
	enum outcome		 got, read;

	if (answering_of(rq) == NULL)
		return OUT_MISSING;
	if ((read = ask_read(rq, &answers, &why)) == OUT_FAULT)
		return OUT_FAULT;
	got = holder_find(rq, &h);
	if (got == OUT_MISSING || got == OUT_INVALID)
		got = enter_first(rq, got);
	else if (got == OUT_OK && (late || read == OUT_INVALID))
		got = ask_page(rq, &h.d, &h.r, answers, late ? WHY_EXPIRED : why);
	else if (got == OUT_OK)
		got = store(rq, &h, answers);
	holder_close(&h);
	return got == OUT_AWAY ? ask_page(rq, NULL, &h.r, answers, WHY_AWAY) : got;
}

enum outcome
change_take(struct request *rq)
{
	return take(rq, false);
}

enum outcome
change_again(struct request *rq)
{
	return take(rq, true);
}

/* ---- taking it back ---- */

enum outcome
remove_ask(struct request *rq)
{
	struct view	*v = view_new(rq, remove_names);
	struct holder	 h;
	enum outcome	 got = holder_find(rq, &h);

	if (got == OUT_MISSING || got == OUT_INVALID) {
		got = http_see_other(rq, "/rsvp");
	} else if (got == OUT_OK && (got = about_view(rq, v, R_ABOUT, &h.d,
	    &h.r)) == OUT_OK) {
		view_flag(v, R_SEATED, h.r.state == RSVP_SEATED && h.d.o.capacity >= 0);
		got = page_send(rq, &answering_of(rq)->remove, v, 200);
	}
	holder_close(&h);
	return got;
}

enum outcome
remove_take(struct request *rq)
{
	struct holder	h;
	enum outcome	got = holder_find(rq, &h);

	if (got == OUT_OK) {
		db_hasty(rq->app->db, false);
		got = rsvp_remove(rq->app->db, &h.r.id, NULL);
		db_hasty(rq->app->db, true);
	}
	if (got == OUT_OK) {
		receipt_forget(rq, RECEIPT_RSVP);
		got = http_see_other(rq, "/rsvp/mine/gone");
	} else if (got == OUT_MISSING || got == OUT_INVALID) {
		got = http_see_other(rq, "/rsvp");
	}
	holder_close(&h);
	return got;
}

enum outcome
remove_done(struct request *rq)
{
	struct answering	*a = answering_of(rq);

	return a == NULL ? OUT_MISSING : page_send(rq, &a->gone, view_new(rq, gone_names), 200);
}
