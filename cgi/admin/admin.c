/*
 * admin.c: the back office: its addresses, and who may use them.
 * Database account: openhall_admin, which serves the desks.
 */
#include <talloc.h>

#include "admin.h"
#include "openhall/event.h"
#include "openhall/log.h"
#include "openhall/person.h"
#include "openhall/rsvp.h"
#include "openhall/talk.h"

static void
start(struct app *app)
{
	struct office *office = talloc_zero(app, struct office);

	if ((app->own = office) == NULL)
		log_stop("no memory");
	seal_read_key(&office->audit, app->settings->key_dir, "audit.key");
	office->mails = notice_start(&office->mail, app->settings);
	for (size_t i = 0; i < INTAKES; i++)
		office->intakes[i] = intake_new(office, app, &desks[i]);
	login_start(app);
	resume_start(app);
	welcome_start(app);
	account_start(app);
	factor_start(app);
	people_start(app);
	dashboard_start(app);
	queue_start(app);
	find_start(app);
	review_start(app);
	entry_start(app);
	units_start(app);
	statements_start(app);
	statement_start(app);
	publish_start(app);
	editions_start(app);
	events_start(app);
	event_start(app);
	event_dates_start(app);
	event_date_start(app);
	event_guests_start(app);
	event_guest_start(app);
}

static const char *
session_token(const struct request *rq)
{
	return rq->session != NULL ? rq->session->token : NULL;
}

static bool
is_in(const struct request *rq)
{
	return rq->session->stage == STAGE_FULL;
}

static const struct input login_inputs[] = {
	{ "name", 256 }, { "password", 1024 }, { "to", 200 },
	{ "carried", BODY_LONG }, { NULL, 0 }
};
static const struct input invitation_input[] = {
	{ "invitation", 100 }, { NULL, 0 }
};
static const struct input welcome_inputs[] = {
	{ "invitation", 100 }, { "name", 1024 }, { "password", 1024 },
	{ "again", 1024 }, { NULL, 0 }
};
static const struct input desk_input[] = {
	{ "desk", 32 }, { NULL, 0 }
};
static const struct input invite_inputs[] = {
	{ "desk", 32 }, { "email", 1000 }, { NULL, 0 }
};
static const struct input queue_inputs[] = {
	{ "desk", 32 }, { "list", 20 }, { "after", 100 }, { NULL, 0 }
};
static const struct input case_inputs[] = {
	{ "list", 20 }, { "after", 100 }, { "at", 100 }, { "done", 20 }, { NULL, 0 }
};
static const struct input find_input[] = {
	{ "who", 1000 }, { NULL, 0 }
};
static const struct input vote_inputs[] = {
	{ "vote", 20 }, { "reason", BODY_MAX }, { NULL, 0 }
};
static const struct input message_input[] = {
	{ "text", BODY_MAX }, { NULL, 0 }
};
static const struct input state_inputs[] = {
	{ "state", 20 }, { "was", 20 }, { "text", BODY_MAX }, { NULL, 0 }
};
static const struct input assign_inputs[] = {
	{ "admin", 2 * ID_LEN }, { "was", 2 * ID_LEN }, { NULL, 0 }
};
static const struct input note_inputs[] = {
	{ "way", 20 }, { "text", BODY_MAX }, { NULL, 0 }
};
static const struct input unit_inputs[] = {
	{ "name", 4096 }, { "kind", 20 }, { "state", 20 }, { "area", 40 },
	{ "about", BODY_MAX }, { "step", 20 }, { NULL, 0 }
};
static const struct input statements_inputs[] = {
	{ "list", 20 }, { "after", 100 }, { NULL, 0 }
};
static const struct input statement_inputs[] = {
	{ "of", 2 * ID_LEN }, { "lang", 8 }, { "done", 20 }, { NULL, 0 }
};
static const struct input edit_inputs[] = {
	{ "id", 2 * ID_LEN }, { "of", 2 * ID_LEN }, { "version", 20 }, { "lang", 8 },
	{ "slug", BODY_LONG }, { "title", BODY_LONG }, { "summary", BODY_LONG },
	{ "body", BODY_LONG }, { "step", 20 }, { NULL, 0 }
};
static const struct input version_input[] = {
	{ "version", 20 }, { NULL, 0 }
};
static const struct input approve_inputs[] = {
	{ "version", 20 }, { "vote", 20 }, { "reason", BODY_MAX }, { NULL, 0 }
};
static const struct input publish_inputs[] = {
	{ "version", 20 }, { "at", 100 }, { "note", BODY_MAX }, { NULL, 0 }
};
static const struct input difference_inputs[] = {
	{ "from", 20 }, { "to", 20 }, { NULL, 0 }
};
static const struct input events_inputs[] = {
	{ "list", 20 }, { "after", 100 }, { NULL, 0 }
};
static const struct input event_inputs[] = {
	{ "of", 2 * ID_LEN }, { "done", 20 }, { NULL, 0 }
};
static const struct input event_cancel_inputs[] = {
	{ "version", 20 }, { "note", BODY_MAX }, { NULL, 0 }
};
static const struct input event_state_inputs[] = {
	{ "sequence", 20 }, { "step", 20 }, { "why", BODY_MAX }, { NULL, 0 }
};
static const struct input event_guests_inputs[] = {
	{ "after", 100 }, { "done", 20 }, { NULL, 0 }
};
static const struct input event_came_inputs[] = {
	{ "listed", 2 * ID_LEN }, { "came", 2 * ID_LEN }, { NULL, 0 }
};
static const struct input account_inputs[] = {
	{ "changed", 1 }, { NULL, 0 }
};
static const struct input password_inputs[] = {
	{ "old", 1024 }, { "password", 1024 }, { "again", 1024 }, { NULL, 0 }
};
static const struct input session_input[] = {
	{ "session", 2 * KEY_LEN }, { NULL, 0 }
};
static const struct input code_inputs[] = {
	{ "code", 100 }, { "recovery", 100 }, { "to", 200 },
	{ "carried", BODY_LONG }, { NULL, 0 }
};
static const struct input factor_inputs[] = {
	{ "first", 100 }, { "current", 100 }, { "to", 200 },
	{ "carried", BODY_LONG }, { NULL, 0 }
};
static const struct input current_input[] = {
	{ "current", 100 }, { NULL, 0 }
};

