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
				 sessions;
	const struct form	*join;
	struct key		 audit;
};

/* ---- login.c: coming and going ---- */
extern const struct db_query login_queries[];
extern const size_t login_n_queries;
void		 login_start(struct app *);
enum outcome	 login_ask(struct request *);	/* for a page that needs a log-in */
enum outcome	 login_show(struct request *);
enum outcome	 login_take(struct request *);
enum outcome	 login_again(struct request *);
enum outcome	 logout(struct request *);
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

/* ---- review.c: one case, and deciding on it ---- */
extern const struct db_query review_queries[];
extern const size_t review_n_queries;
void		 review_start(struct app *);
enum outcome	 review_show(struct request *);
enum outcome	 review_open(struct request *);
enum outcome	 review_vote(struct request *);
enum outcome	 review_recuse(struct request *);

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
