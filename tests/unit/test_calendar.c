/*
 * test_calendar.c: what clocks show, days, and what recurs: tables of cases, and beside them two
 * judges that know nothing of ours, the C library's zones and libical's rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <libical/ical.h>
#include <talloc.h>

#include "../../cgi/lib/zone.h"
#include "openhall/calendar.h"
#include "openhall/text.h"
#include "openhall/when.h"

static const struct site_words	english = { .lang = "en", .prefix = "" };

#define COUNT(table)	(sizeof(table) / sizeof(*(table)))

/* "2026-12-08 18:30" */
static int64_t
at(const char *text)
{
	int64_t wall;

	if (!calendar_read(text, &wall))
		fail_msg("%s is no time", text);
	return wall;
}

static const char *
shown(const void *ctx, int64_t wall)
{
	struct calendar_date d;

	calendar_date(&d, wall);
	return talloc_asprintf(ctx, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day, d.hour,
	    d.minute);
}

/* ---- zones ---- */

#define NEW_YORK	"America/New_York"
#define BERLIN		"Europe/Berlin"
#define LORD_HOWE	"Australia/Lord_Howe"	/* by thirty minutes */

static const struct { const char *zone, *wall, *utc, *back; } moments[] = {
	/* zone, what the clock shows; the moment; what the clock shows then, where that differs */
	{ "UTC",	"2026-12-08 18:30",	"2026-12-08 18:30",	NULL },
	{ NEW_YORK,	"2026-12-08 18:30",	"2026-12-08 23:30",	NULL },
	{ NEW_YORK,	"2026-07-07 18:30",	"2026-07-07 22:30",	NULL },
	{ NEW_YORK,	"2026-12-31 23:59",	"2027-01-01 04:59",	NULL },
	/* spring: two o'clock does not come */
	{ NEW_YORK,	"2026-03-08 01:59",	"2026-03-08 06:59",	NULL },
	{ NEW_YORK,	"2026-03-08 02:00",	"2026-03-08 07:00",	"2026-03-08 03:00" },
	{ NEW_YORK,	"2026-03-08 02:30",	"2026-03-08 07:30",	"2026-03-08 03:30" },
	{ NEW_YORK,	"2026-03-08 02:59",	"2026-03-08 07:59",	"2026-03-08 03:59" },
	{ NEW_YORK,	"2026-03-08 03:00",	"2026-03-08 07:00",	NULL },
	/* autumn: one o'clock comes twice */
	{ NEW_YORK,	"2026-11-01 00:59",	"2026-11-01 04:59",	NULL },
	{ NEW_YORK,	"2026-11-01 01:00",	"2026-11-01 05:00",	NULL },
	{ NEW_YORK,	"2026-11-01 01:59",	"2026-11-01 05:59",	NULL },
	{ NEW_YORK,	"2026-11-01 02:00",	"2026-11-01 07:00",	NULL },
	{ BERLIN,	"2026-03-29 01:59",	"2026-03-29 00:59",	NULL },
	{ BERLIN,	"2026-03-29 02:00",	"2026-03-29 01:00",	"2026-03-29 03:00" },
	{ BERLIN,	"2026-03-29 02:59",	"2026-03-29 01:59",	"2026-03-29 03:59" },
	{ BERLIN,	"2026-03-29 03:00",	"2026-03-29 01:00",	NULL },
	{ BERLIN,	"2026-10-25 02:30",	"2026-10-25 00:30",	NULL },
	{ BERLIN,	"2026-10-25 03:00",	"2026-10-25 02:00",	NULL },
	{ BERLIN,	"2026-10-25 01:59",	"2026-10-24 23:59",	NULL },
	{ LORD_HOWE,	"2026-07-07 18:30",	"2026-07-07 08:00",	NULL },
	{ LORD_HOWE,	"2026-12-08 18:30",	"2026-12-08 07:30",	NULL },
	{ LORD_HOWE,	"2026-10-04 01:59",	"2026-10-03 15:29",	NULL },
	{ LORD_HOWE,	"2026-10-04 02:00",	"2026-10-03 15:30",	"2026-10-04 02:30" },
	{ LORD_HOWE,	"2026-10-04 02:29",	"2026-10-03 15:59",	"2026-10-04 02:59" },
	{ LORD_HOWE,	"2026-10-04 02:30",	"2026-10-03 15:30",	NULL },
	{ LORD_HOWE,	"2026-04-05 01:29",	"2026-04-04 14:29",	NULL },
	{ LORD_HOWE,	"2026-04-05 01:30",	"2026-04-04 14:30",	NULL },
	{ LORD_HOWE,	"2026-04-05 01:59",	"2026-04-04 14:59",	NULL },
	{ LORD_HOWE,	"2026-04-05 02:00",	"2026-04-04 15:30",	NULL },
	/* behind the moves that files list */
	{ NEW_YORK,	"2039-07-07 18:30",	"2039-07-07 22:30",	NULL },
	{ LORD_HOWE,	"2039-10-02 12:00",	"2039-10-02 01:00",	NULL },
	{ LORD_HOWE,	"2039-12-08 18:30",	"2039-12-08 07:30",	NULL },
	{ "America/Nuuk", "2039-10-29 23:30",	"2039-10-30 00:30",	NULL },
	{ "Asia/Gaza",	"2041-06-01 12:00",	"2041-06-01 09:00",	NULL },
	/* a day that did not come at all; no daylight saving; the ends of the earth */
	{ "Pacific/Apia", "2011-12-30 12:00",	"2011-12-30 22:00",	"2011-12-31 12:00" },
	{ "Asia/Kolkata", "2026-12-08 18:30",	"2026-12-08 13:00",	NULL },
	{ "Pacific/Kiritimati", "2026-12-08 01:00", "2026-12-07 11:00",	NULL },
	{ "Etc/GMT+12",	"2026-12-08 23:00",	"2026-12-09 11:00",	NULL },
};

