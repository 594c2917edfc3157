/* cookie.c: see openhall/cookie.h. */
#include "openhall/cookie.h"

#include <sodium.h>
#include <string.h>

enum {
	TEXT = sodium_base64_ENCODED_LEN(WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

static const struct id nobody;	/* a cookie is bound to its name alone */

enum outcome
cookie_put(struct request *rq, const struct key *form_key, const char *name,
    const struct key *says, unsigned max_age)
{
	struct key	under;
	unsigned char	wrapped[WRAP_LEN];
	char		text[TEXT];

	seal_derive(&under, form_key, "cookie", NULL, 0);
	seal_wrap(wrapped, &under, &nobody, name, says);
	sodium_bin2base64(text, TEXT, wrapped, WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	http_set_cookie(rq, name, text, max_age);
	return rq->status == 500 ? OUT_FAULT : OUT_OK;
}

enum outcome
cookie_get(struct request *rq, const struct key *form_key, const char *name,
    struct key *says)
{
	const char	*text = http_cookie(rq, name);
	struct key	 under;
	unsigned char	 wrapped[WRAP_LEN];
	size_t		 len;

	if (text == NULL || sodium_base642bin(wrapped, WRAP_LEN, text,
	    strlen(text), NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return OUT_MISSING;
	seal_derive(&under, form_key, "cookie", NULL, 0);
	return seal_unwrap(says, &under, &nobody, name,
	    (struct bytes){ wrapped, len }) == OUT_OK ? OUT_OK : OUT_MISSING;
}
