/*
 * smtp: mails to the site's mail server, one after another over one connection (libcurl).
 */
#ifndef OPENHALL_SMTP_H
#define OPENHALL_SMTP_H

#include <stdbool.h>

#include "openhall/buf.h"
#include "openhall/settings.h"

/* No mail takes longer, whatever the server does. */
enum { SMTP_SECONDS = 660 };

enum smtp_fate {
	SMTP_TAKEN,		/* 250 for all of it */
	SMTP_AGAIN,		/* not now: a 4xx for this mail */
	SMTP_REFUSED,		/* a 5xx for this recipient or this mail */
	SMTP_STALE,		/* the connection, used before, had ended: at once again */
	SMTP_CUT,		/* we had to leave: it may have been taken */
	SMTP_BROKEN		/* no connection, no trust, no log-in, or no sending for us:
				   so it would be for the next mail */
};

struct smtp_answer {
	enum smtp_fate	 fate;
	int		 code;		/* the last answer of the server; 0: none */
	const char	*why;		/* of a failure, without anybody's address */
};

struct smtp;

/* Nothing is connected yet.  `leaving` says whether we have been asked to leave: then a mail
 * that is under way is given some seconds more.  log_stop() where settings name what is not
 * there. */
struct smtp	*smtp_new(const void *ctx, const struct settings *, bool (*leaving)(void));

/* Send `mail`, and wait for what the server says of it.  false: no memory. */
bool		 smtp_send(struct smtp *, const char *to, const struct buf *mail,
		    struct smtp_answer *);

#endif
