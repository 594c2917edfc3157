/*
 * store_talk.c: the conversation of a case, and the end of what was handed in, under the
 * accounts that have them.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/erase.h"
#include "openhall/talk.h"
#include "openhall/when.h"

enum { NOW = 1760000000 };

static const struct id	one = { "the first case.." }, two = { "the second case." },
			ana = { "Ana, an admin..." }, ben = { "Ben, an admin..." };
static const struct key	content = { "the content key of both cases..." },
			other = { "a key that is not theirs........" };

static const struct db_query lock[] = {
	{ "b", "s", "SELECT state FROM submission WHERE id = ? FOR UPDATE" },
};

static struct db	*holder, *desk;

static struct db *
open_as(const char *account)
{
	const struct db_set	 sets[] = {
		{ talk_queries, talk_n_queries },
		{ lock, 1 },
		{ erase_queries, strcmp(account, "openhall_admin") == 0 ? 0 :
		    erase_n_queries },
	};
	struct db		*db = db_new(NULL, &store, account, sets, COUNT(sets));

	assert_non_null(db);
	db_write(db, true);
	return db;
}

static void
add_case(const struct id *id)
{
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, receipt,"
	    " desk_key, receipt_key, body, facets, kind, urgency, asked_day, sunk)"
	    " VALUES ('%.16s', 'aid', 'aid', 'needed', 86400, REPEAT('%c', 32), 'k', 'r',"
	    " 'b', 'area=north', 'ask', 2, 172800, 1)", (const char *)id->at, id->at[4]);
}

static int
set_up(void **state)
{
	(void)state;
	store_fresh(true);
	add_case(&one);
	add_case(&two);
	holder = open_as("openhall_receipt");
	desk = open_as("openhall_admin");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(holder);
	talloc_free(desk);
	return 0;
}

struct saying {
	const struct id		*id, *author;
	const struct key	*key;
	const char		*kind, *text;
	int64_t			 now;
};

static enum outcome
work(struct db *db, void *arg)
{
	const struct saying	*s = arg;
	struct db_row		 row;
	void			*ctx = talloc_new(NULL);
	enum outcome		 got;

	got = db_first(db, ctx, &lock[0], &row, DB_BYTES(s->id->at, ID_LEN));
	if (got == OUT_OK)
		got = talk_add(db, ctx, s->id, s->key, s->author, s->kind, s->text, s->now);
	talloc_free(ctx);
	return got;
}

/* As a program does it: in a transaction that has locked the submission. */
static enum outcome
say(const struct id *author, const char *kind, const char *text, int64_t now)
{
	struct saying s = { &one, author, &content, kind, text, now };

	return db_transaction(author == NULL ? holder : desk, work, &s);
}

static enum outcome
read_by(struct db *db, const struct id *id, const struct key *key, struct talk *talk)
{
	return talk_read(db, db, id, key, talk);
}

static long
unread(const char *side)
{
	return store_number("SELECT %s_unread FROM submission WHERE id = '%.16s'", side,
	    (const char *)one.at);
}

static void
test_both_sides(void **state)
{
	static const struct {
		const struct id *author;
		const char *kind, *text;
	} said[] = {
		{ NULL, "text",      "Is this <b>bold</b> & \xc3\xb1?\n\nYes=no&more" },
		{ &ana, "text",      "It is not." },
		{ &ben, "text",      "It is not." },
		{ NULL, "corrected", "" },
		{ NULL, "settled",   "" },
	};
	struct db	*sides[] = { holder, desk };
	struct talk	 talk;

	(void)state;
	for (size_t i = 0; i < COUNT(sides); i++) {
		assert_int_equal(read_by(sides[i], &one, &content, &talk), OUT_OK);
		assert_int_equal(talk.n, 0);
	}
	for (size_t i = 0; i < COUNT(said); i++)
		assert_int_equal(say(said[i].author, said[i].kind, said[i].text,
		    NOW + (int64_t)i), OUT_OK);
	for (size_t i = 0; i < COUNT(sides); i++) {
		assert_int_equal(read_by(sides[i], &one, &content, &talk), OUT_OK);
		assert_int_equal(talk.n, COUNT(said));
		for (size_t j = 0; j < talk.n; j++) {
			const struct talk_message *m = &talk.at[j];

			assert_string_equal(m->kind, said[j].kind);
			assert_string_equal(m->text, said[j].text);
			assert_int_equal(m->at, NOW + (int64_t)j);
			assert_int_equal(m->from_desk, said[j].author != NULL);
			if (m->from_desk)
				assert_memory_equal(m->author.at, said[j].author->at, ID_LEN);
		}
		assert_int_equal(read_by(sides[i], &two, &content, &talk), OUT_OK);
		assert_int_equal(talk.n, 0);
	}
	/* of when it was said, only the day stands readable; of what, nothing */
	assert_int_equal(store_number("SELECT COUNT(*) FROM message WHERE day <> %lld",
	    (long long)when_day_of(NOW)), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM message"
	    " WHERE body LIKE '%%It is not%%' OR body LIKE '%%text=%%'"), 0);
}

