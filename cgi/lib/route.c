/* route.c: see openhall/route.h. */
#include "openhall/route.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <talloc.h>

#include "openhall/log.h"

enum { STARS = 2 };

/* What stands for a "*" of a route's path; it is never empty. */
struct segment { const char *at; size_t len; };

/* Nothing of ours goes by another sign (and the store cannot compare its names with one). */
static bool
is_ascii(const struct segment *segment)
{
	for (size_t i = 0; i < segment->len; i++)
		if ((unsigned char)segment->at[i] > 0x7f)
			return false;
	return true;
}

/* Whether `path` is the route's, and its segments. */
static bool
matches(const char *pattern, const char *path, struct segment segments[STARS])
{
	for (size_t i = 0; i < STARS; i++)
		segments[i] = (struct segment){ "", 0 };
	for (size_t i = 0; i < STARS; i++) {
		const size_t len = strcspn(pattern, "*");

		if (pattern[len] == '\0')
			break;
		if (strncmp(pattern, path, len) != 0)
			return false;
		segments[i] = (struct segment){ path + len, strcspn(path + len, "/") };
		if (segments[i].len == 0 || !is_ascii(&segments[i]))
			return false;
		pattern += len + 1;
		path += len + segments[i].len;
	}
	return strcmp(pattern, path) == 0;
}

/* Keep only the inputs that the route declares. */
static enum outcome
sift(struct pairs *pairs, const struct input *inputs)
{
	size_t kept = 0;

	for (size_t i = 0; i < pairs->n; i++) {
		const struct input *in = inputs;

		while (in != NULL && in->name != NULL &&
		    strcmp(in->name, pairs->at[i].name) != 0)
			in++;
		if (in == NULL || in->name == NULL)
			continue;
		if (strlen(pairs->at[i].value) > in->most)
			return OUT_INVALID;
		pairs->at[kept++] = pairs->at[i];
	}
	pairs->n = kept;
	return OUT_OK;
}

/* A new token of this program; NULL: no memory. */
static const char *
new_token(struct request *rq)
{
	char *text = talloc_size(rq, TOKEN_TEXT);

	if (text != NULL)
		token_new(text, &rq->app->form_key, rq->app->program->name,
		    rq->now);
	return text;
}

/* Check what a page of ours carries. */
static enum outcome
check_token(struct request *rq, const struct route *route)
{
	const struct settings	*s = rq->settings;
	const char		*text = pairs_find(&rq->body, "token");
	struct token		*token;

	if (route->guard == GUARD_SESSION)
		return text != NULL && strcmp(rq->token_text, text) == 0 ?
		    OUT_OK : OUT_FORBIDDEN;
	if ((token = talloc(rq, struct token)) == NULL)
		return OUT_FAULT;
	if (token_read(token, &rq->app->form_key, rq->app->program->name,
	    text) != OUT_OK)
		return OUT_FORBIDDEN;
	/* A young one may be of a host whose clock is a little ahead. */
	if (token_age(token, rq->now, 0, s->form_greatest) == TOKEN_OLD)
		return OUT_FORBIDDEN;
	rq->token = token;
	rq->token_text = text;
	return OUT_OK;
}

/* Whether who was identified is far enough in for this page. */
static bool
may_enter(const struct request *rq, const struct route *route)
{
	switch (route->access) {
	case PUBLIC:
		return true;
	case ENTERING:
		return rq->session != NULL;
	case ADMIN:
		return rq->session != NULL && rq->app->program->is_in(rq);
	case ACCESS_UNDECIDED:
		break;
	}
	return false;
}

/* Whether what comes is a form of ours that was sent. */
static bool
is_form(const struct route *route)
{
	return route->method == POST && route->guard != GUARD_ONE_CLICK;
}

static enum outcome
run(struct request *rq, const struct route *route)
{
	const struct program	*program = rq->app->program;
	enum outcome		 got = OUT_OK;

	/* Before anything that shows what was sent again: a page elsewhere must not be able
	 * to put words into a form of ours. */
	if (is_form(route) && !http_same_origin(rq))
		return OUT_FORBIDDEN;
	db_write(rq->app->db, false);
	if (route->access != PUBLIC && (got = program->identify(rq)) != OUT_OK)
		return got;
	if (rq->session != NULL)
		rq->token_text = program->session_token(rq);
	if (is_form(route) && (route->access == PUBLIC || rq->session != NULL))
		got = check_token(rq, route);
	if (rq->token_text == NULL)
		rq->token_text = new_token(rq);
	if (!may_enter(rq, route))
		return program->ask_login(rq);
	if (!is_form(route))
		rq->body.n = 0;
	/* What a form declares is sifted by form_parse(). */
	if (!route->form && (got == OUT_OK || got == OUT_FORBIDDEN) &&
	    sift(is_form(route) ? &rq->body : &rq->query, route->inputs) != OUT_OK)
		return OUT_INVALID;
	if (got == OUT_FORBIDDEN && route->again != NULL)
		return route->again(rq);
	if (got != OUT_OK)
		return got;
	if (route->method == POST || route->marks)
		db_write(rq->app->db, true);
	return route->run(rq);
}

