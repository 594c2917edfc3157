/*
 * duty.c: several couriers, on several hosts, do what is timed once: it is done by who moves
 * the duty's row on.
 */
#include "courier.h"
#include "openhall/when.h"

/* No clocks of hosts differ by so much. */
enum { AGAIN_SECONDS = 60, ASTRAY_SECONDS = 2 * DAY };

enum { Q_TAKE, Q_GIVE_BACK, Q__COUNT };

const struct db_query duty_queries[Q__COUNT] = {	/* takes, gives, sql */
	/* Also where a clock was far ahead when it was done last: else nothing would be erased
	 * until that day. */
	[Q_TAKE] = { "isii", "",
	    "UPDATE duty SET next_at = ? WHERE name = ? AND (next_at <= ? OR next_at > ?)" },
	[Q_GIVE_BACK] = { "is", "", "UPDATE duty SET next_at = ? WHERE name = ?" },
};
const size_t duty_n_queries = Q__COUNT;

enum outcome
duty_take(struct db *db, const char *name, int64_t now, unsigned period)
{
	uint64_t	taken = 0;
	enum outcome	got;

	got = db_run(db, &duty_queries[Q_TAKE], &taken, DB_INT(now + period),
	    DB_TEXT(name), DB_INT(now), DB_INT(now + period + ASTRAY_SECONDS));
	return got != OUT_OK ? got : taken > 0 ? OUT_OK : OUT_MISSING;
}

void
duty_give_back(struct db *db, const char *name, int64_t now)
{
	(void)db_run(db, &duty_queries[Q_GIVE_BACK], NULL,
	    DB_INT(now + AGAIN_SECONDS), DB_TEXT(name));
}
