/*
 * event_date.c: one date of an event: moved, placed elsewhere, cancelled, postponed, skipped, or
 * put back to plan.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"

enum { Q_DATE, Q_LOCK_EVENT, Q_LOCK, Q_GUESTS, Q_CHANGE, Q_STATE, Q_RESET, Q_TELL, Q__COUNT };

const struct db_query event_date_queries[] = {	/* takes, gives, sql */
	[Q_DATE] = { "b", "biiisisiibsiiIiii",
	    "SELECT o.event, o.day, o.starts_at, o.ends_at, o.state, o.own, o.area, o.online,"
	    " o.placed, o.whereabouts, o.note, o.sequence, o.changed_at, o.capacity, o.taken,"
	    " o.waiting, o.came FROM occurrence o WHERE o.id = ?" },
	[Q_LOCK_EVENT] = { "b", "i",
	    "SELECT version FROM event WHERE id = ? FOR UPDATE" },
	[Q_LOCK] = { "b", "i", "SELECT sequence FROM occurrence WHERE id = ? FOR UPDATE" },
	[Q_GUESTS] = { "b", "i", "SELECT 1 FROM rsvp WHERE occurrence = ? LIMIT 1" },
	[Q_CHANGE] = { "iisisiibsib", "",
	    "UPDATE occurrence SET starts_at = ?, ends_at = ?, state = ?, own = ?, area = ?,"
	    " online = ?, placed = ?, whereabouts = ?, note = ?, sequence = sequence + 1,"
	    " changed_at = ? WHERE id = ?" },
	[Q_STATE] = { "ssiib", "",
	    "UPDATE occurrence SET state = ?, note = ?, shown = shown AND ?,"
	    " sequence = sequence + 1, changed_at = ? WHERE id = ?" },
	[Q_RESET] = { "ib", "",
	    "UPDATE occurrence SET state = 'planned', own = 0, placed = 0, whereabouts = '',"
	    " note = '', sequence = sequence + 1, changed_at = ? WHERE id = ?" },
	/* That one has a seat now says what has changed, too. */
	[Q_TELL] = { "ssbi", "",
	    "UPDATE rsvp r JOIN occurrence o ON o.id = r.occurrence"
	    " SET r.tell = IF(? = 'changed' AND r.tell = 'seated', r.tell, ?)"
	    " WHERE o.id = ? AND o.ends_at > ? AND r.address <> '' AND r.answer <> 'not'" },
};
const size_t event_date_n_queries = Q__COUNT;

/* The columns of Q_DATE. */
enum { F_EVENT, F_DAY, F_STARTS, F_ENDS, F_STATE, F_OWN, F_AREA, F_ONLINE, F_PLACED,
	F_WHEREABOUTS, F_NOTE, F_SEQUENCE, F_CHANGED, F_CAPACITY, F_TAKEN, F_WAITING, F_CAME };

enum { P_ID, P_OID, P_SEQUENCE, P_NAME, P_NAME_LANG, P_WHEN, P_STATE, P_KIND, P_OWN,
	P_PLACED, P_STORED_NOTE,
	P_PUBLIC, P_DONE, P_LATE, P_REFUSED, P_ERRORS, P_PARTS, P_ONLY, P_PLANNED, P_POSTPONED,
	P_CANCELLED, P_SKIPPED, P_EVENT_CANCELLED, P_OVER, P_SKIPPABLE, P_CHANGED, P_TELLS, P_RSVP,
	P_NOTE, P_BAD_NOTE, P_TAKEN, P_CAPACITY, P_WAITING, P_CAME, P__COUNT };

