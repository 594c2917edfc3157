/* menu.c: see openhall/menu.h. */
#include "openhall/menu.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

const struct menu_entry menu_programs[MENU__COUNT] = {
	[MENU_JOIN] = { "/join", N_("Join"), NULL, 0 },
	[MENU_SUPPORT] = { "/support", N_("Support"), NULL, 0 },
	[MENU_EVENTS] = { "/events", N_("Events"), NULL, 0 },
	[MENU_AID] = { "/aid", N_("Mutual aid"), NULL, 0 },
	[MENU_UNITS] = { "/units", N_("Units"), NULL, 0 },
	[MENU_STATEMENTS] = { "/statements", N_("Statements"), NULL, 0 },
	[MENU_RECEIPT] = { "/receipt", N_("Your receipt"), NULL, 0 },
};

/* Those at one place stand by their address. */
static int
compare(const void *a, const void *b)
{
	const struct menu_entry *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* A copy: what it is made of may go. */
static bool
add(struct menu_entry *at, size_t *n, const struct site_words *words, const char *path,
    const char *title, unsigned order)
{
	struct menu_entry *entry = &at[(*n)++];

	*entry = (struct menu_entry){ .path = talloc_strdup(at, path),
	    .title = talloc_strdup(at, title),
	    .href = talloc_asprintf(at, "%s%s", words->prefix, path), .order = order };
	return entry->path != NULL && entry->title != NULL && entry->href != NULL;
}

bool
menu_make(const void *ctx, const struct settings *s, const struct site_pages *pages,
    size_t lang, struct menu *menu)
{
	const struct site_words *words = &s->words[lang];

	*menu = (struct menu){ .at = talloc_array(ctx, struct menu_entry,
	    pages->n + MENU__COUNT), .foot = talloc_array(ctx, struct menu_entry,
	    pages->n + 1) };
	if (menu->at == NULL || menu->foot == NULL)
		return false;
	for (size_t i = 0; i < MENU__COUNT; i++) {
		const struct menu_entry *program = &menu_programs[i];

		if (s->menu[i] > 0 && !add(menu->at, &menu->n, words, program->path,
		    text_in(words, program->title), s->menu[i]))
			return false;
	}
	for (size_t i = 0; i < pages->n; i++) {
		const struct site_page	*page = &pages->at[i];
		bool			 fine = true;

		if (page->lang != lang || strcmp(page->path, "/") == 0)
			continue;
		if (page->order > 0)
			fine = add(menu->at, &menu->n, words, page->path, page->menu,
			    page->order);
		else
			fine = add(menu->foot, &menu->n_foot, words, page->path, page->menu,
			    0);
		if (!fine)
			return false;
	}
	qsort(menu->at, menu->n, sizeof(*menu->at), compare);
	return true;
}
