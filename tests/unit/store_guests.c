/*
 * store_guests.c: what those are told who said that they come, under courier's account: a mark is
 * one mail, whoever makes it; a reminder is one a date; what a mail says is what is so when it
 * is sent.  And dates are written further as time goes by.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "../../cgi/courier/courier.h"
#include "../../cgi/courier/letter.h"
#include "openhall/event.h"
#include "openhall/when.h"

enum { NOW = 1800000000, HOUR = 3600, SOON = 24 /* hours */, MANY = 240 };

enum { Q_ADD, Q_MAIL, Q__COUNT };

static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_ADD] = { "bisb", "",
	    "INSERT INTO rsvp (id, occurrence, number, answer, state, people, lang, receipt,"
	    " desk_key, receipt_key, body, remind, tell, address) SELECT b.id, REPEAT('d', 16),"
	    " b.n, 'coming', 'seated', 1, 'en', RPAD(b.id, 32, 'r'), '', '', '', 1, b.tell,"
	    " b.address FROM (SELECT ? id, ? n, ? tell, ? address) b" },
	[Q_MAIL] = { "b", "ssbb",
	    "SELECT kind, lang, address, about FROM outbox WHERE id = ?" },
};

static const struct db_query	q_ids = { "", "b", "SELECT id FROM outbox LIMIT 10" };

static struct post	 post;
static struct settings	 settings;
static struct db	*courier, *owner;

static struct db *
open_courier(void)
{
	const struct db_set	 sets[] = {
		{ guests_queries, guests_n_queries },
		{ mail_queries, mail_n_queries },
		{ letter_queries, letter_n_queries },
		{ event_spread_queries, event_spread_n_queries },
	};
	struct db		*db = db_new(NULL, &settings, "openhall_courier", sets,
				    COUNT(sets));

	assert_non_null(db);
	db_write(db, true);
	return db;
}

static int
set_up(void **state)
{
	(void)state;
	if (courier == NULL) {
		store_fresh(true);
		settings = store;
		settings.rsvp_remind_hours = SOON;
		settings.mail_from = "news@example.org";
		post = (struct post){ .sealer = { .until = 0 } };
		seal_pair(&post.sealer.to, &post.secret);
		courier = open_courier();
		owner = store_db(queries, Q__COUNT);
	}
	store_sql("DELETE FROM outbox");
	store_sql("DELETE FROM event");
	store_sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes,"
	    " created_at, changed_at, changed_by) VALUES (REPEAT('e', 16), 'e', 'published',"
	    " 'meeting', 'en', 'America/New_York', 0, 60, 0, 0, 'x')");
	store_sql("INSERT INTO event_words (event, lang, title, body, html) VALUES"
	    " (REPEAT('e', 16), 'en', 'Bread <and> roses', '', ''),"
	    " (REPEAT('e', 16), 'es', 'Pan y rosas', '', '')");
	store_sql("INSERT INTO occurrence (id, event, day, starts_at, ends_at, kind, changed_at,"
	    " note) VALUES (REPEAT('d', 16), REPEAT('e', 16), 0, %d, %d, 'meeting', 0,"
	    " 'Bring a lamp')", NOW + HOUR, NOW + 2 * HOUR);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(courier);
	talloc_free(owner);
	courier = owner = NULL;
	return 0;
}

/* Somebody with the id `n`; `address` NULL: they gave none. */
static void
add(int n, const char *tell, const char *address)
{
	struct bytes	sealed = { "", 0 };
	struct id	id = { { 0 } };

	memcpy(id.at, &n, sizeof(n));
	if (address != NULL)
		assert_int_equal(mail_seal(owner, &post.sealer, NOW, &id, address, &sealed),
		    OUT_OK);
	assert_int_equal(db_run(owner, &queries[Q_ADD], NULL, DB_BYTES(id.at, ID_LEN),
	    DB_INT(n), DB_TEXT(tell), DB_BYTES(sealed.data, sealed.len)), OUT_OK);
}

