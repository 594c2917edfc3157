/*
 * outbox.c: mail that waits is sent.  See outbox.h.
 *
 * Mails are leased, sent and marked, many at a time.  What was sent is noted in a journal
 * before the next mail goes, so that who is killed leaves one mail of which nobody knows: when
 * its lease has run out it goes out once more, with the same Message-ID.
 */
#include "outbox.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "courier.h"
#include "journal.h"
#include "letter.h"
#include "maildir.h"
#include "openhall/log.h"
#include "smtp.h"

enum {
	BATCH = JOURNAL_MOST,		/* leased at a time */
	LATE = 200000,			/* microseconds until what was sent is marked */
	KEPT_LEAST = SMTP_SECONDS + 40,	/* of a lease, when a mail begins */
	LEASE_SECONDS = KEPT_LEAST + 200,
	PAUSE_SECONDS = 30,		/* while the server is not there */
	TAKEN = 250,
	WAIT_LEAST = 60, WAIT_MOST = 6 * 3600,
	ATTEMPTS_MOST = 28,		/* with those waits: about five days */
	SECOND = 1000000, HOUR_SECONDS = 3600	/* the pace is kept in microseconds */
};

enum {
	Q_PACE, Q_PACED, Q_URGENT, Q_DUE, Q_LEASE, Q_RENEW, Q_GIVE_BACK, Q_SENT, Q_DONE, Q_AGAIN,
	Q__COUNT
};

/* To a subscriber it goes where the subscriber is now, if still subscribed. */
#define DUE_COLUMNS	"o.id, o.kind, o.lang, o.address, o.about, o.mailing, o.subscriber," \
			" o.attempts, s.address, s.state"
#define WAITING	" WHERE id = ? AND state = 'waiting'"
/* Twenty of them at once. */
#define ALL_WAITING	" WHERE state = 'waiting' AND id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?," \
			" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define ALL	"bbbbbbbbbbbbbbbbbbbb"
enum { ALL_AT_ONCE = sizeof(ALL) - 1 };

const struct db_query outbox_queries[Q__COUNT] = {	/* takes, gives, sql */
	/* Locked: couriers lease one after another. */
	[Q_PACE] = { "", "i", "SELECT next_at FROM duty WHERE name = 'pace' FOR UPDATE" },
	[Q_PACED] = { "i", "", "UPDATE duty SET next_at = ? WHERE name = 'pace'" },
	/* For what somebody waits: not behind fifty thousand announcements. */
	[Q_URGENT] = { "iii", "bssbbBBiBS",
	    "SELECT " DUE_COLUMNS " FROM outbox o FORCE INDEX (mailing)"
	    " LEFT JOIN subscriber s ON s.id = o.subscriber"
	    " WHERE o.mailing IS NULL AND o.state = 'waiting' AND o.due_at <= ?"
	    " AND o.leased_until <= ? ORDER BY o.due_at, o.id LIMIT ?" },
	[Q_DUE] = { "iii", "bssbbBBiBS",
	    "SELECT " DUE_COLUMNS " FROM outbox o"
	    " LEFT JOIN subscriber s ON s.id = o.subscriber"
	    " WHERE o.state = 'waiting' AND o.due_at <= ? AND o.leased_until <= ?"
	    " ORDER BY o.due_at, o.id LIMIT ?" },
	[Q_LEASE] = { "i" ALL, "", "UPDATE outbox SET leased_until = ?" ALL_WAITING },
	[Q_RENEW] = { "ibi", "",
	    "UPDATE outbox SET leased_until = ?" WAITING " AND leased_until = ?" },
	[Q_GIVE_BACK] = { "bi", "",
	    "UPDATE outbox SET leased_until = 0" WAITING " AND leased_until = ?" },
	[Q_SENT] = { "ii" ALL, "",
	    "UPDATE outbox SET state = 'sent', address = '', about = '', done_at = ?, code = ?,"
	    " leased_until = 0, attempts = attempts + 1" ALL_WAITING },
	[Q_DONE] = { "siib", "",
	    "UPDATE outbox SET state = ?, address = '', about = '', done_at = ?, code = ?,"
	    " leased_until = 0, attempts = attempts + 1" WAITING },
	[Q_AGAIN] = { "iib", "",
	    "UPDATE outbox SET due_at = ?, code = ?, leased_until = 0,"
	    " attempts = attempts + 1" WAITING },
};
const size_t outbox_n_queries = Q__COUNT;

