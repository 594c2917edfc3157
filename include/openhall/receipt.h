/*
 * receipt: who holds a receipt code, from one page to the next.  The code stands in a
 * cookie, encrypted under the portal's form key together with the moment after which it
 * is worth nothing, so that it is never in an address, a log or a page by accident.
 * Each cookie below holds one code; who has an RSVP open has not lost an application.
 */
#ifndef OPENHALL_RECEIPT_H
#define OPENHALL_RECEIPT_H

#include "openhall/code.h"
#include "openhall/http.h"
#include "openhall/view.h"

enum { RECEIPT_SECONDS = 1800 };

#define RECEIPT_SUBMISSION	"receipt"
#define RECEIPT_RSVP		"rsvp"

enum receipt_how {
	RECEIPT_NEW = 1,	/* just given: show the code */
	RECEIPT_REPEATED,	/* the same form was sent before: show the code */
	RECEIPT_TYPED		/* its holder came back with it: do not show it again */
};

/* Remember `code` for RECEIPT_SECONDS. */
enum outcome	 receipt_remember(struct request *, const struct key *form_key,
		    const char *cookie, const struct code *, enum receipt_how);

/* OUT_OK; OUT_MISSING: there is none, it is not ours, or its time is over. */
enum outcome	 receipt_recall(struct request *, const struct key *form_key,
		    const char *cookie, struct code *, enum receipt_how *);

void		 receipt_forget(struct request *, const char *cookie);

/* Mark the page with the receipt that it shows (rq->shown).  OUT_CONFLICT: what came was sent
 * from the page of another one, which this browser had open before, and must do nothing to
 * this one. */
enum outcome	 receipt_mark(struct request *, const struct key *form_key,
		    const struct code *);

/* What was being written when the code was forgotten: all that came, but for the code itself, as
 * rows of list `i`, for the page that asks for it (its form goes to the same address). */
extern const struct view_name receipt_carried_names[];
void		 receipt_carry(const struct request *, struct view *, size_t i);

#endif
