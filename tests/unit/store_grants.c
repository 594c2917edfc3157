/*
 * store_grants.c: what each account may do, and what it must not be able to.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { JOIN, SUPPORT, AID, UNITS, EVENTS, STATEMENTS, RECEIPT, ADMIN, COURIER, ACCOUNTS };

static const char *const accounts[ACCOUNTS] = {
	[JOIN] = "openhall_join", [SUPPORT] = "openhall_support", [AID] = "openhall_aid",
	[UNITS] = "openhall_units", [EVENTS] = "openhall_events",
	[STATEMENTS] = "openhall_statements", [RECEIPT] = "openhall_receipt",
	[ADMIN] = "openhall_admin", [COURIER] = "openhall_courier",
};

/* Those whom a case is about. */
enum {
	J = 1 << JOIN, S = 1 << SUPPORT, A = 1 << AID, U = 1 << UNITS, V = 1 << EVENTS,
	T = 1 << STATEMENTS,
	R = 1 << RECEIPT, D = 1 << ADMIN, C = 1 << COURIER,
	INTAKES = J | S | A, PUBLIC = INTAKES | U | V | T, ALL = PUBLIC | R | D | C
};

#define NEW_SUBMISSION	"INSERT INTO submission (id, desk, form, state, kind, urgency," \
    " suspect, received_day, moved_day, receipt, desk_key, receipt_key, body, facets)" \
    " VALUES (REPEAT('n', 16), 'membership', 'join', 'received', '', 0, 0, 0, 0," \
    " REPEAT('n', 32), 'k', 'r', 'b', '')"
#define ENTERED		"INSERT INTO submission (id, desk, form, state, receipt," \
    " received_day, desk_key, receipt_key, body, channel, entered_by)" \
    " VALUES (REPEAT('n', 16), 'aid', 'aid', 'needed', REPEAT('n', 32), 0, 'k', 'r'," \
    " 'b', 'phone', REPEAT('n', 16))"
#define EVERY		"SELECT * FROM "
#define BY_NOBODY	" WHERE submission = 'x'"

