/*
 * store_desk.c: who can open what, with real keys: founding, invitations, log-in, recovery,
 * granting and leaving desks, removing, another password.  What admins do is done with the
 * account of their program.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/desk.h"

#define NOW	1764000000
#define DAY	86400
#define GOOD	"correct horse battery"

enum { M = 1 << DESK_MEMBERSHIP, S = 1 << DESK_SUPPORTERS, A = 1 << DESK_AID,
	ALL = M | S | A };

static struct db	*db, *office;
static struct key	 audit;
static struct code	 recovery, invitation;

/* What was handed in at each desk: a content key sealed to it. */
static const struct id	about_submission = { "a submission" };
static struct key	contents[DESKS];
static unsigned char	submissions[DESKS][SEALED_KEY_LEN];

static struct db *
open_db(const char *account, bool founds)
{
	const struct db_set sets[] = {
		{ audit_queries, audit_n_queries },
		{ desk_queries, desk_n_queries },
		{ roles_queries, roles_n_queries },
		{ founding_queries, founding_n_queries },
	};
	struct db	*opened = db_new(NULL, &store, account, sets,
			    COUNT(sets) - !founds);

	assert_non_null(opened);
	db_write(opened, true);
	return opened;
}

/* As a program does that holds nothing but what is on the disk. */
static void
hand_in(void)
{
	for (size_t i = 0; i < DESKS; i++) {
		struct sealer	sealer = { .until = 0 };
		char		name[64];

		snprintf(name, sizeof(name), "%s.pub", desks[i].name);
		seal_read_key(&sealer.to, store.key_dir, name);
		memset(&contents[i], 3 + (int)i, sizeof(contents[i]));
		seal_to(submissions[i], &sealer, NOW, &about_submission, &contents[i]);
	}
}

static int
set_up(void **state)
{
	(void)state;
	store_fresh(true);
	db = open_db(store.db_owner, true);
	office = open_db("openhall_admin", false);
	memset(&audit, 7, sizeof(audit));
	assert_int_equal(db_check(db), OUT_OK);
	assert_int_equal(db_check(office), OUT_OK);
	assert_int_equal(desk_found(db, &store, &audit, NOW, &recovery, &invitation),
	    OUT_OK);
	hand_in();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	talloc_free(office);
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
	assert_int_equal(desk_accept(office, &audit, NOW, code, name, GOOD, out), OUT_OK);
}

/* ---- who can open what ---- */

/* Keys that somebody has come by. */
struct reach { size_t n; struct key at[200]; };

static bool
has(const struct reach *r, const struct key *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (memcmp(&r->at[i], key, sizeof(*key)) == 0)
			return true;
	return false;
}

/* Whatever `key` opens in `sealed` is known from now on.  `owner`: an admin's id. */
static void
try_key(struct reach *r, const struct key *key, struct bytes owner, struct bytes sealed)
{
	struct key	opened;
	struct id	what;

	for (size_t i = 0; i < 2 * DESKS; i++) {
		if (i < DESKS)
			desk_about(&what, desks[i].name);
		else
			desk_about_match(&what, desks[i - DESKS].circle);
		if (seal_from(&opened, key, &what, sealed) == OUT_OK && !has(r, &opened))
			r->at[r->n++] = opened;
	}
	memcpy(what.at, owner.data, ID_LEN);
	if ((seal_unwrap(&opened, key, &what, "admin", sealed) == OUT_OK ||
	    seal_unwrap(&opened, key, &what, "session", sealed) == OUT_OK) &&
	    !has(r, &opened))
		r->at[r->n++] = opened;
	assert_true(r->n < COUNT(r->at));
}

/* Everything that who holds `secret` can open with the whole database in hand. */
static void
reach(struct reach *r, const struct key *secret)
{
	static const struct db_query	everything = { "", "bb",
	    "SELECT admin, sealed_key FROM desk_key"
	    " UNION SELECT SUBSTR(invitation, 1, 16), sealed_key FROM invitation_key"
	    " UNION SELECT REPEAT('d', 16), match_key FROM desk"
	    " UNION SELECT REPEAT('d', 16), recovery_key FROM desk"
	    " UNION SELECT id, wrapped_key FROM admin"
	    " UNION SELECT admin, wrapped_key FROM session" };
	struct db	*all = store_db(&everything, 1);
	struct db_rows	 rows;

	*r = (struct reach){ .n = 1, .at = { *secret } };
	assert_int_equal(db_all(all, all, &everything, &rows), OUT_OK);
	for (size_t k = 0; k < r->n; k++)
		for (size_t i = 0; i < rows.n; i++)
			try_key(r, &r->at[k], rows.at[i].at[0].bytes,
			    rows.at[i].at[1].bytes);
	talloc_free(all);
}

