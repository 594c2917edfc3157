/*
 * rsvp.h: what the pages share by which people say whether they come.  Private to cgi/events.
 */
#ifndef EVENTS_RSVP_H
#define EVENTS_RSVP_H

#include "openhall/receipt.h"
#include "openhall/rsvp.h"
#include "pages.h"

/* The part of the program's own (pages.h) that is theirs. */
struct answering {
	struct form	*form;
	struct sealer	 desk, mail;
	bool		 mails;			/* the portal sends mail */
	time_t		 units_until;		/* when to look again for units to offer */
	struct page	 ask, dates, closed, enter, stands, remove, gone;
};

struct answering *answering_of(const struct request *);

/* ---- rsvp.c: the date that is answered ---- */

struct answered {
	struct event		e;
	struct occurrence	o;
};

/* The date that the address names (rq->rest, rq->second); of an event with several dates and
 * none named, `o` is none (answered_is_one()).  And that of an RSVP.  OUT_MISSING: there is
 * none for the public. */
enum outcome	 answered_find(struct request *, struct answered *);
enum outcome	 answered_find_id(struct request *, const struct id *occurrence,
		    struct answered *);
bool		 answered_is_one(const struct answered *);

bool		 answered_is_over(const struct request *, const struct answered *);
/* Neither cancelled nor postponed. */
bool		 answered_is_on(const struct answered *);

/* Add list `i` of `page` (rsvp-date.html): what, when and where it is, as far as who has the
 * RSVP `r` may see it (NULL: everybody); and whether there are seats, while answers are taken. */
extern const struct view_name about_names[];
enum outcome	 about_view(struct request *, struct view *page, size_t i,
		    const struct answered *, const struct rsvp *r);

/* ---- rsvp_dates.c: where there is no form to show ---- */

/* Of an event with several dates: those that take answers.  And of one date, why not. */
enum outcome	 dates_page(struct request *, const struct answered *);
enum outcome	 closed_page(struct request *, const struct answered *);

/* ---- rsvp_ask.c: the form ---- */

enum why { WHY_ASKED = 1, WHY_EXPIRED, WHY_YOUNG, WHY_TRAPPED, WHY_AWAY, WHY_LATE };

/* The form with these answers, NULL: empty.  `d` NULL: the store is away.  `r`: that of who
 * answered before, or NULL. */
enum outcome	 ask_page(struct request *, const struct answered *d, const struct rsvp *r,
		    const struct form_answers *, enum why);

/* Read what was sent.  OUT_OK; OUT_INVALID: the form is to be shown again, and `why`;
 * OUT_FAULT. */
enum outcome	 ask_read(struct request *, struct form_answers **, enum why *why);

/* The form again with a message about the number of people. */
enum outcome	 ask_fewer(struct request *, const struct answered *, const struct rsvp *,
		    struct form_answers *, const char *message);

/* More people than there are seats at all. */
const char	*ask_seats(struct request *, const struct answered *);

/* The sealer of addresses; NULL: the portal sends no mail. */
struct sealer	*ask_mail(struct answering *);

/* ---- rsvp_code.c: who holds a code ---- */

struct holder {
	struct code	 code;
	enum receipt_how how;
	struct rsvp	 r;
	struct key	 content;
	struct answered	 d;
};

/* What the code at hand opens: the one just typed, which is remembered from now on, else that
 * which the browser remembers.  OUT_MISSING: none, or it opens nothing; OUT_INVALID: what was
 * typed has a slip in it; OUT_CONFLICT: sent from the page of another one.  holder_close() in
 * any case. */
enum outcome	 holder_find(struct request *, struct holder *);
void		 holder_close(struct holder *);

/* The page that asks for a code, when holder_find() gave `got` to a POST; what was typed is
 * carried along.  Others than OUT_MISSING and OUT_INVALID are given on. */
enum outcome	 enter_first(struct request *, enum outcome got);

/* ---- rsvp_stands.c ---- */
enum outcome	 stands_page(struct request *, struct holder *);

/* ---- what events.c needs ---- */

/* NULL: the site has no form for it, so there is no RSVP; every page of it is then missing. */
struct answering *rsvp_start(struct app *);

enum outcome	 rsvp_show(struct request *);	/* /rsvp/SLUG, /rsvp/SLUG/2026-12-08 */
enum outcome	 rsvp_take(struct request *), rsvp_again(struct request *);
enum outcome	 mine_show(struct request *);	/* /rsvp */
enum outcome	 mine_take(struct request *), mine_again(struct request *);
enum outcome	 mine_noted(struct request *), mine_close(struct request *);
enum outcome	 change_show(struct request *);	/* /rsvp/mine/change */
enum outcome	 change_take(struct request *), change_again(struct request *);
enum outcome	 remove_ask(struct request *);	/* /rsvp/mine/remove */
enum outcome	 remove_take(struct request *), remove_done(struct request *);

/* ---- and its parts, at start ---- */
void		 dates_start(struct app *, struct answering *),
		 ask_start(struct app *, struct answering *),
		 enter_start(struct app *, struct answering *),
		 stands_start(struct app *, struct answering *),
		 change_start(struct app *, struct answering *);

#endif
