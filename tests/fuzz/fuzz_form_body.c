/*
 * fuzz_form_body.c: any bytes as the body of the party's form, and of one whose answers
 * stand readable beside the sealed ones.  What was accepted goes through sealing and back
 * unchanged, and is accepted again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "../../cgi/lib/form.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define BOTH(tag) "<" tag " xml:lang=\"en\">T</" tag "><" tag " xml:lang=\"es\">T</" tag ">"
#define CHOICE(v) "<choice value=\"" v "\">" BOTH("label") "</choice>"

static const struct site_words words[] = { { .lang = "en" }, { .lang = "es" } };
static const struct area areas[] = { { "north", "North" }, { "south", "South" } };
static struct settings settings = { .words = words, .n_words = 2, .areas = areas,
	.n_areas = 2 };

/* The length of what stands readable is that of the longest answers. */
static const char facets[] = "<form version=\"1\"><keep after=\"never\" days=\"9\"/>"
    BOTH("title") BOTH("intro") BOTH("send") BOTH("seen") "<section>" BOTH("title")
    "<many name=\"needs\" index=\"need\" unless=\"gives\" most=\"2\">" BOTH("label")
    CHOICE("food") CHOICE("rides") CHOICE("other") "</many>"
    "<many name=\"gives\" index=\"offer\" unless=\"needs\">" BOTH("label")
    CHOICE("food") CHOICE("rides") "</many>"
    "<one name=\"where\" index=\"area\" from=\"areas\">" BOTH("label") "</one>"
    "<one name=\"soon\" index=\"urgency\">" BOTH("label") CHOICE("now") CHOICE("later")
    "</one>"
    "<many name=\"near\" index=\"near\" from=\"areas\" when=\"counted\">" BOTH("label")
    "</many><check name=\"counted\">" BOTH("label") "</check>"
    "<one name=\"unit\" index=\"unit\" from=\"units\">" BOTH("label") "</one>"
    "</section></form>";

/* The forms stay as long as the process: what is below a NULL context is ours. */
static void
forms_of_source(const struct form *forms[2])
{
	static const struct unit	 at[] = { { .slug = "dock", .name = "Dock" } };
	const struct units		 units = { 1, at };
	const char			*dir = getenv("SRCDIR");
	void				*ctx = talloc_new(NULL);
	char				*schema, *join, *why;
	struct form			*own;
	xmlRelaxNG			*grammar;

	schema = talloc_asprintf(ctx, "%s/schema", dir == NULL ? "." : dir);
	join = talloc_asprintf(ctx, "%s/www/sites/party/forms/join.xml",
	    dir == NULL ? "." : dir);
	if ((grammar = form_grammar(ctx, schema, &why)) == NULL)
		abort();
	forms[0] = form_from(NULL, &settings, grammar, join, NULL, 0, &why);
	forms[1] = own = form_from(NULL, &settings, grammar, "facets.xml", facets,
	    sizeof(facets) - 1, &why);
	xmlRelaxNGFree(grammar);
	talloc_free(ctx);
	if (forms[0] == NULL || own == NULL || form_units(own, &units) != OUT_OK)
		abort();
}

/* What stands readable names choices alone, and fits where it is kept. */
static void
check_facets(const void *ctx, const struct form_answers *answers)
{
	struct form_facets	of;
	struct pairs		pairs;

	if (form_facets(ctx, answers, &of) != OUT_OK ||
	    strlen(of.text) > FORM_FACETS_MAX || of.urgency > 1 ||
	    pairs_decode(ctx, of.text, strlen(of.text), 99, &pairs) != OUT_OK)
		abort();
	for (size_t i = 0; i < pairs.n; i++) {
		/* Every label is another text than its value. */
		if (form_facet(ctx, of.text, pairs.at[i].name) == NULL ||
		    form_facet_label(answers->form, pairs.at[i].name,
		    pairs.at[i].value, 0) == pairs.at[i].value)
			abort();
	}
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

static void
try(const struct form *form, const char *data, size_t len)
{
	void			*ctx = talloc_new(NULL);
	struct form_answers	*answers;
	struct pairs		 body, strays;

	switch (form_load(ctx, form, data, len, &answers, &strays)) {
	case OUT_OK:
		check_facets(ctx, answers);
		break;
	case OUT_FAULT:
		abort();
	default:
		break;
	}
	if (pairs_decode(ctx, data, len, 400, &body) == OUT_OK) {
		switch (form_parse(ctx, form, &body, 1, &answers)) {
		case OUT_OK:
			check_accepted(ctx, form, answers);
			check_facets(ctx, answers);
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
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct form *forms[2];

	if (forms[0] == NULL)
		forms_of_source(forms);
	for (size_t i = 0; i < 2; i++)
		try(forms[i], (const char *)data, len);
	return 0;
}
