/*
 * one.c: a statement's own page, by which it is known for good.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/when.h"

enum { O_SLUG, O_TITLE, O_SUMMARY, O_DAY, O_ISO, O_HTML, O_CORRECTED, O_CORRECTED_ISO,
	O_NOTE, O_TRANSLATIONS, O_MAILS };
enum { T_LANG, T_NAME, T_HREF };

static const struct view_name translation_names[] = {
	[T_LANG] = { "lang", NULL },
	[T_NAME] = { "name", NULL },
	[T_HREF] = { "href", NULL },
	{ NULL, NULL }
};

static const struct view_name one_names[] = {
	[O_SLUG] = { "slug", NULL },
	[O_TITLE] = { "title", NULL },
	[O_SUMMARY] = { "summary", NULL },
	[O_DAY] = { "day", NULL },
	[O_ISO] = { "iso", NULL },
	[O_HTML] = { "html", VIEW_MARKUP },
	[O_CORRECTED] = { "corrected", NULL },
	[O_CORRECTED_ISO] = { "corrected_iso", NULL },
	[O_NOTE] = { "note", NULL },
	[O_TRANSLATIONS] = { "translations", translation_names },
	[O_MAILS] = { "mails", NULL },	/* one can be told of new ones */
	{ NULL, NULL }
};

void
one_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->one, "statement.html", one_names);
}

/* Where a language has no translation, its link leads to the list. */
static void
add_translations(struct request *rq, struct view *v, const struct statements *all)
{
	const struct settings *s = rq->settings;

	for (size_t i = 0; i < s->n_words; i++) {
		rq->path_in[i] = "/statements";
		rq->missing_in[i] = true;
		for (size_t k = 0; k < all->n; k++) {
			struct view *row;

			if (strcmp(all->at[k].lang, s->words[i].lang) != 0)
				continue;
			rq->path_in[i] = talloc_asprintf(rq, "/statements/%s",
			    all->at[k].slug);
			rq->missing_in[i] = false;
			row = view_row(v, O_TRANSLATIONS);
			view_text(row, T_LANG, s->words[i].lang);
			view_text(row, T_NAME, s->words[i].lang_name);
			view_text(row, T_HREF, talloc_asprintf(rq, "%s%s",
			    s->words[i].prefix, rq->path_in[i]));
		}
	}
}

/* When the page last changed, as far as it tells. */
static time_t
changed_at(const struct statement *s, const struct statements *translations)
{
	int64_t at = s->corrected_at > s->published_at ? s->corrected_at :
	    s->published_at;

	for (size_t i = 0; i < translations->n; i++) {
		if (translations->at[i].published_at > at)
			at = translations->at[i].published_at;
	}
	return (time_t)at;
}

static enum outcome
make_one(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, one_names);
	struct statement	 s;
	struct statements	 translations;
	enum outcome		 got;

	got = statement_find(rq->app->db, rq, rq->words->lang, rq->rest, rq->now, &s);
	if (got != OUT_OK || (got = statement_translations(rq->app->db, rq, &s,
	    rq->now, &translations)) != OUT_OK)
		return got;
	view_text(v, O_SLUG, s.slug);
	view_text(v, O_TITLE, s.title);
	view_text(v, O_SUMMARY, s.summary);
	view_text(v, O_DAY, when_day(rq, rq->words, s.published_at));
	view_text(v, O_ISO, when_iso(rq, s.published_at));
	view_markup(v, O_HTML, s.html);
	if (s.corrected_at != 0) {
		view_text(v, O_CORRECTED, when_day(rq, rq->words, s.corrected_at));
		view_text(v, O_CORRECTED_ISO, when_iso(rq, s.corrected_at));
		view_text(v, O_NOTE, s.note);
	}
	add_translations(rq, v, &translations);
	view_flag(v, O_MAILS, own->mails);
	rq->description = *s.summary != '\0' ? s.summary : s.title;
	rq->canonical = rq->path;
	rq->max_age = PAGE_SECONDS;
	rq->modified = changed_at(&s, &translations);
	return page_send(rq, &own->one, v, 200);
}

/* The year that `text` is, or 0: a slug never is four digits. */
static int
year_of(const char *text)
{
	int year = 0;

	if (strlen(text) != 4 || strspn(text, "0123456789") != 4)
		return 0;
	for (; *text != '\0'; text++)
		year = 10 * year + *text - '0';
	return year;
}

static enum outcome
make(struct request *rq)
{
	int year = year_of(rq->rest);

	return year != 0 ? list_year(rq, year) : make_one(rq);
}

enum outcome
one_show(struct request *rq)
{
	size_t place = 0;

	if (pairs_find(&rq->query, "before") != NULL)
		return make(rq);
	for (const char *c = rq->rest; *c != '\0'; c++)
		place = 131 * place + (unsigned char)*c;
	return statements_send(rq, KEPT_ONE + place % ONES_MOST, make);
}
