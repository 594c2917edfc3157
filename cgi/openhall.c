/*
 * openhall.c: the operator's command.  Runs as the owner of the schema (db_owner).
 * Each command is a line in the table below and a function in cgi/openhall/.
 *
 * Exit status: 0; 1 it failed, and said why; 64 usage; 78 settings or keys.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <talloc.h>
#include <time.h>

#include "openhall/command.h"
#include "openhall/log.h"
#include "openhall/seal.h"

/* `args`: as the help shows them; `most`: how many there can be. */
static const struct command {
	const char	*name, *args, *help;
	int		 most;
	int		(*run)(const struct operator *, int argc, char **argv);
} commands[] = {
	{ "setup", "", "migrate, make missing keys, found the portal",
	    0, command_setup },
	{ "migrate", "", "bring schema, accounts and their rights up to date",
	    0, command_migrate },
	{ "build", "[--components]", "write the pages that nginx serves as they stand",
	    1, command_build },
	{ "status", "", "what is there and what is wrong",
	    0, command_status },
	{ "retain", "[--dry-run]", "erase what was kept as long as promised",
	    1, command_retain },
	{ "admin list", "", "who can log in",
	    0, command_admin_list },
	{ "admin recover", "", "a new first admin, with the recovery code",
	    0, command_admin_recover },
	{ "audit verify", "[NUMBER:MAC]", "whether the audit is whole",
	    1, command_audit_verify },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
usage(FILE *to)
{
	fputs("usage: openhall [-c FILE] COMMAND\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-14s%-14s%s\n", commands[i].name, commands[i].args,
		    commands[i].help);
	fputs("\n-c FILE: settings, instead of $OPENHALL_CONF or the system's\n", to);
}

/* How many words of argv name this command; 0: another one. */
static int
names(const struct command *command, int argc, char **argv)
{
	char	two[64];

	if (argc > 0 && strcmp(command->name, argv[0]) == 0)
		return 1;
	if (argc < 2)
		return 0;
	snprintf(two, sizeof(two), "%s %s", argv[0], argv[1]);
	return strcmp(command->name, two) == 0 ? 2 : 0;
}

static int
run(const struct command *command, const char *conf, int argc, char **argv)
{
	struct operator	 op = { .settings = settings_read(conf),
			    .now = (int64_t)time(NULL) };
	void		*ctx = talloc_new(NULL);
	int		 status;

	if (ctx == NULL)
		log_stop("no memory");
	op.ctx = ctx;
	seal_start();
	status = command->run(&op, argc, argv);
	talloc_free(ctx);
	if (fflush(stdout) != 0 || ferror(stdout))
		status = complain("what was to be said could not be written");
	return status;
}

int
main(int argc, char **argv)
{
	const char	*conf = NULL;
	int		 option;

	log_program("openhall");
	while ((option = getopt(argc, argv, "+c:h")) != -1)
		switch (option) {
		case 'c':
			conf = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	argc -= optind;
	argv += optind;
	if (argc == 1 && strcmp(argv[0], "help") == 0) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		int words = names(&commands[i], argc, argv);

		if (words > 0 && argc - words <= commands[i].most)
			return run(&commands[i], conf, argc - words, argv + words);
	}
	usage(stderr);
	return EX_USAGE;
}
