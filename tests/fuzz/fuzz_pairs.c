/*
 * fuzz_pairs.c: a stranger's form body.  What is decoded is UTF-8 without NUL, and comes
 * back the same when it is encoded and decoded again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "openhall/pairs.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int true_)
{
	if (!true_)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void		*ctx = talloc_new(NULL);
	struct buf	*buf = buf_new(ctx, 64);
	struct pairs	 first, second;

	if (pairs_decode(ctx, (const char *)data, len, 400, &first) == OUT_OK) {
		for (size_t i = 0; i < first.n; i++)
			pairs_encode(buf, first.at[i].name, first.at[i].value);
		must(buf->len <= 3 * (len + first.n));
		must(pairs_decode(ctx, buf->data, buf->len, 400, &second) == OUT_OK);
		must(first.n == second.n);
		for (size_t i = 0; i < first.n; i++) {
			must(strcmp(first.at[i].name, second.at[i].name) == 0);
			must(strcmp(first.at[i].value, second.at[i].value) == 0);
		}
	}
	talloc_free(ctx);
	return 0;
}
