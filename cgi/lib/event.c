/*
 * event.c: see openhall/event.h.  A list is a range of one index of `occurrence`, in its order,
 * which begins at the moment, or at the cursor, that was asked for: what it costs does not grow
 * with what there was, nor with what there will be.
 */
#include "openhall/event.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

/* By which index a list is read: that of the filter which leaves least. */
enum by { BY_TIME, BY_UNIT, BY_AREA, BY_KIND, BY_ONLINE, BYS };

enum { Q_COMING, Q_PAST = Q_COMING + BYS, Q_CALENDAR = Q_PAST + BYS,
	Q_FACET = Q_CALENDAR + BYS, Q_MONTH = Q_FACET + EVENT_FACETS, Q_FRESH, Q_FIND, Q_FIND_ID,
	Q_DATE, Q_DATE_ID, Q_DATES, Q_DATES_PAST, Q_PRESS, Q_PRESS_OF, Q__COUNT };

#define DATE	"o.id, o.event, o.day, o.starts_at, o.ends_at, o.state, o.own, o.area, o.online," \
    " o.placed, o.whereabouts, o.note, o.sequence, o.changed_at, o.capacity, o.taken, o.waiting"
#define DATE_GIVES	"bbiiisisiibsiiIii"

/* Where the page's language has no words, those of the event's own: the second are looked up
 * only then, for no key is NULL. */
#define WORDS	"COALESCE(t.lang, w.lang, ''), COALESCE(t.title, w.title, '')," \
    " COALESCE(t.summary, w.summary, '')"
#define WITH_WORDS	" LEFT JOIN event_words t ON t.event = e.id AND t.lang = ?" \
    " LEFT JOIN event_words w ON w.event = IF(t.lang IS NULL, e.id, NULL) AND w.lang = e.lang"
#define HTML	"COALESCE(t.html, w.html, '')"

#define EVENT	"e.id, e.slug, e.state, e.visibility, e.kind, e.unit, e.area, e.zone," \
    " e.starts_wall, e.minutes, e.rule, e.spread_to, e.whereabouts, e.address_for, e.link_for," \
    " e.online, e.access, e.contact, e.rsvp, e.rsvp_hours, e.capacity, e.sequence," \
    " e.changed_at, e.published_at, " WORDS
#define EVENT_GIVES	"bsssssssiisibssissiiIiiIsss"
#define EXISTS	"e.state <> 'draft' AND e.published_at IS NOT NULL"

/* What a list shows, and no more: most of what it costs is columns. */
#define LISTING	"o.id, o.event, o.day, o.starts_at, o.ends_at, o.state, o.area, o.online, o.note," \
    " o.capacity, o.taken, o.waiting, o.kind, o.unit, e.slug, e.state, e.zone, e.rule, e.rsvp," \
    " e.rsvp_hours, " WORDS
#define LISTING_GIVES	"bbiiissisIiissssssiisss"
#define WITH_EVENT	" JOIN event e ON e.id = o.event" WITH_WORDS

#define FROM(index)	" FROM occurrence o FORCE INDEX (" index ")"
#define REST	" AND ? IN ('', o.unit) AND ? IN ('', o.area) AND ? IN ('', o.kind)" \
    " AND o.online >= ?"

/* Left to itself, MariaDB reads what is long over, or sorts all that is to come. */
#define COMING(index, which) { "ssiibsssii", LISTING_GIVES, \
    "SELECT STRAIGHT_JOIN " LISTING FROM(index) WITH_EVENT \
    " WHERE o.shown = 1 AND " which " AND o.ends_at >= ? AND (o.ends_at > ? OR o.id > ?)" REST \
    " ORDER BY o.ends_at, o.id LIMIT ?" }
#define PAST(index, which) { "ssiibsssii", LISTING_GIVES, \
    "SELECT STRAIGHT_JOIN " LISTING FROM(index) WITH_EVENT \
    " WHERE o.shown = 1 AND " which " AND o.ends_at <= ? AND (o.ends_at < ? OR o.id < ?)" REST \
    " ORDER BY o.ends_at DESC, o.id DESC LIMIT ?" }
