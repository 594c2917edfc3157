/*
 * store_db.c: the prepared-statement layer against a real server.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

enum {
	ADD, GET, ALL, SET, KILLED, LOCK, UNSIGNED, WHO, Q__COUNT
};
static const struct db_query queries[Q__COUNT] = {
	[ADD] = { "iSBI", "", "INSERT INTO t (id, word, raw, n) VALUES (?, ?, ?, ?)" },
	[GET] = { "i", "iSBI", "SELECT id, word, raw, n FROM t WHERE id = ?" },
	[ALL] = { "", "i", "SELECT id FROM t ORDER BY id" },
	[SET] = { "Ii", "", "UPDATE t SET n = ? WHERE id = ?" },
	[KILLED] = { "i", "s", "SELECT word FROM t WHERE id = ?" },
	[LOCK] = { "i", "I", "SELECT n FROM t WHERE id = ? FOR UPDATE" },
	[UNSIGNED] = { "i", "i", "SELECT huge FROM t WHERE id = ?" },
	[WHO] = { "", "i", "SELECT CONNECTION_ID()" },
};

#define NONE	((struct db_value){ .type = 0 })

static struct db	*db;

static int
set_up(void **state)
{
	(void)state;
	store_sql("CREATE DATABASE IF NOT EXISTS %s", store.db_name);
	store_sql("DROP TABLE IF EXISTS t");
	store_sql("CREATE TABLE t (id BIGINT PRIMARY KEY, word VARCHAR(8), raw MEDIUMBLOB,"
	    " n INT, huge BIGINT UNSIGNED) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
	db = store_db(queries, Q__COUNT);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	return 0;
}

/* The first connection is made without a database, which is made here. */
static int
make_database(void **state)
{
	const char	*name = store.db_name;

	store.db_name = NULL;
	store_sql("CREATE DATABASE IF NOT EXISTS %s", name);
	store.db_name = name;
	return set_up(state);
}

static enum outcome
add(int64_t id)
{
	return db_run(db, &queries[ADD], NULL, DB_INT(id), NONE, NONE, NONE);
}

static void
test_values(void **state)
{
	static char	 large[100000];
	static const struct {
		int64_t		 id;
		const char	*word;
		struct bytes	 raw;
	} cases[] = {
		{ 0, "", { "", 0 } },
		{ INT64_MIN, "a", { "\0b\0", 3 } },
		{ INT64_MAX, "ñ\xf0\x9f\x8c\xb9語", { "\xff\xfe", 2 } },
		{ 7, "12345678", { large, sizeof(large) } },
		{ 8, NULL, { NULL, 0 } },
	};

	(void)state;
	memset(large, 'x', sizeof(large));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct db_row	row;
		struct db_value	raw = cases[i].raw.data == NULL ? NONE :
				    DB_BYTES(cases[i].raw.data, cases[i].raw.len);

		assert_int_equal(db_run(db, &queries[ADD], NULL, DB_INT(cases[i].id),
		    DB_TEXT(cases[i].word), raw, NONE), OUT_OK);
		assert_int_equal(db_first(db, db, &queries[GET], &row,
		    DB_INT(cases[i].id)), OUT_OK);
		assert_int_equal(row.at[0].type, 'i');
		assert_true(row.at[0].number == cases[i].id);
		assert_int_equal(row.at[3].type, 0);
		if (cases[i].word == NULL) {
			assert_int_equal(row.at[1].type, 0);
			assert_int_equal(row.at[2].type, 0);
			continue;
		}
		assert_int_equal(row.at[1].type, 's');
		assert_int_equal(row.at[1].bytes.len, strlen(cases[i].word));
		assert_string_equal(row.at[1].bytes.data, cases[i].word);
		assert_int_equal(row.at[2].bytes.len, cases[i].raw.len);
		assert_memory_equal(row.at[2].bytes.data, cases[i].raw.data,
		    cases[i].raw.len);
		assert_int_equal(((const char *)row.at[2].bytes.data)[cases[i].raw.len], 0);
		talloc_free(row.at);
	}
}

