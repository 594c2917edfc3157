/*
 * cookie: a cookie whose value only this portal can read or make: as many bytes as a key
 * has, encrypted under the form key, bound to the cookie's name.
 */
#ifndef OPENHALL_COOKIE_H
#define OPENHALL_COOKIE_H

#include "openhall/http.h"
#include "openhall/seal.h"

/* Set cookie `name` to `says`; `max_age` as for http_set_cookie().  OUT_OK or OUT_FAULT. */
enum outcome	 cookie_put(struct request *, const struct key *form_key,
		    const char *name, const struct key *says, unsigned max_age);

/* OUT_OK; OUT_MISSING: there is none, or it is not one of ours. */
enum outcome	 cookie_get(struct request *, const struct key *form_key,
		    const char *name, struct key *says);

#endif
