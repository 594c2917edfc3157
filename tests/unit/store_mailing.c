/*
 * store_mailing.c: who asks to be told of statements, how a statement becomes mail for all of
 * them, what comes back, and the notices of the forms, under courier's account.
 */
#include "store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "../../cgi/courier/courier.h"
#include "openhall/notice.h"
#include "openhall/when.h"

enum { NOW = 1760000000, STORE = 100, EVERY = 36 /* seconds, of confirmations */ };

static const struct db_query q_signup = { "bbsi", "",
	"INSERT INTO signup (id, address, lang, at) VALUES (?, ?, ?, ?)" };
static const struct db_query q_subscriber = { "", "bbsb",
	"SELECT id, address, lang, token FROM subscriber LIMIT 1" };
static const struct db_query q_outbox = { "", "bsbb",
	"SELECT id, lang, address, about FROM outbox LIMIT 1" };

static struct post	 post;
static struct db	*courier, *owner;

static struct db *
open_courier(void)
{
	const struct db_set	 sets[] = {
		{ signup_queries, signup_n_queries },
		{ subscriber_queries, subscriber_n_queries },
		{ mailing_queries, mailing_n_queries },
		{ mail_queries, mail_n_queries },
	};
	struct db		*db = db_new(NULL, &store, "openhall_courier", sets,
				    COUNT(sets));

	assert_non_null(db);
	db_write(db, true);
	return db;
}

static int
set_up(void **state)
{
	(void)state;
	store_fresh(true);
	post = (struct post){ .sealer = { .until = 0 } };
	seal_pair(&post.sealer.to, &post.secret);
	courier = open_courier();
	owner = store_db(&q_signup, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(courier);
	talloc_free(owner);
	return 0;
}

/* ---- signing up ---- */

static void
ask(unsigned n, const char *address, const char *lang, int64_t at)
{
	struct id	id = { { 0 } };
	struct bytes	sealed;

	memcpy(id.at, &n, sizeof(n));
	assert_int_equal(mail_seal(owner, &post.sealer, NOW, &id, address, &sealed), OUT_OK);
	assert_int_equal(db_run(owner, &q_signup, NULL, DB_BYTES(id.at, ID_LEN),
	    DB_BYTES(sealed.data, sealed.len), DB_TEXT(lang), DB_INT(at)), OUT_OK);
}

/* How many are waiting to be answered then. */
static long
take(int64_t now)
{
	unsigned	n;

	do
		assert_int_equal(signup_take(courier, &post, now, &n), OUT_OK);
	while (n > 0);
	return store_number("SELECT COUNT(*) FROM signup");
}

static long
mails(void)
{
	return store_number("SELECT COUNT(*) FROM outbox");
}

static void
test_new(void **state)
{
	const struct db_value	*at;
	struct db_row		 row;
	struct code		 code;
	struct id		 id;
	struct db		*db = store_db(&q_subscriber, 1);
	const char		*address;

	(void)state;
	ask(1, " Ana.Ruiz@Example.org\r\n", "es", NOW);
	assert_int_equal(take(NOW), 0);
	assert_int_equal(db_first(db, db, &q_subscriber, &row), OUT_OK);
	at = row.at;
	memcpy(id.at, at[0].bytes.data, ID_LEN);
	assert_int_equal(mail_open(db, &post.secret, &id, at[1].bytes, &address), OUT_OK);
	assert_string_equal(address, "Ana.Ruiz@Example.org");
	mail_code(&code, &post.secret, &id);
	assert_memory_equal(at[3].bytes.data, code.lookup.at, KEY_LEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox JOIN subscriber s"
	    " ON s.id = subscriber WHERE kind = 'confirm' AND outbox.lang = 'es' AND"
	    " outbox.address = '' AND about = '' AND mailing IS NULL AND due_at = %d AND"
	    " s.state = 'pending' AND s.lang = 'es' AND asked_at = %d", NOW, NOW), 1);
	talloc_free(db);
}

