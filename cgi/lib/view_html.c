/*
 * view_html.c: where in the HTML a piece of a template stands, so that a value is written
 * as that place wants it, or refused there.
 *
 * It follows the tokenizer of the HTML standard (13.2.5), and is stricter: what that
 * calls a parse error stops the start.  Sections leave the flow; each way through a
 * template must lead to the same place.
 */
#include "view.h"

#include <string.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_letter(char c)
{
	c = lower(c);
	return c >= 'a' && c <= 'z';
}

/* Whether `name` is in `list`, which ends in NULL. */
static bool
is_one_of(const char *name, const char *const *list)
{
	while (*list != NULL && strcmp(name, *list) != 0)
		list++;
	return *list != NULL;
}

static void
name_clear(struct html *html)
{
	memset(html->name, '\0', sizeof(html->name));
	html->name_len = 0;
}

static void
name_add(struct html *html, char c)
{
	if (html->name_len < sizeof(html->name) - 1)
		html->name[html->name_len++] = lower(c);
}

/* ---- tags ---- */

/* Behind a tag's ">". */
static void
tag_end(struct html *html)
{
	static const char	*const raw[] = { "script", "style", "xmp", "iframe",
	    "noembed", "noframes", "plaintext", NULL };
	static const char	*const plain[] = { "title", "textarea", NULL };
	enum html_state		 state = HTML_TEXT;

	if (!html->closing && is_one_of(html->element, raw))
		state = HTML_RAW;
	else if (!html->closing && is_one_of(html->element, plain))
		state = HTML_PLAIN;
	name_clear(html);
	html->closing = false;
	html->matched = 0;
	html->state = state;
	if (state == HTML_TEXT)
		memset(html->element, '\0', sizeof(html->element));
}

/* The tag's name is complete. */
static void
tag_named(struct html *html)
{
	memcpy(html->element, html->name, sizeof(html->element));
	name_clear(html);
	html->state = HTML_GAP;
}

/* In a tag, outside of names and values. */
static const char *
tag_feed(struct html *html, char c)
{
	if (is_space(c))
		html->state = HTML_SPACE;
	else if (c == '>')
		tag_end(html);
	else if (c == '/')
		html->state = HTML_GAP;
	else if (html->state == HTML_GAP)
		return "white space is missing between attributes";
	else if (strchr("\"'<=`", c) != NULL)
		return "an attribute's name is missing";
	else {
		name_add(html, c);
		html->state = HTML_NAME;
	}
	return NULL;
}

/* The attribute's name is complete, and "=" follows. */
static const char *
attribute_named(struct html *html)
{
	static const char	*const urls[] = { "href", "src", "action", "formaction",
	    "cite", "data", "poster", "background", "xlink:href", NULL };
	static const char	*const refused[] = { "style", "srcdoc", "srcset",
	    "imagesrcset", "ping", NULL };

	if (strcmp(html->name, "http-equiv") == 0)
		return "http-equiv: send a header instead";
	if (is_one_of(html->name, urls))
		html->attribute = ATTRIBUTE_URL;
	else if (is_one_of(html->name, refused) || strncmp(html->name, "on", 2) == 0)
		html->attribute = ATTRIBUTE_REFUSED;
	else
		html->attribute = ATTRIBUTE_PLAIN;
	html->state = HTML_EQUALS;
	html->url = URL_START;
	name_clear(html);
	return NULL;
}

static const char *
name_feed(struct html *html, char c)
{
	if (c == '=')
		return attribute_named(html);
	if (is_space(c)) {
		html->state = HTML_NAMED;
		return NULL;
	}
	if (html->state == HTML_NAME && c != '>' && c != '/') {
		if (strchr("\"'<`", c) != NULL)
			return "a quote or \"<\" in an attribute's name";
		name_add(html, c);
		return NULL;
	}
	/* An attribute without a value ends here. */
	name_clear(html);
	html->state = HTML_SPACE;
	return tag_feed(html, c);
}

/* ---- addresses ---- */

static const char *
url_feed(struct html *html, char c)
{
	static const char	*const schemes[] = { "http", "https", "mailto", "tel",
	    NULL };
	enum html_url		 from = html->url;

	if (from == URL_QUERY || from == URL_FOREIGN || from == URL_UNSURE)
		return NULL;
	if (c == '?' || c == '#')
		html->url = URL_QUERY;
	else if (from == URL_PATH)
		return NULL;
	else if (c == '/')
		html->url = URL_PATH;
	else if (from == URL_MARKED)
		return c == ':' || c == '&' ?
		    "a value cannot be the scheme of an address" : NULL;
	else if (c == ':')
		html->url = is_one_of(html->name, schemes) ? URL_PATH : URL_FOREIGN;
	else if (c == '&' || (unsigned char)c <= ' ')
		html->url = URL_FOREIGN;
	else {
		name_add(html, c);
		html->url = URL_WORD;
	}
	if (html->url != URL_WORD)
		name_clear(html);
	return NULL;
}

