/*
 * markdown: what editors write (CommonMark 0.30), as HTML that is safe to show: no element
 * but those of CommonMark, no address but relative ones and http, https, mailto and tel, no
 * picture from elsewhere.  HTML that was typed shows as the text it is, so that nobody loses
 * a word; only its comments are left out.
 */
#ifndef OPENHALL_MARKDOWN_H
#define OPENHALL_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/view.h"

enum { MARKDOWN_MOST = 200000 };	/* bytes of a text */

/*
 * `text` (UTF-8) as HTML below `ctx`, well-formed as XML too.  Its headings are one level
 * lower than they say, for the page has its own.  A picture of another site becomes a link.
 * OUT_OK; OUT_INVALID: longer than MARKDOWN_MOST, nested too deep, or full of brackets;
 * OUT_FAULT.
 */
enum outcome	 markdown_html(const void *ctx, const char *text, struct markup *);

/*
 * What reads along while a page is made: `address` meets each link and picture with the line
 * of the text in which it stands (from 1), and gives the address to be written in its place;
 * `anchor` meets each heading with what it could be called ([a-z0-9-]), and says whether that
 * is still free on the page: if not, it is asked again; `odd` is told what hardly can be meant;
 * `size` says how large the picture at an address is, if that is known.
 */
enum markdown_odd {
	MARKDOWN_HTML,			/* shows as the text it is */
	MARKDOWN_MUTE_LINK,		/* has no words: nobody sees it */
	MARKDOWN_MUTE_PICTURE,		/* has no words for who does not see it */
	MARKDOWN_MUTE_HEADING
};
struct markdown_size { unsigned width, height; };
struct markdown_reader {
	void		*arg;
	const char	*(*address)(void *arg, const char *address, bool picture,
			    unsigned line);
	bool		 (*anchor)(void *arg, const char *id);
	void		 (*odd)(void *arg, enum markdown_odd, unsigned line);
	bool		 (*size)(void *arg, const char *address, struct markdown_size *);
};

/* The same as markdown_html(), with an id for each heading. */
enum outcome	 markdown_page(const void *ctx, const char *text,
		    const struct markdown_reader *, struct markup *);

/* HTML that markdown_html() made before, as it was stored.  Only for what comes from a column
 * that nothing else writes. */
struct markup	 markdown_stored(const char *html);

/* Append it with its relative addresses made whole (RFC 3986, 5.2), for those who read it
 * elsewhere than at `page` ("/es/statements/strike") of `origin` ("https://example.org"). */
void		 markdown_absolute(struct buf *to, struct markup, const char *origin,
		    const char *page);

/* Its first words without any marks, at most `most` characters (1 or more), cut at a word;
 * for a description or a list; none of what markdown_html() does not take.  NULL: no
 * memory. */
const char	*markdown_plain(const void *ctx, const char *text, size_t most);

#endif
