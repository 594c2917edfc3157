/*
 * fuzz_form_file.c: any bytes as a form file.  Whatever comes is a form or a reason with
 * its file, and nothing outside is opened.
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "../../cgi/lib/form.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct site_words words[] = { { .lang = "en" }, { .lang = "es" } };
static const struct area areas[] = { { "north", "North" } };
static const struct settings settings = { .words = words, .n_words = 2,
	.areas = areas, .n_areas = 1 };

static xmlRelaxNG *
grammar_of_source(void)
{
	const char	*dir = getenv("SRCDIR");
	char		*path = talloc_asprintf(NULL, "%s/schema",
			    dir == NULL ? "." : dir);
	char		*why = NULL;
	xmlRelaxNG	*grammar = form_grammar(NULL, path, &why);

	if (grammar == NULL)
		abort();
	talloc_free(path);
	return grammar;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static xmlRelaxNG	*grammar;
	void			*ctx;
	char			*why;
	struct form		*form;

	if (len > INT_MAX)
		return 0;
	if (grammar == NULL)
		grammar = grammar_of_source();
	ctx = talloc_new(NULL);
	form = form_from(ctx, &settings, grammar, "t.xml", (const char *)data, len,
	    &why);
	if (form == NULL ? why == NULL || strncmp(why, "t.xml:", 6) != 0 :
	    form->n_fields == 0 || form->fields[0].label.in[1] == NULL ||
	    form->n_keeps == 0 || form->kept.in[1] == NULL)
		abort();
	talloc_free(ctx);
	return 0;
}
