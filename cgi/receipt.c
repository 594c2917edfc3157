/*
 * receipt.c: for who holds a receipt: the code itself, once; then the stage and the dates
 * of the submission, what was sent, and withdrawing it.
 * Database account: openhall_receipt, which reads a submission by its receipt and may end
 * it.
 */
#include <string.h>
#include <talloc.h>

#include "openhall/form.h"
#include "openhall/log.h"
#include "openhall/receipt.h"
#include "openhall/route.h"
#include "openhall/when.h"

enum { Q_FIND, Q_ROUND, Q_WITHDRAW, Q_ROUND_END, Q__COUNT };

static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_FIND] = { "b", "bssiIbb",
	    "SELECT id, form, state, received_day, ended_day, receipt_key, body"
	    " FROM submission WHERE receipt = ?" },
	[Q_ROUND] = { "b", "iiI",
	    "SELECT opened_at, closes_at, ended_at FROM round"
	    " WHERE submission = ? ORDER BY number DESC LIMIT 1" },
	[Q_WITHDRAW] = { "ib", "",
	    "UPDATE submission SET state = 'withdrawn', ended_day = ?,"
	    " desk_key = '', receipt_key = '', body = ''"
	    " WHERE receipt = ? AND state IN ('received', 'review')" },
	[Q_ROUND_END] = { "ib", "",
	    "UPDATE round SET ended_at = ? WHERE submission = ?"
	    " AND ended_at IS NULL" },
};

enum { F_ID, F_FORM, F_STATE, F_RECEIVED, F_ENDED, F_KEY, F_BODY };

/* ---- pages ---- */

enum { E_TYPED, E_SLIP, E_UNKNOWN, E_EXPIRED, E__COUNT };

static const struct view_name enter_names[] = {
	[E_TYPED] = { "typed", NULL },
	[E_SLIP] = { "slip", NULL },
	[E_UNKNOWN] = { "unknown", NULL },
	[E_EXPIRED] = { "expired", NULL },
	[E__COUNT] = { NULL, NULL }
};

enum { N_CODE, N_REPEATED, N_SLIP, N_TYPED, N__COUNT };

static const struct view_name new_names[] = {
	[N_CODE] = { "code", NULL },
	[N_REPEATED] = { "repeated", NULL },
	[N_SLIP] = { "slip", NULL },
	[N_TYPED] = { "typed", NULL },
	[N__COUNT] = { NULL, NULL }
};

enum { S_TITLE, S_RECEIVED, S_OPENED, S_CLOSES, S_LAPSED, S_ACCEPTED,
	S_DECLINED, S_WITHDRAWN, S_ENDED, S_OPEN, S_ANSWERED, S_ANSWERS, S__COUNT };

static const struct view_name status_names[] = {
	[S_TITLE] = { "title", NULL },
	[S_RECEIVED] = { "received", NULL },
	[S_OPENED] = { "opened", NULL },
	[S_CLOSES] = { "closes", NULL },
	[S_LAPSED] = { "lapsed", NULL },
	[S_ACCEPTED] = { "accepted", NULL },
	[S_DECLINED] = { "declined", NULL },
	[S_WITHDRAWN] = { "withdrawn", NULL },
	[S_ENDED] = { "ended", NULL },
	[S_OPEN] = { "open", NULL },		/* can be withdrawn */
	[S_ANSWERED] = { "answered", NULL },
	[S_ANSWERS] = { "answers", answer_section_names },
	[S__COUNT] = { NULL, NULL }
};

static const struct view_name no_names[] = { { NULL, NULL } };

struct own {
	struct page		 enter, fresh, status, withdraw;
	const struct form	*join;
};

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	own->join = form_read(own, app->settings, "join");
	page_compile(own, app->settings, &own->enter, "receipt-enter.html",
	    enter_names);
	page_compile(own, app->settings, &own->fresh, "receipt-new.html",
	    new_names);
	page_compile(own, app->settings, &own->status, "receipt.html",
	    status_names);
	page_compile(own, app->settings, &own->withdraw,
	    "receipt-withdraw.html", no_names);
}

enum why { WHY_ASKED = 1, WHY_SLIP, WHY_UNKNOWN, WHY_EXPIRED };

