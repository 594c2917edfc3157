/*
 * row.h: one statement prepared over one connection to the bench's own tables, both of which
 * live as long as the process.
 */
#ifndef OPENHALL_TESTS_BENCH_ROW_H
#define OPENHALL_TESTS_BENCH_ROW_H

#include <mysql.h>
#include <stdbool.h>

struct row {
	MYSQL		*my;
	MYSQL_STMT	*stmt;
};

/* Connect with what $BENCH_SOCKET, $BENCH_ACCOUNT, $BENCH_SECRET and $BENCH_NAME (of the
 * database) say, and prepare.  False: it was told on standard error. */
bool	row_open(struct row *, const char *sql);

/* The statement that row_add() needs. */
#define ROW_ADD	"INSERT INTO floor (name, email, town, body) VALUES (?, ?, ?, ?)"

/* Add a row and commit it.  False: the same. */
bool	row_add(struct row *, const char *name, const char *email, const char *town,
	    const char *body, unsigned long len);

void	row_close(struct row *);

#endif
