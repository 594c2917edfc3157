/*
 * command: what the commands of the operator's program share.  One file a command or
 * family; a new one is a line in the table of cgi/openhall.c.
 */
#ifndef OPENHALL_COMMAND_H
#define OPENHALL_COMMAND_H

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

#include "openhall/buf.h"
#include "openhall/db.h"
#include "openhall/settings.h"

/* `ctx`: freed after the command. */
struct operator {
	const void		*ctx;
	const struct settings	*settings;
	int64_t			 now;
};

/* Each gives an exit status; argv holds the words after the command's name. */
int	command_migrate(const struct operator *, int argc, char **argv);
int	command_setup(const struct operator *, int argc, char **argv);
int	command_admin_list(const struct operator *, int argc, char **argv);
int	command_admin_recover(const struct operator *, int argc, char **argv);
int	command_audit_verify(const struct operator *, int argc, char **argv);
int	command_build(const struct operator *, int argc, char **argv);
int	command_status(const struct operator *, int argc, char **argv);
int	command_retain(const struct operator *, int argc, char **argv);

/* A sentence on standard error.  Gives EXIT_FAILURE, to be returned. */
int	complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The schema owner's prepared statements, which may write.  Ends the process when there is
 * no memory. */
struct db	*owner_db(const struct operator *, const struct db_set *, size_t n);

/* Say what `got`, an answer of the store, means to an operator.  Gives EXIT_FAILURE. */
int	complain_store(enum outcome got);

/* ---- status_built.c ---- */

/* Say how it stands with what `openhall build` wrote.  False: something is to be done. */
bool	status_built(const struct operator *);

/* ---- the schema owner's plain connection, for DDL ---- */

/* NULL: complained about. */
MYSQL	*raw_open(const struct operator *);

/* Run all statements of a text.  False: complained about, with `what` and the server's
 * own words. */
bool	raw_run(MYSQL *, const char *what, const char *sql);

/* Run one statement.  0, or the number of what is wrong (mysql_error() has the words). */
unsigned raw_one(MYSQL *, struct bytes sql);

/* The first column of the first row as a number; -1: NULL, none, or an error. */
long	raw_number(MYSQL *, const char *sql);

/* ---- files of the schema ---- */

enum { CHECKSUM_TEXT = 64 + 1 };

struct schema_file {
	const char	*name;			/* "001-ground.sql" */
	char		*text;
	char		 checksum[CHECKSUM_TEXT];
};

struct schema_files {
	size_t			 n;
	struct schema_file	*at;
};

/* The files of schema_dir/`below` that `wanted` says, in the order of their names.  False:
 * complained about. */
bool	schema_read(const struct operator *, const char *below,
	    bool (*wanted)(const char *name), struct schema_files *);

/* The migrations; each has a number of its own. */
bool	migrations_read(const struct operator *, struct schema_files *);

/* Tell applied migrations from pending ones.  False: complained about; what was applied is
 * not what is here. */
bool	migrations_compare(const struct operator *, const struct schema_files *,
	    bool applied[]);

/* ---- accounts.c ---- */

/* Each account of schema/grants exists and has the rights of its file, and no others. */
bool	accounts_bring(const struct operator *, MYSQL *);

#endif
