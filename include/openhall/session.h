/*
 * session: an admin who is logged in.  The cookie's value is the key that unwraps the
 * admin's secret key; the store holds only a hash of it, so that the store alone
 * opens nothing.
 */
#ifndef OPENHALL_SESSION_H
#define OPENHALL_SESSION_H

#include "openhall/desk.h"
#include "openhall/http.h"

extern const struct db_query session_queries[];
extern const size_t session_n_queries;

enum {
	SESSION_SECONDS = 10 * 3600,
	PENDING_SECONDS = 600		/* to type the one-time code in */
};

/* How far somebody has come in. */
enum session_stage {
	STAGE_CODE = 1,		/* the password was right; the one-time code is still to come */
	STAGE_SETUP,		/* the site requires a second factor and they have none yet */
	STAGE_FULL
};

struct session {
	enum session_stage stage;
	unsigned	desks;		/* at which they serve, bits by number */
	struct admin	admin;
	struct key	id;			/* as it is stored */
	char		token[2 * KEY_LEN + 1];	/* what its forms carry */
};

/* Log `admin` in, who has just proved their password: store a session, with its line in the
 * audit, and set its cookie.  How far in it is, rq->session->stage says.  OUT_OK; OUT_MISSING:
 * they were removed; OUT_AWAY; OUT_FAULT. */
enum outcome	 session_begin(struct request *, const struct key *audit,
		    const struct admin *);

/*
 * Who is entering is in: a full session, under another cookie, takes the place of the one
 * they have.  In the same transaction `prove` does what earns it; any answer of it but OUT_OK
 * leaves all as it was, and is given on.  It may be run again, as by db_transaction().
 */
enum outcome	 session_renew(struct request *, const struct key *audit,
		    enum outcome (*prove)(struct db *, void *), void *arg);

/* Fill rq->session, and rq->who if they are in, from the cookie; leaves them NULL when there
 * is no valid one.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 session_find(struct request *);

/* End the session `id` of the admin who is logged in; the cookie goes with their own.
 * OUT_OK; OUT_MISSING: they have no such session. */
enum outcome	 session_end(struct request *, const struct key *audit,
		    const struct key *id);

#endif
