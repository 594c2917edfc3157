/*
 * build_page.c: the text of one page, as its template takes it.
 *
 * It is Markdown (CommonMark).  "#" begins a heading below the page's title, and each heading
 * can be led to: "# What a member does" is #what-a-member-does.  Beyond Markdown there is
 *
 *	{{statements}}	alone on its line: the newest statements
 *	{{events}}	likewise: the next events
 *
 * and a list of which every entry begins with a link in bold is a row of cards, each of them a
 * link as a whole; the first is the strongest:
 *
 *	- **[Join us](/join)** One form, about ten minutes.
 *	- **[Support us](/support)** Lend a hand now and then.
 *
 * An entry may go on in lines that are indented; of what is marked in it, the words are shown.
 */
#include <string.h>
#include <talloc.h>

#include "build.h"
#include "openhall/log.h"
#include "openhall/markdown.h"

enum { CARD_MOST = 1000 };	/* characters of a card */

enum { B_TITLE, B_DESCRIPTION, B_PARTS };
enum { BP_TEXT, BP_STATEMENTS, BP_EVENTS, BP_HAS_WAYS, BP_WAYS };
enum { BW_HREF, BW_NAME, BW_WORDS };

static const struct view_name way_names[] = {
	[BW_HREF] = { "href", NULL },
	[BW_NAME] = { "name", NULL },
	[BW_WORDS] = { "words", NULL },
	{ NULL, NULL }
};

static const struct view_name part_names[] = {
	[BP_TEXT] = { "text", VIEW_MARKUP },
	[BP_STATEMENTS] = { "statements", NULL },
	[BP_EVENTS] = { "events", NULL },
	[BP_HAS_WAYS] = { "has_ways", NULL },
	[BP_WAYS] = { "ways", way_names },
	{ NULL, NULL }
};

const struct view_name built_page_names[] = {
	[B_TITLE] = { "title", NULL },
	[B_DESCRIPTION] = { "summary", NULL },
	[B_PARTS] = { "parts", part_names },
	{ NULL, NULL }
};

/* One page while it is read. */
struct reading {
	struct build		*b;
	const struct site_page	*page;
	struct view		*view;
	unsigned		 before;	/* lines of the file before the part */
	unsigned		 html;		/* the last line with a mistake of that kind */
	bool			 marks[BP_EVENTS + 1];	/* those that the page has */
};

/* ---- Markdown ---- */

static const char *
read_address(void *arg, const char *address, bool picture, unsigned line)
{
	const struct reading *r = arg;

	return build_address(r->b, r->page, address, picture, r->before + line);
}

static bool
read_anchor(void *arg, const char *id)
{
	const struct reading	*r = arg;
	struct build		*b = r->b;

	if (strcmp(id, "main") == 0)	/* the layout's own */
		return false;
	for (size_t i = 0; i < b->n_anchors; i++) {
		if (b->anchors[i].page == r->page && strcmp(b->anchors[i].id, id) == 0)
			return false;
	}
	*BUILD_MORE(b, b->anchors, b->n_anchors) = (struct built_anchor){ r->page,
	    talloc_strdup(b->ctx, id) };
	if (b->anchors[b->n_anchors - 1].id == NULL)
		log_stop("no memory");
	return true;
}

static void
read_odd(void *arg, enum markdown_odd odd, unsigned line)
{
	static const char	*const reasons[] = {
		[MARKDOWN_HTML] = "HTML shows as the text it is: write Markdown, and \\< for a <",
		[MARKDOWN_MUTE_LINK] = "a link has no words: write them between its brackets",
		[MARKDOWN_MUTE_PICTURE] = "a picture has no words for who does not see it: write "
		    "them between its brackets",
		[MARKDOWN_MUTE_HEADING] = "a heading has no words: write them behind its #",
	};
	struct reading		*r = arg;

	line += r->before;
	/* A tag, and the one that ends it. */
	if (odd == MARKDOWN_HTML && r->html == line)
		return;
	if (odd == MARKDOWN_HTML)
		r->html = line;
	build_mistake(r->b, r->page->file, line, "%s", reasons[odd]);
}

static bool
read_size(void *arg, const char *address, struct markdown_size *out)
{
	static const char	 below[] = "/assets/";
	const struct reading	*r = arg;
	const struct asset	*asset;

	if (strncmp(address, below, strlen(below)) != 0)
		return false;
	address += strlen(below);
	asset = assets_find(&r->b->assets, address, strlen(address));
	return asset != NULL && build_picture(asset, out);
}

/* What stands from `at` to `end`, of which the first line is number `line` of the file. */
static void
add_text(struct reading *r, const char *at, const char *end, unsigned line)
{
	const struct markdown_reader	 reader = { r, read_address, read_anchor, read_odd,
						    read_size };
	char				*text;
	struct markup			 markup;

	if (strspn(at, " \t\r\n") >= (size_t)(end - at))
		return;
	if ((text = talloc_strndup(r->b->ctx, at, (size_t)(end - at))) == NULL)
		log_stop("no memory");
	r->before = line - 1;
	switch (markdown_page(r->b->ctx, text, &reader, &markup)) {
	case OUT_OK:
		view_markup(view_row(r->view, B_PARTS), BP_TEXT, markup);
		break;
	case OUT_INVALID:
		build_mistake(r->b, r->page->file, line, "the text that begins here is nested "
		    "too deep, or has too many brackets");
		break;
	default:
		log_stop("no memory");
	}
}

/* ---- lines ---- */

static size_t
line_length(const char *at)
{
	size_t n = strcspn(at, "\n");

	return n + (at[n] == '\n');
}

/* Without white space at its end. */
static size_t
trimmed(const char *at, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", at[len - 1]) != NULL)
		len--;
	return len;
}

