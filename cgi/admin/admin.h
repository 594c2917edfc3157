/*
 * admin.h: what the pages of the back office share.  Private to cgi/admin.
 */
#ifndef OPENHALL_ADMIN_H
#define OPENHALL_ADMIN_H

#include "openhall/audit.h"
#include "openhall/desk.h"
#include "openhall/form.h"
#include "openhall/intake.h"
#include "openhall/notice.h"
#include "openhall/route.h"
#include "openhall/rule.h"
#include "openhall/session.h"

/* The program's own: its pages, the forms by desk, the key of the audit. */
struct office {
	struct page		 login, welcome, dashboard, queue, review, people, people_remove,
				 invited, account, code, factor, resume, find,
				 entry, entered, units, unit,
				 statements, statement, difference, withdraw,
				 events, event, event_dates, event_date, guests, guest,
				 guest_code;
	struct intake		*intakes[INTAKES];
	struct form		*rsvp;		/* whether they come; NULL: the site has none */
	struct sealer		 hosts;	/* the key of the desk of events */
	struct key		 audit;
	bool			 mails;		/* the portal sends mail, sealed by: */
	struct sealer		 mail;
};

/* ---- login.c: logging in, and out again ---- */
void		 login_start(struct app *);
enum outcome	 login_ask(struct request *);	/* for a page that needs a log-in */
enum outcome	 login_show(struct request *);
enum outcome	 login_take(struct request *);
enum outcome	 login_again(struct request *);
enum outcome	 logout(struct request *);

/* Begin the session of who has just proved their password, and go on. */
enum outcome	 login_enter(struct request *, const struct admin *);

/* For who has a session: to the next step in; from the last to what they were sending, if the
 * body says so, or to the first page. */
enum outcome	 login_go_on(struct request *);

/* ---- resume.c: what was being sent when a session had ended ---- */
void		 resume_start(struct app *);

/* What a POST that could not be let in was sending: the page `to` and its fields as one text,
 * below the request; or what it carried along already.  Both NULL: nothing worth it. */
struct resume { const char *to, *packed; };
struct resume	 resume_pack(struct request *);

/* What the body of a log-in, or of a step of it, carries along. */
struct resume	 resume_carried(const struct request *);

/* For who is logged in now: ask whether to send them to the page `to` after all; or go to
 * the first page when there are none. */
enum outcome	 resume_show(struct request *, struct resume);

/* ---- throttle.c: how often a log-in may fail ---- */
extern const struct db_query throttle_queries[];
extern const size_t throttle_n_queries;

/* Where the failures of a log-in are counted, and how many there were. */
struct throttle {
	struct key	bucket;
	int64_t		failures;
};

/* Fill it for a name (desk_name_key()); for what the one who has a session tries, "code" or
 * "password".  OUT_LIMITED: not yet again; OUT_OK; OUT_AWAY; OUT_FAULT. */
enum outcome	 throttle_check(struct request *, const struct key *name_key,
		    struct throttle *);
enum outcome	 throttle_check_own(struct request *, const char *what, struct throttle *);
enum outcome	 throttle_fail(struct request *, const struct throttle *);
enum outcome	 throttle_clear(struct request *, const struct throttle *);

/* Remember that this browser has logged in under the name. */
void		 throttle_trust(struct request *, const struct key *name_key);

/* ---- welcome.c: whoever was invited becomes an admin ---- */
void		 welcome_start(struct app *);
enum outcome	 welcome_show(struct request *);
enum outcome	 welcome_take(struct request *);
enum outcome	 welcome_again(struct request *);

/* ---- people.c: who serves at which desk ---- */
extern const struct db_query people_queries[];
extern const size_t people_n_queries;
void		 people_start(struct app *);
enum outcome	 people_show(struct request *);
enum outcome	 people_invite(struct request *);
enum outcome	 people_grant(struct request *);	/* /admin/people/ID/grant: desk */
enum outcome	 people_leave(struct request *);	/* /admin/people/leave: desk */
enum outcome	 people_remove_ask(struct request *);	/* /admin/people/ID/remove */
enum outcome	 people_remove(struct request *);

/* ---- account.c: one's own password, second factor and sessions ---- */
extern const struct db_query account_queries[];
extern const size_t account_n_queries;
void		 account_start(struct app *);
enum outcome	 account_show(struct request *);	/* /admin/account */
enum outcome	 account_again(struct request *);
enum outcome	 account_password(struct request *);
enum outcome	 account_end(struct request *);		/* of a session */

