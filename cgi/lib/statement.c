/*
 * statement.c: see openhall/statement.h.  Every statement reads a range, or an end, of an
 * index: what it costs does not grow with what there is.
 */
#include "openhall/statement.h"

#include <string.h>
#include <talloc.h>
#include <time.h>

enum { Q_LIST, Q_LIST_FULL, Q_NEWER, Q_FIND, Q_TRANSLATIONS, Q_NEWEST, Q_NUMBER, Q_PRESS,
	Q__COUNT };

#define FIELDS	"id, work, lang, slug, title, summary, note, published_at, corrected_at"
/* Left to itself, MariaDB reads all that is newer than an old page, too. */
#define RANGE	" FROM published FORCE INDEX (recent)" \
    " WHERE lang = ? AND published_at >= ? AND published_at <= ?" \
    " AND (published_at < ? OR id < ?) ORDER BY published_at DESC, id DESC LIMIT ?"

const struct db_query statement_queries[] = {	/* takes, gives, sql */
	[Q_LIST] = { "siiibi", "bbsssssiI",
	    "SELECT " FIELDS RANGE },
	[Q_LIST_FULL] = { "siiibi", "bbsssssiIs",
	    "SELECT " FIELDS ", html" RANGE },
	[Q_NEWER] = { "siiibi", "bbsssssiI",
	    "SELECT " FIELDS " FROM published FORCE INDEX (recent)"
	    " WHERE lang = ? AND published_at >= ? AND published_at <= ?"
	    " AND (published_at > ? OR id >= ?) ORDER BY published_at, id LIMIT ?, 1" },
	[Q_FIND] = { "ssi", "bbsssssiIs",
	    "SELECT " FIELDS ", html FROM published"
	    " WHERE lang = ? AND slug = ? AND published_at <= ?" },
	[Q_TRANSLATIONS] = { "bbi", "bbsssssiI",
	    "SELECT " FIELDS " FROM published"
	    " WHERE work = ? AND id <> ? AND published_at <= ? ORDER BY lang" },
	[Q_NEWEST] = { "si", "I",
	    "SELECT MAX(published_at) FROM published WHERE lang = ? AND published_at < ?" },
	[Q_NUMBER] = { "", "i",
	    "SELECT number FROM press WHERE id = 1" },
	[Q_PRESS] = { "sisi", "iiII",
	    "SELECT number, TIMESTAMPDIFF(SECOND, '1970-01-01', at),"
	    " (SELECT MIN(published_at) FROM published WHERE lang = ? AND published_at > ?),"
	    " (SELECT MAX(published_at) FROM published WHERE lang = ? AND published_at <= ?)"
	    " FROM press WHERE id = 1" },
};
const size_t statement_n_queries = Q__COUNT;

enum { F_ID, F_WORK, F_LANG, F_SLUG, F_TITLE, F_SUMMARY, F_NOTE, F_PUBLISHED,
	F_CORRECTED, F_HTML };

/* ---- reading ---- */

/* False: an id of another length than ids have. */
static bool
read_one(const struct db_row *row, bool full, struct statement *out)
{
	const struct db_value *at = row->at;

	*out = (struct statement){
		.lang = at[F_LANG].bytes.data,
		.slug = at[F_SLUG].bytes.data,
		.title = at[F_TITLE].bytes.data,
		.summary = at[F_SUMMARY].bytes.data,
		.note = at[F_NOTE].bytes.data,
		.html = markdown_stored(full ? at[F_HTML].bytes.data : ""),
		.published_at = at[F_PUBLISHED].number,
		.corrected_at = at[F_CORRECTED].number,
	};
	if (at[F_ID].bytes.len != ID_LEN || at[F_WORK].bytes.len != ID_LEN)
		return false;
	memcpy(out->id.at, at[F_ID].bytes.data, ID_LEN);
	memcpy(out->work.at, at[F_WORK].bytes.data, ID_LEN);
	return true;
}

static enum outcome
read_all(const void *ctx, const struct db_rows *rows, bool full,
    struct statements *out)
{
	struct statement *all;

