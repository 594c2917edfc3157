/*
 * form_read.c: a form file becomes a struct form, once, when a program starts.  The
 * grammar has settled what may stand where; here is checked what it cannot say.
 */
#include "form.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <pcre2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"

/* What a hostile answer may cost a pattern, in steps of the matcher. */
#define PATTERN_LIMITS "(*LIMIT_MATCH=50000)(*LIMIT_HEAP=1024)"

/* A file being read.  Functions below answer false once `why` is set. */
struct reading {
	const struct settings	*settings;
	const char		*path;
	struct form		*form;
	const xmlNode		**nodes;	/* of each field */
	char			*why;
};

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error;
#else
typedef xmlError *xml_error;
#endif

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
	"form", "lang", "once", "step", "token", "version", "website", NULL
};

static bool refuse_line(struct reading *, long line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Keep the first reason. */
static bool
refuse_line(struct reading *r, long line, const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	if (r->why != NULL)
		return false;
	va_start(ap, fmt);
	text = talloc_vasprintf(NULL, fmt, ap);
	va_end(ap);
	if (text != NULL) {
		text[strcspn(text, "\n")] = '\0';
		r->why = line > 0 ?
		    talloc_asprintf(NULL, "%s:%ld: %s", r->path, line, text) :
		    talloc_asprintf(NULL, "%s: %s", r->path, text);
		talloc_free(text);
	}
	return false;
}

#define refuse(r, node, ...) \
	refuse_line(r, xmlGetLineNo((xmlNode *)(node)), __VA_ARGS__)

/* Structured errors of libxml2; `arg` is the reading. */
static void
on_error(void *arg, xml_error error)
{
	struct reading *r = arg;

	if (error->line > 0 || error->node == NULL)
		refuse_line(r, error->line, "%s", error->message);
	else
		refuse(r, error->node, "%s", error->message);
}

/* A document type is where entities and other files come in: it ends the reading. */
static void
on_dtd(void *arg, const xmlChar *name, const xmlChar *public,
    const xmlChar *system)
{
	xmlParserCtxt *parser = arg;

	(void)name, (void)public, (void)system;
	refuse_line(parser->_private, xmlSAX2GetLineNumber(parser),
	    "a DOCTYPE is not allowed");
	xmlStopParser(parser);
}

/* Of `xml`, or of the file itself. */
static xmlDoc *
parse(struct reading *r, const char *xml, size_t len)
{
	const int	 options = XML_PARSE_NONET | XML_PARSE_NOERROR |
			    XML_PARSE_NOWARNING;
	xmlParserCtxt	*parser = xmlNewParserCtxt();
	xmlDoc		*doc = NULL;
	int		 fd = -1;

	if (parser == NULL) {
		refuse_line(r, 0, "no memory");
		return NULL;
	}
	parser->_private = r;
	parser->sax->internalSubset = on_dtd;
	if (xml != NULL)
		doc = xmlCtxtReadMemory(parser, xml, (int)len, r->path, NULL,
		    options);
	else if ((fd = open(r->path, O_RDONLY | O_CLOEXEC)) < 0)
		refuse_line(r, 0, "%s", strerror(errno));
	else
		doc = xmlCtxtReadFd(parser, fd, r->path, NULL, options);
	if (fd >= 0)
		close(fd);
	if (doc == NULL && xmlCtxtGetLastError(parser) != NULL)
		on_error(r, xmlCtxtGetLastError(parser));
	if (doc == NULL)
		refuse_line(r, 0, "cannot be read");
	if (r->why != NULL) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(parser);
	return doc;
}

static bool
is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	    strcmp((const char *)node->name, name) == 0;
}

/* The first child element called `name`, or the next one after `node`. */
static const xmlNode *
first(const xmlNode *parent, const char *name)
{
	for (const xmlNode *at = parent->children; at != NULL; at = at->next) {
		if (is(at, name))
			return at;
	}
	return NULL;
}

