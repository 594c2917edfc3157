/*
 * bound.c: how many mails of a kind one address gets a day, where strangers can cause them: who
 * types somebody else's address into a form must not be able to fill their mailbox.  The store
 * knows an address by a keyed hash, and only courier has the key.
 */
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/when.h"

/* 0: a desk causes it, or it is bounded where it is made. */
static const int	most[MAIL_KINDS] = { [MAIL_RECEIPT] = 5, [MAIL_RSVP] = 5,
			    [MAIL_EVENT] = 20 };

enum { Q_COUNT, Q_COUNTED, Q__COUNT };

const struct db_query bound_queries[Q__COUNT] = {	/* takes, gives, sql */
	/* What is counted as a failure in this table is here a mail. */
	[Q_COUNT] = { "bi", "i",
	    "SELECT failures FROM throttle WHERE bucket = ? AND until > ?" },
	[Q_COUNTED] = { "biiii", "",
	    "INSERT INTO throttle (bucket, failures, until) VALUES (?, 1, ?)"
	    " ON DUPLICATE KEY UPDATE failures = IF(until > ?, failures + 1, 1),"
	    " until = IF(until > ?, until, ?)" },
};
const size_t bound_n_queries = Q__COUNT;

void
address_hash(struct key *hash, const struct key *secret, const char *word,
    const char *address)
{
	char	small[MAIL_ADDRESS_MAX + 1];
	size_t	len = strnlen(address, MAIL_ADDRESS_MAX);

	for (size_t i = 0; i < len; i++)
		small[i] = (char)tolower((unsigned char)address[i]);
	seal_derive(hash, secret, word, small, len);
	sodium_memzero(small, sizeof(small));
}

/* Without what many servers let one add behind a plus: it is the same mailbox. */
static void
hash_mailbox(struct key *hash, const struct key *secret, enum mail_kind kind,
    const char *address)
{
	char	mailbox[MAIL_ADDRESS_MAX + 1], word[64];
	size_t	local = strcspn(address, "+@");

	snprintf(mailbox, sizeof(mailbox), "%.*s%s", (int)local, address,
	    address + strcspn(address, "@"));
	snprintf(word, sizeof(word), "%s a day", mail_kind_names[kind]);
	address_hash(hash, secret, word, mailbox);
	sodium_memzero(mailbox, sizeof(mailbox));
}

enum outcome
bound_take(struct db *db, const struct key *secret, enum mail_kind kind, const char *address,
    int64_t now)
{
	struct db_value	bucket;
	struct db_row	row;
	struct key	hash;
	bool		full = false;
	enum outcome	got;

	if (most[kind] == 0)
		return OUT_OK;
	hash_mailbox(&hash, secret, kind, address);
	bucket = DB_BYTES(hash.at, KEY_LEN);
	got = db_first(db, db, &bound_queries[Q_COUNT], &row, bucket, DB_INT(now));
	if (got == OUT_OK) {
		full = row.at[0].number >= most[kind];
		talloc_free(row.at);
	}
	if (full)
		return OUT_LIMITED;
	if (got != OUT_OK && got != OUT_MISSING)
		return got;
	return db_run(db, &bound_queries[Q_COUNTED], NULL, bucket, DB_INT(now + DAY),
	    DB_INT(now), DB_INT(now), DB_INT(now + DAY));
}
