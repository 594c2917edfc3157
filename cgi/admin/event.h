/*
 * event.h: an event as its hosts have it, the questions that describe it, and one of its dates.
 * Private to cgi/admin.
 */
#ifndef OPENHALL_ADMIN_EVENT_H
#define OPENHALL_ADMIN_EVENT_H

#include "admin.h"
#include "openhall/event.h"
#include "openhall/rsvp.h"

/* ---- event.c: reading one ---- */

/* What it is called and says in one language; "" where nobody wrote that. */
struct wording { const char *title, *summary, *body /* Markdown */; };

struct plan {
	struct event	 e;			/* its title in its own language; no HTML */
	char		 hex[2 * ID_LEN + 1];
	struct place	 place;
	struct wording	 words[LANGUAGES_MAX];	/* by the languages of the site */
	const char	*called, *spoken;	/* its title for this page, and in which language */
	int64_t		 version;
	const char	*changed_by;		/* a name */
	bool		 has_guests;		/* somebody answered, for whichever date */
};

/* A state's words and the kind of its tag: NULL where `planned` needs none. */
struct event_tag { const char *words, *kind; };
extern const struct event_tag event_tags[EVENT_STATES], date_tags[OCCURRENCE_STATES];

/* Whether the one who is logged in keeps the events. */
bool		 plan_may(const struct request *);

/* Read the one that the address names.  OUT_MISSING: there is none, or they do not serve at the
 * desk of events; OUT_AWAY; OUT_FAULT. */
enum outcome	 plan_read(struct request *, struct plan *);
enum outcome	 plan_read_id(struct request *, const struct id *, struct plan *);

/* Within a transaction: wait for who is at it first, and read it as it is now.  OUT_CONFLICT:
 * it is not of `version` any more (0: whichever). */
enum outcome	 plan_lock(struct request *, struct plan *, int64_t version);

/* Within a transaction: a line in the audit about an event or a date; and, where `seen` by
 * readers, whoever keeps a page made learns that it is old. */
enum outcome	 plan_note(struct request *, const struct id *, const char *action, bool seen);

/* The version that a form was made of; where it does not say, one that never is. */
int64_t		 plan_version_sent(const struct request *);

/* After a deed: see the event (303), which says what was `done`; or, when `got` is OUT_CONFLICT,
 * as it is now (409). */
enum outcome	 plan_done(struct request *, struct plan *, const char *done, enum outcome got);

/* "Tuesday, 8 December 2026, 18:30–20:30 EST", below the request; NULL: no memory. */
const char	*plan_when(struct request *, const char *zone, int64_t starts, int64_t ends);

/* An id in hexadecimal below the request, or NULL; and a new one. */
const char	*plan_hex(struct request *, const void *id);
const char	*plan_fresh_id(struct request *);

/* ---- event_form.c: the questions ---- */

enum ask {
	ASK_LANG, ASK_KIND, ASK_UNIT, ASK_VISIBILITY,
	ASK_DAY, ASK_FROM, ASK_TO, ASK_END_DAY, ASK_ZONE,
	ASK_HOW, ASK_STEP, ASK_DAYS, ASK_WHICH, ASK_UNTIL, ASK_COUNT,
	ASK_AREA, ASK_ADDRESS, ASK_ADDRESS_FOR, ASK_LINK, ASK_LINK_FOR,
	ASK_ACCESS,				/* the first of EVENT_ACCESS */
	ASK_CONTACT = ASK_ACCESS + EVENT_ACCESS,
	ASK_RSVP, ASK_HOURS, ASK_CAPACITY,
	ASK_NOTE,				/* of one date */
	ASK_WORDS,				/* title, summary and body of each language */
	ASKS = ASK_WORDS + 3 * LANGUAGES_MAX
};
#define ASK_TITLE(lang)		((enum ask)(ASK_WORDS + 3 * (lang)))
#define ASK_SUMMARY(lang)	((enum ask)(ASK_WORDS + 3 * (lang) + 1))
#define ASK_BODY(lang)		((enum ask)(ASK_WORDS + 3 * (lang) + 2))

/* What stands in the form, as it was typed, and what is wrong with it; in the page's words. */
struct sheet {
	const char	*at[ASKS];		/* never NULL */
	const char	*wrong[ASKS];
	size_t		 n_wrong;
};

