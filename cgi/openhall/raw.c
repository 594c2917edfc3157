/*
 * raw.c: the schema owner's plain connection.  DDL and grants cannot be prepared, and
 * no value of a visitor ever comes here.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openhall/connect.h"
#include "openhall/log.h"
#include "command.h"

enum { PATIENCE = 3600 };	/* seconds: altering a large table takes its time */

int
complain(const char *fmt, ...)
{
	va_list	ap;

	fputs("openhall: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

int
complain_store(enum outcome got)
{
	return complain(got == OUT_AWAY ? "the database cannot be reached" :
	    "the database refused; the log line above has the error's number");
}

struct db *
owner_db(const struct operator *op, const struct db_set *sets, size_t n)
{
	struct db	*db = db_new(op->ctx, op->settings, op->settings->db_owner,
			    sets, n);

	if (db == NULL)
		log_stop("no memory");
	db_write(db, true);
	return db;
}

MYSQL *
raw_open(const struct operator *op)
{
	MYSQL	*my = connect_open(op->settings, op->settings->db_owner, NULL, PATIENCE);

	if (my == NULL) {
		complain("no memory");
		return NULL;
	}
	if (mysql_errno(my) == 0 &&
	    mysql_set_server_option(my, MYSQL_OPTION_MULTI_STATEMENTS_ON) == 0)
		return my;
	complain("the database at %s does not let %s in: %s",
	    op->settings->db_socket, op->settings->db_owner, mysql_error(my));
	mysql_close(my);
	return NULL;
}

bool
raw_run(MYSQL *my, const char *what, const char *sql)
{
	enum { EMPTY_QUERY = 1065 };	/* a comment after the last statement */
	unsigned	statement = 1;
	int		more = mysql_real_query(my, sql, strlen(sql)); /* allowed: DDL */

	while (more == 0) {
		MYSQL_RES *rows = mysql_store_result(my);

		mysql_free_result(rows);
		more = mysql_next_result(my);	/* -1: that was all */
		statement++;
	}
	if (more < 0 || mysql_errno(my) == EMPTY_QUERY)
		return true;
	complain("%s: statement %u: %s", what, statement, mysql_error(my));
	return false;
}

unsigned
raw_one(MYSQL *my, struct bytes sql)
{
	if (mysql_real_query(my, sql.data, sql.len) != 0) /* allowed: DDL */
		return mysql_errno(my);
	mysql_free_result(mysql_store_result(my));
	return mysql_errno(my);
}

long
raw_number(MYSQL *my, const char *sql)
{
	MYSQL_RES	*rows;
	MYSQL_ROW	 row;
	long		 number = -1;

	if (mysql_real_query(my, sql, strlen(sql)) != 0 || /* allowed: a lock */
	    (rows = mysql_store_result(my)) == NULL)
		return -1;
	if ((row = mysql_fetch_row(rows)) != NULL && row[0] != NULL)
		number = strtol(row[0], NULL, 10);
	mysql_free_result(rows);
	return number;
}
