/*
 * outcome: what became of a piece of work, in the words that decide which page
 * a visitor sees.  Every fallible function of the project answers with one.
 */
#ifndef OPENHALL_OUTCOME_H
#define OPENHALL_OUTCOME_H

enum outcome {
	OUT_FAULT = 0,		/* our bug or a broken machine: 500, logged */
	OUT_OK,
	OUT_INVALID,		/* the visitor's mistake, told beside it: 422 */
	OUT_FORBIDDEN,		/* known to us, not allowed: 403 */
	OUT_MISSING,		/* there is no such thing: 404 */
	OUT_CONFLICT,		/* somebody was first, or it is there already: 409 */
	OUT_LIMITED,		/* too often: 429 */
	OUT_AWAY,		/* the store cannot be reached: 503 */
	OUT__COUNT
};

/* The HTTP status (RFC 9110, section 15) with which `got` is answered. */
int		 outcome_status(enum outcome got);

/* A word for logs: "ok", "invalid", ... */
const char	*outcome_word(enum outcome got);

#endif
