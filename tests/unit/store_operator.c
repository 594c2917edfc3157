/*
 * store_operator.c: the operator's command as it is run.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/audit.h"

enum { DAY = 86400, FAILED = 1, USAGE = 64, CONFIG = 78 };

static char	out[8192];

static int
set_up(void **state)
{
	(void)state;
	store_fresh(false);
	/* the schema as it is in the source, whatever a test did to it */
	store_shell("rm -rf %s/schema.was && mv %s/schema %s/schema.was && "
	    "cp -R %s/schema %s/schema", store_dir(), store_dir(), store_dir(),
	    store_src(), store_dir());
	return 0;
}

enum { MIGRATIONS = 4 };

/* Run `args`; it must end with `status` and say `want`. */
static void
runs(const char *input, const char *args, int status, const char *want)
{
	int	got = store_openhall(input, out, args);

	if (got != status || strstr(out, want) == NULL)
		fail_msg("openhall %s: %d, and said: %s", args, got, out);
}

static void
test_usage(void **state)
{
	static const struct { const char *args; int status; const char *want; } cases[] = {
		{ "",                        USAGE,  "usage: openhall" },
		{ "frobnicate",              USAGE,  "usage: openhall" },
		{ "admin",                   USAGE,  "usage: openhall" },
		{ "status now",              USAGE,  "usage: openhall" },
		{ "-x status",               USAGE,  "usage: openhall" },
		{ "audit verify 1 2",        USAGE,  "usage: openhall" },
		{ "help",                    0,      "admin recover" },
		{ "-h",                      0,      "admin recover" },
		{ "-c /nonexistent status",  CONFIG, "/nonexistent" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		runs("", cases[i].args, cases[i].status, cases[i].want);
}

/* What a later version brings. */
static void
add_later(void)
{
	store_shell("printf 'CREATE TABLE later (id INT PRIMARY KEY);\\n-- end\\n' "
	    ">%s/900-later.sql", store.schema_dir);
}

static void
test_migrate(void **state)
{
	(void)state;
	runs("", "status", FAILED, "schema\tunknown");
	runs("", "migrate", 0, "applied 001-ground.sql\napplied 002-desks.sql\n"
	    "applied 003-statements.sql\napplied 004-events.sql\n");
	runs("", "migrate", 0, "");
	assert_string_equal(out, "");
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), MIGRATIONS);
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration_begun"), 0);

	add_later();
	runs("", "status", FAILED, "4 applied, 1 pending");
	runs("", "migrate", 0, "applied 900-later.sql");
	assert_null(strstr(out, "001"));
	assert_int_equal(store_number("SELECT COUNT(*) FROM later"), 0);

	store_shell("mv %s/900-later.sql %s/900-renamed.sql", store.schema_dir,
	    store.schema_dir);
	runs("", "migrate", 0, "");
	store_shell("rm %s/900-renamed.sql", store.schema_dir);
	runs("", "migrate", FAILED, "900-later.sql was applied");

	add_later();
	store_shell("echo '-- altered' >>%s/001-ground.sql", store.schema_dir);
	runs("", "migrate", FAILED, "001-ground.sql was changed");
	runs("", "status", FAILED, "schema\tunknown");
}

static void
write_bad(const char *sql)
{
	store_shell("printf -- '%s' >%s/900-bad.sql", sql, store.schema_dir);
}

