/*
 * statement.c: the page of one statement: its text, who has still to agree, what is public.
 */
#include <string.h>
#include <talloc.h>

#include "draft.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_WORK, Q__COUNT };

const struct db_query statement_page_queries[] = {	/* takes, gives, sql */
	[Q_WORK] = { "bb", "bsss",
	    "SELECT id, lang, title, state FROM statement WHERE work = ? AND id <> ?"
	    " ORDER BY lang" },
};
const size_t statement_page_n_queries = Q__COUNT;

enum { TX_LANG, TX_TITLE, TX_SUMMARY, TX_HTML, TX__COUNT };

/* A text as its readers see it: statement-text.html. */
static const struct view_name text_names[] = {
	[TX_LANG] = { "lang", NULL },
	[TX_TITLE] = { "title", NULL },
	[TX_SUMMARY] = { "summary", NULL },
	[TX_HTML] = { "html", VIEW_MARKUP },
	[TX__COUNT] = { NULL, NULL }
};

enum { OP_VALUE, OP_WORDS, OP_CHOSEN, OP__COUNT };

static const struct view_name option_names[] = {
	[OP_VALUE] = { "value", NULL },
	[OP_WORDS] = { "words", NULL },
	[OP_CHOSEN] = { "chosen", NULL },
	[OP__COUNT] = { NULL, NULL }
};

enum { TR_ID, TR_NAME, TR_LANG, TR_LANGUAGE, TR_STATE, TR_KIND, TR__COUNT };

static const struct view_name translation_names[] = {
	[TR_ID] = { "other", NULL },		/* none: it is to be written */
	[TR_NAME] = { "name", NULL },
	[TR_LANG] = { "lang", NULL },
	[TR_LANGUAGE] = { "language", NULL },
	[TR_STATE] = { "state", NULL },
	[TR_KIND] = { "kind", NULL },
	[TR__COUNT] = { NULL, NULL }
};

enum { P_ID, P_FRESH, P_STORED, P_VERSION, P_NAME, P_STATE, P_KIND, P_LANGUAGE, P_CHANGED,
	P_BY, P_SINCE, P_FROM, P_PATH, P_DONE, P_LATE, P_PROBLEMS, P_PREVIEW, P_TEXT,
	P_READING, P_CORRECTS, P_FIXED, P_ORIGIN, P_ORIGIN_ID, P_ORIGIN_BODY, P_LANGUAGES,
	P_LANG, P_SLUG, P_TITLE, P_SUMMARY, P_BODY, P_REMOVABLE, P_THEM, P_DIFFERENCE,
	P_VOTES, P_CAN_ASK, P_TOO_FEW, P_SERVING, P_REVIEWERS, P_DAYS, P_CAN_PUBLISH, P_AT,
	P_NOW, P_NOTE, P_LATEST, P_PUBLIC, P_MAILING, P_TRANSLATIONS, P_EDITIONS,
	P_HAS_PROBLEM, P_HAS_PREVIEW, P_HAS_TRANSLATIONS, P_HAS_EDITIONS,
	P_AT_TITLE, P_AT_SUMMARY, P_AT_BODY, P_AT_SLUG, P_AT_LANGUAGE, P_AT_VOTE, P_AT_REASON,
	P_AT_TIME, P_AT_NOTE, P__COUNT };

enum { PR_FIELD, PR_TEXT, PR__COUNT };

static const struct view_name problem_names[] = {
	[PR_FIELD] = { "field", NULL },
	[PR_TEXT] = { "text", NULL },
	[PR__COUNT] = { NULL, NULL }
};

