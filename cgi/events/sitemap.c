/*
 * sitemap.c: coming events for search engines, in one language: the list, and behind it each
 * event, by its next date.  Its dates have pages of their own, to which its page leads.
 */
#include "pages.h"

#include <talloc.h>

#include "openhall/sitemap.h"

enum { Q_PAGES, Q__COUNT };

const struct db_query sitemap_queries[] = {	/* takes, gives, sql */
	/* A date that nobody has touched came with time, and changes nothing. */
	[Q_PAGES] = { "ii", "si",
	    "SELECT STRAIGHT_JOIN e.slug, GREATEST(e.changed_at,"
	    " COALESCE(e.published_at, 0), d.changed)"
	    " FROM (SELECT o.event AS id, MIN(o.ends_at) AS next,"
	    " MAX(IF(o.sequence > 0, o.changed_at, 0)) AS changed"
	    " FROM occurrence o FORCE INDEX (coming) WHERE o.shown = 1 AND o.ends_at > ?"
	    " GROUP BY o.event ORDER BY next, id LIMIT ?) d"
	    " JOIN event e ON e.id = d.id ORDER BY d.next, d.id" },
};
const size_t sitemap_n_queries = Q__COUNT;

enum { F_SLUG, F_CHANGED };

static enum outcome
make(struct request *rq)
{
	struct db_rows	rows;
	int64_t		changed = 0;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &sitemap_queries[Q_PAGES], &rows, DB_INT(rq->now),
	    DB_INT(SITEMAP_MOST));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; i < rows.n; i++) {
		if (rows.at[i].at[F_CHANGED].number > changed)
			changed = rows.at[i].at[F_CHANGED].number;
	}
	rq->max_age = PAGE_SECONDS;
	sitemap_begin(rq->out);
	sitemap_same(rq->out, rq->settings, rq->lang, "/events", changed);
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		const char		*path = talloc_asprintf(rq, "/events/%s",
					    (const char *)at[F_SLUG].bytes.data);

		if (path == NULL)
			return OUT_FAULT;
		sitemap_same(rq->out, rq->settings, rq->lang, path, at[F_CHANGED].number);
	}
	sitemap_end(rq->out);
	return OUT_OK;
}

enum outcome
sitemap_show(struct request *rq)
{
	enum outcome got = events_send(rq, KEPT_SITEMAP, rq->path, make);

	if (got == OUT_OK)		/* else a page says what is wrong */
		rq->type = SITEMAP_TYPE;
	return got;
}
