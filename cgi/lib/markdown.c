/*
 * markdown.c: see openhall/markdown.h.  cmark parses and renders, in its safe mode; what is
 * not to be shown is taken out of the tree between the two.
 */
#include "openhall/markdown.h"

#include <cmark.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/slug.h"
#include "view.h"
#include "xml_text.h"

enum { DEEP = 100, BRACKETS_MOST = 5000, HEADING_LOWEST = 6, ANCHOR_MAX = 60 };

/* ---- the tree: cmark ends the process where there is no memory for it ---- */

/* Whether iterators come by here only once, and not a second time on the way out. */
static bool
is_leaf(cmark_node_type type)
{
	switch (type) {
	case CMARK_NODE_HTML_BLOCK:
	case CMARK_NODE_THEMATIC_BREAK:
	case CMARK_NODE_CODE_BLOCK:
	case CMARK_NODE_TEXT:
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
	case CMARK_NODE_CODE:
	case CMARK_NODE_HTML_INLINE:
		return true;
	default:
		return false;
	}
}

static bool
is_within(cmark_node *node, cmark_node_type type)
{
	while ((node = cmark_node_parent(node)) != NULL)
		if (cmark_node_get_type(node) == type)
			return true;
	return false;
}

/* Leave only what stands in `node`. */
static void
unwrap(cmark_node *node)
{
	cmark_node *child;

	while ((child = cmark_node_first_child(node)) != NULL)
		if (!cmark_node_insert_before(node, child))
			cmark_node_unlink(child);
	cmark_node_free(node);
}

static cmark_node *
text_node(const char *text)
{
	cmark_node *node = cmark_node_new(CMARK_NODE_TEXT);

	cmark_node_set_literal(node, text);
	return node;
}

/* Inline nodes know their line too, but for some that are made of others. */
static unsigned
line_of(cmark_node *node)
{
	while (node != NULL && cmark_node_get_start_line(node) == 0)
		node = cmark_node_parent(node);
	return node == NULL ? 1 : (unsigned)cmark_node_get_start_line(node);
}

/* HTML that somebody typed: the text behind its comments, or nothing. */
static void
html_as_text(cmark_node *node, bool block, const struct markdown_reader *reader)
{
	const char	*html = cmark_node_get_literal(node), *end;
	cmark_node	*text, *instead;

	while (strncmp(html, "<!--", 4) == 0) {
		end = strstr(html + 4, "-->");
		html = end == NULL ? "" : end + 3;
		html += strspn(html, " \t\n");
	}
	if (*html != '\0') {
		if (reader != NULL)
			reader->odd(reader->arg, MARKDOWN_HTML, line_of(node));
		instead = text = text_node(html);
		if (block) {
			instead = cmark_node_new(CMARK_NODE_PARAGRAPH);
			cmark_node_append_child(instead, text);
		}
		if (!cmark_node_insert_before(node, instead))
			cmark_node_free(instead);
	}
	cmark_node_free(node);
}

/* Whether a picture's address leads away from the site: it has a scheme or a host. */
static bool
is_foreign(const char *address)
{
	return address[strcspn(address, ":/?#")] == ':' || strncmp(address, "//", 2) == 0;
}

/* A picture becomes a link to it, with the words that stood for it. */
static void
picture_as_link(cmark_node *picture)
{
	cmark_node	*link = cmark_node_new(CMARK_NODE_LINK), *child;
	const char	*address = cmark_node_get_url(picture);

	cmark_node_set_url(link, address);
	cmark_node_set_title(link, cmark_node_get_title(picture));
	if (cmark_node_first_child(picture) == NULL)
		cmark_node_append_child(picture, text_node(address));
	while ((child = cmark_node_first_child(picture)) != NULL)
		if (!cmark_node_append_child(link, child))
			cmark_node_unlink(child);
	cmark_node_replace(picture, link);
	cmark_node_free(picture);
}

/* On the way out of `node`, when all within it is settled. */
static void
settle(cmark_node *node)
{
	const char *address = cmark_node_get_url(node);

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_LINK:
		/* A picture may become a link; and none stands within another, as one in
		 * "<>" would. */
		if (!escape_is_ours(address) || is_within(node, CMARK_NODE_IMAGE) ||
		    is_within(node, CMARK_NODE_LINK))
			unwrap(node);
		break;
	case CMARK_NODE_IMAGE:
		if (!escape_is_ours(address) || is_within(node, CMARK_NODE_IMAGE))
			unwrap(node);
		else if (is_foreign(address) && is_within(node, CMARK_NODE_LINK))
			unwrap(node);
		else if (is_foreign(address))
			picture_as_link(node);
		break;
	default:
		break;
	}
}