/* Nobody gets more than one a day, however often and in which way it is asked for. */
static void
test_again(void **state)
{
	static const struct { const char *address; int64_t at; long mails; } cases[] = {
		{ "ana@example.org",  NOW,           1 },
		{ "ana@example.org",  NOW + 1,       1 },
		{ "ANA@Example.ORG",  NOW + 3600,    1 },
		{ "ana@example.org",  NOW + DAY - 1, 1 },
		{ "Ana@example.org",  NOW + DAY,     2 },
		{ "ana@example.org",  NOW + DAY + 1, 2 },
		{ "ana@example.com",  NOW + DAY + 1, 3 },
		{ "an.a@example.org", NOW + DAY + 1, 4 },
	};

	(void)state;
	for (unsigned i = 0; i < COUNT(cases); i++) {
		ask(i, cases[i].address, "en", cases[i].at);
		assert_int_equal(take(cases[i].at), 0);
		if (mails() != cases[i].mails)
			fail_msg("%u: %ld mails", i, mails());
	}
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber"), 3);
}

static void
test_known(void **state)
{
	static const struct { const char *before, *after; long mails; } cases[] = {
		{ "confirmed", "confirmed", 0 },
		{ "left",      "pending",   1 },
		{ "bounced",   "bounced",   0 },	/* asked today */
	};

	(void)state;
	for (unsigned i = 0; i < COUNT(cases); i++) {
		store_sql("DELETE FROM subscriber");
		ask(10 * i, "ana@example.org", "en", NOW);
		assert_int_equal(take(NOW), 0);
		store_sql("DELETE FROM outbox");
		store_sql("UPDATE subscriber SET state = '%s', bounces = 2%s",
		    cases[i].before, i > 0 ? ", address = ''" : "");
		ask(10 * i + 1, "ana@example.org", "es", NOW + 1);
		assert_int_equal(take(NOW + 1), 0);
		assert_int_equal(mails(), cases[i].mails);
		assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE"
		    " state = '%s' AND lang = '%s' AND bounces = %d AND (address <> '') = %d",
		    cases[i].after, cases[i].mails ? "es" : "en", cases[i].mails ? 0 : 2,
		    i != 2), 1);
	}
	ask(99, "ana@example.org", "en", NOW + DAY);
	assert_int_equal(take(NOW + DAY), 0);
	assert_int_equal(mails(), 1);
}

