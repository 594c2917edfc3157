/*
 * insert.c: takes a posted form, looks at three of its fields, the second an address, and
 * stores one row.  A floor for `make bench`, written by hand over libfcgi: no token, no
 * receipt, no form file, nothing sealed.  Not installed.
 *
 *	insert FIELD FIELD FIELD
 */
#include <ctype.h>
#include <fcgiapp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "row.h"

enum { BODY_MOST = 16 * 1024, FIELD_MOST = 201 };

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	    tolower((unsigned char)c) - 'a' + 10;
}

/* The decoded value of `name`; false when it is not there, empty or too long. */
static bool
field(const char *body, const char *name, char out[FIELD_MOST])
{
	size_t		 len = strlen(name), n = 0;
	const char	*at = body;

	while (strncmp(at, name, len) != 0 || at[len] != '=')
		if ((at = strchr(at, '&')) == NULL || *++at == '\0')
			return false;
	for (at += len + 1; *at != '\0' && *at != '&'; at++) {
		if (n == FIELD_MOST - 1)
			return false;
		if (*at == '%' && isxdigit((unsigned char)at[1]) &&
		    isxdigit((unsigned char)at[2])) {
			out[n++] = (char)(digit(at[1]) << 4 | digit(at[2]));
			at += 2;
		} else {
			out[n++] = *at == '+' ? ' ' : *at;
		}
	}
	out[n] = '\0';
	return n > 0;
}

static bool
take(struct row *row, FCGX_Request *rq, char *names[3])
{
	const char	*length = FCGX_GetParam("CONTENT_LENGTH", rq->envp);
	char		 body[BODY_MOST + 1];
	char		 one[FIELD_MOST], email[FIELD_MOST], other[FIELD_MOST];
	unsigned long	 len = length != NULL ? strtoul(length, NULL, 10) : 0;

	if (len > BODY_MOST ||
	    FCGX_GetStr(body, (int)len, rq->in) != (int)len)
		return false;
	body[len] = '\0';
	return field(body, names[0], one) && field(body, names[1], email) &&
	    field(body, names[2], other) && strchr(email, '@') != NULL &&
	    row_add(row, one, email, other, body, len);
}

int
main(int argc, char *argv[])
{
	static const char	fine[] = "Status: 303\r\nLocation: /receipt\r\n"
	    "Content-Length: 0\r\nCache-Control: no-store\r\n\r\n";
	static const char	wrong[] = "Status: 422\r\nContent-Length: 0\r\n\r\n";
	struct row		row;
	FCGX_Request		rq;

	if (argc != 4 || !row_open(&row, ROW_ADD) || FCGX_Init() != 0 ||
	    FCGX_InitRequest(&rq, 0, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&rq) == 0) {
		if (take(&row, &rq, argv + 1))
			FCGX_PutStr(fine, sizeof(fine) - 1, rq.out);
		else
			FCGX_PutStr(wrong, sizeof(wrong) - 1, rq.out);
		FCGX_Finish_r(&rq);
	}
	row_close(&row);
	return EXIT_SUCCESS;
}
