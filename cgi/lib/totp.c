/* totp.c: see openhall/totp.h.  liboath computes the codes, libqrencode lays out the squares. */
#include "openhall/totp.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/buf.h"
#include "openhall/view.h"

enum { STEP = 30, DIGITS = 6, WINDOW = 1, SECRET_TEXT = 32 };

/* What was typed without its spaces; false: it is not a code at all. */
static bool
read_digits(char out[DIGITS + 1], const char *typed)
{
	size_t n = 0;

	for (; *typed != '\0'; typed++) {
		if (isspace((unsigned char)*typed))
			continue;
		if (n == DIGITS || !isdigit((unsigned char)*typed))
			return false;
		out[n++] = *typed;
	}
	out[n] = '\0';
	return n == DIGITS;
}

bool
totp_check(const unsigned char secret[TOTP_SECRET], const char *typed, int64_t now,
    int64_t last, int64_t *step)
{
	char	digits[DIGITS + 1], want[DIGITS + 1];
	int64_t	at = now / STEP - WINDOW, until = now / STEP + WINDOW;

	if (typed == NULL || !read_digits(digits, typed) || oath_init() != OATH_OK)
		return false;
	for (at = at > last ? at : last + 1; at <= until; at++) {
		if (oath_totp_generate((const char *)secret, TOTP_SECRET,
		    (time_t)(at * STEP), STEP, 0, DIGITS, want) != OATH_OK ||
		    sodium_memcmp(want, digits, DIGITS) != 0)
			continue;
		*step = at;
		return true;
	}
	return false;
}

/* 20 bytes are 32 symbols, and nothing is left to be padded. */
static bool
read_symbols(char out[SECRET_TEXT + 1], const unsigned char secret[TOTP_SECRET])
{
	char	*symbols;
	size_t	 len;
	bool	 good;

	if (oath_base32_encode((const char *)secret, TOTP_SECRET, &symbols, &len) !=
	    OATH_OK)
		return false;
	if ((good = len == SECRET_TEXT)) {
		memcpy(out, symbols, len);
		out[len] = '\0';
	}
	sodium_memzero(symbols, len);
	free(symbols);
	return good;
}

const char *
totp_address(const void *ctx, const unsigned char secret[TOTP_SECRET],
    const char *issuer, const char *account)
{
	struct buf	*to = buf_new(ctx, 256);
	char		 symbols[SECRET_TEXT + 1];

	if (to == NULL || !read_symbols(symbols, secret))
		return NULL;
	/* The algorithm, the digits and the period are those that apps take unasked. */
	buf_str(to, "otpauth://totp/");
	escape_component(to, issuer);
	buf_char(to, ':');
	escape_component(to, account);
	buf_fmt(to, "?secret=%s&issuer=", symbols);
	escape_component(to, issuer);
	sodium_memzero(symbols, sizeof(symbols));
	return to->failed ? NULL : to->data;
}

const char *
totp_secret_text(const void *ctx, const unsigned char secret[TOTP_SECRET])
{
	struct buf	*to = buf_new(ctx, 64);
	char		 symbols[SECRET_TEXT + 1];

	if (to == NULL || !read_symbols(symbols, secret))
		return NULL;
	for (size_t i = 0; i < SECRET_TEXT; i += 4) {
		if (i > 0)
			buf_char(to, ' ');
		buf_add(to, symbols + i, 4);
	}
	sodium_memzero(symbols, sizeof(symbols));
	return to->failed ? NULL : to->data;
}

enum outcome
totp_qr(const void *ctx, const char *text, const char **path, int *side)
{
	struct buf	*to = buf_new(ctx, 8192);
	QRcode		*qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	enum outcome	 got = OUT_FAULT;

	if (to == NULL || qr == NULL)
		goto done;
	/* A run of dark squares in a row is one rectangle. */
	for (int y = 0; y < qr->width; y++) {
		const unsigned char *row = qr->data + y * qr->width;

		for (int x = 0, end; x < qr->width; x = end + 1) {
			for (end = x; end < qr->width && (row[end] & 1) != 0; end++)
				continue;
			if (end > x)
				buf_fmt(to, "M%d %dh%dv1h-%dz", x, y, end - x, end - x);
		}
	}
	if (!to->failed) {
		*path = to->data;
		*side = qr->width;
		got = OUT_OK;
	}
done:
	QRcode_free(qr);
	return got;
}
