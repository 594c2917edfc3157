/*
 * join.c: apply for membership.  GET shows the form, POST takes one application.
 * Database account: openhall_join, which may only insert submissions.
 */
#include "openhall/intake.h"

static void
start(struct app *app)
{
	app->own = intake_new(app, "membership", "join");
}

static const struct route routes[] = {
	{ .method = GET, .path = "/join", .run = intake_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/join", .run = intake_take,
	  .again = intake_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .form = true },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ intake_queries, intake_n_queries },
	};
	const struct program join = {
		.name = "join",
		.account = "openhall_join",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &join);
}
