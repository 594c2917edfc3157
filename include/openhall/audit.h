/*
 * audit: what admins did, in a chain.  Each row's mac is BLAKE2b, keyed, over the
 * former mac and the row, so that a changed, removed or inserted row is found.
 * The key (key_dir/audit.key) is not in the store.  No content, no names: ids only.
 */
#ifndef OPENHALL_AUDIT_H
#define OPENHALL_AUDIT_H

#include "openhall/db.h"
#include "openhall/seal.h"

extern const struct db_query audit_queries[];
extern const size_t audit_n_queries;

/* Append, inside the transaction of the deed itself.  `admin` and `subject` may be NULL.
 * `action` is a literal of at most 32 bytes: "case.vote".  OUT_OK, OUT_AWAY, OUT_FAULT;
 * two appends at once are settled by the transaction's retry. */
enum outcome	 audit_add(struct db *, const struct key *, int64_t now,
		    const struct id *admin, const char *action, const struct id *subject);

struct audit_report {
	int64_t		 rows;		/* how many were checked */
	int64_t		 broken;	/* the first row that does not fit; 0: none */
	struct key	 head;		/* mac of the last row, to be noted elsewhere */
};

/* Walk the whole chain, in pages.  OUT_OK: it was read (see `broken`); OUT_AWAY; OUT_FAULT. */
enum outcome	 audit_verify(struct db *, const struct key *, struct audit_report *);

#endif
