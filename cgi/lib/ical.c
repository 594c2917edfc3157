/*
 * ical.c: see openhall/ical.h.  libical could write such files, too; but it moves the clocks of
 * some zones on the wrong day, and lets control characters through.
 */
#include "openhall/ical.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/unit.h"
#include "openhall/when.h"
#include "ical_line.h"

/* ---- what a file is made of ---- */

/* A zone that it needs, and when the first date in it begins. */
struct zone_since {
	const char		*tzid;
	int64_t			 first;
};

struct ical_file {
	const struct ical	*ical;
	struct ical_lines	 lines;		/* of the events, so far */
	const char		*host;
	struct zone_since	*zones;		/* in the order in which they are needed */
	size_t			 n_zones;
	bool			 any;		/* an event stands in it */
	int64_t			 changed;
};

/* One event. */
struct series {
	struct ical_file	*file;
	void			*ctx;
	const struct event	*event;
	const char		*tzid;		/* NULL: its zone is UTC */
	const struct occurrence	**rows;		/* by their day; skipped ones are not there */
	size_t			 n_rows;
	bool			*in_rule;	/* of each row */
	struct recurrence	 rule;
	struct walls		 walls;		/* the dates that the rule says, of which */
	size_t			 first;		/* this one is the first that is a row */
	int64_t			 sequence;
	struct place		 place;
};

/* What one VEVENT says. */
struct entry {
	const struct occurrence	*date;		/* NULL: the series as a whole */
	int64_t			 starts_at, ends_at;
	int64_t			 wall;		/* of its begin */
	bool			 recurs;
	int64_t			 replaces;	/* wall time of the date in the series; 0: none */
	bool			 own_uid;
};

/* "example.org" of "https://example.org:8443". */
static const char *
host_of(const void *ctx, const char *origin)
{
	const char *host = strstr(origin, "://");

	host = host == NULL ? origin : host + 3;
	return talloc_strndup(ctx, host, strcspn(host, ":/"));
}

/* Programs know UTC without being told; and what the system has lost is read as if it were. */
static const char *
tzid_of(const char *zone)
{
	return strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0 ||
	    !calendar_has_zone(zone) ? NULL : zone;
}

static int64_t
wall_of(const struct series *s, int64_t utc)
{
	return s->tzid == NULL ? utc : calendar_wall(s->tzid, utc);
}

static int64_t
utc_of(const struct series *s, int64_t wall)
{
	return s->tzid == NULL ? wall : calendar_utc(s->tzid, wall);
}

/* ---- which dates are in the series ---- */

static int
by_day(const void *a, const void *b)
{
	const struct occurrence *const *x = a, *const *y = b;

	return ((*x)->day > (*y)->day) - ((*x)->day < (*y)->day);
}

static bool
sort_rows(struct series *s, const struct occurrences *dates)
{
	s->rows = talloc_array(s->ctx, const struct occurrence *, dates->n);
	s->in_rule = talloc_zero_array(s->ctx, bool, dates->n);
	if (s->rows == NULL || s->in_rule == NULL)
		return false;
	s->sequence = s->event->sequence;
	for (size_t i = 0; i < dates->n; i++) {
		/* One number for all that the file says of it, raised by whatever is changed. */
		s->sequence += dates->at[i].sequence;
		if (dates->at[i].state != OCCURRENCE_SKIPPED)
			s->rows[s->n_rows++] = &dates->at[i];
	}
	qsort(s->rows, s->n_rows, sizeof(*s->rows), by_day);
	return true;
}

/* The row of a date that the rule says; NULL: it does not take place. */
static const struct occurrence *
row_of(const struct series *s, int64_t wall)
{
	const struct occurrence	 key = { .day = calendar_day(wall) }, *want = &key, **found;

	found = bsearch(&want, s->rows, s->n_rows, sizeof(*s->rows), by_day);
	return found == NULL ? NULL : *found;
}

