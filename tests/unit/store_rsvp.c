/*
 * store_rsvp.c: seats: never more than there are, in the order in which they were asked for,
 * however many ask at once.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/rsvp.h"

enum { NOW = 1800000000, STARTS = NOW + 7200, CAPACITY = 5 };

static const struct id	date = { "dddddddddddddddd" };
static struct db	*db;

static int
set_up(void **state)
{
	(void)state;
	if (db == NULL)
		store_fresh(true);
	else
		talloc_free(db);
	store_sql("DELETE FROM event");
	store_sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes,"
	    " rsvp, rsvp_hours, created_at, changed_at, changed_by) VALUES (REPEAT('e', 16), 'e',"
	    " 'published', 'meeting', 'en', 'UTC', 0, 60, 1, 1, 0, 0, 'x')");
	store_sql("INSERT INTO occurrence (id, event, day, starts_at, ends_at, kind, changed_at,"
	    " capacity) VALUES (REPEAT('d', 16), REPEAT('e', 16), 0, %d, %d, 'meeting', 0, %d)",
	    STARTS, STARTS + 3600, CAPACITY);
	db = store_db(rsvp_queries, rsvp_n_queries);
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

static struct rsvp
rsvp_of(char name, enum rsvp_answer answer, int people)
{
	struct rsvp	r = { .occurrence = date, .answer = answer, .people = people,
			    .state = RSVP_STATES, .lang = "en", .channel = "web",
			    .desk_key = { "k", 1 }, .receipt_key = { "k", 1 },
			    .body = { "b", 1 }, .address = { "", 0 } };

	memset(r.id.at, name, ID_LEN);
	memset(r.receipt, name, KEY_LEN);
	return r;
}

/* "a2 b1 | c3": who is seated, and who waits, in order, with how many; and that the counts of
 * the date say the same. */
static void
assert_seats(const char *want)
{
	static const char	*const queries[] = { "seated", "waiting" };
	MYSQL			*my = store_raw(NULL);
	char			 got[512] = "", sql[256];
	size_t			 n = 0;

	for (size_t i = 0; i < COUNT(queries); i++) {
		MYSQL_RES	*rows;
		MYSQL_ROW	 row;

		snprintf(sql, sizeof(sql), "SELECT LEFT(id, 1), people FROM rsvp"
		    " WHERE state = '%s' ORDER BY number", queries[i]);
		assert_int_equal(mysql_query(my, sql), 0);
		assert_non_null(rows = mysql_store_result(my));
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s", i == 1 ? "|" : "");
		while ((row = mysql_fetch_row(rows)) != NULL)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s%s",
			    i == 1 ? " " : "", row[0], row[1]),
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%s", i == 0 ? " " : "");
		mysql_free_result(rows);
	}
	mysql_close(my);
	assert_string_equal(got, want);
	for (size_t i = 0; i < COUNT(queries); i++)
		assert_int_equal(store_number("SELECT %s FROM occurrence",
		    i == 0 ? "taken" : "waiting"),
		    store_number("SELECT COALESCE(SUM(people), 0) FROM rsvp WHERE state = '%s'",
		    queries[i]));
}

/* Whether lists say that there are no seats left. */
static bool
is_full(void)
{
	return store_number("SELECT taken >= capacity OR EXISTS (SELECT 1 FROM rsvp"
	    " WHERE state = 'waiting' AND people <= capacity) FROM occurrence") == 1;
}