static void
test_moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		void		*ctx = talloc_new(NULL);
		const char	*back = moments[i].back != NULL ? moments[i].back :
				    moments[i].wall;
		int64_t		 utc = calendar_utc(moments[i].zone, at(moments[i].wall));

		if (utc != at(moments[i].utc))
			fail_msg("%s %s is %s, not %s", moments[i].zone, moments[i].wall,
			    shown(ctx, utc), moments[i].utc);
		if (calendar_wall(moments[i].zone, utc) != at(back))
			fail_msg("%s at %s shows %s, not %s", moments[i].zone,
			    moments[i].utc, shown(ctx, calendar_wall(moments[i].zone, utc)),
			    back);
		talloc_free(ctx);
	}
}

static const struct { const char *zone, *utc, *want; } abbreviations[] = {
	{ NEW_YORK,		"2026-12-08 23:30",	"EST" },
	{ NEW_YORK,		"2026-03-08 06:59",	"EST" },
	{ NEW_YORK,		"2026-03-08 07:00",	"EDT" },
	{ NEW_YORK,		"2039-07-07 22:30",	"EDT" },
	{ BERLIN,		"2026-07-07 22:30",	"CEST" },
	{ "UTC",		"2026-07-07 22:30",	"UTC" },
	{ "America/Sao_Paulo",	"2026-07-07 22:30",	"-03" },
};

static void
test_abbreviations(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(abbreviations); i++)
		assert_string_equal(calendar_abbreviation(ctx, abbreviations[i].zone,
		    at(abbreviations[i].utc)), abbreviations[i].want);
	talloc_free(ctx);
}

static const struct { const char *name; bool want; } names[] = {
	{ NEW_YORK,				true },
	{ "America/Argentina/Buenos_Aires",	true },
	{ "UTC",				true },
	{ "Etc/GMT+5",				true },
	{ "",					false },
	{ "America",				false },	/* a folder */
	{ "America/",				false },
	{ "America//New_York",			false },
	{ "America/New_york",			false },
	{ "america/new_york",			false },
	{ "Mars/Olympus_Mons",			false },
	{ "/etc/localtime",			false },
	{ "../zoneinfo/UTC",			false },
	{ "America/../UTC",			false },
	{ "posix/UTC",				false },
	{ "right/UTC",				false },	/* counts leap seconds */
	{ "localtime",				false },
	{ "Factory",				false },
	{ "tzdata.zi",				false },
	{ "zone.tab",				false },
	{ "UTC\n",				false },
	{ "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE",	false },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		if (calendar_has_zone(names[i].name) != names[i].want)
			fail_msg("\"%s\"", names[i].name);
	/* What cannot be found shows UTC, and is said in the log. */
	assert_int_equal(calendar_utc("Mars/Olympus_Mons", 1000), 1000);
	assert_int_equal(calendar_wall("Mars/Olympus_Mons", 1000), 1000);
}

