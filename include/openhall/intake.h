/*
 * intake: from a form to a sealed submission and a receipt.  join, support and aid are
 * this with another form; intake_new() gives what is their app->own.
 *
 * GET shows the form.  POST checks it; then shows the answers to be looked over; then,
 * sent from there, stores them.  The submission's identity and its receipt come from the
 * form's token: the same form sent twice is stored once and has one receipt.  While the
 * store is away it is spooled, and the receipt is as good.
 */
#ifndef OPENHALL_INTAKE_H
#define OPENHALL_INTAKE_H

#include "openhall/desk.h"
#include "openhall/form.h"
#include "openhall/route.h"
#include "openhall/submission.h"

struct intake;

/* Read the form of `desk`, its public key and the templates, below `ctx`; log_stop() when
 * something is wrong. */
struct intake	*intake_new(const void *ctx, struct app *, const struct desk *);

const struct form *intake_form(struct request *, struct intake *);

/* ---- the handlers of a program whose app->own is an intake ---- */
enum outcome	 intake_show(struct request *);		/* GET */
enum outcome	 intake_take(struct request *);		/* POST with a good token */
enum outcome	 intake_again(struct request *);	/* POST without one */

/* ---- for a program that holds several, or does something else with the answers ---- */

/* Show the form with `answers`; NULL: empty. */
enum outcome	 intake_ask(struct request *, struct intake *,
		    const struct form_answers *);

/*
 * Take a POST: the form again while something is wrong, then the page to look it over, and
 * from there `send`.  When that gives OUT_AWAY or OUT_LIMITED the page comes back and says
 * so, with every answer kept; any other answer of it is given on.
 */
enum outcome	 intake_answer(struct request *, struct intake *,
		    enum outcome (*send)(struct request *, struct intake *,
		    const struct form_answers *));

/* A POST whose token is not good (any more): the form again, with all that was typed. */
enum outcome	 intake_late(struct request *, struct intake *);

/* Seal the answers of this request as a submission; `code` is its receipt. */
enum outcome	 intake_seal(struct request *, struct intake *,
		    const struct form_answers *, struct submission *, struct code *);

#endif