/* ---- proof.c, factor.c: the second factor ---- */
extern const struct db_query proof_queries[], factor_queries[];
extern const size_t proof_n_queries, factor_n_queries;
void		 factor_start(struct app *);
enum outcome	 factor_code_show(struct request *);	/* /admin/code: the second step in */
enum outcome	 factor_code_take(struct request *);
enum outcome	 factor_code_again(struct request *);
enum outcome	 factor_code_ask(struct request *, struct resume);
enum outcome	 factor_show(struct request *);		/* /admin/factor: set it up */
enum outcome	 factor_take(struct request *);
enum outcome	 factor_again(struct request *);
enum outcome	 factor_ask(struct request *, struct resume);
enum outcome	 factor_codes(struct request *);	/* /admin/factor/codes: new ones */
enum outcome	 factor_drop(struct request *);		/* /admin/factor/drop */

/* Whether the one who is logged in has a second factor, and how many recovery codes. */
enum outcome	 factor_state(struct request *, bool *has, int64_t *codes);

/* ---- dashboard.c: the first page; what it shows, dashboard_*.c ---- */
extern const struct db_query waiting_queries[], weeks_queries[], health_queries[];
extern const size_t waiting_n_queries, weeks_n_queries, health_n_queries;
void		 dashboard_start(struct app *);
enum outcome	 dashboard_show(struct request *);	/* /admin/ */

/* ---- queue.c: what is waiting ---- */
extern const struct db_query queue_queries[];
extern const size_t queue_n_queries;
void		 queue_start(struct app *);
enum outcome	 queue_show(struct request *);		/* /admin/queue */

/* ---- case.c: reading a case ---- */
extern const struct db_query case_queries[];
extern const size_t case_n_queries;

/* ---- review.c: the page of a case ---- */
extern const struct db_query review_queries[];
extern const size_t review_n_queries;
void		 review_start(struct app *);
enum outcome	 review_show(struct request *);

/* ---- decide.c: what is done to a case ---- */
extern const struct db_query decide_queries[];
extern const size_t decide_n_queries;
enum outcome	 decide_open(struct request *);
enum outcome	 decide_vote(struct request *);
enum outcome	 decide_recuse(struct request *);

/* ---- answers.c: opening what was sealed ---- */

/* The content key of submission `id`, sealed to the desk as `sealed`. */
enum outcome	 answers_key(const struct key *desk_secret, const struct id *,
		    struct bytes sealed, struct key *content);

/* The form of a desk, with the units there are. */
const struct form *answers_form(struct request *, const struct desk *);

/* The answers in `body`; OUT_MISSING when they were erased. */
enum outcome	 answers_open(struct request *, const struct desk *,
		    const struct key *content, const struct id *, struct bytes body,
		    struct form_answers **, struct pairs *strays);

/* The same of what was sealed as `word`, such as a former version. */
enum outcome	 answers_open_as(struct request *, const struct desk *,
		    const struct key *content, const struct id *, const char *word,
		    struct bytes body, struct form_answers **, struct pairs *strays);

/* The answer to the question `name`, or NULL. */
const char	*answers_value(const struct form_answers *, const char *name);

/* By what a case is called in a list: the name that was given; NULL: none was. */
const char	*answers_name(const struct form_answers *);

/* ---- talk.c: writing to who holds the receipt ---- */
extern const struct db_query author_queries[];
extern const size_t author_n_queries;
enum outcome	 talk_send(struct request *);		/* /admin/case/ID/message */

/* ---- work.c: a case that is not decided but worked on; panel.c, suggest.c: its page ---- */
extern const struct db_query work_queries[], panel_queries[], suggest_queries[];
extern const size_t work_n_queries, panel_n_queries, suggest_n_queries;
enum outcome	 work_state(struct request *);		/* /admin/case/ID/state: state */
enum outcome	 work_assign(struct request *);		/* /admin/case/ID/assign: admin */
enum outcome	 work_note(struct request *);		/* /admin/case/ID/note: way, text */

/* ---- find.c: a person by address or number ---- */
void		 find_start(struct app *);
enum outcome	 find_show(struct request *);		/* /admin/find */
enum outcome	 find_take(struct request *);

/* ---- entry.c: what was asked by phone or on paper ---- */
void		 entry_start(struct app *);
enum outcome	 entry_choose(struct request *);	/* /admin/entry/DESK: how it came */
enum outcome	 entry_show(struct request *);		/* /admin/entry/phone/DESK, paper/DESK */
enum outcome	 entry_take(struct request *);
enum outcome	 entry_again(struct request *);

