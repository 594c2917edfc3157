/*
 * facets.c: what stands readable beside sealed answers, as rows of their own, to be found by.
 * Only of cases that are open or were accepted.
 */
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/form.h"
#include "openhall/log.h"
#include "openhall/pairs.h"
#include "openhall/seal.h"

enum { FACETS_MOST = 64, NAME_MOST = 16, VALUE_MOST = 32 };

enum { Q_UNFILED, Q_LOCK, Q_CLEAR, Q_ADD, Q_FILED, Q__COUNT };

const struct db_query facets_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_UNFILED] = { "i", "b",
	    "SELECT id FROM submission WHERE filed = 0 ORDER BY id LIMIT ?" },
	[Q_LOCK] = { "b", "sIs",
	    "SELECT state, ended_day, facets FROM submission"
	    " WHERE id = ? AND filed = 0 FOR UPDATE" },
	[Q_CLEAR] = { "b", "", "DELETE FROM facet WHERE submission = ?" },
	[Q_ADD] = { "bsss", "",
	    "INSERT INTO facet (submission, name, value, area) VALUES (?, ?, ?, ?)" },
	[Q_FILED] = { "b", "", "UPDATE submission SET filed = 1 WHERE id = ?" },
};
const size_t facets_n_queries = Q__COUNT;

static bool
fits(const struct pair *facet)
{
	size_t	name = strlen(facet->name), value = strlen(facet->value);

	return name > 0 && name <= NAME_MOST && value > 0 && value <= VALUE_MOST;
}

/* A facet that cannot be stored is left out: the case's own text still has it. */
static enum outcome
add(struct db *db, struct db_value id, const char *text)
{
	const char	*area = form_facet(db, text, "area");
	struct pairs	 facets;
	void		*ctx = talloc_new(db);
	enum outcome	 got;

	if (area == NULL || strlen(area) > VALUE_MOST)
		area = "";
	got = ctx == NULL ? OUT_FAULT :
	    pairs_decode(ctx, text, strlen(text), FACETS_MOST, &facets);
	if (got == OUT_INVALID) {
		log_error("facets", "reason", "not pairs", NULL);
		got = OUT_OK;
		facets.n = 0;
	}
	for (size_t i = 0; got == OUT_OK && i < facets.n; i++) {
		if (!fits(&facets.at[i]))
			continue;
		got = db_run(db, &facets_queries[Q_ADD], NULL, id,
		    DB_TEXT(facets.at[i].name), DB_TEXT(facets.at[i].value),
		    DB_TEXT(area));
		if (got == OUT_CONFLICT)	/* chosen twice is chosen */
			got = OUT_OK;
	}
	talloc_free(ctx);
	return got;
}

/* One case, locked, so that a change that comes meanwhile is filed after this. */
static enum outcome
file_one(struct db *db, const void *ctx, struct db_value id)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &facets_queries[Q_LOCK], &row, id);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	got = db_run(db, &facets_queries[Q_CLEAR], NULL, id);
	if (got == OUT_OK && (row.at[1].type == 0 ||
	    strcmp(row.at[0].bytes.data, "accepted") == 0))
		got = add(db, id, row.at[2].bytes.data);
	if (got == OUT_OK)
		got = db_run(db, &facets_queries[Q_FILED], NULL, id);
	return got;
}

static enum outcome
file_page(struct db *db, void *arg)
{
	const struct db_rows	*page = arg;
	void			*ctx = talloc_new(page->at);
	enum outcome		 got = ctx != NULL ? OUT_OK : OUT_FAULT;

	for (size_t i = 0; got == OUT_OK && i < page->n; i++)
		got = file_one(db, ctx, page->at[i].at[0]);
	talloc_free(ctx);
	return got;
}

/* The ids are read without a lock: one on this range would hold up who hands something in. */
enum outcome
facets_file(struct db *db, unsigned *n)
{
	struct db_rows	page;
	enum outcome	got;

	*n = 0;
	got = db_all(db, db, &facets_queries[Q_UNFILED], &page, DB_INT(FACETS_PAGE));
	if (got == OUT_OK && page.n > 0)
		got = db_transaction(db, file_page, &page);
	if (got == OUT_OK)
		*n = (unsigned)page.n;
	talloc_free(page.at);
	return got;
}
