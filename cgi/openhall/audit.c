/*
 * audit.c: whether the record of what admins did is whole.
 *
 * The head that it prints is to be noted where nobody with access to this machine can
 * change it; given again later, it shows that nothing was cut off the end meanwhile.
 */
#include "openhall/audit.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"

enum { Q_MAC, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_MAC] = { "i", "b", "SELECT mac FROM audit WHERE number = ?" },
};

struct noted {
	int64_t		number;
	struct key	mac;
};

/* NUMBER:MAC, the mac in hexadecimal. */
static bool
read_noted(struct noted *out, const char *text)
{
	size_t	digits = strspn(text, "0123456789"), len;

	if (digits == 0 || digits > 18 || text[digits] != ':' ||
	    strlen(text + digits + 1) != 2 * (size_t)KEY_LEN)
		return false;
	out->number = strtoll(text, NULL, 10);
	return sodium_hex2bin(out->mac.at, KEY_LEN, text + digits + 1, 2 * KEY_LEN,
	    NULL, &len, NULL) == 0 && len == KEY_LEN;
}

/* The noted head is a row of the chain still. */
static int
check_noted(struct db *db, const struct noted *noted)
{
	static const struct key	 none;
	struct db_row		 row;
	enum outcome		 got;
	bool			 same;

	if (noted->number == 0) {	/* noted before the first row */
		same = memcmp(noted->mac.at, none.at, KEY_LEN) == 0;
	} else {
		got = db_first(db, db, &queries[Q_MAC], &row, DB_INT(noted->number));
		if (got != OUT_OK && got != OUT_MISSING)
			return complain_store(got);
		same = got == OUT_OK && row.at[0].bytes.len == KEY_LEN &&
		    memcmp(noted->mac.at, row.at[0].bytes.data, KEY_LEN) == 0;
	}
	if (same)
		return EXIT_SUCCESS;
	return complain("row %" PRId64 " is not the one that was noted: rows were cut "
	    "off or replaced", noted->number);
}

int
command_audit_verify(const struct operator *op, int argc, char **argv)
{
	const struct db_set	 sets[] = {
		{ queries, Q__COUNT },
		{ audit_queries, audit_n_queries },
	};
	struct db		*db = owner_db(op, sets, sizeof(sets) / sizeof(sets[0]));
	char			 head[2 * KEY_LEN + 1];
	struct audit_report	 report;
	struct noted		 noted;
	struct key		 key;
	enum outcome		 got;

	if (argc > 0 && !read_noted(&noted, argv[0])) {
		complain("%s: not a head as `audit verify` prints it", argv[0]);
		return EX_USAGE;
	}
	seal_read_key(&key, op->settings->key_dir, "audit.key");
	if ((got = audit_verify(db, &key, &report)) != OUT_OK)
		return complain_store(got);
	if (report.broken != 0)
		return complain("row %" PRId64 " does not fit: it was changed, removed "
		    "or put in (%" PRId64 " rows before it are whole)",
		    report.broken, report.rows);
	if (argc > 0 && check_noted(db, &noted) != EXIT_SUCCESS)
		return EXIT_FAILURE;
	sodium_bin2hex(head, sizeof(head), report.head.at, KEY_LEN);
	printf("%" PRId64 " rows, all whole\n%" PRId64 ":%s\n", report.rows,
	    report.rows, head);
	return EXIT_SUCCESS;
}
