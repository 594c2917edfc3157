/*
 * fuzz_view.c: templates, and values in them.
 *
 * An input is up to four texts with a NUL between them: page.html, layout.html,
 * part.html and a value.  The value must not change where in the HTML anything stands: a
 * page with it, and the same page with a harmless one, have the same tags and attributes.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "../../cgi/lib/view.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct view_name	kids[] = { { "name", NULL }, { NULL, NULL } };
static const struct view_name	items[] = {
	{ "name", NULL }, { "kids", kids }, { NULL, NULL }
};
static const struct view_name	outer[] = {
	{ "site", NULL }, { "v", NULL }, { NULL, NULL }
};
static const struct view_name	page[] = {
	{ "v", NULL }, { "items", items }, { NULL, NULL }
};

enum { PAGE, LAYOUT, PART, VALUE, TEXTS };
static const char	*const files[] = { "page.html", "layout.html", "part.html" };

static const char *
read_text(const void *ctx, const void *arg, const char *file)
{
	const char *const	*texts = arg;

	(void)ctx;
	for (size_t i = PAGE; i <= PART; i++)
		if (strcmp(file, files[i]) == 0)
			return texts[i];
	errno = ENOENT;
	return NULL;
}

/* The page with `value` everywhere. */
static const char *
render(const void *ctx, const struct template *template, const char *value)
{
	struct buf	*buf = buf_new(ctx, 256);
	struct view	*layout = view_new(ctx, outer), *view = view_new(ctx, page), *row;

	view_text(layout, 0, value);
	view_text(layout, 1, value);
	view_text(view, 0, value);
	for (size_t i = 0; i < 2; i++) {
		row = view_row(view, 1);
		view_text(row, 0, value);
		view_text(view_row(row, 1), 0, value);
	}
	if (template_render(template, layout, view, buf) != OUT_OK)
		abort();
	return buf->data;
}

/* The places through which the tracker goes, each once, as text. */
static const char *
places(const void *ctx, const char *html)
{
	struct buf	*to = buf_new(ctx, 256);
	struct html	 at = { 0 };
	int		 last = -1;

	for (; *html != '\0'; ) {
		const char	*one = html++;

		if (html_feed(&at, &one, html) != NULL)
			abort();	/* it was accepted in pieces */
		if ((int)at.state != last)
			buf_fmt(to, "%d%s ", last = (int)at.state, at.element);
	}
	if (at.state != HTML_TEXT || to->failed)
		abort();
	return to->data;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct site_words	words = { .lang = "en" };
	void				*ctx = talloc_new(NULL);
	char				*rest = talloc_size(ctx, len + 1);
	const char			*texts[TEXTS] = { "", "", "", "" };
	struct template			*template;

	/* Copied with a NUL more, so that the last text ends. */
	if (rest == NULL)
		abort();
	memcpy(rest, data, len);
	rest[len] = '\0';
	for (size_t i = 0, at = 0; i < TEXTS && at <= len; i++) {
		texts[i] = rest + at;
		at += strlen(rest + at) + 1;
	}
	if (template_build(ctx, &(struct view_files){ read_text, texts }, &words, "page.html",
	    outer, page, &template) == NULL) {
		const char	*harmless = *texts[VALUE] == '\0' ? "" : "x";

		if (strcmp(places(ctx, render(ctx, template, texts[VALUE])),
		    places(ctx, render(ctx, template, harmless))) != 0)
			abort();
	}
	talloc_free(ctx);
	return 0;
}
