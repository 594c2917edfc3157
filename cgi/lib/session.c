/*
 * session.c: see openhall/session.h.  Runs under openhall_admin.
 */
#include "openhall/session.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/route.h"

enum { Q_ADD, Q_ADMIN, Q_FIND, Q_END, Q__COUNT };
enum { F_ADMIN, F_KEY, F_PENDING, F_NAME, F_PUBLIC, F_FACTOR, F_DESK };

const struct db_query session_queries[] = {	/* takes, gives, sql */
	[Q_ADD] = { "bbbiii", "",
	    "INSERT INTO session (id, admin, wrapped_key, created_at,"
	    " expires_at, pending) VALUES (?, ?, ?, ?, ?, ?)" },
	/* Locked: who sets a factor up ends every session that came in without it. */
	[Q_ADMIN] = { "b", "i",
	    "SELECT factor IS NOT NULL FROM admin"
	    " WHERE id = ? AND removed_at IS NULL FOR UPDATE" },
	/* A row for each desk at which they serve, or one without. */
	[Q_FIND] = { "bi", "bbisbiS",
	    "SELECT s.admin, s.wrapped_key, s.pending, a.name, a.public_key,"
	    " a.factor IS NOT NULL, k.desk FROM session s"
	    " JOIN admin a ON a.id = s.admin"
	    " LEFT JOIN desk_key k ON k.admin = s.admin"
	    " WHERE s.id = ? AND s.expires_at > ? AND a.removed_at IS NULL" },
	[Q_END] = { "bb", "",
	    "DELETE FROM session WHERE id = ? AND admin = ?" },
};
const size_t session_n_queries = Q__COUNT;

