/*
 * filter.c: what a list of events is filtered by: read from an address, written into one, and
 * offered in a form that has only what leads somewhere.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/unit.h"

enum { V_VALUE, V_NAME, V_CHOSEN };

static const struct view_name value_names[] = {
	[V_VALUE] = { "value", NULL },
	[V_NAME] = { "name", NULL },
	[V_CHOSEN] = { "chosen", NULL },
	{ NULL, NULL }
};

enum { F_ACTION, F_ALL, F_OFFERS, F_KINDS, F_UNITS, F_AREAS, F_HAS_KINDS, F_HAS_UNITS,
	F_HAS_AREAS, F_ONLINES, F_ONLINE, F_IS_SET,
	F_COMING, F_PAST, F_MONTH, F_AT_COMING, F_AT_PAST, F_AT_MONTH, F_CALENDAR, F_FEED };

const struct view_name filter_names[] = {
	[F_ACTION] = { "action", NULL },
	[F_ALL] = { "all", NULL },		/* where nothing is filtered */
	[F_OFFERS] = { "offers", NULL },	/* there is something to filter by */
	[F_KINDS] = { "kinds", value_names },
	[F_UNITS] = { "units", value_names },
	[F_AREAS] = { "areas", value_names },
	[F_HAS_KINDS] = { "has_kinds", NULL },
	[F_HAS_UNITS] = { "has_units", NULL },
	[F_HAS_AREAS] = { "has_areas", NULL },
	[F_ONLINES] = { "onlines", NULL },	/* some are online */
	[F_ONLINE] = { "online_only", NULL },
	[F_IS_SET] = { "filtered", NULL },
	[F_COMING] = { "to_coming", NULL },
	[F_PAST] = { "to_past", NULL },
	[F_MONTH] = { "to_month", NULL },
	[F_AT_COMING] = { "at_coming", NULL },
	[F_AT_PAST] = { "at_past", NULL },
	[F_AT_MONTH] = { "at_month", NULL },
	[F_CALENDAR] = { "calendar", NULL },
	[F_FEED] = { "feed", NULL },
	{ NULL, NULL }
};

/* ---- in addresses ---- */

static bool
is_kind(const char *name)
{
	size_t i = 0;

	while (i < EVENT_KINDS && strcmp(event_kind_names[i], name) != 0)
		i++;
	return i < EVENT_KINDS;
}

/* An empty field of the form is none.  False: it cannot be a slug. */
static bool
read_one(const struct request *rq, const char *name, const char **out)
{
	*out = pairs_find(&rq->query, name);
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return *out == NULL ||
	    strspn(*out, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(*out);
}

enum outcome
filter_read(const struct request *rq, struct event_filter *f)
{
	const char *online;

	*f = (struct event_filter){ 0 };
	if (!read_one(rq, "kind", &f->kind) || !read_one(rq, "unit", &f->unit) ||
	    !read_one(rq, "area", &f->area) || !read_one(rq, "online", &online) ||
	    (f->kind != NULL && !is_kind(f->kind)))
		return OUT_MISSING;
	f->online = online != NULL;
	return OUT_OK;
}

bool
filter_is_set(const struct event_filter *f)
{
	return f->kind != NULL || f->unit != NULL || f->area != NULL || f->online;
}

const char *
filter_path(struct request *rq, const char *path, const struct event_filter *f,
    const char *name, const char *value)
{
	struct buf *query = buf_new(rq, 128);

	if (query == NULL)
		return NULL;
	if (f->kind != NULL)
		pairs_encode(query, "kind", f->kind);
	if (f->unit != NULL)
		pairs_encode(query, "unit", f->unit);
	if (f->area != NULL)
		pairs_encode(query, "area", f->area);
	if (f->online)
		pairs_encode(query, "online", "1");
	if (value != NULL)
		pairs_encode(query, name, value);
	if (query->failed)
		return NULL;
	return query->len == 0 ? path : talloc_asprintf(rq, "%s?%s", path, query->data);
}

/* ---- what there is ---- */

static const struct event_facet *
facet_of(const struct event_facets *all, const char *value)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->at[i].name, value) == 0)
			return &all->at[i];
	}
	return NULL;
}

