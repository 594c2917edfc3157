/*
 * zone.h: what the clocks of a zone show, and when they are moved, from the system's files
 * (TZif: RFC 8536).  libical reads them too, and gets some moves wrong: of Lord Howe and Nuuk
 * all from 2038 on, of Gaza and São Paulo single years.
 */
#ifndef OPENHALL_LIB_ZONE_H
#define OPENHALL_LIB_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openhall/outcome.h"

enum { ZONE_ABBREVIATION_MAX = 16 };

/* What the clocks show at a moment. */
struct zone_clock {
	int	offset;			/* seconds east of UTC */
	bool	saving;
	char	abbreviation[ZONE_ABBREVIATION_MAX];
};

/* On which day of a year, and at which second of it (also before it, or days later), the clocks
 * are moved (POSIX, "TZ"; RFC 8536, 3.3.1). */
struct zone_move {
	enum { MOVE_JULIAN /* 1-365, never 29 February */, MOVE_DAY /* 0-365 */,
		MOVE_WEEKDAY } how;
	int	day;			/* or weekday, 0: Sunday */
	int	month, week;		/* of a weekday: 1-12; 1-5, 5: the last */
	int	seconds;
};

/* What is true from the last move in the file on. */
struct zone_rule {
	bool			there, moves;
	struct zone_clock	standard, saving;
	struct zone_move	to_saving, to_standard;
};

struct zone;

/* The zone of that name, read once; it lives as long as the process.  NULL: the system knows none,
 * or there is no memory. */
const struct zone	*zone_find(const char *name);

/* The bytes of such a file as a zone below `ctx`.  OUT_OK, OUT_INVALID, OUT_FAULT. */
enum outcome		 zone_parse(const void *ctx, const void *data, size_t len,
			    struct zone **);

void			 zone_clock(const struct zone *, int64_t utc, struct zone_clock *);

/* The first move after `utc`, at the latest at `until`; false: there is none. */
bool			 zone_next(const struct zone *, int64_t utc, int64_t until, int64_t *at);

/* NULL: there is none. */
const struct zone_rule	*zone_rule(const struct zone *);

/* When it moves them in that year, as seconds since 1970 of the clock that was true before. */
int64_t			 zone_move_wall(const struct zone_move *, int year);

#endif
