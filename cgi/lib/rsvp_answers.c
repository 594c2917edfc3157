/*
 * rsvp_answers.c: from the answers of the site's form to an RSVP as it is stored, and back.  See
 * openhall/rsvp.h.
 */
#include "openhall/rsvp.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/desk.h"
#include "openhall/log.h"
#include "openhall/notice.h"
#include "openhall/text.h"

/* ---- the form ---- */

size_t
rsvp_field(const struct form *form, const char *name)
{
	size_t	i = 0;

	while (i < form->n_fields && strcmp(form->fields[i].name, name) != 0)
		i++;
	return i;
}

static const struct form_field *
needed(const struct form *form, const char *path, const char *name)
{
	size_t	i = rsvp_field(form, name);

	if (i == form->n_fields || !form->fields[i].required)
		log_stop("%s: there must be a required question \"%s\"", path, name);
	return &form->fields[i];
}

static void
check_form(const struct form *form, const char *path)
{
	const struct form_field	*answer = needed(form, path, "answer");
	const struct form_field	*people = needed(form, path, "people");
	size_t			 known = 0;

	needed(form, path, "name");
	for (size_t c = 0; c < answer->n_choices; c++)
		for (size_t i = 0; i < RSVP_ANSWERS; i++)
			known += strcmp(answer->choices[c].value, rsvp_answer_names[i]) == 0;
	if (answer->kind != FIELD_ONE || known != RSVP_ANSWERS ||
	    answer->n_choices != RSVP_ANSWERS)
		log_stop("%s: the choices of \"answer\" must be coming, perhaps and not", path);
	if (people->kind != FIELD_LINE && people->kind != FIELD_ONE)
		log_stop("%s: \"people\" must be a line or one choice", path);
}

static void
form_path(char path[PATH_MAX], const struct settings *settings)
{
	if (snprintf(path, PATH_MAX, "%s/forms/%s.xml", settings->site_dir,
	    desks[DESK_EVENTS].form) >= PATH_MAX)
		log_stop("%s: the path is too long", settings->site_dir);
}

bool
rsvp_is_on(const struct settings *settings)
{
	char	path[PATH_MAX];

	form_path(path, settings);
	return access(path, F_OK) == 0;
}

struct form *
rsvp_form(const void *ctx, const struct settings *settings)
{
	char		 path[PATH_MAX];
	struct form	*form;

	if (!rsvp_is_on(settings))
		return NULL;
	form_path(path, settings);
	form = form_read(ctx, settings, desks[DESK_EVENTS].form);
	check_form(form, path);
	return form;
}

/* ---- what it says ---- */

/* The first value of a question; NULL: not asked, or not answered. */
static const char *
value(const struct form_answers *answers, const char *name)
{
	size_t	i = rsvp_field(answers->form, name);

	return i == answers->form->n_fields ? NULL : answers->values[i][0];
}

static enum rsvp_answer
answer_of(const struct form_answers *answers)
{
	const char		*said = value(answers, "answer");
	enum rsvp_answer	 answer = RSVP_COMING;

	while (said != NULL && answer < RSVP_ANSWERS &&
	    strcmp(said, rsvp_answer_names[answer]) != 0)
		answer++;
	return said == NULL ? RSVP_ANSWERS : answer;
}

/* 0: it says no number from 1 to EVENT_PEOPLE_MAX. */
static int
people_of(const struct form_answers *answers)
{
	const char	*said = value(answers, "people");

	if (said == NULL || said[0] < '1' || said[0] > '0' + EVENT_PEOPLE_MAX || said[1] != '\0')
		return 0;
	return said[0] - '0';
}

static bool
wants_reminder(const struct form_answers *answers)
{
	return value(answers, "remind") != NULL;
}

static void
forgive(struct form_answers *answers, const char *name)
{
	size_t	i = rsvp_field(answers->form, name);

	if (i < answers->form->n_fields && answers->errors[i] != NULL) {
		answers->errors[i] = NULL;
		answers->n_errors--;
	}
}

void
rsvp_complain(struct form_answers *answers, const char *name, const char *message)
{
	size_t	i = rsvp_field(answers->form, name);

	if (i == answers->form->n_fields)
		return;
	answers->n_errors += answers->errors[i] == NULL;
	answers->errors[i] = message;
}

