/*
 * event_guests.c: who comes to one date of an event: the list for its hosts, and who came.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"

enum { Q_GUESTS, Q_TOTALS, Q_CAME, Q_SUM, Q__COUNT };

/* In which order: seated, waiting, perhaps, not. */
#define PART	"IF(r.state = 'seated', 0, IF(r.state = 'waiting', 1," \
		" IF(r.answer = 'perhaps', 2, 3)))"

const struct db_query event_guests_queries[] = {	/* takes, gives, sql */
	[Q_GUESTS] = { "biiii", "biissibbsIS",
	    "SELECT r.id, " PART ", r.number, r.answer, r.state, r.people, r.desk_key, r.body,"
	    " r.channel, r.came, a.name FROM rsvp r LEFT JOIN admin a ON a.id = r.entered_by"
	    " WHERE r.occurrence = ? AND (" PART " > ? OR (" PART " = ? AND r.number > ?))"
	    " ORDER BY " PART ", r.number LIMIT ?" },
	[Q_TOTALS] = { "b", "iii",
	    "SELECT part, COUNT(*), CAST(SUM(people) AS SIGNED) FROM (SELECT " PART " AS part,"
	    " r.people FROM rsvp r WHERE r.occurrence = ?) AS each_one GROUP BY part" },
	[Q_CAME] = { "ibb", "",
	    "UPDATE rsvp SET came = IF(?, people, NULL) WHERE id = ? AND occurrence = ?" },
	[Q_SUM] = { "bb", "",
	    "UPDATE occurrence SET came = (SELECT COALESCE(SUM(came), 0) FROM rsvp"
	    " WHERE rsvp.occurrence = ?) WHERE id = ?" },
};
const size_t event_guests_n_queries = Q__COUNT;

enum { F_ID, F_PART, F_NUMBER, F_ANSWER, F_STATE, F_PEOPLE, F_KEY, F_BODY, F_CHANNEL, F_CAME,
	F_BY };

enum part { SEATED, WAITING, PERHAPS, NOT, PARTS };

static const struct { const char *words, *kind; } parts[PARTS] = {
	[SEATED] = { NC_("guest", "Coming"), "good" },
	[WAITING] = { N_("Waiting"), "wait" },
	[PERHAPS] = { N_("Perhaps"), "soft" },
	[NOT] = { NC_("guest", "Not coming"), "" },
};

/* A row is two fields of the form by which one ticks who came. */
enum { ROWS = 150, EARLY = 6 * 3600 /* seconds before it begins: who came can be ticked */ };

enum { W_TEXT, W__COUNT };
static const struct view_name way_names[] = {
	[W_TEXT] = { "way", NULL },
	[W__COUNT] = { NULL, NULL }
};

enum { G_ID, G_SHUT, G_NAME, G_PEOPLE, G_STATE, G_KIND, G_NEEDS, G_WAYS, G_PHONED, G_CAME,
	G_MAY_COME, G__COUNT };
static const struct view_name guest_names[] = {
	[G_ID] = { "guest", NULL },
	[G_SHUT] = { "shut", NULL },		/* it does not open */
	[G_NAME] = { "called", NULL },
	[G_PEOPLE] = { "people", NULL },
	[G_STATE] = { "state", NULL },
	[G_KIND] = { "kind", NULL },
	[G_NEEDS] = { "needs", NULL },
	[G_WAYS] = { "ways", way_names },
	[G_PHONED] = { "phoned", NULL },	/* who typed it in */
	[G_CAME] = { "came", NULL },
	[G_MAY_COME] = { "may_come", NULL },
	[G__COUNT] = { NULL, NULL }
};

enum { U_OID, U_NAME, U_NAME_LANG, U_WHEN, U_SEATED, U_CAPACITY, U_WAITING, U_PERHAPS, U_NOT,
	U_CAME, U_ROWS,
	U_SOME, U_TICKS, U_MAY_ADD, U_NEXT, U_LATER, U_DONE, U_GONE, U__COUNT };
static const struct view_name page_names[] = {
	[U_OID] = { "oid", NULL },
	[U_NAME] = { "name", NULL },
	[U_NAME_LANG] = { "name_lang", NULL },
	[U_WHEN] = { "when", NULL },
	[U_SEATED] = { "seated", NULL },
	[U_CAPACITY] = { "capacity", NULL },
	[U_WAITING] = { "waiting", NULL },
	[U_PERHAPS] = { "perhaps", NULL },
	[U_NOT] = { "not", NULL },
	[U_CAME] = { "all_came", NULL },
	[U_ROWS] = { "guests", guest_names },
	[U_SOME] = { "some", NULL },
	[U_TICKS] = { "ticks", NULL },
	[U_MAY_ADD] = { "may_add", NULL },
	[U_NEXT] = { "next", NULL },
	[U_LATER] = { "later_page", NULL },
	[U_DONE] = { "done", NULL },
	[U_GONE] = { "erased", NULL },		/* their answers were forgotten */
	[U__COUNT] = { NULL, NULL }
};

