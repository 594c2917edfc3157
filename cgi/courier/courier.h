/*
 * courier: what the parts of the courier share.  One file a concern.
 */
#ifndef OPENHALL_COURIER_H
#define OPENHALL_COURIER_H

#include "openhall/db.h"
#include "openhall/settings.h"

extern const struct db_query duty_queries[], facets_queries[], remind_queries[];
extern const size_t duty_n_queries, facets_n_queries, remind_n_queries;

/* ---- duty.c ---- */

/* Take duty `name` for the next `period` seconds.  OUT_OK: it is ours; OUT_MISSING: it is not
 * due, or another courier has it; OUT_AWAY; OUT_FAULT. */
enum outcome	 duty_take(struct db *, const char *name, int64_t now, unsigned period);

/* It was not done: somebody may try again in a minute. */
void		 duty_give_back(struct db *, const char *name, int64_t now);

/* ---- facets.c ---- */

enum { FACETS_PAGE = 200 };

/* Bring table facet up to date for at most FACETS_PAGE cases that have changed; `n` is how
 * many.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 facets_file(struct db *, unsigned *n);

/* ---- remind.c ---- */

/* Ask the holders of requests that have not moved whether they are still needed, and let sink
 * those that gave no answer.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 remind_holders(struct db *, const struct settings *, int64_t now);

#endif
