/*
 * roles.c: see openhall/desk.h: granting a desk, leaving it, removing an admin, and another
 * password.  Each keeps the keys right.  Runs under openhall_admin.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/desk.h"

enum {
	Q_ADMIN, Q_KEY, Q_KEY_ADD, Q_SERVING, Q_LEAVE, Q_RECUSE, Q_RECUSE_APPROVAL,
	Q_FREE, Q_KEYS_END, Q_SESSIONS_END, Q_CODES_END, Q_INVITATIONS_END,
	Q_INVITATIONS_TO_END, Q_REMOVE, Q_OWN, Q_PASSWORD, Q_OTHERS_END, Q__COUNT
};

const struct db_query roles_queries[Q__COUNT] = {	/* takes, gives, sql */
	/* Locked, so that nobody is given a desk while being removed. */
	[Q_ADMIN] = { "b", "b",
	    "SELECT public_key FROM admin WHERE id = ? AND removed_at IS NULL"
	    " FOR UPDATE" },
	[Q_KEY] = { "sb", "b",
	    "SELECT sealed_key FROM desk_key WHERE desk = ? AND admin = ?" },
	[Q_KEY_ADD] = { "sbb", "",
	    "INSERT INTO desk_key (desk, admin, sealed_key) VALUES (?, ?, ?)" },
	/* All of them, so that of two who leave at the same moment one waits and then sees
	 * that they are the last.  Between the nodes of a cluster, where this lock does not
	 * reach, it is the audit's one row that lets one of them go first. */
	[Q_SERVING] = { "", "sb",
	    "SELECT desk, admin FROM desk_key ORDER BY desk, admin FOR UPDATE" },
	[Q_LEAVE] = { "sb", "", "DELETE FROM desk_key WHERE desk = ? AND admin = ?" },
	[Q_RECUSE] = { "isb", "",
	    "UPDATE elector e JOIN round r ON r.submission = e.submission"
	    " AND r.number = e.number JOIN submission s ON s.id = e.submission"
	    " SET e.vote = 'recused', e.voted_at = ?"
	    " WHERE r.ended_at IS NULL AND s.desk = ? AND e.admin = ?"
	    " AND e.vote IS NULL" },
	[Q_RECUSE_APPROVAL] = { "ib", "",
	    "UPDATE approval p JOIN statement s ON s.id = p.statement"
	    " AND s.version = p.version SET p.vote = 'recused', p.voted_at = ?"
	    " WHERE s.state = 'review' AND p.admin = ? AND p.vote IS NULL" },
	[Q_FREE] = { "sb", "",
	    "UPDATE submission SET assigned_to = NULL,"
	    " state = IF(state = 'assigned', 'started', state)"
	    " WHERE desk = ? AND assigned_to = ? AND ended_day IS NULL" },
	[Q_KEYS_END] = { "b", "", "DELETE FROM desk_key WHERE admin = ?" },
	[Q_SESSIONS_END] = { "b", "", "DELETE FROM session WHERE admin = ?" },
	[Q_CODES_END] = { "b", "", "DELETE FROM factor_code WHERE admin = ?" },
	[Q_INVITATIONS_END] = { "b", "", "DELETE FROM invitation WHERE invited_by = ?" },
	/* Who made one knows its code, and what opens with it. */
	[Q_INVITATIONS_TO_END] = { "bs", "",
	    "DELETE FROM invitation WHERE invited_by = ? AND id IN"
	    " (SELECT invitation FROM invitation_key WHERE desk = ?)" },
	[Q_REMOVE] = { "bib", "",
	    "UPDATE admin SET wrapped_key = '', salt = ?, factor = NULL,"
	    " removed_at = ? WHERE id = ?" },
	[Q_OWN] = { "b", "bb",
	    "SELECT salt, wrapped_key FROM admin WHERE id = ? AND removed_at IS NULL" },
	/* Not when it was changed meanwhile. */
	[Q_PASSWORD] = { "bbbb", "",
	    "UPDATE admin SET salt = ?, wrapped_key = ? WHERE id = ?"
	    " AND wrapped_key = ? AND removed_at IS NULL" },
	[Q_OTHERS_END] = { "bb", "", "DELETE FROM session WHERE admin = ? AND id <> ?" },
};
const size_t roles_n_queries = Q__COUNT;

/* ---- granting ---- */

struct grant {
	const struct key	*audit;
	int64_t			 now;
	const struct admin	*by;
	const struct desk	*desk;
	const struct id		*to;
	bool			 had;		/* they serve there already */
};

