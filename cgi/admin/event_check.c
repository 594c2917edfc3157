/*
 * event_check.c: from what was typed about an event to the event, and back.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/pairs.h"
#include "openhall/text.h"
#include "openhall/unit.h"

enum { CAPACITY_MOST = 100000, HOURS_MOST = 720, COUNT_MOST = 500, STEP_MOST = 12,
	ACCESS_MOST = 2048 /* bytes, as it is stored */ };

/* ---- back: from an event to what is typed ---- */

static const char *
number_text(const void *ctx, int64_t n)
{
	return talloc_asprintf(ctx, "%lld", (long long)n);
}

static const char *
day_text(const void *ctx, int64_t wall)
{
	struct calendar_date d;

	calendar_date(&d, wall);
	return talloc_asprintf(ctx, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static const char *
time_text(const void *ctx, int64_t wall)
{
	struct calendar_date d;

	calendar_date(&d, wall);
	return talloc_asprintf(ctx, "%02d:%02d", d.hour, d.minute);
}

/* OUT_FAULT: there was no memory for one of them. */
static enum outcome
whole(const struct sheet *sheet)
{
	for (size_t i = 0; i < ASKS; i++) {
		if (sheet->at[i] == NULL)
			return OUT_FAULT;
	}
	return OUT_OK;
}

enum outcome
sheet_time(struct request *rq, struct sheet *sheet, const char *zone, int64_t starts,
    int64_t ends)
{
	int64_t	from = calendar_wall(zone, starts), to = calendar_wall(zone, ends);

	sheet->at[ASK_DAY] = day_text(rq, from);
	sheet->at[ASK_FROM] = time_text(rq, from);
	sheet->at[ASK_END_DAY] = calendar_day(from) == calendar_day(to) ? "" :
	    day_text(rq, to);
	sheet->at[ASK_TO] = time_text(rq, to);
	return whole(sheet);
}

static void
of_rule(struct request *rq, const struct plan *p, struct sheet *sheet)
{
	struct recurrence	 rule;
	char			*days;

	sheet->at[ASK_HOW] = "not";
	sheet->at[ASK_STEP] = "1";
	sheet->at[ASK_WHICH] = "same";
	if (recurrence_read(&rule, p->e.rule) != OUT_OK || rule.how == RECURS_NOT)
		return;
	sheet->at[ASK_HOW] = rule.how == RECURS_WEEKLY ? "weekly" : "monthly";
	sheet->at[ASK_STEP] = number_text(rq, rule.step);
	if (rule.how == RECURS_MONTHLY)
		sheet->at[ASK_WHICH] = rule.nth < 0 ? "last" : "same";
	sheet->at[ASK_DAYS] = days = talloc_zero_size(rq, 8);
	for (int i = 0, n = 0; rule.how == RECURS_WEEKLY && days != NULL && i < 7; i++) {
		if ((rule.weekdays & 1u << (i + 1) % 7) != 0)	/* in the order of the boxes */
			days[n++] = (char)('0' + (i + 1) % 7);
	}
	if (rule.until != 0)
		sheet->at[ASK_UNTIL] = day_text(rq, rule.until);
	if (rule.count != 0)
		sheet->at[ASK_COUNT] = number_text(rq, rule.count);
}

static void
of_access(struct request *rq, const char *text, struct sheet *sheet)
{
	struct pairs pairs;

	if (pairs_decode(rq, text, strlen(text), EVENT_ACCESS, &pairs) != OUT_OK)
		return;
	for (int i = 0; i < EVENT_ACCESS; i++) {
		const char *value = pairs_find(&pairs, event_access_names[i]);

		if (value != NULL)
			sheet->at[ASK_ACCESS + i] = value;
	}
}

void
sheet_empty(struct request *rq, struct sheet *sheet)
{
	*sheet = (struct sheet){ .n_wrong = 0 };
	for (size_t i = 0; i < ASKS; i++)
		sheet->at[i] = "";
	sheet->at[ASK_LANG] = rq->words->lang;
	sheet->at[ASK_ZONE] = rq->settings->zone;
	sheet->at[ASK_VISIBILITY] = "public";
	sheet->at[ASK_HOW] = "not";
	sheet->at[ASK_STEP] = "1";
	sheet->at[ASK_WHICH] = "same";
	sheet->at[ASK_ADDRESS_FOR] = sheet->at[ASK_LINK_FOR] = "all";
	sheet->at[ASK_HOURS] = "0";
}

enum outcome
sheet_of_plan(struct request *rq, const struct plan *p, struct sheet *sheet)
{
	const struct event	*e = &p->e;
	int64_t			 starts = calendar_utc(e->zone, e->starts_wall);

	sheet_empty(rq, sheet);
	for (size_t i = 0; i < rq->settings->n_words; i++) {
		sheet->at[ASK_TITLE(i)] = p->words[i].title;
		sheet->at[ASK_SUMMARY(i)] = p->words[i].summary;
		sheet->at[ASK_BODY(i)] = p->words[i].body;
	}
	sheet->at[ASK_LANG] = e->lang;
	sheet->at[ASK_KIND] = event_kind_names[e->kind];
	sheet->at[ASK_UNIT] = e->unit;
	sheet->at[ASK_VISIBILITY] = e->by_link ? "link" : "public";
	sheet->at[ASK_ZONE] = e->zone;
	of_rule(rq, p, sheet);
	sheet->at[ASK_AREA] = e->area;
	sheet->at[ASK_ADDRESS] = p->place.address;
	sheet->at[ASK_LINK] = p->place.link;
	sheet->at[ASK_ADDRESS_FOR] = e->address_coming ? "coming" : "all";
	sheet->at[ASK_LINK_FOR] = e->link_coming ? "coming" : "all";
	of_access(rq, e->access, sheet);
	sheet->at[ASK_CONTACT] = e->contact;
	sheet->at[ASK_RSVP] = e->rsvp ? "yes" : "";
	sheet->at[ASK_HOURS] = number_text(rq, e->rsvp_hours);
	sheet->at[ASK_CAPACITY] = e->capacity >= 0 ? number_text(rq, e->capacity) : "";
	return sheet_time(rq, sheet, e->zone, starts, starts + 60 * (int64_t)e->minutes);
}

/* ---- numbers and times ---- */

/* A whole number from `least` to `most`. */
static bool
read_number(const char *text, long least, long most, long *out)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 9)
		return false;
	*out = strtol(text, &end, 10);
	return *end == '\0' && *out >= least && *out <= most;
}

