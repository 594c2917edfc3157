/*
 * session.c: see openhall/session.h.  Runs under openhall_admin.
 */
#include "openhall/session.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/route.h"

enum { Q_ADD, Q_FIND, Q_END, Q__COUNT };

const struct db_query session_queries[] = {	/* takes, gives, sql */
	[Q_ADD] = { "bbbii", "",
	    "INSERT INTO session (id, admin, wrapped_key, created_at,"
	    " expires_at) VALUES (?, ?, ?, ?, ?)" },
	[Q_FIND] = { "bi", "bbsb",
	    "SELECT s.admin, s.wrapped_key, a.name, a.public_key"
	    " FROM session s JOIN admin a ON a.id = s.admin"
	    " WHERE s.id = ? AND s.expires_at > ?" },
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

/* A session that is stored or taken away, with its line in the audit. */
struct change {
	struct request		*rq;
	const struct key	*audit;
	const struct key	*id;
	const struct admin	*admin;
	unsigned char		 wrapped[WRAP_LEN];
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
begin_work(struct db *db, void *arg)
{
	struct change	*c = arg;
	enum outcome	 got;

	got = db_run(db, &session_queries[Q_ADD], NULL,
	    DB_BYTES(c->id->at, KEY_LEN), DB_BYTES(c->admin->id.at, ID_LEN),
	    DB_BYTES(c->wrapped, WRAP_LEN), DB_INT(c->rq->now),
	    DB_INT(c->rq->now + SESSION_SECONDS));
	return got == OUT_OK ? note(db, c, "session.begin") : got;
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

enum outcome
session_begin(struct request *rq, const struct key *audit,
    const struct admin *admin)
{
	struct session	*s = talloc_zero(rq, struct session);
	struct change	 change = { .rq = rq, .audit = audit, .admin = admin };
	struct key	 value, under;
	char		 text[COOKIE_TEXT];
	enum outcome	 got;

	if (s == NULL)
		return OUT_FAULT;
	talloc_set_destructor(s, forget);
	change.id = &s->id;
	randombytes_buf(value.at, KEY_LEN);
	derive(&value, &s->id, &under, s->token);
	s->admin = *admin;
	seal_wrap(change.wrapped, &under, &admin->id, "session", &admin->secret);
	got = db_transaction(rq->app->db, begin_work, &change);
	if (got == OUT_OK) {
		sodium_bin2base64(text, sizeof(text), value.at, KEY_LEN,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		http_set_cookie(rq, "session", text, 0);
		rq->session = s;
		rq->who = s->admin.name;
		rq->token_text = s->token;
	}
	sodium_memzero(&value, sizeof(value));
	sodium_memzero(&under, sizeof(under));
	return got;
}

enum outcome
session_find(struct request *rq)
{
	const char	*text = http_cookie(rq, "session");
	struct session	*s;
	struct key	 value, under;
	struct db_row	 row;
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
	got = db_first(rq->app->db, rq, &session_queries[Q_FIND], &row,
	    DB_BYTES(s->id.at, KEY_LEN), DB_INT(rq->now));
	if (got == OUT_MISSING)
		return OUT_OK;
	if (got != OUT_OK)
		return got;
	memcpy(s->admin.id.at, row.at[0].bytes.data, ID_LEN);
	memcpy(s->admin.public.at, row.at[3].bytes.data, KEY_LEN);
	if (row.at[2].bytes.len >= sizeof(s->admin.name))
		return OUT_FAULT;
	memcpy(s->admin.name, row.at[2].bytes.data, row.at[2].bytes.len);
	if (seal_unwrap(&s->admin.secret, &under, &s->admin.id, "session",
	    row.at[1].bytes) != OUT_OK)
		return OUT_OK;		/* not a session that this cookie opens */
	rq->session = s;
	rq->who = s->admin.name;
	return OUT_OK;
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
