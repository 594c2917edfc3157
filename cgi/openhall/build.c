/*
 * build.c: `openhall build`: all that nginx serves as it stands: the organisation's pages, the
 * error pages, the files that pages load, and those for robots and for who finds a hole.
 *
 * Whatever is wrong is told with its file and line, all of it at once, and then nothing is
 * written.
 *
 * With --components there is one page more, for whoever works on the style: /components shows
 * each part of a page in each of its states.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "build.h"
#include "openhall/log.h"

enum { GZIP = 16, GZIP_LEAST = 256 /* bytes; below, it is not worth a file */ };

/* ---- what the parts share ---- */

void
build_mistake(struct build *b, const char *file, unsigned line, const char *fmt, ...)
{
	va_list	 ap;
	char	*reason;

	va_start(ap, fmt);
	reason = talloc_vasprintf(b->ctx, fmt, ap);
	va_end(ap);
	b->mistakes++;
	if (reason == NULL)
		log_stop("no memory");
	if (line > 0)
		complain("%s:%u: %s", file, line, reason);
	else
		complain("%s: %s", file, reason);
}

void *
build_grow(struct build *b, void *at, size_t size, size_t n)
{
	/* Doubles whenever `n` has reached a power of two. */
	if ((n & (n - 1)) == 0)
		at = talloc_realloc_size(b->ctx, at, size * (n == 0 ? 1 : 2 * n));
	if (at == NULL)
		log_stop("no memory");
	memset((char *)at + size * n, 0, size);
	return at;
}

void
build_file(struct build *b, const char *path, struct bytes data)
{
	if (path == NULL || data.data == NULL)
		log_stop("no memory");
	*BUILD_MORE(b, b->files, b->n_files) = (struct built_file){ path, data, false };
}

