/*
 * test_http.c: one request and its answer, as plain CGI: what is read of it, what is
 * refused, and what every answer holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "child.h"
#include "openhall/http.h"

#define URLENCODED	"CONTENT_TYPE=application/x-www-form-urlencoded"

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" },
	{ .lang = "es", .prefix = "/es" },
	{ .lang = "pt-br", .prefix = "/pt-br" },
};
static const struct settings	plain = { .words = words, .n_words = 3 };
static const struct settings	secure = { .words = words, .n_words = 3, .secure = true };

/* ---- a request that is served in another process ---- */

typedef void	handler(struct request *, void *);

struct service {
	const struct settings	*settings;
	handler			*run;
};

static int
serve(void *arg)
{
	const struct service	*service = arg;

	return http_serve(service->settings, BODY_MAX, service->run, NULL);
}

static void
ask_with(struct child *child, const struct settings *settings, handler *run,
    const char *const *env, const void *body, size_t len)
{
	struct service	service = { settings, run };

	child_run(child, env, body, len, serve, &service);
	assert_int_equal(child->status, 0);
	assert_memory_equal(child->out, "Status: ", 8);
	assert_non_null(strstr(child->out, "\r\n\r\n"));
}

/* ask(child, run, "NAME=value", ...) */
#define ask(child, run, ...) \
	ask_with(child, &plain, run, (const char *const[]){ __VA_ARGS__, NULL }, "", 0)

static const char *
body_of(const struct child *child)
{
	return strstr(child->out, "\r\n\r\n") + 4;
}

static bool
has_header(const struct child *child, const char *line)
{
	char		*crlf_line = talloc_asprintf(NULL, "\r\n%s\r\n", line);
	const char	*at = strstr(child->out, crlf_line);
	bool		 has = at != NULL && at < body_of(child);

	talloc_free(crlf_line);
	return has;
}

/* Whether a header of this name is there. */
static bool
has_any(const struct child *child, const char *name)
{
	char		*begin = talloc_asprintf(NULL, "\r\n%s:", name);
	const char	*at = strstr(child->out, begin);
	bool		 has = at != NULL && at < body_of(child);

	talloc_free(begin);
	return has;
}

/* ---- what is read ---- */

/* Say what the request is. */
static void
tell(struct request *rq, void *arg)
{
	(void)arg;
	buf_fmt(rq->out, "%d %s%s %s [%zu] %s", rq->status, rq->method == GET ? "GET" :
	    rq->method == POST ? "POST" : "none", rq->head ? "+HEAD" : "", rq->words->lang,
	    rq->lang, rq->path);
	for (size_t i = 0; i < rq->query.n; i++)
		buf_fmt(rq->out, " ?%s=%s", rq->query.at[i].name, rq->query.at[i].value);
	for (size_t i = 0; i < rq->body.n; i++)
		buf_fmt(rq->out, " %s=%s", rq->body.at[i].name, rq->body.at[i].value);
	if (rq->head)
		http_header(rq, "X-Told", rq->out->data);
	rq->status = 200;
}

static const struct { const char *uri, *want; } paths[] = {
	{ "DOCUMENT_URI=/",		"200 GET en [0] /" },
	{ "DOCUMENT_URI=/join",		"200 GET en [0] /join" },
	{ "DOCUMENT_URI=/es",		"200 GET es [1] /" },
	{ "DOCUMENT_URI=/es/",		"200 GET es [1] /" },
	{ "DOCUMENT_URI=/es/join",	"200 GET es [1] /join" },
	{ "DOCUMENT_URI=/es/es",	"200 GET es [1] /es" },
	{ "DOCUMENT_URI=/es//join",	"200 GET es [1] //join" },
	{ "DOCUMENT_URI=/esx",		"200 GET en [0] /esx" },
	{ "DOCUMENT_URI=/es-mx/join",	"200 GET en [0] /es-mx/join" },
	{ "DOCUMENT_URI=/es.html",	"200 GET en [0] /es.html" },
	{ "DOCUMENT_URI=/e",		"200 GET en [0] /e" },
	{ "DOCUMENT_URI=/ES/join",	"200 GET en [0] /ES/join" },
	{ "DOCUMENT_URI=/en/join",	"200 GET en [0] /en/join" },
	{ "DOCUMENT_URI=//es/join",	"200 GET en [0] //es/join" },
	{ "DOCUMENT_URI=/join/es",	"200 GET en [0] /join/es" },
	{ "DOCUMENT_URI=/pt-br/join",	"200 GET pt-br [2] /join" },
	{ "DOCUMENT_URI=/pt-br",	"200 GET pt-br [2] /" },
	{ "DOCUMENT_URI=/pt/join",	"200 GET en [0] /pt/join" },
	{ "DOCUMENT_URI=",		"200 GET en [0] " },
	{ "X=",				"200 GET en [0] /" },
};

