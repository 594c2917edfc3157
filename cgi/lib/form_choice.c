/*
 * form_choice.c: what a question offers: the areas of the site or its units, and behind
 * them the choices that the form file gives.
 */
#include "form.h"

#include <string.h>
#include <talloc.h>

bool
form_asks(const struct form_field *field)
{
	return (field->kind != FIELD_ONE && field->kind != FIELD_MANY) ||
	    field->n_choices > 0;
}

const struct form_choice *
form_choice(const struct form_field *field, const char *value)
{
	for (size_t i = 0; i < field->n_choices; i++) {
		if (strcmp(field->choices[i].value, value) == 0)
			return &field->choices[i];
	}
	return NULL;
}

/* A choice that is called the same in every language, copied below `choices`. */
static bool
offer(struct form_choice *choices, struct form_choice *choice, const char *value,
    const char *label)
{
	const char *own = talloc_strdup(choices, label);

	choice->value = talloc_strdup(choices, value);
	for (size_t i = 0; i < LANGUAGES_MAX; i++)
		choice->label.in[i] = own;
	return choice->value != NULL && own != NULL;
}

/* Whether one of the file's own choices has this value. */
static bool
is_own(const struct form_field *field, const char *value)
{
	const struct form_choice *choice = form_choice(field, value);

	return choice != NULL &&
	    choice >= &field->choices[field->n_choices - field->n_own];
}

enum outcome
form_offer(struct form *form, struct form_field *field, const struct units *units)
{
	const struct settings	*s = form->settings;
	const size_t		 n_areas = field->from == FROM_AREAS ? s->n_areas : 0;
	const size_t		 n_units = units == NULL ||
				    field->from != FROM_UNITS ? 0 : units->n;
	struct form_choice	*choices;
	bool			 fine = true;
	size_t			 n = 0;

	choices = talloc_zero_array(form, struct form_choice,
	    n_areas + n_units + field->n_own);
	if (choices == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < n_areas; i++)
		fine = offer(choices, &choices[n++], s->areas[i].slug,
		    s->areas[i].name) && fine;
	for (size_t i = 0; i < n_units; i++) {
		const struct unit *unit = &units->at[i];

		if ((field->unit_kinds & 1U << unit->kind) != 0 &&
		    !is_own(field, unit->slug))
			fine = offer(choices, &choices[n++], unit->slug,
			    unit->name) && fine;
	}
	if (!fine) {
		talloc_free(choices);
		return OUT_FAULT;
	}
	for (size_t i = field->n_choices - field->n_own; i < field->n_choices; i++)
		choices[n++] = field->choices[i];
	talloc_free((void *)field->choices);
	field->choices = choices;
	field->n_choices = n;
	return OUT_OK;
}

enum outcome
form_units(struct form *form, const struct units *units)
{
	struct form_field *fields = (struct form_field *)form->fields;

	for (size_t i = 0; i < form->n_fields; i++) {
		if (fields[i].from == FROM_UNITS &&
		    form_offer(form, &fields[i], units) != OUT_OK)
			return OUT_FAULT;
	}
	return OUT_OK;
}

bool
form_wants_units(const struct form *form)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		if (form->fields[i].from == FROM_UNITS)
			return true;
	}
	return false;
}