/* What Q_URGENT and Q_DUE give. */
enum { D_ID, D_KIND, D_LANG, D_ADDRESS, D_ABOUT, D_MAILING, D_SUBSCRIBER, D_ATTEMPTS,
	D_SUBSCRIBED, D_STATE };

/* What is to be written down about a mail that was sent, or was not. */
enum fate { FATE_FAILED, FATE_BOUNCED, FATE_DROPPED, FATE_AGAIN };

struct mark {
	enum fate	 fate;
	struct id	 id, subscriber;
	bool		 listed;
	int		 code;
	int64_t		 attempts, now;
};

struct outbox {
	const struct settings	*settings;
	const struct key	*secret;
	struct letters		*letters;
	struct smtp		*smtp;
	bool			(*leaving)(void);
	struct buf		*mail;		/* that is being sent */
	void			*batch;		/* owns the rows */
	struct db_rows		 due;		/* leased: rows of Q_DUE */
	size_t			 next;		/* of those */
	int64_t			 leased_until, paused_until;
	struct journal		*journal;
	struct id		 sent[BATCH];	/* and not marked yet */
	size_t			 n_sent;
	int64_t			 sent_since;	/* microseconds */
	bool			 adopted;	/* what who was killed had sent is marked */
	bool			 unmarked;	/* `mark` could not be written yet */
	struct mark		 mark;
};

struct outbox *
outbox_new(const void *ctx, const struct settings *settings, const struct key *secret,
    bool (*leaving)(void))
{
	struct outbox	*box = talloc_zero(ctx, struct outbox);

	if (box == NULL || (box->mail = buf_new(box, 16384)) == NULL)
		log_stop("no memory");
	box->settings = settings;
	box->secret = secret;
	box->leaving = leaving;
	box->journal = journal_new(box, settings);
	if (settings->mail_from != NULL && !mail_is_address(settings->mail_from))
		log_stop("mail: from: nothing can be sent from %s", settings->mail_from);
	if (settings->mail_from != NULL &&
	    (box->letters = letters_new(box, settings, secret)) == NULL)
		log_stop("no memory");
	if (settings->mail_server != NULL)
		box->smtp = smtp_new(box, settings, leaving);
	else if (settings->mail_folder != NULL)
		maildir_make(settings->mail_folder);
	return box;
}

/* ---- leasing ---- */

/* In a transaction: all that were sent. */
static enum outcome
mark_all(struct db *db, void *arg)
{
	const struct outbox	*box = arg;
	struct db_value		 values[2 + ALL_AT_ONCE] = { DB_INT(time(NULL)),
				    DB_INT(box->smtp != NULL ? TAKEN : 0) };
	enum outcome		 got = OUT_OK;

	for (size_t first = 0; got == OUT_OK && first < box->n_sent; first += ALL_AT_ONCE) {
		for (size_t i = 0; i < ALL_AT_ONCE; i++) {
			size_t	at = first + i < box->n_sent ? first + i : box->n_sent - 1;

			values[2 + i] = DB_BYTES(box->sent[at].at, ID_LEN);
		}
		got = db_run_values(db, &outbox_queries[Q_SENT], NULL, values,
		    2 + ALL_AT_ONCE);
	}
	return got;
}