/* Compare what the rule says with what there is. */
static enum outcome
match(struct series *s)
{
	const struct event	*e = s->event;
	size_t			 row = 0;
	enum outcome		 got;

	if (recurrence_read(&s->rule, e->rule) != OUT_OK)
		return OUT_FAULT;	/* it was checked when it was saved */
	if (s->rule.how == RECURS_NOT)
		return OUT_OK;
	got = recurrence_dates(s->ctx, &s->rule, e->starts_wall, INT64_MIN, e->spread_to,
	    ICAL_DATES_MAX, &s->walls);
	if (got != OUT_OK)
		return got;
	s->first = s->walls.n;
	for (size_t i = 0; i < s->walls.n; i++) {
		int day = calendar_day(s->walls.at[i]);

		/* Where it begins with a date of its own, that is not of the series, for what a
		 * program makes of it is not said (3.8.5.3). */
		if (i == 0 && !recurrence_says_first(&s->rule, e->starts_wall))
			continue;
		while (row < s->n_rows && s->rows[row]->day < day)
			row++;
		if (row == s->n_rows || s->rows[row]->day != day)
			continue;
		s->in_rule[row] = true;
		if (s->first == s->walls.n)
			s->first = i;
	}
	return OUT_OK;
}

static enum occurrence_state
state_of(const struct series *s, const struct occurrence *o)
{
	if (s->event->state == EVENT_CANCELLED)
		return OCCURRENCE_CANCELLED;
	return o == NULL ? OCCURRENCE_PLANNED : o->state;
}

/* Whether a date is as the series says. */
static bool
is_plain(const struct series *s, const struct occurrence *o, int64_t wall)
{
	const struct event *e = s->event;

	return state_of(s, o) == state_of(s, NULL) && !o->placed && *o->note == '\0' &&
	    strcmp(o->area, e->area) == 0 && o->online == e->online &&
	    o->starts_at == utc_of(s, wall) &&
	    o->ends_at == o->starts_at + (int64_t)e->minutes * 60;
}

/* ---- what is said of it ---- */

static void
uid(struct series *s, const char *name, int day)
{
	struct ical_lines	*lines = &s->file->lines;
	char			 hex[2 * ID_LEN + 1], text[sizeof("-2147483648")];

	id_text(hex, &s->event->id);
	ical_put(lines, name);
	ical_put(lines, ":");
	ical_put(lines, hex);
	if (day != 0) {
		snprintf(text, sizeof(text), "-%d", day);
		ical_put(lines, text);
	}
	ical_put(lines, "@");
	ical_put(lines, s->file->host);
	ical_end_line(lines);
}

/* The beginning of a line of text, in its language where that is not the file's. */
static void
begin_text(struct series *s, const char *name)
{
	struct ical_lines *lines = &s->file->lines;

	ical_put(lines, name);
	if (strcmp(s->event->lang, s->file->ical->words->lang) != 0) {
		ical_put(lines, ";LANGUAGE=");
		ical_put(lines, s->event->lang);
	}
	ical_put(lines, ":");
}

/* Many programs show neither STATUS nor what is cancelled: the title says it, too. */
static void
title(struct series *s, enum occurrence_state state)
{
	struct ical_lines	*lines = &s->file->lines;
	const struct site_words	*words = s->file->ical->words;

	begin_text(s, "SUMMARY");
	if (state != OCCURRENCE_PLANNED) {
		ical_put_text(lines, text_in(words, occurrence_state_words[state]));
		ical_put(lines, ": ");
	}
	ical_put_text(lines, s->event->title);
	ical_end_line(lines);
}

static void
paragraph(struct series *s, const char *text, bool *any)
{
	if (text == NULL || *text == '\0')
		return;
	if (*any)
		ical_put_text(&s->file->lines, "\n\n");
	ical_put_text(&s->file->lines, text);
	*any = true;
}

static void
description(struct series *s, const struct entry *entry, const struct place *place,
    bool online, const char *url)
{
	bool any = false;

	begin_text(s, "DESCRIPTION");
	paragraph(s, entry->date == NULL ? "" : entry->date->note, &any);
	paragraph(s, s->event->summary, &any);
	if (online)
		paragraph(s, place->link, &any);
	paragraph(s, url, &any);
	ical_end_line(&s->file->lines);
}

