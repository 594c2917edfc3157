/* receipt.c: see openhall/receipt.h. */
#include "openhall/receipt.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

/* What the cookie says, in the room of one key: the code's symbols, when, and how. */
enum { TIME_LEN = 7, HOW_AT = CODE_SYMBOLS + TIME_LEN };

_Static_assert(HOW_AT + 1 == KEY_LEN, "a receipt cookie is as long as a key");

enum {
	COOKIE_TEXT = sodium_base64_ENCODED_LEN(WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

static const struct id nobody;

enum outcome
receipt_remember(struct request *rq, const struct key *form_key,
    const struct code *code, enum receipt_how how)
{
	struct key	 under, says;
	unsigned char	 wrapped[WRAP_LEN];
	char		*text = talloc_size(rq, COOKIE_TEXT);
	uint64_t	 until = (uint64_t)rq->now + RECEIPT_SECONDS;
	size_t		 n = 0;

	if (text == NULL)
		return OUT_FAULT;
	for (const char *at = code->text; *at != '\0'; at++) {
		if (*at != '-' && n < CODE_SYMBOLS)
			says.at[n++] = (unsigned char)*at;
	}
	for (int i = 0; i < TIME_LEN; i++)
		says.at[n++] = (unsigned char)(until >> (8 * i));
	says.at[HOW_AT] = (unsigned char)how;
	seal_derive(&under, form_key, "receipt cookie", NULL, 0);
	seal_wrap(wrapped, &under, &nobody, "receipt cookie", &says);
	sodium_bin2base64(text, COOKIE_TEXT, wrapped, WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	http_set_cookie(rq, "receipt", text, 0);
	sodium_memzero(&says, sizeof(says));
	return OUT_OK;
}

enum outcome
receipt_recall(struct request *rq, const struct key *form_key,
    struct code *code, enum receipt_how *how)
{
	const char	*text = http_cookie(rq, "receipt");
	unsigned char	 wrapped[WRAP_LEN];
	char		 symbols[CODE_SYMBOLS + 1] = "";
	struct key	 under, says;
	uint64_t	 until = 0;
	size_t		 len;
	enum outcome	 got;

	if (text == NULL || sodium_base642bin(wrapped, WRAP_LEN, text,
	    strlen(text), NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return OUT_MISSING;
	seal_derive(&under, form_key, "receipt cookie", NULL, 0);
	if (seal_unwrap(&says, &under, &nobody, "receipt cookie",
	    (struct bytes){ wrapped, len }) != OUT_OK)
		return OUT_MISSING;
	memcpy(symbols, says.at, CODE_SYMBOLS);
	for (int i = TIME_LEN - 1; i >= 0; i--)
		until = until << 8 | says.at[CODE_SYMBOLS + i];
	*how = (enum receipt_how)says.at[HOW_AT];
	got = (uint64_t)rq->now < until && code_read(code, symbols) == OUT_OK ?
	    OUT_OK : OUT_MISSING;
	sodium_memzero(&says, sizeof(says));
	sodium_memzero(symbols, sizeof(symbols));
	return got;
}

void
receipt_forget(struct request *rq)
{
	http_set_cookie(rq, "receipt", NULL, 0);
}
