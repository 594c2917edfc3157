/*
 * rsvp.c: see openhall/rsvp.h.  Runs under openhall_events, and under openhall_admin for those
 * who phoned and when there are more seats.
 *
 * The row of the date is locked before anything else of the transaction is read, or what is read
 * is locked, too: so nothing is as it was before.
 */
#include "openhall/rsvp.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

enum { Q_LOCK, Q_EVENT, Q_COUNTS, Q_ADD, Q_WHERE, Q_ONE, Q_CHANGE, Q_REMOVE, Q_NEXT, Q_SEAT, Q_FIND,
	Q_BEFORE, Q_PRESS, Q__COUNT };

const struct db_query rsvp_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_LOCK] = { "b", "bsiiIiii",
	    "SELECT event, state, starts_at, ends_at, capacity, taken, waiting, numbers"
	    " FROM occurrence WHERE id = ? FOR UPDATE" },
	[Q_EVENT] = { "b", "sii", "SELECT state, rsvp, rsvp_hours FROM event WHERE id = ?" },
	[Q_COUNTS] = { "iiib", "",
	    "UPDATE occurrence SET taken = ?, waiting = ?, numbers = ? WHERE id = ?" },
	[Q_ADD] = { "bbissisbbbbbisB", "",
	    "INSERT INTO rsvp (id, occurrence, number, answer, state, people, lang, receipt,"
	    " desk_key, receipt_key, body, address, remind, channel, entered_by)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_WHERE] = { "b", "bs", "SELECT occurrence, state FROM rsvp WHERE id = ?" },
	[Q_ONE] = { "b", "isib",
	    "SELECT number, state, people, body FROM rsvp WHERE id = ? FOR UPDATE" },
	[Q_CHANGE] = { "issisbbbbib", "",
	    "UPDATE rsvp SET number = ?, answer = ?, state = ?, people = ?, lang = ?,"
	    " desk_key = ?, receipt_key = ?, body = ?, address = ?, remind = ?"
	    " WHERE id = ?" },
	[Q_REMOVE] = { "b", "", "DELETE FROM rsvp WHERE id = ?" },
	[Q_NEXT] = { "bi", "bi",
	    "SELECT id, people FROM rsvp WHERE occurrence = ? AND state = 'waiting'"
	    " AND people <= ? ORDER BY number LIMIT 1 FOR UPDATE" },
	[Q_SEAT] = { "b", "",
	    "UPDATE rsvp SET state = 'seated', tell = IF(address <> '', 'seated', tell)"
	    " WHERE id = ?" },
	[Q_FIND] = { "b", "bbissisbbbbi",
	    "SELECT id, occurrence, number, answer, state, people, lang, desk_key,"
	    " receipt_key, body, address, remind FROM rsvp WHERE receipt = ?" },
	[Q_BEFORE] = { "bi", "i",
	    "SELECT CAST(COALESCE(SUM(people), 0) AS SIGNED) FROM rsvp"
	    " WHERE occurrence = ? AND state = 'waiting' AND number < ?" },
	[Q_PRESS] = { "", "", "UPDATE press SET number = number + 1 WHERE id = 2" },
};
const size_t rsvp_n_queries = Q__COUNT;

/* The columns of Q_LOCK, Q_EVENT, Q_WHERE, Q_ONE and Q_FIND. */
enum { O_EVENT, O_STATE, O_STARTS, O_ENDS, O_CAPACITY, O_TAKEN, O_WAITING, O_NUMBERS };
enum { E_STATE, E_RSVP, E_HOURS };
enum { W_OCCURRENCE, W_STATE };
enum { R_NUMBER, R_STATE, R_PEOPLE, R_BODY };
enum { F_ID, F_OCCURRENCE, F_NUMBER, F_ANSWER, F_STATE, F_PEOPLE, F_LANG, F_DESK_KEY,
	F_RECEIPT_KEY, F_BODY, F_ADDRESS, F_REMIND };

const char *const rsvp_answer_names[RSVP_ANSWERS] = { "coming", "perhaps", "not" };
const char *const rsvp_state_names[RSVP_STATES] = { "seated", "waiting", "none" };

static enum rsvp_state
state_of(const struct db_value *v)
{
	return db_word(v, rsvp_state_names, RSVP_STATES);
}

/* ---- the seats of one date, locked ---- */

struct seats {
	struct id	id;
	int64_t		capacity;	/* INT64_MAX: no limit */
	int64_t		taken, waiting, numbers;
	bool		open;		/* a new one may come in */
	bool		full;		/* so it was told so far */
	bool		line;		/* somebody waits for whom there can be room */
};

struct deed {
	struct rsvp	*r;
	int64_t		 now;
};

