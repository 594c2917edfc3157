/*
 * text: the project's own words in the visitor's language, from the catalogues that GNU
 * gettext makes (locale_dir/es/LC_MESSAGES/openhall-es.mo).  One process serves every
 * language, and no locale of the system is needed.
 * The msgid is the English text.  po/extract.sh finds the arguments of N_() and NC_() and the
 * msgids of text_in() and text_in_n().
 */
#ifndef OPENHALL_TEXT_H
#define OPENHALL_TEXT_H

#include "openhall/settings.h"

/* Marks a literal that is looked up later, as in a table. */
#define N_(msgid)	msgid

/* The same where one English text has to be two elsewhere: `context` tells them apart, and is
 * never shown.  Of a language without a translation the text stands behind it. */
#define NC_(context, msgid)	context TEXT_BEHIND msgid
#define TEXT_BEHIND	"\004"

/*
 * Read the catalogue of every language of the site.  For start-up; template_compile()
 * calls it, so only a program that compiles no template must.  A language without
 * its catalogue: log_stop().
 */
void		 text_start(const struct settings *);

/* `msgid` in the language of `words`, or itself where that has no translation. */
const char	*text_in(const struct site_words *words, const char *msgid)
		    __attribute__((format_arg(2)));

/* The form that `n` of a thing takes in the language of `words`. */
const char	*text_in_n(const struct site_words *words, const char *singular,
		    const char *plural, unsigned long n)
		    __attribute__((format_arg(2), format_arg(3)));

#endif