/* The desk's secret key, opened with that of who grants it, sealed to public key `to`. */
static enum outcome
reseal(struct db *db, const struct grant *in, const struct id *what,
    const struct db_value *to, unsigned char out[SEALED_KEY_LEN])
{
	struct sealer	sealer = { .until = 0 };
	struct db_row	row;
	struct key	secret;
	enum outcome	got;

	got = db_first(db, db, &roles_queries[Q_KEY], &row, DB_TEXT(in->desk->name),
	    DB_BYTES(in->by->id.at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FORBIDDEN : got;
	got = seal_from(&secret, &in->by->secret, what, row.at[0].bytes);
	if (got == OUT_OK) {
		memcpy(sealer.to.at, to->bytes.data, KEY_LEN);
		seal_to(out, &sealer, in->now, what, &secret);
	}
	sodium_memzero(&secret, sizeof(secret));
	talloc_free(row.at);
	return got;
}

static enum outcome
grant(struct db *db, void *arg)
{
	struct grant	*in = arg;
	unsigned char	 sealed[SEALED_KEY_LEN];
	struct db_row	 row;
	struct id	 what;
	enum outcome	 got;

	desk_about(&what, in->desk->name);
	got = db_first(db, db, &roles_queries[Q_ADMIN], &row,
	    DB_BYTES(in->to->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	got = reseal(db, in, &what, &row.at[0], sealed);
	talloc_free(row.at);
	if (got != OUT_OK)
		return got;
	got = db_run(db, &roles_queries[Q_KEY_ADD], NULL, DB_TEXT(in->desk->name),
	    DB_BYTES(in->to->at, ID_LEN), DB_BYTES(sealed, sizeof(sealed)));
	in->had = got == OUT_CONFLICT;
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, &in->by->id, "desk.granted",
		    in->to);
	return got;
}

enum outcome
desk_grant(struct db *db, const struct key *audit, int64_t now,
    const struct admin *by, const struct desk *desk, const struct id *to)
{
	struct grant	in = { .audit = audit, .now = now, .by = by, .desk = desk,
			    .to = to };
	enum outcome	got = db_transaction(db, grant, &in);

	return got == OUT_CONFLICT && in.had ? OUT_OK : got;
}

/* ---- leaving and removing ---- */

struct parting {
	const struct key	*audit;
	int64_t			 now;
	const struct id		*who, *by;
	const struct desk	*desk;
	unsigned		 served, by_served;	/* bits by number */
	unsigned		 serving[DESKS];	/* how many do */
};

static bool
same(const struct db_value *at, const struct id *id)
{
	return memcmp(at->bytes.data, id->at, ID_LEN) == 0;
}

/* Who serves where, and keeps doing so until the transaction ends. */
static enum outcome
hold(struct db *db, struct parting *in)
{
	struct db_rows	rows;
	enum outcome	got;

	in->served = in->by_served = 0;
	memset(in->serving, 0, sizeof(in->serving));
	got = db_all(db, db, &roles_queries[Q_SERVING], &rows);
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		const struct desk	*desk = desk_named(at[0].bytes.data);

		if (desk == NULL) {
			got = OUT_FAULT;	/* of a later version: not to be judged */
			break;
		}
		in->serving[desk - desks]++;
		if (same(&at[1], in->who))
			in->served |= 1u << (desk - desks);
		if (same(&at[1], in->by))
			in->by_served |= 1u << (desk - desks);
	}
	talloc_free(rows.at);
	return got;
}

/* Whether `who` is the only one at a desk of `which`. */
static bool
last(const struct parting *in, unsigned which)
{
	for (size_t i = 0; i < DESKS; i++)
		if ((in->served & which & 1u << i) != 0 && in->serving[i] == 1)
			return true;
	return false;
}

/* Open rounds do not wait for who has left, and what was theirs to do is free. */
static enum outcome
release(struct db *db, const struct parting *in, const struct desk *desk)
{
	enum outcome	got;

	got = db_run(db, &roles_queries[Q_RECUSE], NULL, DB_INT(in->now),
	    DB_TEXT(desk->name), DB_BYTES(in->who->at, ID_LEN));
	if (got == OUT_OK && desk == &desks[DESK_STATEMENTS])
		got = db_run(db, &roles_queries[Q_RECUSE_APPROVAL], NULL,
		    DB_INT(in->now), DB_BYTES(in->who->at, ID_LEN));
	if (got == OUT_OK)
		got = db_run(db, &roles_queries[Q_FREE], NULL, DB_TEXT(desk->name),
		    DB_BYTES(in->who->at, ID_LEN));
	return got;
}

static enum outcome
leave(struct db *db, void *arg)
{
	struct parting	*in = arg;
	unsigned	 bit = 1u << (in->desk - desks);
	struct id	 what;
	enum outcome	 got;

	if ((got = hold(db, in)) != OUT_OK)
		return got;
	if ((in->served & bit) == 0)
		return OUT_MISSING;
	if (last(in, bit))
		return OUT_CONFLICT;
	desk_about(&what, in->desk->name);
	if ((got = db_run(db, &roles_queries[Q_LEAVE], NULL, DB_TEXT(in->desk->name),
	    DB_BYTES(in->who->at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &roles_queries[Q_INVITATIONS_TO_END], NULL,
	    DB_BYTES(in->who->at, ID_LEN), DB_TEXT(in->desk->name))) != OUT_OK ||
	    (got = release(db, in, in->desk)) != OUT_OK)
		return got;
	return audit_add(db, in->audit, in->now, in->who, "desk.left", &what);
}

enum outcome
desk_leave(struct db *db, const struct key *audit, int64_t now,
    const struct id *who, const struct desk *desk)
{
	struct parting	in = { .audit = audit, .now = now, .who = who, .by = who,
			    .desk = desk };

	return db_transaction(db, leave, &in);
}

static enum outcome
remove_admin(struct db *db, void *arg)
{
	static const int	 ends[] = { Q_KEYS_END, Q_SESSIONS_END, Q_CODES_END,
				    Q_INVITATIONS_END };
	static const unsigned char nothing[SALT_LEN];
	struct parting		*in = arg;
	struct db_value		 who = DB_BYTES(in->who->at, ID_LEN);
	struct db_row		 row;
	enum outcome		 got;

	got = db_first(db, db, &roles_queries[Q_ADMIN], &row, who);
	talloc_free(row.at);
	if (got != OUT_OK || (got = hold(db, in)) != OUT_OK)
		return got;
	if (memcmp(in->who->at, in->by->at, ID_LEN) == 0)
		return OUT_CONFLICT;
	if (in->by_served == 0 || (in->served & ~in->by_served) != 0)
		return OUT_FORBIDDEN;
	if (last(in, in->served))
		return OUT_CONFLICT;
	for (size_t i = 0; got == OUT_OK && i < DESKS; i++)
		if ((in->served & 1u << i) != 0)
			got = release(db, in, &desks[i]);
	for (size_t i = 0; got == OUT_OK && i < sizeof(ends) / sizeof(ends[0]); i++)
		got = db_run(db, &roles_queries[ends[i]], NULL, who);
	if (got == OUT_OK)
		got = db_run(db, &roles_queries[Q_REMOVE], NULL,
		    DB_BYTES(nothing, SALT_LEN), DB_INT(in->now), who);
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, in->by, "admin.removed", in->who);
	return got;
}

enum outcome
desk_remove(struct db *db, const struct key *audit, int64_t now,
    const struct admin *by, const struct id *who)
{
	struct parting	in = { .audit = audit, .now = now, .who = who, .by = &by->id };

	return db_transaction(db, remove_admin, &in);
}

/* ---- another password ---- */

struct password {
	const struct key	*audit;
	int64_t			 now;
	const struct id		*who;
	const struct key	*session;
	struct db_value		 was;
	unsigned char		 salt[SALT_LEN], wrapped[WRAP_LEN];
};

static enum outcome
change(struct db *db, void *arg)
{
	struct password	*in = arg;
	uint64_t	 changed;
	enum outcome	 got;

	got = db_run(db, &roles_queries[Q_PASSWORD], &changed,
	    DB_BYTES(in->salt, SALT_LEN), DB_BYTES(in->wrapped, WRAP_LEN),
	    DB_BYTES(in->who->at, ID_LEN), in->was);
	if (got == OUT_OK && changed == 0)
		got = OUT_FORBIDDEN;
	if (got == OUT_OK)
		got = db_run(db, &roles_queries[Q_OTHERS_END], NULL,
		    DB_BYTES(in->who->at, ID_LEN), DB_BYTES(in->session->at, KEY_LEN));
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, in->who, "admin.password", NULL);
	return got;
}

/* Open what is wrapped under `old`, wrap it under `fresh`. */
static enum outcome
rewrap(struct password *in, const unsigned char salt[SALT_LEN], const char *old,
    const char *fresh)
{
	struct key	under, secret;
	enum outcome	got;

	if ((got = seal_password(&under, old, salt)) == OUT_OK &&
	    (got = seal_unwrap(&secret, &under, in->who, "admin", in->was.bytes)) == OUT_OK &&
	    (got = seal_password(&under, fresh, in->salt)) == OUT_OK)
		seal_wrap(in->wrapped, &under, in->who, "admin", &secret);
	sodium_memzero(&under, sizeof(under));
	sodium_memzero(&secret, sizeof(secret));
	return got;
}

enum outcome
desk_password(struct db *db, const struct key *audit, int64_t now,
    const struct admin *admin, const struct key *session, const char *old,
    const char *fresh)
{
	struct password	in = { .audit = audit, .now = now, .who = &admin->id,
			    .session = session };
	struct db_row	row;
	enum outcome	got;

	if (!desk_password_fits(fresh))
		return OUT_INVALID;
	got = db_first(db, db, &roles_queries[Q_OWN], &row,
	    DB_BYTES(admin->id.at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FORBIDDEN : got;
	in.was = row.at[1];
	randombytes_buf(in.salt, SALT_LEN);
	got = rewrap(&in, row.at[0].bytes.data, old, fresh);
	if (got == OUT_OK)
		got = db_transaction(db, change, &in);
	talloc_free(row.at);
	return got;
}
