/*
 * diff.h: what became of a text, word by word.  Private to cgi/admin.
 */
#ifndef OPENHALL_ADMIN_DIFF_H
#define OPENHALL_ADMIN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/outcome.h"

enum diff_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };

struct diff_piece {
	enum diff_kind	 kind;
	const char	*text;		/* never empty */
};

struct diff {
	size_t			 n;
	struct diff_piece	*at;
};

/*
 * The way from one text (UTF-8) to another, below `ctx`: the same and the gone pieces together
 * are `from`, the same and the new ones `to`.  Lines are compared first, then the words of those
 * that differ (E. W. Myers, An O(ND) Difference Algorithm, 1986).  Bounded: texts that have
 * very little in common are one piece gone and one new.  OUT_OK or OUT_FAULT.
 */
enum outcome	 diff_texts(const void *ctx, const char *from, const char *to, struct diff *);

/* Whether nothing differs. */
bool		 diff_alike(const struct diff *);

#endif
