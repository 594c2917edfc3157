/*
 * menu: what the head of every public page offers: the site's own pages and the programs
 * together, each at the place that its page or site.conf gives it.  And the foot: pages that
 * have no place there.  The home page is in neither: the organisation's name leads there.
 */
#ifndef OPENHALL_MENU_H
#define OPENHALL_MENU_H

#include "openhall/pages.h"
#include "openhall/settings.h"

struct menu_entry {
	const char	*path;		/* without the language */
	const char	*title;		/* in it */
	const char	*href;		/* with it; NULL in menu_programs */
	unsigned	 order;		/* 0: in the foot */
};

struct menu {
	struct menu_entry	*at, *foot;
	size_t			 n, n_foot;
};

/* A program's place, by its number among settings->menu; `title` is a msgid. */
extern const struct menu_entry menu_programs[MENU__COUNT];

/* Make that of language `lang`, below `ctx`.  False: no memory. */
bool		 menu_make(const void *ctx, const struct settings *, const struct site_pages *,
		    size_t lang, struct menu *);

#endif