/* By the C library, over a hundred years. */
static void
test_against_libc(void **state)
{
	static const char *const all[] = { NEW_YORK, BERLIN, LORD_HOWE, "UTC", "America/Nuuk",
	    "Asia/Gaza", "Africa/Casablanca", "Africa/Cairo", "America/Sao_Paulo",
	    "Europe/Dublin", "America/Santiago", "Pacific/Apia", "Asia/Kolkata", "Etc/GMT+5" };

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		const struct zone *zone = zone_find(all[i]);

		assert_non_null(zone);
		setenv("TZ", all[i], 1);
		tzset();
		for (int64_t utc = at("2000-01-01 00:00"); utc < at("2100-01-01 00:00");
		    utc += 3 * 3600 + 7) {
			time_t			 t = (time_t)utc;
			struct tm		 tm;
			struct zone_clock	 clock;

			localtime_r(&t, &tm);
			zone_clock(zone, utc, &clock);
			if (clock.offset != tm.tm_gmtoff || clock.saving != tm.tm_isdst ||
			    strcmp(clock.abbreviation, tm.tm_zone) != 0)
				fail_msg("%s at %lld: %d %s, not %ld %s", all[i],
				    (long long)utc, clock.offset, clock.abbreviation,
				    tm.tm_gmtoff, tm.tm_zone);
		}
	}
	unsetenv("TZ");
	tzset();
}

/* Each move, and that there is none between two of them. */
static void
test_moves(void **state)
{
	const struct zone	*zone = zone_find(LORD_HOWE), *utc = zone_find("UTC");
	int64_t			 end = at("2100-01-01 00:00"), from = at("2000-01-01 00:00"), move;
	unsigned		 n = 0;

	(void)state;
	for (; zone_next(zone, from, end, &move); from = move, n++) {
		struct zone_clock before, after;

		assert_true(move > from);
		zone_clock(zone, move - 1, &before);
		zone_clock(zone, move, &after);
		assert_int_equal(after.offset - before.offset, after.saving ? 1800 : -1800);
	}
	assert_int_equal(n, 200);
	assert_false(zone_next(zone, at("2026-10-03 15:30"), at("2027-04-03 14:59"), &move));
	assert_true(zone_next(zone, at("2026-10-03 15:30"), at("2027-04-03 15:00"), &move));
	assert_int_equal(move, at("2027-04-03 15:00"));
	assert_true(zone_next(zone, at("2026-10-03 15:29"), end, &move));
	assert_int_equal(move, at("2026-10-03 15:30"));
	assert_false(zone_next(utc, 0, end, &move));
}

/* ---- files that are none ---- */

#define NO_COUNTS	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HEAD		"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define FIRST		HEAD NO_COUNTS "\0\0\0\1\0\0\0\4" "\0\0\0\0\0\0UTC\0"
#define SECOND(moves)	HEAD "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" moves "\0\0\0\1\0\0\0\4"
#define CLOCK		"\0\0\0\0\0\0UTC\0"
#define ZONE(text)	{ (text), sizeof(text) - 1 }