static unsigned
tell(struct db *db)
{
	unsigned	n = 99;

	assert_int_equal(guests_tell(db, &post, NOW, &n), OUT_OK);
	return n;
}

static long
mails(void)
{
	return store_number("SELECT COUNT(*) FROM outbox");
}

/* ---- marks ---- */

/* The one mail that there is: to whom, and what about. */
static void
assert_mail(const char *to, const char *about)
{
	struct db	*db = store_db(&q_ids, 1);
	const char	*address, *code;
	struct db_row	 row;
	struct id	 id;

	assert_int_equal(mails(), 1);
	assert_int_equal(db_first_values(db, db, &q_ids, &row, NULL, 0), OUT_OK);
	memcpy(id.at, row.at[0].bytes.data, ID_LEN);
	assert_int_equal(db_first(owner, owner, &queries[Q_MAIL], &row,
	    DB_BYTES(id.at, ID_LEN)), OUT_OK);
	assert_string_equal(row.at[0].bytes.data, "event");
	assert_int_equal(mail_open(owner, &post.secret, &id, row.at[2].bytes, &address), OUT_OK);
	assert_string_equal(address, to);
	assert_int_equal(mail_open_code(owner, &post.secret, &id, row.at[3].bytes, &code),
	    OUT_OK);
	assert_string_equal(code, about);
	talloc_free(db);
}

static void
test_marks(void **state)
{
	(void)state;
	add(1, "seated", "ana@example.org");
	add(2, "", "ben@example.org");
	add(3, "cancelled", NULL);
	add(4, "changed", "eva@example.org");
	/* sealed about somebody else */
	store_sql("UPDATE rsvp SET address = REVERSE(address) WHERE number = 4");
	assert_int_equal(tell(courier), 3);
	assert_mail("ana@example.org", "64646464646464646464646464646464 seated");
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE tell = ''"), 4);
	assert_int_equal(store_number("SELECT SUM(told) FROM rsvp"), 3);
	assert_int_equal(tell(courier), 0);
	assert_int_equal(mails(), 1);
	/* made once more, as when the mark could not be taken away: it is the same mail */
	store_sql("UPDATE rsvp SET tell = 'seated', told = 0 WHERE number = 1");
	assert_int_equal(tell(courier), 1);
	assert_int_equal(mails(), 1);
	/* marked once more, it is another one */
	store_sql("UPDATE rsvp SET tell = 'changed' WHERE number = 1");
	assert_int_equal(tell(courier), 1);
	assert_int_equal(mails(), 2);
	/* gone in between */
	store_sql("UPDATE rsvp SET tell = 'changed'");
	store_sql("DELETE FROM rsvp");
	assert_int_equal(tell(courier), 0);
}

static void *
run(void *arg)
{
	struct db	*db = arg;
	struct post	 own = { .secret = post.secret, .sealer = { .to = post.sealer.to } };
	unsigned	 n = 1;

	while (n > 0)
		if (guests_tell(db, &own, NOW, &n) != OUT_OK)
			return NULL;
	return arg;
}

static void
test_two_couriers(void **state)
{
	struct db	*db = open_courier();
	pthread_t	 thread;
	void		*first, *second;

	(void)state;
	for (int n = 1; n <= MANY; n++)
		add(n, "changed", "ana@example.org");
	assert_int_equal(pthread_create(&thread, NULL, run, db), 0);
	first = run(courier);
	assert_int_equal(pthread_join(thread, &second), 0);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(mails(), MANY);
	assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp WHERE told = 1 AND tell = ''"),
	    MANY);
	talloc_free(db);
}

/* ---- reminding ---- */

