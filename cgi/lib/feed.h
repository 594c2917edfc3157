/*
 * feed.h: what the files of the module share beside openhall/feed.h: what every format says,
 * gathered in one place.  Each then writes it in its own words.
 */
#ifndef OPENHALL_LIB_FEED_H
#define OPENHALL_LIB_FEED_H

#include "openhall/feed.h"

/* The document, and an item of it, in text that XML and JSON can hold and with whole
 * addresses. */
struct feed_head {
	const char	*title, *tagline, *name, *lang;
	const char	*home, *self;		/* the page with the list; this document */
	const char	*older, *newer, *newest;	/* NULL: as in struct feed */
	int64_t		 changed;		/* 0: there is no item */
};

struct feed_entry {
	const char	*id, *url, *lang, *title, *html;
	const char	*summary;		/* NULL: it has none */
	int64_t		 published, changed;
};

/* Gather an item, below `ctx`.  False: no memory. */
bool		 feed_gather(const void *ctx, const struct feed *, const struct feed_item *,
		    struct feed_entry *);

/* Append what `write` makes of a feed and its head, with memory of its own.  OUT_OK or
 * OUT_FAULT, as feed_write(). */
typedef enum outcome feed_writer(const void *ctx, const struct feed *, const struct feed_head *,
    struct buf *to);
enum outcome	 feed_document(const struct feed *, struct buf *to, feed_writer *write);

enum outcome	 feed_write_atom(const struct feed *, struct buf *to);
enum outcome	 feed_write_json(const struct feed *, struct buf *to);

/* A moment in UTC, "2026-11-22T12:00:00Z" (RFC 3339); NULL: no such year. */
enum { FEED_MOMENT = 40 };
const char	*feed_rfc3339(char text[FEED_MOMENT], int64_t at);

#endif
