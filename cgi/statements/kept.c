/*
 * kept.c: pages and feeds that are made once for each change of what is published.  A request
 * for one costs a single read of an index.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

enum outcome
kept_send(struct request *rq, size_t which,
    enum outcome (*make)(struct request *))
{
	struct own		*own = rq->app->own;
	struct kept		*kept = &own->kept[rq->lang][which];
	struct statement_press	 press;
	enum outcome		 got;

	got = statement_press(rq->app->db, rq->words->lang, rq->now, &press);
	if (got != OUT_OK)
		return got;
	rq->max_age = PAGE_SECONDS;
	rq->modified = (time_t)press.at;
	if (kept->text != NULL && kept->press.number == press.number &&
	    kept->press.next == press.next) {
		buf_add(rq->out, kept->text, kept->len);
		return OUT_OK;
	}
	/* What changes from here on is in the page or not; the next request sees that the
	 * press has moved on, and makes it anew. */
	if ((got = make(rq)) != OUT_OK || rq->out->failed)
		return got;
	talloc_free(kept->text);
	kept->press = press;
	kept->len = rq->out->len;
	kept->text = talloc_size(own, kept->len + 1);
	if (kept->text != NULL)
		memcpy(kept->text, rq->out->data, kept->len);
	return OUT_OK;
}
