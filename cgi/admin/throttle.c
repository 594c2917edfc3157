/*
 * throttle.c: how often a log-in may fail.
 *
 * Failures are counted for a name together with where they come from: a browser that has
 * logged in under that name before carries a device cookie and has a count of its own;
 * everybody else is counted by address.  So no stranger can lock an admin out.
 * What only somebody with the password can try is counted for the admin, wherever from.
 */
#include <sodium.h>
#include <string.h>

#include "admin.h"
#include "openhall/cookie.h"

enum { Q_COUNT, Q_FAILED, Q_CLEAR, Q__COUNT };

const struct db_query throttle_queries[] = {	/* takes, gives, sql */
	[Q_COUNT] = { "bi", "ii",
	    "SELECT failures, until FROM throttle"
	    " WHERE bucket = ? AND until > ?" },
	/* Counted by the store, so that tries at the same moment all count. */
	[Q_FAILED] = { "bii", "",
	    "INSERT INTO throttle (bucket, failures, until) VALUES (?, 1, ?)"
	    " ON DUPLICATE KEY UPDATE"
	    " failures = IF(until > ?, failures + 1, 1),"
	    " until = VALUES(until)" },
	[Q_CLEAR] = { "b", "", "DELETE FROM throttle WHERE bucket = ?" },
};
const size_t throttle_n_queries = Q__COUNT;

enum {
	FREE_FAILURES = 5,	/* before there is any wait */
	FIRST_WAIT = 30,	/* seconds; doubled with each further failure */
	LONGEST_WAIT = 900,
	FORGOTTEN_AFTER = 3600,	/* seconds after the last failure's wait */
	DEVICE_SECONDS = 180 * 86400,
	DEVICE_NAME = 24	/* bytes of the name's hash in a device cookie */
};

/* What a device cookie says of the name that was logged in under. */
static void
hash_name(const struct request *rq, const struct key *name_key,
    struct key *hash)
{
	seal_derive(hash, &rq->app->form_key, "device name", name_key->at,
	    KEY_LEN);
}

/* Whether this browser has logged in under this name before; fills what tells it apart. */
static bool
is_known(struct request *rq, const struct key *name_key, struct key *device)
{
	struct key hash;

	hash_name(rq, name_key, &hash);
	return cookie_get(rq, &rq->app->form_key, "device", device) == OUT_OK &&
	    sodium_memcmp(device->at, hash.at, DEVICE_NAME) == 0;
}

void
throttle_trust(struct request *rq, const struct key *name_key)
{
	struct key device;

	hash_name(rq, name_key, &device);
	randombytes_buf(device.at + DEVICE_NAME, KEY_LEN - DEVICE_NAME);
	cookie_put(rq, &rq->app->form_key, "device", &device, DEVICE_SECONDS);
}

/* No address is stored, only a keyed hash. */
static void
find_bucket(struct request *rq, const struct key *name_key, struct key *bucket)
{
	struct key	by_name, device;

	seal_derive(&by_name, &rq->app->form_key, "throttle", name_key->at,
	    KEY_LEN);
	if (is_known(rq, name_key, &device))
		seal_derive(bucket, &by_name, "device", device.at, KEY_LEN);
	else
		seal_derive(bucket, &by_name, "address", rq->address,
		    rq->address != NULL ? strlen(rq->address) : 0);
}

/* How many failures there were, and whether there may be another. */
static enum outcome
look(struct request *rq, struct throttle *t)
{
	struct db_row	row;
	enum outcome	got;

	t->failures = 0;
	got = db_first(rq->app->db, rq, &throttle_queries[Q_COUNT], &row,
	    DB_BYTES(t->bucket.at, KEY_LEN), DB_INT(rq->now - FORGOTTEN_AFTER));
	if (got == OUT_MISSING)
		return OUT_OK;
	if (got != OUT_OK)
		return got;
	t->failures = row.at[0].number;
	return t->failures >= FREE_FAILURES && rq->now < row.at[1].number ?
	    OUT_LIMITED : OUT_OK;
}

enum outcome
throttle_check(struct request *rq, const struct key *name_key,
    struct throttle *t)
{
	find_bucket(rq, name_key, &t->bucket);
	return look(rq, t);
}

enum outcome
throttle_check_own(struct request *rq, const char *what, struct throttle *t)
{
	struct key by_admin;

	seal_derive(&by_admin, &rq->app->form_key, "throttle own",
	    rq->session->admin.id.at, ID_LEN);
	seal_derive(&t->bucket, &by_admin, what, NULL, 0);
	return look(rq, t);
}

enum outcome
throttle_fail(struct request *rq, const struct throttle *t)
{
	int64_t	failures = t->failures + 1;
	int64_t	wait = 0;

	if (failures >= FREE_FAILURES) {
		wait = FIRST_WAIT;
		for (int64_t i = FREE_FAILURES; i < failures &&
		    wait < LONGEST_WAIT; i++)
			wait *= 2;
	}
	if (wait > LONGEST_WAIT)
		wait = LONGEST_WAIT;
	return db_run(rq->app->db, &throttle_queries[Q_FAILED], NULL,
	    DB_BYTES(t->bucket.at, KEY_LEN), DB_INT(rq->now + wait),
	    DB_INT(rq->now - FORGOTTEN_AFTER));
}

enum outcome
throttle_clear(struct request *rq, const struct throttle *t)
{
	return t->failures == 0 ? OUT_OK :
	    db_run(rq->app->db, &throttle_queries[Q_CLEAR], NULL,
	    DB_BYTES(t->bucket.at, KEY_LEN));
}