/* What is no address goes away, and holds nobody up. */
static void
test_odd(void **state)
{
	static const char *const	odd[] = { "", "ana", "@example.org", "ana@", "a b@example.org",
		"ana@example.org, ben@example.org", "ana@example.org\r\nBcc: x@example.org",
		"ana@localhost host", "<ana@example.org>" };

	(void)state;
	store_sql("INSERT INTO signup VALUES (REPEAT('x', 16), 'not sealed', 'en', 1)");
	for (unsigned i = 0; i < COUNT(odd); i++)
		ask(i, odd[i], "en", NOW);
	/* of another sign-up */
	ask(77, "ben@example.org", "en", NOW);
	store_sql("UPDATE signup SET id = REPEAT('y', 16) WHERE HEX(id) LIKE '4D0000%%'");
	assert_int_equal(take(NOW), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber"), 0);
	ask(78, "ana@example.org", "en", NOW);
	assert_int_equal(take(NOW), 0);
	assert_int_equal(mails(), 1);
}

static void
test_bound(void **state)
{
	char	address[64];

	(void)state;
	for (unsigned i = 0; i < STORE + 50; i++) {
		snprintf(address, sizeof(address), "a%u@example.org", i);
		ask(i, address, "en", NOW + i);
	}
	assert_int_equal(take(NOW), 50);
	assert_int_equal(mails(), STORE);
	assert_int_equal(take(NOW + EVERY - 1), 50);
	assert_int_equal(take(NOW + 10 * EVERY), 40);
	assert_int_equal(mails(), STORE + 10);
	/* in their order: the first have been answered, those who wait are the last */
	assert_int_equal(store_number("SELECT MIN(at) FROM signup"), NOW + STORE + 10);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber"), STORE + 10);
	/* a clock that was set back */
	store_sql("UPDATE duty SET next_at = 1 << 40 WHERE name = 'confirm'");
	assert_int_equal(take(NOW), 0);
}

static void
test_tidy(void **state)
{
	static const char *const	coming[] = {
		"START TRANSACTION",
		"INSERT INTO signup VALUES ('', 'a', 'en', 1)",
		"INSERT INTO subscriber (id, hash, address, lang, state, token, asked_at) VALUES"
		    " ('', 'new', '', 'aa', 'pending', 'new', 1),"
		    " ('x', 'left', '', 'aa', 'left', 'left', 1)",
		"UPDATE subscriber SET state = 'confirmed' WHERE token = '01'",
	};
	MYSQL				*visitor = store_raw(NULL);

	(void)state;
	for (int days = 1; days <= 5; days++)
		for (int i = 0; i < 2; i++)
			store_sql("INSERT INTO subscriber (id, hash, address, lang, state, token,"
			    " asked_at) VALUES ('%d%d', '%d%d', 'a', 'en', '%s', '%d%d', %d)",
			    i, days, i, days, i ? "confirmed" : "pending", i, days,
			    NOW - days * DAY);
	for (int i = 2; i < 4; i++)
		store_sql("INSERT INTO subscriber (id, hash, address, lang, state, token,"
		    " asked_at) VALUES ('%d', '%d', '', 'en', '%s', '%d', %d)", i, i,
		    i == 2 ? "left" : "bounced", i, NOW);
	store_sql("INSERT INTO signup VALUES ('a', 'a', 'en', %d), ('b', 'a', 'en', %d)",
	    NOW - 2 * DAY, NOW - 4 * DAY);
	/* who is on the way in is not waited for */
	for (size_t i = 0; i < COUNT(coming); i++)
		if (mysql_query(visitor, coming[i]) != 0)
			fail_msg("%s: %s", coming[i], mysql_error(visitor));
	store_sql("INSERT INTO outbox (id, kind, lang, address, state, due_at, done_at) VALUES"
	    " ('a', 'confirm', 'en', '', 'sent', %d, %d),"
	    " ('b', 'confirm', 'en', '', 'failed', %d, %d),"
	    " ('c', 'confirm', 'en', '', 'waiting', 1, NULL),"
	    " ('d', 'confirm', 'en', '', 'sent', 1, %d)",
	    NOW - 40 * DAY, NOW - 40 * DAY, NOW - 31 * DAY, NOW - 31 * DAY, NOW - 29 * DAY);
	assert_int_equal(subscriber_tidy(courier, NOW), OUT_OK);
	assert_int_equal(mysql_query(visitor, "ROLLBACK"), 0);
	mysql_close(visitor);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE"
	    " state = 'pending'"), 3);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE"
	    " state = 'confirmed'"), 5);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber"), 8);
	assert_int_equal(store_number("SELECT COUNT(*) FROM signup"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE id LIKE 'c%%'"
	    " OR id LIKE 'd%%'"), 2);
	assert_int_equal(mails(), 2);
}

/* ---- announcing ---- */

#define DIGIT	"(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION" \
		" SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"

/* `n` of each ten thousand, confirmed. */
static void
subscribe(const char *lang, const char *state, int n)
{
	store_sql("INSERT INTO subscriber (id, hash, address, lang, state, token, asked_at)"
	    " SELECT " STORE_ID("CONCAT('%s%s', n)") ", UNHEX(SHA2(CONCAT('%s%s', n), 256)), 'a',"
	    " '%s', '%s', UNHEX(SHA2(CONCAT('%s%s', n, 't'), 256)), 1 FROM (SELECT a.d +"
	    " 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d n FROM " DIGIT " a, " DIGIT
	    " b, " DIGIT " c, " DIGIT " d, " DIGIT " e) numbers WHERE n < %d",
	    lang, state, lang, state, lang, state, lang, state, n);
}

