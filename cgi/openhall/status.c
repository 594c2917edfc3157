/*
 * status.c: one line for each thing that a portal needs.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/desk.h"
#include "openhall/spool.h"
#include "command.h"

enum { HOUR = 3600, DAY = 86400, MAILINGS_MOST = 100 };

enum { Q_DESK, Q_ADMINS, Q_MAIL, Q_MAILINGS, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	/* Nothing: it was not founded, or without its match key. */
	[Q_DESK] = { "s", "iI",
	    "SELECT (SELECT COUNT(*) FROM submission s WHERE s.desk = d.name"
	    " AND s.ended_day IS NULL), (SELECT MIN(s.received_day) FROM submission s"
	    " WHERE s.desk = d.name AND s.ended_day IS NULL)"
	    " FROM desk d WHERE d.name = ? AND d.match_key <> ''" },
	[Q_ADMINS] = { "ii", "iii",
	    "SELECT (SELECT COUNT(*) FROM admin WHERE removed_at IS NULL),"
	    " (SELECT COUNT(*) FROM session WHERE expires_at > ?),"
	    " (SELECT COUNT(*) FROM invitation WHERE expires_at > ?)" },
	[Q_MAIL] = { "", "iiIi",
	    "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting'),"
	    " (SELECT COUNT(*) FROM outbox WHERE state = 'failed'),"
	    " (SELECT MIN(due_at) FROM outbox WHERE state = 'waiting'),"
	    " (SELECT COUNT(*) FROM signup)" },
	/* Those that are under way: not all mails are made, or not all are done. */
	[Q_MAILINGS] = { "i", "ssIiii",
	    "SELECT LOWER(HEX(m.id)), m.lang, m.expanded_at,"
	    " (SELECT COUNT(*) FROM outbox o WHERE o.mailing = m.id AND o.state = 'sent'),"
	    " (SELECT COUNT(*) FROM outbox o WHERE o.mailing = m.id AND o.state = 'waiting'),"
	    " (SELECT COUNT(*) FROM outbox o WHERE o.mailing = m.id AND o.state = 'failed')"
	    " FROM mailing m WHERE m.expanded_at IS NULL OR EXISTS (SELECT 1 FROM outbox o"
	    " WHERE o.mailing = m.id AND o.state = 'waiting')"
	    " ORDER BY m.due_at, m.id LIMIT ?" },
};

static bool
show_schema(const struct operator *op)
{
	struct schema_files	 files;
	size_t			 n = 0;
	bool			*applied;

	if (!migrations_read(op, &files) ||
	    (applied = talloc_zero_array(op->ctx, bool, files.n + 1)) == NULL ||
	    !migrations_compare(op, &files, applied)) {
		printf("schema\tunknown: openhall migrate\n");
		return false;
	}
	for (size_t i = 0; i < files.n; i++)
		n += applied[i];
	printf("schema\t%zu applied, %zu pending%s\n", n, files.n - n,
	    n < files.n ? ": openhall migrate" : "");
	return n == files.n;
}

static bool
show_key(const struct operator *op, const char *name)
{
	char	path[PATH_MAX];
	bool	there;

	snprintf(path, sizeof(path), "%s/%s", op->settings->key_dir, name);
	there = access(path, F_OK) == 0;
	printf("key\t%s %s\n", name, there ? "present" : "missing: openhall setup");
	return there;
}

static bool
show_keys(const struct operator *op)
{
	bool	fine = show_key(op, "form.key");

	fine = show_key(op, "audit.key") && fine;
	fine = show_key(op, "mail.pub") && fine;
	for (size_t i = 0; i < DESKS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.pub", desks[i].name);
		fine = show_key(op, name) && fine;
	}
	return fine;
}

