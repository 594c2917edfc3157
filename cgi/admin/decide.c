/*
 * decide.c: what is done to a case: opening it, voting with a reason, recusing oneself; and
 * the decision, which the site's rule makes.
 */
#include <string.h>

#include "case.h"
#include "openhall/when.h"

enum { Q_OPEN, Q_ROUND_END, Q_ROUND_ADD, Q_ELECTORS_ADD, Q_VOTE,
	Q_DECIDE, Q__COUNT };

const struct db_query decide_queries[] = {	/* takes, gives, sql */
	[Q_OPEN] = { "b", "",
	    "UPDATE submission SET state = 'review' WHERE id = ?"
	    " AND state IN ('received', 'review')" },
	[Q_ROUND_END] = { "ib", "",
	    "UPDATE round SET ended_at = ? WHERE submission = ?"
	    " AND ended_at IS NULL" },
	[Q_ROUND_ADD] = { "biiiiii", "",
	    "INSERT INTO round (submission, number, opened_at, closes_at,"
	    " quorum, favour, block) VALUES (?, ?, ?, ?, ?, ?, ?)" },
	[Q_ELECTORS_ADD] = { "bis", "",
	    "INSERT INTO elector (submission, number, admin)"
	    " SELECT ?, ?, admin FROM desk_key WHERE desk = ?" },
	[Q_VOTE] = { "sbibib", "",
	    "UPDATE elector SET vote = ?, reason = ?, voted_at = ?"
	    " WHERE submission = ? AND number = ? AND admin = ?"
	    " AND (vote IS NULL OR vote <> 'recused')" },
	[Q_DECIDE] = { "sib", "",
	    "UPDATE submission SET state = ?, ended_day = ?, filed = 0 WHERE id = ?"
	    " AND state = 'review'" },
};
const size_t decide_n_queries = Q__COUNT;

enum { REASON_MOST = 2000 };	/* characters */

/* One deed, in one transaction with its line in the audit. */
struct deed {
	struct request	*rq;
	struct dossier	*d;
	const char	*vote;		/* NULL: open it */
	struct bytes	 reason;	/* sealed */
};

static enum outcome
open_work(struct db *db, void *arg)
{
	struct deed		*deed = arg;
	struct dossier		*d = deed->d;
	const struct rule	*rule = case_rule(deed->rq, deed->d->desk);
	int64_t			 serving;
	struct db_value		 number;
	uint64_t		 changed;
	enum outcome		 got;

	if ((got = case_lock(deed->rq, d)) != OUT_OK ||
	    (got = case_serving(deed->rq, d->desk, &serving)) != OUT_OK)
		return got;
	if (!case_can_open(deed->rq, d) || serving < rule->reviewers)
		return OUT_CONFLICT;
	number = DB_INT(d->has_round ? d->round.at[O_NUMBER].number + 1 : 1);
	if ((got = db_run(db, &decide_queries[Q_OPEN], &changed,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_CONFLICT;
	if ((got = db_run(db, &decide_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &decide_queries[Q_ROUND_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), number, DB_INT(deed->rq->now),
	    DB_INT(deed->rq->now + (int64_t)rule->days * DAY),
	    DB_INT(rule->quorum), DB_INT(rule->favour),
	    DB_INT(rule->block))) != OUT_OK ||
	    (got = db_run(db, &decide_queries[Q_ELECTORS_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), number,
	    DB_TEXT(d->desk->name))) != OUT_OK)
		return got;
	return case_note(deed->rq, d, "case.open");
}

/* Let the rule decide, now that a vote was added. */
static enum outcome
conclude(struct db *db, const struct deed *deed)
{
	struct dossier		*d = deed->d;
	enum verdict		 verdict = rule_verdict(&d->tally, deed->rq->now);
	bool			 accepted = verdict == VERDICT_ACCEPTED;
	enum outcome		 got;

	if (!accepted && verdict != VERDICT_DECLINED)
		return OUT_OK;
	if ((got = db_run(db, &decide_queries[Q_DECIDE], NULL,
	    DB_TEXT(accepted ? "accepted" : "declined"),
	    DB_INT(when_day_of(deed->rq->now)),
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &decide_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = case_tell(deed->rq, d, MAIL_DECIDED,
	    d->round.at[O_NUMBER].number)) != OUT_OK)
		return got;
	return case_note(deed->rq, d, accepted ? "case.accept" : "case.decline");
}

static enum outcome
vote_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct dossier	*d = deed->d;
	const char	*vote, *reason;
	uint64_t	 changed;
	enum outcome	 got;

	if ((got = case_lock(deed->rq, d)) != OUT_OK)
		return got;
	if (!case_may_vote(deed->rq, d, &vote, &reason))
		return OUT_CONFLICT;
	got = db_run(db, &decide_queries[Q_VOTE], &changed,
	    DB_TEXT(deed->vote),
	    DB_BYTES(deed->reason.data, deed->reason.len),
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN),
	    d->round.at[O_NUMBER],
	    DB_BYTES(deed->rq->session->admin.id.at, ID_LEN));
	if (got == OUT_OK && changed == 0)
		return OUT_CONFLICT;
	if (got != OUT_OK || (got = case_note(deed->rq, d,
	    strcmp(deed->vote, case_votes[VOTE_RECUSED].vote) == 0 ? "case.recuse" :
	    "case.vote")) != OUT_OK || (got = case_read_round(deed->rq, d)) != OUT_OK)
		return got;
	return conclude(db, deed);
}

static enum outcome
perform(struct deed *deed, enum outcome (*work)(struct db *, void *))
{
	return case_done(deed->rq, deed->d,
	    db_transaction(deed->rq->app->db, work, deed));
}

enum outcome
decide_open(struct request *rq)
{
	struct dossier	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = case_read(rq, &d);

	if (got == OUT_OK)
		got = perform(&deed, open_work);
	case_close(&d);
	return got;
}

/* Seal the reason under the case's own key, bound to who gives it. */
static enum outcome
cast(struct deed *deed, const char *vote, const char *reason)
{
	struct request	*rq = deed->rq;
	enum outcome	 got;

	if (!deed->d->opened)
		return review_page(rq, deed->d, CASE_LATE);
	deed->vote = vote;
	got = seal_body(rq, &deed->d->content, &rq->session->admin.id, "reason",
	    reason, strlen(reason), &deed->reason);
	return got == OUT_OK ? perform(deed, vote_work) : got;
}

enum outcome
decide_vote(struct request *rq)
{
	struct dossier	 d;
	struct deed	 deed = { .rq = rq, .d = &d };
	const char	*vote = pairs_find(&rq->body, "vote");
	const char	*reason = pairs_find(&rq->body, "reason");
	size_t		 choice = 0;
	enum outcome	 got;

	if ((got = case_read(rq, &d)) != OUT_OK)
		return got;
	while (choice < VOTE_RECUSED &&
	    (vote == NULL || strcmp(vote, case_votes[choice].vote) != 0))
		choice++;
	if (choice == VOTE_RECUSED)
		got = review_page(rq, &d, CASE_NO_VOTE);
	else if (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')
		got = review_page(rq, &d, CASE_NO_REASON);
	else if (form_characters(reason) > REASON_MOST)
		got = review_page(rq, &d, CASE_LONG_REASON);
	else
		got = cast(&deed, case_votes[choice].vote, reason);
	case_close(&d);
	return got;
}

enum outcome
decide_recuse(struct request *rq)
{
	struct dossier	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = case_read(rq, &d);

	if (got == OUT_OK)
		got = cast(&deed, case_votes[VOTE_RECUSED].vote, "");
	case_close(&d);
	return got;
}
