/*
 * rss.c: the events that were published last, as a feed: each once, with its next date.
 */
#include "pages.h"

#include <talloc.h>

#include "openhall/feed.h"
#include "openhall/text.h"
#include "openhall/unit.h"
#include "openhall/when.h"

enum { FEED_MOST = 20 };

/* "Every second Tuesday · North Side · Online", as much of it as there is. */
static const char *
where(struct request *rq, const struct listing *l)
{
	struct recurrence	 rule;
	const char		*parts[3] = { NULL };
	char			*all = talloc_strdup(rq, "");

	if (recurrence_read(&rule, l->e.rule) == OUT_OK && rule.how != RECURS_NOT)
		parts[0] = recurrence_words(rq, rq->words, &rule);
	parts[1] = unit_area(rq->settings, l->o.area);
	if (l->o.online)
		parts[2] = text_in(rq->words, N_("Online"));
	for (size_t i = 0; i < 3; i++)
		if (all != NULL && parts[i] != NULL)
			all = talloc_asprintf_append(all, "%s%s",
			    *all == '\0' ? "" : " \xC2\xB7 ", parts[i]);
	return all;
}

static bool
item(struct request *rq, const struct listing *l, struct feed_item *out)
{
	const struct event	*e = &l->e;
	bool			 cancelled = e->state == EVENT_CANCELLED;
	struct event_when	 when;

	if (event_when(rq, rq->words, e->zone, l->o.starts_at, l->o.ends_at, &when) != OUT_OK)
		return false;
	*out = (struct feed_item){
		.id = e->id,
		.path = event_path(rq, e, NULL),
		.lang = e->lang,
		.title = cancelled ? talloc_asprintf(rq, "%s: %s", text_in(rq->words,
		    occurrence_state_words[OCCURRENCE_CANCELLED]), e->title) : e->title,
		.summary = e->summary,
		.label = talloc_asprintf(rq, "%s, %s %s", when.day, when.hours, when.zone),
		.note = where(rq, l),
		.html = e->html,
		.published_at = e->published_at,
		.changed_at = e->changed_at > e->published_at ? e->changed_at : e->published_at,
	};
	return out->path != NULL && out->title != NULL && out->label != NULL &&
	    out->note != NULL;
}

static enum outcome
make(struct request *rq)
{
	struct feed		 feed = { .settings = rq->settings, .words = rq->words,
				    .page = "/events", .path = rq->path };
	struct listings		 listings;
	struct feed_item	*items;
	int64_t			 today = when_day_of(rq->now);
	enum outcome		 got;

	got = event_fresh(rq->app->db, rq, rq->words->lang, rq->now, FEED_MOST, &listings);
	if (got != OUT_OK)
		return got;
	items = talloc_array(rq, struct feed_item, listings.n);
	/* TRANSLATORS: %s is the organisation */
	feed.title = talloc_asprintf(rq, text_in(rq->words, "%s: events"), rq->words->name);
	if (items == NULL || feed.title == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < listings.n; i++)
		if (!item(rq, &listings.at[i], &items[i]))
			return OUT_FAULT;
	feed.items = (struct feed_items){ listings.n, items };
	rq->max_age = PAGE_SECONDS;
	/* Each day another date may be the next. */
	rq->modified = (time_t)(feed_changed(&feed.items) > today ?
	    feed_changed(&feed.items) : today);
	return feed_write_rss(&feed, rq->out);
}

enum outcome
fresh_show(struct request *rq)
{
	enum outcome got = events_send(rq, KEPT_FEED, rq->path, make);

	if (got == OUT_OK)		/* else a page says what is wrong */
		rq->type = feed_types[FEED_RSS].type;
	return got;
}