static const struct view_name page_names[] = {
	[P_ID] = { "id", NULL },		/* of the event */
	[P_OID] = { "oid", NULL },
	[P_SEQUENCE] = { "sequence", NULL },
	[P_NAME] = { "name", NULL },
	[P_NAME_LANG] = { "name_lang", NULL },
	[P_WHEN] = { "when", NULL },
	[P_STATE] = { "state", NULL },
	[P_KIND] = { "kind", NULL },
	[P_OWN] = { "own", NULL },
	[P_PLACED] = { "placed", NULL },
	[P_STORED_NOTE] = { "stored_note", NULL },
	[P_PUBLIC] = { "public", NULL },
	[P_DONE] = { "done", NULL },
	[P_LATE] = { "late", NULL },
	[P_REFUSED] = { "refused", NULL },
	[P_ERRORS] = { "errors", sheet_error_names },
	[P_PARTS] = { "parts", sheet_part_names },
	[P_ONLY] = { "only", NULL },		/* it is changed with its event */
	[P_PLANNED] = { "is_planned", NULL },
	[P_POSTPONED] = { "is_postponed", NULL },
	[P_CANCELLED] = { "is_cancelled", NULL },
	[P_SKIPPED] = { "is_skipped", NULL },
	[P_EVENT_CANCELLED] = { "event_cancelled", NULL },
	[P_OVER] = { "over", NULL },
	[P_SKIPPABLE] = { "skippable", NULL },
	[P_CHANGED] = { "differs", NULL },	/* from what the event says */
	[P_TELLS] = { "tells", NULL },
	[P_RSVP] = { "rsvp", NULL },
	[P_NOTE] = { "why", NULL },
	[P_BAD_NOTE] = { "bad_note", NULL },
	[P_TAKEN] = { "taken", NULL },
	[P_CAPACITY] = { "capacity", NULL },
	[P_WAITING] = { "waiting", NULL },
	[P_CAME] = { "came", NULL },
	[P__COUNT] = { NULL, NULL }
};

static const struct { const char *done, *text; } deeds[] = {
	{ "saved", N_("Saved.") },
	{ "cancelled", N_("This date is cancelled. Its page says so.") },
	{ "postponed", N_("This date is postponed. Its page says so.") },
	{ "skipped", N_("This date is skipped: readers do not see it.") },
	{ "planned", N_("It is as the event says again.") },
};

void
event_date_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->event_date, "admin-event-date.html",
	    page_names);
}

/* ---- reading ---- */

static enum outcome
fill(struct request *rq, struct date *d, const struct db_value *at)
{
	struct occurrence	*o = &d->o;
	struct db_row		 row;
	size_t			 state = 0;
	enum outcome		 got;

	while (state < OCCURRENCE_STATES &&
	    strcmp(at[F_STATE].bytes.data, occurrence_state_names[state]) != 0)
		state++;
	if (state == OCCURRENCE_STATES)
		return OUT_FAULT;	/* of a later version: not to be judged */
	memcpy(o->event.at, at[F_EVENT].bytes.data, ID_LEN);
	o->day = (int)at[F_DAY].number;
	o->starts_at = at[F_STARTS].number;
	o->ends_at = at[F_ENDS].number;
	o->state = (enum occurrence_state)state;
	o->own = at[F_OWN].number != 0;
	o->area = at[F_AREA].bytes.data;
	o->online = at[F_ONLINE].number != 0;
	o->placed = at[F_PLACED].number != 0;
	o->whereabouts = at[F_WHEREABOUTS].bytes;
	o->note = at[F_NOTE].bytes.data;
	o->sequence = at[F_SEQUENCE].number;
	o->changed_at = at[F_CHANGED].number;
	o->capacity = at[F_CAPACITY].type != 0 ? at[F_CAPACITY].number : -1;
	o->taken = at[F_TAKEN].number;
	o->waiting = at[F_WAITING].number;
	d->came = at[F_CAME].number;
	if ((got = plan_read_id(rq, &o->event, &d->plan)) != OUT_OK)
		return got;
	d->place = d->plan.place;
	if (o->placed && (got = event_place_open(rq, &rq->app->form_key, &o->id,
	    o->whereabouts, &d->place)) != OUT_OK)
		return OUT_FAULT;
	got = db_first(rq->app->db, rq, &event_date_queries[Q_GUESTS], &row,
	    DB_BYTES(o->id.at, ID_LEN));
	d->has_guests = got == OUT_OK;
	return got == OUT_MISSING ? OUT_OK : got;
}

