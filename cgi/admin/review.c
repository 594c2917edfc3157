/*
 * review.c: one case: the answers, who has voted and what is still missing; opening it,
 * voting with a reason, recusing oneself; and the decision, which the site's rule makes.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_CASE, Q_LOCK, Q_ROUND, Q_ELECTORS, Q_SERVING, Q_OPEN, Q_ROUND_END,
	Q_ROUND_ADD, Q_ELECTORS_ADD, Q_VOTE, Q_DECIDE, Q__COUNT };

const struct db_query review_queries[] = {	/* takes, gives, sql */
	[Q_CASE] = { "bs", "siiIbb",
	    "SELECT state, suspect, received_day, ended_day, desk_key, body"
	    " FROM submission WHERE id = ? AND desk = ?" },
	/* Whoever decides on a case waits here for who was first. */
	[Q_LOCK] = { "bs", "s",
	    "SELECT state FROM submission WHERE id = ? AND desk = ?"
	    " FOR UPDATE" },
	[Q_ROUND] = { "b", "iiiIiii",
	    "SELECT number, opened_at, closes_at, ended_at, quorum, favour,"
	    " block FROM round WHERE submission = ?"
	    " ORDER BY number DESC LIMIT 1" },
	[Q_ELECTORS] = { "bi", "bsSBI",
	    "SELECT e.admin, a.name, e.vote, e.reason, e.voted_at"
	    " FROM elector e JOIN admin a ON a.id = e.admin"
	    " WHERE e.submission = ? AND e.number = ? ORDER BY a.name" },
	[Q_SERVING] = { "s", "i",
	    "SELECT COUNT(*) FROM desk_key WHERE desk = ?" },
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
	    "UPDATE submission SET state = ?, ended_day = ? WHERE id = ?"
	    " AND state = 'review'" },
};
const size_t review_n_queries = Q__COUNT;

enum { F_STATE, F_SUSPECT, F_RECEIVED, F_ENDED, F_KEY, F_BODY };
enum { O_NUMBER, O_OPENED, O_CLOSES, O_ENDED, O_QUORUM, O_FAVOUR, O_BLOCK };
enum { E_ADMIN, E_NAME, E_VOTE, E_REASON, E_AT };

enum { REASON_MOST = 2000 };	/* characters */

static const struct { const char *vote, *words, *kind; } votes[] = {
	{ "favour",	N_("In favour"),	"good" },
	{ "against",	N_("Against"),		"bad" },
	{ "abstain",	N_("Abstains"),		"" },
	{ "recused",	N_("Recused"),		"" },
};
enum { VOTES = sizeof(votes) / sizeof(*votes), RECUSED = VOTES - 1 };

/* ---- the page ---- */

enum { X_NAME, X_VALUE, X__COUNT };

static const struct view_name stray_names[] = {
	[X_NAME] = { "name", NULL },
	[X_VALUE] = { "value", NULL },
	[X__COUNT] = { NULL, NULL }
};

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

enum { C_ID, C_NAME, C_STATE, C_KIND, C_SUSPECT, C_RECEIVED, C_AGE, C_ENDED,
	C_ERASED, C_ANSWERS, C_HAS_STRAYS, C_STRAYS, C_PANEL, C_CAN_OPEN, C_TOO_FEW, C_SERVING,
	C_REVIEWERS, C_DAYS, C_ROUND, C_AGAIN, C_OPENED, C_CLOSES, C_QUORUM,
	C_FAVOUR, C_BLOCK, C_VOTED, C_IN_FAVOUR, C_AGAINST, C_ELECTORATE,
	C_UNMET, C_LAPSED, C_STUCK, C_ELECTORS, C_MAY_VOTE, C_CHOICES,
	C_REASON, C_NO_VOTE, C_NO_REASON, C_LONG_REASON, C_PROBLEM, C_LATE,
	C__COUNT };

