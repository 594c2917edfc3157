/*
 * list.c: the dates there are: those to come, those that are past, and the next ones for the
 * home page.
 */
#include "pages.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { G_DAY, G_ROWS };

static const struct view_name day_names[] = {
	[G_DAY] = { "day", NULL },
	[G_ROWS] = { "rows", date_names },
	{ NULL, NULL }
};

enum { L_DAYS, L_FRAME, L_NEXT, L_BEGIN, L_PAST };

static const struct view_name list_names[] = {
	[L_DAYS] = { "days", day_names },
	[L_FRAME] = { "frame", filter_names },
	[L_NEXT] = { "next", NULL },	/* where the next page is */
	[L_BEGIN] = { "begin", NULL },	/* where the first is, where this is another one */
	[L_PAST] = { "past", NULL },
	{ NULL, NULL }
};

enum { C_ROWS };

static const struct view_name coming_names[] = {
	[C_ROWS] = { "rows", date_names },
	{ NULL, NULL }
};

void
list_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->list, "events.html", list_names);
	page_compile(own, app->settings, &own->coming, "events-coming.html", coming_names);
}

/* ---- in the order of a day ---- */

/* The store has them by their end; people look for when they begin, day by day. */
static int
by_begin(const void *a, const void *b)
{
	const struct listing	*one = a, *other = b;
	int64_t			 day = date_first_day(&one->e, &one->o);
	int64_t			 other_day = date_first_day(&other->e, &other->o);

	if (day != other_day)
		return day < other_day ? -1 : 1;
	if (one->o.starts_at != other->o.starts_at)
		return one->o.starts_at < other->o.starts_at ? -1 : 1;
	return memcmp(one->o.id.at, other->o.id.at, ID_LEN);
}

static int
by_begin_backwards(const void *a, const void *b)
{
	return by_begin(b, a);
}

/* A date, and the others in its line. */
static enum outcome
add_line(struct request *rq, struct view *row, const struct filters *filters,
    const struct listings *all, const size_t *lines, size_t line)
{
	const struct listing	*l = &all->at[line];
	size_t			 last = line;
	enum outcome		 got = date_view(rq, row, filters, &l->e, &l->o);

	for (size_t i = line + 1; i < all->n; i++)
		last = lines[i] == line ? i : last;
	for (size_t i = line + 1; got == OUT_OK && i <= last; i++)
		if (lines[i] == line)
			got = date_view_other(rq, row, l, &all->at[i], i == last);
	return got;
}

/* Below each day its lines. */
static enum outcome
add_days(struct request *rq, struct view *v, const struct filters *filters,
    const struct listings *all)
{
	const struct own	*own = rq->app->own;
	const size_t		*lines = fold_dates(rq, all->at, all->n, rq->now,
				    own->answering != NULL);
	int64_t			 last = 0, first;
	struct view		*day = NULL;
	enum outcome		 got = lines != NULL ? OUT_OK : OUT_FAULT;

	for (size_t i = 0; got == OUT_OK && i < all->n; i++) {
		const struct listing	*l = &all->at[i];
		struct event_when	 when;

		if (lines[i] != i)
			continue;
		first = date_first_day(&l->e, &l->o);
		if (day == NULL || first != last) {
			got = event_when(rq, rq->words, l->e.zone, l->o.starts_at,
			    l->o.ends_at, &when);
			if (got != OUT_OK)
				return got;
			day = view_row(v, L_DAYS);
			view_text(day, G_DAY, when.day);
			last = first;
		}
		got = add_line(rq, view_row(day, G_ROWS), filters, all, lines, i);
	}
	return got;
}

static enum outcome
add_dates(struct request *rq, struct view *v, const struct filters *filters,
    const struct listings *all, bool past)
{
	struct listing *sorted;

	if (all->n == 0)
		return OUT_OK;
	if ((sorted = talloc_memdup(rq, all->at, all->n * sizeof(*all->at))) == NULL)
		return OUT_FAULT;
	qsort(sorted, all->n, sizeof(*sorted), past ? by_begin_backwards : by_begin);
	return add_days(rq, v, filters, &(struct listings){ all->n, sorted });
}

/* ---- the pages ---- */

