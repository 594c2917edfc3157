/*
 * proof.c: the second factor as it is stored, and proving that one has it: one-time codes by
 * time, and recovery codes for who has lost the device.
 *
 * The secret of the codes is sealed under a key that comes from the admin's own secret key,
 * so that the store alone does not give it away.
 */
#include <sodium.h>
#include <string.h>

#include "factor.h"

enum { Q_READ, Q_STEP, Q_USE, Q__COUNT };

const struct db_query proof_queries[] = {	/* takes, gives, sql */
	[Q_READ] = { "b", "Bii",
	    "SELECT a.factor, a.factor_step,"
	    " (SELECT COUNT(*) FROM factor_code c WHERE c.admin = a.id)"
	    " FROM admin a WHERE a.id = ?" },
	/* Of two who send the same code at once, one is first. */
	[Q_STEP] = { "ibi", "",
	    "UPDATE admin SET factor_step = ?"
	    " WHERE id = ? AND factor IS NOT NULL AND factor_step < ?" },
	[Q_USE] = { "bb", "",
	    "DELETE FROM factor_code WHERE admin = ? AND id = ?" },
};
const size_t proof_n_queries = Q__COUNT;

void
factor_key(const struct request *rq, struct key *out)
{
	seal_derive(out, &rq->session->admin.secret, "factor", NULL, 0);
}

enum outcome
factor_read(struct request *rq, struct factor *f)
{
	const struct id	*admin = &rq->session->admin.id;
	struct db_row	 row;
	struct key	 key;
	struct bytes	 secret;
	enum outcome	 got;

	*f = (struct factor){ .has = false };
	got = db_first(rq->app->db, rq, &proof_queries[Q_READ], &row,
	    DB_BYTES(admin->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	f->last = row.at[1].number;
	f->codes = row.at[2].number;
	if (row.at[0].type == 0)
		return OUT_OK;
	factor_key(rq, &key);
	got = seal_open(rq, &key, admin, "factor", row.at[0].bytes, &secret);
	sodium_memzero(&key, sizeof(key));
	if (got != OUT_OK || secret.len != TOTP_SECRET)
		return OUT_FAULT;
	memcpy(f->secret, secret.data, TOTP_SECRET);
	sodium_memzero((void *)secret.data, secret.len);
	f->has = true;
	return OUT_OK;
}

enum outcome
factor_state(struct request *rq, bool *has, int64_t *codes)
{
	struct factor	f;
	enum outcome	got = factor_read(rq, &f);

	*has = f.has;
	*codes = f.codes;
	sodium_memzero(&f, sizeof(f));
	return got;
}

enum outcome
proof_read(struct request *rq, const struct factor *f, const char *typed,
    struct proof *p)
{
	struct code	code;
	enum outcome	got;

	*p = (struct proof){ .admin = &rq->session->admin.id };
	p->recovery = typed != NULL && code_read(&code, typed) == OUT_OK;
	got = throttle_check_own(rq, "code", &p->throttle);
	if (p->recovery) {
		p->lookup = code.lookup;
		sodium_memzero(&code, sizeof(code));
		return got == OUT_LIMITED ? OUT_OK : got;
	}
	if (got != OUT_OK)
		return got;
	return f->has && totp_check(f->secret, typed, rq->now, f->last,
	    &p->step) ? OUT_OK : OUT_FORBIDDEN;
}

enum outcome
proof_use(struct db *db, struct request *rq, const struct proof *p)
{
	const struct office	*office = rq->app->own;
	uint64_t		 changed;
	enum outcome		 got;

	if (p->recovery)
		got = db_run(db, &proof_queries[Q_USE], &changed,
		    DB_BYTES(p->admin->at, ID_LEN),
		    DB_BYTES(p->lookup.at, KEY_LEN));
	else
		got = db_run(db, &proof_queries[Q_STEP], &changed,
		    DB_INT(p->step), DB_BYTES(p->admin->at, ID_LEN),
		    DB_INT(p->step));
	if (got != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_FORBIDDEN;
	return p->recovery ? audit_add(db, &office->audit, rq->now, p->admin,
	    "factor.recovered", NULL) : OUT_OK;
}

enum outcome
proof_settle(struct request *rq, const struct proof *p, enum outcome got)
{
	enum outcome counted;

	if (got == OUT_OK)
		(void)throttle_clear(rq, &p->throttle);
	if (got != OUT_FORBIDDEN)
		return got;
	counted = throttle_fail(rq, &p->throttle);
	return counted == OUT_OK ? OUT_FORBIDDEN : counted;
}
