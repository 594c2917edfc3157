/*
 * store_outbox.c: mail from the outbox to a server, or into a folder: what becomes of it when
 * it is taken, refused, put off or nobody answers, and that no two couriers send the same.
 */
#include "store.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "../../cgi/courier/courier.h"
#include "../../cgi/courier/letter.h"
#include "../../cgi/courier/outbox.h"
#include "openhall/mail.h"

enum { Q_SUBSCRIBER, Q_TO_SUBSCRIBER, Q__COUNT };

static const struct db_query	queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_SUBSCRIBER] = { "bbbsb", "",
	    "INSERT INTO subscriber (id, hash, address, lang, state, token, asked_at)"
	    " VALUES (?, ?, ?, 'en', ?, ?, 1)" },
	[Q_TO_SUBSCRIBER] = { "bsBb", "",
	    "INSERT INTO outbox (id, kind, lang, address, mailing, subscriber, due_at)"
	    " VALUES (?, ?, 'en', '', ?, ?, 1)" },
};

static struct settings	settings;
static struct sealer	sealer;
static struct key	secret;
static struct db	*db;
static char		folder[4096], url[64];
static int		listening = -1;
static pid_t		server;

/* ---- a mail server, as strange as the first letters of an address say ---- */

static void
say(FILE *to, const char *line)
{
	fprintf(to, "%s\r\n", line);
	fflush(to);
}

/* Up to the dot.  Whether a recipient stood there who drops it. */
static void
take_data(FILE *in, FILE *out, const char *to)
{
	char	line[2048];

	say(out, "354 go on");
	while (fgets(line, sizeof(line), in) != NULL && strcmp(line, ".\r\n") != 0)
		;
	if (strncmp(to, "drop", 4) == 0)
		_exit(0);
	if (strncmp(to, "stay", 4) == 0)
		pause();
	say(out, strncmp(to, "spam", 4) == 0 ? "554 no" : "250 taken");
}

static void
converse(int fd)
{
	char	 line[2048], to[2048] = "";
	FILE	*in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");

	say(out, "220 here");
	while (fgets(line, sizeof(line), in) != NULL) {
		if (strncmp(line, "MAIL", 4) == 0) {
			say(out, "250 ok");
		} else if (strncmp(line, "RCPT", 4) == 0) {
			snprintf(to, sizeof(to), "%s", line + strlen("RCPT TO:<"));
			say(out, strncmp(to, "hard", 4) == 0 ? "550 nobody here" :
			    strncmp(to, "soft", 4) == 0 ? "450 later" :
			    strncmp(to, "busy", 4) == 0 ? "421 too much" : "250 ok");
		} else if (strncmp(line, "DATA", 4) == 0) {
			take_data(in, out, to);
		} else {
			say(out, "250 ok");
		}
	}
	_exit(0);
}

/* One child a connection, all in a group of their own. */
static void
start_server(void)
{
	struct sockaddr_in	at = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t		len = sizeof(at);

	listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(listening, 10), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	if ((server = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int	fd = accept(listening, NULL, NULL);

			if (fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				converse(fd);
			}
			close(fd);
		}
	}
	assert_true(server > 0);
}

/* ---- the outbox ---- */

static bool	asked_to_leave;

static bool
leaving(void)
{
	return asked_to_leave;
}

/* With the rights of the courier, and no others. */
static struct db *
open_db(void)
{
	const struct db_set	 sets[] = {
		{ queries, Q__COUNT },
		{ mail_queries, mail_n_queries },
		{ letter_queries, letter_n_queries },
		{ subscriber_queries, subscriber_n_queries },
		{ bound_queries, bound_n_queries },
		{ outbox_queries, outbox_n_queries },
	};
	struct db		*opened = db_new(NULL, &settings, "openhall_courier", sets,
				    COUNT(sets));

	assert_non_null(opened);
	db_write(opened, true);
	return opened;
}

static int
set_up(void **state)
{
	char	out[8192];

	(void)state;
	asked_to_leave = false;
	store_fresh(false);
	if (store_openhall("", out, "setup") != 0)
		fail_msg("%s", out);
	settings = *settings_read(store_conf());
	settings.mail_from = "news@example.org";
	settings.mail_rate = 3600000;
	snprintf(folder, sizeof(folder), "%s/mail", store_dir());
	mail_start(&sealer, &settings);
	seal_read_key(&secret, settings.key_dir, "mail.key");
	db = open_db();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	db = NULL;
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		server = 0;
	}
	if (listening >= 0)
		close(listening);
	listening = -1;
	store_shell("rm -rf %s", folder);
	return 0;
}

