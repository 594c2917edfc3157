/*
 * totp: one-time codes by time (RFC 6238: SHA-1, six digits, thirty seconds), and the QR
 * code by which a telephone learns the secret.
 */
#ifndef OPENHALL_TOTP_H
#define OPENHALL_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "openhall/outcome.h"

enum { TOTP_SECRET = 20 };	/* bytes */

/* Whether `typed` (spaces forgiven) is the code of now, of the step before or the one after,
 * and later than step `last`; `step` is then its own. */
bool		 totp_check(const unsigned char secret[TOTP_SECRET], const char *typed,
		    int64_t now, int64_t last, int64_t *step);

/* The address otpauth://totp/... for an app; the secret in base32 in groups of four; both
 * below `ctx`, NULL: no memory. */
const char	*totp_address(const void *ctx, const unsigned char secret[TOTP_SECRET],
		    const char *issuer, const char *account);
const char	*totp_secret_text(const void *ctx, const unsigned char secret[TOTP_SECRET]);

/* The QR code of `text` as the data of an SVG path of squares of size 1, and how many are
 * on a side (without the quiet zone).  OUT_OK or OUT_FAULT. */
enum outcome	 totp_qr(const void *ctx, const char *text, const char **path, int *side);

#endif