/* What waits is fine; what was set aside needs somebody to look. */
static bool
show_spool(const struct operator *op)
{
	struct spool_report	report;
	bool			fine = spool_count(op->settings, &report) == OUT_OK;

	if (!fine)
		printf("spool\tcannot be read: openhall setup\n");
	else
		printf("spool\t%lu waiting, %lu bytes, %lu set aside\n", report.waiting,
		    report.bytes, report.bad);
	return fine;
}

static bool
show_desk(const struct operator *op, struct db *db, const struct desk *desk)
{
	struct db_row	row;
	enum outcome	got = db_first(db, op->ctx, &queries[Q_DESK], &row,
			    DB_TEXT(desk->name));

	if (got == OUT_MISSING)
		printf("desk\t%s not founded: openhall setup\n", desk->name);
	if (got != OUT_OK)
		return false;
	printf("desk\t%s %" PRId64 " open", desk->name, row.at[0].number);
	if (row.at[1].type != 0)
		printf(", the oldest waiting for %" PRId64 " days",
		    (op->now - row.at[1].number) / DAY);
	putchar('\n');
	return true;
}

/* What failed is told, and is not for the operator to mend; what waits for long is. */
static bool
show_mail(const struct operator *op, struct db *db)
{
	const struct settings	*settings = op->settings;
	const bool		 sends = settings->mail_server != NULL ||
				    settings->mail_folder != NULL;
	struct db_rows		 mailings;
	struct db_row		 row;
	int64_t			 hours = 0;

	if (db_first(db, op->ctx, &queries[Q_MAIL], &row) != OUT_OK ||
	    db_all(db, op->ctx, &queries[Q_MAILINGS], &mailings,
	    DB_INT(MAILINGS_MOST)) != OUT_OK)
		return false;
	printf("mail\t%" PRId64 " waiting, %" PRId64 " failed, %" PRId64 " sign-ups to answer",
	    row.at[0].number, row.at[1].number, row.at[3].number);
	if (row.at[2].type != 0 && (hours = (op->now - row.at[2].number) / HOUR) > 0)
		printf(", the oldest waiting for %" PRId64 " hours", hours);
	puts(sends ? "" : "; openhall.conf names neither a server nor a folder");
	for (size_t i = 0; i < mailings.n; i++) {
		const struct db_value *at = mailings.at[i].at;

		printf("mailing\t%s %s: %" PRId64 " sent, %" PRId64 " waiting, %" PRId64
		    " failed%s\n", (const char *)at[0].bytes.data,
		    (const char *)at[1].bytes.data, at[3].number, at[4].number,
		    at[5].number, at[2].type == 0 ? ", more to come" : "");
	}
	return true;
}

static bool
show_work(const struct operator *op)
{
	const struct db_set	 set = { queries, Q__COUNT };
	struct db		*db = owner_db(op, &set, 1);
	struct db_row		 admins;
	bool			 fine = true;

	for (size_t i = 0; i < INTAKES; i++)
		fine = show_desk(op, db, &desks[i]) && fine;
	if (db_first(db, db, &queries[Q_ADMINS], &admins, DB_INT(op->now),
	    DB_INT(op->now)) != OUT_OK)
		return false;
	printf("admins\t%" PRId64 ", %" PRId64 " sessions, %" PRId64
	    " open invitations\n", admins.at[0].number, admins.at[1].number,
	    admins.at[2].number);
	return show_mail(op, db) && fine;
}

int
command_status(const struct operator *op, int argc, char **argv)
{
	MYSQL	*my = raw_open(op);
	bool	 schema, fine;

	(void)argc;
	(void)argv;
	if (my == NULL) {
		printf("database\taway\n");
		show_keys(op);
		show_spool(op);
		status_built(op);
		return EXIT_FAILURE;
	}
	printf("database\t%s\n", mysql_get_server_info(my));
	mysql_close(my);
	schema = show_schema(op);
	fine = show_keys(op);
	fine = show_spool(op) && fine;
	fine = status_built(op) && fine;
	return schema && show_work(op) && fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