#define CALENDAR(index, which) { "sisssiis", EVENT_GIVES, \
    "SELECT STRAIGHT_JOIN " EVENT " FROM (SELECT DISTINCT o.event AS id" FROM(index) \
    " WHERE o.shown = 1 AND " which " AND o.ends_at >= ?" REST " LIMIT ?) d" \
    " JOIN event e ON e.id = d.id" WITH_WORDS }

/* The next value behind one, with its first date and its last.  (One statement for all of them
 * would read all dates: MariaDB's loose index scan is there the first time only.) */
#define FACET(index, value, next) { "s", "sii", \
    "SELECT v.name, (SELECT o.ends_at" FROM(index) " WHERE o.shown = 1 AND o." index " = v.name" \
    " ORDER BY o.ends_at LIMIT 1), (SELECT o.ends_at" FROM(index) " WHERE o.shown = 1" \
    " AND o." index " = v.name ORDER BY o.ends_at DESC LIMIT 1)" \
    " FROM (SELECT " value " AS name" FROM(index) " WHERE o.shown = 1 AND " next \
    " ORDER BY o." index " LIMIT 1) v" }

const struct db_query event_queries[] = {	/* takes, gives, sql */
	[Q_COMING + BY_TIME] = COMING("coming", "'' = ?"),
	[Q_COMING + BY_UNIT] = COMING("unit", "o.unit = ?"),
	[Q_COMING + BY_AREA] = COMING("area", "o.area = ?"),
	[Q_COMING + BY_KIND] = COMING("kind", "o.kind = ?"),
	[Q_COMING + BY_ONLINE] = COMING("online", "o.online = 1 AND '' = ?"),
	[Q_PAST + BY_TIME] = PAST("coming", "'' = ?"),
	[Q_PAST + BY_UNIT] = PAST("unit", "o.unit = ?"),
	[Q_PAST + BY_AREA] = PAST("area", "o.area = ?"),
	[Q_PAST + BY_KIND] = PAST("kind", "o.kind = ?"),
	[Q_PAST + BY_ONLINE] = PAST("online", "o.online = 1 AND '' = ?"),
	[Q_CALENDAR + BY_TIME] = CALENDAR("coming", "'' = ?"),
	[Q_CALENDAR + BY_UNIT] = CALENDAR("unit", "o.unit = ?"),
	[Q_CALENDAR + BY_AREA] = CALENDAR("area", "o.area = ?"),
	[Q_CALENDAR + BY_KIND] = CALENDAR("kind", "o.kind = ?"),
	[Q_CALENDAR + BY_ONLINE] = CALENDAR("online", "o.online = 1 AND '' = ?"),
	[Q_FACET + FACET_KIND] = FACET("kind", "o.kind", "o.kind > ?"),
	[Q_FACET + FACET_UNIT] = FACET("unit", "o.unit", "o.unit > ?"),
	[Q_FACET + FACET_AREA] = FACET("area", "o.area", "o.area > ?"),
	[Q_FACET + FACET_ONLINE] = FACET("online", "'1'", "o.online = 1 AND '' = ?"),
	[Q_MONTH] = { "siisssii", LISTING_GIVES,
	    "SELECT STRAIGHT_JOIN " LISTING FROM("month") WITH_EVENT
	    " WHERE o.shown = 1 AND o.starts_at >= ? AND o.starts_at < ?" REST
	    " ORDER BY o.starts_at, o.id LIMIT ?" },
#define FRESH(state)	"(SELECT id, published_at FROM event FORCE INDEX (fresh)" \
    " WHERE state = '" state "' AND visibility = 'public'" \
    " ORDER BY published_at DESC, id DESC LIMIT ?)"
	/* The event is in the order, too: MySQL would else read and sort all its dates. */
	[Q_FRESH] = { "iiiis", LISTING_GIVES "iiIs",
	    "SELECT STRAIGHT_JOIN " LISTING ", e.sequence, e.changed_at, e.published_at, " HTML
	    " FROM (" FRESH("published") " UNION ALL " FRESH("cancelled")
	    " ORDER BY published_at DESC, id DESC LIMIT ?) f"
	    " JOIN event e ON e.id = f.id"
	    " JOIN occurrence o ON o.id = COALESCE("
	    "(SELECT n.id FROM occurrence n FORCE INDEX (event) WHERE n.event = f.id"
	    " AND n.shown = 1 AND n.ends_at > ? ORDER BY n.event, n.ends_at LIMIT 1),"
	    " (SELECT n.id FROM occurrence n FORCE INDEX (event) WHERE n.event = f.id"
	    " AND n.shown = 1 ORDER BY n.event DESC, n.ends_at DESC LIMIT 1))" WITH_WORDS
	    " ORDER BY f.published_at DESC, f.id DESC" },
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
	[Q_PRESS] = { "", "i", "SELECT number FROM press WHERE id = 2" },
	/* Who waits comes first. */
	[Q_PRESS_OF] = { "b", "iI",
	    "SELECT p.number, CASE WHEN o.waiting > 0 OR o.taken >= o.capacity"
	    " THEN LEAST(o.capacity, 0) ELSE o.capacity - o.taken END FROM press p"
	    " LEFT JOIN occurrence o ON o.id = ? WHERE p.id = 2" },
};
const size_t event_n_queries = Q__COUNT;