static void
test_bad_migration(void **state)
{
	(void)state;
	write_bad("-- one; two\nCREATE TABLE half (id INT PRIMARY KEY);\nCREATE TABEL x;");
	runs("", "migrate", FAILED, "900-bad.sql: statement 2");
	assert_non_null(strstr(out, "goes on from there"));
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), MIGRATIONS);
	runs("", "migrate", FAILED, "900-bad.sql: statement 2");
	/* what was done must not be another thing now */
	write_bad("CREATE TABLE other (id INT PRIMARY KEY);\nCREATE TABLE x (i INT);");
	runs("", "migrate", FAILED, "was changed since");
	assert_non_null(strstr(out, "delete row 900"));
	/* what failed was not done: that its table is there is an error */
	store_sql("CREATE TABLE x (i INT)");
	write_bad("-- one; two\nCREATE TABLE half (id INT PRIMARY KEY);\n"
	    "CREATE TABLE x (i INT);");
	runs("", "migrate", FAILED, "900-bad.sql: statement 2");
	store_sql("DROP TABLE x");
	runs("", "migrate", 0, "applied 900-bad.sql");
	assert_int_equal(store_number("SELECT COUNT(*) FROM half, x"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration_begun"), 0);
	store_shell("cp %s/900-bad.sql %s/900-twin.sql", store.schema_dir,
	    store.schema_dir);
	runs("", "migrate", FAILED, "900-twin.sql: needs a number");
}

/* Where a statement ends: not in a comment, not in a text. */
static void
test_statements(void **state)
{
	(void)state;
	write_bad(";;# a; b\n-- c; \\047\nCREATE TABLE a (t VARCHAR(9)) -- d; e\n;"
	    "/* f; g */INSERT INTO a VALUES (\\047;\\047\\047;\\047),"
	    " (\";--\"), (\\047\\134\\047;\\047);"
	    "CREATE TABLE `b;c` (i INT)\n-- h; i");
	runs("", "migrate", 0, "applied 900-bad.sql");
	assert_int_equal(store_number("SELECT COUNT(*) FROM a WHERE t LIKE '%%;%%'"), 3);
	assert_int_equal(store_number("SELECT COUNT(*) FROM `b;c`"), 0);
}

#define BEGUN	"SELECT done * 10 + begun FROM migration_begun WHERE number = 900"

/* Killed within a statement, and between one and the note that it is done. */
static void
test_migration_breaks_off(void **state)
{
	char	args[256];

	(void)state;
	runs("", "migrate", 0, "applied 002");
	write_bad("ALTER TABLE throttle ADD COLUMN one INT, ADD KEY one (one);\n"
	    "DO SLEEP(1);\nALTER TABLE throttle ADD COLUMN two INT;");
	snprintf(args, sizeof(args), "timeout -s KILL 0.5 %s/openhall -c %s migrate; "
	    "test $? = 137", store_build(), store_conf());
	store_shell("%s", args);
	assert_int_equal(store_number(BEGUN), 12);
	runs("", "migrate", 0, "applied 900-bad.sql");
	assert_int_equal(store_number("SELECT COUNT(one) + COUNT(two) FROM throttle"), 0);

	/* as if it had been killed right after the last statement */
	store_sql("DELETE FROM migration WHERE number = 900");
	store_shell("%s/openhall -c %s migrate; test $? = 1", store_build(), store_conf());
	assert_int_equal(store_number(BEGUN), 0);
	store_sql("ALTER TABLE throttle DROP COLUMN one, DROP COLUMN two");
	write_bad("ALTER TABLE throttle ADD COLUMN one INT;\nCREATE TABEL x;");
	runs("", "migrate", FAILED, "statement 2");
	assert_int_equal(store_number(BEGUN), 11);
	store_sql("UPDATE migration_begun SET done = 0 WHERE number = 900");
	write_bad("ALTER TABLE throttle ADD COLUMN one INT;\nCREATE TABLE x (i INT);");
	runs("", "migrate", 0, "applied 900-bad.sql");
}

/* From the first version, with what it held. */
static void
test_from_ground(void **state)
{
	const char	*dir = store.schema_dir;

	(void)state;
	store_shell("cd %s && mv 002-desks.sql 003-statements.sql 004-events.sql grants %s", dir,
	    store_dir());
	store_shell("mkdir %s/grants", dir);
	runs("", "migrate", 0, "applied 001-ground.sql\n");
	assert_null(strstr(out, "002"));
	store_sql("INSERT INTO desk VALUES ('membership', RPAD('p', 32, 'p'), 'r')");
	store_sql("INSERT INTO admin VALUES (RPAD('a', 16, 'a'), 'Ana', RPAD('p', 32, 'p'),"
	    " RPAD('s', 16, 's'), 'w', 7)");
	store_sql("INSERT INTO desk_key VALUES ('membership', RPAD('a', 16, 'a'), 'k')");
	store_sql("INSERT INTO session VALUES (RPAD('x', 32, 'x'), RPAD('a', 16, 'a'), 'w',"
	    " 1, 2)");
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, ended_day,"
	    " receipt, desk_key, receipt_key, body) VALUES"
	    " (RPAD('o', 16, 'o'), 'membership', 'join', 'received', 86400, NULL,"
	    " RPAD('o', 32, 'o'), 'k', 'r', 'b'),"
	    " (RPAD('e', 16, 'e'), 'membership', 'join', 'declined', 172800, 259200,"
	    " RPAD('e', 32, 'e'), 'k', 'r', 'b')");
	store_shell("cd %s && mv 002-desks.sql 003-statements.sql 004-events.sql %s", store_dir(),
	    dir);
	store_shell("rmdir %s/grants && mv %s/grants %s", dir, store_dir(), dir);
	runs("", "migrate", 0, "applied 002-desks.sql\napplied 003-statements.sql\n"
	    "applied 004-events.sql\n");
	assert_null(strstr(out, "001"));
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE"
	    " moved_day = received_day AND filed = 1 AND kind = '' AND channel = 'web'"
	    " AND urgency = 0 AND facets = '' AND body = 'b' AND entered_by IS NULL"
	    " AND assigned_to IS NULL AND asked_day IS NULL AND sunk = 0"
	    " AND desk_unread = 0 AND holder_unread = 0"), 2);
	assert_int_equal(store_number("SELECT SUM(received_day + COALESCE(ended_day, 0))"
	    " FROM submission"), 86400 + 172800 + 259200);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin WHERE removed_at IS NULL"
	    " AND factor IS NULL AND factor_step = 0 AND wrapped_key = 'w'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM desk WHERE match_key = ''"), 1);
	assert_int_equal(store_number("SELECT pending FROM session"), 0);
	runs("", "status", FAILED, "desk\tmembership not founded: openhall setup");
}

