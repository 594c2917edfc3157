/*
 * build_asset.c: the files that pages load.  style.css and the site's theme.css become one
 * style sheet, without what only people read.
 *
 * Each file stands under its fingerprint, to be kept for good, and beside that without one:
 * a page that was made before the last build asks for another fingerprint, and gets what there
 * is now.
 */
#include <string.h>
#include <talloc.h>

#include "build.h"
#include "openhall/log.h"

/* ---- the style sheet ---- */

static bool
is_space(char c)
{
	return c != '\0' && strchr(" \t\r\n\f", c) != NULL;
}

/* What needs no space beside it, wherever it stands outside of quotes. */
static bool
is_edge(char c)
{
	return c != '\0' && strchr("{};,", c) != NULL;
}

/* Append `css` without comments, with white space folded or, where it says nothing, left
 * out.  What stands in quotes stays. */
static void
add_css(struct buf *to, const char *css)
{
	bool gap = false;

	while (*css != '\0') {
		size_t n = 1;

		if (strncmp(css, "/*", 2) == 0) {
			const char *end = strstr(css + 2, "*/");

			css = end == NULL ? css + strlen(css) : end + 2;
			gap = true;
			continue;
		}
		if (is_space(*css)) {
			css++;
			gap = true;
			continue;
		}
		if (gap && to->len > 0 && !is_edge(*css) && !is_edge(to->data[to->len - 1]))
			buf_char(to, ' ');
		gap = false;
		if (*css == '"' || *css == '\'') {
			while (css[n] != '\0' && css[n] != *css)
				n += css[n] == '\\' && css[n + 1] != '\0' ? 2 : 1;
			n += css[n] != '\0';
		} else if (*css == '\\' && css[1] != '\0') {
			n = 2;
		} else if (*css == '}' && to->len > 0 && to->data[to->len - 1] == ';') {
			to->data[--to->len] = '\0';
		}
		buf_add(to, css, n);
		css += n;
	}
}

/* ---- files ---- */

static void
add_asset(struct build *b, const char *name, struct buf *data)
{
	const char	*end = strrchr(name, '.');
	const char	*paths[] = {
		talloc_asprintf(b->ctx, "/assets/%s", name),
		talloc_asprintf(b->ctx, "/assets/%s/%s", b->assets.fingerprint, name),
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (strcmp(end, ".css") == 0 || strcmp(end, ".svg") == 0 ||
		    strcmp(end, ".js") == 0)
			build_text(b, paths[i], data);
		else
			build_file(b, paths[i], (struct bytes){ data->data, data->len });
	}
}

void
build_assets(struct build *b)
{
	static const char	*const sheets[] = { "style.css", "theme.css" };
	struct buf		*style = buf_new(b->ctx, 65536);

	if (style == NULL)
		log_stop("no memory");
	for (size_t i = 0; i < sizeof(sheets) / sizeof(*sheets); i++) {
		const struct asset *sheet = assets_find(&b->assets, sheets[i],
		    strlen(sheets[i]));

		if (sheet != NULL)
			add_css(style, sheet->data);
	}
	add_asset(b, "style.css", style);
	for (size_t i = 0; i < b->assets.n; i++) {
		const struct asset	*asset = &b->assets.at[i];
		struct buf		*data;

		if (strcmp(asset->name, "style.css") == 0 ||
		    strcmp(asset->name, "theme.css") == 0)
			continue;
		if ((data = buf_new(b->ctx, asset->len)) == NULL)
			log_stop("no memory");
		buf_add(data, asset->data, asset->len);
		if (data->failed)
			log_stop("no memory");
		add_asset(b, asset->name, data);
	}
}
