/*
 * form.c: answers to a form: taken from a body, checked, sealed as text and read back.
 * What is wrong stays as it was typed, beside the message of what to do about it.
 */
#include "form.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/text.h"

#define WHITE " \t\r\n"

enum { STORED_PAIRS_MAX = 4096, TEL_LEAST = 7, TEL_MOST = 15 /* E.164 */ };

/* What is said where the form file says nothing of its own. */
static const char *const advice[FIELD__COUNT] = {
	[FIELD_LINE] = N_("Write an answer here."),
	[FIELD_TEXT] = N_("Write an answer here."),
	[FIELD_EMAIL] = N_("Give an e-mail address such as name@example.org."),
	[FIELD_TEL] = N_("Give a telephone number in digits, such as 212 555 0100."),
	[FIELD_ONE] = N_("Choose one of the answers."),
	[FIELD_MANY] = N_("Choose from the answers."),
	[FIELD_CHECK] = N_("Tick this box to go on."),
	[FIELD_AMOUNT] = N_("Write an amount as a number, such as 5 or 7.50."),
};

/* One answer being checked. */
struct check {
	const void			*ctx;
	const struct form_field		*field;
	const struct site_words		*words;
	size_t				 lang;
	const char			*error;		/* what to do, if anything */
	bool				 failed;	/* no memory */
};

/* ---- texts ---- */