static const struct view_name review_names[] = {
	[C_ID] = { "id", NULL },
	[C_NAME] = { "name", NULL },
	[C_STATE] = { "state", NULL },
	[C_KIND] = { "kind", NULL },
	[C_SUSPECT] = { "suspect", NULL },
	[C_RECEIVED] = { "received", NULL },
	[C_AGE] = { "age", NULL },
	[C_ENDED] = { "ended", NULL },
	[C_ERASED] = { "erased", NULL },
	[C_ANSWERS] = { "answers", answer_section_names },
	[C_HAS_STRAYS] = { "has_strays", NULL },
	[C_STRAYS] = { "strays", stray_names },
	[C_PANEL] = { "panel", NULL },	/* there is something to decide, or was */
	[C_CAN_OPEN] = { "can_open", NULL },
	[C_TOO_FEW] = { "too_few", NULL },
	[C_SERVING] = { "serving", NULL },
	[C_REVIEWERS] = { "reviewers", NULL },
	[C_DAYS] = { "days", NULL },
	[C_ROUND] = { "round", NULL },
	[C_AGAIN] = { "again", NULL },		/* not the first round */
	[C_OPENED] = { "opened", NULL },
	[C_CLOSES] = { "closes", NULL },
	[C_QUORUM] = { "quorum", NULL },
	[C_FAVOUR] = { "favour", NULL },
	[C_BLOCK] = { "block", NULL },
	[C_VOTED] = { "voted", NULL },
	[C_IN_FAVOUR] = { "in_favour", NULL },
	[C_AGAINST] = { "against", NULL },
	[C_ELECTORATE] = { "electorate", NULL },
	[C_UNMET] = { "unmet", NULL },
	[C_LAPSED] = { "lapsed", NULL },
	[C_STUCK] = { "stuck", NULL },
	[C_ELECTORS] = { "electors", elector_names },
	[C_MAY_VOTE] = { "may_vote", NULL },
	[C_CHOICES] = { "choices", choice_names },
	[C_REASON] = { "reason", NULL },
	[C_NO_VOTE] = { "no_vote", NULL },
	[C_NO_REASON] = { "no_reason", NULL },
	[C_LONG_REASON] = { "long_reason", NULL },
	[C_PROBLEM] = { "problem", NULL },
	[C_LATE] = { "late", NULL },	/* it was decided or closed meanwhile */
	[C__COUNT] = { NULL, NULL }
};

void
review_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->review, "case.html",
	    review_names);
}

/* A case as the store has it, and what opens it. */
struct dossier {
	struct id	id;
	struct db_row	row, round;
	struct db_rows	electors;
	bool		has_round, opened;
	struct key	content;	/* when `opened` */
	struct tally	tally;
};

static struct tally
count_votes(const struct db_row *round, const struct db_rows *electors)
{
	struct tally t = {
		.quorum = (unsigned)round->at[O_QUORUM].number,
		.favour = (unsigned)round->at[O_FAVOUR].number,
		.block = (unsigned)round->at[O_BLOCK].number,
		.closes_at = round->at[O_CLOSES].number,
		.electors = (unsigned)electors->n,
	};
	unsigned *counts[VOTES] = { &t.in_favour, &t.against, &t.abstained,
	    &t.recused };

	for (size_t i = 0; i < electors->n; i++) {
		const char *vote = electors->at[i].at[E_VOTE].bytes.data;

		for (size_t j = 0; vote != NULL && j < VOTES; j++) {
			if (strcmp(vote, votes[j].vote) == 0)
				++*counts[j];
		}
	}
	return t;
}

/* Read the latest round and its electorate.  OUT_OK also when there is none. */
static enum outcome
read_round(struct request *rq, struct dossier *d)
{
	enum outcome got;

	got = db_first(rq->app->db, rq, &review_queries[Q_ROUND], &d->round,
	    DB_BYTES(d->id.at, ID_LEN));
	d->has_round = got == OUT_OK;
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	got = db_all(rq->app->db, rq, &review_queries[Q_ELECTORS], &d->electors,
	    DB_BYTES(d->id.at, ID_LEN), d->round.at[O_NUMBER]);
	if (got == OUT_OK)
		d->tally = count_votes(&d->round, &d->electors);
	return got;
}