static const struct { const char *bytes; size_t len; } good_files[] = {
	ZONE(FIRST SECOND("\0") CLOCK "\nUTC0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\n\n"),
	ZONE(FIRST SECOND("\1") "\0\0\0\0\0\0\0\1" "\0" CLOCK "\nEST5EDT,M3.2.0,M11.1.0\n"),
	ZONE(FIRST SECOND("\2") "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2" "\0\0" CLOCK "\n\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nXXX-3:30:15YYY-4,J60/167:59:59,0\n"),
}, bad_files[] = {
	{ "", 0 },
	ZONE("TZif"),
	ZONE("text"),
	ZONE(FIRST),
	ZONE(FIRST SECOND("\0") CLOCK),
	ZONE(FIRST SECOND("\0") CLOCK "\nUTC0"),
	ZONE(FIRST SECOND("\0") "\0\0\0\0\0\4UTC\0" "\n\n"),		/* no such name */
	ZONE(FIRST SECOND("\0") "\0\0\0\0\0\0UTCX" "\n\n"),		/* one without an end */
	ZONE(FIRST SECOND("\0") "\0\2\0\0\0\0UTC\0" "\n\n"),		/* a clock 36 hours ahead */
	ZONE(FIRST SECOND("\1") "\0\0\0\0\0\0\0\1" "\1" CLOCK "\n\n"),	/* no such clock */
	ZONE(FIRST SECOND("\2") "\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2" "\0\0" CLOCK "\n\n"),
	ZONE(FIRST SECOND("\377") CLOCK "\n\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nUTC\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M3.2.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M13.2.0,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M3.6.0,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M3.2.7,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,J0,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,366,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M3.2.0/168,M11.1.0\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST5EDT,M3.2.0,M11.1.0x\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nEST99999999999\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\n<EST5\n"),
	ZONE(FIRST SECOND("\0") CLOCK "\nAAAAAAAAAAAAAAAAAAAAAA5\n"),
};

static void
test_files(void **state)
{
	struct zone *zone;

	(void)state;
	for (size_t i = 0; i < COUNT(good_files); i++) {
		if (zone_parse(NULL, good_files[i].bytes, good_files[i].len, &zone) != OUT_OK)
			fail_msg("good file %zu", i);
		talloc_free(zone);
		/* Cut anywhere, it is none; and nothing behind its end is read. */
		for (size_t len = 0; len < good_files[i].len; len++) {
			char *cut = malloc(len + 1);

			memcpy(cut, good_files[i].bytes, len);
			cut = realloc(cut, len == 0 ? 1 : len);
			if (zone_parse(NULL, cut, len, &zone) != OUT_INVALID)
				fail_msg("good file %zu, %zu bytes of it", i, len);
			free(cut);
		}
	}
	for (size_t i = 0; i < COUNT(bad_files); i++)
		if (zone_parse(NULL, bad_files[i].bytes, bad_files[i].len, &zone) !=
		    OUT_INVALID)
			fail_msg("bad file %zu", i);
}

/* ---- days ---- */

static void
test_days(void **state)
{
	(void)state;
	for (int64_t day = -200 * 366LL; day < 400 * 366LL; day++) {
		time_t			t = (time_t)(day * DAY + 18 * 3600 + 30 * 60);
		struct tm		tm;
		struct calendar_date	d;

		gmtime_r(&t, &tm);
		calendar_date(&d, t);
		if (d.year != tm.tm_year + 1900 || d.month != tm.tm_mon + 1 ||
		    d.day != tm.tm_mday || d.weekday != tm.tm_wday || d.hour != 18 ||
		    d.minute != 30)
			fail_msg("day %lld: %d-%d-%d", (long long)day, d.year, d.month, d.day);
		assert_int_equal(calendar_at(d.year, d.month, d.day, 18, 30), t);
	}
	/* what is carried over */
	assert_int_equal(calendar_at(2026, 13, 1, 0, 0), at("2027-01-01 00:00"));
	assert_int_equal(calendar_at(2026, 0, 1, 0, 0), at("2025-12-01 00:00"));
	assert_int_equal(calendar_at(2026, -11, 1, 0, 0), at("2025-01-01 00:00"));
	assert_int_equal(calendar_at(2026, 2, 29, 24, 60), at("2026-03-02 01:00"));
}

static const struct { int day; const char *want; } numbers[] = {
	{ 20261208,	"2026-12-08 00:00" },
	{ 20240229,	"2024-02-29 00:00" },
	{ 20260229,	NULL },
	{ 20261301,	NULL },
	{ 20260001,	NULL },
	{ 20261200,	NULL },
	{ 20261131,	NULL },
	{ 0,		NULL },
	{ -20261208,	NULL },
};

static void
test_numbers(void **state)
{
	int64_t midnight;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_int_equal(calendar_day_wall(numbers[i].day, &midnight),
		    numbers[i].want != NULL);
		if (numbers[i].want == NULL)
			continue;
		assert_int_equal(midnight, at(numbers[i].want));
		assert_int_equal(calendar_day(midnight), numbers[i].day);
		assert_int_equal(calendar_day(midnight + DAY - 1), numbers[i].day);
	}
}

