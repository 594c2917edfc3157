/*
 * dashboard.h: the parts of the back office's first page.  Private to cgi/admin.
 *
 * Each appends rows to list `i` of the page, says where it matters whether there are `some`, and
 * shows nothing of a desk at which the one who is logged in does not serve.
 */
#ifndef OPENHALL_ADMIN_DASHBOARD_H
#define OPENHALL_ADMIN_DASHBOARD_H

#include "admin.h"

/* Whether they serve at desk number `i`. */
bool		 dashboard_serves(const struct request *, size_t i);

/* "3", or "1000+" from where nobody counts on. */
const char	*dashboard_count(struct request *, int64_t n);

/* ---- dashboard_waiting.c: by desk what waits, each line with where it leads; the desk at which
 * something is urgent first ---- */
extern const struct view_name waiting_names[], step_names[];
enum outcome	 waiting_part(struct request *, struct view *, size_t i, bool *some);

/* What a portal that has just begun, or a desk with too few people, needs next. */
enum outcome	 steps_part(struct request *, struct view *, size_t i, bool *some);

/* ---- dashboard_weeks.c: what came in, week by week ---- */
extern const struct view_name weeks_names[];
enum outcome	 weeks_part(struct request *, struct view *, size_t i, bool *some);

/* ---- dashboard_health.c: whether what works unseen does ---- */
extern const struct view_name health_names[];
enum outcome	 health_part(struct request *, struct view *, size_t i,
		    const char **alarm);	/* what is to be said first; NULL: nothing */

#endif
