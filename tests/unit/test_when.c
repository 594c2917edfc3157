/*
 * test_when.c: moments as people write them, in two languages, and the days they lie in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/when.h"

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" },
	{ .lang = "es", .prefix = "/es" },
};

/* Only of the tests: other words in another order, so that both are seen. */
static const char catalogue[] =
	"msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
	"\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n"
	"msgid \"%1$d %2$s %3$d\"\nmsgstr \"%3$d, el %1$d de %2$s\"\n"
	"msgid \"%1$d %2$s\"\nmsgstr \"el %1$d de %2$s\"\n"
	"msgid \"%1$s %2$d\"\nmsgstr \"%1$s, %2$d\"\n"
	"msgid \"November\"\nmsgstr \"noviembre\"\n"
	"msgid \"today\"\nmsgstr \"hoy\"\n"
	"msgid \"%ld day\"\nmsgid_plural \"%ld days\"\n"
	"msgstr[0] \"%ld d\xC3\xAD" "a\"\nmsgstr[1] \"%ld d\xC3\xAD" "as\"\n";

static char	dir[] = "/tmp/test_when.XXXXXX";

static int
start(void **state)
{
	static const char *const	folders[] = { "es", "es/LC_MESSAGES" };
	struct settings			settings = { .locale_dir = dir, .words = words,
					    .n_words = 2 };
	char				path[128];
	FILE				*msgfmt;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		if (mkdir(path, 0700) != 0)
			return -1;
	}
	snprintf(path, sizeof(path), "msgfmt -o %s/es/LC_MESSAGES/openhall-es.mo -", dir);
	if ((msgfmt = popen(path, "w")) == NULL || fputs(catalogue, msgfmt) < 0 ||
	    pclose(msgfmt) != 0)
		return -1;
	/* The zone of the machine must not matter. */
	setenv("TZ", "America/Los_Angeles", 1);
	tzset();
	text_start(&settings);
	return 0;
}

static int
stop(void **state)
{
	static const char *const	made[] = { "es/LC_MESSAGES/openhall-es.mo",
					    "es/LC_MESSAGES", "es", "." };
	char				path[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		remove(path);
	}
	return rmdir(dir);
}

/* ---- days ---- */

static const struct { int64_t at, want; } days[] = {
	{ 0,				0 },
	{ 1,				0 },
	{ DAY - 1,			0 },
	{ DAY,				DAY },
	{ 20779LL * DAY + 43200,	20779LL * DAY },
	{ 49710LL * DAY + 86399,	49710LL * DAY },	/* behind 2^32 seconds */
	{ -1,				-DAY },
	{ -DAY,				-DAY },
	{ -DAY - 1,			-2 * DAY },
};

static void
test_day_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		assert_int_equal(when_day_of(days[i].at), days[i].want);
}

/* ---- moments ---- */

static const struct { int64_t at; const char *day, *clock; } moments[] = {
	{ 0,			"1 January 1970",	"00:00" },
	{ 59,			"1 January 1970",	"00:00" },
	{ 60,			"1 January 1970",	"00:01" },
	{ 86399,		"1 January 1970",	"23:59" },
	{ 86400,		"2 January 1970",	"00:00" },
	{ 951782400,		"29 February 2000",	"00:00" },
	{ 1709164799,		"28 February 2024",	"23:59" },
	{ 1709164800,		"29 February 2024",	"00:00" },
	{ 1709251200,		"1 March 2024",		"00:00" },
	{ 1775044800,		"1 April 2026",		"12:00" },
	{ 1778457600,		"11 May 2026",		"00:00" },
	{ 1781913600,		"20 June 2026",		"00:00" },
	{ 1784937600,		"25 July 2026",		"00:00" },
	{ 1788134400,		"31 August 2026",	"00:00" },
	{ 1790812799,		"30 September 2026",	"23:59" },
	{ 1790812800,		"1 October 2026",	"00:00" },
	{ 1795356300,		"22 November 2026",	"14:05" },
	{ 1798761599,		"31 December 2026",	"23:59" },
	{ 1798761600,		"1 January 2027",	"00:00" },
	{ 4102444800,		"1 January 2100",	"00:00" },
	{ -1,			"31 December 1969",	"23:59" },
};

static void
test_moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		void	*ctx = talloc_new(NULL);
		char	 want[64];

		assert_string_equal(when_day(ctx, &words[0], moments[i].at),
		    moments[i].day);
		snprintf(want, sizeof(want), "%s, %s UTC", moments[i].day,
		    moments[i].clock);
		assert_string_equal(when_moment(ctx, &words[0], moments[i].at), want);
		talloc_free(ctx);
	}
}

static void
test_other_language(void **state)
{
	void	*ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(when_day(ctx, &words[1], 1795356300),
	    "2026, el 22 de noviembre");
	assert_string_equal(when_moment(ctx, &words[1], 1795356300),
	    "2026, el 22 de noviembre, 14:05 UTC");
	/* a month that is not translated yet */
	assert_string_equal(when_day(ctx, &words[1], 0), "1970, el 1 de January");
	assert_string_equal(when_date(ctx, &words[0], 1795356300), "22 November");
	assert_string_equal(when_date(ctx, &words[1], 1795356300), "el 22 de noviembre");
	assert_string_equal(when_month(ctx, &words[0], 1795356300), "November 2026");
	assert_string_equal(when_month(ctx, &words[1], 1795356300), "noviembre, 2026");
	assert_string_equal(when_month(ctx, &words[0], 1798761599), "December 2026");
	assert_string_equal(when_month(ctx, &words[0], 1798761600), "January 2027");
	talloc_free(ctx);
}

/* What no calendar reaches. */
static void
test_no_such_year(void **state)
{
	void	*ctx = talloc_new(NULL);

	(void)state;
	assert_null(when_day(ctx, &words[0], INT64_MAX));
	assert_null(when_month(ctx, &words[0], INT64_MAX));
	assert_null(when_moment(ctx, &words[0], INT64_MAX));
	talloc_free(ctx);
}

/* ---- ages ---- */

enum { NOON = 20000 * DAY + DAY / 2 };

static const struct { int64_t at; const char *english, *spanish; } ages[] = {
	{ NOON,				"today",	"hoy" },
	{ NOON - DAY / 2,		"today",	"hoy" },
	{ NOON + DAY / 2 - 1,		"today",	"hoy" },
	{ NOON - DAY / 2 - 1,		"1 day",	"1 d\xC3\xAD" "a" },
	{ NOON - 3 * (DAY / 2),		"1 day",	"1 d\xC3\xAD" "a" },
	{ NOON - 3 * (DAY / 2) - 1,	"2 days",	"2 d\xC3\xAD" "as" },
	{ NOON - 12 * DAY,		"12 days",	"12 d\xC3\xAD" "as" },
	{ NOON - 1000 * DAY,		"1000 days",	"1000 d\xC3\xAD" "as" },
	/* by another host, whose clock is ahead */
	{ NOON + DAY,			"today",	"hoy" },
	{ NOON + 30 * DAY,		"today",	"hoy" },
};

static void
test_ages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(*ages); i++) {
		void	*ctx = talloc_new(NULL);

		assert_string_equal(when_age(ctx, &words[0], ages[i].at, NOON),
		    ages[i].english);
		assert_string_equal(when_age(ctx, &words[1], ages[i].at, NOON),
		    ages[i].spanish);
		talloc_free(ctx);
	}
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_day_of),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_other_language),
		cmocka_unit_test(test_no_such_year),
		cmocka_unit_test(test_ages),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