/* What is done, one after the other: '+' adds, '=' changes, '-' takes back. */
static const struct {
	char			 deed, who;
	enum rsvp_answer	 answer;
	int			 people;
	enum outcome		 want;
	const char		*seats;
} steps[] = {
	{ '+', 'a', RSVP_COMING,  2, OUT_OK,       "a2 |" },
	{ '+', 'a', RSVP_COMING,  3, OUT_CONFLICT, "a2 |" },	/* the same form once more */
	{ '+', 'b', RSVP_PERHAPS, 4, OUT_OK,       "a2 |" },
	{ '+', 'c', RSVP_COMING,  2, OUT_OK,       "a2 c2 |" },
	{ '+', 'd', RSVP_COMING,  6, OUT_INVALID,  "a2 c2 |" },	/* more than there are at all */
	{ '+', 'd', RSVP_COMING,  2, OUT_OK,       "a2 c2 | d2" },
	{ '+', 'e', RSVP_COMING,  1, OUT_OK,       "a2 c2 | d2 e1" },	/* fits, but is not first */
	{ '=', 'a', RSVP_COMING,  3, OUT_LIMITED,  "a2 c2 | d2 e1" },	/* nothing is lost by asking */
	{ '=', 'e', RSVP_COMING,  6, OUT_INVALID,  "a2 c2 | d2 e1" },
	{ '=', 'd', RSVP_COMING,  3, OUT_OK,       "a2 c2 e1 | d3" },	/* to the end of the line */
	{ '=', 'd', RSVP_COMING,  1, OUT_OK,       "a2 c2 e1 | d1" },
	{ '=', 'c', RSVP_COMING,  1, OUT_OK,       "a2 c1 e1 d1 |" },
	{ '=', 'b', RSVP_COMING,  4, OUT_OK,       "a2 c1 e1 d1 | b4" },
	{ '-', 'e', 0,            0, OUT_OK,       "a2 c1 d1 | b4" },
	{ '-', 'e', 0,            0, OUT_MISSING,  "a2 c1 d1 | b4" },
	{ '=', 'e', RSVP_COMING,  1, OUT_MISSING,  "a2 c1 d1 | b4" },
	{ '=', 'a', RSVP_COMING,  3, OUT_LIMITED,  "a2 c1 d1 | b4" },	/* a seat is free, but not theirs */
	{ '=', 'a', RSVP_NOT,     2, OUT_OK,       "c1 d1 | b4" },
	{ '-', 'd', 0,            0, OUT_OK,       "c1 b4 |" },
	{ '=', 'c', RSVP_PERHAPS, 1, OUT_OK,       "b4 |" },
	{ '-', 'b', 0,            0, OUT_OK,       "|" },
	{ '=', 'a', RSVP_COMING,  5, OUT_OK,       "a5 |" },
};

static void
test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct rsvp	r = rsvp_of(steps[i].who, steps[i].answer, steps[i].people);
		bool		full = is_full();
		long		press = store_number("SELECT number FROM press WHERE id = 2");
		enum outcome	got = steps[i].deed == '+' ? rsvp_add(db, &r, NOW) :
				    steps[i].deed == '=' ? rsvp_change(db, &r, NOW) :
				    rsvp_remove(db, &r.id, NULL);

		if (got != steps[i].want)
			fail_msg("step %zu: %d, not %d", i + 1, got, steps[i].want);
		assert_seats(steps[i].seats);
		/* Those who read the list are told, and not more often than that. */
		assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"),
		    press + (is_full() != full));
	}
}

/* Who does not fit at all does not keep others from moving up; and more seats are given at
 * once. */
static enum outcome
move_up(struct db *any, void *arg)
{
	return rsvp_move_up(any, arg);
}

static void
test_more_seats(void **state)
{
	struct rsvp	r;

	(void)state;
	for (char who = 'a'; who <= 'd'; who++) {
		r = rsvp_of(who, RSVP_COMING, who == 'b' ? 5 : 3);
		r.address = (struct bytes){ who == 'd' ? "" : "m", who == 'd' ? 0 : 1 };
		assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
		assert_int_equal(r.state, who == 'a' ? RSVP_SEATED : RSVP_WAITING);
	}
	store_sql("UPDATE occurrence SET capacity = 4");
	r = rsvp_of('a', RSVP_NOT, 3);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("c3 | b5 d3");
	store_sql("UPDATE occurrence SET capacity = 9");
	assert_int_equal(db_transaction(db, move_up, (void *)&date), OUT_OK);
	assert_seats("b5 c3 | d3");
	store_sql("UPDATE occurrence SET capacity = NULL");
	assert_int_equal(db_transaction(db, move_up, (void *)&date), OUT_OK);
	assert_seats("b5 c3 d3 |");
	/* who moved up is told, if there is a way */
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE tell = 'seated'"), 2);
}

