/*
 * rsvp_ask.c: the form by which somebody says whether they come, in one step: what was sent
 * can be changed later, with the code that they get.
 *
 * Identity and code come from the page's token, so that the same form sent twice is one RSVP.
 */
#include "rsvp.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/notice.h"
#include "openhall/text.h"
#include "openhall/unit.h"

/* The fields beside the form's own; a person never sees TRAP. */
static const char TRAP[] = "website", STEP[] = "step", MAIL[] = "mail";

enum { UNITS_SECONDS = 10 };

enum { A_TITLE, A_INTRO, A_SEEN, A_KEPT, A_SEND, A_ABOUT, A_ERRORS, A_SECTIONS,
	A_CHANGE, A_MAILS, A_MAIL, A_EXPIRED, A_YOUNG, A_TRAPPED, A_AWAY, A_LATE, A__COUNT };

static const struct view_name ask_names[] = {
	[A_TITLE] = { "title", NULL },
	[A_INTRO] = { "intro", NULL },
	[A_SEEN] = { "seen", NULL },
	[A_KEPT] = { "kept", NULL },
	[A_SEND] = { "send", NULL },
	[A_ABOUT] = { "about", about_names },
	[A_ERRORS] = { "errors", form_error_names },
	[A_SECTIONS] = { "sections", form_section_names },
	[A_CHANGE] = { "change", NULL },	/* it was answered before */
	[A_MAILS] = { "mails", NULL },		/* the portal sends mail */
	[A_MAIL] = { "mail", NULL },		/* the code is to be sent */
	[A_EXPIRED] = { "expired", NULL },
	[A_YOUNG] = { "young", NULL },
	[A_TRAPPED] = { "trapped", NULL },
	[A_AWAY] = { "away", NULL },
	[A_LATE] = { "late", NULL },
	[A__COUNT] = { NULL, NULL }
};

void
ask_start(struct app *app, struct answering *a)
{
	page_compile(a, app->settings, &a->ask, "rsvp.html", ask_names);
}

struct sealer *
ask_mail(struct answering *a)
{
	return a->mails ? &a->mail : NULL;
}

/* ---- the page ---- */

/* While the store is away, those units that were known last are offered. */
static const struct form *
current_form(struct request *rq)
{
	struct answering	*a = answering_of(rq);
	struct units		 units;

	if (!form_wants_units(a->form) || rq->now < a->units_until)
		return a->form;
	a->units_until = rq->now + UNITS_SECONDS;
	if (unit_all(rq->app->db, rq, &units) == OUT_OK)
		(void)form_units(a->form, &units);
	return a->form;
}

enum outcome
ask_page(struct request *rq, const struct answered *d, const struct rsvp *r,
    const struct form_answers *answers, enum why why)
{
	struct answering	*a = answering_of(rq);
	const struct form	*form = current_form(rq);
	struct view		*v = view_new(rq, ask_names);
	enum outcome		 got = OUT_OK;

	if (answers == NULL && (answers = form_empty(rq, form)) == NULL)
		return OUT_FAULT;
	if (d != NULL && (got = about_view(rq, v, A_ABOUT, d, r)) != OUT_OK)
		return got == OUT_AWAY && rq->method == POST ?
		    ask_page(rq, NULL, r, answers, WHY_AWAY) : got;
	view_text(v, A_TITLE, form->title.in[rq->lang]);
	view_text(v, A_INTRO, form->intro.in[rq->lang]);
	view_text(v, A_SEEN, form->seen.in[rq->lang]);
	view_text(v, A_KEPT, form->kept.in[rq->lang]);
	view_text(v, A_SEND, form->send.in[rq->lang]);
	view_flag(v, A_CHANGE, r != NULL);
	view_flag(v, A_MAILS, a->mails);
	view_flag(v, A_MAIL, pairs_find(&rq->body, MAIL) != NULL);
	view_flag(v, A_EXPIRED, why == WHY_EXPIRED);
	view_flag(v, A_YOUNG, why == WHY_YOUNG);
	view_flag(v, A_TRAPPED, why == WHY_TRAPPED);
	view_flag(v, A_AWAY, why == WHY_AWAY);
	view_flag(v, A_LATE, why == WHY_LATE);
	form_view_errors(v, A_ERRORS, answers, rq->lang);
	form_view(v, A_SECTIONS, answers, rq->lang);
	if (why == WHY_AWAY)
		http_header(rq, "Retry-After", "30");
	return page_send(rq, &a->ask, v, why == WHY_AWAY ? 503 :
	    why == WHY_ASKED && answers->n_errors == 0 ? 200 : 422);
}

enum outcome
ask_read(struct request *rq, struct form_answers **answers, enum why *why)
{
	const char	*trap = pairs_find(&rq->body, TRAP), *step = pairs_find(&rq->body, STEP);

	*why = WHY_ASKED;
	if (form_parse(rq, current_form(rq), &rq->body, rq->lang, answers) == OUT_FAULT)
		return OUT_FAULT;
	if (step != NULL && strcmp(step, "change") == 0) {
		form_forgive(*answers);
		return OUT_INVALID;
	}
	if (rsvp_check(*answers, rq->words, pairs_find(&rq->body, MAIL) != NULL) != OUT_OK)
		return OUT_INVALID;
	if (trap != NULL && *trap != '\0')
		*why = WHY_TRAPPED;
	else if (rq->token != NULL && token_age(rq->token, rq->now, rq->settings->form_least,
	    rq->settings->form_greatest) == TOKEN_YOUNG)
		*why = WHY_YOUNG;
	return *why == WHY_ASKED ? OUT_OK : OUT_INVALID;
}

