/*
 * work.c: what is done to a case that is not decided but worked on: it goes from state to
 * state, somebody takes it on, calls and visits are written down.
 */
#include "work.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_STATE, Q_ASSIGN, Q_SERVES, Q_NUMBER, Q_NOTE_ADD, Q__COUNT };

const struct db_query work_queries[] = {	/* takes, gives, sql */
	[Q_STATE] = { "sIb", "",
	    "UPDATE submission SET state = ?, ended_day = ?,"
	    " asked_day = NULL, sunk = 0, filed = 0 WHERE id = ?" },
	[Q_ASSIGN] = { "BbB", "",
	    "UPDATE submission SET assigned_to = ? WHERE id = ?"
	    " AND ended_day IS NULL AND assigned_to <=> ?" },
	[Q_SERVES] = { "sb", "i",
	    "SELECT 1 FROM desk_key WHERE desk = ? AND admin = ?" },
	[Q_NUMBER] = { "b", "i",
	    "SELECT COALESCE(MAX(number), 0) + 1 FROM note"
	    " WHERE submission = ?" },
	[Q_NOTE_ADD] = { "bibib", "",
	    "INSERT INTO note (submission, number, admin, day, body)"
	    " VALUES (?, ?, ?, ?, ?)" },
};
const size_t work_n_queries = Q__COUNT;

const struct work_state work_states[] = {
	{ "needed",	.ask = true },
	{ "offered",	.offer = true },
	{ "started",	.ask = true, .offer = true },
	{ "noanswer",	.ask = true },
	{ "delivery",	.ask = true },
	{ "assigned",	.ask = true, .offer = true },
	{ "complete",	.ask = true, .offer = true, .ended = true },
	{ "passedon",	.ask = true, .offer = true, .ended = true },
	{ "outofarea",	.ask = true, .offer = true, .ended = true },
	{ "duplicate",	.ask = true, .offer = true, .ended = true },
};
const size_t work_n_states = sizeof(work_states) / sizeof(*work_states);

const struct work_way work_ways[] = {
	{ "call",	N_("Call") },
	{ "text",	N_("Text message") },
	{ "visit",	N_("Visit") },
	{ "mail",	N_("E-mail or letter") },
	{ "other",	N_("Something else") },
};
const size_t work_n_ways = sizeof(work_ways) / sizeof(*work_ways);

static const char NOBODY[] = "nobody";

bool
work_is(const struct dossier *d, const char *kind)
{
	return strcmp(d->row.at[CF_KIND].bytes.data, kind) == 0;
}

static const struct work_state *
find_state(const char *name)
{
	for (size_t i = 0; name != NULL && i < work_n_states; i++) {
		if (strcmp(work_states[i].state, name) == 0)
			return &work_states[i];
	}
	return NULL;
}

bool
work_may(const struct dossier *d, const struct work_state *to)
{
	const struct work_state *from = find_state(d->row.at[CF_STATE].bytes.data);

	if (from == NULL || from == to || !(work_is(d, "offer") ? to->offer : to->ask))
		return false;
	return !from->ended || strcmp(to->state, "started") == 0;
}

const char *
work_note_word(const void *ctx, int64_t number)
{
	return talloc_asprintf(ctx, "note %lld", (long long)number);
}

/* One deed, in one transaction with its line in the audit. */
struct deed {
	struct request		*rq;
	struct dossier		*d;
	const char		*was;		/* as the page showed it */
	const struct work_state	*to;
	struct id		 admin;		/* who takes it on, unless `nobody` */
	bool			 nobody;
	const char		*way, *text;	/* a note; NULL: none */
};

