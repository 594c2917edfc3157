/*
 * maildir: mail into a folder, for who tries the portal without a mail server.
 */
#ifndef OPENHALL_MAILDIR_H
#define OPENHALL_MAILDIR_H

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/seal.h"

/* Make the folder with its tmp, new and cur; log_stop() when that cannot be. */
void		 maildir_make(const char *folder);

/* Put a mail into new, durably.  The same mail again takes the place of the first. */
enum outcome	 maildir_put(const char *folder, const struct id *, const struct buf *mail);

#endif
