/*
 * retain.c: see openhall/retain.h.  Runs under openhall_courier, or as the schema's owner.
 *
 * The line of a submission stays, without a key and without a word, so that its receipt
 * can still tell what became of it.
 */
#include "openhall/retain.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/desk.h"
#include "openhall/erase.h"
#include "openhall/expire.h"
#include "openhall/log.h"
#include "openhall/when.h"

enum {
	PAGE = 200,		/* cases, or guests, in one transaction */
	WHICH_MOST = 5,
	COUNTED = 3600		/* seconds that failures still count after their wait */
};

/* Each of these three has the ones that are due, page by page behind a day and an id, and
 * how many they are. */
enum { DUE_ENDED, DUE_MESSAGES, DUE_NEVER, DUE_NEVER_MESSAGES, DUES };
enum {
	Q_PAGE,				/* by due */
	Q_COUNT = Q_PAGE + DUES,	/* by due */
	Q_LOCK = Q_COUNT + DUES, Q_MESSAGES, Q_NOTES, Q_READ, Q_END, Q_END_ROUND,
	Q_STORED, Q_STRAY, Q_GUEST,
	Q_SESSIONS_DUE, Q_SESSIONS, Q_SESSION, Q_INVITATIONS_DUE, Q_INVITATIONS, Q_INVITATION,
	Q_THROTTLES_DUE, Q_THROTTLES, Q_THROTTLE,
	Q_DATE, Q_DATE_LOCK, Q_ADDRESSES_DUE, Q_ADDRESSES, Q_ADDRESS,
	Q_RSVPS_DUE, Q_RSVPS, Q_RSVP, Q__COUNT
};

/* What was said after the end is kept for as long as if that were the end. */
#define SAID	" AND (EXISTS (SELECT 1 FROM message m WHERE m.submission = s.id" \
		" AND m.day <= ?) OR EXISTS (SELECT 1 FROM note n" \
		" WHERE n.submission = s.id AND n.day <= ?))"
#define ENDED	" FROM submission s WHERE s.form = ? AND s.state = ? AND s.ended_day <= ?"
#define OPEN	" FROM submission s WHERE s.desk = ? AND s.form = ? AND" \
		" s.ended_day IS NULL AND s.moved_day <= ?"
#define BEHIND(day) " AND s." day " >= ? AND (s." day " > ? OR s.id > ?)" \
		" ORDER BY s." day ", s.id LIMIT ?"

#define OVER	" FROM occurrence o JOIN rsvp r ON r.occurrence = o.id WHERE o.ends_at <= ?"
/* Of one date, in their order.  (The index has that order, and is told so.) */
#define GUESTS	" FROM rsvp FORCE INDEX (place) WHERE occurrence = ? AND number > ?"
#define IN_ORDER " ORDER BY number LIMIT ?"

