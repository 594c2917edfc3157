/*
 * enter.c: from a receipt code to its page: the code itself, once, right after something was
 * sent; typing it later; and putting it away.
 */
#include <string.h>
#include <talloc.h>

#include "holder.h"
#include "openhall/rsvp.h"
#include "openhall/spool.h"

enum { E_TYPED, E_SLIP, E_UNKNOWN, E_EXPIRED, E_FORGOTTEN, E_ACTION, E_CARRIED,
	E_EVENTS, E__COUNT };

static const struct view_name enter_names[] = {
	[E_TYPED] = { "typed", NULL },
	[E_SLIP] = { "slip", NULL },
	[E_UNKNOWN] = { "unknown", NULL },
	[E_EXPIRED] = { "expired", NULL },
	[E_FORGOTTEN] = { "forgotten", NULL },
	[E_ACTION] = { "action", NULL },
	[E_CARRIED] = { "carried", receipt_carried_names },
	[E_EVENTS] = { "events", NULL },	/* there are codes for events, too */
	[E__COUNT] = { NULL, NULL }
};

enum { N_CODE, N_REPEATED, N_SLIP, N_TYPED, N__COUNT };

static const struct view_name new_names[] = {
	[N_CODE] = { "code", NULL },
	[N_REPEATED] = { "repeated", NULL },
	[N_SLIP] = { "slip", NULL },
	[N_TYPED] = { "typed", NULL },
	[N__COUNT] = { NULL, NULL }
};

enum { G_TITLE, G__COUNT };

static const struct view_name filing_names[] = {
	[G_TITLE] = { "title", NULL },
	[G__COUNT] = { NULL, NULL }
};

void
enter_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->enter, "receipt-enter.html",
	    enter_names);
	page_compile(own, app->settings, &own->fresh, "receipt-new.html",
	    new_names);
	page_compile(own, app->settings, &own->filing, "receipt-filing.html",
	    filing_names);
}

enum outcome
enter_page(struct request *rq, enum enter why)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, enter_names);

	view_text(v, E_TYPED, pairs_find(&rq->body, "code"));
	view_flag(v, E_SLIP, why == ENTER_SLIP);
	view_flag(v, E_UNKNOWN, why == ENTER_UNKNOWN);
	view_flag(v, E_EXPIRED, why == ENTER_EXPIRED);
	view_flag(v, E_FORGOTTEN, why == ENTER_FORGOTTEN);
	view_flag(v, E_EVENTS, rsvp_is_on(rq->settings));
	view_text(v, E_ACTION, rq->method == POST ? rq->path : "/receipt");
	if (rq->method == POST)
		receipt_carry(rq, v, E_CARRIED);
	return page_send(rq, &own->enter, v, why == ENTER_ASKED ? 200 :
	    why == ENTER_UNKNOWN ? 404 : 422);
}

enum outcome
enter_first(struct request *rq, enum outcome got)
{
	if (got == OUT_INVALID)
		return enter_page(rq, ENTER_SLIP);
	if (got == OUT_MISSING)
		return enter_page(rq, pairs_find(&rq->body, "code") != NULL ?
		    ENTER_UNKNOWN : ENTER_FORGOTTEN);
	return got;
}

static enum outcome
show_new(struct request *rq, const struct code *code, enum receipt_how how,
    enum enter why)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, new_names);

	view_text(v, N_CODE, talloc_strdup(rq, code->text));
	view_flag(v, N_REPEATED, how == RECEIPT_REPEATED);
	view_flag(v, N_SLIP, why == ENTER_SLIP);
	view_text(v, N_TYPED, pairs_find(&rq->body, "code"));
	return page_send(rq, &own->fresh, v, why == ENTER_ASKED ? 200 : 422);
}

static enum outcome
show_filing(struct request *rq, const struct desk *desk)
{
	struct own	*own = rq->app->own;
	struct view	*v = view_new(rq, filing_names);

	view_text(v, G_TITLE, intake_form(rq,
	    own->intakes[desk - desks])->title.in[rq->lang]);
	return page_send(rq, &own->filing, v, 200);
}

/*
 * Read what h->code opens.  `filing`: it waits to be filed, at that desk.  What is in the spool
 * no more has just been filed, so the store is asked again.
 */
static enum outcome
look(struct request *rq, struct holding *h, const struct desk **filing)
{
	enum outcome got = holding_read(rq, h);

	*filing = NULL;
	if (got != OUT_MISSING && got != OUT_AWAY)
		return got;
	if (spool_find(rq->settings, &h->code.lookup, filing) == OUT_OK)
		return OUT_OK;
	*filing = NULL;
	return got == OUT_MISSING ? holding_read(rq, h) : got;
}

enum outcome
enter_show(struct request *rq)
{
	struct holding		 h = { .opened = false };
	const struct desk	*filing;
	enum receipt_how	 how;
	enum outcome		 got;

	if (receipt_recall(rq, &rq->app->form_key, RECEIPT_SUBMISSION, &h.code,
	    &how) != OUT_OK)
		return enter_page(rq, ENTER_ASKED);
	if (how != RECEIPT_TYPED)
		got = show_new(rq, &h.code, how, ENTER_ASKED);
	else if ((got = look(rq, &h, &filing)) == OUT_OK)
		got = filing != NULL ? show_filing(rq, filing) :
		    status_page(rq, &h, STATUS_FINE);
	else if (got == OUT_MISSING)
		got = enter_page(rq, ENTER_ASKED);
	holding_close(&h);
	return got;
}

/* A code was typed: by who comes back, or by who was just given it and shows that it
 * was kept. */
enum outcome
enter_take(struct request *rq)
{
	const char		*typed = pairs_find(&rq->body, "code");
	struct holding		 h = { .opened = false };
	const struct desk	*filing;
	struct code		 given;
	enum receipt_how	 how;
	enum outcome		 got;
	bool			 fresh;

	fresh = receipt_recall(rq, &rq->app->form_key, RECEIPT_SUBMISSION, &given,
	    &how) == OUT_OK && how != RECEIPT_TYPED;
	if (typed == NULL || code_read(&h.code, typed) != OUT_OK)
		return fresh ? show_new(rq, &given, how, ENTER_SLIP) :
		    enter_page(rq, ENTER_SLIP);
	if ((got = look(rq, &h, &filing)) == OUT_MISSING)
		got = enter_page(rq, ENTER_UNKNOWN);
	else if (got == OUT_OK && (got = receipt_remember(rq,
	    &rq->app->form_key, RECEIPT_SUBMISSION, &h.code, RECEIPT_TYPED)) == OUT_OK)
		got = http_see_other(rq, "/receipt");
	holding_close(&h);
	return got;
}

enum outcome
enter_again(struct request *rq)
{
	return enter_page(rq, ENTER_EXPIRED);
}

enum outcome
enter_close(struct request *rq)
{
	receipt_forget(rq, RECEIPT_SUBMISSION);
	return http_see_other(rq, "/receipt");
}
