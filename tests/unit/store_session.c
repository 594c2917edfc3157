/*
 * store_session.c: how far in a session is, what takes its place, and what proves the second
 * factor, as the admins' program has it from the store.
 */
#include "reach.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "../../cgi/admin/factor.h"

enum { STEP = 30 };

static const unsigned char	secret[TOTP_SECRET] = "a secret of 20 bytes";
static struct settings		settings;
static struct office		own;
static struct app		app;
static struct admin		ana, ben;

/* A portal with two admins, and the program's own connection. */
static int
begin(void **state)
{
	const struct db_set	sets[] = {
		{ session_queries, session_n_queries },
		{ throttle_queries, throttle_n_queries },
		{ proof_queries, proof_n_queries },
		{ desk_queries, desk_n_queries },
		{ audit_queries, audit_n_queries },
	};

	if (set_up(state) != 0)
		return -1;
	settings = store;
	settings.second_factor = false;
	own.audit = audit;
	app = (struct app){ .settings = &settings, .form_key = { { 5 } }, .own = &own };
	assert_non_null(app.db = db_new(NULL, &store, "openhall_admin", sets, COUNT(sets)));
	db_write(app.db, true);
	assert_int_equal(db_check(app.db), OUT_OK);
	accept_as(&ana, &invitation, "Ana");
	invite(&ana, M | A, &ben, "Ben");
	return 0;
}

static int
end(void **state)
{
	talloc_free(app.db);
	return tear_down(state);
}

/* A request at `now`, with the cookie that `from` was answered with. */
static struct request *
request(int64_t now, struct request *from)
{
	struct request	*rq = talloc_zero(NULL, struct request);
	char		 value[64], *set;

	*rq = (struct request){ .now = now, .settings = &settings, .app = &app, .status = 200,
		.headers = buf_new(rq, 256), .out = buf_new(rq, 256) };
	if (from != NULL) {
		assert_non_null(set = strstr(from->headers->data, "session="));
		assert_int_equal(sscanf(set, "session=%43[^;]", value), 1);
		rq->cookies = talloc_asprintf(rq, "session=%s", value);
	}
	return rq;
}

static struct request *
logged_in(const struct admin *admin, int64_t now)
{
	struct request *rq = request(now, NULL);

	assert_int_equal(session_begin(rq, &audit, admin), OUT_OK);
	return rq;
}

/* Who comes back with the cookie of `from`; NULL: nobody. */
static struct request *
found(struct request *from, int64_t now)
{
	struct request *rq = request(now, from);

	assert_int_equal(session_find(rq), OUT_OK);
	if (rq->session != NULL)
		return rq;
	assert_null(rq->who);
	talloc_free(rq);
	return NULL;
}

static void
assert_nobody(struct request *from, int64_t now)
{
	assert_null(found(from, now));
}

/* Found with this cookie: so far in, serving at these desks. */
static void
assert_stage(struct request *from, enum session_stage stage, unsigned serves)
{
	struct request *rq = found(from, NOW + 1);

	assert_non_null(rq);
	assert_int_equal(rq->session->stage, stage);
	assert_int_equal(rq->session->desks, serves);
	assert_string_equal(rq->session->token, from->session->token);
	assert_memory_equal(&rq->session->admin, &from->session->admin, sizeof(struct admin));
	if (stage == STAGE_FULL)
		assert_string_equal(rq->who, rq->session->admin.name);
	else
		assert_null(rq->who);
	talloc_free(rq);
}

/* Store `secret` as the factor of `admin`, as its page does. */
static void
give_factor(const struct admin *admin)
{
	struct request	*rq = logged_in(admin, NOW);
	struct key	 key;
	struct bytes	 sealed;
	char		*hex;

	factor_key(rq, &key);
	assert_int_equal(seal_body(rq, &key, &admin->id, "factor", secret, TOTP_SECRET,
	    &sealed), OUT_OK);
	hex = talloc_size(rq, 2 * sealed.len + 1);
	for (size_t i = 0; i < sealed.len; i++)
		snprintf(hex + 2 * i, 3, "%02x", ((const unsigned char *)sealed.data)[i]);
	store_sql("UPDATE admin SET factor = X'%s', factor_step = 0 WHERE name = '%s'", hex,
	    admin->name);
	store_sql("DELETE FROM session");
	talloc_free(rq);
}

