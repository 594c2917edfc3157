/*
 * store_retain.c: what is kept as long as promised, and not a day longer or less.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/erase.h"
#include "openhall/retain.h"

enum { DAY = 86400, FAILED = 1, USAGE = 64 };

static const struct db_query	q_reads = { "", "ss",
	"SHOW SESSION STATUS LIKE 'Handler_read%'" };

static char		 out[8192], site[4096];
static const char	*site_was;

/* A site of our own, whose join form promises what is tested here. */
static int
set_up(void **state)
{
	(void)state;
	site_was = store.site_dir;
	snprintf(site, sizeof(site), "%s/site", store_dir());
	store_shell("rm -rf %s && cp -R %s %s && rm -f %s/forms/aid.xml %s/forms/support.xml",
	    site, site_was, site, site, site);
	store_shell("sed -i -e '/<keep /d' -e '/<form /a <keep after=\"withdrawn\" days=\"0\"/>"
	    "<keep after=\"declined\" days=\"30\"/>"
	    "<keep after=\"declined\" days=\"10\" what=\"messages\"/>"
	    "<keep after=\"accepted\" days=\"180\"/><keep after=\"never\" days=\"365\"/>"
	    "' %s/forms/join.xml", site);
	store.site_dir = site;
	store_fresh(false);
	if (store_openhall("", out, "setup") != 0)
		fail_msg("%s", out);
	store_sql("INSERT INTO admin (id, name, public_key, salt, wrapped_key, created_at)"
	    " VALUES (RPAD('a', 16, ' '), 'Ana', RPAD('p', 32, ' '), RPAD('s', 16, ' '),"
	    " 'w', 1)");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store.site_dir = site_was;
	return 0;
}

static void
runs(const char *args, int status, const char *want)
{
	int	got = store_openhall("", out, args);

	if (got != status || strstr(out, want) == NULL)
		fail_msg("openhall %s: %d, and said: %s", args, got, out);
}

enum left { KEPT, TALKED, ERASED, ENDED };	/* TALKED: all but what was talked */

/* Days ago; -1: not ended. */
static const struct { char name; const char *state; int ended, moved; enum left left; } cases[] = {
	{ 'a', "declined",  31,   31,   ERASED },
	{ 'b', "declined",  30,   400,  ERASED },
	{ 'c', "declined",  29,   400,  TALKED },
	{ 'd', "declined",  10,   10,   TALKED },
	{ 'e', "declined",  9,    400,  KEPT },
	{ 'f', "accepted",  180,  1,    ERASED },
	{ 'g', "accepted",  179,  400,  KEPT },
	{ 'h', "withdrawn", 0,    0,    ERASED },
	{ 'i', "review",    -1,   365,  ENDED },
	{ 'j', "received",  -1,   9999, ENDED },
	{ 'k', "review",    -1,   364,  KEPT },
	{ 'l', "received",  -1,   0,    KEPT },
	{ 'm', "strange",   9999, 9999, KEPT },	/* an end of which nothing is promised */
};

static void
add(char name, const char *state, int ended, int moved)
{
	static const char *const	parts[] = {
		"round VALUES (RPAD('%c', 16, ' '), 1, 1, 2, NULL, 1, 1, 1)",
		("elector VALUES (RPAD('%c', 16, ' '), 1, RPAD('a', 16, ' '), 'favour',"
		    " 'because', 1)"),
		"message VALUES (RPAD('%c', 16, ' '), 1, NULL, 'text', 1, 'm')",
		"note VALUES (RPAD('%c', 16, ' '), 1, RPAD('a', 16, ' '), 1, 'n')",
		"revision VALUES (RPAD('%c', 16, ' '), 1, 1, 'r')",
		"contact (submission, hash) VALUES (RPAD('%c', 16, ' '), RPAD('h', 32, ' '))",
		"facet VALUES (RPAD('%c', 16, ' '), 'area', 'north', 'north')",
	};
	long	today = (long)time(NULL) / DAY;
	char	when[32] = "NULL", insert[256];

	if (ended >= 0)
		snprintf(when, sizeof(when), "%ld", (today - ended) * DAY);
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, ended_day,"
	    " moved_day, receipt, desk_key, receipt_key, body, facets, filed) VALUES"
	    " (RPAD('%c', 16, ' '), 'membership', 'join', '%s', 86400, %s, %ld,"
	    " RPAD('%c', 32, ' '), 'k', 'r', 'b', 'area=north', 1)", name, state, when,
	    (today - moved) * DAY, name);
	for (size_t i = 0; i < COUNT(parts); i++) {
		char	*at;

		snprintf(insert, sizeof(insert), "%s", parts[i]);
		at = strstr(insert, "%c");
		store_sql("INSERT INTO %.*s%c%s", (int)(at - insert), insert, name, at + 2);
	}
}