/* Whoever waits comes first. */
static bool
seats_full(const struct seats *s)
{
	return s->line || s->taken >= s->capacity;
}

/* Who would not even fit alone keeps nobody from a seat. */
static enum outcome
seats_line(struct db *db, const void *ctx, struct seats *s)
{
	struct db_row	row;
	enum outcome	got = OUT_OK;

	s->line = s->waiting > 0;
	if (s->line && s->taken < s->capacity) {
		got = db_first(db, ctx, &rsvp_queries[Q_NEXT], &row,
		    DB_BYTES(s->id.at, ID_LEN), DB_INT(s->capacity));
		s->line = got == OUT_OK;
	}
	return got == OUT_MISSING ? OUT_OK : got;
}

static enum outcome
seats_lock(struct db *db, const void *ctx, const struct id *occurrence, int64_t now,
    struct seats *out)
{
	struct db_row		 o, e;
	const struct db_value	*at;
	enum outcome		 got;

	got = db_first(db, ctx, &rsvp_queries[Q_LOCK], &o, DB_BYTES(occurrence->at, ID_LEN));
	if (got == OUT_OK)
		got = db_first(db, ctx, &rsvp_queries[Q_EVENT], &e, o.at[O_EVENT]);
	if (got != OUT_OK)
		return got;
	at = o.at;
	*out = (struct seats){
		.id = *occurrence,
		.capacity = at[O_CAPACITY].type == 0 ? INT64_MAX : at[O_CAPACITY].number,
		.taken = at[O_TAKEN].number,
		.waiting = at[O_WAITING].number,
		.numbers = at[O_NUMBERS].number,
		.open = event_takes_rsvp(&(struct event){
			.state = strcmp(e.at[E_STATE].bytes.data,
			    event_state_names[EVENT_PUBLISHED]) == 0 ?
			    EVENT_PUBLISHED : EVENT_DRAFT,
			.rsvp = e.at[E_RSVP].number != 0,
			.rsvp_hours = (int)e.at[E_HOURS].number,
		    }, &(struct occurrence){
			.state = strcmp(at[O_STATE].bytes.data,
			    occurrence_state_names[OCCURRENCE_PLANNED]) == 0 ?
			    OCCURRENCE_PLANNED : OCCURRENCE_CANCELLED,
			.starts_at = at[O_STARTS].number,
		    }, now),
	};
	got = seats_line(db, ctx, out);
	out->full = seats_full(out);
	return got;
}

/* Lists tell whether there are any left.  Last of all: it looks who waits now. */
static enum outcome
seats_write(struct db *db, const void *ctx, struct seats *s)
{
	enum outcome got = seats_line(db, ctx, s);

	if (got == OUT_OK)
		got = db_run(db, &rsvp_queries[Q_COUNTS], NULL, DB_INT(s->taken),
		    DB_INT(s->waiting), DB_INT(s->numbers), DB_BYTES(s->id.at, ID_LEN));
	if (got == OUT_OK && seats_full(s) != s->full)
		got = db_run_values(db, &rsvp_queries[Q_PRESS], NULL, NULL, 0);
	return got;
}

static void
seats_release(struct seats *s, enum rsvp_state state, int64_t people)
{
	if (state == RSVP_SEATED)
		s->taken -= people;
	else if (state == RSVP_WAITING)
		s->waiting -= people;
}

static enum rsvp_state
seats_take(struct seats *s, int64_t people)
{
	if (!s->line && people <= s->capacity - s->taken) {
		s->taken += people;
		return RSVP_SEATED;
	}
	s->waiting += people;
	return RSVP_WAITING;
}

/* In their order, for as long as the next one fits. */
static enum outcome
seats_move_up(struct db *db, const void *ctx, struct seats *s)
{
	struct db_row	row;
	enum outcome	got = OUT_OK;

	while (s->waiting > 0 && s->taken < s->capacity) {
		got = db_first(db, ctx, &rsvp_queries[Q_NEXT], &row,
		    DB_BYTES(s->id.at, ID_LEN), DB_INT(s->capacity));
		if (got != OUT_OK || row.at[1].number > s->capacity - s->taken)
			break;
		if ((got = db_run(db, &rsvp_queries[Q_SEAT], NULL, row.at[0])) != OUT_OK)
			break;
		s->taken += row.at[1].number;
		s->waiting -= row.at[1].number;
	}
	return got == OUT_MISSING ? OUT_OK : got;
}

/* ---- adding ---- */

