/*
 * draft.h: a statement as its editors have it, who decides on it, and what of it is public.
 * Private to cgi/admin.
 */
#ifndef OPENHALL_ADMIN_DRAFT_H
#define OPENHALL_ADMIN_DRAFT_H

#include "case.h"
#include "diff.h"
#include "openhall/statement.h"

enum draft_state { DRAFT, REVIEW, READY, PUBLISHED, WITHDRAWN, DRAFT_STATES };

/* As it is stored, in words, and the kind of a tag. */
struct draft_words { const char *name, *words, *kind; };
extern const struct draft_words draft_states[DRAFT_STATES];

/* What stands in the form: as it is stored, or as it was sent. */
struct written { const char *lang, *slug, *title, *summary, *body; };

struct draft {
	struct id	 id, work;
	char		 hex[2 * ID_LEN + 1];
	struct written	 text;
	enum draft_state state;
	int64_t		 version, changed_at;
	const char	*changed_by;		/* a name */
	int64_t		 asked_at;		/* 0: nobody was asked about this version */
	struct tally	 tally;			/* of the last asking */
	struct db_rows	 electors;		/* E_... of this version */
	int64_t		 editions;		/* how many versions were published */
	bool		 is_public;		/* or will be: there is a row of `published` */
	int64_t		 published_at;
};

/* Whether the one who is logged in serves at the desk of statements. */
bool		 draft_may(const struct request *);

/* Read the one that the address names, with its electors.  OUT_MISSING: there is none, or they
 * do not serve at the desk; OUT_AWAY; OUT_FAULT. */
enum outcome	 draft_read(struct request *, struct draft *);
enum outcome	 draft_read_id(struct request *, const struct id *, struct draft *);

/* Within a transaction: wait for who is at it first, and read it as it is now.  OUT_CONFLICT:
 * it is not of `version` any more (0: whichever). */
enum outcome	 draft_lock(struct request *, struct draft *, int64_t version);

/* Within a transaction: a line in the audit. */
enum outcome	 draft_note(struct request *, const struct draft *, const char *action);

/* Whether the site lets an editor publish without asking anybody. */
bool		 draft_is_free(const struct request *);

/* What can be done to it now. */
bool		 draft_can_ask(const struct request *, const struct draft *);
bool		 draft_can_publish(const struct request *, const struct draft *);
bool		 draft_is_correction(const struct request *, const struct draft *);

/* Whether they may vote, and what they said so far. */
bool		 draft_may_vote(const struct request *, const struct draft *,
		    const char **vote, const char **reason);

/* How many serve at the desk now. */
enum outcome	 draft_serving(struct request *, int64_t *);

/* The version that a form was made of; where it does not say, one that never is. */
int64_t		 draft_version_sent(const struct request *);

/* The name of a language in itself. */
const char	*draft_language(const struct request *, const char *lang);

/* After a deed: see the statement (303), which says what was `done`; or, when `got` is
 * OUT_CONFLICT, as it is now (409). */
enum outcome	 draft_done(struct request *, struct draft *, const char *done,
		    enum outcome got);

/* ---- statement.c: the page ---- */

/* What is wrong with what was sent, in the order of the fields; of one field, one at most. */
enum draft_problem { DRAFT_NO_TITLE, DRAFT_NO_LANGUAGE, DRAFT_USED_LANGUAGE, DRAFT_BAD_SLUG,
	DRAFT_USED_SLUG, DRAFT_LONG_SUMMARY, DRAFT_NO_BODY, DRAFT_BAD_BODY,	/* edit.c */
	DRAFT_NO_VOTE, DRAFT_NO_REASON, DRAFT_LONG_REASON,		/* approve.c */
	DRAFT_BAD_TIME, DRAFT_NO_NOTE, DRAFT_LONG_NOTE,			/* publish.c */
	DRAFT_PROBLEMS };

/* What a page is shown with beside what is stored. */
struct shown {
	unsigned		 problems;	/* a bit for each enum draft_problem; 0: fine */
	bool			 late;		/* it changed meanwhile, so nothing was done */
	const struct written	*text;		/* in the form; NULL: as it is stored */
	int64_t			 version;	/* of which that text was made; 0: the stored */
	bool			 preview;	/* of that text */
	const char		*fresh;		/* of a new one: the id it will have; d is NULL */
	const struct draft	*origin;	/* of a new translation: of what */
	const struct written	*theirs;	/* saved meanwhile, by `them`; the form has ours */
	const char		*them;
};

/* `d` NULL: of one that is not stored yet. */
enum outcome	 statement_page(struct request *, struct draft *, const struct shown *);

/* ---- editions.c: what was public ---- */
extern const struct view_name edition_names[], difference_names[];

/* The kept versions as rows of list `i` of `v`, the latest first. */
enum outcome	 editions_part(struct request *, const struct draft *, struct view *v, size_t i);

/* The way from one text to another as a row of list `i` of `v`. */
enum outcome	 difference_part(struct request *, const struct written *from,
		    const struct written *to, struct view *v, size_t i);

/* ---- publish.c: ---- */

/* How far its announcement is, as a row of list `i` of `v`; none before it is published. */
extern const struct view_name mailing_names[];
enum outcome	 mailing_part(struct request *, const struct draft *, struct view *v, size_t i);

#endif
