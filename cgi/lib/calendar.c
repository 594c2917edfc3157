/* calendar.c: zones, wall clocks and days; see openhall/calendar.h. */
#include "openhall/calendar.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/text.h"
#include "openhall/when.h"
#include "zone.h"

const char *const calendar_weekday_words[7] = {
	N_("Sunday"), N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"),
	N_("Friday"), N_("Saturday")
};

const char *const calendar_weekday_within[7] = {
	NC_("in a sentence", "Sunday"), NC_("in a sentence", "Monday"),
	NC_("in a sentence", "Tuesday"), NC_("in a sentence", "Wednesday"),
	NC_("in a sentence", "Thursday"), NC_("in a sentence", "Friday"),
	NC_("in a sentence", "Saturday")
};

void
calendar_start(const struct settings *settings)
{
	if (!calendar_has_zone(settings->zone))
		log_stop("%s/site.conf: zone: the system knows no \"%s\" (tzdata)",
		    settings->site_dir, settings->zone);
}

/* ---- zones ---- */

bool
calendar_has_zone(const char *name)
{
	return zone_find(name) != NULL;
}

/* What the clocks there show; of a zone that the system has lost, UTC. */
static void
clock_at(const char *name, int64_t utc, struct zone_clock *clock)
{
	const struct zone *zone = zone_find(name);

	*clock = (struct zone_clock){ .abbreviation = "UTC" };
	if (zone != NULL)
		zone_clock(zone, utc, clock);
	else
		log_error("zone_unknown", "zone", name, NULL);
}

int64_t
calendar_utc(const char *zone, int64_t wall)
{
	struct zone_clock	before, after, then;

	/* The moment meant is within fifteen hours of the wall's as if it were UTC. */
	clock_at(zone, wall - DAY, &before);
	clock_at(zone, wall + DAY, &after);
	if (before.offset == after.offset)
		return wall - before.offset;
	/* Of two moments the first is that before the clocks were moved. */
	clock_at(zone, wall - before.offset, &then);
	if (then.offset == before.offset)
		return wall - before.offset;
	clock_at(zone, wall - after.offset, &then);
	return wall - (then.offset == after.offset ? after.offset : before.offset);
}

int64_t
calendar_wall(const char *zone, int64_t utc)
{
	struct zone_clock clock;

	clock_at(zone, utc, &clock);
	return utc + clock.offset;
}

const char *
calendar_abbreviation(const void *ctx, const char *zone, int64_t utc)
{
	struct zone_clock clock;

	clock_at(zone, utc, &clock);
	return talloc_strdup(ctx, clock.abbreviation);
}

/* ---- days ---- */

/*
 * Days of the civil calendar, from 1 March of the year 0, in eras of 400 years, each of which has
 * the same days: the leap day is a year's last, and no table is needed.  gmtime() and timegm()
 * say the same, at twenty times the cost.
 */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH = 719468 /* 1 January 1970 */ };

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
days_of(int year, int month, int day)
{
	int64_t	months = (int64_t)year * 12 + month - 3, y = floor_div(months, 12);
	int64_t	era = floor_div(y, ERA_YEARS), of_era = y - era * ERA_YEARS;
	int64_t	of_year = (153 * (months - y * 12) + 2) / 5 + day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH;
}

int64_t
calendar_at(int year, int month, int day, int hour, int minute)
{
	return days_of(year, month, day) * DAY + (int64_t)hour * 3600 + (int64_t)minute * 60;
}

void
calendar_date(struct calendar_date *date, int64_t wall)
{
	int64_t	days = floor_div(wall, DAY), from = days + EPOCH;
	int64_t	era = floor_div(from, ERA_DAYS), of_era = from - era * ERA_DAYS;
	int64_t	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t	of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t	month = (5 * of_year + 2) / 153;
	int	minutes = (int)((wall - days * DAY) / 60);

	*date = (struct calendar_date){
		.year = (int)(year + era * ERA_YEARS + (month >= 10)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
		.weekday = (int)(days + 4 - 7 * floor_div(days + 4, 7)),
		.hour = minutes / 60,
		.minute = minutes % 60,
	};
}

int
calendar_day(int64_t wall)
{
	struct calendar_date date;

	calendar_date(&date, wall);
	return (date.year * 100 + date.month) * 100 + date.day;
}

/* Whether what is beyond its range changed nothing. */
static bool
is_day(int year, int month, int day, int64_t *midnight)
{
	struct calendar_date date;

	*midnight = calendar_at(year, month, day, 0, 0);
	calendar_date(&date, *midnight);
	return date.year == year && date.month == month && date.day == day;
}

bool
calendar_day_wall(int day, int64_t *midnight)
{
	return day > 0 && is_day(day / 10000, day / 100 % 100, day % 100, midnight);
}

bool
calendar_read(const char *typed, int64_t *wall)
{
	static const char	pattern[] = "9999-99-99 99:99";
	int			n[5] = { 0 };
	size_t			which = 0;

	/* Year, month, day, hour and minute, each ended by what is no digit. */
	for (size_t i = 0; i < sizeof(pattern); i++) {
		if (pattern[i] == '9') {
			if (typed[i] < '0' || typed[i] > '9')
				return false;
			n[which] = n[which] * 10 + (typed[i] - '0');
			continue;
		}
		if (typed[i] != pattern[i] && !(pattern[i] == ' ' && typed[i] == 'T'))
			return false;
		which++;
	}
	if (n[0] < 2000 || n[0] > 2100 || n[3] > 23 || n[4] > 59 ||
	    !is_day(n[0], n[1], n[2], wall))
		return false;
	*wall += (int64_t)n[3] * 3600 + (int64_t)n[4] * 60;
	return true;
}
