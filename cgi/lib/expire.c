/* expire.c: see openhall/expire.h.  Runs as courier and as the schema's owner. */
#include "openhall/expire.h"

#include <string.h>
#include <talloc.h>

enum { UNTIL_MOST = 4 };

struct expiring {
	const struct db_query	*erase;
	int64_t			 until;
	struct db_rows		 page;
	uint64_t		 n;
};

/* `v` is `until` as often as `takes` wants it, beside its one other value; how often that is. */
static size_t
fill(struct db_value v[UNTIL_MOST], const char *takes, int64_t until)
{
	size_t	n = 0;

	for (; n < UNTIL_MOST && n + 1 < strlen(takes); n++)
		v[n] = DB_INT(until);
	return n;
}

/* Within a transaction, which may be done again. */
static enum outcome
erase_page(struct db *db, void *arg)
{
	struct expiring	*e = arg;
	struct db_value	 v[1 + UNTIL_MOST];
	size_t		 n_values = 1 + fill(v + 1, e->erase->takes, e->until);
	enum outcome	 got = OUT_OK;

	e->n = 0;
	for (size_t i = 0; got == OUT_OK && i < e->page.n; i++) {
		uint64_t	n = 0;

		v[0] = e->page.at[i].at[0];
		got = db_run_values(db, e->erase, &n, v, n_values);
		e->n += n;
	}
	return got;
}

enum outcome
expire_all(struct db *db, const struct db_query *page, const struct db_query *erase,
    int64_t until, int64_t *n)
{
	struct expiring	e = { .erase = erase, .until = until, .page = { .n = EXPIRE_PAGE },
			    .n = 1 };
	struct db_value	v[UNTIL_MOST + 1];
	size_t		n_values = fill(v, page->takes, until);
	enum outcome	got = OUT_OK;

	v[n_values++] = DB_INT(EXPIRE_PAGE);
	/* A page of which nothing went was that of another courier, or nobody could take it. */
	while (got == OUT_OK && e.page.n == EXPIRE_PAGE && e.n > 0) {
		e.n = 0;
		got = db_all_values(db, db, page, &e.page, v, n_values);
		if (got == OUT_OK && e.page.n > 0)
			got = db_transaction(db, erase_page, &e);
		*n += got == OUT_OK ? (int64_t)e.n : 0;
		talloc_free(e.page.at);
	}
	return got;
}
