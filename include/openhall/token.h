/*
 * token: what a page carries to prove that this site made it.  Never stored.
 */
#ifndef OPENHALL_TOKEN_H
#define OPENHALL_TOKEN_H

#include <time.h>

#include "openhall/outcome.h"
#include "openhall/seal.h"

enum { TOKEN_TEXT = 75 + 1 };	/* base64url of nonce 16, time 8, mac 32 */

enum token_age { TOKEN_FINE = 1, TOKEN_YOUNG, TOKEN_OLD };

struct token {
	unsigned char	nonce[16];	/* the submission's identity and receipt come from it */
	time_t		at;
};

/* A new token for `purpose` ("join"), as text. */
void		 token_new(char out[TOKEN_TEXT], const struct key *, const char *purpose,
		    time_t now);

/* OUT_OK; OUT_FORBIDDEN: not made by us for this purpose. */
enum outcome	 token_read(struct token *, const struct key *, const char *purpose,
		    const char *text);

enum token_age	 token_age(const struct token *, time_t now, unsigned least,
		    unsigned greatest);

#endif
