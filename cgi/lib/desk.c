/*
 * desk.c: see openhall/desk.h: the desks, invitations and log-in.  Founding and recovery
 * are in founding.c, granting, leaving and removing in roles.c.
 */
#include "openhall/desk.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/log.h"
#include "openhall/text.h"

enum {
	Q_ADMIN_ADD, Q_ADMIN_FIND, Q_NAME, Q_SERVES, Q_KEYS, Q_KEY_ADD, Q_OPEN,
	Q_INVITATION_ADD, Q_INVITATION_KEY_ADD, Q_INVITATION, Q_INVITATION_LOCK,
	Q_INVITATION_KEYS, Q_INVITATION_USED, Q_EXPIRED, Q__COUNT
};

const struct db_query desk_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_ADMIN_ADD] = { "bsbbbi", "",
	    "INSERT INTO admin (id, name, public_key, salt, wrapped_key, created_at)"
	    " VALUES (?, ?, ?, ?, ?, ?)" },
	[Q_ADMIN_FIND] = { "s", "bsbbb",
	    "SELECT id, name, public_key, salt, wrapped_key FROM admin"
	    " WHERE name = ? AND removed_at IS NULL" },
	/* Alike for the names that the column's own collation takes for one. */
	[Q_NAME] = { "s", "b",
	    "SELECT WEIGHT_STRING(? COLLATE utf8mb4_unicode_520_ci)" },
	[Q_SERVES] = { "b", "s", "SELECT desk FROM desk_key WHERE admin = ?" },
	/* Locked, so that who is being removed invites nobody meanwhile. */
	[Q_KEYS] = { "b", "sb",
	    "SELECT desk, sealed_key FROM desk_key WHERE admin = ? ORDER BY desk"
	    " FOR UPDATE" },
	[Q_KEY_ADD] = { "sbb", "",
	    "INSERT INTO desk_key (desk, admin, sealed_key) VALUES (?, ?, ?)" },
	[Q_OPEN] = { "sb", "bb",
	    "SELECT k.sealed_key, d.match_key FROM desk_key k"
	    " JOIN desk d ON d.name = k.desk WHERE k.desk = ? AND k.admin = ?" },
	[Q_INVITATION_ADD] = { "bbBii", "",
	    "INSERT INTO invitation (id, public_key, invited_by, created_at,"
	    " expires_at) VALUES (?, ?, ?, ?, ?)" },
	[Q_INVITATION_KEY_ADD] = { "bsb", "",
	    "INSERT INTO invitation_key (invitation, desk, sealed_key)"
	    " VALUES (?, ?, ?)" },
	[Q_INVITATION] = { "bi", "b",
	    "SELECT id FROM invitation WHERE id = ? AND expires_at > ?" },
	[Q_INVITATION_LOCK] = { "bi", "b",
	    "SELECT id FROM invitation WHERE id = ? AND expires_at > ? FOR UPDATE" },
	[Q_INVITATION_KEYS] = { "b", "sb",
	    "SELECT desk, sealed_key FROM invitation_key WHERE invitation = ?"
	    " ORDER BY desk" },
	[Q_INVITATION_USED] = { "b", "",	/* its keys go with it */
	    "DELETE FROM invitation WHERE id = ?" },
	[Q_EXPIRED] = { "i", "",
	    "DELETE FROM invitation WHERE expires_at <= ?" },
};
const size_t desk_n_queries = Q__COUNT;

const struct desk desks[DESKS] = {
	[DESK_MEMBERSHIP] = { "membership", "join", "people", true, N_("Membership") },
	[DESK_SUPPORTERS] = { "supporters", "support", "people", true, N_("Supporters") },
	[DESK_AID] = { "aid", "aid", "aid", false, N_("Mutual aid") },
	[DESK_STATEMENTS] = { "statements", NULL, "statements", false, N_("Statements") },
	[DESK_EVENTS] = { "events", "rsvp", "events", false, N_("Events") },
};

const struct desk *
desk_named(const char *name)
{
	for (size_t i = 0; i < DESKS; i++)
		if (strcmp(desks[i].name, name) == 0)
			return &desks[i];
	return NULL;
}

const struct desk *
desk_of_form(const char *form)
{
	for (size_t i = 0; i < INTAKES; i++)
		if (strcmp(desks[i].form, form) == 0)
			return &desks[i];
	return NULL;
}

static void
about(struct id *out, const char *word, const char *name)
{
	static const struct key	none;
	struct key		hash;

	seal_derive(&hash, &none, word, name, strlen(name));
	memcpy(out->at, hash.at, ID_LEN);
}

void
desk_about(struct id *out, const char *name)
{
	about(out, "desk", name);
}

