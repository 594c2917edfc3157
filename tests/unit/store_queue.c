/*
 * store_queue.c: the lists of a desk are whole and in order, page after page, and neither
 * they nor finding a person read more than they show, however much is stored.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "../../cgi/admin/lists.h"
#include "openhall/person.h"
#include "openhall/retain.h"
#include "openhall/when.h"

#define TODAY		((int64_t)20000 * DAY)
#define ME		"mmmmmmmmmmmmmmmm"

extern const struct db_query	queue_queries[];
extern const size_t		queue_n_queries;

enum { REMIND_DAYS = 7, SMALL = 2048, LARGE = 16384, PAGES_MOST = 40 };

/* What one page may read: each row in the index, as a row, its assignee, and as it is given
 * on; and what one count may: each row in the index, and as it is counted. */
enum { PAGE_READS = 5 * (LIST_ROWS + 1) + 10, COUNT_READS = 2 * (LIST_COUNTED + 1) + 10 };

static const struct db_query watch_queries[] = {	/* takes, gives, sql */
	{ "", "SS", "SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'" },
};

static const struct form_keep keeps[] = {
	{ "accepted", 90, false }, { "accepted", 5, true }, { "declined", 30, false },
	{ "withdrawn", 0, false }, { "complete", 60, false }, { "duplicate", 60, false },
	{ "passedon", 20, false }, { "never", 180, false },
};
static const struct form	form = { .n_keeps = COUNT(keeps), .keeps = keeps };
static struct db		*db;

/* ---- what is stored ---- */

