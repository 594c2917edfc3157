/*
 * migrate.c: bring the schema to what the files of schema_dir say.  A file is applied once
 * and never changes afterwards; its checksum stands beside it in the table `migration`.
 *
 * DDL has no transactions, but each statement of it is done whole or not at all.  So a file
 * is run statement by statement, with a note before each, and one that broke off is gone on
 * with where it stopped.
 */
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "command.h"

enum { LOCK_SECONDS = 60 };

enum { Q_APPLIED, Q_ADD, Q_BEGUN, Q_MARK, Q_FORGET, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_APPLIED] = { "", "iss",
	    "SELECT number, name, checksum FROM migration ORDER BY number" },
	[Q_ADD] = { "issi", "",
	    "INSERT INTO migration (number, name, checksum, applied_at)"
	    " VALUES (?, ?, ?, ?)" },
	[Q_BEGUN] = { "i", "sii",
	    "SELECT checksum, done, begun FROM migration_begun WHERE number = ?" },
	[Q_MARK] = { "isii", "",
	    "REPLACE INTO migration_begun (number, checksum, done, begun)"
	    " VALUES (?, ?, ?, ?)" },
	[Q_FORGET] = { "i", "", "DELETE FROM migration_begun WHERE number = ?" },
};
static const struct db_set set = { queries, Q__COUNT };

static const char bookkeeping[] =
    "CREATE TABLE IF NOT EXISTS migration ("
    " number INT NOT NULL PRIMARY KEY,"
    " name VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " applied_at BIGINT NOT NULL"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
    "CREATE TABLE IF NOT EXISTS migration_begun ("
    " number INT NOT NULL PRIMARY KEY,"
    " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " done INT NOT NULL,"		/* statements */
    " begun INT NOT NULL"		/* the same, or one more: nobody knows of that one */
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

/* ---- the database ---- */

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

/* ---- a file ---- */

/* Past the comment or quoted text that begins at `at`; `at` itself where none does. */
static const char *
past(const char *at)
{
	const char	*end;

	if (*at == '#' || (strncmp(at, "--", 2) == 0 &&
	    (at[2] == '\0' || isspace((unsigned char)at[2]))))
		return at + strcspn(at, "\n");
	if (strncmp(at, "/*", 2) == 0)
		return (end = strstr(at + 2, "*/")) != NULL ? end + 2 : at + strlen(at);
	if (*at != '\'' && *at != '"' && *at != '`')
		return at;
	for (end = at + 1; *end != '\0' && *end != *at; end++)
		if (*end == '\\' && *at != '`' && end[1] != '\0')
			end++;
	return *end != '\0' ? end + 1 : end;
}

/* The next statement of `*text`, which goes behind it.  False: that was all.  A body with
 * statements of its own (BEGIN ... END) would be cut apart. */
static bool
statement_next(const char **text, struct bytes *out)
{
	const char	*at = *text, *begin = NULL;

	while (*at != '\0' && (*at != ';' || begin == NULL)) {
		const char *next = past(at);

		if (begin == NULL && (next == at ?
		    !isspace((unsigned char)*at) && *at != ';' :
		    strchr("'\"`", *at) != NULL))
			begin = at;
		at = next == at ? at + 1 : next;
	}
	if (begin != NULL)
		*out = (struct bytes){ begin, (size_t)(at - begin) };
	*text = *at == ';' ? at + 1 : at;
	return begin != NULL;
}

/* How far a file has come: `done` statements, and perhaps one more that was `begun`. */
struct progress { int64_t done, begun; };

/* What stands for the first statements of a file, which end at `end`. */
static void
first_checksum(char out[CHECKSUM_TEXT], const struct schema_file *file, const char *end)
{
	unsigned char	hash[(CHECKSUM_TEXT - 1) / 2];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)file->text,
	    (size_t)(end - file->text), NULL, 0);
	sodium_bin2hex(out, CHECKSUM_TEXT, hash, sizeof(hash));
}

