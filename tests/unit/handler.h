/*
 * handler.h: the handlers of the back office, called as the dispatcher calls them, on a portal
 * with three admins.  The page of a case is not made: what it would have said comes back.
 */
#ifndef HANDLER_H
#define HANDLER_H

#include "reach.h"

#include "../../cgi/admin/work.h"

/* Serves at all desks; at that of aid; of membership; of statements. */
enum { ANA, BEN, CARLA, DORA, PEOPLE };
extern struct admin	 people[PEOPLE];

/* The database as the program has it, and the settings, which a test may change. */
extern struct db	*desk_db;
extern struct settings	 desk_settings;

/* For each test: founded, with its people. */
int			 handler_set_up(void **state);
int			 handler_tear_down(void **state);

struct reply {
	enum outcome	 got;
	int		 status;
	int		 problem;	/* with which the case was shown; -1: it was not */
	const char	*page;
};

/*
 * Let `who` ask for `path`, in which `rest` stands for the "*" and a query may follow; `body`
 * (NULL: a GET) as a browser sends it.  What is shown lives until the next call.
 */
struct reply		 call(enum outcome (*run)(struct request *), int who,
			    const char *path, const char *rest, const char *body);

/*
 * Hand something in at the desk of aid, as the public form does, filed: `answers` as a browser
 * sends them, beside those that are required.  Its content key is in `content`.
 */
void			 ask_for(const char *answers, struct id *id, struct key *content,
			    struct code *receipt);

#endif
