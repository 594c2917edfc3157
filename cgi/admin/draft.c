/*
 * draft.c: reading a statement, its electorate and what of it is public.
 */
#include "draft.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { Q_DRAFT, Q_LOCK, Q_ELECTORS, Q_SERVING, Q__COUNT };

const struct db_query draft_queries[] = {	/* takes, gives, sql */
	[Q_DRAFT] = { "b", "bssssssiisIIiiiiI",
	    "SELECT s.work, s.lang, s.slug, s.state, s.title, s.summary, s.body,"
	    " s.version, s.changed_at, a.name, s.asked_at, s.closes_at, s.quorum,"
	    " s.favour, s.block,"
	    " (SELECT COUNT(*) FROM edition e WHERE e.statement = s.id),"
	    " p.published_at FROM statement s JOIN admin a ON a.id = s.changed_by"
	    " LEFT JOIN published p ON p.id = s.id WHERE s.id = ?" },
	[Q_LOCK] = { "b", "i", "SELECT version FROM statement WHERE id = ? FOR UPDATE" },
	[Q_ELECTORS] = { "bi", "bsSSI",
	    "SELECT p.admin, a.name, p.vote, p.reason, p.voted_at FROM approval p"
	    " JOIN admin a ON a.id = p.admin WHERE p.statement = ? AND p.version = ?"
	    " ORDER BY a.name" },
	[Q_SERVING] = { "s", "i", "SELECT COUNT(*) FROM desk_key WHERE desk = ?" },
};
const size_t draft_n_queries = Q__COUNT;

/* The columns of Q_DRAFT. */
enum { F_WORK, F_LANG, F_SLUG, F_STATE, F_TITLE, F_SUMMARY, F_BODY, F_VERSION, F_CHANGED,
	F_BY, F_ASKED, F_CLOSES, F_QUORUM, F_FAVOUR, F_BLOCK, F_EDITIONS, F_PUBLISHED };

const struct draft_words draft_states[DRAFT_STATES] = {
	[DRAFT] = { "draft", N_("Draft"), "" },
	[REVIEW] = { "review", N_("In review"), "wait" },
	[READY] = { "ready", N_("Ready"), "wait" },
	[PUBLISHED] = { "published", N_("Published"), "good" },
	[WITHDRAWN] = { "withdrawn", NC_("statement", "Withdrawn"), "" },
};

bool
draft_may(const struct request *rq)
{
	return (rq->session->desks & 1u << DESK_STATEMENTS) != 0;
}

static enum outcome
fill(struct draft *d, const struct db_value *at)
{
	size_t state = 0;

	while (state < DRAFT_STATES &&
	    strcmp(at[F_STATE].bytes.data, draft_states[state].name) != 0)
		state++;
	if (state == DRAFT_STATES)
		return OUT_FAULT;	/* of a later version: not to be judged */
	memcpy(d->work.at, at[F_WORK].bytes.data, ID_LEN);
	d->state = (enum draft_state)state;
	d->text = (struct written){
		.lang = at[F_LANG].bytes.data, .slug = at[F_SLUG].bytes.data,
		.title = at[F_TITLE].bytes.data, .summary = at[F_SUMMARY].bytes.data,
		.body = at[F_BODY].bytes.data,
	};
	d->version = at[F_VERSION].number;
	d->changed_at = at[F_CHANGED].number;
	d->changed_by = at[F_BY].bytes.data;
	d->asked_at = at[F_ASKED].number;
	d->tally = (struct tally){
		.quorum = (unsigned)at[F_QUORUM].number,
		.favour = (unsigned)at[F_FAVOUR].number,
		.block = (unsigned)at[F_BLOCK].number,
		.closes_at = at[F_CLOSES].number,
	};
	d->editions = at[F_EDITIONS].number;
	d->is_public = at[F_PUBLISHED].type != 0;
	d->published_at = at[F_PUBLISHED].number;
	return OUT_OK;
}

