/*
 * store_spread.c: the dates of an event as rows: what a rule gives, what becomes of them when it
 * is changed, and what stays as somebody has set it by hand.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/event.h"
#include "openhall/when.h"

static const struct id	event = { "eeeeeeeeeeeeeeee" };
static struct db	*db;

static int
set_up(void **state)
{
	(void)state;
	if (db == NULL) {
		store_fresh(true);
		db = store_db(event_spread_queries, event_spread_n_queries);
	}
	store_sql("DELETE FROM event");
	store_sql("UPDATE press SET number = 0 WHERE id = 2");
	/* a Tuesday in New York, two weeks before the clocks there change */
	store_sql("INSERT INTO event (id, slug, state, kind, unit, area, lang, zone, starts_wall,"
	    " minutes, capacity, created_at, changed_at, changed_by) VALUES (REPEAT('e', 16), 'e',"
	    " 'published', 'education', 'docks', 'north', 'en', 'America/New_York', %lld, 90, 20,"
	    " 0, 0, 'x')", (long long)calendar_at(2026, 10, 20, 18, 30));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	db = NULL;
	return 0;
}

static int64_t
at(int month, int day, int hour)
{
	return calendar_utc("America/New_York", calendar_at(2026, month, day, hour, 0));
}

static enum outcome
work(struct db *any, void *arg)
{
	void		*ctx = talloc_new(NULL);
	enum outcome	 got = event_spread(any, ctx, &event, *(int64_t *)arg);

	talloc_free(ctx);
	return got;
}

static void
spread(int64_t now)
{
	assert_int_equal(db_transaction(db, work, &now), OUT_OK);
}

static void
rule(const char *text)
{
	store_sql("UPDATE event SET rule = '%s'", text);
}

/* Each row's day, when it begins in UTC, and what it is if not planned. */
static void
assert_dates(const char *want)
{
	MYSQL		*my = store_raw(NULL);
	MYSQL_RES	*rows;
	MYSQL_ROW	 row;
	char		 got[2048] = "";
	size_t		 n = 0;

	assert_int_equal(mysql_query(my, "SELECT day, DATE_FORMAT(DATE_ADD('1970-01-01',"
	    " INTERVAL starts_at SECOND), '%d.%m %H:%i'), IF(state = 'planned', '',"
	    " CONCAT(' ', state)), (ends_at - starts_at) / 60 = 90 FROM occurrence"
	    " ORDER BY starts_at, day"), 0);
	assert_non_null(rows = mysql_store_result(my));
	while ((row = mysql_fetch_row(rows)) != NULL) {
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s %s%s%s", n > 0 ? ", " : "",
		    row[0], row[1], row[2], strcmp(row[3], "1") == 0 ? "" : " of another length");
	}
	mysql_free_result(rows);
	mysql_close(my);
	assert_string_equal(got, want);
}

static void
come(int day)
{
	store_sql("INSERT INTO rsvp (id, occurrence, number, answer, state, people, lang,"
	    " receipt, desk_key, receipt_key, body, address) SELECT REPEAT('r', 16), id, 1,"
	    " 'coming', 'seated', 1, 'en', 'r', '', '', '', 'a' FROM occurrence WHERE day = %d",
	    day);
}

static void
test_one(void **state)
{
	(void)state;
	spread(at(10, 1, 12));
	assert_dates("0 20.10 22:30");
	assert_int_equal(store_number("SELECT shown = 1 AND kind = 'education' AND unit = 'docks'"
	    " AND area = 'north' AND online = 0 AND capacity = 20 FROM occurrence"), 1);
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), 1);
	/* again: nothing that anybody could see */
	spread(at(10, 1, 12));
	assert_dates("0 20.10 22:30");
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), 1);
	assert_int_equal(store_number("SELECT sequence FROM occurrence"), 0);
	/* another time: who comes is told */
	come(0);
	store_sql("UPDATE event SET starts_wall = %lld, capacity = NULL, area = 'south'",
	    (long long)calendar_at(2026, 11, 3, 18, 30));
	spread(at(10, 1, 12));
	assert_dates("0 03.11 23:30");
	assert_int_equal(store_number("SELECT sequence FROM occurrence"), 1);
	assert_int_equal(store_number("SELECT capacity IS NULL AND area = 'south'"
	    " FROM occurrence"), 1);
	assert_int_equal(store_number("SELECT tell = 'changed' FROM rsvp"), 1);
	/* also when it is over: it is to be on another day after all */
	store_sql("UPDATE event SET starts_wall = %lld",
	    (long long)calendar_at(2026, 11, 10, 18, 30));
	spread(at(11, 5, 12));
	assert_dates("0 10.11 23:30");
}