static void
test_paths(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		ask(&child, tell, paths[i].uri);
		assert_string_equal(body_of(&child), paths[i].want);
	}
}

static const struct { const char *method, *query, *want; } methods[] = {
	{ "REQUEST_METHOD=GET",		"X=",			"200 GET en [0] /" },
	{ "X=",				"X=",			"200 GET en [0] /" },
	{ "REQUEST_METHOD=GET",		"QUERY_STRING=",	"200 GET en [0] /" },
	{ "REQUEST_METHOD=GET",		"QUERY_STRING=a=1&b=%C3%B1+c",
	  "200 GET en [0] / ?a=1 ?b=\xC3\xB1 c" },
	{ "REQUEST_METHOD=GET",		"QUERY_STRING=a=%",	"400 GET en [0] /" },
	{ "REQUEST_METHOD=GET",		"QUERY_STRING=a=%00",	"400 GET en [0] /" },
	{ "REQUEST_METHOD=GET",		"QUERY_STRING=a=%FF",	"400 GET en [0] /" },
	{ "REQUEST_METHOD=POST",	"QUERY_STRING=a=%",	"400 POST en [0] /" },
	{ "REQUEST_METHOD=POST",	"QUERY_STRING=a=1",	"200 POST en [0] / ?a=1" },
	{ "REQUEST_METHOD=PUT",		"QUERY_STRING=a=1",	"405 none en [0] /" },
	{ "REQUEST_METHOD=DELETE",	"X=",			"405 none en [0] /" },
	{ "REQUEST_METHOD=OPTIONS",	"X=",			"405 none en [0] /" },
	{ "REQUEST_METHOD=TRACE",	"X=",			"405 none en [0] /" },
	{ "REQUEST_METHOD=get",		"X=",			"405 none en [0] /" },
	{ "REQUEST_METHOD=GETX",	"X=",			"405 none en [0] /" },
	{ "REQUEST_METHOD=",		"X=",			"405 none en [0] /" },
};

static void
test_methods(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		ask(&child, tell, methods[i].method, methods[i].query);
		assert_string_equal(body_of(&child), methods[i].want);
	}
}