/* Nor does who does not fit at all keep others from asking; and lists say what is free. */
static void
test_more_than_fit(void **state)
{
	struct rsvp	r = rsvp_of('a', RSVP_COMING, 3);
	long		press;

	(void)state;
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	r = rsvp_of('b', RSVP_COMING, 4);
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	store_sql("UPDATE occurrence SET capacity = 3");
	press = store_number("SELECT number FROM press WHERE id = 2");
	r = rsvp_of('a', RSVP_COMING, 1);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a1 | b4");
	assert_false(is_full());
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), press + 1);
	r = rsvp_of('c', RSVP_COMING, 1);
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	assert_int_equal(r.state, RSVP_SEATED);
	assert_seats("a1 c1 | b4");
	r = rsvp_of('a', RSVP_COMING, 2);
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), press + 1);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a2 c1 | b4");
	assert_true(is_full());
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), press + 2);
	r = rsvp_of('d', RSVP_COMING, 2);
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	assert_int_equal(r.state, RSVP_WAITING);
	assert_seats("a2 c1 | b4 d2");
	/* One is free, but for those who wait. */
	r = rsvp_of('c', RSVP_NOT, 1);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a2 | b4 d2");
	assert_true(is_full());
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), press + 2);
	r = rsvp_of('d', RSVP_NOT, 1);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a2 | b4");
	assert_int_equal(store_number("SELECT number FROM press WHERE id = 2"), press + 3);
}

/* Who changes what they have seen changes nothing else. */
static void
test_seen(void **state)
{
	struct rsvp	r = rsvp_of('a', RSVP_COMING, 2);
	char		first[RSVP_MARK], second[RSVP_MARK];

	(void)state;
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	rsvp_mark(first, r.body);
	r.seen = first;
	r.people = 3;
	r.body = (struct bytes){ "other", 5 };
	rsvp_mark(second, r.body);
	assert_string_not_equal(first, second);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a3 |");
	r.people = 1;
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_CONFLICT);
	assert_int_equal(rsvp_remove(db, &r.id, first), OUT_CONFLICT);
	r.seen = "";
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_CONFLICT);
	assert_seats("a3 |");
	assert_int_equal(store_number("SELECT body = 'other' FROM rsvp"), 1);
	r.seen = second;
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_OK);
	assert_seats("a1 |");
	assert_int_equal(rsvp_remove(db, &r.id, second), OUT_OK);
	assert_int_equal(rsvp_change(db, &r, NOW), OUT_MISSING);
	assert_int_equal(rsvp_remove(db, &r.id, second), OUT_MISSING);
}

/* When nobody may come in any more, one may still go; and a host is not bound. */
static void
test_closed(void **state)
{
	static const struct { const char *sql; int64_t now; bool takes; } cases[] = {
		{ "UPDATE event SET rsvp = 1", STARTS - 3601, true },
		{ "UPDATE event SET rsvp = 1", STARTS - 3600, false },
		{ "UPDATE event SET rsvp_hours = 0", STARTS - 1, true },
		{ "UPDATE event SET rsvp_hours = 0", STARTS, false },
		{ "UPDATE event SET rsvp = 0", NOW, false },
		{ "UPDATE event SET rsvp = 1, state = 'draft'", NOW, false },
		{ "UPDATE event SET state = 'cancelled'", NOW, false },
		{ "UPDATE event SET state = 'published'", NOW, true },
		{ "UPDATE occurrence SET state = 'cancelled'", NOW, false },
		{ "UPDATE occurrence SET state = 'postponed'", NOW, false },
		{ "UPDATE occurrence SET state = 'skipped'", NOW, false },
	};
	static const struct id	host = { "hhhhhhhhhhhhhhhh" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rsvp	r = rsvp_of('a', RSVP_COMING, 2);

		store_sql("%s", cases[i].sql);
		assert_int_equal(rsvp_add(db, &r, cases[i].now),
		    cases[i].takes ? OUT_OK : OUT_LIMITED);
		if (!cases[i].takes) {
			r.entered_by = &host;
			assert_int_equal(rsvp_add(db, &r, cases[i].now), OUT_OK);
			r.entered_by = NULL;
			r.people = 3;
			assert_int_equal(rsvp_change(db, &r, cases[i].now), OUT_LIMITED);
			assert_seats("a2 |");
			r.people = 1;
			assert_int_equal(rsvp_change(db, &r, cases[i].now), OUT_OK);
			assert_seats("a1 |");
		}
		assert_int_equal(rsvp_remove(db, &r.id, NULL), OUT_OK);
	}
	{
		struct rsvp	r = rsvp_of('a', RSVP_COMING, 1);

		memset(r.occurrence.at, 'x', ID_LEN);
		assert_int_equal(rsvp_add(db, &r, NOW), OUT_MISSING);
	}
}

