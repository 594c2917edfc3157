/* page.c: see openhall/page.h. */
#include "openhall/page.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/menu.h"
#include "openhall/text.h"

static const struct view_name language_names[] = {
	[LL_LANG] = { "lang", NULL },
	[LL_NAME] = { "name", NULL },
	[LL_HREF] = { "href", NULL },
	{ NULL, NULL }
};

static const struct view_name menu_names[] = {
	[LM_HREF] = { "href", NULL },
	[LM_TITLE] = { "title", NULL },
	[LM_HERE] = { "here", NULL },
	[LM_OTHERS] = { "others", NULL },
	{ NULL, NULL }
};

static const struct view_name version_names[] = {
	[LV_LANG] = { "lang", NULL },
	[LV_NAME] = { "name", NULL },
	[LV_HREF] = { "href", NULL },
	{ NULL, NULL }
};

const struct view_name layout_names[] = {
	[L_LANG] = { "lang", NULL },
	[L_PREFIX] = { "prefix", NULL },
	[L_PATH] = { "path", NULL },
	[L_SITE] = { "site", NULL },
	[L_TAGLINE] = { "tagline", NULL },
	[L_ASSETS] = { "assets", NULL },
	[L_LANGUAGES] = { "languages", language_names },
	[L_HAS_LANGUAGES] = { "has_languages", NULL },
	[L_VERSIONS] = { "versions", version_names },
	[L_ADMIN] = { "admin", NULL },
	[L_EDITOR] = { "editor", NULL },
	[L_HOST] = { "host", NULL },
	[L_TOKEN] = { "token", NULL },
	[L_DESCRIPTION] = { "description", NULL },
	[L_CANONICAL] = { "canonical", NULL },
	[L_SHOWN] = { "shown", NULL },
	[L_ERROR] = { "error", NULL },
	[L_MENU] = { "menu", menu_names },
	[L_HOME] = { "home", NULL },
	[L_FOOT] = { "foot", menu_names },
	[L_HAS_FOOT] = { "has_foot", NULL },
	[L_AT_TODAY] = { "at_today", NULL },
	[L_AT_QUEUE] = { "at_queue", NULL },
	[L_AT_FIND] = { "at_find", NULL },
	[L_AT_ADMIN_UNITS] = { "at_admin_units", NULL },
	[L_AT_ADMIN_EVENTS] = { "at_admin_events", NULL },
	[L_AT_ADMIN_STATEMENTS] = { "at_admin_statements", NULL },
	[L_AT_PEOPLE] = { "at_people", NULL },
	[L_AT_ACCOUNT] = { "at_account", NULL },
	[L__COUNT] = { NULL, NULL }
};

/* The paths of the back office's entries, with all that lies below; of one that ends in "/",
 * only itself. */
static const struct { const char *path; size_t entry; } places[] = {
	{ "/admin/", L_AT_TODAY },
	{ "/admin/queue", L_AT_QUEUE },
	{ "/admin/case", L_AT_QUEUE },
	{ "/admin/entry", L_AT_QUEUE },
	{ "/admin/find", L_AT_FIND },
	{ "/admin/units", L_AT_ADMIN_UNITS },
	{ "/admin/events", L_AT_ADMIN_EVENTS },
	{ "/admin/statements", L_AT_ADMIN_STATEMENTS },
	{ "/admin/people", L_AT_PEOPLE },
	{ "/admin/account", L_AT_ACCOUNT },
	{ "/admin/factor", L_AT_ACCOUNT },
};

/* Public pages that belong to an entry of another path. */
static const struct { const char *path, *entry; } belongs[] = {
	{ "/subscribe", "/statements" },
	{ "/rsvp", "/events" },
};

/* "/assets/0123456789ab", and the menu in each language: set once at start. */
static char		assets_path[sizeof("/assets/") + ASSETS_FINGERPRINT];
static struct menu	menus[LANGUAGES_MAX];

/* ---- start ---- */

void
page_start_with(const struct settings *s, const struct assets *assets,
    const struct site_pages *pages)
{
	snprintf(assets_path, sizeof(assets_path), "/assets/%s", assets->fingerprint);
	text_start(s);
	for (size_t i = 0; i < s->n_words; i++) {
		if (!menu_make(s, s, pages, i, &menus[i]))
			log_stop("no memory");
	}
}

/* `openhall build` says more about it; here the rest of the site is served. */
static void
leave_out(void *arg, const char *file, unsigned line, const char *reason)
{
	char number[16];

	(void)arg;
	snprintf(number, sizeof(number), "%u", line);
	log_error("page_left_out", "file", file, "line", number, "reason", reason, NULL);
}

