/*
 * pages.h: what the files of the program statements share: its pages, and those of them that
 * are kept.
 */
#ifndef STATEMENTS_PAGES_H
#define STATEMENTS_PAGES_H

#include "openhall/feed.h"
#include "openhall/kept.h"
#include "openhall/mail.h"
#include "openhall/route.h"
#include "openhall/statement.h"

enum {
	PAGE_SECONDS = 1,	/* for which anybody may keep a page without asking again */
	LIST_MOST = 10,		/* statements on a page of the list */
	YEAR_MOST = 100,	/* of an archive, which shows titles only */
	RECENT_MOST = 3,
	FEED_MOST = 20,
	ONES_MOST = 32,		/* pages of one statement, or of a year, that are kept */
	ONE_MOST = 32 * 1024	/* bytes of such a page */
};

/* What everybody asks for, made once for each change of what is published. */
enum { KEPT_LIST, KEPT_RECENT, KEPT_SITEMAP, KEPT_FEED, KEPT_ONE = KEPT_FEED + FEEDS,
	KEPT__COUNT = KEPT_ONE + ONES_MOST };

struct own {
	struct page	list, recent, year, one;
	struct page	subscribe, confirm, leave, done;
	bool		mails;			/* the portal sends mail, sealed by: */
	struct sealer	sealer;
	struct kept	kept[LANGUAGES_MAX][KEPT__COUNT];
};

/* ---- kept.c ---- */

/* Answer with what is kept as `which`, if it is of this path; or with what `make` makes, and
 * keep that. */
enum outcome	 statements_send(struct request *, size_t which,
		    enum outcome (*make)(struct request *));

/* ---- list.c: lists of statements ---- */

/* Where the page begins that was asked for; OUT_OK (zero: none was named) or OUT_MISSING. */
enum outcome	 list_cursor(const struct request *, struct cursor *);

/* At most `most` statements behind the cursor; `older`: the cursor of those behind them as
 * text, NULL when there are none. */
enum outcome	 list_read(struct request *, const struct cursor *,
		    int64_t since, size_t most, bool full, struct statements *,
		    const char **older);

void		 list_start(struct app *);
enum outcome	 list_show(struct request *), recent_show(struct request *);
enum outcome	 list_year(struct request *, int year);

/* ---- one.c ---- */
void		 one_start(struct app *);
enum outcome	 one_show(struct request *);

/* ---- feeds.c ---- */
enum outcome	 feed_rss(struct request *), feed_atom(struct request *),
		 feed_json(struct request *);

/* ---- sitemap.c ---- */
extern const struct db_query sitemap_queries[];
extern const size_t sitemap_n_queries;

enum outcome	 sitemap_show(struct request *);

/* ---- subscribe.c: the form; letter.c: where the links in mails lead ---- */
extern const struct db_query subscribe_queries[];
extern const size_t subscribe_n_queries;

void		 subscribe_start(struct app *);
enum outcome	 subscribe_ask(struct request *), subscribe_take(struct request *),
		 subscribe_again(struct request *), subscribe_sent(struct request *);

/* What is asked of `subscriber` and `signup`; in subscribe.c's table. */
enum { Q_FULL, Q_SIGN_UP, Q_STATE, Q_CONFIRM, Q_LEAVE, Q_SUBSCRIBE__COUNT };

/* The end of the way: what was done, and that is all. */
enum done { DONE_SENT, DONE_CONFIRMED, DONE_LEFT, DONE_GONE, DONE_OFF, DONE__COUNT };
enum outcome	 subscribe_done(struct request *, enum done);

void		 letter_start(struct app *);
enum outcome	 confirm_ask(struct request *), confirm_take(struct request *),
		 confirm_again(struct request *), confirm_done(struct request *);
enum outcome	 leave_ask(struct request *), leave_take(struct request *),
		 leave_again(struct request *), leave_one_click(struct request *),
		 leave_done(struct request *);

#endif