/* A body, its length as told and its type; what is said of it. */
static const struct { const char *body, *length, *type, *want; } bodies[] = {
	{ "",		"X=",			"X=",		"200 POST en [0] /" },
	{ "",		"CONTENT_LENGTH=",	"X=",		"200 POST en [0] /" },
	{ "",		"CONTENT_LENGTH=0",	"X=",		"200 POST en [0] /" },
	{ "a=1&b=2",	"CONTENT_LENGTH=7",	URLENCODED,	"200 POST en [0] / a=1 b=2" },
	{ "a=%0D%0Ab",	"CONTENT_LENGTH=9",	URLENCODED,	"200 POST en [0] / a=\r\nb" },
	/* not one byte more than was told */
	{ "a=1&b=2",	"CONTENT_LENGTH=3",	URLENCODED,	"200 POST en [0] / a=1" },
	{ "a=1&b=2",	"CONTENT_LENGTH=0",	URLENCODED,	"200 POST en [0] /" },
	{ "a=1&b=2",	"X=",			URLENCODED,	"200 POST en [0] /" },
	/* cut short */
	{ "a=1&b=2",	"CONTENT_LENGTH=8",	URLENCODED,	"400 POST en [0] /" },
	{ "",		"CONTENT_LENGTH=1",	URLENCODED,	"400 POST en [0] /" },
	/* no length */
	{ "a=1",	"CONTENT_LENGTH=-3",	URLENCODED,	"400 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3x",	URLENCODED,	"400 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=x",	URLENCODED,	"400 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=0x3",	URLENCODED,	"400 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3,3",	URLENCODED,	"400 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=18446744073709551619", URLENCODED,
	  "400 POST en [0] /" },
	/* too long, before it is read */
	{ "a=1",	"CONTENT_LENGTH=131073", URLENCODED,	"413 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=4294967299", URLENCODED, "413 POST en [0] /" },
	/* no urlencoded text */
	{ "a=%",	"CONTENT_LENGTH=3",	URLENCODED,	"400 POST en [0] /" },
	{ "a=%00",	"CONTENT_LENGTH=5",	URLENCODED,	"400 POST en [0] /" },
	{ "a=\xFF",	"CONTENT_LENGTH=3",	URLENCODED,	"400 POST en [0] /" },
	/* its type */
	{ "a=1",	"CONTENT_LENGTH=3",	URLENCODED "; charset=UTF-8",
	  "200 POST en [0] / a=1" },
	{ "a=1",	"CONTENT_LENGTH=3",	URLENCODED ";charset=UTF-8",
	  "200 POST en [0] / a=1" },
	{ "a=1",	"CONTENT_LENGTH=3",	"CONTENT_TYPE=Application/X-WWW-Form-URLEncoded",
	  "200 POST en [0] / a=1" },
	{ "a=1",	"CONTENT_LENGTH=3",	"X=",		"415 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3",	"CONTENT_TYPE=", "415 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3",	URLENCODED "x",	"415 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3",	"CONTENT_TYPE=application/x-www-form",
	  "415 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3",	"CONTENT_TYPE=text/plain", "415 POST en [0] /" },
	{ "a=1",	"CONTENT_LENGTH=3",	"CONTENT_TYPE=multipart/form-data; boundary=x",
	  "415 POST en [0] /" },
	{ "{}",		"CONTENT_LENGTH=2",	"CONTENT_TYPE=application/json",
	  "415 POST en [0] /" },
};

static void
test_bodies(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		ask_with(&child, &plain, tell, (const char *const[]){
		    "REQUEST_METHOD=POST", bodies[i].length, bodies[i].type, NULL },
		    bodies[i].body, strlen(bodies[i].body));
		assert_string_equal(body_of(&child), bodies[i].want);
	}
	/* a GET has none, whatever is said */
	ask_with(&child, &plain, tell, (const char *const[]){ "REQUEST_METHOD=GET",
	    "CONTENT_LENGTH=3", URLENCODED, NULL }, "a=1", 3);
	assert_string_equal(body_of(&child), "200 GET en [0] /");
	/* and a NUL ends no body */
	ask_with(&child, &plain, tell, (const char *const[]){ "REQUEST_METHOD=POST",
	    "CONTENT_LENGTH=5", URLENCODED, NULL }, "a=1\0b", 5);
	assert_string_equal(body_of(&child), "400 POST en [0] /");
}

/* The largest body, and the one with the most pairs. */
static void
test_body_limits(void **state)
{
	static char	body[BODY_MAX + 1];
	char		length[64];
	struct child	child;

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, "a=", 2);
	for (size_t len = BODY_MAX; len <= BODY_MAX + 1; len++) {
		snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", len);
		ask_with(&child, &plain, tell, (const char *const[]){
		    "REQUEST_METHOD=POST", length, URLENCODED, NULL }, body, len);
		if (len == BODY_MAX) {
			assert_memory_equal(body_of(&child), "200 POST en [0] / a=xxx", 23);
			assert_int_equal(strlen(body_of(&child)), BODY_MAX + 18);
		} else {
			assert_string_equal(body_of(&child), "413 POST en [0] /");
		}
	}
	for (size_t n = BODY_PAIRS_MAX; n <= BODY_PAIRS_MAX + 1; n++) {
		const char	*want = n == BODY_PAIRS_MAX ? "200 POST en" : "400 POST en";

		for (size_t i = 0; i < n; i++)
			memcpy(body + 2 * i, "a&", 2);
		snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", 2 * n);
		ask_with(&child, &plain, tell, (const char *const[]){
		    "REQUEST_METHOD=POST", length, URLENCODED, NULL }, body, 2 * n);
		assert_memory_equal(body_of(&child), want, strlen(want));
	}
}