/* Add a note below the number that is next.  OUT_LIMITED: the log is full. */
static enum outcome
add_note(struct deed *deed)
{
	struct request		*rq = deed->rq;
	const struct dossier	*d = deed->d;
	struct buf		*body = buf_new(rq, 256);
	const char		*at = talloc_asprintf(rq, "%lld", (long long)rq->now);
	char			 from[2 * ID_LEN + 1];
	const char		*word;
	struct bytes		 sealed;
	struct db_row		 row;
	enum outcome		 got;

	if (body == NULL || at == NULL)
		return OUT_FAULT;
	if ((got = db_first(rq->app->db, rq, &work_queries[Q_NUMBER], &row,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	if (row.at[0].number > NOTES_MAX)
		return OUT_LIMITED;
	id_text(from, &rq->session->admin.id);
	pairs_encode(body, "at", at);
	pairs_encode(body, "from", from);
	pairs_encode(body, "way", deed->way);
	pairs_encode(body, "text", deed->text);
	if (deed->to != NULL)
		pairs_encode(body, "to", deed->to->state);
	if (body->failed || (word = work_note_word(rq, row.at[0].number)) == NULL)
		return OUT_FAULT;
	if ((got = seal_body(rq, &d->content, &d->id, word, body->data, body->len,
	    &sealed)) != OUT_OK)
		return got;
	return db_run(rq->app->db, &work_queries[Q_NOTE_ADD], NULL,
	    DB_BYTES(d->id.at, ID_LEN), row.at[0],
	    DB_BYTES(rq->session->admin.id.at, ID_LEN),
	    DB_INT(when_day_of(rq->now)), DB_BYTES(sealed.data, sealed.len));
}

/* Do it; a case that changed meanwhile is shown as it is now. */
static enum outcome
perform(struct deed *deed, enum outcome (*work)(struct db *, void *))
{
	enum outcome got;

	got = db_transaction(deed->rq->app->db, work, deed);
	if (got == OUT_LIMITED)
		return review_page(deed->rq, deed->d, CASE_FULL_LOG);
	return case_done(deed->rq, deed->d, got);
}

/* Read the case of a desk where cases are worked on. */
static enum outcome
read_case(struct request *rq, struct dossier *d)
{
	enum outcome got = case_read(rq, d);

	return got == OUT_OK && d->desk->decides ? OUT_MISSING : got;
}

/* What was typed; "" when that is nothing but white space. */
static const char *
typed(const struct request *rq, const char *name)
{
	const char *text = pairs_find(&rq->body, name);

	return text == NULL || text[strspn(text, " \t\r\n")] == '\0' ? "" : text;
}

/* ---- the state ---- */

static enum outcome
state_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct dossier	*d = deed->d;
	enum outcome	 got;

	if ((got = case_lock(rq, d)) != OUT_OK)
		return got;
	if (deed->was == NULL || !work_may(d, deed->to) ||
	    strcmp(deed->was, d->row.at[CF_STATE].bytes.data) != 0)
		return OUT_CONFLICT;
	if ((got = db_run(db, &work_queries[Q_STATE], NULL,
	    DB_TEXT(deed->to->state), deed->to->ended ?
	    DB_INT(when_day_of(rq->now)) : (struct db_value){ .type = 0 },
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	/* A full log does not hold a case up. */
	got = add_note(deed);
	if (got != OUT_OK && (got != OUT_LIMITED || *deed->text != '\0'))
		return got;
	return case_note(rq, d, "case.state");
}

static enum outcome
change_state(struct request *rq, struct dossier *d)
{
	const char	*name = pairs_find(&rq->body, "state");
	struct deed	 deed = {
		.rq = rq, .d = d, .to = find_state(name), .way = "state",
		.was = pairs_find(&rq->body, "was"), .text = typed(rq, "text"),
	};

	if (!d->opened)
		return case_done(rq, d, OUT_CONFLICT);
	if (deed.to == NULL)
		return review_page(rq, d, CASE_NO_STATE);
	if (form_characters(deed.text) > NOTE_MOST)
		return review_page(rq, d, CASE_LONG_NOTE);
	return perform(&deed, state_work);
}

enum outcome
work_state(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = change_state(rq, &d);
	case_close(&d);
	return got;
}

/* ---- who takes it on ---- */

/* An admin as a form names them; false: it is none.  NOBODY is no one's id. */
static bool
read_admin(const char *text, struct id *id, bool *nobody)
{
	*id = (struct id){ { 0 } };
	*nobody = text != NULL && strcmp(text, NOBODY) == 0;
	return *nobody || (text != NULL && id_read(id, text));
}

static struct db_value
admin_value(const struct id *id, bool nobody)
{
	return nobody ? (struct db_value){ .type = 0 } : DB_BYTES(id->at, ID_LEN);
}

static enum outcome
assign_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct dossier	*d = deed->d;
	struct db_row	 row;
	struct id	 was;
	bool		 was_nobody;
	uint64_t	 changed;
	enum outcome	 got;

	if ((got = case_lock(deed->rq, d)) != OUT_OK)
		return got;
	if (!read_admin(deed->was, &was, &was_nobody))
		return OUT_CONFLICT;
	/* Who has left the desk since the page was shown is not given a case. */
	if (!deed->nobody && (got = db_first(db, deed->rq, &work_queries[Q_SERVES],
	    &row, DB_TEXT(d->desk->name),
	    DB_BYTES(deed->admin.at, ID_LEN))) != OUT_OK)
		return got == OUT_MISSING ? OUT_CONFLICT : got;
	if ((got = db_run(db, &work_queries[Q_ASSIGN], &changed,
	    admin_value(&deed->admin, deed->nobody), DB_BYTES(d->id.at, ID_LEN),
	    admin_value(&was, was_nobody))) != OUT_OK)
		return got;
	return changed == 0 ? OUT_CONFLICT : case_note(deed->rq, d, "case.assign");
}

enum outcome
work_assign(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	struct deed	deed = { .rq = rq, .d = &d,
		.was = pairs_find(&rq->body, "was") };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = !read_admin(pairs_find(&rq->body, "admin"), &deed.admin,
		    &deed.nobody) ? OUT_INVALID : perform(&deed, assign_work);
	case_close(&d);
	return got;
}

/* ---- the log ---- */

static enum outcome
note_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	enum outcome	 got;

	(void)db;
	if ((got = case_lock(deed->rq, deed->d)) != OUT_OK)
		return got;
	/* Whatever was erased meanwhile stays so. */
	if (find_state(deed->d->row.at[CF_STATE].bytes.data) == NULL)
		return OUT_CONFLICT;
	if ((got = add_note(deed)) != OUT_OK)
		return got;
	return case_note(deed->rq, deed->d, "case.note");
}

static enum outcome
write_note(struct request *rq, struct dossier *d)
{
	const char	*way = pairs_find(&rq->body, "way");
	struct deed	 deed = { .rq = rq, .d = d, .text = typed(rq, "text") };

	for (size_t i = 0; way != NULL && i < work_n_ways; i++) {
		if (strcmp(work_ways[i].way, way) == 0)
			deed.way = work_ways[i].way;
	}
	if (deed.way == NULL)
		return OUT_INVALID;
	if (!d->opened)
		return case_done(rq, d, OUT_CONFLICT);
	if (*deed.text == '\0')
		return review_page(rq, d, CASE_NO_NOTE);
	if (form_characters(deed.text) > NOTE_MOST)
		return review_page(rq, d, CASE_LONG_NOTE);
	return perform(&deed, note_work);
}

enum outcome
work_note(struct request *rq)
{
	struct dossier	d = { .has_round = false };
	enum outcome	got = read_case(rq, &d);

	if (got == OUT_OK)
		got = write_note(rq, &d);
	case_close(&d);
	return got;
}