static void
location(struct series *s, const char *area, const struct place *place, bool online)
{
	struct ical_lines	*lines = &s->file->lines;
	const char		*name = unit_area(s->file->ical->settings, area);

	if (*place->address == '\0' && name == NULL && !online)
		return;
	ical_put(lines, "LOCATION:");
	ical_put_text(lines, place->address);
	if (*place->address != '\0' && name != NULL)
		ical_put_text(lines, ", ");
	if (name != NULL)
		ical_put_text(lines, name);
	if (*place->address == '\0' && name == NULL)
		ical_put_text(lines, text_in(s->file->ical->words, N_("Online")));
	ical_end_line(lines);
}

/* What all may know of where it is. */
static enum outcome
open_place(struct series *s, const struct id *about, struct bytes sealed, struct place *place)
{
	enum outcome got = event_place_open(s->ctx, s->file->ical->form_key, about, sealed, place);

	/* Sealed under a key that was changed since: the page does not know it either. */
	if (got == OUT_FORBIDDEN)
		*place = (struct place){ "", "" };
	else if (got != OUT_OK)
		return got;
	if (s->event->address_coming)
		place->address = "";
	if (s->event->link_coming)
		place->link = "";
	return OUT_OK;
}

static enum outcome
where(struct series *s, const struct entry *entry, const char *url)
{
	const struct occurrence	*o = entry->date;
	bool			 online = o != NULL ? o->online : s->event->online;
	struct place		 place = s->place;
	enum outcome		 got;

	if (o != NULL && o->placed &&
	    (got = open_place(s, &o->id, o->whereabouts, &place)) != OUT_OK)
		return got;
	description(s, entry, &place, online, url);
	location(s, o != NULL ? o->area : s->event->area, &place, online);
	if (online && *place.link != '\0') {
		ical_put(&s->file->lines, "CONFERENCE;VALUE=URI:");
		ical_put(&s->file->lines, place.link);
		ical_end_line(&s->file->lines);
	}
	return OUT_OK;
}

/* ---- when it is ---- */

/*
 * Until when the rule goes, in UTC (3.3.10).  No date is within a day behind the last one, and some
 * programs reckon with the first one's offset: two hours more, and they find the last one, too,
 * though the clocks were moved.
 */
static int64_t
end_of(const struct series *s)
{
	int64_t starts = s->event->starts_wall, until = s->rule.until;
	int64_t last = when_day_of(until) + starts - when_day_of(starts);

	return utc_of(s, last > until ? last - DAY : last) + 2 * 3600;
}

/* The rule from the first date on that takes place, and what is left out behind that. */
static enum outcome
rule_lines(struct series *s)
{
	struct ical_lines	*lines = &s->file->lines;
	struct recurrence	 rule = s->rule;
	char			 until[ICAL_TIME];
	const char		*text;

	rule.until = 0;
	if (rule.count != 0)
		rule.count -= (unsigned)s->first;
	if ((text = recurrence_text(s->ctx, &rule)) == NULL)
		return OUT_FAULT;
	ical_put(lines, "RRULE:");
	ical_put(lines, text);
	if (s->rule.until != 0) {
		ical_time_text(until, end_of(s));
		ical_put(lines, ";UNTIL=");
		ical_put(lines, until);
		ical_put(lines, "Z");
	}
	ical_end_line(lines);
	for (size_t i = s->first; i < s->walls.n; i++)
		if (row_of(s, s->walls.at[i]) == NULL)
			ical_time(lines, "EXDATE", s->tzid, s->walls.at[i]);
	return OUT_OK;
}

static void
time_lines(struct series *s, const struct entry *entry)
{
	struct ical_lines	*lines = &s->file->lines;
	int64_t			 ends = wall_of(s, entry->ends_at);

	ical_time(lines, "DTSTART", s->tzid, entry->wall);
	if (entry->ends_at <= entry->starts_at)
		return;
	if (utc_of(s, ends) == entry->ends_at && wall_of(s, entry->starts_at) == entry->wall)
		ical_time(lines, "DTEND", s->tzid, ends);
	else {	/* in the hour that comes twice, when it comes again; or in that which does not */
		ical_put(lines, "DURATION:PT");
		ical_put(lines, talloc_asprintf(s->ctx, "%lldM",
		    (long long)(entry->ends_at - entry->starts_at) / 60));
		ical_end_line(lines);
	}
}

