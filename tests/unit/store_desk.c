/*
 * store_desk.c: founding, invitations, log-in and recovery, with real keys.  What admins do
 * is done with the account of their program.
 */
#include "reach.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400 };

static enum outcome
found(void)
{
	struct code	r, i;

	return desk_found(db, &store, &audit, NOW, &r, &i);
}

static void
test_founding(void **state)
{
	(void)state;
	assert_int_equal(found(), OUT_CONFLICT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM recovery"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM desk"), DESKS);
	assert_int_equal(store_number("SELECT COUNT(DISTINCT public_key, match_key)"
	    " FROM desk WHERE LENGTH(match_key) = %d", SEALED_KEY_LEN), DESKS);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"), 2 + DESKS);
	for (size_t i = 0; i < DESKS; i++)
		store_shell("test $(stat -c %%s%%a %s/%s.pub) = 32644", store.key_dir,
		    desks[i].name);
	/* a missing file comes back, a strange one stays and is complained about */
	store_shell("cd %s && cp membership.pub was && rm membership.pub", store.key_dir);
	assert_int_equal(found(), OUT_CONFLICT);
	store_shell("cd %s && cmp membership.pub was && test $(stat -c %%a "
	    "membership.pub) = 644", store.key_dir);
	store_shell("cd %s && head -c 32 /dev/zero >membership.pub", store.key_dir);
	assert_int_equal(found(), OUT_FAULT);
	store_shell("cd %s && ! cmp -s membership.pub was", store.key_dir);
}

static void
test_desks(void **state)
{
	(void)state;
	assert_ptr_equal(desk_named("aid"), &desks[DESK_AID]);
	assert_ptr_equal(desk_of_form("support"), &desks[DESK_SUPPORTERS]);
	assert_ptr_equal(desk_of_form("join"), &desks[DESK_MEMBERSHIP]);
	assert_null(desk_named("join"));
	assert_null(desk_named(""));
	assert_null(desk_of_form("membership"));
}

/* Membership and supporters know a person again; aid cannot ask them, nor they aid. */
static void
test_circles(void **state)
{
	struct admin		ana, ben, carla;
	struct desk_keys	m, s, a;
	struct reach		r;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M, &ben, "Ben");
	invite(&ana, A, &carla, "Carla");
	assert_int_equal(desk_open(office, &ana, &desks[DESK_MEMBERSHIP], &m), OUT_OK);
	assert_int_equal(desk_open(office, &ana, &desks[DESK_SUPPORTERS], &s), OUT_OK);
	assert_int_equal(desk_open(office, &ana, &desks[DESK_AID], &a), OUT_OK);
	assert_memory_equal(&m.match, &s.match, sizeof(m.match));
	assert_memory_not_equal(&m.match, &a.match, sizeof(m.match));
	assert_memory_not_equal(&m.secret, &s.secret, sizeof(m.secret));
	assert_memory_not_equal(&m.secret, &m.match, sizeof(m.secret));
	reach(&r, &ana.secret);
	assert_true(has(&r, &m.match) && has(&r, &a.match));
	reach(&r, &ben.secret);
	assert_true(has(&r, &m.match) && !has(&r, &a.match));
	reach(&r, &carla.secret);
	assert_true(!has(&r, &m.match) && has(&r, &a.match));

	/* what is not there is not a key of zeros */
	store_sql("UPDATE desk SET match_key = ''");
	assert_int_equal(desk_open(office, &ben, &desks[DESK_MEMBERSHIP], &s), OUT_FAULT);
}

static void
test_invitation(void **state)
{
	struct desk_keys keys;
	struct code	unknown;
	struct admin	ana, ben;

	(void)state;
	code_new(&unknown);
	assert_int_equal(desk_invited(office, NOW, &invitation), OUT_OK);
	assert_int_equal(desk_invited(office, NOW, &unknown), OUT_MISSING);
	assert_int_equal(desk_invited(office, NOW, &recovery), OUT_MISSING);
	assert_int_equal(desk_invited(office, NOW + INVITATION_DAYS * DAY - 1, &invitation),
	    OUT_OK);
	assert_int_equal(desk_invited(office, NOW + INVITATION_DAYS * DAY, &invitation),
	    OUT_MISSING);
	assert_int_equal(desk_accept(office, &audit, NOW, &unknown, "Ana", GOOD, &ana),
	    OUT_MISSING);
	accept_as(&ana, &invitation, " Ana\t");
	assert_string_equal(ana.name, "Ana");
	assert_int_equal(desk_accept(office, &audit, NOW, &invitation, "Ben", GOOD, &ben),
	    OUT_MISSING);
	assert_serves(&ana, ALL);

	assert_int_equal(desk_invite(office, &audit, NOW, &ana, ALL, &invitation), OUT_OK);
	/* a name that is taken does not use the invitation up */
	assert_int_equal(desk_accept(office, &audit, NOW, &invitation, "ANÁ", GOOD, &ben),
	    OUT_CONFLICT);
	accept_as(&ben, &invitation, "Ben");
	assert_serves(&ben, ALL);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation_key"), 0);

	/* each opens only with their own secret, and only what is theirs */
	ben.secret = ana.secret;
	assert_int_equal(desk_open(office, &ben, desks, &keys), OUT_FORBIDDEN);
	store_sql("UPDATE desk_key SET sealed_key = REVERSE(sealed_key)");
	assert_int_equal(desk_open(office, &ana, desks, &keys), OUT_FORBIDDEN);
}

