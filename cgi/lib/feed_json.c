/*
 * feed_json.c: JSON Feed 1.1.  See openhall/feed.h.
 */
#include "feed.h"

#include <jansson.h>
#include <talloc.h>

static json_t *
json_item(const struct feed_entry *entry)
{
	char at[FEED_MOMENT], again[FEED_MOMENT];

	return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s, s:s*, s:s}", "id", entry->id,
	    "url", entry->url, "title", entry->title, "summary", entry->summary,
	    "content_html", entry->html,
	    "date_published", feed_rfc3339(at, entry->published),
	    "date_modified",
	    entry->changed == entry->published ? NULL : feed_rfc3339(again, entry->changed),
	    "language", entry->lang);
}

/* json_dump_callback_t */
static int
append(const char *bytes, size_t len, void *to)
{
	buf_add(to, bytes, len);
	return 0;
}

static enum outcome
write_json(const void *ctx, const struct feed *feed, const struct feed_head *head,
    struct buf *to)
{
	json_t		*items = json_array();
	json_t		*all = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:[{s:s, s:s}],"
			    " s:s*, s:O}", "version", "https://jsonfeed.org/version/1.1",
			    "title", head->title, "home_page_url", head->home,
			    "feed_url", head->self,
			    "description", *head->tagline == '\0' ? NULL : head->tagline,
			    "language", head->lang,
			    "authors", "name", head->name, "url", head->home,
			    "next_url", head->older, "items", items);
	enum outcome	 got = OUT_FAULT;

	if (all == NULL)
		goto done;
	for (size_t i = 0; i < feed->items.n; i++) {
		struct feed_entry	 entry;
		void			*own = talloc_new(ctx);

		if (own == NULL || !feed_gather(own, feed, &feed->items.at[i], &entry) ||
		    json_array_append_new(items, json_item(&entry)) != 0)
			goto done;
		talloc_free(own);
	}
	if (json_dump_callback(all, append, to, JSON_COMPACT) == 0 && !to->failed)
		got = OUT_OK;
done:
	json_decref(all);
	json_decref(items);
	return got;
}

enum outcome
feed_write_json(const struct feed *feed, struct buf *to)
{
	return feed_document(feed, to, write_json);
}
