/*
 * signup.c: who wants to be told of new statements.  What came in is opened here, where alone
 * it can be; nobody is subscribed before they have confirmed, and nobody outside can tell what
 * was known before.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/log.h"
#include "openhall/when.h"

enum {
	HOUR = 3600,
	/* In total: a store of confirmations that fills up again, so that in no hour more than
	 * twice as many are sent; what is over waits. */
	CONFIRM_STORE = 100, CONFIRM_EVERY = HOUR / CONFIRM_STORE
};

enum { Q_PAGE, Q_LOCK, Q_DELETE, Q_KNOWN, Q_ADD, Q_AGAIN, Q_PACE, Q_PACED, Q_CONFIRM,
	Q__COUNT };

const struct db_query signup_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_PAGE] = { "i", "b", "SELECT id FROM signup ORDER BY at, id LIMIT ?" },
	[Q_LOCK] = { "b", "bs", "SELECT address, lang FROM signup WHERE id = ? FOR UPDATE" },
	[Q_DELETE] = { "b", "", "DELETE FROM signup WHERE id = ?" },
	[Q_KNOWN] = { "b", "bsi",
	    "SELECT id, state, asked_at FROM subscriber WHERE hash = ? FOR UPDATE" },
	[Q_ADD] = { "bbbsbi", "",
	    "INSERT INTO subscriber (id, hash, address, lang, state, token, asked_at)"
	    " VALUES (?, ?, ?, ?, 'pending', ?, ?)" },
	[Q_AGAIN] = { "bsib", "",
	    "UPDATE subscriber SET state = 'pending', address = ?, lang = ?, asked_at = ?,"
	    " confirmed_at = NULL, bounces = 0 WHERE id = ?" },
	/* Locked: couriers confirm one after another. */
	[Q_PACE] = { "", "i", "SELECT next_at FROM duty WHERE name = 'confirm' FOR UPDATE" },
	[Q_PACED] = { "i", "", "UPDATE duty SET next_at = ? WHERE name = 'confirm'" },
	[Q_CONFIRM] = { "bsbi", "",
	    "INSERT INTO outbox (id, kind, lang, address, subscriber, due_at)"
	    " VALUES (?, 'confirm', ?, '', ?, ?)" },
};
const size_t signup_n_queries = Q__COUNT;

/* One sign-up, in one transaction. */
struct asked {
	struct post	*post;
	void		*ctx;
	int64_t		 now;
	struct id	 id;		/* of the sign-up, and of the mail that answers it */
	const char	*lang;
	char		 address[MAIL_ADDRESS_MAX + 1];
	struct key	 hash;
};

