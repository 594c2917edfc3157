/*
 * holding.c: reading what a receipt code opens.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "holder.h"

#define COLUMNS	"SELECT id, desk, state, kind, received_day, ended_day, asked_day," \
	    " holder_unread, facets, receipt_key, body FROM submission" \
	    " WHERE receipt = ?"

enum { Q_FIND, Q_LOCK, Q_ROUND, Q__COUNT };

const struct db_query holding_queries[] = {	/* takes, gives, sql */
	[Q_FIND] = { "b", "bsssiIIisbb", COLUMNS },
	[Q_LOCK] = { "b", "bsssiIIisbb", COLUMNS " FOR UPDATE" },
	[Q_ROUND] = { "b", "ii",
	    "SELECT opened_at, closes_at FROM round"
	    " WHERE submission = ? ORDER BY number DESC LIMIT 1" },
};
const size_t holding_n_queries = Q__COUNT;

enum outcome
holding_code(struct request *rq, struct code *code)
{
	const char		*typed = pairs_find(&rq->body, "code");
	enum receipt_how	 how;

	if (receipt_recall(rq, &rq->app->form_key, RECEIPT_SUBMISSION, code, &how) == OUT_OK)
		return receipt_mark(rq, &rq->app->form_key, code);
	return typed == NULL ? OUT_MISSING : code_read(code, typed);
}

static enum outcome
read_row(struct request *rq, struct holding *h, const struct db_query *query)
{
	const struct db_value	*at;
	enum outcome		 got;

	if ((got = db_first(rq->app->db, rq, query, &h->row,
	    DB_BYTES(h->code.lookup.at, KEY_LEN))) != OUT_OK)
		return got;
	at = h->row.at;
	memcpy(h->id.at, at[F_ID].bytes.data, ID_LEN);
	h->desk = desk_named(at[F_DESK].bytes.data);
	if (h->desk == NULL)
		return OUT_FAULT;
	h->opened = at[F_KEY].bytes.len > 0;
	if (!h->opened)
		return OUT_OK;
	/* The receipt is right, so it must open. */
	return seal_unwrap(&h->content, &h->code.key, &h->id, "receipt",
	    at[F_KEY].bytes) == OUT_OK ? OUT_OK : OUT_FAULT;
}

enum outcome
holding_read(struct request *rq, struct holding *h)
{
	enum outcome got = receipt_mark(rq, &rq->app->form_key, &h->code);

	/* Of a code that was just typed, what came from another page is carried on. */
	if (got == OUT_CONFLICT)
		got = OUT_OK;
	return got == OUT_OK ? read_row(rq, h, &holding_queries[Q_FIND]) : got;
}

enum outcome
holding_lock(struct request *rq, struct holding *h)
{
	return read_row(rq, h, &holding_queries[Q_LOCK]);
}

enum outcome
holding_find(struct request *rq, struct holding *h)
{
	enum outcome got;

	if ((got = holding_code(rq, &h->code)) != OUT_OK ||
	    (got = holding_read(rq, h)) != OUT_OK)
		return got;
	return pairs_find(&rq->body, "code") == NULL ? OUT_OK :
	    receipt_remember(rq, &rq->app->form_key, RECEIPT_SUBMISSION,
	    &h->code, RECEIPT_TYPED);
}

void
holding_close(struct holding *h)
{
	sodium_memzero(&h->content, sizeof(h->content));
	sodium_memzero(&h->code, sizeof(h->code));
}

enum outcome
holding_round(struct request *rq, const struct holding *h, struct db_row *round)
{
	return db_first(rq->app->db, rq, &holding_queries[Q_ROUND], round,
	    DB_BYTES(h->id.at, ID_LEN));
}

bool
holding_is(const struct holding *h, const char *state)
{
	return strcmp(h->row.at[F_STATE].bytes.data, state) == 0;
}

bool
holding_is_open(const struct holding *h)
{
	return h->row.at[F_ENDED].type == 0;
}

struct intake *
holding_intake(const struct request *rq, const struct holding *h)
{
	const struct own *own = rq->app->own;

	return own->intakes[h->desk - desks];
}

enum outcome
holding_text(struct request *rq, const struct holding *h, struct bytes *text)
{
	enum outcome got;

	got = seal_open(rq, &h->content, &h->id, "answers",
	    h->row.at[F_BODY].bytes, text);
	return got == OUT_OK ? OUT_OK : OUT_FAULT;
}

enum outcome
holding_answers(struct request *rq, const struct holding *h,
    struct form_answers **answers)
{
	const struct form	*form = intake_form(rq, holding_intake(rq, h));
	struct pairs		 strays;
	struct bytes		 text;
	enum outcome		 got;

	if ((got = holding_text(rq, h, &text)) != OUT_OK)
		return got;
	got = form_load(rq, form, text.data, text.len, answers, &strays);
	return got == OUT_OK ? OUT_OK : OUT_FAULT;
}