/* The desks whose submissions can be opened so, as bits. */
static unsigned
opens(const struct key *secret)
{
	struct reach	r;
	unsigned	which = 0;

	reach(&r, secret);
	for (size_t i = 0; i < DESKS; i++)
		for (size_t k = 0; k < r.n; k++) {
			struct key	content;

			if (seal_from(&content, &r.at[k], &about_submission,
			    (struct bytes){ submissions[i], SEALED_KEY_LEN }) != OUT_OK)
				continue;
			assert_memory_equal(&content, &contents[i], sizeof(content));
			which |= 1u << i;
		}
	return which;
}

/* By key and by what the functions say: these desks and no others. */
static void
assert_serves(const struct admin *admin, unsigned want)
{
	struct desk_keys	keys;
	unsigned		which;

	assert_int_equal(desk_serves(office, &admin->id, &which), OUT_OK);
	assert_int_equal(which, want);
	assert_int_equal(opens(&admin->secret), want);
	for (size_t i = 0; i < DESKS; i++)
		assert_int_equal(desk_open(office, admin, &desks[i], &keys),
		    (want & 1u << i) != 0 ? OUT_OK : OUT_FORBIDDEN);
}

static void
invite(const struct admin *by, unsigned which, struct admin *out, const char *name)
{
	struct code	code;

	assert_int_equal(desk_invite(office, &audit, NOW, by, which, &code), OUT_OK);
	accept_as(out, &code, name);
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
	store_shell("cd %s && rm supporters.pub aid.pub", store.key_dir);
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

/* ---- granting, leaving ---- */

static void
test_grant(void **state)
{
	struct admin	ana, ben, carla;
	struct id	nobody = { { 0 } };

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M, &ben, "Ben");
	invite(&ana, A, &carla, "Carla");
	assert_serves(&ben, M);
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_AID], &ben.id),
	    OUT_OK);
	assert_serves(&ben, M | A);
	assert_serves(&carla, A);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'desk.granted' AND admin = (SELECT id FROM admin WHERE name = 'Ana')"
	    " AND subject = (SELECT id FROM admin WHERE name = 'Ben')"), 1);
	/* twice is as good as once */
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_AID], &ben.id),
	    OUT_OK);
	assert_serves(&ben, M | A);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'desk.granted'"), 1);
	/* what was given can be given on; what one has not cannot */
	assert_int_equal(desk_grant(office, &audit, NOW, &ben, &desks[DESK_MEMBERSHIP],
	    &carla.id), OUT_OK);
	assert_serves(&carla, M | A);
	assert_int_equal(desk_grant(office, &audit, NOW, &ben, &desks[DESK_SUPPORTERS],
	    &ben.id), OUT_FORBIDDEN);
	assert_int_equal(desk_grant(office, &audit, NOW, &carla, &desks[DESK_SUPPORTERS],
	    &ben.id), OUT_FORBIDDEN);
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_AID], &nobody),
	    OUT_MISSING);
	/* by name, without the key */
	ana.secret = ben.secret;
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_SUPPORTERS],
	    &ben.id), OUT_FORBIDDEN);
	assert_serves(&ben, M | A);
}

/* A case with one round, in which `name` has cast `vote` (NULL: not yet). */
static void
round_of(char id, const char *desk, bool ended, const char *name, const char *vote)
{
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, receipt,"
	    " desk_key, receipt_key, body) VALUES (RPAD('%c', 16, '-'), '%s', 'f', 'review',"
	    " 1, RPAD('%c', 32, '-'), '', '', '')", id, desk, id);
	store_sql("INSERT INTO round VALUES (RPAD('%c', 16, '-'), 1, 1, 2, %s, 1, 1, 1)", id,
	    ended ? "2" : "NULL");
	store_sql("INSERT INTO elector VALUES (RPAD('%c', 16, '-'), 1,"
	    " (SELECT id FROM admin WHERE name = '%s'), %s%s%s, NULL, NULL)", id, name,
	    vote != NULL ? "'" : "", vote != NULL ? vote : "NULL", vote != NULL ? "'" : "");
}

