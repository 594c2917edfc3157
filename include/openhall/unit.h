/*
 * unit: the organisation's units: workplaces, neighbourhoods, cities, supporters.  What is
 * known of them is public.
 */
#ifndef OPENHALL_UNIT_H
#define OPENHALL_UNIT_H

#include "openhall/db.h"
#include "openhall/settings.h"

extern const struct db_query unit_queries[];
extern const size_t unit_n_queries;

enum { UNIT_SLUG_MAX = 32, UNIT_NAME_MAX = 120, UNIT_ABOUT_MAX = 2000, UNITS_MAX = 500 };

enum unit_kind { UNIT_WORKPLACE, UNIT_NEIGHBOURHOOD, UNIT_CITY, UNIT_SUPPORTERS,
	UNIT_KINDS };
enum unit_state { UNIT_FORMING, UNIT_ACTIVE, UNIT_RESTING, UNIT_STATES };

/* As they are stored; and N_() texts of one of a kind ("Workplace Unit"), of a state, and for a
 * heading ("Workplace Units"). */
extern const char *const unit_kind_names[UNIT_KINDS], *const unit_state_names[UNIT_STATES];
extern const char *const unit_kind_words[UNIT_KINDS], *const unit_state_words[UNIT_STATES];
extern const char *const unit_kind_titles[UNIT_KINDS];

struct unit {
	const char	*slug, *name, *about, *area;	/* area: of settings->areas, or "" */
	enum unit_kind	 kind;
	enum unit_state	 state;
};

struct units {
	size_t			 n;
	const struct unit	*at;
};

/* All units by kind and name, below `ctx`.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 unit_all(struct db *, const void *ctx, struct units *);

/* The one called `slug`.  OUT_MISSING: there is none. */
enum outcome	 unit_find(struct db *, const void *ctx, const char *slug, struct unit *);

/* The kind of a state's tag for the stylesheet. */
extern const char *const unit_state_tags[UNIT_STATES];

/*
 * What a unit called `name` goes by in addresses and answers, for good: [a-z0-9-], beginning
 * with a letter; accents are left out, other scripts too.  Try number 0 first; each further
 * number gives another, for where the one before is taken.
 */
void		 unit_slug(char out[UNIT_SLUG_MAX + 1], const char *name, unsigned number);

/* The name of the area `slug`; NULL: none, or not (any more) one of the site. */
const char	*unit_area(const struct settings *, const char *slug);

#endif
