/*
 * build_robot.c: robots.txt (RFC 9309), sitemap.xml with the site's own pages.xml
 * (openhall/sitemap.h) and .well-known/security.txt (RFC 9116).
 */
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "build.h"
#include "openhall/log.h"
#include "openhall/menu.h"
#include "openhall/sitemap.h"

enum { DAY = 24 * 60 * 60 };

static struct buf *
new_text(struct build *b)
{
	struct buf *to = buf_new(b->ctx, 4096);

	if (to == NULL)
		log_stop("no memory");
	return to;
}

/* Nothing is hidden by this: it spares robots the pages that are different for everybody. */
static void
build_robots(struct build *b)
{
	static const char	*const private[] = { "/admin/", "/receipt", "/subscribe/",
				    "/rsvp/" };
	const struct settings	*s = b->settings;
	struct buf		*to = new_text(b);

	buf_str(to, "User-agent: *\n");
	for (size_t i = 0; i < s->n_words; i++) {
		for (size_t j = 0; j < sizeof(private) / sizeof(*private); j++)
			buf_fmt(to, "Disallow: %s%s\n", s->words[i].prefix, private[j]);
	}
	buf_fmt(to, "\nSitemap: %s/sitemap.xml\n", s->origin);
	build_text(b, "/robots.txt", to);
}

/* Those files of the site's programs that say what they have: one a language. */
static const struct { size_t entry; const char *path; } program_maps[] = {
	{ MENU_STATEMENTS, "/statements.xml" },
	{ MENU_EVENTS, "/events.xml" },
};
enum { MAPS = sizeof(program_maps) / sizeof(*program_maps) };

/* Whether one of those has it. */
static bool
is_mapped(size_t entry)
{
	for (size_t i = 0; i < MAPS; i++) {
		if (program_maps[i].entry == entry)
			return true;
	}
	return false;
}

static void
add_page(struct build *b, struct buf *to, const char *path)
{
	for (size_t i = 0; i < b->settings->n_words; i++)
		sitemap_same(to, b->settings, i, path, 0);
}

/* The pages, and of the programs those that the menu shows. */
static void
build_pages_map(struct build *b)
{
	struct buf *to = new_text(b);

	sitemap_begin(to);
	for (size_t i = 0; i < b->pages.n; i++) {
		if (b->pages.at[i].lang == 0)
			add_page(b, to, b->pages.at[i].path);
	}
	for (size_t i = 0; i < MENU__COUNT; i++) {
		if (b->settings->menu[i] > 0 && i != MENU_RECEIPT && !is_mapped(i))
			add_page(b, to, menu_programs[i].path);
	}
	sitemap_end(to);
	build_text(b, "/pages.xml", to);
}

static void
add_map(struct buf *to, const struct settings *s, const char *prefix, const char *path)
{
	buf_str(to, "<sitemap><loc>");
	escape_text(to, s->origin);
	buf_fmt(to, "%s%s</loc></sitemap>\n", prefix, path);
}

static void
build_sitemap(struct build *b)
{
	const struct settings	*s = b->settings;
	struct buf		*to = new_text(b);

	buf_str(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<sitemapindex xmlns=\"" SITEMAP_NS "\">\n");
	add_map(to, s, "", "/pages.xml");
	for (size_t i = 0; i < MAPS; i++) {
		for (size_t j = 0; s->menu[program_maps[i].entry] > 0 && j < s->n_words; j++)
			add_map(to, s, s->words[j].prefix, program_maps[i].path);
	}
	buf_str(to, "</sitemapindex>\n");
	build_text(b, "/sitemap.xml", to);
	build_pages_map(b);
}

/* Its end is a day that moves on only every so often, so that the file stays the same between;
 * half of `security_days` are always left. */
static void
build_security(struct build *b)
{
	const struct settings	*s = b->settings;
	int64_t			 step = (int64_t)(s->security_days + 1) / 2 * DAY;
	time_t			 end = (time_t)((b->op->now + 2 * step) / step * step);
	struct buf		*to;
	struct tm		 tm;
	char			 day[32];

	if (s->security_contact == NULL)
		return;
	gmtime_r(&end, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%SZ", &tm);
	to = new_text(b);
	buf_fmt(to, "Contact: %s\nExpires: %s\nPreferred-Languages: ", s->security_contact,
	    day);
	for (size_t i = 0; i < s->n_words; i++)
		buf_fmt(to, "%s%s", i > 0 ? ", " : "", s->words[i].lang);
	buf_fmt(to, "\nCanonical: %s/.well-known/security.txt\n", s->origin);
	build_text(b, "/.well-known/security.txt", to);
}

void
build_for_robots(struct build *b)
{
	build_robots(b);
	build_sitemap(b);
	build_security(b);
}