static long
recused(char id)
{
	return store_number("SELECT COUNT(*) FROM elector WHERE submission ="
	    " RPAD('%c', 16, '-') AND vote = 'recused' AND voted_at = %d"
	    " AND reason IS NULL", id, NOW + 5);
}

static void
assigned(char id, const char *name, bool ended)
{
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, receipt,"
	    " desk_key, receipt_key, body, ended_day, assigned_to) VALUES"
	    " (RPAD('%c', 16, '-'), 'aid', 'aid', '%s', 1, RPAD('%c', 32, '-'), '', '', '',"
	    " %s, (SELECT id FROM admin WHERE name = '%s'))", id,
	    ended ? "complete" : "assigned", id, ended ? "2" : "NULL", name);
}

#define FREE	"SELECT COUNT(*) FROM submission WHERE id = RPAD('%c', 16, '-')" \
    " AND assigned_to IS NULL AND state = 'started'"

static void
test_leave(void **state)
{
	struct admin	ana, ben;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, ALL, &ben, "Ben");
	round_of('o', "membership", false, "Ben", NULL);
	round_of('v', "membership", false, "Ben", "favour");
	round_of('e', "membership", true, "Ben", NULL);
	round_of('s', "supporters", false, "Ben", NULL);
	round_of('a', "membership", false, "Ana", NULL);
	assigned('1', "Ben", false);
	assigned('2', "Ben", true);
	assigned('3', "Ana", false);

	assert_int_equal(desk_leave(office, &audit, NOW + 5, &ben.id,
	    &desks[DESK_MEMBERSHIP]), OUT_OK);
	assert_serves(&ben, S | A);
	assert_serves(&ana, ALL);
	assert_int_equal(recused('o'), 1);
	assert_int_equal(recused('v') + recused('e') + recused('s') + recused('a'), 0);
	assert_int_equal(store_number(FREE, '1'), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'desk.left'"), 1);
	assert_int_equal(desk_leave(office, &audit, NOW, &ben.id, &desks[DESK_MEMBERSHIP]),
	    OUT_MISSING);
	assert_int_equal(desk_leave(office, &audit, NOW + 5, &ben.id, &desks[DESK_AID]),
	    OUT_OK);
	assert_int_equal(store_number(FREE, '1'), 1);
	assert_int_equal(store_number(FREE, '2') + store_number(FREE, '3'), 0);
	assert_serves(&ben, S);

	/* somebody has to hold each key */
	assert_int_equal(desk_leave(office, &audit, NOW, &ana.id, &desks[DESK_MEMBERSHIP]),
	    OUT_CONFLICT);
	assert_int_equal(desk_leave(office, &audit, NOW, &ana.id, &desks[DESK_SUPPORTERS]),
	    OUT_OK);
	assert_int_equal(desk_leave(office, &audit, NOW, &ben.id, &desks[DESK_SUPPORTERS]),
	    OUT_CONFLICT);
	assert_serves(&ana, M | A);
	assert_serves(&ben, S);
	/* and who left can be let in again */
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_AID], &ben.id),
	    OUT_OK);
	assert_serves(&ben, S | A);
}

/* What one of two does at the same moment, on a connection of their own. */
struct deed {
	const struct admin	*by;
	const struct id		*remove;	/* NULL: leave the desk */
	enum outcome		 got;
};

static void *
do_deed(void *arg)
{
	struct deed	*deed = arg;
	struct db	*own = open_db("openhall_admin", false);

	deed->got = deed->remove == NULL ?
	    desk_leave(own, &audit, NOW, &deed->by->id, &desks[DESK_MEMBERSHIP]) :
	    desk_remove(own, &audit, NOW, deed->by, deed->remove);
	talloc_free(own);
	return NULL;
}