/* The route for this path and method; NULL and 404 or 405. */
static const struct route *
route_find(struct request *rq, int *status)
{
	const struct program	*program = rq->app->program;
	bool			 get = false, post = false;

	for (size_t i = 0; i < program->n_routes; i++) {
		const struct route	*route = &program->routes[i];
		struct segment		 at[STARS];

		if (!matches(route->path, rq->path, at))
			continue;
		if (route->method == rq->method) {
			rq->rest = talloc_strndup(rq, at[0].at, at[0].len);
			rq->second = talloc_strndup(rq, at[1].at, at[1].len);
			return route;
		}
		get = get || route->method == GET;
		post = post || route->method == POST;
	}
	*status = get || post ? 405 : 404;
	if (*status == 405)
		http_header(rq, "Allow", !post ? "GET, HEAD" :
		    !get ? "POST" : "GET, HEAD, POST");
	return NULL;
}

/* Answer with a calm page that says what `status` means and what to do. */
static void
refuse(struct request *rq, int status)
{
	buf_reset(rq->out);
	rq->max_age = 0;
	/* The address of a page that is not there is nowhere, in no language. */
	if (status == 404)
		rq->path = NULL;
	if (status == 503)
		http_header(rq, "Retry-After", "30");
	if (page_send(rq, &rq->app->message, page_fault_view(rq, rq->words,
	    status), status) != OUT_OK)
		rq->status = 500;
}

static void
serve(struct request *rq, void *arg)
{
	const struct route	*route;
	enum outcome		 got;
	int			 status = rq->status;

	rq->app = arg;
	rq->status = 200;
	if (status == 200 || status == 405 || status == 415) {
		route = route_find(rq, &status);
		/* A body that nobody here can read is for one who does not look at it. */
		if (route != NULL && (status != 415 ||
		    route->guard == GUARD_ONE_CLICK)) {
			if ((got = run(rq, route)) == OUT_OK)
				return;
			status = outcome_status(got);
			buf_reset(rq->headers);
			if (got == OUT_FAULT)
				log_error("fault", "route", route->path, NULL);
		}
	}
	refuse(rq, status);
}

/* A program whose routes are undecided does not start. */
static void
check_routes(const struct program *program)
{
	for (size_t i = 0; i < program->n_routes; i++) {
		const struct route *r = &program->routes[i];

		if (r->method == METHOD_NONE || r->path == NULL ||
		    r->run == NULL || r->access == ACCESS_UNDECIDED ||
		    r->guard == GUARD_UNDECIDED ||
		    (r->method == GET) != (r->guard == GUARD_NONE) ||
		    (r->marks && r->method != GET) ||
		    (r->guard == GUARD_ONE_CLICK && r->access != PUBLIC) ||
		    (r->guard == GUARD_SESSION && (r->access == PUBLIC ||
		    program->session_token == NULL)) ||
		    (r->access != PUBLIC && (program->identify == NULL ||
		    program->is_in == NULL || program->ask_login == NULL)))
			log_stop("route %zu (%s) is undecided", i,
			    r->path != NULL ? r->path : "no path");
	}
}

int
route_main(int argc, char *argv[], const struct program *program)
{
	struct app	*app;
	const char	*conf = NULL;
	bool		 check = false;
	int		 c, status;
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 }
	};

	log_program(program->name);
	while ((c = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			conf = optarg;
			break;
		case 'k':
			check = true;
			break;
		default:
			fprintf(stderr, "usage: %s [-c FILE] [--check]\n",
			    program->name);
			return EX_USAGE;
		}
	}
	if ((app = talloc_zero(NULL, struct app)) == NULL)
		log_stop("no memory");
	check_routes(program);
	seal_start();
	app->program = program;
	app->settings = settings_read(conf);
	seal_read_key(&app->form_key, app->settings->key_dir, "form.key");
	app->db = db_new(app, app->settings, program->account, program->sets,
	    program->n_sets);
	if (app->db == NULL)
		log_stop("no memory");
	page_start(app->settings);
	page_compile(app, app->settings, &app->message, "message.html",
	    message_names);
	program->start(app);
	if (check)
		status = db_check(app->db) == OUT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	else
		status = http_serve(app->settings, program->body_most != 0 ?
		    program->body_most : BODY_MAX, serve, app);
	talloc_free(app);
	return status;
}
