/*
 * feed: statements as RSS 2.0 (with the RSS Best Practices Profile), Atom (RFC 4287) and JSON
 * Feed 1.1, from one source; all but JSON archived by RFC 5005, 4.
 */
#ifndef OPENHALL_FEED_H
#define OPENHALL_FEED_H

#include "openhall/buf.h"
#include "openhall/settings.h"
#include "openhall/statement.h"

enum feed_kind { FEED_RSS, FEED_ATOM, FEED_JSON, FEEDS };

/* "rss"; "application/rss+xml" for links; "application/rss+xml; charset=utf-8" as the type of
 * an answer. */
extern const struct feed_type { const char *name, *mime, *type; } feed_types[FEEDS];

/* Paths are without the language's prefix, as struct request has them. */
struct feed {
	const struct settings	*settings;
	const struct site_words	*words;
	const struct statements	*statements;	/* with their HTML, newest first */
	const char		*path;		/* of this document, as the reader asked for it:
						   "/statements.atom?before=..." */
	const char		*older;		/* path of the archive before, or NULL */
	const char		*newest;	/* path of the subscription document, in an archive;
						   NULL: this is it */
};

/*
 * Append the document.  Relative links in the HTML are made whole, the note of a correction
 * stands above it.  The same statements give the same bytes, whenever it is asked.
 * OUT_OK or OUT_FAULT.
 */
enum outcome	 feed_write(enum feed_kind, const struct feed *, struct buf *to);

/* Who a statement is, in every format and through all corrections: a tag: URI (RFC 4151) of
 * its id, the site's host and the year in which it was published, below `ctx`.  NULL: no
 * memory. */
const char	*feed_identity(const void *ctx, const struct settings *,
		    const struct statement *);

/* When any of them was last published or corrected; 0: there is none. */
int64_t		 feed_changed(const struct statements *);

#endif
