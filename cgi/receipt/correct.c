/*
 * correct.c: the holder corrects their answers.  The former ones stay beside them, for the
 * desk to see.
 */
#include <sodium.h>
#include <string.h>

#include "holder.h"
#include "openhall/submission.h"
#include "openhall/talk.h"
#include "openhall/when.h"

enum { Q_NUMBER, Q_KEEP, Q_REPLACE, Q__COUNT };

const struct db_query correct_queries[] = {	/* takes, gives, sql */
	/* Within the lock on the submission nobody else counts. */
	[Q_NUMBER] = { "b", "i",
	    "SELECT COALESCE(MAX(number), 0) + 1 FROM revision"
	    " WHERE submission = ?" },
	[Q_KEEP] = { "biib", "",
	    "INSERT INTO revision (submission, number, day, body)"
	    " VALUES (?, ?, ?, ?)" },
	[Q_REPLACE] = { "bssisib", "",
	    "UPDATE submission SET body = ?, facets = ?, kind = ?, urgency = ?,"
	    " state = ?, filed = 0, moved_day = ?, asked_day = NULL, sunk = 0"
	    " WHERE id = ?" },
};
const size_t correct_n_queries = Q__COUNT;

/* While it can still be corrected; otherwise the page that says how it stands. */
static enum outcome
stands(struct request *rq, struct holding *h, struct intake **in)
{
	if (!h->opened || !holding_is_open(h))
		return rq->method == GET ? http_see_other(rq, "/receipt") :
		    status_page(rq, h, STATUS_LATE);
	*in = holding_intake(rq, h);
	return OUT_OK;
}

enum outcome
correct_show(struct request *rq)
{
	struct holding		 h = { .opened = false };
	struct intake		*in = NULL;
	struct form_answers	*answers;
	enum outcome		 got = holding_find(rq, &h);

	if (got == OUT_MISSING)
		got = http_see_other(rq, "/receipt");
	else if (got == OUT_OK && (got = stands(rq, &h, &in)) == OUT_OK &&
	    in != NULL && (got = holding_answers(rq, &h, &answers)) == OUT_OK &&
	    /* For who takes their time. */
	    (got = receipt_remember(rq, &rq->app->form_key, RECEIPT_SUBMISSION, &h.code,
	    RECEIPT_TYPED)) == OUT_OK)
		got = intake_ask(rq, in, answers);
	holding_close(&h);
	return got;
}

/* ---- replacing them ---- */

struct correction {
	struct request			*rq;
	struct holding			*h;
	const struct form_answers	*answers;
	struct bytes			 text;
};

/* A request that became an offer, or the other way, begins as that, unless the desk has begun
 * with it. */
static const char *
state_for(const struct holding *h, const char *kind)
{
	if (!holding_is(h, "needed") && !holding_is(h, "offered"))
		return h->row.at[F_STATE].bytes.data;
	return strcmp(kind, "offer") == 0 ? "offered" : "needed";
}

/* Sealed anew, so that nobody can put former answers in the place of those that stand. */
static enum outcome
keep(struct db *db, const struct correction *c, struct bytes former)
{
	const struct holding	*h = c->h;
	struct db_row		 row;
	struct bytes		 body;
	char			 word[REVISION_WORD];
	enum outcome		 got;

	if ((got = db_first(db, c->rq, &correct_queries[Q_NUMBER], &row,
	    h->row.at[F_ID])) != OUT_OK)
		return got;
	submission_revision(word, row.at[0].number);
	if ((got = seal_body(c->rq, &h->content, &h->id, word, former.data,
	    former.len, &body)) != OUT_OK)
		return got;
	return db_run(db, &correct_queries[Q_KEEP], NULL, h->row.at[F_ID], row.at[0],
	    DB_INT(when_day_of(c->rq->now)), DB_BYTES(body.data, body.len));
}

static enum outcome
replace(struct db *db, const struct correction *c)
{
	struct holding		*h = c->h;
	struct db_value		 today = DB_INT(when_day_of(c->rq->now));
	struct form_facets	 facets;
	struct bytes		 body;
	enum outcome		 got;

	if ((got = form_facets(c->rq, c->answers, &facets)) != OUT_OK ||
	    (got = seal_body(c->rq, &h->content, &h->id, "answers", c->text.data,
	    c->text.len, &body)) != OUT_OK)
		return got;
	return db_run(db, &correct_queries[Q_REPLACE], NULL,
	    DB_BYTES(body.data, body.len), DB_TEXT(facets.text),
	    DB_TEXT(facets.kind), DB_INT(facets.urgency),
	    DB_TEXT(state_for(h, facets.kind)), today, h->row.at[F_ID]);
}

static enum outcome
work(struct db *db, void *arg)
{
	struct correction	*c = arg;
	struct holding		*h = c->h;
	struct bytes		 former;
	enum outcome		 got;

	if ((got = holding_lock(c->rq, h)) != OUT_OK)
		return got;
	if (!h->opened || !holding_is_open(h))
		return OUT_CONFLICT;
	if ((got = holding_text(c->rq, h, &former)) != OUT_OK)
		return got;
	/* Sent twice, or nothing was changed. */
	if (former.len == c->text.len &&
	    memcmp(former.data, c->text.data, former.len) == 0)
		return OUT_OK;
	/* Also where the conversation is full. */
	if ((got = talk_add(db, c->rq, &h->id, &h->content, NULL, "corrected",
	    "", c->rq->now)) != OUT_OK && got != OUT_LIMITED)
		return got == OUT_FORBIDDEN ? OUT_FAULT : got;
	got = keep(db, c, former);
	return got == OUT_OK ? replace(db, c) : got;
}

static enum outcome
correct(struct request *rq, struct holding *h, const struct form_answers *answers)
{
	struct correction	 c = { .rq = rq, .h = h, .answers = answers };
	struct buf		*text = buf_new(rq, 4096);
	enum outcome		 got;

	if (text == NULL)
		return OUT_FAULT;
	form_store(answers, rq->words->lang, text);
	if (text->failed)
		return OUT_FAULT;
	c.text = (struct bytes){ text->data, text->len };
	got = db_transaction(rq->app->db, work, &c);
	sodium_memzero(text->data, text->len);
	if (got == OUT_CONFLICT && (got = holding_read(rq, h)) == OUT_OK)
		return status_page(rq, h, STATUS_LATE);
	return got == OUT_OK ? http_see_other(rq, "/receipt") : got;
}

/* What intake_answer() does with answers that are fine. */
static enum outcome
send(struct request *rq, struct intake *in, const struct form_answers *answers)
{
	struct holding	h = { .opened = false };
	enum outcome	got = holding_find(rq, &h);

	(void)in;
	if (got == OUT_OK)
		got = correct(rq, &h, answers);
	holding_close(&h);
	return got;
}

/* Find which form it is, and go on with it. */
static enum outcome
with_form(struct request *rq, bool late)
{
	struct holding	 h = { .opened = false };
	struct intake	*in = NULL;
	enum outcome	 got = holding_find(rq, &h);

	if (got != OUT_OK)
		got = enter_first(rq, got);
	else if ((got = stands(rq, &h, &in)) == OUT_OK && in != NULL)
		got = late ? intake_late(rq, in) : intake_answer(rq, in, send);
	holding_close(&h);
	return got;
}

enum outcome
correct_take(struct request *rq)
{
	return with_form(rq, false);
}

enum outcome
correct_again(struct request *rq)
{
	return with_form(rq, true);
}