static const struct { int who; bool may; const char *sql; } cases[] = {
	/* ---- what only the owner of the schema may ---- */
	{ ALL,         false, EVERY "recovery" },
	{ ALL,         false, "INSERT INTO recovery VALUES (2, 'x')" },
	{ ALL,         false, EVERY "desk" },
	{ ALL,         false, "SELECT recovery_key FROM desk" },
	{ ALL,         false, "UPDATE desk SET public_key = ''" },
	{ ALL,         false, "UPDATE desk SET match_key = ''" },
	{ ALL,         false, "INSERT INTO desk (name, public_key) VALUES ('x', 'x')" },
	{ ALL,         false, EVERY "migration" },
	{ ALL,         false, EVERY "account" },
	{ ALL,         false, EVERY "mysql.user" },
	{ ALL,         false, "DELETE FROM submission" },
	{ ALL,         false, "DELETE FROM round" },
	{ ALL,         false, "DELETE FROM elector" },
	{ ALL,         false, "DELETE FROM admin" },
	{ ALL,         false, "UPDATE admin SET public_key = ''" },
	{ ALL,         false, "UPDATE desk_key SET sealed_key = ''" },
	{ ALL,         false, "UPDATE submission SET desk = 'x'" },
	{ ALL,         false, "UPDATE submission SET form = 'x'" },
	{ ALL,         false, "UPDATE submission SET received_day = 0" },
	{ ALL,         false, "UPDATE submission SET channel = 'web'" },
	{ ALL,         false, "UPDATE submission SET entered_by = NULL" },
	{ ALL,         false, "UPDATE message SET body = ''" },
	{ ALL,         false, "UPDATE note SET body = ''" },
	{ ALL,         false, "UPDATE revision SET body = ''" },
	{ ALL,         false, "UPDATE contact SET hash = ''" },
	{ ALL,         false, "UPDATE census SET n = 1" },
	{ ALL,         false, "INSERT INTO duty VALUES ('x', 0)" },
	{ ALL,         false, "DELETE FROM duty" },
	{ ALL,         false, "UPDATE audit SET action = 'x'" },
	{ ALL,         false, "DELETE FROM audit" },
	{ ALL,         false, "INSERT INTO audit_head VALUES (2, 1, 'x')" },
	{ ALL,         false, "DELETE FROM audit_head" },
	{ ALL,         false, "TRUNCATE TABLE audit" },
	{ ALL,         false, "ALTER TABLE audit ADD x INT" },
	{ ALL,         false, "DROP TABLE submission" },
	{ ALL,         false, "CREATE TABLE mine (id INT)" },
	{ ALL,         false, "CREATE TEMPORARY TABLE mine (id INT)" },
	{ ALL,         false, "CREATE USER mine" },
	{ ALL,         false, "GRANT SELECT ON audit TO 'openhall_join'@'localhost'" },
	{ ALL,         false, "SET GLOBAL max_connections = 1" },
	{ ALL,         false, "SELECT 1 INTO OUTFILE '/tmp/openhall-outfile'" },

	/* ---- what the public's programs leave alone ---- */
	{ PUBLIC | R,  false, EVERY "admin" },
	{ PUBLIC | R,  false, EVERY "session" },
	{ PUBLIC | R,  false, EVERY "desk_key" },
	{ PUBLIC | R,  false, EVERY "invitation" },
	{ PUBLIC | R,  false, EVERY "invitation_key" },
	{ PUBLIC | R,  false, EVERY "factor_code" },
	{ PUBLIC | R,  false, "SELECT match_key FROM desk" },
	{ PUBLIC | R,  false, EVERY "audit" },
	{ PUBLIC | R,  false, EVERY "audit_head" },
	{ PUBLIC | R,  false, EVERY "elector" },
	{ PUBLIC | R,  false, EVERY "note" },
	{ PUBLIC | R,  false, "SELECT body FROM note" },
	{ PUBLIC | R,  false, "SELECT hash FROM contact" },
	{ PUBLIC | R,  false, "INSERT INTO contact VALUES ('x', 'x')" },
	{ PUBLIC | R,  false, EVERY "facet" },
	{ PUBLIC | R,  false, "INSERT INTO facet VALUES ('x', 'x', 'x', '')" },
	{ PUBLIC | R,  false, "INSERT INTO census VALUES ('x', 'x', '', 9)" },
	{ PUBLIC | R,  false, "DELETE FROM census" },
	{ PUBLIC | R | C, false, "INSERT INTO unit (slug, name, kind, state, changed_at)"
	    " VALUES ('x', 'x', 'city', 'active', 0)" },
	{ PUBLIC | R | C, false, "UPDATE unit SET about = 'x'" },
	{ PUBLIC | R | C, false, "DELETE FROM unit" },
	{ PUBLIC | R,  false, "SELECT next_at FROM duty" },
	{ PUBLIC | R,  false, "INSERT INTO audit VALUES (9, 0, NULL, 'x', NULL, 'x')" },
	{ PUBLIC | R,  false, "INSERT INTO throttle VALUES ('x', 0, 0)" },

	/* ---- who hands in ---- */
	{ INTAKES,     true,  NEW_SUBMISSION },
	{ INTAKES,     true,  EVERY "unit" },
	{ INTAKES,     false, NEW_SUBMISSION " ON DUPLICATE KEY UPDATE body = 'x'" },
	{ INTAKES,     false, "REPLACE INTO submission (id) VALUES ('x')" },
	{ INTAKES,     false, "INSERT INTO submission (id, ended_day) VALUES ('x', 1)" },
	{ INTAKES,     false, "INSERT INTO submission (id, filed) VALUES ('x', 1)" },
	{ INTAKES,     false, "INSERT INTO submission (id, assigned_to) VALUES ('x', 'y')" },
	{ INTAKES,     false, "INSERT INTO submission (id, holder_unread) VALUES ('x', 1)" },
	{ INTAKES,     false, ENTERED },
	{ PUBLIC,      false, "SELECT COUNT(*) FROM submission" },
	{ PUBLIC,      false, "SELECT id FROM submission" },
	{ PUBLIC,      false, "SELECT body FROM submission" },
	{ PUBLIC,      false, "SELECT facets FROM submission" },
	{ PUBLIC,      false, "UPDATE submission SET body = ''" },
	{ PUBLIC,      false, EVERY "round" },
	{ PUBLIC,      false, EVERY "message" },
	{ PUBLIC,      false, EVERY "revision" },
	{ PUBLIC,      false, "INSERT INTO message VALUES ('x', 1, NULL, 'text', 0, 'x')" },
	{ INTAKES,     false, "SELECT LOAD_FILE('/etc/passwd') FROM submission" },
	{ A | U,       true,  EVERY "census" },
	{ J | S,       false, EVERY "census" },

	/* ---- who shows the units ---- */
	{ U,           true,  EVERY "unit" },
	{ U,           false, NEW_SUBMISSION },

	/* ---- the holder of a receipt ---- */
	{ R,           true,  "SELECT id, desk, form, state, kind, urgency, received_day,"
	    " ended_day, moved_day, asked_day, sunk, holder_unread, receipt_key, body, facets"
	    " FROM submission WHERE receipt = 'x'" },
	{ R,           true,  "SELECT state FROM submission WHERE id = 'x' FOR UPDATE" },
	{ R,           true,  "UPDATE submission SET state = 'withdrawn', ended_day = 1,"
	    " desk_key = '', receipt_key = '', body = '', facets = '', filed = 0"
	    " WHERE id = 'x'" },
	{ R,           true,  "UPDATE submission SET body = 'x', moved_day = 1, urgency = 1,"
	    " asked_day = NULL, sunk = 0, desk_unread = desk_unread + 1 WHERE id = 'x'" },
	{ R,           true,  "SELECT number, opened_at, closes_at, ended_at FROM round"
	    BY_NOBODY },
	{ R,           true,  "UPDATE round SET ended_at = 1" BY_NOBODY },
	{ R,           true,  EVERY "message" BY_NOBODY },
	{ R,           true,  "UPDATE elector SET reason = NULL" BY_NOBODY },
	{ R,           true,  "DELETE FROM message" BY_NOBODY },
	{ R,           true,  "DELETE FROM note" BY_NOBODY },
	{ R,           true,  "DELETE FROM revision" BY_NOBODY },
	{ R,           true,  "DELETE FROM contact" BY_NOBODY },
	{ R,           true,  "DELETE FROM facet" BY_NOBODY },
	{ R,           true,  EVERY "census" },
	{ R,           true,  EVERY "unit" },
	{ R,           false, "SELECT desk_key FROM submission" },
	{ R,           false, "SELECT assigned_to FROM submission" },
	{ R,           false, "SELECT entered_by FROM submission" },
	{ R,           false, "SELECT suspect FROM submission" },
	{ R,           false, EVERY "submission" },
	{ R,           false, NEW_SUBMISSION },
	{ R,           false, "UPDATE submission SET assigned_to = 'x'" },
	{ R,           false, "UPDATE submission SET suspect = 0" },
	{ R,           false, "SELECT quorum FROM round" },
	{ R,           false, "UPDATE round SET closes_at = 1" },
	{ R,           false, "INSERT INTO round VALUES ('x', 1, 1, 1, 1, 1, 1, 1)" },
	{ R,           false, "SELECT vote FROM elector" },
	{ R,           false, "SELECT reason FROM elector" },
	{ R,           false, "UPDATE elector SET vote = 'favour'" },
	{ R,           false, "SELECT body FROM revision" },
	{ R,           false, "INSERT INTO note VALUES ('x', 1, 'x', 0, 'x')" },
	{ R,           false, EVERY "throttle" },

	/* ---- the desks ---- */
	{ D,           true,  "SELECT id, state, desk_key, body, facets, entered_by FROM submission" },
	{ D,           false, EVERY "submission" },
	{ D,           false, "SELECT receipt FROM submission" },
	{ D,           false, "SELECT receipt_key FROM submission" },
	{ D,           true,  "SELECT id FROM submission WHERE id = 'x' FOR UPDATE" },
	{ D,           true,  "UPDATE submission SET state = 'review', ended_day = NULL,"
	    " assigned_to = NULL, moved_day = 1, asked_day = NULL, sunk = 0, filed = 0,"
	    " desk_unread = 0, holder_unread = 1" },
	{ D,           true,  ENTERED },
	{ D,           true,  EVERY "round" },
	{ D,           true,  EVERY "elector" },
	{ D,           true,  "UPDATE elector SET vote = 'favour', reason = 'x', voted_at = 1" },
	{ D,           true,  "UPDATE round SET ended_at = 1" BY_NOBODY },
	{ D,           false, "UPDATE round SET quorum = 0" },
	{ D,           false, "UPDATE round SET closes_at = 0" },
	{ D,           false, "UPDATE elector SET admin = 'x'" },
	{ D,           false, "INSERT INTO elector (submission, number, admin, vote)"
	    " VALUES ('x', 1, 'x', 'favour')" },
	{ D,           false, "INSERT INTO approval (statement, version, admin, vote)"
	    " VALUES ('x', 1, 'x', 'favour')" },
	{ D,           false, "INSERT INTO admin (id, factor) VALUES ('x', NULL)" },
	{ D,           true,  EVERY "message" },
	{ D,           true,  EVERY "note" },
	{ D,           true,  EVERY "revision" },
	{ D,           true,  EVERY "contact" },
	{ D,           true,  EVERY "facet" },
	{ D,           true,  EVERY "admin" },
	{ D,           true,  "DELETE FROM session" },
	{ D,           false, "UPDATE session SET expires_at = 1" },
	{ D,           false, "UPDATE session SET pending = 0" },
	{ D,           true,  "DELETE FROM invitation" },
	{ D,           true,  "SELECT id FROM invitation FOR UPDATE" },
	{ D,           true,  "DELETE FROM desk_key" },
	{ D,           true,  "DELETE FROM factor_code" },
	{ D,           true,  "UPDATE admin SET salt = '', wrapped_key = '', removed_at = 1" },
	{ D,           true,  "INSERT INTO throttle VALUES (REPEAT('x', 32), 1, 1)"
	    " ON DUPLICATE KEY UPDATE failures = failures + 1" },
	{ D,           true,  "DELETE FROM throttle" },
	{ D,           true,  "SELECT number, mac FROM audit_head WHERE id = 1 FOR UPDATE" },
	{ D,           true,  "UPDATE audit_head SET number = 1" },
	{ D,           true,  "INSERT INTO audit VALUES (9, 0, NULL, 'x', NULL, REPEAT('x', 32))" },
	{ D,           true,  "SELECT name, public_key, match_key FROM desk" },
	{ D,           true,  "UPDATE unit SET state = 'resting', about = 'x'" },
	{ D,           true,  "DELETE FROM unit" },
	{ D,           false, "UPDATE submission SET body = ''" },
	{ D,           false, "UPDATE submission SET desk_key = ''" },
	{ D,           false, "UPDATE submission SET receipt_key = ''" },
	{ D,           false, "UPDATE submission SET receipt = ''" },
	{ D,           false, "UPDATE submission SET facets = ''" },
	{ D,           false, "UPDATE submission SET suspect = 1" },
	{ D,           false, "DELETE FROM message" },
	{ D,           false, "DELETE FROM note" },
	{ D,           false, "DELETE FROM revision" },
	{ D,           false, "INSERT INTO revision VALUES ('x', 1, 0, 'x')" },
	{ D,           false, "DELETE FROM contact" },
	{ D,           false, "DELETE FROM facet" },
	{ D,           false, "INSERT INTO facet VALUES ('x', 'x', 'x', '')" },
	{ D,           false, "INSERT INTO census VALUES ('x', 'x', '', 9)" },
	{ D,           false, EVERY "census" },
	{ D,           false, "UPDATE session SET wrapped_key = ''" },
	{ D,           false, "UPDATE unit SET slug = 'x'" },
	{ D,           false, "UPDATE admin SET name = 'x'" },

	/* ---- the courier ---- */
	{ C,           true,  NEW_SUBMISSION },
	{ C,           true,  "SELECT state, ended_day, facets FROM submission WHERE id = 'x'"
	    " AND filed = 0 FOR UPDATE" },
	{ C,           true,  "UPDATE submission SET state = 'erased', ended_day = 1, body = '',"
	    " desk_key = '', receipt_key = '', facets = '', filed = 1, sunk = 1, asked_day = 1,"
	    " desk_unread = 0, holder_unread = 0 WHERE id = 'x'" },
	{ C,           true,  "UPDATE round SET ended_at = 1" BY_NOBODY " AND ended_at IS NULL" },
	{ C,           true,  "UPDATE elector SET reason = NULL" BY_NOBODY },
	{ C,           true,  "DELETE FROM message" BY_NOBODY },
	{ C,           true,  "DELETE FROM note" BY_NOBODY },
	{ C,           true,  "DELETE FROM revision" BY_NOBODY },
	{ C,           true,  "DELETE FROM contact" BY_NOBODY },
	{ C,           true,  "DELETE FROM facet" },
	{ C,           true,  "DELETE FROM census" },
	{ C,           true,  "DELETE FROM session WHERE expires_at <= 1" },
	{ C,           true,  "DELETE FROM invitation WHERE expires_at <= 1" },
	{ C,           true,  "DELETE FROM throttle WHERE until <= 1" },
	{ C,           true,  "INSERT INTO throttle VALUES (REPEAT('x', 32), 1, 1)"
	    " ON DUPLICATE KEY UPDATE failures = failures + 1" },
	{ C,           true,  "UPDATE duty SET next_at = 1 WHERE name = 'x' AND next_at <= 0" },
	{ C,           true,  "INSERT INTO audit VALUES (9, 0, NULL, 'x', NULL, REPEAT('x', 32))" },
	{ C,           false, EVERY "submission" },
	{ C,           false, "SELECT body FROM submission" },
	{ C,           false, "SELECT receipt_key FROM submission" },
	{ C,           false, "SELECT receipt FROM submission" },
	{ C,           false, "SELECT entered_by FROM submission" },
	{ C,           false, ENTERED },
	{ C,           false, "UPDATE submission SET assigned_to = 'x'" },
	{ C,           false, "UPDATE submission SET moved_day = 1" },
	{ C,           false, "UPDATE submission SET suspect = 0" },
	{ C,           false, "SELECT vote FROM elector" },
	{ C,           false, "SELECT reason FROM elector" },
	{ C,           false, "UPDATE elector SET vote = 'favour'" },
	{ C,           false, "SELECT quorum FROM round" },
	{ C,           false, "UPDATE round SET closes_at = 1" },
	{ C,           false, "SELECT body FROM message" },
	{ C,           false, "INSERT INTO message VALUES ('x', 1, NULL, 'text', 0, 'x')" },
	{ C,           false, "SELECT body FROM note" },
	{ C,           false, "SELECT body FROM revision" },
	{ C,           false, "SELECT hash FROM contact" },
	{ C,           false, "INSERT INTO contact VALUES ('x', 'x')" },
	{ C,           false, EVERY "session" },
	{ C,           false, "SELECT wrapped_key FROM session" },
	{ C,           false, "SELECT wrapped_key FROM admin" },
	{ C,           false, EVERY "desk_key" },
	{ C,           false, "SELECT match_key FROM desk" },
	{ C,           false, "SELECT public_key FROM invitation" },
	{ C,           false, EVERY "invitation_key" },
	{ C,           false, EVERY "factor_code" },
	{ C,           false, "UPDATE duty SET name = 'x'" },

	/* ---- statements: what is public, and nobody's address ---- */
	{ T,           true,  EVERY "published" },
	{ T,           true,  EVERY "press" },
	{ T,           true,  "INSERT INTO signup (id, address, lang, at)"
	    " VALUES (REPEAT('n', 16), 'x', 'en', 1)" },
	{ T,           true,  "SELECT state FROM subscriber WHERE token = 'x'" },
	{ T,           true,  "UPDATE subscriber SET state = 'confirmed', confirmed_at = 1"
	    " WHERE token = 'x' AND state = 'pending'" },
	{ T,           true,  "UPDATE subscriber SET state = 'left', address = ''"
	    " WHERE token = 'x' AND state <> 'left'" },
	{ T,           false, "SELECT address FROM subscriber" },
	{ T,           false, "SELECT hash FROM subscriber" },
	{ T,           false, "SELECT id FROM subscriber" },
	{ T,           false, "INSERT INTO subscriber (id) VALUES ('x')" },
	{ T,           false, "DELETE FROM subscriber" },
	{ T,           false, "UPDATE subscriber SET token = 'x'" },
	{ T,           false, "UPDATE subscriber SET lang = 'en'" },
	{ T,           false, "SELECT address FROM signup" },
	{ T,           false, "SELECT id FROM signup" },
	{ T,           false, "UPDATE signup SET at = 1" },
	{ T,           false, "DELETE FROM signup" },
	{ T,           false, EVERY "outbox" },
	{ T,           false, "INSERT INTO outbox (id) VALUES ('x')" },
	{ T,           false, EVERY "mailing" },
	{ PUBLIC | R,  false, EVERY "statement" },
	{ PUBLIC | R,  false, "SELECT body FROM statement" },
	{ PUBLIC | R,  false, EVERY "edition" },
	{ PUBLIC | R,  false, EVERY "approval" },
	{ PUBLIC | R | C, false, "UPDATE published SET html = 'x'" },
	{ PUBLIC | R | C, false, "INSERT INTO published (id) VALUES ('x')" },
	{ PUBLIC | R | C, false, "DELETE FROM published" },
	{ (PUBLIC & ~V) | R, false, "UPDATE press SET number = 1" },
	{ C | V,       true,  "UPDATE press SET number = number + 1 WHERE id = 2" },
	{ ALL,         false, "UPDATE press SET id = 3" },
	{ ALL,         false, "DELETE FROM press" },
	{ INTAKES | U | R | D, false, EVERY "subscriber" },
	{ INTAKES | U | R | D, false, EVERY "signup" },
	{ INTAKES | U | R | D, false, "SELECT address FROM subscriber" },
	{ INTAKES | U | R | D, false, "SELECT address FROM signup" },
	{ INTAKES | U | R | D, false, "SELECT address FROM outbox" },

	/* ---- events: what is public of them, and the seats of who comes ---- */
	{ V,           true,  "SELECT slug, whereabouts FROM event" },
	{ V,           true,  "SELECT title, html FROM event_words" },
	{ V,           true,  "SELECT whereabouts, taken, waiting, numbers FROM occurrence" },
	{ V,           true,  "SELECT desk_key, receipt_key, body FROM rsvp WHERE receipt = 'x'" },
	{ V,           true,  "SELECT taken FROM occurrence WHERE id = 'x' FOR UPDATE" },
	{ V,           true,  "UPDATE occurrence SET taken = 1, waiting = 1, numbers = 1" },
	{ V,           true,  "DELETE FROM rsvp WHERE id = 'x'" },
	{ V,           true,  "UPDATE rsvp SET answer = 'not', state = 'none', tell = ''" },
	{ V,           true,  EVERY "unit" },
	{ V,           false, "SELECT body FROM event_words" },
	{ V,           false, "SELECT changed_by FROM event" },
	{ V,           false, "UPDATE event SET state = 'published'" },
	{ V,           false, "DELETE FROM event" },
	{ V,           false, "UPDATE event_words SET title = 'x'" },
	{ V,           false, "UPDATE occurrence SET capacity = 9" },
	{ V,           false, "UPDATE occurrence SET starts_at = 1" },
	{ V,           false, "UPDATE occurrence SET state = 'planned'" },
	{ V,           false, "DELETE FROM occurrence" },
	{ V,           false, "UPDATE rsvp SET receipt = 'x'" },
	{ V,           false, "UPDATE rsvp SET occurrence = 'x'" },
	{ V,           false, "UPDATE rsvp SET came = 1" },
	{ V,           false, "INSERT INTO rsvp (id, came) VALUES ('x', 1)" },
	{ V,           false, "SELECT came FROM rsvp" },
	{ V,           false, "SELECT entered_by FROM rsvp" },
	{ V,           false, "SELECT came FROM occurrence" },
	{ V,           false, "SELECT address FROM outbox" },
	{ V,           false, "SELECT id FROM outbox" },
	{ V,           false, EVERY "published" },
	{ V,           false, EVERY "subscriber" },
	{ V,           false, EVERY "census" },
	{ C,           true,  "UPDATE rsvp SET tell = '', told = told + 1 WHERE id = 'x'" },
	{ C,           true,  "SELECT title FROM event_words" },
	{ C,           false, "SELECT body FROM rsvp" },
	{ C,           false, "SELECT desk_key FROM rsvp" },
	{ C,           false, "SELECT whereabouts FROM event" },
	{ C,           false, "SELECT whereabouts FROM occurrence" },
	{ C,           false, "UPDATE rsvp SET state = 'seated'" },
	{ C,           false, "UPDATE occurrence SET taken = 1" },
	{ C,           false, "UPDATE event SET state = 'published'" },
	{ D,           true,  "SELECT next_at FROM duty" },
	{ D,           true,  "SELECT state, due_at, done_at FROM outbox" },
	{ D,           true,  "SELECT state, confirmed_at FROM subscriber" },
	{ D,           true,  "UPDATE event SET state = 'published', published_at = 1 WHERE id = 'x'" },
	{ D,           true,  "UPDATE rsvp SET came = 1, tell = 'changed' WHERE id = 'x'" },
	{ D,           false, "INSERT INTO event (id, state) VALUES ('x', 'published')" },
	{ D,           false, "UPDATE event SET id = 'x'" },
	{ D,           false, "UPDATE occurrence SET event = 'x'" },
	{ D,           false, "UPDATE rsvp SET receipt = 'x'" },
	{ D,           false, "UPDATE rsvp SET occurrence = 'x'" },
	{ D,           false, "UPDATE rsvp SET entered_by = NULL" },
	{ D,           false, "UPDATE statement SET work = 'x'" },
	{ D,           false, "INSERT INTO statement (id, state) VALUES ('x', 'ready')" },
	{ D,           false, "UPDATE published SET slug = 'x'" },
	{ D,           false, "UPDATE duty SET next_at = 1" },
	{ D,           false, "SELECT about FROM outbox" },
	{ D,           false, "SELECT subscriber FROM outbox" },
	{ D,           false, "UPDATE outbox SET state = 'sent'" },
	{ D,           false, "DELETE FROM outbox" },
	{ D,           false, "SELECT hash FROM subscriber" },
	{ D,           false, "SELECT id FROM subscriber" },
	{ INTAKES | U | T | R, false, "SELECT id FROM rsvp" },
	{ INTAKES | U | T | R, false, "SELECT id FROM event" },
	{ INTAKES | U | T | R, false, "SELECT id FROM occurrence" },
	{ INTAKES | U | T | R, false, "INSERT INTO rsvp (id) VALUES ('x')" },
};

