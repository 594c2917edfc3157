/*
 * kept.c: pages and feeds that are made once for each change of what is published.  A request
 * for one costs a single read of an index.
 */
#include "pages.h"

/* The press; `next` of all languages: a page may name its translations. */
static enum outcome
read_press(struct request *rq, struct statement_press *press)
{
	const struct settings	*s = rq->settings;
	struct statement_press	 other;
	enum outcome		 got;

	got = statement_press(rq->app->db, rq->words->lang, rq->now, press);
	for (size_t i = 0; got == OUT_OK && i < s->n_words; i++) {
		if (i == rq->lang)
			continue;
		got = statement_press(rq->app->db, s->words[i].lang, rq->now, &other);
		if (got == OUT_OK && other.next != 0 &&
		    (press->next == 0 || other.next < press->next))
			press->next = other.next;
	}
	return got;
}

enum outcome
statements_send(struct request *rq, size_t which,
    enum outcome (*make)(struct request *))
{
	struct own		*own = rq->app->own;
	struct kept		*kept = &own->kept[rq->lang][which];
	struct statement_press	 press;
	enum outcome		 got;
	int64_t			 number;

	if ((got = statement_number(rq->app->db, &number)) != OUT_OK)
		return got;
	rq->max_age = PAGE_SECONDS;
	if (kept_send(rq, kept, rq->path, number))
		return OUT_OK;
	/* What changes from here on is in the page or not; the next request sees that the
	 * press has moved on, and makes it anew. */
	if ((got = read_press(rq, &press)) != OUT_OK)
		return got;
	rq->modified = (time_t)press.at;
	if ((got = make(rq)) != OUT_OK)
		return got;
	if (which < KEPT_ONE || rq->out->len <= ONE_MOST)
		kept_take(own, kept, rq, rq->path, press.number, press.next);
	return OUT_OK;
}
