/*
 * test_events.c: how lists of events tell of several dates of one event, what people call a
 * zone, and how much is kept.  What is read from the store is in store_event.c, and the pages are
 * tested over HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "../../cgi/events/pages.h"
#include "openhall/when.h"

#define COUNT(table)	(sizeof(table) / sizeof(*(table)))

enum { NOW = 1790000000, MOST = 24, HOURS = 3600 };

/* The midnight with which the day of the first date begins, in UTC. */
static const int64_t first_day = 20800 * (int64_t)DAY;

/*
 * Dates as letters: which event, and what is different with this date: c cancelled, p postponed,
 * n another note, m moved to another day, h another hour, l longer, o online, a another area,
 * f full, x its event is cancelled.  One a day; how many they are.
 */
static size_t
dates_of(struct listing *all, const char *spec)
{
	size_t n = 0;

	for (const char *c = spec; *c != '\0'; c++) {
		struct listing	*l = &all[n > 0 ? n - 1 : 0];
		int64_t		 wall = first_day + 19 * HOURS + (int64_t)n * DAY;

		if (*c == ' ')
			continue;
		if (*c >= 'A' && *c <= 'Z') {
			assert_in_range(n, 0, MOST - 1);
			l = &all[n++];
			*l = (struct listing){
				.o = { .day = calendar_day(wall), .starts_at = wall,
				    .ends_at = wall + 2 * HOURS, .area = "north", .note = "",
				    .capacity = 9, .taken = 3 },
				.e = { .zone = "UTC", .rsvp = true, .state = EVENT_PUBLISHED,
				    .slug = "e", .area = "north" },
			};
			memset(l->o.event.at, *c, ID_LEN);
			continue;
		}
		l->o.state = *c == 'c' ? OCCURRENCE_CANCELLED : *c == 'p' ?
		    OCCURRENCE_POSTPONED : l->o.state;
		l->o.note = *c == 'n' ? "Bring tea." : l->o.note;
		l->o.area = *c == 'a' ? "south" : l->o.area;
		l->o.online = *c == 'o' || l->o.online;
		l->o.taken = *c == 'f' ? 9 : l->o.taken;
		l->o.ends_at += *c == 'l' ? HOURS : 0;
		l->e.state = *c == 'x' ? EVENT_CANCELLED : l->e.state;
		if (*c == 'm' || *c == 'h') {
			l->o.starts_at += *c == 'm' ? DAY : HOURS;
			l->o.ends_at += *c == 'm' ? DAY : HOURS;
		}
	}
	return n;
}

static const struct { const char *dates, *lines, *events; } cases[] = {
	{ "A",				"0",			"0" },
	{ "A B C",			"0 1 2",		"0 1 2" },
	{ "A A A",			"0 0 0",		"0" },
	{ "A B A B C A",		"0 1 0 1 4 0",		"0 1 4" },
	{ "A Ac A A",			"0 1 0 0",		"0" },
	{ "Ac A A",			"0 1 1",		"1" },
	{ "Ac B A",			"0 1 2",		"1 2" },
	{ "Ac Ac A Ac",			"0 0 2 0",		"2" },
	{ "Ac Ap",			"0 1",			"0" },
	{ "Ap A",			"0 1",			"1" },
	{ "Acn Acn Ac",			"0 0 2",		"0" },
	{ "A An A An",			"0 1 0 1",		"0" },
	{ "A Am A Am",			"0 1 0 3",		"0" },
	{ "Am A A",			"0 1 1",		"0" },
	{ "A Ah Al Ao Aa A",		"0 1 2 3 4 0",		"0" },
	{ "A Af A Af",			"0 1 0 1",		"0" },
	{ "Acf Ac",			"0 0",			"0" },	/* it takes none, full or not */
	{ "Ax Ax B",			"0 0 2",		"0 2" },
	{ "A A A A B C D E F",		"0 0 0 0 4 5 6 7 8",	"0 4 5 6" },
};

static const char *
written(const void *ctx, const size_t *at, size_t n)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < n; i++)
		text = talloc_asprintf_append(text, "%s%zu", i == 0 ? "" : " ", at[i]);
	return text;
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		void		*ctx = talloc_new(NULL);
		struct listing	 all[MOST];
		size_t		 n = dates_of(all, cases[i].dates), picked[COMING_MOST];
		const size_t	*lines = fold_dates(ctx, all, n, NOW, true);

		print_message("# %s\n", cases[i].dates);
		assert_non_null(lines);
		assert_string_equal(written(ctx, lines, n), cases[i].lines);
		n = fold_events(all, n, COMING_MOST, picked);
		assert_string_equal(written(ctx, picked, n), cases[i].events);
		talloc_free(ctx);
	}
}

/* Where nobody is asked whether they come, full is not told, and parts nothing. */
static void
test_asks_nobody(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct listing	 all[MOST];
	size_t		 n = dates_of(all, "A Af A");

	(void)state;
	assert_string_equal(written(ctx, fold_dates(ctx, all, n, NOW, false), n), "0 0 0");
	talloc_free(ctx);
}

/* Whatever a page holds: each date is in one line, with none that is unlike it, and no two lines
 * of an event could have been one. */