/* ---- what is answered ---- */

static void
hello(struct request *rq, void *arg)
{
	(void)arg;
	buf_str(rq->out, "Hello");
}

static void
cached(struct request *rq, void *arg)
{
	hello(rq, arg);
	rq->max_age = 60;
}

static void
cached_other(struct request *rq, void *arg)
{
	cached(rq, arg);
	buf_str(rq->out, "!");
}

static void
cached_missing(struct request *rq, void *arg)
{
	cached(rq, arg);
	rq->status = 404;
}

static void
feed(struct request *rq, void *arg)
{
	hello(rq, arg);
	rq->type = "application/rss+xml";
	http_header(rq, "Link", "</join>; rel=next");
	http_header(rq, "Link", "</>; rel=up");
}

static void
test_answers(void **state)
{
	struct child	child;

	(void)state;
	ask(&child, hello, "REQUEST_METHOD=GET");
	assert_string_equal(child.out, "Status: 200\r\n"
	    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n"
	    "Cache-Control: no-store\r\n\r\nHello");
	/* HEAD has the same head, and nothing behind it */
	ask(&child, hello, "REQUEST_METHOD=HEAD");
	assert_string_equal(child.out, "Status: 200\r\n"
	    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n"
	    "Cache-Control: no-store\r\n\r\n");
	ask(&child, feed, "REQUEST_METHOD=GET");
	assert_string_equal(child.out, "Status: 200\r\n"
	    "Content-Type: application/rss+xml\r\nContent-Length: 5\r\n"
	    "Cache-Control: no-store\r\nLink: </join>; rel=next\r\nLink: </>; rel=up\r\n"
	    "\r\nHello");
	assert_int_equal(child.err_len, 0);
	ask(&child, tell, "REQUEST_METHOD=HEAD", "DOCUMENT_URI=/es/x");
	assert_true(has_header(&child, "X-Told: 200 GET+HEAD es [1] /x"));
	assert_string_equal(body_of(&child), "");
}

static void
see_other(struct request *rq, void *arg)
{
	(void)arg;
	if (http_see_other(rq, "/receipt") != OUT_OK)
		rq->status = 500;
}

static void
test_see_other(void **state)
{
	struct child	child;

	(void)state;
	ask(&child, see_other, "REQUEST_METHOD=POST", "DOCUMENT_URI=/join");
	assert_memory_equal(child.out, "Status: 303\r\n", 13);
	assert_true(has_header(&child, "Location: /receipt"));
	assert_true(has_header(&child, "Cache-Control: no-store"));
	assert_string_equal(body_of(&child), "");
	ask(&child, see_other, "REQUEST_METHOD=POST", "DOCUMENT_URI=/es/join");
	assert_true(has_header(&child, "Location: /es/receipt"));
}

/* The answer's ETag, quotes and all. */
static void
etag_of(const struct child *child, char etag[64])
{
	const char	*at = strstr(child->out, "\r\nETag: ");

	assert_non_null(at);
	snprintf(etag, 64, "%.*s", (int)strcspn(at + 8, "\r\n"), at + 8);
	assert_int_equal(*etag, '"');
	assert_int_equal(strlen(etag), 34);
	assert_int_equal(strspn(etag + 1, "0123456789abcdef"), 32);
}

/* What a browser that has the page says before and behind the page's ETag. */
static const struct { const char *before, *behind; } matches[] = {
	{ "",			"" },
	{ "W/",			"" },
	{ "\"other\", ",	"" },
	{ "",			", \"other\"" },
	{ "W/\"other\",W/",	",\"third\"" },
};

