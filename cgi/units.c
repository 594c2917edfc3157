/*
 * units.c: the units there are, by kind, and the page of each.
 * Database account: openhall_units, which reads what is public about them.
 */
#include <string.h>
#include <talloc.h>

#include "openhall/census.h"
#include "openhall/log.h"
#include "openhall/route.h"
#include "openhall/text.h"
#include "openhall/unit.h"

enum {
	PAGE_SECONDS = 10,	/* for which a page may be kept */
	SHORT = 160		/* bytes of what a unit says of itself in the list */
};

enum { U_SLUG, U_NAME, U_STATE, U_TAG, U_AREA, U_ABOUT, U_CUT, U__COUNT };

static const struct view_name row_names[] = {
	[U_SLUG] = { "slug", NULL },
	[U_NAME] = { "name", NULL },
	[U_STATE] = { "state", NULL },
	[U_TAG] = { "tag", NULL },
	[U_AREA] = { "area", NULL },
	[U_ABOUT] = { "about", NULL },
	[U_CUT] = { "cut", NULL },	/* there is more on its page */
	[U__COUNT] = { NULL, NULL }
};

enum { K_TITLE, K_UNITS, K__COUNT };

static const struct view_name kind_names[] = {
	[K_TITLE] = { "title", NULL },
	[K_UNITS] = { "units", row_names },
	[K__COUNT] = { NULL, NULL }
};

enum { M_KINDS, M__COUNT };

static const struct view_name list_names[] = {
	[M_KINDS] = { "kinds", kind_names },
	[M__COUNT] = { NULL, NULL }
};

enum { O_NAME, O_KIND, O_STATE, O_TAG, O_AREA, O_ABOUT, O_OTHERS, O_FORMING,
	O_RESTING, O_SUPPORTERS, O__COUNT };

static const struct view_name one_names[] = {
	[O_NAME] = { "name", NULL },
	[O_KIND] = { "kind", NULL },
	[O_STATE] = { "state", NULL },
	[O_TAG] = { "tag", NULL },
	[O_AREA] = { "area", NULL },
	[O_ABOUT] = { "about", NULL },
	[O_OTHERS] = { "others", NULL },
	[O_FORMING] = { "forming", NULL },
	[O_RESTING] = { "resting", NULL },
	[O_SUPPORTERS] = { "supporters", NULL },
	[O__COUNT] = { NULL, NULL }
};

struct own { struct page list, one; };

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	page_compile(own, app->settings, &own->list, "units.html", list_names);
	page_compile(own, app->settings, &own->one, "unit.html", one_names);
}

/* How many bytes of `text` fit into SHORT without breaking a word or a character; all
 * of them when it is short. */
static size_t
short_length(const char *text)
{
	size_t len = strlen(text), n = SHORT;

	if (len <= SHORT)
		return len;
	while (n > SHORT / 2 && text[n] != ' ' && text[n] != '\n')
		n--;
	if (n > SHORT / 2)
		return n;
	for (n = SHORT; (text[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

static void
add_unit(struct request *rq, struct view *kind, const struct unit *unit)
{
	struct view	*row = view_row(kind, K_UNITS);
	size_t		 n = short_length(unit->about);

	view_text(row, U_SLUG, unit->slug);
	view_text(row, U_NAME, unit->name);
	view_text(row, U_STATE, text_in(rq->words, unit_state_words[unit->state]));
	view_text(row, U_TAG, unit_state_tags[unit->state]);
	view_text(row, U_AREA, unit_area(rq->settings, unit->area));
	view_text(row, U_ABOUT, talloc_strndup(rq, unit->about, n));
	view_flag(row, U_CUT, unit->about[n] != '\0');
}

static enum outcome
show_list(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, list_names), *kind = NULL;
	struct units		 units;
	enum outcome		 got;

	if ((got = unit_all(rq->app->db, rq, &units)) != OUT_OK)
		return got;
	for (size_t i = 0; i < units.n; i++) {
		const struct unit *unit = &units.at[i];

		if (i == 0 || unit[-1].kind != unit->kind) {
			kind = view_row(v, M_KINDS);
			view_text(kind, K_TITLE, text_in(rq->words,
			    unit_kind_titles[unit->kind]));
		}
		add_unit(rq, kind, unit);
	}
	rq->canonical = rq->path;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->list, v, 200);
}

static enum outcome
show_one(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, one_names);
	struct unit		 unit;
	int64_t			 others = 0;
	enum outcome		 got;

	if ((got = unit_find(rq->app->db, rq, rq->rest, &unit)) != OUT_OK)
		return got;
	if (*unit.area != '\0' && (got = census_near(rq->app->db, rq->settings,
	    unit.area, false, &others)) != OUT_OK)
		return got;
	view_text(v, O_NAME, unit.name);
	view_text(v, O_KIND, text_in(rq->words, unit_kind_words[unit.kind]));
	view_text(v, O_STATE, text_in(rq->words, unit_state_words[unit.state]));
	view_text(v, O_TAG, unit_state_tags[unit.state]);
	view_text(v, O_AREA, unit_area(rq->settings, unit.area));
	view_text(v, O_ABOUT, unit.about);
	if (others > 0)
		view_text(v, O_OTHERS, talloc_asprintf(rq, text_in_n(rq->words,
		    "%ld person near here would start a Unit.",
		    "%ld people near here would start a Unit.",
		    (unsigned long)others), (long)others));
	view_flag(v, O_FORMING, unit.state == UNIT_FORMING);
	view_flag(v, O_RESTING, unit.state == UNIT_RESTING);
	view_flag(v, O_SUPPORTERS, unit.kind == UNIT_SUPPORTERS);
	rq->canonical = rq->path;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->one, v, 200);
}

static const struct route routes[] = {
	{ .method = GET, .path = "/units", .run = show_list,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/units/*", .run = show_one,
	  .access = PUBLIC, .guard = GUARD_NONE },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ unit_queries, unit_n_queries },
		{ census_queries, census_n_queries },
	};
	const struct program units = {
		.name = "units",
		.account = "openhall_units",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &units);
}