/* Add `value` as people call it, and whether there are dates of it. */
static bool
offer(void *memory, struct filters *to, enum event_facet_of of, const struct event_facets *all,
    const char *value, const char *name)
{
	const struct event_facet	*facet = facet_of(all, value);
	struct facets			*list = &to->of[of];
	struct facet			*at;

	at = talloc_realloc(memory, (struct facet *)list->at, struct facet, list->n + 1);
	if (at == NULL)
		return false;
	list->at = at;
	at[list->n++] = (struct facet){ talloc_strdup(memory, value),
		talloc_strdup(memory, name), facet != NULL ? facet->first : INT64_MAX,
		facet != NULL ? facet->last : INT64_MIN };
	return at[list->n - 1].value != NULL && at[list->n - 1].name != NULL;
}

/* In the order in which the site has them. */
static bool
offer_all(struct request *rq, void *memory, struct filters *to,
    const struct event_facets all[EVENT_FACETS], const struct units *units)
{
	const struct settings	*s = rq->settings;
	bool			 fine = true;

	for (size_t i = 0; i < EVENT_KINDS; i++)
		fine = fine && offer(memory, to, FACET_KIND, &all[FACET_KIND],
		    event_kind_names[i], event_kind_words[i]);
	for (size_t i = 0; i < units->n; i++)
		fine = fine && offer(memory, to, FACET_UNIT, &all[FACET_UNIT],
		    units->at[i].slug, units->at[i].name);
	for (size_t i = 0; i < s->n_areas; i++)
		fine = fine && offer(memory, to, FACET_AREA, &all[FACET_AREA],
		    s->areas[i].slug, s->areas[i].name);
	return fine && offer(memory, to, FACET_ONLINE, &all[FACET_ONLINE], "1", "");
}

static enum outcome
find_anew(struct request *rq, struct filters *to)
{
	struct db		*db = rq->app->db;
	struct event_facets	 all[EVENT_FACETS];
	struct units		 units;
	void			*memory;
	enum outcome		 got = unit_all(db, rq, &units);

	for (size_t i = 0; got == OUT_OK && i < EVENT_FACETS; i++)
		got = event_facets(db, rq, (enum event_facet_of)i, FACETS_MOST, &all[i]);
	if (got != OUT_OK)
		return got;
	if ((memory = talloc_new(rq->app->own)) == NULL)
		return OUT_FAULT;
	*to = (struct filters){ .memory = memory };
	if (!offer_all(rq, memory, to, all, &units)) {
		talloc_free(memory);
		return OUT_FAULT;
	}
	/* Each date is of some kind. */
	for (size_t i = 0; i < all[FACET_KIND].n; i++) {
		const struct event_facet *kind = &all[FACET_KIND].at[i];

		if (i == 0 || kind->first < to->first)
			to->first = kind->first;
		if (i == 0 || kind->last > to->last)
			to->last = kind->last;
	}
	return OUT_OK;
}

enum outcome
filter_of(struct request *rq, int64_t number, const struct filters **out)
{
	struct own	*own = rq->app->own;
	struct filters	*kept = &own->filters, made;
	enum outcome	 got;

	*out = kept;
	if (kept->memory != NULL && kept->number == number && rq->now < kept->until)
		return OUT_OK;
	if ((got = find_anew(rq, &made)) != OUT_OK)
		return got;
	talloc_free(kept->memory);
	*kept = made;
	kept->number = number;
	kept->until = rq->now - rq->now % 60 + 60;
	return OUT_OK;
}

enum outcome
filter_find(struct request *rq, const struct filters **out)
{
	int64_t		number;
	enum outcome	got = event_press(rq->app->db, &number);

	return got == OUT_OK ? filter_of(rq, number, out) : got;
}

