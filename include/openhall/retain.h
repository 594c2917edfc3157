/*
 * retain: what is kept is kept for as long as its form promises, and no longer.  Used by
 * the operator's command and, every hour, by the courier.
 */
#ifndef OPENHALL_RETAIN_H
#define OPENHALL_RETAIN_H

#include "openhall/db.h"
#include "openhall/form.h"
#include "openhall/seal.h"

extern const struct db_query retain_queries[];
extern const size_t retain_n_queries;

enum { RETAIN_WARN_DAYS = 14 };		/* so long before, the desk is warned */

/* Told what was done (or, `dry`, is due): "join accepted", 3. */
typedef void retain_say(void *arg, const char *what, int64_t n);

/*
 * Erase what every form's declaration says is over at `now`; then sessions and invitations that
 * have expired, throttles that nobody counts any more, and guests.  In transactions of a bounded
 * size; those of cases each with its line in the audit.  What was sent with a form that is not on
 * the site any more stays and is complained about.
 * OUT_OK, OUT_AWAY, OUT_FAULT; OUT_INVALID: a form is missing (all else was done).
 */
enum outcome	 retain_run(struct db *, const struct settings *, const struct key *audit,
		    int64_t now, bool dry, retain_say *, void *arg);

#endif