/* A day and, unless it is empty, a time of it. */
static bool
read_wall(struct request *rq, const char *day, const char *time, int64_t *out)
{
	const char *both = talloc_asprintf(rq, "%s %s", day, *time != '\0' ? time : "00:00");

	return both != NULL && calendar_read(both, out);
}

static int64_t
read_day(struct request *rq, struct sheet *sheet, enum ask ask)
{
	int64_t wall = 0;

	if (!read_wall(rq, sheet->at[ask], "", &wall))
		sheet_wrong(rq, sheet, ask, N_("Write the day as in 2026-12-08"));
	return wall;
}

/* Seconds of the day. */
static int64_t
read_time(struct request *rq, struct sheet *sheet, enum ask ask)
{
	int64_t wall = 0, midnight = calendar_at(2026, 1, 1, 0, 0);

	if (*sheet->at[ask] == '\0' || !read_wall(rq, "2026-01-01", sheet->at[ask], &wall))
		sheet_wrong(rq, sheet, ask, N_("Write the time as in 18:30"));
	return wall - midnight;
}

bool
sheet_times(struct request *rq, struct sheet *sheet, const char *zone, int64_t *wall,
    int64_t *starts, int64_t *ends)
{
	bool	later = *sheet->at[ASK_END_DAY] != '\0';
	int64_t	day = read_day(rq, sheet, ASK_DAY), from = read_time(rq, sheet, ASK_FROM);
	int64_t	end = later ? read_day(rq, sheet, ASK_END_DAY) : day;
	int64_t	to = read_time(rq, sheet, ASK_TO);

	if (sheet->wrong[ASK_DAY] != NULL || sheet->wrong[ASK_FROM] != NULL ||
	    sheet->wrong[ASK_END_DAY] != NULL || sheet->wrong[ASK_TO] != NULL || zone == NULL)
		return false;
	*wall = day + from;
	*starts = calendar_utc(zone, *wall);
	*ends = calendar_utc(zone, end + to);
	if (*ends <= *starts)
		sheet_wrong(rq, sheet, later ? ASK_END_DAY : ASK_TO,
		    N_("It ends before it begins. If that is on a later day, say which."));
	else if (*ends - *starts > 60 * (int64_t)EVENT_MINUTES_MAX)
		sheet_wrong(rq, sheet, ASK_END_DAY, N_("Nothing here takes longer than a week"));
	return sheet->wrong[ASK_TO] == NULL && sheet->wrong[ASK_END_DAY] == NULL;
}

