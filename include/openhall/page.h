/*
 * page: a view in the layout of the site: what every HTML answer shares.
 */
#ifndef OPENHALL_PAGE_H
#define OPENHALL_PAGE_H

#include "openhall/assets.h"
#include "openhall/http.h"
#include "openhall/pages.h"
#include "openhall/view.h"

/* One page, compiled in each language of the site. */
struct page {
	struct template		*in[LANGUAGES_MAX];
	const struct view_name	*names;
};

/* The names that www/templates/layout.html may use. */
enum {
	L_LANG,			/* "en" */
	L_PREFIX,		/* "" or "/es" */
	L_PATH,			/* of this page, without the prefix */
	L_SITE,			/* the organisation's name */
	L_TAGLINE,
	L_ASSETS,		/* "/assets/FINGERPRINT" */
	L_LANGUAGES,		/* rows: the page in the other languages */
	L_HAS_LANGUAGES,
	L_VERSIONS,		/* rows: it and its translations, for programs; none without */
	L_ADMIN,		/* name of who is logged in; empty for the public */
	L_EDITOR,		/* set where they write statements */
	L_HOST,			/* set where they keep events */
	L_TOKEN,		/* what a form of this page must carry */
	L_DESCRIPTION,		/* of this page, for who has not opened it; or NULL */
	L_CANONICAL,		/* its own address, whole; or NULL */
	L_SHOWN,		/* and which one the page shows, where a browser has several */
	L_ERROR,		/* set where the page shows an error: the title says so */
	L_MENU,			/* rows: what the head offers the public (menu.h) */
	L_HOME,			/* set on the home page */
	L_FOOT,			/* rows: and the foot */
	L_HAS_FOOT,
	L_AT_TODAY,		/* the entry of the back office's menu to which the path belongs */
	L_AT_QUEUE,
	L_AT_FIND,
	L_AT_ADMIN_UNITS,
	L_AT_ADMIN_EVENTS,
	L_AT_ADMIN_STATEMENTS,
	L_AT_PEOPLE,
	L_AT_ACCOUNT,
	L__COUNT
};
enum { LL_LANG, LL_NAME, LL_HREF };
enum {
	LM_HREF, LM_TITLE,
	LM_HERE,		/* the page belongs to it */
	LM_OTHERS		/* from here on a phone shows them when it is asked to */
};
enum { LV_LANG /* or "x-default" */, LV_NAME, LV_HREF };
extern const struct view_name layout_names[];

/* Compile `file` in every language; log_stop() when that fails. */
void		 page_compile(const void *ctx, const struct settings *, struct page *,
		    const char *file, const struct view_name *names);

/* Answer with the page.  `status` is that of the response.  OUT_OK or OUT_FAULT. */
enum outcome	 page_send(struct request *, const struct page *, struct view *,
		    int status);

/* What is said about an HTTP status that is an error; ended by status 0. */
struct page_fault { int status; const char *title, *text; };
extern const struct page_fault page_faults[];

/* message.html's names, and its view for an error. */
extern const struct view_name message_names[];
struct view	*page_fault_view(const void *ctx, const struct site_words *, int status);

/* Compute what L_ASSETS is, and the menus, from the files of the site; once at start. */
void		 page_start(const struct settings *);

/* The same from files that have been read. */
void		 page_start_with(const struct settings *, const struct assets *,
		    const struct site_pages *);

/* Fill the layout's names for `words` (for pages that no request asks for).  `path` NULL: the
 * page has no address of its own. */
struct view	*page_layout(const void *ctx, const struct settings *,
		    const struct site_words *words, const char *path);

#endif