/* The columns of DATE, EVENT and LISTING; what a query has besides comes after them. */
enum { D_ID, D_EVENT, D_DAY, D_STARTS, D_ENDS, D_STATE, D_OWN, D_AREA, D_ONLINE, D_PLACED,
	D_WHEREABOUTS, D_NOTE, D_SEQUENCE, D_CHANGED, D_CAPACITY, D_TAKEN, D_WAITING };
enum { E_ID, E_SLUG, E_STATE, E_VISIBILITY, E_KIND, E_UNIT, E_AREA, E_ZONE, E_STARTS, E_MINUTES,
	E_RULE, E_SPREAD_TO, E_WHEREABOUTS, E_ADDRESS_FOR, E_LINK_FOR, E_ONLINE, E_ACCESS,
	E_CONTACT, E_RSVP, E_RSVP_HOURS, E_CAPACITY, E_SEQUENCE, E_CHANGED, E_PUBLISHED,
	E_LANG, E_TITLE, E_SUMMARY, E_HTML };
enum { L_ID, L_EVENT, L_DAY, L_STARTS, L_ENDS, L_STATE, L_AREA, L_ONLINE, L_NOTE, L_CAPACITY,
	L_TAKEN, L_WAITING, L_KIND, L_UNIT, L_SLUG, L_EVENT_STATE, L_ZONE, L_RULE, L_RSVP,
	L_RSVP_HOURS, L_LANG, L_TITLE, L_SUMMARY,
	L_SEQUENCE, L_CHANGED, L_PUBLISHED, L_HTML };

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

static bool
read_id(struct id *out, const struct db_value *value)
{
	if (value->bytes.len != ID_LEN)
		return false;
	memcpy(out->at, value->bytes.data, ID_LEN);
	return true;
}

static int64_t
capacity(const struct db_value *value)
{
	return value->type == 0 ? -1 : value->number;
}

/* One that a newer version has is something else. */
static enum event_kind
kind(const struct db_value *value)
{
	size_t n = db_word(value, event_kind_names, EVENT_KINDS);

	return n < EVENT_KINDS ? (enum event_kind)n : EVENT_OTHER;
}

/* All of these: false where a row holds what this version does not know. */

static bool
read_states(const struct db_value *date, const struct db_value *event, struct occurrence *o,
    struct event *e)
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
		.capacity = capacity(&at[D_CAPACITY]),
		.taken = at[D_TAKEN].number,
		.waiting = at[D_WAITING].number,
	};
	return read_id(&out->id, &at[D_ID]) && read_id(&out->event, &at[D_EVENT]) &&
	    read_states(&at[D_STATE], NULL, out, NULL);
}