/* Whether the server said: this account may not. */
static bool
is_refusal(unsigned number)
{
	static const unsigned	numbers[] = { 1044, 1045, 1141, 1142, 1143, 1227, 1370, 1410 };

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (number == numbers[i])
			return true;
	return false;
}

static void
test_rights(void **state)
{
	size_t	failed = 0;

	(void)state;
	store_fresh(true);
	for (int account = 0; account < ACCOUNTS; account++) {
		MYSQL	*my = store_raw(accounts[account]);

		for (size_t i = 0; i < COUNT(cases); i++) {
			unsigned	number;

			if ((cases[i].who & 1 << account) == 0)
				continue;
			assert_int_equal(mysql_query(my, "START TRANSACTION"), 0);
			(void)mysql_query(my, cases[i].sql);
			number = mysql_errno(my);
			mysql_free_result(mysql_store_result(my));
			if (cases[i].may ? number != 0 : !is_refusal(number)) {
				print_error("%s: %s: %u\n", accounts[account],
				    cases[i].sql, number);
				failed++;
			}
			assert_int_equal(mysql_query(my, "ROLLBACK"), 0);
		}
		mysql_close(my);
	}
	assert_int_equal(failed, 0);
}

/* Nobody has a right that its file does not give, on this database or on all. */
static void
test_nothing_else(void **state)
{
	(void)state;
	store_fresh(true);
	for (int i = 0; i < ACCOUNTS; i++) {
		assert_int_equal(store_number("SELECT COUNT(*) FROM information_schema"
		    ".user_privileges WHERE grantee LIKE '%%%s%%' AND"
		    " privilege_type <> 'USAGE'", accounts[i]), 0);
		assert_int_equal(store_number("SELECT COUNT(*) FROM information_schema"
		    ".schema_privileges WHERE grantee LIKE '%%%s%%'", accounts[i]), 0);
	}
}

/* Each program's statements are prepared by the server, for the account it runs as. */
static void
test_programs(void **state)
{
	static const char *const	programs[] = { "join", "support", "aid", "units",
						    "events", "statements", "receipt", "admin",
						    "courier" };
	char				out[8192];

	(void)state;
	store_fresh(false);
	if (store_openhall("", out, "setup") != 0)
		fail_msg("%s", out);
	for (size_t i = 0; i < COUNT(programs); i++)
		store_shell("%s/%s -c %s --check", store_build(), programs[i], store_conf());
}

const struct CMUnitTest store_grants_tests[] = {
	cmocka_unit_test(test_rights),
	cmocka_unit_test(test_nothing_else),
	cmocka_unit_test(test_programs),
};
const size_t store_grants_n = COUNT(store_grants_tests);