static enum outcome
date_read_id(struct request *rq, const struct id *id, struct date *d)
{
	const struct id	about = *id;
	struct db_row	row;
	enum outcome	got;

	*d = (struct date){ .o.id = about };
	id_text(d->hex, &about);
	got = db_first(rq->app->db, rq, &event_date_queries[Q_DATE], &row,
	    DB_BYTES(about.at, ID_LEN));
	return got == OUT_OK ? fill(rq, d, row.at) : got;
}

enum outcome
date_read(struct request *rq, struct date *d)
{
	struct id id;

	return plan_may(rq) && id_read(&id, rq->rest) ? date_read_id(rq, &id, d) : OUT_MISSING;
}

enum outcome
date_lock(struct request *rq, struct date *d, int64_t sequence)
{
	struct db	*db = rq->app->db;
	const struct id	 id = d->o.id;
	struct db_row	 row;
	enum outcome	 got;

	/* Both are locked before anything is read: so all of it is as it is now. */
	if ((got = db_first(db, rq, &event_date_queries[Q_LOCK_EVENT], &row,
	    DB_BYTES(d->o.event.at, ID_LEN))) != OUT_OK ||
	    (got = db_first(db, rq, &event_date_queries[Q_LOCK], &row,
	    DB_BYTES(id.at, ID_LEN))) != OUT_OK ||
	    (got = date_read_id(rq, &id, d)) != OUT_OK)
		return got;
	return sequence >= 0 && sequence != d->o.sequence ? OUT_CONFLICT : OUT_OK;
}

/* ---- the page ---- */

/* What it is shown with beside what is stored. */
struct said {
	struct sheet	*sheet;		/* in the form; NULL: as it is stored */
	const char	*bad_note;
	bool		 late, refused;
};

static enum outcome
sheet_of_date(struct request *rq, const struct date *d, struct sheet *sheet)
{
	sheet_empty(rq, sheet);
	sheet->at[ASK_AREA] = d->o.area;
	sheet->at[ASK_ADDRESS] = d->place.address;
	sheet->at[ASK_LINK] = d->place.link;
	sheet->at[ASK_NOTE] = d->o.note;
	return sheet_time(rq, sheet, d->plan.e.zone, d->o.starts_at, d->o.ends_at);
}

/* Whether it differs from what the event says, and can still be put back. */
static bool
can_plan(const struct request *rq, const struct date *d)
{
	const struct occurrence	*o = &d->o;
	int			 today = calendar_day(calendar_wall(d->plan.e.zone, rq->now));

	/* The day from which it was put off may be over. */
	if (o->own && o->day != 0 && o->day < today)
		return false;
	return d->plan.e.state != EVENT_CANCELLED && o->ends_at > rq->now && (o->own ||
	    o->placed || o->state != OCCURRENCE_PLANNED || *o->note != '\0');
}

