/*
 * fuzz_form_body.c: any bytes as the body of the party's form.  What was accepted goes
 * through sealing and back unchanged, and is accepted again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "openhall/form.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct site_words words[] = { { .lang = "en" }, { .lang = "es" } };

/* The form stays as long as the process: what is below a NULL context is ours. */
static const struct form *
form_of_source(void)
{
	static struct settings	 settings = { .words = words, .n_words = 2 };
	const char		*dir = getenv("SRCDIR");

	if (dir == NULL)
		dir = ".";
	settings.site_dir = talloc_asprintf(NULL, "%s/www/sites/party", dir);
	settings.schema_dir = talloc_asprintf(NULL, "%s/schema", dir);
	return form_read(NULL, &settings, "join");
}

static void
check_accepted(const void *ctx, const struct form *form,
    const struct form_answers *answers)
{
	struct buf		*text = buf_new(ctx, 256), *again = buf_new(ctx, 256);
	struct form_answers	*loaded, *parsed;
	struct pairs		 strays, body;

	form_store(answers, "en", text);
	if (text->failed || form_load(ctx, form, text->data, text->len, &loaded,
	    &strays) != OUT_OK || strays.n > 0)
		abort();
	form_store(loaded, "en", again);
	if (strcmp(text->data, again->data) != 0)
		abort();
	if (pairs_decode(ctx, text->data, text->len, 400, &body) != OUT_OK ||
	    form_parse(ctx, form, &body, 0, &parsed) != OUT_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct form	*form;
	struct form_answers		*answers;
	struct pairs			 body, strays;
	void				*ctx;

	if (form == NULL)
		form = form_of_source();
	ctx = talloc_new(NULL);
	if (form_load(ctx, form, (const char *)data, len, &answers, &strays) ==
	    OUT_FAULT)
		abort();
	if (pairs_decode(ctx, (const char *)data, len, 400, &body) == OUT_OK) {
		switch (form_parse(ctx, form, &body, 1, &answers)) {
		case OUT_OK:
			check_accepted(ctx, form, answers);
			break;
		case OUT_INVALID:
			if (answers->n_errors == 0)
				abort();
			break;
		default:
			abort();
		}
	}
	talloc_free(ctx);
	return 0;
}