static int64_t
microseconds(void)
{
	struct timespec	now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

/*
 * duty "pace" is when the next mail may go.  What was not used is lost after a second, so that
 * a rest is not followed by a flood; where the clock was set back, all begins anew.
 */
static int64_t
pace_from(int64_t next, int64_t now, int64_t interval)
{
	if (next > now + interval)
		return now;
	return next < now - SECOND ? now - SECOND : next;
}

/* Of those that are due, ALL_AT_ONCE from `first` on; where there are fewer, the last again. */
static enum outcome
lease_some(struct db *db, const struct outbox *box, size_t first)
{
	struct db_value	values[1 + ALL_AT_ONCE] = { DB_INT(box->leased_until) };

	for (size_t i = 0; i < ALL_AT_ONCE; i++) {
		size_t	at = first + i < box->due.n ? first + i : box->due.n - 1;

		values[1 + i] = box->due.at[at].at[D_ID];
	}
	return db_run_values(db, &outbox_queries[Q_LEASE], NULL, values, 1 + ALL_AT_ONCE);
}

static enum outcome
lease_pages(struct db *db, struct outbox *box, int64_t from, int64_t may, int64_t interval,
    int64_t now)
{
	enum outcome	got;

	got = db_all(db, box->batch, &outbox_queries[Q_URGENT], &box->due, DB_INT(now),
	    DB_INT(now), DB_INT(may));
	if (got == OUT_OK && box->due.n == 0)
		got = db_all(db, box->batch, &outbox_queries[Q_DUE], &box->due, DB_INT(now),
		    DB_INT(now), DB_INT(may));
	for (size_t i = 0; got == OUT_OK && i < box->due.n; i += ALL_AT_ONCE)
		got = lease_some(db, box, i);
	if (got == OUT_OK && box->due.n > 0)
		got = db_run(db, &outbox_queries[Q_PACED], NULL,
		    DB_INT(from + (int64_t)box->due.n * interval));
	return got;
}

/* In a transaction: mark what was sent, and lease what is due, as many as all couriers together
 * may send now. */
static enum outcome
turn(struct db *db, void *arg)
{
	struct outbox	*box = arg;
	int64_t		 interval = HOUR_SECONDS * (int64_t)SECOND /
			    (int64_t)box->settings->mail_rate;
	int64_t		 now = microseconds(), from, may;
	struct db_row	 pace;
	enum outcome	 got;

	talloc_free(box->batch);
	box->due = (struct db_rows){ .n = 0 };
	box->next = 0;
	if ((box->batch = talloc_new(box)) == NULL)
		return OUT_FAULT;
	if ((got = mark_all(db, box)) != OUT_OK ||
	    (got = db_first(db, box->batch, &outbox_queries[Q_PACE], &pace)) != OUT_OK)
		return got;
	from = pace_from(pace.at[0].number, now, interval);
	if (from > now)
		return OUT_OK;
	may = (now - from) / interval + 1;
	box->leased_until = now / SECOND + LEASE_SECONDS;
	return lease_pages(db, box, from, may < BATCH ? may : BATCH, interval, now / SECOND);
}

/* In a transaction: keep what is left.  OUT_CONFLICT: another courier has one of them. */
static enum outcome
renew(struct db *db, void *arg)
{
	struct outbox	*box = arg;
	int64_t		 until = (int64_t)time(NULL) + LEASE_SECONDS;
	uint64_t	 kept = 1;
	enum outcome	 got = OUT_OK;

	for (size_t i = box->next; got == OUT_OK && kept > 0 && i < box->due.n; i++)
		got = db_run(db, &outbox_queries[Q_RENEW], &kept, DB_INT(until),
		    box->due.at[i].at[D_ID], DB_INT(box->leased_until));
	return got != OUT_OK ? got : kept > 0 ? OUT_OK : OUT_CONFLICT;
}

/* Others may have what is left; where the store is away, when the lease has run out. */
static void
give_back(struct outbox *box, struct db *db)
{
	for (; box->next < box->due.n; box->next++)
		(void)db_run(db, &outbox_queries[Q_GIVE_BACK], NULL,
		    box->due.at[box->next].at[D_ID], DB_INT(box->leased_until));
}

/* It is ours until the next mail is done, however long that takes. */
static enum outcome
keep(struct outbox *box, struct db *db, int64_t now)
{
	enum outcome	got;

	if (now < box->leased_until - KEPT_LEAST)
		return OUT_OK;
	if ((got = db_transaction(db, renew, box)) == OUT_OK)
		box->leased_until = now + LEASE_SECONDS;
	return got;
}

/* ---- marking ---- */

static int64_t
wait_of(int64_t attempts)
{
	int64_t	wait = WAIT_LEAST;

	while (attempts-- > 0 && wait < WAIT_MOST)
		wait *= 2;
	return wait < WAIT_MOST ? wait : WAIT_MOST;
}

/* Of a mail that has its mark already nothing is counted again. */
static enum outcome
write_mark(struct db *db, void *arg)
{
	static const char *const	states[] = { [FATE_FAILED] = "failed",
					    [FATE_BOUNCED] = "failed",
					    [FATE_DROPPED] = "dropped" };
	const struct mark		*m = arg;
	struct db_value			 id = DB_BYTES(m->id.at, ID_LEN);
	uint64_t			 changed = 0;
	enum outcome			 got;

	if (m->fate == FATE_AGAIN)
		return db_run(db, &outbox_queries[Q_AGAIN], NULL,
		    DB_INT(m->now + wait_of(m->attempts)), DB_INT(m->code), id);
	got = db_run(db, &outbox_queries[Q_DONE], &changed, DB_TEXT(states[m->fate]),
	    DB_INT(m->now), DB_INT(m->code), id);
	if (got == OUT_OK && changed > 0 && m->fate == FATE_BOUNCED && m->listed)
		got = subscriber_count_bounce(db, &m->subscriber);
	return got;
}

static enum outcome
mark(struct outbox *box, struct db *db)
{
	enum outcome	got = box->mark.fate == FATE_BOUNCED ?
			    db_transaction(db, write_mark, &box->mark) :
			    write_mark(db, &box->mark);

	box->unmarked = got != OUT_OK;
	return got;
}

/* What became of the mail that comes next.  From here on it does not. */
static enum outcome
settle(struct outbox *box, struct db *db, enum fate fate, int code, int64_t now)
{
	const struct db_value	*row = box->due.at[box->next++].at;

	box->mark = (struct mark){ .fate = fate, .listed = row[D_SUBSCRIBER].type != 0,
	    .code = code, .attempts = row[D_ATTEMPTS].number, .now = now };
	memcpy(box->mark.id.at, row[D_ID].bytes.data, ID_LEN);
	if (box->mark.listed)
		memcpy(box->mark.subscriber.at, row[D_SUBSCRIBER].bytes.data, ID_LEN);
	if (fate == FATE_AGAIN && box->mark.attempts + 1 >= ATTEMPTS_MOST)
		box->mark.fate = FATE_FAILED;
	box->unmarked = true;
	return mark(box, db);
}

/* Do `work`, which gives what was sent its marks. */
static enum outcome
flush(struct outbox *box, struct db *db, enum outcome (*work)(struct db *, void *))
{
	enum outcome	got = db_transaction(db, work, box);

	if (got == OUT_OK) {
		journal_end(box->journal);
		box->n_sent = 0;
	}
	return got;
}

/* The mail that comes next was sent.  Where that cannot be noted, it is marked at once. */
static enum outcome
note(struct outbox *box, struct db *db)
{
	struct id	*id = &box->sent[box->n_sent];

	memcpy(id->at, box->due.at[box->next++].at[D_ID].bytes.data, ID_LEN);
	if (box->n_sent++ == 0)
		box->sent_since = microseconds();
	return journal_note(box->journal, id) == OUT_OK ? OUT_OK :
	    flush(box, db, mark_all);
}

/* Mark what was sent by who was killed. */
static enum outcome
adopt(struct outbox *box, struct db *db)
{
	enum outcome	got = journal_find(box->journal, box->sent, &box->n_sent);

	if (got == OUT_OK)
		return flush(box, db, mark_all);
	box->adopted = true;
	return OUT_OK;
}

/* ---- sending ---- */

static void
complain(const struct db_value *row, const char *why, int code)
{
	char	number[16];

	snprintf(number, sizeof(number), "%d", code);
	log_error("mail", "kind", row[D_KIND].bytes.data, "reason", why, "code", number, NULL);
}

/* Whether its reader still wants it. */
static bool
is_wanted(const struct db_value *row, enum mail_kind kind)
{
	const char	*state = row[D_STATE].bytes.data;

	if (row[D_SUBSCRIBER].type == 0)
		return kind != MAIL_CONFIRM && kind != MAIL_STATEMENT;
	return row[D_STATE].type != 0 &&
	    strcmp(state, kind == MAIL_CONFIRM ? "pending" : "confirmed") == 0;
}

/* OUT_MISSING: nobody waits for it any more; OUT_FORBIDDEN: it does not open. */
static enum outcome
open_letter(const struct outbox *box, const struct db_value *row, struct letter *letter)
{
	const struct id	*about = &letter->id;
	struct bytes	 address = row[D_ADDRESS].bytes;
	int		 kind = 0;
	enum outcome	 got = OUT_OK;

	while (kind < MAIL_KINDS && strcmp(mail_kind_names[kind], row[D_KIND].bytes.data) != 0)
		kind++;
	if (kind == MAIL_KINDS)
		return OUT_INVALID;
	if (!is_wanted(row, (enum mail_kind)kind))
		return OUT_MISSING;
	*letter = (struct letter){ .kind = (enum mail_kind)kind,
	    .lang = row[D_LANG].bytes.data, .code = "" };
	memcpy(letter->id.at, row[D_ID].bytes.data, ID_LEN);
	if (row[D_SUBSCRIBER].type != 0) {
		memcpy(letter->subscriber.at, row[D_SUBSCRIBER].bytes.data, ID_LEN);
		about = &letter->subscriber;
		address = row[D_SUBSCRIBED].bytes;
	}
	if (row[D_MAILING].type != 0)
		memcpy(letter->statement.at, row[D_MAILING].bytes.data, ID_LEN);
	got = mail_open(box->batch, box->secret, about, address, &letter->to);
	if (got == OUT_OK && row[D_ABOUT].bytes.len > 0)
		got = mail_open_code(box->batch, box->secret, &letter->id,
		    row[D_ABOUT].bytes, &letter->code);
	return got;
}

/* The server or the disk is not there for anybody: others may try what is left. */
static void
rest(struct outbox *box, struct db *db, int64_t now)
{
	box->paused_until = now + PAUSE_SECONDS;
	give_back(box, db);
}

/* What the server said of the mail that comes next. */
static enum outcome
heed(struct outbox *box, struct db *db, const struct smtp_answer *answer, int64_t now)
{
	enum outcome	got = OUT_OK;

	if (answer->fate == SMTP_STALE)
		return OUT_OK;		/* it is still next */
	if (answer->fate != SMTP_TAKEN)
		complain(box->due.at[box->next].at, answer->why, answer->code);
	switch (answer->fate) {
	case SMTP_TAKEN:
		return note(box, db);
	case SMTP_REFUSED:
		return settle(box, db, FATE_BOUNCED, answer->code, now);
	case SMTP_CUT:
		box->next++;		/* its lease runs out */
		return OUT_OK;
	case SMTP_BROKEN:
		got = settle(box, db, FATE_AGAIN, answer->code, now);
		rest(box, db, now);
		return got;
	default:
		return settle(box, db, FATE_AGAIN, answer->code, now);
	}
}

static enum outcome
deliver(struct outbox *box, struct db *db, const struct letter *letter, int64_t now)
{
	struct smtp_answer	answer;
	enum outcome		got;

	if (box->smtp != NULL) {
		if (!smtp_send(box->smtp, letter->to, box->mail, &answer))
			return OUT_FAULT;
		return heed(box, db, &answer, (int64_t)time(NULL));
	}
	if (maildir_put(box->settings->mail_folder, &letter->id, box->mail) == OUT_OK)
		return note(box, db);
	complain(box->due.at[box->next].at, "the folder takes nothing", 0);
	got = settle(box, db, FATE_AGAIN, 0, now);
	rest(box, db, now);
	return got;
}

static enum outcome
send_next(struct outbox *box, struct db *db, int64_t now)
{
	const struct db_value	*row = box->due.at[box->next].at;
	struct letter		 letter;
	enum outcome		 got = open_letter(box, row, &letter);

	buf_reset(box->mail);
	if (got == OUT_OK && row[D_ATTEMPTS].number == 0)
		got = bound_take(db, box->secret, letter.kind, letter.to, now);
	if (got == OUT_OK)
		got = letter_write(box->letters, db, &letter, now, box->mail);
	switch (got) {
	case OUT_OK:
		return deliver(box, db, &letter, now);
	case OUT_LIMITED:
	case OUT_MISSING:
		return settle(box, db, FATE_DROPPED, 0, now);
	case OUT_INVALID:
	case OUT_FORBIDDEN:
		complain(row, got == OUT_INVALID ? "not an address" : "does not open", 0);
		return settle(box, db, FATE_FAILED, 0, now);
	default:
		return got;
	}
}

/* One thing that can be done now. */
static enum outcome
step(struct outbox *box, struct db *db, bool *more)
{
	int64_t		now = (int64_t)time(NULL);
	enum outcome	got;

	if (box->unmarked)
		return mark(box, db);
	if (box->n_sent > 0 && microseconds() - box->sent_since > LATE)
		return flush(box, db, mark_all);
	if (!box->adopted)
		return adopt(box, db);
	if (now < box->paused_until) {
		*more = false;
		return OUT_OK;
	}
	if (box->next < box->due.n) {
		if ((got = keep(box, db, now)) != OUT_CONFLICT)
			return got != OUT_OK ? got : send_next(box, db, now);
		give_back(box, db);
	}
	if ((got = flush(box, db, turn)) != OUT_OK)
		box->due.n = 0;		/* who knows whose they are */
	*more = box->due.n > 0;
	return got;
}

enum outcome
outbox_send(struct outbox *box, struct db *db)
{
	bool		more = box->smtp != NULL || box->settings->mail_folder != NULL;
	enum outcome	got = OUT_OK;

	while (more && got == OUT_OK && !box->leaving())
		got = step(box, db, &more);
	return got;
}

void
outbox_stop(struct outbox *box, struct db *db)
{
	if (box->unmarked)
		(void)mark(box, db);
	if (box->n_sent > 0)
		(void)flush(box, db, mark_all);
	give_back(box, db);
}
