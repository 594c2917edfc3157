/*
 * test_log.c: an event is one line, and what a value holds cannot make it another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "child.h"
#include "openhall/log.h"

static const char *const	no_env[] = { NULL };

/* ---- values ---- */

static const struct { const char *value, *shown; } values[] = {
	{ "",				"" },
	{ "plain",			"plain" },
	{ "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~" },
	{ "two words",			"two\\x20words" },
	{ " ",				"\\x20" },
	{ "a\nlevel=error",		"a\\x0alevel=error" },
	{ "a\r\nb",			"a\\x0d\\x0ab" },
	{ "\t\v\f\b\a",			"\\x09\\x0b\\x0c\\x08\\x07" },
	{ "\x1b[2J",			"\\x1b[2J" },
	{ "\x01\x1f\x7f",		"\\x01\\x1f\\x7f" },
	{ "\\x0a",			"\\x5cx0a" },
	/* above ASCII: a control character in Latin 1, one in UTF-8, a letter */
	{ "\x9b" "2J",			"\\x9b2J" },
	{ "\xC2\x9B",			"\\xc2\\x9b" },
	{ "\xC3\xB1",			"\\xc3\\xb1" },
	{ "\xFF",			"\\xff" },
};

static int
log_value(void *arg)
{
	log_program("join");
	log_info("test", "key", arg, "then", "x", NULL);
	return 0;
}

static void
test_values(void **state)
{
	struct child	child;
	char		want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		child_run(&child, no_env, "", 0, log_value, (void *)values[i].value);
		snprintf(want, sizeof(want),
		    "level=info program=join event=test key=%s then=x\n", values[i].shown);
		assert_string_equal(child.err, want);
		assert_int_equal(child.out_len, 0);
	}
}

/* ---- lines ---- */

static int
log_lines(void *arg)
{
	(void)arg;
	log_error("first", NULL);
	log_program("ad min");
	log_info("se cond", "a\n", "1", "b=", "2", NULL);
	log_error("third", "a", "1", "b", NULL);
	log_error("fourth", "a", NULL, "b", "2", NULL);
	return 0;
}

static void
test_lines(void **state)
{
	struct child	child;

	(void)state;
	child_run(&child, no_env, "", 0, log_lines, NULL);
	assert_string_equal(child.err,
	    "level=error program=openhall event=first\n"
	    "level=info program=ad\\x20min event=se\\x20cond a\\x0a=1 b==2\n"
	    "level=error program=ad\\x20min event=third a=1\n"
	    "level=error program=ad\\x20min event=fourth\n");
}

/* ---- much ---- */

struct much { size_t len; char fill; };

static int
log_much(void *arg)
{
	const struct much	*much = arg;
	char			 value[5000];

	memset(value, much->fill, much->len);
	value[much->len] = '\0';
	log_info("much", "one", value, "two", value, "three", value, NULL);
	log_info("next", NULL);
	return 0;
}

/* However long the values, an event is one line of at most 2048 bytes, and the next one
 * begins a new one. */
static void
test_much(void **state)
{
	static const char	fills[] = { 'x', '\n', '\xC3' };
	struct child		child;

	(void)state;
	for (size_t f = 0; f < sizeof(fills); f++)
		for (size_t len = 600; len < 5000; len += len < 2100 ? 7 : 411) {
			struct much	 much = { len, fills[f] };
			const char	*end;

			child_run(&child, no_env, "", 0, log_much, &much);
			assert_int_equal(child.status, 0);
			end = strchr(child.err, '\n');
			assert_non_null(end);
			assert_true(end - child.err < 2048);
			assert_memory_equal(child.err,
			    "level=info program=openhall event=much one=", 43);
			assert_string_equal(end + 1,
			    "level=info program=openhall event=next\n");
		}
}

/* ---- the end ---- */

static int
log_end(void *arg)
{
	log_program("join");
	log_stop("%s:%d: %s", (char *)arg, 7, "no");
}

static void
test_stop(void **state)
{
	struct child	child;

	(void)state;
	child_run(&child, no_env, "", 0, log_end, "site.conf");
	assert_int_equal(child.status, 78);
	assert_string_equal(child.err, "join: site.conf:7: no\n");
	assert_int_equal(child.out_len, 0);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
