/* code.c: see openhall/code.h. */
#include "openhall/code.h"

#include <ctype.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

enum { DATA_SYMBOLS = CODE_SYMBOLS - 1, BITS = 5 };

/* Crockford's base32: no I, L, O, U. */
static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times the generator of GF(32), modulo x^5 + x^2 + 1. */
static unsigned
times_two(unsigned x)
{
	x <<= 1;
	return x & 32 ? x ^ 0x25 : x;
}

/*
 * The check symbol makes the sum of value times 2^position (in GF(32)) zero.  The powers
 * of the generator differ for 31 positions, so every single wrong symbol and every swap
 * of two different ones changes the sum.
 */
static unsigned
check_sum(const unsigned char *values, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = times_two(sum) ^ values[i];
	return sum;
}

static void
fill(struct code *code, const unsigned char values[DATA_SYMBOLS])
{
	static const struct key	 none;
	unsigned char		 all[CODE_SYMBOLS];
	struct key		 secret;
	char			*to = code->text;

	memcpy(all, values, DATA_SYMBOLS);
	all[DATA_SYMBOLS] = (unsigned char)times_two(check_sum(values,
	    DATA_SYMBOLS));
	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		if (i > 0 && i % 4 == 0)
			*to++ = '-';
		*to++ = symbols[all[i]];
	}
	*to = '\0';
	/* 115 uniform bits need no slow hash. */
	seal_derive(&secret, &none, "code", values, DATA_SYMBOLS);
	seal_derive(&code->lookup, &secret, "code lookup", NULL, 0);
	seal_derive(&code->key, &secret, "code key", NULL, 0);
	sodium_memzero(&secret, sizeof(secret));
	sodium_memzero(all, sizeof(all));
}

void
code_from(struct code *code, const struct key *secret)
{
	unsigned char	values[DATA_SYMBOLS];

	for (size_t i = 0; i < DATA_SYMBOLS; i++) {
		size_t		bit = i * BITS;
		unsigned	two = (unsigned)secret->at[bit / 8] << 8 |
		    secret->at[bit / 8 + 1];

		values[i] = two >> (16 - BITS - bit % 8) & 31;
	}
	fill(code, values);
	sodium_memzero(values, sizeof(values));
}

void
code_new(struct code *code)
{
	struct key	secret;

	randombytes_buf(secret.at, KEY_LEN);
	code_from(code, &secret);
	sodium_memzero(&secret, sizeof(secret));
}

/* The value of a symbol somebody typed, or -1. */
static int
value_of(char typed)
{
	const char	*at;
	int		 c = toupper((unsigned char)typed);

	switch (c) {
	case 'O':
		c = '0';
		break;
	case 'I':
	case 'L':
		c = '1';
		break;
	case 'U':
		c = 'V';
		break;
	}
	at = c == '\0' ? NULL : strchr(symbols, c);
	return at == NULL ? -1 : (int)(at - symbols);
}

enum outcome
code_read(struct code *code, const char *typed)
{
	unsigned char	values[CODE_SYMBOLS];
	size_t		n = 0;

	for (; *typed != '\0'; typed++) {
		int value;

		if (isspace((unsigned char)*typed) || *typed == '-')
			continue;
		if (n == CODE_SYMBOLS || (value = value_of(*typed)) < 0)
			return OUT_INVALID;
		values[n++] = (unsigned char)value;
	}
	if (n != CODE_SYMBOLS || check_sum(values, CODE_SYMBOLS) != 0)
		return OUT_INVALID;
	fill(code, values);
	sodium_memzero(values, sizeof(values));
	return OUT_OK;
}