/* As the program's own account.  n: whole numbers. */
static int
set_up(void **state)
{
	const struct db_set	sets[] = {
		{ queue_queries, queue_n_queries },
		{ person_queries, person_n_queries },
		{ watch_queries, COUNT(watch_queries) },
	};

	(void)state;
	store_fresh(true);
	store_sql("CREATE TABLE n (i INT NOT NULL PRIMARY KEY)");
	store_sql("INSERT INTO n VALUES (0)");
	for (int i = 1; i < LARGE; i *= 2)
		store_sql("INSERT INTO n SELECT i + %d FROM n", i);
	store_sql("INSERT INTO admin (id, name, public_key, salt, wrapped_key, created_at)"
	    " VALUES ('" ME "', 'Mai', REPEAT('p', 32), REPEAT('s', 16), 'k', 0)");
	assert_non_null(db = db_new(NULL, &store, "openhall_admin", sets, COUNT(sets)));
	db_write(db, true);
	assert_int_equal(db_check(db), OUT_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	return 0;
}

/* `many` submissions at each of two desks, of every kind there is, in no order.  Of seven
 * days received on each there are many, so that a page ends among equal ones. */
static void
fill(int many)
{
	store_sql("INSERT INTO submission (id, desk, form, state, kind, urgency, suspect,"
	    " received_day, ended_day, moved_day, sunk, desk_unread, assigned_to, receipt,"
	    " desk_key, receipt_key, body) SELECT UNHEX(LEFT(SHA2(CONCAT('aid', i), 256), 32)),"
	    " 'aid', 'aid',"
	    " ELT(1 + i %% 11, 'needed', 'needed', 'started', 'noanswer', 'assigned',"
	    "  'offered', 'complete', 'duplicate', 'outofarea', 'passedon', 'withdrawn'),"
	    " IF(i %% 11 = 5, 'offer', 'ask'), i %% 4, i %% 13 = 0,"
	    " %lld - (i DIV 97 %% 200) * 86400,"
	    " IF(i %% 11 > 5, %lld - (i DIV 11 %% 100) * 86400, NULL),"
	    " %lld - (i DIV 5 %% 190) * 86400, i %% 9 = 0, IF(i %% 3 = 0, i %% 5, 0),"
	    " IF(i %% 7 = 0, '" ME "', NULL), UNHEX(SHA2(CONCAT('aid', i), 256)),"
	    " 'k', 'r', 'body' FROM n WHERE i < %d",
	    (long long)TODAY, (long long)TODAY, (long long)TODAY, many);
	store_sql("INSERT INTO submission (id, desk, form, state, suspect, received_day,"
	    " ended_day, moved_day, desk_unread, receipt, desk_key, receipt_key, body)"
	    " SELECT UNHEX(LEFT(SHA2(CONCAT('join', i), 256), 32)), 'membership', 'join',"
	    " ELT(1 + i %% 5, 'received', 'review', 'accepted', 'declined', 'withdrawn'),"
	    " i %% 7 = 0, %lld - (i DIV 31 %% 60) * 86400,"
	    " IF(i %% 5 > 1, %lld - (i DIV 5 %% 120) * 86400, NULL),"
	    " %lld - (i DIV 3 %% 190) * 86400, i %% 3, UNHEX(SHA2(CONCAT('join', i), 256)),"
	    " 'k', 'r', 'body' FROM n WHERE i < %d",
	    (long long)TODAY, (long long)TODAY, (long long)TODAY, many);
	store_sql("ANALYZE TABLE submission");
}

/* ---- what is in a list ---- */

#define OPEN	"ended_day IS NULL AND "
#define SOON	"BETWEEN 20001 AND 20014"
#define QUEUE	"urgency, received_day, id"

static const struct { int desk; const char *key, *where, *order; } lists[] = {
	{ DESK_MEMBERSHIP, "received", "state = 'received' AND NOT suspect", QUEUE },
	{ DESK_MEMBERSHIP, "review", "state = 'review'", "suspect, " QUEUE },
	{ DESK_MEMBERSHIP, "unread", "desk_unread > 0", "desk_unread DESC, id DESC" },
	{ DESK_MEMBERSHIP, "accepted", "state = 'accepted'", "ended_day DESC, id DESC" },
	{ DESK_MEMBERSHIP, "declined", "state = 'declined'", "ended_day DESC, id DESC" },
	{ DESK_MEMBERSHIP, "withdrawn", "state = 'withdrawn'", "ended_day DESC, id DESC" },
	{ DESK_MEMBERSHIP, "suspect", OPEN "suspect", QUEUE },
	{ DESK_MEMBERSHIP, "still", OPEN "NOT suspect AND moved_day <= 86400 * (20000 - 7)",
	  "moved_day, id" },
	{ DESK_MEMBERSHIP, "ending", "(state = 'accepted' AND ended_day / 86400 + 90 " SOON ")"
	  " OR (state = 'declined' AND ended_day / 86400 + 30 " SOON ")"
	  " OR (ended_day IS NULL AND moved_day / 86400 + 180 " SOON ")",
	  "CASE WHEN ended_day IS NULL THEN moved_day + 180 * 86400 WHEN state = 'accepted'"
	  " THEN ended_day + 90 * 86400 ELSE ended_day + 30 * 86400 END, id" },
	{ DESK_AID, "ask", OPEN "kind = 'ask' AND NOT suspect", "sunk, " QUEUE },
	{ DESK_AID, "offer", OPEN "kind = 'offer' AND NOT suspect", "sunk, " QUEUE },
	{ DESK_AID, "mine", OPEN "assigned_to = '" ME "'", "sunk, " QUEUE },
	{ DESK_AID, "still", OPEN "kind = 'ask' AND NOT suspect"
	  " AND moved_day <= 86400 * (20000 - 7)", "moved_day, id" },
	{ DESK_AID, "unread", "desk_unread > 0", "desk_unread DESC, id DESC" },
	{ DESK_AID, "complete", "state = 'complete'", "ended_day DESC, id DESC" },
	{ DESK_AID, "elsewhere", "state IN ('duplicate', 'outofarea', 'passedon')",
	  "ended_day DESC, id DESC" },
	{ DESK_AID, "withdrawn", "state = 'withdrawn'", "ended_day DESC, id DESC" },
	{ DESK_AID, "suspect", OPEN "suspect", "sunk, " QUEUE },
	{ DESK_AID, "sunk", OPEN "sunk AND NOT suspect", QUEUE },
	{ DESK_AID, "ending", "(state IN ('complete', 'duplicate')"
	  "  AND ended_day / 86400 + 60 " SOON ")"
	  " OR (state = 'passedon' AND ended_day / 86400 + 20 " SOON ")"
	  " OR (ended_day IS NULL AND moved_day / 86400 + 180 " SOON ")",
	  "CASE WHEN ended_day IS NULL THEN moved_day + 180 * 86400 WHEN state = 'passedon'"
	  " THEN ended_day + 20 * 86400 ELSE ended_day + 60 * 86400 END, id" },
};

static struct lists
at_desk(int desk)
{
	static const struct id	me = { ME };

	return (struct lists){ .db = db, .desk = &desks[desk], .form = &form, .admin = &me,
		.today = TODAY, .remind_days = REMIND_DAYS };
}

/* The next page, as a browser would ask for it. */
static bool
turn(const struct lists *ls, const void *ctx, const struct list *l, struct list_page *page,
    bool first)
{
	char		text[PLACE_TEXT];
	struct place	after;

	if (first) {
		assert_int_equal(lists_page(ls, ctx, l, NULL, page), OUT_OK);
		return true;
	}
	if (!page->more)
		return false;
	place_text(text, &page->last);
	assert_true(place_read(&after, text));
	assert_int_equal(lists_page(ls, ctx, l, &after, page), OUT_OK);
	return true;
}

/* Every row of `where` once, and in that order. */
static void
assert_whole(const struct lists *ls, const struct list *l, const char *where,
    const char *order)
{
	struct list_page	 page;
	char			 sql[2048], *ctx = talloc_strdup(NULL, "");
	MYSQL			*my = store_raw(NULL);
	MYSQL_RES		*want;
	MYSQL_ROW		 row;
	size_t			 seen = 0;
	int64_t			 n;

	snprintf(sql, sizeof(sql), "SELECT id FROM submission WHERE desk = '%s' AND (%s)"
	    " ORDER BY %s", ls->desk->name, where, order);
	if (mysql_query(my, sql) != 0)
		fail_msg("%s", mysql_error(my));
	assert_non_null(want = mysql_store_result(my));
	for (bool first = true; turn(ls, ctx, l, &page, first); first = false)
		for (size_t i = 0; i < page.n; i++, seen++) {
			if ((row = mysql_fetch_row(want)) == NULL)
				fail_msg("%s has more than %zu rows", l->key, seen);
			if (memcmp(row[0], page.at[i].at[LF_ID].bytes.data, ID_LEN) != 0)
				fail_msg("%s: row %zu is another", l->key, seen);
		}
	assert_null(mysql_fetch_row(want));
	assert_true(seen > LIST_ROWS);
	assert_int_equal(lists_count(ls, l, &n), OUT_OK);
	assert_int_equal(n, seen > LIST_COUNTED ? LIST_COUNTED + 1 : seen);
	mysql_free_result(want);
	mysql_close(my);
	talloc_free(ctx);
}

static void
test_whole(void **state)
{
	size_t	tested = 0, there = 0;

	(void)state;
	fill(SMALL);
	for (size_t i = 0; i < COUNT(lists); i++, tested++) {
		struct lists		 ls = at_desk(lists[i].desk);
		const struct list	*l = lists_find(ls.desk, lists[i].key);

		assert_non_null(l);
		assert_whole(&ls, l, lists[i].where, lists[i].order);
	}
	for (int desk = 0; desk <= DESK_AID; desk += DESK_AID)
		for (const struct list *l = lists_of(&desks[desk]); l->key != NULL; l++)
			there++;
	assert_int_equal(tested, there);
}

/* What is at a desk is in no list of another; what is another's is not mine. */
static void
test_apart(void **state)
{
	static const struct id	other = { "another" };
	struct lists		ls = at_desk(DESK_SUPPORTERS);
	int64_t			n;

	(void)state;
	fill(SMALL);
	for (const struct list *l = lists_of(ls.desk); l->key != NULL; l++) {
		assert_int_equal(lists_count(&ls, l, &n), OUT_OK);
		assert_int_equal(n, 0);
	}
	ls = at_desk(DESK_AID);
	ls.admin = &other;
	assert_int_equal(lists_count(&ls, lists_find(ls.desk, "mine"), &n), OUT_OK);
	assert_int_equal(n, 0);
	assert_ptr_equal(lists_find(ls.desk, NULL), lists_of(ls.desk));
	assert_null(lists_find(ls.desk, "received"));
	assert_null(lists_find(&desks[DESK_MEMBERSHIP], "ask"));
	assert_null(lists_find(ls.desk, ""));
}

/* ---- what is read ---- */

static int64_t
reads(void)
{
	struct db_rows	rows;
	int64_t		sum = 0;

	assert_int_equal(db_all_values(db, NULL, &watch_queries[0], &rows, NULL, 0), OUT_OK);
	assert_true(rows.n > 0);
	for (size_t i = 0; i < rows.n; i++)
		sum += strtoll(rows.at[i].at[1].bytes.data, NULL, 10);
	talloc_free(rows.at);
	return sum;
}

/* How many rows were read since `before`, without those that asking reads. */
static int64_t
reads_since(int64_t before)
{
	int64_t	now = reads();

	return now - before - (reads() - now);
}

static void
assert_reads(const char *what, const char *key, int64_t got, int64_t most)
{
	if (got > most || got <= 0)
		fail_msg("%s of %s reads %lld", what, key, (long long)got);
}

static void
test_bounded(void **state)
{
	(void)state;
	fill(LARGE);
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct lists		 ls = at_desk(lists[i].desk);
		const struct list	*l = lists_find(ls.desk, lists[i].key);
		struct list_page	 page;
		char			*ctx = talloc_strdup(NULL, "");
		int64_t			 parts = 0, n, before;

		while (parts < LIST_PARTS && l->of[parts] != NULL)
			parts++;
		for (int turned = 0; turned < PAGES_MOST; turned++) {
			before = reads();
			if (!turn(&ls, ctx, l, &page, turned == 0))
				break;
			assert_reads("a page", l->key, reads_since(before),
			    parts * PAGE_READS);
		}
		before = reads();
		assert_int_equal(lists_count(&ls, l, &n), OUT_OK);
		assert_reads("the count", l->key, reads_since(before), parts * COUNT_READS);
		assert_true(n > LIST_ROWS && n <= LIST_COUNTED + 1);
		talloc_free(ctx);
	}
}

