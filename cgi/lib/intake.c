/*
 * intake.c: see openhall/intake.h.  Runs under the account of the program that takes the
 * form in, which may insert submissions and read nothing back.
 */
#include "openhall/intake.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/notice.h"
#include "openhall/receipt.h"
#include "openhall/spool.h"

/* The fields that every intake has beside its form's own.  A person never sees TRAP.  Where the
 * page's token is that of a session, ONCE makes two submissions two and one sent twice one.  MAIL:
 * the receipt is to go to the address they gave. */
static const char TRAP[] = "website", STEP[] = "step", ONCE[] = "once", MAIL[] = "mail";

enum { I_TITLE, I_INTRO, I_SEEN, I_KEPT, I_TRAP, I_ONCE, I_ERRORS, I_SECTIONS,
	I_EXPIRED, I__COUNT };

static const struct view_name ask_names[] = {
	[I_TITLE] = { "title", NULL },
	[I_INTRO] = { "intro", NULL },
	[I_SEEN] = { "seen", NULL },
	[I_KEPT] = { "kept", NULL },
	[I_TRAP] = { "trap", NULL },
	[I_ONCE] = { "once", NULL },
	[I_ERRORS] = { "errors", form_error_names },
	[I_SECTIONS] = { "sections", form_section_names },
	[I_EXPIRED] = { "expired", NULL },
	[I__COUNT] = { NULL, NULL }
};

/* The same page before sending: answers to be read, and carried in hidden fields. */
enum { R_TITLE, R_SEND, R_TRAP, R_ONCE, R_ANSWERS, R_HIDDEN, R_YOUNG, R_AWAY,
	R_FULL, R_EMAIL, R_MAIL, R__COUNT };

static const struct view_name review_names[] = {
	[R_TITLE] = { "title", NULL },
	[R_SEND] = { "send", NULL },
	[R_TRAP] = { "trap", NULL },
	[R_ONCE] = { "once", NULL },
	[R_ANSWERS] = { "answers", answer_section_names },
	[R_HIDDEN] = { "hidden", form_hidden_names },
	[R_YOUNG] = { "young", NULL },
	[R_AWAY] = { "away", NULL },
	[R_FULL] = { "full", NULL },
	[R_EMAIL] = { "email", NULL },		/* where the receipt can go */
	[R_MAIL] = { "mail", NULL },		/* it is to */
	[R__COUNT] = { NULL, NULL }
};

/* The page that a GET shows.  For everybody it is the same but for the token in it. */
struct kept {
	char		*text;		/* NULL: not made yet */
	size_t		 len, token;	/* where the token begins */
};

struct intake {
	const struct desk	*desk;
	struct form		*form;
	struct sealer		 sealer, mail;
	bool			 mails;
	struct page		 ask, review;
	struct form_answers	*empty;
	struct kept		 kept[LANGUAGES_MAX];
	time_t			 units_until;	/* when to look for units again */
	uint64_t		 units_hash;	/* of those that are offered */
};

/* Seconds for which the units that a form offers may be old. */
enum { UNITS_SECONDS = 10 };

struct intake *
intake_new(const void *ctx, struct app *app, const struct desk *desk)
{
	struct intake	*in = talloc_zero(ctx, struct intake);
	char		 name[64];

	if (in == NULL)
		log_stop("no memory");
	snprintf(name, sizeof(name), "%s.pub", desk->name);
	seal_read_key(&in->sealer.to, app->settings->key_dir, name);
	in->mails = notice_start(&in->mail, app->settings);
	in->desk = desk;
	in->form = form_read(in, app->settings, desk->form);
	in->empty = form_empty(in, in->form);
	page_compile(in, app->settings, &in->ask, "intake.html", ask_names);
	page_compile(in, app->settings, &in->review, "review.html",
	    review_names);
	return in;
}

/* ---- the units there are ---- */

