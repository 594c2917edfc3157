/*
 * recurrence.c: when it takes place again, as an RRULE, in words, and as dates; see
 * openhall/calendar.h.
 */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/buf.h"
#include "openhall/calendar.h"
#include "openhall/text.h"
#include "openhall/when.h"

static const char	weekday_codes[7][3] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };

enum { STEP_MOST = 12 };

/* People and RFC 5545 (WKST) begin a week with Monday. */
static int
weekday_from_monday(int i)
{
	return (i + 1) % 7;
}

static bool
is_sound(const struct recurrence *r)
{
	if (r->how == RECURS_NOT)
		return true;
	if (r->step < 1 || r->step > STEP_MOST || (r->until != 0 && r->count != 0) ||
	    r->count > CALENDAR_DATES_MAX)
		return false;
	if (r->how == RECURS_WEEKLY)
		return r->weekdays > 0 && r->weekdays < 1 << 7;
	return r->how == RECURS_MONTHLY && r->weekday >= 0 && r->weekday < 7 &&
	    (r->nth == -1 || (r->nth >= 1 && r->nth <= 4));
}

/* ---- an RRULE ---- */

enum { FREQ, INTERVAL, BYDAY, UNTIL, COUNT, PARTS };
static const char *const	part_names[PARTS] = {
	"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT"
};

/* "12", of at most three digits and without a nought before them. */
static bool
read_number(const char *text, unsigned *n)
{
	*n = 0;
	if (*text < '1' || *text > '9' || strlen(text) > 3)
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		*n = *n * 10 + (unsigned)(*text - '0');
	return *text == '\0';
}

/* "20270630T183000" */
static bool
read_until(const char *text, int64_t *wall)
{
	char typed[sizeof("2027-06-30T18:30")];

	if (strlen(text) != 15 || text[8] != 'T' || strcmp(text + 13, "00") != 0)
		return false;
	snprintf(typed, sizeof(typed), "%.4s-%.2s-%.5s:%.2s", text, text + 4, text + 6,
	    text + 11);
	return calendar_read(typed, wall);
}

/* "TU,TH"; "1TU", "-1FR" */
static bool
read_weekdays(const char *text, struct recurrence *r)
{
	static const char	nths[] = "1234";
	int			day;

	if (strncmp(text, "-1", 2) == 0) {
		r->nth = -1;
		text += 2;
	} else if (*text != '\0' && strchr(nths, *text) != NULL)
		r->nth = *text++ - '0';
	do {
		for (day = 0; day < 7 && strncmp(text, weekday_codes[day], 2) != 0; day++)
			;
		if (day == 7 || (r->weekdays & 1U << day) != 0)
			return false;
		r->weekdays |= 1U << day;
		r->weekday = day;
		text += 2;
	} while (r->nth == 0 && *text++ == ',');
	return r->nth == 0 ? text[-1] == '\0' : *text == '\0';
}

static bool
read_part(int part, const char *value, struct recurrence *r)
{
	switch (part) {
	case FREQ:
		r->how = strcmp(value, "WEEKLY") == 0 ? RECURS_WEEKLY :
		    strcmp(value, "MONTHLY") == 0 ? RECURS_MONTHLY : RECURS_NOT;
		return r->how != RECURS_NOT;
	case INTERVAL:
		return read_number(value, &r->step);
	case BYDAY:
		return read_weekdays(value, r);
	case UNTIL:
		return read_until(value, &r->until);
	default:
		return read_number(value, &r->count);
	}
}

/* The value of the part that stands first in `*rule`, which moves on behind it. */
static int
take_part(const char **rule, char value[CALENDAR_RULE_MAX])
{
	size_t len = strcspn(*rule, "="), end = strcspn(*rule, ";");

	for (int part = 0; part < PARTS; part++) {
		if (strlen(part_names[part]) != len || end <= len ||
		    strncmp(*rule, part_names[part], len) != 0 ||
		    end - len > CALENDAR_RULE_MAX)
			continue;
		memcpy(value, *rule + len + 1, end - len - 1);
		value[end - len - 1] = '\0';
		*rule += end;
		return part;
	}
	return PARTS;
}

enum outcome
recurrence_read(struct recurrence *r, const char *rule)
{
	char		value[CALENDAR_RULE_MAX];
	bool		seen[PARTS] = { false };

	*r = (struct recurrence){ .step = 1 };
	if (*rule == '\0')
		return OUT_OK;
	for (;; rule++) {
		int part = take_part(&rule, value);

		if (part == PARTS || seen[part] || !read_part(part, value, r))
			return OUT_INVALID;
		seen[part] = true;
		if (*rule == '\0')
			break;
	}
	if (!seen[FREQ] || !seen[BYDAY] || (r->nth != 0) != (r->how == RECURS_MONTHLY))
		return OUT_INVALID;
	if (r->how == RECURS_MONTHLY)
		r->weekdays = 0;
	else
		r->weekday = 0;
	return is_sound(r) ? OUT_OK : OUT_INVALID;
}