static void
publish(char name, const char *lang, int64_t at, bool announce)
{
	store_sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
	    " published_at) VALUES (REPEAT('%c', 16), REPEAT('%c', 16), '%s', '%c', 't', 's',"
	    " 'h', %lld)", name, name, lang, name, (long long)at);
	if (announce)
		store_sql("INSERT INTO mailing (id, lang, asked_at, asked_by, due_at) VALUES"
		    " (REPEAT('%c', 16), '%s', 1, '', %lld)", name, lang, (long long)at);
}

/* All there is to do; how many pages it took. */
static int
expand_all(struct db *db, int64_t now)
{
	bool	more = true;
	int	n = -1;

	for (; more; n++)
		assert_int_equal(mailing_expand(db, now, &more), OUT_OK);
	return n;
}

static void
test_whom(void **state)
{
	(void)state;
	subscribe("en", "confirmed", 30);
	subscribe("en", "pending", 10);
	subscribe("en", "left", 10);
	subscribe("en", "bounced", 10);
	subscribe("es", "confirmed", 20);
	publish('a', "en", NOW, true);
	assert_int_equal(expand_all(courier, NOW - 1), 0);	/* not yet */
	assert_int_equal(mails(), 0);
	assert_int_equal(expand_all(courier, NOW), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox JOIN subscriber s ON"
	    " s.id = subscriber WHERE mailing = REPEAT('a', 16) AND outbox.lang = 'en' AND"
	    " s.lang = 'en' AND s.state = 'confirmed' AND kind = 'statement' AND"
	    " outbox.address = '' AND about = '' AND due_at = %d AND"
	    " outbox.state = 'waiting'", NOW), 30);
	assert_int_equal(mails(), 30);
	assert_int_equal(store_number("SELECT expanded_at FROM mailing"), NOW);
	assert_int_equal(expand_all(courier, NOW + 1), 0);

	/* its time was put off */
	publish('b', "es", NOW, true);
	store_sql("UPDATE published SET published_at = %d WHERE slug = 'b'", NOW + 10);
	assert_int_equal(expand_all(courier, NOW + 5), 0);
	/* withdrawn meanwhile: it ends, and holds up nothing */
	publish('c', "es", NOW, true);
	store_sql("DELETE FROM published WHERE slug = 'c'");
	assert_int_equal(expand_all(courier, NOW + 5), 1);
	assert_int_equal(mails(), 30);
	assert_int_equal(expand_all(courier, NOW + 10), 1);
	assert_int_equal(mails(), 50);
	assert_int_equal(store_number("SELECT COUNT(*) FROM mailing WHERE"
	    " expanded_at IS NULL"), 0);
	/* a full page, and nothing behind it */
	store_sql("DELETE FROM subscriber");
	subscribe("en", "confirmed", MAILING_PAGE);
	publish('d', "en", NOW, true);
	assert_int_equal(expand_all(courier, NOW), 2);
	assert_int_equal(mails(), 50 + MAILING_PAGE);
}