static void
test_etags(void **state)
{
	struct child	child;
	char		etag[64], other[64], match[256];

	(void)state;
	ask(&child, cached_other, "REQUEST_METHOD=GET");
	etag_of(&child, other);
	ask(&child, cached, "REQUEST_METHOD=GET");
	etag_of(&child, etag);
	assert_string_not_equal(etag, other);
	assert_true(has_header(&child, "Cache-Control: public, max-age=60"));
	assert_true(has_header(&child, "Content-Length: 5"));
	assert_string_equal(body_of(&child), "Hello");
	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		snprintf(match, sizeof(match), "HTTP_IF_NONE_MATCH=%s%s%s",
		    matches[i].before, etag, matches[i].behind);
		ask(&child, cached, "REQUEST_METHOD=GET", match);
		/* what a 200 would carry, but nothing about a body: RFC 9110, 15.4.5 */
		assert_memory_equal(child.out, "Status: 304\r\n", 13);
		snprintf(match, sizeof(match), "ETag: %s", etag);
		assert_true(has_header(&child, match));
		assert_true(has_header(&child, "Cache-Control: public, max-age=60"));
		assert_false(has_any(&child, "Content-Length"));
		assert_false(has_any(&child, "Content-Type"));
		assert_string_equal(body_of(&child), "");
	}
	/* the other page's, or half of this one's */
	snprintf(match, sizeof(match), "HTTP_IF_NONE_MATCH=%s, %.20s\"", other, etag);
	ask(&child, cached, "REQUEST_METHOD=GET", match);
	assert_memory_equal(child.out, "Status: 200\r\n", 13);
	assert_string_equal(body_of(&child), "Hello");
	/* what may not be kept has none; neither has an error */
	ask(&child, hello, "REQUEST_METHOD=GET");
	assert_false(has_any(&child, "ETag"));
	ask(&child, cached_missing, "REQUEST_METHOD=GET");
	assert_false(has_any(&child, "ETag"));
}

/* ---- dates ---- */

enum { WHEN = 784111777 };	/* Sun, 06 Nov 1994 08:49:37 GMT */

static void
dated(struct request *rq, void *arg)
{
	cached(rq, arg);
	rq->modified = WHEN;
}

/* What changed in this very second may change once more. */
static void
dated_now(struct request *rq, void *arg)
{
	cached(rq, arg);
	rq->modified = rq->now;
}

static void
dated_private(struct request *rq, void *arg)
{
	hello(rq, arg);
	rq->modified = WHEN;
}

static const struct { const char *since; bool same; } dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT",	true },
	{ "Sunday, 06-Nov-94 08:49:37 GMT",	true },
	{ "Sun Nov  6 08:49:37 1994",		true },
	{ "Sun, 06 Nov 1994 08:49:38 GMT",	true },
	{ "Mon, 07 Nov 2033 00:00:00 GMT",	true },
	{ "Sun, 06 Nov 1994 08:49:36 GMT",	false },
	{ "Thu, 01 Jan 1970 00:00:00 GMT",	false },
	/* none */
	{ "",					false },
	{ "now",				false },
	{ "Sun, 06 Nov 2033",			false },
	{ "Sun, 06 Nov 2033 08:49:37",		false },
	{ "Sun, 06 Nov 2033 08:49:37 +0100",	false },
	{ "Sun, 06 Nov 2033 08:49:37 GMT, x",	false },
	{ "Sun, 36 Nov 2033 08:49:37 GMT",	false },
	{ "2033-11-06T08:49:37Z",		false },
};