size_t
form_characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Whether a control character (Unicode category Cc) other than a wanted LF is in it. */
static bool
has_control(const char *text, bool lines)
{
	for (const unsigned char *at = (const unsigned char *)text; *at != '\0';
	    at++) {
		if ((*at < 0x20 && !(lines && *at == '\n')) || *at == 0x7f ||
		    (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
			return true;
	}
	return false;
}

/* `raw` without its outer white space, with LF for CRLF and CR, a space for a tab.  NULL: no
 * memory. */
static const char *
clean(const void *ctx, const char *raw)
{
	size_t	 len;
	char	*copy, *to;

	raw += strspn(raw, WHITE);
	len = strlen(raw);
	if (len == 0 || (strchr(WHITE, raw[len - 1]) == NULL &&
	    strpbrk(raw, "\t\r") == NULL))
		return raw;
	while (strchr(WHITE, raw[len - 1]) != NULL)
		len--;
	if ((copy = to = talloc_strndup(ctx, raw, len)) == NULL)
		return NULL;
	for (const char *at = copy; *at != '\0'; at++) {
		if (*at == '\r' && at[1] == '\n')
			continue;
		*to++ = *at == '\r' ? '\n' : *at == '\t' ? ' ' : *at;
	}
	*to = '\0';
	return copy;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* A valid e-mail address (WHATWG HTML, 4.10.5.1.5): a name, an @, and labels of at most 63
 * letters, digits and inner hyphens with dots between. */
static bool
is_email(const char *text)
{
	const char	*at = text;
	size_t		 label = 0;

	while (*at != '\0' && (is_alnum(*at) ||
	    strchr(".!#$%&'*+/=?^_`{|}~-", *at) != NULL))
		at++;
	if (at == text || *at++ != '@')
		return false;
	for (; *at != '\0'; at++) {
		if (*at == '.' ? label == 0 || at[-1] == '-' :
		    !is_alnum(*at) && (*at != '-' || label == 0))
			return false;
		label = *at == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && at[-1] != '-';
}

/* Towards E.164: a leading + and the digits.  What people put between digits goes, also
 * the (0) that is not dialled from abroad.  NULL with c->failed unset: no number. */
static const char *
tel(struct check *c, const char *text)
{
	char	*number = talloc_strdup(c->ctx, text), *to = number;
	size_t	 digits;

	if (number == NULL) {
		c->failed = true;
		return NULL;
	}
	if (*text == '+')
		*to++ = *text++;
	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9')
			*to++ = *text;
		else if (*number == '+' && strncmp(text, "(0)", 3) == 0)
			text += 2;
		else if (strchr(" -./()", *text) == NULL)
			return NULL;
	}
	*to = '\0';
	digits = strlen(number) - (*number == '+');
	return digits >= TEL_LEAST && digits <= TEL_MOST ? number : NULL;
}

bool
form_cents(const char *text, const char *currency, long *cents)
{
	const size_t	 mark = strlen(currency);
	size_t		 len, whole;

	if (mark > 0 && strncmp(text, currency, mark) == 0)
		text += mark;
	text += strspn(text, " ");
	len = strlen(text);
	if (mark > 0 && len > mark &&
	    strcmp(text + len - mark, currency) == 0)
		len -= mark;
	while (len > 0 && text[len - 1] == ' ')
		len--;
	whole = strspn(text, "0123456789");
	if (whole == 0 || whole > 7)
		return false;
	*cents = 0;
	for (size_t i = 0; i < whole; i++)
		*cents = *cents * 10 + (text[i] - '0');
	*cents *= 100;
	if (len == whole)
		return true;
	if (len != whole + 3 || strchr(".,", text[whole]) == NULL ||
	    strspn(text + whole + 1, "0123456789") < 2)
		return false;
	*cents += (text[whole + 1] - '0') * 10 + (text[whole + 2] - '0');
	return true;
}

static const char *
amount(struct check *c, const char *text)
{
	long	 cents;
	char	*out;

	if (!form_cents(text, c->field->currency, &cents) ||
	    cents < c->field->amount_least)
		return NULL;
	out = cents % 100 == 0 ?
	    talloc_asprintf(c->ctx, "%ld", cents / 100) :
	    talloc_asprintf(c->ctx, "%ld.%02ld", cents / 100, cents % 100);
	c->failed = out == NULL;
	return out;
}

/* A pattern that runs into its limits has not matched; the operator is told which. */
static bool
matches(struct check *c, const char *text)
{
	pcre2_code		*pattern = c->field->pattern;
	pcre2_match_data	*data;
	char			 number[16];
	int			 got;

	if (pattern == NULL)
		return true;
	if ((data = pcre2_match_data_create(1, NULL)) == NULL) {
		c->failed = true;
		return false;
	}
	got = pcre2_match(pattern, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0,
	    data, NULL);
	pcre2_match_data_free(data);
	if (got < 0 && got != PCRE2_ERROR_NOMATCH) {
		snprintf(number, sizeof(number), "%d", got);
		log_error("form-pattern", "field", c->field->name, "pcre2", number,
		    NULL);
	}
	return got >= 0;
}

/* ---- one question ---- */

/* Say what to do: in the words of the file, or in ours. */
static void
advise(struct check *c)
{
	const char *own = c->field->error.in[c->lang];

	c->error = own != NULL ? own : text_in(c->words, advice[c->field->kind]);
}

/* The same with a count, in a message of its own; NULL: no memory. */
static void
advise_text(struct check *c, const char *text)
{
	c->error = text;
	c->failed = text == NULL;
}

/* The length of an answer that is typed, and what is in it. */
static void
check_typed(struct check *c, const char *text)
{
	const struct form_field	*field = c->field;
	const size_t		 len = form_characters(text);

	if (has_control(text, field->kind == FIELD_TEXT))
		c->error = text_in(c->words, field->kind == FIELD_TEXT ?
		    N_("Take out the characters that cannot be shown.") :
		    N_("Write this on one line, without characters that cannot "
		    "be shown."));
	else if (len > field->most)
		advise_text(c, talloc_asprintf(c->ctx, text_in_n(c->words,
		    "Shorten this by %zu character.",
		    "Shorten this by %zu characters.", len - field->most),
		    len - field->most));
	else if (len < field->least || !matches(c, text))
		advise(c);
}

/* The one value of a question, checked; what comes back is how it is kept. */
static const char *
check_value(struct check *c, const char *raw)
{
	const enum field_kind	 kind = c->field->kind;
	const char		*text = clean(c->ctx, raw);

	if (text == NULL) {
		c->failed = true;
		return raw;
	}
	if (kind == FIELD_ONE || kind == FIELD_CHECK) {
		if (kind == FIELD_ONE ? form_choice(c->field, text) == NULL :
		    strcmp(text, FORM_YES) != 0)
			advise(c);
		return text;
	}
	check_typed(c, text);
	if (c->error != NULL || c->failed)
		return raw;
	if (kind == FIELD_TEL)
		text = tel(c, text);
	else if (kind == FIELD_AMOUNT)
		text = amount(c, text);
	else if (kind == FIELD_EMAIL && !is_email(text))
		text = NULL;
	if (text == NULL && !c->failed)
		advise(c);
	return text == NULL ? raw : text;
}

/* Drop the values of a list that are there already. */
static size_t
fold(const char **values)
{
	size_t n = 0;

	for (size_t i = 0; values[i] != NULL; i++) {
		size_t same = 0;

		while (same < n && strcmp(values[same], values[i]) != 0)
			same++;
		if (same == n)
			values[n++] = values[i];
	}
	values[n] = NULL;
	return n;
}

static void
check_many(struct check *c, const char **values)
{
	const size_t n = fold(values);

	for (size_t i = 0; i < n; i++) {
		if (form_choice(c->field, values[i]) == NULL) {
			advise(c);
			return;
		}
	}
	if (n < c->field->least && n < c->field->n_choices)
		advise(c);
	else if (n > c->field->most)
		advise_text(c, talloc_asprintf(c->ctx, text_in(c->words,
		    "Choose at most %zu."), c->field->most));
}

/* Whether something was answered, be it wrong. */
static bool
is_answered(const struct form_answers *answers, size_t i)
{
	return answers->values[i][0] != NULL;
}

static void
check_field(struct check *c, const struct form_answers *answers, size_t i)
{
	const char **values = answers->values[i];

	if (values[0] == NULL)
		return;
	if (c->field->kind == FIELD_MANY)
		check_many(c, values);
	else if (values[1] != NULL)
		advise(c);
	else
		values[0] = check_value(c, values[0]);
}

/* A required answer that is not there.  Of two questions one of which must be answered,
 * the first alone says so. */
static void
check_missing(struct check *c, const struct form_answers *answers, size_t i)
{
	const size_t other = c->field->unless;

	if (is_answered(answers, i) || !c->field->required || !form_asks(c->field))
		return;
	if (other == 0 || (!is_answered(answers, other - 1) &&
	    answers->errors[other - 1] == NULL))
		advise(c);
}

/* ---- all questions ---- */

/* The empty list that all share, behind the others. */
static const char **
nothing(struct form_answers *answers)
{
	return (const char **)&answers->values[answers->form->n_fields];
}

struct form_answers *
form_empty(const void *ctx, const struct form *form)
{
	struct form_answers *answers = talloc(ctx, struct form_answers);

	if (answers == NULL)
		return NULL;
	*answers = (struct form_answers){
		.form = form,
		.values = (const char ***)talloc_zero_array(answers, void *,
		    form->n_fields + 1),
		.errors = talloc_zero_array(answers, const char *, form->n_fields),
	};
	if (answers->values == NULL || answers->errors == NULL) {
		talloc_free(answers);
		return NULL;
	}
	for (size_t i = 0; i < form->n_fields; i++)
		answers->values[i] = nothing(answers);
	return answers;
}

void
form_forgive(struct form_answers *answers)
{
	for (size_t i = 0; i < answers->form->n_fields; i++)
		answers->errors[i] = NULL;
	answers->n_errors = 0;
}

/* The number of the field called `name`, or n_fields.  A body comes in the order of the
 * form, so the search begins where the last one ended. */
static size_t
find(const struct form *form, const char *name, size_t from)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		const size_t at = (from + i) % form->n_fields;

		if (strcmp(form->fields[at].name, name) == 0)
			return at;
	}
	return form->n_fields;
}

/* Sort `body` into lists of values by field, blank ones left out; the others go to `strays`
 * (may be NULL).  NULL: no memory. */
static struct form_answers *
sort(const void *ctx, const struct form *form, const struct pairs *body,
    struct pairs *strays)
{
	struct form_answers	*answers = form_empty(ctx, form);
	const char		**room;
	size_t			*of, *n, last = 0;

	if (answers == NULL)
		return NULL;
	room = talloc_zero_array(answers, const char *, body->n + form->n_fields);
	of = talloc_array(answers, size_t, body->n + 1);
	n = talloc_zero_array(answers, size_t, form->n_fields + 1);
	if (room == NULL || of == NULL || n == NULL) {
		talloc_free(answers);
		return NULL;
	}
	for (size_t i = 0; i < body->n; i++) {
		const struct pair *pair = &body->at[i];

		of[i] = find(form, pair->name, last);
		if (of[i] < form->n_fields)
			last = of[i];
		else if (strays != NULL)
			strays->at[strays->n++] = *pair;
		if (pair->value[strspn(pair->value, WHITE)] == '\0')
			of[i] = form->n_fields;
		n[of[i]]++;
	}
	for (size_t i = 0; i < form->n_fields; i++) {
		if (n[i] == 0)
			continue;
		answers->values[i] = room;
		room += n[i] + 1;
		n[i] = 0;
	}
	for (size_t i = 0; i < body->n; i++) {
		if (of[i] < form->n_fields)
			answers->values[of[i]][n[of[i]]++] = body->at[i].value;
	}
	talloc_free(of);
	talloc_free(n);
	return answers;
}

enum outcome
form_parse(const void *ctx, const struct form *form, const struct pairs *body,
    size_t lang, struct form_answers **out)
{
	struct form_answers *answers = sort(ctx, form, body, NULL);

	if ((*out = answers) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < form->n_fields; i++) {
		if (!form_asks(&form->fields[i]))
			answers->values[i] = nothing(answers);
	}
	/* What is missing depends on the others, so it is asked behind them. */
	for (size_t i = 0; i < 2 * form->n_fields; i++) {
		const size_t at = i % form->n_fields;
		struct check c = {
			.ctx = answers,
			.field = &form->fields[at],
			.words = &form->settings->words[lang],
			.lang = lang,
		};

		if (i < form->n_fields)
			check_field(&c, answers, at);
		else
			check_missing(&c, answers, at);
		if (c.failed)
			return OUT_FAULT;
		if (c.error != NULL) {
			answers->errors[at] = c.error;
			answers->n_errors++;
		}
	}
	return answers->n_errors == 0 ? OUT_OK : OUT_INVALID;
}

void
form_store(const struct form_answers *answers, const char *lang, struct buf *to)
{
	const struct form *form = answers->form;

	pairs_encode(to, "form", form->name);
	pairs_encode(to, "version", form->version);
	pairs_encode(to, "lang", lang);
	for (size_t i = 0; i < form->n_fields; i++) {
		for (const char **value = answers->values[i]; *value != NULL; value++)
			pairs_encode(to, form->fields[i].name, *value);
	}
}

enum outcome
form_load(const void *ctx, const struct form *form, const char *text, size_t len,
    struct form_answers **out, struct pairs *strays)
{
	static const char *const	about[] = { "form", "version", "lang" };
	const size_t			n_about = sizeof(about) / sizeof(*about);
	const char			*lang;
	struct pairs			pairs;
	enum outcome			got;

	got = pairs_decode(ctx, text, len, STORED_PAIRS_MAX, &pairs);
	if (got != OUT_OK)
		return got;
	if (pairs.n < n_about)
		return OUT_INVALID;
	for (size_t i = 0; i < n_about; i++) {
		if (strcmp(pairs.at[i].name, about[i]) != 0)
			return OUT_INVALID;
	}
	if (strcmp(pairs.at[0].value, form->name) != 0)
		return OUT_INVALID;
	lang = pairs.at[2].value;
	pairs.at += n_about;
	pairs.n -= n_about;
	*strays = (struct pairs){
		.at = talloc_zero_array(ctx, struct pair, pairs.n),
	};
	*out = strays->at == NULL ? NULL : sort(ctx, form, &pairs, strays);
	if (*out == NULL)
		return OUT_FAULT;
	(*out)->lang = lang;
	return OUT_OK;
}