static void
test_rows(void **state)
{
	struct db_rows	rows;
	struct db_row	row;
	uint64_t	changed = 9;

	(void)state;
	assert_int_equal(db_all(db, db, &queries[ALL], &rows), OUT_OK);
	assert_int_equal(rows.n, 0);
	assert_int_equal(db_first(db, db, &queries[GET], &row, DB_INT(1)), OUT_MISSING);
	assert_int_equal(db_run(db, &queries[ADD], &changed, DB_INT(2), NONE, NONE,
	    DB_INT(5)), OUT_OK);
	assert_int_equal(changed, 1);
	assert_int_equal(add(1), OUT_OK);
	assert_int_equal(db_all(db, db, &queries[ALL], &rows), OUT_OK);
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.at[0].at[0].number, 1);
	assert_int_equal(rows.at[1].at[0].number, 2);
	/* matched, though nothing about it changes */
	assert_int_equal(db_run(db, &queries[SET], &changed, DB_INT(5), DB_INT(2)), OUT_OK);
	assert_int_equal(changed, 1);
	assert_int_equal(db_run(db, &queries[SET], &changed, DB_INT(5), DB_INT(3)), OUT_OK);
	assert_int_equal(changed, 0);
	assert_int_equal(add(2), OUT_CONFLICT);
}

