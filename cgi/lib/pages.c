/* pages.c: see openhall/pages.h. */
#include "openhall/pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/markdown.h"

/* Addresses that others have. */
static const char *const taken[] = {
	"join", "support", "aid", "units", "statements", "subscribe", "receipt", "events",
	"rsvp", "admin", "assets", "error", "index",
};

/* ---- what a file says about itself ---- */

enum { F_TITLE, F_DESCRIPTION, F_MENU, F_ORDER, F__COUNT };
static const char *const fields[F__COUNT] = {
	[F_TITLE] = "title",
	[F_DESCRIPTION] = "description",
	[F_MENU] = "menu",
	[F_ORDER] = "order",
};

/* The next line of `*at`, below `ctx`, without its end or spaces there; `*at` moves on. */
static char *
take_line(const void *ctx, const char **at)
{
	size_t	 n = strcspn(*at, "\n"), len = n;
	char	*line;

	while (len > 0 && strchr(" \t\r", (*at)[len - 1]) != NULL)
		len--;
	line = talloc_strndup(ctx, *at, len);
	*at += n + ((*at)[n] == '\n');
	return line;
}

/* 1 to PAGE_ORDER_MAX; 0: it is none. */
static unsigned
read_order(const char *text)
{
	unsigned order = 0;

	for (; *text >= '0' && *text <= '9' && order <= PAGE_ORDER_MAX; text++)
		order = 10 * order + (unsigned)(*text - '0');
	return *text == '\0' && order <= PAGE_ORDER_MAX ? order : 0;
}

/* NULL, or what is wrong with the line, which has a colon. */
static const char *
read_field(const void *ctx, char *line, const char *got[])
{
	char	*value = strchr(line, ':');
	size_t	 i;

	*value++ = '\0';
	for (i = 0; i < F__COUNT && strcmp(fields[i], line) != 0; i++)
		;
	if (i == F__COUNT)
		return talloc_asprintf(ctx, "there is title, description, menu and order, "
		    "no \"%.60s\"", line);
	if (got[i] != NULL)
		return talloc_asprintf(ctx, "%s stands here twice", line);
	got[i] = value;
	if (*value != ' ' && *value != '\t')
		return talloc_asprintf(ctx, *value == '\0' ? "%s is empty" :
		    "a space belongs behind \"%s:\"", line);
	value += strspn(value, " \t");
	if (strlen(value) > PAGE_LINE_MAX)
		return talloc_asprintf(ctx, "%s has more than %d bytes", line, PAGE_LINE_MAX);
	if (i == F_ORDER && read_order(value) == 0)
		return talloc_asprintf(ctx, "order is a number from 1 to %d, not \"%s\"",
		    PAGE_ORDER_MAX, value);
	got[i] = value;
	return NULL;
}

/* Of one page, while what is said about it is read. */
struct heading {
	pages_fault	*fault;
	void		*arg;
	const char	*file;
	const char	*got[F__COUNT];
	bool		 wrong;
};

static void
mistake(struct heading *h, unsigned line, const char *reason)
{
	h->fault(h->arg, h->file, line, reason != NULL ? reason : "no memory");
	h->wrong = true;
}

/* Up to the line that ends it, the number of which `*line` then is.  False: there is no sense in
 * what follows. */
static bool
read_heading(const void *ctx, const char **text, struct heading *h, unsigned *line)
{
	char		*got = take_line(ctx, text);
	const char	*reason;

	*line = 1;
	if (got != NULL && strcmp(got, "---") != 0) {
		mistake(h, *line, "a page begins with a line of three hyphens, then its title "
		    "and its description, then three hyphens again");
		return false;
	}
	while (got != NULL && **text != '\0') {
		++*line;
		if ((got = take_line(ctx, text)) == NULL)
			break;
		if (strcmp(got, "---") == 0)
			return true;
		if (strchr(got, ':') == NULL) {
			mistake(h, *line, "this is to be like \"title: What we want\", or three "
			    "hyphens that end what is said about the page");
			return false;
		}
		if ((reason = read_field(ctx, got, h->got)) != NULL)
			mistake(h, *line, reason);
	}
	mistake(h, *line + 1, got == NULL ? "no memory" :
	    "three hyphens are missing behind what is said about the page");
	return false;
}