const struct db_query retain_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_PAGE + DUE_ENDED] = { "ssiiibi", "bi",
	    "SELECT s.id, s.ended_day" ENDED " AND s.desk_key <> ''" BEHIND("ended_day") },
	[Q_PAGE + DUE_MESSAGES] = { "ssiiiiibi", "bi",
	    "SELECT s.id, s.ended_day" ENDED SAID BEHIND("ended_day") },
	[Q_PAGE + DUE_NEVER] = { "ssiiibi", "bi",
	    "SELECT s.id, s.moved_day" OPEN BEHIND("moved_day") },
	[Q_PAGE + DUE_NEVER_MESSAGES] = { "ssiiiiibi", "bi",
	    "SELECT s.id, s.moved_day" OPEN SAID BEHIND("moved_day") },
	[Q_COUNT + DUE_ENDED] = { "ssi", "i",
	    "SELECT COUNT(*)" ENDED " AND s.desk_key <> ''" },
	[Q_COUNT + DUE_MESSAGES] = { "ssiii", "i", "SELECT COUNT(*)" ENDED SAID },
	[Q_COUNT + DUE_NEVER] = { "ssi", "i", "SELECT COUNT(*)" OPEN },
	[Q_COUNT + DUE_NEVER_MESSAGES] = { "ssiii", "i", "SELECT COUNT(*)" OPEN SAID },
	[Q_LOCK] = { "b", "sIi",
	    "SELECT state, ended_day, moved_day FROM submission WHERE id = ? FOR UPDATE" },
	[Q_MESSAGES] = { "bi", "",
	    "DELETE FROM message WHERE submission = ? AND day <= ?" },
	[Q_NOTES] = { "bi", "", "DELETE FROM note WHERE submission = ? AND day <= ?" },
	[Q_READ] = { "b", "",
	    "UPDATE submission SET desk_unread = 0, holder_unread = 0 WHERE id = ?"
	    " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.submission = submission.id)" },
	[Q_END] = { "ib", "",
	    "UPDATE submission SET state = 'erased', ended_day = ? WHERE id = ?" },
	[Q_END_ROUND] = { "ib", "",
	    "UPDATE round SET ended_at = ? WHERE submission = ? AND ended_at IS NULL" },
	[Q_STORED] = { "", "s", "SELECT DISTINCT form FROM submission" },
	[Q_STRAY] = { "s", "i",
	    "SELECT 1 FROM submission WHERE form = ? AND desk_key <> '' LIMIT 1" },
	[Q_GUEST] = { "", "i", "SELECT 1 FROM rsvp LIMIT 1" },

	[Q_SESSIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM session WHERE expires_at <= ?" },
	[Q_SESSIONS] = { "ii", "b", "SELECT id FROM session WHERE expires_at <= ? LIMIT ?" },
	[Q_SESSION] = { "bi", "", "DELETE FROM session WHERE id = ? AND expires_at <= ?" },
	[Q_INVITATIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM invitation WHERE expires_at <= ?" },
	[Q_INVITATIONS] = { "ii", "b",
	    "SELECT id FROM invitation WHERE expires_at <= ? LIMIT ?" },
	[Q_INVITATION] = { "bi", "", "DELETE FROM invitation WHERE id = ? AND expires_at <= ?" },
	[Q_THROTTLES_DUE] = { "i", "i", "SELECT COUNT(*) FROM throttle WHERE until <= ?" },
	[Q_THROTTLES] = { "ii", "b", "SELECT bucket FROM throttle WHERE until <= ? LIMIT ?" },
	[Q_THROTTLE] = { "bi", "", "DELETE FROM throttle WHERE bucket = ? AND until <= ?" },

	/* The next date that has guests: those of long ago have none any more. */
	[Q_DATE] = { "b", "bi",
	    "SELECT r.occurrence, o.ends_at FROM (SELECT occurrence FROM rsvp"
	    "  FORCE INDEX (place) WHERE occurrence > ? ORDER BY occurrence, number LIMIT 1) r"
	    " STRAIGHT_JOIN occurrence o ON o.id = r.occurrence" },
	[Q_DATE_LOCK] = { "b", "i", "SELECT ends_at FROM occurrence WHERE id = ? FOR UPDATE" },
	[Q_ADDRESSES_DUE] = { "i", "i", "SELECT COUNT(*)" OVER " AND r.address <> ''" },
	[Q_ADDRESSES] = { "bii", "bi",
	    "SELECT id, number" GUESTS " AND address <> ''" IN_ORDER },
	[Q_ADDRESS] = { "b", "", "UPDATE rsvp SET address = '', tell = '' WHERE id = ?" },
	[Q_RSVPS_DUE] = { "i", "i", "SELECT COUNT(*)" OVER },
	[Q_RSVPS] = { "bii", "bi", "SELECT id, number" GUESTS IN_ORDER },
	[Q_RSVP] = { "b", "", "DELETE FROM rsvp WHERE id = ?" },
};
const size_t retain_n_queries = Q__COUNT;

/* What is over, or has been for `stays` seconds: how many there are, which, and each taken away. */
struct expiring { const char *what; int due, page, erase; int64_t stays; };

static const struct expiring	expiring[] = {
	{ "sessions",    Q_SESSIONS_DUE,    Q_SESSIONS,    Q_SESSION, 0 },
	{ "invitations", Q_INVITATIONS_DUE, Q_INVITATIONS, Q_INVITATION, 0 },
	{ "throttles",   Q_THROTTLES_DUE,   Q_THROTTLES,   Q_THROTTLE, COUNTED },
};
/* Of guests, whose date is over. */
enum { ADDRESSES, RSVPS, GUESTS_KINDS };
static const struct expiring	guests[GUESTS_KINDS] = {
	[ADDRESSES] = { "addresses", Q_ADDRESSES_DUE, Q_ADDRESSES, Q_ADDRESS, 0 },
	[RSVPS] =     { "rsvps",     Q_RSVPS_DUE,     Q_RSVPS,     Q_RSVP, 0 },
};

/* One run, and how far it is. */
struct run {
	struct db		*db;
	const struct settings	*settings;
	const struct key	*audit;
	int64_t			 now;
	bool			 dry;
	retain_say		*say;
	void			*arg;
	void			*ctx;		/* until the next form */
	bool			 missing;	/* a form is, of which something is kept */

	/* what is being erased */
	int			 due;
	const struct desk	*desk;
	const char		*after;
	int64_t			 until;
	const struct expiring	*kind;		/* of guests */
	int64_t			 day;		/* behind this one */
	struct id		 id;		/* and this; of guests: their date */
	struct db_rows		 page;
	int64_t			 n;
};

static bool
is_never(const struct run *run)
{
	return run->due == DUE_NEVER || run->due == DUE_NEVER_MESSAGES;
}

static bool
is_messages(const struct run *run)
{
	return run->due == DUE_MESSAGES || run->due == DUE_NEVER_MESSAGES;
}

/* What a statement about the due ones takes first; how many values. */
static size_t
which(const struct run *run, struct db_value v[WHICH_MOST])
{
	size_t	n = 0;

	v[n++] = DB_TEXT(is_never(run) ? run->desk->name : run->desk->form);
	v[n++] = DB_TEXT(is_never(run) ? run->desk->form : run->after);
	v[n++] = DB_INT(run->until);
	for (int i = 0; i < 2 && is_messages(run); i++)
		v[n++] = DB_INT(run->until);
	return n;
}

/* Whether it is still due: since the page was read somebody may have moved it. */
static enum outcome
lock(struct run *run, const struct id *id)
{
	struct db_row	row;
	enum outcome	got;
	bool		open, due;

	got = db_first(run->db, run->ctx, &retain_queries[Q_LOCK], &row,
	    DB_BYTES(id->at, ID_LEN));
	if (got != OUT_OK)
		return got;
	open = row.at[1].type == 0;
	due = is_never(run) ? open && row.at[2].number <= run->until :
	    !open && row.at[1].number <= run->until &&
	    strcmp(row.at[0].bytes.data, run->after) == 0;
	talloc_free(row.at);
	return due ? OUT_OK : OUT_MISSING;
}

static enum outcome
erase_messages(struct run *run, struct db_value of)
{
	enum outcome	got;

	if ((got = db_run(run->db, &retain_queries[Q_MESSAGES], NULL, of,
	    DB_INT(run->until))) != OUT_OK ||
	    (got = db_run(run->db, &retain_queries[Q_NOTES], NULL, of,
	    DB_INT(run->until))) != OUT_OK)
		return got;
	return db_run(run->db, &retain_queries[Q_READ], NULL, of);
}

static enum outcome
erase_one(struct run *run, const struct id *id)
{
	struct db_value	of = DB_BYTES(id->at, ID_LEN);
	enum outcome	got;

	if (is_messages(run))
		return erase_messages(run, of);
	got = erase_content(run->db, id);
	if (got == OUT_OK && run->due == DUE_NEVER)
		got = db_run(run->db, &retain_queries[Q_END], NULL,
		    DB_INT(when_day_of(run->now)), of);
	if (got == OUT_OK && run->due == DUE_NEVER)
		got = db_run(run->db, &retain_queries[Q_END_ROUND], NULL,
		    DB_INT(run->now), of);
	return got;
}

/* Within a transaction, which may be done again. */
static enum outcome
erase_page(struct db *db, void *arg)
{
	struct run	*run = arg;
	enum outcome	 got = OUT_OK;

	(void)db;
	run->n = 0;
	for (size_t i = 0; got == OUT_OK && i < run->page.n; i++) {
		struct id	id;

		memcpy(id.at, run->page.at[i].at[0].bytes.data, ID_LEN);
		got = lock(run, &id);
		if (got == OUT_OK) {
			got = erase_one(run, &id);
			run->n++;
		} else if (got == OUT_MISSING) {
			got = OUT_OK;
		}
	}
	if (got == OUT_OK && run->n > 0)
		got = audit_add(run->db, run->audit, run->now, NULL,
		    is_messages(run) ? "messages.erased" : "submissions.erased", NULL);
	return got;
}

static enum outcome
erase_due(struct run *run, int64_t *n)
{
	struct db_value	v[WHICH_MOST + 4];
	size_t		more = PAGE, n_which = which(run, v);
	enum outcome	got;

	run->day = INT64_MIN;
	memset(&run->id, 0, sizeof(run->id));
	while (more == PAGE) {
		v[n_which] = v[n_which + 1] = DB_INT(run->day);
		v[n_which + 2] = DB_BYTES(run->id.at, ID_LEN);
		v[n_which + 3] = DB_INT(PAGE);
		got = db_all_values(run->db, run->ctx,
		    &retain_queries[Q_PAGE + run->due], &run->page, v, n_which + 4);
		if (got != OUT_OK)
			return got;
		if ((more = run->page.n) > 0) {
			const struct db_value	*last = run->page.at[more - 1].at;

			memcpy(run->id.at, last[0].bytes.data, ID_LEN);
			run->day = last[1].number;
			got = db_transaction(run->db, erase_page, run);
			*n += got == OUT_OK ? run->n : 0;
		}
		talloc_free(run->page.at);
		if (got != OUT_OK)
			return got;
	}
	return OUT_OK;
}

/* One line of a form's declaration. */
static enum outcome
keep(struct run *run, const struct form_keep *keep)
{
	bool		never = strcmp(keep->after, "never") == 0;
	struct db_value	v[WHICH_MOST];
	char		what[128];
	struct db_row	row;
	int64_t		n = 0;
	enum outcome	got;

	run->due = never ? keep->messages ? DUE_NEVER_MESSAGES : DUE_NEVER :
	    keep->messages ? DUE_MESSAGES : DUE_ENDED;
	run->after = keep->after;
	run->until = when_day_of(run->now) - (int64_t)keep->days * DAY;
	if (run->dry) {
		got = db_first_values(run->db, run->ctx,
		    &retain_queries[Q_COUNT + run->due], &row, v, which(run, v));
		n = got == OUT_OK ? row.at[0].number : 0;
	} else {
		got = erase_due(run, &n);
	}
	if (got == OUT_OK) {
		snprintf(what, sizeof(what), "%s %s%s", run->desk->form, keep->after,
		    keep->messages ? " messages" : "");
		run->say(run->arg, what, n);
	}
	return got;
}

static bool
has_file(const struct run *run, const char *name)
{
	char	path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/forms/%s.xml", run->settings->site_dir,
	    name) < (int)sizeof(path) && access(path, R_OK) == 0;
}

