/*
 * form: a form declared once, in www/sites/SITE/forms/NAME.xml (grammar:
 * schema/form.rng).  From the one declaration come the HTML, the parsing, the limits,
 * the messages, the reviewer's view and the note beside each question that says who
 * will see the answer.
 */
#ifndef OPENHALL_FORM_H
#define OPENHALL_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/pairs.h"
#include "openhall/settings.h"
#include "openhall/unit.h"
#include "openhall/view.h"

enum field_kind {
	FIELD_NONE = 0,
	FIELD_LINE,		/* one line of text */
	FIELD_TEXT,		/* several lines */
	FIELD_EMAIL,		/* WHATWG "valid e-mail address" */
	FIELD_TEL,		/* normalised towards E.164 */
	FIELD_ONE,		/* one of the choices: radio buttons */
	FIELD_MANY,		/* any of the choices: checkboxes */
	FIELD_CHECK,		/* a single box: yes or nothing */
	FIELD_AMOUNT,		/* money, whole units or two decimals, with a least amount */
	FIELD__COUNT
};

/* One text in each language of the site, in the order of settings->words. */
struct form_words { const char *in[LANGUAGES_MAX]; };

struct form_choice {
	const char		*value;
	struct form_words	 label;
};

/* Where the choices of a question come from, before those that the file gives. */
enum form_from {
	FROM_FILE = 0,
	FROM_AREAS,		/* settings->areas */
	FROM_UNITS		/* form_units() */
};

/* How long what is kept after which end. */
struct form_keep {
	const char	*after;		/* a state in which cases end: "accepted"; or "never":
					   counted from the last that was done in an open case */
	unsigned	 days;		/* 0: at once (only "withdrawn") */
	bool		 messages;	/* the messages and notes only; otherwise everything */
};

struct form_field {
	const char		*name;		/* [a-z][a-z0-9_]* */
	enum field_kind		 kind;
	bool			 required;
	size_t			 unless;	/* required only while field number `unless`-1
						   is not answered; 0: none */
	size_t			 least, most;	/* characters; for FIELD_MANY, choices (where
						   fewer are offered, all of them will do) */
	const char		*most_text;	/* `most` for a page; NULL: not to be said */
	long			 amount_least;	/* cents, FIELD_AMOUNT */
	const char		*currency;	/* "$", FIELD_AMOUNT */
	const char		*autocomplete, *inputmode;
	void			*pattern;	/* pcre2_code, anchored, or NULL */
	size_t			 n_choices;
	const struct form_choice *choices;	/* with none at all it is not asked */
	size_t			 n_own;		/* the last so many are those of the file */
	struct form_words	 label, hint, error;	/* hint, error: may be NULL */
	struct form_words	 seen;		/* who will see the answer; NULL: as the section
						   says */
	struct form_words	 page;		/* "/es/programme": the page that a FIELD_CHECK
						   speaks of, or NULL */
	struct form_words	 page_label;
	size_t			 section;	/* its number */
	enum form_from		 from;
	unsigned		 unit_kinds;	/* bits by enum unit_kind, FROM_UNITS */
	const char		*index;		/* the facet that stands readable beside
						   the sealed answers, because a queue is
						   sorted or found by it: "need",
						   "offer", "area", "urgency", "language",
						   "near", "unit"; NULL: none */
	size_t			 when;		/* it is a facet only if box number `when`-1 is
						   ticked; 0: always */
};

struct form_section {
	struct form_words	 title, intro;	/* intro may be NULL */
	struct form_words	 seen;		/* its own or the form's */
};

struct form {
	const struct settings	*settings;	/* whose languages the texts are in */
	const char		*name;		/* "join" */
	const char		*version;	/* of the form's text: "2026-11" */
	size_t			 n_keeps;
	const struct form_keep	*keeps;
	struct form_words	 kept;		/* the same in sentences, for the note above the
						   questions */
	struct form_words	 title, intro, send, seen;
	size_t			 n_sections, n_fields;
	const struct form_section *sections;
	const struct form_field	*fields;
};

/* The answers to a form: for each field its values as they came (kept when they are
 * wrong) and the message of what to do about it. */
struct form_answers {
	const struct form	*form;
	const char		***values;	/* [field][n], each list ends in NULL */
	const char		**errors;	/* [field], NULL: fine */
	size_t			 n_errors;
	const char		*lang;		/* of the page they were given on; NULL: not
						   stored yet */
};

