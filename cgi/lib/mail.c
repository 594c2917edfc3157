/* mail.c: see openhall/mail.h. */
#include "openhall/mail.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

enum { LOCAL_MAX = 64, LABEL_MAX = 63 };	/* RFC 5321, 4.5.3.1.1; RFC 1035, 2.3.4 */

const char *const mail_kind_names[MAIL_KINDS] = {
	[MAIL_CONFIRM] = "confirm",
	[MAIL_STATEMENT] = "statement",
	[MAIL_RECEIPT] = "receipt",
	[MAIL_DECIDED] = "decided",
	[MAIL_MESSAGE] = "message",
	[MAIL_INVITATION] = "invitation",
	[MAIL_RSVP] = "rsvp",
	[MAIL_EVENT] = "event",
};

enum { Q_ADD, Q__COUNT };

const struct db_query mail_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_ADD] = { "bssbbi", "",
	    "INSERT INTO outbox (id, kind, lang, address, about, due_at)"
	    " VALUES (?, ?, ?, ?, ?, ?)" },
};
const size_t mail_n_queries = Q__COUNT;

/* ---- addresses ---- */

#define ALNUM	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Parts of `letters` with single dots between, each at most `most` long; gives its end. */
static const char *
dotted(const char *at, const char *letters, size_t most)
{
	for (;; at++) {
		size_t	len = strspn(at, letters);

		if (len == 0 || len > most)
			return NULL;
		at += len;
		if (*at != '.')
			return at;
	}
}

bool
mail_is_address(const char *text)
{
	const char	*at = dotted(text, ALNUM "!#$%&'*+-/=?^_`{|}~", LOCAL_MAX), *end;

	if (at == NULL || *at != '@' || at - text > LOCAL_MAX ||
	    strlen(text) > MAIL_ADDRESS_MAX)
		return false;
	end = dotted(at + 1, ALNUM "-", LABEL_MAX);
	return end != NULL && *end == '\0' && at[1] != '-' && end[-1] != '-' &&
	    strstr(at, ".-") == NULL && strstr(at, "-.") == NULL;
}

/* ---- sealing ---- */

bool
mail_goes(const struct settings *settings)
{
	return settings->mail_server != NULL || settings->mail_folder != NULL;
}

void
mail_start(struct sealer *sealer, const struct settings *settings)
{
	*sealer = (struct sealer){ .until = 0 };
	seal_read_key(&sealer->to, settings->key_dir, "mail.pub");
}

/* `text` under a key of its own, which stands before it, sealed. */
static enum outcome
seal_text(const void *ctx, struct sealer *sealer, int64_t now, const struct id *about,
    const char *word, const char *text, struct bytes *out)
{
	size_t		 len = strlen(text);
	struct bytes	 body;
	struct key	 key;
	unsigned char	*sealed;
	enum outcome	 got;

	if (len > MAIL_TEXT_MAX)
		return OUT_INVALID;
	randombytes_buf(key.at, KEY_LEN);
	if ((got = seal_body(ctx, &key, about, word, text, len, &body)) == OUT_OK &&
	    (sealed = talloc_size(ctx, SEALED_KEY_LEN + body.len)) != NULL) {
		seal_to(sealed, sealer, now, about, &key);
		memcpy(sealed + SEALED_KEY_LEN, body.data, body.len);
		*out = (struct bytes){ sealed, SEALED_KEY_LEN + body.len };
	} else {
		got = OUT_FAULT;
	}
	sodium_memzero(&key, sizeof(key));
	return got;
}

static enum outcome
open_text(const void *ctx, const struct key *secret, const struct id *about,
    const char *word, struct bytes sealed, const char **text)
{
	const unsigned char	*at = sealed.data;
	struct bytes		 plain;
	struct key		 key;
	enum outcome		 got;

	if (sealed.len < SEALED_KEY_LEN)
		return OUT_FORBIDDEN;
	got = seal_from(&key, secret, about, (struct bytes){ at, SEALED_KEY_LEN });
	if (got == OUT_OK)
		got = seal_open(ctx, &key, about, word, (struct bytes){ at + SEALED_KEY_LEN,
		    sealed.len - SEALED_KEY_LEN }, &plain);
	sodium_memzero(&key, sizeof(key));
	if (got == OUT_OK)
		*text = plain.data;
	return got;
}

enum outcome
mail_seal(const void *ctx, struct sealer *sealer, int64_t now, const struct id *about,
    const char *address, struct bytes *out)
{
	return seal_text(ctx, sealer, now, about, "mail address", address, out);
}

enum outcome
mail_open(const void *ctx, const struct key *secret, const struct id *about,
    struct bytes sealed, const char **address)
{
	return open_text(ctx, secret, about, "mail address", sealed, address);
}

enum outcome
mail_open_code(const void *ctx, const struct key *secret, const struct id *id,
    struct bytes sealed, const char **code)
{
	return open_text(ctx, secret, id, "mail code", sealed, code);
}

void
mail_code(struct code *code, const struct key *secret, const struct id *subscriber)
{
	struct key	own;

	seal_derive(&own, secret, "subscriber code", subscriber->at, ID_LEN);
	code_from(code, &own);
	sodium_memzero(&own, sizeof(own));
}

/* ---- the outbox ---- */

enum outcome
mail_add(struct db *db, struct sealer *sealer, int64_t now, const struct id *id,
    enum mail_kind kind, const char *lang, const char *address, const char *code)
{
	struct bytes	 to, about = { "", 0 };
	void		*ctx = talloc_new(db);
	enum outcome	 got = ctx == NULL ? OUT_FAULT :
			    mail_seal(ctx, sealer, now, id, address, &to);

	if (got == OUT_OK && code != NULL)
		got = seal_text(ctx, sealer, now, id, "mail code", code, &about);
	if (got == OUT_OK)
		got = db_run(db, &mail_queries[Q_ADD], NULL, DB_BYTES(id->at, ID_LEN),
		    DB_TEXT(mail_kind_names[kind]), DB_TEXT(lang), DB_BYTES(to.data, to.len),
		    DB_BYTES(about.data, about.len), DB_INT(now));
	talloc_free(ctx);
	return got;
}
