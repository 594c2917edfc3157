/*
 * test_code.c: codes as people hold and type them: what is forgiven, and that no slip
 * passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "openhall/code.h"

static const char	alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static const struct key	zeros;

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

static void
same(const struct code *one, const struct code *other)
{
	assert_string_equal(one->text, other->text);
	assert_memory_equal(&one->lookup, &other->lookup, KEY_LEN);
	assert_memory_equal(&one->key, &other->key, KEY_LEN);
}

/* ---- the text ---- */

/* Computed with another program: the first 115 bits, five by five from the highest on,
 * and what makes the sum of each value times 2 to its place from the right zero. */
static const struct { struct key secret; const char *text; } known[] = {
	{ { { 0 } },	"0000-0000-0000-0000-0000-0000" },
	{ { { 1 } },	"0400-0000-0000-0000-0000-000Y" },
	{ { { 0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF, 0x84, 0x65, 0x3A,
	  0x56, 0xC0 } },	"0123-4567-89AB-CDEF-GHJK-MNP2" },
	{ { { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	  0xFF, 0xFF } },	"ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZH" },
};

static void
test_known(void **state)
{
	struct code	code;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		code_from(&code, &known[i].secret);
		assert_string_equal(code.text, known[i].text);
	}
}

static void
test_form(void **state)
{
	struct code	code;

	(void)state;
	for (int round = 0; round < 200; round++) {
		code_new(&code);
		assert_int_equal(strlen(code.text), CODE_TEXT - 1);
		for (size_t i = 0; i < CODE_TEXT - 1; i++) {
			if (i % 5 == 4)
				assert_int_equal(code.text[i], '-');
			else
				assert_non_null(strchr(alphabet, code.text[i]));
		}
	}
}

/* Each of the first 115 bits of a secret counts, and changes all that comes of it. */
static void
test_bits(void **state)
{
	struct code	base, code;

	(void)state;
	code_from(&base, &zeros);
	for (size_t bit = 0; bit < 8 * KEY_LEN; bit++) {
		struct key	secret = { 0 };

		secret.at[bit / 8] = (unsigned char)(0x80 >> bit % 8);
		code_from(&code, &secret);
		if (bit >= 115) {
			same(&code, &base);
			continue;
		}
		assert_string_not_equal(code.text, base.text);
		assert_memory_not_equal(&code.lookup, &base.lookup, KEY_LEN);
		assert_memory_not_equal(&code.key, &base.key, KEY_LEN);
	}
}

/* The store knows the lookup: it must not be the key, nor stand in it. */
static void
test_lookup_is_not_key(void **state)
{
	struct code	one, other;

	(void)state;
	code_new(&one);
	code_new(&other);
	assert_memory_not_equal(&one.lookup, &one.key, KEY_LEN);
	assert_string_not_equal(one.text, other.text);
	assert_memory_not_equal(&one.lookup, &other.lookup, KEY_LEN);
	assert_memory_not_equal(&one.key, &other.key, KEY_LEN);
}

/* ---- reading ---- */

static void
test_round_trip(void **state)
{
	struct code	code, got;

	(void)state;
	for (int round = 0; round < 200; round++) {
		code_new(&code);
		memset(&got, 0xAA, sizeof(got));
		assert_int_equal(code_read(&got, code.text), OUT_OK);
		same(&got, &code);
	}
}

/* What may stand instead of a symbol. */
static const struct { char symbol; const char *typed; } lookalikes[] = {
	{ '0', "0oO" }, { '1', "1iIlL" }, { 'V', "vVuU" }, { 'A', "aA" }, { 'Z', "zZ" },
	{ '9', "9" },
};

static void
test_lookalikes(void **state)
{
	struct code	code, got;

	(void)state;
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(*lookalikes); i++)
		for (const char *to = lookalikes[i].typed; *to != '\0'; to++) {
			char	typed[CODE_TEXT], *at;

			do {
				code_new(&code);
				at = strchr(code.text, lookalikes[i].symbol);
			} while (at == NULL);
			strcpy(typed, code.text);
			typed[at - code.text] = *to;
			if (code_read(&got, typed) != OUT_OK)
				fail_msg("%c for %c was not forgiven", *to,
				    lookalikes[i].symbol);
			same(&got, &code);
		}
}

