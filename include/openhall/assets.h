/*
 * assets: the files that pages load: all of public_dir and of site_dir that a browser can use,
 * the site's own before one of the same name.  Their address holds a fingerprint of all of
 * them, so that what is kept there never has to be asked for again.
 */
#ifndef OPENHALL_ASSETS_H
#define OPENHALL_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/settings.h"

enum { ASSETS_FINGERPRINT = 12 };	/* characters */

struct asset {
	const char	*name;		/* "logo.svg" */
	const char	*data;
	size_t		 len;
};

struct assets {
	struct asset	*at;		/* by name */
	size_t		 n;
	char		 fingerprint[ASSETS_FINGERPRINT + 1];
};

/* Read them all, below `ctx`; log_stop() when one cannot be read. */
void		 assets_read(const void *ctx, const struct settings *, struct assets *);

/* The one of this name, of `len` bytes; NULL: there is none. */
const struct asset *assets_find(const struct assets *, const char *name, size_t len);

#endif
