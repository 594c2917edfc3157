/*
 * guests.c: who said that they come to an event is told what they asked to be told: that they have
 * a seat after all, that something changed, that it is soon.  And dates of what recurs are written
 * further as time goes by.
 *
 * Who changes something marks whom to tell (rsvp.tell) in the same transaction; here a mark
 * becomes a mail, once.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "courier.h"
#include "openhall/event.h"
#include "openhall/log.h"
#include "openhall/when.h"

enum { PAGE = 200, WEEK = 7, MONTH = 31 * DAY };

enum { Q_TO_TELL, Q_LOCK, Q_TOLD, Q_BEGINS, Q_MOVED, Q_MOVED_ONE, Q_SOON, Q_TO_REMIND, Q_REMIND,
	Q_REMINDED, Q_SHORT, Q_EVENT, Q__COUNT };

/* What is to be told already says when, too. */
#define TO_REMIND " AND remind = 1 AND address <> '' AND tell = ''" \
	    " AND (state = 'seated' OR answer = 'perhaps')"

const struct db_query guests_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_TO_TELL] = { "i", "b", "SELECT id FROM rsvp WHERE tell > '' ORDER BY tell, id LIMIT ?" },
	[Q_LOCK] = { "b", "bsbsi",
	    "SELECT occurrence, lang, address, tell, told FROM rsvp WHERE id = ? FOR UPDATE" },
	[Q_TOLD] = { "b", "", "UPDATE rsvp SET tell = '', told = told + 1 WHERE id = ?" },
	[Q_BEGINS] = { "b", "i", "SELECT starts_at FROM occurrence WHERE id = ?" },
	/* Put off after its reminders had gone out: it gets others. */
	[Q_MOVED] = { "iii", "b",
	    "SELECT id FROM occurrence WHERE reminded_at > ? AND starts_at > ? LIMIT ?" },
	[Q_MOVED_ONE] = { "bi", "",
	    "UPDATE occurrence SET reminded_at = NULL WHERE id = ? AND starts_at > ?" },
	[Q_SOON] = { "iii", "b",
	    "SELECT o.id FROM occurrence o JOIN event e ON e.id = o.event"
	    " WHERE o.reminded_at IS NULL AND o.starts_at > ? AND o.starts_at <= ?"
	    " AND o.state = 'planned' AND e.state = 'published' LIMIT ?" },
	[Q_TO_REMIND] = { "bii", "bi",
	    "SELECT id, number FROM rsvp FORCE INDEX (place) WHERE occurrence = ?"
	    " AND number > ?" TO_REMIND " ORDER BY number LIMIT ?" },
	[Q_REMIND] = { "b", "", "UPDATE rsvp SET tell = 'remind' WHERE id = ?" TO_REMIND },
	[Q_REMINDED] = { "ib", "",
	    "UPDATE occurrence SET reminded_at = ? WHERE id = ? AND reminded_at IS NULL" },
	[Q_SHORT] = { "ibi", "b",
	    "SELECT id FROM event WHERE rule <> '' AND state = 'published' AND spread_to < ?"
	    " AND id > ? ORDER BY id LIMIT ?" },
	[Q_EVENT] = { "b", "b", "SELECT id FROM event WHERE id = ? FOR UPDATE" },
};
const size_t guests_n_queries = Q__COUNT;

/* ---- telling ---- */

struct telling {
	struct post	*post;
	struct db_value	 id;		/* of the rsvp */
	int64_t		 now;
};

enum { R_OCCURRENCE, R_LANG, R_ADDRESS, R_TELL, R_TOLD };

/* The mail of what is told to somebody as their number `n`. */
static void
mail_id(struct id *out, const struct telling *t, const char *word, int64_t n)
{
	unsigned char	from[ID_LEN + sizeof(int64_t)];
	struct key	derived;

	memcpy(from, t->id.bytes.data, ID_LEN);
	memcpy(from + ID_LEN, &n, sizeof(int64_t));
	seal_derive(&derived, &t->post->secret, word, from, sizeof(from));
	memcpy(out->at, derived.at, ID_LEN);
	sodium_memzero(&derived, sizeof(derived));
}

/* One mark is one mail, whoever makes it, and however often.  Of one beginning there is one
 * reminder, however often it was marked. */
static enum outcome
choose_id(struct db *db, const void *ctx, struct id *out, const struct telling *t,
    const struct db_value *at)
{
	struct db_row	date;
	enum outcome	got;

	if (strcmp(at[R_TELL].bytes.data, "remind") != 0) {
		mail_id(out, t, "event mail", at[R_TOLD].number);
		return OUT_OK;
	}
	got = db_first(db, ctx, &guests_queries[Q_BEGINS], &date, at[R_OCCURRENCE]);
	if (got == OUT_OK)
		mail_id(out, t, "event reminder", date.at[0].number);
	return got;
}

static enum outcome
write_mail(struct db *db, const void *ctx, const struct telling *t, const struct db_value *at)
{
	char		 about[2 * ID_LEN + 1 + 16 + 1], occurrence[2 * ID_LEN + 1];
	struct id	 id, rsvp;
	const char	*address;
	enum outcome	 got;

	memcpy(rsvp.at, t->id.bytes.data, ID_LEN);
	got = mail_open(ctx, &t->post->secret, &rsvp, at[R_ADDRESS].bytes, &address);
	if (got != OUT_OK) {
		if (got == OUT_FORBIDDEN)	/* of a former mail key */
			log_error("rsvp.address", "reason", outcome_word(got), NULL);
		return got == OUT_FORBIDDEN ? OUT_OK : got;
	}
	memcpy(id.at, at[R_OCCURRENCE].bytes.data, ID_LEN);
	id_text(occurrence, &id);
	snprintf(about, sizeof(about), "%s %s", occurrence, (const char *)at[R_TELL].bytes.data);
	if ((got = choose_id(db, ctx, &id, t, at)) == OUT_OK)
		got = mail_add(db, &t->post->sealer, t->now, &id, MAIL_EVENT,
		    at[R_LANG].bytes.data, address, about);
	return got == OUT_CONFLICT ? OUT_OK : got;
}