/* Whether the site still has the form `name`. */
static bool
has_form(const struct run *run, const char *name)
{
	return desk_of_form(name) != NULL && has_file(run, name);
}

static enum outcome
keep_forms(struct run *run)
{
	enum outcome	got = OUT_OK;

	for (int i = 0; got == OUT_OK && i < INTAKES; i++) {
		const struct form	*form;

		run->desk = &desks[i];
		if (!has_form(run, run->desk->form))
			continue;
		if ((run->ctx = talloc_new(NULL)) == NULL)
			return OUT_FAULT;
		form = form_read(run->ctx, run->settings, run->desk->form);
		for (size_t k = 0; got == OUT_OK && k < form->n_keeps; k++)
			got = keep(run, &form->keeps[k]);
		talloc_free(run->ctx);
	}
	return got;
}

/* If `any` finds something of the form `name`. */
static enum outcome
complain(struct run *run, const char *name, int any)
{
	const struct db_query	*q = &retain_queries[any];
	struct db_value		 form = DB_TEXT(name);
	struct db_row		 row;
	enum outcome		 got;

	got = db_first_values(run->db, run->ctx, q, &row, &form, strlen(q->takes));
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	log_error("retain.form", "form", name, "reason", "it is missing, so nobody knows how "
	    "long what was sent with it is kept: it stays", NULL);
	run->missing = true;
	return OUT_OK;
}

