/*
 * list.c: the statements there are: a page of them, the newest for the home page, a year.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/when.h"

enum { R_SLUG, R_TITLE, R_SUMMARY, R_DAY, R_ISO, R_CORRECTED, R_FIRST, R_LAST };

static const struct view_name row_names[] = {
	[R_SLUG] = { "slug", NULL },
	[R_TITLE] = { "title", NULL },
	[R_SUMMARY] = { "summary", NULL },
	[R_DAY] = { "day", NULL },
	[R_ISO] = { "iso", NULL },
	[R_CORRECTED] = { "corrected", NULL },
	[R_FIRST] = { "first", NULL },
	[R_LAST] = { "last", NULL },
	{ NULL, NULL }
};

enum { Y_YEAR, Y_NOW, Y_FIRST, Y_LAST };

static const struct view_name year_names[] = {
	[Y_YEAR] = { "year", NULL },
	[Y_NOW] = { "now", NULL },	/* it is the one that is shown */
	[Y_FIRST] = { "first", NULL },
	[Y_LAST] = { "last", NULL },
	{ NULL, NULL }
};

enum { L_ROWS, L_OLDER, L_LATER, L_YEARS, L_MAILS };

static const struct view_name list_names[] = {
	[L_ROWS] = { "rows", row_names },
	[L_OLDER] = { "older", NULL },	/* where the next page begins */
	[L_LATER] = { "later", NULL },	/* this is not the first page */
	[L_YEARS] = { "years", year_names },
	[L_MAILS] = { "mails", NULL },	/* one can be told of new ones */
	{ NULL, NULL }
};

enum { A_YEAR, A_ROWS, A_OLDER, A_LATER, A_YEARS, A_MAILS };

static const struct view_name archive_names[] = {
	[A_YEAR] = { "archive", NULL },
	[A_ROWS] = { "rows", row_names },
	[A_OLDER] = { "older", NULL },
	[A_LATER] = { "later", NULL },
	[A_YEARS] = { "years", year_names },
	[A_MAILS] = { "mails", NULL },
	{ NULL, NULL }
};

enum { N_ROWS, N_MAILS };

static const struct view_name recent_names[] = {
	[N_ROWS] = { "rows", row_names },
	[N_MAILS] = { "mails", NULL },
	{ NULL, NULL }
};

void
list_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->list, "statements.html", list_names);
	page_compile(own, app->settings, &own->year, "statements-year.html",
	    archive_names);
	page_compile(own, app->settings, &own->recent, "recent.html", recent_names);
}

/* ---- what the pages share ---- */

static void
add_rows(struct request *rq, struct view *page, size_t list,
    const struct statements *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct statement	*s = &all->at[i];
		struct view		*row = view_row(page, list);

		view_text(row, R_SLUG, s->slug);
		view_text(row, R_TITLE, s->title);
		view_text(row, R_SUMMARY, s->summary);
		view_text(row, R_DAY, when_day(rq, rq->words, s->published_at));
		view_text(row, R_ISO, when_iso(rq, s->published_at));
		if (s->corrected_at != 0)
			view_text(row, R_CORRECTED, when_day(rq, rq->words,
			    s->corrected_at));
		view_flag(row, R_FIRST, i == 0);
		view_flag(row, R_LAST, i + 1 == all->n);
	}
}

/* `shown`: the year of the page, or 0. */
static enum outcome
add_years(struct request *rq, struct view *page, size_t list, int shown)
{
	int		years[STATEMENT_YEARS_MAX];
	size_t		n;
	enum outcome	got;

	got = statement_years(rq->app->db, rq, rq->words->lang, rq->now, years, &n);
	for (size_t i = 0; got == OUT_OK && i < n; i++) {
		struct view *row = view_row(page, list);

		view_number(row, Y_YEAR, years[i]);
		view_flag(row, Y_NOW, years[i] == shown);
		view_flag(row, Y_FIRST, i == 0);
		view_flag(row, Y_LAST, i + 1 == n);
	}
	return got;
}