static const struct { const char *typed; int64_t want; /* -1: none */ } typed[] = {
	{ "2026-12-08 18:30",		1796754600 },
	{ "2026-12-08T18:30",		1796754600 },
	{ "2000-01-01 00:00",		946684800 },
	{ "2100-12-31 23:59",		4133980740 },
	{ "1999-12-31 23:59",		-1 },
	{ "2101-01-01 00:00",		-1 },
	{ "2026-12-08",			-1 },
	{ "2026-12-08 18:30:00",	-1 },
	{ "2026-12-08 18:30 ",		-1 },
	{ " 2026-12-08 18:30",		-1 },
	{ "2026-12-08 24:00",		-1 },
	{ "2026-12-08 18:60",		-1 },
	{ "2026-02-29 18:30",		-1 },
	{ "2026-13-08 18:30",		-1 },
	{ "2026-00-08 18:30",		-1 },
	{ "2026-12-00 18:30",		-1 },
	{ "26-12-08 18:30",		-1 },
	{ "2026/12/08 18:30",		-1 },
	{ "2026-12-08t18:30",		-1 },
	{ "2026-12-08 1830",		-1 },
	{ "2026-1--08 18:30",		-1 },
	{ "",				-1 },
	{ "tomorrow",			-1 },
};

static void
test_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++) {
		int64_t wall = -1;

		if (calendar_read(typed[i].typed, &wall) != (typed[i].want != -1) ||
		    (typed[i].want != -1 && wall != typed[i].want))
			fail_msg("\"%s\"", typed[i].typed);
	}
}

/* ---- what recurs ---- */

/* A rule as it is stored; in words; as it is written, where that differs. */
static const struct { const char *rule, *words, *again; } rules[] = {
	{ "", "", NULL },
	{ "FREQ=WEEKLY;BYDAY=TU", "Every Tuesday", NULL },
	{ "FREQ=WEEKLY;BYDAY=SU,TU", "Every Tuesday and Sunday", "FREQ=WEEKLY;BYDAY=TU,SU" },
	{ "BYDAY=TU;FREQ=WEEKLY", "Every Tuesday", "FREQ=WEEKLY;BYDAY=TU" },
	{ "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", "Every Tuesday", "FREQ=WEEKLY;BYDAY=TU" },
	{ "FREQ=WEEKLY;BYDAY=MO,TU,TH", "Every Monday, Tuesday and Thursday", NULL },
	{ "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day", NULL },
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270630T183000",
	    "Every second Tuesday, until 30 June 2027", NULL },
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA", "Every second week on Tuesday and Saturday",
	    NULL },
	{ "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR;COUNT=10", "Every 3 weeks on Friday, 10 times", NULL },
	{ "FREQ=WEEKLY;INTERVAL=12;BYDAY=WE;COUNT=1", "Every 12 weeks on Wednesday, 1 time", NULL },
	{ "FREQ=WEEKLY;BYDAY=TU;COUNT=800", "Every Tuesday, 800 times", NULL },
	{ "FREQ=MONTHLY;BYDAY=-1FR", "On the last Friday of each month", NULL },
	{ "FREQ=MONTHLY;BYDAY=1MO", "On the first Monday of each month", NULL },
	{ "FREQ=MONTHLY;INTERVAL=2;BYDAY=2SU", "On the second Sunday of every second month", NULL },
	{ "FREQ=MONTHLY;INTERVAL=3;BYDAY=3TH;COUNT=4",
	    "On the third Thursday of every 3 months, 4 times", NULL },
	{ "FREQ=MONTHLY;BYDAY=4WE;UNTIL=20261231T000000",
	    "On the fourth Wednesday of each month, until 31 December 2026", NULL },
};