static const struct {
	int64_t		 in;		/* seconds until it begins */
	const char	*event, *date;	/* states */
	const char	*guest;		/* what else is set of them */
	long		 marks;
} reminders[] = {
	{ SOON * HOUR,     "published", "planned",   "remind = 1",		1 },
	{ SOON * HOUR + 1, "published", "planned",   "remind = 1",		0 },
	{ 1,               "published", "planned",   "remind = 1",		1 },
	{ 0,               "published", "planned",   "remind = 1",		0 },
	{ HOUR,            "cancelled", "planned",   "remind = 1",		0 },
	{ HOUR,            "draft",     "planned",   "remind = 1",		0 },
	{ HOUR,            "published", "cancelled", "remind = 1",		0 },
	{ HOUR,            "published", "postponed", "remind = 1",		0 },
	{ HOUR,            "published", "planned",   "remind = 0",		0 },
	{ HOUR,            "published", "planned",   "address = ''",		0 },
	{ HOUR,            "published", "planned",   "state = 'waiting'",	0 },
	{ HOUR,            "published", "planned",   "state = 'none', answer = 'perhaps'", 1 },
	{ HOUR,            "published", "planned",   "state = 'none', answer = 'not'",	0 },
	/* what is to be told already says when, too */
	{ HOUR,            "published", "planned",   "tell = 'changed'",	0 },
};

static void
test_remind(void **state)
{
	const char	*marked = "SELECT COUNT(*) FROM rsvp WHERE tell = 'remind'";

	for (size_t i = 0; i < COUNT(reminders); i++) {
		set_up(state);
		add(1, "", "ana@example.org");
		store_sql("UPDATE rsvp SET %s", reminders[i].guest);
		store_sql("UPDATE event SET state = '%s'", reminders[i].event);
		store_sql("UPDATE occurrence SET starts_at = %lld, state = '%s'",
		    (long long)(NOW + reminders[i].in), reminders[i].date);
		assert_int_equal(guests_remind(courier, &settings, NOW), OUT_OK);
		if (store_number("%s", marked) != reminders[i].marks)
			fail_msg("reminder %zu: not %ld", i + 1, reminders[i].marks);
		/* once a date */
		store_sql("UPDATE rsvp SET tell = ''");
		assert_int_equal(guests_remind(courier, &settings, NOW), OUT_OK);
		assert_int_equal(store_number("%s", marked), 0);
	}
}

/* Put off after that, it gets another one. */
static void
test_remind_again(void **state)
{
	(void)state;
	add(1, "", "ana@example.org");
	for (int days = 0; days <= 3; days += 3) {
		store_sql("UPDATE occurrence SET starts_at = %lld",
		    (long long)(NOW + days * DAY + HOUR));
		for (int day = 0; day <= days; day++) {
			assert_int_equal(guests_remind(courier, &settings, NOW + day * DAY),
			    OUT_OK);
			assert_int_equal(store_number("SELECT COUNT(*) FROM rsvp"
			    " WHERE tell = 'remind'"), day == days);
		}
		store_sql("UPDATE rsvp SET tell = ''");
	}
}

/* Who asks for a seat meanwhile is not in the way of the others, and only the end waits for
 * them. */
static void *
remind(void *arg)
{
	return guests_remind(courier, &settings, NOW) == OUT_OK ? arg : NULL;
}

static void
test_remind_meanwhile(void **state)
{
	MYSQL		*visitor = store_raw(NULL);
	pthread_t	 thread;
	void		*done;

	for (int n = 1; n <= MANY; n++)
		add(n, "", "ana@example.org");
	assert_int_equal(mysql_query(visitor, "START TRANSACTION"), 0);
	assert_int_equal(mysql_query(visitor, "UPDATE occurrence SET taken = taken + 1"), 0);
	assert_int_equal(mysql_query(visitor, "INSERT INTO rsvp (id, occurrence, number, answer,"
	    " state, people, lang, receipt, desk_key, receipt_key, body, remind, address) VALUES"
	    " ('', REPEAT('d', 16), 0, 'coming', 'seated', 1, 'en', 'x', '', '', '', 1, 'x')"), 0);
	assert_int_equal(pthread_create(&thread, NULL, remind, state), 0);
	while (store_number("SELECT COUNT(*) FROM rsvp WHERE tell = 'remind'") < MANY)
		usleep(20000);
	assert_int_equal(mysql_query(visitor, "COMMIT"), 0);
	mysql_close(visitor);
	assert_int_equal(pthread_join(thread, &done), 0);
	assert_non_null(done);
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence WHERE reminded_at = %d",
	    NOW), 1);
}

