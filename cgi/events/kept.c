/*
 * kept.c: pages that are made once for each change of what is published, and anew each minute,
 * for what is over goes by itself.  A request for one costs a single read of an index.
 */
#include "pages.h"

enum outcome
events_send(struct request *rq, size_t which, enum outcome (*make)(struct request *))
{
	struct own	*own = rq->app->own;
	struct kept	*kept = &own->kept[rq->lang][which];
	enum outcome	 got;
	int64_t		 number;

	if ((got = event_press(rq->app->db, &number)) != OUT_OK)
		return got;
	rq->max_age = PAGE_SECONDS;
	if (kept_send(rq, kept, number))
		return OUT_OK;
	/* What changes from here on is in the page or not; the next request sees another
	 * number, and makes it anew. */
	if ((got = make(rq)) != OUT_OK || rq->status != 200)
		return got;
	/* Headers of its own would be lost. */
	if (rq->headers->len == 0 && (which < KEPT_ONE || rq->out->len <= ONE_MOST))
		kept_take(own, kept, rq, number, rq->now - rq->now % 60 + 60);
	return OUT_OK;
}
