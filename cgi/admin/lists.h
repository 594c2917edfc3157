/*
 * lists.h: the lists of a desk's queue: which submissions are in one, in which order, and
 * how many.  Private to cgi/admin.
 *
 * Every page goes on from the last row of the one before (a key, never a number of rows to
 * skip), and a page or a count reads no more of its index than it shows.
 */
#ifndef OPENHALL_LISTS_H
#define OPENHALL_LISTS_H

#include "openhall/db.h"
#include "openhall/desk.h"
#include "openhall/form.h"

enum { LIST_ROWS = 25, LIST_COUNTED = 1000, LIST_PARTS = 5, PLACE_TEXT = 100 };

/* What a list is cut out of, and its order. */
enum list_by {
	BY_STATE = 1,	/* a state; suspect ones last, then the oldest first */
	BY_KIND,	/* open ones of a kind; sunk ones last, then urgency, then the oldest */
	BY_ASSIGNEE,	/* open ones of the one who asks; the same order */
	BY_STILL,	/* open ones that have not moved; the longest first */
	BY_UNREAD,	/* with unread messages; the most first */
	BY_ENDED,	/* ended in a state; the latest first */
	BY_ERASURE,	/* to be erased soon, by the state in which they ended; the next first */
	BY__COUNT
};

struct list {
	const char	*key, *title;
	enum list_by	 by;
	const char	*of[LIST_PARTS + 1];	/* states or kinds, ended by NULL */
	bool		 suspect;	/* BY_KIND: those that look automated, and no others;
					   BY_STATE: those too */
	bool		 sunk;		/* BY_KIND: from the first that has sunk on */
	bool		 aside;		/* reached by a notice */
};

/* The lists of a desk, in the order of its tabs; the last has no key. */
const struct list	*lists_of(const struct desk *);

/* The list called `key` (NULL: the first); NULL: there is none. */
const struct list	*lists_find(const struct desk *, const char *key);

/* Whose lists, and when. */
struct lists {
	struct db		*db;
	const struct desk	*desk;
	const struct form	*form;		/* of the desk: how long it keeps what */
	const struct id		*admin;
	int64_t			 today;
	unsigned		 remind_days;
};

struct request;

/* Of one of the desks of the one who is logged in, today. */
struct lists		 lists_at(struct request *, const struct desk *);

/* Where a row stands in its list. */
struct place {
	int64_t		at[3];
	struct id	id;
};

/* A place as it stands in an address, and back; false when `text` is not one. */
void			 place_text(char out[PLACE_TEXT], const struct place *);
bool			 place_read(struct place *, const char *text);

/* The columns of a row. */
enum { LF_ID, LF_STATE, LF_KIND, LF_SUSPECT, LF_URGENCY, LF_RECEIVED, LF_ENDED, LF_MOVED,
	LF_SUNK, LF_UNREAD, LF_CHANNEL, LF_FACETS, LF_KEY, LF_BODY, LF_ASSIGNEE };

struct list_page {
	struct db_row	at[LIST_ROWS];
	size_t		n;
	bool		more;		/* behind the last of these, which stands at `last` */
	struct place	last;
};

/* The rows of a list behind `after` (NULL: from its beginning), below `ctx`. */
enum outcome		 lists_page(const struct lists *, const void *ctx,
			    const struct list *, const struct place *after,
			    struct list_page *);

/* Where a row stands in a list. */
struct place		 lists_place(const struct lists *, const struct list *,
			    const struct db_row *);

/* The first row behind `after`, below `ctx`.  OUT_MISSING: that was the last. */
enum outcome		 lists_next(const struct lists *, const void *ctx,
			    const struct list *, const struct place *after,
			    struct db_row *);

/* How many rows a list has; counted up to LIST_COUNTED + 1. */
enum outcome		 lists_count(const struct lists *, const struct list *,
			    int64_t *n);

/* The day on which the answers of a case that has ended, or has not moved any more, are
 * erased; -1: none is declared. */
int64_t			 lists_erasure(const struct lists *, const struct db_row *);

#endif
