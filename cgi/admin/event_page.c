/*
 * event_page.c: the page of an event: the form that describes it, how it will look, its dates,
 * and what can be done to it.
 */
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { DATES = 8, DAY_SECONDS = 24 * 3600 };

enum { D_WHEN, D__COUNT };
static const struct view_name preview_date_names[] = {
	[D_WHEN] = { "when", NULL },
	[D__COUNT] = { NULL, NULL }
};

enum { X_LANG, X_TITLE, X_SUMMARY, X_HTML, X__COUNT };
static const struct view_name text_names[] = {
	[X_LANG] = { "lang", NULL },
	[X_TITLE] = { "title", NULL },
	[X_SUMMARY] = { "summary", NULL },
	[X_HTML] = { "html", VIEW_MARKUP },
	[X__COUNT] = { NULL, NULL }
};

enum { A_LABEL, A_TEXT, A__COUNT };
static const struct view_name access_names[] = {
	[A_LABEL] = { "label", NULL },
	[A_TEXT] = { "text", NULL },
	[A__COUNT] = { NULL, NULL }
};

enum { V_RULE, V_DATES, V_MORE, V_TEXTS, V_WHAT, V_AREA, V_ADDRESS, V_ADDRESS_COMING, V_LINK,
	V_LINK_COMING, V_ACCESS, V__COUNT };
static const struct view_name preview_names[] = {
	[V_RULE] = { "rule", NULL },
	[V_DATES] = { "dates", preview_date_names },
	[V_MORE] = { "more", NULL },
	[V_TEXTS] = { "texts", text_names },
	[V_WHAT] = { "what", NULL },
	[V_AREA] = { "area", NULL },
	[V_ADDRESS] = { "address", NULL },
	[V_ADDRESS_COMING] = { "address_coming", NULL },
	[V_LINK] = { "link", NULL },
	[V_LINK_COMING] = { "link_coming", NULL },
	[V_ACCESS] = { "access", access_names },
	[V__COUNT] = { NULL, NULL }
};

enum { P_ID, P_FRESH, P_STORED, P_VERSION, P_NAME, P_NAME_LANG, P_STATE, P_KIND, P_BY_LINK,
	P_CHANGED, P_BY,
	P_PUBLIC, P_WHEN, P_RULE, P_DONE, P_LATE, P_REFUSED, P_THEM, P_THEIRS, P_ERRORS,
	P_PREVIEW, P_PARTS, P_TELLS, P_REMOVABLE, P_DRAFT, P_PUBLISHED, P_CANCELLED,
	P_DATES, P_MORE, P_BAD_NOTE, P_NOTE, P__COUNT };
static const struct view_name page_names[] = {
	[P_ID] = { "id", NULL },		/* or "new" */
	[P_FRESH] = { "fresh", NULL },		/* the id that a new one will have */
	[P_STORED] = { "stored", NULL },
	[P_VERSION] = { "version", NULL },
	[P_NAME] = { "name", NULL },
	[P_NAME_LANG] = { "name_lang", NULL },
	[P_STATE] = { "state", NULL },
	[P_KIND] = { "kind", NULL },
	[P_BY_LINK] = { "by_link", NULL },
	[P_CHANGED] = { "changed", NULL },
	[P_BY] = { "by", NULL },
	[P_PUBLIC] = { "public", NULL },	/* the path of its page */
	[P_WHEN] = { "when", NULL },
	[P_RULE] = { "rule", NULL },
	[P_DONE] = { "done", NULL },
	[P_LATE] = { "late", NULL },
	[P_REFUSED] = { "refused", NULL },
	[P_THEM] = { "them", NULL },		/* saved it meanwhile */
	[P_THEIRS] = { "theirs", sheet_other_names },
	[P_ERRORS] = { "errors", sheet_error_names },
	[P_PREVIEW] = { "preview", preview_names },
	[P_PARTS] = { "parts", sheet_part_names },
	[P_TELLS] = { "tells", NULL },
	[P_REMOVABLE] = { "removable", NULL },
	[P_DRAFT] = { "is_draft", NULL },
	[P_PUBLISHED] = { "is_published", NULL },
	[P_CANCELLED] = { "is_cancelled", NULL },
	[P_DATES] = { "dates", date_row_names },
	[P_MORE] = { "more", NULL },
	[P_BAD_NOTE] = { "bad_note", NULL },
	[P_NOTE] = { "note", NULL },
	[P__COUNT] = { NULL, NULL }
};