static void
add(char name, enum mail_kind kind, const char *lang, const char *address, const char *code)
{
	struct id	id;

	memset(id.at, name, ID_LEN);
	assert_int_equal(mail_add(db, &sealer, 1, &id, kind, lang, address, code), OUT_OK);
}

/* A mail to a subscriber; both have the id `name`. */
static void
add_to(char name, enum mail_kind kind, const char *state, const char *address, char statement)
{
	struct id	id, other;
	struct key	hash;
	struct bytes	sealed;

	memset(id.at, name, ID_LEN);
	memset(other.at, statement, ID_LEN);
	memset(hash.at, name, KEY_LEN);
	assert_int_equal(mail_seal(db, &sealer, 1, &id, address, &sealed), OUT_OK);
	assert_int_equal(db_run(db, &queries[Q_SUBSCRIBER], NULL, DB_BYTES(id.at, ID_LEN),
	    DB_BYTES(hash.at, KEY_LEN), DB_BYTES(sealed.data, sealed.len), DB_TEXT(state),
	    DB_BYTES(hash.at, KEY_LEN)), OUT_OK);
	assert_int_equal(db_run(db, &queries[Q_TO_SUBSCRIBER], NULL, DB_BYTES(id.at, ID_LEN),
	    DB_TEXT(mail_kind_names[kind]), statement == 0 ? (struct db_value){ .type = 0 } :
	    DB_BYTES(other.at, ID_LEN), DB_BYTES(id.at, ID_LEN)), OUT_OK);
}

static void
publish(char name, const char *at)
{
	store_sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
	    " published_at) VALUES (REPEAT('%c', 16), REPEAT('%c', 16), 'en', 'a-%c',"
	    " 'Bread <and> roses', 'In short', '', %s)", name, name, name, at);
}

static void
send_all(struct outbox *box)
{
	assert_int_equal(outbox_send(box, db), OUT_OK);
}

/* The mail `name` is so. */
static void
is(char name, const char *condition)
{
	if (store_number("SELECT COUNT(*) FROM outbox WHERE id = REPEAT('%c', 16) AND"
	    " leased_until = 0 AND %s", name, condition) != 1)
		fail_msg("%c: not %s", name, condition);
}

#define SENT	"state = 'sent' AND address = '' AND about = '' AND done_at > 1 AND attempts = 1"

/* Whether the mail `name` in the folder holds this line. */
static void
holds(char name, const char *line)
{
	store_shell("grep -qF -- '%s' %s/new/$(printf '%02x%%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13"
	    " 14 15 16)", line, folder, (unsigned)name);
}

