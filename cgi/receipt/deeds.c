/*
 * deeds.c: what the holder of a receipt does: write, say that it is settled or still
 * needed, withdraw, erase everything.
 */
#include <sodium.h>
#include <string.h>

#include "holder.h"
#include "openhall/erase.h"
#include "openhall/talk.h"
#include "openhall/when.h"

enum { Q_STILL, Q_END, Q_ERASE, Q_ROUND_END, Q__COUNT };

const struct db_query deed_queries[] = {	/* takes, gives, sql */
	[Q_STILL] = { "ib", "",
	    "UPDATE submission SET moved_day = ?, asked_day = NULL, sunk = 0"
	    " WHERE id = ?" },
	[Q_END] = { "siib", "",
	    "UPDATE submission SET state = ?, ended_day = ?, moved_day = ?,"
	    " asked_day = NULL, sunk = 0, filed = 0"
	    " WHERE id = ? AND ended_day IS NULL" },
	/* Whoever has the code has nothing any more. */
	[Q_ERASE] = { "ibb", "",
	    "UPDATE submission SET state = 'erased', kind = '', urgency = 0,"
	    " ended_day = COALESCE(ended_day, ?), asked_day = NULL, sunk = 0,"
	    " receipt = ? WHERE id = ?" },
	[Q_ROUND_END] = { "ib", "",
	    "UPDATE round SET ended_at = ? WHERE submission = ?"
	    " AND ended_at IS NULL" },
};
const size_t deed_n_queries = Q__COUNT;

static const struct view_name no_names[] = { { NULL, NULL } };

void
deeds_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->withdraw,
	    "receipt-withdraw.html", no_names);
	page_compile(own, app->settings, &own->erase, "receipt-erase.html",
	    no_names);
	page_compile(own, app->settings, &own->erased, "receipt-erased.html",
	    no_names);
}

/* One deed, in one transaction: what a desk does at the same moment comes before or after,
 * never between. */
struct deed {
	struct request	*rq;
	struct holding	 h;
	const char	*text;		/* to write */
	bool		 still;		/* needed */
};

static enum outcome
say(const struct deed *deed, const char *kind, const char *text)
{
	enum outcome got;

	got = talk_add(deed->rq->app->db, deed->rq, &deed->h.id,
	    &deed->h.content, NULL, kind, text, deed->rq->now);
	return got == OUT_FORBIDDEN ? OUT_FAULT : got;
}

/* Do it, and go to `to`; what changed meanwhile is shown as it is now. */
static enum outcome
perform(struct deed *deed, enum outcome (*work)(struct db *, void *),
    const char *to)
{
	struct request	*rq = deed->rq;
	enum outcome	 got = db_transaction(rq->app->db, work, deed);

	if (got == OUT_CONFLICT && (got = holding_read(rq, &deed->h)) == OUT_OK)
		return status_page(rq, &deed->h, STATUS_LATE);
	if (got == OUT_MISSING)
		return http_see_other(rq, "/receipt");
	return got == OUT_OK ? http_see_other(rq, to) : got;
}

/* Find what it is about.  Who has no code at hand is asked for it; then it is pressed again. */
static enum outcome
run(struct deed *deed, enum outcome (*work)(struct db *, void *), const char *to)
{
	enum outcome got = holding_find(deed->rq, &deed->h);

	if (got == OUT_MISSING || got == OUT_INVALID)
		got = http_see_other(deed->rq, "/receipt");
	else if (got == OUT_OK)
		got = perform(deed, work, to);
	holding_close(&deed->h);
	return got;
}

/* ---- writing ---- */

static enum outcome
write_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	enum outcome	 got;

	(void)db;
	if ((got = holding_lock(deed->rq, &deed->h)) != OUT_OK)
		return got;
	return deed->h.opened ? say(deed, "text", deed->text) : OUT_CONFLICT;
}

static enum outcome
send_message(struct deed *deed)
{
	struct request	*rq = deed->rq;
	enum outcome	 got;

	got = talk_take(rq, pairs_find(&rq->body, "text"), &deed->text);
	if (got == OUT_INVALID)
		return status_page(rq, &deed->h, STATUS_NO_TEXT);
	if (got == OUT_LIMITED)
		return status_page(rq, &deed->h, STATUS_LONG);
	if (got != OUT_OK)
		return got;
	got = perform(deed, write_work, "/receipt#messages");
	return got == OUT_LIMITED ? status_page(rq, &deed->h, STATUS_FULL) : got;
}

enum outcome
deed_write(struct request *rq)
{
	struct deed	deed = { .rq = rq };
	enum outcome	got = holding_find(rq, &deed.h);

	got = got == OUT_OK ? send_message(&deed) : enter_first(rq, got);
	holding_close(&deed.h);
	return got == OUT_AWAY ? status_away(rq) : got;
}

