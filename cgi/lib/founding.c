/*
 * founding.c: the recovery key, the desks' key pairs and the circles' match keys.  See
 * openhall/desk.h; used by the operator's command alone, as the schema's owner.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/desk.h"
#include "openhall/file.h"
#include "openhall/log.h"

enum {
	Q_RECOVERY, Q_RECOVERY_ADD, Q_DESKS, Q_DESK_ADD, Q_MATCH, Q_FORGET, Q_ADMINS,
	Q_ADMIN_KEY, Q_INVITATIONS, Q_INVITATION_KEY, Q__COUNT
};

const struct db_query founding_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_RECOVERY] = { "", "b", "SELECT public_key FROM recovery WHERE id = 1" },
	[Q_RECOVERY_ADD] = { "b", "",
	    "INSERT INTO recovery (id, public_key) VALUES (1, ?)" },
	[Q_DESKS] = { "", "sbbb",
	    "SELECT name, public_key, recovery_key, match_key FROM desk"
	    " ORDER BY name" },
	[Q_DESK_ADD] = { "sbb", "",
	    "INSERT INTO desk (name, public_key, recovery_key) VALUES (?, ?, ?)" },
	[Q_MATCH] = { "bs", "", "UPDATE desk SET match_key = ? WHERE name = ?" },
	[Q_FORGET] = { "s", "",
	    "DELETE FROM contact WHERE submission IN"
	    " (SELECT id FROM submission WHERE desk = ?)" },
	[Q_ADMINS] = { "", "bb",
	    "SELECT id, public_key FROM admin WHERE removed_at IS NULL"
	    " ORDER BY id" },
	[Q_ADMIN_KEY] = { "sbb", "",
	    "INSERT INTO desk_key (desk, admin, sealed_key) VALUES (?, ?, ?)" },
	/* Those are to every desk; an admin invites to desks of their choice. */
	[Q_INVITATIONS] = { "", "bb",
	    "SELECT id, public_key FROM invitation WHERE invited_by IS NULL"
	    " ORDER BY id" },
	[Q_INVITATION_KEY] = { "sbb", "",
	    "INSERT INTO invitation_key (desk, invitation, sealed_key)"
	    " VALUES (?, ?, ?)" },
};
const size_t founding_n_queries = Q__COUNT;

struct founding {
	const struct key	*audit;
	int64_t			 now;
	struct code		*recovery, *invitation;
};

/* A pair for desk `name`, its secret half sealed to `recovery`. */
static enum outcome
desk_add(struct db *db, const struct founding *in, const char *name,
    const struct key *recovery, struct desk_secret *out)
{
	struct sealer	sealer = { .to = *recovery };
	unsigned char	sealed[SEALED_KEY_LEN];
	struct key	public;
	struct id	about;
	enum outcome	got;

	snprintf(out->name, sizeof(out->name), "%s", name);
	desk_about(&about, name);
	seal_pair(&public, &out->secret);
	seal_to(sealed, &sealer, in->now, &about, &out->secret);
	got = db_run(db, &founding_queries[Q_DESK_ADD], NULL, DB_TEXT(name),
	    DB_BYTES(public.at, KEY_LEN), DB_BYTES(sealed, sizeof(sealed)));
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, NULL, "desk.founded", &about);
	return got;
}

/* The row of desk `name` among `rows` (Q_DESKS), or NULL. */
static const struct db_value *
listed(const struct db_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->at[i].at[0].bytes.data, name) == 0)
			return rows->at[i].at;
	return NULL;
}

/* Whether `desk` is the first of its circle and one of the circle has no match key. */
static bool
wants_match(const struct db_rows *rows, const struct desk *desk)
{
	const struct db_value	*at;
	bool			 wants = false;

	for (size_t i = 0; i < DESKS; i++) {
		if (strcmp(desks[i].circle, desk->circle) != 0)
			continue;
		if (&desks[i] < desk)
			return false;
		at = listed(rows, desks[i].name);
		wants = wants || (at != NULL && at[3].bytes.len == 0);
	}
	return wants;
}

