/*
 * ical_line.h: content lines of iCalendar (RFC 5545, 3.1): folded at 75 octets and never within a
 * character, ended by CRLF; and a zone in such lines.
 */
#ifndef OPENHALL_LIB_ICAL_LINE_H
#define OPENHALL_LIB_ICAL_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "openhall/buf.h"
#include "zone.h"

struct ical_lines {
	struct buf	*to;
	size_t		 column;	/* octets of the line so far */
};

/* A piece of a line as it is, but without what no line may hold (control characters). */
void		 ical_put(struct ical_lines *, const char *);

/* A piece that is TEXT (3.3.11), with its marks escaped. */
void		 ical_put_text(struct ical_lines *, const char *);
void		 ical_end_line(struct ical_lines *);

/* Whole lines: "BEGIN:VEVENT", as it is; a TEXT. */
void		 ical_line(struct ical_lines *, const char *name, const char *value);
void		 ical_text(struct ical_lines *, const char *name, const char *text);
void		 ical_number(struct ical_lines *, const char *name, int64_t n);

/* A time as the clocks of `tzid` show it; NULL: UTC. */
void		 ical_time(struct ical_lines *, const char *name, const char *tzid, int64_t wall);

/* "20261208T183000" */
enum { ICAL_TIME = sizeof("20261208T183000Z") };
void		 ical_time_text(char out[ICAL_TIME], int64_t wall);

/* The VTIMEZONE of a zone, right from the moment `from` on: for good, where the system has a rule
 * that RFC 5545 can say, else to the end of 2050. */
void		 ical_zone(struct ical_lines *, const char *tzid, const struct zone *,
		    int64_t from);

#endif
