/*
 * event_edit.c: describing an event: beginning one, copying one, seeing its dates, saving it,
 * throwing it away.  Nothing that was typed is lost, whoever saved first.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/rsvp.h"
#include "openhall/slug.h"
#include "openhall/text.h"

enum { Q_ADD, Q_SAVE, Q_REMOVE, Q_SLUG, Q_WORDS_ADD, Q_WORDS_REMOVE, Q_TAKEN, Q_WAITING, Q_TELL,
	Q__COUNT };

const struct db_query event_edit_queries[] = {	/* takes, gives, sql */
	[Q_ADD] = { "bsssssssiisbssissiiIiib", "",
	    "INSERT INTO event (id, slug, visibility, kind, unit, area, lang, zone, starts_wall,"
	    " minutes, rule, whereabouts, address_for, link_for, online, access, contact, rsvp,"
	    " rsvp_hours, capacity, created_at, changed_at, changed_by) VALUES (?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_SAVE] = { "sssssssiisbssissiiIiibb", "",
	    "UPDATE event SET slug = ?, visibility = ?, kind = ?, unit = ?, area = ?, lang = ?,"
	    " zone = ?, starts_wall = ?, minutes = ?, rule = ?, whereabouts = ?,"
	    " address_for = ?, link_for = ?, online = ?, access = ?, contact = ?, rsvp = ?,"
	    " rsvp_hours = ?, capacity = ?, sequence = sequence + ?, version = version + 1,"
	    " changed_at = ?, changed_by = ? WHERE id = ?" },
	[Q_REMOVE] = { "b", "", "DELETE FROM event WHERE id = ?" },
	[Q_SLUG] = { "sb", "i", "SELECT 1 FROM event WHERE slug = ? AND id <> ?" },
	[Q_WORDS_ADD] = { "bsssss", "",
	    "INSERT INTO event_words (event, lang, title, summary, body, html)"
	    " VALUES (?, ?, ?, ?, ?, ?)" },
	[Q_WORDS_REMOVE] = { "bs", "",
	    "DELETE FROM event_words WHERE event = ? AND lang = ?" },
	/* Whoever asks for a seat meanwhile waits. */
	[Q_TAKEN] = { "bi", "I",
	    "SELECT MAX(taken) FROM occurrence WHERE event = ? AND ends_at > ? FOR UPDATE" },
	[Q_WAITING] = { "bi", "b",
	    "SELECT id FROM occurrence WHERE event = ? AND ends_at > ? AND waiting > 0"
	    " ORDER BY ends_at FOR UPDATE" },
	/* Of another time, event_spread() tells.  That one has a seat now says the rest, too. */
	[Q_TELL] = { "bi", "",
	    "UPDATE rsvp r JOIN occurrence o ON o.id = r.occurrence"
	    " SET r.tell = IF(r.tell = 'seated', r.tell, 'changed')"
	    " WHERE o.event = ? AND o.ends_at > ? AND o.state = 'planned' AND o.placed = 0"
	    " AND r.address <> '' AND r.answer <> 'not'" },
};
const size_t event_edit_n_queries = Q__COUNT;

static const char NEW[] = "new";	/* in the place of an id */

enum {
	TRIES = 50,			/* slugs for one title */
	SECRET = 12			/* signs behind that of what goes by link: 60 bits */
};

struct deed {
	struct request	*rq;
	struct sheet	*sheet;		/* as it was typed */
	struct plan	 is, to;	/* as it is stored, and as it is to be */
	struct sheet	 ours;		/* what that would show */
	int64_t		 version;	/* that was seen */
};

/* ---- beginning one ---- */

static enum outcome
begin(struct request *rq)
{
	const char	*of = pairs_find(&rq->query, "of");
	struct sheet	 sheet;
	struct seen	 seen = { .sheet = &sheet, .fresh = plan_fresh_id(rq) };
	struct plan	 origin;
	struct id	 id;
	enum outcome	 got;

	if (seen.fresh == NULL)
		return OUT_FAULT;
	sheet_empty(rq, &sheet);
	if (of == NULL)
		return event_page(rq, NULL, &seen);
	if (!id_read(&id, of))
		return OUT_MISSING;
	if ((got = plan_read_id(rq, &id, &origin)) != OUT_OK ||
	    (got = sheet_of_plan(rq, &origin, &sheet)) != OUT_OK)
		return got;
	/* All but when: that is what differs. */
	sheet.at[ASK_DAY] = sheet.at[ASK_END_DAY] = sheet.at[ASK_UNTIL] = "";
	return event_page(rq, NULL, &seen);
}

enum outcome
event_edit_show(struct request *rq)
{
	const struct seen	nothing = { .late = false };
	struct plan		p;
	enum outcome		got;

	if (!plan_may(rq))
		return OUT_MISSING;
	if (strcmp(rq->rest, NEW) == 0)
		return begin(rq);
	got = plan_read(rq, &p);
	return got == OUT_OK ? event_page(rq, &p, &nothing) : got;
}

