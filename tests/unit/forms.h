/*
 * forms.h: what the tests of forms share: a site of two languages, form files as texts, and
 * what came of an answer.
 */
#ifndef FORMS_H
#define FORMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "../../cgi/lib/form.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A text in both languages. */
#define BOTH(tag, en, es) \
	"<" tag " xml:lang=\"en\">" en "</" tag ">" \
	"<" tag " xml:lang=\"es\">" es "</" tag ">"
#define LABEL BOTH("label", "L", "M")
#define OWN BOTH("error", "Mend it.", "Arréglalo.")

/* The keeps stand on line 1, questions begin on line 3. */
#define FORM(questions) KEPT_FORM("<keep after=\"declined\" days=\"30\"/>", questions)
#define KEPT_FORM(keeps, questions) \
	"<form version=\"7\">" keeps BOTH("title", "T", "T") \
	BOTH("intro", "I", "I") BOTH("send", "S", "S") BOTH("seen", "A", "B") "\n" \
	"<section>" BOTH("title", "T", "T") "\n" questions "\n</section></form>"

#define LINE "<line name=\"l\">" LABEL "</line>"
#define PICK(value) "<choice value=\"" value "\">" LABEL "</choice>"
#define CHOICES \
	"<choice value=\"x\">" BOTH("label", "Ex", "Equis") "</choice>" \
	"<choice value=\"y\">" BOTH("label", "Why", "Ye") "</choice>" \
	"<choice value=\"z\">" BOTH("label", "Zed", "Zeta") "</choice>"

/* A question of each kind, and what answers the one that must be. */
extern const char		 all_kinds[];
#define MAIL "email=a%40b.c"

/* Questions whose choices are areas and units, and units for them: the first two are of
 * work. */
extern const char		 offering[];
extern const struct unit	 all_units[6];

/* Of the tests' site, for the whole run: set_up() reads the grammar. */
extern struct settings		 settings;
extern xmlRelaxNG		*grammar;
int				 set_up(void **state);
int				 tear_down(void **state);

/* A path below the sources. */
const char	*source(const void *ctx, const char *path);

/* The form of a file's text, which messages call forms/t.xml.  NULL: `*why`. */
struct form	*form_of(const void *ctx, const char *xml, char **why);

/* What came of a body, as two texts: what was given, and the messages by field. */
void		 describe(const struct form_answers *, struct buf *given, struct buf *errors);

/* The part `file` of a page in English, with these answers or those of a body. */
const char	*shown(void *ctx, const struct form_answers *, const char *file);
const char	*rendered(void *ctx, const struct form *, const char *raw, const char *file);

#endif