/* Read the case that the address names, and open its key. */
static enum outcome
read_case(struct request *rq, struct dossier *d)
{
	struct key	public, secret;
	enum outcome	got;

	if (!id_read(&d->id, rq->rest))
		return OUT_MISSING;
	if ((got = desk_open(rq->app->db, &rq->session->admin, DESK, &public,
	    &secret)) != OUT_OK ||
	    (got = db_first(rq->app->db, rq, &review_queries[Q_CASE], &d->row,
	    DB_BYTES(d->id.at, ID_LEN), DB_TEXT(DESK))) != OUT_OK)
		return got;
	got = answers_key(&secret, &d->id, d->row.at[F_KEY].bytes, &d->content);
	sodium_memzero(&secret, sizeof(secret));
	d->opened = got == OUT_OK;
	if (got != OUT_OK && got != OUT_MISSING)
		return OUT_FAULT;
	return read_round(rq, d);
}

static enum outcome
add_answers(struct request *rq, const struct dossier *d, struct view *v)
{
	struct form_answers	*answers;
	struct pairs		 strays;
	enum outcome		 got;

	view_flag(v, C_ERASED, !d->opened);
	if (!d->opened)
		return OUT_OK;
	got = answers_open(rq, &d->content, &d->id, d->row.at[F_BODY].bytes,
	    &answers, &strays);
	if (got != OUT_OK)
		return OUT_FAULT;
	form_view_answers(v, C_ANSWERS, answers, rq->lang);
	for (size_t i = 0; i < answers->form->n_fields; i++) {
		if (strcmp(answers->form->fields[i].name, "name") == 0)
			view_text(v, C_NAME, answers->values[i][0]);
	}
	view_flag(v, C_HAS_STRAYS, strays.n > 0);
	for (size_t i = 0; i < strays.n; i++) {
		struct view *row = view_row(v, C_STRAYS);

		view_text(row, X_NAME, strays.at[i].name);
		view_text(row, X_VALUE, strays.at[i].value);
	}
	return OUT_OK;
}

/* The reason given with a vote; NULL when there is none, or it was erased. */
static const char *
open_reason(struct request *rq, const struct dossier *d,
    const struct db_value *at)
{
	struct bytes	text;
	struct id	admin;

	if (!d->opened || at[E_REASON].type == 0)
		return NULL;
	memcpy(admin.at, at[E_ADMIN].bytes.data, ID_LEN);
	return seal_open(rq, &d->content, &admin, "reason",
	    at[E_REASON].bytes, &text) == OUT_OK ? text.data : NULL;
}

static bool
is_me(const struct request *rq, const struct db_value *at)
{
	return memcmp(at[E_ADMIN].bytes.data, rq->session->admin.id.at,
	    ID_LEN) == 0;
}

static void
add_electors(struct request *rq, const struct dossier *d, struct view *v)
{
	for (size_t i = 0; i < d->electors.n; i++) {
		const struct db_value	*at = d->electors.at[i].at;
		struct view		*row = view_row(v, C_ELECTORS);
		const char		*vote = at[E_VOTE].bytes.data;

		view_text(row, EL_NAME, at[E_NAME].bytes.data);
		view_flag(row, EL_ME, is_me(rq, at));
		for (size_t j = 0; vote != NULL && j < VOTES; j++) {
			if (strcmp(vote, votes[j].vote) != 0)
				continue;
			view_text(row, EL_VOTE, text_in(rq->words,
			    votes[j].words));
			view_text(row, EL_KIND, votes[j].kind);
			view_text(row, EL_REASON, open_reason(rq, d, at));
			view_text(row, EL_WHEN, when_moment(rq, rq->words,
			    at[E_AT].number));
		}
	}
}

/* Whether the one who is logged in may vote now, and what they said so far. */
static bool
may_vote(struct request *rq, const struct dossier *d, const char **vote,
    const char **reason)
{
	if (!d->has_round || !d->opened || d->round.at[O_ENDED].type != 0 ||
	    rule_verdict(&d->tally, rq->now) != VERDICT_OPEN)
		return false;
	for (size_t i = 0; i < d->electors.n; i++) {
		const struct db_value *at = d->electors.at[i].at;

		if (!is_me(rq, at))
			continue;
		*vote = at[E_VOTE].bytes.data;
		*reason = open_reason(rq, d, at);
		return *vote == NULL || strcmp(*vote, votes[RECUSED].vote) != 0;
	}
	return false;
}

