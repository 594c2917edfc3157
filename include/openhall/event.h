/*
 * event: what takes place, and each of its dates (occurrences).  For those who show it, for the
 * back office and for the courier; what each may read and write, its account says.
 */
#ifndef OPENHALL_EVENT_H
#define OPENHALL_EVENT_H

#include "openhall/calendar.h"
#include "openhall/cursor.h"
#include "openhall/db.h"
#include "openhall/markdown.h"
#include "openhall/seal.h"
#include "openhall/settings.h"

/* To show one, and lists of them; and for who writes the dates of an event (admin, courier). */
extern const struct db_query event_queries[], event_list_queries[], event_spread_queries[];
extern const size_t event_n_queries, event_list_n_queries, event_spread_n_queries;

enum {
	EVENT_SLUG_MAX = 80, EVENT_TITLE_MAX = 200, EVENT_SUMMARY_MAX = 600,
	EVENT_BODY_MAX = 20000,			/* characters */
	EVENT_NOTE_MAX = 600, EVENT_PLACE_MAX = 300, EVENT_LINK_MAX = 500,
	EVENT_CONTACT_MAX = 254,
	EVENT_MINUTES_MAX = 7 * 24 * 60,	/* nothing takes longer than a week */
	EVENT_AHEAD_DAYS = 550,			/* so far there are dates of what recurs */
	EVENT_PEOPLE_MAX = 9			/* of one RSVP */
};

/* As they are stored; N_() texts of them; the kind of a state's tag. */
enum event_kind { EVENT_MEETING, EVENT_EDUCATION, EVENT_ACTION, EVENT_TALK, EVENT_WORK,
	EVENT_SOCIAL, EVENT_OTHER, EVENT_KINDS };
extern const char *const event_kind_names[EVENT_KINDS], *const event_kind_words[EVENT_KINDS];

enum event_state { EVENT_DRAFT, EVENT_PUBLISHED, EVENT_CANCELLED, EVENT_STATES };
extern const char *const event_state_names[EVENT_STATES];

enum occurrence_state { OCCURRENCE_PLANNED, OCCURRENCE_CANCELLED, OCCURRENCE_POSTPONED,
	OCCURRENCE_SKIPPED, OCCURRENCE_STATES };
extern const char *const occurrence_state_names[OCCURRENCE_STATES];
extern const char *const occurrence_state_words[OCCURRENCE_STATES];

/* What who needs it can know before they come: the names in event.access, in their order. */
enum event_access { ACCESS_WHEELCHAIR, ACCESS_INTERPRETATION, ACCESS_CHILDCARE, ACCESS_MASKS,
	ACCESS_LANGUAGES, EVENT_ACCESS };
extern const char *const event_access_names[EVENT_ACCESS], *const event_access_words[EVENT_ACCESS];

struct event {
	struct id	 id;
	const char	*slug;
	enum event_state state;
	bool		 by_link;		/* only who has the address sees it */
	enum event_kind	 kind;
	const char	*unit, *area;		/* slugs, or "" */
	const char	*lang;			/* that of the words below */
	const char	*title, *summary;
	struct markup	 html;			/* of lists: empty */
	const char	*zone;
	int64_t		 starts_wall;
	int		 minutes;
	const char	*rule;			/* "": one date */
	int64_t		 spread_to;		/* wall time up to which its dates are rows */
	struct bytes	 whereabouts;
	bool		 address_coming, link_coming;	/* only for those who are coming */
	bool		 online;
	const char	*access, *contact;
	bool		 rsvp;
	int		 rsvp_hours;
	int64_t		 capacity;		/* -1: no limit */
	int64_t		 sequence, changed_at, published_at;
};

struct occurrence {
	struct id	 id, event;
	int		 day;			/* 20261208; 0: the only one */
	int64_t		 starts_at, ends_at;
	enum occurrence_state state;
	bool		 own;			/* its time was set by hand */
	const char	*area;			/* as the event's, unless it is `placed` */
	bool		 online;
	bool		 placed;		/* so was its place: area, online, whereabouts */
	struct bytes	 whereabouts;		/* where it is placed */
	const char	*note;
	int64_t		 sequence, changed_at;
	int64_t		 capacity, taken, waiting;	/* capacity -1: no limit */
	bool		 line;			/* somebody waits for whom there can be room */
};

/* A line of a list: a date, and of its event what a list shows.  The other members are zero. */
struct listing {
	struct occurrence o;
	struct event	  e;
};
struct listings { size_t n; const struct listing *at; };

/* ---- where it takes place ---- */

struct place { const char *address, *link; };	/* "" where there is none */

/* Seal and open event.whereabouts or occurrence.whereabouts: readable by who holds the portal's
 * form key, and not by who has the store alone.  `about`: the event's or occurrence's id.  Below
 * `ctx`.  OUT_OK; OUT_FORBIDDEN: it does not open; OUT_FAULT.  Nothing sealed: an empty place. */
enum outcome	 event_place_seal(const void *ctx, const struct key *form_key,
		    const struct id *about, const struct place *, struct bytes *out);
enum outcome	 event_place_open(const void *ctx, const struct key *form_key,
		    const struct id *about, struct bytes sealed, struct place *);

/* ---- lists ---- */

/* What is wanted: NULL or false where it does not matter.  Texts are ASCII. */
struct event_filter { const char *kind, *unit, *area; bool online; };

/*
 * At most `most` dates that are not over at `now`, by their end, first ones first; or (`past`)
 * those that are, last ones first; as `lang` calls them, or as their own language does.  A
 * range of one index, which begins at `now`.  OUT_OK, OUT_AWAY, OUT_FAULT.
 */
