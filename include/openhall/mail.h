/*
 * mail: what waits to be sent.  Whoever has something to say adds a row, sealed to the mail
 * key; courier alone can read to whom and what about, and sends it.
 */
#ifndef OPENHALL_MAIL_H
#define OPENHALL_MAIL_H

#include "openhall/code.h"
#include "openhall/db.h"
#include "openhall/seal.h"

extern const struct db_query mail_queries[];
extern const size_t mail_n_queries;

enum {
	MAIL_ADDRESS_MAX = 254,		/* RFC 5321, 4.5.3.1.3 */
	MAIL_TEXT_MAX = BODY_BLOCK - 1	/* of what is sealed: a block, whatever it holds */
};

/* Kinds of mail, as outbox.kind and as www/templates/mail/KIND.{txt,html} say them. */
enum mail_kind { MAIL_CONFIRM, MAIL_STATEMENT, MAIL_RECEIPT, MAIL_DECIDED, MAIL_MESSAGE,
	MAIL_INVITATION, MAIL_RSVP, MAIL_EVENT, MAIL_KINDS };
extern const char *const mail_kind_names[MAIL_KINDS];

/* Whether mail can go to this address: ASCII, a dotted name on both sides of the @ (RFC 5321,
 * 4.1.2 without quoted names and literals). */
bool		 mail_is_address(const char *);

/* ---- for who has something to say ---- */

/* Whether the portal sends mail: openhall.conf names a server or a folder. */
bool		 mail_goes(const struct settings *);

/* The mail key's public half, read at start; log_stop() when it is missing. */
void		 mail_start(struct sealer *, const struct settings *);

/* Seal an address so that only courier reads it; below `ctx`.  OUT_INVALID: longer than
 * MAIL_TEXT_MAX. */
enum outcome	 mail_seal(const void *ctx, struct sealer *, int64_t now, const struct id *about,
		    const char *address, struct bytes *out);

/*
 * Add a mail to the outbox, also within a transaction.  `id` makes it the same mail when it is
 * added twice (OUT_CONFLICT).  `code` is that of a receipt or an invitation, or NULL; of
 * MAIL_EVENT the id of an occurrence as hexadecimal and, behind a space, what is told:
 * "seated", "changed", "cancelled" or "remind".  Nothing else that a person typed may stand in
 * a mail.
 */
enum outcome	 mail_add(struct db *, struct sealer *, int64_t now, const struct id *id,
		    enum mail_kind, const char *lang, const char *address, const char *code);

/* ---- for courier, which has the secret half ---- */

/* Open the address that was sealed about `about`, or the code of a mail of that id; below
 * `ctx`.  OUT_FORBIDDEN: it does not open. */
enum outcome	 mail_open(const void *ctx, const struct key *secret, const struct id *about,
		    struct bytes sealed, const char **address);
enum outcome	 mail_open_code(const void *ctx, const struct key *secret, const struct id *,
		    struct bytes sealed, const char **code);

/* The code in every mail to a subscriber, by which they confirm and leave: the same each time,
 * and stored nowhere.  subscriber.token is its lookup. */
void		 mail_code(struct code *, const struct key *secret,
		    const struct id *subscriber);

#endif
