/*
 * view.h: what the parts of the template engine tell each other.
 *	view.c		values, and a page made of them
 *	view_escape.c	how a value is written for where it stands
 *	view_tag.c	the tags in a template
 *	view_html.c	where in the HTML a piece of a template stands
 *	view_compile.c	a file becomes a list of steps
 */
#ifndef OPENHALL_LIB_VIEW_H
#define OPENHALL_LIB_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "openhall/view.h"

/* What a step does once it has written its literal. */
enum step_kind {
	STEP_END = 0,
	STEP_LITERAL,		/* nothing more */
	STEP_TEXT,		/* a value in text or in an attribute */
	STEP_MARKUP,		/* a value that is HTML already */
	STEP_MARK,		/* here begins an address */
	STEP_URL,		/* a value whose scheme, if any, must be one of ours */
	STEP_PATH,		/* a value in the path of an address */
	STEP_COMPONENT,		/* a value in its query or fragment */
	STEP_IF,		/* go on if the value says something, else jump */
	STEP_UNLESS,
	STEP_EACH,		/* take the first row; jump if there is none */
	STEP_NEXT		/* take the next row and jump back, or leave the rows */
};

struct step {
	uint32_t	 literal, len;	/* in template.literals */
	uint32_t	 jump;		/* number of a step */
	uint8_t		 kind;
	uint8_t		 frame;		/* 0: the layout's values, 1: the page's, then rows */
	uint8_t		 index;		/* of the value in its names */
	uint8_t		 rows;		/* STEP_EACH: the frame that its rows take */
};

enum { VIEW_FRAMES = 12 };		/* rows within rows */

struct template {
	const struct view_name	*outer, *names;
	const char		*literals;
	const struct step	*steps;
};

enum view_kind { VIEW_TEXT, VIEW_HTML, VIEW_LIST };

/* What a name stands for. */
enum view_kind	 view_kind(const struct view_name *);

/* Escapes that only the engine needs. */
void		 escape_path(struct buf *, const char *);
/* Put "#" in place of what stands behind `mark` unless it is a relative address or has a
 * scheme of ours. */
void		 escape_settle(struct buf *, size_t mark);
/* Whether it is such an address.  markdown.c asks too. */
bool		 escape_is_ours(const char *address);

/* ---- where in the HTML: view_html.c ---- */

enum { HTML_NAME_TEXT = 16 };		/* longer names are cut: none of them matters */

struct html {
	enum html_state {
		HTML_TEXT = 0,
		HTML_OPEN,		/* behind "<" */
		HTML_CLOSE,		/* behind "</" */
		HTML_BANG,		/* behind "<!" */
		HTML_DECLARATION,
		HTML_COMMENT,
		HTML_TAG,		/* in a tag's name */
		HTML_GAP,		/* in a tag, white space must follow */
		HTML_SPACE,		/* in a tag, an attribute may begin */
		HTML_NAME,		/* in an attribute's name */
		HTML_NAMED,		/* behind it */
		HTML_EQUALS,		/* behind "=" */
		HTML_DOUBLE, HTML_SINGLE, HTML_BARE,	/* in a value: ", ', unquoted */
		HTML_RAW,		/* in script, style and their like */
		HTML_PLAIN,		/* in title, textarea */
		HTML_NONE		/* a file.txt: no HTML, and nothing is escaped */
	} state;
	enum { ATTRIBUTE_PLAIN = 0, ATTRIBUTE_URL, ATTRIBUTE_REFUSED } attribute;
	enum html_url {
		URL_START = 0,		/* nothing of the address yet */
		URL_WORD,		/* letters that may become a scheme */
		URL_MARKED,		/* values came; STEP_URL looks at all from the mark */
		URL_PATH, URL_QUERY,
		URL_FOREIGN,		/* the template's own scheme, not one of ours */
		URL_UNSURE		/* two ways lead here */
	} url;
	bool	 closing;		/* the tag began with "</" */
	unsigned matched;		/* of what ends a comment or a raw element */
	unsigned name_len;
	char	 name[HTML_NAME_TEXT];	/* of the tag, attribute or scheme being read */
	char	 element[HTML_NAME_TEXT];
};

/* Read on.  NULL, or the reason why not, and `*at` is where. */
const char	*html_feed(struct html *, const char **at, const char *end);

/* A value comes here.  NULL, and the step that writes it; or the reason why not. */
const char	*html_value(const struct html *, enum step_kind *);

/* Markup comes here.  NULL, or the reason why not. */
const char	*html_markup(const struct html *);

/* A section begins or ends here; or an address begins with something that is not literal:
 * `*mark` says that a STEP_MARK must come first. */
const char	*html_section(struct html *, bool *mark);

/* Both ways lead here.  Of a list's rows each begins where the last ended, so there
 * both must be the same place. */
const char	*html_join(struct html *, const struct html *other, bool list);

/* ---- the tags: view_tag.c ---- */

/* Something to be read: a file, or a text of the catalogue. */
struct source {
	const char		*file, *text;
	unsigned		 line;		/* of its first byte */
	const char		*lang;		/* set: a text in that language */
	bool			 layout;	/* may have blocks */
	const struct source	*parent;	/* that which includes it */
};

/* A part of a source. */
struct part {
	const struct source	*in;
	const char		*at, *end;
};

struct tag {
	char		 kind;		/* '#', '/' ..; 'v': a value; '\0': the part ends */
	const char	*name;		/* or file, not ended by NUL */
	int		 len;
	const char	*begin;		/* of the braces */
	const char	*from, *to;	/* what the tag takes up: with its line, if it stands
					   alone there */
};

/* The next tag of `part`, which moves behind it.  NULL, or the reason why not, and
 * `tag->begin` is where. */
const char	*tag_next(struct part *, struct tag *);

bool		 tag_is_named(const struct tag *, const char *name, int len);

/* ---- the compiler: view_compile.c ---- */

/* Where templates come from: the text of `file` below `ctx`, or NULL and errno. */
struct view_files {
	const char	*(*read)(const void *ctx, const void *arg, const char *file);
	const void	*arg;
};

/*
 * Compile, below `ctx`.  NULL, and the template in `out`; or the reason why not,
 * "file:line: reason", below `ctx`.
 */
const char	*template_build(const void *ctx, const struct view_files *,
		    const struct site_words *words, const char *file,
		    const struct view_name *outer, const struct view_name *names,
		    struct template **out);

#endif
