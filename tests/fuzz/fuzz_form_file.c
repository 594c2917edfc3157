/*
 * fuzz_form_file.c: any bytes as a form file.  Whatever comes is a form or a reason with
 * its file, and nothing outside is opened.  A form keeps its promises also with as many
 * units as there can be: what it offers, what it lets stand readable, when it erases.
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "../../cgi/lib/form.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct site_words words[] = { { .lang = "en" }, { .lang = "es" } };
static const struct area areas[] = { { "north", "North" }, { "south", "South" } };
static const struct settings settings = { .words = words, .n_words = 2,
	.areas = areas, .n_areas = 2 };

static void
must(int true_)
{
	if (!true_)
		abort();
}

static xmlRelaxNG *
grammar_of_source(void)
{
	const char	*dir = getenv("SRCDIR");
	char		*path = talloc_asprintf(NULL, "%s/schema",
			    dir == NULL ? "." : dir);
	char		*why = NULL;
	xmlRelaxNG	*grammar = form_grammar(NULL, path, &why);

	must(grammar != NULL);
	talloc_free(path);
	return grammar;
}

/* As many as there can be, of every kind, with the longest slugs. */
static struct units
units_of(const void *ctx)
{
	struct unit	*at = talloc_zero_array(ctx, struct unit, UNITS_MAX);

	must(at != NULL);
	for (size_t i = 0; i < UNITS_MAX; i++) {
		at[i].slug = at[i].name = talloc_asprintf(ctx, "unit-%0*zu",
		    UNIT_SLUG_MAX - 5, i);
		at[i].kind = (enum unit_kind)(i % UNIT_KINDS);
		must(at[i].slug != NULL);
	}
	return (struct units){ UNITS_MAX, at };
}

/* Its own choices stay the last, no value is there twice, and each kind of unit that is
 * wanted is there. */
static void
check_choices(const struct form_field *field)
{
	size_t	n = field->n_choices - field->n_own;

	must(field->n_own <= field->n_choices);
	if (field->from == FROM_AREAS)
		must(n == settings.n_areas);
	else if (field->from == FROM_UNITS)
		must(n == UNITS_MAX / UNIT_KINDS *
		    (size_t)__builtin_popcount(field->unit_kinds));
	else
		must(n == 0);
	for (size_t i = 0; i < field->n_choices; i++)
		must(form_choice(field, field->choices[i].value) == &field->choices[i]);
}

/* What stands readable of somebody who chose as much as they could. */
static void
check_facets(const void *ctx, const struct form *form)
{
	struct form_answers	*answers = form_empty(ctx, form);
	struct form_facets	 facets;

	must(answers != NULL && form_facets(ctx, answers, &facets) == OUT_OK);
	must(*facets.text == '\0' && *facets.kind == '\0');
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field	*field = &form->fields[i];
		const char		**values;
		size_t			 n = 0, most = field->kind == FIELD_MANY ?
					    field->most : field->kind == FIELD_ONE;

		if (field->kind == FIELD_CHECK) {
			values = talloc_zero_array(ctx, const char *, 2);
			must(values != NULL);
			values[0] = FORM_YES;
		} else {
			if (most > field->n_choices)
				most = field->n_choices;
			values = talloc_zero_array(ctx, const char *, most + 1);
			must(values != NULL);
			for (; n < most; n++)
				values[n] = field->choices[field->n_choices - 1 - n].value;
		}
		answers->values[i] = values;
	}
	must(form_facets(ctx, answers, &facets) == OUT_OK);
	must(strlen(facets.text) <= FORM_FACETS_MAX && facets.urgency < 10);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field	*field = &form->fields[i];

		must(field->index == NULL || answers->values[i][0] == NULL ||
		    form_facet(ctx, facets.text, field->index) != NULL);
	}
}

/* Messages go before the rest, what is withdrawn at once, nothing else at once. */
static void
check_keeps(const struct form *form)
{
	must(form->n_keeps > 0 && form->kept.in[0] != NULL && form->kept.in[1] != NULL);
	for (size_t i = 0; i < form->n_keeps; i++) {
		const char	*after = form->keeps[i].after;
		int		 all = form_keep_days(form, after, false),
				 part = form_keep_days(form, after, true);

		must(all >= 0 || part >= 0);
		must(all < 0 || part <= all);
		must((all == 0 || part == 0) == (strcmp(after, "withdrawn") == 0));
	}
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
	if (form == NULL) {
		must(why != NULL && strncmp(why, "t.xml:", 6) == 0);
	} else {
		struct units	units = units_of(ctx);

		must(form->n_fields > 0 && form->fields[0].label.in[1] != NULL);
		check_keeps(form);
		/* as the units change */
		for (size_t i = 0; form_wants_units(form) && i < 2; i++)
			must(form_units(form, &units) == OUT_OK);
		for (size_t i = 0; i < form->n_fields; i++)
			check_choices(&form->fields[i]);
		check_facets(ctx, form);
	}
	talloc_free(ctx);
	return 0;
}