static void
test_unread(void **state)
{
	(void)state;
	assert_int_equal(say(NULL, "text", "a", NOW), OUT_OK);
	assert_int_equal(say(NULL, "text", "b", NOW), OUT_OK);
	assert_int_equal(say(&ana, "text", "c", NOW), OUT_OK);
	assert_int_equal(unread("desk"), 2);
	assert_int_equal(unread("holder"), 1);
	assert_int_equal(talk_seen(desk, &one, true), OUT_OK);
	assert_int_equal(unread("desk"), 0);
	assert_int_equal(unread("holder"), 1);
	assert_int_equal(talk_seen(holder, &two, false), OUT_OK);
	assert_int_equal(unread("holder"), 1);
	assert_int_equal(talk_seen(holder, &one, false), OUT_OK);
	assert_int_equal(unread("holder"), 0);
	assert_int_equal(store_number("SELECT SUM(desk_unread + holder_unread)"
	    " FROM submission"), 0);
}

/* What the desk says does not answer for the holder. */
static void
test_still_there(void **state)
{
	(void)state;
	assert_int_equal(say(&ana, "text", "Is it still needed?", NOW), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
	    " WHERE asked_day = 172800 AND sunk = 1"), 2);
	assert_int_equal(say(NULL, "text", "It is.", NOW), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE id = '%.16s'"
	    " AND asked_day IS NULL AND sunk = 0 AND moved_day = %lld",
	    (const char *)one.at, (long long)when_day_of(NOW)), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE id = '%.16s'"
	    " AND asked_day = 172800 AND sunk = 1 AND moved_day = 0",
	    (const char *)two.at), 1);
}

/* A message is worth something only where it was put, from whom it came. */
static void
test_moved(void **state)
{
	static const char *const changes[] = {
		"UPDATE message SET number = number + 1 ORDER BY number DESC",
		"UPDATE message SET number = number + 7 WHERE number = 2",
		"UPDATE message SET author = 'Ana, an admin...' WHERE author IS NULL",
		"UPDATE message SET author = NULL WHERE author IS NOT NULL",
		"UPDATE message SET author = 'Ben, an admin...' WHERE author IS NOT NULL",
		"UPDATE message SET author = 'short' WHERE author IS NOT NULL",
		"UPDATE message SET kind = 'settled' WHERE number = 1",
		"UPDATE message SET body = '' WHERE number = 1",
		("UPDATE message SET body = CONCAT(SUBSTRING(body, 1, LENGTH(body) - 1),"
		    " CHAR(ASCII(RIGHT(body, 1)) ^ 1)) WHERE number = 2"),
	};
	struct talk	talk;

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		print_message("# case %zu\n", i);
		store_sql("DELETE FROM message");
		assert_int_equal(say(NULL, "text", "from the holder", NOW), OUT_OK);
		assert_int_equal(say(&ana, "text", "from the desk", NOW), OUT_OK);
		assert_int_equal(read_by(holder, &one, &content, &talk), OUT_OK);
		store_sql("%s", changes[i]);
		assert_int_equal(read_by(holder, &one, &content, &talk), OUT_FORBIDDEN);
		assert_int_equal(talk.n, 0);
		assert_int_equal(read_by(desk, &one, &content, &talk), OUT_FORBIDDEN);
	}
	store_sql("DELETE FROM message");
	assert_int_equal(say(NULL, "text", "from the holder", NOW), OUT_OK);
	store_sql("UPDATE message SET submission = '%.16s'", (const char *)two.at);
	assert_int_equal(read_by(desk, &two, &content, &talk), OUT_FORBIDDEN);
	assert_int_equal(read_by(desk, &one, &content, &talk), OUT_OK);
	assert_int_equal(talk.n, 0);
}

