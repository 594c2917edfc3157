/*
 * build.c: `openhall build`: the pages that nginx serves as they stand: the home page and
 * the error pages, in every language of the site.  A page that has not changed is not
 * written; one that has is replaced in one step, so no visitor meets half of it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "command.h"
#include "openhall/file.h"
#include "openhall/page.h"

struct builder {
	const struct operator	*op;
	struct page		 home, message;
	unsigned		 written, kept;
};

static const struct view_name no_names[] = { { NULL, NULL } };

/* Whether the file holds just this. */
static bool
is_same(const char *path, const struct buf *page)
{
	FILE	*file = fopen(path, "re");
	char	 part[4096];
	size_t	 at = 0, n;
	bool	 same = file != NULL;

	while (same && (n = fread(part, 1, sizeof(part), file)) > 0) {
		same = n <= page->len - at &&
		    memcmp(part, page->data + at, n) == 0;
		at += n;
	}
	if (file != NULL)
		fclose(file);
	return same && at == page->len;
}

/* Make the folder `dir` and those above it, as far as they are missing. */
static bool
make_dirs(const char *dir)
{
	char	path[PATH_MAX];
	char	*at = path;

	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
		return false;
	while ((at = strchr(at + 1, '/')) != NULL) {
		*at = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return false;
		*at = '/';
	}
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

static bool
write_page(struct builder *b, const char *dir, const char *name,
    const struct template *template, const struct view *layout,
    const struct view *page)
{
	const void	*ctx = b->op->ctx;
	struct buf	*out = buf_new(ctx, 16384);
	const char	*path = talloc_asprintf(ctx, "%s/%s", dir, name);

	if (out == NULL || path == NULL ||
	    template_render(template, layout, page, out) != OUT_OK) {
		complain("no memory");
		return false;
	}
	if (is_same(path, out)) {
		b->kept++;
		return true;
	}
	if (!make_dirs(dir)) {
		complain("%s: %s", dir, strerror(errno));
		return false;
	}
	if (file_replace(dir, name, 0644, out->data, out->len) != OUT_OK)
		return false;
	b->written++;
	return true;
}

static bool
build_language(struct builder *b, size_t i)
{
	const struct settings	*s = b->op->settings;
	const void		*ctx = b->op->ctx;
	const struct site_words	*words = &s->words[i];
	const char		*home, *errors;
	struct view		*layout;

	home = talloc_asprintf(ctx, "%s%s", s->html_dir, words->prefix);
	errors = talloc_asprintf(ctx, "%s/error%s", s->html_dir, words->prefix);
	if (home == NULL || errors == NULL)
		return false;
	layout = page_layout(ctx, s, words, "/");
	if (!write_page(b, home, "index.html", b->home.in[i], layout,
	    view_new(ctx, no_names)))
		return false;
	view_flag(layout, L_ERROR, 1);
	view_flag(layout, L_AT_HOME, 0);
	for (const struct page_fault *f = page_faults; f->status != 0; f++) {
		char name[32];

		snprintf(name, sizeof(name), "%d.html", f->status);
		if (!write_page(b, errors, name, b->message.in[i], layout,
		    page_fault_view(ctx, words, f->status)))
			return false;
	}
	return true;
}

int
command_build(const struct operator *op, int argc, char **argv)
{
	struct builder b = { .op = op };

	(void)argc;
	(void)argv;
	page_start(op->settings);
	page_compile(op->ctx, op->settings, &b.home, "home.html", no_names);
	page_compile(op->ctx, op->settings, &b.message, "message.html",
	    message_names);
	for (size_t i = 0; i < op->settings->n_words; i++) {
		if (!build_language(&b, i))
			return EXIT_FAILURE;
	}
	printf("%u pages written, %u unchanged\n", b.written, b.kept);
	return EXIT_SUCCESS;
}