static long
rows(const char *table, char name)
{
	return store_number("SELECT COUNT(*) FROM %s WHERE submission = RPAD('%c', 16, ' ')",
	    table, name);
}

static void
is_left(size_t i)
{
	static const char *const	tables[] = { "revision", "contact", "facet" };
	char				name = cases[i].name;
	enum left			left = cases[i].left;
	bool				whole = left == KEPT || left == TALKED;
	long				today = (long)time(NULL) / DAY * DAY;

	if (store_number("SELECT COUNT(*) FROM submission WHERE id = RPAD('%c', 16, ' ') AND"
	    " body = '%s' AND desk_key = '%s' AND receipt_key = '%s' AND facets = '%s'"
	    " AND state = '%s' AND receipt = RPAD('%c', 32, ' ')", name, whole ? "b" : "",
	    whole ? "k" : "", whole ? "r" : "", whole ? "area=north" : "",
	    left == ENDED ? "erased" : cases[i].state, name) != 1)
		fail_msg("%c", name);
	if (left == ENDED)
		assert_int_equal(store_number("SELECT ended_day FROM submission"
		    " WHERE id = RPAD('%c', 16, ' ')", name), today);
	for (size_t j = 0; j < COUNT(tables); j++)
		if (rows(tables[j], name) != whole)
			fail_msg("%c: %s", name, tables[j]);
	if (rows("message", name) != (left == KEPT) || rows("note", name) != (left == KEPT))
		fail_msg("%c: what was talked", name);
	if (store_number("SELECT COUNT(*) FROM elector WHERE submission = RPAD('%c', 16, ' ')"
	    " AND vote = 'favour' AND reason IS %sNULL", name, whole ? "NOT " : "") != 1)
		fail_msg("%c: reason", name);
	if (store_number("SELECT COUNT(*) FROM round WHERE submission = RPAD('%c', 16, ' ')"
	    " AND ended_at IS %sNULL", name, left == ENDED ? "NOT " : "") != 1)
		fail_msg("%c: round", name);
}

static void
test_keeps(void **state)
{
	static const char *const	says[] = { "join withdrawn\t1 ", "join declined\t2 ",
					    "join declined messages\t4 ",
					    "join accepted\t1 ", "join never\t2 " };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		add(cases[i].name, cases[i].state, cases[i].ended, cases[i].moved);
	runs("retain --now", USAGE, "--dry-run");
	runs("retain --dry-run", 0, "sessions\t0 due");
	for (size_t i = 0; i < COUNT(says); i++)
		if (strstr(out, says[i]) == NULL)
			fail_msg("not %s: %s", says[i], out);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"),
	    COUNT(cases));
	runs("retain", 0, "sessions\t0 erased");
	for (size_t i = 0; i < COUNT(cases); i++)
		is_left(i);
	/* and nothing is left for a second time */
	runs("retain", 0, "join declined\t0 erased");
	assert_non_null(strstr(out, "join declined messages\t0 erased"));
	assert_non_null(strstr(out, "join never\t0 erased"));
	for (size_t i = 0; i < COUNT(cases); i++)
		is_left(i);
	runs("audit verify", 0, "all whole");
	assert_true(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'submissions.erased' AND admin IS NULL") >= 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'messages.erased'"), 1);
}

