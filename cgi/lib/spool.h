/*
 * spool.h: the bytes of a spool file, and back, for spool.c and the tests that reach for them.
 */
#ifndef OPENHALL_LIB_SPOOL_H
#define OPENHALL_LIB_SPOOL_H

#include "openhall/spool.h"

/* The hash that a file ends with. */
enum { SPOOL_HASH_LEN = 32 };

/* The file of `s`, below `ctx`.  NULL: no memory, or more than would be read again. */
struct buf	*spool_encode(const void *ctx, const struct submission *);

/*
 * Read the `len` bytes of `data`, the file called `name` in the folder of `desk`.  The texts
 * are below `ctx`, the body is where it stands in `data`.  NULL: fine; otherwise what is wrong.
 */
const char	*spool_decode(const void *ctx, const char *name, const struct desk *,
		    const unsigned char *data, size_t len, struct submission *);

#endif