/* Which questions a page asks. */
enum sheet_of { SHEET_EVENT, SHEET_DATE };

/* Take them from the body: lengths and control characters are checked.  OUT_OK or OUT_FAULT. */
enum outcome	 sheet_read(struct request *, enum sheet_of, struct sheet *);
void		 sheet_wrong(struct request *, struct sheet *, enum ask, const char *text);

/* The questions as rows of list `i` of `v` for admin-event-fields.html; what is wrong for
 * errors.html. */
extern const struct view_name sheet_part_names[], sheet_error_names[];
enum outcome	 sheet_view(struct request *, enum sheet_of, const struct sheet *,
		    struct view *v, size_t i);
void		 sheet_view_errors(struct request *, enum sheet_of, const struct sheet *,
		    struct view *v, size_t i);

/* Where two differ, what the first says, as rows for admin-event-theirs.html; how many. */
extern const struct view_name sheet_other_names[];
size_t		 sheet_view_others(struct request *, const struct sheet *theirs,
		    const struct sheet *ours, struct view *v, size_t i);
bool		 sheet_alike(const struct sheet *, const struct sheet *);

/* ---- event_check.c: from what was typed to an event, and back ---- */

enum outcome	 sheet_of_plan(struct request *, const struct plan *, struct sheet *);
void		 sheet_empty(struct request *, struct sheet *);

/* Fill `p` with what the sheet says; everything that is wrong with it is noted there.  OUT_OK
 * also then; OUT_AWAY; OUT_FAULT. */
enum outcome	 sheet_check(struct request *, struct sheet *, struct plan *p);

/* The times of a sheet in a zone: false when something was wrong with them. */
bool		 sheet_times(struct request *, struct sheet *, const char *zone, int64_t *wall,
		    int64_t *starts, int64_t *ends);

/* Its day, hours and place into a sheet. */
enum outcome	 sheet_time(struct request *, struct sheet *, const char *zone, int64_t starts,
		    int64_t ends);
/* What is wrong with its link and area. */
void		 sheet_check_place(struct request *, struct sheet *);

/* ---- event_page.c: its page ---- */

/* What a page is shown with beside what is stored. */
struct seen {
	struct sheet	*sheet;			/* in the form; NULL: as it is stored */
	int64_t		 version;		/* of which that was made; 0: the stored */
	const struct plan *preview;		/* of what stands in the form */
	const char	*fresh;			/* of a new one: the id it will have */
	const struct sheet *theirs, *ours;	/* saved meanwhile, by `them`; and what is sent */
	const char	*them;
	bool		 late;			/* it changed meanwhile, so nothing was done */
	const char	*bad_note;		/* what is wrong with that of a cancelling */
	bool		 refused;		/* what was asked for cannot be: there are guests */
};

/* `p` NULL: of one that is not stored yet. */
enum outcome	 event_page(struct request *, struct plan *p, const struct seen *);

/* ---- event_dates.c: the list of its dates ---- */

/* At most `most` that are to come, as rows of list `i` of `v`. */
extern const struct view_name date_row_names[];
enum outcome	 dates_part(struct request *, const struct plan *, size_t most, struct view *v,
		    size_t i, bool *more);

/* ---- event_date.c: one date ---- */

struct date {
	struct plan	 plan;
	struct occurrence o;
	char		 hex[2 * ID_LEN + 1];
	struct place	 place;			/* its own, or the event's */
	int64_t		 came;
	bool		 has_guests;
};

/* The one that the address names, and its event.  OUT_MISSING as plan_read(). */
enum outcome	 date_read(struct request *, struct date *);

/* Within a transaction: the event first, then the date, as they are now.  OUT_CONFLICT: it is
 * not of `sequence` any more (-1: whichever). */
enum outcome	 date_lock(struct request *, struct date *, int64_t sequence);

/* ---- event_guests.c, event_guest.c: who comes to it ---- */

/* The form by which they answer, with the units there are.  OUT_MISSING: the site has none. */
enum outcome	 guest_form(struct request *, const struct form **);

/* Whether hosts may type in another. */
bool		 guest_can_add(const struct date *);

/* See the list (303), which says what was `done`. */
enum outcome	 guest_done(struct request *, const struct date *, const char *done);

#endif
