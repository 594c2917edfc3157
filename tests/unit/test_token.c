/*
 * test_token.c: tokens are of this site, of one purpose and of an age, or refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "openhall/token.h"

static const struct key	key = { { 1, 2, 3 } }, other_key = { { 1, 2, 4 } };
static const char	base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789-_";

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

static void
test_round_trip(void **state)
{
	static const time_t	times[] = { 0, 1, 255, 256, 1795305600, 4294967296, 1L << 40 };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		char		text[TOKEN_TEXT], again[TOKEN_TEXT];
		struct token	token = { 0 }, second = { 0 };

		token_new(text, &key, "join", times[i]);
		assert_int_equal(strlen(text), TOKEN_TEXT - 1);
		assert_int_equal(strspn(text, base64url), TOKEN_TEXT - 1);
		assert_int_equal(token_read(&token, &key, "join", text), OUT_OK);
		assert_int_equal(token.at, times[i]);
		/* the nonce is one of its own, and stays with the token */
		token_new(again, &key, "join", times[i]);
		assert_string_not_equal(text, again);
		assert_int_equal(token_read(&second, &key, "join", again), OUT_OK);
		assert_memory_not_equal(token.nonce, second.nonce, sizeof(token.nonce));
		assert_int_equal(token_read(&second, &key, "join", text), OUT_OK);
		assert_memory_equal(token.nonce, second.nonce, sizeof(token.nonce));
	}
}

static void
test_other_key_or_purpose(void **state)
{
	char		text[TOKEN_TEXT];
	struct token	token;

	(void)state;
	token_new(text, &key, "join", 1000);
	assert_int_equal(token_read(&token, &other_key, "join", text), OUT_FORBIDDEN);
	assert_int_equal(token_read(&token, &key, "receipt", text), OUT_FORBIDDEN);
	assert_int_equal(token_read(&token, &key, "joi", text), OUT_FORBIDDEN);
	assert_int_equal(token_read(&token, &key, "join2", text), OUT_FORBIDDEN);
	assert_int_equal(token_read(&token, &key, "", text), OUT_FORBIDDEN);
	assert_int_equal(token_read(&token, &key, "join", text), OUT_OK);
}

/*
 * Every character, turned into every other byte there is.  (libsodium takes any byte above
 * ASCII for a "_": that is another spelling, no other token.)
 */
static void
test_every_change(void **state)
{
	char		text[TOKEN_TEXT], changed[TOKEN_TEXT];
	struct token	token;

	(void)state;
	token_new(text, &key, "join", 1795305600);
	for (size_t at = 0; at < TOKEN_TEXT - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			if ((char)byte == text[at] ||
			    (text[at] == '_' && byte >= 0x80))
				continue;
			strcpy(changed, text);
			changed[at] = (char)byte;
			if (token_read(&token, &key, "join", changed) != OUT_FORBIDDEN)
				fail_msg("byte %zu of %s as \\x%02x", at, text,
				    (unsigned)byte);
		}
}

static void
test_lengths(void **state)
{
	char		text[TOKEN_TEXT], other[2 * TOKEN_TEXT];
	struct token	token;

	(void)state;
	token_new(text, &key, "join", 1000);
	assert_int_equal(token_read(&token, &key, "join", NULL), OUT_FORBIDDEN);
	for (int len = 0; len < TOKEN_TEXT - 1; len++) {
		snprintf(other, sizeof(other), "%.*s", len, text);
		assert_int_equal(token_read(&token, &key, "join", other), OUT_FORBIDDEN);
	}
	for (const char *more = base64url; *more != '\0'; more++) {
		snprintf(other, sizeof(other), "%s%c", text, *more);
		assert_int_equal(token_read(&token, &key, "join", other), OUT_FORBIDDEN);
	}
	snprintf(other, sizeof(other), "%s=", text);
	assert_int_equal(token_read(&token, &key, "join", other), OUT_FORBIDDEN);
	snprintf(other, sizeof(other), " %s", text);
	assert_int_equal(token_read(&token, &key, "join", other), OUT_FORBIDDEN);
	snprintf(other, sizeof(other), "%s%s", text, text);
	assert_int_equal(token_read(&token, &key, "join", other), OUT_FORBIDDEN);
}

/* How old, against how young and how old it may be. */
static const struct {
	time_t		age;
	unsigned	least, greatest;
	enum token_age	want;
} ages[] = {
	{ 0,		3,	3600,	TOKEN_YOUNG },
	{ 2,		3,	3600,	TOKEN_YOUNG },
	{ 3,		3,	3600,	TOKEN_FINE },
	{ 3599,		3,	3600,	TOKEN_FINE },
	{ 3600,		3,	3600,	TOKEN_FINE },
	{ 3601,		3,	3600,	TOKEN_OLD },
	{ 1000000,	3,	3600,	TOKEN_OLD },
	{ 0,		0,	3600,	TOKEN_FINE },
	{ 60,		60,	60,	TOKEN_FINE },
	{ 59,		60,	60,	TOKEN_YOUNG },
	{ 61,		60,	60,	TOKEN_OLD },
	/* from a host whose clock is ahead */
	{ -1,		3,	3600,	TOKEN_YOUNG },
	{ -300,		3,	3600,	TOKEN_YOUNG },
	{ -301,		3,	3600,	TOKEN_OLD },
	{ -1000000,	3,	3600,	TOKEN_OLD },
};

static void
test_ages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(*ages); i++) {
		struct token	token = { .at = 1795305600 - ages[i].age };

		if (token_age(&token, 1795305600, ages[i].least, ages[i].greatest) !=
		    ages[i].want)
			fail_msg("aged %ld of %u to %u", (long)ages[i].age,
			    ages[i].least, ages[i].greatest);
	}
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_other_key_or_purpose),
		cmocka_unit_test(test_every_change),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_ages),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
