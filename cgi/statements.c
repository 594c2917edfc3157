/*
 * statements.c: what the organisation says in public, as pages and as feeds, and the list of
 * those who are told of it by mail.
 * Database account: openhall_statements, which reads what is published, adds sign-ups, and
 * marks who holds a code as confirmed or gone.
 */
#include <talloc.h>

#include "openhall/log.h"
#include "statements/pages.h"

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	/* nginx has an older page at hand: better that than to wait. */
	db_hasty(app->db, true);
	list_start(app);
	one_start(app);
	subscribe_start(app);
	letter_start(app);
}

static const struct input before[] = { { "before", 64 }, { NULL, 0 } };
static const struct input code[] = { { "code", 64 }, { NULL, 0 } };
static const struct input signup[] = {
	{ "address", 2000 }, { "lang", 8 }, { "website", 2000 }, { NULL, 0 }
};

static const struct route routes[] = {
	{ .method = GET, .path = "/statements", .run = list_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = before },
	{ .method = GET, .path = "/statements/recent", .run = recent_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/statements.rss", .run = feed_rss,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = before },
	{ .method = GET, .path = "/statements.atom", .run = feed_atom,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = before },
	{ .method = GET, .path = "/statements.json", .run = feed_json,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = before },
	{ .method = GET, .path = "/statements.xml", .run = sitemap_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	/* a year, or one statement */
	{ .method = GET, .path = "/statements/*", .run = one_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = before },
	{ .method = GET, .path = "/subscribe", .run = subscribe_ask,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/subscribe", .run = subscribe_take,
	  .again = subscribe_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = signup },
	{ .method = GET, .path = "/subscribe/sent", .run = subscribe_sent,
	  .access = PUBLIC, .guard = GUARD_NONE },
	/* where the links in our mails lead */
	{ .method = GET, .path = "/subscribe/confirm", .run = confirm_ask,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = code },
	{ .method = POST, .path = "/subscribe/confirm", .run = confirm_take,
	  .again = confirm_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = code },
	{ .method = GET, .path = "/subscribe/confirmed", .run = confirm_done,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/subscribe/leave", .run = leave_ask,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = code },
	{ .method = POST, .path = "/subscribe/leave", .run = leave_one_click,
	  .access = PUBLIC, .guard = GUARD_ONE_CLICK, .inputs = code },
	{ .method = POST, .path = "/subscribe/left", .run = leave_take,
	  .again = leave_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = code },
	{ .method = GET, .path = "/subscribe/left", .run = leave_done,
	  .access = PUBLIC, .guard = GUARD_NONE },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ statement_queries, statement_n_queries },
		{ sitemap_queries, sitemap_n_queries },
		{ subscribe_queries, subscribe_n_queries },
	};
	const struct program statements = {
		.name = "statements",
		.account = "openhall_statements",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &statements);
}
