/*
 * event_spread.c: the dates of an event as rows.  See openhall/event.h.  Runs under
 * openhall_admin when an event is saved, and under openhall_courier as time goes by.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/event.h"
#include "openhall/when.h"

enum { Q_EVENT, Q_ROWS, Q_ADD, Q_TIME, Q_SAME, Q_PLACE, Q_NAME, Q_REMOVE, Q_CANCEL, Q_TELL,
	Q_SHOWN, Q_SPREAD, Q_PRESS, Q__COUNT };

const struct db_query event_spread_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_EVENT] = { "b", "sissssissIi",
	    "SELECT zone, starts_wall, rule, kind, unit, area, online, state, visibility,"
	    " capacity, minutes FROM event WHERE id = ?" },
	/* Of one that nobody has seen yet, those that are over may change, too. */
	[Q_ROWS] = { "bii", "biiisii",
	    "SELECT id, day, starts_at, ends_at, state, own, sequence FROM occurrence"
	    " WHERE event = ? AND (ends_at > ? OR day >= ? OR day = 0) ORDER BY day" },
	[Q_ADD] = { "bbiiiisssiIi", "",
	    "INSERT INTO occurrence (id, event, day, starts_at, ends_at, shown, kind, unit,"
	    " area, online, capacity, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_TIME] = { "iiib", "",
	    "UPDATE occurrence SET starts_at = ?, ends_at = ?, sequence = sequence + 1,"
	    " changed_at = ? WHERE id = ?" },
	[Q_SAME] = { "ssIb", "",
	    "UPDATE occurrence SET kind = ?, unit = ?, capacity = ? WHERE id = ?" },
	/* Not of one that was placed by hand. */
	[Q_PLACE] = { "sib", "",
	    "UPDATE occurrence SET area = ?, online = ? WHERE id = ? AND placed = 0" },
	[Q_NAME] = { "ib", "", "UPDATE occurrence SET day = ? WHERE id = ?" },
	[Q_REMOVE] = { "bb", "",
	    "DELETE FROM occurrence WHERE id = ?"
	    " AND NOT EXISTS (SELECT 1 FROM rsvp WHERE rsvp.occurrence = ?)" },
	[Q_CANCEL] = { "ib", "",
	    "UPDATE occurrence SET state = 'cancelled', sequence = sequence + 1,"
	    " changed_at = ? WHERE id = ? AND state <> 'cancelled'" },
	/* That one has a seat now says when it is, too. */
	[Q_TELL] = { "ssb", "",
	    "UPDATE rsvp SET tell = IF(? = 'changed' AND tell = 'seated', tell, ?)"
	    " WHERE occurrence = ? AND address <> ''"
	    " AND answer <> 'not'" },
	/* Also those that are over: nobody is to find what is not public any more. */
	[Q_SHOWN] = { "ib", "",
	    "UPDATE occurrence SET shown = ? AND state <> 'skipped' WHERE event = ?" },
	/* What readers were told of dates that are gone still counts: calendars add it up. */
	[Q_SPREAD] = { "iib", "",
	    "UPDATE event SET spread_to = ?, sequence = sequence + ? WHERE id = ?" },
	[Q_PRESS] = { "", "", "UPDATE press SET number = number + 1 WHERE id = 2" },
};
const size_t event_spread_n_queries = Q__COUNT;

/* The columns of Q_EVENT and Q_ROWS. */
enum { E_ZONE, E_STARTS, E_RULE, E_KIND, E_UNIT, E_AREA, E_ONLINE, E_STATE, E_VISIBILITY,
	E_CAPACITY, E_MINUTES };
enum { O_ID, O_DAY, O_STARTS, O_ENDS, O_STATE, O_OWN, O_SEQUENCE };

/* What is going on. */
struct spread {
	struct db		*db;
	const struct id		*event;
	int64_t			 now, since;	/* what ended by `since` stays as it is */
	int			 first;		/* day of the rule that is asked for */
	const struct db_value	*e;		/* Q_EVENT */
	struct db_rows		 rows;		/* Q_ROWS */
	bool			*wanted;	/* of each row: the rule says it, too */
	bool			 changed;	/* something that readers can see */
	int64_t			 gone;		/* the sequence of rows that went */
};

