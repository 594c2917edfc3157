/*
 * store_desk.c: who can open what, with real keys: founding, invitations, log-in,
 * recovery.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/desk.h"

#define NOW	1764000000
#define DAY	86400
#define GOOD	"correct horse battery"

static struct db	*db;
static struct key	 audit;
static struct code	 recovery, invitation;

static void
open_db(void)
{
	const struct db_set sets[] = {
		{ audit_queries, audit_n_queries },
		{ desk_queries, desk_n_queries },
		{ founding_queries, founding_n_queries },
	};

	assert_non_null(db = db_new(NULL, &store, store.db_owner, sets, COUNT(sets)));
	db_write(db, true);
}

static int
set_up(void **state)
{
	(void)state;
	store_fresh(true);
	open_db();
	memset(&audit, 7, sizeof(audit));
	assert_int_equal(db_check(db), OUT_OK);
	assert_int_equal(desk_found(db, &store, &audit, NOW, &recovery, &invitation),
	    OUT_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	return 0;
}

static enum outcome
found(void)
{
	struct code	r, i;

	return desk_found(db, &store, &audit, NOW, &r, &i);
}

static void
accept_as(struct admin *out, const struct code *code, const char *name)
{
	assert_int_equal(desk_accept(db, &audit, NOW, code, name, GOOD, out), OUT_OK);
}

/* `admin` reads what was sealed to the public half on the disk. */
static void
assert_reads(const struct admin *admin)
{
	unsigned char	sealed[SEALED_KEY_LEN];
	struct sealer	sealer = { .until = 0 };
	struct key	content, opened, public, secret;
	struct id	id = { "a submission" };

	seal_read_key(&sealer.to, store.key_dir, "membership.pub");
	memset(&content, 3, sizeof(content));
	seal_to(sealed, &sealer, NOW, &id, &content);
	assert_int_equal(desk_open(db, admin, "membership", &public, &secret), OUT_OK);
	assert_memory_equal(public.at, sealer.to.at, KEY_LEN);
	assert_int_equal(seal_from(&opened, &secret, &id,
	    (struct bytes){ sealed, sizeof(sealed) }), OUT_OK);
	assert_memory_equal(opened.at, content.at, KEY_LEN);
	assert_int_equal(desk_open(db, admin, "kitchen", &public, &secret), OUT_FORBIDDEN);
}

static void
test_founding(void **state)
{
	(void)state;
	assert_int_equal(found(), OUT_CONFLICT);
	assert_int_equal(store_number("SELECT COUNT(*) FROM recovery"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM desk"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"), 3);
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
test_invitation(void **state)
{
	struct code	unknown;
	struct admin	ana, ben;

	(void)state;
	code_new(&unknown);
	assert_int_equal(desk_invited(db, NOW, &invitation), OUT_OK);
	assert_int_equal(desk_invited(db, NOW, &unknown), OUT_MISSING);
	assert_int_equal(desk_invited(db, NOW, &recovery), OUT_MISSING);
	assert_int_equal(desk_invited(db, NOW + INVITATION_DAYS * DAY - 1, &invitation),
	    OUT_OK);
	assert_int_equal(desk_invited(db, NOW + INVITATION_DAYS * DAY, &invitation),
	    OUT_MISSING);
	assert_int_equal(desk_accept(db, &audit, NOW, &unknown, "Ana", GOOD, &ana),
	    OUT_MISSING);
	accept_as(&ana, &invitation, " Ana\t");
	assert_string_equal(ana.name, "Ana");
	assert_int_equal(desk_accept(db, &audit, NOW, &invitation, "Ben", GOOD, &ben),
	    OUT_MISSING);
	assert_reads(&ana);

	assert_int_equal(desk_invite(db, &audit, NOW, &ana, &invitation), OUT_OK);
	/* a name that is taken does not use the invitation up */
	assert_int_equal(desk_accept(db, &audit, NOW, &invitation, "ANÁ", GOOD, &ben),
	    OUT_CONFLICT);
	accept_as(&ben, &invitation, "Ben");
	assert_reads(&ben);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation_key"), 0);

	/* each opens only with their own secret, and only what is theirs */
	ben.secret = ana.secret;
	assert_int_equal(desk_open(db, &ben, "membership", &audit, &audit), OUT_FORBIDDEN);
	store_sql("UPDATE desk_key SET sealed_key = REVERSE(sealed_key)");
	assert_int_equal(desk_open(db, &ana, "membership", &audit, &audit), OUT_FORBIDDEN);
}

static void
test_expired(void **state)
{
	int64_t		late = NOW + INVITATION_DAYS * DAY;
	struct admin	ana;

	(void)state;
	assert_int_equal(desk_accept(db, &audit, late, &invitation, "Ana", GOOD, &ana),
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
	assert_int_equal(desk_invite(db, &audit, NOW, &nobody, &code), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"), 3);
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
		assert_int_equal(desk_accept(db, &audit, NOW, &invitation, cases[i].name,
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
		assert_int_equal(desk_login(db, cases[i].name, cases[i].password, &again),
		    cases[i].want);
		if (cases[i].want != OUT_OK)
			continue;
		assert_string_equal(again.name, "Ana Núñez");
		assert_memory_equal(&again.id, &ana.id, sizeof(ana.id));
		assert_memory_equal(&again.public, &ana.public, sizeof(ana.public));
		assert_reads(&again);
	}
}

static void
test_recovery(void **state)
{
	struct code	other, fresh;
	struct admin	ana, carla;
	struct key	before, after, public;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	assert_int_equal(desk_open(db, &ana, "membership", &public, &before), OUT_OK);
	code_new(&other);
	assert_int_equal(desk_recover(db, &audit, NOW, &other, &fresh), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM invitation"), 0);
	assert_int_equal(desk_recover(db, &audit, NOW, &recovery, &fresh), OUT_OK);
	accept_as(&carla, &fresh, "Carla");
	assert_reads(&carla);
	assert_int_equal(desk_open(db, &carla, "membership", &public, &after), OUT_OK);
	assert_memory_equal(&before, &after, sizeof(before));
}

/* A desk that a later version brings. */
static void
test_new_desk(void **state)
{
	struct admin	ana, ben;
	struct code	open;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	assert_int_equal(desk_invite(db, &audit, NOW, &ana, &open), OUT_OK);
	store_sql("DELETE FROM invitation_key");
	store_sql("DELETE FROM desk_key");
	store_sql("DELETE FROM desk");
	store_shell("rm %s/membership.pub", store.key_dir);
	assert_int_equal(found(), OUT_CONFLICT);
	assert_reads(&ana);
	accept_as(&ben, &open, "Ben");
	assert_reads(&ben);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

const struct CMUnitTest store_desk_tests[] = {
	TEST(test_founding),
	TEST(test_invitation),
	TEST(test_expired),
	TEST(test_nobody_invites),
	TEST(test_names),
	TEST(test_login),
	TEST(test_recovery),
	TEST(test_new_desk),
};
const size_t store_desk_n = COUNT(store_desk_tests);
