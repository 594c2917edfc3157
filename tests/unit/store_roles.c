/*
 * store_roles.c: granting and leaving desks, removing an admin, another password: who can
 * open what before and after, with real keys and the whole database in hand.
 */
#include "reach.h"

#include <pthread.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

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
	struct admin	ana, ben, again;
	struct code	there, elsewhere, hers;
	struct key	public, secret;

	(void)state;
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, ALL, &ben, "Ben");
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, M | S, &there), OUT_OK);
	assert_int_equal(desk_invite(office, &audit, NOW, &ben, S, &elsewhere), OUT_OK);
	assert_int_equal(desk_invite(office, &audit, NOW, &ana, M, &hers), OUT_OK);
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
	assert_serves(&ben, ALL & ~M);
	assert_serves(&ana, ALL);
	assert_int_equal(recused('o'), 1);
	assert_int_equal(recused('v') + recused('e') + recused('s') + recused('a'), 0);
	assert_int_equal(store_number(FREE, '1'), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'desk.left'"), 1);
	/* no way back by the invitation that they had made for themselves */
	seal_pair_from(&public, &secret, &there.key);
	assert_int_equal(opens(&secret), 0);
	assert_int_equal(desk_accept(office, &audit, NOW, &there, "Ben2", GOOD, &again),
	    OUT_MISSING);
	assert_int_equal(desk_invited(office, NOW, &elsewhere), OUT_OK);
	assert_int_equal(desk_invited(office, NOW, &hers), OUT_OK);
	assert_int_equal(desk_leave(office, &audit, NOW, &ben.id, &desks[DESK_MEMBERSHIP]),
	    OUT_MISSING);
	assert_int_equal(desk_leave(office, &audit, NOW + 5, &ben.id, &desks[DESK_AID]),
	    OUT_OK);
	assert_int_equal(store_number(FREE, '1'), 1);
	assert_int_equal(store_number(FREE, '2') + store_number(FREE, '3'), 0);
	assert_serves(&ben, S | T | E);

	/* somebody has to hold each key */
	assert_int_equal(desk_leave(office, &audit, NOW, &ana.id, &desks[DESK_MEMBERSHIP]),
	    OUT_CONFLICT);
	assert_int_equal(desk_leave(office, &audit, NOW, &ana.id, &desks[DESK_SUPPORTERS]),
	    OUT_OK);
	assert_int_equal(desk_leave(office, &audit, NOW, &ben.id, &desks[DESK_SUPPORTERS]),
	    OUT_CONFLICT);
	assert_serves(&ana, M | A | T | E);
	assert_serves(&ben, S | T | E);
	/* and who left can be let in again */
	assert_int_equal(desk_grant(office, &audit, NOW, &ana, &desks[DESK_AID], &ben.id),
	    OUT_OK);
	assert_serves(&ben, S | A | T | E);
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

	store_sql("CREATE TABLE was AS SELECT id, salt, wrapped_key FROM admin");
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

	/* not even with a key that a backup had */
	store_sql("UPDATE admin a JOIN was w ON w.id = a.id SET a.salt = w.salt,"
	    " a.wrapped_key = w.wrapped_key");
	assert_int_equal(desk_login(office, "Ben", GOOD, &again), OUT_FORBIDDEN);
	assert_int_equal(desk_password(office, &audit, NOW, &ben, &audit, GOOD,
	    "another password"), OUT_FORBIDDEN);

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

const struct CMUnitTest store_roles_tests[] = {
	TEST(test_grant),
	TEST(test_leave),
	TEST(test_together),
	TEST(test_remove),
	TEST(test_password),
};
const size_t store_roles_n = COUNT(store_roles_tests);