/* An invitation opens the desks that it names, also before anybody has used it. */
static void
test_invitation_to_some(void **state)
{
	struct admin	ana, ben, carla;
	struct key	public, secret;
	struct code	code;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	assert_int_equal(desk_invite(office, &audit, NOW, &ana, M, &code), OUT_OK);
	seal_pair_from(&public, &secret, &code.key);
	assert_int_equal(opens(&secret), M);
	accept_as(&ben, &code, "Ben");
	assert_serves(&ben, M);
	invite(&ana, S | A, &carla, "Carla");
	assert_serves(&carla, S | A);

	assert_int_equal(desk_invite(office, &audit, NOW, &ben, A, &code), OUT_FORBIDDEN);
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, M | A, &code),
	    OUT_FORBIDDEN);
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, 0, &code), OUT_FORBIDDEN);
	assert_int_equal(desk_invite(office, &audit, NOW, &ana, 1u << DESKS, &code),
	    OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	invite(&ben, M, &carla, "Dora");
	assert_serves(&carla, M);
	assert_serves(&ana, ALL);
}

static void
test_expired(void **state)
{
	int64_t		late = NOW + INVITATION_DAYS * DAY;
	struct admin	ana;

	(void)state;
	assert_int_equal(desk_accept(office, &audit, late, &invitation, "Ana", GOOD, &ana),
	    OUT_MISSING);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation_key"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin"), 0);
}

static void
test_nobody_invites(void **state)
{
	struct admin	nobody = { .name = "Nobody" };
	struct code	code;

	(void)state;
	assert_int_equal(desk_invite(office, &audit, NOW, &nobody, M, &code), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"), 2 + DESKS);
}

#define TEN	"0123456789"
#define SIXTY	TEN TEN TEN TEN TEN TEN

static void
test_names(void **state)
{
	static const struct { const char *name, *password; enum outcome want; } cases[] = {
		{ "",                   GOOD,           OUT_INVALID },
		{ " \t ",               GOOD,           OUT_INVALID },
		{ "A\nB",               GOOD,           OUT_INVALID },
		{ "A\x7f",              GOOD,           OUT_INVALID },
		{ "A\xc2\x85",          GOOD,           OUT_INVALID },	/* U+0085 */
		{ "A\xe2\x80\xae" "B",  GOOD,           OUT_INVALID },	/* U+202E */
		{ "A\xe2\x81\xa6" "B",  GOOD,           OUT_INVALID },	/* U+2066 */
		{ SIXTY "12345",        GOOD,           OUT_INVALID },
		{ "Ana",                "",             OUT_INVALID },
		{ "Ana",                "elevenbytes",  OUT_INVALID },
		{ "Ana", SIXTY SIXTY SIXTY SIXTY "12345678901234567", OUT_INVALID },
		{ SIXTY "ññññ",         "twelve bytes", OUT_OK },
	};
	struct admin	admin;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(desk_accept(office, &audit, NOW, &invitation, cases[i].name,
		    cases[i].password, &admin), cases[i].want);
		assert_int_equal(store_number("SELECT COUNT(*) FROM admin"),
		    cases[i].want == OUT_OK);
	}
}

static void
test_login(void **state)
{
	static const struct { const char *name, *password; enum outcome want; } cases[] = {
		{ "Ana Núñez",      GOOD,                     OUT_OK },
		{ " ana nunez ",    GOOD,                     OUT_OK },
		{ "Ana Núñez",      "correct horse batterx",  OUT_FORBIDDEN },
		{ "Ana Núñez",      "",                       OUT_FORBIDDEN },
		{ "Ana",            GOOD,                     OUT_FORBIDDEN },
		{ "",               GOOD,                     OUT_FORBIDDEN },
		{ "' OR '1'='1",    GOOD,                     OUT_FORBIDDEN },
	};
	struct admin	ana, again;

	(void)state;
	accept_as(&ana, &invitation, "Ana Núñez");
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(desk_login(office, cases[i].name, cases[i].password, &again),
		    cases[i].want);
		if (cases[i].want != OUT_OK)
			continue;
		assert_string_equal(again.name, "Ana Núñez");
		assert_memory_equal(&again.id, &ana.id, sizeof(ana.id));
		assert_memory_equal(&again.public, &ana.public, sizeof(ana.public));
		assert_serves(&again, ALL);
	}
}

