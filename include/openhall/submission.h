/*
 * submission: what was handed in, as it is stored: sealed answers, and beside them only
 * what a queue must be sorted by.
 */
#ifndef OPENHALL_SUBMISSION_H
#define OPENHALL_SUBMISSION_H

#include "openhall/code.h"
#include "openhall/db.h"
#include "openhall/desk.h"
#include "openhall/form.h"
#include "openhall/seal.h"

/* To hand in; and the same by an admin, for who called or came. */
extern const struct db_query submission_queries[], submission_entry_queries[];
extern const size_t submission_n_queries, submission_entry_n_queries;

struct submission {
	struct id	 id;
	const struct desk *desk;
	const char	*state, *kind;		/* where it begins; aid: "ask" or "offer" */
	unsigned	 urgency;
	bool		 suspect;
	int64_t		 received_day;
	unsigned char	 receipt[KEY_LEN], desk_key[SEALED_KEY_LEN],
			 receipt_key[WRAP_LEN];
	struct bytes	 body;
	const char	*facets;
	/* by an admin */
	const char	*channel;		/* "phone" or "paper"; NULL: the web */
	const struct id	*entered_by;
};

/*
 * Seal `answers` (in language `lang`) to the desk of `sealer` below `ctx`.  `secret` is all
 * that the identity and the receipt come from, so the same one gives the same.
 * OUT_OK or OUT_FAULT.
 */
enum outcome	 submission_seal(const void *ctx, struct submission *,
		    const struct desk *, struct sealer *, const struct key *secret,
		    const struct form_answers *, const char *lang, time_t now,
		    struct code *receipt);

/* Store it.  OUT_OK; OUT_CONFLICT: it is there already; OUT_AWAY; OUT_FAULT. */
enum outcome	 submission_add(struct db *, const struct submission *);
enum outcome	 submission_enter(struct db *, const struct submission *);

/* As what answers are sealed once they are former version `number`, instead of "answers". */
enum { REVISION_WORD = 32 };
void		 submission_revision(char word[REVISION_WORD], int64_t number);

#endif