static void
test_other_key(void **state)
{
	struct saying	s = { &one, NULL, &other, "text", "in between", NOW };
	struct talk	talk;

	(void)state;
	assert_int_equal(say(NULL, "text", "secret", NOW), OUT_OK);
	assert_int_equal(read_by(desk, &one, &other, &talk), OUT_FORBIDDEN);
	assert_int_equal(db_transaction(holder, work, &s), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM message"), 1);
	assert_int_equal(unread("desk"), 1);
}

/* A second press of the button says nothing twice; who says it again later is heard. */
static void
test_repeated(void **state)
{
	static const struct {
		const struct id *author;
		const char *kind, *text;
		int after;
		long n;
	} cases[] = {
		{ NULL, "text",      "Hello?",   0,   1 },
		{ NULL, "text",      "Hello?",   5,   1 },
		{ NULL, "text",      "Hello",    5,   2 },
		{ &ana, "text",      "Hello",    5,   3 },
		{ &ben, "text",      "Hello",    5,   4 },
		{ &ben, "text",      "Hello",    9,   4 },
		{ NULL, "text",      "Hello",    9,   5 },
		{ NULL, "text",      "Hello",    608, 5 },
		{ NULL, "text",      "Hello",    609, 6 },
		{ NULL, "corrected", "",         609, 7 },
		{ NULL, "corrected", "",         609, 8 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(say(cases[i].author, cases[i].kind, cases[i].text,
		    NOW + cases[i].after), OUT_OK);
		assert_int_equal(store_number("SELECT COUNT(*) FROM message"), cases[i].n);
		assert_int_equal(unread("desk") + unread("holder"), cases[i].n);
	}
}

static void
test_full(void **state)
{
	char	text[32];

	(void)state;
	for (int i = 0; i < TALK_MESSAGES_MAX; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		assert_int_equal(say(i % 2 ? NULL : &ana, "text", text, NOW), OUT_OK);
	}
	assert_int_equal(say(NULL, "text", "one more", NOW), OUT_LIMITED);
	assert_int_equal(say(&ana, "text", "one more", NOW), OUT_LIMITED);
	assert_int_equal(say(NULL, "settled", "", NOW), OUT_LIMITED);
	assert_int_equal(store_number("SELECT COUNT(*) FROM message"), TALK_MESSAGES_MAX);
	assert_int_equal(store_number("SELECT MAX(number) FROM message"),
	    TALK_MESSAGES_MAX);
	assert_int_equal(unread("desk"), TALK_MESSAGES_MAX / 2);
	assert_int_equal(unread("holder"), TALK_MESSAGES_MAX / 2);
}

/* ---- two at once ---- */

enum { EACH = 15 };

/* In another process: `EACH` messages over a connection of its own.  No assertion here. */
static int
talker(const char *account, const struct id *author)
{
	struct db	*db = open_as(account);
	char		 text[32];

	for (int i = 0; i < EACH; i++) {
		struct saying s = { &one, author, &content, "text", text, NOW };

		snprintf(text, sizeof(text), "%d of %d", i, (int)getpid());
		if (db_transaction(db, work, &s) != OUT_OK)
			return 1;
	}
	talloc_free(db);
	return 0;
}

static void
test_at_once(void **state)
{
	static const struct { const char *account; const struct id *author; } who[] = {
		{ "openhall_receipt", NULL }, { "openhall_receipt", NULL },
		{ "openhall_admin", &ana },
	};
	pid_t		pids[COUNT(who)];
	struct talk	talk;
	int		status;

	(void)state;
	for (size_t i = 0; i < COUNT(who); i++) {
		if ((pids[i] = fork()) == 0)
			_exit(talker(who[i].account, who[i].author));
		assert_true(pids[i] > 0);
	}
	for (size_t i = 0; i < COUNT(who); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(unread("desk"), 2 * EACH);
	assert_int_equal(unread("holder"), EACH);
	assert_int_equal(store_number("SELECT MAX(number) FROM message"), 3 * EACH);
	assert_int_equal(read_by(desk, &one, &content, &talk), OUT_OK);
	assert_int_equal(talk.n, 3 * EACH);
}

/* ---- what was typed ---- */

static void
test_take(void **state)
{
	static const struct { const char *typed; enum outcome want; const char *text; } cases[] = {
		{ NULL,                  OUT_INVALID, NULL },
		{ "",                    OUT_INVALID, NULL },
		{ " \r\n\t ",            OUT_INVALID, NULL },
		{ "x",                   OUT_OK,      "x" },
		{ "\r\n a\r\nb \n\n",    OUT_OK,      "a\nb" },
		{ "a\rb",                OUT_OK,      "a\rb" },
		{ " \xc3\xb1 ",          OUT_OK,      "\xc3\xb1" },
	};
	char		*long_text = talloc_size(holder, 2 * TALK_MOST + 3);
	const char	*text;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(talk_take(holder, cases[i].typed, &text), cases[i].want);
		if (cases[i].want == OUT_OK)
			assert_string_equal(text, cases[i].text);
	}
	/* characters, not bytes */
	for (int i = 0; i < TALK_MOST; i++)
		memcpy(long_text + 2 * i, "\xc3\xb1", 2);
	long_text[2 * TALK_MOST] = '\0';
	assert_int_equal(talk_take(holder, long_text, &text), OUT_OK);
	assert_int_equal(say(NULL, "text", text, NOW), OUT_OK);
	strcpy(long_text + 2 * TALK_MOST, "x"); /* allowed: there is room for it */
	assert_int_equal(talk_take(holder, long_text, &text), OUT_LIMITED);
}

/* ---- the end ---- */

/* Everything that can hang on both cases. */
static void
fill(void)
{
	static const char *const ids[] = { "the first case..", "the second case." };

	store_sql("INSERT INTO admin (id, name, public_key, salt, wrapped_key, created_at)"
	    " VALUES ('%.16s', 'Ana', 'p', 's', 'w', 0)", (const char *)ana.at);
	for (size_t i = 0; i < COUNT(ids); i++) {
		store_sql("INSERT INTO message (submission, number, author, kind, day, body)"
		    " VALUES ('%s', 1, NULL, 'text', 0, 'm'), ('%s', 2, 'a', 'text', 0, 'm')",
		    ids[i], ids[i]);
		store_sql("INSERT INTO note (submission, number, admin, day, body)"
		    " VALUES ('%s', 1, 'a', 0, 'n')", ids[i]);
		store_sql("INSERT INTO revision (submission, number, day, body)"
		    " VALUES ('%s', 1, 0, 'r')", ids[i]);
		store_sql("INSERT INTO contact (hash, submission) VALUES ('h', '%s')", ids[i]);
		store_sql("INSERT INTO facet (submission, name, value)"
		    " VALUES ('%s', 'area', 'north')", ids[i]);
		store_sql("INSERT INTO round VALUES ('%s', 1, 0, 1, NULL, 1, 1, 1)", ids[i]);
		store_sql("INSERT INTO elector VALUES ('%s', 1, '%.16s', 'favour', 'why', 7)",
		    ids[i], (const char *)ana.at);
		store_sql("UPDATE submission SET desk_unread = 3, holder_unread = 4,"
		    " entered_by = 'a', assigned_to = 'b' WHERE id = '%s'", ids[i]);
	}
}

static long
rows_of(const char *table, const struct id *id)
{
	return store_number("SELECT COUNT(*) FROM %s WHERE submission = '%.16s'", table,
	    (const char *)id->at);
}

static enum outcome
erase_work(struct db *db, void *arg)
{
	(void)arg;
	return erase_content(db, &one);
}

/* Whoever may erase leaves the same line, and the other case whole. */
static void
test_erase(void **state)
{
	static const char *const gone[] = { "message", "note", "revision", "contact", "facet" };
	const char *const	 accounts[] = { "openhall_receipt", "openhall_courier", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(accounts); i++) {
		struct db *db;

		tear_down(state);
		set_up(state);
		fill();
		db = open_as(accounts[i] != NULL ? accounts[i] : store.db_owner);
		assert_int_equal(db_transaction(db, erase_work, NULL), OUT_OK);
		talloc_free(db);
		for (size_t j = 0; j < COUNT(gone); j++) {
			assert_int_equal(rows_of(gone[j], &one), 0);
			assert_true(rows_of(gone[j], &two) > 0);
		}
		/* every column that is a text or bytes: empty, or of the line that stays */
		assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
		    " WHERE id = '%.16s' AND body = '' AND desk_key = '' AND receipt_key = ''"
		    " AND facets = '' AND filed = 1 AND desk_unread = 0"
		    " AND holder_unread = 0 AND state = 'needed' AND desk = 'aid'"
		    " AND receipt = REPEAT('%c', 32) AND received_day = 86400",
		    (const char *)one.at, one.at[4]), 1);
		assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
		    " WHERE id = '%.16s' AND body = 'b' AND desk_key = 'k'"
		    " AND receipt_key = 'r' AND facets = 'area=north' AND desk_unread = 3"
		    " AND holder_unread = 4", (const char *)two.at), 1);
		/* who voted, and how, stays; why does not */
		assert_int_equal(store_number("SELECT COUNT(*) FROM elector"
		    " WHERE submission = '%.16s' AND vote = 'favour' AND reason IS NULL"
		    " AND voted_at = 7", (const char *)one.at), 1);
		assert_int_equal(store_number("SELECT COUNT(*) FROM elector"
		    " WHERE submission = '%.16s' AND reason = 'why'",
		    (const char *)two.at), 1);
		/* and nobody can add to what is gone */
		assert_int_equal(say(NULL, "text", "still there?", NOW), OUT_CONFLICT);
		assert_int_equal(say(&ana, "text", "still there?", NOW), OUT_CONFLICT);
		assert_int_equal(rows_of("message", &one), 0);
	}
}