/* A new key for `circle`, sealed to each of its desks: their public halves are enough. */
static enum outcome
match_add(struct db *db, const struct founding *in, const struct db_rows *rows,
    const char *circle)
{
	unsigned char	sealed[SEALED_KEY_LEN];
	struct key	match;
	struct id	what;
	enum outcome	got = OUT_OK;

	randombytes_buf(match.at, KEY_LEN);
	desk_about_match(&what, circle);
	for (size_t i = 0; got == OUT_OK && i < DESKS; i++) {
		const struct db_value	*at = listed(rows, desks[i].name);
		struct sealer		 sealer = { .until = 0 };

		if (at == NULL || strcmp(desks[i].circle, circle) != 0)
			continue;
		memcpy(sealer.to.at, at[1].bytes.data, KEY_LEN);
		seal_to(sealed, &sealer, in->now, &what, &match);
		got = db_run(db, &founding_queries[Q_FORGET], NULL, at[0]);
		if (got == OUT_OK)
			got = db_run(db, &founding_queries[Q_MATCH], NULL,
			    DB_BYTES(sealed, sizeof(sealed)), at[0]);
	}
	sodium_memzero(&match, sizeof(match));
	return got;
}

static enum outcome
match_keys(struct db *db, const struct founding *in)
{
	struct db_rows	rows;
	enum outcome	got = db_all(db, db, &founding_queries[Q_DESKS], &rows);

	for (size_t i = 0; got == OUT_OK && i < DESKS; i++)
		if (wants_match(&rows, &desks[i]))
			got = match_add(db, in, &rows, desks[i].circle);
	talloc_free(rows.at);
	return got;
}

static enum outcome
found(struct db *db, void *arg)
{
	struct founding		*in = arg;
	struct desk_secret	 made[DESKS];
	struct key		 public, secret;
	enum outcome		 got;

	code_new(in->recovery);
	seal_pair_from(&public, &secret, &in->recovery->key);
	sodium_memzero(&secret, sizeof(secret));
	got = db_run(db, &founding_queries[Q_RECOVERY_ADD], NULL,
	    DB_BYTES(public.at, KEY_LEN));
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, NULL, "portal.founded", NULL);
	for (size_t i = 0; got == OUT_OK && i < DESKS; i++)
		got = desk_add(db, in, desks[i].name, &public, &made[i]);
	if (got == OUT_OK)
		got = match_keys(db, in);
	if (got == OUT_OK)
		got = desk_invitation_add(db, in->audit, in->now, NULL, made, DESKS,
		    in->invitation);
	sodium_memzero(made, sizeof(made));
	return got;
}

/* Seal a desk to each of `to` (id, public_key), with the statement `add`. */
static enum outcome
seal_to_each(struct db *db, const struct founding *in,
    const struct desk_secret *desk, const struct db_rows *to,
    const struct db_query *add)
{
	unsigned char	sealed[SEALED_KEY_LEN];
	struct id	about;
	enum outcome	got = OUT_OK;

	desk_about(&about, desk->name);
	for (size_t i = 0; got == OUT_OK && i < to->n; i++) {
		const struct db_value	*at = to->at[i].at;
		struct sealer		 sealer = { .until = 0 };

		memcpy(sealer.to.at, at[1].bytes.data, KEY_LEN);
		seal_to(sealed, &sealer, in->now, &about, &desk->secret);
		got = db_run(db, add, NULL, DB_TEXT(desk->name), at[0],
		    DB_BYTES(sealed, sizeof(sealed)));
	}
	return got;
}

/* A pair for each desk, and a match key for each circle, that came with a later version. */
static enum outcome
complete(struct db *db, void *arg)
{
	const struct founding	*in = arg;
	TALLOC_CTX		*ctx = talloc_new(db);
	struct db_rows		 rows, admins, invitations;
	struct desk_secret	 desk;
	struct db_row		 recovery;
	struct key		 to;
	enum outcome		 got;

	if ((got = db_first(db, ctx, &founding_queries[Q_RECOVERY], &recovery)) != OUT_OK ||
	    (got = db_all(db, ctx, &founding_queries[Q_DESKS], &rows)) != OUT_OK ||
	    (got = db_all(db, ctx, &founding_queries[Q_ADMINS], &admins)) != OUT_OK ||
	    (got = db_all(db, ctx, &founding_queries[Q_INVITATIONS], &invitations)) !=
	    OUT_OK)
		goto out;
	memcpy(to.at, recovery.at[0].bytes.data, KEY_LEN);
	for (size_t i = 0; got == OUT_OK && i < DESKS; i++) {
		if (listed(&rows, desks[i].name) != NULL)
			continue;
		if ((got = desk_add(db, in, desks[i].name, &to, &desk)) == OUT_OK &&
		    (got = seal_to_each(db, in, &desk, &admins,
		    &founding_queries[Q_ADMIN_KEY])) == OUT_OK)
			got = seal_to_each(db, in, &desk, &invitations,
			    &founding_queries[Q_INVITATION_KEY]);
		sodium_memzero(&desk, sizeof(desk));
	}
	if (got == OUT_OK)
		got = match_keys(db, in);
out:
	talloc_free(ctx);
	return got == OUT_MISSING ? OUT_FAULT : got;
}