static bool
read_event(const struct db_row *row, bool full, struct event *out)
{
	const struct db_value *at = row->at;

	*out = (struct event){
		.slug = text(&at[E_SLUG]),
		.by_link = strcmp(text(&at[E_VISIBILITY]), "public") != 0,
		.kind = kind(&at[E_KIND]),
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
		.capacity = capacity(&at[E_CAPACITY]),
		.sequence = at[E_SEQUENCE].number,
		.changed_at = at[E_CHANGED].number,
		.published_at = at[E_PUBLISHED].number,
	};
	return read_id(&out->id, &at[E_ID]) && read_states(NULL, &at[E_STATE], NULL, out);
}

static bool
read_listing(const struct db_row *row, bool full, struct listing *out)
{
	const struct db_value *at = row->at;

	*out = (struct listing){
		.o = {
			.day = (int)at[L_DAY].number,
			.starts_at = at[L_STARTS].number,
			.ends_at = at[L_ENDS].number,
			.area = text(&at[L_AREA]),
			.online = at[L_ONLINE].number != 0,
			.note = text(&at[L_NOTE]),
			.capacity = capacity(&at[L_CAPACITY]),
			.taken = at[L_TAKEN].number,
			.waiting = at[L_WAITING].number,
		},
		.e = {
			.slug = text(&at[L_SLUG]),
			.kind = kind(&at[L_KIND]),
			.unit = text(&at[L_UNIT]),
			.area = text(&at[L_AREA]),
			.online = at[L_ONLINE].number != 0,
			.lang = text(&at[L_LANG]),
			.title = text(&at[L_TITLE]),
			.summary = text(&at[L_SUMMARY]),
			.html = markdown_stored(full ? text(&at[L_HTML]) : ""),
			.zone = text(&at[L_ZONE]),
			.rule = text(&at[L_RULE]),
			.rsvp = at[L_RSVP].number != 0,
			.rsvp_hours = (int)at[L_RSVP_HOURS].number,
			.capacity = capacity(&at[L_CAPACITY]),
		},
	};
	if (full) {
		out->e.sequence = at[L_SEQUENCE].number;
		out->e.changed_at = at[L_CHANGED].number;
		out->e.published_at = at[L_PUBLISHED].number;
	}
	if (!read_id(&out->o.id, &at[L_ID]) || !read_id(&out->o.event, &at[L_EVENT]))
		return false;
	out->e.id = out->o.event;
	return read_states(&at[L_STATE], &at[L_EVENT_STATE], &out->o, &out->e);
}