static void
add_state(struct request *rq, const struct date *d, const struct said *said, struct view *v)
{
	const struct event	*e = &d->plan.e;
	const struct occurrence	*o = &d->o;
	const char		*done = pairs_find(&rq->query, "done");

	if (date_tags[o->state].words != NULL) {
		view_text(v, P_STATE, text_in(rq->words, date_tags[o->state].words));
		view_text(v, P_KIND, date_tags[o->state].kind);
	}
	view_flag(v, P_OWN, o->own);
	view_flag(v, P_PLACED, o->placed);
	view_text(v, P_STORED_NOTE, o->note);
	view_flag(v, P_ONLY, o->day == 0);
	view_flag(v, P_PLANNED, o->state == OCCURRENCE_PLANNED);
	view_flag(v, P_POSTPONED, o->state == OCCURRENCE_POSTPONED);
	view_flag(v, P_CANCELLED, o->state == OCCURRENCE_CANCELLED);
	view_flag(v, P_SKIPPED, o->state == OCCURRENCE_SKIPPED);
	view_flag(v, P_EVENT_CANCELLED, e->state == EVENT_CANCELLED);
	view_flag(v, P_OVER, o->ends_at <= rq->now);
	view_flag(v, P_SKIPPABLE, !d->has_guests && o->day != 0 &&
	    o->state != OCCURRENCE_SKIPPED);
	view_flag(v, P_CHANGED, can_plan(rq, d));
	view_flag(v, P_TELLS, d->has_guests);
	view_flag(v, P_RSVP, e->rsvp || d->has_guests);
	view_flag(v, P_LATE, said->late);
	view_flag(v, P_REFUSED, said->refused);
	view_text(v, P_BAD_NOTE, said->bad_note);
	view_text(v, P_NOTE, pairs_find(&rq->body, "why"));
	view_number(v, P_TAKEN, o->taken);
	if (o->capacity >= 0)
		view_number(v, P_CAPACITY, o->capacity);
	view_number(v, P_WAITING, o->waiting);
	if (d->came > 0)
		view_number(v, P_CAME, d->came);
	for (size_t i = 0; done != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(done, deeds[i].done) == 0)
			view_text(v, P_DONE, text_in(rq->words, deeds[i].text));
	}
}

static enum outcome
show(struct request *rq, const struct date *d, const struct said *said)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, page_names);
	struct sheet		 stored, *sheet = said->sheet;
	enum outcome		 got;

	if (sheet == NULL) {
		if ((got = sheet_of_date(rq, d, &stored)) != OUT_OK)
			return got;
		sheet = &stored;
	}
	view_text(v, P_ID, d->plan.hex);
	view_text(v, P_OID, d->hex);
	view_number(v, P_SEQUENCE, d->o.sequence);
	view_text(v, P_NAME, d->plan.called);
	view_text(v, P_NAME_LANG, d->plan.spoken);
	view_text(v, P_WHEN, plan_when(rq, d->plan.e.zone, d->o.starts_at, d->o.ends_at));
	if (d->plan.e.state != EVENT_DRAFT && d->o.state != OCCURRENCE_SKIPPED)
		view_text(v, P_PUBLIC, event_path(rq, &d->plan.e, &d->o));
	add_state(rq, d, said, v);
	if ((got = sheet_view(rq, SHEET_DATE, sheet, v, P_PARTS)) != OUT_OK)
		return got;
	sheet_view_errors(rq, SHEET_DATE, sheet, v, P_ERRORS);
	return page_send(rq, &office->event_date, v, said->late || said->refused ? 409 :
	    said->bad_note != NULL || sheet->n_wrong > 0 ? 422 : 200);
}

enum outcome
event_date_show(struct request *rq)
{
	const struct said	nothing = { .late = false };
	struct date		d;
	enum outcome		got = date_read(rq, &d);

	return got == OUT_OK ? show(rq, &d, &nothing) : got;
}

/* ---- what is done to it ---- */

struct deed {
	struct request		*rq;
	struct date		*d;
	int64_t			 sequence;	/* that was seen */
	const char		*note;
	/* as it is to be */
	int64_t			 starts, ends;
	const char		*area;
	struct place		 place;
	enum occurrence_state	 state;
};

static enum outcome
tell(struct db *db, const struct deed *deed, const char *what)
{
	return db_run(db, &event_date_queries[Q_TELL], NULL, DB_TEXT(what), DB_TEXT(what),
	    DB_BYTES(deed->d->o.id.at, ID_LEN), DB_INT(deed->rq->now));
}

static enum outcome
note(const struct deed *deed, const char *action)
{
	return plan_note(deed->rq, &deed->d->o.id, action,
	    deed->d->plan.e.state != EVENT_DRAFT);
}

