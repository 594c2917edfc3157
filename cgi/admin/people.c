/*
 * people.c: who serves at the desk, inviting another, and one's own sessions.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/when.h"

enum { Q_PEOPLE, Q_SESSIONS, Q__COUNT };

const struct db_query people_queries[] = {	/* takes, gives, sql */
	[Q_PEOPLE] = { "s", "bsi",
	    "SELECT a.id, a.name, a.created_at FROM desk_key k"
	    " JOIN admin a ON a.id = k.admin WHERE k.desk = ?"
	    " ORDER BY a.name LIMIT 500" },
	[Q_SESSIONS] = { "bib", "bii",
	    "SELECT id, created_at, expires_at FROM session"
	    " WHERE admin = ? AND expires_at > ?"
	    " ORDER BY id = ? DESC, created_at DESC LIMIT 100" },
};
const size_t people_n_queries = Q__COUNT;

enum { PE_NAME, PE_SINCE, PE_ME, PE__COUNT };

static const struct view_name person_names[] = {
	[PE_NAME] = { "name", NULL },
	[PE_SINCE] = { "since", NULL },
	[PE_ME] = { "me", NULL },
	[PE__COUNT] = { NULL, NULL }
};

enum { P_PEOPLE, P_ALONE, P__COUNT };

static const struct view_name people_names[] = {
	[P_PEOPLE] = { "people", person_names },
	[P_ALONE] = { "alone", NULL },
	[P__COUNT] = { NULL, NULL }
};

enum { V_LINK, V_DAYS, V__COUNT };

static const struct view_name invited_names[] = {
	[V_LINK] = { "link", NULL },
	[V_DAYS] = { "days", NULL },
	[V__COUNT] = { NULL, NULL }
};

enum { SE_ID, SE_SINCE, SE_UNTIL, SE_THIS, SE__COUNT };

static const struct view_name session_row_names[] = {
	[SE_ID] = { "id", NULL },
	[SE_SINCE] = { "since", NULL },
	[SE_UNTIL] = { "until", NULL },
	[SE_THIS] = { "this", NULL },
	[SE__COUNT] = { NULL, NULL }
};

static const struct view_name sessions_names[] = {
	{ "sessions", session_row_names },
	{ NULL, NULL }
};

void
people_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->people, "people.html",
	    people_names);
	page_compile(office, app->settings, &office->invited, "invited.html",
	    invited_names);
	page_compile(office, app->settings, &office->sessions, "sessions.html",
	    sessions_names);
}

enum outcome
people_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, people_names);
	struct db_rows		 rows;
	enum outcome		 got;

	got = db_all(rq->app->db, rq, &people_queries[Q_PEOPLE], &rows,
	    DB_TEXT(DESK));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct view		*row = view_row(v, P_PEOPLE);

		view_text(row, PE_NAME, at[1].bytes.data);
		view_text(row, PE_SINCE, when_day(rq, rq->words, at[2].number));
		view_flag(row, PE_ME, memcmp(at[0].bytes.data,
		    rq->session->admin.id.at, ID_LEN) == 0);
	}
	view_flag(v, P_ALONE, rows.n < rq->settings->membership.reviewers);
	return page_send(rq, &office->people, v, 200);
}

/* The link is shown in the answer itself and nowhere else: nothing stores it. */
enum outcome
people_invite(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, invited_names);
	struct code		 code;
	enum outcome		 got;

	got = desk_invite(rq->app->db, &office->audit, rq->now,
	    &rq->session->admin, &code);
	if (got != OUT_OK)
		return got;
	view_text(v, V_LINK, talloc_asprintf(rq,
	    "%s%s/admin/welcome?invitation=%s", rq->settings->origin,
	    rq->words->prefix, code.text));
	view_number(v, V_DAYS, INVITATION_DAYS);
	return page_send(rq, &office->invited, v, 200);
}

enum outcome
sessions_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, sessions_names);
	struct db_rows		 rows;
	enum outcome		 got;

	got = db_all(rq->app->db, rq, &people_queries[Q_SESSIONS], &rows,
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_INT(rq->now),
	    DB_BYTES(rq->session->id.at, KEY_LEN));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct view		*row = view_row(v, 0);
		char			*hex = talloc_size(rq, 2 * KEY_LEN + 1);

		if (hex == NULL)
			return OUT_FAULT;
		sodium_bin2hex(hex, 2 * KEY_LEN + 1, at[0].bytes.data, KEY_LEN);
		view_text(row, SE_ID, hex);
		view_text(row, SE_SINCE, when_moment(rq, rq->words,
		    at[1].number));
		view_text(row, SE_UNTIL, when_moment(rq, rq->words,
		    at[2].number));
		view_flag(row, SE_THIS, memcmp(at[0].bytes.data,
		    rq->session->id.at, KEY_LEN) == 0);
	}
	return page_send(rq, &office->sessions, v, 200);
}

enum outcome
sessions_end(struct request *rq)
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
	return got == OUT_OK ? http_see_other(rq, "/admin/sessions") : got;
}
