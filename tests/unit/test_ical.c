/*
 * test_ical.c: calendar files: lines to the fold, zones, and what is said of an event and its
 * dates.  Whether programs read in them what the pages say is tested over HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "../../cgi/lib/ical_line.h"
#include "openhall/ical.h"
#include "openhall/when.h"

#define COUNT(table)	(sizeof(table) / sizeof(*(table)))

static const struct site_words	english = { .lang = "en", .prefix = "" };
static const struct area	areas[] = { { "north", "North Side" } };
static const struct settings	settings = { .origin = "https://example.org:8443",
    .words = &english, .n_words = 1, .areas = areas, .n_areas = 1, .zone = "UTC" };
static const struct key		key = { { 1, 2, 3 } };

/* "2026-12-08 18:30" */
static int64_t
at(const char *text)
{
	int64_t wall;

	if (!calendar_read(text, &wall))
		fail_msg("%s is no time", text);
	return wall;
}

static bool
has(const struct buf *file, const char *lines)
{
	return strstr(file->data, lines) != NULL;
}

static void
assert_has(const struct buf *file, const char *lines)
{
	if (!has(file, lines))
		fail_msg("missing:\n%sin:\n%s", lines, file->data);
}

/* ---- lines ---- */

#define TEN	"1234567890"
#define FIFTY	TEN TEN TEN TEN TEN
#define UE	"\xC3\xBC"		/* two octets */
#define FACE	"\xF0\x9F\x98\x80"	/* four */

static const struct { const char *text, *want; } texts[] = {
	{ "",			"X:\r\n" },
	{ "plain",		"X:plain\r\n" },
	{ "a,b;c\\d:e\"f",	"X:a\\,b\\;c\\\\d:e\"f\r\n" },
	{ "a\nb\r\nc\rd",	"X:a\\nb\\ncd\r\n" },
	{ "a\tb\1c\x7F\x1B[d",	"X:a\tbc[d\r\n" },
	{ "x\r\nEND:VEVENT",	"X:x\\nEND:VEVENT\r\n" },
	{ UE FACE,		"X:" UE FACE "\r\n" },
	/* 75 octets fit; the next one goes to the next line, behind a blank */
	{ FIFTY TEN TEN "123",	"X:" FIFTY TEN TEN "123\r\n" },
	{ FIFTY TEN TEN "1234",	"X:" FIFTY TEN TEN "123\r\n 4\r\n" },
	/* a character stays whole */
	{ FIFTY TEN TEN "12" UE,	"X:" FIFTY TEN TEN "12\r\n " UE "\r\n" },
	{ FIFTY TEN TEN "1" UE,		"X:" FIFTY TEN TEN "1" UE "\r\n" },
	{ FIFTY TEN TEN FACE,		"X:" FIFTY TEN TEN "\r\n " FACE "\r\n" },
	/* and so does an escaped mark */
	{ FIFTY TEN TEN "12;3",		"X:" FIFTY TEN TEN "12\r\n \\;3\r\n" },
	{ FIFTY TEN TEN "12\n3",	"X:" FIFTY TEN TEN "12\r\n \\n3\r\n" },
	/* the blank counts */
	{ FIFTY TEN TEN "123" FIFTY TEN TEN "1234" "5",
	    "X:" FIFTY TEN TEN "123\r\n " FIFTY TEN TEN "1234\r\n 5\r\n" },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf		*to = buf_new(NULL, 64);
		struct ical_lines	 lines = { .to = to };

		ical_text(&lines, "X", texts[i].text);
		assert_string_equal(to->data, texts[i].want);
		talloc_free(to);
	}
}

