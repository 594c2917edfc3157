/*
 * reach.h: a portal with its desks, and who can open what of it, for the tests of keys.
 */
#ifndef REACH_H
#define REACH_H

#include "store.h"

#include "openhall/desk.h"

#define NOW	1764000000
#define GOOD	"correct horse battery"

enum { M = 1 << DESK_MEMBERSHIP, S = 1 << DESK_SUPPORTERS, A = 1 << DESK_AID,
	T = 1 << DESK_STATEMENTS, E = 1 << DESK_EVENTS, ALL = M | S | A | T | E };

/* The owner's, and that of the admins' program; what founding gave. */
extern struct db	*db, *office;
extern struct key	 audit;
extern struct code	 recovery, invitation;

/* `founds`: with the statements of founding, too. */
struct db	*open_db(const char *account, bool founds);

/* For each test: founded, and something handed in at each desk. */
int		 set_up(void **state);
int		 tear_down(void **state);

/* As a program does that holds nothing but what is on the disk. */
void		 hand_in(void);

void		 accept_as(struct admin *out, const struct code *, const char *name);
void		 invite(const struct admin *by, unsigned which, struct admin *out,
		    const char *name);

/* Keys that somebody has come by. */
struct reach { size_t n; struct key at[200]; };

bool		 has(const struct reach *, const struct key *);

/* Everything that who holds `secret` can open with the whole database in hand. */
void		 reach(struct reach *, const struct key *secret);

/* The desks whose submissions can be opened so, as bits. */
unsigned	 opens(const struct key *secret);

/* By key and by what the functions say: these desks and no others. */
void		 assert_serves(const struct admin *, unsigned want);

#endif
