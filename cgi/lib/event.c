/*
 * event.c: see openhall/event.h.  An event and its dates; lists are in event_list.c.
 */
#include "event.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { Q_FIND, Q_FIND_ID, Q_DATE, Q_DATE_ID, Q_DATES, Q_DATES_PAST, Q_DATES_OF, Q_PRESS,
	Q_PRESS_OF, Q__COUNT };

#define DATE	"o.id, o.event, o.day, o.starts_at, o.ends_at, o.state, o.own, o.area, o.online," \
    " o.placed, o.whereabouts, o.note, o.sequence, o.changed_at, o.capacity, o.taken, o.waiting," \
    " " LINE
#define DATE_GIVES	"bbiiisisiibsiiIiii"
#define EXISTS	"e.state <> 'draft' AND e.published_at IS NOT NULL"

/* Of so many events the dates are read at once. */
enum { AT_ONCE = 24 };
#define EIGHT(x)	x x x x x x x x
#define EVENTS		EIGHT("?, ?, ") "?, ?, ?, ?, ?, ?, ?, ?"
#define EVENTS_TAKE	EIGHT("bbb")

const struct db_query event_queries[] = {	/* takes, gives, sql */
	[Q_FIND] = { "ss", EVENT_GIVES "s",
	    "SELECT " EVENT ", " HTML " FROM event e" WITH_WORDS
	    " WHERE e.slug = ? AND " EXISTS },
	[Q_FIND_ID] = { "sb", EVENT_GIVES "s",
	    "SELECT " EVENT ", " HTML " FROM event e" WITH_WORDS
	    " WHERE e.id = ? AND " EXISTS },
	[Q_DATE] = { "bi", DATE_GIVES,
	    "SELECT " DATE " FROM occurrence o WHERE o.event = ? AND o.day = ?" },
	[Q_DATE_ID] = { "b", DATE_GIVES,
	    "SELECT " DATE " FROM occurrence o WHERE o.id = ?" },
	[Q_DATES] = { "biii", DATE_GIVES,
	    "SELECT " DATE FROM("event") " WHERE o.event = ? AND o.ends_at >= ?"
	    " AND o.ends_at < ? ORDER BY o.ends_at, o.day LIMIT ?" },
	[Q_DATES_PAST] = { "bii", DATE_GIVES,
	    "SELECT " DATE FROM("event") " WHERE o.event = ? AND o.ends_at <= ?"
	    " ORDER BY o.ends_at DESC LIMIT ?" },
	[Q_DATES_OF] = { EVENTS_TAKE "i", DATE_GIVES,
	    "SELECT " DATE FROM("event") " WHERE o.event IN (" EVENTS ")"
	    " ORDER BY o.event, o.ends_at LIMIT ?" },
	[Q_PRESS] = { "", "i", "SELECT number FROM press WHERE id = 2" },
	/* As date_seats() reckons. */
	[Q_PRESS_OF] = { "b", "iI",
	    "SELECT p.number, CASE WHEN o.taken >= o.capacity OR " LINE
	    " THEN LEAST(o.capacity, 0) ELSE o.capacity - o.taken END FROM press p"
	    " LEFT JOIN occurrence o ON o.id = ? WHERE p.id = 2" },
};
const size_t event_n_queries = Q__COUNT;

/* The columns of DATE and EVENT; what a query has besides comes after them. */
enum { D_ID, D_EVENT, D_DAY, D_STARTS, D_ENDS, D_STATE, D_OWN, D_AREA, D_ONLINE, D_PLACED,
	D_WHEREABOUTS, D_NOTE, D_SEQUENCE, D_CHANGED, D_CAPACITY, D_TAKEN, D_WAITING, D_LINE };
enum { E_ID, E_SLUG, E_STATE, E_VISIBILITY, E_KIND, E_UNIT, E_AREA, E_ZONE, E_STARTS, E_MINUTES,
	E_RULE, E_SPREAD_TO, E_WHEREABOUTS, E_ADDRESS_FOR, E_LINK_FOR, E_ONLINE, E_ACCESS,
	E_CONTACT, E_RSVP, E_RSVP_HOURS, E_CAPACITY, E_SEQUENCE, E_CHANGED, E_PUBLISHED,
	E_LANG, E_TITLE, E_SUMMARY, E_HTML };

/* ---- words ---- */