/* ---- the rule ---- */

/* Which weekday of its month: 1 to 4, or -1 where it is the fifth; and whether it is the last. */
static int
nth_of(const struct calendar_date *d, bool *last)
{
	int64_t	week_later = calendar_at(d->year, d->month, d->day, 0, 0) + 7 * 86400;
	int	n = (d->day - 1) / 7 + 1;

	*last = calendar_day(week_later) / 100 % 100 != d->month;
	return n > 4 ? -1 : n;
}

static void
check_end(struct request *rq, struct sheet *sheet, int64_t starts, struct recurrence *rule)
{
	long n;

	if (*sheet->at[ASK_UNTIL] != '\0') {
		int64_t until = read_day(rq, sheet, ASK_UNTIL);

		rule->until = until + (starts % 86400 + 86400) % 86400;
		if (rule->until < starts)
			sheet_wrong(rq, sheet, ASK_UNTIL,
			    N_("This day is before the first date"));
	}
	if (*sheet->at[ASK_COUNT] != '\0') {
		if (!read_number(sheet->at[ASK_COUNT], 2, COUNT_MOST, &n))
			sheet_wrong(rq, sheet, ASK_COUNT, N_("Write a number from 2 to 500"));
		else
			rule->count = (unsigned)n;
		if (rule->until != 0)
			sheet_wrong(rq, sheet, ASK_COUNT,
			    N_("Say until when or how many times, not both"));
	}
}

static void
check_rule(struct request *rq, struct sheet *sheet, int64_t starts, struct recurrence *rule)
{
	const char		*how = sheet->at[ASK_HOW];
	struct calendar_date	 first;
	bool			 last;
	long			 step = 1;

	calendar_date(&first, starts);
	*rule = (struct recurrence){ .how = RECURS_NOT };
	if (strcmp(how, "not") == 0)
		return;		/* whatever else was said of it does not matter */
	if (*sheet->at[ASK_STEP] != '\0' &&
	    !read_number(sheet->at[ASK_STEP], 1, STEP_MOST, &step))
		sheet_wrong(rq, sheet, ASK_STEP, N_("Write a number from 1 to 12"));
	rule->step = (unsigned)step;
	if (strcmp(how, "weekly") == 0) {
		rule->how = RECURS_WEEKLY;
		for (const char *c = sheet->at[ASK_DAYS]; *c != '\0'; c++)
			rule->weekdays |= 1u << (*c - '0');
		if (rule->weekdays == 0)
			rule->weekdays = 1u << first.weekday;
		if ((rule->weekdays & 1u << first.weekday) == 0)
			sheet_wrong(rq, sheet, ASK_DAYS,
			    N_("Tick the weekday of the first date, too, or begin on another day"));
	} else if (strcmp(how, "monthly") == 0) {
		rule->how = RECURS_MONTHLY;
		rule->weekday = first.weekday;
		rule->nth = nth_of(&first, &last);
		if (strcmp(sheet->at[ASK_WHICH], "last") == 0)
			rule->nth = -1;
		if (rule->nth == -1 && !last)
			sheet_wrong(rq, sheet, ASK_WHICH,
			    N_("The first date is not in the last week of its month"));
	} else {
		sheet_wrong(rq, sheet, ASK_HOW, N_("Choose whether it recurs"));
	}
	check_end(rq, sheet, starts, rule);
}