static void
test_dates(void **state)
{
	static const char	last[] = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
	struct child		child;
	char			etag[64], since[128], match[128];

	(void)state;
	ask(&child, dated, "REQUEST_METHOD=GET");
	assert_memory_equal(child.out, "Status: 200\r\n", 13);
	assert_true(has_header(&child, last));
	etag_of(&child, etag);
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		print_message("# %s\n", dates[i].since);
		snprintf(since, sizeof(since), "HTTP_IF_MODIFIED_SINCE=%s", dates[i].since);
		ask(&child, dated, "REQUEST_METHOD=GET", since);
		assert_memory_equal(child.out, dates[i].same ? "Status: 304\r\n" :
		    "Status: 200\r\n", 13);
		assert_true(has_header(&child, last));
		assert_string_equal(body_of(&child), dates[i].same ? "" : "Hello");
		/* an ETag decides alone */
		ask(&child, dated, "REQUEST_METHOD=GET", since, "HTTP_IF_NONE_MATCH=\"other\"");
		assert_memory_equal(child.out, "Status: 200\r\n", 13);
		snprintf(match, sizeof(match), "HTTP_IF_NONE_MATCH=%s", etag);
		ask(&child, dated, "REQUEST_METHOD=GET", since, match);
		assert_memory_equal(child.out, "Status: 304\r\n", 13);
	}
	snprintf(since, sizeof(since), "HTTP_IF_MODIFIED_SINCE=%s", dates[0].since);
	ask(&child, dated_private, "REQUEST_METHOD=GET", since);
	assert_memory_equal(child.out, "Status: 200\r\n", 13);
	assert_false(has_any(&child, "Last-Modified"));
	ask(&child, dated_now, "REQUEST_METHOD=GET",
	    "HTTP_IF_MODIFIED_SINCE=Mon, 07 Nov 2033 00:00:00 GMT");
	assert_memory_equal(child.out, "Status: 200\r\n", 13);
	assert_false(has_any(&child, "Last-Modified"));
}

/* ---- headers ---- */

static struct request *
request(const struct settings *settings)
{
	struct request	*rq = talloc_zero(NULL, struct request);

	rq->settings = settings;
	rq->words = &words[0];
	rq->status = 200;
	rq->headers = buf_new(rq, 64);
	rq->out = buf_new(rq, 64);
	return rq;
}

static const struct { const char *name, *value, *want; } headers[] = {
	{ "Link",		"x",		"Link: x\r\n" },
	{ "Link",		"",		"Link: \r\n" },
	{ "x!#$%&'*+-.^_`|~9",	"\xC3\xB1 \t:",	"x!#$%&'*+-.^_`|~9: \xC3\xB1 \t:\r\n" },
	{ "Link",		"a\r\nSet-Cookie: b",	NULL },
	{ "Link",		"a\nSet-Cookie: b",	NULL },
	{ "Link",		"a\rSet-Cookie: b",	NULL },
	{ "Link",		"a\n",			NULL },
	{ "Link",		"\r",			NULL },
	{ "",			"a",			NULL },
	{ "Li nk",		"a",			NULL },
	{ "Link:",		"a",			NULL },
	{ "Link\r\nX",		"a",			NULL },
	{ "L\xC3\xADnk",	"a",			NULL },
	{ "Link\"",		"a",			NULL },
	{ "Li/nk",		"a",			NULL },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		struct request	*rq = request(&plain);

		if (headers[i].want != NULL) {
			http_header(rq, headers[i].name, headers[i].value);
			assert_string_equal(rq->headers->data, headers[i].want);
			assert_false(rq->headers->failed);
			talloc_free(rq);
			continue;
		}
		http_header(rq, "First", "1");
		http_header(rq, headers[i].name, headers[i].value);
		assert_string_equal(rq->headers->data, "First: 1\r\n");
		assert_true(rq->headers->failed);
		talloc_free(rq);
	}
}

/* A handler that does not see that its header was refused. */
static void
inject(struct request *rq, void *arg)
{
	(void)arg;
	http_see_other(rq, "/\r\nSet-Cookie: a=b\r\n\r\n<script>");
	buf_str(rq->out, "secret");
	rq->status = 200;
}

static void
inject_cookie(struct request *rq, void *arg)
{
	(void)arg;
	http_set_cookie(rq, "a", "b\r\nX-Stranger: 1", 0);
	rq->status = 200;
}

static void
test_injection(void **state)
{
	static handler *const	handlers[] = { inject, inject_cookie };
	struct child		child;

	(void)state;
	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		ask(&child, handlers[i], "REQUEST_METHOD=GET");
		assert_memory_equal(child.out, "Status: 500\r\n", 13);
		assert_false(has_any(&child, "Set-Cookie"));
		assert_false(has_any(&child, "Location"));
		assert_null(strstr(child.out, "Stranger"));
		assert_null(strstr(child.out, "script"));
		assert_null(strstr(child.out, "secret"));
		assert_true(has_header(&child, "Cache-Control: no-store"));
		assert_non_null(strstr(child.err, "event=header_refused"));
	}
}

