/*
 * holder.h: what the pages for who holds a receipt share.  Private to cgi/receipt.
 */
#ifndef OPENHALL_HOLDER_H
#define OPENHALL_HOLDER_H

#include "openhall/intake.h"
#include "openhall/receipt.h"
#include "openhall/route.h"

/* The program's own: its pages, and the forms by desk. */
struct own {
	struct page	 enter, fresh, filing, status, again, withdraw, erase,
			 erased;
	struct intake	*intakes[INTAKES];
};

/* ---- holding.c: reading what a code opens ---- */
extern const struct db_query holding_queries[];
extern const size_t holding_n_queries;

/* The columns of a submission, as its holder may read them; and of its latest round. */
enum { F_ID, F_DESK, F_STATE, F_KIND, F_RECEIVED, F_ENDED, F_ASKED, F_UNREAD, F_FACETS,
	F_KEY, F_BODY };
enum { R_OPENED, R_CLOSES };

struct holding {
	struct code	 code;
	struct id	 id;
	const struct desk *desk;
	struct db_row	 row;
	bool		 opened;	/* not erased: `content` is its key */
	struct key	 content;
};

/* The code at hand: remembered by the browser, or just typed.  OUT_OK; OUT_MISSING: none;
 * OUT_INVALID: what was typed has a slip in it; OUT_CONFLICT: it was sent from the page of
 * another one. */
enum outcome	 holding_code(struct request *, struct code *);

/* Read what h->code opens.  OUT_MISSING: nothing; OUT_AWAY; OUT_FAULT.  holding_close() when
 * done with it, in any case. */
enum outcome	 holding_read(struct request *, struct holding *);
void		 holding_close(struct holding *);

/* Both at once; what was typed and opens something is remembered from now on. */
enum outcome	 holding_find(struct request *, struct holding *);

/* Within a transaction: wait for who is at it first, and read it again. */
enum outcome	 holding_lock(struct request *, struct holding *);

/* Its latest round.  OUT_MISSING: none yet. */
enum outcome	 holding_round(struct request *, const struct holding *, struct db_row *);

bool		 holding_is(const struct holding *, const char *state);
bool		 holding_is_open(const struct holding *);	/* it has not ended */

/* The form of its desk. */
struct intake	*holding_intake(const struct request *, const struct holding *);

/* Its answers as they were sealed, as text; and as a form shows them. */
enum outcome	 holding_text(struct request *, const struct holding *, struct bytes *);
enum outcome	 holding_answers(struct request *, const struct holding *,
		    struct form_answers **);

/* ---- enter.c: from a code to its page, and away again ---- */
void		 enter_start(struct app *);

enum enter { ENTER_ASKED = 1, ENTER_SLIP, ENTER_UNKNOWN, ENTER_EXPIRED,
	ENTER_FORGOTTEN /* while something was being written: it is carried along */ };

/* Ask for the code. */
enum outcome	 enter_page(struct request *, enum enter);

/* The same for a POST that needs it, when holding_find() gave `got`; what was typed is carried
 * along.  Any other answer than OUT_MISSING and OUT_INVALID is given on. */
enum outcome	 enter_first(struct request *, enum outcome got);

enum outcome	 enter_show(struct request *);	/* GET /receipt */
enum outcome	 enter_take(struct request *);	/* POST /receipt: code */
enum outcome	 enter_again(struct request *);
enum outcome	 enter_close(struct request *);	/* POST /receipt/close */

/* ---- status.c: where it stands ---- */
void		 status_start(struct app *);

enum status { STATUS_FINE = 0, STATUS_NO_TEXT, STATUS_LONG, STATUS_FULL, STATUS_EXPIRED,
	STATUS_LATE };

/* Show it, with what is wrong with what was just sent. */
enum outcome	 status_page(struct request *, struct holding *, enum status);

/* The form to write alone, with what was typed, while the store is away. */
enum outcome	 status_away(struct request *);

/* ---- words.c: states as their holder hears them ---- */
struct words {
	const char	*said, *more;	/* a sentence, and what it means; may be NULL */
	bool		 good;
};

/* What a submission of `kind` in `state` at `desk` is told; nothing where the list of steps
 * says it all. */
struct words	 words_of(const struct site_words *, const struct desk *,
		    const char *kind, const char *state);

/* Who reads what the holder writes. */
const char	*words_readers(const struct site_words *, const struct desk *);

/* ---- deeds.c: what the holder does ---- */
extern const struct db_query deed_queries[];
extern const size_t deed_n_queries;
void		 deeds_start(struct app *);
enum outcome	 deed_write(struct request *);	/* POST /receipt/message: text */
enum outcome	 deed_write_again(struct request *);
enum outcome	 deed_needed(struct request *);	/* POST /receipt/needed: still */
enum outcome	 deed_withdraw_ask(struct request *);
enum outcome	 deed_withdraw(struct request *);
enum outcome	 deed_erase_ask(struct request *);
enum outcome	 deed_erase(struct request *);
enum outcome	 deed_erased(struct request *);	/* GET /receipt/erased */

/* ---- correct.c: other answers ---- */
extern const struct db_query correct_queries[];
extern const size_t correct_n_queries;
enum outcome	 correct_show(struct request *);	/* /receipt/correct */
enum outcome	 correct_take(struct request *);
enum outcome	 correct_again(struct request *);

#endif
