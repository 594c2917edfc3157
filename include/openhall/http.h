/*
 * http: one request and its whole response, over libfcgi or, when the program is
 * started as a plain CGI, from the environment and standard input.
 *
 * A request is a talloc context that owns everything made for it.  The response is
 * built in full and then sent with its length, so that an error can replace it.
 */
#ifndef OPENHALL_HTTP_H
#define OPENHALL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/pairs.h"
#include "openhall/settings.h"

enum method { METHOD_NONE = 0, GET, POST };	/* HEAD is a GET without its body */

/* Of a body.  The long one is for the back office: a text of MARKDOWN_MOST whose every byte is
 * escaped twice, as when it is carried through a log-in. */
enum { BODY_MAX = 128 * 1024, BODY_LONG = 1280 * 1024, BODY_PAIRS_MAX = 400 };

struct request {
	enum method		 method;
	bool			 head;
	const char		*path;		/* without the language: "/join" */
	const struct site_words	*words;		/* of the address's language */
	size_t			 lang;		/* its number among the site's */
	struct pairs		 query, body;
	const char		*cookies;	/* the Cookie header, or NULL */
	const char		*origin, *host, *fetch_site;
	const char		*if_none_match, *if_modified_since;
	const char		*address;	/* of the client, for limits only; never logged */
	time_t			 now;		/* seconds, UTC */
	const struct settings	*settings;

	/* filled by route */
	struct app		*app;
	const char		*rest, *second;	/* what stood for "*" in the route's path, and for
						   another one; or "" */
	struct token		*token;		/* of a POST that came with a good one */
	const char		*token_text;	/* what a form of the page carries: the session's,
						   the good one that came, or a new one */
	const char		*shown;		/* what its forms carry, too: which of several
						   things that this browser opened the page
						   shows; or NULL */
	struct session		*session;	/* who is logged in, or NULL */
	const char		*who;		/* their name, or NULL */
	bool			 editor;	/* they serve at the desk of statements */
	bool			 keeps_events;	/* and at that of events */

	/* the response */
	int			 status;	/* 200; a refusal when reading went wrong */
	const char		*type;		/* text/html; charset=utf-8 */
	unsigned		 max_age;	/* seconds; 0: Cache-Control: no-store */
	time_t			 modified;	/* Last-Modified; 0: none.  Only with max_age */
	const char		*etag;		/* of `out`, from http_etag(); NULL: not made */
	/* what the head of a page says of it */
	const char		*description;	/* NULL: the site's */
	const char		*canonical;	/* path, without the language; NULL: none */
	/* its path in other languages, where that is another one than `path`; and that there
	 * is no such page in that language: the path leads to another one */
	const char		*path_in[LANGUAGES_MAX];
	bool			 missing_in[LANGUAGES_MAX];
	struct buf		*headers;	/* only through http_header() */
	struct buf		*out;
};

/*
 * Add a header line.  A value with CR, LF or NUL, or a name that is not a token
 * (RFC 9110, 5.6.2), is refused: nothing is added, the fault is logged and the
 * response becomes a 500.
 */
void		 http_header(struct request *, const char *name, const char *value);

/* Whether the request was made from a page of this site: its Origin (RFC 6454) names the
 * host that was asked, or its Sec-Fetch-Site says so, or the browser sends neither. */
bool		 http_same_origin(const struct request *);

/* The strong ETag of a body (RFC 9110, 8.8.3). */
enum { HTTP_ETAG = 2 * 16 + 3 };
void		 http_etag(char out[HTTP_ETAG], const char *data, size_t len);

/* 303 See Other to `path` of this site, in the request's language. */
enum outcome	 http_see_other(struct request *, const char *path);

/* The value of cookie `name` (RFC 6265, 5.4), below the request, or NULL.  Over TLS
 * the name on the wire is "__Host-" and `name`. */
const char	*http_cookie(struct request *, const char *name);

/* Set it: HttpOnly, SameSite=Strict, Path=/, Secure over TLS.  `value` NULL takes it
 * back.  `max_age` 0: until the browser is closed. */
void		 http_set_cookie(struct request *, const char *name,
		    const char *value, unsigned max_age);

/*
 * Serve what `serve` does.  It is called with the request read, or with `status` set to
 * what is wrong with it: 400 (a body or query that is not urlencoded, or cut short), 405
 * (neither GET, HEAD nor POST), 413 (larger than `most` bytes) or 415 (not urlencoded).
 * It runs with a listening socket as descriptor 0, requests until SIGTERM or SIGINT, each
 * finished before the process leaves; otherwise the single request in the environment,
 * as plain CGI (RFC 3875).  Returns the process's exit status.
 */
int		 http_serve(const struct settings *, size_t most,
		    void (*serve)(struct request *, void *), void *arg);

#endif
