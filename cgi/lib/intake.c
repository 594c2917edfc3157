/*
 * intake.c: see openhall/intake.h.  Runs under the account of the program that takes the
 * form in, which may insert submissions and read nothing back.
 */
#include "openhall/intake.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/form.h"
#include "openhall/log.h"
#include "openhall/receipt.h"
#include "openhall/when.h"

enum { Q_SUBMISSION_ADD, Q__COUNT };

const struct db_query intake_queries[] = {	/* takes, gives, sql */
	[Q_SUBMISSION_ADD] = { "bssiibbbb", "",
	    "INSERT INTO submission (id, desk, form, suspect, received_day,"
	    " receipt, desk_key, receipt_key, body)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" },
};
const size_t intake_n_queries = Q__COUNT;

/* The fields that every intake has beside its form's own.  A person never sees TRAP. */
static const char TRAP[] = "website", STEP[] = "step";

enum { I_TITLE, I_INTRO, I_TRAP, I_ERRORS, I_SECTIONS, I_EXPIRED,
	I__COUNT };

static const struct view_name ask_names[] = {
	[I_TITLE] = { "title", NULL },
	[I_INTRO] = { "intro", NULL },
	[I_TRAP] = { "trap", NULL },
	[I_ERRORS] = { "errors", form_error_names },
	[I_SECTIONS] = { "sections", form_section_names },
	[I_EXPIRED] = { "expired", NULL },
	[I__COUNT] = { NULL, NULL }
};

/* The same page before sending: answers to be read, and carried in hidden fields. */
enum { R_TITLE, R_SEND, R_TRAP, R_ANSWERS, R_HIDDEN, R_YOUNG, R_AWAY,
	R__COUNT };

static const struct view_name review_names[] = {
	[R_TITLE] = { "title", NULL },
	[R_SEND] = { "send", NULL },
	[R_TRAP] = { "trap", NULL },
	[R_ANSWERS] = { "answers", answer_section_names },
	[R_HIDDEN] = { "hidden", form_hidden_names },
	[R_YOUNG] = { "young", NULL },
	[R_AWAY] = { "away", NULL },
	[R__COUNT] = { NULL, NULL }
};

/* The page that a GET shows.  For everybody it is the same but for the token in it. */
struct kept {
	const char	*text;		/* NULL: not made yet */
	size_t		 len, token;	/* where the token begins */
};

struct intake {
	const char		*desk;
	const struct form	*form;
	struct sealer		 sealer;
	struct page		 ask, review;
	struct form_answers	*empty;
	struct kept		 kept[LANGUAGES_MAX];
};

void *
intake_new(struct app *app, const char *desk, const char *form)
{
	struct intake	*in = talloc_zero(app, struct intake);
	char		 name[64];

	if (in == NULL)
		log_stop("no memory");
	snprintf(name, sizeof(name), "%s.pub", desk);
	seal_read_key(&in->sealer.to, app->settings->key_dir, name);
	in->desk = desk;
	in->form = form_read(in, app->settings, form);
	in->empty = form_empty(in, in->form);
	page_compile(in, app->settings, &in->ask, "intake.html", ask_names);
	page_compile(in, app->settings, &in->review, "review.html",
	    review_names);
	return in;
}

static const char *
trap_value(const struct request *rq)
{
	const char *got = pairs_find(&rq->body, TRAP);

	return got != NULL ? got : "";
}

enum why { WHY_ASKED = 1, WHY_EXPIRED, WHY_YOUNG, WHY_AWAY };

static enum outcome
show_form(struct request *rq, const struct form_answers *answers, enum why why)
{
	const struct intake	*in = rq->app->own;
	struct view		*v = view_new(rq, ask_names);

	view_text(v, I_TITLE, in->form->title.in[rq->lang]);
	view_text(v, I_INTRO, in->form->intro.in[rq->lang]);
	view_text(v, I_TRAP, trap_value(rq));
	view_flag(v, I_EXPIRED, why == WHY_EXPIRED);
	form_view_errors(v, I_ERRORS, answers, rq->lang);
	form_view(v, I_SECTIONS, answers, rq->lang);
	return page_send(rq, &in->ask, v, why == WHY_ASKED &&
	    answers->n_errors == 0 ? 200 : 422);
}

static enum outcome
show_review(struct request *rq, const struct form_answers *answers, enum why why)
{
	const struct intake	*in = rq->app->own;
	struct view		*v = view_new(rq, review_names);

	view_text(v, R_TITLE, in->form->title.in[rq->lang]);
	view_text(v, R_SEND, in->form->send.in[rq->lang]);
	view_text(v, R_TRAP, trap_value(rq));
	view_flag(v, R_YOUNG, why == WHY_YOUNG);
	view_flag(v, R_AWAY, why == WHY_AWAY);
	form_view_answers(v, R_ANSWERS, answers, rq->lang);
	form_view_hidden(v, R_HIDDEN, answers);
	if (why == WHY_AWAY)
		http_header(rq, "Retry-After", "30");
	return page_send(rq, &in->review, v, why == WHY_ASKED ? 200 :
	    why == WHY_AWAY ? 503 : 422);
}