/*
 * The public halves, for the programs that seal.  A file of another portal would have
 * them seal to a key that nobody holds.
 */
static enum outcome
publish(struct db *db, const struct settings *settings)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(db, db, &founding_queries[Q_DESKS], &rows);
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		char			 file[64];
		struct key		 there;

		snprintf(file, sizeof(file), "%s.pub", (const char *)at[0].bytes.data);
		got = file_put(settings->key_dir, file, 0644, at[1].bytes.data, KEY_LEN);
		if (got != OUT_CONFLICT)
			continue;
		seal_read_key(&there, settings->key_dir, file);
		got = OUT_OK;
		if (memcmp(there.at, at[1].bytes.data, KEY_LEN) != 0) {
			log_error("desk.key", "file", file, "reason",
			    "is not the key in the database", NULL);
			got = OUT_FAULT;
		}
	}
	talloc_free(rows.at);
	return got;
}

enum outcome
desk_found(struct db *db, const struct settings *settings,
    const struct key *audit, int64_t now, struct code *recovery,
    struct code *invitation)
{
	struct founding	in = { audit, now, recovery, invitation };
	enum outcome	got, then;

	got = db_transaction(db, found, &in);
	if (got == OUT_CONFLICT && (then = db_transaction(db, complete, &in)) != OUT_OK)
		return then == OUT_CONFLICT ? OUT_FAULT : then;
	if (got != OUT_OK && got != OUT_CONFLICT)
		return got;
	then = publish(db, settings);
	return then == OUT_OK ? got : then;
}

/* ---- recovery ---- */

struct recovery {
	const struct key	*audit;
	int64_t			 now;
	const struct code	*code;
	struct code		*invitation;
};

static enum outcome
recover(struct db *db, void *arg)
{
	const struct recovery	*in = arg;
	TALLOC_CTX		*ctx = talloc_new(db);
	struct desk_secret	 opened[DESKS_MOST];
	struct key		 public, secret;
	struct db_rows		 rows;
	struct db_row		 row;
	struct id		 about;
	enum outcome		 got;

	seal_pair_from(&public, &secret, &in->code->key);
	if ((got = db_first(db, ctx, &founding_queries[Q_RECOVERY], &row)) != OUT_OK) {
		got = got == OUT_MISSING ? OUT_FORBIDDEN : got;
		goto out;
	}
	if (sodium_memcmp(public.at, row.at[0].bytes.data, KEY_LEN) != 0) {
		got = OUT_FORBIDDEN;
		goto out;
	}
	if ((got = db_all(db, ctx, &founding_queries[Q_DESKS], &rows)) == OUT_OK &&
	    rows.n > DESKS_MOST)
		got = OUT_FAULT;
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value *at = rows.at[i].at;

		snprintf(opened[i].name, sizeof(opened[i].name), "%s",
		    (const char *)at[0].bytes.data);
		desk_about(&about, opened[i].name);
		if (seal_from(&opened[i].secret, &secret, &about, at[2].bytes) != OUT_OK)
			got = OUT_FAULT;
	}
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, NULL, "portal.recovered", NULL);
	if (got == OUT_OK)
		got = desk_invitation_add(db, in->audit, in->now, NULL, opened, rows.n,
		    in->invitation);
out:
	sodium_memzero(&secret, sizeof(secret));
	sodium_memzero(opened, sizeof(opened));
	talloc_free(ctx);
	return got;
}

enum outcome
desk_recover(struct db *db, const struct key *audit, int64_t now,
    const struct code *recovery, struct code *invitation)
{
	struct recovery	in = { audit, now, recovery, invitation };

	return db_transaction(db, recover, &in);
}
