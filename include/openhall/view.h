/*
 * view: HTML templates, compiled once at start, one compiled page a language.
 *
 * In a template (a file of www/templates):
 *	{{name}}		the value, escaped for where it stands: text, attribute
 *				or URL.  There is no unescaped form of a value; only
 *				names of VIEW_MARKUP are HTML already, and those may
 *				stand in text alone
 *	{{#name}}...{{/name}}	once for each row of a list; or once if a text is
 *				neither NULL nor empty
 *	{{^name}}...{{/name}}	if it has no row, or is NULL or empty
 *	{{>file.html}}		include another template here, at compile time
 *	{{<layout.html}}	at the very start: this page fills the blocks of a layout
 *	{{$block}}...{{/block}}	in a layout: a block with its default; in a page: its filling
 *	{{_}}...{{/_}}		a text of the catalogue: its source, with white space folded
 *				to single spaces and trimmed, is the msgid.  The translation
 *				may hold {{name}} and inline markup; it is compiled as if it
 *				had stood in the file
 *	{{! a comment }}
 *
 * A tag that is neither a value nor a text and stands alone on its line takes the line
 * with it.  Comments may precede the layout's name; a page with a layout holds nothing
 * but blocks and comments.
 *
 * Names are looked up from the innermost rows outwards to the page and then to the
 * layout's own names (in a layout, to its own and then to the page's), when the template
 * is compiled: an unknown name, an unclosed section, a value in an unquoted attribute, in
 * a tag or attribute name, in an attribute that holds a script or a style, in a comment,
 * in a script or style element stops the start with file, line and reason.  So does a
 * section that ends in another place of the HTML than it began, and HTML that a browser
 * would have to guess at.
 *
 * A file that ends in .txt is no HTML: its values stand as they are.
 *
 * In URL attributes (href, src, action, formaction and their like) an address that begins
 * with values must turn out relative, http, https, mailto or tel (anything else renders
 * as "#"); behind a literal "/" a value is percent-encoded as part of a path, behind a
 * "?" or "#" as a component (RFC 3986, 2.1 and 3.3).
 */
#ifndef OPENHALL_VIEW_H
#define OPENHALL_VIEW_H

#include <stddef.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/settings.h"

enum { VIEW_NAMES_MAX = 64 };

/* What a template may name, indexed by an enum of the page's own; ends where a name is
 * NULL.  `rows` set: a list, whose rows have those names; or VIEW_MARKUP: no list, but
 * markup. */
struct view_name {
	const char		*name;
	const struct view_name	*rows;
};

extern const struct view_name view_as_markup[];
#define VIEW_MARKUP	view_as_markup

/* HTML that is safe to be shown as it is.  Only markdown.h makes it (tests/source.sh
 * sees to that).  NULL: nothing. */
struct markup {
	const char	*html;
};

struct view;		/* values for one row of names */
struct template;	/* compiled */

/* ---- values ---- */

/* Empty values for `names`, below `ctx`.  NULL: no memory, and every function below
 * takes NULL and does nothing, so that it is tested once, by template_render(). */
struct view	*view_new(const void *ctx, const struct view_name *names);

/* Set name `i`.  `text` is kept, not copied, and must live as long as the view. */
void		 view_text(struct view *, size_t i, const char *text);
void		 view_flag(struct view *, size_t i, int on);
void		 view_number(struct view *, size_t i, long long n);

/* Set name `i`, which is VIEW_MARKUP.  Its HTML is kept like a text. */
void		 view_markup(struct view *, size_t i, struct markup);

/* Append a row to list `i` and give it. */
struct view	*view_row(struct view *, size_t i);

/* ---- templates ---- */

/*
 * Compile `file` of `settings->template_dir` in the language of `words`.  `outer` are the
 * layout's names (may be NULL), `names` the page's.  Below `ctx`.  Anything wrong ends
 * the process through log_stop() with file, line and reason.
 */
struct template	*template_compile(const void *ctx, const struct settings *,
		    const struct site_words *words, const char *file,
		    const struct view_name *outer, const struct view_name *names);

/*
 * Append the page to `to`.  `outer` may be NULL if the template was compiled without.
 * OUT_FAULT: no memory.
 */
enum outcome	 template_render(const struct template *, const struct view *outer,
		    const struct view *page, struct buf *to);

/* ---- the escapes themselves (tested and fuzzed on their own) ---- */
void		 escape_text(struct buf *, const char *);	/* & < > " ' */
void		 escape_url(struct buf *, const char *);	/* a whole address, then as text */
void		 escape_component(struct buf *, const char *);

#endif
