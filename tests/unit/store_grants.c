/*
 * store_grants.c: what each account may do, and what it must not be able to.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { JOIN, RECEIPT, ADMIN, ACCOUNTS };

static const char *const accounts[ACCOUNTS] = {
	[JOIN] = "openhall_join", [RECEIPT] = "openhall_receipt",
	[ADMIN] = "openhall_admin",
};

#define NEW_SUBMISSION	"INSERT INTO submission (id, desk, form, suspect, received_day," \
    " receipt, desk_key, receipt_key, body)" \
    " VALUES (REPEAT('n', 16), 'membership', 'join', 0, 0, REPEAT('n', 32), 'k', 'r', 'b')"
#define EVERY		"SELECT * FROM "

static const struct { int account; bool may; const char *sql; } cases[] = {
	{ JOIN,    true,  NEW_SUBMISSION },
	{ JOIN,    false, NEW_SUBMISSION " ON DUPLICATE KEY UPDATE body = 'x'" },
	{ JOIN,    false, "REPLACE INTO submission (id) VALUES ('x')" },
	{ JOIN,    false, "INSERT INTO submission (id, state) VALUES ('x', 'accepted')" },
	{ JOIN,    false, "INSERT INTO submission (id, ended_day) VALUES ('x', 1)" },
	{ JOIN,    false, "SELECT COUNT(*) FROM submission" },
	{ JOIN,    false, "SELECT id FROM submission" },
	{ JOIN,    false, "SELECT body FROM submission" },
	{ JOIN,    false, "UPDATE submission SET body = ''" },
	{ JOIN,    false, "DELETE FROM submission" },
	{ JOIN,    false, EVERY "admin" },
	{ JOIN,    false, EVERY "session" },
	{ JOIN,    false, EVERY "desk" },
	{ JOIN,    false, EVERY "recovery" },
	{ JOIN,    false, EVERY "audit" },
	{ JOIN,    false, EVERY "round" },
	{ JOIN,    false, EVERY "elector" },
	{ JOIN,    false, EVERY "migration" },
	{ JOIN,    false, "INSERT INTO audit VALUES (9, 0, NULL, 'x', NULL, 'x')" },
	{ JOIN,    false, "INSERT INTO throttle VALUES ('x', 0, 0)" },
	{ JOIN,    false, "CREATE TABLE mine (id INT)" },
	{ JOIN,    false, "DROP TABLE submission" },
	{ JOIN,    false, EVERY "mysql.user" },
	{ JOIN,    false, "SELECT LOAD_FILE('/etc/passwd') FROM submission" },
	{ JOIN,    false, "SELECT 1 INTO OUTFILE '/tmp/openhall-outfile'" },

	{ RECEIPT, true,  "SELECT id, desk, form, state, received_day, ended_day, receipt,"
	    " receipt_key, body FROM submission WHERE receipt = 'x'" },
	{ RECEIPT, true,  "SELECT state FROM submission WHERE id = 'x' FOR UPDATE" },
	{ RECEIPT, true,  "UPDATE submission SET state = 'withdrawn', ended_day = 1,"
	    " desk_key = '', receipt_key = '', body = '' WHERE id = 'x'" },
	{ RECEIPT, true,  "SELECT number, opened_at, closes_at, ended_at FROM round"
	    " WHERE submission = 'x'" },
	{ RECEIPT, true,  "UPDATE round SET ended_at = 1 WHERE submission = 'x'" },
	{ RECEIPT, false, "SELECT desk_key FROM submission" },
	{ RECEIPT, false, EVERY "submission" },
	{ RECEIPT, false, NEW_SUBMISSION },
	{ RECEIPT, false, "DELETE FROM submission" },
	{ RECEIPT, false, "UPDATE submission SET receipt = 'x'" },
	{ RECEIPT, false, "UPDATE submission SET desk = 'x'" },
	{ RECEIPT, false, "SELECT quorum FROM round" },
	{ RECEIPT, false, "UPDATE round SET closes_at = 1" },
	{ RECEIPT, false, "INSERT INTO round VALUES ('x', 1, 1, 1, 1, 1, 1, 1)" },
	{ RECEIPT, false, "DELETE FROM round" },
	{ RECEIPT, false, EVERY "elector" },
	{ RECEIPT, false, EVERY "admin" },
	{ RECEIPT, false, EVERY "session" },
	{ RECEIPT, false, EVERY "desk" },
	{ RECEIPT, false, EVERY "desk_key" },
	{ RECEIPT, false, EVERY "invitation" },
	{ RECEIPT, false, EVERY "audit" },
	{ RECEIPT, false, EVERY "audit_head" },
	{ RECEIPT, false, EVERY "throttle" },
	{ RECEIPT, false, EVERY "migration" },
	{ RECEIPT, false, "CREATE TEMPORARY TABLE mine (id INT)" },

	{ ADMIN,   true,  EVERY "submission" },
	{ ADMIN,   true,  "SELECT id FROM submission WHERE id = 'x' FOR UPDATE" },
	{ ADMIN,   true,  "UPDATE submission SET state = 'review', ended_day = NULL" },
	{ ADMIN,   true,  EVERY "round" },
	{ ADMIN,   true,  EVERY "elector" },
	{ ADMIN,   true,  "UPDATE elector SET vote = 'favour', reason = 'x', voted_at = 1" },
	{ ADMIN,   true,  EVERY "admin" },
	{ ADMIN,   true,  "DELETE FROM session" },
	{ ADMIN,   true,  "UPDATE session SET expires_at = 1" },
	{ ADMIN,   true,  "DELETE FROM invitation" },
	{ ADMIN,   true,  "SELECT id FROM invitation FOR UPDATE" },
	{ ADMIN,   true,  "INSERT INTO throttle VALUES (REPEAT('x', 32), 1, 1)"
	    " ON DUPLICATE KEY UPDATE failures = failures + 1" },
	{ ADMIN,   true,  "DELETE FROM throttle" },
	{ ADMIN,   true,  "SELECT number, mac FROM audit_head WHERE id = 1 FOR UPDATE" },
	{ ADMIN,   true,  "UPDATE audit_head SET number = 1" },
	{ ADMIN,   true,  "INSERT INTO audit VALUES (9, 0, NULL, 'x', NULL, REPEAT('x', 32))" },
	{ ADMIN,   true,  "SELECT name, public_key FROM desk" },
	{ ADMIN,   false, NEW_SUBMISSION },
	{ ADMIN,   false, "UPDATE submission SET body = ''" },
	{ ADMIN,   false, "UPDATE submission SET desk_key = ''" },
	{ ADMIN,   false, "UPDATE submission SET receipt_key = ''" },
	{ ADMIN,   false, "DELETE FROM submission" },
	{ ADMIN,   false, "DELETE FROM round" },
	{ ADMIN,   false, "DELETE FROM elector" },
	{ ADMIN,   false, "UPDATE audit SET action = 'x'" },
	{ ADMIN,   false, "DELETE FROM audit" },
	{ ADMIN,   false, "INSERT INTO audit_head VALUES (2, 1, 'x')" },
	{ ADMIN,   false, "DELETE FROM audit_head" },
	{ ADMIN,   false, "DELETE FROM admin" },
	{ ADMIN,   false, "UPDATE admin SET public_key = ''" },
	{ ADMIN,   false, "UPDATE session SET wrapped_key = ''" },
	{ ADMIN,   false, "DELETE FROM desk_key" },
	{ ADMIN,   false, "UPDATE desk_key SET sealed_key = ''" },
	{ ADMIN,   false, "SELECT recovery_key FROM desk" },
	{ ADMIN,   false, "UPDATE desk SET public_key = ''" },
	{ ADMIN,   false, "INSERT INTO desk VALUES ('x', 'x', 'x')" },
	{ ADMIN,   false, EVERY "recovery" },
	{ ADMIN,   false, "INSERT INTO recovery VALUES (2, 'x')" },
	{ ADMIN,   false, EVERY "migration" },
	{ ADMIN,   false, EVERY "account" },
	{ ADMIN,   false, EVERY "mysql.user" },
	{ ADMIN,   false, "TRUNCATE TABLE audit" },
	{ ADMIN,   false, "ALTER TABLE audit ADD x INT" },
	{ ADMIN,   false, "CREATE TABLE mine (id INT)" },
	{ ADMIN,   false, "CREATE USER mine" },
	{ ADMIN,   false, "GRANT SELECT ON audit TO 'openhall_join'@'localhost'" },
	{ ADMIN,   false, "SET GLOBAL max_connections = 1" },
};

/* Whether the server said: this account may not. */
static bool
is_refusal(unsigned number)
{
	static const unsigned	numbers[] = { 1044, 1045, 1141, 1142, 1143, 1227, 1370, 1410 };

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (number == numbers[i])
			return true;
	return false;
}