/* What nobody can say any more how long it is kept. */
static enum outcome
complain_strays(struct run *run)
{
	const char	*rsvp = desks[DESK_EVENTS].form;
	struct db_rows	 forms;
	enum outcome	 got;

	if ((run->ctx = talloc_new(NULL)) == NULL)
		return OUT_FAULT;
	got = db_all(run->db, run->ctx, &retain_queries[Q_STORED], &forms);
	for (size_t i = 0; got == OUT_OK && i < forms.n; i++) {
		const char	*name = forms.at[i].at[0].bytes.data;

		if (!has_form(run, name))
			got = complain(run, name, Q_STRAY);
	}
	if (got == OUT_OK && !has_file(run, rsvp))
		got = complain(run, rsvp, Q_GUEST);
	talloc_free(run->ctx);
	return got == OUT_OK && run->missing ? OUT_INVALID : got;
}

/* Up to which end of an event who came is forgotten; 0: nobody, for the site has no form that
 * says how long they are kept. */
static int64_t
rsvps_until(struct run *run)
{
	const char	*name = desks[DESK_EVENTS].form;
	int		 days = -1;

	if (!has_file(run, name))
		return 0;
	if ((run->ctx = talloc_new(NULL)) != NULL)
		days = form_keep_days(form_read(run->ctx, run->settings, name), "over", false);
	talloc_free(run->ctx);
	return days < 0 ? 0 : run->now - (int64_t)days * DAY;
}

