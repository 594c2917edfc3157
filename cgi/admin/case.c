/*
 * case.c: reading a case, its round and its electorate.
 */
#include <sodium.h>
#include <string.h>

#include "case.h"
#include "openhall/text.h"

enum { Q_CASE, Q_ROUND, Q_ELECTORS, Q_SERVING, Q__COUNT };

const struct db_query case_queries[] = {	/* takes, gives, sql */
	[Q_CASE] = { "bs", "siiIbb",
	    "SELECT state, suspect, received_day, ended_day, desk_key, body"
	    " FROM submission WHERE id = ? AND desk = ?" },
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
};
const size_t case_n_queries = Q__COUNT;

const struct vote case_votes[VOTES] = {
	[VOTE_FAVOUR] = { "favour",	N_("In favour"),	"good" },
	[VOTE_AGAINST] = { "against",	N_("Against"),		"bad" },
	[VOTE_ABSTAIN] = { "abstain",	N_("Abstention"),		"" },
	[VOTE_RECUSED] = { "recused",	N_("Recused"),		"" },
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
			if (strcmp(vote, case_votes[j].vote) == 0)
				++*counts[j];
		}
	}
	return t;
}

enum outcome
case_read_round(struct request *rq, struct dossier *d)
{
	enum outcome got;

	got = db_first(rq->app->db, rq, &case_queries[Q_ROUND], &d->round,
	    DB_BYTES(d->id.at, ID_LEN));
	d->has_round = got == OUT_OK;
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	got = db_all(rq->app->db, rq, &case_queries[Q_ELECTORS], &d->electors,
	    DB_BYTES(d->id.at, ID_LEN), d->round.at[O_NUMBER]);
	if (got == OUT_OK)
		d->tally = count_votes(&d->round, &d->electors);
	return got;
}

enum outcome
case_read(struct request *rq, struct dossier *d)
{
	struct key	public, secret;
	enum outcome	got;

	if (!id_read(&d->id, rq->rest))
		return OUT_MISSING;
	if ((got = desk_open(rq->app->db, &rq->session->admin, DESK, &public,
	    &secret)) != OUT_OK ||
	    (got = db_first(rq->app->db, rq, &case_queries[Q_CASE], &d->row,
	    DB_BYTES(d->id.at, ID_LEN), DB_TEXT(DESK))) != OUT_OK)
		return got;
	got = answers_key(&secret, &d->id, d->row.at[CF_KEY].bytes, &d->content);
	sodium_memzero(&secret, sizeof(secret));
	d->opened = got == OUT_OK;
	if (got != OUT_OK && got != OUT_MISSING)
		return OUT_FAULT;
	return case_read_round(rq, d);
}

enum outcome
case_serving(struct request *rq, int64_t *serving)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &case_queries[Q_SERVING], &row,
	    DB_TEXT(DESK));
	if (got == OUT_OK)
		*serving = row.at[0].number;
	return got;
}

bool
case_can_open(const struct request *rq, const struct dossier *d)
{
	enum verdict verdict;

	if (!d->opened || d->row.at[CF_ENDED].type != 0)
		return false;
	if (!d->has_round)
		return true;
	verdict = rule_verdict(&d->tally, rq->now);
	return verdict == VERDICT_LAPSED || verdict == VERDICT_STUCK;
}

bool
case_is_me(const struct request *rq, const struct db_value *at)
{
	return memcmp(at[E_ADMIN].bytes.data, rq->session->admin.id.at,
	    ID_LEN) == 0;
}

const char *
case_reason(struct request *rq, const struct dossier *d,
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

bool
case_may_vote(struct request *rq, const struct dossier *d, const char **vote,
    const char **reason)
{
	if (!d->has_round || !d->opened || d->round.at[O_ENDED].type != 0 ||
	    rule_verdict(&d->tally, rq->now) != VERDICT_OPEN)
		return false;
	for (size_t i = 0; i < d->electors.n; i++) {
		const struct db_value *at = d->electors.at[i].at;

		if (!case_is_me(rq, at))
			continue;
		*vote = at[E_VOTE].bytes.data;
		*reason = case_reason(rq, d, at);
		return *vote == NULL ||
		    strcmp(*vote, case_votes[VOTE_RECUSED].vote) != 0;
	}
	return false;
}