static void
test_rights(void **state)
{
	MYSQL	*my[ACCOUNTS];
	size_t	 failed = 0;

	(void)state;
	store_fresh(true);
	for (int i = 0; i < ACCOUNTS; i++)
		my[i] = store_raw(accounts[i]);
	for (size_t i = 0; i < COUNT(cases); i++) {
		MYSQL		*one = my[cases[i].account];
		unsigned	 number;

		assert_int_equal(mysql_query(one, "START TRANSACTION"), 0);
		(void)mysql_query(one, cases[i].sql);
		number = mysql_errno(one);
		mysql_free_result(mysql_store_result(one));
		if (cases[i].may ? number != 0 : !is_refusal(number)) {
			print_error("%s: %s: %u\n", accounts[cases[i].account],
			    cases[i].sql, number);
			failed++;
		}
		assert_int_equal(mysql_query(one, "ROLLBACK"), 0);
	}
	for (int i = 0; i < ACCOUNTS; i++)
		mysql_close(my[i]);
	assert_int_equal(failed, 0);
}

/* Nobody has a right that its file does not give, on this database or on all. */
static void
test_nothing_else(void **state)
{
	(void)state;
	store_fresh(true);
	for (int i = 0; i < ACCOUNTS; i++) {
		assert_int_equal(store_number("SELECT COUNT(*) FROM information_schema"
		    ".user_privileges WHERE grantee LIKE '%%%s%%' AND"
		    " privilege_type <> 'USAGE'", accounts[i]), 0);
		assert_int_equal(store_number("SELECT COUNT(*) FROM information_schema"
		    ".schema_privileges WHERE grantee LIKE '%%%s%%'", accounts[i]), 0);
	}
}

/* Each program's statements are prepared by the server, for the account it runs as. */
static void
test_programs(void **state)
{
	static const char *const	programs[] = { "join", "receipt", "admin" };
	char				out[8192];

	(void)state;
	store_fresh(false);
	if (store_openhall("", out, "setup") != 0)
		fail_msg("%s", out);
	for (size_t i = 0; i < COUNT(programs); i++)
		store_shell("%s/%s -c %s --check", store_build(), programs[i], store_conf());
}

const struct CMUnitTest store_grants_tests[] = {
	cmocka_unit_test(test_rights),
	cmocka_unit_test(test_nothing_else),
	cmocka_unit_test(test_programs),
};
const size_t store_grants_n = COUNT(store_grants_tests);