const char *
recurrence_text(const void *ctx, const struct recurrence *r)
{
	struct buf		*to = buf_new(ctx, CALENDAR_RULE_MAX);
	struct calendar_date	 until;
	char			 between = '=';

	if (to == NULL || r->how == RECURS_NOT)
		return to == NULL ? NULL : "";
	buf_str(to, r->how == RECURS_WEEKLY ? "FREQ=WEEKLY" : "FREQ=MONTHLY");
	if (r->step != 1)
		buf_fmt(to, ";INTERVAL=%u", r->step);
	buf_str(to, ";BYDAY");
	if (r->how == RECURS_MONTHLY)
		buf_fmt(to, "=%d%s", r->nth, r->weekday >= 0 && r->weekday < 7 ?
		    weekday_codes[r->weekday] : "");
	for (int i = 0; r->how == RECURS_WEEKLY && i < 7; i++)
		if ((r->weekdays & 1U << weekday_from_monday(i)) != 0) {
			buf_char(to, between);
			buf_str(to, weekday_codes[weekday_from_monday(i)]);
			between = ',';
		}
	if (r->until != 0) {
		calendar_date(&until, r->until);
		buf_fmt(to, ";UNTIL=%04d%02d%02dT%02d%02d00", until.year, until.month,
		    until.day, until.hour, until.minute);
	}
	if (r->count != 0)
		buf_fmt(to, ";COUNT=%u", r->count);
	return to->failed ? NULL : to->data;
}

/* ---- in words ---- */

/* "Tuesday", "Tuesday and Thursday", "Monday, Tuesday and Thursday" */
static const char *
weekdays_in_words(const void *ctx, const struct site_words *words, unsigned weekdays)
{
	const char	*all = NULL, *last = NULL;

	for (int i = 0; i < 7; i++) {
		int day = weekday_from_monday(i);

		if ((weekdays & 1U << day) == 0)
			continue;
		if (last != NULL && all != NULL)
			/* TRANSLATORS: weekdays, as in "Monday, Tuesday and Thursday" */
			all = talloc_asprintf(ctx, text_in(words, "%1$s, %2$s"), all, last);
		else if (last != NULL)
			all = last;
		last = text_in(words, calendar_weekday_within[day]);
	}
	if (all == NULL)
		return last;
	/* TRANSLATORS: the last two of some weekdays */
	return talloc_asprintf(ctx, text_in(words, "%1$s and %2$s"), all, last);
}

static const char *
weekly_in_words(const void *ctx, const struct site_words *words, const struct recurrence *r)
{
	const char	*days = weekdays_in_words(ctx, words, r->weekdays);
	bool		 one = (r->weekdays & (r->weekdays - 1)) == 0;

	if (days == NULL)
		return NULL;
	if (r->step == 1 && r->weekdays == (1 << 7) - 1)
		return text_in(words, "Every day");
	if (r->step == 1)
		/* TRANSLATORS: a weekday, or several: "Every Tuesday and Thursday" */
		return talloc_asprintf(ctx, text_in(words, "Every %s"), days);
	if (r->step == 2 && one)
		return talloc_asprintf(ctx, text_in(words, "Every second %s"), days);
	if (r->step == 2)
		return talloc_asprintf(ctx, text_in(words, "Every second week on %s"), days);
	return talloc_asprintf(ctx, text_in_n(words, "Every %1$u week on %2$s",
	    "Every %1$u weeks on %2$s", r->step), r->step, days);
}

static const char *
monthly_in_words(const void *ctx, const struct site_words *words, const struct recurrence *r)
{
	static const char *const	nths[] = {
		NC_("weekday of a month", "last"), NC_("weekday of a month", "first"),
		NC_("weekday of a month", "second"), NC_("weekday of a month", "third"),
		NC_("weekday of a month", "fourth")
	};
	const char	*nth = text_in(words, nths[r->nth == -1 ? 0 : r->nth]);
	const char	*day = text_in(words, calendar_weekday_within[r->weekday]);

	if (r->step == 1)
		/* TRANSLATORS: "last", "Friday" */
		return talloc_asprintf(ctx, text_in(words, "On the %1$s %2$s of each month"),
		    nth, day);
	if (r->step == 2)
		return talloc_asprintf(ctx, text_in(words,
		    "On the %1$s %2$s of every second month"), nth, day);
	return talloc_asprintf(ctx, text_in_n(words, "On the %2$s %3$s of every %1$u month",
	    "On the %2$s %3$s of every %1$u months", r->step), r->step, nth, day);
}

