/*
 * mailing.c: the announcement of a statement becomes one mail for each subscriber of its
 * language: a page after another, each with where it ended, so that it may be cut short
 * anywhere and gone on with by any courier.  The address stays where it is, with the
 * subscriber, so that who leaves meanwhile gets none.
 */
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/seal.h"

enum { Q_OPEN, Q_LOCK, Q_PAGE, Q_EXPAND, Q_STEP, Q_END, Q__COUNT };

const struct db_query mailing_queries[Q__COUNT] = {	/* takes, gives, sql */
	/* Not yet before its time; what is not public any more is not announced, and ends. */
	[Q_OPEN] = { "ii", "bi",
	    "SELECT m.id, p.id IS NOT NULL FROM mailing m LEFT JOIN published p ON p.id = m.id"
	    " WHERE m.expanded_at IS NULL AND m.due_at <= ?"
	    " AND (p.id IS NULL OR p.published_at <= ?) ORDER BY m.due_at, m.id LIMIT 1" },
	[Q_LOCK] = { "b", "sb",
	    "SELECT lang, expanded_to FROM mailing WHERE id = ? AND expanded_at IS NULL"
	    " FOR UPDATE" },
	[Q_PAGE] = { "sbi", "b",
	    "SELECT id FROM subscriber WHERE state = 'confirmed' AND lang = ? AND id > ?"
	    " ORDER BY id LIMIT ?" },
	/* The same mail each time: it has the same Message-ID, and cannot be there twice. */
	[Q_EXPAND] = { "bbisbb", "",
	    "INSERT INTO outbox (id, kind, lang, address, mailing, subscriber, due_at)"
	    " SELECT LEFT(UNHEX(SHA2(CONCAT(?, s.id), 256)), 16), 'statement', s.lang, '', ?,"
	    " s.id, ? FROM subscriber s WHERE s.state = 'confirmed' AND s.lang = ?"
	    " AND s.id > ? AND s.id <= ? ON DUPLICATE KEY UPDATE outbox.id = outbox.id" },
	[Q_STEP] = { "bb", "", "UPDATE mailing SET expanded_to = ? WHERE id = ?" },
	[Q_END] = { "ib", "", "UPDATE mailing SET expanded_at = ? WHERE id = ?" },
};
const size_t mailing_n_queries = Q__COUNT;

struct page {
	void		*ctx;
	struct db_value	 id;
	bool		 public;
	int64_t		 now;
};

/* In a transaction: the next page of a mailing. */
static enum outcome
expand(struct db *db, void *arg)
{
	const struct page	*page = arg;
	struct db_row		 row;
	struct db_rows		 ids = { .n = 0 };
	struct db_value		 last;
	enum outcome		 got;

	got = db_first(db, page->ctx, &mailing_queries[Q_LOCK], &row, page->id);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;	/* another courier was first */
	if (page->public)
		got = db_all(db, page->ctx, &mailing_queries[Q_PAGE], &ids, row.at[0],
		    row.at[1], DB_INT(MAILING_PAGE));
	if (got == OUT_OK && ids.n > 0) {
		last = ids.at[ids.n - 1].at[0];
		got = db_run(db, &mailing_queries[Q_EXPAND], NULL, page->id, page->id,
		    DB_INT(page->now), row.at[0], row.at[1], last);
		if (got == OUT_OK)
			got = db_run(db, &mailing_queries[Q_STEP], NULL, last, page->id);
	}
	if (got == OUT_OK && ids.n < MAILING_PAGE)
		got = db_run(db, &mailing_queries[Q_END], NULL, DB_INT(page->now), page->id);
	return got;
}

enum outcome
mailing_expand(struct db *db, int64_t now, bool *more)
{
	struct page	 page = { .ctx = talloc_new(db), .now = now };
	struct db_row	 row;
	enum outcome	 got;

	*more = false;
	if (page.ctx == NULL)
		return OUT_FAULT;
	got = db_first(db, page.ctx, &mailing_queries[Q_OPEN], &row, DB_INT(now),
	    DB_INT(now));
	if (got == OUT_OK) {
		page.id = row.at[0];
		page.public = row.at[1].number != 0;
		got = db_transaction(db, expand, &page);
		*more = got == OUT_OK;
	}
	talloc_free(page.ctx);
	return got == OUT_MISSING ? OUT_OK : got;
}