/*
 * Read and check the form file `name` of the site, below `ctx`.  A file that the grammar
 * refuses, a missing language, a pattern that does not compile, two fields of one
 * name: log_stop() with file, line and reason.  Units are offered only after form_units().
 */
struct form		*form_read(const void *ctx, const struct settings *,
			    const char *name);

/* Offer `units` in the questions that are FROM_UNITS, in place of those offered before; where
 * the file has a choice of the same value, that one stays.  They are copied; views and labels
 * of before are no longer good.  OUT_OK or OUT_FAULT.  Whether there is such a question. */
enum outcome		 form_units(struct form *, const struct units *);
bool			 form_wants_units(const struct form *);

/* Days for which all (or the messages) are kept after an end in `state`; -1: not declared. */
int			 form_keep_days(const struct form *, const char *state,
			    bool messages);

/* How many characters a UTF-8 text has, as the limits of answers count them. */
size_t			 form_characters(const char *text);

/* Answers with nothing in them.  NULL: no memory. */
struct form_answers	*form_empty(const void *ctx, const struct form *);

/*
 * Take from `body` what the form declares, and nothing else; normalise (CRLF to LF, outer
 * white space off, telephone numbers), check, and fill in the messages in language
 * number `lang` of the site.  OUT_OK; OUT_INVALID when a message was set (every value is
 * kept); OUT_FAULT.  Values that needed no change are those of `body`, which must live as
 * long as the answers.  A question that has no choice to offer is not asked: it is not
 * required, and what came for it is dropped.
 */
enum outcome		 form_parse(const void *ctx, const struct form *,
			    const struct pairs *body, size_t lang,
			    struct form_answers **out);

/* Take the messages back: who is not done yet, or changes the language, has made no mistake. */
void			 form_forgive(struct form_answers *);

/* The answers as text to be sealed (pairs: form, version, lang, and each value), and
 * back.  Names the form no longer has come back in `strays`; a value that is no longer
 * offered stays. */
void			 form_store(const struct form_answers *, const char *lang,
			    struct buf *to);
enum outcome		 form_load(const void *ctx, const struct form *, const char *text,
			    size_t len, struct form_answers **out, struct pairs *strays);

/*
 * What stands readable beside the sealed answers.  `text`: pairs as pairs_encode() writes them,
 * "area=north&need=food"; `kind`: "ask" when something is needed, "offer" when something is only
 * offered, "" where the form asks for neither; `urgency`: the number of the choice, 0 first; of
 * what is not said to be urgent, the last.  What is no choice (any more) is left out.
 */
enum { FORM_FACETS_MAX = 2048 };	/* bytes; no form may ask for more */
struct form_facets {
	const char		*text, *kind;
	unsigned		 urgency;
};
enum outcome		 form_facets(const void *ctx, const struct form_answers *,
			    struct form_facets *);

/* The value of facet `name` in `text`, below `ctx`; NULL: none. */
const char		*form_facet(const void *ctx, const char *text, const char *name);

/* The label of `value` in the question whose index is `facet`; `value` itself when it is not a
 * choice (any more). */
const char		*form_facet_label(const struct form *, const char *facet,
			    const char *value, size_t lang);

/*
 * Views for the parts of a page that show a form.  A page that includes one of them has a
 * list of the name that the part reads, with these rows:
 *	form.html	the questions, with values and messages		`sections`
 *			(who reads a section is said where the form says so of it alone)
 *	errors.html	the summary of messages, linked to the questions	`errors`
 *	answers.html	what was answered				`answers`
 *	hidden.html	the answers as a review page carries them	`hidden`
 * Each function appends to list `i` of `page`.  Nothing is copied: the answers must live
 * as long as the view.
 */
extern const struct view_name form_section_names[];
extern const struct view_name form_error_names[];
extern const struct view_name answer_section_names[];
extern const struct view_name form_hidden_names[];

void	form_view(struct view *page, size_t i, const struct form_answers *, size_t lang);
void	form_view_errors(struct view *page, size_t i, const struct form_answers *, size_t lang);
void	form_view_answers(struct view *page, size_t i, const struct form_answers *,
	    size_t lang);
void	form_view_hidden(struct view *page, size_t i, const struct form_answers *);

#endif
