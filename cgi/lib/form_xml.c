/*
 * form_xml.c: a form file as XML.  Only what the grammar allows comes through, without
 * entities and without another file.
 */
#include "form_xml.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error;
#else
typedef xmlError *xml_error;
#endif

bool
xml_refuse_line(struct reading *r, long line, const char *fmt, ...)
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

/* Structured errors of libxml2; `arg` is the reading. */
static void
on_error(void *arg, xml_error error)
{
	struct reading *r = arg;

	if (error->line > 0 || error->node == NULL)
		xml_refuse_line(r, error->line, "%s", error->message);
	else
		xml_refuse(r, error->node, "%s", error->message);
}

/* A document type is where entities and other files come in: it ends the reading. */
static void
on_dtd(void *arg, const xmlChar *name, const xmlChar *public,
    const xmlChar *system)
{
	xmlParserCtxt *parser = arg;

	(void)name, (void)public, (void)system;
	xml_refuse_line(parser->_private, xmlSAX2GetLineNumber(parser),
	    "a DOCTYPE is not allowed");
	xmlStopParser(parser);
}

static xmlDoc *
parse(struct reading *r, const char *xml, size_t len)
{
	const int	 options = XML_PARSE_NONET | XML_PARSE_NOERROR |
			    XML_PARSE_NOWARNING;
	xmlParserCtxt	*parser = xmlNewParserCtxt();
	xmlDoc		*doc = NULL;
	int		 fd = -1;

	if (parser == NULL) {
		xml_refuse_line(r, 0, "no memory");
		return NULL;
	}
	parser->_private = r;
	parser->sax->internalSubset = on_dtd;
	if (xml != NULL)
		doc = xmlCtxtReadMemory(parser, xml, (int)len, r->path, NULL,
		    options);
	else if ((fd = open(r->path, O_RDONLY | O_CLOEXEC)) < 0)
		xml_refuse_line(r, 0, "%s", strerror(errno));
	else
		doc = xmlCtxtReadFd(parser, fd, r->path, NULL, options);
	if (fd >= 0)
		close(fd);
	if (doc == NULL && xmlCtxtGetLastError(parser) != NULL)
		on_error(r, xmlCtxtGetLastError(parser));
	if (doc == NULL)
		xml_refuse_line(r, 0, "cannot be read");
	if (r->why != NULL) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(parser);
	return doc;
}

bool
xml_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	    strcmp((const char *)node->name, name) == 0;
}

const xmlNode *
xml_first(const xmlNode *parent, const char *name)
{
	for (const xmlNode *at = parent->children; at != NULL; at = at->next) {
		if (xml_is(at, name))
			return at;
	}
	return NULL;
}

const xmlNode *
xml_next(const xmlNode *node, const char *name)
{
	for (node = node->next; node != NULL; node = node->next) {
		if (xml_is(node, name))
			return node;
	}
	return NULL;
}

size_t
xml_count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (const xmlNode *at = xml_first(parent, name); at != NULL;
	    at = xml_next(at, name))
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

const char *
xml_attribute(struct reading *r, const xmlNode *node, const char *name)
{
	return fold(r, xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name));
}

bool
xml_has(const xmlNode *node, const char *name)
{
	return xmlHasProp((xmlNode *)node, (const xmlChar *)name) != NULL;
}

size_t
xml_number(struct reading *r, const xmlNode *node, const char *name, size_t otherwise)
{
	const char *text = xml_attribute(r, node, name);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

bool
xml_words(struct reading *r, const xmlNode *parent, const char *name,
    struct form_words *out)
{
	const struct settings	*s = r->settings;
	const xmlNode		*last = NULL;

	for (const xmlNode *at = xml_first(parent, name); at != NULL;
	    at = xml_next(at, name)) {
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
			return xml_refuse(r, at, "<%s> is given twice in \"%s\"",
			    name, lang);
		if ((*text = fold(r, xmlNodeGetContent((xmlNode *)at))) == NULL)
			return xml_refuse(r, at, "no memory");
	}
	for (size_t i = 0; last != NULL && i < s->n_words; i++) {
		if (out->in[i] == NULL)
			return xml_refuse(r, last, "<%s> is missing in \"%s\"",
			    name, s->words[i].lang);
	}
	return true;
}

static bool
validate(struct reading *r, xmlRelaxNG *grammar, xmlDoc *doc)
{
	xmlRelaxNGValidCtxt	*check = xmlRelaxNGNewValidCtxt(grammar);
	int			 got;

	if (check == NULL)
		return xml_refuse_line(r, 0, "no memory");
	xmlRelaxNGSetValidStructuredErrors(check, on_error, r);
	got = xmlRelaxNGValidateDoc(check, doc);
	xmlRelaxNGFreeValidCtxt(check);
	return got == 0 || xml_refuse_line(r, 0, "is not a form");
}

xmlDoc *
xml_read(struct reading *r, xmlRelaxNG *grammar, const char *xml, size_t len)
{
	xmlDoc *doc = parse(r, xml, len);

	if (doc != NULL && !validate(r, grammar, doc)) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	return doc;
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
		xml_refuse_line(&r, 0, "cannot be read");
	*why = talloc_steal(ctx, r.why);
	talloc_free(path);
	return grammar;
}