static void
test_truncation(void **state)
{
	struct db_row	row;

	(void)state;
	assert_int_equal(db_run(db, &queries[ADD], NULL, DB_INT(1), DB_TEXT("123456789"),
	    NONE, NONE), OUT_FAULT);
	assert_int_equal(db_run(db, &queries[ADD], NULL, DB_INT(1), NONE, NONE,
	    DB_INT(1LL << 40)), OUT_FAULT);
	assert_int_equal(db_run(db, &queries[ADD], NULL, DB_INT(1), DB_TEXT("\xff"), NONE,
	    NONE), OUT_FAULT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t"), 0);
	store_sql("INSERT INTO t (id, huge) VALUES (1, 5), (2, 18446744073709551615)");
	assert_int_equal(db_first(db, db, &queries[UNSIGNED], &row, DB_INT(1)), OUT_OK);
	assert_int_equal(row.at[0].number, 5);
	assert_int_equal(db_first(db, db, &queries[UNSIGNED], &row, DB_INT(2)), OUT_FAULT);
	assert_null(row.at);
}

static void
test_signature(void **state)
{
	static const struct db_query	stray = { "", "i", "SELECT 1" };
	struct db_row			row;
	struct db_rows			rows;

	(void)state;
	assert_int_equal(add(1), OUT_OK);
	assert_int_equal(db_run(db, &queries[SET], NULL, DB_TEXT("1"), DB_INT(1)),
	    OUT_FAULT);					/* another type */
	assert_int_equal(db_run(db, &queries[SET], NULL, DB_INT(1), NONE), OUT_FAULT);
	assert_int_equal(db_run(db, &queries[SET], NULL, DB_INT(1)), OUT_FAULT);
	assert_int_equal(db_run(db, &queries[SET], NULL, DB_INT(1), DB_INT(1), DB_INT(1)),
	    OUT_FAULT);
	assert_int_equal(db_run(db, &queries[ALL], NULL), OUT_FAULT);	/* gives rows */
	assert_int_equal(db_all(db, db, &queries[SET], &rows, DB_INT(1), DB_INT(1)),
	    OUT_FAULT);						/* gives none */
	assert_int_equal(db_first(db, db, &stray, &row), OUT_FAULT);
	assert_int_equal(db_first(db, db, &queries[KILLED], &row, DB_INT(1)),
	    OUT_FAULT);				/* gives NULL for a small letter */
	assert_int_equal(db_first(db, db, &queries[LOCK], &row, DB_INT(1)), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t WHERE n IS NOT NULL"), 0);
}

static void
test_check(void **state)
{
	static const struct { struct db_query q; enum outcome want; } cases[] = {
		{ { "i", "iSB", "SELECT id, word, raw FROM t WHERE id = ?" }, OUT_OK },
		{ { "", "i", "SELECT id FROM t WHERE id = ?" }, OUT_FAULT },
		{ { "ii", "i", "SELECT id FROM t WHERE id = ?" }, OUT_FAULT },
		{ { "", "ii", "SELECT id FROM t" }, OUT_FAULT },
		{ { "", "", "SELECT id FROM t" }, OUT_FAULT },
		{ { "", "s", "SELECT id FROM t" }, OUT_FAULT },
		{ { "", "i", "SELECT word FROM t" }, OUT_FAULT },
		{ { "", "b", "SELECT word FROM t" }, OUT_FAULT },
		{ { "", "s", "SELECT raw FROM t" }, OUT_FAULT },
		{ { "", "i", "SELECT missing FROM t" }, OUT_FAULT },
		{ { "", "i", "SELECT id FROM nowhere" }, OUT_FAULT },
		{ { "", "", "SELEKT" }, OUT_FAULT },
	};

	(void)state;
	db_write(db, false);			/* it checks those that write too */
	assert_int_equal(db_check(db), OUT_OK);
	assert_int_equal(add(1), OUT_FAULT);	/* and nothing may write after it */
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct db	*one = store_db(&cases[i].q, 1);

		print_message("# %s\n", cases[i].q.sql);
		assert_int_equal(db_check(one), cases[i].want);
		talloc_free(one);
	}
}

static void
test_read_only(void **state)
{
	(void)state;
	db_write(db, false);
	assert_int_equal(add(1), OUT_FAULT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t"), 0);
	db_write(db, true);
	assert_int_equal(add(1), OUT_OK);
	db_write(db, false);
	assert_int_equal(add(2), OUT_FAULT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t"), 1);
}

static void
kill_connection(void)
{
	struct db_row	row;

	assert_int_equal(db_first(db, db, &queries[WHO], &row), OUT_OK);
	store_sql("KILL %lld", (long long)row.at[0].number);
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}

static void
test_reconnect(void **state)
{
	struct db_rows	rows;

	(void)state;
	kill_connection();
	assert_int_equal(add(1), OUT_OK);
	kill_connection();
	assert_int_equal(db_all(db, db, &queries[ALL], &rows), OUT_OK);
	assert_int_equal(rows.n, 1);
	/* a new connection is as read-only as the old one was */
	db_write(db, false);
	assert_int_equal(db_all(db, db, &queries[ALL], &rows), OUT_OK);
	kill_connection();
	assert_int_equal(add(2), OUT_FAULT);
}

static void
test_away(void **state)
{
	struct settings		 elsewhere = store;
	const struct db_set	 set = { queries, Q__COUNT };
	struct db_rows		 rows;
	struct timespec		 from, to;
	struct db		*away;

	(void)state;
	elsewhere.db_socket = "/nonexistent/db.sock";
	away = db_new(NULL, &elsewhere, "root", &set, 1);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(db_all(away, away, &queries[ALL], &rows), OUT_AWAY);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range((to.tv_sec - from.tv_sec) * 1000 +
	    (to.tv_nsec - from.tv_nsec) / 1000000, 400, 1500);
	assert_int_equal(db_check(away), OUT_AWAY);
	talloc_free(away);
}

/* ---- transactions ---- */

struct script {
	enum outcome	answer;
	unsigned	attempts;
	bool		kill_early, kill_late, careless, nested;
	MYSQL		*holder;	/* of a lock, until the second attempt */
};

static enum outcome
work(struct db *in, void *arg)
{
	struct script	*script = arg;
	enum outcome	 got;

	script->attempts++;
	if (script->holder != NULL && script->attempts == 2)
		assert_int_equal(mysql_query(script->holder, "ROLLBACK"), 0);
	if ((got = add(1)) != OUT_OK)
		return got;
	if (script->nested)
		return db_transaction(in, work, arg);
	if (script->kill_early && script->attempts == 1)
		kill_connection();
	got = add(2);
	if (script->careless && got != OUT_OK)
		add(3);			/* must not stand alone */
	else if (got != OUT_OK)
		return got;
	if (script->kill_late)
		kill_connection();
	return script->answer;
}

static void
test_transaction(void **state)
{
	static const struct {
		struct script	script;
		enum outcome	want;
		unsigned	attempts;
		long		rows;		/* -1: nobody can know */
	} cases[] = {
		{ { .answer = OUT_OK },                     OUT_OK,      1,  2 },
		{ { .answer = OUT_INVALID },                OUT_INVALID, 1,  0 },
		{ { .answer = OUT_FAULT },                  OUT_FAULT,   1,  0 },
		{ { OUT_OK, .kill_early = true },           OUT_OK,      2,  2 },
		{ { OUT_OK, .kill_early = true, .careless = true }, OUT_OK, 2, 2 },
		{ { OUT_OK, .kill_late = true },            OUT_AWAY,    1, -1 },
		{ { OUT_OK, .nested = true },               OUT_FAULT,   1,  0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct script	script = cases[i].script;

		store_sql("DELETE FROM t");
		print_message("# case %zu\n", i);
		assert_int_equal(db_transaction(db, work, &script), cases[i].want);
		assert_int_equal(script.attempts, cases[i].attempts);
		if (cases[i].rows >= 0)
			assert_int_equal(store_number("SELECT COUNT(*) FROM t"),
			    cases[i].rows);
	}
	/* the connection is of use after all this, and not in a transaction */
	store_sql("DELETE FROM t");
	assert_int_equal(add(1), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t"), 1);
	/* what exists already is for the work to tell, and undone */
	assert_int_equal(db_transaction(db, work,
	    &(struct script){ .answer = OUT_OK }), OUT_CONFLICT);
}

static void
test_lock_timeout(void **state)
{
	struct script	script = { .answer = OUT_OK, .holder = store_raw(NULL) };

	(void)state;
	assert_int_equal(mysql_query(script.holder, "START TRANSACTION"), 0);
	assert_int_equal(mysql_query(script.holder, "INSERT INTO t (id) VALUES (1)"), 0);
	assert_int_equal(db_transaction(db, work, &script), OUT_OK);
	assert_int_equal(script.attempts, 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM t"), 2);
	mysql_close(script.holder);
}

struct duel {
	int64_t			 first, second;
	unsigned		 attempts;
	enum outcome		 got;
	pthread_barrier_t	*both;
};

static enum outcome
cross(struct db *in, void *arg)
{
	struct duel	*duel = arg;
	enum outcome	 got;

	got = db_run(in, &queries[SET], NULL, DB_INT(duel->first), DB_INT(duel->first));
	if (duel->attempts++ == 0)
		pthread_barrier_wait(duel->both);
	if (got == OUT_OK)
		got = db_run(in, &queries[SET], NULL, DB_INT(duel->first),
		    DB_INT(duel->second));
	return got;
}

static void *
fight(void *arg)
{
	struct duel	*duel = arg;
	struct db	*own = store_db(queries, Q__COUNT);

	duel->got = db_transaction(own, cross, duel);
	talloc_free(own);
	return NULL;
}

static void
test_deadlock(void **state)
{
	pthread_barrier_t	both;
	struct duel		duels[] = { { 1, 2, 0, 0, &both }, { 2, 1, 0, 0, &both } };
	pthread_t		threads[2];

	(void)state;
	assert_int_equal(add(1), OUT_OK);
	assert_int_equal(add(2), OUT_OK);
	pthread_barrier_init(&both, NULL, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fight, &duels[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&both);
	assert_int_equal(duels[0].got, OUT_OK);
	assert_int_equal(duels[1].got, OUT_OK);
	assert_true(duels[0].attempts + duels[1].attempts > 2);
	assert_int_equal(store_number("SELECT COUNT(DISTINCT n) FROM t"), 1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

const struct CMUnitTest store_db_tests[] = {
	cmocka_unit_test_setup_teardown(test_values, make_database, tear_down),
	TEST(test_rows),
	TEST(test_truncation),
	TEST(test_signature),
	TEST(test_check),
	TEST(test_read_only),
	TEST(test_reconnect),
	TEST(test_away),
	TEST(test_transaction),
	TEST(test_lock_timeout),
	TEST(test_deadlock),
};
const size_t store_db_n = COUNT(store_db_tests);
