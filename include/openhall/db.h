/*
 * db: prepared statements over one connection that lives as long as the process.
 *
 * The whole SQL of a program or module stands in one array indexed by an enum, each
 * statement with what it takes and what it gives, one letter a value:
 *	i  a whole number (64 bit signed)	s  text (utf8mb4)	b  bytes
 * A small letter may not be NULL, a capital letter may.
 * The session is in UTC and strict; it is read-only unless db_write() was said.
 */
#ifndef OPENHALL_DB_H
#define OPENHALL_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/settings.h"

struct db_query {
	const char	*takes, *gives, *sql;
};

/* The statements of one file.  A program lists the sets it uses; a statement is named by
 * its address: &queries[Q_CASE_TAKE]. */
struct db_set {
	const struct db_query	*queries;
	size_t			 n;
};

struct db;

struct db_value {
	char		 type;		/* 'i', 's', 'b'; 0: NULL */
	int64_t		 number;
	struct bytes	 bytes;		/* text and bytes; text ends in a NUL that is not counted */
};

#define DB_INT(n)	((struct db_value){ .type = 'i', .number = (int64_t)(n) })
#define DB_TEXT(s)	db_value_text(s)
#define DB_BYTES(p, n)	((struct db_value){ .type = 'b', .bytes = { (p), (n) } })
struct db_value	 db_value_text(const char *);

/* Which of `n` words a text is; `n`: none of them, or NULL. */
size_t		 db_word(const struct db_value *, const char *const words[], size_t n);

struct db_row { struct db_value *at; };
struct db_rows { size_t n; struct db_row *at; };

/* Nothing is connected yet: that happens with the first statement.  `account` is both
 * the database account and the name of its credential file.  NULL: no memory. */
struct db	*db_new(const void *ctx, const struct settings *, const char *account,
		    const struct db_set *sets, size_t n);

/* Prepare every statement and compare what it takes and gives with the server's count.
 * The first that differs is named on standard error.  OUT_OK, OUT_FAULT, OUT_AWAY. */
enum outcome	 db_check(struct db *);

/* From here on statements may write (a checked POST), or may not. */
void		 db_write(struct db *, bool may);

/*
 * In haste (a visitor waits, and there is another way): what fails is tried once more, at
 * once, and only where that did not take long; and a connection that is made now waits
 * three seconds for an answer instead of ten.
 */
void		 db_hasty(struct db *, bool);

/*
 * Run a statement that gives nothing.  Outside a transaction it is run again after a
 * lost connection, so it must be idempotent there.
 * OUT_OK; OUT_CONFLICT: a key is there already (1062) ; OUT_AWAY; OUT_FAULT.
 * `changed` (may be NULL): rows matched by an UPDATE or DELETE, rows inserted by an INSERT.
 */
#define db_run(db, q, changed, ...) \
	db_run_values(db, q, changed, (struct db_value[]){ __VA_ARGS__ }, \
	    sizeof((struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))
enum outcome	 db_run_values(struct db *, const struct db_query *q, uint64_t *changed,
		    const struct db_value *values, size_t n);

/* All rows, below `ctx` (talloc_free(rows.at) frees them earlier).  Bound them with LIMIT.
 * OUT_OK (also for none), OUT_AWAY, OUT_FAULT. */
#define db_all(db, ctx, q, rows, ...) \
	db_all_values(db, ctx, q, rows, (struct db_value[]){ __VA_ARGS__ }, \
	    sizeof((struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))
enum outcome	 db_all_values(struct db *, const void *ctx, const struct db_query *q,
		    struct db_rows *, const struct db_value *values, size_t n);

/* The first row, below `ctx` (talloc_free(row.at)).  OUT_MISSING: there is none. */
#define db_first(db, ctx, q, row, ...) \
	db_first_values(db, ctx, q, row, (struct db_value[]){ __VA_ARGS__ }, \
	    sizeof((struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))
enum outcome	 db_first_values(struct db *, const void *ctx, const struct db_query *q,
		    struct db_row *, const struct db_value *values, size_t n);

/*
 * Do `work` in one transaction and commit.  When the store reports a deadlock, a lock
 * timeout or (before the COMMIT) a lost connection, all of `work` is done again, a few
 * times, so it must change nothing but the store (it may fill what `arg` points to).
 * Any answer but OUT_OK rolls back and is given on.  A COMMIT whose fate is unknown is
 * OUT_AWAY.
 */
enum outcome	 db_transaction(struct db *, enum outcome (*work)(struct db *, void *),
		    void *arg);

#endif