static enum outcome
show_enter(struct request *rq, enum why why)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, enter_names);

	view_text(v, E_TYPED, pairs_find(&rq->body, "code"));
	view_flag(v, E_SLIP, why == WHY_SLIP);
	view_flag(v, E_UNKNOWN, why == WHY_UNKNOWN);
	view_flag(v, E_EXPIRED, why == WHY_EXPIRED);
	return page_send(rq, &own->enter, v, why == WHY_ASKED ? 200 :
	    why == WHY_UNKNOWN ? 404 : 422);
}

static enum outcome
show_new(struct request *rq, const struct code *code, enum receipt_how how,
    enum why why)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, new_names);

	view_text(v, N_CODE, talloc_strdup(rq, code->text));
	view_flag(v, N_REPEATED, how == RECEIPT_REPEATED);
	view_flag(v, N_SLIP, why == WHY_SLIP);
	view_text(v, N_TYPED, pairs_find(&rq->body, "code"));
	return page_send(rq, &own->fresh, v, why == WHY_ASKED ? 200 : 422);
}

/* Add what was sent, opened with the receipt's own key.  Erased answers add nothing. */
static enum outcome
add_answers(struct request *rq, const struct code *code,
    const struct db_row *row, struct view *v)
{
	const struct own	*own = rq->app->own;
	struct form_answers	*answers;
	struct pairs		 strays;
	struct id		 id;
	struct key		 content;
	struct bytes		 text;
	enum outcome		 got;

	if (row->at[F_BODY].bytes.len == 0)
		return OUT_OK;
	memcpy(id.at, row->at[F_ID].bytes.data, ID_LEN);
	if ((got = seal_unwrap(&content, &code->key, &id, "receipt",
	    row->at[F_KEY].bytes)) != OUT_OK ||
	    (got = seal_open(rq, &content, &id, "answers",
	    row->at[F_BODY].bytes, &text)) != OUT_OK ||
	    (got = form_load(rq, own->join, text.data, text.len, &answers,
	    &strays)) != OUT_OK)
		return OUT_FAULT;	/* its receipt is right, so it must open */
	view_flag(v, S_ANSWERED, 1);
	form_view_answers(v, S_ANSWERS, answers, rq->lang);
	return OUT_OK;
}

static enum outcome
show_status(struct request *rq, const struct code *code,
    const struct db_row *row)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, status_names);
	const char		*state = row->at[F_STATE].bytes.data;
	struct db_row		 round;
	enum outcome		 got;

	view_text(v, S_TITLE, own->join->title.in[rq->lang]);
	view_text(v, S_RECEIVED, when_day(rq, rq->words,
	    row->at[F_RECEIVED].number));
	got = db_first(rq->app->db, rq, &queries[Q_ROUND], &round,
	    row->at[F_ID]);
	if (got == OUT_OK) {
		view_text(v, S_OPENED, when_day(rq, rq->words,
		    round.at[0].number));
		view_text(v, S_CLOSES, when_day(rq, rq->words,
		    round.at[1].number));
		view_flag(v, S_LAPSED, rq->now >= round.at[1].number);
	} else if (got != OUT_MISSING) {
		return got;
	}
	view_flag(v, S_ACCEPTED, strcmp(state, "accepted") == 0);
	view_flag(v, S_DECLINED, strcmp(state, "declined") == 0);
	view_flag(v, S_WITHDRAWN, strcmp(state, "withdrawn") == 0);
	if (row->at[F_ENDED].type != 0)
		view_text(v, S_ENDED, when_day(rq, rq->words,
		    row->at[F_ENDED].number));
	else
		view_flag(v, S_OPEN, 1);
	if ((got = add_answers(rq, code, row, v)) != OUT_OK)
		return got;
	return page_send(rq, &own->status, v, 200);
}

static enum outcome
find(struct request *rq, const struct code *code, struct db_row *row)
{
	return db_first(rq->app->db, rq, &queries[Q_FIND], row,
	    DB_BYTES(code->lookup.at, KEY_LEN));
}

/* ---- handlers ---- */

