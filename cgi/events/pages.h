/*
 * pages.h: what the files of the program events share: its pages, how they tell of a date, what
 * they are filtered by, and those of them that are kept.
 */
#ifndef EVENTS_PAGES_H
#define EVENTS_PAGES_H

#include "openhall/event.h"
#include "openhall/kept.h"
#include "openhall/route.h"

enum {
	PAGE_SECONDS = 1,	/* for which anybody may keep a page without asking again */
	LIST_MOST = 20,		/* dates on a page of a list */
	COMING_MOST = 4,	/* events on the home page, */
	COMING_READ = 60,	/* for which so many dates are read */
	MONTH_MOST = 500,	/* in a month */
	NEXT_MOST = 6,		/* of one event, until all are asked for */
	FACETS_MOST = 500,
	ONES_MOST = 32,		/* pages and calendars of one event that are kept */
	ONE_MOST = 32 * 1024,	/* bytes of such a page, */
	KEPT_MOST = 4 * 1024 * 1024	/* and of any other */
};

/* What everybody asks for, made once for each change of what is published, and each minute.  What
 * a filter leaves of it is not kept, so that whoever asks for many fills no memory, and puts
 * nothing out of its place. */
enum { KEPT_LIST, KEPT_COMING, KEPT_MONTH, KEPT_CALENDAR, KEPT_FEED, KEPT_SITEMAP, KEPT_ONE,
	KEPT__COUNT = KEPT_ONE + ONES_MOST };

/* What one can filter by; `name` as people call it, of a kind its N_() text.  No date is of it: the
 * first is later than the last. */
struct facet { const char *value, *name; int64_t first, last; };
struct facets { size_t n; const struct facet *at; };

/* Of all languages, kept like a page. */
struct filters {
	void		*memory;
	int64_t		 number, until;
	struct facets	 of[EVENT_FACETS];
	int64_t		 first, last;		/* of all dates, by their end */
};

/* The seats that a page tells of, which are taken while the press stands still. */
struct counted { bool are; struct id date; int64_t left; };

struct own {
	struct page	list, month, one, coming;
	struct answering *answering;		/* rsvp.h; NULL: the site takes no RSVP, so
						   nothing may lead to /rsvp */
	struct filters	filters;
	struct kept	kept[LANGUAGES_MAX][KEPT__COUNT];
	struct counted	counted[LANGUAGES_MAX][ONES_MOST];	/* of those kept from KEPT_ONE on */
};

/* ---- kept.c ---- */

/* Answer with what is kept as `which`, if it is of this `key`; or with what `make` makes, and keep
 * that.  The key is the path, and what else makes it another page. */
enum outcome	 events_send(struct request *, size_t which, const char *key,
		    enum outcome (*make)(struct request *));

/* Its two halves, for who has asked for the press already; and which of `most` places a path
 * has. */
bool		 kept_find(struct request *, size_t which, const char *key, int64_t number);
/* False: it is not one to keep. */
bool		 kept_keep(struct request *, size_t which, const char *key, int64_t number);
size_t		 kept_slot(const char *path, size_t most);

/* ---- filter.c: what a list is filtered by ---- */

/* What the query asks for.  OUT_OK, or OUT_MISSING: such a thing cannot be. */
enum outcome	 filter_read(const struct request *, struct event_filter *);
bool		 filter_is_set(const struct event_filter *);

/* `path` with the filter as its query, and behind it `name`=`value` (NULL: nothing); below the
 * request, NULL: no memory. */
const char	*filter_path(struct request *, const char *path, const struct event_filter *,
		    const char *name, const char *value);

/* What there is now; what is not one of them any more goes by nothing. */
enum outcome	 filter_find(struct request *, const struct filters **);
/* The same for who has asked event_press() already. */
enum outcome	 filter_of(struct request *, int64_t number, const struct filters **);
const char	*filter_unit(const struct filters *, const char *slug);

/* The form, and the links to the list, the past, the month and the calendar that keep the
 * filter: the names of events-frame.html, as one row. */
extern const struct view_name filter_names[];
enum frame { FRAME_COMING, FRAME_PAST, FRAME_MONTH };
void		 filter_view(struct request *, struct view *row, const struct filters *,
		    const struct event_filter *, enum frame);

/* ---- date.c: one date, as all pages tell of it ---- */

enum { D_HREF, D_TITLE, D_WORDS, D_SUMMARY, D_DAY, D_HOURS, D_ZONE, D_PLACE, D_STARTS, D_ENDS,
	D_KIND, D_UNIT, D_AREA, D_ONLINE, D_CANCELLED, D_POSTPONED, D_MOVED, D_NOTE, D_FEW, D_FULL,
	D_STATUS, D_ODD, D_FIRST, D_LAST, D_ALSO, D_OTHERS, D__COUNT };
extern const struct view_name date_names[];

/* Fill a row of these; those from D_FIRST on are the list's. */
enum outcome	 date_view(struct request *, struct view *row, const struct filters *,
		    const struct event *, const struct occurrence *);

/* Tell on it of another date that is as that of `l` (fold_dates()). */
enum outcome	 date_view_other(struct request *, struct view *row, const struct listing *l,
		    const struct listing *other, bool last);

/* The first day it takes place on there, as a wall time, and the last: who stays up is not there on
 * two days. */
int64_t		 date_first_day(const struct event *, const struct occurrence *);
int64_t		 date_last_day(const struct event *, const struct occurrence *);

/* The day in an address: "2026-12-08" is 20261208, and nothing is 0.  OUT_OK, OUT_MISSING. */
enum outcome	 date_read(const char *text, int *day);

/* Whether it is on another day than it was planned for. */
bool		 date_is_moved(const struct event *, const struct occurrence *);

/* "seats left": how many; -1: no end of them. */
int64_t		 date_seats(const struct occurrence *);

/* ---- fold.c: several dates of one event on a page ---- */

/*
 * Which dates stand in a line of their own, and which with an earlier one: of the same event, and
 * of which all but the day is the same.  Of each the number of its line's first; below `ctx`, NULL:
 * no memory.  `asks`: the site takes RSVPs, and so tells whether there are seats.
 */
const size_t	*fold_dates(const void *ctx, const struct listing *, size_t n, int64_t now,
		    bool asks);

/* Of at most `most` events the number of the first date that takes place, or of the first if none
 * does, in their order.  How many they are. */
size_t		 fold_events(const struct listing *, size_t n, size_t most, size_t picked[]);

/* ---- list.c: what comes, what is past; and for the home page ---- */
void		 list_start(struct app *);
enum outcome	 list_show(struct request *), past_show(struct request *),
		 coming_show(struct request *);

/* ---- month.c ---- */
void		 month_start(struct app *);
enum outcome	 month_show(struct request *);

/* ---- one.c: an event, or one of its dates ---- */
void		 one_start(struct app *);
enum outcome	 one_show(struct request *);

/* ---- ics.c: calendars; rss.c: a feed of new ones ---- */
bool		 calendar_is_asked(const struct request *);	/* "SLUG.ics", of an event */
enum outcome	 calendar_show(struct request *), calendar_one(struct request *),
		 fresh_show(struct request *);

/* ---- sitemap.c ---- */
extern const struct db_query sitemap_queries[];
extern const size_t sitemap_n_queries;

enum outcome	 sitemap_show(struct request *);

#endif
