/*
 * form_view.c: a form and its answers as values for the templates form.html,
 * errors.html, answers.html and hidden.html.  Pointers only: the texts stay where the
 * form, or the request, has them.
 */
#include "form.h"

#include <string.h>

/* ---- form.html ---- */

enum { C_VALUE, C_LABEL, C_CHECKED, C_NEXT };
static const struct view_name choice_names[] = {
	[C_VALUE] = { "value", NULL },
	[C_LABEL] = { "label", NULL },
	[C_CHECKED] = { "checked", NULL },
	[C_NEXT] = { "next", NULL },		/* not the first */
	{ NULL, NULL }
};

enum {
	F_NAME, F_LABEL, F_HINT, F_ERROR, F_SEEN, F_OPTIONAL, F_DESCRIBED,
	F_INPUT, F_AREA, F_GROUP, F_BOX,	/* how it is asked: one of these */
	F_TYPE, F_AUTOCOMPLETE, F_INPUTMODE, F_MOST, F_SHORT, F_CURRENCY,
	F_VALUE, F_CHECKED, F_PAGE, F_PAGE_LABEL, F_CHOICES
};
static const struct view_name field_names[] = {
	[F_NAME] = { "name", NULL },
	[F_LABEL] = { "label", NULL },
	[F_HINT] = { "hint", NULL },
	[F_ERROR] = { "error", NULL },
	[F_SEEN] = { "seen", NULL },
	[F_OPTIONAL] = { "optional", NULL },
	[F_DESCRIBED] = { "described", NULL },
	[F_INPUT] = { "input", NULL },
	[F_AREA] = { "area", NULL },
	[F_GROUP] = { "group", NULL },
	[F_BOX] = { "box", NULL },
	[F_TYPE] = { "type", NULL },
	[F_AUTOCOMPLETE] = { "autocomplete", NULL },
	[F_INPUTMODE] = { "inputmode", NULL },
	[F_MOST] = { "most", NULL },
	[F_SHORT] = { "short", NULL },
	[F_CURRENCY] = { "currency", NULL },
	[F_VALUE] = { "value", NULL },
	[F_CHECKED] = { "checked", NULL },
	[F_PAGE] = { "page", NULL },
	[F_PAGE_LABEL] = { "page_label", NULL },
	[F_CHOICES] = { "choices", choice_names },
	{ NULL, NULL }
};

enum { S_TITLE, S_PART, S_PARTS, S_INTRO, S_SEEN, S_FIELDS };
const struct view_name form_section_names[] = {
	[S_TITLE] = { "title", NULL },
	[S_PART] = { "part", NULL },
	[S_PARTS] = { "parts", NULL },
	[S_INTRO] = { "intro", NULL },
	[S_SEEN] = { "seen", NULL },
	[S_FIELDS] = { "fields", field_names },
	{ NULL, NULL }
};

/* How each kind is asked, and the type of its input or its choices. */
static const struct { size_t as; const char *type; } asked[FIELD__COUNT] = {
	[FIELD_LINE] = { F_INPUT, "text" },
	[FIELD_TEXT] = { F_AREA, NULL },
	[FIELD_EMAIL] = { F_INPUT, "email" },
	[FIELD_TEL] = { F_INPUT, "tel" },
	[FIELD_ONE] = { F_GROUP, "radio" },
	[FIELD_MANY] = { F_GROUP, "checkbox" },
	[FIELD_CHECK] = { F_BOX, "checkbox" },
	[FIELD_AMOUNT] = { F_INPUT, "text" },
};

enum {
	SHORT_MOST = 40,	/* an input for so few characters is drawn short */
	LONG_PARTS = 4		/* a form of more sections says how far one has come */
};

static bool
has(const char **values, const char *value)
{
	for (; *values != NULL; values++) {
		if (strcmp(*values, value) == 0)
			return true;
	}
	return false;
}

static void
view_field(struct view *row, const struct form_field *field, const char **values,
    const char *error, size_t lang)
{
	const size_t as = asked[field->kind].as;

	view_flag(row, as, true);
	view_text(row, F_TYPE, asked[field->kind].type);
	view_text(row, F_NAME, field->name);
	view_text(row, F_LABEL, field->label.in[lang]);
	view_text(row, F_HINT, field->hint.in[lang]);
	view_text(row, F_SEEN, field->seen.in[lang]);
	view_text(row, F_ERROR, error);
	view_flag(row, F_OPTIONAL, !field->required);
	view_flag(row, F_DESCRIBED, error != NULL ||
	    field->hint.in[lang] != NULL || field->seen.in[lang] != NULL);
	view_text(row, F_MOST, field->most_text);
	view_text(row, F_VALUE, values[0]);
	if (as == F_BOX)
		view_flag(row, F_CHECKED, has(values, FORM_YES));
	view_text(row, F_PAGE, field->page.in[lang]);
	view_text(row, F_PAGE_LABEL, field->page_label.in[lang]);
	if (as == F_INPUT) {
		/* What a browser would remember of such answers, the next person at it
		 * could read. */
		view_text(row, F_AUTOCOMPLETE, field->autocomplete != NULL ?
		    field->autocomplete : "off");
		view_text(row, F_INPUTMODE, field->inputmode);
		view_text(row, F_CURRENCY, field->currency);
		view_flag(row, F_SHORT, field->most <= SHORT_MOST);
	}
	for (size_t i = 0; i < field->n_choices; i++) {
		const struct form_choice	*choice = &field->choices[i];
		struct view			*at = view_row(row, F_CHOICES);

		view_text(at, C_VALUE, choice->value);
		view_text(at, C_LABEL, choice->label.in[lang]);
		view_flag(at, C_CHECKED, has(values, choice->value));
		view_flag(at, C_NEXT, i > 0);
	}
}

