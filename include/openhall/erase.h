/*
 * erase: the end of what was handed in.  What is left is a line without content: which
 * desk, which state, which days.
 */
#ifndef OPENHALL_ERASE_H
#define OPENHALL_ERASE_H

#include "openhall/db.h"
#include "openhall/seal.h"

extern const struct db_query erase_queries[];
extern const size_t erase_n_queries;

/* Within a transaction: erase answers, keys, former versions, messages, notes, reasons,
 * facets and hashes of addresses of submission `id`.  Its state and its receipt stay. */
enum outcome	 erase_content(struct db *, const struct id *);

#endif