static uint64_t
hash_units(const struct units *units)
{
	crypto_generichash_state	st;
	uint64_t			out;
	unsigned char			hash[crypto_generichash_BYTES_MIN];

	crypto_generichash_init(&st, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < units->n; i++) {
		const struct unit	*unit = &units->at[i];
		unsigned char		 kind = (unsigned char)unit->kind;

		crypto_generichash_update(&st, &kind, 1);
		crypto_generichash_update(&st, (const unsigned char *)unit->slug,
		    strlen(unit->slug) + 1);
		crypto_generichash_update(&st, (const unsigned char *)unit->name,
		    strlen(unit->name) + 1);
	}
	crypto_generichash_final(&st, hash, sizeof(hash));
	memcpy(&out, hash, sizeof(out));
	return out;
}

/* Offer other units, and make the pages that show them anew. */
static void
offer(struct intake *in, const struct units *units)
{
	uint64_t hash = hash_units(units);

	if (hash == in->units_hash || form_units(in->form, units) != OUT_OK)
		return;
	in->units_hash = hash;
	talloc_free(in->empty);
	in->empty = form_empty(in, in->form);
	for (size_t i = 0; i < LANGUAGES_MAX; i++) {
		talloc_free(in->kept[i].text);
		in->kept[i].text = NULL;
	}
}

/* While the store is away, those that were known last are offered. */
const struct form *
intake_form(struct request *rq, struct intake *in)
{
	struct units	units;

	if (!form_wants_units(in->form) || rq->now < in->units_until)
		return in->form;
	in->units_until = rq->now + UNITS_SECONDS;
	db_hasty(rq->app->db, true);
	if (unit_all(rq->app->db, rq, &units) == OUT_OK)
		offer(in, &units);
	db_hasty(rq->app->db, false);
	return in->form;
}

/* ---- pages ---- */

static const char *
trap_value(const struct request *rq)
{
	const char *got = pairs_find(&rq->body, TRAP);

	return got != NULL ? got : "";
}

/* NULL where the token itself stands for one form. */
static const char *
once_value(struct request *rq)
{
	const char	*got = pairs_find(&rq->body, ONCE);
	char		*text;

	if (rq->session == NULL || got != NULL)
		return rq->session == NULL ? NULL : got;
	if ((text = talloc_size(rq, TOKEN_TEXT)) != NULL)
		token_new(text, &rq->app->form_key, ONCE, rq->now);
	return text;
}

enum why { WHY_ASKED = 1, WHY_EXPIRED, WHY_YOUNG, WHY_AWAY, WHY_FULL };

static enum outcome
show_form(struct request *rq, const struct intake *in,
    const struct form_answers *answers, enum why why)
{
	struct view *v = view_new(rq, ask_names);

	view_text(v, I_TITLE, in->form->title.in[rq->lang]);
	view_text(v, I_INTRO, in->form->intro.in[rq->lang]);
	view_text(v, I_SEEN, in->form->seen.in[rq->lang]);
	view_text(v, I_KEPT, in->form->kept.in[rq->lang]);
	view_text(v, I_TRAP, trap_value(rq));
	view_text(v, I_ONCE, once_value(rq));
	view_flag(v, I_EXPIRED, why == WHY_EXPIRED);
	form_view_errors(v, I_ERRORS, answers, rq->lang);
	form_view(v, I_SECTIONS, answers, rq->lang);
	rq->canonical = rq->path;
	return page_send(rq, &in->ask, v, why == WHY_ASKED &&
	    answers->n_errors == 0 ? 200 : 422);
}

