/* forms.c: see forms.h. */
#include "forms.h"

#include <stdio.h>
#include <stdlib.h>

const char all_kinds[] = FORM(
    "<line name=\"line\" least=\"2\" most=\"5\">" LABEL "</line>"
    "<text name=\"text\" most=\"8\">" LABEL OWN "</text>"
    "<email name=\"email\" unless=\"tel\">" LABEL "</email>"
    "<tel name=\"tel\" unless=\"email\">" LABEL "</tel>"
    "<one name=\"one\">" LABEL CHOICES "</one>"
    "<many name=\"many\" most=\"2\">" LABEL CHOICES "</many>"
    "<check name=\"check\">" LABEL OWN
    "<page name=\"our-points\">" BOTH("label", "Read &lt;it&gt;", "Leer") "</page></check>"
    "<amount name=\"amount\" currency=\"$\" least=\"5\">" LABEL "</amount>"
    "<line name=\"code\" pattern=\"[A-Z]{2}|\\p{Lu}\\d+\">" LABEL "</line>");

const char offering[] = FORM(
    LINE
    "<one name=\"where\" required=\"yes\" from=\"areas\" index=\"area\">" LABEL OWN
    PICK("elsewhere") "</one>"
    "<one name=\"any\" required=\"yes\" from=\"units\" index=\"unit\">" LABEL OWN "</one>"
    "<many name=\"some\" least=\"2\" from=\"units\" kinds=\"city  supporters\">" LABEL
    OWN PICK("start") "</many></section>\n<section>" BOTH("title", "Units of work", "T")
    BOTH("seen", "Read by two.", "D")
    "<many name=\"work\" required=\"yes\" from=\"units\" kinds=\"workplace\">" LABEL OWN
    "</many>");

const struct unit all_units[6] = {
	{ .slug = "dock", .name = "Dock <4>", .kind = UNIT_WORKPLACE },
	{ .slug = "mill", .name = "Mill", .kind = UNIT_WORKPLACE },
	{ .slug = "hill", .name = "Hill", .kind = UNIT_NEIGHBOURHOOD },
	{ .slug = "town", .name = "Town", .kind = UNIT_CITY },
	{ .slug = "start", .name = "Called like a choice", .kind = UNIT_CITY },
	{ .slug = "friends", .name = "Friends", .kind = UNIT_SUPPORTERS },
};

/* ---- the site ---- */

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" }, { .lang = "es", .prefix = "/es" },
};

static const struct area areas[] = { { "north", "North Hill" }, { "south", "South <i>" } };

struct settings	 settings = { .words = words, .n_words = COUNT(words),
	.areas = areas, .n_areas = COUNT(areas) };
xmlRelaxNG	*grammar;

const char *
source(const void *ctx, const char *path)
{
	const char *dir = getenv("SRCDIR");

	return talloc_asprintf(ctx, "%s/%s", dir == NULL ? "." : dir, path);
}

int
set_up(void **state)
{
	char *why = NULL;

	*state = talloc_new(NULL);
	settings.schema_dir = source(*state, "schema");
	settings.template_dir = source(*state, "www/templates");
	if ((grammar = form_grammar(*state, settings.schema_dir, &why)) == NULL)
		fprintf(stderr, "%s\n", why);
	return grammar == NULL;
}

int
tear_down(void **state)
{
	xmlRelaxNGFree(grammar);
	talloc_free(*state);
	return 0;
}

struct form *
form_of(const void *ctx, const char *xml, char **why)
{
	return form_from(ctx, &settings, grammar, "forms/t.xml", xml, strlen(xml),
	    why);
}

/* ---- what came of it ---- */

void
describe(const struct form_answers *answers, struct buf *given, struct buf *errors)
{
	for (size_t i = 0; i < answers->form->n_fields; i++) {
		const char *name = answers->form->fields[i].name;

		for (const char **v = answers->values[i]; *v != NULL; v++)
			pairs_encode(given, name, *v);
		if (answers->errors[i] != NULL)
			buf_fmt(errors, "%s%s: %s", errors->len > 0 ? "; " : "",
			    name, answers->errors[i]);
	}
}

enum { P_SECTIONS, P_ERRORS, P_ANSWERS, P_HIDDEN };
static const struct view_name page_names[] = {
	[P_SECTIONS] = { "sections", form_section_names },
	[P_ERRORS] = { "errors", form_error_names },
	[P_ANSWERS] = { "answers", answer_section_names },
	[P_HIDDEN] = { "hidden", form_hidden_names },
	{ NULL, NULL }
};

/* One part of a page, with these answers. */
const char *
shown(void *ctx, const struct form_answers *answers, const char *file)
{
	struct settings		 s = settings;
	struct view		*page = view_new(ctx, page_names);
	struct buf		*out = buf_new(ctx, 65536);
	struct template		*template;

	s.n_words = 1;		/* English needs no catalogue */
	template = template_compile(ctx, &s, words, file, NULL, page_names);
	form_view(page, P_SECTIONS, answers, 0);
	form_view_errors(page, P_ERRORS, answers, 0);
	form_view_answers(page, P_ANSWERS, answers, 0);
	form_view_hidden(page, P_HIDDEN, answers);
	assert_int_equal(template_render(template, NULL, page, out), OUT_OK);
	return out->data;
}

/* The same of a body. */
const char *
rendered(void *ctx, const struct form *form, const char *raw, const char *file)
{
	struct form_answers	*answers;
	struct pairs		 body;

	assert_int_equal(pairs_decode(ctx, raw, strlen(raw), 99, &body), OUT_OK);
	assert_int_not_equal(form_parse(ctx, form, &body, 0, &answers), OUT_FAULT);
	return shown(ctx, answers, file);
}
