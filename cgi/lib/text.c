/* text.c: words in the visitor's language.  See openhall/text.h. */
#include "openhall/text.h"

#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"
#include "catalogue.h"

/* A start-up constant: what text_start() has read. */
static struct {
	const char		*lang, *path;
	struct catalogue	*texts;
} catalogues[LANGUAGES_MAX];
static size_t n_catalogues;

/* English is in the msgids. */
static bool
is_english(const char *lang)
{
	return strcmp(lang, "en") == 0;
}

static size_t
number_of(const char *lang)
{
	size_t	i = 0;

	while (i < n_catalogues && strcmp(catalogues[i].lang, lang) != 0)
		i++;
	return i;
}

static void
read_language(const char *dir, const char *lang)
{
	size_t			 i = number_of(lang);
	struct catalogue	*texts;
	const char		*path;

	path = talloc_asprintf(NULL, "%s/%s/LC_MESSAGES/openhall-%s.mo", dir, lang, lang);
	if (path == NULL || i == LANGUAGES_MAX)
		log_stop("no memory");
	if (i < n_catalogues && strcmp(catalogues[i].path, path) == 0) {
		talloc_free((void *)path);
		return;
	}
	switch (catalogue_read(NULL, path, &texts)) {
	case OUT_OK:
		break;
	case OUT_MISSING:
		log_stop("%s: the catalogue of a language of this site: %m", path);
	case OUT_INVALID:
		log_stop("%s: this is no catalogue of texts for this machine", path);
	default:
		log_stop("no memory");
	}
	catalogues[i].lang = talloc_strdup(texts, lang);
	catalogues[i].path = path;
	catalogues[i].texts = texts;
	if (catalogues[i].lang == NULL)
		log_stop("no memory");
	if (i == n_catalogues)
		n_catalogues++;
}

void
text_start(const struct settings *settings)
{
	for (size_t i = 0; i < settings->n_words; i++)
		if (!is_english(settings->words[i].lang))
			read_language(settings->locale_dir, settings->words[i].lang);
}

/* The text of a msgid that NC_() may have made. */
static const char *
plain(const char *msgid)
{
	const char *behind = strstr(msgid, TEXT_BEHIND);

	return behind != NULL ? behind + strlen(TEXT_BEHIND) : msgid;
}

const char *
text_in(const struct site_words *words, const char *msgid)
{
	size_t		 i = number_of(words->lang);
	const char	*text;

	if (*msgid == '\0' || i == n_catalogues)
		return plain(msgid);
	text = catalogue_find(catalogues[i].texts, msgid);
	return text != NULL ? text : plain(msgid);
}

const char *
text_in_n(const struct site_words *words, const char *singular,
    const char *plural, unsigned long n)
{
	size_t		 i = number_of(words->lang);
	const char	*text = NULL;

	if (i < n_catalogues)
		text = catalogue_find_n(catalogues[i].texts, singular, n);
	if (text != NULL)
		return text;
	return n == 1 ? singular : plural;
}