static enum outcome
check_when(struct request *rq, struct sheet *sheet, struct event *e)
{
	bool			 known = calendar_has_zone(sheet->at[ASK_ZONE]);
	int64_t			 starts, ends;
	struct recurrence	 rule;

	if (!known)
		sheet_wrong(rq, sheet, ASK_ZONE,
		    N_("We do not know this zone. Write it as in America/New_York."));
	e->zone = sheet->at[ASK_ZONE];
	e->rule = "";
	if (!sheet_times(rq, sheet, known ? e->zone : NULL, &e->starts_wall, &starts, &ends))
		return OUT_OK;
	e->minutes = (int)((ends - starts) / 60);
	check_rule(rq, sheet, e->starts_wall, &rule);
	if (sheet->n_wrong > 0 || rule.how == RECURS_NOT)
		return OUT_OK;
	e->rule = recurrence_text(rq, &rule);
	return e->rule != NULL ? OUT_OK : OUT_FAULT;
}

/* ---- words and choices ---- */

static enum outcome
check_words(struct request *rq, struct sheet *sheet, struct plan *p)
{
	const struct settings	*s = rq->settings;
	struct markup		 html;
	enum outcome		 got;

	if (settings_words(s, p->e.lang) == NULL)
		sheet_wrong(rq, sheet, ASK_LANG, N_("Choose one of the languages"));
	for (size_t i = 0; i < s->n_words; i++) {
		struct wording *w = &p->words[i];

		*w = (struct wording){ sheet->at[ASK_TITLE(i)], sheet->at[ASK_SUMMARY(i)],
		    sheet->at[ASK_BODY(i)] };
		if (*w->title == '\0' && (strcmp(s->words[i].lang, p->e.lang) == 0 ||
		    *w->summary != '\0' || *w->body != '\0'))
			sheet_wrong(rq, sheet, ASK_TITLE(i), N_("Give it a title"));
		got = markdown_html(rq, w->body, &html);
		if (got == OUT_INVALID)
			sheet_wrong(rq, sheet, ASK_BODY(i), N_("The text is too long, or its "
			    "lists and quotes are nested too deep"));
		else if (got != OUT_OK)
			return got;
		if (strcmp(s->words[i].lang, p->e.lang) == 0) {
			p->e.title = w->title;
			p->e.summary = w->summary;
		}
	}
	return OUT_OK;
}

/* The number of what was chosen among `n`; one that is none of them is told. */
static size_t
chosen(struct request *rq, struct sheet *sheet, enum ask ask, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(sheet->at[ask], names[i]) == 0)
			return i;
	}
	sheet_wrong(rq, sheet, ask, N_("Choose one of these"));
	return 0;
}

static enum outcome
check_unit(struct request *rq, struct sheet *sheet)
{
	struct unit	unit;
	enum outcome	got;

	if (*sheet->at[ASK_UNIT] == '\0')
		return OUT_OK;
	got = unit_find(rq->app->db, rq, sheet->at[ASK_UNIT], &unit);
	if (got == OUT_MISSING)
		sheet_wrong(rq, sheet, ASK_UNIT, N_("This Unit is not there any more"));
	return got == OUT_MISSING ? OUT_OK : got;
}

void
sheet_check_place(struct request *rq, struct sheet *sheet)
{
	const char *link = sheet->at[ASK_LINK];

	if (*sheet->at[ASK_AREA] != '\0' && unit_area(rq->settings, sheet->at[ASK_AREA]) == NULL)
		sheet_wrong(rq, sheet, ASK_AREA, N_("Choose one of the areas, or none"));
	if (*link != '\0' && ((strncmp(link, "https://", 8) != 0 &&
	    strncmp(link, "http://", 7) != 0) || strpbrk(link, " \"<>") != NULL))
		sheet_wrong(rq, sheet, ASK_LINK,
		    N_("Write the whole address, as in https://meet.example.org/room"));
}

