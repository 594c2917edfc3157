/*
 * ical_zone.c: a zone as a VTIMEZONE (RFC 5545, 3.6.5).  What the system's rule says for all the
 * years to come is a rule there, too; any other move of the clocks is named by its date.
 */
#include "ical_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openhall/calendar.h"
#include "openhall/when.h"

enum { MOVES_MOST = 400, UNTIL_YEAR = 2051 };

struct move {
	int64_t			at;
	struct zone_clock	before, after;
	bool			by_rule, written;
};

/* Those from the one after which the clocks show what they do at `from`. */
static size_t
gather(const struct zone *zone, int64_t from, struct move moves[MOVES_MOST])
{
	int64_t	utc = from - 2 * 366LL * DAY, end = calendar_at(UNTIL_YEAR, 1, 1, 0, 0);
	size_t	n = 0;

	for (int64_t at; n < MOVES_MOST && zone_next(zone, utc, end, &at); utc = at) {
		if (at <= from)
			n = 0;
		moves[n] = (struct move){ .at = at };
		zone_clock(zone, at - 1, &moves[n].before);
		zone_clock(zone, at, &moves[n++].after);
	}
	return n;
}

static int
year_of(int64_t wall)
{
	struct calendar_date date;

	calendar_date(&date, wall);
	return date.year;
}

/* Which of the rule's two moves this one is; NULL: neither. */
static const struct zone_move *
rule_move(const struct zone_rule *rule, const struct move *move)
{
	const struct zone_move	*said = move->after.saving ? &rule->to_saving :
				    &rule->to_standard;
	int64_t			 wall = move->at + move->before.offset;

	return wall == zone_move_wall(said, year_of(wall - said->seconds)) ? said : NULL;
}

/* Mark those behind which nothing but the rule moves the clocks, twice a year. */
static void
mark(const struct zone_rule *rule, struct move *moves, size_t n)
{
	if (rule == NULL || !rule->moves)
		return;
	for (size_t i = n; i-- > 0;) {
		if (rule_move(rule, &moves[i]) == NULL)
			return;
		if (i + 2 < n && year_of(moves[i].at + DAY * 10) + 1 !=
		    year_of(moves[i + 2].at + DAY * 10))
			return;
		moves[i].by_rule = true;
	}
}

/*
 * The day of a rule's move, "BYMONTH=3;BYDAY=2SU"; false: RFC 5545 has no words for it that every
 * program knows.  Where the move is on a day before or behind the weekday that the rule names,
 * that is another weekday, in seven days of the month.
 */
static bool
rule_words(const struct zone_move *move, char *out, size_t size)
{
	static const char	days[7][3] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };
	int			later = (int)(when_day_of(move->seconds) / DAY), from, length, len;
	const char		*day = days[((move->day + later) % 7 + 7) % 7];

	if (move->how != MOVE_WEEKDAY)
		return false;
	if (later == 0) {
		snprintf(out, size, "BYMONTH=%d;BYDAY=%d%s", move->month,
		    move->week == 5 ? -1 : move->week, day);
		return true;
	}
	length = (int)((calendar_at(2026, move->month + 1, 1, 0, 0) -
	    calendar_at(2026, move->month, 1, 0, 0)) / DAY);
	from = (move->week == 5 ? length - 6 : 7 * move->week - 6) + later;
	if (from < 1 || from + 6 > length || (move->week == 5 && move->month == 2))
		return false;
	len = snprintf(out, size, "BYMONTH=%d;BYDAY=%s;BYMONTHDAY=%d", move->month, day, from);
	for (int i = 1; i < 7; i++)
		len += snprintf(out + len, size - (size_t)len, ",%d", from + i);
	return true;
}

static void
offset(struct ical_lines *lines, const char *name, int seconds)
{
	char	text[sizeof("+hhmmss") + 8];
	int	all = abs(seconds), n;

	n = snprintf(text, sizeof(text), "%c%02d%02d", seconds < 0 ? '-' : '+', all / 3600,
	    all / 60 % 60);
	if (all % 60 != 0)
		snprintf(text + n, sizeof(text) - (size_t)n, "%02d", all % 60);
	ical_line(lines, name, text);
}

static void
begin(struct ical_lines *lines, const char *what, int64_t wall, int before,
    const struct zone_clock *after)
{
	char text[ICAL_TIME];

	ical_time_text(text, wall);
	ical_line(lines, "BEGIN", what);
	ical_line(lines, "DTSTART", text);
	offset(lines, "TZOFFSETFROM", before);
	offset(lines, "TZOFFSETTO", after->offset);
	ical_line(lines, "TZNAME", after->abbreviation);
}

static bool
is_alike(const struct move *a, const struct move *b)
{
	return a->before.offset == b->before.offset && a->after.offset == b->after.offset &&
	    a->by_rule == b->by_rule &&
	    strcmp(a->after.abbreviation, b->after.abbreviation) == 0;
}

/* Move `i`, and all those after it that are like it. */
static void
write_moves(struct ical_lines *lines, const struct zone_rule *rule, struct move *moves,
    size_t i, size_t n)
{
	const struct move	*first = &moves[i];
	/* Not what the file calls it: in Dublin the winter's time is the other one. */
	const char		*what = first->after.offset > first->before.offset && i + 1 < n ?
				    "DAYLIGHT" : "STANDARD";
	char			 text[96];
	bool			 by_rule = first->by_rule &&
				    rule_words(rule_move(rule, first), text, sizeof(text));

	begin(lines, what, first->at + first->before.offset, first->before.offset,
	    &first->after);
	if (by_rule) {
		ical_put(lines, "RRULE:FREQ=YEARLY;");
		ical_put(lines, text);
		ical_end_line(lines);
	}
	for (size_t k = i; k < n; k++) {
		if (!is_alike(&moves[k], first))
			continue;
		moves[k].written = true;
		ical_time_text(text, moves[k].at + moves[k].before.offset);
		if (!by_rule && k != i)
			ical_line(lines, "RDATE", text);
	}
	ical_line(lines, "END", what);
}

void
ical_zone(struct ical_lines *lines, const char *tzid, const struct zone *zone, int64_t from)
{
	struct move		moves[MOVES_MOST];
	size_t			n = gather(zone, from, moves);
	struct zone_clock	clock;

	mark(zone_rule(zone), moves, n);
	ical_line(lines, "BEGIN", "VTIMEZONE");
	ical_line(lines, "TZID", tzid);
	if (n == 0 || moves[0].at > from) {
		/* As it is at `from`, for as long as anybody asks. */
		zone_clock(zone, from, &clock);
		begin(lines, "STANDARD", 0, clock.offset, &clock);
		ical_line(lines, "END", "STANDARD");
	}
	for (size_t i = 0; i < n; i++)
		if (!moves[i].written)
			write_moves(lines, zone_rule(zone), moves, i, n);
	ical_line(lines, "END", "VTIMEZONE");
}
