/*
 * votes.c: a round of deciding as its page shows it, of a case or of a statement: who has voted
 * and how, what is still missing, and the form for one's own vote.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { EL_NAME, EL_ME, EL_VOTE, EL_KIND, EL_REASON, EL_WHEN, EL__COUNT };

static const struct view_name elector_names[] = {
	[EL_NAME] = { "name", NULL },
	[EL_ME] = { "me", NULL },
	[EL_VOTE] = { "vote", NULL },
	[EL_KIND] = { "kind", NULL },
	[EL_REASON] = { "reason", NULL },
	[EL_WHEN] = { "when", NULL },
	[EL__COUNT] = { NULL, NULL }
};

enum { CH_VALUE, CH_WORDS, CH_CHECKED, CH_FIRST, CH__COUNT };

static const struct view_name choice_names[] = {
	[CH_VALUE] = { "value", NULL },
	[CH_WORDS] = { "words", NULL },
	[CH_CHECKED] = { "checked", NULL },
	[CH_FIRST] = { "first", NULL },
	[CH__COUNT] = { NULL, NULL }
};

enum { V_VOTE_AT, V_RECUSE_AT, V_VERSION, V_VOTED, V_QUORUM, V_IN_FAVOUR, V_FAVOUR,
	V_AGAINST, V_BLOCK,
	V_OPENED, V_CLOSES, V_UNMET, V_APPROVED, V_DECLINED, V_LAPSED, V_STUCK, V_ELECTORS,
	V_MAY_VOTE, V_CHOICES, V_REASON, V__COUNT };

const struct view_name votes_names[] = {
	[V_VOTE_AT] = { "vote_at", NULL },	/* where its forms lead */
	[V_RECUSE_AT] = { "recuse_at", NULL },
	[V_VERSION] = { "version", NULL },	/* of a statement; none: it is a case */
	[V_VOTED] = { "voted", NULL },
	[V_QUORUM] = { "quorum", NULL },
	[V_IN_FAVOUR] = { "in_favour", NULL },
	[V_FAVOUR] = { "favour", NULL },
	[V_AGAINST] = { "against", NULL },
	[V_BLOCK] = { "block", NULL },
	[V_OPENED] = { "opened", NULL },
	[V_CLOSES] = { "closes", NULL },
	[V_UNMET] = { "unmet", NULL },
	[V_APPROVED] = { "approved", NULL },	/* a statement; a case says it by its state */
	[V_DECLINED] = { "declined", NULL },
	[V_LAPSED] = { "lapsed", NULL },
	[V_STUCK] = { "stuck", NULL },
	[V_ELECTORS] = { "electors", elector_names },
	[V_MAY_VOTE] = { "may_vote", NULL },
	[V_CHOICES] = { "choices", choice_names },
	[V_REASON] = { "reason", NULL },
	[V__COUNT] = { NULL, NULL }
};

static void
add_electors(struct request *rq, const struct votes *is, struct view *v)
{
	for (size_t i = 0; i < is->electors->n; i++) {
		const struct db_value	*at = is->electors->at[i].at;
		struct view		*row = view_row(v, V_ELECTORS);
		const char		*vote = at[E_VOTE].bytes.data;

		view_text(row, EL_NAME, at[E_NAME].bytes.data);
		view_flag(row, EL_ME, case_is_me(rq, at));
		for (size_t j = 0; vote != NULL && j < VOTES; j++) {
			if (strcmp(vote, case_votes[j].vote) != 0)
				continue;
			view_text(row, EL_VOTE, text_in(rq->words, case_votes[j].words));
			view_text(row, EL_KIND, case_votes[j].kind);
			view_text(row, EL_REASON, is->dossier != NULL ?
			    case_reason(rq, is->dossier, at) : at[E_REASON].bytes.data);
			view_text(row, EL_WHEN, when_moment(rq, rq->words, at[E_AT].number));
		}
	}
}

/* With what they said so far, or have just typed. */
static void
add_form(struct request *rq, const struct votes *is, struct view *v)
{
	const char	*vote = pairs_find(&rq->body, "vote");
	const char	*reason = pairs_find(&rq->body, "reason");

	if (vote == NULL)
		vote = is->vote;
	view_flag(v, V_MAY_VOTE, is->may_vote);
	view_text(v, V_REASON, reason != NULL ? reason : is->reason);
	for (size_t j = 0; j < VOTE_RECUSED; j++) {
		struct view *row = view_row(v, V_CHOICES);

		view_text(row, CH_VALUE, case_votes[j].vote);
		view_text(row, CH_WORDS, text_in(rq->words, case_votes[j].words));
		view_flag(row, CH_CHECKED, vote != NULL &&
		    strcmp(vote, case_votes[j].vote) == 0);
		view_flag(row, CH_FIRST, j == 0);
	}
}

void
votes_part(struct request *rq, const struct votes *is, struct view *page, size_t i)
{
	const struct tally	*t = is->tally;
	struct view		*v = view_row(page, i);
	enum verdict		 verdict = rule_verdict(t, rq->now);
	bool			 of_statement = is->dossier == NULL;
	const char		*in = is->in != NULL ? is->in : "";

	view_text(v, V_VOTE_AT, talloc_asprintf(rq, "%s/vote%s", is->where, in));
	view_text(v, V_RECUSE_AT, talloc_asprintf(rq, "%s/recuse%s", is->where, in));
	if (of_statement)
		view_number(v, V_VERSION, is->version);
	view_text(v, V_OPENED, when_moment(rq, rq->words, is->opened_at));
	view_text(v, V_CLOSES, when_moment(rq, rq->words, t->closes_at));
	view_number(v, V_QUORUM, t->quorum);
	view_number(v, V_FAVOUR, t->favour);
	view_number(v, V_BLOCK, t->block);
	view_number(v, V_VOTED, t->in_favour + t->against + t->abstained);
	view_number(v, V_IN_FAVOUR, t->in_favour);
	view_number(v, V_AGAINST, t->against);
	if (is->open && verdict == VERDICT_OPEN)
		view_text(v, V_UNMET, words_unmet(rq, rq->words, t, rq->now));
	view_flag(v, V_APPROVED, of_statement && verdict == VERDICT_ACCEPTED);
	view_flag(v, V_DECLINED, of_statement && verdict == VERDICT_DECLINED);
	view_flag(v, V_LAPSED, is->open && verdict == VERDICT_LAPSED);
	view_flag(v, V_STUCK, is->open && verdict == VERDICT_STUCK);
	add_electors(rq, is, v);
	add_form(rq, is, v);
}
