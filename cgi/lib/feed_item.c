/*
 * feed_item.c: see openhall/feed.h.  What every format says of a feed and its items.
 */
#include "feed.h"

#include <talloc.h>
#include <time.h>

#include "openhall/text.h"
#include "xml_text.h"

const struct feed_type feed_types[FEEDS] = {
	[FEED_RSS] = { "rss", "application/rss+xml", "application/rss+xml; charset=utf-8" },
	[FEED_ATOM] = { "atom", "application/atom+xml",
	    "application/atom+xml; charset=utf-8" },
	[FEED_JSON] = { "json", "application/feed+json", "application/feed+json" },
};

int64_t
feed_changed(const struct feed_items *items)
{
	int64_t last = 0;

	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].changed_at > last)
			last = items->at[i].changed_at;
	return last;
}

const char *
feed_identity(const void *ctx, const struct id *of)
{
	struct id	id = *of;
	char		hex[2 * ID_LEN + 1];

	id.at[6] = (unsigned char)(0x40 | (id.at[6] & 0x0f));	/* version 4 */
	id.at[8] = (unsigned char)(0x80 | (id.at[8] & 0x3f));	/* the RFC's variant */
	id_text(hex, &id);
	return talloc_asprintf(ctx, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}

/* `text` as XML and JSON can hold it; NULL: no memory. */
static const char *
clean(const void *ctx, const char *text)
{
	struct buf *to = buf_new(ctx, 256);

	if (to == NULL)
		return NULL;
	xml_text(to, text);
	return to->failed ? NULL : to->data;
}

/* A path of this site as a whole address. */
static const char *
whole(const void *ctx, const struct feed *feed, const char *path)
{
	const char *url = talloc_asprintf(ctx, "%s%s%s", feed->settings->origin,
	    feed->words->prefix, path);

	return url == NULL ? NULL : clean(ctx, url);
}

static bool
gather_head(const void *ctx, const struct feed *feed, struct feed_head *head)
{
	const struct site_words *words = feed->words;

	*head = (struct feed_head){
		.title = clean(ctx, feed->title),
		.tagline = clean(ctx, words->tagline),
		.name = clean(ctx, words->name),
		.lang = words->lang,
		.home = whole(ctx, feed, feed->page),
		.self = whole(ctx, feed, feed->path),
		.changed = feed_changed(&feed->items),
	};
	if (feed->older != NULL && (head->older = whole(ctx, feed, feed->older)) == NULL)
		return false;
	if (feed->newer != NULL && (head->newer = whole(ctx, feed, feed->newer)) == NULL)
		return false;
	if (feed->newest != NULL && (head->newest = whole(ctx, feed, feed->newest)) == NULL)
		return false;
	return head->title != NULL && head->tagline != NULL && head->name != NULL &&
	    head->home != NULL && head->self != NULL;
}

/* The whole text: what is noted, and what the page shows. */
static const char *
content(const void *ctx, const struct feed *feed, const struct feed_item *item)
{
	struct buf	*html = buf_new(ctx, 8192);
	const char	*page = talloc_asprintf(ctx, "%s%s", feed->words->prefix, item->path);

	if (html == NULL || page == NULL)
		return NULL;
	if (item->label != NULL) {
		buf_str(html, "<p><strong>");
		escape_text(html, item->label);
		buf_str(html, "</strong> ");
		escape_text(html, item->note);
		buf_str(html, "</p>\n");
	}
	markdown_absolute(html, item->html, feed->settings->origin, page);
	return html->failed ? NULL : clean(ctx, html->data);
}

bool
feed_gather(const void *ctx, const struct feed *feed, const struct feed_item *item,
    struct feed_entry *entry)
{
	*entry = (struct feed_entry){
		.id = feed_identity(ctx, &item->id),
		.url = whole(ctx, feed, item->path),
		.lang = item->lang,
		.title = clean(ctx, item->title),
		.html = content(ctx, feed, item),
		.published = item->published_at,
		.changed = item->changed_at,
	};
	if (item->summary != NULL && *item->summary != '\0' &&
	    (entry->summary = clean(ctx, item->summary)) == NULL)
		return false;
	return entry->id != NULL && entry->url != NULL && entry->title != NULL &&
	    entry->html != NULL;
}

const char *
feed_rfc3339(char text[FEED_MOMENT], int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, FEED_MOMENT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return text;
}

enum outcome
feed_document(const struct feed *feed, struct buf *to, feed_writer *write)
{
	void			*ctx = talloc_new(to);
	struct feed_head	 head;
	enum outcome		 got = OUT_FAULT;

	if (ctx != NULL && gather_head(ctx, feed, &head))
		got = write(ctx, feed, &head, to);
	talloc_free(ctx);
	return got;
}