static const char *
value_feed(struct html *html, char c)
{
	if (c != (html->state == HTML_DOUBLE ? '"' : '\''))
		return html->attribute == ATTRIBUTE_URL ? url_feed(html, c) : NULL;
	html->attribute = ATTRIBUTE_PLAIN;
	html->url = URL_START;
	name_clear(html);
	html->state = HTML_GAP;
	return NULL;
}

/* An unquoted value: no template value may stand there, so its address does not matter. */
static const char *
bare_feed(struct html *html, char c)
{
	if (html->state == HTML_EQUALS) {
		if (is_space(c))
			return NULL;
		html->state = c == '"' ? HTML_DOUBLE : c == '\'' ? HTML_SINGLE : HTML_BARE;
		if (html->state != HTML_BARE)
			return NULL;
		if (c == '>')
			return "an attribute's value is missing";
	}
	if (is_space(c) || c == '>') {
		html->attribute = ATTRIBUTE_PLAIN;
		html->state = HTML_SPACE;
		return tag_feed(html, c);
	}
	return strchr("\"'<=`", c) != NULL ?
	    "a quote, \"<\" or \"=\" in an unquoted attribute" : NULL;
}

/* ---- text ---- */

/* In an element that only its own end tag ends: look for that. */
static const char *
raw_feed(struct html *html, char c)
{
	size_t	len = strlen(html->element);

	if (html->matched == len + 2) {
		if (is_space(c) || c == '>' || c == '/') {
			html->closing = true;
			html->matched = 0;
			html->state = HTML_GAP;
			return tag_feed(html, c);
		}
	} else if (lower(c) == (html->matched == 0 ? '<' : html->matched == 1 ? '/' :
	    html->element[html->matched - 2])) {
		html->matched++;
		return NULL;
	}
	if (html->state == HTML_PLAIN && html->matched > 0)
		return "\"<\" in title or textarea: write &lt;";
	html->matched = c == '<';
	return NULL;
}

/* Behind "<!", and in what may follow it. */
static const char *
bang_feed(struct html *html, char c)
{
	switch (html->state) {
	case HTML_BANG:
		if (c == '-' && ++html->matched == 2)
			html->state = HTML_COMMENT;
		else if (c != '-' && html->matched > 0)
			return "\"<!-\" begins no comment";
		else if (c == '>')
			return "\"<!>\" is no declaration";
		else if (c != '-')
			html->state = HTML_DECLARATION;
		return NULL;
	case HTML_COMMENT:
		if (html->matched >= 2 && c == '!')
			return "\"--!\" in a comment";
		if (html->matched >= 2 && c == '>')
			tag_end(html);
		else
			html->matched = c != '-' ? 0 : html->matched < 2 ? html->matched + 1 : 2;
		return NULL;
	default:
		if (c == '>')
			tag_end(html);
		return NULL;
	}
}

/* Behind "<" and "</". */
static const char *
open_feed(struct html *html, char c)
{
	if (is_letter(c)) {
		html->closing = html->state == HTML_CLOSE;
		html->state = HTML_TAG;
		name_add(html, c);
		return NULL;
	}
	if (html->state == HTML_CLOSE || (c != '/' && c != '!'))
		return "\"<\" begins no tag: write &lt;";
	html->state = c == '/' ? HTML_CLOSE : HTML_BANG;
	return NULL;
}

static const char *
feed(struct html *html, char c)
{
	switch (html->state) {
	case HTML_TEXT:
		if (c == '<')
			html->state = HTML_OPEN;
		return NULL;
	case HTML_OPEN:
	case HTML_CLOSE:
		return open_feed(html, c);
	case HTML_BANG:
	case HTML_DECLARATION:
	case HTML_COMMENT:
		return bang_feed(html, c);
	case HTML_TAG:
		if (is_space(c) || c == '>' || c == '/') {
			tag_named(html);
			return tag_feed(html, c);
		}
		if (strchr("\"'<=`", c) != NULL)
			return "a quote, \"<\" or \"=\" in a tag's name";
		name_add(html, c);
		return NULL;
	case HTML_GAP:
	case HTML_SPACE:
		return tag_feed(html, c);
	case HTML_NAME:
	case HTML_NAMED:
		return name_feed(html, c);
	case HTML_EQUALS:
	case HTML_BARE:
		return bare_feed(html, c);
	case HTML_DOUBLE:
	case HTML_SINGLE:
		return value_feed(html, c);
	case HTML_RAW:
	case HTML_PLAIN:
		return raw_feed(html, c);
	case HTML_NONE:
		break;
	}
	return NULL;
}

