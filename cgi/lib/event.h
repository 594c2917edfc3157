/*
 * event.h: what the files that read events from the store share, beside openhall/event.h.
 */
#ifndef OPENHALL_LIB_EVENT_H
#define OPENHALL_LIB_EVENT_H

#include "openhall/event.h"

/* ---- pieces for a struct db_query: `e` is the event, `o` a date of it ---- */

/* Where the page's language has no words, those of the event's own: the second are looked up
 * only then, for no key is NULL. */
#define WORDS	"COALESCE(t.lang, w.lang, ''), COALESCE(t.title, w.title, '')," \
    " COALESCE(t.summary, w.summary, '')"
#define WITH_WORDS	" LEFT JOIN event_words t ON t.event = e.id AND t.lang = ?" \
    " LEFT JOIN event_words w ON w.event = IF(t.lang IS NULL, e.id, NULL) AND w.lang = e.lang"
#define HTML	"COALESCE(t.html, w.html, '')"

/* What event_read() reads; behind it may stand HTML. */
#define EVENT	"e.id, e.slug, e.state, e.visibility, e.kind, e.unit, e.area, e.zone," \
    " e.starts_wall, e.minutes, e.rule, e.spread_to, e.whereabouts, e.address_for, e.link_for," \
    " e.online, e.access, e.contact, e.rsvp, e.rsvp_hours, e.capacity, e.sequence," \
    " e.changed_at, e.published_at, " WORDS
#define EVENT_GIVES	"bsssssssiisibssissiiIiiIsss"

#define FROM(index)	" FROM occurrence o FORCE INDEX (" index ")"

/* Whether somebody waits for whom there can be room: who would not even fit alone keeps nobody
 * from a seat.  Only where seats are free, too, is it looked up. */
#define LINE	"CASE WHEN o.waiting = 0 THEN 0 WHEN o.taken >= o.capacity THEN 1 ELSE EXISTS" \
    " (SELECT 1 FROM rsvp r WHERE r.occurrence = o.id AND r.state = 'waiting'" \
    " AND r.people <= o.capacity) END"

/* ---- reading rows: false where one holds what this version does not know ---- */

bool		 event_read(const struct db_row *, bool full, struct event *);
bool		 event_read_id(struct id *, const struct db_value *);
/* Of a date, of an event; or NULL. */
bool		 event_read_states(const struct db_value *date, const struct db_value *event,
		    struct occurrence *, struct event *);
int64_t		 event_capacity(const struct db_value *);	/* -1: no limit */
enum event_kind	 event_kind_of(const struct db_value *);

#endif