static void
test_recovery(void **state)
{
	struct code	other, fresh;
	struct admin	ana, carla;
	struct desk_keys before, after;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	assert_int_equal(desk_open(office, &ana, desks, &before), OUT_OK);
	code_new(&other);
	assert_int_equal(desk_recover(db, &audit, NOW, &other, &fresh), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	assert_int_equal(desk_recover(db, &audit, NOW, &recovery, &fresh), OUT_OK);
	accept_as(&carla, &fresh, "Carla");
	assert_serves(&carla, ALL);
	assert_int_equal(desk_open(office, &carla, desks, &after), OUT_OK);
	assert_memory_equal(&before, &after, sizeof(before));
}

/* ---- what a later version brings ---- */

/* A portal that was founded when there was only the membership desk. */
static void
forget_new_desks(void)
{
	store_sql("DELETE FROM invitation_key WHERE desk <> 'membership'");
	store_sql("DELETE FROM desk_key WHERE desk <> 'membership'");
	store_sql("DELETE FROM desk WHERE name <> 'membership'");
	store_sql("UPDATE desk SET match_key = ''");
	store_shell("cd %s && rm supporters.pub aid.pub statements.pub events.pub", store.key_dir);
}

static void
test_new_desks(void **state)
{
	struct admin		ana, ben, carla, gone;
	struct desk_keys	before, after, s, a;
	struct code		some, all;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M, &gone, "Gone");
	assert_int_equal(desk_open(office, &ana, desks, &before), OUT_OK);
	assert_int_equal(desk_remove(office, &audit, NOW, &ana, &gone.id), OUT_OK);
	assert_int_equal(desk_recover(db, &audit, NOW, &recovery, &all), OUT_OK);
	assert_int_equal(desk_invite(office, &audit, NOW, &ana, M, &some), OUT_OK);
	forget_new_desks();
	store_sql("INSERT INTO submission (id, desk, form, received_day, receipt, desk_key,"
	    " receipt_key, body) VALUES (RPAD('s', 16, 's'), 'membership', 'join', 1,"
	    " RPAD('s', 32, 's'), '', '', '')");
	store_sql("INSERT INTO contact VALUES (RPAD('h', 32, 'h'), RPAD('s', 16, 's'))");
	assert_int_equal(found(), OUT_CONFLICT);
	hand_in();
	assert_serves(&ana, ALL);
	assert_serves(&gone, 0);
	assert_int_equal(desk_open(office, &ana, desks, &after), OUT_OK);
	assert_int_equal(desk_open(office, &ana, &desks[DESK_SUPPORTERS], &s), OUT_OK);
	assert_int_equal(desk_open(office, &ana, &desks[DESK_AID], &a), OUT_OK);
	assert_memory_equal(&before.secret, &after.secret, sizeof(after.secret));
	assert_memory_equal(&s.match, &after.match, sizeof(s.match));
	assert_memory_not_equal(&s.match, &a.match, sizeof(s.match));
	/* what was hashed under no key, or another, says nothing any more */
	assert_int_equal(store_number("SELECT COUNT(*) FROM contact"), 0);
	/* who was invited to all desks comes to all, who was not does not */
	accept_as(&ben, &all, "Ben");
	assert_serves(&ben, ALL);
	accept_as(&carla, &some, "Carla");
	assert_serves(&carla, M);

	/* again: nothing is made anew */
	assert_int_equal(found(), OUT_CONFLICT);
	assert_int_equal(desk_open(office, &ana, desks, &before), OUT_OK);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_serves(&ana, ALL);
	assert_int_equal(desk_recover(db, &audit, NOW, &recovery, &all), OUT_OK);
	accept_as(&ben, &all, "Rosa");
	assert_serves(&ben, ALL);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

const struct CMUnitTest store_desk_tests[] = {
	TEST(test_founding),
	TEST(test_desks),
	TEST(test_circles),
	TEST(test_invitation),
	TEST(test_invitation_to_some),
	TEST(test_expired),
	TEST(test_nobody_invites),
	TEST(test_names),
	TEST(test_login),
	TEST(test_recovery),
	TEST(test_new_desks),
};
const size_t store_desk_n = COUNT(store_desk_tests);