/* In a transaction. */
static enum outcome
tell_one(struct db *db, void *arg)
{
	const struct telling	*t = arg;
	void			*ctx = talloc_new(db);
	struct db_row		 row;
	enum outcome		 got;

	got = db_first(db, ctx, &guests_queries[Q_LOCK], &row, t->id);
	if (got == OUT_OK && *(const char *)row.at[R_TELL].bytes.data != '\0') {
		if (row.at[R_ADDRESS].bytes.len > 0)
			got = write_mail(db, ctx, t, row.at);
		if (got == OUT_OK)
			got = db_run(db, &guests_queries[Q_TOLD], NULL, t->id);
	}
	talloc_free(ctx);
	return got == OUT_MISSING ? OUT_OK : got;	/* taken back, or told by another */
}

enum outcome
guests_tell(struct db *db, struct post *post, int64_t now, unsigned *n)
{
	struct telling	t = { .post = post, .now = now };
	struct db_rows	page;
	enum outcome	got;

	*n = 0;
	got = db_all(db, db, &guests_queries[Q_TO_TELL], &page, DB_INT(GUESTS_PAGE));
	if (got != OUT_OK)
		return got;
	for (size_t i = 0; got == OUT_OK && i < page.n; i++) {
		t.id = page.at[i].at[0];
		got = db_transaction(db, tell_one, &t);
	}
	*n = (unsigned)page.n;
	talloc_free(page.at);
	return got;
}

/* ---- reminding ---- */

/* In a transaction: a page of guests gets its marks.  Nothing else is locked, so that whoever asks
 * for a seat meanwhile does not wait. */
static enum outcome
mark_page(struct db *db, void *arg)
{
	const struct db_rows	*page = arg;
	enum outcome		 got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < page->n; i++)
		got = db_run(db, &guests_queries[Q_REMIND], NULL, page->at[i].at[0]);
	return got;
}

/* That of one date is noted last: who is cut short begins again, and whoever has had the mail
 * gets no second one. */
static enum outcome
remind_one(struct db *db, struct db_value date, int64_t now)
{
	struct db_rows	page = { .n = PAGE };
	int64_t		last = INT64_MIN;
	enum outcome	got = OUT_OK;

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &guests_queries[Q_TO_REMIND], &page, date, DB_INT(last),
		    DB_INT(PAGE));
		if (got == OUT_OK && page.n > 0) {
			last = page.at[page.n - 1].at[1].number;
			got = db_transaction(db, mark_page, &page);
		}
		talloc_free(page.at);
	}
	return got == OUT_OK ?
	    db_run(db, &guests_queries[Q_REMINDED], NULL, DB_INT(now), date) : got;
}

static enum outcome
forget_reminders(struct db *db, int64_t now, int64_t until)
{
	struct db_rows	page = { .n = PAGE };
	enum outcome	got = OUT_OK;

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &guests_queries[Q_MOVED], &page, DB_INT(now - MONTH),
		    DB_INT(until), DB_INT(PAGE));
		for (size_t i = 0; got == OUT_OK && i < page.n; i++)
			got = db_run(db, &guests_queries[Q_MOVED_ONE], NULL, page.at[i].at[0],
			    DB_INT(until));
		talloc_free(page.at);
	}
	return got;
}

enum outcome
guests_remind(struct db *db, const struct settings *settings, int64_t now)
{
	const int64_t	until = now + (int64_t)settings->rsvp_remind_hours * 3600;
	struct db_rows	page = { .n = PAGE };
	enum outcome	got = forget_reminders(db, now, until);

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &guests_queries[Q_SOON], &page, DB_INT(now), DB_INT(until),
		    DB_INT(PAGE));
		for (size_t i = 0; got == OUT_OK && i < page.n; i++)
			got = remind_one(db, page.at[i].at[0], now);
		talloc_free(page.at);
	}
	return got;
}

/* ---- further dates ---- */

static enum outcome
spread_one(struct db *db, void *arg)
{
	const struct telling	*t = arg;
	void			*ctx = talloc_new(db);
	struct db_row		 row;
	struct id		 id;
	enum outcome		 got;

	memcpy(id.at, t->id.bytes.data, ID_LEN);
	got = db_first(db, ctx, &guests_queries[Q_EVENT], &row, t->id);
	if (got == OUT_OK)
		got = event_spread(db, ctx, &id, t->now);
	talloc_free(ctx);
	return got == OUT_MISSING ? OUT_OK : got;
}

/* A week's dates at a time. */
enum outcome
guests_spread(struct db *db, int64_t now)
{
	struct telling	t = { .now = now };
	struct id	last = { { 0 } };
	struct db_rows	page = { .n = PAGE };
	enum outcome	got = OUT_OK;

	while (got == OUT_OK && page.n == PAGE) {
		got = db_all(db, db, &guests_queries[Q_SHORT], &page,
		    DB_INT(now + (int64_t)(EVENT_AHEAD_DAYS - WEEK) * DAY),
		    DB_BYTES(last.at, ID_LEN), DB_INT(PAGE));
		if (got != OUT_OK)
			return got;
		for (size_t i = 0; got == OUT_OK && i < page.n; i++) {
			t.id = page.at[i].at[0];
			memcpy(last.at, t.id.bytes.data, ID_LEN);
			got = db_transaction(db, spread_one, &t);
		}
		talloc_free(page.at);
	}
	return got;
}
