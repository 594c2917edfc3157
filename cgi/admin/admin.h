/*
 * admin.h: what the pages of the back office share.  Private to cgi/admin.
 */
#ifndef OPENHALL_ADMIN_H
#define OPENHALL_ADMIN_H

#include "openhall/audit.h"
#include "openhall/desk.h"
#include "openhall/form.h"
#include "openhall/route.h"
#include "openhall/rule.h"
#include "openhall/session.h"

/* The one desk there is so far. */
#define DESK "membership"

/* The program's own: its pages, the form that its cases came by, the key of the audit. */
struct office {
	struct page		 login, welcome, queue, review, people, invited,
				 sessions, resume;
	const struct form	*join;
	struct key		 audit;
};

/* ---- login.c: logging in, and out again ---- */
void		 login_start(struct app *);
enum outcome	 login_ask(struct request *);	/* for a page that needs a log-in */
enum outcome	 login_show(struct request *);
enum outcome	 login_take(struct request *);
enum outcome	 login_again(struct request *);
enum outcome	 logout(struct request *);

/* Begin the session of who has just proved who they are, and go on to the queue or to what
 * they were sending. */
enum outcome	 login_enter(struct request *, const struct admin *);

/* ---- resume.c: what was being sent when a session had ended ---- */
void		 resume_start(struct app *);

/* The fields of this POST as one text, below the request; NULL when there are none. */
const char	*resume_pack(struct request *);

/* For who is logged in now: ask whether to send them to the page `to` after all; or go to
 * the queue when there are none. */
enum outcome	 resume_show(struct request *, const char *to, const char *packed);

/* ---- throttle.c: how often a log-in may fail ---- */
extern const struct db_query throttle_queries[];
extern const size_t throttle_n_queries;

/* Where the failures of a log-in are counted, and how many there were. */
struct throttle {
	struct key	bucket;
	int64_t		failures;
};

/* Fill it for a name (desk_name_key()).  OUT_LIMITED: not yet again; OUT_OK; OUT_AWAY;
 * OUT_FAULT. */
enum outcome	 throttle_check(struct request *, const struct key *name_key,
		    struct throttle *);
enum outcome	 throttle_fail(struct request *, const struct throttle *);
enum outcome	 throttle_clear(struct request *, const struct throttle *);

/* Remember that this browser has logged in under the name. */
void		 throttle_trust(struct request *, const struct key *name_key);

/* ---- welcome.c: whoever was invited becomes an admin ---- */
void		 welcome_start(struct app *);
enum outcome	 welcome_show(struct request *);
enum outcome	 welcome_take(struct request *);
enum outcome	 welcome_again(struct request *);

/* ---- people.c: who serves, and their sessions ---- */
extern const struct db_query people_queries[];
extern const size_t people_n_queries;
void		 people_start(struct app *);
enum outcome	 people_show(struct request *);
enum outcome	 people_invite(struct request *);
enum outcome	 sessions_show(struct request *);
enum outcome	 sessions_end(struct request *);

/* ---- queue.c: what is waiting ---- */
extern const struct db_query queue_queries[];
extern const size_t queue_n_queries;
void		 queue_start(struct app *);
enum outcome	 queue_show(struct request *);

/* ---- case.c: reading a case ---- */
extern const struct db_query case_queries[];
extern const size_t case_n_queries;

/* ---- review.c: the page of a case ---- */
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

/* The answers in `body`; OUT_MISSING when they were erased. */
enum outcome	 answers_open(struct request *, const struct key *content,
		    const struct id *, struct bytes body,
		    struct form_answers **, struct pairs *strays);

/* ---- words.c: states and conditions as people say them ---- */

/* "Waiting", "In review", ...; and the tag's kind for the stylesheet: "wait", "good",
 * "bad" or "". */
const char	*words_state(const struct site_words *, const char *state);
const char	*words_state_kind(const char *state);

/* What a round still needs: "2 more votes, 1 more in favour", "the time is over", ...;
 * below `ctx`, NULL: no memory. */
const char	*words_unmet(const void *ctx, const struct site_words *,
		    const struct tally *, int64_t now);

#endif
