/*
 * migrate.c: bring the schema to what the files of schema_dir say.  A file is applied once
 * and never changes afterwards; its checksum stands beside it in the table `migration`.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "command.h"

enum { LOCK_SECONDS = 60 };

enum { Q_APPLIED, Q_ADD, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_APPLIED] = { "", "iss",
	    "SELECT number, name, checksum FROM migration ORDER BY number" },
	[Q_ADD] = { "issi", "",
	    "INSERT INTO migration (number, name, checksum, applied_at)"
	    " VALUES (?, ?, ?, ?)" },
};
static const struct db_set set = { queries, Q__COUNT };

static const char bookkeeping[] =
    "CREATE TABLE IF NOT EXISTS migration ("
    " number INT NOT NULL PRIMARY KEY,"
    " name VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " applied_at BIGINT NOT NULL"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
    "CREATE TABLE IF NOT EXISTS account ("
    " name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,"
    " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " applied_at BIGINT NOT NULL"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

/* ---- files ---- */

/* 001-ground.sql */
static bool
is_migration(const char *name)
{
	size_t	len = strlen(name);

	return len > 8 && len < 128 && isdigit((unsigned char)name[0]) &&
	    isdigit((unsigned char)name[1]) && isdigit((unsigned char)name[2]) &&
	    name[3] == '-' && strcmp(name + len - 4, ".sql") == 0;
}

static long
number_of(const char *name)
{
	return strtol(name, NULL, 10);
}

bool
migrations_read(const struct operator *op, struct schema_files *out)
{
	if (!schema_read(op, "", is_migration, out))
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (number_of(out->at[i].name) == 0 || (i > 0 &&
		    number_of(out->at[i].name) == number_of(out->at[i - 1].name))) {
			complain("%s: needs a number that no other migration has",
			    out->at[i].name);
			return false;
		}
	return true;
}

/* ---- what was applied ---- */

/* The file for which `row` (number, name, checksum) stands, unchanged.  NULL: complained. */
static const struct schema_file *
find(const struct schema_files *files, const struct db_value *row)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct schema_file *file = &files->at[i];

		if (number_of(file->name) != row[0].number)
			continue;
		if (strcmp(file->checksum, row[2].bytes.data) == 0)
			return file;
		complain("%s was changed after it was applied (as %s): "
		    "restore it, and put the change into a new migration",
		    file->name, (const char *)row[1].bytes.data);
		return NULL;
	}
	complain("%s was applied to this database, but this version of Openhall "
	    "does not have it: it is older than the database",
	    (const char *)row[1].bytes.data);
	return NULL;
}

bool
migrations_compare(const struct operator *op, const struct schema_files *files,
    bool applied[])
{
	struct db	*db = owner_db(op, &set, 1);
	struct db_rows	 rows;
	enum outcome	 got;
	bool		 fine = true;

	for (size_t i = 0; i < files->n; i++)
		applied[i] = false;
	got = db_all(db, db, &queries[Q_APPLIED], &rows);
	if (got != OUT_OK)
		complain_store(got);
	for (size_t i = 0; i < rows.n && fine; i++) {
		const struct schema_file *file = find(files, rows.at[i].at);

		fine = file != NULL;
		if (fine)
			applied[file - files->at] = true;
	}
	talloc_free(db);
	return fine && got == OUT_OK;
}

/* ---- the command ---- */

/* Names stand in DDL, where nothing can be bound. */
static bool
plain_name(const char *name)
{
	return name[0] != '\0' && strlen(name) <= 64 &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

/* The database, and the tables that say what was done to it. */
static bool
begin(const struct operator *op, MYSQL *my)
{
	const char	*name = op->settings->db_name;
	char		 sql[256];

	if (!plain_name(name)) {
		complain("db_name: %s: only letters, digits and _", name);
		return false;
	}
	snprintf(sql, sizeof(sql), "SELECT GET_LOCK('openhall.migrate', %d)",
	    LOCK_SECONDS);
	if (raw_number(my, sql) != 1) {
		complain("another migration did not end within %d seconds",
		    LOCK_SECONDS);
		return false;
	}
	/* Asked first: the right to create databases may be gone by then. */
	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM information_schema.schemata"
	    " WHERE schema_name = '%s'", name);
	if (raw_number(my, sql) != 1) {
		snprintf(sql, sizeof(sql), "CREATE DATABASE IF NOT EXISTS `%s`"
		    " DEFAULT CHARACTER SET utf8mb4", name);
		if (!raw_run(my, "create database", sql))
			return false;
	}
	if (mysql_select_db(my, name) != 0) {
		complain("%s: %s", name, mysql_error(my));
		return false;
	}
	return raw_run(my, "migration", bookkeeping);
}

static bool
apply(const struct operator *op, MYSQL *my, struct db *db,
    const struct schema_file *file)
{
	enum outcome	got;

	if (!raw_run(my, file->name, file->text))
		return false;
	got = db_run(db, &queries[Q_ADD], NULL, DB_INT(number_of(file->name)),
	    DB_TEXT(file->name), DB_TEXT(file->checksum), DB_INT(op->now));
	if (got != OUT_OK) {
		complain_store(got);
		return false;
	}
	printf("applied %s\n", file->name);
	return true;
}

static bool
migrate(const struct operator *op, MYSQL *my)
{
	struct schema_files	 files;
	struct db		*db;
	bool			*applied, fine = true;

	if (!migrations_read(op, &files) || !begin(op, my))
		return false;
	applied = talloc_zero_array(op->ctx, bool, files.n + 1);
	if (applied == NULL || !migrations_compare(op, &files, applied))
		return false;
	db = owner_db(op, &set, 1);
	for (size_t i = 0; i < files.n && fine; i++)
		if (!applied[i])
			fine = apply(op, my, db, &files.at[i]);
	talloc_free(db);
	return fine && accounts_bring(op, my);
}

int
command_migrate(const struct operator *op, int argc, char **argv)
{
	MYSQL	*my;
	bool	 fine;

	(void)argc;
	(void)argv;
	if ((my = raw_open(op)) == NULL)
		return EXIT_FAILURE;
	fine = migrate(op, my);
	mysql_close(my);	/* gives the lock back too */
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
