/*
 * store_audit.c: every way of tampering with the chain is found.
 */
#include "store.h"

#include <pthread.h>
#include <talloc.h>

#include "openhall/audit.h"

enum { ROWS = 5, EACH = 20 };

static const struct key	key = { { 1, 2, 3 } };

static struct db *
open_db(void)
{
	const struct db_set	 set = { audit_queries, audit_n_queries };
	struct db		*db = db_new(NULL, &store, store.db_owner, &set, 1);

	assert_non_null(db);
	db_write(db, true);
	return db;
}

static enum outcome
append(struct db *db, void *arg)
{
	const int	*n = arg;
	struct id	 admin = { { 0 } }, subject = { { (unsigned char)*n } };

	return audit_add(db, &key, 1000 + *n, *n % 2 ? &admin : NULL, "case.vote",
	    *n % 3 ? &subject : NULL);
}

static int
set_up(void **state)
{
	struct db	*db;

	(void)state;
	store_fresh(true);
	db = open_db();
	for (int i = 1; i <= ROWS; i++)
		assert_int_equal(db_transaction(db, append, &i), OUT_OK);
	talloc_free(db);
	store_sql("CREATE TABLE kept AS SELECT * FROM audit");
	store_sql("CREATE TABLE kept_head AS SELECT * FROM audit_head");
	return 0;
}

static void
restore(void)
{
	store_sql("DELETE FROM audit");
	store_sql("INSERT INTO audit SELECT * FROM kept");
	store_sql("DELETE FROM audit_head");
	store_sql("INSERT INTO audit_head SELECT * FROM kept_head");
}

static void
test_tampering(void **state)
{
	static const struct { const char *sql; int64_t broken; } cases[] = {
		{ "DO 1", 0 },
		{ "UPDATE audit SET at = at + 1 WHERE number = 3", 3 },
		{ "UPDATE audit SET action = 'case.vots' WHERE number = 1", 1 },
		{ "UPDATE audit SET action = '' WHERE number = 5", 5 },
		{ "UPDATE audit SET admin = NULL WHERE number = 3", 3 },
		{ "UPDATE audit SET admin = REPEAT(CHAR(0), 16) WHERE number = 2", 2 },
		{ "UPDATE audit SET subject = REPEAT(CHAR(9), 16) WHERE number = 4", 4 },
		{ "UPDATE audit SET admin = subject, subject = NULL WHERE number = 4", 4 },
		{ "UPDATE audit SET mac = REPEAT(CHAR(0), 32) WHERE number = 4", 4 },
		{ "DELETE FROM audit WHERE number = 1", 1 },
		{ "DELETE FROM audit WHERE number = 3", 3 },
		{ "DELETE FROM audit WHERE number = 5", 5 },
		{ "DELETE FROM audit", 1 },
		{ "UPDATE audit SET number = 9 WHERE number = 3", 3 },
		/* two rows change places */
		{ "UPDATE audit a JOIN kept k ON k.number = 5 - a.number SET a.at = k.at,"
		    " a.admin = k.admin, a.action = k.action, a.subject = k.subject,"
		    " a.mac = k.mac WHERE a.number IN (2, 3)", 2 },
		{ "INSERT INTO audit SELECT 6, at, admin, action, subject, mac FROM kept"
		    " WHERE number = 5", 6 },
		{ "INSERT INTO audit SELECT -1, at, admin, action, subject, mac FROM kept"
		    " WHERE number = 5", 1 },
		{ "INSERT INTO audit SELECT 0, at, admin, action, subject, mac FROM kept"
		    " WHERE number = 5", 1 },
		{ "UPDATE audit_head SET number = 4, mac = (SELECT mac FROM kept"
		    " WHERE number = 4)", 6 },
		{ "UPDATE audit_head SET mac = REPEAT(CHAR(1), 32)", 6 },
	};
	static const struct key	 other = { { 9 } };
	struct db		*db = open_db();
	struct audit_report	 report;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# %s\n", cases[i].sql);
		store_sql("%s", cases[i].sql);
		assert_int_equal(audit_verify(db, &key, &report), OUT_OK);
		assert_int_equal(report.broken, cases[i].broken);
		restore();
	}
	assert_int_equal(audit_verify(db, &other, &report), OUT_OK);
	assert_int_equal(report.broken, 1);
	assert_int_equal(audit_verify(db, &key, &report), OUT_OK);
	assert_int_equal(report.rows, ROWS);
	talloc_free(db);
}

static void *
append_many(void *arg)
{
	struct db	*db = open_db();
	bool		*fine = arg;

	*fine = true;
	for (int i = 0; i < EACH; i++)
		*fine = db_transaction(db, append, &i) == OUT_OK && *fine;
	talloc_free(db);
	return NULL;
}

/* Two admins at once, and a chain of more than one page. */
static void
test_together(void **state)
{
	struct db		*db = open_db();
	struct audit_report	 report;
	pthread_t		 threads[2];
	bool			 fine[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_many, &fine[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_true(fine[0] && fine[1]);
	for (int i = 0; i < 500; i++)
		assert_int_equal(db_transaction(db, append, &i), OUT_OK);
	assert_int_equal(audit_verify(db, &key, &report), OUT_OK);
	assert_int_equal(report.broken, 0);
	assert_int_equal(report.rows, ROWS + 2 * EACH + 500);
	store_sql("UPDATE audit SET at = 0 WHERE number = 502");
	assert_int_equal(audit_verify(db, &key, &report), OUT_OK);
	assert_int_equal(report.broken, 502);
	talloc_free(db);
}

const struct CMUnitTest store_audit_tests[] = {
	cmocka_unit_test_setup(test_tampering, set_up),
	cmocka_unit_test_setup(test_together, set_up),
};
const size_t store_audit_n = COUNT(store_audit_tests);