static const struct view_name page_names[] = {
	[P_ID] = { "id", NULL },		/* or "new" */
	[P_FRESH] = { "fresh", NULL },		/* the id that a new one will have */
	[P_STORED] = { "stored", NULL },
	[P_VERSION] = { "version", NULL },
	[P_NAME] = { "name", NULL },
	[P_STATE] = { "state", NULL },
	[P_KIND] = { "kind", NULL },
	[P_LANGUAGE] = { "language", NULL },
	[P_CHANGED] = { "changed", NULL },
	[P_BY] = { "by", NULL },
	[P_SINCE] = { "since", NULL },		/* public */
	[P_FROM] = { "from", NULL },		/* will be public */
	[P_PATH] = { "address", NULL },		/* of the public page */
	[P_DONE] = { "done", NULL },
	[P_LATE] = { "late", NULL },
	[P_PROBLEMS] = { "problems", problem_names },
	[P_PREVIEW] = { "preview", text_names },	/* of what stands in the form */
	[P_TEXT] = { "text", text_names },		/* as it is stored */
	[P_READING] = { "reading", NULL },	/* the form is behind the text */
	[P_CORRECTS] = { "corrects", NULL },	/* readers have a version of it now */
	[P_FIXED] = { "fixed", NULL },		/* its address and language */
	[P_ORIGIN] = { "origin", NULL },	/* the title of what it translates */
	[P_ORIGIN_ID] = { "origin_id", NULL },
	[P_ORIGIN_BODY] = { "origin_body", NULL },
	[P_LANGUAGES] = { "tongues", option_names },
	[P_LANG] = { "language_code", NULL },
	[P_SLUG] = { "slug", NULL },
	[P_TITLE] = { "title", NULL },
	[P_SUMMARY] = { "summary", NULL },
	[P_BODY] = { "body", NULL },
	[P_REMOVABLE] = { "removable", NULL },
	[P_THEM] = { "them", NULL },		/* saved it meanwhile */
	[P_DIFFERENCE] = { "difference", difference_names },
	[P_VOTES] = { "votes", votes_names },
	[P_CAN_ASK] = { "can_ask", NULL },
	[P_TOO_FEW] = { "too_few", NULL },
	[P_SERVING] = { "serving", NULL },
	[P_REVIEWERS] = { "reviewers", NULL },
	[P_DAYS] = { "days", NULL },
	[P_CAN_PUBLISH] = { "can_publish", NULL },
	[P_AT] = { "at", NULL },
	[P_NOW] = { "now", NULL },
	[P_NOTE] = { "note", NULL },
	[P_LATEST] = { "latest", NULL },	/* the number of the edition that readers have */
	[P_PUBLIC] = { "public", NULL },
	[P_MAILING] = { "mailing", mailing_names },
	[P_TRANSLATIONS] = { "translations", translation_names },
	[P_EDITIONS] = { "editions", edition_names },
	[P_HAS_PROBLEM] = { "has_problem", NULL },
	[P_HAS_PREVIEW] = { "has_preview", NULL },
	[P_HAS_TRANSLATIONS] = { "has_translations", NULL },
	[P_HAS_EDITIONS] = { "has_editions", NULL },
	[P_AT_TITLE] = { "bad_title", NULL },	/* what is wrong with each field */
	[P_AT_SUMMARY] = { "bad_summary", NULL },
	[P_AT_BODY] = { "bad_body", NULL },
	[P_AT_SLUG] = { "bad_slug", NULL },
	[P_AT_LANGUAGE] = { "bad_language", NULL },
	[P_AT_VOTE] = { "bad_vote", NULL },
	[P_AT_REASON] = { "bad_reason", NULL },
	[P_AT_TIME] = { "bad_time", NULL },
	[P_AT_NOTE] = { "bad_note", NULL },
	[P__COUNT] = { NULL, NULL }
};

