/*
 * expire: what is over goes, and nobody waits for it.  It is chosen without a lock and taken away
 * by its key, a page in one transaction: a statement that looks for it and takes it away in one
 * locks all that it reads, and the gap behind, where somebody may be adding something.
 */
#ifndef OPENHALL_EXPIRE_H
#define OPENHALL_EXPIRE_H

#include "openhall/db.h"

enum { EXPIRE_PAGE = 200 };

/*
 * `page` gives the keys of what is over, and takes `until` as often as it likes and then how many;
 * `erase` takes a key and then `until` likewise, and must say again what is over: meanwhile it may
 * have become otherwise.  `n` grows by how many there were.  OUT_OK, OUT_AWAY, OUT_FAULT.
 */
enum outcome	 expire_all(struct db *, const struct db_query *page,
		    const struct db_query *erase, int64_t until, int64_t *n);

#endif
