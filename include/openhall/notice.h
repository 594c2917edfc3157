/*
 * notice: mail to who handed something in and gave an address for it: their receipt, and that
 * something has happened.  It never says what.
 */
#ifndef OPENHALL_NOTICE_H
#define OPENHALL_NOTICE_H

#include "openhall/form.h"
#include "openhall/mail.h"

/* Read the mail key, where the portal sends mail; false: it does not. */
bool		 notice_start(struct sealer *, const struct settings *);

/* The address to which one may write, or NULL: they gave none that can be used, or chose
 * (at the question "reach") to be reached in another way. */
const char	*notice_address(const struct form_answers *);

/*
 * Add such a mail, also within a transaction, if they have an address; in the language that
 * they chose, else that of the page on which they answered, else `lang`.  `own` is a key of
 * the case's alone, from which the mail gets its identity, so that with the same `number` it
 * is the same mail, and one cannot see of which case it is.  `code` as in mail_add().
 * OUT_OK (also when it was added before, or they have no address), OUT_AWAY, OUT_FAULT.
 */
enum outcome	 notice_add(struct db *, struct sealer *, int64_t now,
		    const struct form_answers *, const char *lang, const struct key *own,
		    enum mail_kind, int64_t number, const char *code);

#endif
