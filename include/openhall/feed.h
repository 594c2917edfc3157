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
	const char		*newer;		/* path of the archive behind, or NULL */
	const char		*newest;	/* path of the subscription document, in an archive;
						   NULL: this is it */
};

/*
 * Append the document.  Relative links in the HTML are made whole, the note of a correction
 * stands above it.  The same statements give the same bytes, whenever it is asked.
 * OUT_OK or OUT_FAULT.
 */
enum outcome	 feed_write(enum feed_kind, const struct feed *, struct buf *to);

/* Who a statement is, in every format, through all corrections, withdrawn and published anew,
 * and when the site moves to another name: its id, which was drawn by lot, as a urn:uuid of
 * version 4 (RFC 9562, 4 and 5.4), below `ctx`.  NULL: no memory. */
const char	*feed_identity(const void *ctx, const struct statement *);

/* When any of them was last published or corrected; 0: there is none. */
int64_t		 feed_changed(const struct statements *);

#endif
