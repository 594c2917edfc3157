/*
 * courier: what the parts of the courier share.  One file a concern.
 */
#ifndef OPENHALL_COURIER_H
#define OPENHALL_COURIER_H

#include "openhall/db.h"
#include "openhall/mail.h"
#include "openhall/settings.h"

extern const struct db_query duty_queries[], facets_queries[], remind_queries[],
				signup_queries[], subscriber_queries[], mailing_queries[],
				bound_queries[], guests_queries[];
extern const size_t duty_n_queries, facets_n_queries, remind_n_queries, signup_n_queries,
				subscriber_n_queries, mailing_n_queries, bound_n_queries,
				guests_n_queries;

/* ---- duty.c ---- */

/* Take duty `name` for the next `period` seconds.  OUT_OK: it is ours; OUT_MISSING: it is not
 * due, or another courier has it; OUT_AWAY; OUT_FAULT. */
enum outcome	 duty_take(struct db *, const char *name, int64_t now, unsigned period);

/* It was not done: somebody may try again in a minute. */
void		 duty_give_back(struct db *, const char *name, int64_t now);

/* ---- facets.c ---- */

enum { FACETS_PAGE = 200 };

/* Bring table facet up to date for at most FACETS_PAGE cases that have changed; `n` is how
 * many.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 facets_file(struct db *, unsigned *n);

/* ---- remind.c ---- */

/* Ask the holders of requests that have not moved whether they are still needed, and let sink
 * those that gave no answer.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 remind_holders(struct db *, const struct settings *, int64_t now);

/* Both halves of the mail key. */
struct post {
	struct key	secret;
	struct sealer	sealer;
};

/* ---- bound.c ---- */

/* What the store knows an address by, for the purpose `word`.  Domains are the same in capitals
 * and small letters, and so are mailboxes with all whom people write to. */
void		 address_hash(struct key *, const struct key *secret, const char *word,
		    const char *address);

/* One more mail of this kind to this address; to be called once a mail.  OUT_OK; OUT_LIMITED:
 * it has had as many of them today as strangers may cause; OUT_AWAY; OUT_FAULT. */
enum outcome	 bound_take(struct db *, const struct key *secret, enum mail_kind,
		    const char *address, int64_t now);

/* ---- signup.c ---- */

enum { SIGNUP_PAGE = 50 };

/*
 * Answer those who asked to be told of statements, in their order, at most SIGNUP_PAGE; `n` is
 * how many.  A new address is asked to confirm; one that did not answer, again, once a day; who
 * is subscribed hears nothing.  When too many were asked in the last hour, the rest waits.
 * OUT_OK, OUT_AWAY, OUT_FAULT.
 */
enum outcome	 signup_take(struct db *, struct post *, int64_t now, unsigned *n);

/* ---- subscriber.c ---- */

/* Who holds this code wants no more mail.  OUT_OK (also when nobody does), OUT_AWAY,
 * OUT_FAULT. */
enum outcome	 subscriber_leave(struct db *, const struct code *);

/* In a transaction: a mail to this subscriber was refused, or came back, for good.  At the third
 * they get no more, and their address is erased.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 subscriber_count_bounce(struct db *, const struct id *subscriber);

/* The mail of outbox with this id came back for good.  That is counted for its subscriber, once
 * a mail.  OUT_OK (also for an id that there is not), OUT_AWAY,
 * OUT_FAULT. */
enum outcome	 subscriber_bounced(struct db *, const struct id *mail);

/* Forget who has not confirmed for three days, who has left or cannot be reached, and which
 * mail was sent a month ago. */
enum outcome	 subscriber_tidy(struct db *, int64_t now);

/* ---- mailing.c ---- */

enum { MAILING_PAGE = 500 };

/* Make the mails of the next MAILING_PAGE subscribers to whom a statement is to be announced;
 * `more`: call again at once.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 mailing_expand(struct db *, int64_t now, bool *more);

/* ---- bounce.c ---- */

enum { BOUNCES_PAGE = 50 };

/* Read what came into the Maildir `folder` (NULL: there is none), at most BOUNCES_PAGE; `n` is
 * how many.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 bounces_take(struct db *, const char *folder, unsigned *n);

/* ---- guests.c ---- */

enum { GUESTS_PAGE = 100 };

/* Make the mails for at most GUESTS_PAGE marks of those who said that they come (rsvp.tell);
 * `n` is how many.  OUT_OK, OUT_AWAY, OUT_FAULT. */
enum outcome	 guests_tell(struct db *, struct post *, int64_t now, unsigned *n);

/* Mark whom to remind of what begins within settings->rsvp_remind_hours, once a date. */
enum outcome	 guests_remind(struct db *, const struct settings *, int64_t now);

/* Write the dates of what recurs further, where less than EVENT_AHEAD_DAYS are there. */
enum outcome	 guests_spread(struct db *, int64_t now);

#endif
