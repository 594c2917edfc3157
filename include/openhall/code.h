/*
 * code: what a person holds and types: a receipt, an invitation, the recovery key.
 * 24 symbols in groups of four: 23 of Crockford's base32 (115 bits) and one that
 * checks them.
 */
#ifndef OPENHALL_CODE_H
#define OPENHALL_CODE_H

#include "openhall/outcome.h"
#include "openhall/seal.h"

enum {
	CODE_SYMBOLS = 24,
	CODE_TEXT = CODE_SYMBOLS + 5 + 1	/* with five hyphens and the NUL */
};

struct code {
	char		text[CODE_TEXT];	/* as it is shown: XXXX-XXXX-... */
	struct key	lookup;			/* what the store knows it by */
	struct key	key;			/* what it opens: wraps a key, or seeds a pair */
};

/* The code that belongs to `secret` (uniform bytes); a random one. */
void		 code_from(struct code *, const struct key *secret);
void		 code_new(struct code *);

/*
 * Read what somebody typed.  Case, spaces and hyphens are forgiven, and O for 0, I and L for
 * 1, U for V.  OUT_OK; OUT_INVALID: not of this form, or the check symbol says that
 * there is a slip (every single wrong symbol and every swap of two neighbours is found).
 */
enum outcome	 code_read(struct code *, const char *typed);

#endif
