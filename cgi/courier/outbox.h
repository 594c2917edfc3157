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
 * log_stop() for what a template or a setting has wrong. */
struct outbox	*outbox_new(const void *ctx, const struct settings *, const struct key *secret);

/*
 * Go on sending, for about a second at most; a mail that a slow server has not taken by then
 * is gone on with the next time.  `more`: call again at once.  OUT_OK (also when settings name
 * neither a server nor a folder: then all waits), OUT_AWAY, OUT_FAULT.
 */
enum outcome	 outbox_send(struct outbox *, struct db *, int64_t now, bool *more);

/* Before the end: wait some seconds for the mail that is on its way, and give back the rest. */
void		 outbox_stop(struct outbox *, struct db *);

#endif