static const struct { const char *done, *text; } deeds[] = {
	{ "changed", N_("Changed.") },
	{ "removed", N_("Removed. Whoever waited longest has moved up, if there was room.") },
	{ "gone", N_("Meanwhile somebody removed this answer, so nothing was done.") },
	{ "ticked", N_("Who came is noted.") },
};

void
event_guests_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->guests, "admin-event-guests.html",
	    page_names);
}

/* ---- one of them ---- */

/* What they wrote, opened with the desk's key.  OUT_FORBIDDEN: it does not open. */
static enum outcome
open_answers(struct request *rq, const struct form *form, const struct key *secret,
    const struct db_value *at, struct form_answers **answers)
{
	struct pairs	strays;
	struct key	content;
	struct id	id;
	enum outcome	got;

	memcpy(id.at, at[F_ID].bytes.data, ID_LEN);
	if ((got = answers_key(secret, &id, at[F_KEY].bytes, &content)) != OUT_OK)
		return OUT_FORBIDDEN;
	got = rsvp_open(rq, &id, &content, at[F_BODY].bytes, form, answers, &strays);
	sodium_memzero(&content, sizeof(content));
	return got;
}

static void
add_answers(const struct form_answers *answers, struct view *row)
{
	const struct form *form = answers->form;

	view_text(row, G_NAME, answers_name(answers));
	view_text(row, G_NEEDS, answers_value(answers, "needs"));
	for (size_t i = 0; i < form->n_fields; i++) {
		enum field_kind kind = form->fields[i].kind;

		if ((kind == FIELD_EMAIL || kind == FIELD_TEL) &&
		    answers->values[i][0] != NULL && *answers->values[i][0] != '\0')
			view_text(view_row(row, G_WAYS), W_TEXT, answers->values[i][0]);
	}
}

/* Also one that does not open: it has a seat, and the others must be seen. */
static enum outcome
add_guest(struct request *rq, const struct form *form, const struct key *secret,
    const struct db_value *at, struct view *row)
{
	enum part		 part = (enum part)at[F_PART].number;
	struct form_answers	*answers;
	enum outcome		 got = open_answers(rq, form, secret, at, &answers);

	if (got != OUT_OK && got != OUT_FORBIDDEN)
		return got;
	view_flag(row, G_SHUT, got == OUT_FORBIDDEN);
	if (got == OUT_OK)
		add_answers(answers, row);
	view_text(row, G_ID, plan_hex(rq, at[F_ID].bytes.data));
	view_number(row, G_PEOPLE, at[F_PEOPLE].number);
	view_text(row, G_STATE, text_in(rq->words, parts[part].words));
	view_text(row, G_KIND, parts[part].kind);
	if (strcmp(at[F_CHANNEL].bytes.data, "phone") == 0)
		view_text(row, G_PHONED, at[F_BY].type != 0 ? at[F_BY].bytes.data : "–");
	view_flag(row, G_CAME, at[F_CAME].type != 0);
	view_flag(row, G_MAY_COME, part != NOT);
	return OUT_OK;
}

/* ---- all of them ---- */