static const char *const nonsense[] = {
	"FREQ=WEEKLY", "BYDAY=TU", "FREQ=DAILY;BYDAY=TU", "FREQ=YEARLY;BYDAY=1TU",
	"FREQ=weekly;BYDAY=TU", "freq=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=", "FREQ=;BYDAY=TU",
	"FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=TU,", "FREQ=WEEKLY;BYDAY=TU,TU",
	"FREQ=WEEKLY;BYDAY=TU TH", "FREQ=WEEKLY;BYDAY=TUTH", "FREQ=WEEKLY;BYDAY=1TU",
	"FREQ=WEEKLY;BYDAY=T", "FREQ=WEEKLY;BYDAY=,TU",
	"FREQ=MONTHLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=5TU", "FREQ=MONTHLY;BYDAY=0TU",
	"FREQ=MONTHLY;BYDAY=-2TU", "FREQ=MONTHLY;BYDAY=1TU,3TU", "FREQ=MONTHLY;BYDAY=+1TU",
	"FREQ=MONTHLY;BYDAY=1", "FREQ=MONTHLY;BYMONTHDAY=13",
	"FREQ=WEEKLY;INTERVAL=0;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=13;BYDAY=TU",
	"FREQ=WEEKLY;INTERVAL=-1;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2x;BYDAY=TU",
	"FREQ=WEEKLY;INTERVAL=;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=99999999999;BYDAY=TU",
	"FREQ=WEEKLY;BYDAY=TU;COUNT=0", "FREQ=WEEKLY;BYDAY=TU;COUNT=801",
	"FREQ=WEEKLY;BYDAY=TU;COUNT=3;UNTIL=20270630T183000",
	"FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T183000Z",
	"FREQ=WEEKLY;BYDAY=TU;UNTIL=20270631T183000", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T183059",
	"FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630 183000", "FREQ=WEEKLY;BYDAY=TU;UNTIL=19990630T183000",
	"FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU;BYDAY=TH",
	"FREQ=WEEKLY;BYDAY=TU;", ";FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;;BYDAY=TU",
	"FREQ=WEEKLY;BYDAY=TU;WKST=SU", "FREQ=WEEKLY;BYDAY=TU\r\nX-EVIL:1",
	"RRULE:FREQ=WEEKLY;BYDAY=TU",
	"FREQ", "=", ";", " ",
};

static void
test_rules(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct recurrence r;

		if (recurrence_read(&r, rules[i].rule) != OUT_OK)
			fail_msg("%s", rules[i].rule);
		assert_string_equal(recurrence_text(ctx, &r), rules[i].again != NULL ?
		    rules[i].again : rules[i].rule);
		assert_string_equal(recurrence_words(ctx, &english, &r), rules[i].words);
	}
	for (size_t i = 0; i < COUNT(nonsense); i++) {
		struct recurrence r;

		if (recurrence_read(&r, nonsense[i]) != OUT_INVALID)
			fail_msg("%s", nonsense[i]);
	}
	talloc_free(ctx);
}

/* What a form may say, and no rule can. */
static void
test_unsound(void **state)
{
	static const struct recurrence	all[] = {
		{ .how = RECURS_WEEKLY, .step = 1 },
		{ .how = RECURS_WEEKLY, .step = 0, .weekdays = 4 },
		{ .how = RECURS_WEEKLY, .step = 13, .weekdays = 4 },
		{ .how = RECURS_WEEKLY, .step = 1, .weekdays = 128 },
		{ .how = RECURS_WEEKLY, .step = 1, .weekdays = 4, .count = 801 },
		{ .how = RECURS_WEEKLY, .step = 1, .weekdays = 4, .count = 1, .until = 4e9 },
		{ .how = RECURS_MONTHLY, .step = 1, .weekday = 2 },
		{ .how = RECURS_MONTHLY, .step = 1, .weekday = 2, .nth = 5 },
		{ .how = RECURS_MONTHLY, .step = 1, .weekday = 7, .nth = 1 },
		{ .how = RECURS_MONTHLY, .step = 1, .weekday = -1, .nth = 1 },
	};
	void	*ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct recurrence	 r;
		struct walls		 walls;
		const char		*text = recurrence_text(ctx, &all[i]);

		if (recurrence_read(&r, text) != OUT_INVALID)
			fail_msg("%s", text);
		assert_string_equal(recurrence_words(ctx, &english, &all[i]), "");
		assert_int_equal(recurrence_dates(ctx, &all[i], 0, 0, INT64_MAX, 9, &walls),
		    OUT_FAULT);
	}
	talloc_free(ctx);
}