/* A courier of its own, which is killed after `us` microseconds. */
static void
cut_short(unsigned us)
{
	int	status;
	pid_t	pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct db	*db = open_courier();
		bool		 more = true;

		while (more && mailing_expand(db, NOW, &more) == OUT_OK)
			;
		_exit(0);
	}
	usleep(us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* However it is cut short, nobody is left out, and nobody told twice. */
static void
test_cut(void **state)
{
	enum { ALL = 20000 };
	struct rusage	before, after;
	size_t		held;
	bool		more;

	(void)state;
	subscribe("en", "confirmed", ALL);
	publish('a', "en", NOW, true);
	for (unsigned us = 30000; us < 150000; us += 30000)
		cut_short(us);
	if (mails() % MAILING_PAGE != 0)
		fail_msg("half a page: %ld mails", mails());

	/* two at a time, and one that had lost its place */
	store_sql("UPDATE mailing SET expanded_at = NULL, expanded_to = (SELECT id FROM"
	    " subscriber ORDER BY id LIMIT 1 OFFSET 4321)");
	store_sql("DELETE FROM outbox WHERE subscriber > (SELECT id FROM subscriber ORDER BY id"
	    " LIMIT 1 OFFSET 9999)");
	assert_int_equal(mailing_expand(courier, NOW, &more), OUT_OK);
	store_sql("UPDATE mailing SET expanded_to = ''");
	held = talloc_total_size(courier);
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	assert_int_equal(expand_all(courier, NOW), ALL / MAILING_PAGE + 1);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_int_equal(talloc_total_size(courier), held);
	assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);	/* kB */

	assert_int_equal(mails(), ALL);
	assert_int_equal(store_number("SELECT COUNT(DISTINCT subscriber) FROM outbox"), ALL);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber s WHERE NOT EXISTS"
	    " (SELECT 1 FROM outbox o WHERE o.subscriber = s.id)"), 0);
}

/* ---- what comes back ---- */

static const char	dsn[] =
    "From: MAILER-DAEMON@mail.example.org\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
    "\tboundary=\"4dk/mail\"\r\n\r\n"
    "--4dk/mail\r\n\r\nI'm sorry.\r\n"
    "--4dk/mail\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mail.example.org\r\n\r\n"
    "Final-Recipient: rfc822; a@example.com\r\nAction: %s\r\nStatus: %s\r\n\r\n"
    "--4dk/mail\r\nContent-Type: message/rfc822\r\n\r\n"
    "Message-ID: <%032x@example.org>\r\n\r\nText\r\n--4dk/mail--\r\n";

static void
arrive(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
arrive(const char *name, const char *fmt, ...)
{
	char	 path[4096];
	FILE	*f;
	va_list	 ap;

	snprintf(path, sizeof(path), "%s/bounces/new/%s", store_dir(), name);
	assert_non_null(f = fopen(path, "w"));
	va_start(ap, fmt);
	assert_true(vfprintf(f, fmt, ap) > 0);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
}

static unsigned
read_all(void)
{
	char		folder[4096];
	unsigned	n;

	snprintf(folder, sizeof(folder), "%s/bounces", store_dir());
	assert_int_equal(bounces_take(courier, folder, &n), OUT_OK);
	return n;
}

static void
bounces_are(long n, const char *subscriber)
{
	assert_int_equal(store_number("SELECT bounces FROM subscriber WHERE state = '%s' AND"
	    " (address = '') = (state = 'bounced')", subscriber), n);
}

static void
test_bounces(void **state)
{
	static const char	failed[] = "failed", status[] = "5.1.1";

	(void)state;
	store_shell("rm -rf %s/bounces && mkdir -p %s/bounces/new %s/bounces/cur"
	    " %s/bounces/tmp", store_dir(), store_dir(), store_dir(), store_dir());
	subscribe("en", "confirmed", 1);
	for (int i = 1; i <= 9; i++)
		store_sql("INSERT INTO outbox (id, kind, lang, address, subscriber, state,"
		    " due_at, done_at) SELECT UNHEX(LPAD(HEX(%d), 32, '0')), 'statement', 'en',"
		    " '', id, '%s', 1, 1 FROM subscriber", i, i == 9 ? "waiting" : "sent");
	store_sql("INSERT INTO outbox (id, kind, lang, address, state, due_at, done_at) VALUES"
	    " (UNHEX(LPAD('A', 32, '0')), 'receipt', 'en', '', 'sent', 1, 1)");

	arrive("1", dsn, "delayed", "4.4.1", 1);
	arrive("2", dsn, failed, "4.4.7", 2);
	arrive("3", dsn, failed, status, 100);	/* not ours */
	arrive("4", dsn, failed, status, 9);	/* not sent yet */
	arrive("5", dsn, failed, status, 10);	/* nobody's */
	arrive("6", "no mail at all");
	arrive(".7", dsn, failed, status, 3);	/* not a mail of a Maildir */
	store_shell("ln -s /etc/passwd %s/bounces/new/8", store_dir());
	assert_int_equal(read_all(), 7);
	bounces_are(0, "confirmed");
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'failed'"
	    " AND kind = 'receipt'"), 1);
	store_shell("test $(ls %s/bounces/cur | grep -c ':2,S$') = 7", store_dir());
	assert_int_equal(read_all(), 0);

	/* three, each counted once */
	arrive("1", dsn, failed, status, 3);
	arrive("2", dsn, failed, status, 3);
	assert_int_equal(read_all(), 2);
	bounces_are(1, "confirmed");
	arrive("3", dsn, failed, "5.7.1", 4);
	assert_int_equal(read_all(), 1);
	bounces_are(2, "confirmed");
	arrive("4", dsn, failed, status, 5);
	assert_int_equal(read_all(), 1);
	bounces_are(3, "bounced");
	arrive("5", dsn, failed, status, 6);
	assert_int_equal(read_all(), 1);
	bounces_are(3, "bounced");
}