/* ---- its address ---- */

static bool
is_reserved(const char *slug)
{
	static const char *const words[] = { "new", "past", "month", "coming", "ics", "rss" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(slug, words[i]) == 0)
			return true;
	}
	return false;
}

/* What only who has the address knows must not be guessed from what it is called. */
static void
make_secret(char *slug, const char *title)
{
	static const char	signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
	size_t			n;

	slug_make(slug, EVENT_SLUG_MAX - SECRET - 1, title, "event", true, 0);
	n = strlen(slug);
	slug[n++] = '-';
	for (size_t i = 0; i < SECRET; i++)
		slug[n++] = signs[randombytes_uniform(sizeof(signs) - 1)];
	slug[n] = '\0';
}

/* The first of the title's slugs that is free; for good, once it was public. */
static enum outcome
settle_slug(struct deed *deed)
{
	char		*slug = talloc_size(deed->rq, EVENT_SLUG_MAX + 1);
	const char	*title = deed->to.e.title;
	struct db_row	 row;
	enum outcome	 got = OUT_OK;

	deed->to.e.slug = deed->is.e.slug;
	if (deed->is.e.slug != NULL && (deed->is.e.published_at != 0 ||
	    (strcmp(deed->is.e.title, title) == 0 &&
	    deed->is.e.by_link == deed->to.e.by_link)))
		return OUT_OK;
	if (slug == NULL)
		return OUT_FAULT;
	if (deed->to.e.by_link) {
		make_secret(slug, title);
		deed->to.e.slug = slug;
		return OUT_OK;
	}
	for (unsigned i = 0; got == OUT_OK && i < TRIES; i++) {
		slug_make(slug, EVENT_SLUG_MAX, title, "event", true, i);
		if (is_reserved(slug))
			continue;
		got = db_first(deed->rq->app->db, deed->rq, &event_edit_queries[Q_SLUG], &row,
		    DB_TEXT(slug), DB_BYTES(deed->to.e.id.at, ID_LEN));
	}
	deed->to.e.slug = slug;
	return got == OUT_MISSING ? OUT_OK : got == OUT_OK ? OUT_LIMITED : got;
}

/* ---- storing it ---- */

static enum outcome
write_words(struct db *db, struct deed *deed)
{
	const struct settings	*s = deed->rq->settings;
	struct db_value		 id = DB_BYTES(deed->to.e.id.at, ID_LEN);
	enum outcome		 got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < s->n_words; i++) {
		const struct wording	*w = &deed->to.words[i];
		struct db_value		 lang = DB_TEXT(s->words[i].lang);
		struct markup		 html;

		got = db_run(db, &event_edit_queries[Q_WORDS_REMOVE], NULL, id, lang);
		if (got != OUT_OK || *w->title == '\0')
			continue;
		if ((got = markdown_html(deed->rq, w->body, &html)) == OUT_OK)
			got = db_run(db, &event_edit_queries[Q_WORDS_ADD], NULL, id, lang,
			    DB_TEXT(w->title), DB_TEXT(w->summary), DB_TEXT(w->body),
			    DB_TEXT(html.html != NULL ? html.html : ""));
	}
	return got;
}

static const char *
whom(bool coming)
{
	return coming ? "coming" : "all";
}

/* Its row: added where `is_new`. */
static enum outcome
write_row(struct db *db, struct deed *deed, bool is_new)
{
	struct request		*rq = deed->rq;
	const struct event	*e = &deed->to.e;
	struct db_value		 id = DB_BYTES(e->id.at, ID_LEN), values[23];
	size_t			 n = 0;
	struct bytes		 place;
	enum outcome		 got;

	got = event_place_seal(rq, &rq->app->form_key, &e->id, &deed->to.place, &place);
	if (got != OUT_OK)
		return got;
	if (is_new)
		values[n++] = id;
	values[n++] = DB_TEXT(e->slug);
	values[n++] = DB_TEXT(e->by_link ? "link" : "public");
	values[n++] = DB_TEXT(event_kind_names[e->kind]);
	values[n++] = DB_TEXT(e->unit);
	values[n++] = DB_TEXT(e->area);
	values[n++] = DB_TEXT(e->lang);
	values[n++] = DB_TEXT(e->zone);
	values[n++] = DB_INT(e->starts_wall);
	values[n++] = DB_INT(e->minutes);
	values[n++] = DB_TEXT(e->rule);
	values[n++] = DB_BYTES(place.data, place.len);
	values[n++] = DB_TEXT(whom(e->address_coming));
	values[n++] = DB_TEXT(whom(e->link_coming));
	values[n++] = DB_INT(e->online);
	values[n++] = DB_TEXT(e->access);
	values[n++] = DB_TEXT(e->contact);
	values[n++] = DB_INT(e->rsvp);
	values[n++] = DB_INT(e->rsvp_hours);
	values[n++] = e->capacity >= 0 ? DB_INT(e->capacity) : (struct db_value){ .type = 0 };
	values[n++] = DB_INT(is_new ? rq->now : deed->is.e.state != EVENT_DRAFT);
	values[n++] = DB_INT(rq->now);
	values[n++] = DB_BYTES(rq->session->admin.id.at, ID_LEN);
	if (!is_new)
		values[n++] = id;
	return db_run_values(db, &event_edit_queries[is_new ? Q_ADD : Q_SAVE], NULL, values, n);
}