/* How many sections have something to ask. */
static int
parts_of(const struct form *form)
{
	size_t	last = form->n_sections;
	int	n = 0;

	for (size_t at = 0; at < form->n_fields; at++) {
		const struct form_field *field = &form->fields[at];

		if (form_asks(field) && field->section != last) {
			last = field->section;
			n++;
		}
	}
	return n;
}

void
form_view(struct view *page, size_t i, const struct form_answers *answers,
    size_t lang)
{
	const struct form	*form = answers->form;
	const int		 n = parts_of(form);
	int			 part = 0;
	size_t			 last = form->n_sections;
	struct view		*row = NULL;

	for (size_t at = 0; at < form->n_fields; at++) {
		const struct form_field		*field = &form->fields[at];
		const struct form_section	*section = &form->sections[field->section];

		if (!form_asks(field))
			continue;
		if (field->section != last) {
			last = field->section;
			row = view_row(page, i);
			view_text(row, S_TITLE, section->title.in[lang]);
			if (n > LONG_PARTS) {
				view_number(row, S_PART, ++part);
				view_number(row, S_PARTS, n);
			}
			view_text(row, S_INTRO, section->intro.in[lang]);
			/* What is so for the whole form, its page says once. */
			if (section->seen.in[lang] != form->seen.in[lang])
				view_text(row, S_SEEN, section->seen.in[lang]);
		}
		view_field(view_row(row, S_FIELDS), field, answers->values[at],
		    answers->errors[at], lang);
	}
}

/* ---- errors.html ---- */

enum { E_NAME, E_LABEL, E_ERROR, E_FIRST, E_LAST };
const struct view_name form_error_names[] = {
	[E_NAME] = { "name", NULL },
	[E_LABEL] = { "label", NULL },
	[E_ERROR] = { "error", NULL },
	[E_FIRST] = { "first", NULL },
	[E_LAST] = { "last", NULL },
	{ NULL, NULL }
};

void
form_view_errors(struct view *page, size_t i, const struct form_answers *answers,
    size_t lang)
{
	const struct form	*form = answers->form;
	size_t			 n = 0;

	for (size_t at = 0; at < form->n_fields; at++) {
		struct view *row;

		if (answers->errors[at] == NULL)
			continue;
		row = view_row(page, i);
		view_text(row, E_NAME, form->fields[at].name);
		/* The form's own message says by itself what it is about. */
		if (answers->errors[at] != form->fields[at].error.in[lang])
			view_text(row, E_LABEL, form->fields[at].label.in[lang]);
		view_text(row, E_ERROR, answers->errors[at]);
		view_flag(row, E_FIRST, n++ == 0);
		view_flag(row, E_LAST, n == answers->n_errors);
	}
}

/* ---- answers.html ---- */

enum { V_TEXT, V_CURRENCY };
static const struct view_name value_names[] = {
	[V_TEXT] = { "text", NULL },
	[V_CURRENCY] = { "currency", NULL },
	{ NULL, NULL }
};

enum { A_LABEL, A_YES, A_VALUES };
static const struct view_name answer_names[] = {
	[A_LABEL] = { "label", NULL },
	[A_YES] = { "yes", NULL },
	[A_VALUES] = { "values", value_names },
	{ NULL, NULL }
};

enum { AS_TITLE, AS_ANSWERS };
const struct view_name answer_section_names[] = {
	[AS_TITLE] = { "title", NULL },
	[AS_ANSWERS] = { "given", answer_names },
	{ NULL, NULL }
};

static void
view_answer(struct view *row, const struct form_field *field, const char **values,
    size_t lang)
{
	view_text(row, A_LABEL, field->label.in[lang]);
	if (field->kind == FIELD_CHECK) {
		view_flag(row, A_YES, has(values, FORM_YES));
		return;
	}
	for (; *values != NULL; values++) {
		const struct form_choice	*choice = form_choice(field, *values);
		struct view			*at = view_row(row, A_VALUES);

		/* What is no longer offered is shown as it was sent. */
		view_text(at, V_TEXT, choice == NULL ? *values :
		    choice->label.in[lang]);
		view_text(at, V_CURRENCY, field->currency);
	}
}

void
form_view_answers(struct view *page, size_t i, const struct form_answers *answers,
    size_t lang)
{
	const struct form	*form = answers->form;
	size_t			 last = form->n_sections;
	struct view		*row = NULL;

	for (size_t at = 0; at < form->n_fields; at++) {
		const struct form_field *field = &form->fields[at];

		if (!form_asks(field) && answers->values[at][0] == NULL)
			continue;
		if (field->section != last) {
			last = field->section;
			row = view_row(page, i);
			view_text(row, AS_TITLE,
			    form->sections[last].title.in[lang]);
		}
		view_answer(view_row(row, AS_ANSWERS), field, answers->values[at],
		    lang);
	}
}

/* ---- hidden.html ---- */

enum { H_NAME, H_VALUE };
const struct view_name form_hidden_names[] = {
	[H_NAME] = { "name", NULL },
	[H_VALUE] = { "value", NULL },
	{ NULL, NULL }
};

void
form_view_hidden(struct view *page, size_t i, const struct form_answers *answers)
{
	const struct form *form = answers->form;

	for (size_t at = 0; at < form->n_fields; at++) {
		for (const char **value = answers->values[at]; *value != NULL;
		    value++) {
			struct view *row = view_row(page, i);

			view_text(row, H_NAME, form->fields[at].name);
			view_text(row, H_VALUE, *value);
		}
	}
}
