/*
 * calendar: zones, wall clocks and what recurs, by the system's zones.  Knows nothing of the
 * store.
 *
 * A wall time is what a clock on the wall shows, as seconds since 1970 as if it were UTC, and
 * means a moment only in a zone.
 */
#ifndef OPENHALL_CALENDAR_H
#define OPENHALL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openhall/outcome.h"
#include "openhall/settings.h"

enum {
	CALENDAR_ZONE_MAX = 64,		/* bytes of a zone's name */
	CALENDAR_RULE_MAX = 120,
	CALENDAR_DATES_MAX = 800	/* of one event */
};

/* Stop the start (log_stop()) when the site's zone is not one that the system knows. */
void		 calendar_start(const struct settings *);

/* ---- zones ---- */

/* Whether the system knows the zone of that name ("America/New_York", "UTC"). */
bool		 calendar_has_zone(const char *zone);

/*
 * From the wall to the moment and back.  A wall time that the clocks leap over is read with the
 * offset before it, of one that comes twice the first is meant (RFC 5545, 3.3.5).
 */
int64_t		 calendar_utc(const char *zone, int64_t wall);
int64_t		 calendar_wall(const char *zone, int64_t utc);

/* What the clock there is called then: "EST"; below `ctx`, NULL: no memory. */
const char	*calendar_abbreviation(const void *ctx, const char *zone, int64_t utc);

/* ---- dates of a wall time ---- */

struct calendar_date { int year, month /* 1-12 */, day, weekday /* 0: Sunday */, hour, minute; };
void		 calendar_date(struct calendar_date *, int64_t wall);

/* N_() texts of the weekdays, Sunday first. */
extern const char *const calendar_weekday_words[7];
/* The same within a sentence: there many languages write them small. */
extern const char *const calendar_weekday_within[7];

/* What is beyond its range is carried over: month 13 is January of the next year. */
int64_t		 calendar_at(int year, int month, int day, int hour, int minute);

/* 20261208, and back; false: no such day. */
int		 calendar_day(int64_t wall);
bool		 calendar_day_wall(int day, int64_t *midnight);

/* "2026-12-08 18:30" or "2026-12-08T18:30" as it was typed; false: no such time, or not from 2000
 * to 2100. */
bool		 calendar_read(const char *typed, int64_t *wall);

/* ---- recurrence ---- */

enum recurs { RECURS_NOT = 0, RECURS_WEEKLY, RECURS_MONTHLY /* n-th weekday */ };

struct recurrence {
	enum recurs	how;
	unsigned	step;		/* every so many weeks or months, 1-12 */
	unsigned	weekdays;	/* weekly: bits, Sunday is bit 0; at least one */
	int		weekday;	/* monthly: 0 is Sunday */
	int		nth;		/* monthly: 1-4, or -1: the last */
	int64_t		until;		/* wall time of the last date at the latest; 0: none */
	unsigned	count;		/* of dates; 0: none.  Never both */
};

/* Read and write event.rule: the value of an RRULE (RFC 5545, 3.3.10) of the kinds above, its UNTIL
 * as a wall time without "Z".  OUT_OK; OUT_INVALID; OUT_FAULT (text: NULL). */
enum outcome	 recurrence_read(struct recurrence *, const char *rule);
const char	*recurrence_text(const void *ctx, const struct recurrence *);

/* It in words: "Every second Tuesday, until 30 June 2027"; "On the last Friday of each month";
 * below `ctx`, NULL: no memory. */
const char	*recurrence_words(const void *ctx, const struct site_words *,
		    const struct recurrence *);

/* Whether the rule itself says the date with which it begins. */
bool		 recurrence_says_first(const struct recurrence *, int64_t starts);

/*
 * The wall times of its dates in [from, to), at most `most`, oldest first, below `ctx`; `starts`
 * is that of the first one.  A date that the rule does not say, though it stands in `starts`, is
 * the first all the same (RFC 5545, 3.8.5.3).  OUT_OK or OUT_FAULT.
 */
struct walls { size_t n; const int64_t *at; };
enum outcome	 recurrence_dates(const void *ctx, const struct recurrence *, int64_t starts,
		    int64_t from, int64_t to, size_t most, struct walls *);

#endif