static void
add_vote_form(struct request *rq, const struct dossier *d, struct view *v)
{
	const char	*vote = NULL, *reason = NULL;
	const char	*typed_vote = pairs_find(&rq->body, "vote");
	const char	*typed_reason = pairs_find(&rq->body, "reason");

	view_flag(v, C_MAY_VOTE, may_vote(rq, d, &vote, &reason));
	if (typed_vote != NULL)
		vote = typed_vote;
	view_text(v, C_REASON, typed_reason != NULL ? typed_reason : reason);
	for (size_t j = 0; j < RECUSED; j++) {
		struct view *row = view_row(v, C_CHOICES);

		view_text(row, CH_VALUE, votes[j].vote);
		view_text(row, CH_WORDS, text_in(rq->words, votes[j].words));
		view_flag(row, CH_CHECKED, vote != NULL &&
		    strcmp(vote, votes[j].vote) == 0);
		view_flag(row, CH_FIRST, j == 0);
	}
}

static void
add_round(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct tally	*t = &d->tally;
	enum verdict		 verdict = rule_verdict(t, rq->now);
	bool			 ended = d->round.at[O_ENDED].type != 0;

	view_number(v, C_ROUND, d->round.at[O_NUMBER].number);
	view_flag(v, C_AGAIN, d->round.at[O_NUMBER].number > 1);
	view_text(v, C_OPENED, when_moment(rq, rq->words,
	    d->round.at[O_OPENED].number));
	view_text(v, C_CLOSES, when_moment(rq, rq->words, t->closes_at));
	view_number(v, C_QUORUM, t->quorum);
	view_number(v, C_FAVOUR, t->favour);
	view_number(v, C_BLOCK, t->block);
	view_number(v, C_VOTED, t->in_favour + t->against + t->abstained);
	view_number(v, C_IN_FAVOUR, t->in_favour);
	view_number(v, C_AGAINST, t->against);
	view_number(v, C_ELECTORATE, t->electors - t->recused);
	if (!ended && verdict == VERDICT_OPEN)
		view_text(v, C_UNMET, words_unmet(rq, rq->words, t, rq->now));
	view_flag(v, C_LAPSED, !ended && verdict == VERDICT_LAPSED);
	view_flag(v, C_STUCK, !ended && verdict == VERDICT_STUCK);
	add_electors(rq, d, v);
	add_vote_form(rq, d, v);
}

/* Whether the case can be opened (again) for decision. */
static bool
can_open(const struct request *rq, const struct dossier *d)
{
	enum verdict verdict;

	if (!d->opened || d->row.at[F_ENDED].type != 0)
		return false;
	if (!d->has_round)
		return true;
	verdict = rule_verdict(&d->tally, rq->now);
	return verdict == VERDICT_LAPSED || verdict == VERDICT_STUCK;
}

static enum outcome
add_opening(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct rule	*rule = &rq->settings->membership;
	struct db_row		 serving;
	enum outcome		 got;

	if (!can_open(rq, d))
		return OUT_OK;
	got = db_first(rq->app->db, rq, &review_queries[Q_SERVING], &serving,
	    DB_TEXT(DESK));
	if (got != OUT_OK)
		return got;
	view_flag(v, serving.at[0].number < rule->reviewers ? C_TOO_FEW :
	    C_CAN_OPEN, 1);
	view_number(v, C_SERVING, serving.at[0].number);
	view_number(v, C_REVIEWERS, rule->reviewers);
	view_number(v, C_DAYS, rule->days);
	return OUT_OK;
}

