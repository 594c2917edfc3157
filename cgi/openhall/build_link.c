/*
 * build_link.c: where pages lead to.
 *
 * An address of the site begins with "/" and is meant in the language of its page: what is
 * written /join stands as /es/join in a Spanish page.  One that names a language of the site
 * (/es/join) stays as it is.  "#part" leads to a heading of the page itself, "/assets/a.jpg" to
 * a file of the site's folder, and all else begins with https:, http:, mailto: or tel:.
 */
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "build.h"
#include "openhall/desk.h"
#include "openhall/form.h"
#include "openhall/log.h"

/* What programs answer to.  One that ends in "*" stands for all that begins so: whether there
 * is such a statement or event only the store knows. */
static const char *const program_paths[] = {
	"/join", "/support", "/aid", "/aid/request", "/units", "/units/*", "/events",
	"/events/*", "/events.*", "/statements", "/statements/*", "/statements.atom",
	"/statements.rss", "/statements.json", "/subscribe", "/receipt", "/rsvp", "/admin/",
	"/admin/login",
};

static bool
is_program(const char *path)
{
	for (size_t i = 0; i < sizeof(program_paths) / sizeof(*program_paths); i++) {
		const char	*known = program_paths[i];
		size_t		 len = strcspn(known, "*");

		if (known[len] == '*' ? strncmp(path, known, len) == 0 && path[len] != '\0' :
		    strcmp(path, known) == 0)
			return true;
	}
	return false;
}

/* ---- what is written ---- */

/* Whether it leads away from the site, in a way that markdown.h lets through. */
static bool
is_outward(const char *address)
{
	static const char *const begins[] = { "https://", "http://", "mailto:", "tel:" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		size_t len = strlen(begins[i]);

		if (strncmp(address, begins[i], len) == 0)
			return address[len] != '\0';
	}
	return false;
}

/* The file of the site's folder that "/assets/NAME" means, with its fingerprint. */
static const char *
asset_address(struct build *b, const struct site_page *page, const char *address,
    unsigned line)
{
	const char *name = address + strlen("/assets/");

	if (assets_find(&b->assets, name, strlen(name)) == NULL) {
		build_mistake(b, page->file, line, "%s: there is no file %s in %s, or its name "
		    "does not end in .svg, .png, .jpg, .jpeg or .webp", address, name,
		    b->settings->site_dir);
		return address;
	}
	return talloc_asprintf(b->ctx, "/assets/%s/%s", b->assets.fingerprint, name);
}

/* The language that the address names, which it is moved behind; else that of the page. */
static size_t
language_of(struct build *b, const struct site_page *page, const char **address)
{
	for (size_t i = 1; i < b->settings->n_words; i++) {
		const char	*prefix = b->settings->words[i].prefix;
		size_t		 len = strlen(prefix);

		if (strncmp(*address, prefix, len) == 0 &&
		    strchr("/?#", (*address)[len]) != NULL) {
			*address += len;
			return i;
		}
	}
	return page->lang;
}

/* Keep it, to be looked at when all pages are known; gives it with its language. */
static const char *
inward_address(struct build *b, const struct site_page *page, const char *address,
    unsigned line)
{
	struct built_link	*link = BUILD_MORE(b, b->links, b->n_links);
	size_t			 path;
	const char		*hash = strchr(address, '#');

	*link = (struct built_link){ .from = page, .line = line };
	if (*address == '#') {
		link->lang = page->lang;
		link->path = page->path;
	} else {
		link->lang = language_of(b, page, &address);
		path = strcspn(address, "?#");
		link->path = path == 0 ? "/" : talloc_strndup(b->ctx, address, path);
		address = talloc_asprintf(b->ctx, "%s%s%s",
		    b->settings->words[link->lang].prefix, path == 0 ? "/" : "", address);
	}
	link->anchor = talloc_strdup(b->ctx, hash != NULL ? hash + 1 : "");
	if (link->path == NULL || link->anchor == NULL)
		log_stop("no memory");
	return address;
}