/* No memory for a part of the answer: none of it is sent. */
static void
half(struct request *rq, void *arg)
{
	(void)arg;
	buf_str(rq->out, "half a page");
	buf_add(rq->out, "x", SIZE_MAX);
	buf_str(rq->out, "the other half");
}

static void
test_half(void **state)
{
	struct child	child;

	(void)state;
	ask(&child, half, "REQUEST_METHOD=GET");
	assert_memory_equal(child.out, "Status: 500\r\n", 13);
	assert_null(strstr(child.out, "half"));
	assert_string_not_equal(body_of(&child), "");
	ask(&child, half, "REQUEST_METHOD=HEAD");
	assert_memory_equal(child.out, "Status: 500\r\n", 13);
	assert_string_equal(body_of(&child), "");
}

/* ---- cookies ---- */

static const struct { const char *cookies, *want, *want_secure; } cookies[] = {
	{ NULL,				NULL,		NULL },
	{ "",				NULL,		NULL },
	{ "receipt=a",			"a",		NULL },
	{ "__Host-receipt=b",		NULL,		"b" },
	{ "receipt=a; __Host-receipt=b", "a",		"b" },
	{ "__Host-receipt=b;receipt=a",	"a",		"b" },
	{ "x=1; receipt=a; y=2",	"a",		NULL },
	{ "x=1;receipt=a;y=2",		"a",		NULL },
	{ "x=1;   receipt=a",		"a",		NULL },
	{ "  receipt=a",		"a",		NULL },
	{ "receipt=a b",		"a",		NULL },
	{ "receipt=a=b==",		"a=b==",	NULL },
	{ "receipt=",			"",		NULL },
	{ "receipt=;x=1",		"",		NULL },
	{ "receipt=\"a\"",		"\"a\"",	NULL },
	/* the first of two */
	{ "receipt=a; receipt=b",	"a",		NULL },
	/* no such name */
	{ "receipt",			NULL,		NULL },
	{ "receipts=a",			NULL,		NULL },
	{ "xreceipt=a",			NULL,		NULL },
	{ "Receipt=a",			NULL,		NULL },
	{ "receipt =a",			NULL,		NULL },
	{ "x=receipt=a",		NULL,		NULL },
	{ "x=1 receipt=a",		NULL,		NULL },
	{ "x=1, receipt=a",		NULL,		NULL },
	{ "__host-receipt=a",		NULL,		NULL },
	{ "__Host-__Host-receipt=a",	NULL,		NULL },
	{ ";",				NULL,		NULL },
	{ ";;;receipt=a",		"a",		NULL },
	{ "; ; ;",			NULL,		NULL },
};

static void
test_cookies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cookies) / sizeof(*cookies); i++)
		for (int tls = 0; tls < 2; tls++) {
			struct request	*rq = request(tls ? &secure : &plain);
			const char	*want = tls ? cookies[i].want_secure :
					    cookies[i].want;
			const char	*got;

			/* of exactly this size, so that a sanitizer sees more */
			rq->cookies = talloc_strdup(rq, cookies[i].cookies);
			got = http_cookie(rq, "receipt");
			if (want == NULL ? got != NULL : got == NULL ||
			    strcmp(got, want) != 0)
				fail_msg("%s: %s", cookies[i].cookies, got);
			talloc_free(rq);
		}
}

static const struct {
	bool		 tls;
	const char	*value;
	unsigned	 max_age;
	const char	*want;
} set_cookies[] = {
	{ false, "v", 0,  "Set-Cookie: c=v; Path=/; HttpOnly; SameSite=Strict\r\n" },
	{ false, "v", 60, "Set-Cookie: c=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=60\r\n" },
	{ false, NULL, 0, "Set-Cookie: c=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n" },
	{ false, NULL, 9, "Set-Cookie: c=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n" },
	{ true, "v", 0,   "Set-Cookie: __Host-c=v; Path=/; HttpOnly; SameSite=Strict;"
			  " Secure\r\n" },
	{ true, "v", 60,  "Set-Cookie: __Host-c=v; Path=/; HttpOnly; SameSite=Strict;"
			  " Max-Age=60; Secure\r\n" },
	{ true, NULL, 0,  "Set-Cookie: __Host-c=; Path=/; HttpOnly; SameSite=Strict;"
			  " Max-Age=0; Secure\r\n" },
};