static enum outcome
add_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	enum outcome	 got;

	if ((got = settle_slug(deed)) != OUT_OK ||
	    (got = write_row(db, deed, true)) != OUT_OK ||
	    (got = write_words(db, deed)) != OUT_OK ||
	    (got = event_spread(db, rq, &deed->to.e.id, rq->now)) != OUT_OK)
		return got;
	return plan_note(rq, &deed->to.e.id, "event.added", false);
}

/* Whoever is seated stays so.  OUT_INVALID: they are more than `capacity`. */
static enum outcome
check_seats(struct db *db, struct deed *deed)
{
	struct request	*rq = deed->rq;
	struct db_row	 row;
	enum outcome	 got;

	if (deed->to.e.capacity < 0)
		return OUT_OK;
	got = db_first(db, rq, &event_edit_queries[Q_TAKEN], &row,
	    DB_BYTES(deed->to.e.id.at, ID_LEN), DB_INT(rq->now));
	if (got == OUT_OK && row.at[0].number > deed->to.e.capacity)
		return OUT_INVALID;
	return got;
}

/* There may be more seats now. */
static enum outcome
move_up(struct db *db, struct deed *deed)
{
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(db, deed->rq, &event_edit_queries[Q_WAITING], &rows,
	    DB_BYTES(deed->to.e.id.at, ID_LEN), DB_INT(deed->rq->now));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		struct id id;

		memcpy(id.at, rows.at[i].at[0].bytes.data, ID_LEN);
		got = rsvp_move_up(db, &id);
	}
	return got;
}

static bool
moves(const struct plan *from, const struct plan *to)
{
	return strcmp(from->e.area, to->e.area) != 0 ||
	    strcmp(from->place.address, to->place.address) != 0 ||
	    strcmp(from->place.link, to->place.link) != 0;
}

/* OUT_INVALID: more are seated already than would fit. */
static enum outcome
save_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct db_value	 id = DB_BYTES(deed->to.e.id.at, ID_LEN);
	enum outcome	 got;

	if ((got = plan_lock(rq, &deed->is, deed->version)) != OUT_OK ||
	    (got = check_seats(db, deed)) != OUT_OK ||
	    (got = settle_slug(deed)) != OUT_OK ||
	    (got = write_row(db, deed, false)) != OUT_OK ||
	    (got = write_words(db, deed)) != OUT_OK ||
	    (got = event_spread(db, rq, &deed->to.e.id, rq->now)) != OUT_OK ||
	    (got = move_up(db, deed)) != OUT_OK)
		return got;
	if (moves(&deed->is, &deed->to) && (got = db_run(db, &event_edit_queries[Q_TELL], NULL,
	    id, DB_INT(rq->now))) != OUT_OK)
		return got;
	return plan_note(rq, &deed->to.e.id, "event.changed",
	    deed->is.e.state != EVENT_DRAFT);
}

/* ---- saving ---- */

/* Somebody saved meanwhile: theirs beside ours, which is saved when it is sent again. */
static enum outcome
show_both(struct deed *deed)
{
	struct request	*rq = deed->rq;
	struct plan	*p = &deed->is;
	struct sheet	 theirs;
	struct seen	 seen = { .sheet = deed->sheet, .theirs = &theirs, .ours = &deed->ours };
	enum outcome	 got;

	if ((got = plan_read_id(rq, &deed->to.e.id, p)) != OUT_OK ||
	    (got = sheet_of_plan(rq, p, &theirs)) != OUT_OK)
		return got;
	if (sheet_alike(&theirs, &deed->ours))
		return plan_done(rq, p, "saved", OUT_OK);
	seen.them = p->changed_by;
	return event_page(rq, p, &seen);
}