/* ---- units.c: the units, for those who keep them ---- */
extern const struct db_query units_queries[];
extern const size_t units_n_queries;
void		 units_start(struct app *);
enum outcome	 units_show(struct request *);		/* /admin/units */
enum outcome	 units_edit(struct request *);		/* /admin/units/SLUG, SLUG "new": another */
enum outcome	 units_take(struct request *);

/* ---- statements: for those who serve at their desk; to all others they are not there ---- */
extern const struct db_query draft_queries[], statements_queries[], statement_page_queries[],
			     edit_queries[], approve_queries[], publish_queries[],
			     edition_queries[];
extern const size_t draft_n_queries, statements_n_queries, statement_page_n_queries,
		    edit_n_queries, approve_n_queries, publish_n_queries, edition_n_queries;
void		 statements_start(struct app *);
void		 statement_start(struct app *);
void		 publish_start(struct app *);
void		 editions_start(struct app *);
enum outcome	 statements_show(struct request *);	/* /admin/statements */
enum outcome	 edit_show(struct request *);		/* .../ID, ID "new": another */
enum outcome	 edit_take(struct request *);
enum outcome	 approve_ask(struct request *);		/* /admin/statements/ID/ask */
enum outcome	 approve_vote(struct request *);
enum outcome	 approve_recuse(struct request *);
enum outcome	 publish_take(struct request *);	/* /admin/statements/ID/publish: at, note */
enum outcome	 publish_withdraw_ask(struct request *);
enum outcome	 publish_withdraw(struct request *);
enum outcome	 publish_announce(struct request *);
enum outcome	 editions_difference(struct request *);	/* /admin/statements/ID/difference */

/* ---- events: for those who serve at their desk; to all others they are not there ---- */
extern const struct db_query plan_queries[], events_queries[], event_edit_queries[],
			     event_publish_queries[], event_dates_queries[],
			     event_date_queries[], event_guests_queries[],
			     event_guest_queries[];
extern const size_t plan_n_queries, events_n_queries, event_edit_n_queries,
		    event_publish_n_queries, event_dates_n_queries, event_date_n_queries,
		    event_guests_n_queries, event_guest_n_queries;
void		 events_start(struct app *);
void		 event_start(struct app *);
void		 event_dates_start(struct app *);
void		 event_date_start(struct app *);
enum outcome	 events_show(struct request *);		/* /admin/events */
enum outcome	 event_edit_show(struct request *);	/* .../ID, ID "new": another */
enum outcome	 event_edit_take(struct request *);
enum outcome	 event_publish(struct request *);	/* /admin/events/ID/publish */
enum outcome	 event_draft(struct request *);
enum outcome	 event_cancel(struct request *);	/* /admin/events/ID/cancel: note */
enum outcome	 event_revive(struct request *);
enum outcome	 event_dates_show(struct request *);	/* /admin/events/ID/dates */
enum outcome	 event_date_show(struct request *);	/* /admin/events/date/OID */
enum outcome	 event_date_take(struct request *);
enum outcome	 event_date_state(struct request *);	/* .../OID/state: step, why */
void		 event_guests_start(struct app *);
void		 event_guest_start(struct app *);
enum outcome	 event_guests_show(struct request *);	/* .../OID/guests */
enum outcome	 event_guests_came(struct request *);	/* .../OID/came: listed, came */
enum outcome	 event_guest_show(struct request *);	/* .../OID/guests/ID, ID "new": another */
enum outcome	 event_guest_take(struct request *);

/* ---- typed.c: what somebody typed into a form ---- */

/* The field `name` of the body, without white space around it and with plain line ends; below
 * the request.  "" when it was not sent; NULL: no memory. */
const char	*typed_text(struct request *, const char *name);

/* Whether there is a control character in it; so is a new line. */
bool		 typed_has_control(const char *);

/* ---- words.c: states and conditions as people say them ---- */

/* "Waiting", "In review", ...; and the tag's kind for the stylesheet: "wait", "good",
 * "bad" or "". */
const char	*words_state(const struct site_words *, const char *state);
const char	*words_state_kind(const char *state);

/* How a submission came, if not by the web: "by telephone", "on paper"; or NULL. */
const char	*words_channel(const struct site_words *, const char *channel);

/* What a round still needs: "2 more votes, 1 more in favour", "the time is over", ...;
 * below `ctx`, NULL: no memory. */
const char	*words_unmet(const void *ctx, const struct site_words *,
		    const struct tally *, int64_t now);

#endif
