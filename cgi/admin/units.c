/*
 * units.c: the units, for those who keep them: who serves at the desks of members or of
 * supporters.  Everybody else in the back office reads the list.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"

enum { Q_COUNT, Q_ADD, Q_CHANGE, Q_USED, Q_REMOVE, Q__COUNT };

const struct db_query units_queries[] = {	/* takes, gives, sql */
	[Q_COUNT] = { "", "i", "SELECT COUNT(*) FROM unit" },
	[Q_ADD] = { "ssssssi", "",
	    "INSERT INTO unit (slug, name, kind, state, area, about, changed_at)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)" },
	[Q_CHANGE] = { "sssssis", "",
	    "UPDATE unit SET name = ?, kind = ?, state = ?, area = ?, about = ?,"
	    " changed_at = ? WHERE slug = ?" },
	/* Named by a case that is open; also by one that nobody has filed yet. */
	[Q_USED] = { "ss", "i",
	    "(SELECT 1 FROM facet f JOIN submission s ON s.id = f.submission"
	    " WHERE f.name = 'unit' AND f.value = ? AND s.ended_day IS NULL"
	    " LIMIT 1) UNION ALL"
	    " (SELECT 1 FROM submission WHERE filed = 0 AND ended_day IS NULL"
	    " AND CONCAT('&', facets, '&') LIKE CONCAT('%&unit=', ?, '&%')"
	    " LIMIT 1) LIMIT 1" },
	[Q_REMOVE] = { "s", "", "DELETE FROM unit WHERE slug = ?" },
};
const size_t units_n_queries = Q__COUNT;

static const char NEW[] = "new";	/* in the place of a slug */

enum { TRIES = 50 };			/* slugs for one name */

/* ---- pages ---- */

enum { U_SLUG, U_NAME, U_KIND, U_STATE, U_TAG, U_AREA, U__COUNT };

static const struct view_name row_names[] = {
	[U_SLUG] = { "slug", NULL },
	[U_NAME] = { "name", NULL },
	[U_KIND] = { "kind", NULL },
	[U_STATE] = { "state", NULL },
	[U_TAG] = { "tag", NULL },
	[U_AREA] = { "area", NULL },
	[U__COUNT] = { NULL, NULL }
};

enum { L_UNITS, L_SOME, L_KEEPS, LIST__COUNT };

static const struct view_name list_names[] = {
	[L_UNITS] = { "units", row_names },
	[L_SOME] = { "some", NULL },
	[L_KEEPS] = { "keeps", NULL },
	[LIST__COUNT] = { NULL, NULL }
};

enum { O_VALUE, O_WORDS, O_CHOSEN, O_FIRST, O__COUNT };

static const struct view_name option_names[] = {
	[O_VALUE] = { "value", NULL },
	[O_WORDS] = { "words", NULL },
	[O_CHOSEN] = { "chosen", NULL },
	[O_FIRST] = { "first", NULL },
	[O__COUNT] = { NULL, NULL }
};

enum { E_AT, E_SLUG, E_NAME, E_ABOUT, E_KINDS, E_STATES, E_AREAS, E_PROBLEM,
	E_NO_NAME, E_NO_KIND, E_NO_STATE, E_NO_AREA, E_LONG_ABOUT, E_USED,
	E_FULL, E__COUNT };

static const struct view_name edit_names[] = {
	[E_AT] = { "at", NULL },
	[E_SLUG] = { "slug", NULL },
	[E_NAME] = { "name", NULL },
	[E_ABOUT] = { "about", NULL },
	[E_KINDS] = { "kinds", option_names },
	[E_STATES] = { "states", option_names },
	[E_AREAS] = { "areas", option_names },
	[E_PROBLEM] = { "problem", NULL },
	[E_NO_NAME] = { "no_name", NULL },
	[E_NO_KIND] = { "no_kind", NULL },
	[E_NO_STATE] = { "no_state", NULL },
	[E_NO_AREA] = { "no_area", NULL },
	[E_LONG_ABOUT] = { "long_about", NULL },
	[E_USED] = { "used", NULL },
	[E_FULL] = { "full", NULL },
	[E__COUNT] = { NULL, NULL }
};

void
units_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->units, "admin-units.html",
	    list_names);
	page_compile(office, app->settings, &office->unit, "admin-unit.html",
	    edit_names);
}

/* Whether the one who is logged in keeps the units. */
static bool
keeps(const struct request *rq)
{
	return (rq->session->desks &
	    (1u << DESK_MEMBERSHIP | 1u << DESK_SUPPORTERS)) != 0;
}

