/*
 * form_read.c: a form file becomes a struct form, once, when a program starts.  The
 * grammar has settled what may stand where; here is checked what it cannot say.
 */
#include "form_xml.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/text.h"

/* What a hostile answer may cost a pattern, in steps of the matcher. */
#define PATTERN_LIMITS "(*LIMIT_MATCH=50000)(*LIMIT_HEAP=1024)"

static const char *const kinds[FIELD__COUNT] = {
	[FIELD_LINE] = "line",
	[FIELD_TEXT] = "text",
	[FIELD_EMAIL] = "email",
	[FIELD_TEL] = "tel",
	[FIELD_ONE] = "one",
	[FIELD_MANY] = "many",
	[FIELD_CHECK] = "check",
	[FIELD_AMOUNT] = "amount",
};

/* Where a file sets no limit: the most characters of a kind (e-mail: RFC 5321, 4.5.3.1.3
 * without its brackets). */
static const size_t most_of[FIELD__COUNT] = {
	[FIELD_LINE] = 200,
	[FIELD_TEXT] = 2000,
	[FIELD_EMAIL] = 254,
	[FIELD_TEL] = 40,
	[FIELD_AMOUNT] = 16,
};

/* Names that the pages around a form and the sealed text use themselves. */
static const char *const reserved[] = {
	"form", "lang", "mail", "once", "shown", "step", "token", "version", "website", NULL
};

enum { URGENCIES_MAX = 10 };

static int
pattern_free(pcre2_code **held)
{
	pcre2_code_free(*held);
	return 0;
}