/* The page had been open for too long: nothing is sent, and nothing is lost. */
enum outcome
deed_write_again(struct request *rq)
{
	struct holding	h = { .opened = false };
	enum outcome	got = holding_find(rq, &h);

	got = got == OUT_OK ? status_page(rq, &h, STATUS_EXPIRED) :
	    enter_first(rq, got);
	holding_close(&h);
	return got == OUT_AWAY ? status_away(rq) : got;
}

/* ---- settled, or still needed ---- */

static enum outcome
needed_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct holding	*h = &deed->h;
	struct db_value	 today = DB_INT(when_day_of(deed->rq->now));
	enum outcome	 got;

	if ((got = holding_lock(deed->rq, h)) != OUT_OK)
		return got;
	if (h->desk->decides || !h->opened || !holding_is_open(h))
		return OUT_CONFLICT;
	/* Who was not asked has said it. */
	if (deed->still && h->row.at[F_ASKED].type == 0)
		return OUT_OK;
	/* It counts also where the conversation is full. */
	got = say(deed, deed->still ? "needed" : "settled", "");
	if (got != OUT_OK && got != OUT_LIMITED)
		return got;
	if (deed->still)
		return db_run(db, &deed_queries[Q_STILL], NULL, today,
		    h->row.at[F_ID]);
	return db_run(db, &deed_queries[Q_END], NULL, DB_TEXT("complete"), today,
	    today, h->row.at[F_ID]);
}

enum outcome
deed_needed(struct request *rq)
{
	const char	*still = pairs_find(&rq->body, "still");
	struct deed	 deed = { .rq = rq };

	if (still == NULL || (strcmp(still, "yes") != 0 && strcmp(still, "no") != 0))
		return OUT_INVALID;
	deed.still = strcmp(still, "yes") == 0;
	return run(&deed, needed_work, "/receipt");
}

/* ---- withdrawing ---- */

enum outcome
deed_withdraw_ask(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct code		 code;

	if (holding_code(rq, &code) != OUT_OK)
		return http_see_other(rq, "/receipt");
	sodium_memzero(&code, sizeof(code));
	return page_send(rq, &own->withdraw, view_new(rq, no_names), 200);
}

static enum outcome
withdraw_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct holding	*h = &deed->h;
	struct db_value	 today = DB_INT(when_day_of(deed->rq->now));
	uint64_t	 changed;
	enum outcome	 got;

	if ((got = holding_lock(deed->rq, h)) != OUT_OK ||
	    (got = db_run(db, &deed_queries[Q_END], &changed,
	    DB_TEXT("withdrawn"), today, today, h->row.at[F_ID])) != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_CONFLICT;
	if ((got = db_run(db, &deed_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), h->row.at[F_ID])) != OUT_OK)
		return got;
	return erase_content(db, &h->id);
}

enum outcome
deed_withdraw(struct request *rq)
{
	struct deed deed = { .rq = rq };

	return run(&deed, withdraw_work, "/receipt");
}

/* ---- erasing everything ---- */

enum outcome
deed_erase_ask(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct code		 code;

	if (holding_code(rq, &code) != OUT_OK)
		return http_see_other(rq, "/receipt");
	sodium_memzero(&code, sizeof(code));
	return page_send(rq, &own->erase, view_new(rq, no_names), 200);
}

static enum outcome
erase_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct holding	*h = &deed->h;
	struct key	 nobody;
	enum outcome	 got;

	randombytes_buf(nobody.at, KEY_LEN);
	if ((got = holding_lock(deed->rq, h)) != OUT_OK ||
	    (got = db_run(db, &deed_queries[Q_ROUND_END], NULL,
	    DB_INT(deed->rq->now), h->row.at[F_ID])) != OUT_OK ||
	    (got = erase_content(db, &h->id)) != OUT_OK)
		return got;
	return db_run(db, &deed_queries[Q_ERASE], NULL,
	    DB_INT(when_day_of(deed->rq->now)), DB_BYTES(nobody.at, KEY_LEN),
	    h->row.at[F_ID]);
}

enum outcome
deed_erase(struct request *rq)
{
	struct deed	deed = { .rq = rq };
	enum outcome	got = run(&deed, erase_work, "/receipt/erased");

	if (got == OUT_OK)
		receipt_forget(rq, RECEIPT_SUBMISSION);
	return got;
}

enum outcome
deed_erased(struct request *rq)
{
	const struct own *own = rq->app->own;

	return page_send(rq, &own->erased, view_new(rq, no_names), 200);
}
