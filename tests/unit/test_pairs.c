/*
 * test_pairs.c: the codec of form bodies, one row a case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "openhall/pairs.h"

/* `want` is what was decoded, as name=value; with the bytes themselves. */
static const struct { const char *raw, *want; } fine[] = {
	{ "",				"" },
	{ "&&&",			"" },
	{ "a=b",			"a=b;" },
	{ "a=b&c=d",			"a=b;c=d;" },
	{ "&a=b&&c=d&",			"a=b;c=d;" },
	{ "a",				"a=;" },
	{ "a=",				"a=;" },
	{ "=b",				"=b;" },
	{ "=",				"=;" },
	{ "a=b=c",			"a=b=c;" },
	{ "a=1&a=2",			"a=1;a=2;" },
	{ "a+b=c+d",			"a b=c d;" },
	{ "a=%2B%20%26%3d%25",		"a=+ &=%;" },
	{ "%61=%62",			"a=b;" },
	{ "a=%0D%0Ab%0ac%0D",		"a=\r\nb\nc\r;" },
	{ "a=%2500",			"a=%00;" },
	{ "a=%C3%B1",			"a=\xC3\xB1;" },
	{ "a=\xC3%B1",			"a=\xC3\xB1;" },
	/* the borders of RFC 3629, section 4 */
	{ "a=%7F%C2%80%DF%BF",		"a=\x7F\xC2\x80\xDF\xBF;" },
	{ "a=%E0%A0%80%EC%BF%BF",	"a=\xE0\xA0\x80\xEC\xBF\xBF;" },
	{ "a=%ED%9F%BF%EE%80%80",	"a=\xED\x9F\xBF\xEE\x80\x80;" },
	{ "a=%EF%BF%BF",		"a=\xEF\xBF\xBF;" },
	{ "a=%F0%90%80%80",		"a=\xF0\x90\x80\x80;" },
	{ "a=%F4%8F%BF%BF",		"a=\xF4\x8F\xBF\xBF;" },
};

static const char *const refused[] = {
	/* escapes */
	"a=%", "a=%4", "a=%zz", "a=%4g", "a=%g4", "%=b", "a=%%41", "a=b%", "a=%4&b=1",
	"a=% 1", "a=%+1",
	/* NUL */
	"a=%00", "a=b%00c", "%00=b",
	/* not UTF-8: lone tails, overlong, surrogates, too high, cut off */
	"a=%80", "a=%BF", "%FF=b", "a=%FE", "a=%C0%80", "a=%C1%BF", "a=%E0%9F%BF",
	"a=%F0%8F%BF%BF", "a=%ED%A0%80", "a=%ED%BF%BF", "a=%F4%90%80%80", "a=%F5%80%80%80",
	"a=%C3", "a=%E2%82", "a=%F0%9F%98", "a=%C3&b=%B1", "a%C3=%B1", "a=%C3A",
	"a=%E2%82A", "a=%E2A%82", "a=\xC3", "a=\xFF",
};

static char *
text_of(const void *ctx, const struct pairs *pairs)
{
	char	*text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < pairs->n; i++)
		text = talloc_asprintf_append(text, "%s=%s;", pairs->at[i].name,
		    pairs->at[i].value);
	return text;
}

/* Decode from memory of exactly this size, so that a sanitizer sees one byte too many. */
static enum outcome
decode(const void *ctx, const char *raw, size_t len, size_t most, struct pairs *out)
{
	return pairs_decode(ctx, talloc_memdup(ctx, raw, len), len, most, out);
}

static void
test_fine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		void		*ctx = talloc_new(NULL);
		struct pairs	 pairs;

		if (decode(ctx, fine[i].raw, strlen(fine[i].raw), 400, &pairs) != OUT_OK)
			fail_msg("%s: refused", fine[i].raw);
		assert_string_equal(text_of(ctx, &pairs), fine[i].want);
		talloc_free(ctx);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		void		*ctx = talloc_new(NULL);
		struct pairs	 pairs;

		if (decode(ctx, refused[i], strlen(refused[i]), 400, &pairs) != OUT_INVALID)
			fail_msg("%s: not refused", refused[i]);
		assert_int_equal(pairs.n, 0);
		talloc_free(ctx);
	}
}

static void
test_nul(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct pairs	 pairs;

	(void)state;
	assert_int_equal(decode(ctx, "a=b\0c", 5, 400, &pairs), OUT_INVALID);
	assert_int_equal(decode(ctx, "a=b\0", 4, 400, &pairs), OUT_INVALID);
	assert_int_equal(decode(ctx, "a=b\0", 3, 400, &pairs), OUT_OK);
	talloc_free(ctx);
}

static void
test_most(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct pairs	 pairs;

	(void)state;
	assert_int_equal(decode(ctx, "a&b&c", 5, 3, &pairs), OUT_OK);
	assert_int_equal(pairs.n, 3);
	assert_int_equal(decode(ctx, "a&b&c", 5, 2, &pairs), OUT_INVALID);
	assert_int_equal(decode(ctx, "&a&&b&&&c&", 10, 3, &pairs), OUT_OK);
	assert_int_equal(decode(ctx, "a", 1, 0, &pairs), OUT_INVALID);
	assert_int_equal(decode(ctx, "", 0, 0, &pairs), OUT_OK);
	talloc_free(ctx);
}

static void
test_find(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct pairs	 pairs;

	(void)state;
	assert_int_equal(decode(ctx, "a=1&b=2&a=3&c", 13, 400, &pairs), OUT_OK);
	assert_string_equal(pairs_find(&pairs, "a"), "1");
	assert_string_equal(pairs_find(&pairs, "c"), "");
	assert_null(pairs_find(&pairs, "d"));
	assert_null(pairs_find(&pairs, "A"));
	assert_null(pairs_find(&(struct pairs){ 0 }, "a"));
	talloc_free(ctx);
}

static const struct { const char *name, *value, *want; } encoded[] = {
	{ "a",		"b",			"a=b" },
	{ "",		"",			"=" },
	{ "a b",	"1 2",			"a+b=1+2" },
	{ "a",		"*-._09azAZ",		"a=*-._09azAZ" },
	{ "a",		"~!'()+/&=%?#\"<>",	"a=%7E%21%27%28%29%2B%2F%26%3D%25%3F%23%22"
						"%3C%3E" },
	{ "a",		"\r\n\t\x01\x7F",	"a=%0D%0A%09%01%7F" },
	{ "\xC3\xB1",	"\xE2\x82\xAC",		"%C3%B1=%E2%82%AC" },
};

static void
test_encode(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct buf	*buf = buf_new(ctx, 8);
	struct pairs	 pairs;

	(void)state;
	for (size_t i = 0; i < sizeof(encoded) / sizeof(*encoded); i++) {
		buf_reset(buf);
		pairs_encode(buf, encoded[i].name, encoded[i].value);
		assert_string_equal(buf->data, encoded[i].want);
	}
	/* All of them together come back as they were. */
	buf_reset(buf);
	for (size_t i = 0; i < sizeof(encoded) / sizeof(*encoded); i++)
		pairs_encode(buf, encoded[i].name, encoded[i].value);
	assert_int_equal(decode(ctx, buf->data, buf->len, 400, &pairs), OUT_OK);
	assert_int_equal(pairs.n, sizeof(encoded) / sizeof(*encoded));
	for (size_t i = 0; i < pairs.n; i++) {
		assert_string_equal(pairs.at[i].name, encoded[i].name);
		assert_string_equal(pairs.at[i].value, encoded[i].value);
	}
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