/* Cut short, it begins again; who has had a reminder gets no second one. */
static void
test_remind_cut_short(void **state)
{
	(void)state;
	for (int n = 1; n <= MANY; n++)
		add(n, "", "ana@example.org");
	store_sql("CREATE TRIGGER full BEFORE UPDATE ON rsvp FOR EACH ROW IF NEW.number = %d AND"
	    " NEW.tell = 'remind' THEN SIGNAL SQLSTATE '45000'; END IF", MANY - 1);
	assert_int_equal(guests_remind(courier, &settings, NOW), OUT_FAULT);
	while (tell(courier) > 0)
		;
	assert_in_range(mails(), 100, MANY - 2);
	store_sql("DROP TRIGGER full");
	assert_int_equal(guests_remind(courier, &settings, NOW), OUT_OK);
	while (tell(courier) > 0)
		;
	assert_int_equal(mails(), MANY);
	/* of another beginning there is another one */
	store_sql("UPDATE occurrence SET starts_at = starts_at + 60, reminded_at = NULL");
	assert_int_equal(guests_remind(courier, &settings, NOW), OUT_OK);
	while (tell(courier) > 0)
		;
	assert_int_equal(mails(), 2 * MANY);
}

/* ---- what a mail says ---- */

static const struct {
	const char	*what, *event, *date;
	enum outcome	 want;
	const char	*subject;
} letters[] = {
	{ "seated",    "published", "planned",   OUT_OK, "You have a seat: Bread <and> roses" },
	{ "changed",   "published", "planned",   OUT_OK, "Something has changed: Bread" },
	{ "remind",    "published", "planned",   OUT_OK, "Soon: Bread <and> roses" },
	{ "cancelled", "published", "cancelled", OUT_OK, "Cancelled: Bread <and> roses" },
	{ "cancelled", "cancelled", "planned",   OUT_OK, "Cancelled: Bread <and> roses" },
	{ "cancelled", "cancelled", "postponed", OUT_OK, "Cancelled: Bread <and> roses" },
	{ "changed",   "published", "postponed", OUT_OK, "Postponed: Bread <and> roses" },
	/* meanwhile it is otherwise */
	{ "cancelled", "published", "planned",   OUT_OK, "Something has changed: Bread" },
	{ "seated",    "published", "cancelled", OUT_OK, "Cancelled: Bread <and> roses" },
	{ "changed",   "published", "skipped",   OUT_OK, "Cancelled: Bread <and> roses" },
	{ "remind",    "published", "cancelled", OUT_MISSING, NULL },
	{ "remind",    "cancelled", "planned",   OUT_MISSING, NULL },
	{ "remind",    "published", "postponed", OUT_MISSING, NULL },
};

static enum outcome
write_letter(struct letters *l, const char *lang, const char *about, int64_t now,
    struct buf *to)
{
	const struct letter	letter = { .kind = MAIL_EVENT, .lang = lang,
				    .to = "ana@example.org", .code = about };

	buf_reset(to);
	return letter_write(l, courier, &letter, now, to);
}

