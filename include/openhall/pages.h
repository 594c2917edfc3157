/*
 * pages: the organisation's own pages, as its people write them: the files
 * site_dir/pages/NAME.LANG.md.  NAME ([a-z][a-z0-9-]*) is the address in every language:
 * programme.en.md is /programme, programme.es.md is /es/programme; home.en.md is the home page.
 * No page may be called like a program, or so that it could be a language ("us", "we-are").
 *
 * A file begins with what is said about it, one line each, in any order, between two lines of
 * three hyphens; then comes its text, in Markdown (`openhall build` says what else):
 *
 *	---
 *	title: What a member does
 *	description: Meetings, decisions, dues: what belonging to us means.
 *	menu: Get involved
 *	order: 15
 *	---
 *	Every member belongs to a Unit ...
 *
 * title and description must be there.  A value is all that stands behind the colon and a
 * space, as it stands: there are no quotes, and nothing goes on in the next line.  `order`
 * (1-999) is the page's place in the menu, among the other pages and the programs (site.conf
 * has theirs); without it the page stands in the foot of every page.  `menu` is a shorter
 * name for either.  The home page has neither: it always comes first.
 */
#ifndef OPENHALL_PAGES_H
#define OPENHALL_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/settings.h"

enum { PAGE_SLUG_MAX = 60, PAGE_LINE_MAX = 300, PAGE_ORDER_MAX = 999 };

struct site_page {
	const char	*file;		/* whole path, to be named in complaints */
	const char	*slug;		/* "programme"; "home" */
	const char	*path;		/* without the language: "/programme"; "/" */
	size_t		 lang;		/* its number among the site's */
	const char	*title, *description;
	const char	*menu;		/* its name there: the title, where nothing shorter is */
	unsigned	 order;		/* 0: in the foot */
	const char	*text;		/* Markdown */
	unsigned	 line;		/* of the file, where that begins */
};

struct site_pages {
	struct site_page	*at;	/* by name, then as the site's languages */
	size_t			 n;
};

/* One mistake: in which file, in which line (0: in none of its lines), and what. */
typedef void	 pages_fault(void *arg, const char *file, unsigned line, const char *reason);

/*
 * Read them all, below `ctx`.  A page with a mistake is left out and told to `fault`; so is a
 * file that is none, though its name ends like one.  A site without the folder has no pages.
 * False: no memory.
 */
bool		 pages_read(const void *ctx, const struct settings *, struct site_pages *,
		    pages_fault *fault, void *arg);

/* The page of this path in this language; NULL: there is none. */
const struct site_page *pages_find(const struct site_pages *, const char *path, size_t lang);

/* Fill what `text` says about itself, of a page that has its file and its slug.  False: it has
 * mistakes, each of which was told. */
bool		 pages_parse(const void *ctx, const char *text, struct site_page *,
		    pages_fault *fault, void *arg);

#endif