static enum outcome
insert(struct db *db, const struct rsvp *r)
{
	struct db_value by = { 0 };

	if (r->entered_by != NULL)
		by = DB_BYTES(r->entered_by->at, ID_LEN);
	return db_run(db, &rsvp_queries[Q_ADD], NULL, DB_BYTES(r->id.at, ID_LEN),
	    DB_BYTES(r->occurrence.at, ID_LEN), DB_INT(r->number),
	    DB_TEXT(rsvp_answer_names[r->answer]), DB_TEXT(rsvp_state_names[r->state]),
	    DB_INT(r->people), DB_TEXT(r->lang), DB_BYTES(r->receipt, KEY_LEN),
	    DB_BYTES(r->desk_key.data, r->desk_key.len),
	    DB_BYTES(r->receipt_key.data, r->receipt_key.len),
	    DB_BYTES(r->body.data, r->body.len),
	    DB_BYTES(r->address.data, r->address.len), DB_INT(r->remind),
	    DB_TEXT(r->channel), by);
}

/* As it is stored. */
struct stored {
	int64_t			number, people;
	enum rsvp_state		state;
};

/* Each time that the answers are sealed it is with another nonce. */
void
rsvp_mark(char mark[RSVP_MARK], struct bytes body)
{
	struct id	id;

	crypto_generichash(id.at, ID_LEN, body.data, body.len, NULL, 0);
	id_text(mark, &id);
}

/* OUT_CONFLICT: it is not as who wants to change it has seen it. */
static enum outcome
read_stored(struct db *db, const void *ctx, const struct rsvp *r, struct stored *out)
{
	char		mark[RSVP_MARK];
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &rsvp_queries[Q_ONE], &row, DB_BYTES(r->id.at, ID_LEN));
	if (got != OUT_OK)
		return got;
	rsvp_mark(mark, row.at[R_BODY].bytes);
	if (r->seen != NULL && strcmp(r->seen, mark) != 0)
		return OUT_CONFLICT;
	out->number = row.at[R_NUMBER].number;
	out->people = row.at[R_PEOPLE].number;
	out->state = state_of(&row.at[R_STATE]);
	return OUT_OK;
}

static enum outcome
add(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	struct rsvp		*r = deed->r;
	void			*ctx = talloc_new(db);
	struct db_row		 there;
	struct seats		 s;
	enum outcome		 got;

	if ((got = seats_lock(db, ctx, &r->occurrence, deed->now, &s)) != OUT_OK)
		goto end;
	got = db_first(db, ctx, &rsvp_queries[Q_WHERE], &there, DB_BYTES(r->id.at, ID_LEN));
	if (got == OUT_OK) {
		r->state = state_of(&there.at[W_STATE]);
		got = OUT_CONFLICT;
	}
	if (got != OUT_MISSING)
		goto end;
	got = OUT_LIMITED;
	if (!s.open && r->entered_by == NULL)
		goto end;
	got = OUT_INVALID;
	if (r->answer == RSVP_COMING && r->people > s.capacity)
		goto end;
	r->state = r->answer == RSVP_COMING ? seats_take(&s, r->people) : RSVP_NONE;
	r->number = ++s.numbers;
	if ((got = insert(db, r)) == OUT_OK)
		got = seats_write(db, ctx, &s);
end:
	talloc_free(ctx);
	return got;
}

enum outcome
rsvp_add(struct db *db, struct rsvp *r, int64_t now)
{
	return db_transaction(db, add, &(struct deed){ .r = r, .now = now });
}

/* ---- changing ---- */

/*
 * What they have after the change.  A seat is not lost by asking for another one: where that is
 * not free, nothing changes.
 */
static enum outcome
change_seats(struct seats *s, const struct stored *there, struct rsvp *r)
{
	bool	more = r->answer == RSVP_COMING &&
		    (there->state == RSVP_NONE || r->people > there->people);

	if (more && !s->open && r->entered_by == NULL)
		return OUT_LIMITED;
	if (more && r->people > s->capacity)
		return OUT_INVALID;
	seats_release(s, there->state, there->people);
	r->number = there->number;
	if (r->answer != RSVP_COMING) {
		r->state = RSVP_NONE;
	} else if (there->state == RSVP_SEATED) {
		if (more && (s->line || r->people > s->capacity - s->taken))
			return OUT_LIMITED;
		s->taken += r->people;
		r->state = RSVP_SEATED;
	} else if (there->state == RSVP_WAITING && !more) {
		s->waiting += r->people;
		r->state = RSVP_WAITING;
	} else {
		r->number = ++s->numbers;
		r->state = seats_take(s, r->people);
	}
	return OUT_OK;
}