/* A table that a later version hangs on a submission must be thought of here. */
static void
test_erase_knows_all(void **state)
{
	(void)state;
	assert_int_equal(store_number("SELECT COUNT(DISTINCT table_name)"
	    " FROM information_schema.key_column_usage WHERE table_schema = '%s'"
	    " AND referenced_table_name = 'submission' AND table_name NOT IN"
	    " ('message', 'note', 'revision', 'contact', 'facet', 'round')",
	    store.db_name), 0);
}

/* What a desk writes down for itself is not for who holds the receipt. */
static void
test_notes(void **state)
{
	static const char *const	columns[] = { "body", "admin", "day", "number", "*" };
	MYSQL				*my = store_raw("openhall_receipt");
	char				 sql[64];

	(void)state;
	fill();
	for (size_t i = 0; i < COUNT(columns); i++) {
		snprintf(sql, sizeof(sql), "SELECT %s FROM note", columns[i]);
		assert_int_not_equal(mysql_query(my, sql), 0);
		assert_true(mysql_errno(my) == 1142 || mysql_errno(my) == 1143);
	}
	mysql_close(my);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

const struct CMUnitTest store_talk_tests[] = {
	TEST(test_both_sides),
	TEST(test_unread),
	TEST(test_still_there),
	TEST(test_moved),
	TEST(test_other_key),
	TEST(test_repeated),
	TEST(test_full),
	TEST(test_at_once),
	TEST(test_take),
	TEST(test_erase),
	TEST(test_erase_knows_all),
	TEST(test_notes),
};
const size_t store_talk_n = COUNT(store_talk_tests);
