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

/* NULL, or what is wrong with the line. */
static const char *
read_field(const void *ctx, char *line, const char *got[])
{
	char	*value = strchr(line, ':');
	size_t	 i;

	if (value == NULL)
		return "this is to be like \"title: What we want\"";
	*value++ = '\0';
	for (i = 0; i < F__COUNT && strcmp(fields[i], line) != 0; i++)
		;
	if (i == F__COUNT)
		return talloc_asprintf(ctx, "there is title, description, menu and order, "
		    "no \"%s\"", line);
	if (got[i] != NULL)
		return talloc_asprintf(ctx, "%s stands here twice", line);
	if (*value != ' ' && *value != '\t')
		return talloc_asprintf(ctx, *value == '\0' ? "%s is empty" :
		    "a space belongs behind \"%s:\"", line);
	value += strspn(value, " \t");
	if (strlen(value) > PAGE_LINE_MAX)
		return talloc_asprintf(ctx, "%s has more than %d bytes", line, PAGE_LINE_MAX);
	got[i] = value;
	return NULL;
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

const char *
pages_parse(const void *ctx, const char *text, struct site_page *page, unsigned *at)
{
	const char	*got[F__COUNT] = { NULL }, *reason;
	bool		 ended = false;
	char		*line;

	*at = 1;
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	for (; *text != '\0'; ++*at) {
		if ((line = take_line(ctx, &text)) == NULL)
			return "no memory";
		if ((ended = *at > 1 && strcmp(line, "---") == 0))
			break;
		if (*at == 1 && strcmp(line, "---") != 0)
			return "a page begins with a line of three hyphens, then its title "
			    "and its description, then three hyphens again";
		if (*at > 1 && (reason = read_field(ctx, line, got)) != NULL)
			return reason;
		if (*at > 1 && got[F_ORDER] != NULL && read_order(got[F_ORDER]) == 0)
			return talloc_asprintf(ctx, "order is a number from 1 to %d, not "
			    "\"%s\"", PAGE_ORDER_MAX, got[F_ORDER]);
	}
	if (!ended)
		return "three hyphens are missing behind what is said about the page";
	for (int i = F_TITLE; i <= F_DESCRIPTION; i++) {
		if (got[i] == NULL)
			return talloc_asprintf(ctx, "%s is missing", fields[i]);
	}
	page->title = got[F_TITLE];
	page->description = got[F_DESCRIPTION];
	page->menu = got[F_MENU] != NULL ? got[F_MENU] : got[F_TITLE];
	page->order = got[F_ORDER] != NULL ? read_order(got[F_ORDER]) : 0;
	page->text = text;
	page->line = *at + 1;
	return NULL;
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
	if (len == 0 || len > PAGE_SLUG_MAX || *slug < 'a' || *slug > 'z' ||
	    strspn(slug, allowed) != len || name[len] != '.')
		return "a page's file is called like programme.en.md, in small letters, "
		    "digits and hyphens";
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
	if (page->lang == r->settings->n_words)
		return talloc_asprintf(r->ctx, "\"%s\" is no language of this site (as in "
		    "%s.%s.md)", lang, slug, r->settings->words[0].lang);
	page->slug = slug;
	page->path = strcmp(slug, "home") == 0 ? "/" : talloc_asprintf(r->ctx, "/%s", slug);
	return page->path == NULL ? "no memory" : NULL;
}

/* Whether it is UTF-8 (RFC 3629), without control bytes; else in which line it is not. */
static bool
is_text(const char *text, unsigned *line)
{
	const unsigned char *c = (const unsigned char *)text;

	for (*line = 1; *c != '\0'; c++) {
		int more = *c < 0x80 ? 0 : *c < 0xc2 ? -1 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 :
		    *c < 0xf5 ? 3 : -1;

		if (more < 0 || *c == 0x7f || (*c < 0x20 && strchr("\t\n\r", *c) == NULL) ||
		    (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) ||
		    (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f))
			return false;
		*line += *c == '\n';
		for (; more > 0; more--) {
			if ((*++c & 0xc0) != 0x80)
				return false;
		}
	}
	return true;
}

/* The whole file; NULL and `reason`. */
static char *
read_text(const void *ctx, const char *path, const char **reason)
{
	struct stat	 st;
	char		*text = NULL;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC);

	*reason = NULL;
	if (fd < 0 || fstat(fd, &st) != 0)
		*reason = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*reason = "is no file";
	else if (st.st_size > MARKDOWN_MOST)
		*reason = "is longer than a page may be";
	else if ((text = talloc_zero_size(ctx, (size_t)st.st_size + 1)) == NULL)
		*reason = "no memory";
	else if (read(fd, text, (size_t)st.st_size) != st.st_size)
		*reason = "cannot be read";
	else if (memchr(text, '\0', (size_t)st.st_size) != NULL)
		*reason = "is not text";
	if (fd >= 0)
		close(fd);
	return *reason == NULL ? text : NULL;
}

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
	    (text = read_text(r->ctx, page.file, &reason)) != NULL) {
		if (!is_text(text, &line))
			reason = "this is not UTF-8: save the file as that";
		else if ((reason = pages_parse(r->ctx, text, &page, &line)) == NULL &&
		    page.order != 0 && strcmp(page.slug, "home") == 0) {
			reason = "the home page comes first, and has no order";
			line = 0;
		}
	}
	if (reason != NULL)
		r->fault(r->arg, page.file, line, reason);
	else
		r->pages->at[r->pages->n++] = page;
	return true;
}

static int
is_wanted(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 3 &&
	    strcmp(entry->d_name + len - 3, ".md") == 0;
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
