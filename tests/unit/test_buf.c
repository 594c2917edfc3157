/*
 * test_buf.c: bytes that grow, and a failure that sticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "openhall/buf.h"

/* More than talloc gives to anybody. */
enum { TOO_MUCH = 1024 * 1024 * 1024 };

/* Its length is that of its text, and both are `want`. */
static void
holds(const struct buf *buf, const char *want)
{
	assert_false(buf->failed);
	assert_string_equal(buf->data, want);
	assert_int_equal(buf->len, strlen(want));
	assert_true(buf->size > buf->len);
}

static void
test_appends(void **state)
{
	struct buf	*buf = buf_new(NULL, 4);

	(void)state;
	holds(buf, "");
	buf_str(buf, NULL);
	buf_str(buf, "");
	buf_add(buf, NULL, 0);
	holds(buf, "");
	buf_str(buf, "ab");
	holds(buf, "ab");
	buf_char(buf, 'c');
	holds(buf, "abc");
	buf_add(buf, "defg", 2);
	holds(buf, "abcde");
	buf_fmt(buf, "%s", "");
	holds(buf, "abcde");
	buf_fmt(buf, "%d-%s", 42, "f");
	holds(buf, "abcde42-f");
	talloc_free(buf);
}

/* Every first size against every length around it, by each way to append. */
static void
test_growth(void **state)
{
	static const char	text[] = "0123456789012345678901234567890123456789";
	char			want[sizeof(text)];

	(void)state;
	for (size_t size = 0; size < 20; size++)
		for (size_t len = 0; len < sizeof(text); len++) {
			struct buf	*whole = buf_new(NULL, size);
			struct buf	*formatted = buf_new(NULL, size);
			struct buf	*bytes = buf_new(NULL, size);

			memcpy(want, text, len);
			want[len] = '\0';
			buf_add(whole, text, len);
			buf_fmt(formatted, "%.*s", (int)len, text);
			for (size_t i = 0; i < len; i++)
				buf_char(bytes, text[i]);
			holds(whole, want);
			holds(formatted, want);
			holds(bytes, want);
			talloc_free(whole);
			talloc_free(formatted);
			talloc_free(bytes);
		}
}

static void
test_bytes_that_are_no_text(void **state)
{
	struct buf	*buf = buf_new(NULL, 0);

	(void)state;
	buf_add(buf, "a\0b", 3);
	buf_char(buf, '\0');
	assert_int_equal(buf->len, 4);
	assert_memory_equal(buf->data, "a\0b\0\0", 5);
	talloc_free(buf);
}

/* What fails leaves all as it was, and nothing after it is appended. */
static void
test_failure_sticks(void **state)
{
	static const size_t	lens[] = { TOO_MUCH, SIZE_MAX / 2, SIZE_MAX - 2, SIZE_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		struct buf	*buf = buf_new(NULL, 8);

		buf_str(buf, "kept");
		/* No byte of it is read. */
		buf_add(buf, "x", lens[i]);
		assert_true(buf->failed);
		buf_str(buf, "a");
		buf_char(buf, 'b');
		buf_add(buf, "c", 1);
		buf_fmt(buf, "%c", 'd');
		assert_true(buf->failed);
		assert_string_equal(buf->data, "kept");
		assert_int_equal(buf->len, 4);
		buf_reset(buf);
		holds(buf, "");
		buf_str(buf, "again");
		holds(buf, "again");
		talloc_free(buf);
	}
}

static void
test_reset_keeps_memory(void **state)
{
	struct buf	*buf = buf_new(NULL, 0);
	const char	*data;
	size_t		 size;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_char(buf, 'x');
	data = buf->data;
	size = buf->size;
	buf_reset(buf);
	holds(buf, "");
	for (int i = 0; i < 1000; i++)
		buf_char(buf, 'y');
	assert_ptr_equal(buf->data, data);
	assert_int_equal(buf->size, size);
	talloc_free(buf);
}

static void
test_no_memory(void **state)
{
	(void)state;
	assert_null(buf_new(NULL, TOO_MUCH));
}

static void
test_owner(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct buf	*buf = buf_new(ctx, 8);

	(void)state;
	assert_ptr_equal(talloc_parent(buf), ctx);
	assert_ptr_equal(talloc_parent(buf->data), buf);
	for (int i = 0; i < 100; i++)
		buf_char(buf, 'x');
	assert_ptr_equal(talloc_parent(buf->data), buf);
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_reset_keeps_memory),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
