/*
 * suggest.c: offers for a request, requests for an offer.
 */
#include <string.h>
#include <talloc.h>

#include "work.h"

enum {
	VALUES_MOST = 12,	/* categories of a case that are looked for */
	SAMPLE = 100		/* cases that are looked at for each, near and elsewhere */
};

enum { Q_NEAR, Q_ELSEWHERE, Q__COUNT };

/* The sample is cut by the index alone, before anything is joined to it, so that the cost
 * does not grow with how much there is. */
const struct db_query suggest_queries[] = {	/* takes, gives, sql */
	[Q_NEAR] = { "sssisb", "bsis",
	    "SELECT s.id, s.state, s.received_day, s.facets"
	    " FROM (SELECT submission FROM facet WHERE name = ? AND value = ?"
	    "  AND area = ? ORDER BY submission LIMIT ?) f"
	    " JOIN submission s ON s.id = f.submission"
	    " WHERE s.desk = ? AND s.ended_day IS NULL AND s.suspect = 0"
	    " AND s.id <> ?" },
	[Q_ELSEWHERE] = { "sssisb", "bsis",
	    "SELECT s.id, s.state, s.received_day, s.facets"
	    " FROM (SELECT submission FROM facet WHERE name = ? AND value = ?"
	    "  AND area <> ? ORDER BY area, submission LIMIT ?) f"
	    " JOIN submission s ON s.id = f.submission"
	    " WHERE s.desk = ? AND s.ended_day IS NULL AND s.suspect = 0"
	    " AND s.id <> ?" },
};
const size_t suggest_n_queries = Q__COUNT;

enum { F_ID, F_STATE, F_RECEIVED, F_FACETS };

/* What is looked for, and what was found so far. */
struct search {
	struct db		*db;
	const void		*ctx;
	const struct desk	*desk;
	const struct id		*id;
	const char		*mine, *theirs;	/* facets that must meet */
	struct pairs		 facets;
	struct suggestion	*out;
	size_t			 n;
};

bool
suggest_has(const struct pairs *facets, const char *name, const char *value)
{
	for (size_t i = 0; i < facets->n; i++) {
		if (strcmp(facets->at[i].name, name) == 0 &&
		    strcmp(facets->at[i].value, value) == 0)
			return true;
	}
	return false;
}

/* How many values of facet `a` of the one are values of facet `b` of the other. */
static unsigned
in_common(const struct pairs *one, const char *a, const struct pairs *other,
    const char *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < one->n; i++)
		n += strcmp(one->at[i].name, a) == 0 &&
		    suggest_has(other, b, one->at[i].value);
	return n;
}

static bool
is_better(const struct suggestion *a, const struct suggestion *b)
{
	if (a->near != b->near)
		return a->near;
	if (a->understood != b->understood)
		return a->understood;
	if (a->n != b->n)
		return a->n > b->n;
	if (a->received != b->received)
		return a->received < b->received;
	return memcmp(&a->id, &b->id, sizeof(a->id)) < 0;
}

/* Put it in its place among the best, unless it is there.  What fell out never comes back:
 * it is no better when it is met again. */
static void
place(struct search *s, const struct suggestion *found)
{
	size_t at;

	for (at = 0; at < s->n; at++) {
		if (memcmp(&s->out[at].id, &found->id, sizeof(found->id)) == 0)
			return;
	}
	for (at = 0; at < s->n && !is_better(found, &s->out[at]); at++)
		;
	if (at == SUGGESTIONS)
		return;
	if (s->n < SUGGESTIONS)
		s->n++;
	memmove(&s->out[at + 1], &s->out[at],
	    (s->n - at - 1) * sizeof(*s->out));
	s->out[at] = *found;
}

static enum outcome
look(struct search *s, const struct db_query *query, const char *value,
    const char *area)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(s->db, s->ctx, query, &rows, DB_TEXT(s->theirs),
	    DB_TEXT(value), DB_TEXT(area), DB_INT(SAMPLE),
	    DB_TEXT(s->desk->name), DB_BYTES(s->id->at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct suggestion	 found = {
			.state = at[F_STATE].bytes.data,
			.received = at[F_RECEIVED].number,
			.matches = s->theirs,
		};

		memcpy(found.id.at, at[F_ID].bytes.data, ID_LEN);
		got = pairs_decode(s->ctx, at[F_FACETS].bytes.data,
		    at[F_FACETS].bytes.len, BODY_PAIRS_MAX, &found.facets);
		found.n = in_common(&s->facets, s->mine, &found.facets, s->theirs);
		found.near = *area != '\0' &&
		    suggest_has(&found.facets, "area", area);
		found.understood = in_common(&s->facets, "language",
		    &found.facets, "language") > 0;
		if (got == OUT_OK)
			place(s, &found);
	}
	return got;
}

static enum outcome
look_for_all(struct search *s, const struct db_query *query, const char *area)
{
	enum outcome	got = OUT_OK;
	unsigned	values = 0;

	for (size_t i = 0; got == OUT_OK && i < s->facets.n &&
	    values < VALUES_MOST; i++) {
		if (strcmp(s->facets.at[i].name, s->mine) != 0)
			continue;
		got = look(s, query, s->facets.at[i].value, area);
		values++;
	}
	return got;
}

enum outcome
suggest_find(struct db *db, const void *ctx, const struct desk *desk,
    const struct id *id, const char *kind, const char *facets, const char *area,
    struct suggestion out[SUGGESTIONS], size_t *n)
{
	bool		 asks = strcmp(kind, "ask") == 0;
	struct search	 s = {
		.db = db, .ctx = ctx, .desk = desk, .id = id, .out = out,
		.mine = asks ? "need" : "offer",
		.theirs = asks ? "offer" : "need",
	};
	enum outcome	 got;

	*n = 0;
	if (pairs_decode(ctx, facets, strlen(facets), BODY_PAIRS_MAX,
	    &s.facets) != OUT_OK)
		return OUT_FAULT;
	got = look_for_all(&s, &suggest_queries[Q_NEAR], area);
	if (got == OUT_OK && s.n < SUGGESTIONS)
		got = look_for_all(&s, &suggest_queries[Q_ELSEWHERE], area);
	*n = s.n;
	return got;
}
