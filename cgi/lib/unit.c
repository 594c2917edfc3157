/* unit.c: see openhall/unit.h. */
#include "openhall/unit.h"

#include <string.h>
#include <talloc.h>

#include "openhall/slug.h"
#include "openhall/text.h"

enum { Q_ALL, Q_FIND, Q__COUNT };

const struct db_query unit_queries[] = {	/* takes, gives, sql */
	[Q_ALL] = { "i", "ssssss",
	    "SELECT slug, name, kind, state, area, about FROM unit"
	    " ORDER BY name, slug LIMIT ?" },
	[Q_FIND] = { "s", "ssssss",
	    "SELECT slug, name, kind, state, area, about FROM unit"
	    " WHERE slug = ?" },
};
const size_t unit_n_queries = Q__COUNT;

enum { F_SLUG, F_NAME, F_KIND, F_STATE, F_AREA, F_ABOUT };

const char *const unit_kind_names[UNIT_KINDS] = {
	[UNIT_WORKPLACE] = "workplace",
	[UNIT_NEIGHBOURHOOD] = "neighbourhood",
	[UNIT_CITY] = "city",
	[UNIT_SUPPORTERS] = "supporters",
};

const char *const unit_kind_words[UNIT_KINDS] = {
	[UNIT_WORKPLACE] = N_("Workplace Unit"),
	[UNIT_NEIGHBOURHOOD] = N_("Neighbourhood Unit"),
	[UNIT_CITY] = N_("City Unit"),
	[UNIT_SUPPORTERS] = N_("Supporters' Unit"),
};

const char *const unit_kind_titles[UNIT_KINDS] = {
	[UNIT_WORKPLACE] = N_("Workplace Units"),
	[UNIT_NEIGHBOURHOOD] = N_("Neighbourhood Units"),
	[UNIT_CITY] = N_("City Units"),
	[UNIT_SUPPORTERS] = N_("Supporters' Units"),
};

const char *const unit_state_names[UNIT_STATES] = {
	[UNIT_FORMING] = "forming",
	[UNIT_ACTIVE] = "active",
	[UNIT_RESTING] = "resting",
};

const char *const unit_state_words[UNIT_STATES] = {
	[UNIT_FORMING] = N_("Forming"),
	[UNIT_ACTIVE] = N_("Active"),
	[UNIT_RESTING] = N_("Resting"),
};

const char *const unit_state_tags[UNIT_STATES] = {
	[UNIT_FORMING] = "wait",
	[UNIT_ACTIVE] = "good",
	[UNIT_RESTING] = "soft",
};

/* False: its kind or state is none that this version knows. */
static bool
read_unit(const struct db_row *row, struct unit *out)
{
	const struct db_value	*at = row->at;
	size_t			 kind = db_word(&at[F_KIND], unit_kind_names, UNIT_KINDS);
	size_t			 state = db_word(&at[F_STATE], unit_state_names, UNIT_STATES);

	*out = (struct unit){
		.slug = at[F_SLUG].bytes.data,
		.name = at[F_NAME].bytes.data,
		.about = at[F_ABOUT].bytes.data,
		.area = at[F_AREA].bytes.data,
		.kind = (enum unit_kind)kind,
		.state = (enum unit_state)state,
	};
	return kind < UNIT_KINDS && state < UNIT_STATES;
}

enum outcome
unit_all(struct db *db, const void *ctx, struct units *out)
{
	struct db_rows	 rows;
	struct unit	*units;
	enum outcome	 got;
	size_t		 n = 0;

	*out = (struct units){ 0 };
	got = db_all(db, ctx, &unit_queries[Q_ALL], &rows, DB_INT(UNITS_MAX));
	if (got != OUT_OK || rows.n == 0)
		return got;
	if ((units = talloc_array(ctx, struct unit, rows.n)) == NULL)
		return OUT_FAULT;
	/* They come by name; the kinds one after the other. */
	for (enum unit_kind kind = 0; kind < UNIT_KINDS; kind++) {
		for (size_t i = 0; i < rows.n; i++) {
			struct unit unit;

			if (read_unit(&rows.at[i], &unit) && unit.kind == kind)
				units[n++] = unit;
		}
	}
	*out = (struct units){ n, units };
	return OUT_OK;
}

enum outcome
unit_find(struct db *db, const void *ctx, const char *slug, struct unit *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &unit_queries[Q_FIND], &row, DB_TEXT(slug));
	if (got != OUT_OK)
		return got;
	return read_unit(&row, out) ? OUT_OK : OUT_MISSING;
}

void
unit_slug(char out[UNIT_SLUG_MAX + 1], const char *name, unsigned number)
{
	slug_make(out, UNIT_SLUG_MAX, name, "unit", false, number);
}

const char *
unit_area(const struct settings *s, const char *slug)
{
	for (size_t i = 0; i < s->n_areas; i++) {
		if (strcmp(s->areas[i].slug, slug) == 0)
			return s->areas[i].name;
	}
	return NULL;
}
