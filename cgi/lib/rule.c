/* rule.c: see openhall/rule.h. */
#include "openhall/rule.h"

static unsigned
votes(const struct tally *t)
{
	return t->in_favour + t->against + t->abstained;
}

unsigned
rule_votes_missing(const struct tally *t)
{
	return votes(t) < t->quorum ? t->quorum - votes(t) : 0;
}

unsigned
rule_favour_missing(const struct tally *t)
{
	return t->in_favour < t->favour ? t->favour - t->in_favour : 0;
}

enum verdict
rule_verdict(const struct tally *t, int64_t now)
{
	unsigned voting = t->electors - t->recused;
	unsigned waiting = voting - votes(t);

	if (t->against >= t->block)
		return VERDICT_DECLINED;
	if (rule_votes_missing(t) == 0 && rule_favour_missing(t) == 0)
		return VERDICT_ACCEPTED;
	if (voting < t->quorum || voting < t->favour)
		return VERDICT_STUCK;
	if (rule_favour_missing(t) > waiting)
		return VERDICT_DECLINED;
	return now >= t->closes_at ? VERDICT_LAPSED : VERDICT_OPEN;
}
