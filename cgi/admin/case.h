/*
 * case.h: a case as the store has it, and what opens it.  Private to cgi/admin.
 */
#ifndef OPENHALL_CASE_H
#define OPENHALL_CASE_H

#include "admin.h"

/* How one can vote; the last only by recusing oneself.  `kind` is a tag's. */
enum { VOTE_FAVOUR, VOTE_AGAINST, VOTE_ABSTAIN, VOTE_RECUSED, VOTES };
struct vote { const char *vote, *words, *kind; };
extern const struct vote case_votes[VOTES];

/* The columns of a case, its round and its electors. */
enum { CF_STATE, CF_SUSPECT, CF_RECEIVED, CF_ENDED, CF_KEY, CF_BODY };
enum { O_NUMBER, O_OPENED, O_CLOSES, O_ENDED, O_QUORUM, O_FAVOUR, O_BLOCK };
enum { E_ADMIN, E_NAME, E_VOTE, E_REASON, E_AT };

struct dossier {
	struct id	id;
	struct db_row	row, round;
	struct db_rows	electors;
	bool		has_round;
	bool		opened;		/* not erased: `content` is its key */
	struct key	content;
	struct tally	tally;
};

/* Read the case that the address names, and open its key.  OUT_MISSING: there is none;
 * OUT_FORBIDDEN: not at a desk of theirs; OUT_AWAY; OUT_FAULT. */
enum outcome	 case_read(struct request *, struct dossier *);

/* Read the latest round and its electorate.  OUT_OK also when there is none. */
enum outcome	 case_read_round(struct request *, struct dossier *);

/* How many serve at the desk now. */
enum outcome	 case_serving(struct request *, int64_t *serving);

/* Whether the case can be opened (again) for decision. */
bool		 case_can_open(const struct request *, const struct dossier *);

/* Whether an elector's row is that of the one who is logged in. */
bool		 case_is_me(const struct request *, const struct db_value *elector);

/* The reason an elector gave; NULL when there is none, or it was erased. */
const char	*case_reason(struct request *, const struct dossier *,
		    const struct db_value *elector);

/* Whether the one who is logged in may vote now, and what they said so far. */
bool		 case_may_vote(struct request *, const struct dossier *,
		    const char **vote, const char **reason);

/* ---- review.c ---- */

enum case_problem { CASE_FINE = 0, CASE_NO_VOTE, CASE_NO_REASON,
	CASE_LONG_REASON, CASE_LATE };

/* Show the case, with what is wrong with the form just sent. */
enum outcome	 review_page(struct request *, const struct dossier *,
		    enum case_problem);

#endif