/* Another time, another place, a note. */
static enum outcome
change_work(struct db *db, void *arg)
{
	struct deed		*deed = arg;
	struct request		*rq = deed->rq;
	struct date		*d = deed->d;
	const struct occurrence	*o = &d->o;
	struct bytes		 sealed = { "", 0 };
	bool			 moved, elsewhere, placed;
	enum outcome		 got;

	if ((got = date_lock(rq, d, deed->sequence)) != OUT_OK)
		return got;
	if (o->day == 0 || o->state == OCCURRENCE_SKIPPED)
		return OUT_CONFLICT;
	moved = deed->starts != o->starts_at || deed->ends != o->ends_at;
	elsewhere = strcmp(deed->area, o->area) != 0 ||
	    strcmp(deed->place.address, d->place.address) != 0 ||
	    strcmp(deed->place.link, d->place.link) != 0;
	placed = strcmp(deed->area, d->plan.e.area) != 0 ||
	    strcmp(deed->place.address, d->plan.place.address) != 0 ||
	    strcmp(deed->place.link, d->plan.place.link) != 0;
	if (placed && (got = event_place_seal(rq, &rq->app->form_key, &o->id, &deed->place,
	    &sealed)) != OUT_OK)
		return got;
	/* What was postponed has its new time now. */
	deed->state = moved && o->state == OCCURRENCE_POSTPONED ? OCCURRENCE_PLANNED : o->state;
	got = db_run(db, &event_date_queries[Q_CHANGE], NULL, DB_INT(deed->starts),
	    DB_INT(deed->ends), DB_TEXT(occurrence_state_names[deed->state]),
	    DB_INT(moved || o->own), DB_TEXT(deed->area), DB_INT(*deed->place.link != '\0'),
	    DB_INT(placed), DB_BYTES(sealed.data, sealed.len), DB_TEXT(deed->note),
	    DB_INT(rq->now), DB_BYTES(o->id.at, ID_LEN));
	if (got == OUT_OK && (moved || elsewhere) && deed->state != OCCURRENCE_CANCELLED)
		got = tell(db, deed, "changed");
	return got != OUT_OK ? got : note(deed, moved ? "occurrence.moved" :
	    "occurrence.changed");
}

/* Cancelled, postponed or skipped.  OUT_LIMITED: somebody said whether they come. */
static enum outcome
state_work(struct db *db, void *arg)
{
	static const char *const actions[OCCURRENCE_STATES] = {
		[OCCURRENCE_PLANNED] = "occurrence.planned",
		[OCCURRENCE_CANCELLED] = "occurrence.cancelled",
		[OCCURRENCE_POSTPONED] = "occurrence.postponed",
		[OCCURRENCE_SKIPPED] = "occurrence.skipped",
	};
	struct deed	*deed = arg;
	struct date	*d = deed->d;
	bool		 skips = deed->state == OCCURRENCE_SKIPPED;
	enum outcome	 got;

	if ((got = date_lock(deed->rq, d, deed->sequence)) != OUT_OK)
		return got;
	if (d->plan.e.state == EVENT_CANCELLED || d->o.state == OCCURRENCE_SKIPPED ||
	    d->o.ends_at <= deed->rq->now || (skips && d->o.day == 0))
		return OUT_CONFLICT;
	if (skips && d->has_guests)
		return OUT_LIMITED;
	got = db_run(db, &event_date_queries[Q_STATE], NULL,
	    DB_TEXT(occurrence_state_names[deed->state]), DB_TEXT(deed->note), DB_INT(!skips),
	    DB_INT(deed->rq->now), DB_BYTES(d->o.id.at, ID_LEN));
	if (got == OUT_OK)
		got = tell(db, deed, deed->state == OCCURRENCE_CANCELLED ? "cancelled" :
		    "changed");
	return got != OUT_OK ? got : note(deed, actions[deed->state]);
}