/* `mails`: the receipt can be sent. */
static enum outcome
show_review(struct request *rq, const struct intake *in,
    const struct form_answers *answers, bool mails, enum why why)
{
	struct view *v = view_new(rq, review_names);

	view_text(v, R_TITLE, in->form->title.in[rq->lang]);
	view_text(v, R_SEND, in->form->send.in[rq->lang]);
	view_text(v, R_TRAP, trap_value(rq));
	view_text(v, R_ONCE, once_value(rq));
	view_flag(v, R_YOUNG, why == WHY_YOUNG);
	view_flag(v, R_AWAY, why == WHY_AWAY);
	view_flag(v, R_FULL, why == WHY_FULL);
	if (mails)
		view_text(v, R_EMAIL, notice_address(answers));
	view_flag(v, R_MAIL, pairs_find(&rq->body, MAIL) != NULL);
	form_view_answers(v, R_ANSWERS, answers, rq->lang);
	form_view_hidden(v, R_HIDDEN, answers);
	if (why == WHY_AWAY || why == WHY_FULL)
		http_header(rq, "Retry-After", "30");
	return page_send(rq, &in->review, v, why == WHY_ASKED ? 200 :
	    why == WHY_AWAY || why == WHY_FULL ? 503 : 422);
}

/* ---- handing it in ---- */

enum outcome
intake_seal(struct request *rq, struct intake *in,
    const struct form_answers *answers, struct submission *s, struct code *code)
{
	const struct token	*token = rq->token;
	struct token		 once;
	struct key		 secret;
	enum outcome		 got;

	if (token == NULL) {
		if (token_read(&once, &rq->app->form_key, ONCE,
		    pairs_find(&rq->body, ONCE)) != OUT_OK)
			return OUT_FORBIDDEN;
		token = &once;
	}
	/* The nonce stands nowhere but in the page, so the store and the form key
	 * together cannot derive the receipt again. */
	seal_derive(&secret, &rq->app->form_key, "submission", token->nonce,
	    sizeof(token->nonce));
	got = submission_seal(rq, s, in->desk, &in->sealer, &secret, answers,
	    rq->words->lang, rq->now, code);
	s->suspect = *trap_value(rq) != '\0';
	sodium_memzero(&secret, sizeof(secret));
	return got;
}

/*
 * Store it, or spool it while the store is away: also when that broke off in the middle
 * and nobody knows whether it was stored; whoever files the spool will see.
 */
static enum outcome
hand_in(struct request *rq, const struct submission *s, bool *stored)
{
	enum outcome got;

	db_hasty(rq->app->db, true);
	got = submission_add(rq->app->db, s);
	db_hasty(rq->app->db, false);
	*stored = got == OUT_OK || got == OUT_CONFLICT;
	if (got != OUT_AWAY)
		return got;
	/* Neither here nor there (logged): who sent it keeps it, and is told. */
	got = spool_put(rq->settings, s);
	return got == OUT_FAULT ? OUT_AWAY : got;
}

/* The receipt by mail, to who asked for it.  The page shows it anyway, so what goes wrong is our
 * matter; and what a machine may have sent goes out to nobody. */
static void
mail_receipt(struct request *rq, struct intake *in, const struct form_answers *answers,
    const struct submission *s, const struct code *code)
{
	enum outcome got;

	if (!in->mails || s->suspect || pairs_find(&rq->body, MAIL) == NULL)
		return;
	db_hasty(rq->app->db, true);
	got = notice_add(rq->app->db, &in->mail, rq->now, answers, rq->words->lang,
	    &code->key, MAIL_RECEIPT, 0, code->text);
	db_hasty(rq->app->db, false);
	if (got != OUT_OK)
		log_error("receipt", "reason", outcome_word(got), NULL);
}

static enum outcome
send(struct request *rq, struct intake *in, const struct form_answers *answers)
{
	struct submission	s;
	struct code		code;
	bool			stored;
	enum outcome		got;

	if ((got = intake_seal(rq, in, answers, &s, &code)) != OUT_OK)
		return got;
	got = hand_in(rq, &s, &stored);
	if (got != OUT_OK && got != OUT_CONFLICT)
		return got;
	if (stored)
		mail_receipt(rq, in, answers, &s, &code);
	if (receipt_remember(rq, &rq->app->form_key, RECEIPT_SUBMISSION, &code,
	    got == OUT_OK ? RECEIPT_NEW : RECEIPT_REPEATED) != OUT_OK)
		return OUT_FAULT;
	return http_see_other(rq, "/receipt");
}

