/*
 * test_plot.c: where a week begins, how far a plot goes, and where its bars stand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "openhall/plot.h"

enum { D = 86400, MONDAY = 20416 };	/* days: 24 November 2025 */

static const struct { int64_t at, want; } weeks[] = {
	{ 0,				-3 * D },	/* Thursday, 1 January 1970 */
	{ -1,				-3 * D },
	{ -3 * D,			-3 * D },
	{ -3 * D - 1,			-10 * D },
	{ 4 * D - 1,			-3 * D },
	{ 4 * D,			4 * D },
	{ (int64_t)MONDAY * D - 1,	(int64_t)(MONDAY - 7) * D },
	{ (int64_t)MONDAY * D,		(int64_t)MONDAY * D },
	{ (int64_t)(MONDAY + 6) * D + 86399,	(int64_t)MONDAY * D },
	{ (int64_t)(MONDAY + 7) * D,	(int64_t)(MONDAY + 7) * D },
};

static void
a_week_begins_on_monday(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(weeks) / sizeof(weeks[0]); i++)
		assert_int_equal(plot_week(weeks[i].at), weeks[i].want);
}

static const struct { int64_t values[3], want; } tops[] = {
	{ { 0, 0, 0 },			4 },
	{ { 4, 0, 0 },			4 },
	{ { 0, 5, 0 },			6 },
	{ { 7, 7, 8 },			8 },
	{ { 9, 0, 0 },			10 },
	{ { 1, 11, 0 },			20 },
	{ { 0, 0, 20 },			20 },
	{ { 0, 0, 21 },			40 },
	{ { 41, 0, 0 },			60 },
	{ { 99, 0, 0 },			100 },
	{ { 101, 0, 0 },		200 },
	{ { 999999, 0, 0 },		1000000 },
	{ { INT64_MAX, 0, 0 },		INT64_MAX },
};

static void
a_plot_goes_up_to_a_round_number(void **state)
{
	(void)state;
	assert_int_equal(plot_top(NULL, 0), 4);
	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		assert_int_equal(plot_top(tops[i].values, 3), tops[i].want);
}

/* Half of it is a number that somebody can have. */
static void
its_middle_is_whole(void **state)
{
	(void)state;
	for (int64_t most = 0; most < 5000; most++) {
		int64_t top = plot_top(&most, 1);

		assert_true(top >= most);
		assert_true(top % 2 == 0);
		assert_true(top <= 2 * most || top == 4);
	}
}

static const struct { size_t i; int64_t value, top; int y, height; } bars[] = {
	{ 0,	0,	4,		PLOT_FLOOR,	0 },
	{ 0,	4,	4,		PLOT_CEILING,	PLOT_FLOOR - PLOT_CEILING },
	{ 1,	2,	4,		52,		44 },
	{ 25,	1,	4,		74,		22 },
	{ 3,	1,	1000000,	94,		PLOT_LEAST },
	{ 3,	INT64_MAX, INT64_MAX,	PLOT_CEILING,	PLOT_FLOOR - PLOT_CEILING },
};

static void
bars_stand_on_the_floor(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		struct plot_bar bar = plot_bar(bars[i].i, bars[i].value, bars[i].top);

		assert_int_equal(bar.x, (int)bars[i].i * PLOT_STEP);
		assert_int_equal(bar.y, bars[i].y);
		assert_int_equal(bar.height, bars[i].height);
		assert_int_equal(bar.y + bar.height, PLOT_FLOOR);
		assert_int_equal(bar.width, PLOT_BAR);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_week_begins_on_monday),
		cmocka_unit_test(a_plot_goes_up_to_a_round_number),
		cmocka_unit_test(its_middle_is_whole),
		cmocka_unit_test(bars_stand_on_the_floor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