const char *const event_kind_names[EVENT_KINDS] = {
	[EVENT_MEETING] = "meeting",
	[EVENT_EDUCATION] = "education",
	[EVENT_ACTION] = "action",
	[EVENT_TALK] = "talk",
	[EVENT_WORK] = "work",
	[EVENT_SOCIAL] = "social",
	[EVENT_OTHER] = "other",
};

const char *const event_kind_words[EVENT_KINDS] = {
	[EVENT_MEETING] = N_("Meeting"),
	[EVENT_EDUCATION] = N_("Political education"),
	[EVENT_ACTION] = N_("Picket or action"),
	[EVENT_TALK] = N_("Public talk"),
	[EVENT_WORK] = N_("Working session"),
	[EVENT_SOCIAL] = N_("Get-together"),
	[EVENT_OTHER] = N_("Something else"),
};

const char *const event_state_names[EVENT_STATES] = {
	[EVENT_DRAFT] = "draft",
	[EVENT_PUBLISHED] = "published",
	[EVENT_CANCELLED] = "cancelled",
};

const char *const occurrence_state_names[OCCURRENCE_STATES] = {
	[OCCURRENCE_PLANNED] = "planned",
	[OCCURRENCE_CANCELLED] = "cancelled",
	[OCCURRENCE_POSTPONED] = "postponed",
	[OCCURRENCE_SKIPPED] = "skipped",
};

const char *const occurrence_state_words[OCCURRENCE_STATES] = {
	[OCCURRENCE_PLANNED] = N_("Planned"),
	[OCCURRENCE_CANCELLED] = N_("Cancelled"),
	[OCCURRENCE_POSTPONED] = N_("Postponed"),
	[OCCURRENCE_SKIPPED] = N_("Skipped"),
};

const char *const event_access_names[EVENT_ACCESS] = {
	[ACCESS_WHEELCHAIR] = "wheelchair",
	[ACCESS_INTERPRETATION] = "interpretation",
	[ACCESS_CHILDCARE] = "childcare",
	[ACCESS_MASKS] = "masks",
	[ACCESS_LANGUAGES] = "languages",
};

const char *const event_access_words[EVENT_ACCESS] = {
	[ACCESS_WHEELCHAIR] = N_("Wheelchair access"),
	[ACCESS_INTERPRETATION] = N_("Interpretation"),
	[ACCESS_CHILDCARE] = N_("Childcare"),
	[ACCESS_MASKS] = N_("Masks"),
	[ACCESS_LANGUAGES] = N_("Languages spoken"),
};

/* ---- reading rows ---- */

static const char *
text(const struct db_value *value)
{
	return value->bytes.data;
}

bool
event_read_id(struct id *out, const struct db_value *value)
{
	if (value->bytes.len != ID_LEN)
		return false;
	memcpy(out->at, value->bytes.data, ID_LEN);
	return true;
}

int64_t
event_capacity(const struct db_value *value)
{
	return value->type == 0 ? -1 : value->number;
}

/* One that a newer version has is something else. */
enum event_kind
event_kind_of(const struct db_value *value)
{
	size_t n = db_word(value, event_kind_names, EVENT_KINDS);

	return n < EVENT_KINDS ? (enum event_kind)n : EVENT_OTHER;
}

/* All of these: false where a row holds what this version does not know. */

bool
event_read_states(const struct db_value *date, const struct db_value *event,
    struct occurrence *o, struct event *e)
{
	size_t of_date = date == NULL ? 0 : db_word(date, occurrence_state_names,
	    OCCURRENCE_STATES);
	size_t of_event = event == NULL ? 0 : db_word(event, event_state_names, EVENT_STATES);

	if (date != NULL)
		o->state = (enum occurrence_state)of_date;
	if (event != NULL)
		e->state = (enum event_state)of_event;
	return of_date < OCCURRENCE_STATES && of_event < EVENT_STATES;
}