/* ---- places ---- */

static const struct { const char *text; bool good; } places[] = {
	{ "0.0.0.00000000000000000000000000000000", true },
	{ "1.2.1727913600.00112233445566778899aabbccddeeff", true },
	{ "999999999999999999.0.0.00112233445566778899aabbccddeeff", true },
	{ "9999999999999999999.0.0.00112233445566778899aabbccddeeff", false },
	{ "-1.0.0.00112233445566778899aabbccddeeff", false },
	{ " 1.0.0.00112233445566778899aabbccddeeff", false },
	{ "+1.0.0.00112233445566778899aabbccddeeff", false },
	{ "1.0.00112233445566778899aabbccddeeff", false },
	{ "1.0.0.00112233445566778899aabbccddeef", false },
	{ "1.0.0.00112233445566778899aabbccddeeff0", false },
	{ "1.0.0.00112233445566778899aabbccddeegg", false },
	{ "1.0.0.", false },
	{ "1..0.00112233445566778899aabbccddeeff", false },
	{ "1-0-0-00112233445566778899aabbccddeeff", false },
	{ "1.0.0", false },
	{ "", false },
};

static void
test_places(void **state)
{
	char		text[PLACE_TEXT];
	struct place	p;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		if (place_read(&p, places[i].text) != places[i].good)
			fail_msg("%s", places[i].text);
		if (!places[i].good)
			continue;
		place_text(text, &p);
		assert_string_equal(text, places[i].text);
	}
}

