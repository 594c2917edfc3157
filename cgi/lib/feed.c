/*
 * feed.c: see openhall/feed.h.  Feeds of statements, in any format.
 */
#include "feed.h"

#include <talloc.h>

#include "openhall/text.h"
#include "openhall/when.h"

static bool
statement_item(const void *ctx, const struct site_words *words, const struct statement *s,
    struct feed_item *item)
{
	const char *day = when_day(ctx, words, s->corrected_at);

	*item = (struct feed_item){
		.id = s->id,
		.path = talloc_asprintf(ctx, "/statements/%s", s->slug),
		.lang = s->lang,
		.title = s->title,
		.summary = s->summary,
		.html = s->html,
		.published_at = s->published_at,
		.changed_at = s->corrected_at > s->published_at ? s->corrected_at :
		    s->published_at,
	};
	if (s->corrected_at != 0 && s->note != NULL && *s->note != '\0') {
		/* TRANSLATORS: %s is a day; the reason follows */
		item->label = day == NULL ? NULL : talloc_asprintf(ctx,
		    text_in(words, "Corrected on %s:"), day);
		item->note = s->note;
		if (item->label == NULL)
			return false;
	}
	return item->path != NULL;
}

enum outcome
feed_statements(const void *ctx, struct feed *feed, const struct statements *statements)
{
	struct feed_item *items = talloc_array(ctx, struct feed_item, statements->n);

	/* TRANSLATORS: %s is the organisation */
	feed->title = talloc_asprintf(ctx, text_in(feed->words, "%s: statements"),
	    feed->words->name);
	feed->page = "/statements";
	if (feed->title == NULL || items == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < statements->n; i++)
		if (!statement_item(ctx, feed->words, &statements->at[i], &items[i]))
			return OUT_FAULT;
	feed->items = (struct feed_items){ statements->n, items };
	return OUT_OK;
}

enum outcome
feed_write(enum feed_kind kind, const struct feed *feed, struct buf *to)
{
	static enum outcome	(*const write[FEEDS])(const struct feed *, struct buf *) = {
		[FEED_RSS] = feed_write_rss,
		[FEED_ATOM] = feed_write_atom,
		[FEED_JSON] = feed_write_json,
	};

	return write[kind](feed, to);
}