/* Whatever it is made of: no line is too long, and without the folds it is what it was. */
static void
test_folds(void **state)
{
	static const char *const pieces[] = { "a", UE, FACE, ",", "\xE2\x82\xAC", "word ", "\xBF" };

	(void)state;
	for (unsigned seed = 1; seed < 500; seed++) {
		struct buf		*text = buf_new(NULL, 64), *to = buf_new(text, 64);
		struct buf		*plain = buf_new(text, 64);
		struct ical_lines	 lines = { .to = to };
		unsigned		 n = seed;

		for (unsigned i = 0; i < seed; i++) {
			n = n * 1103515245 + 12345;
			/* in the first half also what is no UTF-8 */
			buf_str(text, pieces[(n >> 16) % (seed < 250 ? 7 : 6)]);
		}
		ical_line(&lines, "X", text->data);
		for (const char *line = to->data, *end; *line != '\0'; line = end + 2) {
			end = strstr(line, "\r\n");
			assert_non_null(end);
			assert_true(end - line <= 75);
			if (line == to->data)
				assert_memory_equal(line, "X:", 2);
			else
				assert_int_equal(line[0], ' ');
			if (seed >= 250)
				assert_int_not_equal((unsigned char)line[1] & 0xC0, 0x80);
			buf_add(plain, line + (line == to->data ? 2 : 1),
			    (size_t)(end - line) - (line == to->data ? 2 : 1));
		}
		assert_string_equal(plain->data, text->data);
		talloc_free(text);
	}
}

/* ---- zones ---- */

#define ONSET(kind, start, from, to, name, rest) \
    "BEGIN:" kind "\r\nDTSTART:" start "\r\nTZOFFSETFROM:" from "\r\nTZOFFSETTO:" to \
    "\r\nTZNAME:" name "\r\n" rest "END:" kind "\r\n"

