/*
 * accounts.c: one database account a program, with the rights of its file in schema/grants
 * and no others.
 *
 * Without a credential_dir an account is its Unix user, by the socket.  With one, an
 * account has a credential in a file that only its program may read; the file decides,
 * and the server is told.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/connect.h"
#include "openhall/file.h"
#include "command.h"

enum { IDENTIFIED_MOST = 2 * CREDENTIAL_MOST + 64, NO_PLUGIN = 1524 };

enum { Q_CHECKSUM, Q_FORGET, Q_ADD, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_CHECKSUM] = { "s", "s", "SELECT checksum FROM account WHERE name = ?" },
	[Q_FORGET] = { "s", "", "DELETE FROM account WHERE name = ?" },
	[Q_ADD] = { "ssi", "",
	    "INSERT INTO account (name, checksum, applied_at) VALUES (?, ?, ?)" },
};
static const struct db_set set = { queries, Q__COUNT };

/* openhall_join.sql */
static bool
is_grants(const char *name)
{
	size_t	len = strlen(name), account = strspn(name,
		    "abcdefghijklmnopqrstuvwxyz0123456789_");

	return strncmp(name, "openhall_", 9) == 0 && account <= 32 &&
	    account + 4 == len && strcmp(name + account, ".sql") == 0;
}

/* A new credential, unless there is one. */
static bool
credential_make(const struct operator *op, const char *account)
{
	unsigned char	secret[32];
	char		text[sodium_base64_ENCODED_LEN(sizeof(secret),
			    sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	enum outcome	got;

	randombytes_buf(secret, sizeof(secret));
	sodium_bin2base64(text, sizeof(text), secret, sizeof(secret),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	got = file_put(op->settings->credential_dir, account, 0600, text, strlen(text));
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(text, sizeof(text));
	return got == OUT_OK || got == OUT_CONFLICT;
}

/* How the account proves who it is, in the words of the server at hand. */
static bool
identified(const struct operator *op, MYSQL *my, const char *account,
    char out[IDENTIFIED_MOST])
{
	bool	mariadb = strstr(mysql_get_server_info(my), "MariaDB") != NULL;
	char	secret[CREDENTIAL_MOST + 1], quoted[2 * CREDENTIAL_MOST + 1];

	if (op->settings->credential_dir == NULL) {
		snprintf(out, IDENTIFIED_MOST, "%s", mariadb ?
		    "IDENTIFIED VIA unix_socket" : "IDENTIFIED WITH auth_socket");
		return true;
	}
	if (!credential_make(op, account) ||
	    !connect_credential(secret, op->settings, account) || secret[0] == '\0') {
		complain("%s/%s: no credential in it", op->settings->credential_dir,
		    account);
		return false;
	}
	mysql_real_escape_string(my, quoted, secret, strlen(secret));
	snprintf(out, IDENTIFIED_MOST, "IDENTIFIED %sBY '%s'",
	    mariadb ? "" : "WITH caching_sha2_password ", quoted);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(quoted, sizeof(quoted));
	return true;
}

/* CREATE or ALTER the account, as `verb` says. */
static bool
say_how(MYSQL *my, const char *verb, const char *account, const char *how)
{
	char	sql[IDENTIFIED_MOST + 128];
	bool	fine;

	snprintf(sql, sizeof(sql), "%s '%s'@'localhost' %s", verb, account, how);
	if (!(fine = raw_run(my, account, sql)) && mysql_errno(my) == NO_PLUGIN)
		complain("the server needs its plugin first: "
		    "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'");
	sodium_memzero(sql, sizeof(sql));
	return fine;
}

/* `created`: it was not there before. */
static bool
bring_account(const struct operator *op, MYSQL *my, const char *account,
    bool *created)
{
	char	how[IDENTIFIED_MOST];
	bool	fine;

	if (!identified(op, my, account, how))
		return false;
	if ((fine = say_how(my, "CREATE USER IF NOT EXISTS", account, how))) {
		*created = mysql_warning_count(my) == 0;
		fine = say_how(my, "ALTER USER", account, how);
	}
	sodium_memzero(how, sizeof(how));
	return fine;
}

/* Forgotten first and noted last, so that what fails half-way is done again. */
static bool
bring_grants(const struct operator *op, MYSQL *my, struct db *db,
    const char *account, const struct schema_file *file, bool created)
{
	struct db_row	row;
	enum outcome	got;
	char		sql[128];
	bool		same;

	got = db_first(db, db, &queries[Q_CHECKSUM], &row, DB_TEXT(account));
	same = got == OUT_OK && strcmp(row.at[0].bytes.data, file->checksum) == 0;
	talloc_free(row.at);
	if (same && !created)
		return true;
	if (got == OUT_OK || got == OUT_MISSING)
		got = db_run(db, &queries[Q_FORGET], NULL, DB_TEXT(account));
	if (got != OUT_OK)
		goto fault;
	snprintf(sql, sizeof(sql),
	    "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '%s'@'localhost'", account);
	if (!raw_run(my, account, sql) || !raw_run(my, file->name, file->text))
		return false;
	got = db_run(db, &queries[Q_ADD], NULL, DB_TEXT(account),
	    DB_TEXT(file->checksum), DB_INT(op->now));
	if (got != OUT_OK)
		goto fault;
	printf("granted %s\n", account);
	return true;
fault:
	complain_store(got);
	return false;
}

bool
accounts_bring(const struct operator *op, MYSQL *my)
{
	struct db		*db = owner_db(op, &set, 1);
	struct schema_files	 files;
	bool			 fine = schema_read(op, "/grants", is_grants, &files);

	for (size_t i = 0; i < files.n && fine; i++) {
		const struct schema_file	*file = &files.at[i];
		char				 account[33];
		bool				 created = false;

		snprintf(account, sizeof(account), "%.*s",
		    (int)strcspn(file->name, "."), file->name);
		fine = bring_account(op, my, account, &created) &&
		    bring_grants(op, my, db, account, file, created);
	}
	talloc_free(db);
	return fine;
}