bool
pages_parse(const void *ctx, const char *text, struct site_page *page, pages_fault *fault,
    void *arg)
{
	struct heading	h = { .fault = fault, .arg = arg, .file = page->file };
	const char	**got = h.got;
	unsigned	line;

	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	if (!read_heading(ctx, &text, &h, &line))
		return false;
	for (int i = F_TITLE; i <= F_DESCRIPTION; i++) {
		if (got[i] == NULL)
			mistake(&h, line, talloc_asprintf(ctx, "%s is missing", fields[i]));
	}
	page->title = got[F_TITLE];
	page->description = got[F_DESCRIPTION];
	page->menu = got[F_MENU] != NULL ? got[F_MENU] : got[F_TITLE];
	page->order = got[F_ORDER] != NULL ? read_order(got[F_ORDER]) : 0;
	page->text = text;
	page->line = line + 1;
	if (!h.wrong && page->order != 0 && strcmp(page->slug, "home") == 0)
		mistake(&h, 0, "the home page comes first, and has no order");
	return !h.wrong;
}

/* ---- files ---- */

struct reader {
	const void		*ctx;
	const struct settings	*settings;
	struct site_pages	*pages;
	pages_fault		*fault;
	void			*arg;
};

/* Whether nginx would take it for a language: "es", "pt-br". */
static bool
is_like_language(const char *slug)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

	return strspn(slug, letters) == 2 && (slug[2] == '\0' || (slug[2] == '-' &&
	    slug[3] != '\0' && slug[3 + strspn(slug + 3, letters)] == '\0'));
}

/* Split "programme.en.md".  NULL, or what is wrong with it. */
static const char *
read_name(const struct reader *r, const char *name, struct site_page *page)
{
	static const char	 allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t			 len = strcspn(name, ".");
	char			*slug = talloc_strndup(r->ctx, name, len), *lang;

	if (slug == NULL)
		return "no memory";
	if (len == 0 || *slug < 'a' || *slug > 'z' || strspn(slug, allowed) != len ||
	    strcmp(name + strlen(name) - 3, ".md") != 0)
		return "a page's file is called like programme.en.md, in small letters, "
		    "digits and hyphens";
	if (len > PAGE_SLUG_MAX)
		return talloc_asprintf(r->ctx, "its name has more than %d letters",
		    PAGE_SLUG_MAX);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		if (strcmp(slug, taken[i]) == 0)
			return talloc_asprintf(r->ctx, "/%s is another's address already", slug);
	}
	if (is_like_language(slug))
		return talloc_asprintf(r->ctx, "/%s could be a language: find another name",
		    slug);
	lang = talloc_strdup(r->ctx, name + len + 1);
	if (lang == NULL)
		return "no memory";
	lang[strlen(lang) - (strlen(lang) > 2 ? 3 : 2)] = '\0';
	for (page->lang = 0; page->lang < r->settings->n_words; page->lang++) {
		if (strcmp(r->settings->words[page->lang].lang, lang) == 0)
			break;
	}
	if (*lang == '\0')
		return talloc_asprintf(r->ctx, "its language is missing (as in %s.%s.md)", slug,
		    r->settings->words[0].lang);
	if (page->lang == r->settings->n_words)
		return talloc_asprintf(r->ctx, "\"%s\" is no language of this site (as in "
		    "%s.%s.md)", lang, slug, r->settings->words[0].lang);
	page->slug = slug;
	page->path = strcmp(slug, "home") == 0 ? "/" : talloc_asprintf(r->ctx, "/%s", slug);
	return page->path == NULL ? "no memory" : NULL;
}

/* NULL, or what is wrong with it, and in which line: it is UTF-8 (RFC 3629), without control
 * characters. */