static void
test_leave(void **state)
{
	static const char	mail[] = "From: a@example.com\nSubject: %s%s\n\nx\n";
	struct code		code, other;
	struct id		id;
	struct db_row		row;
	struct db		*db = store_db(&q_subscriber, 1);

	(void)state;
	store_shell("rm -rf %s/bounces && mkdir -p %s/bounces/new %s/bounces/cur", store_dir(),
	    store_dir(), store_dir());
	ask(1, "ana@example.org", "en", NOW);
	assert_int_equal(take(NOW), 0);
	store_sql("UPDATE subscriber SET state = 'confirmed'");
	assert_int_equal(db_first(db, db, &q_subscriber, &row), OUT_OK);
	memcpy(id.at, row.at[0].bytes.data, ID_LEN);
	mail_code(&code, &post.secret, &id);
	code_new(&other);
	arrive("1", mail, "leave ", other.text);
	arrive("2", mail, "leave", "");
	arrive("3", mail, code.text, " please");
	assert_int_equal(read_all(), 3);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE"
	    " state = 'confirmed' AND address <> ''"), 1);
	arrive("4", mail, "leave ", code.text);
	assert_int_equal(read_all(), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE"
	    " state = 'left' AND address = ''"), 1);
	talloc_free(db);
}

static void
test_no_folder(void **state)
{
	unsigned	n;

	(void)state;
	assert_int_equal(bounces_take(courier, NULL, &n), OUT_OK);
	assert_int_equal(bounces_take(courier, "/nonexistent", &n), OUT_FAULT);
}

/* ---- notices ---- */

/* What was answered, or "" : not asked. */
struct answered { const char *email, *reach, *language, *lang; };

static struct form_answers *
answers_of(void *ctx, const struct answered *a)
{
	static const struct site_words	words[] = {
		{ .lang = "en", .name = "The party", .prefix = "" },
		{ .lang = "es", .name = "El partido", .prefix = "/es" },
	};
	static const struct settings	settings = { .words = words, .n_words = 2 };
	static const struct form_field	fields[] = {
		{ .name = "reach", .kind = FIELD_LINE },	/* join: in words */
		{ .name = "reach", .kind = FIELD_ONE },
		{ .name = "language", .kind = FIELD_ONE },
		{ .name = "email", .kind = FIELD_EMAIL },
	};
	static const struct form	form = { .settings = &settings, .name = "join",
					    .n_fields = COUNT(fields), .fields = fields };
	const char			*all[] = { "not by night", a->reach, a->language,
					    a->email };
	struct form_answers		*answers = form_empty(ctx, &form);

	for (size_t i = 0; i < COUNT(all); i++) {
		const char **list = (const char **)talloc_zero_array(answers, char *, 2);

		list[0] = all[i];
		answers->values[i] = list;
	}
	answers->lang = a->lang;
	return answers;
}