static enum outcome
change(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	struct rsvp		*r = deed->r;
	void			*ctx = talloc_new(db);
	struct stored		 there;
	struct seats		 s;
	enum outcome		 got;

	if ((got = seats_lock(db, ctx, &r->occurrence, deed->now, &s)) != OUT_OK ||
	    (got = read_stored(db, ctx, r, &there)) != OUT_OK ||
	    (got = change_seats(&s, &there, r)) != OUT_OK)
		goto end;
	got = db_run(db, &rsvp_queries[Q_CHANGE], NULL, DB_INT(r->number),
	    DB_TEXT(rsvp_answer_names[r->answer]), DB_TEXT(rsvp_state_names[r->state]),
	    DB_INT(r->people), DB_TEXT(r->lang),
	    DB_BYTES(r->desk_key.data, r->desk_key.len),
	    DB_BYTES(r->receipt_key.data, r->receipt_key.len),
	    DB_BYTES(r->body.data, r->body.len),
	    DB_BYTES(r->address.data, r->address.len), DB_INT(r->remind),
	    DB_BYTES(r->id.at, ID_LEN));
	if (got == OUT_OK)
		got = seats_move_up(db, ctx, &s);
	if (got == OUT_OK)
		got = seats_write(db, ctx, &s);
end:
	talloc_free(ctx);
	return got;
}

enum outcome
rsvp_change(struct db *db, struct rsvp *r, int64_t now)
{
	return db_transaction(db, change, &(struct deed){ .r = r, .now = now });
}

/* ---- taking back ---- */

static enum outcome
take_back(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	void			*ctx = talloc_new(db);
	struct stored		 there;
	struct seats		 s;
	enum outcome		 got;

	if ((got = seats_lock(db, ctx, &deed->r->occurrence, 0, &s)) != OUT_OK ||
	    (got = read_stored(db, ctx, deed->r, &there)) != OUT_OK ||
	    (got = db_run(db, &rsvp_queries[Q_REMOVE], NULL,
	    DB_BYTES(deed->r->id.at, ID_LEN))) != OUT_OK)
		goto end;
	seats_release(&s, there.state, there.people);
	if ((got = seats_move_up(db, ctx, &s)) == OUT_OK)
		got = seats_write(db, ctx, &s);
end:
	talloc_free(ctx);
	return got;
}

enum outcome
rsvp_remove(struct db *db, const struct id *id, const char *seen)
{
	struct rsvp	r = { .id = *id, .seen = seen };
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, NULL, &rsvp_queries[Q_WHERE], &row, DB_BYTES(id->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	memcpy(r.occurrence.at, row.at[W_OCCURRENCE].bytes.data, ID_LEN);
	talloc_free(row.at);
	return db_transaction(db, take_back, &(struct deed){ .r = &r });
}

enum outcome
rsvp_move_up(struct db *db, const struct id *occurrence)
{
	void		*ctx = talloc_new(db);
	struct seats	 s;
	enum outcome	 got = seats_lock(db, ctx, occurrence, 0, &s);

	if (got == OUT_OK && (got = seats_move_up(db, ctx, &s)) == OUT_OK)
		got = seats_write(db, ctx, &s);
	talloc_free(ctx);
	return got;
}

/* ---- reading ---- */

enum outcome
rsvp_find(struct db *db, const void *ctx, const struct key *lookup, struct rsvp *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, ctx, &rsvp_queries[Q_FIND], &row, DB_BYTES(lookup->at, KEY_LEN));
	if (got != OUT_OK)
		return got;
	*out = (struct rsvp){
		.number = row.at[F_NUMBER].number,
		.answer = db_word(&row.at[F_ANSWER], rsvp_answer_names, RSVP_ANSWERS),
		.state = state_of(&row.at[F_STATE]),
		.people = (int)row.at[F_PEOPLE].number,
		.lang = row.at[F_LANG].bytes.data,
		.desk_key = row.at[F_DESK_KEY].bytes,
		.receipt_key = row.at[F_RECEIPT_KEY].bytes,
		.body = row.at[F_BODY].bytes,
		.address = row.at[F_ADDRESS].bytes,
		.remind = row.at[F_REMIND].number != 0,
	};
	memcpy(out->id.at, row.at[F_ID].bytes.data, ID_LEN);
	memcpy(out->occurrence.at, row.at[F_OCCURRENCE].bytes.data, ID_LEN);
	memcpy(out->receipt, lookup->at, KEY_LEN);
	return OUT_OK;
}

enum outcome
rsvp_before(struct db *db, const struct rsvp *r, int64_t *people)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(db, NULL, &rsvp_queries[Q_BEFORE], &row,
	    DB_BYTES(r->occurrence.at, ID_LEN), DB_INT(r->number));
	if (got == OUT_OK) {
		*people = row.at[0].number;
		talloc_free(row.at);
	}
	return got;
}
