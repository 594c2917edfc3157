/*
 * support.c: sign up as a supporter.  GET shows the form, POST takes one sign-up.
 * Database account: openhall_support, which may only insert submissions and read
 * what is public about the units.
 */
#include "openhall/intake.h"
#include "openhall/mail.h"

static void
start(struct app *app)
{
	app->own = intake_new(app, app, &desks[DESK_SUPPORTERS]);
}

static const struct route routes[] = {
	{ .method = GET, .path = "/support", .run = intake_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/support", .run = intake_take,
	  .again = intake_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .form = true },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ submission_queries, submission_n_queries },
		{ unit_queries, unit_n_queries },
		{ mail_queries, mail_n_queries },
	};
	const struct program support = {
		.name = "support",
		.account = "openhall_support",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &support);
}
