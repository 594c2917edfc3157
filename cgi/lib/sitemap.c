/* sitemap.c: see openhall/sitemap.h. */
#include "openhall/sitemap.h"

#include <talloc.h>

#include "openhall/view.h"
#include "openhall/when.h"

void
sitemap_begin(struct buf *to)
{
	buf_str(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<urlset xmlns=\"" SITEMAP_NS "\""
	    " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
}

void
sitemap_end(struct buf *to)
{
	buf_str(to, "</urlset>\n");
}

static void
add_address(struct buf *to, const struct settings *s, size_t lang, const char *path)
{
	escape_text(to, s->origin);
	escape_text(to, s->words[lang].prefix);
	escape_text(to, path);
}

static void
add_version(struct buf *to, const struct settings *s, const char *name, size_t lang,
    const char *path)
{
	buf_fmt(to, "<xhtml:link rel=\"alternate\" hreflang=\"%s\" href=\"", name);
	add_address(to, s, lang, path);
	buf_str(to, "\"/>\n");
}

/* As in the head of the page itself: all its versions, and for who reads none of these
 * languages that of the first. */
static void
add_versions(struct buf *to, const struct settings *s, const char *const paths[])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_words; i++)
		n += paths[i] != NULL;
	if (n < 2)
		return;
	for (size_t i = 0; i < s->n_words; i++) {
		if (paths[i] != NULL)
			add_version(to, s, s->words[i].lang, i, paths[i]);
	}
	if (paths[0] != NULL)
		add_version(to, s, "x-default", 0, paths[0]);
}

static void
add_moment(struct buf *to, int64_t at)
{
	const char *text = when_iso(to, at);

	if (text == NULL)
		to->failed = true;
	else
		buf_fmt(to, "<lastmod>%s</lastmod>\n", text);
	talloc_free((void *)(uintptr_t)text);
}

void
sitemap_page(struct buf *to, const struct settings *s, size_t lang,
    const char *const paths[LANGUAGES_MAX], int64_t changed_at)
{
	buf_str(to, "<url>\n<loc>");
	add_address(to, s, lang, paths[lang]);
	buf_str(to, "</loc>\n");
	if (changed_at != 0)
		add_moment(to, changed_at);
	add_versions(to, s, paths);
	buf_str(to, "</url>\n");
}

void
sitemap_same(struct buf *to, const struct settings *s, size_t lang, const char *path,
    int64_t changed_at)
{
	const char *paths[LANGUAGES_MAX] = { NULL };

	for (size_t i = 0; i < s->n_words; i++)
		paths[i] = path;
	sitemap_page(to, s, lang, paths, changed_at);
}