static void
test_folder(void **state)
{
	struct outbox	*box;
	struct code	 code;
	struct id	 id;

	(void)state;
	settings.mail_folder = folder;
	box = outbox_new(NULL, &settings, &secret, leaving);
	publish('1', "5");
	publish('2', "1 << 40");
	add('a', MAIL_RECEIPT, "en", "a@example.org", "ABCD-EFGH");
	add('b', MAIL_INVITATION, "es", "b@example.org", "IJKL-MNOP");
	add('c', MAIL_MESSAGE, "xx", "c@example.org", NULL);
	add('d', MAIL_DECIDED, "en", "no address", NULL);
	add_to('e', MAIL_CONFIRM, "pending", "e@example.org", 0);
	add_to('f', MAIL_CONFIRM, "left", "f@example.org", 0);
	add_to('g', MAIL_STATEMENT, "confirmed", "g@example.org", '1');
	add_to('h', MAIL_STATEMENT, "left", "h@example.org", '1');
	add_to('i', MAIL_STATEMENT, "confirmed", "i@example.org", '2');
	add_to('j', MAIL_STATEMENT, "confirmed", "j@example.org", '3');
	add('k', MAIL_STATEMENT, "en", "k@example.org", NULL);
	add('l', MAIL_MESSAGE, "en", "l@example.org", NULL);
	store_sql("UPDATE outbox SET address = REVERSE(address) WHERE id = REPEAT('l', 16)");
	add('m', MAIL_MESSAGE, "en", "m@example.org", NULL);
	store_sql("UPDATE outbox SET due_at = 1 << 40 WHERE id = REPEAT('m', 16)");
	send_all(box);

	for (const char *name = "abceg"; *name != '\0'; name++)
		is(*name, SENT);
	for (const char *name = "fhijk"; *name != '\0'; name++)
		is(*name, "state = 'dropped' AND address = '' AND attempts = 1");
	is('d', "state = 'failed' AND address = ''");
	is('l', "state = 'failed' AND address = ''");
	is('m', "state = 'waiting' AND address <> '' AND attempts = 0");
	store_shell("test $(ls %s/new | wc -l) = 5", folder);
	holds('a', "ABCD-EFGH");
	holds('a', "To: a@example.org");
	holds('a', "Message-ID: <61616161616161616161616161616161@");
	holds('b', "welcome?invitation=3DIJKL-MNOP");
	holds('g', "List-Unsubscribe-Post: List-Unsubscribe=One-Click");
	holds('g', "Bread &lt;and&gt;");
	/* the code in it is the one that is known by subscriber.token */
	memset(id.at, 'g', ID_LEN);
	mail_code(&code, &secret, &id);
	holds('g', code.text);
	/* it is written where nobody reads yet */
	store_shell("rmdir %s/tmp", folder);
	add('n', MAIL_MESSAGE, "en", "n@example.org", NULL);
	send_all(box);
	is('n', "state = 'waiting' AND attempts = 1");
	store_shell("test $(ls -A %s/new | wc -l) = 5", folder);
	talloc_free(box);
}

/* What the server says decides what becomes of it. */
static const struct { const char *address, *mail; int bounces; } answers[] = {
	{ "fine@example.org",	SENT " AND code = 250", 0 },
	{ "soft@example.org",	"state = 'waiting' AND attempts = 1 AND code = 450 AND"
				" due_at BETWEEN UNIX_TIMESTAMP() + 50 AND"
				" UNIX_TIMESTAMP() + 60 AND address = ''", 0 },
	{ "hard@example.org",	"state = 'failed' AND attempts = 1 AND code = 550", 1 },
	{ "spam@example.org",	"state = 'failed' AND attempts = 1 AND code = 554", 1 },
	{ "drop@example.org",	"state = 'waiting' AND attempts = 1 AND"
				" due_at > UNIX_TIMESTAMP() + 50", 0 },
	{ "more@example.org",	SENT, 0 },
};

static void
test_answers(void **state)
{
	struct outbox	*box;

	(void)state;
	start_server();
	settings.mail_server = url;
	box = outbox_new(NULL, &settings, &secret, leaving);
	publish('1', "5");
	for (size_t i = 0; i < COUNT(answers); i++)
		add_to((char)('a' + i), MAIL_STATEMENT, "confirmed", answers[i].address, '1');
	send_all(box);
	for (size_t i = 0; i < COUNT(answers); i++) {
		is((char)('a' + i), answers[i].mail);
		assert_int_equal(store_number("SELECT bounces FROM subscriber"
		    " WHERE id = REPEAT('%c', 16)", 'a' + (int)i), answers[i].bounces);
	}
	/* the third time it stops, and the address is forgotten */
	store_sql("UPDATE outbox SET state = 'waiting' WHERE id = REPEAT('c', 16)");
	store_sql("UPDATE subscriber SET bounces = 2 WHERE id = REPEAT('c', 16)");
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber WHERE bounces = 3"
	    " AND state = 'bounced' AND address = '' AND id = REPEAT('c', 16)"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM subscriber"
	    " WHERE state = 'confirmed' AND address <> ''"), (long)COUNT(answers) - 1);
	/* the longer it takes, the longer it waits; after days it ends */
	store_sql("UPDATE outbox SET due_at = 1, attempts = 5 WHERE id = REPEAT('b', 16)");
	send_all(box);
	is('b', "state = 'waiting' AND due_at BETWEEN UNIX_TIMESTAMP() + 1910 AND"
	    " UNIX_TIMESTAMP() + 1920");
	store_sql("UPDATE outbox SET due_at = 1, attempts = 20 WHERE id = REPEAT('b', 16)");
	send_all(box);
	is('b', "state = 'waiting' AND due_at BETWEEN UNIX_TIMESTAMP() + 21590 AND"
	    " UNIX_TIMESTAMP() + 21600");
	store_sql("UPDATE outbox SET due_at = 1, attempts = 27 WHERE id = REPEAT('b', 16)");
	send_all(box);
	is('b', "state = 'failed' AND code = 450");
	assert_int_equal(store_number("SELECT bounces FROM subscriber"
	    " WHERE id = REPEAT('b', 16)"), 0);
	talloc_free(box);
}

