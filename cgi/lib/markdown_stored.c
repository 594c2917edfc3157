/*
 * markdown_stored.c: HTML that was made of Markdown before, for those who only show it: they need
 * no cmark.  See openhall/markdown.h.
 */
#include "openhall/markdown.h"

#include <string.h>

struct markup
markdown_stored(const char *html)
{
	return (struct markup){ html };
}

/* ---- whole addresses ---- */

/* What must come before `address`, which begins a value in quotes, to make it whole. */
static void
address_base(struct buf *to, const char *address, const char *origin, const char *page)
{
	size_t path = strcspn(page, "?#");

	if (address[strcspn(address, ":/?#\"")] == ':')
		return;
	if (strncmp(address, "//", 2) == 0) {
		buf_add(to, origin, strcspn(origin, "/"));
		return;
	}
	buf_str(to, origin);
	if (*address == '/')
		return;
	/* What names no path is about the page; another is beside it. */
	while (strchr("?#\"", *address) == NULL && path > 0 && page[path - 1] != '/')
		path--;
	buf_add(to, page, path);
}

void
markdown_absolute(struct buf *to, struct markup markup, const char *origin,
    const char *page)
{
	static const char	*const before[] = { " href=\"", " src=\"" };
	const char		*at = markup.html, *quote;
	bool			 opens = true;

	/* cmark writes quotes of the text as &quot;, so each of these begins or ends a value. */
	for (; at != NULL && (quote = strchr(at, '"')) != NULL; opens = !opens) {
		quote++;
		buf_add(to, at, (size_t)(quote - at));
		for (size_t i = 0; opens && i < sizeof(before) / sizeof(*before); i++) {
			size_t len = strlen(before[i]);

			if ((size_t)(quote - markup.html) >= len &&
			    strncmp(quote - len, before[i], len) == 0)
				address_base(to, quote, origin, page);
		}
		at = quote;
	}
	buf_str(to, at);
}