/* Two hosts at once: one applies, both end well. */
static void
test_migrate_together(void **state)
{
	const char	*build = store_build();

	(void)state;
	store_shell("%s/openhall -c %s migrate >%s/one & "
	    "%s/openhall -c %s migrate >%s/two && wait $! && "
	    "test $(cat %s/one %s/two | grep -c applied) = 4", build, store_conf(),
	    store_dir(), build, store_conf(), store_dir(), store_dir(), store_dir());
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), MIGRATIONS);
}

static void
test_grants_follow_file(void **state)
{
	static const char	may[] = "SELECT COUNT(*) FROM information_schema"
				    ".table_privileges WHERE table_schema = '%s' AND"
				    " grantee LIKE '%%openhall_admin%%' AND"
				    " table_name = 'recovery'";

	(void)state;
	runs("", "migrate", 0, "granted openhall_admin");
	assert_int_equal(store_number(may, store.db_name), 0);
	store_shell("cp %s/grants/openhall_admin.sql %s/was", store.schema_dir, store_dir());
	store_shell("echo \"GRANT SELECT ON recovery TO 'openhall_admin'@'localhost';\" "
	    ">>%s/grants/openhall_admin.sql", store.schema_dir);
	runs("", "migrate", 0, "granted openhall_admin");
	assert_int_equal(store_number(may, store.db_name), 1);
	store_shell("cp %s/was %s/grants/openhall_admin.sql", store_dir(), store.schema_dir);
	runs("", "migrate", 0, "granted openhall_admin");
	assert_int_equal(store_number(may, store.db_name), 0);
	/* what fails is tried again */
	store_shell("echo 'GRANT NOTHING;' >>%s/grants/openhall_join.sql",
	    store.schema_dir);
	runs("", "migrate", FAILED, "openhall_join.sql: statement 4");
	runs("", "migrate", FAILED, "openhall_join.sql: statement 4");
}

