/*
 * approve.c: others decide on a statement before it may be published: asking them, voting with
 * a reason, recusing oneself; what follows, the site's rule says.
 */
#include <string.h>

#include "draft.h"
#include "openhall/when.h"

enum { Q_ASK, Q_ELECTORS_ADD, Q_VOTE, Q_DECIDE, Q__COUNT };

const struct db_query approve_queries[] = {	/* takes, gives, sql */
	[Q_ASK] = { "iiiiiib", "",
	    "UPDATE statement SET state = 'review', version = ?, asked_at = ?,"
	    " closes_at = ?, quorum = ?, favour = ?, block = ? WHERE id = ?" },
	[Q_ELECTORS_ADD] = { "bis", "",
	    "INSERT INTO approval (statement, version, admin)"
	    " SELECT ?, ?, admin FROM desk_key WHERE desk = ?" },
	[Q_VOTE] = { "ssibib", "",
	    "UPDATE approval SET vote = ?, reason = ?, voted_at = ?"
	    " WHERE statement = ? AND version = ? AND admin = ?" },
	[Q_DECIDE] = { "sb", "", "UPDATE statement SET state = ? WHERE id = ?" },
};
const size_t approve_n_queries = Q__COUNT;

enum { REASON_MOST = 2000 };	/* characters */

struct deed {
	struct request	*rq;
	struct draft	*d;
	int64_t		 version;	/* that was seen */
	const char	*vote, *reason;
};

/* ---- asking ---- */

/* The version is frozen: who saves another ends the asking.  One about which somebody was
 * asked before gets the next number. */
static enum outcome
ask_work(struct db *db, void *arg)
{
	struct deed		*deed = arg;
	struct request		*rq = deed->rq;
	struct draft		*d = deed->d;
	const struct rule	*rule = &rq->settings->statements;
	int64_t			 serving, version;
	enum outcome		 got;

	if ((got = draft_lock(rq, d, deed->version)) != OUT_OK ||
	    (got = draft_serving(rq, &serving)) != OUT_OK)
		return got;
	if (!draft_can_ask(rq, d) || serving < rule->reviewers)
		return OUT_CONFLICT;
	version = d->electors.n > 0 ? d->version + 1 : d->version;
	if ((got = db_run(db, &approve_queries[Q_ASK], NULL, DB_INT(version),
	    DB_INT(rq->now), DB_INT(rq->now + (int64_t)rule->days * DAY),
	    DB_INT(rule->quorum), DB_INT(rule->favour), DB_INT(rule->block),
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &approve_queries[Q_ELECTORS_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), DB_INT(version),
	    DB_TEXT(desks[DESK_STATEMENTS].name))) != OUT_OK)
		return got;
	return draft_note(rq, d, "statement.asked");
}

enum outcome
approve_ask(struct request *rq)
{
	struct draft	d;
	struct deed	deed = { .rq = rq, .d = &d, .version = draft_version_sent(rq) };
	enum outcome	got = draft_read(rq, &d);

	return got != OUT_OK ? got : draft_done(rq, &d, "asked",
	    db_transaction(rq->app->db, ask_work, &deed));
}

/* ---- voting ---- */

/* Let the rule decide, now that a vote was added. */
static enum outcome
conclude(struct db *db, const struct deed *deed)
{
	const struct draft	*d = deed->d;
	enum verdict		 verdict = rule_verdict(&d->tally, deed->rq->now);
	bool			 accepted = verdict == VERDICT_ACCEPTED;
	enum outcome		 got;

	if (!accepted && verdict != VERDICT_DECLINED)
		return OUT_OK;
	got = db_run(db, &approve_queries[Q_DECIDE], NULL,
	    DB_TEXT(draft_states[accepted ? READY : DRAFT].name),
	    DB_BYTES(d->id.at, ID_LEN));
	return got != OUT_OK ? got : draft_note(deed->rq, d,
	    accepted ? "statement.approved" : "statement.declined");
}

static enum outcome
vote_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct draft	*d = deed->d;
	bool		 recused = strcmp(deed->vote, case_votes[VOTE_RECUSED].vote) == 0;
	const char	*vote, *reason;
	enum outcome	 got;

	if ((got = draft_lock(rq, d, deed->version)) != OUT_OK)
		return got;
	if (!draft_may_vote(rq, d, &vote, &reason))
		return OUT_CONFLICT;
	if ((got = db_run(db, &approve_queries[Q_VOTE], NULL, DB_TEXT(deed->vote),
	    DB_TEXT(deed->reason), DB_INT(rq->now), DB_BYTES(d->id.at, ID_LEN),
	    DB_INT(d->version), DB_BYTES(rq->session->admin.id.at, ID_LEN))) != OUT_OK ||
	    (got = draft_note(rq, d,
	    recused ? "statement.recuse" : "statement.vote")) != OUT_OK ||
	    (got = draft_lock(rq, d, 0)) != OUT_OK)
		return got;
	return conclude(db, deed);
}

enum outcome
approve_vote(struct request *rq)
{
	const char	*vote = pairs_find(&rq->body, "vote");
	struct draft	 d;
	struct deed	 deed = { .rq = rq, .d = &d, .version = draft_version_sent(rq),
			    .reason = typed_text(rq, "reason") };
	struct shown	 shown = { .problems = 0 };
	size_t		 choice = 0;
	enum outcome	 got;

	if ((got = draft_read(rq, &d)) != OUT_OK)
		return got;
	if (deed.reason == NULL)
		return OUT_FAULT;
	while (choice < VOTE_RECUSED &&
	    (vote == NULL || strcmp(vote, case_votes[choice].vote) != 0))
		choice++;
	if (choice == VOTE_RECUSED)
		shown.problems |= 1u << DRAFT_NO_VOTE;
	if (*deed.reason == '\0')
		shown.problems |= 1u << DRAFT_NO_REASON;
	else if (form_characters(deed.reason) > REASON_MOST)
		shown.problems |= 1u << DRAFT_LONG_REASON;
	if (shown.problems != 0)
		return statement_page(rq, &d, &shown);
	deed.vote = case_votes[choice].vote;
	return draft_done(rq, &d, "voted", db_transaction(rq->app->db, vote_work, &deed));
}

enum outcome
approve_recuse(struct request *rq)
{
	struct draft	d;
	struct deed	deed = { .rq = rq, .d = &d, .version = draft_version_sent(rq),
			    .vote = case_votes[VOTE_RECUSED].vote, .reason = "" };
	enum outcome	got = draft_read(rq, &d);

	return got != OUT_OK ? got : draft_done(rq, &d, "voted",
	    db_transaction(rq->app->db, vote_work, &deed));
}
