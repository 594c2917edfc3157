/*
 * build.h: what the parts of `openhall build` share.  Everything is made in memory first; only
 * when nothing is wrong is the folder touched.
 */
#ifndef OPENHALL_BUILD_H
#define OPENHALL_BUILD_H

#include <time.h>

#include "command.h"
#include "openhall/assets.h"
#include "openhall/markdown.h"
#include "openhall/page.h"
#include "openhall/pages.h"

/* A file to be: its path below the folder, and what it holds. */
struct built_file {
	const char	*path;
	struct bytes	 data;
	bool		 derived;	/* not counted: its like, compressed */
};

/* Where a page leads to within the site. */
struct built_link {
	const struct site_page	*from;
	unsigned		 line;
	size_t			 lang;		/* of what it leads to */
	const char		*path, *anchor;	/* without the language; "": its beginning */
};

/* A place within a page that can be led to. */
struct built_anchor {
	const struct site_page	*page;
	const char		*id;
};

struct build {
	const void		*ctx;
	const struct operator	*op;
	struct timespec		 began;		/* by the clock of files */
	const struct settings	*settings;
	struct site_pages	 pages;
	struct assets		 assets;
	struct built_file	*files;
	struct built_link	*links;
	struct built_anchor	*anchors;
	size_t			 n_files, n_links, n_anchors;
	unsigned		 mistakes;
};

/* Say what is wrong in a file (line 0: in none of its lines), and count it. */
void	build_mistake(struct build *, const char *file, unsigned line, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* A file to be written; a text is written once more, compressed.  `data` is kept.  Ends the
 * process when there is no memory. */
void	build_file(struct build *, const char *path, struct bytes data);
void	build_text(struct build *, const char *path, const struct buf *text);

/* An element more at the end of array `at` of `n`; log_stop() without memory. */
#define BUILD_MORE(b, at, n) \
	((at) = build_grow((b), (at), sizeof(*(at)), (n)), &(at)[(n)++])
void	*build_grow(struct build *, void *at, size_t size, size_t n);

/* ---- build_page.c ---- */

/* Fill the view of page.html and home.html.  What is wrong in the text is complained about. */
extern const struct view_name built_page_names[];
struct view *build_page(struct build *, const struct site_page *);

/* ---- build_link.c ---- */

/* The address to be written for `address`, which stands in that line of the page's file. */
const char *build_address(struct build *, const struct site_page *, const char *address,
	    bool picture, unsigned line);

/* Complain about every link that leads nowhere, and every page that lacks a language. */
void	build_check(struct build *);

/* ---- build_picture.c ---- */

/* How large it is.  False: nobody knows. */
bool	build_picture(const struct asset *, struct markdown_size *);

/* ---- build_asset.c, build_robot.c ---- */

void	build_assets(struct build *);
void	build_for_robots(struct build *);

/* ---- build_tree.c ---- */

/* `turned`: what is served is another folder than before. */
struct built_tree { unsigned written, kept, removed; bool changed, turned; };

/* Put the files in the place of what html_dir holds, all at once.  False: complained about,
 * and what was there is there. */
bool	build_tree(struct build *, struct built_tree *);

#endif