/* What is said after the end has its own time, and is not erased before it was read. */
static void
test_said_later(void **state)
{
	static const struct { int ago; bool stays; } said[] = {
		{ 400, false }, { 20, false }, { 10, false }, { 9, true }, { 0, true },
	};
	long	today = (long)time(NULL) / DAY;

	(void)state;
	add('a', "declined", 20, 0);
	add('b', "declined", 20, 0);
	store_sql("DELETE FROM message");
	store_sql("DELETE FROM note");
	store_sql("UPDATE submission SET desk_unread = 2, holder_unread = 1");
	for (size_t i = 0; i < COUNT(said); i++) {
		long	day = (today - said[i].ago) * DAY;

		for (char name = 'a'; name <= (said[i].stays ? 'a' : 'b'); name++) {
			store_sql("INSERT INTO message VALUES (RPAD('%c', 16, ' '), %zu, NULL,"
			    " 'text', %ld, 'm')", name, i + 1, day);
			store_sql("INSERT INTO note VALUES (RPAD('%c', 16, ' '), %zu,"
			    " RPAD('a', 16, ' '), %ld, 'n')", name, i + 1, day);
		}
	}
	runs("retain --dry-run", 0, "join declined messages\t2 due");
	runs("retain", 0, "join declined messages\t2 erased");
	for (size_t i = 0; i < COUNT(said); i++) {
		assert_int_equal(store_number("SELECT COUNT(*) FROM message WHERE number = %zu",
		    i + 1), said[i].stays);
		assert_int_equal(store_number("SELECT COUNT(*) FROM note WHERE number = %zu",
		    i + 1), said[i].stays);
	}
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE"
	    " (id = RPAD('a', 16, ' ')) = (desk_unread = 2 AND holder_unread = 1)"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"), 2);
	runs("retain", 0, "join declined messages\t0 erased");
}

static void
add_digits(void)
{
	store_sql("CREATE TABLE digit (n INT PRIMARY KEY)");
	store_sql("INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
}

/* More than a page, and an exact number of pages; each with its line in the audit. */
static void
test_pages(void **state)
{
	(void)state;
	add_digits();
	for (int round = 0; round < 2; round++) {
		store_sql("INSERT INTO submission (id, desk, form, state, received_day,"
		    " ended_day, moved_day, receipt, desk_key, receipt_key, body, facets)"
		    " SELECT RPAD(CONCAT('%d', a.n, b.n, c.n), 16, ' '), 'membership', 'join',"
		    " 'declined', 0, 86400 * c.n, 0, RPAD(CONCAT('%d', a.n, b.n, c.n), 32, ' '),"
		    " 'k', 'r', 'b', '' FROM digit a, digit b, digit c"
		    " WHERE a.n * 100 + b.n * 10 + c.n < %d", round, round,
		    round == 0 ? 400 : 401);
		store_sql("DELETE FROM audit_head");
		store_sql("DELETE FROM audit");
		store_sql("INSERT INTO audit_head VALUES (1, 0, RPAD('', 32, '\\0'))");
		runs("retain", 0, round == 0 ? "join declined\t400 erased" :
		    "join declined\t401 erased");
		assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
		    " WHERE body <> '' OR desk_key <> ''"), 0);
		assert_int_equal(store_number("SELECT COUNT(*) FROM audit"), 2 + round);
	}
}

static void
test_expired(void **state)
{
	(void)state;
	store_sql("INSERT INTO session (id, admin, wrapped_key, created_at, expires_at) VALUES"
	    " (RPAD('x', 32, ' '), RPAD('a', 16, ' '), 'w', 1, 2),"
	    " (RPAD('y', 32, ' '), RPAD('a', 16, ' '), 'w', 1, 1 << 40)");
	/* the last is counted with what fails within an hour */
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, UNIX_TIMESTAMP() - 3600),"
	    " (RPAD('y', 32, ' '), 1, UNIX_TIMESTAMP() - 3300)");
	store_sql("INSERT INTO invitation VALUES (RPAD('x', 32, ' '), RPAD('x', 32, ' '),"
	    " NULL, 1, 2)");
	store_sql("INSERT INTO invitation_key VALUES (RPAD('x', 32, ' '), 'aid', 's')");
	runs("retain --dry-run", 0, "sessions\t1 due\ninvitations\t1 due\nthrottles\t1 due\n");
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 2);
	runs("retain", 0, "sessions\t1 erased\ninvitations\t1 erased\nthrottles\t1 erased\n");
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle WHERE bucket LIKE 'y%%'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation_key WHERE"
	    " invitation = RPAD('x', 32, ' ')"), 0);
}

