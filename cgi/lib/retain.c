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
#include "openhall/log.h"
#include "openhall/when.h"

enum {
	PAGE = 200,		/* cases in one transaction */
	LINES = 1000,		/* expired lines in one statement */
	WHICH_MOST = 5
};

/* Each of these three has the ones that are due, page by page behind a day and an id, and
 * how many they are. */
enum { DUE_ENDED, DUE_MESSAGES, DUE_NEVER, DUE_NEVER_MESSAGES, DUES };
enum {
	Q_PAGE,				/* by due */
	Q_COUNT = Q_PAGE + DUES,	/* by due */
	Q_LOCK = Q_COUNT + DUES, Q_MESSAGES, Q_NOTES, Q_READ, Q_END, Q_END_ROUND,
	Q_STORED, Q_STRAY,
	Q_SESSIONS_DUE, Q_SESSIONS, Q_INVITATIONS_DUE, Q_INVITATIONS,
	Q_THROTTLE_DUE, Q_THROTTLE, Q_ADDRESSES_DUE, Q_ADDRESSES, Q_RSVPS_DUE, Q_RSVPS, Q__COUNT
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

/* All that are left are read: those of long ago are gone. */
#define OVER	"(SELECT o.ends_at FROM occurrence o WHERE o.id = rsvp.occurrence) <= ?"

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

	[Q_SESSIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM session WHERE expires_at <= ?" },
	[Q_SESSIONS] = { "ii", "",
	    "DELETE FROM session WHERE expires_at <= ? ORDER BY id LIMIT ?" },
	[Q_INVITATIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM invitation WHERE expires_at <= ?" },
	[Q_INVITATIONS] = { "ii", "",
	    "DELETE FROM invitation WHERE expires_at <= ? ORDER BY id LIMIT ?" },
	[Q_THROTTLE_DUE] = { "i", "i", "SELECT COUNT(*) FROM throttle WHERE until <= ?" },
	[Q_THROTTLE] = { "ii", "",
	    "DELETE FROM throttle WHERE until <= ? ORDER BY bucket LIMIT ?" },
	[Q_ADDRESSES_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM rsvp WHERE address <> '' AND " OVER },
	[Q_ADDRESSES] = { "ii", "",
	    "UPDATE rsvp SET address = '', tell = '' WHERE address <> '' AND " OVER
	    " ORDER BY id LIMIT ?" },
	[Q_RSVPS_DUE] = { "i", "i", "SELECT COUNT(*) FROM rsvp WHERE " OVER },
	[Q_RSVPS] = { "ii", "", "DELETE FROM rsvp WHERE " OVER " ORDER BY id LIMIT ?" },
};
const size_t retain_n_queries = Q__COUNT;

static const struct { const char *what; int due, erase; } expiring[] = {
	{ "sessions",    Q_SESSIONS_DUE,    Q_SESSIONS },
	{ "invitations", Q_INVITATIONS_DUE, Q_INVITATIONS },
	{ "throttles",   Q_THROTTLE_DUE,    Q_THROTTLE },
	{ "addresses",   Q_ADDRESSES_DUE,   Q_ADDRESSES },
	{ "rsvps",       Q_RSVPS_DUE,       Q_RSVPS },
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

	/* what is being erased */
	int			 due;
	const struct desk	*desk;
	const char		*after;
	int64_t			 until;
	int64_t			 day;		/* behind this one */
	struct id		 id;
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

/* What nobody can say any more how long it is kept. */
static enum outcome
complain_strays(struct run *run)
{
	struct db_rows	forms;
	struct db_row	row;
	enum outcome	got;
	bool		missing = false;

	if ((run->ctx = talloc_new(NULL)) == NULL)
		return OUT_FAULT;
	got = db_all(run->db, run->ctx, &retain_queries[Q_STORED], &forms);
	for (size_t i = 0; got == OUT_OK && i < forms.n; i++) {
		const char	*name = forms.at[i].at[0].bytes.data;

		if (has_form(run, name))
			continue;
		got = db_first(run->db, run->ctx, &retain_queries[Q_STRAY], &row,
		    DB_TEXT(name));
		if (got == OUT_OK) {
			log_error("retain.form", "form", name, "reason", "it is missing, so "
			    "nobody knows how long its submissions are kept: they stay", NULL);
			missing = true;
		} else if (got == OUT_MISSING) {
			got = OUT_OK;
		}
	}
	talloc_free(run->ctx);
	return got == OUT_OK && missing ? OUT_INVALID : got;
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

/* To whom nothing is to be told any more, nobody need be able to write unattended: a day after the
 * date, for then hosts may still find that it was put off. */
static int64_t
expiring_until(struct run *run, int what)
{
	return what == Q_RSVPS ? rsvps_until(run) : what == Q_ADDRESSES ? run->now - DAY :
	    run->now;
}

static enum outcome
expire(struct run *run)
{
	enum outcome	got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < sizeof(expiring) / sizeof(*expiring); i++) {
		const int64_t	until = expiring_until(run, expiring[i].erase);
		struct db_row	due;
		uint64_t	n = LINES;
		int64_t		all = 0;

		if (run->dry) {
			got = db_first(run->db, run->db, &retain_queries[expiring[i].due],
			    &due, DB_INT(until));
			if (got == OUT_OK) {
				all = due.at[0].number;
				talloc_free(due.at);
			}
		}
		while (!run->dry && got == OUT_OK && n == LINES) {
			n = 0;
			got = db_run(run->db, &retain_queries[expiring[i].erase], &n,
			    DB_INT(until), DB_INT(LINES));
			all += (int64_t)n;
		}
		if (got == OUT_OK)
			run->say(run->arg, expiring[i].what, all);
	}
	return got;
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