/* ---- a person ---- */

static struct key
hash_of(const char *typed)
{
	static const struct key	match = { { 5 } };
	struct key		out;

	assert_int_equal(person_hash(&match, typed, &out), OUT_OK);
	return out;
}

static struct id
id_of(int i)
{
	struct id	id;
	char		sql[64];
	MYSQL		*my = store_raw(NULL);
	MYSQL_RES	*rows;

	snprintf(sql, sizeof(sql), "SELECT UNHEX(LEFT(SHA2(CONCAT('join', %d), 256), 32))", i);
	assert_int_equal(mysql_query(my, sql), 0);
	assert_non_null(rows = mysql_store_result(my));
	memcpy(id.at, mysql_fetch_row(rows)[0], ID_LEN);
	mysql_free_result(rows);
	mysql_close(my);
	return id;
}

static size_t
find(const struct key *hashes, size_t n, const struct id *but, struct db_rows *rows)
{
	int64_t	before = reads();

	assert_int_equal(person_find(db, NULL, hashes, n, but, rows), OUT_OK);
	assert_true(n == 0 || reads_since(before) <= (int64_t)(6 * rows->n + 2 * n + 4));
	return rows->n;
}

static void
test_person(void **state)
{
	struct key	ana[2] = { hash_of("ana@example.org"), hash_of("212 555 0100") };
	struct key	nobody = hash_of("nobody@example.org"), crowd = hash_of("crowd@example.org");
	struct id	one, other, third;
	struct db_rows	rows;

	(void)state;
	fill(LARGE);
	one = id_of(1), other = id_of(40), third = id_of(2000);
	store_sql("INSERT INTO contact (hash, submission) SELECT UNHEX(SHA2(i, 256)),"
	    " UNHEX(LEFT(SHA2(CONCAT('join', i), 256), 32)) FROM n WHERE i < %d", LARGE);
	store_sql("ANALYZE TABLE contact");
	assert_int_equal(find(ana, 2, NULL, &rows), 0);

	assert_int_equal(person_note(db, &one, ana, 2), OUT_OK);
	assert_int_equal(person_note(db, &other, &ana[1], 1), OUT_OK);
	assert_int_equal(person_note(db, &third, ana, 2), OUT_OK);
	assert_int_equal(person_note(db, &third, ana, 2), OUT_OK);	/* once more */
	assert_int_equal(person_note(db, &third, ana, 0), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM contact"), LARGE + 5);

	assert_int_equal(find(ana, 2, NULL, &rows), 3);
	for (size_t i = 1; i < rows.n; i++)
		assert_true(rows.at[i - 1].at[3].number >= rows.at[i].at[3].number);
	assert_string_equal(rows.at[0].at[1].bytes.data, "membership");
	talloc_free(rows.at);
	assert_int_equal(find(ana, 2, &one, &rows), 2);
	for (size_t i = 0; i < rows.n; i++)
		assert_memory_not_equal(rows.at[i].at[0].bytes.data, one.at, ID_LEN);
	talloc_free(rows.at);
	assert_int_equal(find(ana, 1, &one, &rows), 1);
	assert_memory_equal(rows.at[0].at[0].bytes.data, third.at, ID_LEN);
	talloc_free(rows.at);
	assert_int_equal(find(&nobody, 1, NULL, &rows), 0);
	assert_int_equal(find(ana, 0, NULL, &rows), 0);

	/* however many share one, the newest are given */
	for (int i = 0; i < 60; i++) {
		third = id_of(100 + 31 * i);
		assert_int_equal(person_note(db, &third, &crowd, 1), OUT_OK);
	}
	assert_int_equal(person_find(db, NULL, &crowd, 1, NULL, &rows), OUT_OK);
	assert_int_equal(rows.n, 50);
	talloc_free(rows.at);
}

const struct CMUnitTest store_queue_tests[] = {
	cmocka_unit_test_setup_teardown(test_whole, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_apart, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_bounded, set_up, tear_down),
	cmocka_unit_test(test_places),
	cmocka_unit_test_setup_teardown(test_person, set_up, tear_down),
};
const size_t store_queue_n = COUNT(store_queue_tests);