static const char *
check_text(const char *text, unsigned *line)
{
	static const char	 not_utf8[] = "this is not UTF-8: save the file as that";
	const unsigned char *c = (const unsigned char *)text;

	for (*line = 1; *c != '\0'; c++) {
		int more = *c < 0x80 ? 0 : *c < 0xc2 ? -1 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 :
		    *c < 0xf5 ? 3 : -1;

		if (*c == 0x7f || (*c < 0x20 && strchr("\t\n\r", *c) == NULL))
			return "there is a control character in this line: take it out";
		if (more < 0 || (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) ||
		    (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f))
			return not_utf8;
		*line += *c == '\n';
		for (; more > 0; more--) {
			if ((*++c & 0xc0) != 0x80)
				return not_utf8;
		}
	}
	return NULL;
}

/* The whole file; NULL and `reason`. */
static char *
read_text(const void *ctx, const char *path, const char **reason)
{
	struct stat	 st;
	char		*text = NULL;
	/* A pipe nobody writes to would be waited for. */
	int		 fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	*reason = NULL;
	if (fd < 0 || fstat(fd, &st) != 0)
		*reason = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*reason = "this is no file";
	else if (st.st_size > MARKDOWN_MOST)
		*reason = talloc_asprintf(ctx, "this is longer than the %d bytes that a page may "
		    "have", MARKDOWN_MOST);
	else if ((text = talloc_zero_size(ctx, (size_t)st.st_size + 1)) == NULL)
		*reason = "no memory";
	else if (read(fd, text, (size_t)st.st_size) != st.st_size)
		*reason = "cannot be read";
	else if (memchr(text, '\0', (size_t)st.st_size) != NULL)
		*reason = "this is not UTF-8: save the file as that";
	if (fd >= 0)
		close(fd);
	return *reason == NULL ? text : NULL;
}

/* False: no memory. */
static bool
read_page(const struct reader *r, const char *name)
{
	struct site_page	 page = { 0 };
	const char		*reason;
	unsigned		 line = 0;
	char			*text;

	page.file = talloc_asprintf(r->ctx, "%s/pages/%s", r->settings->site_dir, name);
	if (page.file == NULL)
		return false;
	if ((reason = read_name(r, name, &page)) == NULL &&
	    (text = read_text(r->ctx, page.file, &reason)) != NULL &&
	    (reason = check_text(text, &line)) == NULL) {
		if (pages_parse(r->ctx, text, &page, r->fault, r->arg))
			r->pages->at[r->pages->n++] = page;
		return true;
	}
	r->fault(r->arg, page.file, line, reason);
	return true;
}

/* Whether it is a page, or meant to be one: editors leave others beside it, and some add an end
 * of their own. */
static int
is_wanted(const struct dirent *entry)
{
	static const char *const ends[] = { ".md", ".markdown", ".md.txt" };
	size_t len = strlen(entry->d_name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (entry->d_name[0] != '.' && len > end &&
		    strcasecmp(entry->d_name + len - end, ends[i]) == 0)
			return 1;
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct site_page	*x = a, *y = b;
	int			 n = strcmp(x->slug, y->slug);

	return n != 0 ? n : (x->lang > y->lang) - (x->lang < y->lang);
}

bool
pages_read(const void *ctx, const struct settings *s, struct site_pages *pages,
    pages_fault *fault, void *arg)
{
	const struct reader	  r = { ctx, s, pages, fault, arg };
	struct dirent		**entries;
	const char		 *dir = talloc_asprintf(ctx, "%s/pages", s->site_dir);
	bool			  fine = true;
	int			  n;

	*pages = (struct site_pages){ NULL, 0 };
	if (dir == NULL)
		return false;
	if ((n = scandir(dir, &entries, is_wanted, alphasort)) < 0) {
		if (errno != ENOENT)
			fault(arg, dir, 0, strerror(errno));
		return true;
	}
	pages->at = talloc_array(ctx, struct site_page, (size_t)n + 1);
	fine = pages->at != NULL;
	for (int i = 0; i < n; i++) {
		fine = fine && read_page(&r, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (fine)
		qsort(pages->at, pages->n, sizeof(*pages->at), compare);
	return fine;
}

const struct site_page *
pages_find(const struct site_pages *pages, const char *path, size_t lang)
{
	for (size_t i = 0; i < pages->n; i++) {
		if (pages->at[i].lang == lang && strcmp(pages->at[i].path, path) == 0)
			return &pages->at[i];
	}
	return NULL;
}