/* The code of zeros, typed. */
static const struct { const char *typed; enum outcome want; } typed_zeros[] = {
	{ "0000-0000-0000-0000-0000-0000",	OUT_OK },
	{ "000000000000000000000000",		OUT_OK },
	{ "oOoO oOoO oOoO oOoO oOoO oOoO",	OUT_OK },
	{ " 0000\t0000\r\n0000 0000 0000 0000\n", OUT_OK },
	{ "-0-00-000-0000-00000-000000-000---",	OUT_OK },
	{ "",					OUT_INVALID },
	{ " ",					OUT_INVALID },
	{ "-----",				OUT_INVALID },
	{ "0",					OUT_INVALID },
	{ "0000-0000-0000-0000-0000-000",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-00000",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-0000-0000",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-0000x",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-000\xC2\xA0" "0", OUT_INVALID },
	{ "0000_0000_0000_0000_0000_0000",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-000*",	OUT_INVALID },
	{ "0000-0000-0000-0000-0000-000\xFF",	OUT_INVALID },
	{ "0000.0000.0000.0000.0000.0000",	OUT_INVALID },
	{ "0000\xE2\x80\x93" "0000-0000-0000-0000-0000", OUT_INVALID },
};

static void
test_typed(void **state)
{
	struct code	code, got;

	(void)state;
	code_from(&code, &zeros);
	for (size_t i = 0; i < sizeof(typed_zeros) / sizeof(*typed_zeros); i++) {
		if (code_read(&got, typed_zeros[i].typed) != typed_zeros[i].want)
			fail_msg("%s", typed_zeros[i].typed);
		if (typed_zeros[i].want == OUT_OK)
			same(&got, &code);
	}
}

/* A byte that is neither a symbol, a look-alike nor forgiven, at any place. */
static void
test_other_bytes(void **state)
{
	static const char	fine[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
				    "abcdefghjkmnpqrstvwxyzoOiIlLuU- \t\n\v\f\r";
	struct code		code, got;
	char			typed[CODE_TEXT];

	(void)state;
	code_new(&code);
	for (size_t at = 0; at < CODE_TEXT - 1; at++)
		for (int byte = 1; byte < 256; byte++) {
			if (strchr(fine, byte) != NULL)
				continue;
			strcpy(typed, code.text);
			typed[at] = (char)byte;
			assert_int_equal(code_read(&got, typed), OUT_INVALID);
		}
}

/* ---- slips ---- */

static void
test_every_wrong_symbol(void **state)
{
	struct code	code, got;
	char		typed[CODE_TEXT];
	int		tried = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		code_new(&code);
		for (size_t at = 0; at < CODE_TEXT - 1; at++)
			for (const char *to = alphabet; *to != '\0'; to++) {
				if (code.text[at] == '-' || code.text[at] == *to)
					continue;
				strcpy(typed, code.text);
				typed[at] = *to;
				assert_int_equal(code_read(&got, typed), OUT_INVALID);
				tried++;
			}
	}
	assert_int_equal(tried, 20 * CODE_SYMBOLS * 31);
}

/* Neighbours, of each two different symbols, at each place. */
static void
test_every_swap(void **state)
{
	struct key	secret;
	struct code	code, got;
	char		plain[CODE_SYMBOLS + 1], typed[CODE_SYMBOLS + 1];
	int		tried = 0;

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t	n = 0;

		memset(secret.at, round, KEY_LEN);
		if (round < 256)
			code_from(&code, &secret);
		else
			code_new(&code);
		for (const char *at = code.text; *at != '\0'; at++)
			if (*at != '-')
				plain[n++] = *at;
		plain[n] = '\0';
		for (size_t at = 0; at + 1 < CODE_SYMBOLS; at++) {
			if (plain[at] == plain[at + 1])
				continue;
			strcpy(typed, plain);
			typed[at] = plain[at + 1];
			typed[at + 1] = plain[at];
			assert_int_equal(code_read(&got, typed), OUT_INVALID);
			tried++;
		}
	}
	assert_true(tried > 500 * CODE_SYMBOLS / 2);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_lookup_is_not_key),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_lookalikes),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_other_bytes),
		cmocka_unit_test(test_every_wrong_symbol),
		cmocka_unit_test(test_every_swap),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
