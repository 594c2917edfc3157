/*
 * route: a program's addresses as data, and the dispatcher that enforces them: method,
 * session, origin, token and fields are checked here and nowhere else.
 */
#ifndef OPENHALL_ROUTE_H
#define OPENHALL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "openhall/db.h"
#include "openhall/http.h"
#include "openhall/page.h"
#include "openhall/seal.h"
#include "openhall/token.h"

enum access {
	ACCESS_UNDECIDED = 0,	/* stops the start */
	PUBLIC,
	ENTERING,		/* who gave a password, also without a second factor so far */
	ADMIN			/* who is logged in */
};

enum guard {
	GUARD_UNDECIDED = 0,	/* stops the start */
	GUARD_NONE,		/* GET only */
	GUARD_TOKEN,		/* a POST with our origin and a token_new() of this program */
	GUARD_SESSION,		/* a POST with our origin and the session's own token */
	/* A POST of anybody, from anywhere, with whatever body: a mail program that leaves a list
	 * for its owner (RFC 8058).  No origin and no token is asked for, so what it does must
	 * rest on a secret in its address alone. */
	GUARD_ONE_CLICK
};

/* A field that a handler sees; any other does not exist for it. */
struct input {
	const char	*name;
	size_t		 most;		/* bytes; a longer one is answered with 422 */
};

struct route {
	enum method		 method;
	const char		*path;		/* "/join"; a "*", of which there may be two, stands
						   for one segment, of ASCII */
	enum outcome		(*run)(struct request *);
	/* Shows the form again, with its values, when the token is not (any more) a good
	 * one; NULL: 403.  A POST from elsewhere is 403 in any case. */
	enum outcome		(*again)(struct request *);
	enum access		 access;
	enum guard		 guard;
	const struct input	*inputs;	/* of the query (GET, GUARD_ONE_CLICK) or the body
						   (POST), ended by a NULL name; NULL: none */
	bool			 marks;		/* a GET that may note that it was seen */
	bool			 form;		/* the body is a form's: form_parse() takes what
						   the form file declares */
};

struct app;

struct program {
	const char		*name;		/* "join" */
	const char		*account;	/* of the database: "openhall_join" */
	const struct route	*routes;
	size_t			 n_routes;
	size_t			 body_most;	/* bytes of a body; 0: BODY_MAX */
	const struct db_set	*sets;
	size_t			 n_sets;
	/* Read and compile all that the program needs; log_stop() when it is wrong. */
	void			(*start)(struct app *);
	/* Find who is logged in or entering, into rq->session; whether that one is in; and
	 * answer a request that needs to be.  NULL where every route is PUBLIC. */
	enum outcome		(*identify)(struct request *);
	bool			(*is_in)(const struct request *);
	enum outcome		(*ask_login)(struct request *);
	const char		*(*session_token)(const struct request *);
};

struct app {
	const struct program	*program;
	const struct settings	*settings;
	struct db		*db;
	struct key		 form_key;
	struct page		 message;	/* what an error is told with */
	void			*own;		/* what start() made */
};

/*
 * The main of every FastCGI program: options (`-c FILE`, `--check`: start, prepare every
 * statement, leave), settings, keys, templates, then requests.  Returns the exit status.
 */
int		 route_main(int argc, char *argv[], const struct program *);

#endif