/* What was done, as the address of the page says afterwards. */
static const struct { const char *done, *text; } deeds[] = {
	{ "saved", N_("Saved.") },
	{ "published", N_("It is public now.") },
	{ "drafted", N_("It is a draft again.") },
	{ "cancelled", N_("It is cancelled. Its page says so.") },
	{ "revived", N_("It takes place after all. Look at its dates.") },
};

void
event_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->event, "admin-event.html", page_names);
}

/* ---- how it will look ---- */

/* The rule in words, and the first dates from now on. */
static enum outcome
preview_dates(struct request *rq, const struct event *e, struct view *v)
{
	int64_t			 minutes = e->minutes;
	int64_t			 now = calendar_wall(e->zone, rq->now) - 60 * minutes;
	int64_t			 from = now > e->starts_wall ? now : e->starts_wall;
	const int64_t		*walls = &e->starts_wall;
	size_t			 n = 1;
	struct recurrence	 rule;
	struct walls		 found;
	enum outcome		 got;

	if ((got = recurrence_read(&rule, e->rule)) != OUT_OK)
		return OUT_FAULT;
	if (rule.how != RECURS_NOT) {
		view_text(v, V_RULE, recurrence_words(rq, rq->words, &rule));
		if ((got = recurrence_dates(rq, &rule, e->starts_wall, from,
		    from + (int64_t)EVENT_AHEAD_DAYS * DAY_SECONDS, DATES + 1,
		    &found)) != OUT_OK)
			return got;
		walls = found.at;
		n = found.n;
	}
	for (size_t i = 0; i < n && i < DATES; i++) {
		int64_t starts = calendar_utc(e->zone, walls[i]);

		view_text(view_row(v, V_DATES), D_WHEN, plan_when(rq, e->zone, starts,
		    starts + 60 * minutes));
	}
	view_flag(v, V_MORE, n > DATES);
	return OUT_OK;
}

static enum outcome
preview_texts(struct request *rq, const struct plan *p, struct view *v)
{
	for (size_t i = 0; i < rq->settings->n_words; i++) {
		const struct wording	*w = &p->words[i];
		struct markup		 html;
		struct view		*row;
		enum outcome		 got;

		if (*w->title == '\0')
			continue;
		if ((got = markdown_html(rq, w->body, &html)) != OUT_OK)
			return got == OUT_INVALID ? OUT_FAULT : got;	/* it was checked */
		row = view_row(v, V_TEXTS);
		view_text(row, X_LANG, rq->settings->words[i].lang);
		view_text(row, X_TITLE, w->title);
		view_text(row, X_SUMMARY, w->summary);
		view_markup(row, X_HTML, html);
	}
	return OUT_OK;
}

static enum outcome
add_preview(struct request *rq, const struct plan *p, const struct sheet *sheet, struct view *page)
{
	const struct event	*e = &p->e;
	struct view		*v = view_row(page, P_PREVIEW);
	enum outcome		 got;

	view_text(v, V_WHAT, text_in(rq->words, event_kind_words[e->kind]));
	view_text(v, V_AREA, unit_area(rq->settings, e->area));
	view_text(v, V_ADDRESS, p->place.address);
	view_flag(v, V_ADDRESS_COMING, e->address_coming);
	view_text(v, V_LINK, p->place.link);
	view_flag(v, V_LINK_COMING, e->link_coming);
	for (int i = 0; i < EVENT_ACCESS; i++) {
		struct view *row;

		if (*sheet->at[ASK_ACCESS + i] == '\0')
			continue;
		row = view_row(v, V_ACCESS);
		view_text(row, A_LABEL, text_in(rq->words, event_access_words[i]));
		view_text(row, A_TEXT, sheet->at[ASK_ACCESS + i]);
	}
	got = preview_dates(rq, e, v);
	return got == OUT_OK ? preview_texts(rq, p, v) : got;
}

