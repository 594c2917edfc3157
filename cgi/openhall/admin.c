/*
 * admin.c: who may log in, and the way back when nobody can.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/code.h"
#include "openhall/desk.h"
#include "command.h"

enum { Q_ADMINS, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_ADMINS] = { "", "siSi",
	    "SELECT a.name, a.created_at,"
	    " (SELECT GROUP_CONCAT(k.desk ORDER BY k.desk SEPARATOR ' ')"
	    " FROM desk_key k WHERE k.admin = a.id), a.factor IS NOT NULL"
	    " FROM admin a WHERE a.removed_at IS NULL ORDER BY a.name LIMIT 1000" },
};

int
command_admin_list(const struct operator *op, int argc, char **argv)
{
	const struct db_set	 set = { queries, Q__COUNT };
	struct db		*db = owner_db(op, &set, 1);
	struct db_rows		 rows;
	enum outcome		 got;

	(void)argc;
	(void)argv;
	if ((got = db_all(db, op->ctx, &queries[Q_ADMINS], &rows)) != OUT_OK)
		return complain_store(got);
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		time_t			 since = (time_t)at[1].number;
		char			 day[16];
		struct tm		 tm;

		strftime(day, sizeof(day), "%Y-%m-%d", gmtime_r(&since, &tm));
		printf("%s\t%s\t%s\t%s\n", (const char *)at[0].bytes.data, day,
		    at[2].type == 0 ? "-" : (const char *)at[2].bytes.data,
		    at[3].number != 0 ? "second factor" : "password only");
	}
	return EXIT_SUCCESS;
}

/* One line from standard input; on a terminal it is asked for and not shown. */
static bool
read_secret(char *out, size_t size, const char *prompt)
{
	struct termios	shown, hidden;
	bool		terminal = isatty(STDIN_FILENO) &&
			    tcgetattr(STDIN_FILENO, &shown) == 0, got;

	if (terminal) {
		fputs(prompt, stderr);
		hidden = shown;
		/* Without ISIG no signal leaves the terminal mute. */
		hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	got = fgets(out, (int)size, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	return got;
}

static int
recover(const struct operator *op, const struct code *recovery)
{
	const struct db_set	 sets[] = {
		{ audit_queries, audit_n_queries },
		{ desk_queries, desk_n_queries },
		{ founding_queries, founding_n_queries },
	};
	struct db		*db = owner_db(op, sets, sizeof(sets) / sizeof(sets[0]));
	struct code		 invitation;
	struct key		 audit;
	enum outcome		 got;

	seal_read_key(&audit, op->settings->key_dir, "audit.key");
	got = desk_recover(db, &audit, op->now, recovery, &invitation);
	if (got == OUT_FORBIDDEN)
		return complain("the code is whole, but it is not this portal's "
		    "recovery code");
	if (got != OUT_OK)
		return complain_store(got);
	printf("A new admin, who serves at every desk, chooses a name and a password "
	    "here, within %d\ndays, once:\n%s/admin/welcome?invitation=%s\n",
	    INVITATION_DAYS, op->settings->origin, invitation.text);
	sodium_memzero(&invitation, sizeof(invitation));
	return EXIT_SUCCESS;
}

int
command_admin_recover(const struct operator *op, int argc, char **argv)
{
	struct code	recovery;
	char		line[256];
	int		status;

	(void)argc;
	(void)argv;
	if (!read_secret(line, sizeof(line), "Recovery code: "))
		return complain("no recovery code was given");
	if (code_read(&recovery, line) != OUT_OK)
		status = complain("this is not how a recovery code is written: a symbol "
		    "is wrong, missing or too many (there are %d)", CODE_SYMBOLS);
	else
		status = recover(op, &recovery);
	sodium_memzero(line, sizeof(line));
	sodium_memzero(&recovery, sizeof(recovery));
	return status;
}