	*out = (struct statements){ 0 };
	if (rows->n == 0)
		return OUT_OK;
	if ((all = talloc_array(ctx, struct statement, rows->n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows->n; i++) {
		if (!read_one(&rows->at[i], full, &all[i]))
			return OUT_FAULT;
	}
	*out = (struct statements){ rows->n, all };
	return OUT_OK;
}

enum outcome
statement_list(struct db *db, const void *ctx, const char *lang, int64_t now,
    const struct cursor *from, int64_t since, size_t most, bool full,
    struct statements *out)
{
	struct id	 last;
	const struct id	*id = &from->id;
	int64_t		 at = from->at;
	struct db_rows	 rows;
	enum outcome	 got;

	*out = (struct statements){ 0 };
	if (at == 0 || at > now) {	/* what is behind it may not be public yet */
		memset(last.at, 0xff, ID_LEN);
		id = &last;
		at = now;
	}
	got = db_all(db, ctx, &statement_queries[full ? Q_LIST_FULL : Q_LIST], &rows,
	    DB_TEXT(lang), DB_INT(since), DB_INT(at), DB_INT(at),
	    DB_BYTES(id->at, ID_LEN), DB_INT(most));
	return got == OUT_OK ? read_all(ctx, &rows, full, out) : got;
}

/* The cursor's own, or the one that was there, ends that page; behind it `most` - 1 more. */
enum outcome
statement_newer(struct db *db, const void *ctx, const char *lang, int64_t now,
    const struct cursor *from, size_t most, const char **newer)
{
	struct db_row		row;
	struct statement	first;
	enum outcome		got;

	*newer = NULL;
	got = db_first(db, ctx, &statement_queries[Q_NEWER], &row, DB_TEXT(lang),
	    DB_INT(from->at), DB_INT(now), DB_INT(from->at),
	    DB_BYTES(from->id.at, ID_LEN), DB_INT(most));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	if (!read_one(&row, false, &first))
		return OUT_FAULT;
	*newer = cursor_text(ctx, first.published_at, &first.id);
	return *newer != NULL ? OUT_OK : OUT_FAULT;
}

enum outcome
statement_find(struct db *db, const void *ctx, const char *lang,
    const char *slug, int64_t now, struct statement *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &statement_queries[Q_FIND], &row, DB_TEXT(lang),
	    DB_TEXT(slug), DB_INT(now));
	if (got != OUT_OK)
		return got;
	return read_one(&row, true, out) ? OUT_OK : OUT_FAULT;
}

enum outcome
statement_translations(struct db *db, const void *ctx,
    const struct statement *of, int64_t now, struct statements *out)
{
	struct db_rows	rows;
	enum outcome	got;

	*out = (struct statements){ 0 };
	got = db_all(db, ctx, &statement_queries[Q_TRANSLATIONS], &rows,
	    DB_BYTES(of->work.at, ID_LEN), DB_BYTES(of->id.at, ID_LEN),
	    DB_INT(now));
	return got == OUT_OK ? read_all(ctx, &rows, false, out) : got;
}

/* ---- years ---- */

int64_t
statement_year_start(int year)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mday = 1 };

	return (int64_t)timegm(&tm);
}

enum outcome
statement_years(struct db *db, const void *ctx, const char *lang, int64_t now,
    int years[STATEMENT_YEARS_MAX], size_t *n)
{
	int64_t before = now + 1;

	for (*n = 0; *n < STATEMENT_YEARS_MAX; ++*n) {
		struct db_row	row;
		enum outcome	got;
		struct tm	tm;
		time_t		at;

		got = db_first(db, ctx, &statement_queries[Q_NEWEST], &row,
		    DB_TEXT(lang), DB_INT(before));
		if (got != OUT_OK || row.at[0].type == 0)
			return got;
		at = (time_t)row.at[0].number;
		if (gmtime_r(&at, &tm) == NULL)
			return OUT_FAULT;
		years[*n] = tm.tm_year + 1900;
		before = statement_year_start(years[*n]);
	}
	return OUT_OK;
}

/* ---- the press ---- */

enum outcome
statement_number(struct db *db, int64_t *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first_values(db, NULL, &statement_queries[Q_NUMBER], &row, NULL, 0);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	*out = row.at[0].number;
	talloc_free(row.at);
	return OUT_OK;
}

enum { P_NUMBER, P_AT, P_NEXT, P_NEWEST };

enum outcome
statement_press(struct db *db, const char *lang, int64_t now,
    struct statement_press *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, NULL, &statement_queries[Q_PRESS], &row, DB_TEXT(lang),
	    DB_INT(now), DB_TEXT(lang), DB_INT(now));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	*out = (struct statement_press){
		.number = row.at[P_NUMBER].number,
		.at = row.at[P_AT].number,
		.next = row.at[P_NEXT].number,	/* NULL: 0 */
	};
	if (row.at[P_NEWEST].number > out->at)
		out->at = row.at[P_NEWEST].number;
	talloc_free(row.at);
	return OUT_OK;
}