static void
lower(cmark_node *heading)
{
	int level = cmark_node_get_heading_level(heading);

	if (level < HEADING_LOWEST)
		cmark_node_set_heading_level(heading, level + 1);
}

/* Append `text` with white space folded to single spaces. */
static void
add_words(struct buf *to, const char *text)
{
	static const char spaces[] = " \t\r\n\f";

	for (;;) {
		size_t n = strcspn(text, spaces);

		buf_add(to, text, n);
		text += n;
		if (*text == '\0')
			return;
		text += strspn(text, spaces);
		if (to->len > 0 && to->data[to->len - 1] != ' ')
			buf_char(to, ' ');
	}
}

/* The words of what is shown, at least `most` bytes of them if there are so many. */
static void
collect(cmark_node *within, struct buf *to, size_t most)
{
	cmark_iter		*iter = cmark_iter_new(within);
	cmark_event_type	 event;

	while (to->len <= most && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node	*node = cmark_iter_get_node(iter);
		cmark_node_type	 type = cmark_node_get_type(node);

		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE ||
		    type == CMARK_NODE_CODE_BLOCK)
			add_words(to, cmark_node_get_literal(node));
		else if (type <= CMARK_NODE_LAST_BLOCK || type == CMARK_NODE_SOFTBREAK ||
		    type == CMARK_NODE_LINEBREAK)
			add_words(to, " ");
	}
	cmark_iter_free(iter);
}

/* Give a heading, all of whose words are settled, an id. */
static void
anchor(cmark_node *heading, const struct markdown_reader *reader)
{
	cmark_node	*named = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK), *child;
	struct buf	*words = buf_new(NULL, 64), *tag = buf_new(words, 64);
	char		 id[ANCHOR_MAX + 1];
	unsigned	 number = 0;

	if (words != NULL && tag != NULL) {
		collect(heading, words, ANCHOR_MAX);
		do
			slug_make(id, ANCHOR_MAX, words->data, "part", true, number);
		while (!reader->anchor(reader->arg, id) && ++number < 1000);
		buf_fmt(tag, "<h%d id=\"%s\">", cmark_node_get_heading_level(heading), id);
		cmark_node_set_on_enter(named, tag->data);
		buf_reset(tag);
		buf_fmt(tag, "</h%d>", cmark_node_get_heading_level(heading));
		cmark_node_set_on_exit(named, tag->data);
		while ((child = cmark_node_first_child(heading)) != NULL)
			if (!cmark_node_append_child(named, child))
				cmark_node_unlink(child);
		cmark_node_replace(heading, named);
		cmark_node_free(heading);
	}
	talloc_free(words);
}

/* A picture whose size is known says it: a page leaves room for it. */
static void
picture_with_size(cmark_node *picture, struct markdown_size size)
{
	cmark_node	*sized = cmark_node_new(CMARK_NODE_CUSTOM_INLINE);
	struct buf	*words = buf_new(NULL, 64), *tag = buf_new(words, 256);

	if (words != NULL && tag != NULL) {
		collect(picture, words, MARKDOWN_MOST);
		buf_str(tag, "<img src=\"");
		escape_url(tag, cmark_node_get_url(picture));
		buf_str(tag, "\" alt=\"");
		escape_text(tag, words->data);
		buf_fmt(tag, "\" width=\"%u\" height=\"%u\" />", size.width, size.height);
		cmark_node_set_on_enter(sized, tag->data);
		cmark_node_replace(picture, sized);
		cmark_node_free(picture);
	}
	talloc_free(words);
}

/* The same as settle(), when `reader` has seen it. */
static void
settle_read(cmark_node *node, const struct markdown_reader *reader)
{
	cmark_node_type		type = cmark_node_get_type(node);
	struct markdown_size	size;
	bool			sized = type == CMARK_NODE_IMAGE &&
				    !is_within(node, CMARK_NODE_IMAGE) &&
				    reader->size(reader->arg, cmark_node_get_url(node), &size);

	if ((type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE || type == CMARK_NODE_HEADING) &&
	    cmark_node_first_child(node) == NULL)
		reader->odd(reader->arg, type == CMARK_NODE_LINK ? MARKDOWN_MUTE_LINK :
		    type == CMARK_NODE_IMAGE ? MARKDOWN_MUTE_PICTURE : MARKDOWN_MUTE_HEADING,
		    line_of(node));
	if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
		cmark_node_set_url(node, reader->address(reader->arg,
		    cmark_node_get_url(node), type == CMARK_NODE_IMAGE, line_of(node)));
	if (type == CMARK_NODE_HEADING)
		anchor(node, reader);
	else if (sized && escape_is_ours(cmark_node_get_url(node)) &&
	    !is_foreign(cmark_node_get_url(node)))
		picture_with_size(node, size);
	else
		settle(node);
}