enum outcome	 event_list(struct db *, const void *ctx, const char *lang, int64_t now, bool past,
		    const struct event_filter *, const struct cursor *, size_t most,
		    struct listings *);

/* Those that begin in [from, to), oldest first: of a month. */
enum outcome	 event_between(struct db *, const void *ctx, const char *lang, int64_t from,
		    int64_t to, const struct event_filter *, size_t most, struct listings *);

/*
 * What there is to filter by: each value that a public date has ("1" of those online), and when
 * the first of its dates ends and the last.  At most `most`; a query for each.
 */
enum event_facet_of { FACET_KIND, FACET_UNIT, FACET_AREA, FACET_ONLINE, EVENT_FACETS };
struct event_facet { const char *name; int64_t first, last; };
struct event_facets { size_t n; const struct event_facet *at; };
enum outcome	 event_facets(struct db *, const void *ctx, enum event_facet_of, size_t most,
		    struct event_facets *);

/* The events last published first, each once, with its HTML and its first coming date (or the
 * last): for a feed. */
enum outcome	 event_fresh(struct db *, const void *ctx, const char *lang, int64_t now,
		    size_t most, struct listings *);

/* ---- one ---- */

/* The event at `slug` that was published (also one that was cancelled since, and one by link), with
 * its HTML.  OUT_MISSING: there is none. */
enum outcome	 event_find(struct db *, const void *ctx, const char *lang, const char *slug,
		    struct event *);
enum outcome	 event_find_id(struct db *, const void *ctx, const char *lang, const struct id *,
		    struct event *);

/* Its date `day`; by id; all of them in [from, to) by their end, at most `most`; and those that
 * are over at `now`, the last one first. */
enum outcome	 occurrence_find(struct db *, const void *ctx, const struct id *event, int day,
		    struct occurrence *);
enum outcome	 occurrence_find_id(struct db *, const void *ctx, const struct id *,
		    struct occurrence *);
struct occurrences { size_t n; const struct occurrence *at; };
enum outcome	 occurrence_all(struct db *, const void *ctx, const struct id *event, int64_t from,
		    int64_t to, size_t most, struct occurrences *);
enum outcome	 occurrence_past(struct db *, const void *ctx, const struct id *event, int64_t now,
		    size_t most, struct occurrences *);

/*
 * All dates of many events: of the first of them as many as a statement asks for, and have not
 * more than `most` dates together.  `n`: how many events there are; how many were read, at least
 * one (and of one alone `most` dates at most).  `out` has as many places.
 */
enum outcome	 occurrence_of_many(struct db *, const void *ctx, const struct event *, size_t *n,
		    size_t most, struct occurrences *out);

/* Events with a date that ends in [from, ...), for a calendar file: each once, with HTML empty.
 * At most `most`. */
struct events { size_t n; const struct event *at; };
enum outcome	 event_for_calendar(struct db *, const void *ctx, const char *lang, int64_t from,
		    const struct event_filter *, size_t most, struct events *);

/* "/events/SLUG", or "/events/SLUG/2026-12-08" where it has several; below `ctx`. */
const char	*event_path(const void *ctx, const struct event *, const struct occurrence *);

/* press.number of events: what changes whenever something public of them does. */
enum outcome	 event_press(struct db *, int64_t *number);

/* The same, and how many seats are left at a date (-1: no end of them, or it is gone): one or the
 * other changes whenever its page does. */
enum outcome	 event_press_of(struct db *, const struct id *date, int64_t *number,
		    int64_t *seats);

/* ---- when it is ---- */

/* Each as the clocks of `zone` show it, below `ctx`: "Tuesday, 8 December 2026", to begin with
 * and within a sentence ("martes 8 de diciembre de 2026"); "18:30–20:00", with the day of its
 * end where that is not the same evening; "EST"; and with the offset, for machines (RFC 3339).
 * OUT_OK or OUT_FAULT. */
struct event_when { const char *day, *within, *hours, *zone, *starts_iso, *ends_iso; };
enum outcome	 event_when(const void *ctx, const struct site_words *, const char *zone,
		    int64_t starts_at, int64_t ends_at, struct event_when *);

/*
 * Whose clocks they are, as people say it: "New York" of "America/New_York", which is what
 * calendars and systems show where they know no better name (Unicode's exemplar city).  That of
 * the site's zone is what site.conf calls it, if it does.  NULL: of no place (UTC); or no memory.
 */
const char	*event_zone_name(const void *ctx, const struct settings *,
		    const struct site_words *, const char *zone);

/* ---- spread: the dates of an event as rows, when it is saved and as time goes by ---- */

/*
 * Within a transaction that has locked the event: write its dates up to EVENT_AHEAD_DAYS after
 * `now`.  Dates that are over stay as they are.  Those to come that are in the rule get its time
 * and whatever else the event says (kind, unit, area, online, capacity, shown), except time
 * and place that were set by hand; those that are not in the rule any more go, or are
 * cancelled where somebody said that they come (rsvp).  A row that was skipped or cancelled
 * stays so.  Who said that they come is told (rsvp.tell) when a time changes or a date is
 * cancelled.  Of a draft all dates are written, also those that are over.  When readers can see
 * a change, press number 2 is raised.  More capacity moves nobody up: see rsvp_move_up().
 * OUT_OK; OUT_MISSING: no such event; OUT_AWAY; OUT_FAULT.
 */
enum outcome	 event_spread(struct db *, const void *ctx, const struct id *event, int64_t now);

/* Whether seats are asked for: RSVP is on, it is planned, and the deadline has not passed. */
bool		 event_takes_rsvp(const struct event *, const struct occurrence *, int64_t now);

#endif
