/*
 * welcome.c: whoever was invited becomes an admin.
 */
#include <sodium.h>
#include <string.h>

#include "admin.h"

enum { W_INVITATION, W_GONE, W_NAME, W_NAME_ERROR, W_NAME_TAKEN, W_LENGTH,
	W_DIFFER, W_EXPIRED, W_ERROR, W__COUNT };

static const struct view_name welcome_names[] = {
	[W_INVITATION] = { "invitation", NULL },
	[W_GONE] = { "gone", NULL },
	[W_NAME] = { "name", NULL },
	[W_NAME_ERROR] = { "name_error", NULL },
	[W_NAME_TAKEN] = { "name_taken", NULL },
	[W_LENGTH] = { "length", NULL },
	[W_DIFFER] = { "differ", NULL },
	[W_EXPIRED] = { "expired", NULL },
	[W_ERROR] = { "problem", NULL },
	[W__COUNT] = { NULL, NULL }
};

void
welcome_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->welcome, "welcome.html",
	    welcome_names);
}

static struct view *
welcome_view(struct request *rq, const char *invitation)
{
	struct view *v = view_new(rq, welcome_names);

	view_text(v, W_INVITATION, invitation);
	view_text(v, W_NAME, pairs_find(&rq->body, "name"));
	return v;
}

static enum outcome
show_welcome(struct request *rq, const char *invitation, size_t problem)
{
	const struct office	*office = rq->app->own;
	struct view		*v = welcome_view(rq, invitation);

	if (problem == W__COUNT)
		return page_send(rq, &office->welcome, v, 200);
	view_flag(v, problem, 1);
	view_flag(v, W_ERROR, problem != W_GONE && problem != W_EXPIRED);
	return page_send(rq, &office->welcome, v, problem == W_GONE ? 404 : 422);
}

/* Tell all at once what is wrong with what was typed, as far as can be seen before it is tried;
 * false: nothing. */
static bool
show_mistakes(struct request *rq, const char *invitation, enum outcome *got)
{
	const struct office	*office = rq->app->own;
	const char		*name = pairs_find(&rq->body, "name");
	const char		*password = pairs_find(&rq->body, "password");
	const char		*again = pairs_find(&rq->body, "again");
	size_t			 length = password != NULL ? strlen(password) : 0;
	bool			 no_name = name == NULL || name[strspn(name, " \t")] == '\0';
	bool			 bad = length < PASSWORD_LEAST || length > PASSWORD_MOST;
	bool			 differ = length > 0 &&
				    (again == NULL || strcmp(password, again) != 0);
	struct view		*v;

	if (!no_name && !bad && !differ)
		return false;
	v = welcome_view(rq, invitation);
	view_flag(v, W_NAME_ERROR, no_name);
	view_flag(v, W_LENGTH, bad);
	view_flag(v, W_DIFFER, differ);
	view_flag(v, W_ERROR, 1);
	*got = page_send(rq, &office->welcome, v, 422);
	return true;
}

enum outcome
welcome_show(struct request *rq)
{
	const char	*typed = pairs_find(&rq->query, "invitation");
	struct code	 code;
	enum outcome	 got;

	if (typed == NULL || code_read(&code, typed) != OUT_OK)
		return show_welcome(rq, NULL, W_GONE);
	got = desk_invited(rq->app->db, rq->now, &code);
	if (got == OUT_MISSING)
		return show_welcome(rq, NULL, W_GONE);
	return got == OUT_OK ? show_welcome(rq, typed, W__COUNT) : got;
}

enum outcome
welcome_again(struct request *rq)
{
	return show_welcome(rq, pairs_find(&rq->body, "invitation"), W_EXPIRED);
}

enum outcome
welcome_take(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*typed = pairs_find(&rq->body, "invitation");
	const char		*name = pairs_find(&rq->body, "name");
	const char		*password = pairs_find(&rq->body, "password");
	struct code		 code;
	struct admin		 admin;
	enum outcome		 got;

	if (typed == NULL || code_read(&code, typed) != OUT_OK)
		return show_welcome(rq, NULL, W_GONE);
	if (show_mistakes(rq, typed, &got))
		return got;
	got = desk_accept(rq->app->db, &office->audit, rq->now, &code, name,
	    password, &admin);
	switch (got) {
	case OUT_OK:
		break;
	case OUT_MISSING:
		return show_welcome(rq, NULL, W_GONE);
	case OUT_CONFLICT:
		return show_welcome(rq, typed, W_NAME_TAKEN);
	case OUT_INVALID:
		return show_welcome(rq, typed, W_NAME_ERROR);
	default:
		return got;
	}
	got = login_enter(rq, &admin);
	sodium_memzero(&admin, sizeof(admin));
	return got;
}
