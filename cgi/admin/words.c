/*
 * words.c: states and conditions as people say them.
 */
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"

static const struct {
	const char *state, *words, *kind;
} states[] = {
	{ "received",	N_("Waiting"),		"wait" },
	{ "review",	N_("In review"),	"wait" },
	{ "accepted",	N_("Accepted"),		"good" },
	{ "declined",	N_("Declined"),		"bad" },
	{ "withdrawn",	N_("Withdrawn"),	"" },
	{ "erased",	N_("Erased"),		"" },
	{ "needed",	N_("Needed"),		"wait" },
	{ "offered",	N_("Offered"),		"wait" },
	{ "started",	N_("Started"),		"wait" },
	{ "noanswer",	N_("No answer"),	"wait" },
	{ "delivery",	N_("Delivery needed"),	"wait" },
	{ "assigned",	N_("Assigned"),		"wait" },
	{ "complete",	N_("Complete"),		"good" },
	{ "duplicate",	N_("Duplicate"),	"" },
	{ "outofarea",	N_("Out of our area"),	"" },
	{ "passedon",	N_("Passed on"),	"good" },
};

const char *
words_state(const struct site_words *words, const char *state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (strcmp(states[i].state, state) == 0)
			return text_in(words, states[i].words);
	}
	return state;
}

const char *
words_state_kind(const char *state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (strcmp(states[i].state, state) == 0)
			return states[i].kind;
	}
	return "";
}

const char *
words_channel(const struct site_words *words, const char *channel)
{
	if (strcmp(channel, "phone") == 0)
		return text_in(words, "by telephone");
	return strcmp(channel, "paper") == 0 ? text_in(words, "on paper") : NULL;
}

static const char *
missing(const void *ctx, const struct site_words *words, const struct tally *t)
{
	unsigned	 votes = rule_votes_missing(t);
	unsigned	 favour = rule_favour_missing(t);
	const char	*needs_votes, *needs_favour;

	needs_votes = talloc_asprintf(ctx, text_in_n(words, "%u more vote",
	    "%u more votes", votes), votes);
	needs_favour = talloc_asprintf(ctx, text_in_n(words,
	    "%u more in favour", "%u more in favour", favour), favour);
	if (needs_votes == NULL || needs_favour == NULL)
		return NULL;
	if (votes == 0)
		return needs_favour;
	if (favour == 0)
		return needs_votes;
	return talloc_asprintf(ctx, "%s, %s", needs_votes, needs_favour);
}

const char *
words_unmet(const void *ctx, const struct site_words *words,
    const struct tally *t, int64_t now)
{
	switch (rule_verdict(t, now)) {
	case VERDICT_OPEN:
		return missing(ctx, words, t);
	case VERDICT_STUCK:
		return text_in(words, "too many have recused themselves");
	case VERDICT_LAPSED:
		return text_in(words, "the time is over, nothing was decided");
	case VERDICT_ACCEPTED:
	case VERDICT_DECLINED:
		break;
	}
	return "";
}
