/*
 * outbox: mail that waits is sent, one after another, at the rate that the operator set, by
 * whichever courier has leased it.
 */
#ifndef OPENHALL_OUTBOX_H
#define OPENHALL_OUTBOX_H

#include "openhall/db.h"
#include "openhall/seal.h"
#include "openhall/settings.h"

extern const struct db_query outbox_queries[];
extern const size_t outbox_n_queries;

struct outbox;

/* Nothing is sent yet.  `secret` is the mail key, and must stay; so must `settings`.
 * `leaving` says whether we have been asked to leave.  log_stop() for what a template or a
 * setting has wrong. */
struct outbox	*outbox_new(const void *ctx, const struct settings *, const struct key *secret,
		    bool (*leaving)(void));

/*
 * Send all that may be sent now, or until asked to leave.  It waits for the mail server, which
 * may be slow.  OUT_OK (also when settings name neither a server nor a folder: then all waits),
 * OUT_AWAY, OUT_FAULT.
 */
enum outcome	 outbox_send(struct outbox *, struct db *);

/* Before the end: give back what was not sent. */
void		 outbox_stop(struct outbox *, struct db *);

#endif