static bool
read_date(const struct db_row *row, struct occurrence *out)
{
	const struct db_value *at = row->at;

	*out = (struct occurrence){
		.day = (int)at[D_DAY].number,
		.starts_at = at[D_STARTS].number,
		.ends_at = at[D_ENDS].number,
		.own = at[D_OWN].number != 0,
		.area = text(&at[D_AREA]),
		.online = at[D_ONLINE].number != 0,
		.placed = at[D_PLACED].number != 0,
		.whereabouts = at[D_WHEREABOUTS].bytes,
		.note = text(&at[D_NOTE]),
		.sequence = at[D_SEQUENCE].number,
		.changed_at = at[D_CHANGED].number,
		.capacity = event_capacity(&at[D_CAPACITY]),
		.taken = at[D_TAKEN].number,
		.waiting = at[D_WAITING].number,
		.line = at[D_LINE].number != 0,
	};
	return event_read_id(&out->id, &at[D_ID]) && event_read_id(&out->event, &at[D_EVENT]) &&
	    event_read_states(&at[D_STATE], NULL, out, NULL);
}

bool
event_read(const struct db_row *row, bool full, struct event *out)
{
	const struct db_value *at = row->at;

	*out = (struct event){
		.slug = text(&at[E_SLUG]),
		.by_link = strcmp(text(&at[E_VISIBILITY]), "public") != 0,
		.kind = event_kind_of(&at[E_KIND]),
		.unit = text(&at[E_UNIT]),
		.area = text(&at[E_AREA]),
		.lang = text(&at[E_LANG]),
		.title = text(&at[E_TITLE]),
		.summary = text(&at[E_SUMMARY]),
		.html = markdown_stored(full ? text(&at[E_HTML]) : ""),
		.zone = text(&at[E_ZONE]),
		.starts_wall = at[E_STARTS].number,
		.minutes = (int)at[E_MINUTES].number,
		.rule = text(&at[E_RULE]),
		.spread_to = at[E_SPREAD_TO].number,
		.whereabouts = at[E_WHEREABOUTS].bytes,
		.address_coming = strcmp(text(&at[E_ADDRESS_FOR]), "all") != 0,
		.link_coming = strcmp(text(&at[E_LINK_FOR]), "all") != 0,
		.online = at[E_ONLINE].number != 0,
		.access = text(&at[E_ACCESS]),
		.contact = text(&at[E_CONTACT]),
		.rsvp = at[E_RSVP].number != 0,
		.rsvp_hours = (int)at[E_RSVP_HOURS].number,
		.capacity = event_capacity(&at[E_CAPACITY]),
		.sequence = at[E_SEQUENCE].number,
		.changed_at = at[E_CHANGED].number,
		.published_at = at[E_PUBLISHED].number,
	};
	return event_read_id(&out->id, &at[E_ID]) &&
	    event_read_states(NULL, &at[E_STATE], NULL, out);
}

/* ---- one ---- */

enum outcome
event_find(struct db *db, const void *ctx, const char *lang, const char *slug,
    struct event *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &event_queries[Q_FIND], &row, DB_TEXT(lang), DB_TEXT(slug));
	if (got != OUT_OK)
		return got;
	return event_read(&row, true, out) ? OUT_OK : OUT_FAULT;
}

enum outcome
event_find_id(struct db *db, const void *ctx, const char *lang, const struct id *id,
    struct event *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &event_queries[Q_FIND_ID], &row, DB_TEXT(lang),
	    DB_BYTES(id->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	return event_read(&row, true, out) ? OUT_OK : OUT_FAULT;
}

enum outcome
occurrence_find(struct db *db, const void *ctx, const struct id *event, int day,
    struct occurrence *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &event_queries[Q_DATE], &row, DB_BYTES(event->at, ID_LEN),
	    DB_INT(day));
	if (got != OUT_OK)
		return got;
	return read_date(&row, out) ? OUT_OK : OUT_FAULT;
}

enum outcome
occurrence_find_id(struct db *db, const void *ctx, const struct id *id,
    struct occurrence *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &event_queries[Q_DATE_ID], &row, DB_BYTES(id->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	return read_date(&row, out) ? OUT_OK : OUT_FAULT;
}

/* Have its texts below `ctx`, so that it needs its row no longer. */
static bool
keep_texts(const void *ctx, struct occurrence *o)
{
	o->area = *o->area == '\0' ? "" : talloc_strdup(ctx, o->area);
	o->note = *o->note == '\0' ? "" : talloc_strdup(ctx, o->note);
	o->whereabouts.data = o->whereabouts.len == 0 ? "" :
	    talloc_memdup(ctx, o->whereabouts.data, o->whereabouts.len);
	return o->area != NULL && o->note != NULL && o->whereabouts.data != NULL;
}

/* Rows are several times as large as what is in them, and a calendar asks for very many. */
static enum outcome
read_dates(struct db *db, const void *ctx, const struct db_query *q,
    const struct db_value *values, size_t n, struct occurrences *out)
{
	void			*tmp = talloc_new(ctx);
	struct db_rows		 rows;
	struct occurrence	*all = NULL;
	enum outcome		 got;

	*out = (struct occurrences){ 0 };
	got = db_all_values(db, tmp, q, &rows, values, n);
	if (got == OUT_OK && rows.n > 0 &&
	    (all = talloc_array(ctx, struct occurrence, rows.n)) == NULL)
		got = OUT_FAULT;
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		if (!read_date(&rows.at[i], &all[i]) || !keep_texts(all, &all[i]))
			got = OUT_FAULT;
	}
	if (got == OUT_OK)
		*out = (struct occurrences){ rows.n, all };
	talloc_free(tmp);
	return got;
}