/* Both are held up until both are under way; one may, and not the other. */
static void
together(struct deed *one, struct deed *other)
{
	MYSQL		*my = store_raw(NULL);
	pthread_t	 threads[2];

	assert_int_equal(mysql_query(my, "START TRANSACTION"), 0);
	assert_int_equal(mysql_query(my, "SELECT * FROM desk_key FOR UPDATE"), 0);
	mysql_free_result(mysql_store_result(my));
	assert_int_equal(pthread_create(&threads[0], NULL, do_deed, one), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, do_deed, other), 0);
	usleep(500000);
	mysql_close(my);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	assert_true((one->got == OUT_OK) != (other->got == OUT_OK));
	assert_int_equal(store_number("SELECT COUNT(*) FROM desk_key WHERE"
	    " desk = 'membership'"), 1);
}

static void
test_together(void **state)
{
	struct admin	ana, ben;
	struct deed	one, other;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M, &ben, "Ben");
	one = (struct deed){ .by = &ana };
	other = (struct deed){ .by = &ben };
	together(&one, &other);
	assert_int_equal(one.got == OUT_OK ? other.got : one.got, OUT_CONFLICT);

	if (one.got == OUT_OK)
		assert_int_equal(desk_grant(office, &audit, NOW, &ben, desks, &ana.id), OUT_OK);
	else
		assert_int_equal(desk_grant(office, &audit, NOW, &ana, desks, &ben.id), OUT_OK);
	other = (struct deed){ .by = &ana, .remove = &ben.id };
	together(&one, &other);
	assert_int_equal(one.got == OUT_OK ? other.got : one.got,
	    one.got == OUT_OK ? OUT_FORBIDDEN : OUT_CONFLICT);
}

/* ---- removing ---- */

static void
test_remove(void **state)
{
	struct admin	ana, ben, carla, again;
	struct code	pending;
	struct key	public, secret;
	struct id	nobody = { { 0 } };

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M | S, &ben, "Ben");
	invite(&ana, A, &carla, "Carla");
	round_of('o', "membership", false, "Ben", NULL);
	round_of('v', "supporters", false, "Ben", "against");
	round_of('s', "supporters", false, "Ben", NULL);
	store_sql("INSERT INTO session (id, admin, wrapped_key, created_at, expires_at)"
	    " SELECT REPEAT(LEFT(name, 1), 32), id, 'w', 1, 2 FROM admin");
	store_sql("INSERT INTO factor_code SELECT id, REPEAT('f', 32) FROM admin");
	store_sql("UPDATE admin SET factor = 'f'");
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, M, &pending), OUT_OK);

	assert_int_equal(desk_remove(office, &audit, NOW, &carla, &ben.id), OUT_FORBIDDEN);
	assert_int_equal(desk_remove(office, &audit, NOW, &ben, &ana.id), OUT_FORBIDDEN);
	assert_int_equal(desk_remove(office, &audit, NOW, &ana, &ana.id), OUT_CONFLICT);
	assert_int_equal(desk_remove(office, &audit, NOW, &ana, &nobody), OUT_MISSING);
	assert_serves(&ben, M | S);

	assert_int_equal(desk_remove(office, &audit, NOW + 5, &ana, &ben.id), OUT_OK);
	assert_serves(&ben, 0);
	assert_serves(&ana, ALL);
	assert_int_equal(recused('o') + recused('s'), 2);
	assert_int_equal(recused('v'), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin WHERE name = 'Ben' AND"
	    " wrapped_key = '' AND factor IS NULL AND removed_at = %d AND"
	    " salt = REPEAT(CHAR(0), 16)", NOW + 5), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin WHERE factor = 'f'"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM factor_code"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'admin.removed' AND subject = (SELECT id FROM admin WHERE"
	    " name = 'Ben')"), 1);
	/* no way back by the invitation that they had made for themselves */
	assert_int_equal(desk_accept(office, &audit, NOW, &pending, "Ben2", GOOD, &again),
	    OUT_MISSING);
	seal_pair_from(&public, &secret, &pending.key);
	assert_int_equal(opens(&secret), 0);

	assert_int_equal(desk_login(office, "Ben", GOOD, &again), OUT_FORBIDDEN);
	assert_int_equal(desk_login(office, "Ben", "", &again), OUT_FORBIDDEN);
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, desks, &ben.id), OUT_MISSING);
	assert_int_equal(desk_remove(office, &audit, NOW, &ana, &ben.id), OUT_MISSING);
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, M, &pending), OUT_FORBIDDEN);
	assert_int_equal(desk_password(office, &audit, NOW, &ben, &audit, GOOD,
	    "another password"), OUT_FORBIDDEN);
	assert_serves(&ben, 0);
	/* the name stays beside the votes, so nobody else gets it */
	assert_int_equal(desk_invite(office, &audit, NOW, &ana, M, &pending), OUT_OK);
	assert_int_equal(desk_accept(office, &audit, NOW, &pending, "ben", GOOD, &again),
	    OUT_CONFLICT);

	/* who serves nowhere removes nobody, and can be removed */
	assert_int_equal(desk_leave(office, &audit, NOW, &carla.id, &desks[DESK_AID]),
	    OUT_OK);
	accept_as(&again, &pending, "Dora");
	assert_int_equal(desk_leave(office, &audit, NOW, &again.id, desks), OUT_OK);
	assert_int_equal(desk_remove(office, &audit, NOW, &carla, &again.id), OUT_FORBIDDEN);
	assert_int_equal(desk_remove(office, &audit, NOW, &ana, &carla.id), OUT_OK);
}

