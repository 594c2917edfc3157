/* token.c: see openhall/token.h. */
#include "openhall/token.h"

#include <sodium.h>
#include <string.h>

enum { NONCE = 16, TIME = 8, SIGNED = NONCE + TIME, RAW = SIGNED + KEY_LEN };

_Static_assert(TOKEN_TEXT == sodium_base64_ENCODED_LEN(RAW,
    sodium_base64_VARIANT_URLSAFE_NO_PADDING), "a token as text");

static void
sign(struct key *mac, const struct key *key, const char *purpose,
    const unsigned char raw[SIGNED])
{
	struct key	for_purpose;

	seal_derive(&for_purpose, key, purpose, NULL, 0);
	seal_derive(mac, &for_purpose, "token", raw, SIGNED);
	sodium_memzero(&for_purpose, sizeof(for_purpose));
}

void
token_new(char out[TOKEN_TEXT], const struct key *key, const char *purpose,
    time_t now)
{
	unsigned char	raw[RAW];
	struct key	mac;

	randombytes_buf(raw, NONCE);
	for (int i = 0; i < TIME; i++)
		raw[NONCE + i] = (unsigned char)((uint64_t)now >> (56 - 8 * i));
	sign(&mac, key, purpose, raw);
	memcpy(raw + SIGNED, mac.at, KEY_LEN);
	sodium_bin2base64(out, TOKEN_TEXT, raw, RAW,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum outcome
token_read(struct token *token, const struct key *key, const char *purpose,
    const char *text)
{
	unsigned char	raw[RAW];
	struct key	mac;
	size_t		len;
	uint64_t	at = 0;

	if (text == NULL || strlen(text) != TOKEN_TEXT - 1 ||
	    sodium_base642bin(raw, RAW, text, TOKEN_TEXT - 1, NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 || len != RAW)
		return OUT_FORBIDDEN;
	sign(&mac, key, purpose, raw);
	if (sodium_memcmp(mac.at, raw + SIGNED, KEY_LEN) != 0)
		return OUT_FORBIDDEN;
	memcpy(token->nonce, raw, NONCE);
	for (int i = 0; i < TIME; i++)
		at = at << 8 | raw[NONCE + i];
	token->at = (time_t)at;
	return OUT_OK;
}

enum token_age
token_age(const struct token *token, time_t now, unsigned least,
    unsigned greatest)
{
	/* Two hosts' clocks may differ a little; a token of the far future may not be. */
	if (token->at > now + 300 || now - token->at > (time_t)greatest)
		return TOKEN_OLD;
	return now - token->at < (time_t)least ? TOKEN_YOUNG : TOKEN_FINE;
}
