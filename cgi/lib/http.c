/* http.c: see openhall/http.h. */
#include "openhall/http.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"

enum {
	POOL = 512 * 1024,	/* what one request uses, without asking malloc */
	OUT_EXPECTED = 32 * 1024,
	HEADERS_EXPECTED = 512
};

/* Where a request comes from and its answer goes to: libfcgi, or plain CGI. */
struct wire {
	FCGX_Request	*fcgi;		/* NULL: the environment, stdin and stdout */
};

static const char *
wire_param(const struct wire *wire, const char *name)
{
	return wire->fcgi != NULL ? FCGX_GetParam(name, wire->fcgi->envp) :
	    getenv(name);
}

/* Read exactly `len` bytes; false when fewer came. */
static bool
wire_read(const struct wire *wire, char *to, size_t len)
{
	if (wire->fcgi != NULL)
		return FCGX_GetStr(to, (int)len, wire->fcgi->in) == (int)len &&
		    FCGX_GetError(wire->fcgi->in) == 0;
	return fread(to, 1, len, stdin) == len;
}

static void
wire_write(const struct wire *wire, const char *data, size_t len)
{
	/* A failure means that nginx has left: there is nobody to tell. */
	if (wire->fcgi != NULL)
		(void)FCGX_PutStr(data, (int)len, wire->fcgi->out);
	else
		(void)fwrite(data, 1, len, stdout);	/* allowed: plain CGI answers here */
}

/* ---- the response ---- */

void
http_header(struct request *rq, const char *name, const char *value)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";

	if (*name == '\0' || name[strspn(name, token)] != '\0' ||
	    value[strcspn(value, "\r\n")] != '\0') {
		log_error("header_refused", "name", name, NULL);
		rq->headers->failed = true;	/* whatever status is set later */
		return;
	}
	buf_str(rq->headers, name);
	buf_str(rq->headers, ": ");
	buf_str(rq->headers, value);
	buf_str(rq->headers, "\r\n");
}

enum outcome
http_see_other(struct request *rq, const char *path)
{
	const char *to = talloc_asprintf(rq, "%s%s", rq->words->prefix, path);

	if (to == NULL)
		return OUT_FAULT;
	rq->status = 303;
	http_header(rq, "Location", to);
	return OUT_OK;
}

static const char *
cookie_name(struct request *rq, const char *name)
{
	return rq->settings->secure ?
	    talloc_asprintf(rq, "__Host-%s", name) : name;
}

const char *
http_cookie(struct request *rq, const char *name)
{
	const char	*at = rq->cookies;
	size_t		 len;

	if (at == NULL || (name = cookie_name(rq, name)) == NULL)
		return NULL;
	for (len = strlen(name);; at++) {
		at += strspn(at, " ");
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return talloc_strndup(rq, at + len + 1,
			    strcspn(at + len + 1, "; "));
		if ((at = strchr(at, ';')) == NULL)
			return NULL;
	}
}

void
http_set_cookie(struct request *rq, const char *name, const char *value,
    unsigned max_age)
{
	struct buf *line = buf_new(rq, 256);

	if (line == NULL || (name = cookie_name(rq, name)) == NULL) {
		rq->headers->failed = true;
		return;
	}
	buf_fmt(line, "%s=%s; Path=/; HttpOnly; SameSite=Strict", name,
	    value != NULL ? value : "");
	if (value == NULL || max_age > 0)
		buf_fmt(line, "; Max-Age=%u", value != NULL ? max_age : 0);
	if (rq->settings->secure)
		buf_str(line, "; Secure");
	http_header(rq, "Set-Cookie", line->data);
}

bool
http_same_origin(const struct request *rq)
{
	const char *host;

	if (rq->origin != NULL)
		return rq->host != NULL &&
		    (host = strstr(rq->origin, "://")) != NULL &&
		    strcasecmp(host + 3, rq->host) == 0;
	return rq->fetch_site == NULL ||
	    strcmp(rq->fetch_site, "same-origin") == 0;
}

void
http_etag(char out[HTTP_ETAG], const char *data, size_t len)
{
	unsigned char hash[(HTTP_ETAG - 3) / 2];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)data, len, NULL, 0);
	out[0] = '"';
	sodium_bin2hex(out + 1, HTTP_ETAG - 1, hash, sizeof(hash));
	memcpy(out + HTTP_ETAG - 2, "\"", 2);
}

/* True when the visitor has it. */
static bool
add_etag(struct request *rq)
{
	char		 made[HTTP_ETAG];
	const char	*etag = rq->etag;

	if (etag == NULL) {
		http_etag(made, rq->out->data, rq->out->len);
		etag = made;
	}
	http_header(rq, "ETag", etag);
	/* A list, perhaps of weak ones: containment is the weak comparison of 13.1.2. */
	return rq->if_none_match != NULL &&
	    strstr(rq->if_none_match, etag) != NULL;
}