void
desk_about_match(struct id *out, const char *circle)
{
	about(out, "match", circle);
}

enum outcome
desk_serves(struct db *db, const struct id *admin, unsigned *which)
{
	struct db_rows	rows;
	enum outcome	got;

	*which = 0;
	got = db_all(db, db, &desk_queries[Q_SERVES], &rows,
	    DB_BYTES(admin->at, ID_LEN));
	for (size_t i = 0; i < rows.n; i++) {
		const struct desk *desk = desk_named(rows.at[i].at[0].bytes.data);

		if (desk != NULL)
			*which |= 1u << (desk - desks);
	}
	talloc_free(rows.at);
	return got;
}

/* By what the audit names an invitation. */
static struct id
invitation_id(const struct code *code)
{
	struct id	id;

	memcpy(id.at, code->lookup.at, ID_LEN);
	return id;
}

/* Open the desk keys in `rows` (desk, sealed_key) with `secret`. */
static enum outcome
open_keys(const struct db_rows *rows, const struct key *secret,
    struct desk_secret out[DESKS_MOST])
{
	struct id	what;

	if (rows->n > DESKS_MOST)
		return OUT_FAULT;
	for (size_t i = 0; i < rows->n; i++) {
		const struct db_value *at = rows->at[i].at;

		if (at[0].bytes.len >= sizeof(out[i].name))
			return OUT_FAULT;
		memcpy(out[i].name, at[0].bytes.data, at[0].bytes.len + 1);
		desk_about(&what, out[i].name);
		if (seal_from(&out[i].secret, secret, &what, at[1].bytes) != OUT_OK)
			return OUT_FAULT;
	}
	return OUT_OK;
}

/* ---- invitations ---- */

enum outcome
desk_invitation_add(struct db *db, const struct key *audit, int64_t now,
    const struct id *by, const struct desk_secret *to, size_t n,
    struct code *out)
{
	const struct db_value	from = by == NULL ? (struct db_value){ .type = 0 } :
				    DB_BYTES(by->at, ID_LEN);
	unsigned char		sealed[SEALED_KEY_LEN];
	struct sealer		sealer = { .until = 0 };
	struct key		secret;
	struct id		id;
	enum outcome		got;

	code_new(out);
	id = invitation_id(out);
	seal_pair_from(&sealer.to, &secret, &out->key);
	sodium_memzero(&secret, sizeof(secret));
	got = db_run(db, &desk_queries[Q_EXPIRED], NULL, DB_INT(now));
	if (got == OUT_OK)
		got = db_run(db, &desk_queries[Q_INVITATION_ADD], NULL,
		    DB_BYTES(out->lookup.at, KEY_LEN),
		    DB_BYTES(sealer.to.at, KEY_LEN), from, DB_INT(now),
		    DB_INT(now + INVITATION_DAYS * 86400));
	for (size_t i = 0; got == OUT_OK && i < n; i++) {
		struct id what;

		desk_about(&what, to[i].name);
		seal_to(sealed, &sealer, now, &what, &to[i].secret);
		got = db_run(db, &desk_queries[Q_INVITATION_KEY_ADD], NULL,
		    DB_BYTES(out->lookup.at, KEY_LEN), DB_TEXT(to[i].name),
		    DB_BYTES(sealed, sizeof(sealed)));
	}
	if (got == OUT_OK)
		got = audit_add(db, audit, now, by, "admin.invited", &id);
	return got;
}

struct invite {
	const struct key	*audit;
	int64_t			 now;
	const struct admin	*by;
	unsigned		 which;
	struct code		*out;
};

/* Keep the rows (desk, sealed_key) of the desks in `which`.  False: one is not there. */
static bool
choose(struct db_rows *rows, unsigned which)
{
	size_t	n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct desk *desk = desk_named(rows->at[i].at[0].bytes.data);

		if (desk == NULL || (which & 1u << (desk - desks)) == 0)
			continue;
		which &= ~(1u << (desk - desks));
		rows->at[n++] = rows->at[i];
	}
	rows->n = n;
	return n > 0 && which == 0;
}

static enum outcome
invite(struct db *db, void *arg)
{
	struct invite		*in = arg;
	struct desk_secret	 opened[DESKS_MOST];
	struct db_rows		 rows;
	enum outcome		 got;

	got = db_all(db, db, &desk_queries[Q_KEYS], &rows,
	    DB_BYTES(in->by->id.at, ID_LEN));
	if (got == OUT_OK && !choose(&rows, in->which))
		got = OUT_FORBIDDEN;
	if (got == OUT_OK)
		got = open_keys(&rows, &in->by->secret, opened);
	if (got == OUT_OK)
		got = desk_invitation_add(db, in->audit, in->now, &in->by->id,
		    opened, rows.n, in->out);
	sodium_memzero(opened, sizeof(opened));
	talloc_free(rows.at);
	return got;
}

