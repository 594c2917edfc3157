/*
 * feed: what was published as RSS 2.0 (with the RSS Best Practices Profile), Atom (RFC 4287) and
 * JSON Feed 1.1, from one source; all but JSON archived by RFC 5005, 4.
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

/* One thing that was published. */
struct feed_item {
	struct id	 id;			/* drawn by lot */
	const char	*path;			/* of its page */
	const char	*lang, *title, *summary;	/* summary: "" where there is none */
	const char	*label, *note;		/* above its HTML: "Corrected on 3 May 2027:" and
						   why; NULL: nothing */
	struct markup	 html;
	int64_t		 published_at, changed_at;
};
struct feed_items { size_t n; const struct feed_item *at; };

struct feed {
	const struct settings	*settings;
	const struct site_words	*words;
	const char		*title;		/* "Daybreak: statements" */
	const char		*page;		/* path of the page with the list */
	struct feed_items	 items;		/* newest first */
	const char		*path;		/* of this document, as the reader asked for it:
						   "/statements.atom?before=..." */
	const char		*older;		/* path of the archive before, or NULL */
	const char		*newer;		/* path of the archive behind, or NULL */
	const char		*newest;	/* path of the subscription document, in an archive;
						   NULL: this is it */
};

/* Make `feed` one of statements, which have their HTML: title, page and items, below `ctx`.
 * OUT_OK or OUT_FAULT. */
enum outcome	 feed_statements(const void *ctx, struct feed *, const struct statements *);

/*
 * Append the document.  Relative links in the HTML are made whole.  The same items give the same
 * bytes, whenever it is asked.  OUT_OK or OUT_FAULT.
 */
enum outcome	 feed_write(enum feed_kind, const struct feed *, struct buf *to);

/* The same in RSS: a program that has no other format is not linked with what those need. */
enum outcome	 feed_write_rss(const struct feed *, struct buf *to);

/* Who an item is, in every format, through all corrections, withdrawn and published anew, and when
 * the site moves to another name: its id, which was drawn by lot, as a urn:uuid of version 4
 * (RFC 9562, 4 and 5.4), below `ctx`.  NULL: no memory. */
const char	*feed_identity(const void *ctx, const struct id *);

/* When any of them was last published or changed; 0: there is none. */
int64_t		 feed_changed(const struct feed_items *);

#endif