/*
 * Seal the answers and store them; `code` is their receipt.  OUT_CONFLICT: this form was
 * sent before, and `code` is the receipt of that.
 */
static enum outcome
submit(struct request *rq, const struct form_answers *answers,
    struct code *code)
{
	struct intake	*in = rq->app->own;
	struct key	 secret, derived, content;
	struct id	 id;
	unsigned char	 desk_key[SEALED_KEY_LEN], receipt_key[WRAP_LEN];
	struct buf	*text = buf_new(rq, 4096);
	struct bytes	 body;
	enum outcome	 got;

	if (text == NULL)
		return OUT_FAULT;
	form_store(answers, rq->words->lang, text);
	if (text->failed)
		return OUT_FAULT;

	/* The nonce stands nowhere but in the visitor's page, so the store and the
	 * form key together cannot derive the receipt again. */
	seal_derive(&secret, &rq->app->form_key, "submission", rq->token->nonce,
	    sizeof(rq->token->nonce));
	seal_derive(&derived, &secret, "id", NULL, 0);
	memcpy(id.at, derived.at, ID_LEN);
	seal_derive(&derived, &secret, "receipt", NULL, 0);
	code_from(code, &derived);

	randombytes_buf(content.at, KEY_LEN);
	if ((got = seal_body(rq, &content, &id, "answers", text->data,
	    text->len, &body)) == OUT_OK) {
		seal_to(desk_key, &in->sealer, rq->now, &id, &content);
		seal_wrap(receipt_key, &code->key, &id, "receipt", &content);
		got = db_run(rq->app->db, &intake_queries[Q_SUBMISSION_ADD],
		    NULL, DB_BYTES(id.at, ID_LEN), DB_TEXT(in->desk),
		    DB_TEXT(in->form->name), DB_INT(*trap_value(rq) != '\0'),
		    DB_INT(when_day_of(rq->now)),
		    DB_BYTES(code->lookup.at, KEY_LEN),
		    DB_BYTES(desk_key, SEALED_KEY_LEN),
		    DB_BYTES(receipt_key, WRAP_LEN),
		    DB_BYTES(body.data, body.len));
	}
	sodium_memzero(&content, sizeof(content));
	sodium_memzero(&secret, sizeof(secret));
	sodium_memzero(text->data, text->len);
	return got;
}

static enum outcome
send(struct request *rq, const struct form_answers *answers)
{
	struct code	code;
	enum outcome	got;

	if (token_age(rq->token, rq->now, rq->settings->form_least,
	    rq->settings->form_greatest) == TOKEN_YOUNG)
		return show_review(rq, answers, WHY_YOUNG);
	got = submit(rq, answers, &code);
	if (got == OUT_AWAY)
		return show_review(rq, answers, WHY_AWAY);
	if (got != OUT_OK && got != OUT_CONFLICT)
		return got;
	if (receipt_remember(rq, &rq->app->form_key, &code, got == OUT_OK ?
	    RECEIPT_NEW : RECEIPT_REPEATED) != OUT_OK)
		return OUT_FAULT;
	return http_see_other(rq, "/receipt");
}

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

enum outcome
intake_show(struct request *rq)
{
	struct intake	*in = rq->app->own;
	struct kept	*kept = &in->kept[rq->lang];
	const char	*token = rq->token_text;
	enum outcome	 got;

	if (kept->text == NULL) {
		got = show_form(rq, in->empty, WHY_ASKED);
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

/* Take the messages back: who is not done yet (or changes the language) has made no
 * mistake. */
static void
forgive(struct form_answers *answers)
{
	for (size_t i = 0; i < answers->form->n_fields; i++)
		answers->errors[i] = NULL;
	answers->n_errors = 0;
}

enum outcome
intake_take(struct request *rq)
{
	const struct intake	*in = rq->app->own;
	struct form_answers	*answers;
	enum outcome		 got;

	got = form_parse(rq, in->form, &rq->body, rq->lang, &answers);
	if (got == OUT_FAULT)
		return got;
	if (is_step(rq, "change"))
		forgive(answers);
	if (is_step(rq, "change") || got == OUT_INVALID)
		return show_form(rq, answers, WHY_ASKED);
	if (is_step(rq, "send"))
		return send(rq, answers);
	return show_review(rq, answers, WHY_ASKED);
}

enum outcome
intake_again(struct request *rq)
{
	const struct intake	*in = rq->app->own;
	struct form_answers	*answers;

	if (form_parse(rq, in->form, &rq->body, rq->lang, &answers) == OUT_FAULT)
		return OUT_FAULT;
	if (is_step(rq, "change"))
		forgive(answers);
	return show_form(rq, answers, WHY_EXPIRED);
}
