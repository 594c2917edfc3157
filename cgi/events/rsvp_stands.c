/*
 * rsvp_stands.c: where an RSVP stands: whether there is a seat, when and where it is now, and
 * what the hosts see.
 */
#include "rsvp.h"

#include <talloc.h>

#include "openhall/text.h"

enum { S_ABOUT, S_SAID, S_MORE, S_GOOD, S_WAITING, S_GONE, S_PUT_OFF, S_OVER, S_CODE,
	S_REPEATED, S_CALENDAR, S_CONTACT, S_TOLD, S_ANSWERS, S_MAY, S__COUNT };

static const struct view_name stands_names[] = {
	[S_ABOUT] = { "about", about_names },
	[S_SAID] = { "said", NULL },		/* where it stands, in a sentence */
	[S_MORE] = { "more", NULL },		/* and what that means */
	[S_GOOD] = { "good", NULL },
	[S_WAITING] = { "waiting", NULL },
	[S_GONE] = { "gone", NULL },		/* the date is cancelled */
	[S_PUT_OFF] = { "put_off", NULL },
	[S_OVER] = { "over", NULL },
	[S_CODE] = { "code", NULL },		/* it was just given */
	[S_REPEATED] = { "repeated", NULL },	/* the same form was sent before */
	[S_CALENDAR] = { "calendar", NULL },	/* file */
	[S_CONTACT] = { "contact", NULL },
	[S_TOLD] = { "told", NULL },		/* what is told by mail */
	[S_ANSWERS] = { "answers", answer_section_names },
	[S_MAY] = { "may", NULL },		/* change and take back */
	[S__COUNT] = { NULL, NULL }
};

void
stands_start(struct app *app, struct answering *a)
{
	page_compile(a, app->settings, &a->stands, "rsvp-stands.html", stands_names);
}

/* ---- where it stands ---- */

static void
say_seated(struct request *rq, const struct holder *h, struct view *v)
{
	view_text(v, S_SAID, talloc_asprintf(rq, text_in_n(rq->words, "You have a seat.",
	    "You have %d seats.", (unsigned long)h->r.people), h->r.people));
	view_flag(v, S_GOOD, 1);
	view_text(v, S_MORE, text_in(rq->words, h->d.o.capacity < 0 ?
	    N_("We expect you. If you cannot come after all, take it back here.") :
	    N_("If you cannot come after all, take it back here, and somebody else gets the"
	    " seat.")));
}

static enum outcome
say_waiting(struct request *rq, const struct holder *h, struct view *v)
{
	int64_t		before = 0;
	enum outcome	got = rsvp_before(rq->app->db, &h->r, &before);

	if (got != OUT_OK)
		return got;
	view_flag(v, S_WAITING, 1);
	view_text(v, S_SAID, before == 0 ?
	    text_in(rq->words, "You are on the waiting list, and you are next.") :
	    talloc_asprintf(rq, text_in_n(rq->words,
	    "You are on the waiting list. There is %lld person before you.",
	    "You are on the waiting list. There are %lld people before you.",
	    (unsigned long)before), (long long)before));
	view_text(v, S_MORE, text_in(rq->words, h->r.address.len > 0 ?
	    N_("When a seat becomes free it is yours, and we write to you.") :
	    N_("When a seat becomes free it is yours. You gave no e-mail address, so look"
	    " here again.")));
	return OUT_OK;
}

static enum outcome
say_state(struct request *rq, const struct holder *h, struct view *v)
{
	const bool	cancelled = h->d.e.state == EVENT_CANCELLED ||
			    h->d.o.state == OCCURRENCE_CANCELLED ||
			    h->d.o.state == OCCURRENCE_SKIPPED;

	view_flag(v, S_GONE, cancelled);
	view_flag(v, S_PUT_OFF, !cancelled && h->d.o.state == OCCURRENCE_POSTPONED);
	view_flag(v, S_OVER, answered_is_over(rq, &h->d));
	if (!answered_is_on(&h->d) || answered_is_over(rq, &h->d))
		return OUT_OK;
	if (h->r.state == RSVP_WAITING)
		return say_waiting(rq, h, v);
	if (h->r.state == RSVP_SEATED) {
		say_seated(rq, h, v);
		return OUT_OK;
	}
	view_text(v, S_SAID, text_in(rq->words, h->r.answer == RSVP_PERHAPS ?
	    N_("You said that you may come.") : N_("You said that you are not coming.")));
	view_text(v, S_MORE, text_in(rq->words, h->r.answer == RSVP_PERHAPS ?
	    N_("No seat is kept for you. Once you know, change your answer.") :
	    N_("Thank you for telling us. Should you come after all, change your answer.")));
	return OUT_OK;
}

/* ---- the page ---- */

static enum outcome
add_answers(struct request *rq, const struct holder *h, struct view *v)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	enum outcome		 got;

	got = rsvp_open(rq, &h->r.id, &h->content, h->r.body, answering_of(rq)->form, &answers,
	    &strays);
	if (got == OUT_OK)
		form_view_answers(v, S_ANSWERS, answers, rq->lang);
	return got == OUT_FORBIDDEN ? OUT_FAULT : got;
}

/* By mail, if they gave an address. */
static const char *
told_of(const struct request *rq, const struct holder *h)
{
	if (h->r.address.len == 0)
		return text_in(rq->words, "We have no e-mail address of yours, so we cannot tell"
		    " you when something changes: look here again before you go.");
	return text_in(rq->words, h->r.remind ?
	    N_("We write to you when something changes, and before it begins.") :
	    N_("We write to you when something changes."));
}

enum outcome
stands_page(struct request *rq, struct holder *h)
{
	struct view	*v = view_new(rq, stands_names);
	const bool	 over = answered_is_over(rq, &h->d);
	enum outcome	 got;

	if ((got = about_view(rq, v, S_ABOUT, &h->d, &h->r)) != OUT_OK ||
	    (got = say_state(rq, h, v)) != OUT_OK ||
	    (got = add_answers(rq, h, v)) != OUT_OK)
		return got;
	if (h->how != RECEIPT_TYPED)
		view_text(v, S_CODE, talloc_strdup(rq, h->code.text));
	view_flag(v, S_REPEATED, h->how == RECEIPT_REPEATED);
	if (answered_is_on(&h->d) && !over) {
		view_text(v, S_CALENDAR, talloc_asprintf(rq, "%s/events/%s.ics",
		    rq->words->prefix, h->d.e.slug));
		if (h->r.answer != RSVP_NOT && answering_of(rq)->mails)
			view_text(v, S_TOLD, told_of(rq, h));
	}
	view_text(v, S_CONTACT, h->d.e.contact);
	view_flag(v, S_MAY, !over);
	return page_send(rq, &answering_of(rq)->stands, v, 200);
}