static enum outcome
read_cursor(const struct request *rq, const char *name, struct cursor *out)
{
	const char *text = pairs_find(&rq->query, name);

	*out = (struct cursor){ 0 };
	return text == NULL || cursor_read(out, text) ? OUT_OK : OUT_MISSING;
}

/* What the page is called elsewhere: with its filter, and nothing else. */
static enum outcome
name_page(struct request *rq, const struct event_filter *f, bool first)
{
	const char *path = filter_path(rq, rq->path, f, NULL, NULL);

	if (path == NULL)
		return OUT_FAULT;
	if (first)
		rq->canonical = path;
	for (size_t i = 0; i < rq->settings->n_words; i++)
		rq->path_in[i] = path;
	return OUT_OK;
}

/* One more is read than is shown: then there is another page. */
static enum outcome
make(struct request *rq, bool past)
{
	const struct own	*own = rq->app->own;
	const char		*cursor = past ? "before" : "after";
	struct view		*v = view_new(rq, list_names);
	const struct filters	*filters;
	struct event_filter	 f;
	struct cursor		 from;
	struct listings		 all;
	enum outcome		 got;

	if ((got = filter_read(rq, &f)) != OUT_OK ||
	    (got = read_cursor(rq, cursor, &from)) != OUT_OK ||
	    (got = filter_find(rq, &filters)) != OUT_OK ||
	    (got = event_list(rq->app->db, rq, rq->words->lang, rq->now, past, &f, &from,
	    LIST_MOST + 1, &all)) != OUT_OK)
		return got;
	if (all.n > LIST_MOST) {
		all.n = LIST_MOST;
		view_text(v, L_NEXT, filter_path(rq, talloc_asprintf(rq, "%s%s",
		    rq->words->prefix, rq->path), &f, cursor,
		    cursor_text(rq, all.at[LIST_MOST - 1].o.ends_at,
		    &all.at[LIST_MOST - 1].o.id)));
	}
	if (from.at != 0)
		view_text(v, L_BEGIN, filter_path(rq, talloc_asprintf(rq, "%s%s",
		    rq->words->prefix, rq->path), &f, NULL, NULL));
	view_flag(v, L_PAST, past);
	filter_view(rq, view_row(v, L_FRAME), filters, &f, past ? FRAME_PAST : FRAME_COMING);
	if ((got = add_dates(rq, v, filters, &all, past)) != OUT_OK ||
	    (got = name_page(rq, &f, from.at == 0)) != OUT_OK)
		return got;
	rq->description = text_in(rq->words, past ? N_("What took place, the last first.") :
	    N_("Political education, meetings, pickets and talks: what takes place, when and"
	    " where."));
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->list, v, 200);
}

static enum outcome
make_list(struct request *rq)
{
	return make(rq, false);
}

enum outcome
list_show(struct request *rq)
{
	return rq->query.n == 0 ? events_send(rq, KEPT_LIST, rq->path, make_list) : make_list(rq);
}

enum outcome
past_show(struct request *rq)
{
	return make(rq, true);
}

/* ---- for the home page: each event once ---- */

static enum outcome
make_coming(struct request *rq)
{
	static const struct event_filter nothing = { 0 };
	static const struct cursor	 begin = { 0 };
	const struct own		*own = rq->app->own;
	struct view			*v = view_new(rq, coming_names);
	size_t				 picked[COMING_MOST], n;
	const struct filters		*filters;
	struct listings			 all;
	enum outcome			 got;

	if ((got = filter_find(rq, &filters)) != OUT_OK ||
	    (got = event_list(rq->app->db, rq, rq->words->lang, rq->now, false, &nothing,
	    &begin, COMING_READ, &all)) != OUT_OK)
		return got;
	n = fold_events(all.at, all.n, COMING_MOST, picked);
	for (size_t i = 0; i < n; i++) {
		const struct listing	*l = &all.at[picked[i]];
		struct view		*row = view_row(v, C_ROWS);

		if ((got = date_view(rq, row, filters, &l->e, &l->o)) != OUT_OK)
			return got;
		view_flag(row, D_FIRST, i == 0);
		view_flag(row, D_LAST, i + 1 == n);
	}
	return page_send(rq, &own->coming, v, 200);
}

enum outcome
coming_show(struct request *rq)
{
	return events_send(rq, KEPT_COMING, rq->path, make_coming);
}
