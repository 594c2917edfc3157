/*
 * fold.c: an event that takes place often does not crowd a list: its dates that are alike share a
 * line, and the home page has one of them.  What is different from the others stands for itself.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/when.h"

enum room { ROOM_UNTOLD, ROOM_SOME, ROOM_NONE };

static enum room
room_of(const struct listing *l, int64_t now, bool asks)
{
	int64_t seats = date_seats(&l->o);

	return !asks || !event_takes_rsvp(&l->e, &l->o, now) || seats < 0 ? ROOM_UNTOLD :
	    seats > 0 ? ROOM_SOME : ROOM_NONE;
}

static int64_t
hour_of(const struct listing *l)
{
	int64_t wall = calendar_wall(l->e.zone, l->o.starts_at);

	return wall - when_day_of(wall);
}

static int64_t
length_of(const struct listing *l)
{
	return calendar_wall(l->e.zone, l->o.ends_at) - calendar_wall(l->e.zone, l->o.starts_at);
}

/* Whether all that is told of one is true of the other, but for the day. */
static bool
is_alike(const struct listing *a, const struct listing *b, int64_t now, bool asks)
{
	return memcmp(a->o.event.at, b->o.event.at, ID_LEN) == 0 && a->o.state == b->o.state &&
	    a->o.online == b->o.online && strcmp(a->o.area, b->o.area) == 0 &&
	    strcmp(a->o.note, b->o.note) == 0 && hour_of(a) == hour_of(b) &&
	    length_of(a) == length_of(b) && !date_is_moved(&a->e, &a->o) &&
	    !date_is_moved(&b->e, &b->o) && room_of(a, now, asks) == room_of(b, now, asks);
}

const size_t *
fold_dates(const void *ctx, const struct listing *all, size_t n, int64_t now, bool asks)
{
	size_t *lines = talloc_array(ctx, size_t, n);

	for (size_t i = 0; lines != NULL && i < n; i++) {
		size_t first = 0;

		while (first < i && (lines[first] != first ||
		    !is_alike(&all[first], &all[i], now, asks)))
			first++;
		lines[i] = first;
	}
	return lines;
}

static bool
takes_place(const struct listing *l)
{
	return l->e.state != EVENT_CANCELLED && l->o.state == OCCURRENCE_PLANNED;
}

/* Whether date `i` stands for its event: no other one of it does so better. */
static bool
is_next(const struct listing *all, size_t n, size_t i)
{
	bool on = takes_place(&all[i]);

	for (size_t k = 0; k < n; k++) {
		if (k == i || memcmp(all[k].o.event.at, all[i].o.event.at, ID_LEN) != 0)
			continue;
		if (takes_place(&all[k]) ? !on || k < i : !on && k < i)
			return false;
	}
	return true;
}

size_t
fold_events(const struct listing *all, size_t n, size_t most, size_t picked[])
{
	size_t found = 0;

	for (size_t i = 0; i < n && found < most; i++)
		if (is_next(all, n, i))
			picked[found++] = i;
	return found;
}
