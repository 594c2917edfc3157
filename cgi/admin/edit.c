/*
 * edit.c: writing a statement: beginning one, saving it, seeing it as its readers will,
 * throwing it away.  Nothing that was typed is lost, whoever saved first.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "draft.h"
#include "openhall/slug.h"
#include "openhall/text.h"

enum { Q_ADD, Q_SAVE, Q_REMOVE, Q_SLUG, Q_LANGUAGE, Q__COUNT };

const struct db_query edit_queries[] = {	/* takes, gives, sql */
	[Q_ADD] = { "bbsssssiib", "",
	    "INSERT INTO statement (id, work, lang, slug, title, summary, body,"
	    " created_at, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_SAVE] = { "sssssibb", "",
	    "UPDATE statement SET lang = ?, slug = ?, title = ?, summary = ?, body = ?,"
	    " state = 'draft', version = version + 1, asked_at = NULL, closes_at = NULL,"
	    " changed_at = ?, changed_by = ? WHERE id = ?" },
	[Q_REMOVE] = { "b", "", "DELETE FROM statement WHERE id = ?" },
	[Q_SLUG] = { "ssb", "i",
	    "SELECT 1 FROM statement WHERE lang = ? AND slug = ? AND id <> ? LIMIT 1" },
	[Q_LANGUAGE] = { "sbb", "i",
	    "SELECT 1 FROM statement WHERE lang = ? AND work = ? AND id <> ? LIMIT 1" },
};
const size_t edit_n_queries = Q__COUNT;

static const char NEW[] = "new";	/* in the place of an id */

enum { TRIES = 50 };			/* slugs for one title */

struct deed {
	struct request	*rq;
	struct draft	*d;
	struct written	 text;
	struct id	 work;		/* what it is a version of in its language */
	int64_t		 version;	/* that was seen */
	bool		 fixed;		/* its address and language: it was public */
	bool		 own_slug;	/* typed; otherwise it is made from the title */
};

/* ---- addresses ---- */