static bool
is_draft(const struct spread *s)
{
	return strcmp(s->e[E_STATE].bytes.data, event_state_names[EVENT_DRAFT]) == 0;
}

static bool
is_shown(const struct spread *s)
{
	return !is_draft(s) && strcmp(s->e[E_VISIBILITY].bytes.data, "public") == 0;
}

/* ---- one date ---- */

static enum outcome
tell(const struct spread *s, struct db_value id, const char *what)
{
	return db_run(s->db, &event_spread_queries[Q_TELL], NULL, DB_TEXT(what), DB_TEXT(what),
	    id);
}

static enum outcome
add(struct spread *s, int day, int64_t starts, int64_t ends)
{
	const struct db_value	*e = s->e;
	struct id		 id;

	randombytes_buf(id.at, ID_LEN);
	s->changed = true;
	return db_run(s->db, &event_spread_queries[Q_ADD], NULL, DB_BYTES(id.at, ID_LEN),
	    DB_BYTES(s->event->at, ID_LEN), DB_INT(day), DB_INT(starts), DB_INT(ends),
	    DB_INT(is_shown(s)), e[E_KIND], e[E_UNIT], e[E_AREA], e[E_ONLINE],
	    e[E_CAPACITY], DB_INT(s->now));
}

/* Its row as the event has it now. */
static enum outcome
renew(struct spread *s, const struct db_value *o, int64_t starts, int64_t ends)
{
	const struct db_value	*e = s->e;
	enum outcome		 got = OUT_OK;

	if (o[O_OWN].number == 0 &&
	    (o[O_STARTS].number != starts || o[O_ENDS].number != ends)) {
		s->changed = true;
		got = db_run(s->db, &event_spread_queries[Q_TIME], NULL, DB_INT(starts),
		    DB_INT(ends), DB_INT(s->now), o[O_ID]);
		if (got == OUT_OK)
			got = tell(s, o[O_ID], "changed");
	}
	if (got == OUT_OK)
		got = db_run(s->db, &event_spread_queries[Q_SAME], NULL, e[E_KIND],
		    e[E_UNIT], e[E_CAPACITY], o[O_ID]);
	if (got == OUT_OK)
		got = db_run(s->db, &event_spread_queries[Q_PLACE], NULL, e[E_AREA],
		    e[E_ONLINE], o[O_ID]);
	return got;
}

/* A date to come that the rule does not say any more.  Who said that they come must be able to
 * read that it does not take place. */
static enum outcome
drop(struct spread *s, const struct db_value *o)
{
	uint64_t	n = 0;
	enum outcome	got;

	s->changed = true;
	got = db_run(s->db, &event_spread_queries[Q_REMOVE], &n, o[O_ID], o[O_ID]);
	if (n > 0)
		s->gone += o[O_SEQUENCE].number;
	if (got != OUT_OK || n > 0)
		return got;
	got = db_run(s->db, &event_spread_queries[Q_CANCEL], &n, DB_INT(s->now), o[O_ID]);
	return got == OUT_OK && n > 0 ? tell(s, o[O_ID], "cancelled") : got;
}

/* The row of date `day`; SIZE_MAX: there is none. */
static size_t
row_of(const struct spread *s, int day)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.at[i].at[O_DAY].number == day)
			return i;
	return SIZE_MAX;
}

/*
 * Whether it stays as it is: it is over, also where its day by the rule is still to come; or it
 * was put off by hand from a day that is over.  The only date never is.
 */
static bool
is_past(const struct spread *s, const struct db_value *o)
{
	return o[O_DAY].number != 0 && (o[O_ENDS].number <= s->since ||
	    (o[O_OWN].number != 0 && o[O_DAY].number < s->first));
}

/* ---- all of them ---- */

/*
 * What was the only date has the day it takes place on once there are several; and what was one
 * of several has none once it is the only one.
 */
