/*
 * events.c: what takes place, when and where, as pages, calendars and a feed; and who comes.
 * Database account: openhall_events, which reads what is published of events, counts seats, and
 * keeps the answers of those who come, sealed.
 */
#include <talloc.h>

#include "events/pages.h"
#include "events/rsvp.h"
#include "openhall/log.h"
#include "openhall/unit.h"

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	/* nginx has an older page at hand: better that than to wait. */
	db_hasty(app->db, true);
	calendar_start(app->settings);
	list_start(app);
	month_start(app);
	one_start(app);
	own->answering = rsvp_start(app);
}

#define FILTER	{ "kind", 16 }, { "unit", UNIT_SLUG_MAX }, { "area", AREA_SLUG_MAX }, \
	{ "online", 1 }

static const struct input coming[] = { FILTER, { "after", 64 }, { NULL, 0 } };
static const struct input past[] = { FILTER, { "before", 64 }, { NULL, 0 } };
static const struct input filter[] = { FILTER, { NULL, 0 } };
static const struct input dates[] = { { "dates", 8 }, { NULL, 0 } };
static const struct input code[] = { { "code", 200 }, { NULL, 0 } };
static const struct input shown[] = { { "shown", 64 }, { NULL, 0 } };

static const struct route routes[] = {
	{ .method = GET, .path = "/events", .run = list_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = coming },
	{ .method = GET, .path = "/events/past", .run = past_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = past },
	{ .method = GET, .path = "/events/coming", .run = coming_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/events/month", .run = month_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = filter },
	{ .method = GET, .path = "/events/month/*", .run = month_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = filter },
	{ .method = GET, .path = "/events.ics", .run = calendar_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = filter },
	{ .method = GET, .path = "/events.rss", .run = fresh_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/events.xml", .run = sitemap_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	/* an event, or "SLUG.ics" */
	{ .method = GET, .path = "/events/*", .run = one_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = dates },
	{ .method = GET, .path = "/events/*/*", .run = one_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = GET, .path = "/rsvp", .run = mine_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp", .run = mine_take, .again = mine_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = code },
	/* "mine" and no date: no event has such an address. */
	{ .method = GET, .path = "/rsvp/mine/change", .run = change_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp/mine/change", .run = change_take,
	  .again = change_again, .access = PUBLIC, .guard = GUARD_TOKEN, .form = true },
	{ .method = GET, .path = "/rsvp/mine/remove", .run = remove_ask,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp/mine/remove", .run = remove_take,
	  .again = remove_ask, .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = shown },
	{ .method = GET, .path = "/rsvp/mine/gone", .run = remove_done,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp/mine/noted", .run = mine_noted,
	  .again = mine_noted, .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = shown },
	{ .method = POST, .path = "/rsvp/mine/close", .run = mine_close,
	  .again = mine_close, .access = PUBLIC, .guard = GUARD_TOKEN, .inputs = shown },
	{ .method = GET, .path = "/rsvp/*", .run = rsvp_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp/*", .run = rsvp_take, .again = rsvp_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .form = true },
	{ .method = GET, .path = "/rsvp/*/*", .run = rsvp_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/rsvp/*/*", .run = rsvp_take, .again = rsvp_again,
	  .access = PUBLIC, .guard = GUARD_TOKEN, .form = true },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ event_queries, event_n_queries },
		{ event_list_queries, event_list_n_queries },
		{ rsvp_queries, rsvp_n_queries },
		{ mail_queries, mail_n_queries },
		{ unit_queries, unit_n_queries },
		{ sitemap_queries, sitemap_n_queries },
	};
	const struct program events = {
		.name = "events",
		.account = "openhall_events",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &events);
}