/* Whether there are two braces in it that are not \{\{. */
static bool
has_braces(const char *line, size_t len)
{
	return memmem(line, len, "{{", 2) != NULL;
}

/* The part of which the line is the mark: its number among the part's names; -1: the line is
 * text; -2: something like a mark. */
static int
mark_of(const char *line, size_t len)
{
	const size_t indent = strspn(line, " ");
	static const struct { const char *mark; int part; } marks[] = {
		{ "{{statements}}", BP_STATEMENTS },
		{ "{{events}}", BP_EVENTS },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		/* Four spaces would begin code. */
		if (indent < 4 && indent + strlen(marks[i].mark) == len &&
		    strncmp(line + indent, marks[i].mark, len - indent) == 0)
			return marks[i].part;
	}
	return has_braces(line, len) ? -2 : -1;
}

/* ---- cards ---- */

struct way {
	const char	*name, *href, *words;	/* pieces of the text */
	size_t		 name_len, href_len, words_len;
};

/* Whether the line is "- **[name](href)** words". */
static bool
read_way(const char *line, size_t len, struct way *way)
{
	const char *end = line + len, *at = line + 5;

	if (len < 5 || (*line != '-' && *line != '*') || strncmp(line + 1, " **[", 4) != 0)
		return false;
	way->name = at;
	while (at < end && strchr("[]()<>`*\\", *at) == NULL)
		at++;
	way->name_len = (size_t)(at - way->name);
	if (way->name_len == 0 || end - at < 2 || strncmp(at, "](", 2) != 0)
		return false;
	way->href = at += 2;
	while (at < end && strchr("[]()<>`*\\ \t", *at) == NULL)
		at++;
	way->href_len = (size_t)(at - way->href);
	if (end - at < 3 || strncmp(at, ")**", 3) != 0)
		return false;
	at += 3;
	at += strspn(at, " \t");
	way->words = at;
	way->words_len = at < end ? (size_t)(end - at) : 0;
	return way->words_len == 0 || memchr(at, '[', way->words_len) == NULL;
}

/* Of a list that begins at `at`: its length if all its entries are cards, else 0. */
static size_t
ways_length(const char *at)
{
	const char	*start = at;
	struct way	 way;
	bool		 within = false;

	while (*at != '\0') {
		size_t line = line_length(at), len = trimmed(at, line);

		if (len == 0)
			break;
		if (!read_way(at, len, &way) && !(within && strchr(" \t", *at) != NULL))
			return 0;
		within = true;
		at += line;
	}
	return (size_t)(at - start);
}

/* Markdown's words; a card as a whole is one link, in which nothing else can be. */
static const char *
plain(const void *ctx, const char *text)
{
	if (text == NULL || (text = markdown_plain(ctx, text, CARD_MOST)) == NULL)
		log_stop("no memory");
	return text;
}

static void
add_ways(struct reading *r, const char *at, const char *end, unsigned line)
{
	struct view	*part = view_row(r->view, B_PARTS), *row = NULL;
	const void	*ctx = r->b->ctx;
	char		*words = NULL;
	struct way	 way;

	view_flag(part, BP_HAS_WAYS, 1);
	for (; at < end; at += line_length(at), line++) {
		size_t len = trimmed(at, line_length(at)), skip = strspn(at, " \t");

		if (read_way(at, len, &way)) {
			const char *href = talloc_strndup(ctx, way.href, way.href_len);

			words = talloc_strndup(ctx, way.words, way.words_len);
			if (href == NULL || words == NULL)
				log_stop("no memory");
			row = view_row(part, BP_WAYS);
			view_text(row, BW_HREF, build_address(r->b, r->page, href, false,
			    line));
			view_text(row, BW_NAME, plain(ctx, talloc_strndup(ctx, way.name,
			    way.name_len)));
		} else {
			words = talloc_asprintf(ctx, "%s%s%.*s", words,
			    *words == '\0' ? "" : " ", (int)(len - skip), at + skip);
		}
		view_text(row, BW_WORDS, plain(ctx, words));
	}
}

/* ---- the page ---- */

struct view *
build_page(struct build *b, const struct site_page *page)
{
	struct reading	 r = { .b = b, .page = page,
			    .view = view_new(b->ctx, built_page_names) };
	const char	*at = page->text, *from = at;
	unsigned	 line = page->line, from_line = line;
	bool		 fresh = true;		/* a list may begin here */

	view_text(r.view, B_TITLE, page->title);
	view_text(r.view, B_DESCRIPTION, page->description);
	while (*at != '\0') {
		size_t	 whole = line_length(at), len = trimmed(at, whole);
		size_t	 ways = fresh ? ways_length(at) : 0;
		int	 mark = mark_of(at, len);

		if (mark == -2)
			build_mistake(b, page->file, line, "there is {{statements}} and "
			    "{{events}}, each alone on its line; for two braces write "
			    "\\{\\{");
		else if (mark >= 0 && r.marks[mark])
			build_mistake(b, page->file, line, "%.*s stands on this page already",
			    (int)(len - strspn(at, " ")), at + strspn(at, " "));
		if (mark >= 0)
			r.marks[mark] = true;
		fresh = len == 0;
		if (ways == 0 && mark < 0) {
			at += whole;
			line++;
			continue;
		}
		add_text(&r, from, at, from_line);
		if (ways > 0) {
			add_ways(&r, at, at + ways, line);
			for (size_t i = 0; i < ways; i++)
				line += at[i] == '\n';
			at += ways;
		} else {
			view_flag(view_row(r.view, B_PARTS), (size_t)mark, 1);
			at += whole;
			line++;
		}
		from = at;
		from_line = line;
		fresh = true;
	}
	add_text(&r, from, at, from_line);
	return r.view;
}
