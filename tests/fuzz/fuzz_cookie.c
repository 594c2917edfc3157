/*
 * fuzz_cookie.c: a stranger's Cookie header.  No value leaves its pair, and a receipt is
 * only what was made with the key: corpus/cookie/receipt holds the one there is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <talloc.h>

#include "openhall/receipt.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { NOW = 1795305600 };	/* when the receipt of the corpus was given */

static const char	receipt[] = "0123-4567-89AB-CDEF-GHJK-MNP2";

static void
must(int true_)
{
	if (!true_)
		abort();
}

static void
check_receipt(struct request *rq, const struct key *key)
{
	struct code		code;
	enum receipt_how	how;
	enum outcome		got = receipt_recall(rq, key, RECEIPT_SUBMISSION, &code, &how);

	must(got == OUT_OK || got == OUT_MISSING);
	if (got == OUT_OK) {
		must(strcmp(code.text, receipt) == 0);
		must(how == RECEIPT_NEW);
		/* not a second longer */
		rq->now += RECEIPT_SECONDS;
		must(receipt_recall(rq, key, RECEIPT_SUBMISSION, &code, &how) == OUT_MISSING);
		rq->now -= RECEIPT_SECONDS;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct settings	 settings[] = { { .secure = false },
					    { .secure = true } };
	static const char *const	 names[] = { "receipt", "session", "a", "" };
	static const struct key		 key = { { 1, 2, 3 } };
	struct request			*rq = talloc_zero(NULL, struct request);

	must(rq != NULL && sodium_init() >= 0);
	rq->cookies = talloc_strndup(rq, (const char *)data, len);
	rq->now = NOW;
	for (size_t tls = 0; tls < 2; tls++) {
		rq->settings = &settings[tls];
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const char	*got = http_cookie(rq, names[i]);

			must(got == NULL || strpbrk(got, "; ") == NULL);
			must(got == NULL || strstr(rq->cookies, got) != NULL);
		}
		check_receipt(rq, &key);
	}
	talloc_free(rq);
	return 0;
}