void
page_start(const struct settings *s)
{
	struct assets		 assets;
	struct site_pages	 pages;
	void			*ctx;

	text_start(s);
	ctx = talloc_new(NULL);
	if (ctx == NULL || !pages_read(ctx, s, &pages, leave_out, NULL))
		log_stop("no memory");
	assets_read(ctx, s, &assets);
	page_start_with(s, &assets, &pages);
	talloc_free(ctx);
}

/* ---- pages ---- */

void
page_compile(const void *ctx, const struct settings *s, struct page *page,
    const char *file, const struct view_name *names)
{
	page->names = names;
	for (size_t i = 0; i < s->n_words; i++)
		page->in[i] = template_compile(ctx, s, &s->words[i], file,
		    layout_names, names);
}

static bool
is_at(const char *path, const char *place)
{
	size_t len = strlen(place);

	return strncmp(path, place, len) == 0 &&
	    (path[len] == '\0' || (path[len] == '/' && place[len - 1] != '/'));
}

/* The page in the other languages; `rq` may be NULL. */
static void
add_languages(struct view *v, const void *ctx, const struct settings *s,
    const struct site_words *words, const char *path, const struct request *rq)
{
	for (size_t i = 0; i < s->n_words; i++) {
		const struct site_words	*other = &s->words[i];
		struct view		*row;

		if (other == words)
			continue;
		row = view_row(v, L_LANGUAGES);
		view_text(row, LL_LANG, other->lang);
		view_text(row, LL_NAME, other->lang_name);
		view_text(row, LL_HREF, talloc_asprintf(ctx, "%s%s", other->prefix,
		    rq != NULL && rq->path_in[i] != NULL ? rq->path_in[i] : path));
	}
}

static void
add_version(struct view *v, const char *lang, const char *name, const char *href)
{
	struct view *row = view_row(v, L_VERSIONS);

	view_text(row, LV_LANG, lang);
	view_text(row, LV_NAME, name);
	view_text(row, LV_HREF, href);
}

/* The page and its translations, each with its whole address; who reads none of these
 * languages gets that of the first.  `rq` may be NULL. */
static void
add_versions(struct view *v, const void *ctx, const struct settings *s,
    const struct site_words *words, const char *path, const struct request *rq)
{
	const char	*hrefs[LANGUAGES_MAX] = { NULL };
	size_t		 n = 0;

	for (size_t i = 0; i < s->n_words; i++) {
		const char *there = path;

		if (rq != NULL && &s->words[i] != words) {
			if (rq->missing_in[i])
				continue;
			if (rq->path_in[i] != NULL)
				there = rq->path_in[i];
		}
		hrefs[i] = talloc_asprintf(ctx, "%s%s%s", s->origin, s->words[i].prefix,
		    there);
		n++;
	}
	for (size_t i = 0; n > 1 && i < s->n_words; i++) {
		if (hrefs[i] != NULL)
			add_version(v, s->words[i].lang, s->words[i].lang_name, hrefs[i]);
	}
	if (n > 1 && hrefs[0] != NULL)
		add_version(v, "x-default", s->words[0].lang_name, hrefs[0]);
}

/* Whether the page belongs to this entry of the public's menu. */
static bool
is_here(const char *path, const char *entry)
{
	for (size_t i = 0; i < sizeof(belongs) / sizeof(belongs[0]); i++) {
		if (is_at(path, belongs[i].path))
			path = belongs[i].entry;
	}
	return is_at(path, entry);
}

enum { CHIEF = 4 };		/* so many of the menu fit into a phone's line */

/* `path` NULL: the page is nowhere. */
static void
add_entries(struct view *v, size_t name, const struct menu_entry *at, size_t n,
    const char *path)
{
	for (size_t i = 0; i < n; i++) {
		struct view *row = view_row(v, name);

		view_text(row, LM_HREF, at[i].href);
		view_text(row, LM_TITLE, at[i].title);
		view_flag(row, LM_HERE, path != NULL && is_here(path, at[i].path));
		view_flag(row, LM_OTHERS, i == CHIEF && n > CHIEF + 1);
	}
}

static struct view *
layout(const void *ctx, const struct settings *s,
    const struct site_words *words, const char *path, const struct request *rq)
{
	const struct menu	*menu = &menus[words - s->words];
	const char		*here = path;
	struct view		*v = view_new(ctx, layout_names);

	if (path == NULL)
		path = "/";
	view_text(v, L_LANG, words->lang);
	view_text(v, L_PREFIX, words->prefix);
	view_text(v, L_PATH, path);
	view_text(v, L_SITE, words->name);
	view_text(v, L_TAGLINE, words->tagline);
	view_text(v, L_ASSETS, assets_path);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (is_at(path, places[i].path))
			view_flag(v, places[i].entry, 1);
	}
	if (rq == NULL || rq->who == NULL) {
		add_entries(v, L_MENU, menu->at, menu->n, here);
		add_entries(v, L_FOOT, menu->foot, menu->n_foot, here);
		view_flag(v, L_HAS_FOOT, menu->n_foot > 0);
		view_flag(v, L_HOME, here != NULL && strcmp(here, "/") == 0);
	}
	add_languages(v, ctx, s, words, path, rq);
	view_flag(v, L_HAS_LANGUAGES, s->n_words > 1);
	add_versions(v, ctx, s, words, path, rq);
	return v;
}

