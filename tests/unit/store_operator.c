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
	    ">%s/002-later.sql", store.schema_dir);
}

static void
test_migrate(void **state)
{
	(void)state;
	runs("", "status", FAILED, "schema\tunknown");
	runs("", "migrate", 0, "applied 001-ground.sql");
	runs("", "migrate", 0, "");
	assert_string_equal(out, "");
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), 1);

	add_later();
	runs("", "status", FAILED, "1 applied, 1 pending");
	runs("", "migrate", 0, "applied 002-later.sql");
	assert_null(strstr(out, "001"));
	assert_int_equal(store_number("SELECT COUNT(*) FROM later"), 0);

	store_shell("mv %s/002-later.sql %s/002-renamed.sql", store.schema_dir,
	    store.schema_dir);
	runs("", "migrate", 0, "");
	store_shell("rm %s/002-renamed.sql", store.schema_dir);
	runs("", "migrate", FAILED, "002-later.sql was applied");

	add_later();
	store_shell("echo '-- altered' >>%s/001-ground.sql", store.schema_dir);
	runs("", "migrate", FAILED, "001-ground.sql was changed");
	runs("", "status", FAILED, "schema\tunknown");
}

static void
test_bad_migration(void **state)
{
	(void)state;
	store_shell("printf 'CREATE TABLE half (id INT PRIMARY KEY);\\nCREATE TABEL x;' "
	    ">%s/002-bad.sql", store.schema_dir);
	runs("", "migrate", FAILED, "002-bad.sql: statement 2");
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), 1);
	store_shell("printf 'CREATE TABLE IF NOT EXISTS half (id INT PRIMARY KEY);' "
	    ">%s/002-bad.sql", store.schema_dir);
	runs("", "migrate", 0, "applied 002-bad.sql");
	store_shell("cp %s/002-bad.sql %s/002-twin.sql", store.schema_dir,
	    store.schema_dir);
	runs("", "migrate", FAILED, "002-twin.sql: needs a number");
}

/* Two hosts at once: one applies, both end well. */
static void
test_migrate_together(void **state)
{
	const char	*build = store_build();

	(void)state;
	store_shell("%s/openhall -c %s migrate >%s/one & "
	    "%s/openhall -c %s migrate >%s/two && wait $! && "
	    "test $(cat %s/one %s/two | grep -c applied) = 1", build, store_conf(),
	    store_dir(), build, store_conf(), store_dir(), store_dir(), store_dir());
	assert_int_equal(store_number("SELECT COUNT(*) FROM migration"), 1);
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
	runs("", "migrate", FAILED, "openhall_join.sql: statement 2");
	runs("", "migrate", FAILED, "openhall_join.sql: statement 2");
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
	runs("", "audit verify", 0, "3 rows, all whole\n3:");
	line = strchr(out, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	snprintf(head, sizeof(head), "%s", line);
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, 0, "all whole");
	last = head + strlen(head) - 1;
	kept = *last;
	*last = kept == '0' ? '1' : '0';
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, FAILED, "row 3 is not the one");
	*last = kept;
	runs("", "audit verify 3:zz", USAGE, "not a head");
	runs("", "audit verify nonsense", USAGE, "not a head");

	/* the tail cut off so that the rest fits: only who noted the head can tell */
	store_sql("DELETE FROM audit WHERE number = 3");
	store_sql("UPDATE audit_head SET number = 2,"
	    " mac = (SELECT mac FROM audit WHERE number = 2)");
	runs("", "audit verify", 0, "2 rows, all whole");
	snprintf(args, sizeof(args), "audit verify %s", head);
	runs("", args, FAILED, "row 3 is not the one");
	store_sql("UPDATE audit SET at = 0 WHERE number = 1");
	runs("", "audit verify", FAILED, "row 1 does not fit");
}

static void
submission(char name, const char *state, long ended_days_ago)
{
	char	ended[32] = "NULL";
	long	today = (long)time(NULL) / DAY;

	if (ended_days_ago >= 0)
		snprintf(ended, sizeof(ended), "%ld", (today - ended_days_ago) * DAY);
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, ended_day,"
	    " receipt, desk_key, receipt_key, body) VALUES (RPAD('%c', 16, ' '),"
	    " 'membership', 'join', '%s', 86400, %s, RPAD('%c', 32, ' '), 'k', 'r', 'b')",
	    name, state, ended, name);
	store_sql("INSERT INTO round VALUES (RPAD('%c', 16, ' '), 1, 1, 2, NULL, 1, 1, 1)",
	    name);
	store_sql("INSERT INTO elector VALUES (RPAD('%c', 16, ' '), 1, RPAD('a', 16, ' '),"
	    " 'favour', 'because', 1)", name);
}

static void
test_retain(void **state)
{
	(void)state;
	runs("", "setup", 0, LINK);
	store_sql("INSERT INTO admin VALUES (RPAD('a', 16, ' '), 'Ana', RPAD('p', 32, ' '),"
	    " RPAD('s', 16, ' '), 'w', 1)");
	submission('o', "declined", 36500);	/* long ago */
	submission('t', "declined", 0);		/* today */
	submission('w', "review", -1);		/* not ended */
	store_sql("INSERT INTO session VALUES (RPAD('x', 32, ' '), RPAD('a', 16, ' '), 'w',"
	    " 1, 2), (RPAD('y', 32, ' '), RPAD('a', 16, ' '), 'w', 1, 1 << 40)");
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, 2)");
	store_sql("INSERT INTO invitation VALUES (RPAD('x', 32, ' '), RPAD('x', 32, ' '),"
	    " NULL, 1, 2)");

	runs("", "status", 0, "1 open, the oldest waiting");
	runs("", "retain --now", USAGE, "--dry-run");
	runs("", "retain --dry-run", 0, "join\t1 due");
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"), 3);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 2);
	runs("", "retain", 0, "join\t1 erased");
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE id LIKE 'o%%'"
	    " AND body = '' AND desk_key = '' AND receipt_key = ''"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"
	    " AND desk_key = 'k' AND receipt_key = 'r'"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM elector WHERE reason IS NULL"
	    " AND vote = 'favour' AND submission LIKE 'o%%'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM elector WHERE reason IS NULL"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	runs("", "retain", 0, "sessions\t0 erased");
	assert_null(strstr(out, "join\t1"));
	runs("", "audit verify", 0, "4 rows, all whole");

	store_sql("UPDATE submission SET form = 'gone' WHERE id LIKE 't%%'");
	runs("", "retain", FAILED, "gone.xml is missing");
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"), 2);
}

const struct CMUnitTest store_operator_tests[] = {
	cmocka_unit_test_setup(test_usage, set_up),
	cmocka_unit_test_setup(test_migrate, set_up),
	cmocka_unit_test_setup(test_bad_migration, set_up),
	cmocka_unit_test_setup(test_migrate_together, set_up),
	cmocka_unit_test_setup(test_grants_follow_file, set_up),
	cmocka_unit_test_setup(test_credentials, set_up),
	cmocka_unit_test_setup(test_setup, set_up),
	cmocka_unit_test_setup(test_audit_verify, set_up),
	cmocka_unit_test_setup(test_retain, set_up),
};
const size_t store_operator_n = COUNT(store_operator_tests);