/* A server that is not there, or wants none of us, is left alone for a while; others may have
 * the mail that waits. */
static void
test_broken(void **state)
{
	struct outbox	*box;

	(void)state;
	settings.mail_server = "smtp://127.0.0.1:1";
	box = outbox_new(NULL, &settings, &secret, leaving);
	for (char name = 'a'; name <= 'c'; name++)
		add(name, MAIL_MESSAGE, "en", "a@example.org", NULL);
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE attempts = 1 AND"
	    " due_at > UNIX_TIMESTAMP() + 50"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE attempts = 0 AND"
	    " leased_until = 0 AND state = 'waiting'"), 2);
	talloc_free(box);

	start_server();
	settings.mail_server = url;
	store_sql("UPDATE outbox SET due_at = 0");
	add('0', MAIL_MESSAGE, "en", "busy@example.org", NULL);
	store_sql("UPDATE outbox SET due_at = -1 WHERE id = REPEAT('0', 16)");
	box = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	is('0', "state = 'waiting' AND attempts = 1 AND code = 421");
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"), 0);
	talloc_free(box);
	/* another courier */
	box = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"), 3);
	talloc_free(box);
}

/* What another courier has leased is left to it until its lease has run out; an hour's rate
 * holds for all of them; without a server or a folder all waits. */
static void
test_leases(void **state)
{
	struct outbox	*box = outbox_new(NULL, &settings, &secret, leaving), *other;

	(void)state;
	add('a', MAIL_MESSAGE, "en", "a@example.org", NULL);
	send_all(box);
	is('a', "state = 'waiting' AND attempts = 0");
	talloc_free(box);

	settings.mail_folder = folder;
	box = outbox_new(NULL, &settings, &secret, leaving);
	store_sql("UPDATE outbox SET leased_until = UNIX_TIMESTAMP() + 60");
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'"), 1);
	store_sql("UPDATE outbox SET leased_until = UNIX_TIMESTAMP() - 1");
	send_all(box);
	is('a', SENT);
	talloc_free(box);

	settings.mail_rate = 1;
	store_sql("UPDATE duty SET next_at = 0 WHERE name = 'pace'");
	for (char name = 'b'; name <= 'd'; name++)
		add(name, MAIL_MESSAGE, "en", "a@example.org", NULL);
	box = outbox_new(NULL, &settings, &secret, leaving);
	other = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	send_all(other);
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE leased_until > 0"), 0);
	talloc_free(other);
	talloc_free(box);
}

