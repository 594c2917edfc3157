/*
 * case.c: reading a case, its round and its electorate.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/person.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_CASE, Q_LOCK, Q_MOVED, Q_ROUND, Q_ELECTORS, Q_SERVING, Q__COUNT };

const struct db_query case_queries[] = {	/* takes, gives, sql */
	[Q_CASE] = { "b", "siiIbbsisSBSiIiiss",
	    "SELECT s.state, s.suspect, s.received_day, s.ended_day, s.desk_key,"
	    " s.body, s.kind, s.urgency, s.channel, e.name, s.assigned_to,"
	    " a.name, s.moved_day, s.asked_day, s.sunk, s.desk_unread,"
	    " s.facets, s.desk FROM submission s"
	    " LEFT JOIN admin e ON e.id = s.entered_by"
	    " LEFT JOIN admin a ON a.id = s.assigned_to WHERE s.id = ?" },
	/* Whoever does something at a case waits here for who was first. */
	[Q_LOCK] = { "b", "sIBi",
	    "SELECT state, ended_day, assigned_to, body = '' FROM submission"
	    " WHERE id = ? FOR UPDATE" },
	[Q_MOVED] = { "ib", "",
	    "UPDATE submission SET moved_day = ?, asked_day = NULL, sunk = 0"
	    " WHERE id = ?" },
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

void
case_count(const struct db_rows *electors, struct tally *t)
{
	unsigned *counts[VOTES] = { &t->in_favour, &t->against, &t->abstained,
	    &t->recused };

	t->electors = (unsigned)electors->n;
	for (size_t i = 0; i < electors->n; i++) {
		const char *vote = electors->at[i].at[E_VOTE].bytes.data;

		for (size_t j = 0; vote != NULL && j < VOTES; j++) {
			if (strcmp(vote, case_votes[j].vote) == 0)
				++*counts[j];
		}
	}
}

static struct tally
count_votes(const struct db_row *round, const struct db_rows *electors)
{
	struct tally t = {
		.quorum = (unsigned)round->at[O_QUORUM].number,
		.favour = (unsigned)round->at[O_FAVOUR].number,
		.block = (unsigned)round->at[O_BLOCK].number,
		.closes_at = round->at[O_CLOSES].number,
	};

	case_count(electors, &t);
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

/* Open what the desk's keys open.  Erased: nothing. */
static enum outcome
open_content(struct request *rq, struct dossier *d, const struct desk_keys *keys)
{
	const struct db_value	*at = d->row.at;
	enum outcome		 got;

	d->match = keys->match;
	got = answers_key(&keys->secret, &d->id, at[CF_KEY].bytes, &d->content);
	if (got == OUT_MISSING)
		return OUT_OK;
	if (got != OUT_OK)
		return OUT_FAULT;
	d->opened = true;
	got = answers_open(rq, d->desk, &d->content, &d->id, at[CF_BODY].bytes,
	    &d->answers, &d->strays);
	return got == OUT_OK ? OUT_OK : OUT_FAULT;
}

enum outcome
case_read(struct request *rq, struct dossier *d)
{
	struct desk_keys	keys;
	enum outcome		got;

	*d = (struct dossier){ .has_round = false };
	if (!id_read(&d->id, rq->rest))
		return OUT_MISSING;
	if ((got = db_first(rq->app->db, rq, &case_queries[Q_CASE], &d->row,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	if ((d->desk = desk_named(d->row.at[CF_DESK].bytes.data)) == NULL)
		return OUT_FAULT;
	got = desk_open(rq->app->db, &rq->session->admin, d->desk, &keys);
	if (got != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_MISSING : got;
	got = open_content(rq, d, &keys);
	sodium_memzero(&keys, sizeof(keys));
	return got == OUT_OK ? case_read_round(rq, d) : got;
}

void
case_close(struct dossier *d)
{
	sodium_memzero(&d->content, sizeof(d->content));
	sodium_memzero(&d->match, sizeof(d->match));
}

enum outcome
case_lock(struct request *rq, struct dossier *d)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &case_queries[Q_LOCK], &row,
	    DB_BYTES(d->id.at, ID_LEN));
	if (got != OUT_OK)
		return got;
	d->row.at[CF_STATE] = row.at[0];
	d->row.at[CF_ENDED] = row.at[1];
	d->row.at[CF_ASSIGNED_TO] = row.at[2];
	/* Erased since it was read: what would be sealed now, nothing could erase. */
	if (d->opened && row.at[3].number != 0)
		return OUT_CONFLICT;
	return case_read_round(rq, d);
}

enum outcome
case_note(struct request *rq, struct dossier *d, const char *action)
{
	const struct office	*office = rq->app->own;
	struct db		*db = rq->app->db;
	struct key		 hashes[PERSON_HASHES_MAX];
	size_t			 n = 0;
	enum outcome		 got;

	if (d->answers != NULL)
		n = person_hashes(&d->match, d->answers, hashes);
	if ((got = db_run(db, &case_queries[Q_MOVED], NULL,
	    DB_INT(when_day_of(rq->now)), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = person_note(db, &d->id, hashes, n)) != OUT_OK)
		return got;
	return audit_add(db, &office->audit, rq->now, &rq->session->admin.id,
	    action, &d->id);
}

enum outcome
case_tell(struct request *rq, struct dossier *d, enum mail_kind kind, int64_t number)
{
	struct office	*office = rq->app->own;

	if (!office->mails || d->answers == NULL)
		return OUT_OK;
	return notice_add(rq->app->db, &office->mail, rq->now, d->answers, rq->words->lang,
	    &d->content, kind, number, NULL);
}

enum outcome
case_done(struct request *rq, struct dossier *d, enum outcome got)
{
	const char *to, *query, *deed = strrchr(rq->path, '/');

	if (got == OUT_CONFLICT) {
		case_close(d);
		return (got = case_read(rq, d)) == OUT_OK ?
		    review_page(rq, d, CASE_LATE) : got;
	}
	if (got != OUT_OK)
		return got;
	query = walk_query(rq, d->desk);
	to = talloc_asprintf(rq, "/admin/case/%s%s%cdone=%s", rq->rest,
	    query != NULL ? query : "", query != NULL ? '&' : '?', deed + 1);
	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}

enum outcome
case_serving(struct request *rq, const struct desk *desk, int64_t *serving)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &case_queries[Q_SERVING], &row,
	    DB_TEXT(desk->name));
	if (got == OUT_OK)
		*serving = row.at[0].number;
	return got;
}

const struct rule *
case_rule(const struct request *rq, const struct desk *desk)
{
	return desk == &desks[DESK_SUPPORTERS] ? &rq->settings->supporters :
	    &rq->settings->membership;
}

bool
case_can_open(const struct request *rq, const struct dossier *d)
{
	enum verdict verdict;

	if (!d->desk->decides || !d->opened || d->row.at[CF_ENDED].type != 0)
		return false;
	if (!d->has_round)
		return true;
	/* Declined and not ended: those who were still to vote have left. */
	verdict = rule_verdict(&d->tally, rq->now);
	return verdict == VERDICT_LAPSED || verdict == VERDICT_STUCK ||
	    verdict == VERDICT_DECLINED;
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