enum outcome
desk_invite(struct db *db, const struct key *audit, int64_t now,
    const struct admin *by, unsigned which, struct code *invitation)
{
	struct invite	in = { audit, now, by, which, invitation };

	return db_transaction(db, invite, &in);
}

enum outcome
desk_invited(struct db *db, int64_t now, const struct code *code)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, db, &desk_queries[Q_INVITATION], &row,
	    DB_BYTES(code->lookup.at, KEY_LEN), DB_INT(now));
	talloc_free(row.at);
	return got;
}

/* ---- admins ---- */

/* `name` (UTF-8) without white space around it.  False: it is none.  Refused are also
 * the characters that reorder or break a line: a name is shown beside votes. */
static bool
name_read(char out[4 * ADMIN_NAME_MAX + 1], const char *name)
{
	static const char	 space[] = " \t\r\n";
	const unsigned char	*c;
	size_t			 len, characters = 0;

	name += strspn(name, space);
	for (len = strlen(name); len > 0 && strchr(space, name[len - 1]) != NULL; len--)
		continue;
	if (len == 0 || len > 4 * ADMIN_NAME_MAX)
		return false;
	memcpy(out, name, len);
	out[len] = '\0';
	for (c = (const unsigned char *)out; *c != '\0'; c++) {
		if ((*c & 0xc0) != 0x80)
			characters++;
		if (*c < 0x20 || *c == 0x7f)
			return false;
		if (*c == 0xc2 && c[1] < 0xa0)		/* U+0080 to U+009F */
			return false;
		if (*c == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
		    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)))
			return false;	/* U+2028 to U+202E, U+2066 to U+2069 */
	}
	return characters <= ADMIN_NAME_MAX;
}

enum outcome
desk_name_key(struct db *db, const char *name, struct key *out)
{
	char		read[4 * ADMIN_NAME_MAX + 1];
	struct db_row	row;
	enum outcome	got;

	*out = (struct key){ 0 };
	if (!name_read(read, name))
		return OUT_OK;
	got = db_first(db, db, &desk_queries[Q_NAME], &row, DB_TEXT(read));
	if (got == OUT_OK)
		seal_derive(out, &(struct key){ 0 }, "name", row.at[0].bytes.data,
		    row.at[0].bytes.len);
	talloc_free(row.at);
	return got;
}

struct acceptance {
	const struct key	*audit;
	int64_t			 now;
	const struct code	*code;
	struct admin		*admin;
	unsigned char		 salt[SALT_LEN], wrapped[WRAP_LEN];
};

/* Seal every desk that the invitation opens to the new admin. */
static enum outcome
hand_over(struct db *db, const struct acceptance *in)
{
	struct sealer		sealer = { .to = in->admin->public };
	unsigned char		sealed[SEALED_KEY_LEN];
	struct desk_secret	opened[DESKS_MOST];
	struct key		public, secret;
	struct db_rows		rows;
	enum outcome		got;

	seal_pair_from(&public, &secret, &in->code->key);
	got = db_all(db, db, &desk_queries[Q_INVITATION_KEYS], &rows,
	    DB_BYTES(in->code->lookup.at, KEY_LEN));
	if (got == OUT_OK)
		got = open_keys(&rows, &secret, opened);
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		struct id what;

		desk_about(&what, opened[i].name);
		seal_to(sealed, &sealer, in->now, &what, &opened[i].secret);
		got = db_run(db, &desk_queries[Q_KEY_ADD], NULL,
		    DB_TEXT(opened[i].name), DB_BYTES(in->admin->id.at, ID_LEN),
		    DB_BYTES(sealed, sizeof(sealed)));
	}
	sodium_memzero(&secret, sizeof(secret));
	sodium_memzero(opened, sizeof(opened));
	talloc_free(rows.at);
	return got;
}

static enum outcome
accept_invitation(struct db *db, void *arg)
{
	struct acceptance	*in = arg;
	const struct admin	*admin = in->admin;
	struct id		 id = invitation_id(in->code);
	struct db_row		 row;
	enum outcome		 got;

	/* Locked, so that one invitation makes one admin. */
	got = db_first(db, db, &desk_queries[Q_INVITATION_LOCK], &row,
	    DB_BYTES(in->code->lookup.at, KEY_LEN), DB_INT(in->now));
	talloc_free(row.at);
	if (got == OUT_OK)
		got = db_run(db, &desk_queries[Q_ADMIN_ADD], NULL,
		    DB_BYTES(admin->id.at, ID_LEN), DB_TEXT(admin->name),
		    DB_BYTES(admin->public.at, KEY_LEN),
		    DB_BYTES(in->salt, SALT_LEN), DB_BYTES(in->wrapped, WRAP_LEN),
		    DB_INT(in->now));
	if (got == OUT_OK)
		got = hand_over(db, in);
	if (got == OUT_OK)
		got = db_run(db, &desk_queries[Q_INVITATION_USED], NULL,
		    DB_BYTES(in->code->lookup.at, KEY_LEN));
	if (got == OUT_OK)
		got = audit_add(db, in->audit, in->now, &admin->id,
		    "admin.accepted", &id);
	return got;
}