static enum outcome
show(struct request *rq)
{
	struct code		code;
	enum receipt_how	how;
	struct db_row		row;
	enum outcome		got;

	if (receipt_recall(rq, &rq->app->form_key, &code, &how) != OUT_OK)
		return show_enter(rq, WHY_ASKED);
	if (how != RECEIPT_TYPED)
		return show_new(rq, &code, how, WHY_ASKED);
	got = find(rq, &code, &row);
	if (got == OUT_OK)
		return show_status(rq, &code, &row);
	return got == OUT_MISSING ? show_enter(rq, WHY_ASKED) : got;
}

/* A code was typed: by who comes back, or by who was just given it and shows that it
 * was kept. */
static enum outcome
enter(struct request *rq)
{
	const char		*typed = pairs_find(&rq->body, "code");
	struct code		 code, given;
	enum receipt_how	 how;
	struct db_row		 row;
	enum outcome		 got;
	bool			 fresh;

	fresh = receipt_recall(rq, &rq->app->form_key, &given, &how) == OUT_OK &&
	    how != RECEIPT_TYPED;
	if (typed == NULL || code_read(&code, typed) != OUT_OK)
		return fresh ? show_new(rq, &given, how, WHY_SLIP) :
		    show_enter(rq, WHY_SLIP);
	if ((got = find(rq, &code, &row)) == OUT_MISSING)
		return show_enter(rq, WHY_UNKNOWN);
	if (got != OUT_OK)
		return got;
	if ((got = receipt_remember(rq, &rq->app->form_key, &code,
	    RECEIPT_TYPED)) != OUT_OK)
		return got;
	return http_see_other(rq, "/receipt");
}

static enum outcome
enter_again(struct request *rq)
{
	return show_enter(rq, WHY_EXPIRED);
}

static enum outcome
withdraw_ask(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct code		 code;
	enum receipt_how	 how;

	if (receipt_recall(rq, &rq->app->form_key, &code, &how) != OUT_OK)
		return http_see_other(rq, "/receipt");
	return page_send(rq, &own->withdraw, view_new(rq, no_names), 200);
}

struct withdrawal {
	struct request	*rq;
	struct code	 code;
	struct db_row	 row;
};

/* In one transaction: a vote at the same moment comes before or after, never between. */
static enum outcome
withdraw_work(struct db *db, void *arg)
{
	struct withdrawal	*w = arg;
	uint64_t		 changed;
	enum outcome		 got;

	if ((got = db_run(db, &queries[Q_WITHDRAW], &changed,
	    DB_INT(when_day_of(w->rq->now)),
	    DB_BYTES(w->code.lookup.at, KEY_LEN))) != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_CONFLICT;
	return db_run(db, &queries[Q_ROUND_END], NULL, DB_INT(w->rq->now),
	    w->row.at[F_ID]);
}

static enum outcome
withdraw(struct request *rq)
{
	struct withdrawal	w = { .rq = rq };
	enum receipt_how	how;
	enum outcome		got;

	if (receipt_recall(rq, &rq->app->form_key, &w.code, &how) != OUT_OK)
		return http_see_other(rq, "/receipt");
	if ((got = find(rq, &w.code, &w.row)) != OUT_OK ||
	    (got = db_transaction(rq->app->db, withdraw_work, &w)) != OUT_OK)
		return got;
	return http_see_other(rq, "/receipt");
}

static enum outcome
withdraw_again(struct request *rq)
{
	return withdraw_ask(rq);
}

static enum outcome
put_away(struct request *rq)
{
	receipt_forget(rq);
	return http_see_other(rq, "/receipt");
}

static const struct input code_input[] = {
	{ "code", 200 },
	{ NULL, 0 }
};

static const struct route routes[] = {
	{ .method = GET, .path = "/receipt", .run = show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt", .run = enter,
	  .again = enter_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = code_input },
	{ .method = GET, .path = "/receipt/withdraw", .run = withdraw_ask,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt/withdraw", .run = withdraw,
	  .again = withdraw_again, .access = PUBLIC, .guard = GUARD_TOKEN },
	{ .method = POST, .path = "/receipt/close", .run = put_away,
	  .again = put_away, .access = PUBLIC, .guard = GUARD_TOKEN },
};

int
main(int argc, char *argv[])
{
	const struct db_set	sets[] = { { queries, Q__COUNT } };
	const struct program	receipt = {
		.name = "receipt",
		.account = "openhall_receipt",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = 1,
		.start = start,
	};

	return route_main(argc, argv, &receipt);
}
