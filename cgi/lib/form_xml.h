/*
 * form_xml.h: a form file as XML, for form_read.c and form_keep.c: its elements,
 * attributes and texts, and the first thing that is wrong with it.
 */
#ifndef OPENHALL_LIB_FORM_XML_H
#define OPENHALL_LIB_FORM_XML_H

#include <libxml/tree.h>

#include "form.h"

/* A file being read.  Functions below answer false, or NULL, once `why` is set. */
struct reading {
	const struct settings	*settings;
	const char		*path;
	struct form		*form;
	const xmlNode		**nodes;	/* of each field */
	char			*why;
};

/* Keep the first reason, and answer false.  `line` 0: of the whole file. */
bool		 xml_refuse_line(struct reading *, long line, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));

#define xml_refuse(r, node, ...) \
	xml_refuse_line(r, xmlGetLineNo((xmlNode *)(node)), __VA_ARGS__)

/* The file `r->path`, or the `len` bytes of `xml`, as the grammar allows it; to be freed with
 * xmlFreeDoc().  NULL: refused. */
xmlDoc		*xml_read(struct reading *, xmlRelaxNG *, const char *xml, size_t len);

bool		 xml_is(const xmlNode *, const char *name);

/* The first child element called `name`, the next one after `node`, how many there are. */
const xmlNode	*xml_first(const xmlNode *parent, const char *name);
const xmlNode	*xml_next(const xmlNode *, const char *name);
size_t		 xml_count(const xmlNode *parent, const char *name);

/* An attribute below the form, with white space folded and trimmed; NULL: it is not there. */
const char	*xml_attribute(struct reading *, const xmlNode *, const char *name);
bool		 xml_has(const xmlNode *, const char *name);
size_t		 xml_number(struct reading *, const xmlNode *, const char *name,
		    size_t otherwise);

/* The texts called `name` in `parent`: none at all, or one in each language of the
 * site.  What is there in other languages is left alone. */
bool		 xml_words(struct reading *, const xmlNode *parent, const char *name,
		    struct form_words *out);

/* ---- form_keep.c ---- */

/* How long what is kept, from the <keep> elements, and the same in sentences. */
bool		 keep_read(struct reading *, const xmlNode *root);

#endif
