/*
 * event_list.c: see openhall/event.h.  A list is a range of one index of `occurrence`, in its
 * order, which begins at the moment, or at the cursor, that was asked for: what it costs does not
 * grow with what there was, nor with what there will be.
 */
#include "event.h"

#include <string.h>
#include <talloc.h>

/* By which index a list is read: that of the filter which leaves least. */
enum by { BY_TIME, BY_UNIT, BY_AREA, BY_KIND, BY_ONLINE, BYS };

enum { Q_COMING, Q_PAST = Q_COMING + BYS, Q_CALENDAR = Q_PAST + BYS,
	Q_FACET = Q_CALENDAR + BYS, Q_MONTH = Q_FACET + EVENT_FACETS, Q_FRESH, Q__COUNT };

/* What a list shows, and no more: most of what it costs is columns. */
#define LISTING	"o.id, o.event, o.day, o.starts_at, o.ends_at, o.state, o.area, o.online, o.note," \
    " o.capacity, o.taken, " LINE ", o.kind, o.unit, e.slug, e.state, e.zone, e.rule, e.rsvp," \
    " e.rsvp_hours, " WORDS
#define LISTING_GIVES	"bbiiissisIiissssssiisss"
#define WITH_EVENT	" JOIN event e ON e.id = o.event" WITH_WORDS

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

const struct db_query event_list_queries[] = {	/* takes, gives, sql */
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
};
const size_t event_list_n_queries = Q__COUNT;

/* The columns of LISTING; what a query has besides comes after them. */
enum { L_ID, L_EVENT, L_DAY, L_STARTS, L_ENDS, L_STATE, L_AREA, L_ONLINE, L_NOTE, L_CAPACITY,
	L_TAKEN, L_LINE, L_KIND, L_UNIT, L_SLUG, L_EVENT_STATE, L_ZONE, L_RULE, L_RSVP,
	L_RSVP_HOURS, L_LANG, L_TITLE, L_SUMMARY,
	L_SEQUENCE, L_CHANGED, L_PUBLISHED, L_HTML };

/* ---- reading rows ---- */

static const char *
text(const struct db_value *value)
{
	return value->bytes.data;
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
			.capacity = event_capacity(&at[L_CAPACITY]),
			.taken = at[L_TAKEN].number,
			.line = at[L_LINE].number != 0,
		},
		.e = {
			.slug = text(&at[L_SLUG]),
			.kind = event_kind_of(&at[L_KIND]),
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
			.capacity = event_capacity(&at[L_CAPACITY]),
		},
	};
	if (full) {
		out->e.sequence = at[L_SEQUENCE].number;
		out->e.changed_at = at[L_CHANGED].number;
		out->e.published_at = at[L_PUBLISHED].number;
	}
	if (!event_read_id(&out->o.id, &at[L_ID]) || !event_read_id(&out->o.event, &at[L_EVENT]))
		return false;
	out->e.id = out->o.event;
	return event_read_states(&at[L_STATE], &at[L_EVENT_STATE], &out->o, &out->e);
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
	struct cursor		 at = *from;
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
	got = db_all(db, ctx, &event_list_queries[(past ? Q_PAST : Q_COMING) + by], &rows,
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
	got = db_all(db, ctx, &event_list_queries[Q_MONTH], &rows, DB_TEXT(lang), DB_INT(from),
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
	got = db_all(db, ctx, &event_list_queries[Q_FRESH], &rows, DB_INT(most), DB_INT(most),
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
	got = db_all(db, ctx, &event_list_queries[Q_CALENDAR + by], &rows, key, DB_INT(from),
	    wanted(f->unit), wanted(f->area), wanted(f->kind), DB_INT(f->online),
	    DB_INT(most), DB_TEXT(lang));
	if (got != OUT_OK || rows.n == 0)
		return got;
	if ((all = talloc_array(ctx, struct event, rows.n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows.n; i++) {
		if (!event_read(&rows.at[i], false, &all[i]))
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
		enum outcome	got = db_first(db, ctx, &event_list_queries[Q_FACET + of], &row,
				    DB_TEXT(last));

		if (got != OUT_OK)
			return got == OUT_MISSING ? OUT_OK : got;
		last = text(&row.at[0]);
		all[out->n++] = (struct event_facet){ last, row.at[1].number,
			row.at[2].number };
	}
	return OUT_OK;
}
