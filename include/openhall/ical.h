/*
 * ical: events as a calendar file (iCalendar: RFC 5545, with the properties of RFC 7986) that says
 * the same dates as the pages.  The same events give the same bytes, whenever it is asked.
 *
 * A date that the rule says is of its series: as it is, left out by EXDATE, or changed by an
 * entry of its own with RECURRENCE-ID.  A date that the rule does not say, as those before the rule
 * was changed, is an entry beside the series, with an UID of its own: RDATE is what some
 * programs leave out.
 */
#ifndef OPENHALL_ICAL_H
#define OPENHALL_ICAL_H

#include "openhall/buf.h"
#include "openhall/event.h"
#include "openhall/settings.h"

#define ICAL_TYPE	"text/calendar; charset=utf-8"

enum { ICAL_DATES_MAX = 4000 };		/* of one event; more are not read */

/* What a file is. */
struct ical {
	const struct settings	*settings;
	const struct site_words	*words;
	const struct key	*form_key;	/* opens where events are */
	const char		*name;		/* of the calendar */
	const char		*path;		/* of this file, without the language's prefix:
						   "/events.ics?kind=talk"; and that of the page
						   that shows the same: "/events?kind=talk" */
	const char		*page;
};

/*
 * A file that is written event by event, so that of no event more is held than what it says of it.
 * ical_begin: below `ctx`; NULL: no memory.
 * ical_add: the next event, with each of its dates that is a row.  OUT_OK or OUT_FAULT.
 * ical_end: append the file to `to`, and free it; `changed`: when any of its events or dates was
 *	last changed, 0: there is none.  OUT_OK or OUT_FAULT.
 */
struct ical_file;
struct ical_file *ical_begin(const void *ctx, const struct ical *);
enum outcome	 ical_add(struct ical_file *, const struct event *, const struct occurrences *);
enum outcome	 ical_end(struct ical_file *, struct buf *to, int64_t *changed);

#endif
