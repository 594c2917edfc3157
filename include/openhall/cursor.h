/*
 * cursor: where the next page of a list begins: behind the row of this moment and this id.
 */
#ifndef OPENHALL_CURSOR_H
#define OPENHALL_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "openhall/seal.h"

struct cursor {
	int64_t		at;		/* seconds; 0: behind none */
	struct id	id;
};

/* "AT-ID" and back (below `ctx`, NULL: no memory); false: not one. */
bool		 cursor_read(struct cursor *, const char *text);
const char	*cursor_text(const void *ctx, int64_t at, const struct id *);

#endif