static enum outcome
add_totals(struct request *rq, const struct date *d, struct view *v)
{
	static const size_t	names[PARTS] = { U_SEATED, U_WAITING, U_PERHAPS, U_NOT };
	struct db_rows		rows;
	enum outcome		got;

	for (size_t i = 0; i < PARTS; i++)
		view_number(v, names[i], 0);
	got = db_all(rq->app->db, rq, &event_guests_queries[Q_TOTALS], &rows,
	    DB_BYTES(d->o.id.at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++)
		view_number(v, names[rows.at[i].at[0].number], rows.at[i].at[2].number);
	/* Also when who they were is forgotten. */
	view_number(v, U_SEATED, d->o.taken);
	view_number(v, U_WAITING, d->o.waiting);
	if (d->o.capacity >= 0)
		view_number(v, U_CAPACITY, d->o.capacity);
	if (d->came > 0)
		view_number(v, U_CAME, d->came);
	return got;
}

/* "PART-NUMBER": behind which row a page begins. */
static bool
place_of(const char *text, int64_t *part, int64_t *number)
{
	char *end;

	if (*text < '0' || *text > '3' || text[1] != '-' || text[2] < '0' || text[2] > '9')
		return false;
	*part = *text - '0';
	*number = strtoll(text + 2, &end, 10);
	return *end == '\0';
}

static enum outcome
add_guests(struct request *rq, const struct date *d, const struct key *secret, struct view *v)
{
	const char		*after = pairs_find(&rq->query, "after");
	const struct form	*form;
	int64_t			 part = -1, number = 0;
	struct db_rows		 rows;
	enum outcome		 got;

	if (after != NULL && !place_of(after, &part, &number))
		return OUT_MISSING;
	if ((got = guest_form(rq, &form)) != OUT_OK)
		return got;
	got = db_all(rq->app->db, rq, &event_guests_queries[Q_GUESTS], &rows,
	    DB_BYTES(d->o.id.at, ID_LEN), DB_INT(part), DB_INT(part), DB_INT(number),
	    DB_INT(ROWS + 1));
	for (size_t i = 0; got == OUT_OK && i < rows.n && i < ROWS; i++)
		got = add_guest(rq, form, secret, rows.at[i].at, view_row(v, U_ROWS));
	if (got != OUT_OK)
		return got;
	view_flag(v, U_SOME, rows.n > 0);
	view_flag(v, U_LATER, after != NULL);
	view_flag(v, U_GONE, rows.n == 0 && after == NULL && d->o.taken > 0);
	if (rows.n > ROWS)
		view_text(v, U_NEXT, talloc_asprintf(rq, "%lld-%lld",
		    (long long)rows.at[ROWS - 1].at[F_PART].number,
		    (long long)rows.at[ROWS - 1].at[F_NUMBER].number));
	return OUT_OK;
}

enum outcome
event_guests_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*done = pairs_find(&rq->query, "done");
	struct view		*v = view_new(rq, page_names);
	struct desk_keys	 keys;
	struct date		 d;
	enum outcome		 got;

	if ((got = date_read(rq, &d)) != OUT_OK)
		return got;
	got = desk_open(rq->app->db, &rq->session->admin, &desks[DESK_EVENTS], &keys);
	if (got != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_MISSING : got;
	got = add_guests(rq, &d, &keys.secret, v);
	sodium_memzero(&keys, sizeof(keys));
	if (got != OUT_OK || (got = add_totals(rq, &d, v)) != OUT_OK)
		return got;
	view_text(v, U_OID, d.hex);
	view_text(v, U_NAME, d.plan.called);
	view_text(v, U_NAME_LANG, d.plan.spoken);
	view_text(v, U_WHEN, plan_when(rq, d.plan.e.zone, d.o.starts_at, d.o.ends_at));
	view_flag(v, U_TICKS, rq->now >= d.o.starts_at - EARLY);
	view_flag(v, U_MAY_ADD, guest_can_add(&d));
	for (size_t i = 0; done != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(done, deeds[i].done) == 0)
			view_text(v, U_DONE, text_in(rq->words, deeds[i].text));
	}
	return page_send(rq, &office->guests, v, 200);
}

/* ---- who came ---- */

struct deed { struct request *rq; struct date *d; };

static bool
is_ticked(const struct request *rq, const char *hex)
{
	for (size_t i = 0; i < rq->body.n; i++) {
		const struct pair *pair = &rq->body.at[i];

		if (strcmp(pair->name, "came") == 0 && strcmp(pair->value, hex) == 0)
			return true;
	}
	return false;
}

/* Of those that the page listed. */
static enum outcome
came_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct db_value	 date = DB_BYTES(deed->d->o.id.at, ID_LEN);
	enum outcome	 got = date_lock(rq, deed->d, -1);

	if (got == OUT_OK && !deed->d->has_guests)
		return OUT_CONFLICT;	/* they were forgotten meanwhile */
	for (size_t i = 0; got == OUT_OK && i < rq->body.n; i++) {
		const struct pair	*pair = &rq->body.at[i];
		struct id		 id;

		if (strcmp(pair->name, "listed") == 0 && id_read(&id, pair->value))
			got = db_run(db, &event_guests_queries[Q_CAME], NULL,
			    DB_INT(is_ticked(rq, pair->value)), DB_BYTES(id.at, ID_LEN), date);
	}
	if (got == OUT_OK)
		got = db_run(db, &event_guests_queries[Q_SUM], NULL, date, date);
	return got != OUT_OK ? got : plan_note(rq, &deed->d->o.id, "occurrence.came", false);
}

enum outcome
event_guests_came(struct request *rq)
{
	struct date	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = date_read(rq, &d);

	if (got != OUT_OK)
		return got;
	/* Once they are forgotten, their number is all that is left: it stays. */
	if (d.has_guests && pairs_find(&rq->body, "listed") != NULL)
		got = db_transaction(rq->app->db, came_work, &deed);
	return got != OUT_OK ? got : guest_done(rq, &d, "ticked");
}
