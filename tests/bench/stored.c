/*
 * stored.c: a page that stands in the store as it is to be sent, found by the last word of the
 * address with one prepared query.  A floor for `make bench`, written by hand over libfcgi;
 * not installed.
 */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row.h"

enum { TYPE_MOST = 64, BODY_MOST = 256 * 1024 };

struct page {
	char		type[TYPE_MOST + 1];
	char		body[BODY_MOST];
	unsigned long	type_len, len;
};

/* Have what is found written into `page`. */
static bool
aim(struct row *row, struct page *page)
{
	MYSQL_BIND into[] = {
		{ .buffer_type = MYSQL_TYPE_STRING, .buffer = page->type,
		  .buffer_length = TYPE_MOST, .length = &page->type_len },
		{ .buffer_type = MYSQL_TYPE_BLOB, .buffer = page->body,
		  .buffer_length = BODY_MOST, .length = &page->len },
	};

	return mysql_stmt_bind_result(row->stmt, into) == 0;
}

static bool
find(struct row *row, char *name, struct page *page)
{
	MYSQL_BIND	by = { .buffer_type = MYSQL_TYPE_STRING, .buffer = name,
			.buffer_length = strlen(name) };
	bool		found;

	found = mysql_stmt_bind_param(row->stmt, &by) == 0 &&
	    mysql_stmt_execute(row->stmt) == 0 && mysql_stmt_fetch(row->stmt) == 0;
	if (mysql_stmt_errno(row->stmt) != 0)
		fprintf(stderr, "stored: %s\n", mysql_stmt_error(row->stmt));
	mysql_stmt_free_result(row->stmt);
	if (found)
		page->type[page->type_len] = '\0';
	return found;
}

static void
answer(struct row *row, FCGX_Request *rq, struct page *page)
{
	static const char	missing[] = "Status: 404\r\nContent-Length: 0\r\n\r\n";
	char			*path = FCGX_GetParam("DOCUMENT_URI", rq->envp), *name;
	char			head[256];
	int			len;

	if (path == NULL || (name = strrchr(path, '/')) == NULL ||
	    !find(row, name + 1, page)) {
		FCGX_PutStr(missing, sizeof(missing) - 1, rq->out);
		return;
	}
	len = snprintf(head, sizeof(head), "Content-Type: %s\r\nContent-Length: %lu\r\n"
	    "Cache-Control: public, max-age=1\r\n\r\n", page->type, page->len);
	FCGX_PutStr(head, len, rq->out);
	FCGX_PutStr(page->body, (int)page->len, rq->out);
}

int
main(void)
{
	struct page	*page = malloc(sizeof(*page));
	struct row	 row;
	FCGX_Request	 rq;

	if (page == NULL ||
	    !row_open(&row, "SELECT type, body FROM stored WHERE name = ?") ||
	    !aim(&row, page) || FCGX_Init() != 0 || FCGX_InitRequest(&rq, 0, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&rq) == 0) {
		answer(&row, &rq, page);
		FCGX_Finish_r(&rq);
	}
	row_close(&row);
	free(page);
	return EXIT_SUCCESS;
}