/* OUT_INVALID: nobody can be written to there. */
static enum outcome
open_address(struct asked *asked, struct bytes sealed)
{
	const char	*text;
	size_t		 len;
	enum outcome	 got = mail_open(asked->ctx, &asked->post->secret, &asked->id,
			    sealed, &text);

	if (got == OUT_FORBIDDEN)
		log_error("signup", "reason", "does not open", NULL);
	if (got != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_INVALID : got;
	text += strspn(text, " \t\r\n");
	len = strcspn(text, " \t\r\n");
	if (len > MAIL_ADDRESS_MAX || text[len + strspn(text + len, " \t\r\n")] != '\0')
		return OUT_INVALID;
	memcpy(asked->address, text, len);
	asked->address[len] = '\0';
	if (!mail_is_address(asked->address))
		return OUT_INVALID;
	address_hash(&asked->hash, &asked->post->secret, "subscriber address", asked->address);
	return OUT_OK;
}

/* Take one from the store of confirmations.  OUT_LIMITED: it is empty.  Where the clock was set
 * back, all begins anew. */
static enum outcome
take_turn(struct db *db, const struct asked *asked)
{
	struct db_row	row;
	int64_t		next;
	enum outcome	got = db_first(db, asked->ctx, &signup_queries[Q_PACE], &row);

	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	next = row.at[0].number;
	if (next < asked->now || next > asked->now + CONFIRM_STORE * CONFIRM_EVERY)
		next = asked->now;
	if (next + CONFIRM_EVERY > asked->now + CONFIRM_STORE * CONFIRM_EVERY)
		return OUT_LIMITED;
	return db_run(db, &signup_queries[Q_PACED], NULL, DB_INT(next + CONFIRM_EVERY));
}

/* Ask `subscriber` whether it was they who asked.  A form that comes a second time has its mail
 * already. */
static enum outcome
confirm(struct db *db, const struct asked *asked, const struct id *subscriber)
{
	enum outcome	got = take_turn(db, asked);

	if (got == OUT_OK)
		got = db_run(db, &signup_queries[Q_CONFIRM], NULL,
		    DB_BYTES(asked->id.at, ID_LEN), DB_TEXT(asked->lang),
		    DB_BYTES(subscriber->at, ID_LEN), DB_INT(asked->now));
	return got == OUT_CONFLICT ? OUT_OK : got;
}

static enum outcome
add(struct db *db, const struct asked *asked)
{
	struct bytes	sealed;
	struct code	code;
	struct id	id;
	enum outcome	got;

	randombytes_buf(id.at, ID_LEN);
	mail_code(&code, &asked->post->secret, &id);
	got = mail_seal(asked->ctx, &asked->post->sealer, asked->now, &id, asked->address,
	    &sealed);
	if (got == OUT_OK)
		got = db_run(db, &signup_queries[Q_ADD], NULL, DB_BYTES(id.at, ID_LEN),
		    DB_BYTES(asked->hash.at, KEY_LEN), DB_BYTES(sealed.data, sealed.len),
		    DB_TEXT(asked->lang), DB_BYTES(code.lookup.at, KEY_LEN),
		    DB_INT(asked->now));
	sodium_memzero(&code, sizeof(code));
	return got == OUT_OK ? confirm(db, asked, &id) : got;
}

/* The address is there.  Who is subscribed hears nothing; who left, or was asked a day ago and
 * did not answer, is asked; so nobody can be made to get more than one mail a day. */
static enum outcome
ask_again(struct db *db, const struct asked *asked, const struct db_value *known)
{
	const char	*state = known[1].bytes.data;
	struct bytes	 sealed;
	struct id	 id;
	enum outcome	 got;

	if (strcmp(state, "confirmed") == 0 || (strcmp(state, "left") != 0 &&
	    known[2].number > asked->now - DAY))
		return OUT_OK;
	memcpy(id.at, known[0].bytes.data, ID_LEN);
	got = mail_seal(asked->ctx, &asked->post->sealer, asked->now, &id, asked->address,
	    &sealed);
	if (got == OUT_OK)
		got = db_run(db, &signup_queries[Q_AGAIN], NULL,
		    DB_BYTES(sealed.data, sealed.len), DB_TEXT(asked->lang),
		    DB_INT(asked->now), known[0]);
	return got == OUT_OK ? confirm(db, asked, &id) : got;
}

/* In a transaction: decide, and take the sign-up away. */
static enum outcome
answer(struct db *db, void *arg)
{
	struct asked	*asked = arg;
	struct db_row	 row;
	enum outcome	 got;

	got = db_first(db, asked->ctx, &signup_queries[Q_LOCK], &row,
	    DB_BYTES(asked->id.at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;	/* another courier had it */
	asked->lang = row.at[1].bytes.data;
	got = open_address(asked, row.at[0].bytes);
	if (got == OUT_OK) {
		got = db_first(db, asked->ctx, &signup_queries[Q_KNOWN], &row,
		    DB_BYTES(asked->hash.at, KEY_LEN));
		got = got == OUT_MISSING ? add(db, asked) :
		    got == OUT_OK ? ask_again(db, asked, row.at) : got;
	}
	if (got != OUT_OK && got != OUT_INVALID)
		return got;
	return db_run(db, &signup_queries[Q_DELETE], NULL, DB_BYTES(asked->id.at, ID_LEN));
}

enum outcome
signup_take(struct db *db, struct post *post, int64_t now, unsigned *n)
{
	struct asked	 asked = { .post = post, .now = now };
	struct db_rows	 page;
	void		*ctx = talloc_new(db);
	enum outcome	 got;

	*n = 0;
	if (ctx == NULL)
		return OUT_FAULT;
	got = db_all(db, ctx, &signup_queries[Q_PAGE], &page, DB_INT(SIGNUP_PAGE));
	for (size_t i = 0; got == OUT_OK && i < page.n; i++) {
		memcpy(asked.id.at, page.at[i].at[0].bytes.data, ID_LEN);
		if ((asked.ctx = talloc_new(ctx)) == NULL)
			got = OUT_FAULT;
		else if ((got = db_transaction(db, answer, &asked)) == OUT_OK)
			++*n;
		talloc_free(asked.ctx);
	}
	talloc_free(ctx);
	sodium_memzero(&asked, sizeof(asked));
	return got == OUT_LIMITED ? OUT_OK : got;
}
