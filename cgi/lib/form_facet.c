/*
 * form_facet.c: the few answers that stand readable beside the sealed ones, because a queue
 * is sorted or found by them.
 */
#include "form.h"

#include <stdint.h>
#include <string.h>
#include <talloc.h>

/* The number of the question with that index, or n_fields. */
static size_t
indexed(const struct form *form, const char *facet)
{
	size_t i = 0;

	while (i < form->n_fields && (form->fields[i].index == NULL ||
	    strcmp(form->fields[i].index, facet) != 0))
		i++;
	return i;
}

/* Whether the question with that index was answered with one of its choices. */
static bool
is_given(const struct form_answers *answers, const char *facet)
{
	const struct form	*form = answers->form;
	const size_t		 at = indexed(form, facet);

	if (at == form->n_fields)
		return false;
	for (const char **value = answers->values[at]; *value != NULL; value++) {
		if (form_choice(&form->fields[at], *value) != NULL)
			return true;
	}
	return false;
}

/* Whether the box that the question's facet depends on, if any, is ticked. */
static bool
is_allowed(const struct form_answers *answers, const struct form_field *field)
{
	const char *box = field->when == 0 ? FORM_YES :
	    answers->values[field->when - 1][0];

	return box != NULL && strcmp(box, FORM_YES) == 0;
}

static unsigned
urgency(const struct form_answers *answers)
{
	const struct form		*form = answers->form;
	const size_t			 at = indexed(form, "urgency");
	const struct form_field		*field = &form->fields[at];
	const struct form_choice	*choice = NULL;

	if (at == form->n_fields)
		return 0;
	if (answers->values[at][0] != NULL && is_allowed(answers, field))
		choice = form_choice(field, answers->values[at][0]);
	return (unsigned)(choice == NULL ? field->n_choices - 1 :
	    (size_t)(choice - field->choices));
}

enum outcome
form_facets(const void *ctx, const struct form_answers *answers,
    struct form_facets *out)
{
	const struct form	*form = answers->form;
	struct buf		*text = buf_new(ctx, 64);

	if (text == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		if (field->index == NULL || !is_allowed(answers, field))
			continue;
		for (const char **value = answers->values[i]; *value != NULL; value++) {
			if (form_choice(field, *value) != NULL)
				pairs_encode(text, field->index, *value);
		}
	}
	*out = (struct form_facets){
		.text = text->data,
		.kind = is_given(answers, "need") ? "ask" :
		    is_given(answers, "offer") ? "offer" : "",
		.urgency = urgency(answers),
	};
	return text->failed ? OUT_FAULT : OUT_OK;
}

const char *
form_facet(const void *ctx, const char *text, const char *name)
{
	struct pairs pairs;

	if (pairs_decode(ctx, text, strlen(text), SIZE_MAX, &pairs) != OUT_OK)
		return NULL;
	return pairs_find(&pairs, name);
}

const char *
form_facet_label(const struct form *form, const char *facet, const char *value,
    size_t lang)
{
	const size_t			 at = indexed(form, facet);
	const struct form_choice	*choice = at == form->n_fields ? NULL :
					    form_choice(&form->fields[at], value);

	return choice == NULL ? value : choice->label.in[lang];
}
