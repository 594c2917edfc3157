/*
 * retain.c: erase what was kept for as long as its form promised, and what has expired.
 * The courier does the same every hour.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "openhall/audit.h"
#include "openhall/erase.h"
#include "openhall/retain.h"
#include "command.h"

static void
say(void *arg, const char *what, int64_t n)
{
	const bool	*dry = arg;

	printf("%s\t%" PRId64 " %s\n", what, n, *dry ? "due" : "erased");
}

int
command_retain(const struct operator *op, int argc, char **argv)
{
	const struct db_set	 sets[] = {
		{ retain_queries, retain_n_queries },
		{ erase_queries, erase_n_queries },
		{ audit_queries, audit_n_queries },
	};
	struct db		*db = owner_db(op, sets, sizeof(sets) / sizeof(sets[0]));
	bool			 dry = argc > 0 && strcmp(argv[0], "--dry-run") == 0;
	struct key		 audit;
	enum outcome		 got;

	if (argc > 0 && !dry) {
		complain("%s: retain takes only --dry-run", argv[0]);
		return EX_USAGE;
	}
	seal_read_key(&audit, op->settings->key_dir, "audit.key");
	got = retain_run(db, op->settings, &audit, op->now, dry, say, &dry);
	if (got == OUT_INVALID)
		return complain("a form is missing from the site: see above");
	return got == OUT_OK ? EXIT_SUCCESS : complain_store(got);
}