/* Note how far it is; the last statement of which something is known ends at `end`. */
static bool
mark(struct db *db, const struct schema_file *file, const char *end, int64_t done,
    int64_t begun)
{
	char		checksum[CHECKSUM_TEXT];
	enum outcome	got;

	first_checksum(checksum, file, end);
	got = db_run(db, &queries[Q_MARK], NULL, DB_INT(number_of(file->name)),
	    DB_TEXT(checksum), DB_INT(done), DB_INT(begun));
	if (got != OUT_OK)
		complain_store(got);
	return got == OUT_OK;
}

/* Whether the first `n` statements of the file are those that `checksum` stands for. */
static bool
begins_with(const struct schema_file *file, int64_t n, const char *checksum)
{
	const char	*text = file->text;
	char		 now[CHECKSUM_TEXT];
	struct bytes	 sql;

	for (int64_t i = 0; i < n; i++)
		if (!statement_next(&text, &sql))
			return false;
	first_checksum(now, file, text);
	return strcmp(now, checksum) == 0;
}

static bool
progress_read(struct db *db, const struct schema_file *file, struct progress *p)
{
	struct db_row	row;
	enum outcome	got;
	bool		fine = true;

	*p = (struct progress){ 0 };
	got = db_first(db, db, &queries[Q_BEGUN], &row, DB_INT(number_of(file->name)));
	if (got == OUT_OK) {
		p->done = row.at[1].number;
		p->begun = row.at[2].number;
		fine = begins_with(file, p->begun, row.at[0].bytes.data);
		if (!fine)
			complain("%s broke off at statement %d, and what comes before was "
			    "changed since.\nPut it back and migrate again; or undo by "
			    "hand what it did, and delete row %ld of the table "
			    "migration_begun.", file->name, (int)p->done + 1,
			    number_of(file->name));
	} else if (got != OUT_MISSING) {
		fine = complain_store(got) == 0;
	}
	talloc_free(row.at);
	return fine;
}

/* Whether the server's error says that what a statement makes (or takes away) is made (or
 * gone) already: a table, column, key or constraint. */
static bool
is_done_already(unsigned number)
{
	static const unsigned	numbers[] = { 1050, 1060, 1061, 1091, 1826 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Run what is left of the file. */
static bool
run(MYSQL *my, struct db *db, const struct schema_file *file, const struct progress *p)
{
	enum { CLIENTS_OWN = 2000 };	/* from here on: the answer did not come */
	const char	*before, *text = file->text;
	struct bytes	 sql;
	unsigned	 error;

	for (int64_t n = 1; before = text, statement_next(&text, &sql); n++) {
		if (n <= p->done)
			continue;
		if (!mark(db, file, text, n - 1, n))
			return false;
		error = raw_one(my, sql);
		if (error == 0 || (n == p->begun && is_done_already(error)))
			continue;
		complain("%s: statement %d: %s", file->name, (int)n, mysql_error(my));
		if (error < CLIENTS_OWN && mark(db, file, before, n - 1, n - 1) && n > 1)
			complain("what comes before it is done: when the reason is out of "
			    "the way, openhall migrate\ngoes on from there");
		return false;
	}
	return true;
}

static bool
apply(const struct operator *op, MYSQL *my, struct db *db,
    const struct schema_file *file)
{
	struct progress	progress;
	enum outcome	got;

	if (!progress_read(db, file, &progress) || !run(my, db, file, &progress))
		return false;
	got = db_run(db, &queries[Q_ADD], NULL, DB_INT(number_of(file->name)),
	    DB_TEXT(file->name), DB_TEXT(file->checksum), DB_INT(op->now));
	if (got == OUT_OK)
		got = db_run(db, &queries[Q_FORGET], NULL,
		    DB_INT(number_of(file->name)));
	if (got != OUT_OK) {
		complain_store(got);
		return false;
	}
	printf("applied %s\n", file->name);
	return true;
}

/* ---- the command ---- */

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