static void
test_credentials(void **state)
{
	(void)state;
	store_shell("rm -f %s/*", store.credential_dir);
	runs("", "migrate", 0, "");
	store_shell("test $(stat -c %%a %s/openhall_join) = 600", store.credential_dir);
	mysql_close(store_raw("openhall_join"));
	/* the file decides, also when it was put there by hand */
	store_shell("printf \"it's \\\\\\\\ ours\\n\" >%s/openhall_join",
	    store.credential_dir);
	runs("", "migrate", 0, "");
	mysql_close(store_raw("openhall_join"));
}

/* The code that follows `label` in what was said. */
static void
find_code(char code[30], const char *label)
{
	const char	*at = strstr(out, label);

	assert_non_null(at);
	snprintf(code, 30, "%s", at + strlen(label));
	assert_int_equal(strlen(code), 29);
}

#define LINK	"https://example.org/admin/welcome?invitation="

static void
test_setup(void **state)
{
	char	recovery[30], invitation[30], again[30], other[64];

	(void)state;
	runs("", "setup", 0, LINK);
	find_code(recovery, "Recovery code: ");
	find_code(invitation, LINK);
	runs("", "status", FAILED, "pages\tmissing: openhall build");
	runs("", "build", 0, "");
	runs("", "status", 0, "key\tform.key present");
	store_shell("cd %s && test $(stat -c %%a form.key) = 640 && cp -R . %s/keys.was",
	    store.key_dir, store_dir());
	runs("", "setup", 0, "The portal is founded");
	assert_null(strstr(out, "Recovery code: "));
	store_shell("diff -r %s %s/keys.was && rm -r %s/keys.was", store.key_dir,
	    store_dir(), store_dir());

	/* recovery: a slip, another portal's code, the code in small letters */
	recovery[0] = recovery[0] == 'X' ? 'Y' : 'X';
	runs(recovery, "admin recover", FAILED, "a symbol is wrong");
	runs("", "admin recover", FAILED, "no recovery code");
	runs(invitation, "admin recover", FAILED, "not this portal's");
	runs("", "setup", 0, "");
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);

	store_fresh(false);
	runs("", "setup", 0, LINK);
	find_code(recovery, "Recovery code: ");
	find_code(invitation, LINK);
	for (size_t i = 0; i <= strlen(recovery); i++)
		other[i] = recovery[i] == '-' ? ' ' :
		    recovery[i] >= 'A' ? (char)(recovery[i] + 32) : recovery[i];
	runs(other, "admin recover", 0, LINK);
	find_code(again, LINK);
	assert_string_not_equal(again, invitation);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 2);
	runs("", "admin list", 0, "");
	assert_string_equal(out, "");

	/* a new audit key would not fit the chain there is */
	store_shell("rm %s/audit.key %s/form.key", store.key_dir, store.key_dir);
	runs("", "status", FAILED, "audit.key missing");
	runs("", "setup", FAILED, "audit.key is missing");
	store_shell("test ! -e %s/audit.key", store.key_dir);
}

static void
test_audit_verify(void **state)
{
	char	head[128], args[256], *line, *last, kept;

	(void)state;
	runs("", "setup", 0, LINK);
	runs("", "audit verify", 0, "7 rows, all whole\n7:");
	line = strchr(out, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	snprintf(head, sizeof(head), "%s", line);
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, 0, "all whole");
	last = head + strlen(head) - 1;
	kept = *last;
	*last = kept == '0' ? '1' : '0';
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, FAILED, "row 7 is not the one");
	*last = kept;
	runs("", "audit verify 7:zz", USAGE, "not a head");
	runs("", "audit verify nonsense", USAGE, "not a head");

	/* the tail cut off so that the rest fits: only who noted the head can tell */
	store_sql("DELETE FROM audit WHERE number = 7");
	store_sql("UPDATE audit_head SET number = 6,"
	    " mac = (SELECT mac FROM audit WHERE number = 6)");
	runs("", "audit verify", 0, "6 rows, all whole");
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, FAILED, "row 7 is not the one");
	store_sql("UPDATE audit SET at = 0 WHERE number = 1");
	runs("", "audit verify", FAILED, "row 1 does not fit");
}

