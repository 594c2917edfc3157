/*
 * buf: bytes that grow.  A failed append sticks in `failed` and is tested once,
 * where the bytes are used; appends after it do nothing.
 */
#ifndef OPENHALL_BUF_H
#define OPENHALL_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char	*data;		/* always ends in a NUL that `len` does not count */
	size_t	 len, size;
	bool	 failed;
};

/* A piece of somebody else's memory. */
struct bytes {
	const void	*data;
	size_t		 len;
};

/* A new empty buffer, freed with `ctx` (a talloc context).  NULL: no memory. */
struct buf	*buf_new(const void *ctx, size_t expected);

void		 buf_add(struct buf *, const void *data, size_t len);
void		 buf_str(struct buf *, const char *text);	/* NULL adds nothing */
void		 buf_char(struct buf *, char c);
void		 buf_fmt(struct buf *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* Empty it and keep its memory; `failed` is cleared too. */
void		 buf_reset(struct buf *);

#endif
