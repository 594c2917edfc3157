/*
 * account.c: one's own account: another password, whether there is a second factor, and where
 * one is logged in.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/when.h"

enum { Q_SESSIONS, Q__COUNT };

const struct db_query account_queries[] = {	/* takes, gives, sql */
	[Q_SESSIONS] = { "bib", "biii",
	    "SELECT id, created_at, expires_at, pending FROM session"
	    " WHERE admin = ? AND expires_at > ?"
	    " ORDER BY id = ? DESC, created_at DESC LIMIT 100" },
};
const size_t account_n_queries = Q__COUNT;

enum { SE_ID, SE_SINCE, SE_UNTIL, SE_THIS, SE_PENDING, SE__COUNT };

static const struct view_name session_names[] = {
	[SE_ID] = { "id", NULL },
	[SE_SINCE] = { "since", NULL },
	[SE_UNTIL] = { "until", NULL },
	[SE_THIS] = { "this", NULL },
	[SE_PENDING] = { "pending", NULL },
	[SE__COUNT] = { NULL, NULL }
};

enum { A_CHANGED, A_HAS, A_LEFT, A_FEW, A_PROBLEM, A_WRONG, A_LENGTH, A_DIFFER, A_WAIT,
	A_EXPIRED, A_SESSIONS, A__COUNT };

static const struct view_name account_names[] = {
	[A_CHANGED] = { "changed", NULL },
	[A_HAS] = { "has", NULL },
	[A_LEFT] = { "left", NULL },
	[A_FEW] = { "few", NULL },
	[A_PROBLEM] = { "problem", NULL },
	[A_WRONG] = { "wrong", NULL },
	[A_LENGTH] = { "length", NULL },
	[A_DIFFER] = { "differ", NULL },
	[A_WAIT] = { "wait", NULL },
	[A_EXPIRED] = { "expired", NULL },
	[A_SESSIONS] = { "sessions", session_names },
	[A__COUNT] = { NULL, NULL }
};

enum { FEW_CODES = 2 };		/* so few that there should be new ones */

void
account_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->account, "account.html",
	    account_names);
}

static enum outcome
add_sessions(struct request *rq, struct view *v)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &account_queries[Q_SESSIONS], &rows,
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_INT(rq->now),
	    DB_BYTES(rq->session->id.at, KEY_LEN));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct view		*row = view_row(v, A_SESSIONS);
		char			*hex = talloc_size(rq, 2 * KEY_LEN + 1);

		if (hex == NULL)
			return OUT_FAULT;
		sodium_bin2hex(hex, 2 * KEY_LEN + 1, at[0].bytes.data, KEY_LEN);
		view_text(row, SE_ID, hex);
		view_text(row, SE_SINCE, when_moment(rq, rq->words,
		    at[1].number));
		view_text(row, SE_UNTIL, when_moment(rq, rq->words,
		    at[2].number));
		view_flag(row, SE_PENDING, at[3].number != 0);
		view_flag(row, SE_THIS, memcmp(at[0].bytes.data,
		    rq->session->id.at, KEY_LEN) == 0);
	}
	return OUT_OK;
}

/* The page, with what is wrong or (A_CHANGED) done; A__COUNT: nothing. */
static enum outcome
show(struct request *rq, size_t what)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, account_names);
	bool			 has;
	int64_t			 codes;
	enum outcome		 got;

	if ((got = factor_state(rq, &has, &codes)) != OUT_OK ||
	    (got = add_sessions(rq, v)) != OUT_OK)
		return got;
	view_flag(v, A_HAS, has);
	view_number(v, A_LEFT, codes);
	view_flag(v, A_FEW, codes <= FEW_CODES);
	if (what < A__COUNT)
		view_flag(v, what, 1);
	view_flag(v, A_PROBLEM, what == A_WRONG || what == A_LENGTH ||
	    what == A_DIFFER);
	if (what == A_WAIT)
		http_header(rq, "Retry-After", "60");
	return page_send(rq, &office->account, v,
	    what == A__COUNT || what == A_CHANGED ? 200 :
	    what == A_WAIT ? 429 : 422);
}

enum outcome
account_show(struct request *rq)
{
	return show(rq, pairs_find(&rq->query, "changed") != NULL ? A_CHANGED :
	    A__COUNT);
}

enum outcome
account_again(struct request *rq)
{
	return show(rq, A_EXPIRED);
}

enum outcome
account_password(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*old = pairs_find(&rq->body, "old");
	const char		*fresh = pairs_find(&rq->body, "password");
	const char		*again = pairs_find(&rq->body, "again");
	struct throttle		 t;
	enum outcome		 got;

	if (fresh == NULL || strlen(fresh) < PASSWORD_LEAST ||
	    strlen(fresh) > PASSWORD_MOST)
		return show(rq, A_LENGTH);
	if (again == NULL || strcmp(fresh, again) != 0)
		return show(rq, A_DIFFER);
	if ((got = throttle_check_own(rq, "password", &t)) == OUT_LIMITED)
		return show(rq, A_WAIT);
	if (got != OUT_OK)
		return got;
	got = desk_password(rq->app->db, &office->audit, rq->now,
	    &rq->session->admin, &rq->session->id, old != NULL ? old : "", fresh);
	switch (got) {
	case OUT_OK:
		(void)throttle_clear(rq, &t);
		return http_see_other(rq, "/admin/account?changed=1");
	case OUT_FORBIDDEN:
		got = throttle_fail(rq, &t);
		return got == OUT_OK ? show(rq, A_WRONG) : got;
	case OUT_INVALID:
		return show(rq, A_LENGTH);
	default:
		return got;
	}
}

enum outcome
account_end(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*hex = pairs_find(&rq->body, "session");
	struct key		 id;
	size_t			 len;
	enum outcome		 got;

	if (hex == NULL || sodium_hex2bin(id.at, KEY_LEN, hex, strlen(hex),
	    NULL, &len, NULL) != 0 || len != KEY_LEN)
		return OUT_INVALID;
	got = session_end(rq, &office->audit, &id);
	return got == OUT_OK ? http_see_other(rq, "/admin/account") : got;
}
