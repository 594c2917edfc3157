/*
 * subscriber.c: how a subscription ends: by mail, by mail that comes back, and because nobody
 * confirmed it; and what is forgotten of mail that was sent.
 */
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/expire.h"
#include "openhall/when.h"

enum {
	PENDING_DAYS = 3,	/* until who has not confirmed is forgotten */
	DONE_DAYS = 30,		/* mail comes back for some days, if it does */
	BOUNCES_MOST = 3
};

enum { Q_LEAVE, Q_FAILED, Q_WHOSE, Q_BOUNCED, Q_UNASKED, Q_UNASKED_ONE, Q_UNCONFIRMED,
	Q_UNCONFIRMED_ONE, Q_GONE, Q_GONE_ONE, Q_DONE, Q_DONE_ONE, Q__COUNT };

#define UNCONFIRMED	" state = 'pending' AND asked_at < ?"
#define GONE	" state IN ('left', 'bounced')"
/* What one of the two is due for may wait long, but not done be older. */
#define DONE	" state IN ('sent', 'failed', 'dropped') AND due_at < ? AND done_at < ?"

const struct db_query subscriber_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_LEAVE] = { "b", "",
	    "UPDATE subscriber SET state = 'left', address = '' WHERE token = ?"
	    " AND state IN ('pending', 'confirmed')" },
	[Q_FAILED] = { "b", "",
	    "UPDATE outbox SET state = 'failed' WHERE id = ? AND state = 'sent'" },
	[Q_WHOSE] = { "b", "B", "SELECT subscriber FROM outbox WHERE id = ?" },
	[Q_BOUNCED] = { "iib", "",
	    "UPDATE subscriber SET state = IF(bounces + 1 >= ?, 'bounced', state),"
	    " address = IF(bounces + 1 >= ?, '', address), bounces = bounces + 1"
	    " WHERE id = ? AND state IN ('pending', 'confirmed')" },
	[Q_UNASKED] = { "ii", "b", "SELECT id FROM signup WHERE at < ? LIMIT ?" },
	[Q_UNASKED_ONE] = { "bi", "", "DELETE FROM signup WHERE id = ? AND at < ?" },
	[Q_UNCONFIRMED] = { "ii", "b", "SELECT id FROM subscriber WHERE" UNCONFIRMED " LIMIT ?" },
	[Q_UNCONFIRMED_ONE] = { "bi", "", "DELETE FROM subscriber WHERE id = ? AND" UNCONFIRMED },
	/* Not even that somebody was there is kept: no code in an old mail needs it. */
	[Q_GONE] = { "i", "b", "SELECT id FROM subscriber WHERE" GONE " LIMIT ?" },
	[Q_GONE_ONE] = { "b", "", "DELETE FROM subscriber WHERE id = ? AND" GONE },
	[Q_DONE] = { "iii", "b", "SELECT id FROM outbox WHERE" DONE " LIMIT ?" },
	[Q_DONE_ONE] = { "bii", "", "DELETE FROM outbox WHERE id = ? AND" DONE },
};
const size_t subscriber_n_queries = Q__COUNT;

enum outcome
subscriber_leave(struct db *db, const struct code *code)
{
	return db_run(db, &subscriber_queries[Q_LEAVE], NULL,
	    DB_BYTES(code->lookup.at, KEY_LEN));
}

enum outcome
subscriber_count_bounce(struct db *db, const struct id *subscriber)
{
	return db_run(db, &subscriber_queries[Q_BOUNCED], NULL, DB_INT(BOUNCES_MOST),
	    DB_INT(BOUNCES_MOST), DB_BYTES(subscriber->at, ID_LEN));
}

/* In a transaction.  A mail comes back once, however often that is told. */
static enum outcome
bounce(struct db *db, void *arg)
{
	const struct id	*mail = arg;
	struct db_value	 id = DB_BYTES(mail->at, ID_LEN);
	struct id	 subscriber;
	struct db_row	 row;
	uint64_t	 changed = 0;
	enum outcome	 got;

	got = db_run(db, &subscriber_queries[Q_FAILED], &changed, id);
	if (got != OUT_OK || changed == 0)
		return got;
	if ((got = db_first(db, db, &subscriber_queries[Q_WHOSE], &row, id)) != OUT_OK)
		return got;
	if (row.at[0].type != 0) {
		memcpy(subscriber.at, row.at[0].bytes.data, ID_LEN);
		got = subscriber_count_bounce(db, &subscriber);
	}
	talloc_free(row.at);
	return got;
}

enum outcome
subscriber_bounced(struct db *db, const struct id *mail)
{
	struct id	id = *mail;

	return db_transaction(db, bounce, &id);
}

enum outcome
subscriber_tidy(struct db *db, int64_t now)
{
	const int64_t	asked = now - PENDING_DAYS * DAY;
	const struct { int page, erase; int64_t until; } all[] = {
		{ Q_UNASKED, Q_UNASKED_ONE, asked },
		{ Q_UNCONFIRMED, Q_UNCONFIRMED_ONE, asked },
		{ Q_GONE, Q_GONE_ONE, 0 },
		{ Q_DONE, Q_DONE_ONE, now - DONE_DAYS * DAY },
	};
	enum outcome	got = OUT_OK;
	int64_t		n = 0;

	for (size_t i = 0; got == OUT_OK && i < sizeof(all) / sizeof(*all); i++)
		got = expire_all(db, &subscriber_queries[all[i].page],
		    &subscriber_queries[all[i].erase], all[i].until, &n);
	return got;
}
