/*
 * ics.c: calendars to subscribe to: of all that comes, of what a filter leaves of that, and of one
 * event.  What is over stays in them for a while, so that nobody's evening disappears while they
 * are on their way home.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/ical.h"
#include "openhall/text.h"
#include "openhall/unit.h"
#include "openhall/when.h"

#define SUFFIX	".ics"

enum { CALENDAR_MOST = 1000 /* events */, CALENDAR_DAYS = 92 };

static enum outcome
write_file(struct request *rq, const struct ical_entry *entries, size_t n, const char *name,
    const char *path, const char *page)
{
	const struct ical ical = {
		.settings = rq->settings,
		.words = rq->words,
		.form_key = &rq->app->form_key,
		.name = name,
		.path = path,
		.page = page,
	};
	enum outcome got;

	if (name == NULL || path == NULL || page == NULL)
		return OUT_FAULT;
	if ((got = ical_write(&ical, entries, n, rq->out)) == OUT_OK)
		rq->max_age = PAGE_SECONDS;
	return got;
}

/* The dates that a filter leaves: only where it is may differ from one to the next. */
static void
leave(struct occurrences *dates, const struct event_filter *filter)
{
	struct occurrence	*all = (struct occurrence *)dates->at;
	size_t			 n = 0;

	for (size_t i = 0; i < dates->n; i++)
		if ((filter->area == NULL || strcmp(all[i].area, filter->area) == 0) &&
		    (!filter->online || all[i].online))
			all[n++] = all[i];
	dates->n = n;
}

static enum outcome
read_entries(struct request *rq, const struct event_filter *filter, int64_t from,
    struct ical_entry **entries, size_t *n)
{
	struct events	events;
	enum outcome	got;

	got = event_for_calendar(rq->app->db, rq, rq->words->lang, from, filter, CALENDAR_MOST,
	    &events);
	if (got != OUT_OK)
		return got;
	*n = events.n;
	if ((*entries = talloc_array(rq, struct ical_entry, events.n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < events.n; i++) {
		struct ical_entry *entry = &(*entries)[i];

		entry->event = &events.at[i];
		got = occurrence_all(rq->app->db, rq, &entry->event->id, 0, INT64_MAX,
		    ICAL_DATES_MAX, &entry->dates);
		if (got != OUT_OK)
			return got;
		leave(&entry->dates, filter);
	}
	return OUT_OK;
}

/* "Daybreak: events", and what they are filtered by. */
static const char *
name_of(struct request *rq, const struct event_filter *filter)
{
	const struct site_words	*words = rq->words;
	const char		*parts[4] = { NULL };
	/* TRANSLATORS: %s is the organisation */
	char			*name = talloc_asprintf(rq, text_in(words, "%s: events"),
				    words->name);
	const struct filters	*all;

	for (size_t i = 0; filter->kind != NULL && i < EVENT_KINDS; i++)
		if (strcmp(event_kind_names[i], filter->kind) == 0)
			parts[0] = text_in(words, event_kind_words[i]);
	if (filter->unit != NULL && filter_find(rq, &all) == OUT_OK)
		parts[1] = filter_unit(all, filter->unit);
	if (filter->area != NULL)
		parts[2] = unit_area(rq->settings, filter->area);
	if (filter->online)
		parts[3] = text_in(words, N_("Online"));
	for (size_t i = 0; i < 4; i++)
		if (name != NULL && parts[i] != NULL)
			name = talloc_asprintf_append(name, ", %s", parts[i]);
	return name;
}

static enum outcome
make(struct request *rq)
{
	struct event_filter	 filter;
	struct ical_entry	*entries;
	size_t			 n;
	int64_t			 today = when_day_of(rq->now);
	enum outcome		 got;

	if ((got = filter_read(rq, &filter)) != OUT_OK ||
	    (got = read_entries(rq, &filter, today - CALENDAR_DAYS * (int64_t)DAY, &entries,
	    &n)) != OUT_OK)
		return got;
	got = write_file(rq, entries, n, name_of(rq, &filter),
	    filter_path(rq, "/events.ics", &filter, NULL, NULL),
	    filter_path(rq, "/events", &filter, NULL, NULL));
	/* Each day something leaves it. */
	rq->modified = (time_t)(ical_changed(entries, n) > today ? ical_changed(entries, n) :
	    today);
	return got;
}

enum outcome
calendar_show(struct request *rq)
{
	struct event_filter	 filter;
	const char		*key;
	enum outcome		 got;

	if ((got = filter_read(rq, &filter)) != OUT_OK)
		return got;
	if ((key = filter_path(rq, rq->path, &filter, NULL, NULL)) == NULL)
		return OUT_FAULT;
	got = events_send(rq, KEPT_CALENDAR + kept_slot(key, CALENDARS_MOST), key, make);
	if (got == OUT_OK)		/* else a page says what is wrong */
		rq->type = ICAL_TYPE;
	return got;
}

bool
calendar_is_asked(const struct request *rq)
{
	size_t len = strlen(rq->rest);

	return *rq->second == '\0' && len > strlen(SUFFIX) &&
	    strcmp(rq->rest + len - strlen(SUFFIX), SUFFIX) == 0;
}

static enum outcome
make_one(struct request *rq)
{
	const char		*slug = talloc_strndup(rq, rq->rest,
				    strlen(rq->rest) - strlen(SUFFIX));
	struct event		 event;
	struct ical_entry	 entry = { .event = &event };
	enum outcome		 got;

	if (slug == NULL)
		return OUT_FAULT;
	if ((got = event_find(rq->app->db, rq, rq->words->lang, slug, &event)) != OUT_OK ||
	    (got = occurrence_all(rq->app->db, rq, &event.id, 0, INT64_MAX, ICAL_DATES_MAX,
	    &entry.dates)) != OUT_OK)
		return got;
	got = write_file(rq, &entry, 1, event.title, rq->path, event_path(rq, &event, NULL));
	if (got != OUT_OK)
		return got;
	if (event.by_link)
		http_header(rq, "X-Robots-Tag", "noindex, nofollow");
	rq->modified = (time_t)ical_changed(&entry, 1);
	return OUT_OK;
}

enum outcome
calendar_one(struct request *rq)
{
	enum outcome got = events_send(rq, KEPT_ONE + kept_slot(rq->path, ONES_MOST), rq->path,
			    make_one);

	if (got == OUT_OK)
		rq->type = ICAL_TYPE;
	return got;
}
