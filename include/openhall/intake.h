/*
 * intake: from a form to a sealed submission and a receipt.  join, support and aid are
 * this with another form; the three functions are their handlers, and what
 * intake_new() gives is their app->own.
 *
 * GET shows the form.  POST checks it; then shows the answers to be looked over; then,
 * sent from there, stores them.  The submission's identity and its receipt come from the
 * form's token: the same form sent twice is stored once and has one receipt.
 */
#ifndef OPENHALL_INTAKE_H
#define OPENHALL_INTAKE_H

#include "openhall/route.h"

extern const struct db_query intake_queries[];
extern const size_t intake_n_queries;

/* Read the form `form` (www/sites/SITE/forms), the key of `desk` and the templates;
 * log_stop() when something is wrong. */
void		*intake_new(struct app *, const char *desk, const char *form);

enum outcome	 intake_show(struct request *);		/* GET */
enum outcome	 intake_take(struct request *);		/* POST with a good token */
enum outcome	 intake_again(struct request *);	/* POST without one */

#endif
