/*
 * kept: pages and feeds that a program makes once for each change of what they show.
 */
#ifndef OPENHALL_KEPT_H
#define OPENHALL_KEPT_H

#include "openhall/http.h"

/* A place for one of them, zero at first. */
struct kept {
	char	*text;			/* its key, and behind the NUL the page; NULL: none */
	size_t	 len;			/* of the page */
	int64_t	 number, until;
	time_t	 modified;
	char	 etag[HTTP_ETAG];
};

/* Answer with what is kept there if it is what `key` (a path, and what else makes it another
 * page) asks for, of change `number`, and its time is not over. */
bool		 kept_send(struct request *, const struct kept *, const char *key, int64_t number);

/* Keep what the request is answered with, in memory below `ctx`, until that moment (0: until
 * there is another number). */
void		 kept_take(const void *ctx, struct kept *, const struct request *, const char *key,
		    int64_t number, int64_t until);

#endif