static void
test_letters(void **state)
{
	static const char	 id[] = "64646464646464646464646464646464";
	struct letters		*l;
	struct buf		*to = buf_new(NULL, 8192);
	char			 about[64];

	settings = *settings_read(store_conf());
	settings.mail_from = "news@example.org";
	assert_non_null(l = letters_new(to, &settings, &post.secret));
	for (size_t i = 0; i < COUNT(letters); i++) {
		set_up(state);
		store_sql("UPDATE event SET state = '%s'", letters[i].event);
		store_sql("UPDATE occurrence SET state = '%s'", letters[i].date);
		snprintf(about, sizeof(about), "%s %s", id, letters[i].what);
		assert_int_equal(write_letter(l, "en", about, NOW, to), letters[i].want);
		if (letters[i].subject != NULL &&
		    (strstr(to->data, letters[i].subject) == NULL ||
		    strstr(to->data, "Friday, 15 January 2027") == NULL ||
		    strstr(to->data, "04:00") == NULL || strstr(to->data, "Bring a lamp") == NULL ||
		    strstr(to->data, "&lt;and&gt;") == NULL || strstr(to->data, id) != NULL))
			fail_msg("letter %zu: %s", i + 1, to->data);
		/* of what is over there is nothing to tell */
		assert_int_equal(write_letter(l, "en", about, NOW + 2 * HOUR, to), OUT_MISSING);
	}
	/* in the language of its reader; where there are no such words, in the event's own */
	set_up(state);
	snprintf(about, sizeof(about), "%s remind", id);
	assert_int_equal(write_letter(l, "es", about, NOW, to), OUT_OK);
	assert_non_null(strstr(to->data, "Pan y rosas"));
	store_sql("DELETE FROM event_words WHERE lang = 'es'");
	assert_int_equal(write_letter(l, "es", about, NOW, to), OUT_OK);
	assert_non_null(strstr(to->data, "lang=3D\"en\">Bread"));
	/* a date that is not there any more, and what is none */
	store_sql("DELETE FROM occurrence");
	assert_int_equal(write_letter(l, "en", about, NOW, to), OUT_MISSING);
	assert_int_equal(write_letter(l, "en", "", NOW, to), OUT_INVALID);
	assert_int_equal(write_letter(l, "en", "6464 seated", NOW, to), OUT_INVALID);
	talloc_free(to);
}

/* ---- further dates ---- */

static void
test_spread(void **state)
{
	const char	*rows = "SELECT COUNT(*) FROM occurrence WHERE day > 0";
	long		 first;

	(void)state;
	store_sql("UPDATE event SET starts_wall = %lld, rule = 'FREQ=WEEKLY;BYDAY=FR'",
	    (long long)calendar_wall("America/New_York", NOW));
	store_sql("DELETE FROM occurrence");
	store_sql("UPDATE event SET state = 'draft'");
	assert_int_equal(guests_spread(courier, NOW), OUT_OK);
	assert_int_equal(store_number("%s", rows), 0);
	store_sql("UPDATE event SET state = 'published'");
	assert_int_equal(guests_spread(courier, NOW), OUT_OK);
	first = store_number("%s", rows);
	assert_in_range(first, EVENT_AHEAD_DAYS / 7, EVENT_AHEAD_DAYS / 7 + 2);
	/* not for a day's sake */
	assert_int_equal(guests_spread(courier, NOW + DAY), OUT_OK);
	assert_int_equal(store_number("%s", rows), first);
	assert_int_equal(guests_spread(courier, NOW + 21 * DAY), OUT_OK);
	assert_int_equal(store_number("%s", rows), first + 3);
}

const struct CMUnitTest store_guests_tests[] = {
	cmocka_unit_test_setup(test_marks, set_up),
	cmocka_unit_test_setup(test_two_couriers, set_up),
	cmocka_unit_test_setup(test_remind, set_up),
	cmocka_unit_test_setup(test_remind_again, set_up),
	cmocka_unit_test_setup_teardown(test_remind_meanwhile, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_remind_cut_short, set_up, tear_down),
	cmocka_unit_test_setup(test_letters, set_up),
	cmocka_unit_test_setup_teardown(test_spread, set_up, tear_down),
};
const size_t store_guests_n = COUNT(store_guests_tests);
