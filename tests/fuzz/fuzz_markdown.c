/*
 * fuzz_markdown.c: any Markdown.  Its HTML is well-formed, has only the elements and
 * attributes of CommonMark and no address but ours, and is still so with its addresses
 * made whole, and as a page with its headings named.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <talloc.h>

#include "../../cgi/lib/view.h"
#include "openhall/markdown.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const elements[] = { "div", "p", "h2", "h3", "h4", "h5", "h6", "ul",
	"ol", "li", "blockquote", "pre", "code", "hr", "br", "em", "strong", "a", "img",
	NULL };

static void
must(bool true_)
{
	if (!true_)
		abort();
}

static void
check_attribute(const xmlAttr *attribute, bool whole)
{
	const char	*name = (const char *)attribute->name;
	xmlChar		*value = xmlNodeGetContent((const xmlNode *)attribute);

	must(value != NULL);
	if (strcmp(name, "href") == 0 || strcmp(name, "src") == 0) {
		must(escape_is_ours((const char *)value));
		must(!whole || strchr((const char *)value, ':') != NULL);
	} else if (strcmp(name, "id") == 0)
		must(*value != '\0' && value[strspn((const char *)value,
		    "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0');
	else if (strcmp(name, "width") == 0 || strcmp(name, "height") == 0)
		must(strcmp((const char *)value, "3") == 0 || strcmp((const char *)value, "4") == 0);
	else
		must(strcmp(name, "title") == 0 || strcmp(name, "alt") == 0 ||
		    strcmp(name, "start") == 0 || (strcmp(name, "class") == 0 &&
		    strncmp((const char *)value, "language-", 9) == 0));
	xmlFree(value);
}

static void
check(const xmlNode *node, bool whole, bool linked)
{
	for (; node != NULL; node = node->next) {
		const char	*name = (const char *)node->name;
		size_t		 i = 0;
		bool		 link;

		if (node->type == XML_TEXT_NODE)
			continue;
		must(node->type == XML_ELEMENT_NODE);
		while (elements[i] != NULL && strcmp(elements[i], name) != 0)
			i++;
		must(elements[i] != NULL);
		link = strcmp(name, "a") == 0;
		must(!link || !linked);
		for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
			check_attribute(at, whole);
		check(node->children, whole, link || linked);
	}
}

static void
check_html(const void *ctx, const char *html, bool whole)
{
	char	*all = talloc_asprintf(ctx, "<div>%s</div>", html);
	xmlDoc	*doc;

	must(all != NULL);
	doc = xmlReadMemory(all, (int)strlen(all), NULL, "UTF-8", XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	must(doc != NULL);
	check(xmlDocGetRootElement(doc), whole, false);
	xmlFreeDoc(doc);
}

/* An address stays as it is, and every second name is taken. */
static const char *
same_address(void *arg, const char *address, bool picture, unsigned line)
{
	(void)arg;
	(void)picture;
	must(line > 0);
	return address;
}

static bool
second_anchor(void *arg, const char *id)
{
	must(*id != '\0');
	return (*(unsigned *)arg)++ % 2 != 0;
}

static void
see_odd(void *arg, enum markdown_odd odd, unsigned line)
{
	(void)arg;
	must(odd <= MARKDOWN_MUTE_HEADING && line > 0);
}

static bool
some_size(void *arg, const char *address, struct markdown_size *out)
{
	(void)arg;
	*out = (struct markdown_size){ 3, 4 };
	return strlen(address) % 2 == 0;
}

static void
check_page(const void *ctx, const char *text, enum outcome want)
{
	unsigned			 asked = 0;
	const struct markdown_reader	 reader = { &asked, same_address, second_anchor,
					    see_odd, some_size };
	struct markup			 page;

	must(markdown_page(ctx, text, &reader, &page) == want);
	if (want == OUT_OK)
		check_html(ctx, page.html, false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void		*ctx = talloc_new(NULL);
	char		*text = talloc_strndup(ctx, (const char *)data, len);
	struct buf	*whole = buf_new(ctx, 0);
	struct html	 place = { 0 };
	struct markup	 markup;
	enum outcome	 got = markdown_html(ctx, text, &markup);

	must(got == OUT_OK || got == OUT_INVALID);
	if (got == OUT_OK) {
		const char	*at = markup.html;

		must(strstr(markup.html, " id=\"") == NULL);
		check_html(ctx, markup.html, false);
		markdown_absolute(whole, markup, "https://example.org", "/statements/a");
		check_html(ctx, whole->data, true);
		/* A page around it goes on where it stood. */
		must(html_feed(&place, &at, strchr(at, '\0')) == NULL);
		must(place.state == HTML_TEXT);
	}
	check_page(ctx, text, got);
	for (size_t most = 1; most < 100; most += 33) {
		const char	*plain = markdown_plain(ctx, text, most);
		size_t		 n = 0;

		must(plain != NULL);
		for (; *plain != '\0'; plain++)
			n += ((unsigned char)*plain & 0xC0) != 0x80;
		must(n <= most);
	}
	talloc_free(ctx);
	return 0;
}