struct view *
page_layout(const void *ctx, const struct settings *s,
    const struct site_words *words, const char *path)
{
	return layout(ctx, s, words, path, NULL);
}

enum outcome
page_send(struct request *rq, const struct page *page, struct view *v,
    int status)
{
	struct view *outer = layout(rq, rq->settings, rq->words, rq->path, rq);

	view_text(outer, L_ADMIN, rq->who);
	view_flag(outer, L_EDITOR, rq->editor);
	view_flag(outer, L_HOST, rq->keeps_events);
	view_text(outer, L_TOKEN, rq->token_text);
	view_text(outer, L_SHOWN, rq->shown);
	view_flag(outer, L_ERROR, status >= 400);
	view_text(outer, L_DESCRIPTION, rq->description);
	if (rq->canonical != NULL)
		view_text(outer, L_CANONICAL, talloc_asprintf(rq, "%s%s%s",
		    rq->settings->origin, rq->words->prefix, rq->canonical));
	rq->status = status;
	return template_render(page->in[rq->lang], outer, v, rq->out);
}

/* ---- errors ---- */

enum { M_TITLE, M_TEXT, M_LINK, M_LINK_TEXT, M__COUNT };

const struct view_name message_names[] = {
	[M_TITLE] = { "title", NULL },
	[M_TEXT] = { "text", NULL },
	[M_LINK] = { "link", NULL },
	[M_LINK_TEXT] = { "link_text", NULL },
	[M__COUNT] = { NULL, NULL }
};

const struct page_fault page_faults[] = {
	{ 400, N_("We could not read that"),
	    N_("What arrived was damaged on the way. Please go back and send it "
	    "again.") },
	{ 403, N_("That was not allowed"),
	    N_("The page may have been open for too long, or it belongs to "
	    "somebody else. Go back, load it again and repeat what you did.") },
	{ 404, N_("There is nothing here"),
	    N_("The address may have a slip in it, or what was here is gone.") },
	{ 405, N_("That does not work here"),
	    N_("This page can be read, but not used in the way it was asked "
	    "for.") },
	{ 409, N_("Somebody was first"),
	    N_("Meanwhile something changed. Load the page again to see how it "
	    "stands.") },
	{ 413, N_("That was too much at once"),
	    N_("What you sent is larger than this form takes. Please go back "
	    "and shorten it.") },
	{ 414, N_("That address is too long"),
	    N_("No page of ours has an address as long as that.") },
	{ 415, N_("We could not read that"),
	    N_("This page takes what its own form sends, and nothing else.") },
	{ 422, N_("We could not read that"),
	    N_("Something in what you sent is not of the kind that was asked "
	    "for. Please go back and look it over.") },
	{ 429, N_("Please wait a little"),
	    N_("There were many requests from where you are. Try again in a "
	    "minute.") },
	{ 500, N_("Something is broken here"),
	    N_("That is our fault, not yours. Please try again later.") },
	{ 503, N_("We will be back in a moment"),
	    N_("A part of this site is starting again, or cannot reach its store. "
	    "Wait half a minute and load the page again. If you were sending "
	    "a form, your browser asks whether to send it once more: say "
	    "yes, it is never stored twice.") },
	{ 0, NULL, NULL }
};

/* `status`'s words; for one that has none, those of 500. */
static const struct page_fault *
fault_get(int status)
{
	const struct page_fault *fault, *broken = NULL;

	for (fault = page_faults; fault->status != 0; fault++) {
		if (fault->status == status)
			return fault;
		if (fault->status == 500)
			broken = fault;
	}
	return broken;
}

struct view *
page_fault_view(const void *ctx, const struct site_words *words, int status)
{
	const struct page_fault	*fault = fault_get(status);
	struct view		*v = view_new(ctx, message_names);

	view_text(v, M_TITLE, text_in(words, fault->title));
	view_text(v, M_TEXT, text_in(words, fault->text));
	view_text(v, M_LINK, talloc_asprintf(ctx, "%s/", words->prefix));
	view_text(v, M_LINK_TEXT, text_in(words, N_("To the home page")));
	return v;
}
