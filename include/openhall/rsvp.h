/*
 * rsvp: who comes to one date of an event.  Seats are counted in the occurrence's row, which every
 * change locks first: however many ask at once, there are never more seated than fit, and whoever
 * waits moves up in the order in which they asked.  When the last seat is taken, or one is free
 * again, press number 2 is raised: lists say so.  Who waits with more people than there are seats
 * in all (there were more once) keeps nobody from a seat.
 */
#ifndef OPENHALL_RSVP_H
#define OPENHALL_RSVP_H

#include "openhall/code.h"
#include "openhall/db.h"
#include "openhall/event.h"
#include "openhall/form.h"
#include "openhall/mail.h"

extern const struct db_query rsvp_queries[];
extern const size_t rsvp_n_queries;

enum rsvp_answer { RSVP_COMING, RSVP_PERHAPS, RSVP_NOT, RSVP_ANSWERS };
enum rsvp_state { RSVP_SEATED, RSVP_WAITING, RSVP_NONE, RSVP_STATES };
extern const char *const rsvp_answer_names[RSVP_ANSWERS], *const rsvp_state_names[RSVP_STATES];

struct rsvp {
	struct id	 id, occurrence;
	enum rsvp_answer answer;
	enum rsvp_state	 state;
	int		 people;		/* 1 to EVENT_PEOPLE_MAX */
	int64_t		 number;
	const char	*lang;
	unsigned char	 receipt[KEY_LEN];
	struct bytes	 desk_key, receipt_key, body;
	struct bytes	 address;		/* sealed to the mail key about `id`, or empty */
	bool		 remind;
	const char	*channel;		/* "web", "phone" */
	const struct id	*entered_by;
	const char	*seen;			/* rsvp_mark() of what who changes it has seen;
						   NULL: whatever it was */
};

/* Which answers they are: a text that is another one with each change of them. */
enum { RSVP_MARK = 2 * ID_LEN + 1 };
void		 rsvp_mark(char mark[RSVP_MARK], struct bytes body);

/*
 * All three in one transaction of their own (db_transaction()), also together with the moving up
 * of those who wait.  `state` is filled in: what they have now.
 * rsvp_add: OUT_OK; OUT_CONFLICT: it is there already (and `state` is as it is); OUT_MISSING: no
 *	such occurrence; OUT_LIMITED: it takes no RSVP (any more), which does not bind hosts
 *	(`entered_by`); OUT_INVALID: more people than there are seats in all.
 * rsvp_change: another answer or number of people, or other sealed answers.  Who has a seat keeps
 *	it: OUT_LIMITED: there is no room for more, or it takes no RSVP any more; nothing was
 *	changed.  Who waits for more people than before goes to the end of the line.
 *	OUT_INVALID: as above; OUT_MISSING: it was taken back meanwhile; OUT_CONFLICT: it is
 *	not as it was `seen`.  A host's change has `entered_by`, too, which is not stored.
 * rsvp_remove: taken back; the row goes.  OUT_MISSING: it is gone already; OUT_CONFLICT.
 */
enum outcome	 rsvp_add(struct db *, struct rsvp *, int64_t now);
enum outcome	 rsvp_change(struct db *, struct rsvp *, int64_t now);
enum outcome	 rsvp_remove(struct db *, const struct id *, const char *seen);

/* Within a transaction that has locked the occurrence: more seats were added; those who wait move
 * up. */
enum outcome	 rsvp_move_up(struct db *, const struct id *occurrence);

/* The RSVP that a receipt's lookup finds, below `ctx`.  OUT_MISSING. */
enum outcome	 rsvp_find(struct db *, const void *ctx, const struct key *lookup, struct rsvp *);

/* How many wait before it. */
enum outcome	 rsvp_before(struct db *, const struct rsvp *, int64_t *people);

/* ---- rsvp_answers.c: from the form's answers to what is stored, and back ---- */

/* Whether the site has a form for it, and so takes RSVPs at all. */
bool		 rsvp_is_on(const struct settings *);

/* That form, www/sites/SITE/forms/rsvp.xml, below `ctx`; NULL: there is none.
 * log_stop(): it is wrong, or lacks a question that the program needs. */
struct form	*rsvp_form(const void *ctx, const struct settings *);

/* The number of the question `name`; form->n_fields: there is none. */
size_t		 rsvp_field(const struct form *, const char *name);

/*
 * What form_parse() cannot know, added to its answers: who does not come need not say how many;
 * who wants mail (`mail`: also that with the code) needs an address for it.  OUT_OK or
 * OUT_INVALID, as form_parse().  `words`: the language of the messages.
 */
enum outcome	 rsvp_check(struct form_answers *, const struct site_words *, bool mail);

/* A message of the program at question `name`, in place of what is there. */
void		 rsvp_complain(struct form_answers *, const char *name, const char *message);

/*
 * Fill in what checked answers say: answer, people, lang, remind; and, sealed below `ctx`, body and
 * address.  `content` is the content key of r->id; `mail` NULL: the portal sends none.
 * OUT_OK or OUT_FAULT.
 */
enum outcome	 rsvp_answer(const void *ctx, struct rsvp *, const struct key *content,
		    const struct form_answers *, const char *lang, struct sealer *mail,
		    int64_t now);

/* The same for a new one: with id, content key and receipt, all of which come from `secret` or are
 * new; `desk` is that of DESK_EVENTS.  What is left: occurrence, channel, entered_by. */
enum outcome	 rsvp_seal(const void *ctx, struct rsvp *, const struct key *secret,
		    struct sealer *desk, const struct form_answers *, const char *lang,
		    struct sealer *mail, int64_t now, struct code *receipt);

/* The content key, with the receipt's; and the answers, with that.  What the form asks no longer is
 * in `strays`.  OUT_OK; OUT_FORBIDDEN; OUT_FAULT. */
enum outcome	 rsvp_unwrap(struct key *content, const struct rsvp *, const struct code *);
enum outcome	 rsvp_open(const void *ctx, const struct id *, const struct key *content,
		    struct bytes body, const struct form *, struct form_answers **,
		    struct pairs *strays);

#endif
