/*
 * rule: how a committee decides.  Nothing here touches the store: a round and its votes
 * go in, what follows from them comes out.
 */
#ifndef OPENHALL_RULE_H
#define OPENHALL_RULE_H

#include <stdint.h>

/* A round of deciding: the rule as it was when the round opened, and who did what. */
struct tally {
	unsigned	quorum, favour, block;	/* the rule */
	unsigned	electors;		/* the frozen electorate */
	unsigned	in_favour, against, abstained, recused;
	int64_t		closes_at;
};

enum verdict {
	VERDICT_OPEN = 1,	/* some condition is still unmet */
	VERDICT_ACCEPTED,
	VERDICT_DECLINED,	/* blocked, or too few can still be in favour */
	VERDICT_STUCK,		/* so many recused themselves that the rule cannot be met */
	VERDICT_LAPSED		/* the time is over and nothing was decided */
};

/*
 * What the votes say at `now`.  Blocked first, then accepted (quorum and votes in favour
 * both reached), then what can no longer be reached, then the time.  A recusal leaves the
 * electorate; an abstention counts for the quorum.
 */
enum verdict	rule_verdict(const struct tally *, int64_t now);

/* How many votes, and how many in favour, are still missing. */
unsigned	rule_votes_missing(const struct tally *);
unsigned	rule_favour_missing(const struct tally *);

#endif
