/*
 * receipt.c: for who holds a receipt: the code itself, once; then where the submission
 * stands, the conversation with its desk, correcting, withdrawing and erasing it.
 * Database account: openhall_receipt, which reads a submission by its receipt, and writes what
 * its holder has to say.
 */
#include <talloc.h>

#include "openhall/census.h"
#include "openhall/erase.h"
#include "openhall/log.h"
#include "openhall/talk.h"
#include "openhall/unit.h"
#include "receipt/holder.h"

static void
start(struct app *app)
{
	struct own *own = talloc_zero(app, struct own);

	if ((app->own = own) == NULL)
		log_stop("no memory");
	for (size_t i = 0; i < INTAKES; i++)
		own->intakes[i] = intake_new(own, app, &desks[i]);
	enter_start(app);
	status_start(app);
	deeds_start(app);
}

static const struct input code_input[] = {
	{ "code", 200 },
	{ NULL, 0 }
};
static const struct input message_inputs[] = {
	{ "text", BODY_MAX }, { "code", 200 }, { "shown", 64 },
	{ NULL, 0 }
};
static const struct input needed_inputs[] = {
	{ "still", 3 }, { "shown", 64 },
	{ NULL, 0 }
};
static const struct input shown_input[] = {
	{ "shown", 64 },
	{ NULL, 0 }
};

static const struct route routes[] = {
	{ .method = GET, .path = "/receipt", .run = enter_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .marks = true },
	{ .method = POST, .path = "/receipt", .run = enter_take,
	  .again = enter_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = code_input },
	{ .method = POST, .path = "/receipt/message", .run = deed_write,
	  .again = deed_write_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = message_inputs },
	{ .method = GET, .path = "/receipt/correct", .run = correct_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt/correct", .run = correct_take,
	  .again = correct_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .form = true },
	{ .method = POST, .path = "/receipt/needed", .run = deed_needed,
	  .again = enter_show, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = needed_inputs },
	{ .method = GET, .path = "/receipt/withdraw", .run = deed_withdraw_ask,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt/withdraw", .run = deed_withdraw,
	  .again = deed_withdraw_ask, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = shown_input },
	{ .method = GET, .path = "/receipt/erase", .run = deed_erase_ask,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt/erase", .run = deed_erase,
	  .again = deed_erase_ask, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = shown_input },
	{ .method = GET, .path = "/receipt/erased", .run = deed_erased,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/receipt/close", .run = enter_close,
	  .again = enter_close, .access = PUBLIC, .guard = GUARD_TOKEN },
};

int
main(int argc, char *argv[])
{
	const struct db_set	sets[] = {
		{ holding_queries, holding_n_queries },
		{ deed_queries, deed_n_queries },
		{ correct_queries, correct_n_queries },
		{ talk_queries, talk_n_queries },
		{ erase_queries, erase_n_queries },
		{ unit_queries, unit_n_queries },
		{ census_queries, census_n_queries },
	};
	const struct program	receipt = {
		.name = "receipt",
		.account = "openhall_receipt",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
	};

	return route_main(argc, argv, &receipt);
}