const char *
build_address(struct build *b, const struct site_page *page, const char *address,
    bool picture, unsigned line)
{
	if (strncmp(address, "/assets/", 8) == 0)
		address = asset_address(b, page, address, line);
	else if (picture)
		build_mistake(b, page->file, line, "%s: a picture is a file of the site's "
		    "folder, like /assets/march.jpg", address);
	else if (*address == '#' || (*address == '/' && address[1] != '/'))
		address = inward_address(b, page, address, line);
	else if (!is_outward(address))
		build_mistake(b, page->file, line, "\"%s\": an address is like /join, #part, "
		    "https://example.org or mailto:us@example.org", address);
	if (address == NULL)
		log_stop("no memory");
	return address;
}

/* ---- whether it is there ---- */

static bool
has_anchor(const struct build *b, const struct site_page *page, const char *id)
{
	for (size_t i = 0; i < b->n_anchors; i++) {
		if (b->anchors[i].page == page && strcmp(b->anchors[i].id, id) == 0)
			return true;
	}
	return *id == '\0' || strcmp(id, "main") == 0;
}

/* Whether the page's file is there, be it with a mistake: that has been told. */
static bool
has_file(const struct build *b, const char *path, size_t lang)
{
	char *file = talloc_asprintf(b->ctx, "%s/pages/%s.%s.md", b->settings->site_dir,
	    strcmp(path, "/") == 0 ? "home" : path + 1, b->settings->words[lang].lang);
	bool  is_there;

	if (file == NULL)
		log_stop("no memory");
	is_there = access(file, F_OK) == 0;
	talloc_free(file);
	return is_there;
}

static void
check_link(struct build *b, const struct built_link *link)
{
	const struct site_words	*words = &b->settings->words[link->lang];
	const struct site_page	*page = pages_find(&b->pages, link->path, link->lang);

	if (page != NULL && !has_anchor(b, page, link->anchor))
		build_mistake(b, link->from->file, link->line, "%s%s#%s: that page has no "
		    "such heading", words->prefix, link->path, link->anchor);
	else if (page == NULL && !is_program(link->path) &&
	    !has_file(b, link->path, link->lang))
		build_mistake(b, link->from->file, link->line, "%s%s: there is no such page",
		    words->prefix, link->path);
}

/* A box of a form that speaks of a page leads to it. */
static void
check_forms(struct build *b)
{
	const struct settings *s = b->settings;

	for (const struct desk *desk = desks; desk < desks + INTAKES; desk++) {
		const struct form	*form = form_read(b->ctx, s, desk->form);
		const char		*file = talloc_asprintf(b->ctx, "%s/forms/%s.xml",
					    s->site_dir, desk->form);

		for (size_t i = 0; i < form->n_fields; i++) {
			const struct form_field	*field = &form->fields[i];
			const char		*path = field->page.in[0];

			if (path != NULL && !has_file(b, path, 0))
				build_mistake(b, file != NULL ? file : desk->form, 0,
				    "question \"%s\" leads to %s: there is no such page",
				    field->name, path);
		}
	}
}

void
build_check(struct build *b)
{
	const struct settings *s = b->settings;

	for (size_t i = 0; i < b->pages.n; i++) {
		const struct site_page *page = &b->pages.at[i];

		for (size_t lang = 0; lang < s->n_words; lang++) {
			if (!has_file(b, page->path, lang))
				build_mistake(b, page->file, 1, "%s.%s.md is missing: this "
				    "page, in %s", page->slug, s->words[lang].lang,
				    s->words[lang].lang_name);
		}
	}
	if (!has_file(b, "/", 0))
		build_mistake(b, s->site_dir, 0, "pages/home.%s.md is missing: the home page",
		    s->words[0].lang);
	for (size_t i = 0; i < b->n_links; i++)
		check_link(b, &b->links[i]);
	check_forms(b);
}