enum outcome
occurrence_all(struct db *db, const void *ctx, const struct id *event, int64_t from,
    int64_t to, size_t most, struct occurrences *out)
{
	const struct db_value values[] = { DB_BYTES(event->at, ID_LEN), DB_INT(from),
	    DB_INT(to), DB_INT(most) };

	return read_dates(db, ctx, &event_queries[Q_DATES], values, 4, out);
}

enum outcome
occurrence_past(struct db *db, const void *ctx, const struct id *event, int64_t now,
    size_t most, struct occurrences *out)
{
	const struct db_value values[] = { DB_BYTES(event->at, ID_LEN), DB_INT(now),
	    DB_INT(most) };

	return read_dates(db, ctx, &event_queries[Q_DATES_PAST], values, 3, out);
}

/* Those of one event, which stand together. */
static struct occurrences
dates_of(const struct occurrences *all, const struct id *event)
{
	size_t first = 0, end;

	while (first < all->n && memcmp(all->at[first].event.at, event->at, ID_LEN) != 0)
		first++;
	for (end = first; end < all->n && memcmp(all->at[end].event.at, event->at, ID_LEN) == 0;)
		end++;
	return (struct occurrences){ end - first, end > first ? &all->at[first] : NULL };
}

enum outcome
occurrence_of_many(struct db *db, const void *ctx, const struct event *events, size_t *n,
    size_t most, struct occurrences *out)
{
	struct db_value		values[AT_ONCE + 1];
	struct occurrences	all;
	enum outcome		got;

	*n = *n < AT_ONCE ? *n : AT_ONCE;
	for (values[AT_ONCE] = DB_INT(most);; *n /= 2) {
		/* Where there are fewer, the last is named again. */
		for (size_t i = 0; i < AT_ONCE; i++)
			values[i] = DB_BYTES(events[i < *n ? i : *n - 1].id.at, ID_LEN);
		got = read_dates(db, ctx, &event_queries[Q_DATES_OF], values, AT_ONCE + 1, &all);
		if (got != OUT_OK || all.n < most || *n == 1)
			break;
		talloc_free((void *)all.at);
	}
	for (size_t i = 0; got == OUT_OK && i < *n; i++)
		out[i] = dates_of(&all, &events[i].id);
	return got;
}

const char *
event_path(const void *ctx, const struct event *e, const struct occurrence *o)
{
	if (o == NULL || o->day == 0)
		return talloc_asprintf(ctx, "/events/%s", e->slug);
	return talloc_asprintf(ctx, "/events/%s/%04d-%02d-%02d", e->slug, o->day / 10000,
	    o->day / 100 % 100, o->day % 100);
}

bool
event_takes_rsvp(const struct event *e, const struct occurrence *o, int64_t now)
{
	return e->rsvp && e->state == EVENT_PUBLISHED && o->state == OCCURRENCE_PLANNED &&
	    now < o->starts_at - (int64_t)e->rsvp_hours * 3600;
}

enum outcome
event_press(struct db *db, int64_t *number)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first_values(db, NULL, &event_queries[Q_PRESS], &row, NULL, 0);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	*number = row.at[0].number;
	talloc_free(row.at);
	return OUT_OK;
}

enum outcome
event_press_of(struct db *db, const struct id *date, int64_t *number, int64_t *seats)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, NULL, &event_queries[Q_PRESS_OF], &row, DB_BYTES(date->at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	*number = row.at[0].number;
	*seats = event_capacity(&row.at[1]);
	talloc_free(row.at);
	return OUT_OK;
}
