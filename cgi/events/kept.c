/*
 * kept.c: pages that are made once for each change of what is published, and anew each minute,
 * for what is over goes by itself.  A request for one costs a single read of an index.
 */
#include "pages.h"

#include "openhall/when.h"

size_t
kept_slot(const char *path, size_t most)
{
	size_t hash = 0;

	for (const char *c = path; *c != '\0'; c++)
		hash = 31 * hash + (unsigned char)*c;
	return hash % most;
}

bool
kept_find(struct request *rq, size_t which, const char *key, int64_t number)
{
	const struct own *own = rq->app->own;

	rq->max_age = PAGE_SECONDS;
	return kept_send(rq, &own->kept[rq->lang][which], key, number);
}

/* Headers of its own would be lost. */
bool
kept_keep(struct request *rq, size_t which, const char *key, int64_t number)
{
	struct own	*own = rq->app->own;
	/* What is over leaves a page with its minute, and a calendar with a day. */
	int64_t		 good_for = which == KEPT_CALENDAR ? DAY : 60;

	if (rq->headers->len > 0 || rq->out->len > (which >= KEPT_ONE ? ONE_MOST : KEPT_MOST))
		return false;
	kept_take(own, &own->kept[rq->lang][which], rq, key, number,
	    rq->now - rq->now % good_for + good_for);
	return true;
}

enum outcome
events_send(struct request *rq, size_t which, const char *key,
    enum outcome (*make)(struct request *))
{
	int64_t		number;
	enum outcome	got = event_press(rq->app->db, &number);

	if (got != OUT_OK || kept_find(rq, which, key, number))
		return got;
	/* What changes from here on is in the page or not; the next request sees another
	 * number, and makes it anew. */
	if ((got = make(rq)) == OUT_OK)
		(void)kept_keep(rq, which, key, number);
	return got;
}
