/*
 * factor.h: the second factor as it is stored, and what proves it.  Private to cgi/admin.
 */
#ifndef OPENHALL_FACTOR_H
#define OPENHALL_FACTOR_H

#include "admin.h"
#include "openhall/totp.h"

struct factor {
	bool		has;
	unsigned char	secret[TOTP_SECRET];
	int64_t		last;		/* step of the last code used */
	int64_t		codes;		/* recovery codes that are left */
};

/* The factor of the one who has a session, opened; and the key that it is sealed under. */
enum outcome	 factor_read(struct request *, struct factor *);
void		 factor_key(const struct request *, struct key *);

/* A code that was typed, one-time or for recovery, and where its failures are counted. */
struct proof {
	const struct id	*admin;
	bool		 recovery;
	int64_t		 step;
	struct key	 lookup;
	struct throttle	 throttle;
};

/*
 * Whether `typed` may prove it; proof_use() says in the end.  OUT_FORBIDDEN: it does not;
 * OUT_LIMITED: there were too many that did not.  Nobody guesses a recovery code, so that
 * one is never too many: who tries a stolen password locks nobody out.
 */
enum outcome	 proof_read(struct request *, const struct factor *, const char *typed,
		    struct proof *);

/* Within a transaction: use the code up.  OUT_FORBIDDEN: there is no such code (any more). */
enum outcome	 proof_use(struct db *, struct request *, const struct proof *);

/* With what became of it, given on: count a failure, forget them after a success. */
enum outcome	 proof_settle(struct request *, const struct proof *, enum outcome got);

#endif