/* What a form that is gone had promised nobody knows: all else is done. */
static void
test_missing_form(void **state)
{
	(void)state;
	add('a', "declined", 100, 100);
	add('b', "declined", 100, 100);
	store_sql("UPDATE submission SET form = 'gone' WHERE id LIKE 'a%%'");
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, 2)");
	runs("retain", FAILED, "form=gone");
	assert_non_null(strstr(out, "join declined\t1 erased"));
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE body = 'b'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle"), 0);
	/* erased already, it does not matter */
	store_sql("UPDATE submission SET body = '', desk_key = '' WHERE id LIKE 'a%%'");
	runs("retain", 0, "join declined\t0 erased");
}

/* ---- guests ---- */

/* A date that ends `hours` from now. */
static void
add_date(char name, int hours)
{
	store_sql("INSERT IGNORE INTO event (id, slug, kind, lang, zone, starts_wall, minutes,"
	    " created_at, changed_at, changed_by) VALUES (REPEAT('e', 16), 'e', 'meeting', 'en',"
	    " 'UTC', 0, 60, 0, 0, 'x')");
	store_sql("INSERT INTO occurrence (id, event, day, starts_at, ends_at, kind, changed_at)"
	    " VALUES (REPEAT('%c', 16), REPEAT('e', 16), %d, 0, UNIX_TIMESTAMP() + 3600 * %d,"
	    " 'meeting', 0)", name, name, hours);
}

#define GUEST	"INSERT INTO rsvp (id, occurrence, number, answer, state, people, lang, receipt," \
		" desk_key, receipt_key, body, address, tell) "
#define WHO	"'coming', 'seated', 1, 'en'"
#define TOLD	"'k', 'r', 'b', 'sealed', 'changed'"

/* So many, below 10,000, to a date. */
static void
add_guests(char date, int n)
{
	store_sql(GUEST "SELECT " STORE_ID("CONCAT('%c', w.n)") ", REPEAT('%c', 16), w.n, " WHO ","
	    " RPAD(CONCAT('%c', w.n), 32, ' '), " TOLD " FROM (SELECT 1 + a.n + 10 * b.n +"
	    " 100 * c.n + 1000 * d.n AS n FROM digit a, digit b, digit c, digit d) w"
	    " WHERE w.n <= %d", date, date, date, n);
}

static long
guests(char date, const char *which)
{
	return store_number("SELECT COUNT(*) FROM rsvp WHERE occurrence = REPEAT('%c', 16)"
	    " AND %s", date, which);
}

/* As somebody else, who has not finished. */
static MYSQL *
hold(const char *const sql[], size_t n)
{
	MYSQL	*my = store_raw(NULL);

	assert_int_equal(mysql_query(my, "SET innodb_lock_wait_timeout = 1"), 0);
	assert_int_equal(mysql_query(my, "START TRANSACTION"), 0);
	for (size_t i = 0; i < n; i++) {
		if (mysql_query(my, sql[i]) != 0)
			fail_msg("%s: %s", sql[i], mysql_error(my));
		mysql_free_result(mysql_store_result(my));
	}
	return my;
}

static void
let_go(MYSQL *my, const char *how)
{
	assert_int_equal(mysql_query(my, how), 0);
	mysql_close(my);
}

static int
set_up_guests(void **state)
{
	set_up(state);
	add_digits();
	return 0;
}