/* ---- the page ---- */

/* What is known of one that is stored. */
static enum outcome
add_stored(struct request *rq, const struct plan *p, const struct seen *seen, struct view *v)
{
	const struct event	*e = &p->e;
	const struct event_tag	*tag = &event_tags[e->state];
	int64_t			 starts = calendar_utc(e->zone, e->starts_wall);
	struct recurrence	 rule;
	bool			 more;
	enum outcome		 got;

	view_flag(v, P_STORED, 1);
	view_text(v, P_ID, p->hex);
	view_number(v, P_VERSION, seen->version != 0 ? seen->version : p->version);
	view_text(v, P_NAME, p->called);
	view_text(v, P_NAME_LANG, p->spoken);
	view_text(v, P_STATE, text_in(rq->words, tag->words));
	view_text(v, P_KIND, tag->kind);
	view_flag(v, P_BY_LINK, e->by_link);
	view_text(v, P_CHANGED, when_moment(rq, rq->words, e->changed_at));
	view_text(v, P_BY, p->changed_by);
	if (e->state != EVENT_DRAFT)
		view_text(v, P_PUBLIC, talloc_asprintf(rq, "/events/%s", e->slug));
	view_text(v, P_WHEN, plan_when(rq, e->zone, starts, starts + 60 * (int64_t)e->minutes));
	if (recurrence_read(&rule, e->rule) == OUT_OK && rule.how != RECURS_NOT)
		view_text(v, P_RULE, recurrence_words(rq, rq->words, &rule));
	view_flag(v, P_DRAFT, e->state == EVENT_DRAFT);
	view_flag(v, P_PUBLISHED, e->state == EVENT_PUBLISHED);
	view_flag(v, P_CANCELLED, e->state == EVENT_CANCELLED);
	view_flag(v, P_REMOVABLE, e->state == EVENT_DRAFT && !p->has_guests);
	view_flag(v, P_TELLS, p->has_guests);
	view_text(v, P_BAD_NOTE, seen->bad_note);
	view_text(v, P_NOTE, pairs_find(&rq->body, "note"));
	if ((got = dates_part(rq, p, DATES, v, P_DATES, &more)) != OUT_OK)
		return got;
	view_flag(v, P_MORE, more);
	return OUT_OK;
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

static int
status_of(const struct seen *seen)
{
	if (seen->theirs != NULL || seen->late || seen->refused)
		return 409;
	return seen->bad_note != NULL || (seen->sheet != NULL && seen->sheet->n_wrong > 0) ?
	    422 : 200;
}

enum outcome
event_page(struct request *rq, struct plan *p, const struct seen *seen)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, page_names);
	struct sheet		 stored, *sheet = seen->sheet;
	enum outcome		 got;

	if (p == NULL) {
		view_text(v, P_ID, "new");
		view_text(v, P_FRESH, seen->fresh);
		view_number(v, P_VERSION, 0);
	} else if ((got = add_stored(rq, p, seen, v)) != OUT_OK) {
		return got;
	}
	if (sheet == NULL) {
		if ((got = sheet_of_plan(rq, p, &stored)) != OUT_OK)
			return got;
		sheet = &stored;
	}
	if ((got = sheet_view(rq, SHEET_EVENT, sheet, v, P_PARTS)) != OUT_OK)
		return got;
	sheet_view_errors(rq, SHEET_EVENT, sheet, v, P_ERRORS);
	if (seen->preview != NULL &&
	    (got = add_preview(rq, seen->preview, sheet, v)) != OUT_OK)
		return got;
	if (seen->theirs != NULL) {
		view_text(v, P_THEM, seen->them);
		sheet_view_others(rq, seen->theirs, seen->ours, v, P_THEIRS);
	}
	view_flag(v, P_LATE, seen->late);
	view_flag(v, P_REFUSED, seen->refused);
	add_done(rq, v);
	return page_send(rq, &office->event, v, status_of(seen));
}
