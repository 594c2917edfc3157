/*
 * statement: what the organisation has said in public, as a reader may see it.  Nothing here
 * reaches a draft.
 */
#ifndef OPENHALL_STATEMENT_H
#define OPENHALL_STATEMENT_H

#include "openhall/cursor.h"
#include "openhall/db.h"
#include "openhall/markdown.h"
#include "openhall/seal.h"

extern const struct db_query statement_queries[];
extern const size_t statement_n_queries;

enum { STATEMENT_SLUG_MAX = 80, STATEMENT_TITLE_MAX = 200, STATEMENT_SUMMARY_MAX = 600,
	STATEMENT_NOTE_MAX = 600, STATEMENT_YEARS_MAX = 100 };

struct statement {
	struct id	 id, work;
	const char	*lang, *slug, *title, *summary;
	struct markup	 html;			/* of lists: empty */
	int64_t		 published_at, corrected_at;	/* 0: never corrected */
	const char	*note;			/* of the latest correction, or "" */
};

struct statements {
	size_t			 n;
	const struct statement	*at;
};

/*
 * At most `most` statements of `lang` that are public at `now`, newest first, older than the
 * cursor and not older than `since` (0: any); with their HTML only when `full`.  A range of one
 * index.  OUT_OK, OUT_AWAY, OUT_FAULT.
 */
enum outcome	 statement_list(struct db *, const void *ctx, const char *lang, int64_t now,
		    const struct cursor *, int64_t since, size_t most, bool full,
		    struct statements *);

/* Where the page of `most` begins that ends just before the cursor's does, as text: NULL, there
 * are not so many that are newer.  Whatever is published later, it stays the same. */
enum outcome	 statement_newer(struct db *, const void *ctx, const char *lang, int64_t now,
		    const struct cursor *, size_t most, const char **newer);

/* The one at `slug`.  OUT_MISSING: there is none, or not yet. */
enum outcome	 statement_find(struct db *, const void *ctx, const char *lang,
		    const char *slug, int64_t now, struct statement *);

/* Its translations that are public, itself left out. */
enum outcome	 statement_translations(struct db *, const void *ctx,
		    const struct statement *, int64_t now, struct statements *);

/* The years in which something was published that is public at `now`, newest first: `n` of
 * them.  One read of the index a year. */
enum outcome	 statement_years(struct db *, const void *ctx, const char *lang, int64_t now,
		    int years[STATEMENT_YEARS_MAX], size_t *n);

/* When the year begins (UTC): it ends where the next one does. */
int64_t		 statement_year_start(int year);

/*
 * What changes whenever that which is public in `lang` may have: press.number, and whose time
 * comes next.  A page that was made for the same pair may be kept.
 */
struct statement_press {
	int64_t	number;
	int64_t	next;			/* when the next one becomes public; 0: none */
	int64_t	at;			/* of the last change, also by time; not of the pair */
};
enum outcome	 statement_press(struct db *, const char *lang, int64_t now,
		    struct statement_press *);

/* press.number alone, which is found faster. */
enum outcome	 statement_number(struct db *, int64_t *);

#endif
