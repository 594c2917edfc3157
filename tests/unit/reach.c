/* reach.c: see reach.h. */
#include "reach.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"

struct db		*db, *office;
struct key		 audit;
struct code		 recovery, invitation;

/* What was handed in at each desk: a content key sealed to it. */
static const struct id	about_submission = { "a submission" };
static struct key	contents[DESKS];
static unsigned char	submissions[DESKS][SEALED_KEY_LEN];

struct db *
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

void
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

int
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

int
tear_down(void **state)
{
	(void)state;
	talloc_free(db);
	talloc_free(office);
	return 0;
}

void
accept_as(struct admin *out, const struct code *code, const char *name)
{
	assert_int_equal(desk_accept(office, &audit, NOW, code, name, GOOD, out), OUT_OK);
}

/* ---- who can open what ---- */

bool
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

void
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

unsigned
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

void
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

void
invite(const struct admin *by, unsigned which, struct admin *out, const char *name)
{
	struct code	code;

	assert_int_equal(desk_invite(office, &audit, NOW, by, which, &code), OUT_OK);
	accept_as(out, &code, name);
}