/* What stands, or may once stand, beside the statements. */
static bool
is_reserved(const char *slug)
{
	static const char *const words[] = { "new", "recent", "subscribe", "confirm", "leave",
	    "sent", "rss", "atom", "json", "feed", "feeds", "archive" };

	if (strlen(slug) == 4 && strspn(slug, "0123456789") == 4)
		return true;	/* a year */
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(slug, words[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_slug(const char *slug)
{
	size_t len = strlen(slug);

	return len > 0 && len <= STATEMENT_SLUG_MAX && slug[0] != '-' &&
	    slug[len - 1] != '-' &&
	    strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && !is_reserved(slug);
}

/* From the title; a long one ends with a whole word.  Number 0 first, as by slug_make(). */
static void
make_slug(char out[STATEMENT_SLUG_MAX + 1], const char *title, unsigned number)
{
	enum { SHORT = STATEMENT_SLUG_MAX - 26 };
	char	base[SHORT + 2], suffix[16] = "", *cut;

	slug_make(base, SHORT + 1, title, "statement", true, 0);
	if (strlen(base) > SHORT) {
		cut = strrchr(base, '-');
		*(cut != NULL ? cut : base + SHORT) = '\0';
	}
	if (number > 0)
		snprintf(suffix, sizeof(suffix), "-%u", number + 1);
	snprintf(out, STATEMENT_SLUG_MAX + 1, "%s%s%s", is_reserved(base) ? "statement-" : "",
	    base, suffix);
}

/* ---- beginning one ---- */

static enum outcome
read_origin(struct request *rq, const char *of, struct draft *origin)
{
	struct id id;

	return of != NULL && id_read(&id, of) ? draft_read_id(rq, &id, origin) : OUT_MISSING;
}

static const char *
fresh_id(struct request *rq)
{
	char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
	struct id	 id;

	randombytes_buf(id.at, ID_LEN);
	if (hex != NULL)
		id_text(hex, &id);
	return hex;
}

static enum outcome
begin(struct request *rq)
{
	const char	*of = pairs_find(&rq->query, "of");
	const char	*lang = pairs_find(&rq->query, "lang");
	struct draft	 origin;
	struct written	 empty = { rq->words->lang, "", "", "", "" };
	struct shown	 shown = { .text = &empty, .fresh = fresh_id(rq) };
	enum outcome	 got;

	if (shown.fresh == NULL)
		return OUT_FAULT;
	if (of != NULL) {
		if ((got = read_origin(rq, of, &origin)) != OUT_OK)
			return got;
		shown.origin = &origin;
	}
	if (lang != NULL && settings_words(rq->settings, lang) != NULL)
		empty.lang = lang;
	return statement_page(rq, NULL, &shown);
}

enum outcome
edit_show(struct request *rq)
{
	const struct shown	nothing = { .problems = 0 };
	struct draft		d;
	enum outcome		got;

	if (!draft_may(rq))
		return OUT_MISSING;
	if (strcmp(rq->rest, NEW) == 0)
		return begin(rq);
	got = draft_read(rq, &d);
	return got == OUT_OK ? statement_page(rq, &d, &nothing) : got;
}

/* ---- saving ---- */

static bool
alike(const struct written *a, const struct written *b)
{
	return strcmp(a->lang, b->lang) == 0 && strcmp(a->slug, b->slug) == 0 &&
	    strcmp(a->title, b->title) == 0 && strcmp(a->summary, b->summary) == 0 &&
	    strcmp(a->body, b->body) == 0;
}

/* Find out whether another has it, by Q_SLUG or Q_LANGUAGE; OUT_LIMITED: it has. */
static enum outcome
is_free(struct deed *deed, size_t query, struct db_value what)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(deed->rq->app->db, deed->rq, &edit_queries[query], &row,
	    DB_TEXT(deed->text.lang), what, DB_BYTES(deed->d->id.at, ID_LEN));
	return got == OUT_OK ? OUT_LIMITED : got == OUT_MISSING ? OUT_OK : got;
}

static enum outcome
slug_free(struct deed *deed)
{
	return is_free(deed, Q_SLUG, DB_TEXT(deed->text.slug));
}

/* Its address and its language, while they can be chosen. */
static enum outcome
check_place(struct deed *deed, unsigned *problems)
{
	bool		known = settings_words(deed->rq->settings, deed->text.lang) != NULL;
	enum outcome	got = OUT_OK;

	if (!known)
		*problems |= 1u << DRAFT_NO_LANGUAGE;
	else if ((got = is_free(deed, Q_LANGUAGE,
	    DB_BYTES(deed->work.at, ID_LEN))) == OUT_LIMITED)
		*problems |= 1u << DRAFT_USED_LANGUAGE;
	if ((got != OUT_OK && got != OUT_LIMITED) || !deed->own_slug)
		return got == OUT_LIMITED ? OUT_OK : got;
	if (!is_slug(deed->text.slug))
		*problems |= 1u << DRAFT_BAD_SLUG;
	else if (known && (got = slug_free(deed)) == OUT_LIMITED)
		*problems |= 1u << DRAFT_USED_SLUG;
	return got == OUT_LIMITED ? OUT_OK : got;
}

/* Everything that is wrong.  That the place is free, saving makes sure of once more. */
static enum outcome
check(struct deed *deed, unsigned *problems)
{
	const struct written	*t = &deed->text;
	struct markup		 html;
	enum outcome		 got = deed->fixed ? OUT_OK : check_place(deed, problems);

	if (*t->title == '\0' || form_characters(t->title) > STATEMENT_TITLE_MAX ||
	    typed_has_control(t->title))
		*problems |= 1u << DRAFT_NO_TITLE;
	if (form_characters(t->summary) > STATEMENT_SUMMARY_MAX)
		*problems |= 1u << DRAFT_LONG_SUMMARY;
	if (*t->body == '\0')
		*problems |= 1u << DRAFT_NO_BODY;
	else if (markdown_html(deed->rq, t->body, &html) != OUT_OK)
		*problems |= 1u << DRAFT_BAD_BODY;
	return got;
}

/* The address that was typed, or the first of the title's that is free. */
static enum outcome
settle_slug(struct deed *deed)
{
	char		*slug;
	enum outcome	 got = OUT_LIMITED;

	if (deed->own_slug)
		return slug_free(deed);
	if ((slug = talloc_size(deed->rq, STATEMENT_SLUG_MAX + 1)) == NULL)
		return OUT_FAULT;
	deed->text.slug = slug;
	for (unsigned i = 0; got == OUT_LIMITED && i < TRIES; i++) {
		make_slug(slug, deed->text.title, i);
		got = slug_free(deed);
	}
	return got;
}

/* OUT_CONFLICT: there is a translation into this language. */
static enum outcome
add_work(struct db *db, void *arg)
{
	struct deed		*deed = arg;
	struct request		*rq = deed->rq;
	const struct written	*t = &deed->text;
	enum outcome		 got;

	if ((got = settle_slug(deed)) != OUT_OK ||
	    (got = db_run(db, &edit_queries[Q_ADD], NULL, DB_BYTES(deed->d->id.at, ID_LEN),
	    DB_BYTES(deed->work.at, ID_LEN), DB_TEXT(t->lang), DB_TEXT(t->slug),
	    DB_TEXT(t->title), DB_TEXT(t->summary), DB_TEXT(t->body), DB_INT(rq->now),
	    DB_INT(rq->now), DB_BYTES(rq->session->admin.id.at, ID_LEN))) != OUT_OK)
		return got;
	return draft_note(rq, deed->d, "statement.added");
}

/* OUT_FORBIDDEN: there is a translation into this language. */
static enum outcome
save_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct draft	*d = deed->d;
	struct written	*t = &deed->text;
	enum outcome	 got;

	if ((got = draft_lock(rq, d, deed->version)) != OUT_OK)
		return got;
	if (d->editions > 0) {
		t->slug = d->text.slug;
		t->lang = d->text.lang;
	} else if ((got = settle_slug(deed)) != OUT_OK) {
		return got;
	}
	if (alike(t, &d->text))
		return OUT_OK;
	got = db_run(db, &edit_queries[Q_SAVE], NULL, DB_TEXT(t->lang), DB_TEXT(t->slug),
	    DB_TEXT(t->title), DB_TEXT(t->summary), DB_TEXT(t->body), DB_INT(rq->now),
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_BYTES(d->id.at, ID_LEN));
	if (got != OUT_OK)
		return got == OUT_CONFLICT ? OUT_FORBIDDEN : got;
	return draft_note(rq, d, "statement.changed");
}

/* Somebody saved meanwhile: theirs beside ours, which is saved when it is sent again. */
static enum outcome
show_both(struct deed *deed)
{
	struct draft	*d = deed->d;
	const struct id	 id = d->id;
	struct shown	 shown = { .text = &deed->text };
	enum outcome	 got = draft_read_id(deed->rq, &id, d);

	if (got != OUT_OK)
		return got;
	if (alike(&deed->text, &d->text))
		return draft_done(deed->rq, d, "saved", OUT_OK);
	shown.theirs = &d->text;
	shown.them = d->changed_by;
	return statement_page(deed->rq, d, &shown);
}

static enum outcome
save(struct deed *deed, struct shown *shown)
{
	enum outcome got = db_transaction(deed->rq->app->db, save_work, deed);

	if (got == OUT_CONFLICT)
		return show_both(deed);
	if (got != OUT_LIMITED && got != OUT_FORBIDDEN)
		return draft_done(deed->rq, deed->d, "saved", got);
	shown->problems = 1u << (got == OUT_LIMITED ? DRAFT_USED_SLUG : DRAFT_USED_LANGUAGE);
	return statement_page(deed->rq, deed->d, shown);
}

static enum outcome
add(struct deed *deed, struct shown *shown)
{
	struct request	*rq = deed->rq;
	const struct id	 id = deed->d->id;
	enum outcome	 got;

	got = db_transaction(rq->app->db, add_work, deed);
	if (got == OUT_CONFLICT) {
		/* The button was pressed twice; or the page was gone back to. */
		struct draft is;

		if ((got = draft_read_id(rq, &id, &is)) == OUT_OK)
			return show_both(deed);
		if (got != OUT_MISSING)
			return got;
		shown->problems = 1u << (shown->origin != NULL ? DRAFT_USED_LANGUAGE :
		    DRAFT_USED_SLUG);
	} else if (got == OUT_LIMITED) {
		shown->problems = 1u << DRAFT_USED_SLUG;
	} else {
		return draft_done(rq, deed->d, "saved", got);
	}
	return statement_page(rq, NULL, shown);
}

static bool
step_is(const struct request *rq, const char *step)
{
	const char *sent = pairs_find(&rq->body, "step");

	return sent != NULL && strcmp(sent, step) == 0;
}

/* One that is not stored yet. */
static enum outcome
take_new(struct deed *deed, struct shown *shown)
{
	struct request	*rq = deed->rq;
	const char	*of = pairs_find(&rq->body, "of");
	const char	*id = pairs_find(&rq->body, "id");
	struct draft	 origin, fresh = { .version = 0 };
	enum outcome	 got;

	deed->d = &fresh;
	if (of != NULL && *of != '\0') {
		if ((got = read_origin(rq, of, &origin)) != OUT_OK)
			return got;
		shown->origin = &origin;
	}
	if (id == NULL || !id_read(&fresh.id, id)) {
		if ((id = fresh_id(rq)) == NULL || !id_read(&fresh.id, id))
			return OUT_FAULT;
	}
	id_text(fresh.hex, &fresh.id);
	shown->fresh = fresh.hex;
	deed->work = shown->origin != NULL ? origin.work : fresh.id;
	if ((got = check(deed, &shown->problems)) != OUT_OK)
		return got;
	return shown->problems != 0 || shown->preview ?
	    statement_page(rq, NULL, shown) : add(deed, shown);
}

/* ---- throwing it away ---- */

/* What was public is kept. */
static enum outcome
remove_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	enum outcome	 got;

	if ((got = draft_lock(deed->rq, deed->d, deed->version)) != OUT_OK)
		return got;
	if (deed->d->editions > 0)
		return OUT_CONFLICT;
	if ((got = db_run(db, &edit_queries[Q_REMOVE], NULL,
	    DB_BYTES(deed->d->id.at, ID_LEN))) != OUT_OK)
		return got;
	return draft_note(deed->rq, deed->d, "statement.removed");
}

