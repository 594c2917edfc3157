/*
 * fuzz_request.c: a whole request, as plain CGI.  An input is a line for each variable
 * below, without its name, and then the body.  Whatever comes, the handler sees decoded
 * text and a path that is left of the address, and the answer is whole: its head is of
 * lines that we wrote, and its length is that of its body.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openhall/http.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const variables[] = {
	"REQUEST_METHOD", "DOCUMENT_URI", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH",
	"HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE",
	"HTTP_IF_NONE_MATCH",
};

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" },
	{ .lang = "es", .prefix = "/es" },
};
static const struct settings settings = { .words = words, .n_words = 2 };

static void
must(int true_)
{
	if (!true_)
		abort();
}

/* Show in the answer all that the stranger sent. */
static void
serve(struct request *rq, void *arg)
{
	const char	*uri = getenv("DOCUMENT_URI");
	const char	*cookie;

	(void)arg;
	must(rq->status == 200 || rq->status == 400 || rq->status == 405 ||
	    rq->status == 413 || rq->status == 415);
	must((rq->status == 405) == (rq->method == METHOD_NONE));
	must(rq->method == POST || rq->body.n == 0);
	must(rq->query.n <= BODY_PAIRS_MAX && rq->body.n <= BODY_PAIRS_MAX);
	must(strlen(rq->path) <= strlen(uri) || strcmp(rq->path, "/") == 0);
	for (size_t i = 0; i < rq->body.n; i++)
		pairs_encode(rq->out, rq->body.at[i].name, rq->body.at[i].value);
	if ((cookie = http_cookie(rq, "receipt")) != NULL)
		http_set_cookie(rq, "receipt", cookie, 60);
	if (http_same_origin(rq))
		http_see_other(rq, rq->path);
	else
		rq->max_age = rq->status == 200 ? 60 : 0;
}

/* The value of header `name` of the head that ends at `end`, or NULL. */
static const char *
header(const char *out, const char *end, const char *name)
{
	for (const char *at = out; at < end; at = strstr(at, "\r\n") + 2)
		if (strncmp(at, name, strlen(name)) == 0)
			return at + strlen(name);
	return NULL;
}

static void
check_answer(const char *out, size_t len)
{
	static const char *const	ours[] = { "Status: ", "Content-Type: ",
					    "Content-Length: ", "Cache-Control: ",
					    "Set-Cookie: receipt=", "Location: ", "ETag: " };
	const char			*end = strstr(out, "\r\n\r\n"), *length;
	int				 status;

	must(end != NULL);
	for (const char *at = out; at < end + 2; at = strstr(at, "\r\n") + 2) {
		size_t	i = 0;

		while (i < sizeof(ours) / sizeof(*ours) &&
		    strncmp(at, ours[i], strlen(ours[i])) != 0)
			i++;
		must(i < sizeof(ours) / sizeof(*ours));
		must(at[strcspn(at, "\r\n")] == '\r');
	}
	must(strncmp(out, "Status: ", 8) == 0);
	status = atoi(out + 8);
	length = header(out, end, "Content-Length: ");
	len -= (size_t)(end + 4 - out);
	if (strcmp(getenv("REQUEST_METHOD"), "HEAD") == 0 || status == 304)
		must(len == 0);
	else if (length != NULL)
		must((size_t)atol(length) == len);
	else
		must(len == 0 || status == 500);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char	*input = strndup((const char *)data, len), *at = input, *out = NULL;
	size_t	 out_len = 0, n = sizeof(variables) / sizeof(*variables), head;
	FILE	*in = stdin, *console = stdout;

	must(input != NULL);
	head = strlen(input);
	for (size_t i = 0; i < n; i++) {
		char	*line = at == NULL ? NULL : strsep(&at, "\n");

		must(setenv(variables[i], line != NULL ? line : "", 1) == 0);
	}
	if (at != NULL)
		head = (size_t)(at - input);
	/* The rest of the bytes, NUL and all, are the body. */
	stdin = fmemopen((void *)(data + head), len - head, "r");
	stdout = open_memstream(&out, &out_len);
	must(stdin != NULL && stdout != NULL);
	must(http_serve(&settings, BODY_MAX, serve, NULL) == 0);
	must(fclose(stdout) == 0 && fclose(stdin) == 0);
	stdin = in;
	stdout = console;
	check_answer(out, out_len);
	free(out);
	free(input);
	return 0;
}