static void
test_find(void **state)
{
	struct rsvp	r = rsvp_of('a', RSVP_COMING, 4), found;
	struct key	lookup;
	void		*ctx = talloc_new(NULL);
	int64_t		 before = -1;

	(void)state;
	memcpy(lookup.at, r.receipt, KEY_LEN);
	assert_int_equal(rsvp_find(db, ctx, &lookup, &found), OUT_MISSING);
	assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	assert_int_equal(rsvp_find(db, ctx, &lookup, &found), OUT_OK);
	assert_memory_equal(&found.id, &r.id, ID_LEN);
	assert_memory_equal(&found.occurrence, &date, ID_LEN);
	assert_int_equal(found.answer, RSVP_COMING);
	assert_int_equal(found.state, RSVP_SEATED);
	assert_int_equal(found.people, 4);
	for (char who = 'b'; who <= 'd'; who++) {
		r = rsvp_of(who, RSVP_COMING, 2);
		assert_int_equal(rsvp_add(db, &r, NOW), OUT_OK);
	}
	memset(lookup.at, 'd', KEY_LEN);
	assert_int_equal(rsvp_find(db, ctx, &lookup, &found), OUT_OK);
	assert_int_equal(found.state, RSVP_WAITING);
	assert_int_equal(rsvp_before(db, &found, &before), OUT_OK);
	assert_int_equal(before, 4);
	talloc_free(ctx);
}

/* ---- many at once ---- */

enum { THREADS = 8, EACH = 30, MANY = 60 /* seats */ };

struct runner { struct db *db; unsigned n; bool fine; };

/* Adds, changes and takes back, each by its own number. */
static void *
run(void *arg)
{
	struct runner	*runner = arg;

	for (unsigned i = 0; i < EACH && runner->fine; i++) {
		struct rsvp	r = rsvp_of('x', RSVP_COMING, 1 + (int)(i % 3));
		enum outcome	got;

		r.id.at[0] = (unsigned char)runner->n;
		r.id.at[1] = (unsigned char)i;
		r.receipt[0] = (unsigned char)runner->n;
		r.receipt[1] = (unsigned char)i;
		got = rsvp_add(runner->db, &r, NOW);
		if (got == OUT_OK && i % 4 == 3) {
			r.people = 4 - r.people;
			got = rsvp_change(runner->db, &r, NOW);
			got = got == OUT_LIMITED ? OUT_OK : got;
		}
		if (got == OUT_OK && i % 5 == 4)
			got = rsvp_remove(runner->db, &r.id, NULL);
		runner->fine = got == OUT_OK;
	}
	return NULL;
}

static void
test_many(void **state)
{
	pthread_t	threads[THREADS];
	struct runner	runners[THREADS];

	(void)state;
	store_sql("UPDATE occurrence SET capacity = %d", MANY);
	for (unsigned i = 0; i < THREADS; i++) {
		runners[i] = (struct runner){ store_db(rsvp_queries, rsvp_n_queries), i, true };
		assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(runners[i].fine);
		talloc_free(runners[i].db);
	}
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp"), THREADS * EACH * 4 / 5);
	assert_true(store_number("SELECT taken FROM occurrence") <= MANY);
	assert_true(store_number("SELECT taken FROM occurrence") > MANY - 3);
	assert_int_equal(store_number("SELECT taken FROM occurrence"),
	    store_number("SELECT SUM(people) FROM rsvp WHERE state = 'seated'"));
	assert_int_equal(store_number("SELECT waiting FROM occurrence"),
	    store_number("SELECT SUM(people) FROM rsvp WHERE state = 'waiting'"));
	/* who is first in the line does not fit */
	assert_true(store_number("SELECT people FROM rsvp WHERE state = 'waiting'"
	    " ORDER BY number LIMIT 1") > MANY - store_number("SELECT taken FROM occurrence"));
}

const struct CMUnitTest store_rsvp_tests[] = {
	cmocka_unit_test_setup(test_order, set_up),
	cmocka_unit_test_setup(test_more_seats, set_up),
	cmocka_unit_test_setup(test_more_than_fit, set_up),
	cmocka_unit_test_setup(test_seen, set_up),
	cmocka_unit_test_setup(test_closed, set_up),
	cmocka_unit_test_setup(test_find, set_up),
	cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
};
const size_t store_rsvp_n = COUNT(store_rsvp_tests);