/* The same bytes always give the same: no name and no date stand in it. */
static void
compress_text(struct build *b, const char *path, const struct buf *text)
{
	z_stream	 z = { .next_in = (Bytef *)text->data,
			    .avail_in = (uInt)text->len };
	struct built_file gz = { .path = talloc_asprintf(b->ctx, "%s.gz", path),
			    .derived = true };
	uLong		 most;
	Bytef		*to;

	if (gz.path == NULL || deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED,
	    MAX_WBITS + GZIP, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		log_stop("no memory");
	most = deflateBound(&z, z.avail_in);
	if ((to = talloc_size(b->ctx, most)) == NULL)
		log_stop("no memory");
	z.next_out = to;
	z.avail_out = (uInt)most;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		log_stop("%s: cannot be compressed", path);
	gz.data = (struct bytes){ to, z.total_out };
	deflateEnd(&z);
	*BUILD_MORE(b, b->files, b->n_files) = gz;
}

void
build_text(struct build *b, const char *path, const struct buf *text)
{
	if (text == NULL || text->failed || text->len > UINT32_MAX)
		log_stop("no memory");
	build_file(b, path, (struct bytes){ text->data, text->len });
	if (text->len >= GZIP_LEAST)
		compress_text(b, path, text);
}

/* ---- pages ---- */

/* Compiled once for all pages. */
struct shapes {
	struct page	home, page, message;
};

static const struct buf *
render(struct build *b, const struct template *template, const struct view *layout,
    const struct view *view)
{
	struct buf *out = buf_new(b->ctx, 16384);

	if (out == NULL || template_render(template, layout, view, out) != OUT_OK)
		log_stop("no memory");
	return out;
}

/* What nginx has yet to put something into is called .shtml, and is not compressed. */
static void
build_one(struct build *b, const struct shapes *shapes, const struct site_page *page,
    const struct view *view)
{
	const struct settings	*s = b->settings;
	const struct site_words	*words = &s->words[page->lang];
	bool			 at_home = strcmp(page->path, "/") == 0;
	const struct page	*shape = at_home ? &shapes->home : &shapes->page;
	struct view		*layout = page_layout(b->ctx, s, words, page->path);
	const char		*name = at_home ? "/index" : page->path;
	const struct buf	*out;

	view_text(layout, L_DESCRIPTION, page->description);
	view_text(layout, L_CANONICAL, talloc_asprintf(b->ctx, "%s%s%s", s->origin,
	    words->prefix, page->path));
	out = render(b, shape->in[page->lang], layout, view);
	if (strstr(out->data, "<!--#") != NULL)
		build_file(b, talloc_asprintf(b->ctx, "%s%s.shtml", words->prefix, name),
		    (struct bytes){ out->data, out->len });
	else
		build_text(b, talloc_asprintf(b->ctx, "%s%s.html", words->prefix, name), out);
}

static void
build_errors(struct build *b, const struct shapes *shapes, size_t lang)
{
	const struct site_words	*words = &b->settings->words[lang];
	struct view		*layout = page_layout(b->ctx, b->settings, words, NULL);

	view_flag(layout, L_ERROR, 1);
	for (const struct page_fault *f = page_faults; f->status != 0; f++) {
		const struct buf *out = render(b, shapes->message.in[lang], layout,
		    page_fault_view(b->ctx, words, f->status));

		build_file(b, talloc_asprintf(b->ctx, "/error%s/%d.html", words->prefix,
		    f->status), (struct bytes){ out->data, out->len });
	}
}

/* In English, and in no list of pages. */
static void
build_components(struct build *b)
{
	const struct site_words	*words = &b->settings->words[0];
	struct page		 shape;

	page_compile(b->ctx, b->settings, &shape, "components.html", built_page_names);
	build_text(b, talloc_asprintf(b->ctx, "%s/components.html", words->prefix),
	    render(b, shape.in[0], page_layout(b->ctx, b->settings, words, "/components"),
	    view_new(b->ctx, built_page_names)));
}

/* Every text is read, so that all mistakes are told, before any page is put together. */
static void
build_pages(struct build *b)
{
	struct shapes	  shapes;
	struct view	**views;

	if ((views = talloc_array(b->ctx, struct view *, b->pages.n + 1)) == NULL)
		log_stop("no memory");
	for (size_t i = 0; i < b->pages.n; i++)
		views[i] = build_page(b, &b->pages.at[i]);
	build_check(b);
	if (b->mistakes > 0)
		return;
	page_compile(b->ctx, b->settings, &shapes.home, "home.html", built_page_names);
	page_compile(b->ctx, b->settings, &shapes.page, "page.html", built_page_names);
	page_compile(b->ctx, b->settings, &shapes.message, "message.html", message_names);
	for (size_t i = 0; i < b->pages.n; i++)
		build_one(b, &shapes, &b->pages.at[i], views[i]);
	for (size_t i = 0; i < b->settings->n_words; i++)
		build_errors(b, &shapes, i);
}

/* ---- the command ---- */

static void
page_mistake(void *arg, const char *file, unsigned line, const char *reason)
{
	build_mistake(arg, file, line, "%s", reason);
}

int
command_build(const struct operator *op, int argc, char **argv)
{
	struct build		b = { .ctx = op->ctx, .op = op, .settings = op->settings };
	struct built_tree	tree;
	bool			components = argc > 0 && strcmp(argv[0], "--components") == 0;

	if (argc > 0 && !components)
		return complain("%s: build takes only --components", argv[0]);
	clock_gettime(CLOCK_REALTIME_COARSE, &b.began);
	assets_read(b.ctx, b.settings, &b.assets);
	if (!pages_read(b.ctx, b.settings, &b.pages, page_mistake, &b))
		return complain("no memory");
	page_start_with(b.settings, &b.assets, &b.pages);
	build_pages(&b);
	if (components)
		build_components(&b);
	build_assets(&b);
	build_for_robots(&b);
	if (b.mistakes > 0)
		return complain(b.mistakes == 1 ? "one mistake: nothing was built" :
		    "%u mistakes: nothing was built", b.mistakes);
	if (!build_tree(&b, &tree))
		return EXIT_FAILURE;
	printf("%u files written, %u unchanged, %u removed\n", tree.written, tree.kept,
	    tree.removed);
	return EXIT_SUCCESS;
}
