/*
 * pairs: names with values, as application/x-www-form-urlencoded writes them
 * (WHATWG URL, section 5).  The one codec for form bodies, query strings and the
 * text that is sealed.
 */
#ifndef OPENHALL_PAIRS_H
#define OPENHALL_PAIRS_H

#include <stddef.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"

struct pair {
	const char	*name;
	const char	*value;
};

struct pairs {
	size_t		 n;
	struct pair	*at;
};

/*
 * Decode `len` bytes of `raw` into memory below `ctx`.  At most `most` pairs.
 * OUT_INVALID: a broken percent escape, an encoded or plain NUL, bytes that are
 * not UTF-8 (RFC 3629), or more pairs than `most`.  OUT_FAULT: no memory.
 */
enum outcome	 pairs_decode(const void *ctx, const char *raw, size_t len,
		    size_t most, struct pairs *out);

/* Append `name=value` to `to`, encoded, after `&` where something precedes. */
void		 pairs_encode(struct buf *to, const char *name, const char *value);

/* The first value of `name`, or NULL. */
const char	*pairs_find(const struct pairs *, const char *name);

#endif