static enum outcome
save(struct deed *deed)
{
	struct request	*rq = deed->rq;
	struct seen	 seen = { .sheet = deed->sheet, .version = deed->version };
	struct sheet	 stored;
	enum outcome	 got = sheet_of_plan(rq, &deed->is, &stored);

	if (got != OUT_OK)
		return got;
	if (deed->version == deed->is.version && sheet_alike(&stored, &deed->ours))
		return plan_done(rq, &deed->is, "saved", OUT_OK);
	got = db_transaction(rq->app->db, save_work, deed);
	if (got == OUT_CONFLICT)
		return show_both(deed);
	if (got != OUT_INVALID)
		return plan_done(rq, &deed->is, "saved", got);
	sheet_wrong(rq, deed->sheet, ASK_CAPACITY,
	    N_("More people than that have a seat already, and they keep it"));
	return event_page(rq, &deed->is, &seen);
}

static enum outcome
add(struct deed *deed)
{
	struct request	*rq = deed->rq;
	unsigned	 tries = 0;
	enum outcome	 got;

	/* Somebody adds another one of that title: the address that was free is taken now. */
	do
		got = db_transaction(rq->app->db, add_work, deed);
	while (got == OUT_CONFLICT && tries++ < TRIES &&
	    plan_read_id(rq, &deed->to.e.id, &deed->is) == OUT_MISSING);
	/* The button was pressed twice; or the page was gone back to. */
	if (got == OUT_CONFLICT)
		return show_both(deed);
	id_text(deed->to.hex, &deed->to.e.id);
	return plan_done(rq, &deed->to, "saved", got);
}

static bool
step_is(const struct request *rq, const char *step)
{
	const char *sent = pairs_find(&rq->body, "step");

	return sent != NULL && strcmp(sent, step) == 0;
}

/* ---- throwing it away ---- */

/* OUT_LIMITED: somebody said whether they come. */
static enum outcome
remove_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct plan	*p = &deed->is;
	enum outcome	 got;

	if ((got = plan_lock(deed->rq, p, deed->version)) != OUT_OK)
		return got;
	if (p->has_guests)
		return OUT_LIMITED;
	if (p->e.state != EVENT_DRAFT)
		return OUT_CONFLICT;
	if ((got = db_run(db, &event_edit_queries[Q_REMOVE], NULL,
	    DB_BYTES(p->e.id.at, ID_LEN))) != OUT_OK)
		return got;
	return plan_note(deed->rq, &p->e.id, "event.removed", false);
}

static enum outcome
throw_away(struct deed *deed)
{
	struct request		*rq = deed->rq;
	const struct seen	 refused = { .refused = true };
	enum outcome		 got = db_transaction(rq->app->db, remove_work, deed);

	if (got == OUT_OK)
		return http_see_other(rq, "/admin/events");
	return got == OUT_LIMITED ? event_page(rq, &deed->is, &refused) :
	    plan_done(rq, &deed->is, "", got);
}

/* ---- what was sent ---- */

/* One that is not stored yet. */
static enum outcome
take_new(struct deed *deed, struct seen *seen)
{
	struct request	*rq = deed->rq;
	const char	*id = pairs_find(&rq->body, "id");
	enum outcome	 got;

	if (id == NULL || !id_read(&deed->to.e.id, id)) {
		if ((id = plan_fresh_id(rq)) == NULL || !id_read(&deed->to.e.id, id))
			return OUT_FAULT;
	}
	seen->fresh = id;
	if ((got = sheet_check(rq, deed->sheet, &deed->to)) != OUT_OK)
		return got;
	if (deed->sheet->n_wrong == 0 && !step_is(rq, "preview"))
		return (got = sheet_of_plan(rq, &deed->to, &deed->ours)) == OUT_OK ?
		    add(deed) : got;
	seen->preview = deed->sheet->n_wrong == 0 ? &deed->to : NULL;
	return event_page(rq, NULL, seen);
}

enum outcome
event_edit_take(struct request *rq)
{
	struct sheet	sheet;
	struct deed	deed = { .rq = rq, .sheet = &sheet, .version = plan_version_sent(rq) };
	struct seen	seen = { .sheet = &sheet, .version = deed.version };
	enum outcome	got;

	if (!plan_may(rq))
		return OUT_MISSING;
	if ((got = sheet_read(rq, SHEET_EVENT, &sheet)) != OUT_OK)
		return got;
	if (strcmp(rq->rest, NEW) == 0)
		return take_new(&deed, &seen);
	if ((got = plan_read(rq, &deed.is)) != OUT_OK)
		return got;
	if (step_is(rq, "remove"))
		return throw_away(&deed);
	deed.to.e.id = deed.is.e.id;
	if ((got = sheet_check(rq, &sheet, &deed.to)) != OUT_OK)
		return got;
	if (sheet.n_wrong == 0 && !step_is(rq, "preview"))
		return (got = sheet_of_plan(rq, &deed.to, &deed.ours)) == OUT_OK ?
		    save(&deed) : got;
	seen.preview = sheet.n_wrong == 0 ? &deed.to : NULL;
	return event_page(rq, &deed.is, &seen);
}