/* Who asks for a seat, or stands in line for one, is not waited for, and does not wait. */
static void
test_nobody_waits(void **state)
{
	static const char *const	asks[] = {
		"SELECT id FROM occurrence WHERE id = REPEAT('c', 16) FOR UPDATE",
		GUEST "VALUES ('', REPEAT('c', 16), 9000, " WHO ", 'first', " TOLD ")",
		GUEST "VALUES (REPEAT('~', 16), REPEAT('c', 16), 9001, " WHO ", 'last', " TOLD ")",
		"UPDATE rsvp SET people = 2 WHERE occurrence = REPEAT('c', 16) AND number = 1",
		"INSERT INTO session VALUES (REPEAT('~', 32), RPAD('a', 16, ' '), 'w', 1, 1, 0)",
		"INSERT INTO throttle VALUES (REPEAT('~', 32), 1, 1)",
		"INSERT INTO throttle VALUES ('', 1, 1)",
	};
	MYSQL	*visitor;

	(void)state;
	add_date('a', -25);
	add_date('b', -31 * 24);
	add_date('c', 24);
	for (char date = 'a'; date <= 'c'; date++)
		add_guests(date, 30);
	store_sql("INSERT INTO throttle VALUES (RPAD('x', 32, ' '), 1, 2)");
	visitor = hold(asks, COUNT(asks));
	runs("retain", 0, "throttles\t1 erased\naddresses\t60 erased\nrsvps\t30 erased\n");
	let_go(visitor, "COMMIT");
	assert_int_equal(guests('a', "address = '' AND tell = '' AND body = 'b'"), 30);
	assert_int_equal(guests('b', "1 = 1"), 0);
	assert_int_equal(guests('c', "address = 'sealed'"), 32);
}

static void *
retain(void *arg)
{
	char	said[8192];

	(void)arg;
	return store_openhall("", said, "retain") == 0 ? arg : NULL;
}

/* While it waits itself, in the middle of a page, others go on; and a date that was put off
 * meanwhile is not over. */
static void
test_held(void **state)
{
	static const char *const	last[] = {
		"SELECT id FROM rsvp WHERE occurrence = REPEAT('a', 16) AND number = 30 FOR UPDATE",
	}, *const put_off[] = {
		"UPDATE occurrence SET ends_at = UNIX_TIMESTAMP() + 3600 WHERE id = REPEAT('b', 16)",
	}, *const asks[] = {
		"SELECT id FROM occurrence WHERE id = REPEAT('c', 16) FOR UPDATE",
		GUEST "VALUES ('', REPEAT('c', 16), 9000, " WHO ", 'first', " TOLD ")",
		GUEST "VALUES (REPEAT('~', 16), REPEAT('c', 16), 9001, " WHO ", 'last', " TOLD ")",
		"UPDATE rsvp SET people = 2 WHERE occurrence = REPEAT('c', 16) AND number = 1",
	};
	MYSQL		*holds[2];
	pthread_t	 thread;
	void		*done;

	(void)state;
	for (char date = 'a'; date <= 'c'; date++) {
		add_date(date, date == 'c' ? 24 : -25);
		add_guests(date, 30);
	}
	holds[0] = hold(last, 1);
	holds[1] = hold(put_off, 1);
	assert_int_equal(pthread_create(&thread, NULL, retain, state), 0);
	while (store_number("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE"
	    " 'UPDATE rsvp%%'") == 0)
		usleep(20000);
	let_go(hold(asks, COUNT(asks)), "COMMIT");
	let_go(holds[0], "ROLLBACK");
	while (store_number("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE"
	    " 'SELECT ends_at%%'") == 0)
		usleep(20000);
	let_go(holds[1], "COMMIT");
	assert_int_equal(pthread_join(thread, &done), 0);
	assert_non_null(done);
	assert_int_equal(guests('a', "address = ''"), 30);
	assert_int_equal(guests('b', "address = 'sealed'"), 30);
	assert_int_equal(guests('c', "address = 'sealed'"), 32);
}

static long
rows_read(struct db *db)
{
	struct db_rows	rows;
	long		n = 0;

	assert_int_equal(db_all_values(db, db, &q_reads, &rows, NULL, 0), OUT_OK);
	for (size_t i = 0; i < rows.n; i++)
		n += strtol(rows.at[i].at[1].bytes.data, NULL, 10);
	talloc_free(rows.at);
	return n;
}

static void
nothing(void *arg, const char *what, int64_t n)
{
	(void)arg;
	(void)what;
	(void)n;
}