enum {
	COOKIE_TEXT = sodium_base64_ENCODED_LEN(KEY_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

/* From the cookie's value: what the store knows the session by, what unwraps the admin's
 * key, and what forms carry.  None leads to another. */
static void
derive(const struct key *value, struct key *id, struct key *under,
    char token[2 * KEY_LEN + 1])
{
	struct key form;

	seal_derive(id, value, "session id", NULL, 0);
	seal_derive(under, value, "session key", NULL, 0);
	seal_derive(&form, value, "session form", NULL, 0);
	sodium_bin2hex(token, 2 * KEY_LEN + 1, form.at, KEY_LEN);
}

/* The session secret must not stay in memory that the next request is given. */
static int
forget(struct session *s)
{
	sodium_memzero(&s->admin.secret, sizeof(s->admin.secret));
	return 0;
}

static enum session_stage
stage_of(const struct request *rq, bool pending, bool has_factor)
{
	if (pending)
		return STAGE_CODE;
	return rq->settings->second_factor && !has_factor ? STAGE_SETUP : STAGE_FULL;
}

/* The request is theirs from here on.  Pages name, and offer the menu to, who is in. */
static void
take_up(struct request *rq, struct session *s)
{
	rq->session = s;
	rq->who = s->stage == STAGE_FULL ? s->admin.name : NULL;
	rq->editor = (s->desks & 1u << DESK_STATEMENTS) != 0;
	rq->keeps_events = (s->desks & 1u << DESK_EVENTS) != 0;
	rq->token_text = s->token;
}

/* A session that is stored or taken away, with its line in the audit. */
struct change {
	struct request		*rq;
	const struct key	*audit;
	const struct key	*id;
	const struct admin	*admin;
	unsigned char		 wrapped[WRAP_LEN];
	enum session_stage	 stage;		/* out */
	/* of a renewal */
	const struct key	*former;
	enum outcome		(*prove)(struct db *, void *);
	void			*arg;
};

static enum outcome
note(struct db *db, const struct change *c, const char *action)
{
	struct id subject;

	memcpy(subject.at, c->id->at, ID_LEN);
	return audit_add(db, c->audit, c->rq->now, &c->admin->id, action,
	    &subject);
}

static enum outcome
add(struct db *db, const struct change *c)
{
	bool		pending = c->stage == STAGE_CODE;
	enum outcome	got;

	got = db_run(db, &session_queries[Q_ADD], NULL,
	    DB_BYTES(c->id->at, KEY_LEN), DB_BYTES(c->admin->id.at, ID_LEN),
	    DB_BYTES(c->wrapped, WRAP_LEN), DB_INT(c->rq->now),
	    DB_INT(c->rq->now + (pending ? PENDING_SECONDS : SESSION_SECONDS)),
	    DB_INT(pending));
	return got == OUT_OK ?
	    note(db, c, pending ? "session.pending" : "session.begin") : got;
}

static enum outcome
begin_work(struct db *db, void *arg)
{
	struct change	*c = arg;
	struct db_row	 row;
	bool		 has;
	enum outcome	 got;

	got = db_first(db, c->rq, &session_queries[Q_ADMIN], &row,
	    DB_BYTES(c->admin->id.at, ID_LEN));
	if (got != OUT_OK)
		return got;
	has = row.at[0].number != 0;
	c->stage = stage_of(c->rq, has, has);
	return add(db, c);
}

static enum outcome
renew_work(struct db *db, void *arg)
{
	struct change	*c = arg;
	uint64_t	 ended;
	enum outcome	 got;

	if ((got = c->prove(db, c->arg)) != OUT_OK)
		return got;
	got = db_run(db, &session_queries[Q_END], &ended,
	    DB_BYTES(c->former->at, KEY_LEN), DB_BYTES(c->admin->id.at, ID_LEN));
	if (got != OUT_OK)
		return got;
	/* Two at once: one session comes of one. */
	return ended == 0 ? OUT_FORBIDDEN : add(db, c);
}

static enum outcome
end_work(struct db *db, void *arg)
{
	struct change	*c = arg;
	uint64_t	 ended;
	enum outcome	 got;

	got = db_run(db, &session_queries[Q_END], &ended,
	    DB_BYTES(c->id->at, KEY_LEN), DB_BYTES(c->admin->id.at, ID_LEN));
	if (got != OUT_OK)
		return got;
	return ended == 0 ? OUT_MISSING : note(db, c, "session.end");
}

/* A new session by `work`, in the place of what the request has. */
static enum outcome
start(struct request *rq, enum outcome (*work)(struct db *, void *),
    struct change *c)
{
	struct session	*s = talloc_zero(rq, struct session);
	struct key	 value, under;
	char		 text[COOKIE_TEXT];
	enum outcome	 got;

	if (s == NULL)
		return OUT_FAULT;
	talloc_set_destructor(s, forget);
	randombytes_buf(value.at, KEY_LEN);
	derive(&value, &s->id, &under, s->token);
	s->admin = *c->admin;
	c->id = &s->id;
	seal_wrap(c->wrapped, &under, &s->admin.id, "session", &s->admin.secret);
	got = db_transaction(rq->app->db, work, c);
	s->stage = c->stage;
	if (got == OUT_OK && s->stage == STAGE_FULL)
		got = desk_serves(rq->app->db, &s->admin.id, &s->desks);
	if (got == OUT_OK) {
		sodium_bin2base64(text, sizeof(text), value.at, KEY_LEN,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		http_set_cookie(rq, "session", text, 0);
		take_up(rq, s);
	}
	sodium_memzero(&value, sizeof(value));
	sodium_memzero(&under, sizeof(under));
	sodium_memzero(text, sizeof(text));
	return got;
}

enum outcome
session_begin(struct request *rq, const struct key *audit,
    const struct admin *admin)
{
	struct change c = { .rq = rq, .audit = audit, .admin = admin };

	return start(rq, begin_work, &c);
}

enum outcome
session_renew(struct request *rq, const struct key *audit,
    enum outcome (*prove)(struct db *, void *), void *arg)
{
	struct change c = { .rq = rq, .audit = audit,
	    .admin = &rq->session->admin, .former = &rq->session->id,
	    .stage = STAGE_FULL, .prove = prove, .arg = arg };

	return start(rq, renew_work, &c);
}

/* What the store says of it; OUT_MISSING: this cookie does not open it. */
static enum outcome
fill(struct request *rq, struct session *s, const struct key *under,
    const struct db_rows *rows)
{
	const struct db_value *at = rows->at[0].at;

	memcpy(s->admin.id.at, at[F_ADMIN].bytes.data, ID_LEN);
	memcpy(s->admin.public.at, at[F_PUBLIC].bytes.data, KEY_LEN);
	if (at[F_NAME].bytes.len >= sizeof(s->admin.name))
		return OUT_FAULT;
	memcpy(s->admin.name, at[F_NAME].bytes.data, at[F_NAME].bytes.len);
	if (seal_unwrap(&s->admin.secret, under, &s->admin.id, "session",
	    at[F_KEY].bytes) != OUT_OK)
		return OUT_MISSING;
	s->stage = stage_of(rq, at[F_PENDING].number != 0,
	    at[F_FACTOR].number != 0);
	for (size_t i = 0; s->stage == STAGE_FULL && i < rows->n; i++) {
		const struct db_value	*name = &rows->at[i].at[F_DESK];
		const struct desk	*desk;

		if (name->type != 0 &&
		    (desk = desk_named(name->bytes.data)) != NULL)
			s->desks |= 1U << (desk - desks);
	}
	return OUT_OK;
}

enum outcome
session_find(struct request *rq)
{
	const char	*text = http_cookie(rq, "session");
	struct session	*s;
	struct key	 value, under;
	struct db_rows	 rows;
	size_t		 len;
	enum outcome	 got;

	if (text == NULL || sodium_base642bin(value.at, KEY_LEN, text,
	    strlen(text), NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 || len != KEY_LEN)
		return OUT_OK;
	if ((s = talloc_zero(rq, struct session)) == NULL)
		return OUT_FAULT;
	talloc_set_destructor(s, forget);
	derive(&value, &s->id, &under, s->token);
	got = db_all(rq->app->db, rq, &session_queries[Q_FIND], &rows,
	    DB_BYTES(s->id.at, KEY_LEN), DB_INT(rq->now));
	if (got == OUT_OK)
		got = rows.n == 0 ? OUT_MISSING : fill(rq, s, &under, &rows);
	if (got == OUT_OK)
		take_up(rq, s);
	sodium_memzero(&value, sizeof(value));
	sodium_memzero(&under, sizeof(under));
	return got == OUT_MISSING ? OUT_OK : got;
}

enum outcome
session_end(struct request *rq, const struct key *audit, const struct key *id)
{
	struct change	change = { .rq = rq, .audit = audit, .id = id,
	    .admin = &rq->session->admin };
	enum outcome	got;

	got = db_transaction(rq->app->db, end_work, &change);
	if (got == OUT_OK && memcmp(id->at, rq->session->id.at, KEY_LEN) == 0)
		http_set_cookie(rq, "session", NULL, 0);
	return got;
}