enum outcome
list_cursor(const struct request *rq, struct cursor *out)
{
	const char *text = pairs_find(&rq->query, "before");

	*out = (struct cursor){ 0 };
	return text == NULL || cursor_read(out, text) ? OUT_OK :
	    OUT_MISSING;
}

/* One more is read than is shown: then there is another page. */
enum outcome
list_read(struct request *rq, const struct cursor *from,
    int64_t since, size_t most, bool full, struct statements *out,
    const char **older)
{
	enum outcome got;

	*older = NULL;
	got = statement_list(rq->app->db, rq, rq->words->lang, rq->now, from, since,
	    most + 1, full, out);
	if (got != OUT_OK || out->n <= most)
		return got;
	out->n = most;
	*older = cursor_text(rq, out->at[most - 1].published_at,
	    &out->at[most - 1].id);
	return *older != NULL ? OUT_OK : OUT_FAULT;
}

/* ---- the list ---- */

static enum outcome
make_list(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, list_names);
	struct cursor	 from;
	struct statements	 all;
	const char		*older;
	enum outcome		 got;

	if ((got = list_cursor(rq, &from)) != OUT_OK ||
	    (got = list_read(rq, &from, 0, LIST_MOST, false, &all, &older)) != OUT_OK ||
	    (got = add_years(rq, v, L_YEARS, 0)) != OUT_OK)
		return got;
	add_rows(rq, v, L_ROWS, &all);
	view_text(v, L_OLDER, older);
	view_flag(v, L_LATER, from.at != 0);
	view_flag(v, L_MAILS, own->mails);
	if (from.at == 0)
		rq->canonical = rq->path;
	/* Another language has other statements on its pages but the first. */
	for (size_t i = 0; from.at != 0 && i < rq->settings->n_words; i++)
		rq->missing_in[i] = true;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->list, v, 200);
}

enum outcome
list_show(struct request *rq)
{
	return pairs_find(&rq->query, "before") == NULL ?
	    statements_send(rq, KEPT_LIST, make_list) : make_list(rq);
}

/* ---- for the home page ---- */

static enum outcome
make_recent(struct request *rq)
{
	static const struct cursor	 newest = { 0 };
	const struct own			*own = rq->app->own;
	struct view				*v = view_new(rq, recent_names);
	struct statements			 all;
	enum outcome				 got;

	got = statement_list(rq->app->db, rq, rq->words->lang, rq->now, &newest, 0,
	    RECENT_MOST, false, &all);
	if (got != OUT_OK)
		return got;
	add_rows(rq, v, N_ROWS, &all);
	view_flag(v, N_MAILS, own->mails);
	return page_send(rq, &own->recent, v, 200);
}

enum outcome
recent_show(struct request *rq)
{
	return statements_send(rq, KEPT_RECENT, make_recent);
}

/* ---- a year ---- */

enum outcome
list_year(struct request *rq, int year)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, archive_names);
	struct cursor	 from, end = { .at = statement_year_start(year + 1) };
	struct statements	 all;
	const char		*older;
	enum outcome		 got;
	bool			 first;

	if ((got = list_cursor(rq, &from)) != OUT_OK)
		return got;
	first = from.at == 0;
	if (first || from.at > end.at)
		from = end;
	got = list_read(rq, &from, statement_year_start(year), YEAR_MOST, false, &all,
	    &older);
	if (got != OUT_OK)
		return got;
	if (all.n == 0)
		return OUT_MISSING;
	if ((got = add_years(rq, v, A_YEARS, year)) != OUT_OK)
		return got;
	view_number(v, A_YEAR, year);
	add_rows(rq, v, A_ROWS, &all);
	view_text(v, A_OLDER, older);
	view_flag(v, A_LATER, !first);
	view_flag(v, A_MAILS, own->mails);
	if (first)
		rq->canonical = rq->path;
	/* Another language may have had nothing to say in that year. */
	for (size_t i = 0; i < rq->settings->n_words; i++) {
		rq->path_in[i] = "/statements";
		rq->missing_in[i] = true;
	}
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->year, v, 200);
}