/* As the event says again. */
static enum outcome
plan_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct date	*d = deed->d;
	enum outcome	 got;

	if ((got = date_lock(rq, d, deed->sequence)) != OUT_OK)
		return got;
	if (!can_plan(deed->rq, d))
		return OUT_CONFLICT;
	if ((got = db_run(db, &event_date_queries[Q_RESET], NULL, DB_INT(rq->now),
	    DB_BYTES(d->o.id.at, ID_LEN))) != OUT_OK ||
	    (got = tell(db, deed, "changed")) != OUT_OK ||
	    (got = event_spread(db, rq, &d->plan.e.id, rq->now)) != OUT_OK)
		return got;
	return note(deed, "occurrence.planned");
}

static int64_t
sequence_sent(const struct request *rq)
{
	const char	*text = pairs_find(&rq->body, "sequence");
	char		*end;
	int64_t		 n;

	if (text == NULL || *text < '0' || *text > '9')
		return INT64_MAX;	/* one that never is */
	n = strtoll(text, &end, 10);
	return *end == '\0' ? n : INT64_MAX;
}

static enum outcome
done(struct deed *deed, const char *word, enum outcome got, struct sheet *sheet)
{
	struct request		*rq = deed->rq;
	const struct id		 id = deed->d->o.id;
	const struct said	 late = { .late = true, .sheet = sheet };
	const struct said	 refused = { .refused = true };
	const char		*to;

	if (got == OUT_CONFLICT)
		return (got = date_read_id(rq, &id, deed->d)) == OUT_OK ?
		    show(rq, deed->d, &late) : got;
	if (got == OUT_LIMITED)
		return show(rq, deed->d, &refused);
	if (got != OUT_OK)
		return got;
	to = talloc_asprintf(rq, "/admin/events/date/%s?done=%s", deed->d->hex, word);
	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}

enum outcome
event_date_take(struct request *rq)
{
	struct date	d;
	struct sheet	sheet;
	struct said	said = { .sheet = &sheet };
	struct deed	deed = { .rq = rq, .d = &d, .sequence = sequence_sent(rq) };
	int64_t		wall;
	enum outcome	got = date_read(rq, &d);

	if (got != OUT_OK || (got = sheet_read(rq, SHEET_DATE, &sheet)) != OUT_OK)
		return got;
	sheet_check_place(rq, &sheet);
	if (!sheet_times(rq, &sheet, d.plan.e.zone, &wall, &deed.starts, &deed.ends) ||
	    sheet.n_wrong > 0)
		return show(rq, &d, &said);
	deed.area = sheet.at[ASK_AREA];
	deed.place = (struct place){ sheet.at[ASK_ADDRESS], sheet.at[ASK_LINK] };
	deed.note = sheet.at[ASK_NOTE];
	return done(&deed, "saved", db_transaction(rq->app->db, change_work, &deed), &sheet);
}

enum outcome
event_date_state(struct request *rq)
{
	static const enum occurrence_state states[] = { OCCURRENCE_CANCELLED,
	    OCCURRENCE_POSTPONED, OCCURRENCE_SKIPPED };
	const char	*step = pairs_find(&rq->body, "step");
	struct date	 d;
	struct deed	 deed = { .rq = rq, .d = &d, .sequence = sequence_sent(rq),
			    .note = typed_text(rq, "why") };
	struct said	 said = { .late = false };
	enum outcome	 got = date_read(rq, &d);

	if (got != OUT_OK)
		return got;
	if (deed.note == NULL)
		return OUT_FAULT;
	if (form_characters(deed.note) > EVENT_NOTE_MAX) {
		said.bad_note = text_in(rq->words, "Shorten it to 600 characters");
		return show(rq, &d, &said);
	}
	if (step != NULL && strcmp(step, "planned") == 0)
		return done(&deed, step, db_transaction(rq->app->db, plan_work, &deed), NULL);
	for (size_t i = 0; step != NULL && i < sizeof(states) / sizeof(states[0]); i++) {
		const char *name = occurrence_state_names[states[i]];

		if (strcmp(step, name) != 0)
			continue;
		deed.state = states[i];
		return done(&deed, name, db_transaction(rq->app->db, state_work, &deed), NULL);
	}
	return OUT_INVALID;
}