/* ---- what was sent ---- */

enum outcome
edit_take(struct request *rq)
{
	struct draft	d;
	struct deed	deed = { .rq = rq, .d = &d, .version = draft_version_sent(rq), .text = {
		typed_text(rq, "lang"), typed_text(rq, "slug"), typed_text(rq, "title"),
		typed_text(rq, "summary"), typed_text(rq, "body") } };
	const struct written *t = &deed.text;
	struct shown	shown = { .text = t, .version = deed.version,
			    .preview = step_is(rq, "preview") };
	enum outcome	got;

	if (!draft_may(rq))
		return OUT_MISSING;
	if (t->lang == NULL || t->slug == NULL || t->title == NULL || t->summary == NULL ||
	    t->body == NULL)
		return OUT_FAULT;
	deed.own_slug = *t->slug != '\0';
	if (strcmp(rq->rest, NEW) == 0)
		return take_new(&deed, &shown);
	if ((got = draft_read(rq, &d)) != OUT_OK)
		return got;
	if (step_is(rq, "remove")) {
		got = db_transaction(rq->app->db, remove_work, &deed);
		return got == OUT_OK ? http_see_other(rq, "/admin/statements") :
		    draft_done(rq, &d, "", got);
	}
	deed.work = d.work;
	deed.fixed = d.editions > 0;
	if (deed.fixed) {
		deed.text.slug = d.text.slug;
		deed.text.lang = d.text.lang;
	}
	if ((got = check(&deed, &shown.problems)) != OUT_OK)
		return got;
	return shown.problems != 0 || shown.preview ?
	    statement_page(rq, &d, &shown) : save(&deed, &shown);
}