/* ---- who can come, and who does ---- */

static enum outcome
check_access(struct request *rq, struct sheet *sheet, struct event *e)
{
	struct buf *packed = buf_new(rq, 256);

	for (int i = 0; packed != NULL && i < EVENT_ACCESS; i++) {
		if (*sheet->at[ASK_ACCESS + i] != '\0')
			pairs_encode(packed, event_access_names[i], sheet->at[ASK_ACCESS + i]);
	}
	if (packed == NULL || packed->failed)
		return OUT_FAULT;
	if (packed->len > ACCESS_MOST)
		sheet_wrong(rq, sheet, ASK_ACCESS, N_("Shorten these notes"));
	e->access = packed->data;
	return OUT_OK;
}

static void
check_rsvp(struct request *rq, struct sheet *sheet, struct event *e)
{
	static const char *const whom[] = { "all", "coming" };
	const struct office	*office = rq->app->own;
	long			 n = 0;

	e->rsvp = *sheet->at[ASK_RSVP] != '\0';
	if (e->rsvp && office->rsvp == NULL)
		sheet_wrong(rq, sheet, ASK_RSVP,
		    N_("This site has no form for that: forms/rsvp.xml is missing"));
	e->address_coming = chosen(rq, sheet, ASK_ADDRESS_FOR, whom, 2) == 1;
	e->link_coming = chosen(rq, sheet, ASK_LINK_FOR, whom, 2) == 1;
	if (!e->rsvp && e->address_coming && *sheet->at[ASK_ADDRESS] != '\0')
		sheet_wrong(rq, sheet, ASK_ADDRESS_FOR,
		    N_("Nobody is asked who comes, so nobody would see it. Ask below, or show it "
		    "to everybody."));
	if (!e->rsvp && e->link_coming && *sheet->at[ASK_LINK] != '\0')
		sheet_wrong(rq, sheet, ASK_LINK_FOR,
		    N_("Nobody is asked who comes, so nobody would see it. Ask below, or show it "
		    "to everybody."));
	if (*sheet->at[ASK_HOURS] != '\0' &&
	    !read_number(sheet->at[ASK_HOURS], 0, HOURS_MOST, &n))
		sheet_wrong(rq, sheet, ASK_HOURS, N_("Write a number from 0 to 720"));
	e->rsvp_hours = (int)n;
	e->capacity = -1;
	if (*sheet->at[ASK_CAPACITY] == '\0')
		return;
	if (!read_number(sheet->at[ASK_CAPACITY], 1, CAPACITY_MOST, &n))
		sheet_wrong(rq, sheet, ASK_CAPACITY, N_("Write a number from 1 to 100000"));
	e->capacity = n;
}

enum outcome
sheet_check(struct request *rq, struct sheet *sheet, struct plan *p)
{
	static const char *const visibility[] = { "public", "link" };
	struct event	*e = &p->e;
	enum outcome	 got;

	e->lang = sheet->at[ASK_LANG];
	e->kind = (enum event_kind)chosen(rq, sheet, ASK_KIND, event_kind_names, EVENT_KINDS);
	e->by_link = chosen(rq, sheet, ASK_VISIBILITY, visibility, 2) == 1;
	e->unit = sheet->at[ASK_UNIT];
	e->area = sheet->at[ASK_AREA];
	p->place = (struct place){ sheet->at[ASK_ADDRESS], sheet->at[ASK_LINK] };
	e->online = *p->place.link != '\0';
	e->contact = sheet->at[ASK_CONTACT];
	sheet_check_place(rq, sheet);
	check_rsvp(rq, sheet, e);
	if ((got = check_words(rq, sheet, p)) != OUT_OK ||
	    (got = check_unit(rq, sheet)) != OUT_OK ||
	    (got = check_access(rq, sheet, e)) != OUT_OK)
		return got;
	return check_when(rq, sheet, e);
}