enum outcome
ask_fewer(struct request *rq, const struct answered *d, const struct rsvp *r,
    struct form_answers *answers, const char *message)
{
	if (message == NULL)
		return OUT_FAULT;
	rsvp_complain(answers, "people", message);
	return ask_page(rq, d, r, answers, WHY_ASKED);
}

const char *
ask_seats(struct request *rq, const struct answered *d)
{
	return talloc_asprintf(rq, text_in_n(rq->words, "There is %lld seat in all.",
	    "There are %lld seats in all.", (unsigned long)d->o.capacity),
	    (long long)d->o.capacity);
}

/* ---- storing it ---- */

/* The code by mail, to who asked for it.  The page shows it anyway, so what goes wrong is our
 * matter. */
static void
mail_code_to(struct request *rq, struct answering *a, const struct form_answers *answers,
    const struct code *code)
{
	enum outcome	got;

	if (!a->mails || pairs_find(&rq->body, MAIL) == NULL)
		return;
	got = notice_add(rq->app->db, &a->mail, rq->now, answers, rq->words->lang, &code->key,
	    MAIL_RSVP, 0, code->text);
	if (got != OUT_OK)
		log_error("rsvp.mail", "reason", outcome_word(got), NULL);
}

static enum outcome
seal(struct request *rq, struct answering *a, const struct answered *d,
    const struct form_answers *answers, struct rsvp *r, struct code *code)
{
	unsigned char	from[sizeof(rq->token->nonce) + ID_LEN];
	struct key	secret;
	enum outcome	got;

	/* The nonce stands nowhere but in the page.  Sent for another date it is another one. */
	memcpy(from, rq->token->nonce, sizeof(rq->token->nonce));
	memcpy(from + sizeof(rq->token->nonce), d->o.id.at, ID_LEN);
	seal_derive(&secret, &rq->app->form_key, "rsvp", from, sizeof(from));
	got = rsvp_seal(rq, r, &secret, &a->desk, answers, rq->words->lang, ask_mail(a),
	    rq->now, code);
	sodium_memzero(&secret, sizeof(secret));
	r->occurrence = d->o.id;
	r->channel = "web";
	return got;
}

static enum outcome
store(struct request *rq, struct answered *d, struct form_answers *answers)
{
	struct answering	*a = answering_of(rq);
	struct code		 code;
	struct rsvp		 r;
	enum outcome		 got, kept;

	if ((got = seal(rq, a, d, answers, &r, &code)) != OUT_OK)
		return got;
	/* Many may want the last seats: who waits for the others has no other way. */
	db_hasty(rq->app->db, false);
	got = rsvp_add(rq->app->db, &r, rq->now);
	db_hasty(rq->app->db, true);
	switch (got) {
	case OUT_OK:
	case OUT_CONFLICT:
		mail_code_to(rq, a, answers, &code);
		kept = receipt_remember(rq, &rq->app->form_key, RECEIPT_RSVP, &code,
		    got == OUT_OK ? RECEIPT_NEW : RECEIPT_REPEATED);
		got = kept == OUT_OK ? http_see_other(rq, "/rsvp") : kept;
		break;
	case OUT_LIMITED:	/* it was closed meanwhile */
		if ((got = answered_find_id(rq, &r.occurrence, d)) == OUT_OK)
			got = closed_page(rq, d);
		break;
	case OUT_INVALID:
		got = ask_fewer(rq, d, NULL, answers, ask_seats(rq, d));
		break;
	default:
		break;
	}
	sodium_memzero(&code, sizeof(code));
	return got;
}

/* ---- handlers ---- */

enum outcome
rsvp_show(struct request *rq)
{
	struct answered	d;
	enum outcome	got = answering_of(rq) == NULL ? OUT_MISSING : answered_find(rq, &d);

	if (got != OUT_OK)
		return got;
	if (!answered_is_one(&d))
		return dates_page(rq, &d);
	if (!event_takes_rsvp(&d.e, &d.o, rq->now))
		return closed_page(rq, &d);
	return ask_page(rq, &d, NULL, NULL, WHY_ASKED);
}

/* `late`: its token is too old. */
static enum outcome
take(struct request *rq, bool late)
{
	struct form_answers	*answers;
	struct answered		 d;
	enum why		 why;
	enum outcome		 got, read;

	if (answering_of(rq) == NULL)
		return OUT_MISSING;
	if ((read = ask_read(rq, &answers, &why)) == OUT_FAULT)
		return OUT_FAULT;
	got = answered_find(rq, &d);
	if (got == OUT_AWAY)
		return ask_page(rq, NULL, NULL, answers, WHY_AWAY);
	if (got == OUT_OK && !answered_is_one(&d))
		got = OUT_MISSING;
	if (got != OUT_OK)
		return got;
	if (!event_takes_rsvp(&d.e, &d.o, rq->now))
		return closed_page(rq, &d);
	if (late || read == OUT_INVALID)
		return ask_page(rq, &d, NULL, answers, late ? WHY_EXPIRED : why);
	got = store(rq, &d, answers);
	return got == OUT_AWAY ? ask_page(rq, NULL, NULL, answers, WHY_AWAY) : got;
}

enum outcome
rsvp_take(struct request *rq)
{
	return take(rq, false);
}

enum outcome
rsvp_again(struct request *rq)
{
	return take(rq, true);
}