/* What to do about what was sent, and at which field. */
static const struct { size_t at; const char *field, *text; } problems[DRAFT_PROBLEMS] = {
	[DRAFT_NO_TITLE] = { P_AT_TITLE, "title",
	    N_("Give it a title of 1 to 200 characters") },
	[DRAFT_NO_LANGUAGE] = { P_AT_LANGUAGE, "lang", N_("Choose the language of the text") },
	[DRAFT_USED_LANGUAGE] = { P_AT_LANGUAGE, "lang",
	    N_("There is a translation into this language already") },
	[DRAFT_BAD_SLUG] = { P_AT_SLUG, "slug",
	    N_("Use small letters a to z, digits and hyphens, not a year alone and not a "
	    "word that our pages use themselves") },
	[DRAFT_USED_SLUG] = { P_AT_SLUG, "slug",
	    N_("Another statement has this address already") },
	[DRAFT_LONG_SUMMARY] = { P_AT_SUMMARY, "summary",
	    N_("Shorten the summary to 600 characters") },
	[DRAFT_NO_BODY] = { P_AT_BODY, "body", N_("Write the text") },
	[DRAFT_BAD_BODY] = { P_AT_BODY, "body",
	    N_("The text is too long, or its lists and quotes are nested too deep") },
	[DRAFT_NO_VOTE] = { P_AT_VOTE, "vote", N_("Choose how you vote") },
	[DRAFT_NO_REASON] = { P_AT_REASON, "reason", N_("Give the others a reason") },
	[DRAFT_LONG_REASON] = { P_AT_REASON, "reason",
	    N_("Shorten the reason to 2000 characters") },
	[DRAFT_BAD_TIME] = { P_AT_TIME, "at",
	    N_("Write the day and the time as in 2026-11-30 18:00") },
	[DRAFT_NO_NOTE] = { P_AT_NOTE, "note", N_("Tell the readers what was corrected") },
	[DRAFT_LONG_NOTE] = { P_AT_NOTE, "note", N_("Shorten the note to 600 characters") },
};

/* What was done, as the address of the page says afterwards. */
static const struct { const char *done, *text; } deeds[] = {
	{ "saved", N_("Saved.") },
	{ "asked", N_("The others are asked now. Saving another text ends the asking.") },
	{ "voted", N_("Your vote was taken.") },
	{ "published", N_("It is public now.") },
	{ "scheduled", N_("It will be public at the time you set.") },
	{ "withdrawn", N_("It is no longer public. Its text is kept here.") },
	{ "announced", N_("The mails are on their way.") },
};

void
statement_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->statement, "admin-statement.html",
	    page_names);
}

/* ---- the text ---- */

/* As its readers see it.  What cannot be rendered is told beside the form. */
static enum outcome
add_text(struct request *rq, struct view *v, size_t list, const struct written *text)
{
	struct markup	 html;
	struct view	*row;
	enum outcome	 got = markdown_html(rq, text->body, &html);

	if (got != OUT_OK)
		return got == OUT_INVALID ? OUT_OK : got;
	row = view_row(v, list);
	view_text(row, TX_LANG, text->lang);
	view_text(row, TX_TITLE, text->title);
	view_text(row, TX_SUMMARY, text->summary);
	view_markup(row, TX_HTML, html);
	return OUT_OK;
}

static void
add_form(struct request *rq, struct view *v, const struct written *text)
{
	view_text(v, P_LANG, text->lang);
	view_text(v, P_SLUG, text->slug);
	view_text(v, P_TITLE, text->title);
	view_text(v, P_SUMMARY, text->summary);
	view_text(v, P_BODY, text->body);
	for (size_t i = 0; i < rq->settings->n_words; i++) {
		const struct site_words	*words = &rq->settings->words[i];
		struct view		*row = view_row(v, P_LANGUAGES);

		view_text(row, OP_VALUE, words->lang);
		view_text(row, OP_WORDS, words->lang_name);
		view_flag(row, OP_CHOSEN, strcmp(words->lang, text->lang) == 0);
	}
}

