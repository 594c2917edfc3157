/*
 * fuzz_spool.c: any bytes as a file that waits in the spool.  Each is read as it stands, and
 * once more with the name and the hash that it ought to have, which no mutation would find.
 * What is taken is what the program that took the form in would have written, byte by byte,
 * and its facets can be told apart as the courier does.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "../../cgi/lib/spool.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { RECEIPT_AT = 17 + ID_LEN, DAY_BYTES = 8, FACETS_MOST = 2048 };

static void
must(int true_)
{
	if (!true_)
		abort();
}

/* Every value that is found by its name is one of the pairs. */
static void
check_facets(const void *ctx, const char *text)
{
	struct pairs	pairs;
	enum outcome	got = pairs_decode(ctx, text, strlen(text), SIZE_MAX, &pairs);

	must(strlen(text) <= FACETS_MOST && (got == OUT_OK || got == OUT_INVALID));
	must(got == OUT_OK || form_facet(ctx, text, "area") == NULL);
	for (size_t i = 0; i < pairs.n; i++) {
		const char	*found = form_facet(ctx, text, pairs.at[i].name);
		size_t		 first = 0;

		must(found != NULL);
		while (strcmp(pairs.at[first].name, pairs.at[i].name) != 0)
			first++;
		must(strcmp(pairs.at[first].value, found) == 0);
	}
}

static void
check_taken(const void *ctx, const struct submission *s, const struct desk *desk,
    const unsigned char *data, size_t len)
{
	const unsigned char	*body = s->body.data;
	const struct buf	*again = spool_encode(ctx, s);

	must(s->desk == desk && s->received_day >= 0);
	must(body > data && s->body.len > 0 && body + s->body.len + SPOOL_HASH_LEN ==
	    data + len);
	must(again != NULL && again->len == len && memcmp(again->data, data, len) == 0);
	check_facets(ctx, s->facets);
}

/* Whether a desk took it; not more than one does. */
static int
try(const char *name, const unsigned char *data, size_t len)
{
	int	taken = 0;

	for (int i = 0; i < DESKS; i++) {
		void			*ctx = talloc_new(NULL);
		struct submission	 s;

		if (spool_decode(ctx, name, &desks[i], data, len, &s) == NULL) {
			check_taken(ctx, &s, &desks[i], data, len);
			taken++;
		}
		talloc_free(ctx);
	}
	must(taken <= 1);
	return taken;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char		 name[2 * KEY_LEN + 1] = "";
	unsigned char	*whole = malloc(len + SPOOL_HASH_LEN);
	int		 taken;

	must(whole != NULL && sodium_init() >= 0);
	if (len >= RECEIPT_AT + KEY_LEN)
		sodium_bin2hex(name, sizeof(name), data + RECEIPT_AT, KEY_LEN);
	taken = try(name, data, len);
	/* A file of the corpus ends before its hash. */
	memcpy(whole, data, len);
	crypto_generichash(whole + len, SPOOL_HASH_LEN, data, len, NULL, 0);
	must(!try(name, whole, len + SPOOL_HASH_LEN) || !taken);
	if (*name != '\0') {
		name[0] = name[0] == 'f' ? '0' : 'f';
		must(!try(name, whole, len + SPOOL_HASH_LEN));
	}
	free(whole);
	return 0;
}
