/*
 * kept.c: pages and feeds that are made once for each change of what is published.  A request
 * for one costs a single read of an index.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

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

static void
keep(struct own *own, struct kept *kept, const struct request *rq,
    const struct statement_press *press)
{
	size_t path = strlen(rq->path) + 1;

	talloc_free(kept->text);
	kept->len = rq->out->len;
	if ((kept->text = talloc_size(own, path + kept->len)) == NULL)
		return;
	memcpy(kept->text, rq->path, path);
	memcpy(kept->text + path, rq->out->data, kept->len);
	kept->number = press->number;
	kept->until = press->next;
	kept->modified = rq->modified;
	http_etag(kept->etag, rq->out->data, rq->out->len);
}

enum outcome
kept_send(struct request *rq, size_t which,
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
	if (kept->text != NULL && kept->number == number &&
	    (kept->until == 0 || rq->now < kept->until) &&
	    strcmp(kept->text, rq->path) == 0) {
		buf_add(rq->out, kept->text + strlen(kept->text) + 1, kept->len);
		rq->modified = kept->modified;
		rq->etag = kept->etag;
		return OUT_OK;
	}
	/* What changes from here on is in the page or not; the next request sees that the
	 * press has moved on, and makes it anew. */
	if ((got = read_press(rq, &press)) != OUT_OK)
		return got;
	rq->modified = (time_t)press.at;
	if ((got = make(rq)) != OUT_OK || rq->out->failed)
		return got;
	if (which < KEPT_ONE || rq->out->len <= ONE_MOST)
		keep(own, kept, rq, &press);
	return OUT_OK;
}