static int64_t
changed(const struct series *s, const struct entry *entry)
{
	int64_t at = s->event->changed_at;

	/* A row that was only added is none of anybody's changes. */
	for (size_t i = 0; i < s->n_rows; i++)
		if ((entry->recurs || s->rows[i] == entry->date) && s->rows[i]->sequence > 0 &&
		    s->rows[i]->changed_at > at)
			at = s->rows[i]->changed_at;
	return at;
}

/* ---- a VEVENT ---- */

static enum outcome
write_entry(struct series *s, const struct entry *entry)
{
	static const char *const statuses[OCCURRENCE_STATES] = {
		[OCCURRENCE_PLANNED] = "CONFIRMED",
		[OCCURRENCE_CANCELLED] = "CANCELLED",
		[OCCURRENCE_POSTPONED] = "TENTATIVE",
		[OCCURRENCE_SKIPPED] = "CANCELLED",
	};
	const struct ical	*ical = s->file->ical;
	struct ical_lines	*lines = &s->file->lines;
	enum occurrence_state	 state = state_of(s, entry->date);
	const char		*path = event_path(s->ctx, s->event, entry->date), *url;
	int64_t			 at = changed(s, entry);
	enum outcome		 got;

	url = path == NULL ? NULL : talloc_asprintf(s->ctx, "%s%s%s", ical->settings->origin,
	    ical->words->prefix, path);
	if (url == NULL)
		return OUT_FAULT;
	s->file->any = true;
	ical_line(lines, "BEGIN", "VEVENT");
	uid(s, "UID", entry->own_uid ? entry->date->day : 0);
	if (entry->replaces != 0)
		ical_time(lines, "RECURRENCE-ID", s->tzid, entry->replaces);
	/* Of a file that is no message it is the time of the last change (3.8.7.2). */
	ical_time(lines, "DTSTAMP", NULL, at);
	ical_time(lines, "LAST-MODIFIED", NULL, at);
	ical_number(lines, "SEQUENCE", s->sequence);
	time_lines(s, entry);
	if (entry->recurs && (got = rule_lines(s)) != OUT_OK)
		return got;
	ical_line(lines, "STATUS", statuses[state]);
	title(s, state);
	if ((got = where(s, entry, url)) != OUT_OK)
		return got;
	ical_text(lines, "CATEGORIES", text_in(ical->words, event_kind_words[s->event->kind]));
	ical_line(lines, "URL", url);
	ical_line(lines, "END", "VEVENT");
	return OUT_OK;
}

/* The series as a whole, unless no date of the rule takes place. */
static enum outcome
write_rule(struct series *s)
{
	int64_t starts;

	if (s->first == s->walls.n)
		return OUT_OK;
	starts = utc_of(s, s->walls.at[s->first]);
	return write_entry(s, &(struct entry){ .recurs = true, .starts_at = starts,
	    .ends_at = starts + (int64_t)s->event->minutes * 60,
	    .wall = s->walls.at[s->first] });
}

/* A date for itself, if the series does not say it. */
static enum outcome
write_date(struct series *s, size_t i)
{
	const struct occurrence	*o = s->rows[i];
	struct entry		 entry = { .date = o, .starts_at = o->starts_at,
				    .ends_at = o->ends_at, .wall = wall_of(s, o->starts_at) };
	int64_t			 wall;

	if (s->in_rule[i] && calendar_day_wall(o->day, &wall)) {
		wall += s->event->starts_wall - when_day_of(s->event->starts_wall);
		if (is_plain(s, o, wall))
			return OUT_OK;
		entry.replaces = wall;
	} else
		entry.own_uid = true;
	return write_entry(s, &entry);
}

/* ---- an event ---- */

static void
note_change(struct ical_file *file, int64_t at)
{
	file->changed = at > file->changed ? at : file->changed;
}