static void
test_set_cookie(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(set_cookies) / sizeof(*set_cookies); i++) {
		struct request	*rq = request(set_cookies[i].tls ? &secure : &plain);

		http_set_cookie(rq, "c", set_cookies[i].value, set_cookies[i].max_age);
		assert_string_equal(rq->headers->data, set_cookies[i].want);
		talloc_free(rq);
	}
}

/* ---- where a request comes from ---- */

static const struct { const char *origin, *host, *fetch_site; bool same; } origins[] = {
	{ NULL,				"a.org",	NULL,		true },
	{ NULL,				NULL,		NULL,		true },
	{ "https://a.org",		"a.org",	NULL,		true },
	{ "http://a.org",		"a.org",	NULL,		true },
	{ "https://A.org",		"a.ORG",	NULL,		true },
	{ "http://127.0.0.1:8080",	"127.0.0.1:8080", NULL,		true },
	{ "https://a.org",		"a.org",	"same-origin",	true },
	{ NULL,				"a.org",	"same-origin",	true },
	/* another's */
	{ "https://b.org",		"a.org",	NULL,		false },
	{ "https://a.org.b.org",	"a.org",	NULL,		false },
	{ "https://b.org/a.org",	"a.org",	NULL,		false },
	{ "https://xa.org",		"a.org",	NULL,		false },
	{ "https://a.or",		"a.org",	NULL,		false },
	{ "https://a.org:8443",		"a.org",	NULL,		false },
	{ "https://a.org",		"a.org:8443",	NULL,		false },
	{ "https://a.org/",		"a.org",	NULL,		false },
	{ "https://b.org/?://a.org",	"a.org",	NULL,		false },
	{ "a.org",			"a.org",	NULL,		false },
	{ "//a.org",			"a.org",	NULL,		false },
	{ "null",			"a.org",	NULL,		false },
	{ "null",			"null",		NULL,		false },
	{ "",				"a.org",	NULL,		false },
	{ "",				"",		NULL,		false },
	{ "https://a.org",		NULL,		NULL,		false },
	{ "https://a.org",		"",		NULL,		false },
	/* the origin says more than Sec-Fetch-Site */
	{ "https://b.org",		"a.org",	"same-origin",	false },
	{ "null",			"a.org",	"same-origin",	false },
	{ NULL,				"a.org",	"same-site",	false },
	{ NULL,				"a.org",	"cross-site",	false },
	{ NULL,				"a.org",	"none",		false },
	{ NULL,				"a.org",	"",		false },
	{ NULL,				"a.org",	"Same-Origin",	false },
	{ NULL,				"a.org",	"same-origin ",	false },
};

static void
test_same_origin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(*origins); i++) {
		struct request	rq = {
			.origin = origins[i].origin, .host = origins[i].host,
			.fetch_site = origins[i].fetch_site,
		};

		if (http_same_origin(&rq) != origins[i].same)
			fail_msg("%s %s %s", origins[i].origin, origins[i].host,
			    origins[i].fetch_site);
	}
}

/* Each is read from its own variable. */
static void
tell_headers(struct request *rq, void *arg)
{
	(void)arg;
	buf_fmt(rq->out, "%s %s %s %s %s %s %s", rq->cookies, rq->origin, rq->host,
	    rq->fetch_site, rq->if_none_match, rq->address,
	    labs((long)(rq->now - time(NULL))) <= 1 ? "now" : "then");
}

static void
test_variables(void **state)
{
	struct child	child;

	(void)state;
	ask(&child, tell_headers, "HTTP_COOKIE=c", "HTTP_ORIGIN=o", "HTTP_HOST=h",
	    "HTTP_SEC_FETCH_SITE=s", "HTTP_IF_NONE_MATCH=i", "REMOTE_ADDR=a");
	assert_string_equal(body_of(&child), "c o h s i a now");
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_body_limits),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_see_other),
		cmocka_unit_test(test_etags),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_set_cookie),
		cmocka_unit_test(test_same_origin),
		cmocka_unit_test(test_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
