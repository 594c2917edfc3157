/* row.c: see row.h. */
#include "row.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
row_open(struct row *row, const char *sql)
{
	if ((row->my = mysql_init(NULL)) == NULL)
		return false;
	if (mysql_real_connect(row->my, NULL, getenv("BENCH_ACCOUNT"),
	    getenv("BENCH_SECRET"), getenv("BENCH_NAME"), 0,
	    getenv("BENCH_SOCKET"), 0) == NULL ||
	    (row->stmt = mysql_stmt_init(row->my)) == NULL ||
	    mysql_stmt_prepare(row->stmt, sql, strlen(sql)) != 0) {
		fprintf(stderr, "row: %s\n", mysql_error(row->my));
		mysql_close(row->my);
		return false;
	}
	return true;
}

bool
row_add(struct row *row, const char *name, const char *email, const char *town,
    const char *body, unsigned long len)
{
	const char	*texts[] = { name, email, town, body };
	MYSQL_BIND	 bind[4];

	memset(bind, 0, sizeof(bind));
	for (int i = 0; i < 4; i++) {
		bind[i].buffer_type = MYSQL_TYPE_STRING;
		bind[i].buffer = (void *)(uintptr_t)texts[i];
		bind[i].buffer_length = i < 3 ? strlen(texts[i]) : len;
	}
	if (mysql_stmt_bind_param(row->stmt, bind) != 0 ||
	    mysql_stmt_execute(row->stmt) != 0) {
		fprintf(stderr, "row: %s\n", mysql_stmt_error(row->stmt));
		return false;
	}
	return true;
}

void
row_close(struct row *row)
{
	mysql_stmt_close(row->stmt);
	mysql_close(row->my);
}