/* It needs this zone (NULL: none) from the moment `first` on. */
static bool
note_zone(struct ical_file *file, const char *tzid, int64_t first)
{
	struct zone_since	*zone = file->zones;
	size_t			 i = 0;

	if (tzid == NULL)
		return true;
	while (i < file->n_zones && strcmp(zone[i].tzid, tzid) != 0)
		i++;
	if (i == file->n_zones) {
		zone = talloc_realloc(file, zone, struct zone_since, i + 1);
		if (zone == NULL)
			return false;
		file->zones = zone;
		zone[i] = (struct zone_since){ talloc_strdup(zone, tzid), first };
		file->n_zones += zone[i].tzid != NULL;
	}
	zone[i].first = first < zone[i].first ? first : zone[i].first;
	return zone[i].tzid != NULL;
}

enum outcome
ical_add(struct ical_file *file, const struct event *e, const struct occurrences *dates)
{
	struct series	s = { .file = file, .ctx = talloc_new(file), .event = e,
			    .tzid = tzid_of(e->zone) };
	int64_t		first = e->starts_wall - DAY;	/* the rule may say it, and no row */
	enum outcome	got = OUT_FAULT;

	note_change(file, e->changed_at);
	for (size_t i = 0; i < dates->n; i++) {
		note_change(file, dates->at[i].changed_at);
		first = dates->at[i].starts_at < first ? dates->at[i].starts_at : first;
	}
	if (s.ctx != NULL && note_zone(file, s.tzid, first) && sort_rows(&s, dates))
		got = match(&s);
	if (got == OUT_OK)
		got = open_place(&s, &e->id, e->whereabouts, &s.place);
	if (got == OUT_OK)
		got = write_rule(&s);
	for (size_t i = 0; got == OUT_OK && i < s.n_rows; i++)
		got = write_date(&s, i);
	talloc_free(s.ctx);
	return got;
}

/* ---- the whole ---- */

/* "URL:https://example.org/es/events" */
static void
address(struct ical_lines *lines, const struct ical *ical, const char *name, const char *path)
{
	ical_put(lines, name);
	ical_put(lines, ":");
	ical_put(lines, ical->settings->origin);
	ical_put(lines, ical->words->prefix);
	ical_put(lines, path);
	ical_end_line(lines);
}

static void
write_head(struct ical_lines *lines, const struct ical *ical)
{
	ical_line(lines, "BEGIN", "VCALENDAR");
	ical_line(lines, "VERSION", "2.0");
	ical_line(lines, "PRODID", "-//Openhall//Openhall//EN");
	ical_line(lines, "CALSCALE", "GREGORIAN");
	/* What RFC 7986 has, and what was there before it. */
	ical_text(lines, "NAME", ical->name);
	ical_text(lines, "X-WR-CALNAME", ical->name);
	ical_line(lines, "REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
	ical_line(lines, "X-PUBLISHED-TTL", "PT1H");
	address(lines, ical, "URL", ical->page);
	address(lines, ical, "SOURCE;VALUE=URI", ical->path);
}

struct ical_file *
ical_begin(const void *ctx, const struct ical *ical)
{
	struct ical_file *file = talloc_zero(ctx, struct ical_file);

	if (file == NULL)
		return NULL;
	file->ical = ical;
	file->lines.to = buf_new(file, 16 * 1024);
	file->host = host_of(file, ical->settings->origin);
	if (file->lines.to == NULL || file->host == NULL) {
		talloc_free(file);
		return NULL;
	}
	return file;
}

/* Each zone stands once, before what is in it. */
enum outcome
ical_end(struct ical_file *file, struct buf *to, int64_t *changed)
{
	const struct buf	*events = file->lines.to;
	const char		*here = file->ical->settings->zone;
	struct ical_lines	 lines = { .to = to };
	enum outcome		 got;

	*changed = file->changed;
	write_head(&lines, file->ical);
	for (size_t i = 0; i < file->n_zones; i++)
		ical_zone(&lines, file->zones[i].tzid, zone_find(file->zones[i].tzid),
		    file->zones[i].first);
	/* There is no calendar with nothing in it (3.4). */
	if (!file->any && file->n_zones == 0 && zone_find(here) != NULL)
		ical_zone(&lines, here, zone_find(here), calendar_at(2020, 1, 1, 0, 0));
	buf_add(to, events->data, events->len);
	ical_line(&lines, "END", "VCALENDAR");
	got = events->failed || to->failed ? OUT_FAULT : OUT_OK;
	talloc_free(file);
	return got;
}