enum outcome
desk_accept(struct db *db, const struct key *audit, int64_t now,
    const struct code *code, const char *name, const char *password,
    struct admin *out)
{
	struct acceptance	in = { .audit = audit, .now = now, .code = code,
				    .admin = out };
	struct key		under;
	enum outcome		got;

	if (!name_read(out->name, name) || !desk_password_fits(password))
		return OUT_INVALID;
	/* The slow part is for those who hold an invitation, and not in the transaction. */
	if ((got = desk_invited(db, now, code)) == OUT_MISSING)
		(void)db_run(db, &desk_queries[Q_EXPIRED], NULL, DB_INT(now));
	if (got != OUT_OK)
		return got;
	randombytes_buf(out->id.at, ID_LEN);
	randombytes_buf(in.salt, SALT_LEN);
	seal_pair(&out->public, &out->secret);
	if (seal_password(&under, password, in.salt) != OUT_OK)
		return OUT_FAULT;
	seal_wrap(in.wrapped, &under, &out->id, "admin", &out->secret);
	sodium_memzero(&under, sizeof(under));
	return db_transaction(db, accept_invitation, &in);
}

/* The salt of a name that nobody has: as steady as one that is stored. */
static void
salt_of_nobody(unsigned char out[SALT_LEN], const char *name)
{
	static const struct key	none;
	struct key		hash;

	seal_derive(&hash, &none, "nobody", name, strlen(name));
	memcpy(out, hash.at, SALT_LEN);
}

enum outcome
desk_login(struct db *db, const char *name, const char *password,
    struct admin *out)
{
	static const unsigned char	 nothing[WRAP_LEN];
	struct bytes			 wrapped = { nothing, WRAP_LEN };
	unsigned char			 salt[SALT_LEN];
	struct db_row			 row = { 0 };
	struct key			 under;
	enum outcome			 got = OUT_MISSING;

	*out = (struct admin){ 0 };
	salt_of_nobody(salt, name);
	if (name_read(out->name, name))
		got = db_first(db, db, &desk_queries[Q_ADMIN_FIND], &row,
		    DB_TEXT(out->name));
	if (got != OUT_OK && got != OUT_MISSING)
		return got;
	if (got == OUT_OK) {
		const struct db_value *at = row.at;

		memcpy(out->id.at, at[0].bytes.data, ID_LEN);
		memcpy(out->name, at[1].bytes.data, at[1].bytes.len + 1);
		memcpy(out->public.at, at[2].bytes.data, KEY_LEN);
		memcpy(salt, at[3].bytes.data, SALT_LEN);
		wrapped = at[4].bytes;
	}
	got = seal_password(&under, password, salt);
	if (got == OUT_OK)
		got = seal_unwrap(&out->secret, &under, &out->id, "admin", wrapped);
	sodium_memzero(&under, sizeof(under));
	talloc_free(row.at);
	return got;
}

bool
desk_password_fits(const char *password)
{
	size_t	len = strlen(password);

	return len >= PASSWORD_LEAST && len <= PASSWORD_MOST;
}

enum outcome
desk_open(struct db *db, const struct admin *admin, const struct desk *desk,
    struct desk_keys *out)
{
	struct db_row	row;
	struct id	what;
	enum outcome	got;

	*out = (struct desk_keys){ 0 };
	got = db_first(db, db, &desk_queries[Q_OPEN], &row, DB_TEXT(desk->name),
	    DB_BYTES(admin->id.at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FORBIDDEN : got;
	desk_about(&what, desk->name);
	got = seal_from(&out->secret, &admin->secret, &what, row.at[0].bytes);
	desk_about_match(&what, desk->circle);
	if (got == OUT_OK && seal_from(&out->match, &out->secret, &what,
	    row.at[1].bytes) != OUT_OK) {
		log_error("desk.match", "desk", desk->name, "reason",
		    "no match key that opens: openhall setup", NULL);
		got = OUT_FAULT;
	}
	if (got != OUT_OK)
		sodium_memzero(out, sizeof(*out));
	talloc_free(row.at);
	return got;
}