static void
test_notices(void **state)
{
	static const struct key	own = { "the content key of a case......." };
	static const struct { struct answered a; const char *want; } cases[] = {
		{ { "ana@example.org", NULL, NULL, NULL }, "en" },
		{ { "ana@example.org", NULL, NULL, "es" }, "es" },
		{ { "ana@example.org", "email", "es", "en" }, "es" },
		{ { "ana@example.org", "email", "other", "es" }, "es" },
		{ { "ana@example.org", "email", "other", "fr" }, "en" },
		{ { "ana@example.org", "phone", "es", "en" }, NULL },
		{ { "ana@example.org", "receipt", "es", "en" }, NULL },
		{ { NULL, "email", "es", "en" }, NULL },
		{ { "ana@example.org\r\nx", NULL, NULL, "en" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct form_answers	*answers = answers_of(courier, &cases[i].a);
		struct db		*db = store_db(&q_outbox, 1);
		const char		*address;
		struct db_row		 row;
		struct id		 id;

		store_sql("DELETE FROM outbox");
		/* the same thing twice is one mail, another is another */
		for (int j = 0; j < 2; j++)
			assert_int_equal(notice_add(courier, &post.sealer, NOW, answers, "en",
			    &own, MAIL_DECIDED, 1, NULL), OUT_OK);
		if (mails() != (cases[i].want != NULL))
			fail_msg("%zu: %ld mails", i, mails());
		if (cases[i].want != NULL) {
			assert_int_equal(db_first(db, db, &q_outbox, &row), OUT_OK);
			memcpy(id.at, row.at[0].bytes.data, ID_LEN);
			assert_string_equal(row.at[1].bytes.data, cases[i].want);
			assert_int_equal(mail_open(db, &post.secret, &id, row.at[2].bytes,
			    &address), OUT_OK);
			assert_string_equal(address, cases[i].a.email);
			/* nothing that could be told */
			assert_int_equal(row.at[3].bytes.len, 0);
			assert_int_equal(notice_add(courier, &post.sealer, NOW, answers, "en",
			    &own, MAIL_DECIDED, 2, NULL), OUT_OK);
			assert_int_equal(notice_add(courier, &post.sealer, NOW, answers, "en",
			    &own, MAIL_MESSAGE, 1, NULL), OUT_OK);
			assert_int_equal(mails(), 3);
		}
		talloc_free(db);
		talloc_free(answers);
	}
}

static void
test_receipt(void **state)
{
	static const struct answered	a = { "ana@example.org", NULL, "en", "en" };
	struct form_answers		*answers = answers_of(courier, &a);
	struct db			*db = store_db(&q_outbox, 1);
	struct db_row			 row;
	struct code			 code;
	struct id			 id;
	const char			*text;

	(void)state;
	code_new(&code);
	assert_int_equal(notice_add(courier, &post.sealer, NOW, answers, "en", &code.key,
	    MAIL_RECEIPT, 0, code.text), OUT_OK);
	assert_int_equal(db_first(db, db, &q_outbox, &row), OUT_OK);
	memcpy(id.at, row.at[0].bytes.data, ID_LEN);
	assert_int_equal(mail_open_code(db, &post.secret, &id, row.at[3].bytes, &text), OUT_OK);
	assert_string_equal(text, code.text);
	/* not by another key, nor as another mail's */
	assert_int_equal(mail_open_code(db, &code.key, &id, row.at[3].bytes, &text),
	    OUT_FORBIDDEN);
	id.at[0] ^= 1;
	assert_int_equal(mail_open_code(db, &post.secret, &id, row.at[3].bytes, &text),
	    OUT_FORBIDDEN);
	talloc_free(db);
	talloc_free(answers);
}

const struct CMUnitTest	store_mailing_tests[] = {
	cmocka_unit_test_setup_teardown(test_new, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_known, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_odd, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_bound, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_tidy, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_whom, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_cut, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_bounces, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_leave, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_notices, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_receipt, set_up, tear_down),
};
const size_t		store_mailing_n = COUNT(store_mailing_tests);