static const xmlNode *
next(const xmlNode *node, const char *name)
{
	for (node = node->next; node != NULL; node = node->next) {
		if (is(node, name))
			return node;
	}
	return NULL;
}

static size_t
count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (const xmlNode *at = first(parent, name); at != NULL;
	    at = next(at, name))
		n++;
	return n;
}

/* Copy what libxml2 gave below the form, with white space folded and trimmed. */
static const char *
fold(struct reading *r, xmlChar *given)
{
	char	*copy = given == NULL ? NULL :
		    talloc_strdup(r->form, (const char *)given);
	char	*to = copy;

	xmlFree(given);
	if (copy == NULL)
		return NULL;
	for (const char *at = copy; *at != '\0'; at++) {
		if (strchr(" \t\r\n", *at) == NULL)
			*to++ = *at;
		else if (to > copy && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > copy && to[-1] == ' ')
		to--;
	*to = '\0';
	return copy;
}

/* An attribute, or NULL. */
static const char *
attribute(struct reading *r, const xmlNode *node, const char *name)
{
	return fold(r, xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name));
}

static bool
has(const xmlNode *node, const char *name)
{
	return xmlHasProp((xmlNode *)node, (const xmlChar *)name) != NULL;
}

static size_t
number(struct reading *r, const xmlNode *node, const char *name, size_t otherwise)
{
	const char *text = attribute(r, node, name);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

/* The texts called `name` in `parent`: none at all, or one in each language of the
 * site.  What is there in other languages is left alone. */
static bool
read_words(struct reading *r, const xmlNode *parent, const char *name,
    struct form_words *out)
{
	const struct settings	*s = r->settings;
	const xmlNode		*last = NULL;

	for (const xmlNode *at = first(parent, name); at != NULL;
	    at = next(at, name)) {
		const char		*lang = fold(r, xmlGetNsProp(
					    (xmlNode *)at, (const xmlChar *)"lang",
					    XML_XML_NAMESPACE));
		const struct site_words	*words = lang == NULL ? NULL :
					    settings_words(s, lang);
		const char		**text;

		last = at;
		if (words == NULL)
			continue;
		text = &out->in[words - s->words];
		if (*text != NULL)
			return refuse(r, at, "<%s> is given twice in \"%s\"",
			    name, lang);
		if ((*text = fold(r, xmlNodeGetContent((xmlNode *)at))) == NULL)
			return refuse(r, at, "no memory");
	}
	for (size_t i = 0; last != NULL && i < s->n_words; i++) {
		if (out->in[i] == NULL)
			return refuse(r, last, "<%s> is missing in \"%s\"",
			    name, s->words[i].lang);
	}
	return true;
}

static int
pattern_free(pcre2_code **held)
{
	pcre2_code_free(*held);
	return 0;
}

static bool
read_pattern(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const char	*pattern = attribute(r, node, "pattern");
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
		return refuse(r, node, "no memory");
	*held = pcre2_compile((PCRE2_SPTR)limited, PCRE2_ZERO_TERMINATED,
	    PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_UCP |
	    PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
	if (*held == NULL) {
		pcre2_get_error_message(error, reason, sizeof(reason));
		return refuse(r, node, "the pattern of \"%s\" does not compile:"
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
	const size_t		 n = count(node, "choice");
	struct form_choice	*choices;
	size_t			 i = 0;

	if (n == 0)
		return true;
	choices = talloc_zero_array(r->form, struct form_choice, n);
	if (choices == NULL)
		return refuse(r, node, "no memory");
	for (const xmlNode *at = first(node, "choice"); at != NULL;
	    at = next(at, "choice"), i++) {
		if ((choices[i].value = attribute(r, at, "value")) == NULL)
			return refuse(r, at, "no memory");
		for (size_t j = 0; j < i; j++) {
			if (strcmp(choices[i].value, choices[j].value) == 0)
				return refuse(r, at, "the value \"%s\" is given"
				    " twice", choices[i].value);
		}
		if (!read_words(r, at, "label", &choices[i].label))
			return false;
	}
	field->choices = choices;
	field->n_choices = n;
	return true;
}

static bool
check_name(struct reading *r, const xmlNode *node, const struct form_field *field)
{
	const struct form_field *fields = r->form->fields;

	for (size_t i = 0; reserved[i] != NULL; i++) {
		if (strcmp(field->name, reserved[i]) == 0)
			return refuse(r, node, "the name \"%s\" is taken by the"
			    " pages themselves", field->name);
	}
	for (const struct form_field *other = fields; other < field; other++) {
		if (strcmp(field->name, other->name) == 0)
			return refuse(r, node, "two questions have the name"
			    " \"%s\"", field->name);
	}
	return true;
}

static bool
read_field(struct reading *r, const xmlNode *node, struct form_field *field)
{
	const bool	 many = field->kind == FIELD_MANY;
	const char	*least;

	if ((field->name = attribute(r, node, "name")) == NULL)
		return refuse(r, node, "no memory");
	if (!check_name(r, node, field) || !read_choices(r, node, field) ||
	    !read_pattern(r, node, field))
		return false;
	/* `unless` itself is resolved when all names are known. */
	field->required = has(node, "required") || has(node, "unless");
	field->autocomplete = attribute(r, node, "autocomplete");
	field->inputmode = attribute(r, node, "inputmode");
	if (field->kind == FIELD_AMOUNT) {
		field->currency = attribute(r, node, "currency");
		field->inputmode = "decimal";
		field->most = most_of[FIELD_AMOUNT];
		least = attribute(r, node, "least");
		if (least != NULL &&
		    !form_cents(least, "", &field->amount_least))
			return refuse(r, node, "least is not an amount");
	} else {
		field->least = number(r, node, "least", 0);
		field->most = number(r, node, "most",
		    many ? field->n_choices : most_of[field->kind]);
	}
	if (field->kind == FIELD_LINE || field->kind == FIELD_TEXT) {
		field->most_text = talloc_asprintf(r->form, "%zu", field->most);
		if (field->most_text == NULL)
			return refuse(r, node, "no memory");
	}
	if (field->least > field->most || (many && field->most > field->n_choices))
		return refuse(r, node, "no answer to \"%s\" can be of %zu to %zu",
		    field->name, field->least, field->most);
	return read_words(r, node, "label", &field->label) &&
	    read_words(r, node, "hint", &field->hint) &&
	    read_words(r, node, "error", &field->error) &&
	    read_words(r, node, "seen", &field->seen);
}

static enum field_kind
kind_of(const xmlNode *node)
{
	for (size_t kind = FIELD_NONE + 1; kind < FIELD__COUNT; kind++) {
		if (is(node, kinds[kind]))
			return (enum field_kind)kind;
	}
	return FIELD_NONE;
}

static bool
read_section(struct reading *r, const xmlNode *node, size_t place,
    struct form_section *section, struct form_field *fields)
{
	if (!read_words(r, node, "title", &section->title) ||
	    !read_words(r, node, "intro", &section->intro) ||
	    !read_words(r, node, "seen", &section->seen))
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

/* Each `unless` names another question. */
static bool
resolve(struct reading *r, struct form_field *fields)
{
	const size_t n = r->form->n_fields;

	for (size_t i = 0; i < n; i++) {
		const char	*unless;
		size_t		 other = 0;

		if (!has(r->nodes[i], "unless"))
			continue;
		if ((unless = attribute(r, r->nodes[i], "unless")) == NULL)
			return refuse(r, r->nodes[i], "no memory");
		while (other < n && strcmp(fields[other].name, unless) != 0)
			other++;
		if (other == n || other == i)
			return refuse(r, r->nodes[i], "there is no other question"
			    " \"%s\"", unless);
		fields[i].unless = other + 1;
	}
	return true;
}

static bool
read_form(struct reading *r, const xmlNode *root)
{
	struct form		*form = r->form;
	struct form_section	*sections;
	struct form_field	*fields;
	size_t			 n_fields = 0;

	form->version = attribute(r, root, "version");
	form->keep_days = (unsigned)number(r, root, "keep-days", 0);
	form->keep_text = talloc_asprintf(form, "%u", form->keep_days);
	if (!read_words(r, root, "title", &form->title) ||
	    !read_words(r, root, "intro", &form->intro) ||
	    !read_words(r, root, "send", &form->send) ||
	    !read_words(r, root, "seen", &form->seen))
		return false;
	for (const xmlNode *at = first(root, "section"); at != NULL;
	    at = next(at, "section"))
		n_fields += xmlChildElementCount((xmlNode *)at);
	form->sections = sections = talloc_zero_array(form, struct form_section,
	    count(root, "section"));
	form->fields = fields = talloc_zero_array(form, struct form_field,
	    n_fields);
	r->nodes = talloc_zero_array(form, const xmlNode *, n_fields);
	if (form->version == NULL || form->keep_text == NULL ||
	    sections == NULL || fields == NULL || r->nodes == NULL)
		return refuse(r, root, "no memory");
	for (const xmlNode *at = first(root, "section"); at != NULL;
	    at = next(at, "section"), form->n_sections++) {
		if (!read_section(r, at, form->n_sections,
		    &sections[form->n_sections], fields))
			return false;
	}
	return resolve(r, fields);
}

static bool
validate(struct reading *r, xmlRelaxNG *grammar, xmlDoc *doc)
{
	xmlRelaxNGValidCtxt	*check = xmlRelaxNGNewValidCtxt(grammar);
	int			 got;

	if (check == NULL)
		return refuse_line(r, 0, "no memory");
	xmlRelaxNGSetValidStructuredErrors(check, on_error, r);
	got = xmlRelaxNGValidateDoc(check, doc);
	xmlRelaxNGFreeValidCtxt(check);
	return got == 0 || refuse_line(r, 0, "is not a form");
}

xmlRelaxNG *
form_grammar(const void *ctx, const char *schema_dir, char **why)
{
	char			*path = talloc_asprintf(ctx, "%s/form.rng",
				    schema_dir);
	struct reading		 r = { .path = path };
	xmlRelaxNGParserCtxt	*parser;
	xmlRelaxNG		*grammar = NULL;

	*why = NULL;
	if (path == NULL)
		return NULL;
	if ((parser = xmlRelaxNGNewParserCtxt(path)) != NULL) {
		xmlRelaxNGSetParserStructuredErrors(parser,
		    on_error, &r);
		grammar = xmlRelaxNGParse(parser);
		xmlRelaxNGFreeParserCtxt(parser);
	}
	if (grammar == NULL)
		refuse_line(&r, 0, "cannot be read");
	*why = talloc_steal(ctx, r.why);
	talloc_free(path);
	return grammar;
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
		refuse_line(&r, 0, "no memory");
	else if ((doc = parse(&r, xml, len)) != NULL) {
		good = validate(&r, grammar, doc) &&
		    read_form(&r, xmlDocGetRootElement(doc));
		xmlFreeDoc(doc);
	}
	*why = talloc_steal(ctx, r.why);
	talloc_free(r.nodes);
	if (!good)
		TALLOC_FREE(r.form);
	return r.form;
}

const struct form *
form_read(const void *ctx, const struct settings *settings, const char *name)
{
	struct form	*form;
	xmlRelaxNG	*grammar;
	char		*path, *why = NULL;

	path = talloc_asprintf(ctx, "%s/forms/%s.xml", settings->site_dir, name);
	if (path == NULL ||
	    (grammar = form_grammar(ctx, settings->schema_dir, &why)) == NULL)
		log_stop("%s", why != NULL ? why : "no memory");
	form = form_from(ctx, settings, grammar, path, NULL, 0, &why);
	xmlRelaxNGFree(grammar);
	if (form == NULL)
		log_stop("%s", why != NULL ? why : "no memory");
	talloc_free(path);
	return form;
}
