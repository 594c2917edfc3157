/*
 * person: knowing somebody again by an address or a telephone number, without storing
 * either: a keyed hash under a key that only the desks of one circle hold.
 */
#ifndef OPENHALL_PERSON_H
#define OPENHALL_PERSON_H

#include "openhall/db.h"
#include "openhall/form.h"
#include "openhall/seal.h"

extern const struct db_query person_queries[];
extern const size_t person_n_queries;

enum { PERSON_HASHES_MAX = 8 };

/*
 * Normalise what was typed, and give its keyed hash.  An address is compared in lower case
 * (ASCII; its tag behind a + stays: it is another mailbox to some).  A number is compared by
 * its last ten digits: a national number cannot be completed without knowing the country, and
 * so "+1 212 555 0100", "001 212 555 0100" and "(212) 555-0100" are one.  Where national
 * numbers have other lengths, only those typed alike are.  OUT_OK; OUT_INVALID: neither an
 * address nor a number of 7 to 15 digits.
 */
enum outcome	 person_hash(const struct key *match, const char *typed, struct key *out);

/* The hashes of every e-mail and telephone question that was answered; how many. */
size_t		 person_hashes(const struct key *match, const struct form_answers *,
		    struct key out[PERSON_HASHES_MAX]);

/* Write down that `id` has these, unless it was erased.  What is there stays. */
enum outcome	 person_note(struct db *, const struct id *, const struct key *hashes,
		    size_t n);

/* The submissions that have one of them, `but` left out (may be NULL): rows of id, desk,
 * state, received_day; each once; at most 50, newest first.  One indexed read a hash. */
enum outcome	 person_find(struct db *, const void *ctx, const struct key *hashes,
		    size_t n, const struct id *but, struct db_rows *);

#endif