/* Cut short, it goes on where it was; however many come to another date, they are not read. */
static void
test_many_guests(void **state)
{
	const struct settings	*settings = settings_read(store_conf());
	const struct db_set	 sets[] = {
		{ &q_reads, 1 }, { retain_queries, retain_n_queries },
		{ erase_queries, erase_n_queries }, { audit_queries, audit_n_queries },
	};
	struct db		*db = db_new(NULL, settings, store.db_owner, sets, COUNT(sets));
	struct key		 audit;
	long			 before;

	(void)state;
	add_date('a', -25);
	add_date('b', -31 * 24);
	add_date('c', 24);
	add_guests('a', 401);
	add_guests('b', 400);
	add_guests('c', 5000);
	store_sql("ANALYZE TABLE rsvp");
	store_sql("CREATE TRIGGER full BEFORE UPDATE ON rsvp FOR EACH ROW IF NEW.number = 250 THEN"
	    " SIGNAL SQLSTATE '45000'; END IF");
	runs("retain", FAILED, "throttles\t0 erased");
	assert_int_equal(guests('a', "address = ''"), 200);
	store_sql("DROP TRIGGER full");
	runs("retain --dry-run", 0, "addresses\t601 due\nrsvps\t400 due\n");
	seal_read_key(&audit, settings->key_dir, "audit.key");
	db_write(db, true);
	before = rows_read(db);
	assert_int_equal(retain_run(db, settings, &audit, (int64_t)time(NULL), false, nothing,
	    NULL), OUT_OK);
	assert_in_range(rows_read(db) - before, 1000, 4500);
	assert_int_equal(guests('a', "address = '' AND body = 'b'"), 401);
	assert_int_equal(guests('b', "1 = 1"), 0);
	assert_int_equal(guests('c', "address = 'sealed'"), 5000);
	runs("retain", 0, "addresses\t0 erased\nrsvps\t0 erased\n");
	talloc_free(db);
	talloc_free((void *)(uintptr_t)settings);
}

/* A day after a date nobody is written to about it. */
static void
test_addresses(void **state)
{
	static const struct { char name; int hours; } over[] = {
		{ 'a', -25 }, { 'b', -23 }, { 'c', 1 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(over); i++) {
		add_date(over[i].name, over[i].hours);
		store_sql(GUEST "VALUES (REPEAT('%c', 16), REPEAT('%c', 16), 1, " WHO ", '%c', " TOLD
		    ")", over[i].name, over[i].name, over[i].name);
	}
	runs("retain --dry-run", 0, "addresses\t1 due\nrsvps\t0 due\n");
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE address <> ''"), 3);
	runs("retain", 0, "addresses\t1 erased\nrsvps\t0 erased\n");
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE address <> ''"
	    " AND tell = 'changed' AND LEFT(id, 1) IN ('b', 'c')"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE address = '' AND tell = ''"
	    " AND body = 'b' AND LEFT(id, 1) = 'a'"), 1);
	store_sql("DELETE FROM event");
}

/* Nor does anybody know of guests, once the form is gone that they were asked with. */
static void
test_missing_rsvp(void **state)
{
	(void)state;
	store_shell("rm %s/forms/rsvp.xml", site);
	runs("retain", 0, "rsvps\t0 erased");		/* nobody was asked */
	add_date('a', -999 * 24);
	store_sql(GUEST "VALUES (REPEAT('a', 16), REPEAT('a', 16), 1, " WHO ", 'a', " TOLD ")");
	runs("retain --dry-run", FAILED, "form=rsvp");
	runs("retain", FAILED, "form=rsvp");
	assert_non_null(strstr(out, "addresses\t1 erased\nrsvps\t0 erased\n"));
	assert_int_equal(guests('a', "address = '' AND body = 'b'"), 1);
	store_shell("cp %s/forms/rsvp.xml %s/forms/", site_was, site);
	runs("retain", 0, "rsvps\t1 erased");
	store_sql("DELETE FROM event");
}

const struct CMUnitTest store_retain_tests[] = {
	cmocka_unit_test_setup_teardown(test_keeps, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_said_later, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_expired, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_addresses, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_nobody_waits, set_up_guests, tear_down),
	cmocka_unit_test_setup_teardown(test_held, set_up_guests, tear_down),
	cmocka_unit_test_setup_teardown(test_many_guests, set_up_guests, tear_down),
	cmocka_unit_test_setup_teardown(test_missing_form, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_missing_rsvp, set_up, tear_down),
};
const size_t store_retain_n = COUNT(store_retain_tests);
