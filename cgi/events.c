/*
 * events.c: what takes place, when and where, as pages, calendars and a feed; and who comes.
 * Database account: openhall_events, which reads what is published of events, counts seats, and
 * keeps the answers of those who come, sealed.
 */
#include <talloc.h>

#include "openhall/log.h"
#include "openhall/route.h"

struct own { struct page list; };

static const struct view_name list_names[] = { { NULL, NULL } };

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	/* nginx has an older page at hand: better that than to wait. */
	db_hasty(app->db, true);
	page_compile(own, app->settings, &own->list, "events.html", list_names);
}

static enum outcome
list_show(struct request *rq)
{
	const struct own *own = rq->app->own;

	return page_send(rq, &own->list, view_new(rq, list_names), 200);
}

static const struct route routes[] = {
	{ .method = GET, .path = "/events", .run = list_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
};

int
main(int argc, char *argv[])
{
	const struct program events = {
		.name = "events",
		.account = "openhall_events",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.start = start,
	};

	return route_main(argc, argv, &events);
}
