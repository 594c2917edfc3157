/*
 * sitemap.c: the statements of one language for search engines: the list, and behind it each
 * of them, newest first, with its translations.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/sitemap.h"

enum { Q_PAGES, Q__COUNT };

const struct db_query sitemap_queries[] = {	/* takes, gives, sql */
	/* Of each statement a row for every language in which it is public, its own too. */
	[Q_PAGES] = { "siii", "bssiI",
	    "SELECT STRAIGHT_JOIN s.id, t.lang, t.slug, t.published_at, t.corrected_at"
	    " FROM (SELECT id, work, published_at FROM published FORCE INDEX (recent)"
	    " WHERE lang = ? AND published_at <= ?"
	    " ORDER BY published_at DESC, id DESC LIMIT ?) s"
	    " JOIN published t ON t.work = s.work AND t.published_at <= ?"
	    " ORDER BY s.published_at DESC, s.id DESC, t.lang" },
};
const size_t sitemap_n_queries = Q__COUNT;

enum { F_ID, F_LANG, F_SLUG, F_PUBLISHED, F_CORRECTED };

/* One statement, while its rows are read. */
struct entry {
	const char	*paths[LANGUAGES_MAX];
	int64_t		 changed_at;
};

static size_t
language_of(const struct settings *s, const char *lang)
{
	size_t i = 0;

	while (i < s->n_words && strcmp(s->words[i].lang, lang) != 0)
		i++;
	return i;
}

/* Its page tells of its own corrections, and of its translations that they are there. */
static bool
read_row(struct request *rq, const struct db_value *at, struct entry *out)
{
	const char	*slug = at[F_SLUG].bytes.data;
	size_t		 lang = language_of(rq->settings, at[F_LANG].bytes.data);
	int64_t		 when = at[F_PUBLISHED].number;

	if (lang == rq->settings->n_words)	/* one that the site had once */
		return true;
	if (lang == rq->lang && at[F_CORRECTED].number > when)
		when = at[F_CORRECTED].number;
	if (when > out->changed_at)
		out->changed_at = when;
	out->paths[lang] = talloc_asprintf(rq, "/statements/%s", slug);
	return out->paths[lang] != NULL;
}

static bool
is_same(const struct db_row *row, const struct db_row *other)
{
	struct bytes one = row->at[F_ID].bytes, two = other->at[F_ID].bytes;

	return one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
}

static enum outcome
make(struct request *rq)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &sitemap_queries[Q_PAGES], &rows,
	    DB_TEXT(rq->words->lang), DB_INT(rq->now), DB_INT(SITEMAP_MOST), DB_INT(rq->now));
	if (got != OUT_OK)
		return got;
	sitemap_begin(rq->out);
	sitemap_same(rq->out, rq->settings, rq->lang, "/statements", (int64_t)rq->modified);
	for (size_t i = 0, next; i < rows.n; i = next) {
		struct entry entry = { .changed_at = 0 };

		for (next = i; next < rows.n && is_same(&rows.at[i], &rows.at[next]); next++) {
			if (!read_row(rq, rows.at[next].at, &entry))
				return OUT_FAULT;
		}
		sitemap_page(rq->out, rq->settings, rq->lang, entry.paths, entry.changed_at);
	}
	sitemap_end(rq->out);
	return OUT_OK;
}

enum outcome
sitemap_show(struct request *rq)
{
	enum outcome got = statements_send(rq, KEPT_SITEMAP, make);

	if (got == OUT_OK)		/* else a page says what is wrong */
		rq->type = SITEMAP_TYPE;
	return got;
}
