/*
 * store_courier.c: the courier as it is run, two at a time, beside a real store.
 */
#include "store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "openhall/spool.h"

enum { DAY = 86400 };

static int
set_up(void **state)
{
	char	out[8192];

	(void)state;
	store_fresh(false);
	if (store_openhall("", out, "setup") != 0)
		fail_msg("%s", out);
	/* what is old here is not to be erased */
	store_sql("UPDATE duty SET next_at = UNIX_TIMESTAMP() + 86400 WHERE name = 'retain'");
	return 0;
}

static pid_t	couriers[2];

static void
start(int n)
{
	char	path[4096], log[4096];

	snprintf(path, sizeof(path), "%s/courier", store_build());
	snprintf(log, sizeof(log), "%s/courier.log", store_dir());
	for (int i = 0; i < n; i++) {
		if ((couriers[i] = fork()) == 0) {
			/* It ends with this program, however that ends. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (freopen(log, "a", stderr) != NULL)
				execl(path, path, "-c", store_conf(), (char *)NULL);
			_exit(127);
		}
		assert_true(couriers[i] > 0);
	}
}

/* Each leaves at once, and well. */
static void
leave(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t	gone = 0;
		int	status = -1;

		assert_int_equal(kill(couriers[i], SIGTERM), 0);
		for (int j = 0; j < 300 && gone == 0; j++) {
			gone = waitpid(couriers[i], &status, WNOHANG);
			usleep(10000);
		}
		assert_int_equal(gone, couriers[i]);
		couriers[i] = 0;
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

/* Also after a test that failed. */
static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(couriers); i++)
		if (couriers[i] > 0) {
			kill(couriers[i], SIGKILL);
			waitpid(couriers[i], NULL, 0);
			couriers[i] = 0;
		}
	return 0;
}

/* Wait until `sql` counts `n`, at most some seconds. */
static void
becomes(long n, const char *sql)
{
	long	got = -1;

	for (int i = 0; i < 100 && got != n; i++) {
		got = store_number("%s", sql);
		if (got != n)
			usleep(100000);
	}
	if (got != n)
		fail_msg("%s: %ld, not %ld", sql, got, n);
}

static struct submission
sample(char name, const struct desk *desk, const char *facets)
{
	static const unsigned char	body[BODY_BLOCK];
	struct submission		s = {
		.desk = desk, .state = desk->decides ? "received" : "needed",
		.kind = desk->decides ? "" : "ask", .received_day = DAY, .urgency = 1,
		.body = { body, sizeof(body) }, .facets = facets,
	};

	memset(s.id.at, name, sizeof(s.id.at));
	memset(s.receipt, name, sizeof(s.receipt));
	return s;
}

static void
test_spool(void **state)
{
	struct submission	s = sample('a', &desks[DESK_AID],
				    "area=north&need=food&need=ride&need=food");
	struct spool_report	report;

	(void)state;
	assert_int_equal(spool_put(&store, &s), OUT_OK);
	for (char name = 'b'; name < 'b' + 10; name++) {
		s = sample(name, &desks[name % 2 ? DESK_MEMBERSHIP : DESK_SUPPORTERS], "");
		assert_int_equal(spool_put(&store, &s), OUT_OK);
	}
	/* this one is stored already: its COMMIT arrived, the answer did not */
	store_sql("INSERT INTO submission (id, desk, form, received_day, receipt, desk_key,"
	    " receipt_key, body) VALUES (REPEAT('b', 16), 'supporters', 'support', 1,"
	    " REPEAT('b', 32), 'k', 'r', 'stays')");
	store_shell("echo odd >%s/aid/$(printf '%%064d' 1)", store.spool_dir);

	start(2);
	becomes(11, "SELECT COUNT(*) FROM submission");
	becomes(0, "SELECT COUNT(*) FROM submission WHERE filed = 0");
	for (int i = 0; i < 50 && spool_count(&store, &report) == OUT_OK &&
	    report.waiting > 0; i++)
		usleep(100000);
	assert_int_equal(report.waiting, 0);
	assert_int_equal(report.bad, 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'stays'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE"
	    " id = REPEAT('a', 16) AND desk = 'aid' AND form = 'aid' AND state = 'needed' AND"
	    " kind = 'ask' AND urgency = 1 AND received_day = 86400 AND moved_day = 86400 AND"
	    " receipt = REPEAT('a', 32) AND LENGTH(body) = %d", BODY_BLOCK), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet WHERE area = 'north'"), 3);
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet WHERE name = 'need' AND"
	    " value IN ('food', 'ride') AND submission = REPEAT('a', 16)"), 2);
	leave(2);
}