static enum outcome
rename_first(struct spread *s, bool several)
{
	const char	*zone = s->e[E_ZONE].bytes.data;
	int		 day = calendar_day(s->e[E_STARTS].number);
	size_t		 i = row_of(s, several ? 0 : day);
	enum outcome	 got;

	if (i == SIZE_MAX || (!several && row_of(s, 0) != SIZE_MAX))
		return OUT_OK;
	if (several) {
		day = calendar_day(calendar_wall(zone, s->rows.at[i].at[O_STARTS].number));
		if (row_of(s, day) != SIZE_MAX)
			return OUT_FAULT;	/* never: rows were of one kind or the other */
	}
	got = db_run(s->db, &event_spread_queries[Q_NAME], NULL, DB_INT(several ? day : 0),
	    s->rows.at[i].at[O_ID]);
	s->rows.at[i].at[O_DAY].number = several ? day : 0;
	return got;
}

static enum outcome
write_date(struct spread *s, int day, int64_t wall)
{
	int64_t		starts = calendar_utc(s->e[E_ZONE].bytes.data, wall);
	int64_t		ends = starts + 60 * s->e[E_MINUTES].number;
	size_t		i = row_of(s, day);

	if (i == SIZE_MAX)
		return add(s, day, starts, ends);
	s->wanted[i] = true;
	return is_past(s, s->rows.at[i].at) ? OUT_OK : renew(s, s->rows.at[i].at, starts, ends);
}

static enum outcome
write_all(struct spread *s, const void *ctx, int64_t from, int64_t to)
{
	const char		*zone = s->e[E_ZONE].bytes.data;
	struct recurrence	 rule;
	struct walls		 walls;
	enum outcome		 got;

	if ((got = recurrence_read(&rule, s->e[E_RULE].bytes.data)) != OUT_OK)
		return OUT_FAULT;	/* it was checked when it was saved */
	if ((got = rename_first(s, rule.how != RECURS_NOT)) != OUT_OK)
		return got;
	if (rule.how == RECURS_NOT)
		return write_date(s, 0, s->e[E_STARTS].number);
	got = recurrence_dates(ctx, &rule, s->e[E_STARTS].number, from, to,
	    CALENDAR_DATES_MAX, &walls);
	for (size_t i = 0; got == OUT_OK && i < walls.n; i++) {
		int64_t ends = calendar_utc(zone, walls.at[i]) + 60 * s->e[E_MINUTES].number;

		if (ends > s->since)
			got = write_date(s, calendar_day(walls.at[i]), walls.at[i]);
	}
	return got;
}

enum outcome
event_spread(struct db *db, const void *ctx, const struct id *event, int64_t now)
{
	struct spread	s = { .db = db, .event = event, .now = now };
	int64_t		from, to;
	struct db_row	row;
	struct db_value	id = DB_BYTES(event->at, ID_LEN);
	enum outcome	got;

	if ((got = db_first(db, ctx, &event_spread_queries[Q_EVENT], &row, id)) != OUT_OK)
		return got;
	s.e = row.at;
	s.since = is_draft(&s) ? 0 : now;
	from = s.since == 0 ? s.e[E_STARTS].number :
	    calendar_wall(s.e[E_ZONE].bytes.data, now) - 60 * s.e[E_MINUTES].number;
	s.first = s.since == 0 ? 0 : calendar_day(from);
	to = calendar_wall(s.e[E_ZONE].bytes.data, now) + (int64_t)EVENT_AHEAD_DAYS * DAY;
	if ((got = db_all(db, ctx, &event_spread_queries[Q_ROWS], &s.rows, id,
	    DB_INT(s.since), DB_INT(s.first))) != OUT_OK)
		return got;
	if ((s.wanted = talloc_zero_array(ctx, bool, s.rows.n + 1)) == NULL)
		return OUT_FAULT;
	got = write_all(&s, ctx, from, to);
	for (size_t i = 0; got == OUT_OK && i < s.rows.n; i++)
		if (!s.wanted[i] && !is_past(&s, s.rows.at[i].at))
			got = drop(&s, s.rows.at[i].at);
	if (got == OUT_OK)
		got = db_run(db, &event_spread_queries[Q_SHOWN], NULL, DB_INT(is_shown(&s)), id);
	if (got == OUT_OK)
		got = db_run(db, &event_spread_queries[Q_SPREAD], NULL, DB_INT(to),
		    DB_INT(s.gone), id);
	if (got == OUT_OK && s.changed)
		got = db_run_values(db, &event_spread_queries[Q_PRESS], NULL, NULL, 0);
	return got;
}