/* Of a rule, the dates from the first one on. */
static const struct {
	const char	*rule, *starts, *from, *to;
	size_t		 most;
	const char	*want;
} series[] = {
	/* one date */
	{ "", "2026-12-08 18:30", NULL, NULL, 9, "12-08" },
	{ "", "2026-12-08 18:30", "2026-12-08 18:31", NULL, 9, "" },
	{ "", "2026-12-08 18:30", NULL, "2026-12-08 18:30", 9, "" },
	/* weekly */
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", NULL, NULL, 5,
	  "12-08 12-15 12-22 12-29 01-05" },
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", "2027-01-05 18:30", NULL, 2, "01-05 01-12" },
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", "2027-01-05 18:31", NULL, 2, "01-12 01-19" },
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", NULL, "2026-12-22 18:30", 9, "12-08 12-15" },
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", NULL, "2026-12-22 18:31", 9,
	  "12-08 12-15 12-22" },
	/* every second week, over the night when clocks change: the hour on the wall stays */
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2027-02-23 18:30", NULL, NULL, 4,
	  "02-23 03-09 03-23 04-06" },
	/* several days: weeks begin with Monday */
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "2026-12-08 18:30", NULL, NULL, 5,
	  "12-08 12-13 12-22 12-27 01-05" },
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "2026-12-13 18:30", NULL, NULL, 4,
	  "12-13 12-21 12-27 01-04" },
	{ "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-12-09 18:30", NULL, NULL, 5,
	  "12-09 12-11 12-14 12-16 12-18" },
	/* n-th and last weekdays; a fifth one, where there is one, is the last */
	{ "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08 18:30", NULL, NULL, 4, "12-08 01-12 02-09 03-09" },
	{ "FREQ=MONTHLY;BYDAY=4TH", "2026-10-22 18:30", NULL, NULL, 4, "10-22 11-26 12-24 01-28" },
	{ "FREQ=MONTHLY;BYDAY=-1FR", "2026-12-25 18:30", NULL, NULL, 6,
	  "12-25 01-29 02-26 03-26 04-30 05-28" },
	{ "FREQ=MONTHLY;BYDAY=-1SU", "2027-01-31 18:30", NULL, NULL, 3, "01-31 02-28 03-28" },
	{ "FREQ=MONTHLY;BYDAY=1MO", "2027-02-01 18:30", NULL, NULL, 3, "02-01 03-01 04-05" },
	{ "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-11-02 18:30", NULL, NULL, 3,
	  "11-02 02-01 05-03" },
	{ "FREQ=MONTHLY;BYDAY=-1TH", "2028-01-27 18:30", NULL, NULL, 2, "01-27 02-24" },
	{ "FREQ=MONTHLY;BYDAY=-1TU", "2028-01-25 18:30", NULL, NULL, 2, "01-25 02-29" },
	/* its end: the last date is one of them */
	{ "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T183000", "2026-12-08 18:30", NULL, NULL, 9,
	  "12-08 12-15 12-22" },
	{ "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T182900", "2026-12-08 18:30", NULL, NULL, 9,
	  "12-08 12-15" },
	{ "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "2026-12-08 18:30", NULL, NULL, 9, "12-08 12-15 12-22" },
	{ "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "2026-12-08 18:30", "2026-12-20 00:00", NULL, 9,
	  "12-22" },
	{ "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-12-25 18:30", NULL, NULL, 9, "12-25 01-29" },
	{ "FREQ=WEEKLY;BYDAY=TU;COUNT=1", "2026-12-08 18:30", NULL, NULL, 9, "12-08" },
	/* a first one of which the rule knows nothing: it is the first all the same, and counts */
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-09 18:30", NULL, NULL, 3, "12-09 12-15 12-22" },
	{ "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "2026-12-09 18:30", NULL, NULL, 9, "12-09 12-15 12-22" },
	{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-12-09 18:30", NULL, NULL, 3,
	  "12-09 12-22 01-05" },
	{ "FREQ=MONTHLY;BYDAY=1MO", "2026-12-20 18:30", NULL, NULL, 3, "12-20 01-04 02-01" },
	{ "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260101T000000", "2026-12-08 18:30", NULL, NULL, 9,
	  "12-08" },
	{ "FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30", NULL, NULL, 0, "" },
};

static void
test_series(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(series); i++) {
		void			*ctx = talloc_new(NULL);
		char			*got = talloc_strdup(ctx, "");
		struct recurrence	 r;
		struct walls		 walls;

		assert_int_equal(recurrence_read(&r, series[i].rule), OUT_OK);
		assert_int_equal(recurrence_dates(ctx, &r, at(series[i].starts),
		    series[i].from == NULL ? INT64_MIN : at(series[i].from),
		    series[i].to == NULL ? INT64_MAX : at(series[i].to), series[i].most,
		    &walls), OUT_OK);
		for (size_t n = 0; n < walls.n; n++) {
			struct calendar_date d;

			calendar_date(&d, walls.at[n]);
			assert_int_equal(d.hour * 60 + d.minute, 18 * 60 + 30);
			got = talloc_asprintf_append(got, "%s%02d-%02d", n == 0 ? "" : " ",
			    d.month, d.day);
		}
		if (strcmp(got, series[i].want) != 0)
			fail_msg("%s from %s: %s, not %s", series[i].rule, series[i].starts, got,
			    series[i].want);
		talloc_free(ctx);
	}
}