static void
test_series(void **state)
{
	(void)state;
	rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=4");
	spread(at(10, 1, 12));
	/* the wall clock stays while the clocks change */
	assert_dates("20261020 20.10 22:30, 20261103 03.11 23:30, 20261117 17.11 23:30,"
	    " 20261201 01.12 23:30");
	/* one skipped, one moved, one cancelled: they stay so */
	store_sql("UPDATE occurrence SET state = 'skipped', shown = 0 WHERE day = 20261103");
	store_sql("UPDATE occurrence SET own = 1, starts_at = starts_at + 86400, ends_at ="
	    " ends_at + 86400 WHERE day = 20261117");
	store_sql("UPDATE occurrence SET state = 'cancelled' WHERE day = 20261201");
	store_sql("UPDATE occurrence SET placed = 1, area = 'west' WHERE day = 20261201");
	store_sql("UPDATE event SET area = 'south'");
	spread(at(10, 1, 13));
	assert_dates("20261020 20.10 22:30, 20261103 03.11 23:30 skipped, 20261117 18.11 23:30,"
	    " 20261201 01.12 23:30 cancelled");
	assert_int_equal(store_number("SELECT GROUP_CONCAT(shown ORDER BY day SEPARATOR '')"
	    " FROM occurrence"), 1011);
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE area = 'west'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE area = 'south'"), 3);
	/* an hour later for all: not for what was moved by hand */
	store_sql("UPDATE event SET starts_wall = starts_wall + 3600");
	spread(at(10, 1, 13));
	assert_dates("20261020 20.10 23:30, 20261103 04.11 00:30 skipped, 20261117 18.11 23:30,"
	    " 20261201 02.12 00:30 cancelled");
}

/* What is over stays as it was; what is to come follows the rule, unless somebody counts on
 * it. */
static void
test_other_rule(void **state)
{
	(void)state;
	rule("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=5");
	spread(at(10, 1, 12));
	assert_dates("20261020 20.10 22:30, 20261027 27.10 22:30, 20261103 03.11 23:30,"
	    " 20261110 10.11 23:30, 20261117 17.11 23:30");
	come(20261110);
	rule("FREQ=MONTHLY;INTERVAL=1;BYDAY=3TU;COUNT=3");
	spread(at(10, 30, 12));
	assert_dates("20261020 20.10 22:30, 20261027 27.10 22:30, 20261110 10.11 23:30 cancelled,"
	    " 20261117 17.11 23:30, 20261215 15.12 23:30");
	assert_int_equal(store_number("SELECT tell = 'cancelled' FROM rsvp"), 1);
	/* who was told once is not told again */
	store_sql("UPDATE rsvp SET tell = ''");
	spread(at(10, 30, 12));
	assert_int_equal(store_number("SELECT tell = '' FROM rsvp"), 1);
}

/* From one date to several and back, who comes to it comes to the same. */
static void
test_one_and_several(void **state)
{
	(void)state;
	spread(at(10, 1, 12));
	come(0);
	rule("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=3");
	spread(at(10, 1, 12));
	assert_dates("20261020 20.10 22:30, 20261027 27.10 22:30, 20261103 03.11 23:30");
	assert_int_equal(store_number("SELECT day FROM occurrence JOIN rsvp"
	    " ON rsvp.occurrence = occurrence.id"), 20261020);
	rule("");
	spread(at(10, 1, 12));
	assert_dates("0 20.10 22:30");
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp"), 1);
}

/* Endless ones reach so far, and further as time goes by; a draft is rewritten whole, and is
 * shown to nobody; nor is one by link. */
static void
test_reach(void **state)
{
	long n;

	(void)state;
	rule("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU");
	spread(at(10, 1, 12));
	n = store_number("SELECT COUNT(*) FROM occurrence");
	assert_in_range(n, (EVENT_AHEAD_DAYS - 21) / 7, EVENT_AHEAD_DAYS / 7);
	spread(at(11, 12, 12));
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence"), n + 6);
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE shown = 0"), 0);
	store_sql("UPDATE event SET visibility = 'link'");
	spread(at(11, 12, 12));
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE shown = 1"), 0);
	store_sql("UPDATE event SET visibility = 'public', state = 'draft'");
	rule("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=2");
	spread(at(11, 12, 12));
	assert_dates("20261020 20.10 22:30, 20261027 27.10 22:30");
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE shown = 1"), 0);
}

const struct CMUnitTest store_spread_tests[] = {
	cmocka_unit_test_setup(test_one, set_up),
	cmocka_unit_test_setup(test_series, set_up),
	cmocka_unit_test_setup(test_other_rule, set_up),
	cmocka_unit_test_setup(test_one_and_several, set_up),
	cmocka_unit_test_setup_teardown(test_reach, set_up, tear_down),
};
const size_t store_spread_n = COUNT(store_spread_tests);
