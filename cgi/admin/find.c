/*
 * find.c: a person by an address or a number.  It is asked by POST, so that it stands in no
 * address and no log, and answered from keyed hashes: whoever serves at no desk of a circle
 * has no key to ask with.
 */
#include <sodium.h>
#include <string.h>

#include "case.h"
#include "openhall/person.h"

enum { FOUND_MOST = 50 };	/* that person_find() gives */

enum { F_WHO, F_WRONG, F_FOUND, F_NONE, F_MANY, F_CASES, F__COUNT };

static const struct view_name find_names[] = {
	[F_WHO] = { "who", NULL },
	[F_WRONG] = { "wrong", NULL },
	[F_FOUND] = { "found", NULL },
	[F_NONE] = { "none", NULL },
	[F_MANY] = { "many", NULL },
	[F_CASES] = { "same_cases", same_row_names },
	[F__COUNT] = { NULL, NULL }
};

void
find_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->find, "find.html", find_names);
}

enum outcome
find_show(struct request *rq)
{
	const struct office *office = rq->app->own;

	return page_send(rq, &office->find, view_new(rq, find_names), 200);
}

/* Whether a desk before number `i`, at which they serve, is of the same circle. */
static bool
is_asked(const struct session *session, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if ((session->desks & 1u << j) != 0 &&
		    strcmp(desks[j].circle, desks[i].circle) == 0)
			return true;
	}
	return false;
}

/* The hashes of what was typed, one for each circle of theirs. */
static enum outcome
hash_typed(struct request *rq, const char *typed, struct key hashes[INTAKES], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < INTAKES; i++) {
		struct desk_keys	keys;
		enum outcome		got;

		if ((rq->session->desks & 1u << i) == 0 || is_asked(rq->session, i))
			continue;
		if ((got = desk_open(rq->app->db, &rq->session->admin, &desks[i],
		    &keys)) != OUT_OK)
			return got;
		got = person_hash(&keys.match, typed, &hashes[(*n)++]);
		sodium_memzero(&keys, sizeof(keys));
		if (got != OUT_OK)
			return got;
	}
	return OUT_OK;
}

enum outcome
find_take(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*typed = pairs_find(&rq->body, "who");
	struct view		*v = view_new(rq, find_names);
	struct key		 hashes[INTAKES];
	struct db_rows		 rows = { 0 };
	size_t			 n, shown = 0;
	enum outcome		 got;

	got = hash_typed(rq, typed != NULL ? typed : "", hashes, &n);
	if (got == OUT_OK)
		got = person_find(rq->app->db, rq, hashes, n, NULL, &rows);
	if (got != OUT_OK && got != OUT_INVALID)
		return got;
	for (size_t i = 0; i < rows.n; i++)
		shown += same_row(rq, v, F_CASES, rows.at[i].at, false);
	view_text(v, F_WHO, typed);
	view_flag(v, F_WRONG, got == OUT_INVALID);
	view_flag(v, F_FOUND, shown > 0);
	view_flag(v, F_NONE, got == OUT_OK && shown == 0);
	view_flag(v, F_MANY, rows.n == FOUND_MOST);
	return page_send(rq, &office->find, v, got == OUT_INVALID ? 422 : 200);
}