/* ---- the way through the form ---- */

/* Keep the page that was just made, if its token stands there once. */
static void
keep(struct intake *in, struct kept *kept, const struct request *rq)
{
	const char *token = rq->token_text, *page = rq->out->data, *at;

	if (token == NULL || (at = strstr(page, token)) == NULL ||
	    strstr(at + 1, token) != NULL)
		return;
	kept->token = (size_t)(at - page);
	kept->len = rq->out->len;
	kept->text = talloc_memdup(in, page, kept->len);
}

/* The empty form, as it was made once, with another token in it. */
static enum outcome
show_kept(struct request *rq, struct intake *in)
{
	struct kept	*kept = &in->kept[rq->lang];
	const char	*token = rq->token_text;
	enum outcome	 got;

	if (kept->text == NULL) {
		got = show_form(rq, in, in->empty, WHY_ASKED);
		if (got == OUT_OK)
			keep(in, kept, rq);
		return got;
	}
	if (token == NULL)
		return OUT_FAULT;
	buf_add(rq->out, kept->text, kept->token);
	buf_add(rq->out, token, TOKEN_TEXT - 1);
	buf_add(rq->out, kept->text + kept->token + TOKEN_TEXT - 1,
	    kept->len - kept->token - (TOKEN_TEXT - 1));
	return OUT_OK;
}

static bool
is_step(const struct request *rq, const char *step)
{
	const char *got = pairs_find(&rq->body, STEP);

	return got != NULL && strcmp(got, step) == 0;
}

enum outcome
intake_ask(struct request *rq, struct intake *in,
    const struct form_answers *answers)
{
	intake_form(rq, in);
	return show_form(rq, in, answers != NULL ? answers : in->empty, WHY_ASKED);
}

enum outcome
intake_answer(struct request *rq, struct intake *in,
    enum outcome (*handler)(struct request *, struct intake *,
    const struct form_answers *))
{
	const bool		 mails = in->mails && handler == send;
	struct form_answers	*answers;
	enum outcome		 got;

	got = form_parse(rq, intake_form(rq, in), &rq->body, rq->lang, &answers);
	if (got == OUT_FAULT)
		return got;
	if (is_step(rq, "change"))
		form_forgive(answers);
	if (is_step(rq, "change") || got == OUT_INVALID)
		return show_form(rq, in, answers, WHY_ASKED);
	if (!is_step(rq, "send"))
		return show_review(rq, in, answers, mails, WHY_ASKED);
	if (rq->token != NULL && token_age(rq->token, rq->now,
	    rq->settings->form_least, rq->settings->form_greatest) == TOKEN_YOUNG)
		return show_review(rq, in, answers, mails, WHY_YOUNG);
	got = handler(rq, in, answers);
	return got == OUT_AWAY ? show_review(rq, in, answers, mails, WHY_AWAY) :
	    got == OUT_LIMITED ? show_review(rq, in, answers, mails, WHY_FULL) : got;
}

enum outcome
intake_late(struct request *rq, struct intake *in)
{
	struct form_answers *answers;

	if (form_parse(rq, intake_form(rq, in), &rq->body, rq->lang, &answers) ==
	    OUT_FAULT)
		return OUT_FAULT;
	if (is_step(rq, "change"))
		form_forgive(answers);
	return show_form(rq, in, answers, WHY_EXPIRED);
}

/* ---- handlers ---- */

enum outcome
intake_show(struct request *rq)
{
	intake_form(rq, rq->app->own);
	return show_kept(rq, rq->app->own);
}

enum outcome
intake_take(struct request *rq)
{
	return intake_answer(rq, rq->app->own, send);
}

enum outcome
intake_again(struct request *rq)
{
	return intake_late(rq, rq->app->own);
}
