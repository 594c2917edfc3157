/*
 * remind.c: requests for help that nobody has moved: their holders are asked, on the page of
 * the receipt, whether they are still needed.  Without an answer they sink below the others.
 */
#include <talloc.h>

#include "courier.h"
#include "openhall/desk.h"
#include "openhall/when.h"

enum { PAGE = 200 };

#define OPEN_ASK	" AND kind = 'ask' AND ended_day IS NULL AND suspect = 0"

enum { Q_STILL, Q_ASK, Q_SILENT, Q_SINK, Q__COUNT };

/* What is written says again for which it is meant: meanwhile somebody may have moved it. */
const struct db_query remind_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_STILL] = { "sii", "b",
	    "SELECT id FROM submission WHERE desk = ?" OPEN_ASK
	    " AND moved_day <= ? AND asked_day IS NULL LIMIT ?" },
	[Q_ASK] = { "ibi", "",
	    "UPDATE submission SET asked_day = ? WHERE id = ?" OPEN_ASK
	    " AND moved_day <= ? AND asked_day IS NULL" },
	[Q_SILENT] = { "sii", "b",
	    "SELECT id FROM submission WHERE desk = ?" OPEN_ASK
	    " AND sunk = 0 AND asked_day <= ? LIMIT ?" },
	[Q_SINK] = { "bi", "",
	    "UPDATE submission SET sunk = 1 WHERE id = ?" OPEN_ASK
	    " AND sunk = 0 AND asked_day <= ?" },
};
const size_t remind_n_queries = Q__COUNT;

static enum outcome
ask(struct db *db, int64_t today, int64_t since)
{
	struct db_rows	page = { .n = PAGE };
	enum outcome	got = OUT_OK;

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &remind_queries[Q_STILL], &page,
		    DB_TEXT(desks[DESK_AID].name), DB_INT(since), DB_INT(PAGE));
		for (size_t i = 0; got == OUT_OK && i < page.n; i++)
			got = db_run(db, &remind_queries[Q_ASK], NULL, DB_INT(today),
			    page.at[i].at[0], DB_INT(since));
		talloc_free(page.at);
	}
	return got;
}

static enum outcome
sink(struct db *db, int64_t since)
{
	struct db_rows	page = { .n = PAGE };
	enum outcome	got = OUT_OK;

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &remind_queries[Q_SILENT], &page,
		    DB_TEXT(desks[DESK_AID].name), DB_INT(since), DB_INT(PAGE));
		for (size_t i = 0; got == OUT_OK && i < page.n; i++)
			got = db_run(db, &remind_queries[Q_SINK], NULL,
			    page.at[i].at[0], DB_INT(since));
		talloc_free(page.at);
	}
	return got;
}

enum outcome
remind_holders(struct db *db, const struct settings *settings, int64_t now)
{
	int64_t		today = when_day_of(now);
	enum outcome	got;

	got = sink(db, today - (int64_t)settings->sink_days * DAY);
	if (got == OUT_OK)
		got = ask(db, today, today - (int64_t)settings->ask_days * DAY);
	return got;
}