const char *
html_feed(struct html *html, const char **at, const char *end)
{
	const char	*why = NULL;

	while (*at < end && (why = feed(html, **at)) == NULL)
		++*at;
	return why;
}

/* ---- what is not literal ---- */

static const char *
address_value(const struct html *html, enum step_kind *step)
{
	switch (html->url) {
	case URL_START:
	case URL_MARKED:
		*step = STEP_URL;
		return NULL;
	case URL_PATH:
		*step = STEP_PATH;
		return NULL;
	case URL_QUERY:
		*step = STEP_COMPONENT;
		return NULL;
	case URL_WORD:
		return "a value in an address must begin it, or follow \"/\", \"?\" or \"#\"";
	case URL_FOREIGN:
		return "a value in an address whose scheme is not http, https, mailto or tel";
	case URL_UNSURE:
		break;
	}
	return "a value in an address, behind a section that may have reached its query";
}

const char *
html_value(const struct html *html, enum step_kind *step)
{
	switch (html->state) {
	case HTML_DOUBLE:
	case HTML_SINGLE:
		if (html->attribute == ATTRIBUTE_REFUSED)
			return "a value in an attribute that holds a script, a style or "
			    "several addresses";
		if (html->attribute == ATTRIBUTE_URL)
			return address_value(html, step);
		*step = STEP_TEXT;
		return NULL;
	case HTML_PLAIN:
		if (html->matched > 0)
			break;
		/* FALLTHROUGH */
	case HTML_TEXT:
		*step = STEP_TEXT;
		return NULL;
	case HTML_NONE:
		*step = STEP_MARKUP;
		return NULL;
	case HTML_EQUALS:
	case HTML_BARE:
		return "a value in an unquoted attribute";
	case HTML_RAW:
		return "a value in a script or style element, or its like";
	case HTML_BANG:
	case HTML_DECLARATION:
	case HTML_COMMENT:
		return "a value in a comment or declaration";
	case HTML_GAP:
	case HTML_SPACE:
	case HTML_NAME:
	case HTML_NAMED:
		return "a value in an attribute's name";
	case HTML_OPEN:
	case HTML_CLOSE:
	case HTML_TAG:
		break;
	}
	return "a value in a tag's name";
}

const char *
html_markup(const struct html *html)
{
	return html->state == HTML_TEXT ? NULL : "markup may stand in text only";
}

const char *
html_section(struct html *html, bool *mark)
{
	*mark = false;
	switch (html->state) {
	case HTML_TAG:
		tag_named(html);
		return NULL;
	case HTML_NAME:
		/* Whatever follows cannot go on with this name. */
		name_clear(html);
		html->state = HTML_GAP;
		return NULL;
	case HTML_NAMED:
		name_clear(html);
		html->state = HTML_SPACE;
		return NULL;
	case HTML_OPEN:
	case HTML_CLOSE:
	case HTML_BANG:
		return "a section begins or ends behind \"<\"";
	case HTML_EQUALS:
	case HTML_BARE:
		return "a section begins or ends in an unquoted attribute";
	case HTML_DOUBLE:
	case HTML_SINGLE:
		if (html->attribute == ATTRIBUTE_URL && html->url == URL_START) {
			html->url = URL_MARKED;
			*mark = true;
		}
		return NULL;
	default:
		return NULL;
	}
}

/* The same place, but for how far an address has come. */
static bool
same(const struct html *a, const struct html *b)
{
	return a->state == b->state && a->attribute == b->attribute &&
	    a->closing == b->closing && a->matched == b->matched &&
	    strcmp(a->element, b->element) == 0 &&
	    (a->url != b->url || strcmp(a->name, b->name) == 0);
}

/* Of two ways into an address, what is true of both: STEP_URL looks at all of it, so it
 * may stand where only a path is needed. */
static enum html_url
url_join(enum html_url a, enum html_url b)
{
	if (a == b)
		return a;
	if ((a == URL_MARKED && b == URL_PATH) || (a == URL_PATH && b == URL_MARKED))
		return URL_MARKED;
	return URL_UNSURE;
}

const char *
html_join(struct html *html, const struct html *other, bool list)
{
	struct html	way = *other;

	/* Behind white space, white space may follow as well. */
	if (!list && html->state == HTML_GAP && way.state == HTML_SPACE)
		way.state = HTML_GAP;
	if (!list && html->state == HTML_SPACE && way.state == HTML_GAP)
		html->state = HTML_GAP;
	if (!same(html, &way) || (list && html->url != way.url))
		return "the section ends in another place of the HTML than it began";
	if (html->url != way.url)
		name_clear(html);
	html->url = url_join(html->url, way.url);
	return NULL;
}