static const struct { const char *zone, *from, *want; } zones[] = {
	{ "America/New_York", "2026-12-08 18:30",
	  ONSET("STANDARD", "20261101T020000", "-0400", "-0500", "EST",
	    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n")
	  ONSET("DAYLIGHT", "20270314T020000", "-0500", "-0400", "EDT",
	    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n") },
	{ "Europe/Berlin", "2027-06-01 00:00",
	  ONSET("DAYLIGHT", "20270328T020000", "+0100", "+0200", "CEST",
	    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n")
	  ONSET("STANDARD", "20271031T030000", "+0200", "+0100", "CET",
	    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n") },
	{ "Australia/Lord_Howe", "2026-12-08 18:30",
	  ONSET("DAYLIGHT", "20261004T020000", "+1030", "+1100", "+11",
	    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\r\n")
	  ONSET("STANDARD", "20270404T020000", "+1100", "+1030", "+1030",
	    "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\r\n") },
	/* on the day before the last Sunday */
	{ "America/Nuuk", "2026-12-08 18:30",
	  ONSET("STANDARD", "20261025T000000", "-0100", "-0200", "-02",
	    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n")
	  ONSET("DAYLIGHT", "20270327T230000", "-0200", "-0100", "-01",
	    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30\r\n") },
	/* in winter the clocks are not at what the law calls the standard */
	{ "Europe/Dublin", "2026-12-08 18:30",
	  ONSET("STANDARD", "20261025T020000", "+0100", "+0000", "GMT",
	    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n")
	  ONSET("DAYLIGHT", "20270328T010000", "+0000", "+0100", "IST",
	    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n") },
	/* nobody moves them */
	{ "Asia/Kolkata", "2026-12-08 18:30",
	  ONSET("STANDARD", "19700101T000000", "+0530", "+0530", "IST", "") },
	{ "Etc/GMT+5", "2026-12-08 18:30",
	  ONSET("STANDARD", "19700101T000000", "-0500", "-0500", "-05", "") },
};

static void
test_zones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct buf		*to = buf_new(NULL, 64), *want = buf_new(to, 64);
		struct ical_lines	 lines = { .to = to };

		ical_zone(&lines, zones[i].zone, zone_find(zones[i].zone), at(zones[i].from));
		buf_fmt(want, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n%sEND:VTIMEZONE\r\n", zones[i].zone,
		    zones[i].want);
		assert_string_equal(to->data, want->data);
		talloc_free(to);
	}
}

/* Moves that no rule says, and those before it: each is named. */
static void
test_named_moves(void **state)
{
	struct buf		*to = buf_new(NULL, 64);
	struct ical_lines	 lines = { .to = to };

	(void)state;
	/* by the old law until 2006 */
	ical_zone(&lines, "America/New_York", zone_find("America/New_York"),
	    at("2005-06-01 00:00"));
	assert_has(to, ONSET("DAYLIGHT", "20050403T020000", "-0500", "-0400", "EDT",
	    "RDATE:20060402T020000\r\n"));
	assert_has(to, ONSET("STANDARD", "20051030T020000", "-0400", "-0500", "EST",
	    "RDATE:20061029T020000\r\n"));
	assert_has(to, "DTSTART:20070311T020000\r\n");
	assert_has(to, "DTSTART:20071104T020000\r\n");
	buf_reset(to);
	/* around a month that moves through the year */
	ical_zone(&lines, "Africa/Casablanca", zone_find("Africa/Casablanca"),
	    at("2020-01-01 00:00"));
	assert_false(has(to, "RRULE"));
	assert_has(to, "RDATE:20210411T030000\r\n");
	assert_has(to, "RDATE:20210516T020000\r\n");
	/* on the day after the last Thursday, which may be in the next month */
	buf_reset(to);
	ical_zone(&lines, "Africa/Cairo", zone_find("Africa/Cairo"), at("2026-12-08 18:30"));
	assert_has(to, "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1FR\r\n");
	assert_has(to, "DTSTART:20261030T000000\r\n");
	assert_has(to, "RDATE:20401026T000000\r\n");
	assert_has(to, "RDATE:20411101T000000\r\n");
	talloc_free(to);
}

/* ---- events ---- */

enum { MOST = 40 };

/* An event, its dates, and what is written of them. */
struct sample {
	struct event		 event;
	struct occurrence	 dates[MOST];
	size_t			 n;
	struct buf		*file;
	int64_t			 changed;
};

static const struct event class = {
	.id = { { 0x0F, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xA0 } },
	.slug = "capital-reading", .state = EVENT_PUBLISHED, .kind = EVENT_EDUCATION,
	.unit = "", .area = "north", .lang = "en", .title = "Reading Capital, volume 1",
	.summary = "We read aloud; nobody needs to prepare.", .html = { "" },
	.zone = "America/New_York", .minutes = 90, .access = "", .contact = "",
	.capacity = -1, .sequence = 3, .changed_at = 1795346120, .published_at = 1795346120,
};
#define UID	"0f0102030405060708090a0b0c0d0ea0"

static struct sample *
sample(const char *rule, const char *starts, const char *until)
{
	struct sample		*s = talloc_zero(NULL, struct sample);
	struct recurrence	 r;
	struct walls		 walls;

	s->event = class;
	s->event.rule = rule;
	s->event.starts_wall = at(starts);
	s->event.spread_to = at(until);
	s->file = buf_new(s, 4096);
	assert_int_equal(recurrence_read(&r, rule), OUT_OK);
	assert_int_equal(recurrence_dates(s, &r, s->event.starts_wall, INT64_MIN,
	    s->event.spread_to, MOST, &walls), OUT_OK);
	for (s->n = 0; s->n < walls.n; s->n++) {
		struct occurrence *o = &s->dates[s->n];

		*o = (struct occurrence){ .day = *rule == '\0' ? 0 :
		    calendar_day(walls.at[s->n]), .area = "north", .note = "",
		    .starts_at = calendar_utc(class.zone, walls.at[s->n]),
		    .changed_at = 1796000000, .capacity = -1 };
		o->ends_at = o->starts_at + class.minutes * 60;
		o->id.at[0] = (unsigned char)s->n;
	}
	return s;
}

static void
write(struct sample *s)
{
	struct ical		ical = { .settings = &settings, .words = &english,
				    .form_key = &key, .name = "Daybreak, events",
				    .path = "/events.ics?kind=talk&area=north",
				    .page = "/events?kind=talk&area=north" };
	struct occurrences	dates = { s->n, s->dates };
	struct ical_file	*file = ical_begin(s, &ical);

	buf_reset(s->file);
	assert_non_null(file);
	assert_int_equal(ical_add(file, &s->event, &dates), OUT_OK);
	assert_int_equal(ical_end(file, s->file, &s->changed), OUT_OK);
}

#define NEW_YORK	"BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\n" \
    ONSET("STANDARD", "20261101T020000", "-0400", "-0500", "EST", \
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n") \
    ONSET("DAYLIGHT", "20270314T020000", "-0500", "-0400", "EDT", \
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n") "END:VTIMEZONE\r\n"

static void
test_one_date(void **state)
{
	struct sample *s = sample("", "2026-12-08 18:30", "2027-12-01 00:00");

	(void)state;
	write(s);
	assert_string_equal(s->file->data,
	    "BEGIN:VCALENDAR\r\n"
	    "VERSION:2.0\r\n"
	    "PRODID:-//Openhall//Openhall//EN\r\n"
	    "CALSCALE:GREGORIAN\r\n"
	    "NAME:Daybreak\\, events\r\n"
	    "X-WR-CALNAME:Daybreak\\, events\r\n"
	    "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
	    "X-PUBLISHED-TTL:PT1H\r\n"
	    "URL:https://example.org:8443/events?kind=talk&area=north\r\n"
	    "SOURCE;VALUE=URI:https://example.org:8443/events.ics?kind=talk&area=north\r\n"
	    NEW_YORK
	    "BEGIN:VEVENT\r\n"
	    "UID:" UID "@example.org\r\n"
	    "DTSTAMP:20261122T111520Z\r\n"
	    "LAST-MODIFIED:20261122T111520Z\r\n"
	    "SEQUENCE:3\r\n"
	    "DTSTART;TZID=America/New_York:20261208T183000\r\n"
	    "DTEND;TZID=America/New_York:20261208T200000\r\n"
	    "STATUS:CONFIRMED\r\n"
	    "SUMMARY:Reading Capital\\, volume 1\r\n"
	    "DESCRIPTION:We read aloud\\; nobody needs to prepare.\\n\\nhttps://example.org\r\n"
	    " :8443/events/capital-reading\r\n"
	    "LOCATION:North Side\r\n"
	    "CATEGORIES:Political education\r\n"
	    "URL:https://example.org:8443/events/capital-reading\r\n"
	    "END:VEVENT\r\n"
	    "END:VCALENDAR\r\n");
	/* skipped: as if it were not there */
	s->dates[0].state = OCCURRENCE_SKIPPED;
	write(s);
	assert_false(has(s->file, "VEVENT"));
	talloc_free(s);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define IN_NY	";TZID=America/New_York:"

static void
test_series(void **state)
{
	struct sample *s = sample("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270406T183000",
	    "2026-12-08 18:30", "2027-12-01 00:00");

	(void)state;
	/* nothing but the rule; its end behind the change of the clocks, in UTC and two hours later */
	write(s);
	assert_int_equal(s->n, 9);
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 1);
	assert_has(s->file, "DTSTART" IN_NY "20261208T183000\r\n"
	    "DTEND" IN_NY "20261208T200000\r\n"
	    "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270407T003000Z\r\n"
	    "STATUS:CONFIRMED\r\n");
	assert_false(has(s->file, "EXDATE"));
	assert_false(has(s->file, "RDATE"));
	assert_has(s->file, "URL:https://example.org:8443/events/capital-reading\r\n");

	/* skipped, gone, moved, cancelled, postponed, and one elsewhere */
	s->dates[1].state = OCCURRENCE_SKIPPED;
	s->dates[1].sequence = 1;
	s->dates[3].starts_at += DAY;
	s->dates[3].ends_at += DAY + 1800;
	s->dates[3].own = true;
	s->dates[3].sequence = 2;
	s->dates[4].state = OCCURRENCE_CANCELLED;
	s->dates[4].note = "No meeting this week.";
	s->dates[5].state = OCCURRENCE_POSTPONED;
	s->dates[6].placed = true;
	s->dates[6].area = "";
	s->dates[6].online = true;
	s->dates[2] = s->dates[8];
	s->n = 8;
	write(s);
	assert_has(s->file, "EXDATE" IN_NY "20261222T183000\r\nEXDATE" IN_NY "20270105T183000\r\n"
	    "STATUS:CONFIRMED\r\n");
	assert_int_equal(count(s->file->data, "EXDATE"), 2);
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 5);
	assert_int_equal(count(s->file->data, "UID:" UID "@example.org\r\n"), 5);
	assert_int_equal(count(s->file->data, "SEQUENCE:6\r\n"), 5);
	assert_int_equal(count(s->file->data, "RECURRENCE-ID"), 4);
	assert_has(s->file, "UID:" UID "@example.org\r\n"
	    "RECURRENCE-ID" IN_NY "20270119T183000\r\n"
	    "DTSTAMP:20261130T005320Z\r\n"
	    "LAST-MODIFIED:20261130T005320Z\r\n"
	    "SEQUENCE:6\r\n"
	    "DTSTART" IN_NY "20270120T183000\r\n"
	    "DTEND" IN_NY "20270120T203000\r\n"
	    "STATUS:CONFIRMED\r\n"
	    "SUMMARY:Reading Capital\\, volume 1\r\n");
	assert_has(s->file, "RECURRENCE-ID" IN_NY "20270202T183000\r\n");
	assert_has(s->file, "STATUS:CANCELLED\r\n"
	    "SUMMARY:Cancelled: Reading Capital\\, volume 1\r\n"
	    "DESCRIPTION:No meeting this week.\\n\\nWe read aloud\\; nobody");
	assert_has(s->file, "STATUS:TENTATIVE\r\nSUMMARY:Postponed: Reading");
	assert_has(s->file, "LOCATION:Online\r\n");
	assert_has(s->file, "URL:https://example.org:8443/events/capital-reading/2027-01-19\r\n");
	talloc_free(s);
}

/* What is said of a series that does not begin, or end, with its rule. */
static void
test_edges(void **state)
{
	struct sample *s = sample("FREQ=WEEKLY;BYDAY=TU;COUNT=5", "2026-12-08 18:30",
	    "2027-12-01 00:00");

	(void)state;
	write(s);
	assert_has(s->file, "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=5\r\n");
	/* The first two do not take place: it begins with the third. */
	s->dates[0].state = s->dates[1].state = OCCURRENCE_SKIPPED;
	write(s);
	assert_has(s->file, "DTSTART" IN_NY "20261222T183000\r\n");
	assert_has(s->file, "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3\r\n");
	assert_false(has(s->file, "EXDATE"));
	/* None of the five does. */
	s->n = 0;
	write(s);
	assert_false(has(s->file, "VEVENT"));
	talloc_free(s);

	/* It begins on a Wednesday: that is no date of the series. */
	s = sample("FREQ=WEEKLY;BYDAY=TU;COUNT=5", "2026-12-09 18:30", "2027-12-01 00:00");
	write(s);
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 2);
	assert_has(s->file, "UID:" UID "@example.org\r\n");
	assert_has(s->file, "DTSTART" IN_NY "20261215T183000\r\n");
	assert_has(s->file, "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4\r\n");
	assert_has(s->file, "UID:" UID "-20261209@example.org\r\n");
	assert_has(s->file, "DTSTART" IN_NY "20261209T183000\r\n");
	assert_false(has(s->file, "RECURRENCE-ID"));

	/* The rule was changed: what is over stays, and is not of the series. */
	s->event.rule = "FREQ=WEEKLY;BYDAY=WE";
	s->event.spread_to = at("2027-01-20 00:00");
	write(s);
	assert_has(s->file, "DTSTART" IN_NY "20261209T183000\r\n");
	assert_has(s->file, "RRULE:FREQ=WEEKLY;BYDAY=WE\r\nEXDATE" IN_NY "20261216T183000\r\n"
	    "EXDATE" IN_NY "20261223T183000\r\nEXDATE" IN_NY "20261230T183000\r\n"
	    "EXDATE" IN_NY "20270106T183000\r\nEXDATE" IN_NY "20270113T183000\r\nSTATUS");
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 5);
	assert_has(s->file, "UID:" UID "-20261215@example.org\r\n");
	talloc_free(s);

	/* Its end is an hour at which it never begins. */
	s = sample("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T180000", "2026-12-08 18:30",
	    "2027-12-01 00:00");
	write(s);
	assert_int_equal(s->n, 2);
	assert_has(s->file, ";UNTIL=20261222T013000Z\r\n");
	s->event.rule = "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261215T235900";
	write(s);
	assert_has(s->file, ";UNTIL=20261216T013000Z\r\n");
	assert_false(has(s->file, "EXDATE"));
	talloc_free(s);

	/* Of a rule without end, nothing is said of what is behind the last row. */
	s = sample("FREQ=MONTHLY;BYDAY=-1FR", "2026-12-25 18:30", "2027-06-01 00:00");
	write(s);
	assert_int_equal(s->n, 6);
	assert_has(s->file, "RRULE:FREQ=MONTHLY;BYDAY=-1FR\r\nSTATUS");
	talloc_free(s);
}

/* What is true of the whole event. */
static void
test_event(void **state)
{
	struct sample *s = sample("FREQ=WEEKLY;BYDAY=TU;COUNT=2", "2026-12-08 18:30",
	    "2027-12-01 00:00");

	(void)state;
	s->event.state = EVENT_CANCELLED;
	s->dates[1].state = OCCURRENCE_CANCELLED;
	s->event.lang = "es";
	s->event.title = "Leyendo";
	s->event.summary = "";
	write(s);
	assert_has(s->file, "STATUS:CANCELLED\r\nSUMMARY;LANGUAGE=es:Cancelled: Leyendo\r\n"
	    "DESCRIPTION;LANGUAGE=es:https://");
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 1);
	/* UTC needs no zone */
	s->event.zone = "UTC";
	for (size_t i = 0; i < s->n; i++) {
		s->dates[i].starts_at = s->event.starts_wall + (int64_t)i * 7 * DAY;
		s->dates[i].ends_at = s->dates[i].starts_at + 5400;
	}
	write(s);
	assert_false(has(s->file, "VTIMEZONE"));
	assert_false(has(s->file, "TZID"));
	assert_has(s->file, "DTSTART:20261208T183000Z\r\nDTEND:20261208T200000Z\r\n");
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 1);
	/* with nothing at all in it, it has the site's */
	s->n = 0;
	write(s);
	assert_has(s->file, "BEGIN:VTIMEZONE\r\nTZID:UTC\r\n"
	    ONSET("STANDARD", "19700101T000000", "+0000", "+0000", "UTC", "")
	    "END:VTIMEZONE\r\nEND:VCALENDAR\r\n");
	s->n = 2;
	/* a day that is skipped there */
	s->dates[1].state = OCCURRENCE_SKIPPED;
	write(s);
	assert_has(s->file, "EXDATE:20261215T183000Z\r\n");
	/* nor does a zone that nobody knows */
	s->event.zone = "Mars/Olympus_Mons";
	write(s);
	assert_has(s->file, "DTSTART:20261208T183000Z\r\n");
	talloc_free(s);
}

/* In the night when an hour comes twice. */
static void
test_long_night(void **state)
{
	struct sample *s = sample("", "2026-10-31 23:00", "2027-12-01 00:00");

	(void)state;
	/* until 01:30, for the first time */
	s->dates[0].ends_at = s->dates[0].starts_at + 150 * 60;
	write(s);
	assert_has(s->file, "DTEND" IN_NY "20261101T013000\r\n");
	s->dates[0].ends_at += 3600;
	write(s);
	assert_has(s->file, "DURATION:PT210M\r\n");
	s->dates[0].ends_at += 3600;
	write(s);
	assert_has(s->file, "DTEND" IN_NY "20261101T023000\r\n");
	s->dates[0].ends_at = s->dates[0].starts_at;
	write(s);
	assert_false(has(s->file, "DTEND"));
	assert_false(has(s->file, "DURATION:PT0"));
	talloc_free(s);
}

/* In the night when an hour does not come: that of the first date, not of the others. */
static void
test_short_night(void **state)
{
	struct sample *s = sample("FREQ=WEEKLY;BYDAY=SU;COUNT=3", "2027-03-14 02:30",
	    "2027-12-01 00:00");

	(void)state;
	write(s);
	assert_has(s->file, "DTSTART" IN_NY "20270314T023000\r\nDURATION:PT90M\r\nRRULE");
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 1);
	s->dates[0].state = OCCURRENCE_SKIPPED;
	write(s);
	assert_has(s->file, "DTSTART" IN_NY "20270321T023000\r\nDTEND" IN_NY
	    "20270321T040000\r\nRRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=2\r\n");
	talloc_free(s);
}

static void
test_places(void **state)
{
	struct sample	*s = sample("FREQ=WEEKLY;BYDAY=TU;COUNT=2", "2026-12-08 18:30",
			    "2027-12-01 00:00");
	struct place	 hall = { "12 Elm Street; side door", "https://meet.example.org/a" };
	struct place	 park = { "The park", "" };

	(void)state;
	assert_int_equal(event_place_seal(s, &key, &s->event.id, &hall,
	    &s->event.whereabouts), OUT_OK);
	s->event.online = s->dates[0].online = s->dates[1].online = true;
	write(s);
	assert_has(s->file, "LOCATION:12 Elm Street\\; side door\\, North Side\r\n"
	    "CONFERENCE;VALUE=URI:https://meet.example.org/a\r\n");
	assert_has(s->file, "prepare.\\n\\nhttps://meet.ex");
	/* one date elsewhere, and not online */
	assert_int_equal(event_place_seal(s, &key, &s->dates[1].id, &park,
	    &s->dates[1].whereabouts), OUT_OK);
	s->dates[1].placed = true;
	s->dates[1].area = "";
	s->dates[1].online = false;
	write(s);
	assert_int_equal(count(s->file->data, "LOCATION:12 Elm"), 1);
	assert_int_equal(count(s->file->data, "LOCATION:The park\r\n"), 1);
	assert_int_equal(count(s->file->data, "CONFERENCE"), 1);
	/* one that is over, from when the event was elsewhere */
	s->dates[0].area = "";
	write(s);
	assert_int_equal(count(s->file->data, "RECURRENCE-ID"), 2);
	assert_int_equal(count(s->file->data, "LOCATION:12 Elm Street\\; side door\r\n"), 1);
	s->dates[0].area = "north";
	/* only for those who come */
	s->event.address_coming = s->event.link_coming = true;
	write(s);
	assert_false(has(s->file, "Elm"));
	assert_false(has(s->file, "park"));
	assert_false(has(s->file, "meet.example"));
	assert_has(s->file, "LOCATION:North Side\r\n");
	/* under another key it does not open, and nothing else is lost */
	s->event.address_coming = s->event.link_coming = false;
	s->event.id.at[0] ^= 1;
	write(s);
	assert_has(s->file, "LOCATION:North Side\r\n");
	assert_false(has(s->file, "Elm"));
	talloc_free(s);
}

/* Nobody can begin a line of their own. */
static void
test_hostile(void **state)
{
	struct sample *s = sample("", "2026-12-08 18:30", "2027-12-01 00:00");

	(void)state;
	s->event.title = "x\r\nATTACH:https://evil.example\r\nX-A:";
	s->event.summary = "\nEND:VCALENDAR\n";
	s->dates[0].note = "\r\n\r\nBEGIN:VALARM";
	write(s);
	assert_false(has(s->file, "\nATTACH"));
	assert_false(has(s->file, "\nBEGIN:VALARM"));
	assert_int_equal(count(s->file->data, "\nEND:VCALENDAR"), 1);
	talloc_free(s);
}

static void
test_same_bytes(void **state)
{
	struct sample	*s = sample("FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30",
			    "2027-06-01 00:00");
	struct buf	*first;

	(void)state;
	write(s);
	first = s->file;
	s->file = buf_new(s, 64);
	/* Rows come in whatever order; another one behind them changes nothing. */
	for (size_t i = 0; i < s->n / 2; i++) {
		struct occurrence o = s->dates[i];

		s->dates[i] = s->dates[s->n - 1 - i];
		s->dates[s->n - 1 - i] = o;
	}
	write(s);
	assert_string_equal(s->file->data, first->data);
	talloc_free(s);
}

/* What comes later may need a zone from an earlier day on; and nothing of an event that was added
 * is needed any more. */
static void
test_several(void **state)
{
	struct sample		*s = sample("FREQ=WEEKLY;BYDAY=TU;COUNT=2", "2027-01-05 18:30",
				    "2028-12-01 00:00");
	struct ical		 ical = { .settings = &settings, .words = &english,
				    .form_key = &key, .name = "All", .path = "/events.ics",
				    .page = "/events" };
	const char		*names[] = { "America/New_York", "UTC", "Europe/Berlin",
				    "America/New_York" };
	struct ical_file	*file = ical_begin(s, &ical);
	int64_t			 changed;
	const char		*text;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct occurrence	*dates = talloc_memdup(NULL, s->dates, s->n * sizeof(*dates));
		struct event		*e = talloc_memdup(dates, &s->event, sizeof(*e));

		e->zone = talloc_strdup(dates, names[i]);
		e->changed_at = 1796000000 - (int64_t)i;
		for (size_t k = 0; k < s->n; k++) {
			dates[k].starts_at = calendar_utc(names[i],
			    calendar_wall(class.zone, s->dates[k].starts_at));
			dates[k].ends_at = dates[k].starts_at + class.minutes * 60;
		}
		dates[1].changed_at = 1796000000 + (i == 1 ? 77 : 0);
		if (i == 3)		/* before the clocks are moved in autumn */
			dates[0].starts_at -= 100 * DAY;
		assert_int_equal(ical_add(file, e, &(struct occurrences){ s->n, dates }), OUT_OK);
		memset(dates, 0xee, s->n * sizeof(*dates));
		memset(e, 0xee, sizeof(*e));
		talloc_free(dates);
	}
	buf_reset(s->file);
	assert_int_equal(ical_end(file, s->file, &changed), OUT_OK);
	text = s->file->data;
	assert_int_equal(changed, 1796000077);
	assert_int_equal(count(text, "BEGIN:VTIMEZONE"), 2);
	assert_int_equal(count(text, "TZID:America/New_York"), 1);
	assert_int_equal(count(text, "BEGIN:VEVENT"), 5);	/* one was moved */
	assert_true(strstr(text, "TZID:America/New_York") < strstr(text, "TZID:Europe/Berlin"));
	assert_null(strstr(strstr(text, "BEGIN:VEVENT"), "BEGIN:VTIMEZONE"));
	assert_non_null(strstr(text, "DTSTART:20261101T020000"));	/* since that day */
	/* Nothing at all is a calendar, too. */
	buf_reset(s->file);
	assert_int_equal(ical_end(ical_begin(s, &ical), s->file, &changed), OUT_OK);
	assert_int_equal(changed, 0);
	assert_int_equal(count(s->file->data, "BEGIN:VTIMEZONE"), 1);
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 0);
	talloc_free(s);
}

/* A thousand weekly events of eighteen months, written in milliseconds. */
static void
test_cost(void **state)
{
	struct sample		*s = sample("FREQ=WEEKLY;BYDAY=TU", "2026-12-08 18:30",
				    "2027-09-01 00:00");
	struct ical		 ical = { .settings = &settings, .words = &english,
				    .form_key = &key, .name = "All", .path = "/events.ics",
				    .page = "/events" };
	struct occurrences	 dates = { s->n, s->dates };
	struct ical_file	*file = ical_begin(s, &ical);
	struct timespec		 a, b;

	(void)state;
	s->dates[3].state = OCCURRENCE_CANCELLED;
	s->dates[5].state = OCCURRENCE_SKIPPED;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(ical_add(file, &s->event, &dates), OUT_OK);
	assert_int_equal(ical_end(file, s->file, &s->changed), OUT_OK);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	assert_int_equal(count(s->file->data, "BEGIN:VEVENT"), 2000);
	print_message("%.1f ms\n", (double)(b.tv_sec - a.tv_sec) * 1e3 +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	/* With sanitizers and others at work it may take ten times as long. */
	assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 1000);
	talloc_free(s);
}

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : 0;
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_named_moves),
		cmocka_unit_test(test_one_date),
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_long_night),
		cmocka_unit_test(test_short_night),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