enum outcome
units_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, list_names);
	struct units		 units;
	enum outcome		 got;

	if ((got = unit_all(rq->app->db, rq, &units)) != OUT_OK)
		return got;
	for (size_t i = 0; i < units.n; i++) {
		const struct unit	*unit = &units.at[i];
		struct view		*row = view_row(v, L_UNITS);

		view_text(row, U_SLUG, unit->slug);
		view_text(row, U_NAME, unit->name);
		view_text(row, U_KIND, text_in(rq->words,
		    unit_kind_words[unit->kind]));
		view_text(row, U_STATE, text_in(rq->words,
		    unit_state_words[unit->state]));
		view_text(row, U_TAG, unit_state_tags[unit->state]);
		view_text(row, U_AREA, unit_area(rq->settings, unit->area));
	}
	view_flag(v, L_SOME, units.n > 0);
	view_flag(v, L_KEEPS, keeps(rq));
	return page_send(rq, &office->units, v, 200);
}

/* What stands in the form: as it is stored, or as it was sent. */
struct filled { const char *name, *kind, *state, *area, *about; };

static void
add_options(struct request *rq, struct view *v, size_t list,
    const char *const names[], const char *const words[], size_t n,
    const char *chosen)
{
	for (size_t i = 0; i < n; i++) {
		struct view *row = view_row(v, list);

		view_text(row, O_VALUE, names[i]);
		view_text(row, O_WORDS, text_in(rq->words, words[i]));
		view_flag(row, O_CHOSEN, strcmp(names[i], chosen) == 0);
		view_flag(row, O_FIRST, i == 0);
	}
}

/* `slug` NULL: another unit; `problem` E__COUNT: none. */
static enum outcome
show_form(struct request *rq, const char *slug, const struct filled *filled,
    size_t problem)
{
	const struct office	*office = rq->app->own;
	const struct settings	*s = rq->settings;
	struct view		*v = view_new(rq, edit_names);

	view_text(v, E_AT, slug != NULL ? slug : NEW);
	view_text(v, E_SLUG, slug);
	view_text(v, E_NAME, filled->name);
	view_text(v, E_ABOUT, filled->about);
	add_options(rq, v, E_KINDS, unit_kind_names, unit_kind_words, UNIT_KINDS,
	    filled->kind);
	add_options(rq, v, E_STATES, unit_state_names, unit_state_words,
	    UNIT_STATES, filled->state);
	for (size_t i = 0; i < s->n_areas; i++) {
		struct view *row = view_row(v, E_AREAS);

		view_text(row, O_VALUE, s->areas[i].slug);
		view_text(row, O_WORDS, s->areas[i].name);
		view_flag(row, O_CHOSEN,
		    strcmp(s->areas[i].slug, filled->area) == 0);
	}
	if (problem == E__COUNT)
		return page_send(rq, &office->unit, v, 200);
	view_flag(v, E_PROBLEM, 1);
	view_flag(v, problem, 1);
	return page_send(rq, &office->unit, v,
	    problem == E_USED || problem == E_FULL ? 409 : 422);
}

enum outcome
units_edit(struct request *rq)
{
	const struct filled	 empty = { "", "", "forming", "", "" };
	struct filled		 filled;
	struct unit		 unit;
	enum outcome		 got;

	if (!keeps(rq))
		return OUT_FORBIDDEN;
	if (strcmp(rq->rest, NEW) == 0)
		return show_form(rq, NULL, &empty, E__COUNT);
	if ((got = unit_find(rq->app->db, rq, rq->rest, &unit)) != OUT_OK)
		return got;
	filled = (struct filled){
		.name = unit.name, .area = unit.area, .about = unit.about,
		.kind = unit_kind_names[unit.kind],
		.state = unit_state_names[unit.state],
	};
	return show_form(rq, unit.slug, &filled, E__COUNT);
}

/* ---- what is done ---- */

struct deed {
	struct request	*rq;
	struct filled	 unit;
	char		 slug[UNIT_SLUG_MAX + 1];
};

