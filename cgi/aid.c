/*
 * aid.c: mutual aid: what help the network gives and how, and the form to ask for it or to
 * offer it.
 * Database account: openhall_aid, which may only insert submissions and read the public
 * counts and what is public about the units.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/census.h"
#include "openhall/intake.h"
#include "openhall/mail.h"
#include "openhall/log.h"

enum { PAGE_SECONDS = 10 };	/* for which the page about help may be kept */

enum { K_LABEL, K__COUNT };

static const struct view_name kind_names[] = {
	[K_LABEL] = { "label", NULL },
	[K__COUNT] = { NULL, NULL }
};

enum { C_LABEL, C_AREA, C_NEED, C_OFFER, C__COUNT };

static const struct view_name cell_names[] = {
	[C_LABEL] = { "label", NULL },
	[C_AREA] = { "area", NULL },
	[C_NEED] = { "need", NULL },
	[C_OFFER] = { "offer", NULL },
	[C__COUNT] = { NULL, NULL }
};

enum { A_ALIKE, A_NEEDS, A_OFFERS, A_SEEN, A_COUNTED, A_CELLS, A_FLOOR, A__COUNT };

static const struct view_name about_names[] = {
	[A_ALIKE] = { "alike", NULL },	/* what can be asked for can be offered */
	[A_NEEDS] = { "needs", kind_names },
	[A_OFFERS] = { "offers", kind_names },
	[A_SEEN] = { "seen", NULL },
	[A_COUNTED] = { "counted", NULL },
	[A_CELLS] = { "cells", cell_names },
	[A_FLOOR] = { "floor", NULL },
	[A__COUNT] = { NULL, NULL }
};

struct own {
	struct intake	*intake;
	struct page	 about;
};

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	own->intake = intake_new(own, app, &desks[DESK_AID]);
	page_compile(own, app->settings, &own->about, "aid.html", about_names);
}

/* ---- the page about help ---- */

/* The question whose answers are counted as `facet`; NULL: the form has none. */
static const struct form_field *
find_field(const struct form *form, const char *facet)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		const char *index = form->fields[i].index;

		if (index != NULL && strcmp(index, facet) == 0)
			return &form->fields[i];
	}
	return NULL;
}

static void
add_kinds(struct view *v, size_t list, const struct form_field *field,
    size_t lang)
{
	for (size_t i = 0; field != NULL && i < field->n_choices; i++)
		view_text(view_row(v, list), K_LABEL,
		    field->choices[i].label.in[lang]);
}

/* Whether `field` has a choice of that value. */
static bool
has_choice(const struct form_field *field, const char *value)
{
	for (size_t i = 0; field != NULL && i < field->n_choices; i++) {
		if (strcmp(field->choices[i].value, value) == 0)
			return true;
	}
	return false;
}

static bool
are_alike(const struct form_field *a, const struct form_field *b)
{
	if (a == NULL || b == NULL || a->n_choices != b->n_choices)
		return false;
	for (size_t i = 0; i < a->n_choices; i++) {
		if (!has_choice(b, a->choices[i].value))
			return false;
	}
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct census_count	*x = a, *y = b;
	int				 got = strcmp(x->value, y->value);

	return got != 0 ? got : strcmp(x->area, y->area);
}

/* How many there are in a cell; 0: none, or too few to be told. */
static int64_t
count_in(const struct census *census, const char *value, const char *area)
{
	const struct census_count	 wanted = { value, area, 0 };
	const struct census_count	*at;

	at = census->n == 0 ? NULL : bsearch(&wanted, census->at, census->n,
	    sizeof(wanted), compare);
	return at != NULL ? at->n : 0;
}

struct counts { struct census need, offer; };

static void
add_cell(struct view *v, const struct counts *counts, const char *value,
    const char *label, const char *area, const char *area_name)
{
	int64_t		 need = count_in(&counts->need, value, area);
	int64_t		 offer = count_in(&counts->offer, value, area);
	struct view	*row;

	if (need == 0 && offer == 0)
		return;
	row = view_row(v, A_CELLS);
	view_text(row, C_LABEL, label);
	view_text(row, C_AREA, area_name);
	if (need > 0)
		view_number(row, C_NEED, need);
	if (offer > 0)
		view_number(row, C_OFFER, offer);
}

/* The cells of every choice of `field`, but those that `but` has too, in every area. */
static void
add_cells(struct request *rq, struct view *v, const struct counts *counts,
    const struct form_field *area, const struct form_field *field,
    const struct form_field *but)
{
	for (size_t i = 0; field != NULL && i < field->n_choices; i++) {
		const char	*value = field->choices[i].value;
		const char	*label = field->choices[i].label.in[rq->lang];

		if (has_choice(but, value))
			continue;
		for (size_t j = 0; area != NULL && j < area->n_choices; j++)
			add_cell(v, counts, value, label, area->choices[j].value,
			    area->choices[j].label.in[rq->lang]);
		add_cell(v, counts, value, label, "", NULL);
	}
}

/* While the store is away the page says all that it can without the counts. */
static enum outcome
about(struct request *rq)
{
	const struct own	*own = rq->app->own;
	const struct form	*form = intake_form(rq, own->intake);
	const struct form_field	*need = find_field(form, "need");
	const struct form_field	*offer = find_field(form, "offer");
	const struct form_field	*area = find_field(form, "area");
	struct view		*v = view_new(rq, about_names);
	struct counts		 counts;
	enum outcome		 got;

	view_flag(v, A_ALIKE, are_alike(need, offer));
	add_kinds(v, A_NEEDS, need, rq->lang);
	add_kinds(v, A_OFFERS, offer, rq->lang);
	view_text(v, A_SEEN, form->seen.in[rq->lang]);
	view_number(v, A_FLOOR, rq->settings->floor);
	db_hasty(rq->app->db, true);
	got = census_all(rq->app->db, rq, "need", &counts.need);
	if (got == OUT_OK)
		got = census_all(rq->app->db, rq, "offer", &counts.offer);
	db_hasty(rq->app->db, false);
	if (got == OUT_OK) {
		add_cells(rq, v, &counts, area, need, NULL);
		add_cells(rq, v, &counts, area, offer, need);
		view_flag(v, A_COUNTED, counts.need.n + counts.offer.n > 0);
	} else if (got != OUT_AWAY) {
		return got;
	}
	rq->canonical = rq->path;
	rq->max_age = PAGE_SECONDS;
	return page_send(rq, &own->about, v, 200);
}

/* ---- the form ---- */

/* Run a handler of the intake, which finds itself in the app. */
static enum outcome
run_intake(struct request *rq, enum outcome (*run)(struct request *))
{
	struct app		*app = rq->app;
	const struct own	*own = app->own;
	struct app		 form = *app;
	enum outcome		 got;

	form.own = own->intake;
	rq->app = &form;
	got = run(rq);
	rq->app = app;
	return got;
}

static enum outcome
show(struct request *rq)
{
	return run_intake(rq, intake_show);
}

static enum outcome
take(struct request *rq)
{
	return run_intake(rq, intake_take);
}

static enum outcome
again(struct request *rq)
{
	return run_intake(rq, intake_again);
}

static const struct route routes[] = {
	{ .method = GET, .path = "/aid", .run = about,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/aid/request", .run = show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/aid/request", .run = take,
	  .again = again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .form = true },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ submission_queries, submission_n_queries },
		{ unit_queries, unit_n_queries },
		{ mail_queries, mail_n_queries },
		{ census_queries, census_n_queries },
	};
	const struct program aid = {
		.name = "aid",
		.account = "openhall_aid",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &aid);
}
