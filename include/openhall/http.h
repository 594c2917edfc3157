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

enum { BODY_MAX = 128 * 1024, BODY_PAIRS_MAX = 400 };

struct route;

struct request {
	enum method		 method;
	bool			 head;
	const char		*path;		/* without the language: "/join" */
	const struct site_words	*words;		/* of the address's language */
	struct pairs		 query, body;
	const char		*cookies;	/* the Cookie header or NULL */
	const char		*origin, *host, *fetch_site, *content_type;
	const char		*if_none_match;
	const char		*address;	/* of the client, for limits only; never logged */
	const char		*rest;		/* what followed a route's "/..." */
	size_t			 body_len;
	const char		*raw_body;
	time_t			 now;		/* seconds, UTC */

	const struct app	*app;
	const struct route	*route;
	void			*state;		/* the program's own (its database, keys) */
	struct session		*session;	/* admin only; NULL elsewhere */

	/* the response */
	int			 status;	/* 200 unless set */
	const char		*type;		/* text/html; charset=utf-8 unless set */
	bool			 cacheable;	/* false: Cache-Control: no-store */
	unsigned		 max_age;	/* seconds, when cacheable */
	struct buf		*headers;	/* only through http_header() */
	struct buf		*out;
};

/*
 * Add a header line.  A value with CR, LF or NUL, or a name that is not a token
 * (RFC 9110, 5.6.2), is refused: nothing is added, the fault is logged and the
 * response becomes a 500.
 */
void		 http_header(struct request *, const char *name, const char *value);

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
 * Serve what `serve` does: with a listening socket as descriptor 0, requests until
 * SIGTERM or SIGINT, each finished before the process leaves; otherwise the single
 * request in the environment, as plain CGI (RFC 3875).  `serve` fills the response.
 * Returns the process's exit status.
 */
int		 http_serve(const struct settings *,
		    void (*serve)(struct request *, void *), void *arg);

#endif