/* Make the tree what may be shown.  `reader` may be NULL.  False: it is nested too deep. */
static bool
prepare(cmark_node *document, const struct markdown_reader *reader)
{
	cmark_iter		*iter = cmark_iter_new(document);
	cmark_event_type	 event;
	unsigned		 depth = 0;

	/* The iterator knows the next node already: the one it is at may go, if it is a leaf
	 * or on the way out. */
	while (depth <= DEEP && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node	*node = cmark_iter_get_node(iter);
		cmark_node_type	 type = cmark_node_get_type(node);

		if (event == CMARK_EVENT_EXIT) {
			depth--;
			if (reader != NULL)
				settle_read(node, reader);
			else
				settle(node);
			continue;
		}
		if (!is_leaf(type))
			depth++;
		if (type == CMARK_NODE_HEADING)
			lower(node);
		else if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE)
			html_as_text(node, type == CMARK_NODE_HTML_BLOCK, reader);
	}
	cmark_iter_free(iter);
	return depth <= DEEP;
}

/* NULL: too long, or too many brackets, for which cmark 0.30 takes time by their square. */
static cmark_node *
parse(const char *text)
{
	size_t len = strnlen(text, MARKDOWN_MOST + 1), brackets = 0;

	for (const char *at = text; (at = strchr(at, '[')) != NULL; at++)
		brackets++;
	if (len > MARKDOWN_MOST || brackets > BRACKETS_MOST)
		return NULL;
	return cmark_parse_document(text, len, CMARK_OPT_VALIDATE_UTF8);
}

/* ---- HTML ---- */

static enum outcome
html(const void *ctx, const char *text, const struct markdown_reader *reader,
    struct markup *markup)
{
	cmark_node	*document;
	struct buf	*to;
	char		*made;

	*markup = (struct markup){ NULL };
	if ((document = parse(text)) == NULL)
		return OUT_INVALID;
	if (!prepare(document, reader)) {
		cmark_node_free(document);
		return OUT_INVALID;
	}
	made = cmark_render_html(document, CMARK_OPT_DEFAULT);
	cmark_node_free(document);
	if (made == NULL)
		return OUT_FAULT;
	/* "&#1;" makes a control character of what was none. */
	if ((to = buf_new(ctx, strlen(made))) != NULL)
		xml_text(to, made);
	free(made);
	if (to == NULL || to->failed) {
		talloc_free(to);
		return OUT_FAULT;
	}
	*markup = (struct markup){ to->data };
	return OUT_OK;
}

enum outcome
markdown_html(const void *ctx, const char *text, struct markup *markup)
{
	return html(ctx, text, NULL, markup);
}

enum outcome
markdown_page(const void *ctx, const char *text, const struct markdown_reader *reader,
    struct markup *markup)
{
	return html(ctx, text, reader, markup);
}

/* ---- words ---- */

/* Where the character number `n` of `text` begins, or where the text ends. */
static size_t
character(const char *text, size_t n)
{
	size_t at = 0;

	while (text[at] != '\0' && n-- > 0)
		do
			at++;
		while (((unsigned char)text[at] & 0xC0) == 0x80);
	return at;
}

/* Cut to `most` characters, at a word if there is one, with an ellipsis. */
static void
cut(struct buf *text, size_t most)
{
	size_t end;

	if (character(text->data, most) == text->len)
		return;
	end = character(text->data, most - 1);
	for (size_t at = end; at > 0; at--)
		if (text->data[at] == ' ') {
			end = at;
			break;
		}
	text->data[text->len = end] = '\0';
	buf_str(text, "\xE2\x80\xA6");
}

const char *
markdown_plain(const void *ctx, const char *text, size_t most)
{
	struct buf	*words = buf_new(ctx, most), *to = buf_new(ctx, most);
	cmark_node	*document;

	if (words == NULL || to == NULL)
		return NULL;
	if ((document = parse(text)) == NULL)
		return "";
	/* A character has four bytes at most. */
	collect(document, words, 4 * most);
	cmark_node_free(document);
	xml_text(to, words->data);
	if (words->failed || to->failed)
		return NULL;
	talloc_free(words);
	while (to->len > 0 && to->data[to->len - 1] == ' ')
		to->data[--to->len] = '\0';
	cut(to, most);
	return to->failed ? NULL : to->data;
}