enum outcome
rsvp_check(struct form_answers *answers, const struct site_words *words, bool mail)
{
	const char	*address = value(answers, "email");

	if (answer_of(answers) == RSVP_NOT)
		forgive(answers, "people");
	else if (value(answers, "people") != NULL && people_of(answers) == 0)
		rsvp_complain(answers, "people", text_in(words, "Give a number from 1 to 9."));
	if ((mail || wants_reminder(answers)) && address == NULL)
		rsvp_complain(answers, "email", text_in(words,
		    "Give an address to which we can write, or untick what asks for mail."));
	return answers->n_errors == 0 ? OUT_OK : OUT_INVALID;
}

/* ---- sealing ---- */

static enum outcome
seal_answers(const void *ctx, struct rsvp *r, const struct key *content,
    const struct form_answers *answers, const char *lang)
{
	struct buf	*text = buf_new(ctx, 1024);
	enum outcome	 got;

	if (text == NULL)
		return OUT_FAULT;
	form_store(answers, lang, text);
	if (text->failed)
		return OUT_FAULT;
	got = seal_body(ctx, content, &r->id, "answers", text->data, text->len, &r->body);
	sodium_memzero(text->data, text->len);
	return got;
}

/* Only of who may come: to whom else would there be anything to say? */
static enum outcome
seal_address(const void *ctx, struct rsvp *r, const struct form_answers *answers,
    struct sealer *mail, int64_t now)
{
	const char	*address = notice_address(answers);

	r->address = (struct bytes){ "", 0 };
	r->remind = false;
	if (mail == NULL || address == NULL || r->answer == RSVP_NOT)
		return OUT_OK;
	r->remind = wants_reminder(answers);
	return mail_seal(ctx, mail, now, &r->id, address, &r->address) == OUT_OK ?
	    OUT_OK : OUT_FAULT;
}

enum outcome
rsvp_answer(const void *ctx, struct rsvp *r, const struct key *content,
    const struct form_answers *answers, const char *lang, struct sealer *mail, int64_t now)
{
	enum outcome	got;

	r->answer = answer_of(answers);
	r->people = people_of(answers);
	r->lang = lang;
	if (r->answer == RSVP_NOT && r->people == 0)
		r->people = 1;
	if (r->answer == RSVP_ANSWERS || r->people == 0)
		return OUT_FAULT;	/* rsvp_check() was not asked */
	got = seal_answers(ctx, r, content, answers, lang);
	return got == OUT_OK ? seal_address(ctx, r, answers, mail, now) : got;
}

enum outcome
rsvp_seal(const void *ctx, struct rsvp *r, const struct key *secret, struct sealer *desk,
    const struct form_answers *answers, const char *lang, struct sealer *mail, int64_t now,
    struct code *receipt)
{
	unsigned char	*desk_key = talloc_size(ctx, SEALED_KEY_LEN);
	unsigned char	*receipt_key = talloc_size(ctx, WRAP_LEN);
	struct key	 derived, content;
	enum outcome	 got;

	if (desk_key == NULL || receipt_key == NULL)
		return OUT_FAULT;
	*r = (struct rsvp){ .desk_key = { desk_key, SEALED_KEY_LEN },
	    .receipt_key = { receipt_key, WRAP_LEN } };
	seal_derive(&derived, secret, "id", NULL, 0);
	memcpy(r->id.at, derived.at, ID_LEN);
	seal_derive(&derived, secret, "receipt", NULL, 0);
	code_from(receipt, &derived);
	memcpy(r->receipt, receipt->lookup.at, KEY_LEN);
	randombytes_buf(content.at, KEY_LEN);
	seal_to(desk_key, desk, now, &r->id, &content);
	seal_wrap(receipt_key, &receipt->key, &r->id, "receipt", &content);
	got = rsvp_answer(ctx, r, &content, answers, lang, mail, now);
	sodium_memzero(&content, sizeof(content));
	sodium_memzero(&derived, sizeof(derived));
	return got;
}

enum outcome
rsvp_unwrap(struct key *content, const struct rsvp *r, const struct code *code)
{
	return seal_unwrap(content, &code->key, &r->id, "receipt", r->receipt_key);
}

enum outcome
rsvp_open(const void *ctx, const struct id *id, const struct key *content, struct bytes body,
    const struct form *form, struct form_answers **answers, struct pairs *strays)
{
	struct bytes	text;
	enum outcome	got;

	if ((got = seal_open(ctx, content, id, "answers", body, &text)) != OUT_OK)
		return got;
	return form_load(ctx, form, text.data, text.len, answers, strays) == OUT_OK ?
	    OUT_OK : OUT_FAULT;
}