/* A moment as HTTP writes it, in any of the three ways (RFC 9110, 5.6.7); -1: it is none. */
static time_t
read_date(const char *text)
{
	static const char *const ways[] = { "%a, %d %b %Y %H:%M:%S GMT",
	    "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y" };

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct tm	tm = { 0 };
		const char	*end = strptime(text, ways[i], &tm);

		if (end != NULL && *end == '\0')
			return timegm(&tm);
	}
	return -1;
}

/* Last-Modified; true when the visitor has nothing older, and no ETag decides (RFC 9110,
 * 8.8.2 and 13.1.3). */
static bool
add_modified(struct request *rq)
{
	char		text[sizeof("Sun, 06 Nov 1994 08:49:37 GMT")];
	struct tm	tm;

	/* Within the same second it may change again, unseen. */
	if (rq->modified <= 0 || rq->modified >= rq->now ||
	    gmtime_r(&rq->modified, &tm) == NULL ||
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		return false;
	http_header(rq, "Last-Modified", text);
	return rq->if_none_match == NULL && rq->if_modified_since != NULL &&
	    read_date(rq->if_modified_since) >= rq->modified;
}

/* Whether the visitor has this page already; says by what they know it again. */
static bool
is_known(struct request *rq)
{
	bool same = add_etag(rq), old = add_modified(rq);

	return same || old;
}

static void
send_response(struct request *rq, const struct wire *wire)
{
	struct buf	*head = buf_new(rq, 1024);
	bool		 body = !rq->head;

	if (head == NULL || rq->out->failed || rq->headers->failed) {
		static const char sorry[] = "Status: 500\r\n"
		    "Content-Type: text/plain\r\nCache-Control: no-store\r\n\r\n";
		static const char text[] = "Something is broken here.\n";

		log_error("response_failed", NULL);
		wire_write(wire, sorry, sizeof(sorry) - 1);
		if (body)
			wire_write(wire, text, sizeof(text) - 1);
		return;
	}
	if (rq->status == 200 && rq->max_age > 0 && is_known(rq)) {
		rq->status = 304;
		body = false;
	}
	buf_fmt(head, "Status: %d\r\n", rq->status);
	if (rq->out->len > 0 && rq->status != 304)
		buf_fmt(head, "Content-Type: %s\r\n", rq->type);
	if (rq->status != 304)
		buf_fmt(head, "Content-Length: %zu\r\n", rq->out->len);
	if (rq->max_age > 0)
		buf_fmt(head, "Cache-Control: public, max-age=%u\r\n",
		    rq->max_age);
	else
		buf_str(head, "Cache-Control: no-store\r\n");
	buf_add(head, rq->headers->data, rq->headers->len);
	buf_str(head, "\r\n");
	wire_write(wire, head->data, head->len);
	if (body)
		wire_write(wire, rq->out->data, rq->out->len);
}

/* ---- the request ---- */

/* Take the language off the address: "/es/join" is "/join" in Spanish. */
static void
read_path(struct request *rq, const char *path)
{
	const struct settings *s = rq->settings;

	rq->path = path;
	rq->words = &s->words[0];
	for (size_t i = 1; i < s->n_words; i++) {
		size_t len = strlen(s->words[i].prefix);

		if (strncmp(path, s->words[i].prefix, len) == 0 &&
		    (path[len] == '/' || path[len] == '\0')) {
			rq->words = &s->words[i];
			rq->lang = i;
			rq->path = path[len] == '\0' ? "/" : path + len;
			return;
		}
	}
}

/* 200, or what is wrong with the request's body. */
static int
read_body(struct request *rq, const struct wire *wire, size_t most)
{
	static const char	 urlencoded[] = "application/x-www-form-urlencoded";
	const char		*type = wire_param(wire, "CONTENT_TYPE");
	const char		*length = wire_param(wire, "CONTENT_LENGTH");
	char			*body, *end;
	unsigned long		 len = 0;

	if (length != NULL && *length != '\0') {
		errno = 0;
		len = strtoul(length, &end, 10);
		if (errno != 0 || *end != '\0' || *length == '-')
			return 400;
	}
	if (len > most)
		return 413;
	if (len > 0 && (type == NULL ||
	    strncasecmp(type, urlencoded, sizeof(urlencoded) - 1) != 0 ||
	    strchr("; ", type[sizeof(urlencoded) - 1]) == NULL))
		return 415;
	if ((body = talloc_size(rq, len + 1)) == NULL)
		return 500;
	if (!wire_read(wire, body, len))
		return 400;
	return pairs_decode(rq, body, len, BODY_PAIRS_MAX, &rq->body) == OUT_OK ?
	    200 : 400;
}

/* 200, or what is wrong with the request. */
static int
read_request(struct request *rq, const struct wire *wire, size_t most)
{
	const char *method = wire_param(wire, "REQUEST_METHOD");
	const char *path = wire_param(wire, "DOCUMENT_URI");
	const char *query = wire_param(wire, "QUERY_STRING");

	read_path(rq, path != NULL ? path : "/");
	rq->cookies = wire_param(wire, "HTTP_COOKIE");
	rq->origin = wire_param(wire, "HTTP_ORIGIN");
	rq->host = wire_param(wire, "HTTP_HOST");
	rq->fetch_site = wire_param(wire, "HTTP_SEC_FETCH_SITE");
	rq->if_none_match = wire_param(wire, "HTTP_IF_NONE_MATCH");
	rq->if_modified_since = wire_param(wire, "HTTP_IF_MODIFIED_SINCE");
	rq->address = wire_param(wire, "REMOTE_ADDR");
	if (method == NULL)
		method = "GET";
	rq->head = strcmp(method, "HEAD") == 0;
	if (rq->head || strcmp(method, "GET") == 0)
		rq->method = GET;
	else if (strcmp(method, "POST") == 0)
		rq->method = POST;
	else
		return 405;
	if (query != NULL && pairs_decode(rq, query, strlen(query),
	    BODY_PAIRS_MAX, &rq->query) != OUT_OK)
		return 400;
	return rq->method == POST ? read_body(rq, wire, most) : 200;
}

static void
serve_one(TALLOC_CTX *pool, const struct settings *settings, size_t most,
    const struct wire *wire, void (*serve)(struct request *, void *), void *arg)
{
	struct request *rq = talloc_zero(pool, struct request);

	if (rq == NULL) {
		log_error("no_memory", NULL);
		return;
	}
	rq->settings = settings;
	rq->type = "text/html; charset=utf-8";
	rq->now = time(NULL);
	rq->headers = buf_new(rq, HEADERS_EXPECTED);
	rq->out = buf_new(rq, OUT_EXPECTED);
	if (rq->headers == NULL || rq->out == NULL) {
		log_error("no_memory", NULL);
	} else {
		rq->status = read_request(rq, wire, most);
		serve(rq, arg);
		send_response(rq, wire);
	}
	talloc_free(rq);
}

/* ---- the process ---- */

/*
 * One descriptor to wait at: for visitors at the socket, and for being asked to leave by
 * SIGTERM or SIGINT, which are blocked, so that no request is ever cut short.  A visitor
 * wakes one of the workers that wait (poll() would wake all), and a signal is seen also
 * when there is always another visitor.  -1: errno says why.
 */
static int
waiting_room(void)
{
	struct epoll_event	visitor = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct epoll_event	asked = { .events = EPOLLIN };
	sigset_t		signals;
	int			room = epoll_create1(EPOLL_CLOEXEC);

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	visitor.data.fd = 0;
	if (room < 0 || sigprocmask(SIG_BLOCK, &signals, NULL) < 0 ||
	    (asked.data.fd = signalfd(-1, &signals, SFD_CLOEXEC)) < 0 ||
	    epoll_ctl(room, EPOLL_CTL_ADD, 0, &visitor) < 0 ||
	    epoll_ctl(room, EPOLL_CTL_ADD, asked.data.fd, &asked) < 0)
		return -1;
	return room;
}

/* Wait for a visitor.  False: asked to leave. */
static bool
visitor_comes(int room)
{
	struct epoll_event	events[2];
	int			n;

	while ((n = epoll_wait(room, events, 2, -1)) < 0 && errno == EINTR)
		continue;
	return n == 1 && events[0].data.fd == 0;
}

/* The socket does not block, because another worker may have taken what woke this one. */
static int
serve_socket(TALLOC_CTX *pool, const struct settings *settings, size_t most,
    void (*serve)(struct request *, void *), void *arg)
{
	FCGX_Request	fcgi;
	struct wire	wire = { .fcgi = &fcgi };
	int		room, flags, got;

	if (FCGX_Init() != 0 ||
	    FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0 ||
	    (flags = fcntl(0, F_GETFL)) < 0 ||
	    fcntl(0, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    (room = waiting_room()) < 0) {
		log_error("socket", "reason", strerror(errno), NULL);
		return EXIT_FAILURE;
	}
	while (visitor_comes(room)) {
		if ((got = FCGX_Accept_r(&fcgi)) == -EAGAIN)
			continue;
		if (got != 0) {
			log_error("accept", "reason", strerror(-got), NULL);
			return EXIT_FAILURE;
		}
		serve_one(pool, settings, most, &wire, serve, arg);
		FCGX_Finish_r(&fcgi);
	}
	return EXIT_SUCCESS;
}

int
http_serve(const struct settings *settings, size_t most,
    void (*serve)(struct request *, void *), void *arg)
{
	TALLOC_CTX	*pool = talloc_pool(NULL, POOL);
	struct wire	 plain = { .fcgi = NULL };
	int		 status = EXIT_SUCCESS;

	if (pool == NULL)
		log_stop("no memory");
	if (FCGX_IsCGI())
		serve_one(pool, settings, most, &plain, serve, arg);
	else
		status = serve_socket(pool, settings, most, serve, arg);
	talloc_free(pool);
	return status;
}
