/*
 * text.c: words in the visitor's language.
 *
 * glibc takes a catalogue's folder from LANGUAGE and its file from the domain.  LANGUAGE
 * is set once, to every language of the site; a domain exists in one folder only, so
 * naming the domain is naming the language.  LANGUAGE counts for any locale but "C".
 */
#include "openhall/text.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openhall/log.h"

enum { DOMAIN_TEXT = 64 };

/* The domain of a language.  False for English, which is in the msgids. */
static bool
domain_of(char out[DOMAIN_TEXT], const char *lang)
{
	if (strcmp(lang, "en") == 0)
		return false;
	return snprintf(out, DOMAIN_TEXT, "openhall-%s", lang) < DOMAIN_TEXT;
}

/* Bind the catalogue of `lang` and add the language to the list in `languages`. */
static void
bind_language(const struct settings *settings, const char *lang, char **languages)
{
	char	 domain[DOMAIN_TEXT], *path, *longer;

	if (!domain_of(domain, lang))
		return;
	if (asprintf(&path, "%s/%s/LC_MESSAGES/%s.mo", settings->locale_dir, lang,
	    domain) < 0)
		log_stop("no memory");
	if (access(path, R_OK) != 0)
		log_stop("%s: the catalogue of a language of this site: %m", path);
	free(path);
	if (bindtextdomain(domain, settings->locale_dir) == NULL ||
	    bind_textdomain_codeset(domain, "UTF-8") == NULL)
		log_stop("no memory");
	if (asprintf(&longer, "%s%s%s", *languages, **languages ? ":" : "", lang) < 0)
		log_stop("no memory");
	free(*languages);
	*languages = longer;
}

void
text_start(const struct settings *settings)
{
	char	*languages = strdup("");

	if (languages == NULL)
		log_stop("no memory");
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		log_stop("this system has no locale C.UTF-8");
	for (size_t i = 0; i < settings->n_words; i++)
		bind_language(settings, settings->words[i].lang, &languages);
	/* The C library's own messages go to the operator's log: they stay English. */
	if (setenv("LANGUAGE", languages, 1) != 0 ||
	    bindtextdomain("libc", settings->locale_dir) == NULL)
		log_stop("no memory");
	free(languages);
}

const char *
text_in(const struct site_words *words, const char *msgid)
{
	char	domain[DOMAIN_TEXT];

	if (*msgid == '\0' || !domain_of(domain, words->lang))
		return msgid;
	return dgettext(domain, msgid);
}

const char *
text_in_n(const struct site_words *words, const char *singular,
    const char *plural, unsigned long n)
{
	char	domain[DOMAIN_TEXT];

	if (!domain_of(domain, words->lang))
		return n == 1 ? singular : plural;
	return dngettext(domain, singular, plural, n);
}