/*
 * Within a transaction: a page of guests, if their date is still over.  Who changes seats locks the
 * date first, too, so nobody of the page has gone meanwhile; nobody else waits.
 */
static enum outcome
erase_guests(struct db *db, void *arg)
{
	struct run	*run = arg;
	struct db_row	 date;
	enum outcome	 got;

	run->n = 0;
	got = db_first(db, run->ctx, &retain_queries[Q_DATE_LOCK], &date,
	    DB_BYTES(run->id.at, ID_LEN));
	if (got == OUT_OK && date.at[0].number > run->until)
		got = OUT_MISSING;
	for (size_t i = 0; got == OUT_OK && i < run->page.n; i++) {
		got = db_run(db, &retain_queries[run->kind->erase], NULL, run->page.at[i].at[0]);
		run->n++;
	}
	return got;
}

/* Those of one date, which is run->id. */
static enum outcome
erase_date(struct run *run, int64_t *n)
{
	int64_t		last = INT64_MIN;
	enum outcome	got = OUT_OK;

	run->page.n = PAGE;
	while (got == OUT_OK && run->page.n == PAGE) {
		got = db_all(run->db, run->ctx, &retain_queries[run->kind->page], &run->page,
		    DB_BYTES(run->id.at, ID_LEN), DB_INT(last), DB_INT(PAGE));
		if (got == OUT_OK && run->page.n > 0) {
			last = run->page.at[run->page.n - 1].at[1].number;
			got = db_transaction(run->db, erase_guests, run);
			*n += got == OUT_OK ? run->n : 0;
		}
		talloc_free(run->page.at);
	}
	return got == OUT_MISSING ? OUT_OK : got;	/* put off, or gone, meanwhile */
}

static enum outcome
erase_dates(struct run *run, int64_t *n)
{
	struct db_row	date;
	enum outcome	got = OUT_OK;

	memset(&run->id, 0, sizeof(run->id));
	while (got == OUT_OK) {
		got = db_first(run->db, run->ctx, &retain_queries[Q_DATE], &date,
		    DB_BYTES(run->id.at, ID_LEN));
		if (got != OUT_OK)
			break;
		memcpy(run->id.at, date.at[0].bytes.data, ID_LEN);
		if (date.at[1].number <= run->until)
			got = erase_date(run, n);
		talloc_free(date.at);
	}
	return got == OUT_MISSING ? OUT_OK : got;
}

static enum outcome
count_due(struct run *run, int due, int64_t *n)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(run->db, run->db, &retain_queries[due], &row, DB_INT(run->until));
	if (got == OUT_OK) {
		*n = row.at[0].number;
		talloc_free(row.at);
	}
	return got;
}

/* To whom nothing is to be told any more, nobody need be able to write unattended: a day after the
 * date, for then hosts may still find that it was put off. */
static enum outcome
forget_guests(struct run *run)
{
	const int64_t	until[] = { [ADDRESSES] = run->now - DAY, [RSVPS] = rsvps_until(run) };
	enum outcome	got = OUT_OK;

	for (int i = 0; got == OUT_OK && i < GUESTS_KINDS; i++) {
		int64_t	n = 0;

		run->kind = &guests[i];
		run->until = until[i];
		if ((run->ctx = talloc_new(NULL)) == NULL)
			return OUT_FAULT;
		got = run->dry ? count_due(run, guests[i].due, &n) : erase_dates(run, &n);
		talloc_free(run->ctx);
		if (got == OUT_OK)
			run->say(run->arg, guests[i].what, n);
	}
	return got;
}

static enum outcome
expire(struct run *run)
{
	enum outcome	got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < sizeof(expiring) / sizeof(*expiring); i++) {
		const struct expiring	*e = &expiring[i];
		int64_t			 n = 0;

		run->until = run->now - e->stays;
		got = run->dry ? count_due(run, e->due, &n) :
		    expire_all(run->db, &retain_queries[e->page], &retain_queries[e->erase],
		    run->until, &n);
		if (got == OUT_OK)
			run->say(run->arg, e->what, n);
	}
	return got == OUT_OK ? forget_guests(run) : got;
}

enum outcome
retain_run(struct db *db, const struct settings *settings, const struct key *audit,
    int64_t now, bool dry, retain_say *say, void *arg)
{
	struct run	run = { .db = db, .settings = settings, .audit = audit, .now = now,
			    .dry = dry, .say = say, .arg = arg };
	enum outcome	got = keep_forms(&run), expired;

	if (got == OUT_OK)
		got = complain_strays(&run);
	if (got != OUT_OK && got != OUT_INVALID)
		return got;
	expired = expire(&run);
	return expired == OUT_OK ? got : expired;
}