static void
test_lists(void **state)
{
	static const char	desks[] = "desk\tmembership 2 open, the oldest waiting for 3 days\n"
				    "desk\tsupporters 0 open\ndesk\taid 1 open, the oldest "
				    "waiting for 0 days\nadmins\t3, 0 sessions, 1 open inv";
	long			today = (long)time(NULL) / DAY * DAY;

	(void)state;
	runs("", "setup", 0, LINK);
	runs("", "build", 0, "");
	for (int i = 0; i < 4; i++)
		store_sql("INSERT INTO admin (id, name, public_key, salt, wrapped_key,"
		    " created_at) VALUES (RPAD('%d', 16, 'a'), '%c', RPAD('p', 32, 'p'),"
		    " RPAD('s', 16, 's'), 'w', 86400)", i, "DCBA"[i]);
	store_sql("INSERT INTO desk_key VALUES ('membership', RPAD('2', 16, 'a'), 'k'),"
	    " ('aid', RPAD('2', 16, 'a'), 'k'), ('aid', RPAD('0', 16, 'a'), 'k')");
	store_sql("UPDATE admin SET factor = 'f' WHERE name = 'B'");
	store_sql("UPDATE admin SET removed_at = 1 WHERE name = 'C'");
	runs("", "admin list", 0, "");
	assert_string_equal(out, "A\t1970-01-02\t-\tpassword only\n"
	    "B\t1970-01-02\taid membership\tsecond factor\n"
	    "D\t1970-01-02\taid\tpassword only\n");

	for (int i = 0; i < 5; i++)
		store_sql("INSERT INTO submission (id, desk, form, state, received_day,"
		    " ended_day, receipt, desk_key, receipt_key, body) VALUES"
		    " (RPAD('%d', 16, 'a'), '%s', 'f', '%s', %ld, %s, RPAD('%d', 32, 'a'),"
		    " 'k', 'r', 'b')", i, i < 4 ? "membership" : "aid",
		    i == 1 ? "review" : i == 4 ? "noanswer" : "received",
		    today - (i == 4 ? 0 : i + 2) * DAY, i > 1 && i < 4 ? "9" : "NULL", i);
	runs("", "status", 0, desks);
	store_sql("DELETE FROM desk_key");
	store_sql("DELETE FROM invitation_key");
	store_sql("DELETE FROM desk WHERE name = 'aid'");
	runs("", "status", FAILED, "desk\taid not founded: openhall setup\nadmins");
	runs("", "setup", FAILED, "aid.pub");	/* of a key that is nobody's any more */
	store_shell("rm %s/aid.pub", store.key_dir);
	runs("", "status", FAILED, "aid.pub missing");
	runs("", "setup", 0, "The portal is founded");
	runs("", "status", 0, "desk\taid 1 open");
}

const struct CMUnitTest store_operator_tests[] = {
	cmocka_unit_test_setup(test_usage, set_up),
	cmocka_unit_test_setup(test_migrate, set_up),
	cmocka_unit_test_setup(test_bad_migration, set_up),
	cmocka_unit_test_setup(test_statements, set_up),
	cmocka_unit_test_setup(test_migration_breaks_off, set_up),
	cmocka_unit_test_setup(test_from_ground, set_up),
	cmocka_unit_test_setup(test_migrate_together, set_up),
	cmocka_unit_test_setup(test_grants_follow_file, set_up),
	cmocka_unit_test_setup(test_credentials, set_up),
	cmocka_unit_test_setup(test_setup, set_up),
	cmocka_unit_test_setup(test_lists, set_up),
	cmocka_unit_test_setup(test_audit_verify, set_up),
};
const size_t store_operator_n = COUNT(store_operator_tests);