static bool
is_one_of(const char *const names[], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* The first thing that is wrong; E__COUNT: nothing. */
static size_t
check(const struct request *rq, const struct filled *f)
{
	if (*f->name == '\0' || form_characters(f->name) > UNIT_NAME_MAX ||
	    typed_has_control(f->name))
		return E_NO_NAME;
	if (!is_one_of(unit_kind_names, UNIT_KINDS, f->kind))
		return E_NO_KIND;
	if (!is_one_of(unit_state_names, UNIT_STATES, f->state))
		return E_NO_STATE;
	if (*f->area != '\0' && unit_area(rq->settings, f->area) == NULL)
		return E_NO_AREA;
	if (form_characters(f->about) > UNIT_ABOUT_MAX)
		return E_LONG_ABOUT;
	return E__COUNT;
}

/* Its line in the audit.  A unit has no id, so its lines have a hash of its slug. */
static enum outcome
note(const struct deed *deed, const char *action)
{
	const struct request	*rq = deed->rq;
	const struct office	*office = rq->app->own;
	struct id		 id;

	crypto_generichash(id.at, ID_LEN, (const unsigned char *)deed->slug,
	    strlen(deed->slug), NULL, 0);
	return audit_add(rq->app->db, &office->audit, rq->now,
	    &rq->session->admin.id, action, &id);
}

static enum outcome
add_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	const struct filled	*f = &deed->unit;
	struct db_row		 row;
	enum outcome		 got;

	if ((got = db_first_values(db, deed->rq, &units_queries[Q_COUNT], &row,
	    NULL, 0)) != OUT_OK)
		return got;
	if (row.at[0].number >= UNITS_MAX)
		return OUT_LIMITED;
	got = db_run(db, &units_queries[Q_ADD], NULL, DB_TEXT(deed->slug),
	    DB_TEXT(f->name), DB_TEXT(f->kind), DB_TEXT(f->state),
	    DB_TEXT(f->area), DB_TEXT(f->about), DB_INT(deed->rq->now));
	return got == OUT_OK ? note(deed, "unit.added") : got;
}

static enum outcome
change_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	const struct filled	*f = &deed->unit;
	uint64_t		 changed;
	enum outcome		 got;

	got = db_run(db, &units_queries[Q_CHANGE], &changed, DB_TEXT(f->name),
	    DB_TEXT(f->kind), DB_TEXT(f->state), DB_TEXT(f->area),
	    DB_TEXT(f->about), DB_INT(deed->rq->now), DB_TEXT(deed->slug));
	if (got != OUT_OK)
		return got;
	return changed == 0 ? OUT_MISSING : note(deed, "unit.changed");
}

/* OUT_LIMITED: an open case names it. */
static enum outcome
remove_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	struct db_row		 row;
	uint64_t		 changed;
	enum outcome		 got;

	got = db_first(db, deed->rq, &units_queries[Q_USED], &row,
	    DB_TEXT(deed->slug), DB_TEXT(deed->slug));
	if (got != OUT_MISSING)
		return got == OUT_OK ? OUT_LIMITED : got;
	if ((got = db_run(db, &units_queries[Q_REMOVE], &changed,
	    DB_TEXT(deed->slug))) != OUT_OK)
		return got;
	return changed == 0 ? OUT_MISSING : note(deed, "unit.removed");
}

/* Add it under the first slug of its name that is free. */
static enum outcome
add_unit(struct deed *deed)
{
	enum outcome got = OUT_CONFLICT;

	for (unsigned i = 0; got == OUT_CONFLICT && i < TRIES; i++) {
		unit_slug(deed->slug, deed->unit.name, i);
		if (strcmp(deed->slug, NEW) != 0)
			got = db_transaction(deed->rq->app->db, add_work, deed);
	}
	return got;
}

enum outcome
units_take(struct request *rq)
{
	const char	*step = pairs_find(&rq->body, "step");
	struct deed	 deed = { .rq = rq, .unit = {
		typed_text(rq, "name"), typed_text(rq, "kind"), typed_text(rq, "state"),
		typed_text(rq, "area"), typed_text(rq, "about") } };
	const struct filled *f = &deed.unit;
	bool		 another = strcmp(rq->rest, NEW) == 0;
	bool		 away = step != NULL && strcmp(step, "remove") == 0;
	size_t		 problem;
	enum outcome	 got;

	if (!keeps(rq))
		return OUT_FORBIDDEN;
	if (f->name == NULL || f->kind == NULL || f->state == NULL ||
	    f->area == NULL || f->about == NULL)
		return OUT_FAULT;
	if (!another && strlen(rq->rest) > UNIT_SLUG_MAX)
		return OUT_MISSING;
	if (!another)
		memcpy(deed.slug, rq->rest, strlen(rq->rest) + 1);
	problem = away ? E__COUNT : check(rq, f);
	if (problem != E__COUNT)
		return show_form(rq, another ? NULL : rq->rest, f, problem);
	got = another ? add_unit(&deed) : db_transaction(rq->app->db,
	    away ? remove_work : change_work, &deed);
	if (got == OUT_LIMITED)
		return show_form(rq, another ? NULL : rq->rest, f,
		    another ? E_FULL : E_USED);
	return got == OUT_OK ? http_see_other(rq, "/admin/units") : got;
}
