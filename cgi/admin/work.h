/*
 * work.h: what the files about working on a case share: work.c, panel.c, suggest.c.  Private
 * to cgi/admin.
 */
#ifndef OPENHALL_WORK_H
#define OPENHALL_WORK_H

#include "case.h"

enum {
	NOTE_MOST = 4000,	/* characters of a note */
	NOTES_MAX = 200		/* of a case */
};

/* The states that a desk gives a case, and for which kinds of case there is which. */
struct work_state { const char *state; bool ended, ask, offer; };
extern const struct work_state work_states[];
extern const size_t work_n_states;

/* Whether the case is of `kind` ("ask", "offer"). */
bool		 work_is(const struct dossier *, const char *kind);

/* Whether it can go to `state` from where it is: an ended one only back to "started". */
bool		 work_may(const struct dossier *, const struct work_state *state);

/* How somebody was spoken with; "state": the case went to the state in `to`. */
struct work_way { const char *way, *words; };
extern const struct work_way work_ways[];
extern const size_t work_n_ways;

/* By what a note is sealed: "note 7". */
const char	*work_note_word(const void *ctx, int64_t number);

/* ---- suggest.c: what could fit together ---- */

enum { SUGGESTIONS = 8 };

struct suggestion {
	struct id	 id;
	const char	*state;
	int64_t		 received;
	struct pairs	 facets;
	const char	*matches;	/* the facet of it that does: "offer" for a request */
	unsigned	 n;		/* how many values of it */
	bool		 near;		/* in the same area */
	bool		 understood;	/* a language in common */
};

/*
 * For a request the open offers with what it needs, for an offer the open requests: the best
 * first, in the same area, then in the same language, then by how much fits, then by age.
 * `facets` are those of the case `id`, of `kind`.  At most so many, below `ctx`, looked for
 * in samples of a bounded size.  `area`: where the case is, as the site knows areas; "":
 * nowhere that others could be near to.
 */
enum outcome	 suggest_find(struct db *, const void *ctx, const struct desk *,
		    const struct id *, const char *kind, const char *facets,
		    const char *area, struct suggestion out[SUGGESTIONS], size_t *n);

/* Whether one of the values of facet `name` is `value`. */
bool		 suggest_has(const struct pairs *facets, const char *name,
		    const char *value);

#endif
