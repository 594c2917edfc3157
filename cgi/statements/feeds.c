/*
 * feeds.c: the newest statements as RSS, Atom and JSON Feed, and behind each an archive of
 * all the older ones (RFC 5005, 4).
 */
#include "pages.h"

#include <talloc.h>

static enum outcome
make(struct request *rq, enum feed_kind kind)
{
	struct cursor	 from;
	struct statements	 all;
	const char		*older, *newer = NULL, *name = feed_types[kind].name;
	struct feed		 feed;
	enum outcome		 got;

	if ((got = list_cursor(rq, &from)) != OUT_OK ||
	    (got = list_read(rq, &from, 0, FEED_MOST, true, &all, &older)) != OUT_OK ||
	    (from.at != 0 && (got = statement_newer(rq->app->db, rq, rq->words->lang,
	    rq->now, &from, FEED_MOST, &newer)) != OUT_OK))
		return got;
	feed = (struct feed){
		.settings = rq->settings,
		.words = rq->words,
		.path = rq->path,
	};
	/* A cursor as it came is made of digits and a hyphen alone. */
	if (from.at != 0) {
		feed.newest = rq->path;
		feed.path = talloc_asprintf(rq, "/statements.%s?before=%s", name,
		    pairs_find(&rq->query, "before"));
	}
	if (older != NULL)
		feed.older = talloc_asprintf(rq, "/statements.%s?before=%s", name, older);
	if (newer != NULL)
		feed.newer = talloc_asprintf(rq, "/statements.%s?before=%s", name, newer);
	if (feed.path == NULL || (older != NULL && feed.older == NULL) ||
	    (newer != NULL && feed.newer == NULL))
		return OUT_FAULT;
	rq->max_age = PAGE_SECONDS;
	if ((got = feed_statements(rq, &feed, &all)) != OUT_OK)
		return got;
	return feed_write(kind, &feed, rq->out);
}

static enum outcome
make_rss(struct request *rq)
{
	return make(rq, FEED_RSS);
}

static enum outcome
make_atom(struct request *rq)
{
	return make(rq, FEED_ATOM);
}

static enum outcome
make_json(struct request *rq)
{
	return make(rq, FEED_JSON);
}

static enum outcome
send(struct request *rq, enum feed_kind kind,
    enum outcome (*make_kind)(struct request *))
{
	enum outcome got;

	got = pairs_find(&rq->query, "before") == NULL ?
	    statements_send(rq, KEPT_FEED + (size_t)kind, make_kind) : make_kind(rq);
	if (got == OUT_OK)		/* else a page says what is wrong */
		rq->type = feed_types[kind].type;
	return got;
}

enum outcome
feed_rss(struct request *rq)
{
	return send(rq, FEED_RSS, make_rss);
}

enum outcome
feed_atom(struct request *rq)
{
	return send(rq, FEED_ATOM, make_atom);
}

enum outcome
feed_json(struct request *rq)
{
	return send(rq, FEED_JSON, make_json);
}