static void
give_code(const struct admin *admin, const struct code *code)
{
	char	hex[2 * KEY_LEN + 1];

	for (size_t i = 0; i < KEY_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", code->lookup.at[i]);
	store_sql("INSERT INTO factor_code SELECT id, X'%s' FROM admin WHERE name = '%s'", hex,
	    admin->name);
}

/* ---- stages ---- */

static void
test_stages(void **state)
{
	struct request	*full, *setup, *code;

	(void)state;
	full = logged_in(&ben, NOW);
	assert_int_equal(full->session->desks, M | A);
	assert_stage(full, STAGE_FULL, M | A);
	/* the site begins to require a second factor: also of who is in */
	settings.second_factor = true;
	setup = logged_in(&ben, NOW);
	assert_int_equal(setup->session->stage, STAGE_SETUP);
	assert_stage(setup, STAGE_SETUP, 0);
	assert_stage(full, STAGE_SETUP, 0);
	for (int required = 0; required < 2; required++) {
		settings.second_factor = required;
		give_factor(&ben);
		code = logged_in(&ben, NOW);
		assert_int_equal(code->session->stage, STAGE_CODE);
		assert_int_equal(code->session->desks, 0);
		assert_null(code->who);
		assert_stage(code, STAGE_CODE, 0);
		/* and stays so, whatever becomes of the factor */
		store_sql("UPDATE admin SET factor = NULL");
		assert_stage(code, STAGE_CODE, 0);
		talloc_free(code);
	}
	talloc_free(full);
	talloc_free(setup);
}

static void
test_ends(void **state)
{
	struct request	*full = logged_in(&ana, NOW), *pending;

	(void)state;
	give_factor(&ben);
	talloc_free(full);
	full = logged_in(&ana, NOW);
	pending = logged_in(&ben, NOW);
	talloc_free(found(pending, NOW + PENDING_SECONDS - 1));
	assert_nobody(pending, NOW + PENDING_SECONDS);
	talloc_free(found(full, NOW + SESSION_SECONDS - 1));
	assert_nobody(full, NOW + SESSION_SECONDS);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'session.pending'"), 1);
	/* who was removed is nobody, and becomes nobody */
	store_sql("UPDATE admin SET removed_at = 1 WHERE name = 'Ana'");
	assert_nobody(full, NOW + 1);
	assert_int_equal(session_begin(full, &audit, &ana), OUT_MISSING);
	talloc_free(full);
	talloc_free(pending);
}

/* ---- the step in ---- */

struct try { enum outcome answer; unsigned runs; };

static enum outcome
prove(struct db *with, void *arg)
{
	struct try *try = arg;

	(void)with;
	try->runs++;
	return try->answer;
}

static void
test_renewal(void **state)
{
	struct try	 good = { OUT_OK, 0 }, bad = { OUT_FORBIDDEN, 0 };
	struct request	*first, *same, *other;

	(void)state;
	give_factor(&ben);
	first = logged_in(&ben, NOW);
	same = found(first, NOW + 1);
	other = found(first, NOW + 1);
	assert_int_equal(session_renew(same, &audit, prove, &bad), OUT_FORBIDDEN);
	assert_int_equal(bad.runs, 1);
	assert_int_equal(same->headers->len, 0);
	assert_stage(first, STAGE_CODE, 0);
	/* proved: another cookie, and the first is worth nothing */
	assert_int_equal(session_renew(same, &audit, prove, &good), OUT_OK);
	assert_int_equal(same->session->stage, STAGE_FULL);
	assert_stage(same, STAGE_FULL, M | A);
	assert_memory_not_equal(same->session->id.at, first->session->id.at, KEY_LEN);
	assert_string_not_equal(same->session->token, first->session->token);
	assert_nobody(first, NOW + 1);
	talloc_free(found(same, NOW + SESSION_SECONDS));
	/* one comes of one */
	assert_int_equal(session_renew(other, &audit, prove, &good), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM session WHERE pending = 0"), 1);
	talloc_free(first);
	talloc_free(same);
	talloc_free(other);
}

/* ---- what proves it ---- */

static const char *
code_at(const void *ctx, int64_t now)
{
	char	digits[7];

	assert_int_equal(oath_totp_generate((const char *)secret, TOTP_SECRET, (time_t)now,
	    STEP, 0, 6, digits), OATH_OK);
	return talloc_strdup(ctx, digits);
}

static enum outcome
try_code(struct request *rq, const char *typed)
{
	struct factor	f;
	struct proof	p;
	enum outcome	got;

	assert_int_equal(factor_read(rq, &f), OUT_OK);
	got = proof_read(rq, &f, typed, &p);
	if (got == OUT_OK)
		got = proof_use(app.db, rq, &p);
	return proof_settle(rq, &p, got);
}

static void
test_code(void **state)
{
	struct request	*rq, *late;
	struct factor	 f;
	struct proof	 one, two;

	(void)state;
	give_factor(&ben);
	rq = logged_in(&ben, NOW);
	assert_int_equal(try_code(rq, NULL), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, ""), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, code_at(rq, NOW + 10 * STEP)), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, code_at(rq, NOW)), OUT_OK);
	/* none twice, none from before */
	assert_int_equal(try_code(rq, code_at(rq, NOW)), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, code_at(rq, NOW - STEP)), OUT_FORBIDDEN);
	/* of two who read it before either used it, one */
	late = request(NOW + STEP, NULL);
	late->session = rq->session;
	assert_int_equal(factor_read(late, &f), OUT_OK);
	assert_int_equal(proof_read(late, &f, code_at(late, NOW + STEP), &one), OUT_OK);
	assert_int_equal(proof_read(late, &f, code_at(late, NOW + STEP), &two), OUT_OK);
	assert_int_equal(proof_use(app.db, late, &one), OUT_OK);
	assert_int_equal(proof_use(app.db, late, &two), OUT_FORBIDDEN);
	/* without a factor nothing is right, not even the code of no secret */
	store_sql("UPDATE admin SET factor = NULL, factor_step = 0");
	memset(&f, 0, sizeof(f));
	assert_int_equal(proof_read(late, &f, "328482", &one), OUT_FORBIDDEN);
	two.step = INT32_MAX;
	assert_int_equal(proof_use(app.db, late, &two), OUT_FORBIDDEN);
	talloc_free(late);
	talloc_free(rq);
}