static bool
read_pattern(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const char	*pattern = xml_attribute(r, node, "pattern");
	const char	*limited;
	pcre2_code	**held;
	PCRE2_UCHAR	 reason[128];
	PCRE2_SIZE	 offset;
	int		 error;

	if (pattern == NULL)
		return true;
	limited = talloc_asprintf(r->form, PATTERN_LIMITS "%s", pattern);
	held = talloc_zero(r->form, pcre2_code *);
	if (limited == NULL || held == NULL)
		return xml_refuse(r, node, "no memory");
	*held = pcre2_compile((PCRE2_SPTR)limited, PCRE2_ZERO_TERMINATED,
	    PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_UCP |
	    PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
	if (*held == NULL) {
		pcre2_get_error_message(error, reason, sizeof(reason));
		return xml_refuse(r, node, "the pattern of \"%s\" does not compile:"
		    " %s, at character %zu", field->name, (char *)reason,
		    offset + 1 - (sizeof(PATTERN_LIMITS) - 1));
	}
	talloc_set_destructor(held, pattern_free);
	/* A machine without JIT interprets the pattern. */
	(void)pcre2_jit_compile(*held, PCRE2_JIT_COMPLETE);
	field->pattern = *held;
	return true;
}

static bool
read_choices(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const size_t		 n = xml_count(node, "choice");
	struct form_choice	*choices;
	size_t			 i = 0;

	if (n == 0)
		return true;
	choices = talloc_zero_array(r->form, struct form_choice, n);
	if (choices == NULL)
		return xml_refuse(r, node, "no memory");
	for (const xmlNode *at = xml_first(node, "choice"); at != NULL;
	    at = xml_next(at, "choice"), i++) {
		if ((choices[i].value = xml_attribute(r, at, "value")) == NULL)
			return xml_refuse(r, at, "no memory");
		for (size_t j = 0; j < i; j++) {
			if (strcmp(choices[i].value, choices[j].value) == 0)
				return xml_refuse(r, at, "the value \"%s\" is given"
				    " twice", choices[i].value);
		}
		if (!xml_words(r, at, "label", &choices[i].label))
			return false;
	}
	field->choices = choices;
	field->n_choices = field->n_own = n;
	return true;
}

/* Whether `word` is one of those that spaces part. */
static bool
has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += len) {
		if ((at == text || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* Which units: the kinds that the file names, or all. */
static bool
read_kinds(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const char *named = xml_attribute(r, node, "kinds");

	if (named == NULL && xml_has(node, "kinds"))
		return xml_refuse(r, node, "no memory");
	for (size_t kind = 0; kind < UNIT_KINDS; kind++) {
		if (named == NULL || has_word(named, unit_kind_names[kind]))
			field->unit_kinds |= 1U << kind;
	}
	return true;
}

/* What is offered before the file's own choices.  Units come when they are known. */
static bool
read_from(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const struct settings	*s = r->settings;
	const char		*from;

	if (!xml_has(node, "from"))
		return true;
	if ((from = xml_attribute(r, node, "from")) == NULL)
		return xml_refuse(r, node, "no memory");
	field->from = strcmp(from, "areas") == 0 ? FROM_AREAS : FROM_UNITS;
	if (field->from == FROM_UNITS)
		return read_kinds(r, node, field);
	for (size_t i = 0; i < s->n_areas; i++) {
		if (form_choice(field, s->areas[i].slug) != NULL)
			return xml_refuse(r, node, "the value \"%s\" is that of an"
			    " area", s->areas[i].slug);
	}
	return form_offer(r->form, field, NULL) == OUT_OK ||
	    xml_refuse(r, node, "no memory");
}

/* The facet that the answer is, each of one question. */
static bool
read_index(struct reading *r, const xmlNode *node, struct form_field *field)
{
	if (!xml_has(node, "index"))
		return true;
	if ((field->index = xml_attribute(r, node, "index")) == NULL)
		return xml_refuse(r, node, "no memory");
	for (const struct form_field *other = r->form->fields; other < field; other++) {
		if (other->index != NULL && strcmp(other->index, field->index) == 0)
			return xml_refuse(r, node, "two questions have the index"
			    " \"%s\"", field->index);
	}
	if (strcmp(field->index, "urgency") != 0)
		return true;
	if (field->kind != FIELD_ONE || field->from != FROM_FILE)
		return xml_refuse(r, node, "the urgency is one of the choices in"
		    " the file");
	return field->n_choices <= URGENCIES_MAX ||
	    xml_refuse(r, node, "there are %zu urgencies, and %d at most",
	    field->n_choices, URGENCIES_MAX);
}

static bool
check_name(struct reading *r, const xmlNode *node, const struct form_field *field)
{
	const struct form_field *fields = r->form->fields;

	for (size_t i = 0; reserved[i] != NULL; i++) {
		if (strcmp(field->name, reserved[i]) == 0)
			return xml_refuse(r, node, "the name \"%s\" is taken by the"
			    " pages themselves", field->name);
	}
	for (const struct form_field *other = fields; other < field; other++) {
		if (strcmp(field->name, other->name) == 0)
			return xml_refuse(r, node, "two questions have the name"
			    " \"%s\"", field->name);
	}
	return true;
}

static bool
read_page(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const xmlNode	*page = xml_first(node, "page");
	const char	*name;

	if (page == NULL)
		return true;
	name = xml_attribute(r, page, "name");
	for (size_t i = 0; i < r->settings->n_words; i++) {
		field->page.in[i] = name == NULL ? NULL : talloc_asprintf(r->form, "%s/%s",
		    r->settings->words[i].prefix, name);
		if (field->page.in[i] == NULL)
			return xml_refuse(r, page, "no memory");
	}
	return xml_words(r, page, "label", &field->page_label);
}

static bool
read_field(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const bool	 many = field->kind == FIELD_MANY;
	const char	*least;

	if ((field->name = xml_attribute(r, node, "name")) == NULL)
		return xml_refuse(r, node, "no memory");
	if (!check_name(r, node, field) || !read_choices(r, node, field) ||
	    !read_from(r, node, field) || !read_index(r, node, field) ||
	    !read_pattern(r, node, field))
		return false;
	/* `unless` itself is resolved when all names are known. */
	field->required = xml_has(node, "required") || xml_has(node, "unless");
	field->autocomplete = xml_attribute(r, node, "autocomplete");
	field->inputmode = xml_attribute(r, node, "inputmode");
	if (field->kind == FIELD_AMOUNT) {
		field->currency = xml_attribute(r, node, "currency");
		field->inputmode = "decimal";
		field->most = most_of[FIELD_AMOUNT];
		least = xml_attribute(r, node, "least");
		if (least != NULL &&
		    !form_cents(least, "", &field->amount_least))
			return xml_refuse(r, node, "least is not an amount");
	} else {
		field->least = xml_number(r, node, "least", 0);
		field->most = xml_number(r, node, "most",
		    !many ? most_of[field->kind] : field->from == FROM_FILE ?
		    field->n_choices : SIZE_MAX);
	}
	if (field->kind == FIELD_LINE || field->kind == FIELD_TEXT) {
		field->most_text = talloc_asprintf(r->form, "%zu", field->most);
		if (field->most_text == NULL)
			return xml_refuse(r, node, "no memory");
	}
	if (field->least > field->most || (many && field->from == FROM_FILE &&
	    field->most > field->n_choices))
		return xml_refuse(r, node, "no answer to \"%s\" can be of %zu to %zu",
		    field->name, field->least, field->most);
	return xml_words(r, node, "label", &field->label) &&
	    xml_words(r, node, "hint", &field->hint) &&
	    xml_words(r, node, "error", &field->error) &&
	    xml_words(r, node, "seen", &field->seen) &&
	    read_page(r, node, field);
}

static enum field_kind
kind_of(const xmlNode *node)
{
	for (size_t kind = FIELD_NONE + 1; kind < FIELD__COUNT; kind++) {
		if (xml_is(node, kinds[kind]))
			return (enum field_kind)kind;
	}
	return FIELD_NONE;
}

static bool
read_section(struct reading *r, const xmlNode *node, size_t place,
    struct form_section *section, struct form_field *fields)
{
	if (!xml_words(r, node, "title", &section->title) ||
	    !xml_words(r, node, "intro", &section->intro) ||
	    !xml_words(r, node, "seen", &section->seen))
		return false;
	if (section->seen.in[0] == NULL)
		section->seen = r->form->seen;
	for (const xmlNode *at = node->children; at != NULL; at = at->next) {
		struct form_field *field = &fields[r->form->n_fields];

		if ((field->kind = kind_of(at)) == FIELD_NONE)
			continue;
		field->section = place;
		r->nodes[r->form->n_fields++] = at;
		if (!read_field(r, at, field))
			return false;
	}
	return true;
}

/* Attribute `name` of question `i`, where it has one, names another: its number, from 1. */
static bool
resolve(struct reading *r, size_t i, const char *name, size_t *number)
{
	const struct form	*form = r->form;
	const xmlNode		*node = r->nodes[i];
	const char		*wanted;
	size_t			 other = 0;

	if (!xml_has(node, name))
		return true;
	if ((wanted = xml_attribute(r, node, name)) == NULL)
		return xml_refuse(r, node, "no memory");
	while (other < form->n_fields &&
	    strcmp(form->fields[other].name, wanted) != 0)
		other++;
	if (other == form->n_fields || other == i)
		return xml_refuse(r, node, "there is no other question \"%s\"",
		    wanted);
	*number = other + 1;
	return true;
}

/* How long the facets of any answers can be, at most. */
static size_t
facets_most(const struct form *form)
{
	size_t sum = 0;

	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field	*field = &form->fields[i];
		size_t			 n = field->n_choices, longest = 0;

		if (field->index == NULL)
			continue;
		for (size_t c = 0; c < n; c++) {
			const size_t len = strlen(field->choices[c].value);

			longest = len > longest ? len : longest;
		}
		if (field->from == FROM_UNITS) {
			n += UNITS_MAX;
			longest = UNIT_SLUG_MAX > longest ? UNIT_SLUG_MAX : longest;
		}
		if (field->kind == FIELD_ONE)
			n = 1;
		else if (n > field->most)
			n = field->most;
		sum += n * (strlen(field->index) + longest + strlen("=&"));
	}
	return sum;
}

/* What can be told only when all questions are known. */
static bool
read_links(struct reading *r, const xmlNode *root, struct form_field *fields)
{
	const size_t n = r->form->n_fields, most = facets_most(r->form);

	for (size_t i = 0; i < n; i++) {
		if (!resolve(r, i, "unless", &fields[i].unless) ||
		    !resolve(r, i, "when", &fields[i].when))
			return false;
		if (fields[i].when > 0 && fields[fields[i].when - 1].kind != FIELD_CHECK)
			return xml_refuse(r, r->nodes[i], "\"%s\" is not a box to tick",
			    fields[fields[i].when - 1].name);
	}
	return most <= FORM_FACETS_MAX || xml_refuse(r, root, "what stands readable"
	    " beside the answers could be of %zu bytes, and %d are the most: allow"
	    " fewer choices at once", most, FORM_FACETS_MAX);
}

static bool
read_form(struct reading *r, const xmlNode *root)
{
	struct form		*form = r->form;
	struct form_section	*sections;
	struct form_field	*fields;
	size_t			 n_fields = 0;

	form->version = xml_attribute(r, root, "version");
	if (!keep_read(r, root) ||
	    !xml_words(r, root, "title", &form->title) ||
	    !xml_words(r, root, "intro", &form->intro) ||
	    !xml_words(r, root, "send", &form->send) ||
	    !xml_words(r, root, "seen", &form->seen))
		return false;
	for (const xmlNode *at = xml_first(root, "section"); at != NULL;
	    at = xml_next(at, "section"))
		n_fields += xmlChildElementCount((xmlNode *)at);
	form->sections = sections = talloc_zero_array(form, struct form_section,
	    xml_count(root, "section"));
	form->fields = fields = talloc_zero_array(form, struct form_field,
	    n_fields);
	r->nodes = talloc_zero_array(form, const xmlNode *, n_fields);
	if (form->version == NULL || sections == NULL || fields == NULL || r->nodes == NULL)
		return xml_refuse(r, root, "no memory");
	for (const xmlNode *at = xml_first(root, "section"); at != NULL;
	    at = xml_next(at, "section"), form->n_sections++) {
		if (!read_section(r, at, form->n_sections,
		    &sections[form->n_sections], fields))
			return false;
	}
	return read_links(r, root, fields);
}

struct form *
form_from(const void *ctx, const struct settings *settings, xmlRelaxNG *grammar,
    const char *path, const char *xml, size_t len, char **why)
{
	const char	*slash = strrchr(path, '/');
	const char	*base = slash == NULL ? path : slash + 1;
	struct reading	 r = { .settings = settings, .path = path };
	xmlDoc		*doc;
	bool		 good = false;

	*why = NULL;
	if ((r.form = talloc_zero(ctx, struct form)) == NULL)
		return NULL;
	r.form->settings = settings;
	r.form->name = talloc_strndup(r.form, base, strcspn(base, "."));
	if (r.form->name == NULL)
		xml_refuse_line(&r, 0, "no memory");
	else if ((doc = xml_read(&r, grammar, xml, len)) != NULL) {
		good = read_form(&r, xmlDocGetRootElement(doc));
		xmlFreeDoc(doc);
	}
	*why = talloc_steal(ctx, r.why);
	talloc_free(r.nodes);
	if (!good)
		TALLOC_FREE(r.form);
	return r.form;
}

struct form *
form_read(const void *ctx, const struct settings *settings, const char *name)
{
	struct form	*form;
	xmlRelaxNG	*grammar;
	char		*path, *why = NULL;

	path = talloc_asprintf(ctx, "%s/forms/%s.xml", settings->site_dir, name);
	if (path == NULL ||
	    (grammar = form_grammar(ctx, settings->schema_dir, &why)) == NULL)
		log_stop("%s", why != NULL ? why : "no memory");
	/* The sentences that come from the file are in the catalogues. */
	text_start(settings);
	form = form_from(ctx, settings, grammar, path, NULL, 0, &why);
	xmlRelaxNGFree(grammar);
	if (form == NULL)
		log_stop("%s", why != NULL ? why : "no memory");
	talloc_free(path);
	return form;
}
