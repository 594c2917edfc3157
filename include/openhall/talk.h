/*
 * talk: the conversation of a case, between its desk and who holds the receipt, under the
 * content key that both can open.
 */
#ifndef OPENHALL_TALK_H
#define OPENHALL_TALK_H

#include "openhall/db.h"
#include "openhall/seal.h"

extern const struct db_query talk_queries[];
extern const size_t talk_n_queries;

enum { TALK_MOST = 4000,	/* characters of a message */
	TALK_MESSAGES_MAX = 200	/* of a case */ };

struct talk_message {
	bool		 from_desk;
	const char	*kind;		/* "text", "corrected", "needed", "settled" */
	const char	*text;		/* "" beside what happened */
	int64_t		 at;		/* seconds */
	struct id	 author;	/* the admin, when from_desk */
};

struct talk {
	size_t				 n;
	const struct talk_message	*at;	/* oldest first */
};

/* What somebody typed, as it is kept: CRLF as LF, outer white space off; below `ctx`.  OUT_OK;
 * OUT_INVALID: nothing was written (`typed` may be NULL); OUT_LIMITED: more than TALK_MOST;
 * OUT_FAULT. */
enum outcome	 talk_take(const void *ctx, const char *typed, const char **text);

/* All messages of case `id`, opened with its content key, below `ctx`.  OUT_OK; OUT_FORBIDDEN:
 * one does not open, or is not what it was; OUT_AWAY; OUT_FAULT. */
enum outcome	 talk_read(struct db *, const void *ctx, const struct id *,
		    const struct key *content, struct talk *);

/*
 * Within a transaction that has locked the submission: add a message (`author` NULL: the
 * holder), raise the other side's unread count and note that the case moved today.  The same
 * text sent twice in a row within minutes is one message.  What a holder says answers
 * whether it is still needed.
 * OUT_OK; OUT_LIMITED: TALK_MESSAGES_MAX are there; OUT_CONFLICT: the case was erased;
 * OUT_FORBIDDEN: not its content key; OUT_AWAY; OUT_FAULT.
 */
enum outcome	 talk_add(struct db *, const void *ctx, const struct id *,
		    const struct key *content, const struct id *author, const char *kind,
		    const char *text, int64_t now);

/* The desk (or the holder) sees what there is.  To be called before talk_read(), so that what
 * comes in between counts as unread and not as seen. */
enum outcome	 talk_seen(struct db *, const struct id *, bool desk);

#endif