static void
test_any(void **state)
{
	static const char	*const kinds[] = { "", "", "", "", "c", "p", "n", "m", "h", "f", "cn" };
	uint32_t		 seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		void		*ctx = talloc_new(NULL);
		char		*spec = talloc_strdup(ctx, ""), *of[MOST];
		struct listing	 all[MOST];
		size_t		 picked[MOST], n = 0, lines_of[4] = { 0 };
		const size_t	*lines;

		for (seed = seed * 1103515245 + 12345; n < 1 + (seed >> 16) % 21; n++) {
			uint32_t a = seed + (uint32_t)n * 2654435761u;

			a ^= a >> 15;
			a *= 2246822519u;
			a ^= a >> 13;
			of[n] = talloc_asprintf(ctx, "%c%s", 'A' + (int)(a % 4),
			    kinds[(a >> 8) % COUNT(kinds)]);
			spec = talloc_asprintf_append(spec, "%s ", of[n]);
		}
		assert_int_equal(dates_of(all, spec), n);
		lines = fold_dates(ctx, all, n, NOW, true);
		for (size_t i = 0; i < n; i++) {
			size_t line = lines[i];

			assert_in_range(line, 0, i);
			assert_int_equal(lines[line], line);
			if (line != i)
				assert_string_equal(of[line], of[i]);
			if (line != i || of[i][1] == 'm')
				continue;
			for (size_t k = 0; k < i; k++)
				assert_true(strcmp(of[k], of[i]) != 0);
		}
		n = fold_events(all, n, MOST, picked);
		for (size_t i = 0; i < n; i++) {
			assert_true(i == 0 || picked[i] > picked[i - 1]);
			assert_int_equal(lines_of[of[picked[i]][0] - 'A']++, 0);
		}
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(lines_of[i], strchr(spec, 'A' + (int)i) != NULL);
		talloc_free(ctx);
	}
}

/* ---- zones ---- */

static const struct { const char *zone, *own, *want; } zones[] = {
	{ "America/New_York",			NULL,		"New York" },
	{ "America/Argentina/Buenos_Aires",	NULL,		"Buenos Aires" },
	{ "America/Port-au-Prince",		NULL,		"Port-au-Prince" },
	{ "Europe/Berlin",			"Nueva York",	"Berlin" },
	{ "America/New_York",			"Nueva York",	"Nueva York" },
	{ "UTC",				"Nueva York",	NULL },
	{ "Etc/GMT+5",				NULL,		NULL },	/* which is five hours behind */
	{ "EST5EDT",				NULL,		NULL },
};

static void
test_zone_names(void **state)
{
	const struct settings	settings = { .zone = "America/New_York" };
	void			*ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct site_words	 words = { .zone_name = zones[i].own };
		const char		*got = event_zone_name(ctx, &settings, &words,
					    zones[i].zone);

		print_message("# %s\n", zones[i].zone);
		if (zones[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, zones[i].want);
	}
	talloc_free(ctx);
}

/* What is too large is not kept, and leaves what was there to whom it belongs. */
static void
test_kept(void **state)
{
	static const struct { size_t which, len; bool header, kept; } pages[] = {
		{ KEPT_LIST, KEPT_MOST, false, true },
		{ KEPT_CALENDAR, 0, false, true },
		{ KEPT_CALENDAR, KEPT_MOST, false, true },
		{ KEPT_CALENDAR, KEPT_MOST + 1, false, false },
		{ KEPT_CALENDAR, 9, true, false },
		{ KEPT_SITEMAP, KEPT_MOST + 1, false, false },
		{ KEPT_ONE, ONE_MOST, false, true },
		{ KEPT_ONE, ONE_MOST + 1, false, false },
		{ KEPT__COUNT - 1, ONE_MOST + 1, false, false },
	};
	void		*ctx = talloc_new(NULL);
	struct app	 app = { .own = talloc_zero(ctx, struct own) };
	char		*text = talloc_zero_size(ctx, KEPT_MOST + 1);

	(void)state;
	assert_non_null(app.own);
	assert_non_null(text);
	memset(text, 'x', KEPT_MOST + 1);
	for (size_t i = 0; i < COUNT(pages); i++) {
		for (size_t late = 0; late < 2; late++) {
			struct request rq = { .app = &app, .now = NOW - NOW % DAY + 30,
				.out = buf_new(ctx, 1), .headers = buf_new(ctx, 1) };
			bool day = pages[i].which == KEPT_CALENDAR;

			buf_add(rq.out, text, pages[i].len);
			buf_str(rq.headers, pages[i].header ? "X: y\r\n" : "");
			assert_int_equal(kept_keep(&rq, pages[i].which, "/a", (int64_t)i),
			    pages[i].kept);
			rq.out->len = 0;
			assert_false(kept_find(&rq, pages[i].which, "/b", (int64_t)i));
			assert_false(kept_find(&rq, pages[i].which, "/a", (int64_t)i + 1));
			/* A calendar is good for the day, all else for the minute. */
			rq.now += late ? 30 : 29;
			assert_int_equal(kept_find(&rq, pages[i].which, "/a", (int64_t)i),
			    pages[i].kept && (!late || day));
			rq.now += DAY;
			assert_false(kept_find(&rq, pages[i].which, "/a", (int64_t)i));
			talloc_free(rq.out);
		}
	}
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_asks_nobody),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_zone_names),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