/* ---- another password ---- */

#define FRESH	"four quite other words"

static void
test_password(void **state)
{
	static const struct { const char *old, *fresh; enum outcome want; } refused[] = {
		{ "correct horse batterx", FRESH,         OUT_FORBIDDEN },
		{ "",                      FRESH,         OUT_FORBIDDEN },
		{ FRESH,                   FRESH,         OUT_FORBIDDEN },
		{ GOOD,                    "",            OUT_INVALID },
		{ GOOD,                    "elevenbytes", OUT_INVALID },
	};
	struct admin	ana, ben, again;
	struct key	session;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M | A, &ben, "Ben");
	store_sql("INSERT INTO session (id, admin, wrapped_key, created_at, expires_at)"
	    " SELECT REPEAT(c, 32), id, 'w', 1, 2 FROM admin JOIN"
	    " (SELECT 'x' AS c UNION SELECT 'y' UNION SELECT 'z') t WHERE name = 'Ben'");
	store_sql("INSERT INTO session (id, admin, wrapped_key, created_at, expires_at)"
	    " SELECT REPEAT('a', 32), id, 'w', 1, 2 FROM admin WHERE name = 'Ana'");
	memset(&session, 'y', sizeof(session));
	for (size_t i = 0; i < COUNT(refused); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(desk_password(office, &audit, NOW, &ben, &session,
		    refused[i].old, refused[i].fresh), refused[i].want);
		assert_int_equal(desk_login(office, "Ben", GOOD, &again), OUT_OK);
		assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 4);
	}
	store_sql("CREATE TABLE was AS SELECT salt, wrapped_key FROM admin"
	    " WHERE name = 'Ben'");
	assert_int_equal(desk_password(office, &audit, NOW, &ben, &session, GOOD, FRESH),
	    OUT_OK);
	assert_int_equal(desk_login(office, "Ben", GOOD, &again), OUT_FORBIDDEN);
	assert_int_equal(desk_login(office, "Ben", FRESH, &again), OUT_OK);
	assert_memory_equal(&again.secret, &ben.secret, sizeof(ben.secret));
	assert_serves(&again, M | A);
	assert_int_equal(desk_login(office, "Ana", GOOD, &again), OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin a JOIN was w ON"
	    " a.salt = w.salt OR a.wrapped_key = w.wrapped_key"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session WHERE"
	    " id IN (REPEAT('y', 32), REPEAT('a', 32))"), 2);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'admin.password'"), 1);
	assert_int_equal(desk_password(office, &audit, NOW, &ben, &session, GOOD, FRESH),
	    OUT_FORBIDDEN);
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
	TEST(test_grant),
	TEST(test_leave),
	TEST(test_together),
	TEST(test_remove),
	TEST(test_password),
};
const size_t store_desk_n = COUNT(store_desk_tests);
