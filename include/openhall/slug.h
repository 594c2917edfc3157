/*
 * slug: what something goes by in addresses, made from its name: [a-z0-9-].
 */
#ifndef OPENHALL_SLUG_H
#define OPENHALL_SLUG_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The slug of `name` in `out` of `most` + 1 bytes; accents are left out, other scripts too, and
 * where nothing is left it is `otherwise`.  Unless `digits`, one that would begin with a digit
 * begins with `otherwise` and a hyphen.  Try number 0 first; each further number gives another,
 * for where the one before is taken.
 */
void		 slug_make(char *out, size_t most, const char *name, const char *otherwise,
		    bool digits, unsigned number);

#endif
