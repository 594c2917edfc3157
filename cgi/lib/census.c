/* census.c: see openhall/census.h. */
#include "openhall/census.h"

#include <talloc.h>

#include "openhall/unit.h"

enum { Q_ALL, Q_NEAR, Q__COUNT };

const struct db_query census_queries[] = {	/* takes, gives, sql */
	/* At most as many as there are choices times areas. */
	[Q_ALL] = { "s", "ssi",
	    "SELECT value, area, n FROM census WHERE name = ?"
	    " ORDER BY value, area LIMIT 5000" },
	[Q_NEAR] = { "s", "i",
	    "SELECT n FROM census WHERE name = 'near' AND value = ?"
	    " AND area = ''" },
};
const size_t census_n_queries = Q__COUNT;

enum { M_CLEAR, M_NEAR, M_AID, M_ADD, M__COUNT };

/* No sums: beside cells that are left out, a sum would tell what is in them.  They are counted
 * first and then written down: one statement that does both locks every case that it counts. */
const struct db_query census_maker_queries[] = {	/* takes, gives, sql */
	[M_CLEAR] = { "", "", "DELETE FROM census" },
	[M_NEAR] = { "i", "sssi",
	    "SELECT f.name, f.value, '', COUNT(DISTINCT f.submission)"
	    " FROM facet f JOIN submission s ON s.id = f.submission"
	    " WHERE f.name = 'near' AND s.state = 'accepted'"
	    " AND s.suspect = 0"
	    " GROUP BY f.name, f.value"
	    " HAVING COUNT(DISTINCT f.submission) >= ? LIMIT 5000" },
	/* What a holder has corrected since a coordinator looked does not count either: with
	 * it one could try out where a count appears. */
	[M_AID] = { "i", "sssi",
	    "SELECT f.name, f.value, f.area, COUNT(DISTINCT f.submission)"
	    " FROM facet f JOIN submission s ON s.id = f.submission"
	    " WHERE f.name IN ('need', 'offer') AND s.desk = 'aid'"
	    " AND s.ended_day IS NULL AND s.suspect = 0"
	    " AND s.state NOT IN ('needed', 'offered') AND s.desk_unread = 0"
	    " GROUP BY f.name, f.value, f.area"
	    " HAVING COUNT(DISTINCT f.submission) >= ? LIMIT 5000" },
	[M_ADD] = { "sssi", "", "INSERT INTO census (name, value, area, n) VALUES (?, ?, ?, ?)" },
};
const size_t census_maker_n_queries = M__COUNT;

enum outcome
census_all(struct db *db, const void *ctx, const char *name, struct census *out)
{
	struct census_count	*counts;
	struct db_rows		 rows;
	enum outcome		 got;

	*out = (struct census){ 0 };
	got = db_all(db, ctx, &census_queries[Q_ALL], &rows, DB_TEXT(name));
	if (got != OUT_OK || rows.n == 0)
		return got;
	if ((counts = talloc_array(ctx, struct census_count, rows.n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value *at = rows.at[i].at;

		counts[i] = (struct census_count){
			.value = at[0].bytes.data,
			.area = at[1].bytes.data,
			.n = at[2].number,
		};
	}
	*out = (struct census){ rows.n, counts };
	return OUT_OK;
}

enum outcome
census_near(struct db *db, const struct settings *s, const char *area,
    bool counted, int64_t *others)
{
	struct db_row	row;
	enum outcome	got;

	*others = 0;
	/* Those who live in no area of the site do not live near each other. */
	if (unit_area(s, area) == NULL)
		return OUT_OK;
	got = db_first(db, NULL, &census_queries[Q_NEAR], &row, DB_TEXT(area));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	*others = row.at[0].number - (counted ? 1 : 0);
	/* The floor may have been raised since the count was made. */
	if (*others < s->floor)
		*others = 0;
	talloc_free(row.at);
	return OUT_OK;
}

/* In a transaction. */
static enum outcome
write_down(struct db *db, void *arg)
{
	const struct db_rows	*counts = arg;
	enum outcome		 got = db_run_values(db, &census_maker_queries[M_CLEAR], NULL,
				    NULL, 0);

	for (int k = 0; k < 2; k++)
		for (size_t i = 0; got == OUT_OK && i < counts[k].n; i++)
			got = db_run_values(db, &census_maker_queries[M_ADD], NULL,
			    counts[k].at[i].at, 4);
	return got;
}

enum outcome
census_take(struct db *db, const struct settings *s)
{
	struct db_rows	counts[2] = { { .n = 0 } };
	void		*ctx = talloc_new(db);
	enum outcome	 got = ctx != NULL ? OUT_OK : OUT_FAULT;

	for (int k = 0; got == OUT_OK && k < 2; k++)
		got = db_all(db, ctx, &census_maker_queries[M_NEAR + k], &counts[k],
		    DB_INT(s->floor));
	if (got == OUT_OK)
		got = db_transaction(db, write_down, counts);
	talloc_free(ctx);
	return got;
}