/* An evening at the same hour on the wall is another moment behind the change. */
static void
test_over_a_change(void **state)
{
	static const char *const	utc[] = { "2027-02-23 23:30", "2027-03-09 23:30",
					    "2027-03-23 22:30", "2027-04-06 22:30" };
	struct recurrence		r;
	struct walls			walls;

	(void)state;
	assert_int_equal(recurrence_read(&r, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"), OUT_OK);
	assert_int_equal(recurrence_dates(NULL, &r, at("2027-02-23 18:30"), 0, INT64_MAX, 4,
	    &walls), OUT_OK);
	assert_int_equal(walls.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(calendar_utc(NEW_YORK, walls.at[i]), at(utc[i]));
	talloc_free((void *)walls.at);
}

/* libical's dates of the same rule, which begins with a date that it says. */
static void
compare(const char *rule, int64_t starts, const struct walls *walls)
{
	struct icalrecurrencetype	 parsed = icalrecurrencetype_from_string(rule);
	struct icaltimetype		 t = icaltime_from_timet_with_zone((time_t)starts, 0, NULL);
	icalrecur_iterator		*dates = icalrecur_iterator_new(parsed, t);

	assert_non_null(dates);
	for (size_t i = 0; i < walls->n; i++) {
		t = icalrecur_iterator_next(dates);
		if (walls->at[i] != calendar_at(t.year, t.month, t.day, t.hour, t.minute))
			fail_msg("%s, date %zu: %d-%d-%d by libical", rule, i, t.year, t.month,
			    t.day);
	}
	icalrecur_iterator_free(dates);
}

static void
test_against_libical(void **state)
{
	struct recurrence	r;
	unsigned		compared = 0;

	(void)state;
	/* Every kind of rule; a prime goes round the weekdays and months. */
	for (unsigned i = 0; i < 2000; i++) {
		void		*ctx = talloc_new(NULL);
		const char	*rule;
		struct walls	 walls;
		int64_t		 starts = at("2025-01-01 18:30") + i * 13LL * DAY;

		r = (struct recurrence){ .step = 1 + i % 12 };
		if (i % 2 == 0) {
			r.how = RECURS_WEEKLY;
			r.weekdays = 1 + i * 37 % 127;
		} else {
			r.how = RECURS_MONTHLY;
			r.weekday = (int)(i % 7);
			r.nth = (int)(i % 5) == 0 ? -1 : (int)(i % 5);
		}
		if (i % 3 == 0)
			r.count = 1 + i % 40;
		if (i % 3 == 1)
			r.until = starts + (100 + i) * (int64_t)DAY;
		/* Begin with the first date that it says. */
		assert_int_equal(recurrence_dates(ctx, &(struct recurrence){ .how = r.how,
		    .step = 1, .weekdays = r.weekdays, .weekday = r.weekday, .nth = r.nth },
		    starts - 40LL * DAY, starts, INT64_MAX, 1, &walls), OUT_OK);
		starts = walls.at[0];
		rule = recurrence_text(ctx, &r);
		assert_int_equal(recurrence_dates(ctx, &r, starts, 0, INT64_MAX, 60, &walls),
		    OUT_OK);
		assert_true(walls.n > 0);
		assert_int_equal(walls.at[0], starts);
		compare(rule, starts, &walls);
		compared += (unsigned)walls.n;
		talloc_free(ctx);
	}
	assert_true(compared > 50000);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_against_libc),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_unsound),
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_over_a_change),
		cmocka_unit_test(test_against_libical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