const char *
filter_unit(const struct filters *filters, const char *slug)
{
	const struct facets *units = &filters->of[FACET_UNIT];

	for (size_t i = 0; i < units->n; i++) {
		if (strcmp(units->at[i].value, slug) == 0)
			return units->at[i].name;
	}
	return NULL;
}

/* ---- the form ---- */

static bool
is_offered(const struct request *rq, const struct facet *facet, enum frame frame)
{
	return frame == FRAME_MONTH ? facet->first <= facet->last :
	    frame == FRAME_PAST ? facet->first <= rq->now : facet->last > rq->now;
}

static void
add_value(struct view *v, size_t list, const char *value, const char *name, bool chosen)
{
	struct view *row = view_row(v, list);

	view_text(row, V_VALUE, value);
	view_text(row, V_NAME, name);
	view_flag(row, V_CHOSEN, chosen);
}

/* What was asked for stands there in any case, unless nobody has heard of it; and of a single one
 * there is no choice. */
static void
add_values(struct request *rq, struct view *v, size_t list, size_t flag,
    const struct facets *facets, const char *wanted, enum frame frame)
{
	bool	there = false;
	size_t	n = 0;

	for (size_t i = 0; i < facets->n; i++) {
		const struct facet	*facet = &facets->at[i];
		bool			 chosen = wanted != NULL &&
					    strcmp(facet->value, wanted) == 0;

		if (!chosen && !is_offered(rq, facet, frame))
			continue;
		n++;
		there = there || chosen;
		add_value(v, list, facet->value, list == F_KINDS ?
		    text_in(rq->words, facet->name) : facet->name, chosen);
	}
	if (there || n > 1) {
		view_flag(v, flag, 1);
		view_flag(v, F_OFFERS, 1);
	}
}

static const char *
to(struct request *rq, const char *path, const struct event_filter *f)
{
	return filter_path(rq, talloc_asprintf(rq, "%s%s", rq->words->prefix, path), f, NULL,
	    NULL);
}

void
filter_view(struct request *rq, struct view *v, const struct filters *filters,
    const struct event_filter *f, enum frame frame)
{
	static const struct event_filter	 nothing = { 0 };
	static const char *const		 paths[] = {
		[FRAME_COMING] = "/events", [FRAME_PAST] = "/events/past",
		[FRAME_MONTH] = "/events/month",
	};
	const struct facets			*online = &filters->of[FACET_ONLINE];
	const char				*path = frame == FRAME_MONTH ? rq->path :
						    paths[frame];

	view_text(v, F_ACTION, to(rq, path, &nothing));
	view_text(v, F_ALL, to(rq, path, &nothing));
	add_values(rq, v, F_KINDS, F_HAS_KINDS, &filters->of[FACET_KIND], f->kind, frame);
	add_values(rq, v, F_UNITS, F_HAS_UNITS, &filters->of[FACET_UNIT], f->unit, frame);
	add_values(rq, v, F_AREAS, F_HAS_AREAS, &filters->of[FACET_AREA], f->area, frame);
	if (f->online || is_offered(rq, &online->at[0], frame)) {
		view_flag(v, F_ONLINES, 1);
		view_flag(v, F_OFFERS, 1);
	}
	view_flag(v, F_ONLINE, f->online);
	view_flag(v, F_IS_SET, filter_is_set(f));
	view_text(v, F_COMING, to(rq, paths[FRAME_COMING], f));
	view_text(v, F_PAST, to(rq, paths[FRAME_PAST], f));
	view_text(v, F_MONTH, to(rq, paths[FRAME_MONTH], f));
	view_flag(v, F_AT_COMING, frame == FRAME_COMING);
	view_flag(v, F_AT_PAST, frame == FRAME_PAST);
	view_flag(v, F_AT_MONTH, frame == FRAME_MONTH);
	view_text(v, F_CALENDAR, to(rq, "/events.ics", f));
	view_text(v, F_FEED, to(rq, "/events.rss", &nothing));
}