/* A receipt does not wait behind the announcements that were due before it. */
static void
test_urgent(void **state)
{
	struct outbox	*box;

	(void)state;
	settings.mail_folder = folder;
	settings.mail_rate = 1;
	publish('x', "1");
	for (char name = 'a'; name <= 'c'; name++)
		add_to(name, MAIL_STATEMENT, "confirmed", "a@example.org", 'x');
	add('d', MAIL_RECEIPT, "en", "d@example.org", "CODE");
	store_sql("UPDATE outbox SET due_at = 2 WHERE id = REPEAT('d', 16)");
	box = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	is('d', SENT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'"), 3);
	/* and they go on when there is none */
	store_sql("UPDATE duty SET next_at = 0 WHERE name = 'pace'");
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'"), 2);
	talloc_free(box);
}

/* Who is killed leaves one mail of which nobody knows; what it had sent before is known, although
 * it had no marks yet. */
static void
test_killed(void **state)
{
	struct outbox	*box;
	pid_t		 pid;

	(void)state;
	start_server();
	settings.mail_server = url;
	for (char name = 'a'; name <= 'f'; name++)
		add(name, MAIL_MESSAGE, "en", name == 'e' ? "stay@example.org" :
		    "fine@example.org", NULL);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		db = open_db();
		(void)outbox_send(outbox_new(NULL, &settings, &secret, leaving), db);
		_exit(0);
	}
	assert_true(pid > 0);
	store_shell("for i in $(seq 200); do test \"$(cat %s/sent/* 2>&- | tr -d '\\0' | wc -c)\" = %d &&"
	    " exit 0; sleep 0.05; done; exit 1", settings.spool_dir, 4 * ID_LEN);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE leased_until >"
	    " UNIX_TIMESTAMP() + 660"), 6);

	box = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	for (const char *name = "abcd"; *name != '\0'; name++)
		is(*name, SENT " AND code = 250");
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND"
	    " attempts = 0 AND leased_until > 0"), 2);
	store_shell("test -z \"$(ls -A %s/sent)\"", settings.spool_dir);
	/* what is no journal, and what was cut */
	store_shell("printf 1234567890 >%s/sent/x", settings.spool_dir);
	store_sql("UPDATE outbox SET leased_until = 1, address = '' WHERE id = REPEAT('e', 16)");
	store_sql("UPDATE outbox SET leased_until = 1 WHERE id = REPEAT('f', 16)");
	talloc_free(box);
	box = outbox_new(NULL, &settings, &secret, leaving);
	send_all(box);
	is('e', "state = 'failed'");
	is('f', SENT);
	store_shell("test -z \"$(ls -A %s/sent)\"", settings.spool_dir);
	talloc_free(box);
}

/* Three more receipts to `address`; how many were sent of all. */
static void
receipts(struct outbox *box, const char *address, long sent)
{
	static int	n;

	for (int i = 0; i < 3; i++) {
		struct id	id = { { 0 } };

		snprintf((char *)id.at, ID_LEN, "%d", ++n);
		assert_int_equal(mail_add(db, &sealer, 1, &id, MAIL_RECEIPT, "en", address,
		    "CODE"), OUT_OK);
	}
	send_all(box);
	if (store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") != sent ||
	    store_number("SELECT COUNT(*) FROM outbox WHERE state = 'dropped'") != n - sent)
		fail_msg("%s: %ld of %d were sent, not %ld", address,
		    store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"), n, sent);
}

/* No stranger can fill a mailbox by typing its address, however it is spelled. */
static void
test_bound(void **state)
{
	struct outbox	*box;

	(void)state;
	settings.mail_folder = folder;
	box = outbox_new(NULL, &settings, &secret, leaving);
	receipts(box, "ana@example.org", 3);
	receipts(box, "Ana+more@Example.ORG", 5);
	receipts(box, "a.na@example.org", 8);
	receipts(box, "ana@example.com", 11);
	receipts(box, "+@example.org", 14);
	/* who answers at a desk is not kept from it */
	for (char name = 'a'; name < 'a' + 9; name++)
		add(name, MAIL_MESSAGE, "en", "ana@example.org", NULL);
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE kind = 'message' AND"
	    " state = 'sent'"), 9);
	/* a day later; and the store has no address to tell */
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle"), 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM throttle WHERE until BETWEEN"
	    " UNIX_TIMESTAMP() + 86300 AND UNIX_TIMESTAMP() + 86400"), 4);
	store_sql("DELETE FROM outbox WHERE kind = 'message'");
	store_sql("UPDATE throttle SET until = UNIX_TIMESTAMP()");
	receipts(box, "ana@example.org", 17);
	receipts(box, "ana@example.org", 19);
	/* what goes out again is not counted again */
	store_sql("UPDATE throttle SET failures = 5");
	add('z', MAIL_RECEIPT, "en", "ana@example.org", "CODE");
	store_sql("UPDATE outbox SET attempts = 1 WHERE id = REPEAT('z', 16)");
	send_all(box);
	assert_int_equal(store_number("SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND"
	    " id = REPEAT('z', 16)"), 1);
	talloc_free(box);
}

const struct CMUnitTest store_outbox_tests[] = {
	cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_leases, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_urgent, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_bound, set_up, tear_down),
};
const size_t store_outbox_n = COUNT(store_outbox_tests);