const char *
recurrence_words(const void *ctx, const struct site_words *words, const struct recurrence *r)
{
	const char *when, *day;

	if (r->how == RECURS_NOT || !is_sound(r))
		return "";
	when = r->how == RECURS_WEEKLY ? weekly_in_words(ctx, words, r) :
	    monthly_in_words(ctx, words, r);
	if (when == NULL)
		return NULL;
	if (r->until != 0) {
		day = when_day(ctx, words, r->until);
		/* TRANSLATORS: "Every Tuesday" and a day */
		return day == NULL ? NULL :
		    talloc_asprintf(ctx, text_in(words, "%1$s, until %2$s"), when, day);
	}
	if (r->count != 0)
		/* TRANSLATORS: "Every Tuesday" goes before */
		return talloc_asprintf(ctx, text_in_n(words, "%2$s, %1$u time",
		    "%2$s, %1$u times", r->count), r->count, when);
	return when;
}

/* ---- dates ---- */

/* The n-th weekday of a month, or its last one. */
static int64_t
nth_weekday(const struct recurrence *r, int year, int month)
{
	int64_t			begins = calendar_at(year, month + (r->nth == -1), 1, 0, 0);
	struct calendar_date	date;

	calendar_date(&date, begins);
	return begins + ((r->weekday - date.weekday + 7) % 7 +
	    7 * (r->nth == -1 ? -1 : r->nth - 1)) * (int64_t)DAY;
}

bool
recurrence_says_first(const struct recurrence *r, int64_t starts)
{
	struct calendar_date date;

	calendar_date(&date, starts);
	if (r->how == RECURS_WEEKLY)
		return (r->weekdays & 1U << date.weekday) != 0;
	return r->how == RECURS_MONTHLY &&
	    nth_weekday(r, date.year, date.month) == when_day_of(starts);
}

struct dates {
	const struct recurrence	*r;
	int64_t			 starts, from, to;
	size_t			 most;
	unsigned		 count;		/* so far, also before `from` */
	int64_t			*at;
	size_t			 n;
	bool			 failed;
};

/* The next date.  False: that was enough. */
static bool
add(struct dates *dates, int64_t at)
{
	const struct recurrence	*r = dates->r;

	if (at >= dates->to || dates->n == dates->most ||
	    (r->count != 0 && dates->count == r->count) ||
	    (r->until != 0 && at > r->until && at > dates->starts))
		return false;
	dates->count++;
	if (at < dates->from)
		return true;
	if ((dates->n & (dates->n - 1)) == 0) {
		int64_t *more = talloc_realloc(NULL, dates->at, int64_t,
		    dates->n == 0 ? 1 : 2 * dates->n);

		if (more == NULL) {
			dates->failed = true;
			return false;
		}
		dates->at = more;
	}
	dates->at[dates->n++] = at;
	return true;
}

static void
add_weekly(struct dates *dates, const struct calendar_date *first)
{
	int64_t week = dates->starts - (int64_t)((first->weekday + 6) % 7) * DAY;

	for (;; week += (int64_t)dates->r->step * 7 * DAY)
		for (int i = 0; i < 7; i++) {
			int64_t at = week + i * (int64_t)DAY;

			if ((dates->r->weekdays & 1U << weekday_from_monday(i)) != 0 &&
			    at > dates->starts && !add(dates, at))
				return;
		}
}

static void
add_monthly(struct dates *dates, const struct calendar_date *first)
{
	int64_t clock = dates->starts - when_day_of(dates->starts), at;

	for (int month = first->month;; month += (int)dates->r->step) {
		at = nth_weekday(dates->r, first->year, month) + clock;
		if (at > dates->starts && !add(dates, at))
			return;
	}
}

enum outcome
recurrence_dates(const void *ctx, const struct recurrence *r, int64_t starts, int64_t from,
    int64_t to, size_t most, struct walls *walls)
{
	/* An endless rule ends where dates do. */
	int64_t			end = calendar_at(2200, 1, 1, 0, 0);
	struct dates		dates = { .r = r, .starts = starts, .from = from,
				    .to = to < end ? to : end, .most = most };
	struct calendar_date	first;
	bool			more;

	*walls = (struct walls){ 0 };
	if (!is_sound(r))
		return OUT_FAULT;
	calendar_date(&first, starts);
	more = add(&dates, starts);
	if (more && r->how == RECURS_WEEKLY)
		add_weekly(&dates, &first);
	if (more && r->how == RECURS_MONTHLY)
		add_monthly(&dates, &first);
	if (dates.failed) {
		talloc_free(dates.at);
		return OUT_FAULT;
	}
	*walls = (struct walls){ dates.n, talloc_steal(ctx, dates.at) };
	return OUT_OK;
}
