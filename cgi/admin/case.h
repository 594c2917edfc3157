/*
 * case.h: a case as the store has it, and what opens it.  Private to cgi/admin.
 */
#ifndef OPENHALL_CASE_H
#define OPENHALL_CASE_H

#include "admin.h"

/* How one can vote; the last only by recusing oneself.  `kind` is a tag's. */
enum { VOTE_FAVOUR, VOTE_AGAINST, VOTE_ABSTAIN, VOTE_RECUSED, VOTES };
struct vote { const char *vote, *words, *kind; };
extern const struct vote case_votes[VOTES];

/* Count electors' rows (E_...) into a tally whose rule is filled in. */
void		 case_count(const struct db_rows *electors, struct tally *);

/* The columns of a case, its round and its electors. */
enum { CF_STATE, CF_SUSPECT, CF_RECEIVED, CF_ENDED, CF_KEY, CF_BODY, CF_KIND, CF_URGENCY,
	CF_CHANNEL, CF_ENTERED_BY /* a name */, CF_ASSIGNED_TO, CF_ASSIGNEE /* a name */,
	CF_MOVED, CF_ASKED, CF_SUNK, CF_DESK_UNREAD, CF_FACETS, CF_DESK };
enum { O_NUMBER, O_OPENED, O_CLOSES, O_ENDED, O_QUORUM, O_FAVOUR, O_BLOCK };
enum { E_ADMIN, E_NAME, E_VOTE, E_REASON, E_AT };

struct dossier {
	struct id	id;
	const struct desk *desk;
	struct db_row	row, round;
	struct db_rows	electors;
	bool		has_round;
	bool		opened;		/* not erased: `content` is its key */
	struct key	content;
	struct key	match;		/* of the desk's circle */
	struct form_answers *answers;	/* NULL: erased */
	struct pairs	strays;
	struct tally	tally;
};

/* Read the case that the address names, and open it.  OUT_MISSING: there is none, or none at
 * a desk of theirs; OUT_AWAY; OUT_FAULT.  case_close() when done with it. */
enum outcome	 case_read(struct request *, struct dossier *);
void		 case_close(struct dossier *);

/* Read the latest round and its electorate.  OUT_OK also when there is none. */
enum outcome	 case_read_round(struct request *, struct dossier *);

/* Within a transaction: wait for who is at the case first.  Its state, its end, its assignee and
 * its round come into the dossier as they are now.  OUT_CONFLICT: it was erased meanwhile. */
enum outcome	 case_lock(struct request *, struct dossier *);

/* Within a transaction: what every deed at a case writes: that the case moved today, that
 * its person is known by these hashes (person_note()), and its line in the audit. */
enum outcome	 case_note(struct request *, struct dossier *, const char *action);

/* Within the same transaction: tell who holds the receipt that something has happened, if the
 * portal sends mail and they gave an address.  `number` as in notice_add(). */
enum outcome	 case_tell(struct request *, struct dossier *, enum mail_kind, int64_t number);

/* After a deed, which the path's last word names: see the case (303), or, when `got` is
 * OUT_CONFLICT, show it as it is now. */
enum outcome	 case_done(struct request *, struct dossier *, enum outcome got);

/* How many serve at the desk now. */
enum outcome	 case_serving(struct request *, const struct desk *, int64_t *serving);

/* The rule by which the desk decides. */
const struct rule *case_rule(const struct request *, const struct desk *);

/* Whether the case can be opened (again) for decision. */
bool		 case_can_open(const struct request *, const struct dossier *);

/* Whether an elector's row is that of the one who is logged in. */
bool		 case_is_me(const struct request *, const struct db_value *elector);

/* The reason an elector gave; NULL when there is none, or it was erased. */
const char	*case_reason(struct request *, const struct dossier *,
		    const struct db_value *elector);

/* Whether the one who is logged in may vote now, and what they said so far. */
bool		 case_may_vote(struct request *, const struct dossier *,
		    const char **vote, const char **reason);

/* ---- votes.c: a round of deciding, for the page of a case and that of a statement ---- */

struct votes {
	const char		*where;		/* "/admin/case/ID": below it vote and recuse */
	const char		*in;		/* what its forms carry on behind that; NULL */
	const struct dossier	*dossier;	/* whose key opens the reasons; NULL: a statement */
	int64_t			 version;	/* of the statement */
	const struct tally	*tally;
	const struct db_rows	*electors;	/* E_... */
	int64_t			 opened_at;
	bool			 open;		/* nothing was concluded from it yet */
	bool			 may_vote;	/* the one who is logged in, who said so far: */
	const char		*vote, *reason;
};

/* As a row of list `i` of the page, whose name is "votes", for votes.html.  The page has the
 * texts "bad_vote" and "bad_reason", too: what is wrong with the vote just sent. */
extern const struct view_name votes_names[];
void		 votes_part(struct request *, const struct votes *, struct view *page, size_t i);

/* ---- walk.c: from a list of the queue to a case, to the next, and back ---- */

/* What an address of the case carries on, "?list=ask&at=..."; NULL: nobody came from a list. */
const char	*walk_query(struct request *, const struct desk *);

/* As a row of list `i` of the page: the way back, and the next case in the list. */
extern const struct view_name walk_names[];
enum outcome	 walk_part(struct request *, const struct dossier *, struct view *page,
		    size_t i);

/* ---- review.c ---- */

enum case_problem { CASE_FINE = 0, CASE_NO_VOTE, CASE_NO_REASON,
	CASE_LONG_REASON, CASE_LATE,
	CASE_NO_MESSAGE, CASE_LONG_MESSAGE, CASE_FULL,	/* talk.c */
	CASE_NO_NOTE, CASE_LONG_NOTE, CASE_FULL_LOG, CASE_NO_STATE	/* work.c */ };

/* Show the case, with what is wrong with the form just sent. */
enum outcome	 review_page(struct request *, struct dossier *,
		    enum case_problem);

/*
 * The parts of the page.  Each has a list of one row in case.html, shown by a template of
 * its own, and appends that row to list `i` of `v`; none when it has nothing to show.
 */
extern const struct view_name talk_names[], work_names[], same_names[];
enum outcome	 talk_part(struct request *, struct dossier *, struct view *v, size_t i,
		    enum case_problem);			/* talk.c, case-talk.html */
enum outcome	 work_part(struct request *, struct dossier *, struct view *v, size_t i,
		    enum case_problem);			/* panel.c, case-work.html */
enum outcome	 same_part(struct request *, struct dossier *, struct view *v, size_t i);
							/* same.c, case-same.html */

/* What person_find() gave as a row of list `i` of `v`, for same-cases.html; `others`: also
 * what is at a desk where they do not serve, without a link.  False: it was left out. */
extern const struct view_name same_row_names[];
bool		 same_row(struct request *, struct view *v, size_t i,
		    const struct db_value *at, bool others);

#endif
