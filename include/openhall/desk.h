/*
 * desk: who holds which keys.  A desk (membership, ...) has a key pair; its secret key is
 * sealed to each admin who serves there, to the recovery key, and to each open
 * invitation.  No password and no secret key passes from one person to another.
 */
#ifndef OPENHALL_DESK_H
#define OPENHALL_DESK_H

#include <stdbool.h>

#include "openhall/code.h"
#include "openhall/db.h"
#include "openhall/seal.h"
#include "openhall/settings.h"

/* What an admin's program does, and what only the operator's command may. */
extern const struct db_query desk_queries[], roles_queries[], founding_queries[];
extern const size_t desk_n_queries, roles_n_queries, founding_n_queries;

enum {
	INVITATION_DAYS = 7,
	ADMIN_NAME_MAX = 64,		/* characters */
	PASSWORD_LEAST = 12,		/* bytes */
	PASSWORD_MOST = 256,
	DESKS_MOST = 16
};

/*
 * A desk and, at most of them, what is handed in there.  Desks of one circle know a person
 * again by address; another circle cannot even ask.
 */
struct desk {
	const char	*name;		/* "membership" */
	const char	*form;		/* www/sites/SITE/forms/FORM.xml: "join"; NULL: none */
	const char	*circle;	/* "people", "aid" */
	bool		 decides;	/* cases are decided by the site's rule; otherwise
					   they go through the states of work */
	const char	*title;		/* N_(): "Membership" */
};

/* Those where something is handed in that becomes a case come first. */
enum { DESK_MEMBERSHIP, DESK_SUPPORTERS, DESK_AID, INTAKES,
	DESK_STATEMENTS = INTAKES, DESK_EVENTS, DESKS };
extern const struct desk desks[DESKS];

/* The desk of that name; the desk where `form` is handed in; NULL: there is none. */
const struct desk	*desk_named(const char *name);
const struct desk	*desk_of_form(const char *form);

struct admin {
	struct id	 id;
	char		 name[4 * ADMIN_NAME_MAX + 1];
	struct key	 public, secret;
};

/* ---- founding.c: by the operator, with both sets of statements ---- */

/*
 * Found the portal: the recovery key, a pair for each desk, a match key for each circle, and
 * the invitation for the first admin.  OUT_CONFLICT when it was founded already: then only
 * desks that have no pair yet get one, sealed to the recovery key, to every admin and to
 * the invitations from the recovery key, and only circles in which a desk has no match key
 * get a new one (what was hashed under the former is forgotten).  In any case the public
 * halves are written to `key_dir`/NAME.pub where they are missing.
 */
enum outcome	 desk_found(struct db *, const struct settings *, const struct key *audit,
		    int64_t now, struct code *recovery, struct code *invitation);

/* An invitation to all desks from the recovery key.  OUT_FORBIDDEN: not that key. */
enum outcome	 desk_recover(struct db *, const struct key *audit, int64_t now,
		    const struct code *recovery, struct code *invitation);

/* ---- desk.c ---- */

/* An invitation from `by` to the desks in `which` (bits by number).  OUT_FORBIDDEN: none, or
 * one at which they do not serve. */
enum outcome	 desk_invite(struct db *, const struct key *audit, int64_t now,
		    const struct admin *by, unsigned which, struct code *invitation);

/* Whether an invitation can still be accepted.  OUT_OK, OUT_MISSING (unknown, used or
 * expired), OUT_AWAY, OUT_FAULT. */
enum outcome	 desk_invited(struct db *, int64_t now, const struct code *);

/*
 * Make the admin whom an invitation is for, and use the invitation up.  The name is kept
 * without white space around it.  OUT_OK fills `out`; OUT_MISSING: as above; OUT_CONFLICT:
 * the name is taken; OUT_INVALID: not a name (1 to 64 characters, none of them a control)
 * or not a password (by its length); OUT_AWAY; OUT_FAULT.
 */
enum outcome	 desk_accept(struct db *, const struct key *audit, int64_t now,
		    const struct code *, const char *name, const char *password,
		    struct admin *out);

/* What all spellings of one name have in common ("Ana", "ANA "), so that none has a count
 * or a limit of its own; zero for what is no name.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 desk_name_key(struct db *, const char *name, struct key *);

/* The admin with this name and password.  OUT_FORBIDDEN for an unknown name and for a wrong
 * password alike, after the same work. */
enum outcome	 desk_login(struct db *, const char *name, const char *password,
		    struct admin *out);

/* Whether it is one, by its length. */
bool		 desk_password_fits(const char *password);

/* What opens a desk's cases. */
struct desk_keys {
	struct key	 secret;
	struct key	 match;		/* of its circle: for person_hash() */
};

/* The keys of a desk, opened with the admin's.  OUT_FORBIDDEN: does not serve there. */
enum outcome	 desk_open(struct db *, const struct admin *, const struct desk *,
		    struct desk_keys *);

/* The desks at which `admin` serves, as bits by number.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 desk_serves(struct db *, const struct id *admin, unsigned *which);

/* ---- roles.c ---- */

/*
 * Give `to` the key of a desk at which `by` serves, sealed to them.  OUT_OK (also when they
 * have it); OUT_FORBIDDEN: `by` does not serve there; OUT_MISSING: no such admin, or removed.
 */
enum outcome	 desk_grant(struct db *, const struct key *audit, int64_t now,
		    const struct admin *by, const struct desk *, const struct id *to);

/*
 * `who` leaves a desk: their sealed key goes, with the invitations to it that they made;
 * in open rounds of its cases they are recused where they have not voted; what was assigned
 * to them is free.  OUT_CONFLICT: the last who serves there cannot; OUT_MISSING: does not
 * serve there.
 */
enum outcome	 desk_leave(struct db *, const struct key *audit, int64_t now,
		    const struct id *who, const struct desk *);

/*
 * Remove an admin: all their sealed keys, sessions and codes, the invitations that they made
 * and their own wrapped key go; the name stays beside their votes.  OUT_FORBIDDEN: `by`
 * does not serve at every desk at which they do, or at none at all; OUT_CONFLICT: they are
 * the last at a desk, or are `by`; OUT_MISSING: no such admin, or removed already.
 */
enum outcome	 desk_remove(struct db *, const struct key *audit, int64_t now,
		    const struct admin *by, const struct id *who);

/*
 * Another password: their own key is wrapped anew, and every other session but `session`
 * ends.  OUT_FORBIDDEN: `old` is not theirs (any more); OUT_INVALID: `fresh` is not a
 * password.  About 80 ms, outside of any transaction.
 */
enum outcome	 desk_password(struct db *, const struct key *audit, int64_t now,
		    const struct admin *, const struct key *session, const char *old,
		    const char *fresh);

/* ---- what they share ---- */

struct desk_secret {
	char		 name[32 + 1];
	struct key	 secret;
};

/* What a desk's secret key is bound to wherever it is sealed. */
void		 desk_about(struct id *, const char *name);

/* The same for a circle's match key, which is sealed to each of its desks. */
void		 desk_about_match(struct id *, const char *circle);

/* Within a transaction: a new invitation from `by` (NULL: the recovery key) to `n` desks. */
enum outcome	 desk_invitation_add(struct db *, const struct key *audit, int64_t now,
		    const struct id *by, const struct desk_secret *, size_t n,
		    struct code *out);

#endif
