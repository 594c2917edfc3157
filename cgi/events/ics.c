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

/* What it is called; NULL: no memory. */
static struct ical_file *
begin_file(struct request *rq, struct ical *ical, const char *name, const char *path,
    const char *page)
{
	*ical = (struct ical){
		.settings = rq->settings,
		.words = rq->words,
		.form_key = &rq->app->form_key,
		.name = name,
		.path = path,
		.page = page,
	};
	return name == NULL || path == NULL || page == NULL ? NULL : ical_begin(rq, ical);
}

/* `since`: it is no older, whenever what is in it changed. */
static enum outcome
end_file(struct request *rq, struct ical_file *file, int64_t since)
{
	int64_t		changed;
	enum outcome	got = ical_end(file, rq->out, &changed);

	rq->max_age = PAGE_SECONDS;
	rq->modified = (time_t)(changed > since ? changed : since);
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

/* The dates of some events are read, written, and let go before those of the next. */
static enum outcome
add_events(struct request *rq, const struct events *events, const struct event_filter *filter,
    struct ical_file *file)
{
	struct occurrences	*dates = talloc_array(rq, struct occurrences, events->n);
	size_t			 most = events->n, n;
	enum outcome		 got = dates != NULL ? OUT_OK : OUT_FAULT;

	for (size_t at = 0; got == OUT_OK && at < events->n; at += n) {
		void *tmp = talloc_new(rq);

		n = most < events->n - at ? most : events->n - at;
		got = occurrence_of_many(rq->app->db, tmp, &events->at[at], &n, ICAL_DATES_MAX,
		    dates);
		most = n;
		for (size_t i = 0; got == OUT_OK && i < n; i++) {
			leave(&dates[i], filter);
			got = ical_add(file, &events->at[at + i], &dates[i]);
		}
		talloc_free(tmp);
	}
	return got;
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
	int64_t			 today = when_day_of(rq->now);
	struct event_filter	 filter;
	struct events		 events;
	struct ical		 ical;
	struct ical_file	*file;
	enum outcome		 got;

	if ((got = filter_read(rq, &filter)) != OUT_OK ||
	    (got = event_for_calendar(rq->app->db, rq, rq->words->lang,
	    today - CALENDAR_DAYS * (int64_t)DAY, &filter, CALENDAR_MOST, &events)) != OUT_OK)
		return got;
	file = begin_file(rq, &ical, name_of(rq, &filter),
	    filter_path(rq, "/events.ics", &filter, NULL, NULL),
	    filter_path(rq, "/events", &filter, NULL, NULL));
	if (file == NULL)
		return OUT_FAULT;
	got = add_events(rq, &events, &filter, file);
	/* Each day something leaves it. */
	return got == OUT_OK ? end_file(rq, file, today) : got;
}

enum outcome
calendar_show(struct request *rq)
{
	struct event_filter	filter;
	enum outcome		got;

	if ((got = filter_read(rq, &filter)) != OUT_OK)
		return got;
	/* Of one with a filter nginx says how often a stranger may ask. */
	got = filter_is_set(&filter) ? make(rq) :
	    events_send(rq, KEPT_CALENDAR, rq->path, make);
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
	struct occurrences	 dates;
	struct ical		 ical;
	struct ical_file	*file;
	enum outcome		 got;

	if (slug == NULL)
		return OUT_FAULT;
	if ((got = event_find(rq->app->db, rq, rq->words->lang, slug, &event)) != OUT_OK ||
	    (got = occurrence_all(rq->app->db, rq, &event.id, 0, INT64_MAX, ICAL_DATES_MAX,
	    &dates)) != OUT_OK)
		return got;
	file = begin_file(rq, &ical, event.title, rq->path, event_path(rq, &event, NULL));
	if (file == NULL)
		return OUT_FAULT;
	if (event.by_link)
		http_header(rq, "X-Robots-Tag", "noindex, nofollow");
	got = ical_add(file, &event, &dates);
	return got == OUT_OK ? end_file(rq, file, 0) : got;
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