/* Show the case; `problem` (C__COUNT: none) is what the form just sent has. */
static enum outcome
show_case(struct request *rq, const struct dossier *d, size_t problem)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, review_names);
	const char		*state = d->row.at[F_STATE].bytes.data;
	char			*hex = talloc_size(rq, 2 * ID_LEN + 1);
	enum outcome		 got;

	if (hex == NULL)
		return OUT_FAULT;
	id_text(hex, &d->id);
	view_text(v, C_ID, hex);
	view_text(v, C_STATE, words_state(rq->words, state));
	view_text(v, C_KIND, words_state_kind(state));
	view_flag(v, C_SUSPECT, d->row.at[F_SUSPECT].number != 0);
	view_text(v, C_RECEIVED, when_day(rq, rq->words,
	    d->row.at[F_RECEIVED].number));
	view_text(v, C_AGE, when_age(rq, rq->words,
	    d->row.at[F_RECEIVED].number, rq->now));
	if (d->row.at[F_ENDED].type != 0)
		view_text(v, C_ENDED, when_day(rq, rq->words,
		    d->row.at[F_ENDED].number));
	if ((got = add_answers(rq, d, v)) != OUT_OK ||
	    (got = add_opening(rq, d, v)) != OUT_OK)
		return got;
	view_flag(v, C_PANEL, d->has_round || can_open(rq, d));
	if (d->has_round)
		add_round(rq, d, v);
	if (problem == C__COUNT)
		return page_send(rq, &office->review, v, 200);
	view_flag(v, problem, 1);
	view_flag(v, C_PROBLEM, problem != C_LATE);
	return page_send(rq, &office->review, v, problem == C_LATE ? 409 : 422);
}

enum outcome
review_show(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = show_case(rq, &d, C__COUNT);
	sodium_memzero(&d.content, sizeof(d.content));
	return got;
}

/* ---- what is done to a case ---- */

/* One deed, in one transaction with its line in the audit. */
struct deed {
	struct request	*rq;
	struct dossier	*d;
	const char	*vote;		/* NULL: open it */
	struct bytes	 reason;	/* sealed */
};

static enum outcome
note(const struct deed *deed, const char *action)
{
	const struct office *office = deed->rq->app->own;

	return audit_add(deed->rq->app->db, &office->audit, deed->rq->now,
	    &deed->rq->session->admin.id, action, &deed->d->id);
}

/* Wait for the case, then read its round as it is now. */
static enum outcome
lock(const struct deed *deed)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(deed->rq->app->db, deed->rq, &review_queries[Q_LOCK],
	    &row, DB_BYTES(deed->d->id.at, ID_LEN), DB_TEXT(DESK));
	if (got != OUT_OK)
		return got;
	deed->d->row.at[F_STATE] = row.at[0];
	return read_round(deed->rq, deed->d);
}

