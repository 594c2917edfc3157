/*
 * login.c: logging in, and out again.
 */
#include <sodium.h>

#include "admin.h"

enum { LG_NAME, LG_WRONG, LG_WAIT, LG_EXPIRED, LG_TO, LG_CARRIED, LG__COUNT };

static const struct view_name login_names[] = {
	[LG_NAME] = { "name", NULL },
	[LG_WRONG] = { "wrong", NULL },
	[LG_WAIT] = { "wait", NULL },
	[LG_EXPIRED] = { "expired", NULL },
	[LG_TO] = { "to", NULL },
	[LG_CARRIED] = { "carried", NULL },
	[LG__COUNT] = { NULL, NULL }
};

void
login_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->login, "login.html",
	    login_names);
}

enum why { WHY_ASKED = 1, WHY_WRONG, WHY_WAIT, WHY_EXPIRED };

static enum outcome
show(struct request *rq, enum why why, const char *name, struct resume what)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, login_names);

	view_text(v, LG_NAME, name);
	view_text(v, LG_TO, what.to);
	view_text(v, LG_CARRIED, what.packed);
	view_flag(v, LG_WRONG, why == WHY_WRONG);
	view_flag(v, LG_WAIT, why == WHY_WAIT);
	view_flag(v, LG_EXPIRED, why == WHY_EXPIRED);
	if (why == WHY_WAIT)
		http_header(rq, "Retry-After", "60");
	return page_send(rq, &office->login, v, why == WHY_ASKED ? 200 :
	    why == WHY_WAIT ? 429 : 422);
}

/* The log-in again, with all that it held. */
static enum outcome
show_login(struct request *rq, enum why why)
{
	return show(rq, why, pairs_find(&rq->body, "name"), resume_carried(rq));
}

/* The next step of who has a session. */
static enum outcome
step(struct request *rq, struct resume what)
{
	bool go = rq->method == GET || what.packed == NULL;

	switch (rq->session->stage) {
	case STAGE_CODE:
		return go ? http_see_other(rq, "/admin/code") :
		    factor_code_ask(rq, what);
	case STAGE_SETUP:
		return go ? http_see_other(rq, "/admin/factor") :
		    factor_ask(rq, what);
	case STAGE_FULL:
		return resume_show(rq, what);
	}
	return OUT_FAULT;
}

enum outcome
login_ask(struct request *rq)
{
	if (rq->session != NULL)
		return step(rq, resume_pack(rq));
	if (rq->method == GET)
		return http_see_other(rq, "/admin/login");
	return show(rq, WHY_EXPIRED, NULL, resume_pack(rq));
}

enum outcome
login_go_on(struct request *rq)
{
	return step(rq, resume_carried(rq));
}

enum outcome
login_show(struct request *rq)
{
	return show_login(rq, WHY_ASKED);
}

enum outcome
login_again(struct request *rq)
{
	return show_login(rq, WHY_EXPIRED);
}

enum outcome
login_enter(struct request *rq, const struct admin *admin)
{
	const struct office	*office = rq->app->own;
	struct key		 name_key;
	enum outcome		 got;

	if ((got = desk_name_key(rq->app->db, admin->name, &name_key)) != OUT_OK ||
	    (got = session_begin(rq, &office->audit, admin)) != OUT_OK)
		return got;
	throttle_trust(rq, &name_key);
	return login_go_on(rq);
}

enum outcome
login_take(struct request *rq)
{
	const char	*name = pairs_find(&rq->body, "name");
	const char	*password = pairs_find(&rq->body, "password");
	struct admin	 admin;
	struct key	 name_key;
	struct throttle	 t;
	enum outcome	 got;

	if (name == NULL || password == NULL)
		return show_login(rq, WHY_WRONG);
	if ((got = desk_name_key(rq->app->db, name, &name_key)) != OUT_OK)
		return got;
	if ((got = throttle_check(rq, &name_key, &t)) == OUT_LIMITED)
		return show_login(rq, WHY_WAIT);
	if (got != OUT_OK)
		return got;
	got = desk_login(rq->app->db, name, password, &admin);
	if (got == OUT_FORBIDDEN || got == OUT_INVALID) {
		got = throttle_fail(rq, &t);
		return got == OUT_OK ? show_login(rq, WHY_WRONG) : got;
	}
	if (got != OUT_OK)
		return got;
	if ((got = throttle_clear(rq, &t)) == OUT_OK)
		got = login_enter(rq, &admin);
	sodium_memzero(&admin, sizeof(admin));
	/* Removed at this very moment. */
	return got == OUT_MISSING ? show_login(rq, WHY_WRONG) : got;
}

enum outcome
logout(struct request *rq)
{
	const struct office	*office = rq->app->own;
	enum outcome		 got;

	got = session_end(rq, &office->audit, &rq->session->id);
	return got == OUT_OK || got == OUT_MISSING ?
	    http_see_other(rq, "/admin/login") : got;
}