static enum outcome
add_translations(struct request *rq, const struct draft *d, struct view *v)
{
	const struct settings	*s = rq->settings;
	struct db_rows		 rows;
	enum outcome		 got;

	if (s->n_words < 2)
		return OUT_OK;
	if ((got = db_all(rq->app->db, rq, &statement_page_queries[Q_WORK], &rows,
	    DB_BYTES(d->work.at, ID_LEN), DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	for (size_t i = 0; i < s->n_words; i++) {
		struct view	*row;
		char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
		struct id	 id;

		if (hex == NULL)
			return OUT_FAULT;
		if (strcmp(s->words[i].lang, d->text.lang) == 0)
			continue;
		row = view_row(v, P_TRANSLATIONS);
		view_text(row, TR_LANG, s->words[i].lang);
		view_text(row, TR_LANGUAGE, s->words[i].lang_name);
		for (size_t k = 0; k < rows.n; k++) {
			const struct db_value	*at = rows.at[k].at;
			size_t			 state = 0;

			if (strcmp(at[1].bytes.data, s->words[i].lang) != 0)
				continue;
			memcpy(id.at, at[0].bytes.data, ID_LEN);
			id_text(hex, &id);
			view_text(row, TR_ID, hex);
			view_text(row, TR_NAME, at[2].bytes.data);
			while (state + 1 < DRAFT_STATES &&
			    strcmp(at[3].bytes.data, draft_states[state].name) != 0)
				state++;
			view_text(row, TR_STATE, text_in(rq->words,
			    draft_states[state].words));
			view_text(row, TR_KIND, draft_states[state].kind);
		}
	}
	return OUT_OK;
}

/* ---- deciding ---- */

/* Who was asked about this version, and what came of it. */
static void
add_round(struct request *rq, const struct draft *d, struct view *page)
{
	struct votes	votes = {
		.where = talloc_asprintf(rq, "/admin/statements/%s", d->hex),
		.version = d->version,
		.tally = &d->tally,
		.electors = &d->electors,
		.opened_at = d->asked_at,
		.open = d->state == REVIEW,
	};

	if (d->electors.n == 0)
		return;
	votes.may_vote = draft_may_vote(rq, d, &votes.vote, &votes.reason);
	votes_part(rq, &votes, page, P_VOTES);
}

static enum outcome
add_asking(struct request *rq, const struct draft *d, struct view *v)
{
	const struct rule	*rule = &rq->settings->statements;
	int64_t			 serving;
	enum outcome		 got;

	if (!draft_can_ask(rq, d))
		return OUT_OK;
	if ((got = draft_serving(rq, &serving)) != OUT_OK)
		return got;
	view_flag(v, serving < rule->reviewers ? P_TOO_FEW : P_CAN_ASK, 1);
	view_number(v, P_SERVING, serving);
	view_number(v, P_REVIEWERS, rule->reviewers);
	view_number(v, P_DAYS, rule->days);
	return OUT_OK;
}

/* ---- the page ---- */

/* What is known of one that is stored. */
static enum outcome
add_stored(struct request *rq, const struct draft *d, const struct shown *shown,
    struct view *v)
{
	const struct site_words	*words = settings_words(rq->settings, d->text.lang);
	bool			 is_out = draft_is_correction(rq, d);
	enum outcome		 got;

	view_flag(v, P_STORED, 1);
	view_text(v, P_ID, d->hex);
	view_number(v, P_VERSION, shown->version != 0 ? shown->version : d->version);
	view_text(v, P_NAME, d->text.title);
	view_text(v, P_STATE, text_in(rq->words, draft_states[d->state].words));
	view_text(v, P_KIND, draft_states[d->state].kind);
	view_text(v, P_LANGUAGE, draft_language(rq, d->text.lang));
	view_text(v, P_CHANGED, when_moment(rq, rq->words, d->changed_at));
	view_text(v, P_BY, d->changed_by);
	view_flag(v, P_PUBLIC, d->is_public);
	if (d->is_public)
		view_text(v, is_out ? P_SINCE : P_FROM,
		    when_moment(rq, rq->words, d->published_at));
	if (is_out && words != NULL)
		view_text(v, P_PATH, talloc_asprintf(rq, "%s/statements/%s", words->prefix,
		    d->text.slug));
	view_flag(v, P_CORRECTS, is_out);
	view_flag(v, P_FIXED, d->editions > 0);
	view_flag(v, P_HAS_EDITIONS, d->editions > 0);
	view_flag(v, P_HAS_TRANSLATIONS, rq->settings->n_words > 1);
	view_flag(v, P_REMOVABLE, d->editions == 0);
	view_flag(v, P_READING, d->state != DRAFT && shown->text == NULL);
	if (d->is_public && d->state != PUBLISHED)
		view_number(v, P_LATEST, d->editions);
	view_flag(v, P_CAN_PUBLISH, draft_can_publish(rq, d));
	view_text(v, P_AT, pairs_find(&rq->body, "at"));
	view_text(v, P_NOTE, pairs_find(&rq->body, "note"));
	view_text(v, P_NOW, when_moment(rq, rq->words, rq->now));
	add_round(rq, d, v);
	if (d->state != DRAFT && !shown->preview &&
	    (got = add_text(rq, v, P_TEXT, &d->text)) != OUT_OK)
		return got;
	if ((got = add_asking(rq, d, v)) != OUT_OK ||
	    (got = mailing_part(rq, d, v, P_MAILING)) != OUT_OK ||
	    (got = add_translations(rq, d, v)) != OUT_OK)
		return got;
	return editions_part(rq, d, v, P_EDITIONS);
}

/* All of them, above the page and each at its field. */
static void
add_problems(struct request *rq, struct view *v, unsigned these)
{
	view_flag(v, P_HAS_PROBLEM, these != 0);
	for (size_t i = 0; i < DRAFT_PROBLEMS; i++) {
		const char	*text = text_in(rq->words, problems[i].text);
		struct view	*row;

		if ((these & 1u << i) == 0)
			continue;
		row = view_row(v, P_PROBLEMS);
		view_text(row, PR_FIELD, problems[i].field);
		view_text(row, PR_TEXT, text);
		view_text(v, problems[i].at, text);
	}
}

static void
add_done(struct request *rq, struct view *v)
{
	const char *done = pairs_find(&rq->query, "done");

	for (size_t i = 0; done != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(done, deeds[i].done) == 0)
			view_text(v, P_DONE, text_in(rq->words, deeds[i].text));
	}
}

/* One that is being begun. */
static void
add_new(const struct shown *shown, struct view *v)
{
	view_text(v, P_ID, "new");
	view_text(v, P_FRESH, shown->fresh);
	view_number(v, P_VERSION, 0);
	if (shown->origin == NULL)
		return;
	view_text(v, P_ORIGIN, shown->origin->text.title);
	view_text(v, P_ORIGIN_ID, shown->origin->hex);
	view_text(v, P_ORIGIN_BODY, shown->origin->text.body);
}

enum outcome
statement_page(struct request *rq, struct draft *d, const struct shown *shown)
{
	const struct office	*office = rq->app->own;
	const struct written	*text = shown->text != NULL ? shown->text : &d->text;
	struct view		*v = view_new(rq, page_names);
	enum outcome		 got;

	if (d == NULL)
		add_new(shown, v);
	else if ((got = add_stored(rq, d, shown, v)) != OUT_OK)
		return got;
	add_form(rq, v, text);
	add_problems(rq, v, shown->problems);
	view_flag(v, P_LATE, shown->late);
	add_done(rq, v);
	view_flag(v, P_HAS_PREVIEW, shown->preview);
	if (shown->preview && (got = add_text(rq, v, P_PREVIEW, text)) != OUT_OK)
		return got;
	if (shown->theirs != NULL) {
		view_text(v, P_THEM, shown->them);
		if ((got = difference_part(rq, shown->theirs, text, v,
		    P_DIFFERENCE)) != OUT_OK)
			return got;
	}
	return page_send(rq, &office->statement, v, shown->theirs != NULL || shown->late ?
	    409 : shown->problems != 0 ? 422 : 200);
}