static enum outcome
read_listings(const void *ctx, const struct db_rows *rows, bool full, struct listings *out)
{
	struct listing *all;

	if (rows->n == 0)
		return OUT_OK;
	if ((all = talloc_array(ctx, struct listing, rows->n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows->n; i++) {
		if (!read_listing(&rows->at[i], full, &all[i]))
			return OUT_FAULT;
	}
	*out = (struct listings){ rows->n, all };
	return OUT_OK;
}

/* ---- lists ---- */

static struct db_value
wanted(const char *filter)
{
	return DB_TEXT(filter != NULL ? filter : "");
}

/* The index that leaves least, and what it is asked for. */
static enum by
index_of(const struct event_filter *f, struct db_value *key)
{
	enum by by = f->unit != NULL ? BY_UNIT : f->area != NULL ? BY_AREA :
	    f->kind != NULL ? BY_KIND : f->online ? BY_ONLINE : BY_TIME;

	*key = wanted(by == BY_UNIT ? f->unit : by == BY_AREA ? f->area :
	    by == BY_KIND ? f->kind : NULL);
	return by;
}

enum outcome
event_list(struct db *db, const void *ctx, const char *lang, int64_t now, bool past,
    const struct event_filter *f, const struct cursor *from, size_t most,
    struct listings *out)
{
	struct cursor	 at = *from;
	struct db_value		 key;
	enum by			 by = index_of(f, &key);
	struct db_rows		 rows;
	enum outcome		 got;

	*out = (struct listings){ 0 };
	/* What ends at `now` is over; and so is what an old page ended with. */
	if (at.at == 0 || (past ? at.at > now : at.at < now)) {
		at.at = now;
		memset(at.id.at, 0xff, ID_LEN);
	}
	got = db_all(db, ctx, &event_queries[(past ? Q_PAST : Q_COMING) + by], &rows,
	    DB_TEXT(lang), key, DB_INT(at.at), DB_INT(at.at), DB_BYTES(at.id.at, ID_LEN),
	    wanted(f->unit), wanted(f->area), wanted(f->kind), DB_INT(f->online),
	    DB_INT(most));
	return got == OUT_OK ? read_listings(ctx, &rows, false, out) : got;
}

enum outcome
event_between(struct db *db, const void *ctx, const char *lang, int64_t from, int64_t to,
    const struct event_filter *f, size_t most, struct listings *out)
{
	struct db_rows	rows;
	enum outcome	got;

	*out = (struct listings){ 0 };
	got = db_all(db, ctx, &event_queries[Q_MONTH], &rows, DB_TEXT(lang), DB_INT(from),
	    DB_INT(to), wanted(f->unit), wanted(f->area), wanted(f->kind), DB_INT(f->online),
	    DB_INT(most));
	return got == OUT_OK ? read_listings(ctx, &rows, false, out) : got;
}

enum outcome
event_fresh(struct db *db, const void *ctx, const char *lang, int64_t now, size_t most,
    struct listings *out)
{
	struct db_rows	rows;
	enum outcome	got;

	*out = (struct listings){ 0 };
	got = db_all(db, ctx, &event_queries[Q_FRESH], &rows, DB_INT(most), DB_INT(most),
	    DB_INT(most), DB_INT(now), DB_TEXT(lang));
	return got == OUT_OK ? read_listings(ctx, &rows, true, out) : got;
}

enum outcome
event_for_calendar(struct db *db, const void *ctx, const char *lang, int64_t from,
    const struct event_filter *f, size_t most, struct events *out)
{
	struct db_value	 key;
	enum by		 by = index_of(f, &key);
	struct db_rows	 rows;
	struct event	*all;
	enum outcome	 got;

	*out = (struct events){ 0 };
	got = db_all(db, ctx, &event_queries[Q_CALENDAR + by], &rows, key, DB_INT(from),
	    wanted(f->unit), wanted(f->area), wanted(f->kind), DB_INT(f->online),
	    DB_INT(most), DB_TEXT(lang));
	if (got != OUT_OK || rows.n == 0)
		return got;
	if ((all = talloc_array(ctx, struct event, rows.n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows.n; i++) {
		if (!read_event(&rows.at[i], false, &all[i]))
			return OUT_FAULT;
	}
	*out = (struct events){ rows.n, all };
	return OUT_OK;
}

enum outcome
event_facets(struct db *db, const void *ctx, enum event_facet_of of, size_t most,
    struct event_facets *out)
{
	struct event_facet	*all = talloc_array(ctx, struct event_facet, most);
	const char		*last = "";

	*out = (struct event_facets){ 0, all };
	if (all == NULL)
		return OUT_FAULT;
	while (out->n < most) {
		struct db_row	row;
		enum outcome	got = db_first(db, ctx, &event_queries[Q_FACET + of], &row,
				    DB_TEXT(last));

		if (got != OUT_OK)
			return got == OUT_MISSING ? OUT_OK : got;
		last = text(&row.at[0]);
		all[out->n++] = (struct event_facet){ last, row.at[1].number,
			row.at[2].number };
	}
	return OUT_OK;
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
	return read_event(&row, true, out) ? OUT_OK : OUT_FAULT;
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
	return read_event(&row, true, out) ? OUT_OK : OUT_FAULT;
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
	*seats = capacity(&row.at[1]);
	talloc_free(row.at);
	return OUT_OK;
}
