/*
 * fuzz_person.c: whatever somebody gives as an address or a number, or types as a one-time
 * code.  An input is up to three lines: what was given; what else was given, by the same
 * person or not; a code.  Two are the same person only where what tells them apart is how
 * it was written.
 */
#include <ctype.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openhall/person.h"
#include "openhall/totp.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { NOW = 1111111109, STEP = 30, DIGITS = 6, TEL_LEAST = 7 };

static const unsigned char	secret[TOTP_SECRET + 1] = "12345678901234567890";
static const struct key		match = { { 1 } }, other_circle = { { 2 } };

static void
must(int true_)
{
	if (!true_)
		abort();
}

/* An address in lower case, or the digits of a number without the (0) of one from abroad. */
static void
plain(const char *text, char *out)
{
	const bool	address = strchr(text, '@') != NULL;
	const char	*begin = out;

	for (; *text != '\0'; text++) {
		unsigned char	c = (unsigned char)*text;

		if (address ? strchr(" \t\r\n", c) == NULL : c == '+' || isdigit(c))
			*out++ = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		else if (!address && strncmp(text, "(0)", 3) == 0 && (*begin == '+' ||
		    (out - begin > 1 && strncmp(begin, "00", 2) == 0)))
			text += 2;
	}
	*out = '\0';
}

/* The same as any other way to write it; gives whether it is one at all. */
static bool
check_given(const char *given, struct key *hash)
{
	const size_t	 len = strlen(given);
	char		*typed = malloc(len + 4);
	struct key	 again;
	enum outcome	 got = person_hash(&match, given, hash);

	must(typed != NULL && (got == OUT_OK || got == OUT_INVALID));
	snprintf(typed, len + 4, " %s\r\n", given);
	for (char *at = typed; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 32);
	must(person_hash(&match, typed, &again) == got);
	must(got != OUT_OK || memcmp(hash, &again, sizeof(again)) == 0);
	must(person_hash(&other_circle, given, &again) == got);
	must(got != OUT_OK || memcmp(hash, &again, sizeof(again)) != 0);
	free(typed);
	return got == OUT_OK;
}

/* One person: the same address, or numbers that end in the same digits. */
static void
check_same(const char *one, const char *other)
{
	char	*a = malloc(strlen(one) + 1), *b = malloc(strlen(other) + 1);
	size_t	 len_a, len_b;

	must(a != NULL && b != NULL);
	plain(one, a);
	plain(other, b);
	len_a = strlen(a);
	len_b = strlen(b);
	must((strchr(one, '@') != NULL) == (strchr(other, '@') != NULL));
	if (strchr(one, '@') != NULL) {
		must(strcmp(a, b) == 0);
	} else {
		must(len_a >= TEL_LEAST && len_b >= TEL_LEAST);
		must(strcmp(a + len_a - TEL_LEAST, b + len_b - TEL_LEAST) == 0);
	}
	free(a);
	free(b);
}

/* Only the six digits of a step near now are taken, and of none that was used. */
static void
check_code(const char *typed)
{
	char	want[DIGITS + 1], digits[DIGITS + 1];
	int64_t	step = -1, again;
	size_t	n = 0;

	if (!totp_check(secret, typed, NOW, 0, &step)) {
		must(step == -1);
		return;
	}
	for (; *typed != '\0'; typed++) {
		must(isdigit((unsigned char)*typed) || isspace((unsigned char)*typed));
		if (isdigit((unsigned char)*typed)) {
			must(n < DIGITS);
			digits[n++] = *typed;
		}
	}
	digits[n] = '\0';
	must(step >= NOW / STEP - 1 && step <= NOW / STEP + 1);
	must(oath_totp_generate((const char *)secret, TOTP_SECRET, (time_t)(step * STEP), STEP,
	    0, DIGITS, want) == OATH_OK && strcmp(want, digits) == 0);
	must(totp_check(secret, digits, NOW, step - 1, &again) && again == step);
	must(!totp_check(secret, digits, NOW, step, &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char		*input = strndup((const char *)data, len), *rest = input;
	const char	*one = strsep(&rest, "\n"), *other = strsep(&rest, "\n");
	struct key	 hash, another;
	bool		 first, second;

	must(input != NULL && sodium_init() >= 0);
	if (other == NULL)
		other = "";
	first = check_given(one, &hash);
	second = check_given(other, &another);
	if (first && second && memcmp(&hash, &another, sizeof(hash)) == 0)
		check_same(one, other);
	check_code(rest == NULL ? "" : rest);
	free(input);
	return 0;
}
