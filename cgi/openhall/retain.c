/*
 * retain.c: erase what was kept for as long as its form promised, and what has expired.
 * The row of a submission stays, without a key and without a word, so that its receipt
 * can still tell that it was erased.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/form.h"
#include "command.h"

enum { DAY = 86400 };

enum {
	Q_FORMS, Q_DUE, Q_REASONS, Q_SUBMISSIONS,
	Q_SESSIONS_DUE, Q_SESSIONS, Q_INVITATIONS_DUE, Q_INVITATIONS,
	Q_THROTTLE_DUE, Q_THROTTLE, Q__COUNT
};
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_FORMS] = { "", "s",
	    "SELECT DISTINCT form FROM submission"
	    " WHERE ended_day IS NOT NULL AND desk_key <> '' ORDER BY form" },
	[Q_DUE] = { "si", "i",
	    "SELECT COUNT(*) FROM submission"
	    " WHERE form = ? AND ended_day <= ? AND desk_key <> ''" },
	[Q_REASONS] = { "si", "",
	    "UPDATE elector e JOIN submission s ON s.id = e.submission"
	    " SET e.reason = NULL"
	    " WHERE s.form = ? AND s.ended_day <= ? AND s.desk_key <> ''" },
	[Q_SUBMISSIONS] = { "si", "",
	    "UPDATE submission SET body = '', desk_key = '', receipt_key = ''"
	    " WHERE form = ? AND ended_day <= ? AND desk_key <> ''" },
	[Q_SESSIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM session WHERE expires_at <= ?" },
	[Q_SESSIONS] = { "i", "", "DELETE FROM session WHERE expires_at <= ?" },
	[Q_INVITATIONS_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM invitation WHERE expires_at <= ?" },
	[Q_INVITATIONS] = { "i", "", "DELETE FROM invitation WHERE expires_at <= ?" },
	[Q_THROTTLE_DUE] = { "i", "i",
	    "SELECT COUNT(*) FROM throttle WHERE until <= ?" },
	[Q_THROTTLE] = { "i", "", "DELETE FROM throttle WHERE until <= ?" },
};

static const struct { const char *what; int due, erase; } expiring[] = {
	{ "sessions",    Q_SESSIONS_DUE,    Q_SESSIONS },
	{ "invitations", Q_INVITATIONS_DUE, Q_INVITATIONS },
	{ "throttles",   Q_THROTTLE_DUE,    Q_THROTTLE },
};

static bool
say(enum outcome got, const char *what, int64_t n, bool dry)
{
	if (got != OUT_OK) {
		complain_store(got);
		return false;
	}
	printf("%s\t%" PRId64 " %s\n", what, n, dry ? "due" : "erased");
	return true;
}

static bool
expire(const struct operator *op, struct db *db, bool dry)
{
	bool	fine = true;

	for (size_t i = 0; i < sizeof(expiring) / sizeof(expiring[0]); i++) {
		struct db_row	due;
		uint64_t	n = 0;
		enum outcome	got;

		if (dry) {
			got = db_first(db, op->ctx, &queries[expiring[i].due], &due,
			    DB_INT(op->now));
			n = got == OUT_OK ? (uint64_t)due.at[0].number : 0;
		} else {
			got = db_run(db, &queries[expiring[i].erase], &n,
			    DB_INT(op->now));
		}
		fine = say(got, expiring[i].what, (int64_t)n, dry) && fine;
	}
	return fine;
}

struct erasure {
	const struct key	*audit;
	int64_t			 now, until;
	const char		*form;
	uint64_t		 n;
};

static enum outcome
erase(struct db *db, void *arg)
{
	struct erasure	*in = arg;
	enum outcome	 got;

	got = db_run(db, &queries[Q_REASONS], NULL, DB_TEXT(in->form),
	    DB_INT(in->until));
	if (got == OUT_OK)
		got = db_run(db, &queries[Q_SUBMISSIONS], &in->n, DB_TEXT(in->form),
		    DB_INT(in->until));
	if (got == OUT_OK && in->n > 0)
		got = audit_add(db, in->audit, in->now, NULL, "submissions.erased", NULL);
	return got;
}

/* What was handed in with one form.  Its file says for how long it is kept. */
static bool
retain_form(const struct operator *op, struct db *db, const struct key *audit,
    const char *name, bool dry)
{
	struct erasure	in = { .audit = audit, .now = op->now, .form = name };
	char		path[PATH_MAX];
	struct db_row	due;
	enum outcome	got;

	snprintf(path, sizeof(path), "%s/forms/%s.xml", op->settings->site_dir, name);
	if (access(path, R_OK) != 0) {
		complain("%s is missing, so nobody knows how long its submissions are "
		    "kept: they stay", path);
		return false;
	}
	in.until = op->now - op->now % DAY -
	    (int64_t)form_read(op->ctx, op->settings, name)->keep_days * DAY;
	if (!dry) {
		got = db_transaction(db, erase, &in);
		return say(got, name, (int64_t)in.n, false);
	}
	got = db_first(db, op->ctx, &queries[Q_DUE], &due, DB_TEXT(name),
	    DB_INT(in.until));
	return say(got, name, got == OUT_OK ? due.at[0].number : 0, true);
}

int
command_retain(const struct operator *op, int argc, char **argv)
{
	const struct db_set	 sets[] = {
		{ queries, Q__COUNT },
		{ audit_queries, audit_n_queries },
	};
	struct db		*db = owner_db(op, sets, sizeof(sets) / sizeof(sets[0]));
	bool			 dry = argc > 0 && strcmp(argv[0], "--dry-run") == 0;
	struct db_rows		 forms;
	struct key		 audit;
	enum outcome		 got;
	bool			 fine;

	if (argc > 0 && !dry) {
		complain("%s: retain takes only --dry-run", argv[0]);
		return EX_USAGE;
	}
	seal_read_key(&audit, op->settings->key_dir, "audit.key");
	fine = expire(op, db, dry);
	if ((got = db_all(db, op->ctx, &queries[Q_FORMS], &forms)) != OUT_OK)
		return complain_store(got);
	for (size_t i = 0; i < forms.n; i++)
		fine = retain_form(op, db, &audit, forms.at[i].at[0].bytes.data, dry) &&
		    fine;
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
