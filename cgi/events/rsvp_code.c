/*
 * rsvp_code.c: from a code to the RSVP that it opens, and away again.
 */
#include "rsvp.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

enum { E_TYPED, E_SLIP, E_UNKNOWN, E_EXPIRED, E_FORGOTTEN, E_ACTION, E_CARRIED, E__COUNT };

static const struct view_name enter_names[] = {
	[E_TYPED] = { "typed", NULL },
	[E_SLIP] = { "slip", NULL },
	[E_UNKNOWN] = { "unknown", NULL },
	[E_EXPIRED] = { "expired", NULL },
	[E_FORGOTTEN] = { "forgotten", NULL },
	[E_ACTION] = { "action", NULL },
	[E_CARRIED] = { "carried", receipt_carried_names },
	[E__COUNT] = { NULL, NULL }
};

enum enter { ENTER_ASKED = 1, ENTER_SLIP, ENTER_UNKNOWN, ENTER_EXPIRED, ENTER_FORGOTTEN };

void
enter_start(struct app *app, struct answering *a)
{
	page_compile(a, app->settings, &a->enter, "rsvp-enter.html", enter_names);
}

/* ---- asking for it ---- */

static enum outcome
enter_page(struct request *rq, enum enter why)
{
	struct view	*v = view_new(rq, enter_names);

	/* The page of no receipt. */
	rq->shown = NULL;
	view_text(v, E_TYPED, pairs_find(&rq->body, "code"));
	view_flag(v, E_SLIP, why == ENTER_SLIP);
	view_flag(v, E_UNKNOWN, why == ENTER_UNKNOWN);
	view_flag(v, E_EXPIRED, why == ENTER_EXPIRED);
	view_flag(v, E_FORGOTTEN, why == ENTER_FORGOTTEN);
	view_text(v, E_ACTION, rq->method == POST ? rq->path : "/rsvp");
	if (rq->method == POST)
		receipt_carry(rq, v, E_CARRIED);
	return page_send(rq, &answering_of(rq)->enter, v, why == ENTER_ASKED ? 200 :
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

/* ---- what it opens ---- */

static enum outcome
read_rsvp(struct request *rq, struct holder *h)
{
	enum outcome	got;

	if ((got = rsvp_find(rq->app->db, rq, &h->code.lookup, &h->r)) != OUT_OK ||
	    (got = answered_find_id(rq, &h->r.occurrence, &h->d)) != OUT_OK)
		return got;
	/* The code is right, so it must open. */
	return rsvp_unwrap(&h->content, &h->r, &h->code) == OUT_OK ? OUT_OK : OUT_FAULT;
}

enum outcome
holder_find(struct request *rq, struct holder *h)
{
	const char	*typed = pairs_find(&rq->body, "code");
	enum outcome	 got;

	*h = (struct holder){ .how = RECEIPT_TYPED };
	if (answering_of(rq) == NULL)
		return OUT_MISSING;
	if (typed != NULL)
		got = code_read(&h->code, typed);
	else
		got = receipt_recall(rq, &rq->app->form_key, RECEIPT_RSVP, &h->code, &h->how);
	if (got == OUT_OK)
		got = receipt_mark(rq, &rq->app->form_key, &h->code);
	if (got == OUT_CONFLICT && typed != NULL)
		got = OUT_OK;	/* what was written is carried on */
	if (got == OUT_OK)
		got = read_rsvp(rq, h);
	if (got == OUT_OK && typed != NULL)
		got = receipt_remember(rq, &rq->app->form_key, RECEIPT_RSVP, &h->code,
		    RECEIPT_TYPED);
	return got;
}

void
holder_close(struct holder *h)
{
	sodium_memzero(&h->content, sizeof(h->content));
	sodium_memzero(&h->code, sizeof(h->code));
}

/* ---- handlers ---- */

enum outcome
mine_show(struct request *rq)
{
	struct holder	h;
	struct code	code;
	enum outcome	got;

	if (answering_of(rq) == NULL)
		return OUT_MISSING;
	if (receipt_recall(rq, &rq->app->form_key, RECEIPT_RSVP, &code, &h.how) != OUT_OK)
		return enter_page(rq, ENTER_ASKED);
	sodium_memzero(&code, sizeof(code));
	got = holder_find(rq, &h);
	if (got == OUT_OK) {
		got = stands_page(rq, &h);
	} else if (got == OUT_MISSING) {
		/* It was erased: nobody will ever know it again. */
		receipt_forget(rq, RECEIPT_RSVP);
		got = enter_page(rq, ENTER_UNKNOWN);
	}
	holder_close(&h);
	return got;
}

enum outcome
mine_take(struct request *rq)
{
	struct holder	h;
	enum outcome	got;

	if (answering_of(rq) == NULL)
		return OUT_MISSING;
	if (pairs_find(&rq->body, "code") == NULL)
		return enter_page(rq, ENTER_ASKED);
	got = holder_find(rq, &h);
	got = got == OUT_OK ? http_see_other(rq, "/rsvp") : enter_first(rq, got);
	holder_close(&h);
	return got;
}

enum outcome
mine_again(struct request *rq)
{
	return answering_of(rq) == NULL ? OUT_MISSING : enter_page(rq, ENTER_EXPIRED);
}

/* The code was written down: it is not shown any more.  Not that of another one, which came by
 * meanwhile. */
enum outcome
mine_noted(struct request *rq)
{
	struct code		code;
	enum receipt_how	how;
	enum outcome		got = OUT_OK;

	if (receipt_recall(rq, &rq->app->form_key, RECEIPT_RSVP, &code, &how) == OUT_OK &&
	    (got = receipt_mark(rq, &rq->app->form_key, &code)) == OUT_OK)
		got = receipt_remember(rq, &rq->app->form_key, RECEIPT_RSVP, &code,
		    RECEIPT_TYPED);
	sodium_memzero(&code, sizeof(code));
	return got == OUT_OK || got == OUT_CONFLICT ? http_see_other(rq, "/rsvp") : got;
}

enum outcome
mine_close(struct request *rq)
{
	receipt_forget(rq, RECEIPT_RSVP);
	return http_see_other(rq, "/rsvp");
}