static enum outcome
open_work(struct db *db, void *arg)
{
	struct deed		*deed = arg;
	struct dossier		*d = deed->d;
	const struct rule	*rule = &deed->rq->settings->membership;
	struct db_row		 serving;
	struct db_value		 number;
	uint64_t		 changed;
	enum outcome		 got;

	if ((got = lock(deed)) != OUT_OK ||
	    (got = db_first(db, deed->rq, &review_queries[Q_SERVING], &serving,
	    DB_TEXT(DESK))) != OUT_OK)
		return got;
	if (!can_open(deed->rq, d) || serving.at[0].number < rule->reviewers)
		return OUT_CONFLICT;
	number = DB_INT(d->has_round ? d->round.at[O_NUMBER].number + 1 : 1);
	if ((got = db_run(db, &review_queries[Q_OPEN], &changed,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_CONFLICT;
	if ((got = db_run(db, &review_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &review_queries[Q_ROUND_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), number, DB_INT(deed->rq->now),
	    DB_INT(deed->rq->now + (int64_t)rule->days * DAY),
	    DB_INT(rule->quorum), DB_INT(rule->favour),
	    DB_INT(rule->block))) != OUT_OK ||
	    (got = db_run(db, &review_queries[Q_ELECTORS_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), number, DB_TEXT(DESK))) != OUT_OK)
		return got;
	return note(deed, "case.open");
}

/* Let the rule decide, now that a vote was added. */
static enum outcome
decide(struct db *db, const struct deed *deed)
{
	const struct dossier	*d = deed->d;
	enum verdict		 verdict = rule_verdict(&d->tally, deed->rq->now);
	bool			 accepted = verdict == VERDICT_ACCEPTED;
	enum outcome		 got;

	if (!accepted && verdict != VERDICT_DECLINED)
		return OUT_OK;
	if ((got = db_run(db, &review_queries[Q_DECIDE], NULL,
	    DB_TEXT(accepted ? "accepted" : "declined"),
	    DB_INT(when_day_of(deed->rq->now)),
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &review_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	return note(deed, accepted ? "case.accept" : "case.decline");
}

static enum outcome
vote_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct dossier	*d = deed->d;
	const char	*vote, *reason;
	uint64_t	 changed;
	enum outcome	 got;

	if ((got = lock(deed)) != OUT_OK)
		return got;
	if (!may_vote(deed->rq, d, &vote, &reason))
		return OUT_CONFLICT;
	got = db_run(db, &review_queries[Q_VOTE], &changed,
	    DB_TEXT(deed->vote),
	    DB_BYTES(deed->reason.data, deed->reason.len),
	    DB_INT(deed->rq->now), DB_BYTES(d->id.at, ID_LEN),
	    d->round.at[O_NUMBER],
	    DB_BYTES(deed->rq->session->admin.id.at, ID_LEN));
	if (got == OUT_OK && changed == 0)
		return OUT_CONFLICT;
	if (got != OUT_OK || (got = note(deed,
	    strcmp(deed->vote, votes[RECUSED].vote) == 0 ? "case.recuse" :
	    "case.vote")) != OUT_OK || (got = read_round(deed->rq, d)) != OUT_OK)
		return got;
	return decide(db, deed);
}

/* Do it; a case that changed meanwhile is shown as it is now. */
static enum outcome
perform(struct deed *deed, enum outcome (*work)(struct db *, void *))
{
	struct request	*rq = deed->rq;
	const char	*to;
	enum outcome	 got;

	got = db_transaction(rq->app->db, work, deed);
	if (got == OUT_CONFLICT)
		return (got = read_case(rq, deed->d)) == OUT_OK ?
		    show_case(rq, deed->d, C_LATE) : got;
	if (got != OUT_OK)
		return got;
	to = talloc_asprintf(rq, "/admin/case/%s", rq->rest);
	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}

enum outcome
review_open(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = perform(&deed, open_work);
	sodium_memzero(&d.content, sizeof(d.content));
	return got;
}

/* Seal the reason under the case's own key, bound to who gives it. */
static enum outcome
cast(struct deed *deed, const char *vote, const char *reason)
{
	struct request	*rq = deed->rq;
	enum outcome	 got;

	if (!deed->d->opened)
		return show_case(rq, deed->d, C_LATE);
	deed->vote = vote;
	got = seal_body(rq, &deed->d->content, &rq->session->admin.id, "reason",
	    reason, strlen(reason), &deed->reason);
	return got == OUT_OK ? perform(deed, vote_work) : got;
}

enum outcome
review_vote(struct request *rq)
{
	struct dossier	 d = { .has_round = false };
	struct deed	 deed = { .rq = rq, .d = &d };
	const char	*vote = pairs_find(&rq->body, "vote");
	const char	*reason = pairs_find(&rq->body, "reason");
	size_t		 choice = 0;
	enum outcome	 got;

	if ((got = read_case(rq, &d)) != OUT_OK)
		return got;
	while (choice < RECUSED &&
	    (vote == NULL || strcmp(vote, votes[choice].vote) != 0))
		choice++;
	if (choice == RECUSED)
		got = show_case(rq, &d, C_NO_VOTE);
	else if (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')
		got = show_case(rq, &d, C_NO_REASON);
	else if (form_characters(reason) > REASON_MOST)
		got = show_case(rq, &d, C_LONG_REASON);
	else
		got = cast(&deed, votes[choice].vote, reason);
	sodium_memzero(&d.content, sizeof(d.content));
	return got;
}

enum outcome
review_recuse(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = cast(&deed, votes[RECUSED].vote, "");
	sodium_memzero(&d.content, sizeof(d.content));
	return got;
}