static const struct route routes[] = {
	{ .method = GET, .path = "/admin/", .run = dashboard_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = GET, .path = "/admin/queue", .run = queue_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = queue_inputs },
	{ .method = GET, .path = "/admin/login", .run = login_show,
	  .access = PUBLIC, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/login", .run = login_take,
	  .again = login_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = login_inputs },
	{ .method = GET, .path = "/admin/welcome", .run = welcome_show,
	  .access = PUBLIC, .guard = GUARD_NONE, .inputs = invitation_input },
	{ .method = POST, .path = "/admin/welcome", .run = welcome_take,
	  .again = welcome_again, .access = PUBLIC, .guard = GUARD_TOKEN,
	  .inputs = welcome_inputs },
	{ .method = POST, .path = "/admin/logout", .run = logout,
	  .access = ENTERING, .guard = GUARD_SESSION },
	{ .method = GET, .path = "/admin/code", .run = factor_code_show,
	  .access = ENTERING, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/code", .run = factor_code_take,
	  .again = factor_code_again, .access = ENTERING, .guard = GUARD_SESSION,
	  .inputs = code_inputs },
	{ .method = GET, .path = "/admin/factor", .run = factor_show,
	  .access = ENTERING, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/factor", .run = factor_take,
	  .again = factor_again, .access = ENTERING, .guard = GUARD_SESSION,
	  .inputs = factor_inputs },
	{ .method = POST, .path = "/admin/factor/codes", .run = factor_codes,
	  .again = factor_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .inputs = current_input },
	{ .method = POST, .path = "/admin/factor/drop", .run = factor_drop,
	  .again = factor_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .inputs = current_input },
	{ .method = GET, .path = "/admin/account", .run = account_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = account_inputs },
	{ .method = POST, .path = "/admin/account/password", .run = account_password,
	  .again = account_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .inputs = password_inputs },
	{ .method = POST, .path = "/admin/account/end", .run = account_end,
	  .again = account_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .inputs = session_input },
	{ .method = GET, .path = "/admin/people", .run = people_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/people/invite", .run = people_invite,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = invite_inputs },
	{ .method = POST, .path = "/admin/people/leave", .run = people_leave,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = desk_input },
	{ .method = POST, .path = "/admin/people/*/grant", .run = people_grant,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = desk_input },
	{ .method = GET, .path = "/admin/people/*/remove", .run = people_remove_ask,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/people/*/remove", .run = people_remove,
	  .access = ADMIN, .guard = GUARD_SESSION },
	{ .method = GET, .path = "/admin/find", .run = find_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/find", .run = find_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = find_input },
	{ .method = GET, .path = "/admin/case/*", .run = review_show,
	  .access = ADMIN, .guard = GUARD_NONE, .marks = true, .inputs = case_inputs },
	{ .method = POST, .path = "/admin/case/*/open", .run = decide_open,
	  .access = ADMIN, .guard = GUARD_SESSION },
	{ .method = POST, .path = "/admin/case/*/vote", .run = decide_vote,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = vote_inputs },
	{ .method = POST, .path = "/admin/case/*/recuse", .run = decide_recuse,
	  .access = ADMIN, .guard = GUARD_SESSION },
	{ .method = POST, .path = "/admin/case/*/message", .run = talk_send,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = message_input },
	{ .method = POST, .path = "/admin/case/*/state", .run = work_state,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = state_inputs },
	{ .method = POST, .path = "/admin/case/*/assign", .run = work_assign,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = assign_inputs },
	{ .method = POST, .path = "/admin/case/*/note", .run = work_note,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = note_inputs },
	{ .method = GET, .path = "/admin/entry/*", .run = entry_choose,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = GET, .path = "/admin/entry/phone/*", .run = entry_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/entry/phone/*", .run = entry_take,
	  .again = entry_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .form = true },
	{ .method = GET, .path = "/admin/entry/paper/*", .run = entry_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/entry/paper/*", .run = entry_take,
	  .again = entry_again, .access = ADMIN, .guard = GUARD_SESSION,
	  .form = true },
	{ .method = GET, .path = "/admin/units", .run = units_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = GET, .path = "/admin/units/*", .run = units_edit,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/units/*", .run = units_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = unit_inputs },
	{ .method = GET, .path = "/admin/statements", .run = statements_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = statements_inputs },
	{ .method = GET, .path = "/admin/statements/*", .run = edit_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = statement_inputs },
	{ .method = POST, .path = "/admin/statements/*", .run = edit_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = edit_inputs },
	{ .method = POST, .path = "/admin/statements/*/ask", .run = approve_ask,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = version_input },
	{ .method = POST, .path = "/admin/statements/*/vote", .run = approve_vote,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = approve_inputs },
	{ .method = POST, .path = "/admin/statements/*/recuse", .run = approve_recuse,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = version_input },
	{ .method = POST, .path = "/admin/statements/*/publish", .run = publish_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = publish_inputs },
	{ .method = GET, .path = "/admin/statements/*/withdraw", .run = publish_withdraw_ask,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/statements/*/withdraw", .run = publish_withdraw,
	  .access = ADMIN, .guard = GUARD_SESSION },
	{ .method = POST, .path = "/admin/statements/*/announce", .run = publish_announce,
	  .access = ADMIN, .guard = GUARD_SESSION },
	{ .method = GET, .path = "/admin/statements/*/difference", .run = editions_difference,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = difference_inputs },
	/* What describes an event has fields for each language of the site. */
	{ .method = GET, .path = "/admin/events", .run = events_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = events_inputs },
	{ .method = GET, .path = "/admin/events/*", .run = event_edit_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = event_inputs },
	{ .method = POST, .path = "/admin/events/*", .run = event_edit_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .form = true },
	{ .method = GET, .path = "/admin/events/*/dates", .run = event_dates_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = events_inputs },
	{ .method = POST, .path = "/admin/events/*/publish", .run = event_publish,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = version_input },
	{ .method = POST, .path = "/admin/events/*/draft", .run = event_draft,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = version_input },
	{ .method = POST, .path = "/admin/events/*/cancel", .run = event_cancel,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = event_cancel_inputs },
	{ .method = POST, .path = "/admin/events/*/revive", .run = event_revive,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = version_input },
	{ .method = GET, .path = "/admin/events/date/*", .run = event_date_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = event_inputs },
	{ .method = POST, .path = "/admin/events/date/*", .run = event_date_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .form = true },
	{ .method = GET, .path = "/admin/events/date/*/guests", .run = event_guests_show,
	  .access = ADMIN, .guard = GUARD_NONE, .inputs = event_guests_inputs },
	{ .method = POST, .path = "/admin/events/date/*/came", .run = event_guests_came,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = event_came_inputs },
	{ .method = GET, .path = "/admin/events/date/*/guests/*", .run = event_guest_show,
	  .access = ADMIN, .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/events/date/*/guests/*", .run = event_guest_take,
	  .access = ADMIN, .guard = GUARD_SESSION, .form = true },
	{ .method = POST, .path = "/admin/events/date/*/state", .run = event_date_state,
	  .access = ADMIN, .guard = GUARD_SESSION, .inputs = event_state_inputs },
};

int
main(int argc, char *argv[])
{
	const struct db_set sets[] = {
		{ throttle_queries, throttle_n_queries },
		{ account_queries, account_n_queries },
		{ proof_queries, proof_n_queries },
		{ factor_queries, factor_n_queries },
		{ people_queries, people_n_queries },
		{ waiting_queries, waiting_n_queries },
		{ weeks_queries, weeks_n_queries },
		{ health_queries, health_n_queries },
		{ queue_queries, queue_n_queries },
		{ case_queries, case_n_queries },
		{ review_queries, review_n_queries },
		{ decide_queries, decide_n_queries },
		{ talk_queries, talk_n_queries },
		{ author_queries, author_n_queries },
		{ work_queries, work_n_queries },
		{ panel_queries, panel_n_queries },
		{ suggest_queries, suggest_n_queries },
		{ units_queries, units_n_queries },
		{ unit_queries, unit_n_queries },
		{ draft_queries, draft_n_queries },
		{ statements_queries, statements_n_queries },
		{ statement_page_queries, statement_page_n_queries },
		{ edit_queries, edit_n_queries },
		{ approve_queries, approve_n_queries },
		{ publish_queries, publish_n_queries },
		{ edition_queries, edition_n_queries },
		{ plan_queries, plan_n_queries },
		{ events_queries, events_n_queries },
		{ event_edit_queries, event_edit_n_queries },
		{ event_publish_queries, event_publish_n_queries },
		{ event_dates_queries, event_dates_n_queries },
		{ event_date_queries, event_date_n_queries },
		{ event_guests_queries, event_guests_n_queries },
		{ event_guest_queries, event_guest_n_queries },
		{ event_spread_queries, event_spread_n_queries },
		{ rsvp_queries, rsvp_n_queries },
		{ submission_entry_queries, submission_entry_n_queries },
		{ session_queries, session_n_queries },
		{ desk_queries, desk_n_queries },
		{ roles_queries, roles_n_queries },
		{ person_queries, person_n_queries },
		{ audit_queries, audit_n_queries },
		{ mail_queries, mail_n_queries },
	};
	const struct program admin = {
		.name = "admin",
		.account = "openhall_admin",
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(*routes),
		.body_most = BODY_LONG,
		.sets = sets,
		.n_sets = sizeof(sets) / sizeof(*sets),
		.start = start,
		.identify = session_find,
		.is_in = is_in,
		.ask_login = login_ask,
		.session_token = session_token,
	};

	return route_main(argc, argv, &admin);
}
