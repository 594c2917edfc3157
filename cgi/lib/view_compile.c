/*
 * view_compile.c: a template becomes a list of steps, for one language.
 *
 * Every function that can meet a mistake answers whether it went well; the first
 * mistake is kept in the compiler as "file:line: reason".
 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <talloc.h>

#include "openhall/log.h"
#include "openhall/text.h"

enum {
	FRAME_OUTER = 0, FRAME_PAGE, FRAME_ROWS,
	DEPTH_MAX = 40,			/* sections, blocks and files within each other */
	FILE_MAX = 1024 * 1024
};

/* What a page puts into a block of its layout. */
struct filling {
	const char	*name;
	int		 len;
	struct part	 part;
	bool		 used;
	struct filling	*next;
};

struct compiler {
	const struct view_files	*files;
	const struct site_words	*words;
	const struct view_name	*frames[VIEW_FRAMES];
	uint8_t			 n_frames;
	bool			 in_layout;	/* whose own names come before the page's */
	unsigned		 depth;
	struct filling		*fillings;
	struct html		 html;
	struct buf		*literals;
	size_t			 taken;		/* of the literals, by steps */
	struct step		*steps;
	size_t			 n_steps, steps_size;
	char			*mistake;
};

/* ---- mistakes ---- */

static bool mistake(struct compiler *, const struct source *, const char *at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static bool
mistake(struct compiler *c, const struct source *in, const char *at, const char *fmt, ...)
{
	unsigned	 line = in->line;
	va_list		 ap;
	char		*why;

	for (const char *before = in->text; in->lang == NULL && before < at; before++)
		line += *before == '\n';
	va_start(ap, fmt);
	why = talloc_vasprintf(c, fmt, ap);
	va_end(ap);
	c->mistake = talloc_asprintf(c, "%s:%u: %s%s%s%s", in->file, line, why,
	    in->lang == NULL ? "" : " (in the text of language \"",
	    in->lang == NULL ? "" : in->lang, in->lang == NULL ? "" : "\")");
	return false;
}

/* ---- steps ---- */

static bool
step_add(struct compiler *c, struct step step)
{
	step.literal = (uint32_t)c->taken;
	step.len = (uint32_t)(c->literals->len - c->taken);
	c->taken = c->literals->len;
	if (c->n_steps == c->steps_size) {
		c->steps_size = c->steps_size == 0 ? 64 : 2 * c->steps_size;
		c->steps = talloc_realloc(c, c->steps, struct step, c->steps_size);
	}
	if (c->steps == NULL || c->literals->failed)
		return false;
	c->steps[c->n_steps++] = step;
	return true;
}

static bool
literal_add(struct compiler *c, const struct source *in, const char *at, const char *end)
{
	const char	*from = at, *why;

	why = memmem(at, (size_t)(end - at), "}}", 2);
	if (why != NULL)
		return mistake(c, in, why, "\"}}\" without \"{{\"");
	if ((why = html_feed(&c->html, &at, end)) != NULL)
		return mistake(c, in, at, "%s", why);
	buf_add(c->literals, from, (size_t)(end - from));
	return true;
}

/* ---- tags ---- */

static bool
next(struct compiler *c, struct part *part, struct tag *tag)
{
	const char	*why = tag_next(part, tag);

	return why == NULL || mistake(c, part->in, tag->begin, "%s", why);
}

/* Take from `part` all up to the tag that closes `open`, and that tag. */
static bool
part_within(struct compiler *c, struct part *part, const struct tag *open,
    struct part *within)
{
	struct tag	tag;
	unsigned	depth = 1;

	*within = *part;
	while (next(c, part, &tag)) {
		if (tag.kind == '\0')
			return mistake(c, part->in, open->begin, "{{%c%.*s}} is not closed",
			    open->kind, open->len, open->name);
		if (strchr("#^$/", tag.kind) == NULL || !tag_is_named(&tag, open->name, open->len))
			continue;
		depth = tag.kind == '/' ? depth - 1 : depth + 1;
		if (depth == 0) {
			within->end = tag.from;
			return true;
		}
	}
	return false;
}

/* ---- names ---- */

static const struct view_name *
frame_find(const struct view_name *names, const struct tag *tag, struct step *step)
{
	for (size_t i = 0; names != NULL && i < VIEW_NAMES_MAX && names[i].name != NULL; i++)
		if (tag_is_named(tag, names[i].name, (int)strlen(names[i].name))) {
			step->index = (uint8_t)i;
			return &names[i];
		}
	return NULL;
}

/* What a tag names, and where it will stand. */
static const struct view_name *
name_find(struct compiler *c, const struct source *in, const struct tag *tag,
    struct step *step)
{
	const struct view_name	*name;
	uint8_t			 frame = c->n_frames;

	while (frame-- > 0) {
		step->frame = frame;
		if (frame < FRAME_ROWS && c->in_layout)
			step->frame = frame == FRAME_PAGE ? FRAME_OUTER : FRAME_PAGE;
		if ((name = frame_find(c->frames[step->frame], tag, step)) != NULL)
			return name;
	}
	mistake(c, in, tag->begin, "unknown name \"%.*s\"", tag->len, tag->name);
	return NULL;
}

/* ---- what templates are made of ---- */

static bool	body(struct compiler *, struct part *, const struct tag *open);

static bool
value(struct compiler *c, const struct source *in, const struct tag *tag)
{
	const struct view_name	*name;
	struct step		 step = { 0 };
	enum step_kind		 kind = STEP_MARKUP;
	const char		*why;
	bool			 mark;

	if ((name = name_find(c, in, tag, &step)) == NULL)
		return false;
	if (view_kind(name) == VIEW_LIST)
		return mistake(c, in, tag->begin, "\"%s\" is a list", name->name);
	if ((why = view_kind(name) == VIEW_HTML ? html_markup(&c->html) :
	    html_value(&c->html, &kind)) != NULL)
		return mistake(c, in, tag->begin, "%s", why);
	html_section(&c->html, &mark);
	if (mark && !step_add(c, (struct step){ .kind = STEP_MARK }))
		return false;
	step.kind = (uint8_t)kind;
	return step_add(c, step);
}

/* {{#name}} or {{^name}}, up to its end. */
static bool
section(struct compiler *c, struct part *part, const struct tag *tag)
{
	const struct view_name	*name;
	struct step		 step = { 0 };
	struct html		 before;
	const char		*why;
	size_t			 head;
	bool			 mark, list;

	if ((name = name_find(c, part->in, tag, &step)) == NULL)
		return false;
	list = view_kind(name) == VIEW_LIST && tag->kind == '#';
	if (list && c->n_frames == VIEW_FRAMES)
		return mistake(c, part->in, tag->begin, "lists within lists too deeply");
	if ((why = html_section(&c->html, &mark)) != NULL)
		return mistake(c, part->in, tag->begin, "%s", why);
	if (mark && !step_add(c, (struct step){ .kind = STEP_MARK }))
		return false;
	before = c->html;
	head = c->n_steps;
	step.kind = list ? STEP_EACH : tag->kind == '#' ? STEP_IF : STEP_UNLESS;
	step.rows = c->n_frames;
	if (!step_add(c, step))
		return false;
	if (list)
		c->frames[c->n_frames++] = name->rows;
	if (!body(c, part, tag))
		return false;
	if (list)
		c->n_frames--;
	if ((why = html_section(&c->html, &mark)) != NULL ||
	    (why = html_join(&c->html, &before, list)) != NULL)
		return mistake(c, part->in, tag->begin, "%s", why);
	/* The literal that ends the body belongs to it. */
	step = (struct step){ .kind = list ? STEP_NEXT : STEP_LITERAL, .frame = step.rows,
	    .jump = (uint32_t)head + 1 };
	if ((list || c->taken < c->literals->len) && !step_add(c, step))
		return false;
	c->steps[head].jump = (uint32_t)c->n_steps;
	return true;
}

/* The text of `file`, read for `parent` by the tag at `at`.  NULL: a mistake. */
static struct source *
source_read(struct compiler *c, const struct source *parent, const char *at,
    const char *file)
{
	struct source		*in;
	const struct source	*outer = parent;

	if (file == NULL)
		return NULL;
	while (outer != NULL && strcmp(outer->file, file) != 0)
		outer = outer->parent;
	if (outer != NULL) {
		mistake(c, parent, at, "%s includes itself", file);
		return NULL;
	}
	if ((in = talloc_zero(c, struct source)) == NULL)
		return NULL;
	*in = (struct source){ .file = file, .line = 1, .parent = parent };
	if ((in->text = c->files->read(in, c->files->arg, file)) != NULL)
		return in;
	if (parent == NULL) {
		in->text = at = "";
		parent = in;
	}
	mistake(c, parent, at, "%s: %s", file, strerror(errno));
	return NULL;
}

static bool
include(struct compiler *c, const struct source *from, const struct tag *tag)
{
	struct source	*in = source_read(c, from, tag->begin,
	    talloc_strndup(c, tag->name, (size_t)tag->len));

	if (in == NULL)
		return false;
	in->layout = from->layout;
	return body(c, &(struct part){ in, in->text, strchr(in->text, '\0') }, NULL);
}

/* A block of a layout: what the page puts there, or what stands there. */
static bool
block(struct compiler *c, struct part *part, const struct tag *tag)
{
	struct filling	*filling = c->fillings;
	struct part	 within;
	bool		 in_layout = c->in_layout;

	if (!part->in->layout)
		return mistake(c, part->in, tag->begin, "a block outside of a layout");
	if (!part_within(c, part, tag, &within))
		return false;
	while (filling != NULL && !tag_is_named(tag, filling->name, filling->len))
		filling = filling->next;
	if (filling == NULL)
		return body(c, &within, NULL);
	filling->used = true;
	within = filling->part;
	c->in_layout = false;
	if (!body(c, &within, NULL))
		return false;
	c->in_layout = in_layout;
	return true;
}

/* White space folded to single spaces, and none at the ends. */
static char *
fold(const void *ctx, const char *at, const char *end)
{
	static const char	 spaces[] = " \t\r\n\f";
	char			*text = talloc_size(ctx, (size_t)(end - at) + 1), *to = text;

	if (text == NULL)
		return NULL;
	for (; at < end; at++)
		if (strchr(spaces, *at) == NULL)
			*to++ = *at;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	return text;
}

/* {{_}}, up to {{/_}}: a text of the catalogue. */
static bool
catalogue(struct compiler *c, struct part *part, const struct tag *tag)
{
	static const char	 close[] = "{{/_}}";
	const char		*end, *msgid;
	struct source		 in = *part->in;
	struct html		 before = c->html;

	end = memmem(part->at, (size_t)(part->end - part->at), close, strlen(close));
	if (end == NULL)
		return mistake(c, part->in, tag->begin, "{{_}} is not closed");
	if ((msgid = fold(c, part->at, end)) == NULL)
		return false;
	if (*msgid == '\0')
		return mistake(c, part->in, tag->begin, "an empty text");
	part->at = end + strlen(close);
	for (const char *at = part->in->text; at < tag->begin; at++)
		in.line += *at == '\n';
	in.lang = c->words->lang;
	in.text = text_in(c->words, msgid);
	if (!body(c, &(struct part){ &in, in.text, strchr(in.text, '\0') }, NULL))
		return false;
	if (html_join(&before, &c->html, true) != NULL)
		return mistake(c, &in, in.text,
		    "the text ends in another place of the HTML than it began");
	return true;
}

/* Compile `part` up to the tag that closes `open`, or to the end. */
static bool
body(struct compiler *c, struct part *part, const struct tag *open)
{
	const char	*literal = part->at;
	struct tag	 tag;
	bool		 fine = true;

	if (c->depth == DEPTH_MAX)
		return mistake(c, part->in, part->at, "nested too deeply");
	c->depth++;
	for (; fine; literal = part->at) {
		if (!next(c, part, &tag) ||
		    !literal_add(c, part->in, literal, tag.from))
			return false;
		if (part->in->lang != NULL && strchr("_<>$", tag.kind) != NULL &&
		    tag.kind != '\0')
			return mistake(c, part->in, tag.begin, "{{%c in a text", tag.kind);
		switch (tag.kind) {
		case '\0':
			c->depth--;
			return open == NULL || mistake(c, part->in, open->begin,
			    "{{%c%.*s}} is not closed", open->kind, open->len, open->name);
		case '/':
			c->depth--;
			if (open != NULL && tag_is_named(&tag, open->name, open->len))
				return true;
			return mistake(c, part->in, tag.begin, "{{/%.*s}} closes nothing",
			    tag.len, tag.name);
		case 'v':
			fine = value(c, part->in, &tag);
			break;
		case '#':
		case '^':
			fine = section(c, part, &tag);
			break;
		case '>':
			fine = include(c, part->in, &tag);
			break;
		case '$':
			fine = block(c, part, &tag);
			break;
		case '_':
			fine = catalogue(c, part, &tag);
			break;
		case '<':
			fine = mistake(c, part->in, tag.begin,
			    "a layout is named at the very start of a page");
			break;
		default:	/* a comment */
			break;
		}
	}
	return false;
}

/* ---- pages and layouts ---- */

/* Whether nothing but white space stands between `at` and `end`. */
static bool
is_blank(const char *at, const char *end)
{
	return at + strspn(at, " \t\r\n") >= end;
}

/* What a page puts into the blocks of its layout. */
static bool
fillings_read(struct compiler *c, struct part *part)
{
	const char	*literal = part->at;
	struct filling	*filling;
	struct tag	 tag;

	for (; next(c, part, &tag); literal = part->at) {
		if (!is_blank(literal, tag.from) || strchr("!$", tag.kind) == NULL)
			return mistake(c, part->in, literal + strspn(literal, " \t\r\n"),
			    "a page with a layout holds nothing outside of blocks");
		if (tag.kind == '\0')
			return true;
		if (tag.kind == '!')
			continue;
		for (filling = c->fillings; filling != NULL; filling = filling->next)
			if (tag_is_named(&tag, filling->name, filling->len))
				return mistake(c, part->in, tag.begin, "a second block \"%.*s\"",
				    tag.len, tag.name);
		if ((filling = talloc_zero(c, struct filling)) == NULL)
			return false;
		*filling = (struct filling){ .name = tag.name, .len = tag.len,
		    .next = c->fillings };
		c->fillings = filling;
		if (!part_within(c, part, &tag, &filling->part))
			return false;
	}
	return false;
}

static bool
page_in_layout(struct compiler *c, struct part *part, const struct tag *tag)
{
	struct source	*layout;
	struct filling	*filling;

	if (!fillings_read(c, part))
		return false;
	layout = source_read(c, part->in, tag->begin,
	    talloc_strndup(c, tag->name, (size_t)tag->len));
	if (layout == NULL)
		return false;
	layout->layout = true;
	c->in_layout = true;
	if (!body(c, &(struct part){ layout, layout->text, strchr(layout->text, '\0') },
	    NULL))
		return false;
	for (filling = c->fillings; filling != NULL; filling = filling->next)
		if (!filling->used)
			return mistake(c, part->in, filling->name,
			    "%s has no block \"%.*s\"", layout->file, filling->len,
			    filling->name);
	return true;
}

/* The whole of `file`, whose first tag but comments may name a layout. */
static bool
page(struct compiler *c, const char *file)
{
	struct source	*in = source_read(c, NULL, NULL, file);
	struct part	 part, rest;
	struct tag	 tag;

	if (in == NULL)
		return false;
	part = rest = (struct part){ in, in->text, strchr(in->text, '\0') };
	if (strlen(file) > 4 && strcmp(strchr(file, '\0') - 4, ".txt") == 0)
		c->html.state = HTML_NONE;
	do {
		const char	*literal = rest.at;

		if (!next(c, &rest, &tag))
			return false;
		if (!is_blank(literal, tag.from))
			tag.kind = '\0';
	} while (tag.kind == '!');
	if (!(tag.kind == '<' ? page_in_layout(c, &rest, &tag) : body(c, &part, NULL)))
		return false;
	if (c->html.state != HTML_TEXT && c->html.state != HTML_NONE)
		return mistake(c, in, part.end, "the page ends within a tag, a comment, or "
		    "an element such as title");
	return step_add(c, (struct step){ .kind = STEP_END });
}

const char *
template_build(const void *ctx, const struct view_files *files,
    const struct site_words *words, const char *file, const struct view_name *outer,
    const struct view_name *names, struct template **out)
{
	struct template	*template = talloc_zero(ctx, struct template);
	struct compiler	*c = talloc_zero(ctx, struct compiler);
	const char	*why = NULL;

	*out = NULL;
	if (template == NULL || c == NULL || (c->literals = buf_new(c, 4096)) == NULL)
		goto fail;
	c->files = files;
	c->words = words;
	c->frames[c->n_frames++] = outer;
	c->frames[c->n_frames++] = names;
	if (!page(c, file))
		goto fail;
	*template = (struct template){ .outer = outer, .names = names,
	    .literals = talloc_steal(template, c->literals->data),
	    .steps = talloc_steal(template, c->steps) };
	talloc_free(c);
	*out = template;
	return NULL;
fail:
	if (c != NULL && c->mistake != NULL)
		why = talloc_steal(ctx, c->mistake);
	talloc_free(c);
	talloc_free(template);
	return why != NULL ? why : "no memory";
}

/* view_files.read: a file of the folder `arg`. */
static const char *
read_file(const void *ctx, const void *arg, const char *file)
{
	char		*path = talloc_asprintf(ctx, "%s/%s", (const char *)arg, file);
	char		*text = talloc_size(ctx, FILE_MAX + 1);
	int		 fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t		 got, len = 0;

	if (fd == -1 || text == NULL)
		return NULL;
	while ((got = read(fd, text + len, (size_t)(FILE_MAX - len))) > 0)
		len += got;
	close(fd);
	if (got == -1)
		return NULL;
	text[len] = '\0';
	if (len == FILE_MAX || strlen(text) != (size_t)len) {
		errno = len == FILE_MAX ? EFBIG : EILSEQ;
		return NULL;
	}
	return talloc_realloc(ctx, text, char, (size_t)len + 1);
}

struct template *
template_compile(const void *ctx, const struct settings *settings,
    const struct site_words *words, const char *file, const struct view_name *outer,
    const struct view_name *names)
{
	struct template	*template;
	const char	*why;

	text_start(settings);
	why = template_build(ctx, &(struct view_files){ read_file, settings->template_dir },
	    words, file, outer, names, &template);
	if (why != NULL)
		log_stop("%s/%s", settings->template_dir, why);
	return template;
}