enum outcome
draft_read_id(struct request *rq, const struct id *id, struct draft *d)
{
	struct db_row	row;
	enum outcome	got;

	*d = (struct draft){ .id = *id };
	id_text(d->hex, id);
	if ((got = db_first(rq->app->db, rq, &draft_queries[Q_DRAFT], &row,
	    DB_BYTES(id->at, ID_LEN))) != OUT_OK ||
	    (got = fill(d, row.at)) != OUT_OK ||
	    (got = db_all(rq->app->db, rq, &draft_queries[Q_ELECTORS], &d->electors,
	    DB_BYTES(id->at, ID_LEN), DB_INT(d->version))) != OUT_OK)
		return got;
	case_count(&d->electors, &d->tally);
	return OUT_OK;
}

enum outcome
draft_read(struct request *rq, struct draft *d)
{
	struct id id;

	return draft_may(rq) && id_read(&id, rq->rest) ? draft_read_id(rq, &id, d) :
	    OUT_MISSING;
}

enum outcome
draft_lock(struct request *rq, struct draft *d, int64_t version)
{
	struct id	id = d->id;
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &draft_queries[Q_LOCK], &row,
	    DB_BYTES(id.at, ID_LEN));
	if (got == OUT_OK)
		got = draft_read_id(rq, &id, d);
	if (got != OUT_OK)
		return got;
	return version != 0 && version != d->version ? OUT_CONFLICT : OUT_OK;
}

enum outcome
draft_note(struct request *rq, const struct draft *d, const char *action)
{
	const struct office *office = rq->app->own;

	return audit_add(rq->app->db, &office->audit, rq->now, &rq->session->admin.id,
	    action, &d->id);
}

bool
draft_is_free(const struct request *rq)
{
	const struct rule *rule = &rq->settings->statements;

	return rule->reviewers <= 1 && rule->quorum <= 1 && rule->favour <= 1;
}

bool
draft_can_ask(const struct request *rq, const struct draft *d)
{
	enum verdict verdict;

	if (draft_is_free(rq))
		return false;
	if (d->state != REVIEW)
		return d->state == DRAFT || d->state == WITHDRAWN;
	/* Declined and still in review: those who were to vote have left. */
	verdict = rule_verdict(&d->tally, rq->now);
	return verdict != VERDICT_OPEN && verdict != VERDICT_ACCEPTED;
}

bool
draft_can_publish(const struct request *rq, const struct draft *d)
{
	return d->state == READY || (draft_is_free(rq) && d->state != PUBLISHED);
}

bool
draft_is_correction(const struct request *rq, const struct draft *d)
{
	return d->is_public && d->published_at <= rq->now;
}

bool
draft_may_vote(const struct request *rq, const struct draft *d, const char **vote,
    const char **reason)
{
	if (d->state != REVIEW || rule_verdict(&d->tally, rq->now) != VERDICT_OPEN)
		return false;
	for (size_t i = 0; i < d->electors.n; i++) {
		const struct db_value *at = d->electors.at[i].at;

		if (!case_is_me(rq, at))
			continue;
		*vote = at[E_VOTE].bytes.data;
		*reason = at[E_REASON].bytes.data;
		return *vote == NULL || strcmp(*vote, case_votes[VOTE_RECUSED].vote) != 0;
	}
	return false;
}

enum outcome
draft_serving(struct request *rq, int64_t *serving)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &draft_queries[Q_SERVING], &row,
	    DB_TEXT(desks[DESK_STATEMENTS].name));
	if (got == OUT_OK)
		*serving = row.at[0].number;
	return got;
}

int64_t
draft_version_sent(const struct request *rq)
{
	const char	*text = pairs_find(&rq->body, "version");
	int64_t		 version = text != NULL ? strtol(text, NULL, 10) : 0;

	return version > 0 ? version : -1;
}

const char *
draft_language(const struct request *rq, const char *lang)
{
	const struct site_words *words = settings_words(rq->settings, lang);

	return words != NULL ? words->lang_name : lang;
}

enum outcome
draft_done(struct request *rq, struct draft *d, const char *done, enum outcome got)
{
	const struct shown	 late = { .late = true };
	const char		*to;

	if (got == OUT_CONFLICT)
		return (got = draft_read(rq, d)) == OUT_OK ?
		    statement_page(rq, d, &late) : got;
	if (got != OUT_OK)
		return got;
	to = talloc_asprintf(rq, "/admin/statements/%s?done=%s", d->hex, done);
	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}