static void
test_facets(void **state)
{
	static const char	long_one[] = "need=a-value-that-is-longer-than-the-column-of-it"
				    "&area=south&a-name-that-is-too-long=x&%zz";

	(void)state;
	for (char name = 'a'; name <= 'd'; name++)
		store_sql("INSERT INTO submission (id, desk, form, state, received_day,"
		    " ended_day, receipt, desk_key, receipt_key, body, facets) VALUES"
		    " (REPEAT('%c', 16), 'aid', 'aid', '%s', 1, %s, REPEAT('%c', 32), 'k',"
		    " 'r', 'b', 'area=north&need=food')", name,
		    name == 'a' ? "started" : name == 'b' ? "accepted" : "complete",
		    name == 'a' ? "NULL" : "1", name);
	store_sql("UPDATE submission SET facets = '%.*s' WHERE id = REPEAT('d', 16)",
	    (int)(sizeof(long_one) - 5), long_one);
	store_sql("UPDATE submission SET state = 'needed', ended_day = NULL"
	    " WHERE id = REPEAT('d', 16)");
	store_sql("INSERT INTO facet VALUES (REPEAT('c', 16), 'need', 'ride', 'north')");
	start(1);
	becomes(0, "SELECT COUNT(*) FROM submission WHERE filed = 0");
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet"
	    " WHERE submission IN (REPEAT('a', 16), REPEAT('b', 16))"), 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet"
	    " WHERE submission = REPEAT('c', 16)"), 0);
	/* what does not fit is left out, and keeps nobody else waiting */
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet WHERE name = 'area' AND"
	    " value = 'south' AND submission = REPEAT('d', 16)"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet"), 5);

	store_sql("UPDATE submission SET facets = 'area=west', filed = 0"
	    " WHERE id = REPEAT('a', 16)");
	becomes(1, "SELECT COUNT(*) FROM facet WHERE submission = REPEAT('a', 16)"
	    " AND area = 'west'");
	store_sql("UPDATE submission SET facets = '%%zz', filed = 0"
	    " WHERE id = REPEAT('a', 16)");
	becomes(0, "SELECT COUNT(*) FROM facet WHERE submission = REPEAT('a', 16)");
	store_sql("UPDATE submission SET state = 'complete', ended_day = 1, filed = 0"
	    " WHERE id = REPEAT('d', 16)");
	becomes(0, "SELECT COUNT(*) FROM facet WHERE submission = REPEAT('d', 16)");
	leave(1);
}

static void
test_reminders(void **state)
{
	static const struct {
		char		 name;
		const char	*kind, *state;
		bool		 suspect, ended;
		int		 moved, asked;	/* days ago; asked -1: not */
		bool		 is_asked, is_sunk;
	} cases[] = {
		{ 'a', "ask",	"needed",   false, false, 366, -1, true,  false },
		{ 'b', "ask",	"assigned", false, false, 366, -1, true,  false },
		{ 'c', "ask",	"needed",   false, false, 0,   -1, false, false },
		{ 'd', "offer",	"offered",  false, false, 366, -1, false, false },
		{ 'e', "ask",	"needed",   true,  false, 366, -1, false, false },
		{ 'f', "ask",	"complete", false, true,  366, -1, false, false },
		{ 'g', "ask",	"needed",   false, false, 800, 91, true,  true },
		{ 'h', "ask",	"needed",   false, false, 800, 0,  true,  false },
		{ 'i', "ask",	"complete", false, true,  800, 91, true,  false },
	};
	long	today = (long)time(NULL) / DAY * DAY;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char	asked[32] = "NULL";

		if (cases[i].asked >= 0)
			snprintf(asked, sizeof(asked), "%ld", today - cases[i].asked * DAY);
		store_sql("INSERT INTO submission (id, desk, form, kind, state, suspect,"
		    " received_day, moved_day, ended_day, asked_day, receipt, desk_key,"
		    " receipt_key, body) VALUES (REPEAT('%c', 16), 'aid', 'aid', '%s', '%s',"
		    " %d, 1, %ld, %s, %s, REPEAT('%c', 32), 'k', 'r', 'b')", cases[i].name,
		    cases[i].kind, cases[i].state, cases[i].suspect,
		    today - cases[i].moved * DAY, cases[i].ended ? "1" : "NULL", asked,
		    cases[i].name);
	}
	start(2);
	becomes(1, "SELECT sunk FROM submission WHERE id = REPEAT('g', 16)");
	becomes(2, "SELECT COUNT(*) FROM submission WHERE id IN (REPEAT('a', 16),"
	    " REPEAT('b', 16)) AND asked_day IS NOT NULL");
	leave(2);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (store_number("SELECT COUNT(*) FROM submission WHERE"
		    " id = REPEAT('%c', 16) AND sunk = %d AND holder_unread = 0 AND"
		    " asked_day IS %sNULL", cases[i].name, cases[i].is_sunk,
		    cases[i].is_asked ? "NOT " : "") != 1)
			fail_msg("%c", cases[i].name);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
	    " WHERE asked_day = %ld", today), 3);
}

/* A duty that another has taken is left alone, and one that is due is done and moved on. */
static void
test_duties(void **state)
{
	(void)state;
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, 2)");
	store_sql("INSERT INTO census VALUES ('need', 'food', '', 9)");
	start(1);
	becomes(0, "SELECT COUNT(*) FROM census");
	becomes(1, "SELECT COUNT(*) FROM duty WHERE name = 'remind' AND next_at >"
	    " UNIX_TIMESTAMP() + 3500 AND next_at <= UNIX_TIMESTAMP() + 3600");
	becomes(1, "SELECT COUNT(*) FROM duty WHERE name = 'census' AND next_at >"
	    " UNIX_TIMESTAMP() + 40 AND next_at <= UNIX_TIMESTAMP() + 60");
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle"), 1);
	store_sql("UPDATE duty SET next_at = 0 WHERE name = 'retain'");
	becomes(0, "SELECT COUNT(*) FROM throttle");
	/* The clock was a year ahead, and is right again. */
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, 2)");
	store_sql("UPDATE duty SET next_at = UNIX_TIMESTAMP() + 366 * 86400"
	    " WHERE name = 'retain'");
	becomes(0, "SELECT COUNT(*) FROM throttle");
	becomes(1, "SELECT COUNT(*) FROM duty WHERE name = 'retain' AND next_at <="
	    " UNIX_TIMESTAMP() + 3600");
	leave(1);
}

const struct CMUnitTest store_courier_tests[] = {
	cmocka_unit_test_setup_teardown(test_spool, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_facets, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_reminders, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_duties, set_up, tear_down),
};
const size_t store_courier_n = COUNT(store_courier_tests);
