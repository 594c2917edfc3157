/*
 * census: counts that may be public.  The courier makes them from what is open and was
 * looked at by a person, and leaves out whatever is below the site's floor; nobody else
 * sees a smaller one.
 */
#ifndef OPENHALL_CENSUS_H
#define OPENHALL_CENSUS_H

#include "openhall/db.h"
#include "openhall/settings.h"

/* To read; and for the courier, to make. */
extern const struct db_query census_queries[], census_maker_queries[];
extern const size_t census_n_queries, census_maker_n_queries;

struct census_count {
	const char	*value, *area;
	int64_t		 n;		/* never below settings->floor */
};

struct census {
	size_t				 n;
	const struct census_count	*at;
};

/* Counts called `name` ("need", "offer", "near"), below `ctx`, by value and area. */
enum outcome	 census_all(struct db *, const void *ctx, const char *name, struct census *);

/*
 * How many others would start a unit in `area`: 0 when that is not to be told.  `counted`:
 * the one who asks is among them.
 */
enum outcome	 census_near(struct db *, const struct settings *, const char *area,
		    bool counted, int64_t *others);

/* Count anew, in one transaction: accepted ones for "near"; for "need" and "offer" what is open
 * and was moved by a coordinator, who has seen all that its holder has said since.  Suspect
 * ones never count. */
enum outcome	 census_take(struct db *, const struct settings *);

#endif
