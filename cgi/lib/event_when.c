/* event_when.c: when a date is, as people and machines write it; see openhall/event.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/event.h"
#include "openhall/text.h"
#include "openhall/when.h"

/* "Tuesday, 8 December 2026"; within a sentence "martes 8 de diciembre de 2026". */
static const char *
day_of(const void *ctx, const struct site_words *words, int64_t wall, bool within)
{
	const char *const	*weekdays = within ? calendar_weekday_within :
				    calendar_weekday_words;
	struct calendar_date	 date;
	const char		*day = when_day(ctx, words, wall);

	calendar_date(&date, wall);
	/* TRANSLATORS: a weekday and a date, "Tuesday" and "8 December 2026" */
	return day == NULL ? NULL : talloc_asprintf(ctx, text_in(words, within ?
	    NC_("in a sentence", "%s, %s") : N_("%s, %s")),
	    text_in(words, weekdays[date.weekday]), day);
}

static const char *
hour_of(const void *ctx, int64_t wall)
{
	struct calendar_date date;

	calendar_date(&date, wall);
	return talloc_asprintf(ctx, "%02d:%02d", date.hour, date.minute);
}

/* "2026-12-08T18:30:00-05:00" (RFC 3339). */
static const char *
iso_of(const void *ctx, int64_t wall, int64_t utc)
{
	struct calendar_date	d;
	int			minutes = (int)((wall - utc) / 60);

	calendar_date(&d, wall);
	return talloc_asprintf(ctx, "%04d-%02d-%02dT%02d:%02d:00%c%02d:%02d", d.year, d.month,
	    d.day, d.hour, d.minute, minutes < 0 ? '-' : '+', abs(minutes) / 60,
	    abs(minutes) % 60);
}

enum outcome
event_when(const void *ctx, const struct site_words *words, const char *zone,
    int64_t starts_at, int64_t ends_at, struct event_when *out)
{
	int64_t		 starts = calendar_wall(zone, starts_at);
	int64_t		 ends = calendar_wall(zone, ends_at);
	const char	*from = hour_of(ctx, starts), *to = hour_of(ctx, ends);
	const char	*last = day_of(ctx, words, ends, true);

	if (from == NULL || to == NULL || last == NULL)
		return OUT_FAULT;
	*out = (struct event_when){
		.day = day_of(ctx, words, starts, false),
		.within = day_of(ctx, words, starts, true),
		.zone = calendar_abbreviation(ctx, zone, starts_at),
		.starts_iso = iso_of(ctx, starts, starts_at),
		.ends_iso = iso_of(ctx, ends, ends_at),
	};
	if (ends_at == starts_at)
		out->hours = from;
	else if (calendar_day(starts) == calendar_day(ends) || ends - starts < DAY / 2)
		out->hours = talloc_asprintf(ctx, "%s\xE2\x80\x93%s", from, to);
	else	/* TRANSLATORS: from an hour of that day to a day and an hour: "18:00", "Sunday,
		 * 13 December 2026", "16:00" */
		out->hours = talloc_asprintf(ctx, text_in(words, "%s until %s, %s"), from, last,
		    to);
	return out->day != NULL && out->within != NULL && out->hours != NULL &&
	    out->zone != NULL && out->starts_iso != NULL && out->ends_iso != NULL ?
	    OUT_OK : OUT_FAULT;
}

const char *
event_zone_name(const void *ctx, const struct settings *settings,
    const struct site_words *words, const char *zone)
{
	const char	*slash = strrchr(zone, '/');
	char		*name;

	if (words->zone_name != NULL && strcmp(zone, settings->zone) == 0)
		return words->zone_name;
	if (slash == NULL || strncmp(zone, "Etc/", 4) == 0)
		return NULL;
	name = talloc_strdup(ctx, slash + 1);
	for (char *c = name; c != NULL && *c != '\0'; c++)
		*c = *c == '_' ? ' ' : *c;
	return name;
}
