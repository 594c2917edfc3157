/*
 * letter: what each kind of mail says, in each language of the site.
 */
#ifndef OPENHALL_LETTER_H
#define OPENHALL_LETTER_H

#include "openhall/db.h"
#include "openhall/mail.h"
#include "openhall/settings.h"

extern const struct db_query letter_queries[];
extern const size_t letter_n_queries;

/* One mail as the outbox has it, opened. */
struct letter {
	struct id	 id;
	enum mail_kind	 kind;
	const char	*lang, *to;
	const char	*code;		/* of a receipt or an invitation; "".  MAIL_EVENT: which
					   date, and what is told, as mail.h says */
	bool		 listed;	/* it goes to a subscriber: */
	struct id	 subscriber;
	struct id	 statement;	/* MAIL_STATEMENT: which */
};

struct letters;

/* Compile all templates.  `secret` (the mail key) must stay.  log_stop() for a mistake in one. */
struct letters	*letters_new(const void *ctx, const struct settings *,
		    const struct key *secret);

/*
 * Append the whole message.  OUT_MISSING: there is nothing to tell any more (the statement is
 * public no longer); OUT_INVALID: it cannot be sent to that address; OUT_AWAY; OUT_FAULT.
 */
enum outcome	 letter_write(struct letters *, struct db *, const struct letter *, int64_t now,
		    struct buf *to);

#endif
