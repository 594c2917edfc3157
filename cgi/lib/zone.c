/*
 * zone.c: see zone.h.  A file says each move up to some year, and behind that a rule for all the
 * years to come.
 */
#include "zone.h"

#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/calendar.h"
#include "openhall/when.h"

enum {
	FILE_MOST = 256 * 1024,		/* bytes; the longest is 4 KB */
	MOVES_MOST = 4000,
	OFFSET_MOST = 26 * 3600		/* RFC 8536, 3.2 */
};

#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct zone {
	struct zone		*next;
	char			*name;
	size_t			 n, n_clocks;
	int64_t			*at;		/* moments of moves, in order */
	unsigned char		*to;		/* which of the clocks is true from then on */
	struct zone_clock	*clocks;	/* the first is true before all moves */
	struct zone_rule	 rule;
};

/* ---- the rule behind the moves: "EST5EDT,M3.2.0,M11.1.0" ---- */

static bool
take_number(const char **text, int most, int *out)
{
	const char *at = *text;

	for (*out = 0; *at >= '0' && *at <= '9'; at++)
		if ((*out = *out * 10 + (*at - '0')) > most)
			return false;
	if (at == *text)
		return false;
	*text = at;
	return true;
}

static bool
take(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* "EST", "<-02>" */
static bool
take_name(const char **text, char name[ZONE_ABBREVIATION_MAX])
{
	bool	quoted = take(text, '<');
	size_t	len = strspn(*text, quoted ? LETTERS "0123456789+-" : LETTERS);

	if (len < 3 || len >= ZONE_ABBREVIATION_MAX)
		return false;
	memcpy(name, *text, len);
	name[len] = '\0';
	*text += len;
	return !quoted || take(text, '>');
}

/* "5", "-9:30", "+24:00:00" */
static bool
take_time(const char **text, int hours_most, int *seconds)
{
	bool	minus = take(text, '-');
	int	hours, minutes = 0, rest = 0;

	if (!minus)
		take(text, '+');
	if (!take_number(text, hours_most, &hours) ||
	    (take(text, ':') && (!take_number(text, 59, &minutes) ||
	    (take(text, ':') && !take_number(text, 59, &rest)))))
		return false;
	*seconds = (hours * 60 + minutes) * 60 + rest;
	if (minus)
		*seconds = -*seconds;
	return true;
}

/* ",M3.2.0/2", ",J60", ",59/-1" */
static bool
take_move(const char **text, struct zone_move *move)
{
	*move = (struct zone_move){ .seconds = 2 * 3600 };
	if (!take(text, ','))
		return false;
	if (take(text, 'M')) {
		move->how = MOVE_WEEKDAY;
		if (!take_number(text, 12, &move->month) || move->month < 1 ||
		    !take(text, '.') || !take_number(text, 5, &move->week) ||
		    move->week < 1 || !take(text, '.') || !take_number(text, 6, &move->day))
			return false;
	} else {
		move->how = take(text, 'J') ? MOVE_JULIAN : MOVE_DAY;
		if (!take_number(text, 365, &move->day) ||
		    (move->how == MOVE_JULIAN && move->day < 1))
			return false;
	}
	return !take(text, '/') || take_time(text, 167, &move->seconds);
}

/* No text at all is no rule. */
static bool
parse_rule(const char *text, struct zone_rule *rule)
{
	int west;

	*rule = (struct zone_rule){ .there = *text != '\0' };
	if (!rule->there)
		return true;
	if (!take_name(&text, rule->standard.abbreviation) || !take_time(&text, 24, &west))
		return false;
	rule->standard.offset = -west;
	if (*text == '\0')
		return true;
	rule->moves = rule->saving.saving = true;
	rule->saving.offset = rule->standard.offset + 3600;
	if (!take_name(&text, rule->saving.abbreviation))
		return false;
	if (*text != ',') {
		if (!take_time(&text, 24, &west))
			return false;
		rule->saving.offset = -west;
	}
	return take_move(&text, &rule->to_saving) && take_move(&text, &rule->to_standard) &&
	    *text == '\0';
}

int64_t
zone_move_wall(const struct zone_move *move, int year)
{
	int64_t			first;
	struct calendar_date	date;
	int			day;

	if (move->how != MOVE_WEEKDAY) {
		bool leap = calendar_at(year, 3, 1, 0, 0) - calendar_at(year, 2, 1, 0, 0) ==
		    29 * DAY;

		day = move->day;
		if (move->how == MOVE_JULIAN && !(leap && day >= 60))
			day--;
		return calendar_at(year, 1, 1, 0, 0) + (int64_t)day * DAY + move->seconds;
	}
	first = calendar_at(year, move->month, 1, 0, 0);
	calendar_date(&date, first);
	day = (move->day - date.weekday + 7) % 7 + 7 * (move->week - 1);
	/* The fifth is the last, and that may be the fourth. */
	if (first + (int64_t)day * DAY >= calendar_at(year, move->month + 1, 1, 0, 0))
		day -= 7;
	return first + (int64_t)day * DAY + move->seconds;
}

/* The two moments of a year at which the rule moves the clocks. */
static void
moves_of(const struct zone_rule *rule, int year, int64_t *to_saving, int64_t *to_standard)
{
	*to_saving = zone_move_wall(&rule->to_saving, year) - rule->standard.offset;
	*to_standard = zone_move_wall(&rule->to_standard, year) - rule->saving.offset;
}

static int
year_of(int64_t at)
{
	struct calendar_date date;

	calendar_date(&date, at);
	return date.year;
}

static const struct zone_clock *
clock_by_rule(const struct zone_rule *rule, int64_t utc)
{
	int64_t	on, off;

	if (!rule->moves)
		return &rule->standard;
	moves_of(rule, year_of(utc + rule->standard.offset), &on, &off);
	if (on < off ? utc >= on && utc < off : utc >= on || utc < off)
		return &rule->saving;
	return &rule->standard;
}

/* ---- the file ---- */

static int64_t
big_endian(const unsigned char *at, size_t len)
{
	uint64_t n = at[0] >= 0x80 ? UINT64_MAX : 0;

	while (len-- > 0)
		n = n << 8 | *at++;
	return (int64_t)n;
}

/* The counts of a header, in their order. */
enum { UT, STANDARD, LEAPS, MOVES, CLOCKS, NAMES, COUNTS };
enum { HEADER = 44, COUNTS_AT = 20, CLOCK = 6 };

static bool
read_header(const unsigned char *at, size_t len, size_t counts[COUNTS])
{
	if (len < HEADER || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
		return false;
	for (size_t i = 0; i < COUNTS; i++) {
		int64_t n = big_endian(at + COUNTS_AT + 4 * i, 4);

		if (n < 0 || n > MOVES_MOST)
			return false;
		counts[i] = (size_t)n;
	}
	return true;
}

/* Of what follows a header; `moment` is the size of one. */
static size_t
size_of(const size_t counts[COUNTS], size_t moment)
{
	return counts[MOVES] * (moment + 1) + counts[CLOCKS] * CLOCK + counts[NAMES] +
	    counts[LEAPS] * (moment + 4) + counts[STANDARD] + counts[UT];
}

static bool
read_clock(const unsigned char *at, const char *names, size_t n_names,
    struct zone_clock *clock)
{
	size_t name = at[5], len;

	clock->offset = (int)big_endian(at, 4);
	clock->saving = at[4] == 1;
	if (name >= n_names || clock->offset < -OFFSET_MOST || clock->offset > OFFSET_MOST)
		return false;
	len = strnlen(names + name, n_names - name);
	if (len == n_names - name || len >= ZONE_ABBREVIATION_MAX)
		return false;
	memcpy(clock->abbreviation, names + name, len + 1);
	return true;
}

/* What follows the second header: all that is of use. */
static enum outcome
read_moves(struct zone *zone, const unsigned char *at, const size_t counts[COUNTS])
{
	const unsigned char	*to = at + 8 * counts[MOVES], *clocks = to + counts[MOVES];
	const char		*names = (const char *)clocks + CLOCK * counts[CLOCKS];

	zone->n = counts[MOVES];
	zone->n_clocks = counts[CLOCKS];
	zone->at = talloc_array(zone, int64_t, zone->n);
	zone->to = talloc_memdup(zone, to, zone->n);
	zone->clocks = talloc_zero_array(zone, struct zone_clock, zone->n_clocks);
	if (zone->at == NULL || zone->to == NULL || zone->clocks == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < zone->n; i++) {
		zone->at[i] = big_endian(at + 8 * i, 8);
		if (to[i] >= zone->n_clocks || (i > 0 && zone->at[i] <= zone->at[i - 1]))
			return OUT_INVALID;
	}
	for (size_t i = 0; i < zone->n_clocks; i++)
		if (!read_clock(clocks + CLOCK * i, names, counts[NAMES], &zone->clocks[i]))
			return OUT_INVALID;
	return zone->n_clocks > 0 ? OUT_OK : OUT_INVALID;
}

static enum outcome
read_footer(struct zone *zone, const unsigned char *at, size_t len)
{
	const unsigned char	*end;
	char			 text[128];

	if (len < 2 || *at != '\n' || (end = memchr(at + 1, '\n', len - 1)) == NULL ||
	    (size_t)(end - at) > sizeof(text))
		return OUT_INVALID;
	len = (size_t)(end - at) - 1;
	memcpy(text, at + 1, len);
	text[len] = '\0';
	return strlen(text) == len && parse_rule(text, &zone->rule) ? OUT_OK : OUT_INVALID;
}

enum outcome
zone_parse(const void *ctx, const void *data, size_t len, struct zone **out)
{
	const unsigned char	*at = data;
	size_t			 counts[COUNTS], size;
	struct zone		*zone = talloc_zero(ctx, struct zone);
	enum outcome		 got = OUT_INVALID;

	if (zone == NULL)
		return OUT_FAULT;
	/* First the same for programs that know 32 bits only. */
	if (!read_header(at, len, counts) || (size = HEADER + size_of(counts, 4)) > len)
		goto undo;
	at += size;
	len -= size;
	if (!read_header(at, len, counts) || (size = HEADER + size_of(counts, 8)) > len)
		goto undo;
	if ((got = read_moves(zone, at + HEADER, counts)) != OUT_OK ||
	    (got = read_footer(zone, at + size, len - size)) != OUT_OK)
		goto undo;
	*out = zone;
	return OUT_OK;
undo:
	talloc_free(zone);
	return got;
}

/* ---- what is asked ---- */

/* How many moves are not after `utc`. */
static size_t
moves_until(const struct zone *zone, int64_t utc)
{
	size_t low = 0, high = zone->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->at[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
zone_clock(const struct zone *zone, int64_t utc, struct zone_clock *clock)
{
	size_t n = moves_until(zone, utc);

	if (n == zone->n && zone->rule.there)
		*clock = *clock_by_rule(&zone->rule, utc);
	else
		*clock = zone->clocks[n == 0 ? 0 : zone->to[n - 1]];
}

/* The next that the file or the rule says, also where nothing changes. */
static bool
next_said(const struct zone *zone, int64_t utc, int64_t until, int64_t *at)
{
	const struct zone_rule	*rule = &zone->rule;
	size_t			 n = moves_until(zone, utc);
	int64_t			 last;

	if (n < zone->n) {
		*at = zone->at[n];
		return *at <= until;
	}
	if (!rule->there || !rule->moves)
		return false;
	/* What the rule says of the years before the last move in the file is not so. */
	last = zone->n == 0 || zone->at[zone->n - 1] < utc ? utc : zone->at[zone->n - 1];
	for (int year = year_of(last) - 1; year <= year_of(until) + 1; year++) {
		int64_t	move[2];
		bool	found = false;

		moves_of(rule, year, &move[0], &move[1]);
		for (size_t i = 0; i < 2; i++)
			if (move[i] > last && (!found || move[i] < *at)) {
				*at = move[i];
				found = true;
			}
		if (found)
			return *at <= until;
	}
	return false;
}

bool
zone_next(const struct zone *zone, int64_t utc, int64_t until, int64_t *at)
{
	struct zone_clock before, after;

	for (; next_said(zone, utc, until, at); utc = *at) {
		zone_clock(zone, *at - 1, &before);
		zone_clock(zone, *at, &after);
		if (before.offset != after.offset || before.saving != after.saving ||
		    strcmp(before.abbreviation, after.abbreviation) != 0)
			return true;
	}
	return false;
}

const struct zone_rule *
zone_rule(const struct zone *zone)
{
	return zone->rule.there ? &zone->rule : NULL;
}

/* ---- zones by their names ---- */

/* "America/Argentina/Buenos_Aires": no path that leads out of the folder, and none of the
 * folder's names for other things. */
static bool
is_name(const char *name)
{
	static const char *const	others[] = { "Factory", "localtime", "posixrules" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return *name >= 'A' && *name <= 'Z' && strlen(name) < CALENDAR_ZONE_MAX &&
	    strstr(name, "//") == NULL && name[strspn(name, LETTERS "0123456789_+-/")] == '\0';
}

static struct zone *
read_zone(const char *name)
{
	unsigned char	*data = talloc_size(NULL, FILE_MOST);
	char		*path = talloc_asprintf(data, "/usr/share/zoneinfo/%s", name);
	struct zone	*zone = NULL;
	ssize_t		 n, len = 0;
	int		 fd;

	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		goto out;
	while (len < FILE_MOST && (n = read(fd, data + len, (size_t)(FILE_MOST - len))) > 0)
		len += n;
	close(fd);
	if (zone_parse(NULL, data, (size_t)len, &zone) != OUT_OK)
		zone = NULL;
	else if ((zone->name = talloc_strdup(zone, name)) == NULL) {
		talloc_free(zone);
		zone = NULL;
	}
out:
	talloc_free(data);
	return zone;
}

/* What is said here of a zone does not depend on who asked before: a page needs it twenty times,
 * and a file is read once.  There are 600 at most, of a few kilobytes. */
static struct zone *zones;

const struct zone *
zone_find(const char *name)
{
	struct zone *zone;

	for (zone = zones; zone != NULL; zone = zone->next)
		if (strcmp(zone->name, name) == 0)
			return zone;
	if (!is_name(name) || (zone = read_zone(name)) == NULL)
		return NULL;
	zone->next = zones;
	return zones = zone;
}