static void
test_recovery_code(void **state)
{
	struct request	*rq;
	struct code	 bens, anas, unknown;

	(void)state;
	give_factor(&ben);
	rq = logged_in(&ben, NOW);
	code_new(&bens);
	code_new(&anas);
	code_new(&unknown);
	give_code(&ben, &bens);
	give_code(&ana, &anas);
	assert_int_equal(try_code(rq, unknown.text), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, anas.text), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, bens.text), OUT_OK);
	assert_int_equal(try_code(rq, bens.text), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM factor_code"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE"
	    " action = 'factor.recovered' AND admin = (SELECT id FROM admin WHERE"
	    " name = 'Ben')"), 1);
	talloc_free(rq);
}

/* Failures count for the admin, wherever from; a recovery code is never one too many. */
static void
test_throttle(void **state)
{
	struct request	*rq, *elsewhere, *anas;
	struct code	 code;

	(void)state;
	give_factor(&ana);
	give_factor(&ben);
	code_new(&code);
	give_code(&ben, &code);
	rq = logged_in(&ben, NOW);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try_code(rq, "000000"), OUT_FORBIDDEN);
	assert_int_equal(try_code(rq, code_at(rq, NOW)), OUT_LIMITED);
	elsewhere = logged_in(&ben, NOW);
	elsewhere->address = "192.0.2.7";
	assert_int_equal(try_code(elsewhere, code_at(rq, NOW)), OUT_LIMITED);
	anas = logged_in(&ana, NOW);
	assert_int_equal(try_code(anas, code_at(rq, NOW)), OUT_OK);
	assert_int_equal(try_code(rq, code.text), OUT_OK);
	assert_int_equal(try_code(rq, code_at(rq, NOW)), OUT_OK);
	talloc_free(rq);
	talloc_free(elsewhere);
	talloc_free(anas);
}

/* What is stored opens with the admin's own key, and with nobody else's. */
static void
test_sealed(void **state)
{
	struct request	*bens, *anas;
	struct factor	 f;

	(void)state;
	give_factor(&ben);
	bens = logged_in(&ben, NOW);
	assert_int_equal(factor_read(bens, &f), OUT_OK);
	assert_true(f.has);
	assert_memory_equal(f.secret, secret, TOTP_SECRET);
	assert_int_equal(store_number("SELECT COUNT(*) FROM admin WHERE"
	    " INSTR(factor, 'a secret of 20 bytes') > 0"), 0);
	store_sql("UPDATE admin a JOIN admin b ON b.name = 'Ben' SET a.factor = b.factor"
	    " WHERE a.name = 'Ana'");
	anas = logged_in(&ana, NOW);
	assert_int_equal(factor_read(anas, &f), OUT_FAULT);
	assert_false(f.has);
	talloc_free(bens);
	talloc_free(anas);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, begin, end)

const struct CMUnitTest store_session_tests[] = {
	TEST(test_stages),
	TEST(test_ends),
	TEST(test_renewal),
	TEST(test_code),
	TEST(test_recovery_code),
	TEST(test_throttle),
	TEST(test_sealed),
};
const size_t store_session_n = COUNT(store_session_tests);
