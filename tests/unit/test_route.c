/*
 * test_route.c: a program of tests, whose routes show what the dispatcher lets through:
 * and what it refuses, at the start and of a request.  It has no database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "child.h"
#include "openhall/file.h"
#include "openhall/route.h"
#include "openhall/session.h"

#define URLENCODED	"CONTENT_TYPE=application/x-www-form-urlencoded"

static const struct key	form_key = { { 1, 2, 3 } };
static char		dir[] = "/tmp/test_route.XXXXXX", conf[64];

/* ---- the program ---- */

/* Say which handler it was, and what it saw. */
static enum outcome
tell(struct request *rq, const char *who)
{
	buf_fmt(rq->out, "%s rest=%s", who, rq->rest);
	for (size_t i = 0; i < rq->query.n; i++)
		buf_fmt(rq->out, " ?%s=%s", rq->query.at[i].name, rq->query.at[i].value);
	for (size_t i = 0; i < rq->body.n; i++)
		buf_fmt(rq->out, " %s=%s", rq->body.at[i].name, rq->body.at[i].value);
	return OUT_OK;
}

static enum outcome
show(struct request *rq)
{
	return tell(rq, "show");
}

static enum outcome
take(struct request *rq)
{
	return tell(rq, rq->token != NULL ? "take+token" : "take");
}

static enum outcome
again(struct request *rq)
{
	return tell(rq, rq->token != NULL ? "again+token" : "again");
}

/* What a form of this page would carry. */
static enum outcome
show_token(struct request *rq)
{
	buf_str(rq->out, rq->token_text);
	return OUT_OK;
}

static enum outcome
set_and_fail(struct request *rq)
{
	http_header(rq, "X-Half", "done");
	buf_str(rq->out, "half a page");
	rq->max_age = 60;
	return (enum outcome)atoi(rq->rest);
}

/* The linker puts this before db_write() (--wrap): the store is not there to refuse. */
void		 __real_db_write(struct db *, bool may);
void		 __wrap_db_write(struct db *, bool may);
static bool	 may_write;

void
__wrap_db_write(struct db *db, bool may)
{
	may_write = may;
	__real_db_write(db, may);
}

static enum outcome
write_something(struct request *rq)
{
	return tell(rq, may_write ? "writes" : "reads");
}

/* Logged in is who says so; the store is away for who says that. */
static enum outcome
identify(struct request *rq)
{
	const char	*cookie = http_cookie(rq, "session");

	if (cookie == NULL)
		return OUT_OK;
	if (strcmp(cookie, "away") == 0)
		return OUT_AWAY;
	if ((rq->session = talloc_zero(rq, struct session)) == NULL)
		return OUT_FAULT;
	snprintf(rq->session->token, sizeof(rq->session->token), "token-of-%s", cookie);
	return OUT_OK;
}

/* "half" is somebody, and not in yet. */
static bool
is_in(const struct request *rq)
{
	return strcmp(rq->session->token, "token-of-half") != 0;
}

static enum outcome
ask_login(struct request *rq)
{
	return tell(rq, "login");
}

static const char *
session_token(const struct request *rq)
{
	return rq->session->token;
}

static const struct input inputs[] = {
	{ "a", 4 }, { "b", 0 }, { NULL, 0 }
};

static const struct route routes[] = {
	{ .method = GET, .path = "/open", .run = show, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = GET, .path = "/query", .run = show, .access = PUBLIC,
	  .guard = GUARD_NONE, .inputs = inputs },
	{ .method = GET, .path = "/token", .run = show_token, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/token", .run = show_token, .access = PUBLIC,
	  .guard = GUARD_TOKEN },
	{ .method = GET, .path = "/both", .run = show, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/both", .run = take, .again = again, .access = PUBLIC,
	  .guard = GUARD_TOKEN, .inputs = inputs },
	{ .method = POST, .path = "/strict", .run = take, .access = PUBLIC,
	  .guard = GUARD_TOKEN, .inputs = inputs },
	{ .method = POST, .path = "/form", .run = take, .again = again, .access = PUBLIC,
	  .guard = GUARD_TOKEN, .form = true },
	{ .method = GET, .path = "/case/*", .run = show, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/case/*/vote", .run = take, .access = PUBLIC,
	  .guard = GUARD_TOKEN },
	{ .method = GET, .path = "/fail/*", .run = set_and_fail, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = GET, .path = "/admin/", .run = show, .access = ADMIN,
	  .guard = GUARD_NONE },
	{ .method = GET, .path = "/admin/token", .run = show_token, .access = ADMIN,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/act", .run = take, .access = ADMIN,
	  .guard = GUARD_SESSION, .inputs = inputs },
	{ .method = POST, .path = "/admin/token", .run = take, .access = ADMIN,
	  .guard = GUARD_TOKEN },
	{ .method = GET, .path = "/admin/step", .run = show, .access = ENTERING,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/admin/step", .run = take, .again = again,
	  .access = ENTERING, .guard = GUARD_SESSION, .inputs = inputs },
	{ .method = GET, .path = "/write", .run = write_something, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/write", .run = write_something, .access = PUBLIC,
	  .guard = GUARD_TOKEN },
	{ .method = GET, .path = "/click", .run = show, .access = PUBLIC,
	  .guard = GUARD_NONE },
	{ .method = POST, .path = "/click", .run = write_something, .access = PUBLIC,
	  .guard = GUARD_ONE_CLICK, .inputs = inputs },
	{ .method = GET, .path = "/mark", .run = write_something, .access = PUBLIC,
	  .guard = GUARD_NONE, .marks = true },
	{ .method = GET, .path = "/admin/mark", .run = write_something, .access = ADMIN,
	  .guard = GUARD_NONE, .marks = true },
};

static void
start_app(struct app *app)
{
	app->own = app;
}

static const struct db_query queries[] = { { "", "i", "SELECT 1" } };
static const struct db_set sets[] = { { queries, 1 } };

static const struct program program = {
	.name = "route", .account = "nobody", .sets = sets, .n_sets = 1,
	.routes = routes, .n_routes = sizeof(routes) / sizeof(*routes),
	.start = start_app, .identify = identify, .is_in = is_in, .ask_login = ask_login,
	.session_token = session_token,
};

/* ---- its files ---- */

static void
put(const char *within, const char *name, const void *data, size_t len)
{
	char	path[128];

	snprintf(path, sizeof(path), "%s%s", dir, within);
	assert_int_equal(file_replace(path, name, 0600, data, len), OUT_OK);
}

static int
start(void **state)
{
	static const char	site[] = "origin = \"http://a.org\"\n"
				    "form { least_seconds = 3 greatest_hours = 1 }\n"
				    "rule membership { }\nrule supporters { }\n"
				    "rule statements { }\n"
				    "language en { lang_name = E name = N tagline = T }\n";
	static const char	message[] = "<h1>{{title}}</h1>";
	char			text[1024], public[64];

	(void)state;
	if (sodium_init() < 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(public, sizeof(public), "%s/public", dir);
	if (mkdir(public, 0700) != 0)
		return -1;
	snprintf(text, sizeof(text), "site = %s\ntemplates = %s\npublic = %s/public\n"
	    "schema = %s\nlocale = %s\nhtml = %s\nkeys = %s\nspool = %s\n"
	    "secure = false\ndatabase { socket = \"%s/none.sock\" }\n", dir, dir, dir, dir,
	    dir, dir, dir, dir, dir);
	put("", "openhall.conf", text, strlen(text));
	put("", "site.conf", site, strlen(site));
	put("", "message.html", message, strlen(message));
	put("", "form.key", &form_key, KEY_LEN);
	snprintf(conf, sizeof(conf), "%s/openhall.conf", dir);
	return 0;
}

static int
stop(void **state)
{
	static const char *const	made[] = { "openhall.conf", "site.conf",
					    "message.html", "form.key", "public" };
	char				path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		remove(path);
	}
	return rmdir(dir);
}

/* ---- what stops the start ---- */

/* Run a program with `arg` behind its name, if that is not NULL. */
struct run { const struct program *program; const char *args[4]; };

static int
run_main(void *arg)
{
	struct run	*run = arg;
	char		*argv[6] = { "route" };
	int		 argc = 1;

	for (; argc <= 4 && run->args[argc - 1] != NULL; argc++)
		argv[argc] = (char *)run->args[argc - 1];
	return route_main(argc, argv, run->program);
}

#define ROUTE(m, p, r, a, g) \
	{ .method = m, .path = p, .run = r, .access = a, .guard = g }
#define MARKS(m, a, g) \
	{ .method = m, .path = "/a", .run = show, .access = a, .guard = g, .marks = true }

static const struct {
	struct route	 route;
	bool		 no_identify, no_is_in, no_login, no_token;
	const char	*said;		/* NULL: it starts */
} undecided[] = {
	{ ROUTE(GET, "/a", show, PUBLIC, GUARD_NONE), .said = NULL },
	{ ROUTE(POST, "/a", take, PUBLIC, GUARD_TOKEN), .said = NULL },
	{ ROUTE(POST, "/a", take, PUBLIC, GUARD_ONE_CLICK), .said = NULL },
	{ ROUTE(POST, "/a", take, ADMIN, GUARD_SESSION), .said = NULL },
	{ ROUTE(POST, "/a", take, ADMIN, GUARD_TOKEN), .said = NULL },
	{ ROUTE(GET, "/a", show, ENTERING, GUARD_NONE), .said = NULL },
	{ ROUTE(POST, "/a", take, ENTERING, GUARD_SESSION), .said = NULL },
	{ MARKS(GET, ADMIN, GUARD_NONE), .said = NULL },
	{ MARKS(GET, PUBLIC, GUARD_NONE), .said = NULL },
	/* of a program without people */
	{ ROUTE(GET, "/a", show, PUBLIC, GUARD_NONE), true, true, true, true,
	  NULL },
	/* each thing left out */
	{ ROUTE(METHOD_NONE, "/a", show, PUBLIC, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, NULL, show, PUBLIC, GUARD_NONE),
	  .said = "route 1 (no path) is undecided" },
	{ ROUTE(GET, "/a", NULL, PUBLIC, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ACCESS_UNDECIDED, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, PUBLIC, GUARD_UNDECIDED),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, PUBLIC, GUARD_UNDECIDED),
	  .said = "route 1 (/a) is undecided" },
	{ { 0 }, .said = "route 1 (no path) is undecided" },
	/* a POST that nobody checks, and a GET that claims to be checked */
	{ ROUTE(POST, "/a", take, PUBLIC, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, ADMIN, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, PUBLIC, GUARD_TOKEN),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ADMIN, GUARD_SESSION),
	  .said = "route 1 (/a) is undecided" },
	/* by a click from anywhere, what is for those who are in */
	{ ROUTE(POST, "/a", take, ADMIN, GUARD_ONE_CLICK),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, ENTERING, GUARD_ONE_CLICK),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, PUBLIC, GUARD_ONE_CLICK),
	  .said = "route 1 (/a) is undecided" },
	/* a session's token where there may be no session */
	{ ROUTE(POST, "/a", take, PUBLIC, GUARD_SESSION),
	  .said = "route 1 (/a) is undecided" },
	/* what a POST may do anyhow: somebody took it for something else */
	{ MARKS(POST, PUBLIC, GUARD_TOKEN), .said = "route 1 (/a) is undecided" },
	{ MARKS(POST, ADMIN, GUARD_SESSION), .said = "route 1 (/a) is undecided" },
	/* people, and no way to know them */
	{ ROUTE(GET, "/a", show, ADMIN, GUARD_NONE), .no_is_in = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ENTERING, GUARD_NONE), .no_identify = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ENTERING, GUARD_NONE), .no_is_in = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ENTERING, GUARD_NONE), .no_login = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, ENTERING, GUARD_SESSION), .no_token = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, ENTERING, GUARD_NONE),
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ADMIN, GUARD_NONE), .no_identify = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(GET, "/a", show, ADMIN, GUARD_NONE), .no_login = true,
	  .said = "route 1 (/a) is undecided" },
	{ ROUTE(POST, "/a", take, ADMIN, GUARD_SESSION), .no_token = true,
	  .said = "route 1 (/a) is undecided" },
};

static void
test_undecided(void **state)
{
	struct child	child;
	char		want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(undecided) / sizeof(*undecided); i++) {
		/* the first is well */
		struct route	pair[] = { routes[0], undecided[i].route };
		struct program	other = program;
		struct run	run = { &other, { "-c", conf } };

		other.routes = pair;
		other.n_routes = 2;
		if (undecided[i].no_identify)
			other.identify = NULL;
		if (undecided[i].no_is_in)
			other.is_in = NULL;
		if (undecided[i].no_login)
			other.ask_login = NULL;
		if (undecided[i].no_token)
			other.session_token = NULL;
		child_run(&child, (const char *const[]){ "DOCUMENT_URI=/open", NULL }, "", 0,
		    run_main, &run);
		snprintf(want, sizeof(want), "route: %s\n", undecided[i].said);
		if (undecided[i].said == NULL ?
		    child.status != 0 || strstr(child.out, "show rest=") == NULL :
		    child.status != EX_CONFIG || strcmp(child.err, want) != 0 ||
		    child.out_len > 0)
			fail_msg("row %zu: %d, %s", i, child.status, child.err);
	}
}

static void
test_options(void **state)
{
	static const struct {
		const char	*args[4];
		int		 status;
		const char	*said;
	} rows[] = {
		{ { "-c", "/nowhere" },		EX_CONFIG,	"route: /nowhere: No such" },
		{ { "--config", "/nowhere" },	EX_CONFIG,	"route: /nowhere: No such" },
		{ { "--config=/nowhere" },	EX_CONFIG,	"route: /nowhere: No such" },
		{ { "-c" },			EX_USAGE,	"usage: route [-c FILE]" },
		{ { "-x" },			EX_USAGE,	"usage: route [-c FILE]" },
		{ { "--chek=1" },		EX_USAGE,	"usage: route [-c FILE]" },
		/* all is well but for the server that would prepare the statement */
		{ { "--check", "-c", conf },	EXIT_FAILURE,	"store.away" },
		{ { "-c", conf, "--check" },	EXIT_FAILURE,	"store.away" },
	};
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct run	run = { &program, { NULL } };

		memcpy(run.args, rows[i].args, sizeof(run.args));
		child_run(&child, (const char *const[]){ NULL }, "", 0, run_main, &run);
		if (child.status != rows[i].status || strstr(child.err, rows[i].said) == NULL)
			fail_msg("row %zu: %d, %s", i, child.status, child.err);
		assert_int_equal(child.out_len, 0);
	}
}

/* ---- requests ---- */

/* What the program answers.  `body` NULL: a GET. */
static void
ask(struct child *child, const char *uri, const char *query, const char *cookie,
    const char *body)
{
	struct run	run = { &program, { "-c", conf } };
	void		*ctx = talloc_new(NULL);
	const char	*env[] = {
		body != NULL ? "REQUEST_METHOD=POST" : "REQUEST_METHOD=GET",
		talloc_asprintf(ctx, "DOCUMENT_URI=%s", uri),
		talloc_asprintf(ctx, "QUERY_STRING=%s", query),
		talloc_asprintf(ctx, "HTTP_COOKIE=%s", cookie),
		talloc_asprintf(ctx, "CONTENT_LENGTH=%zu", body != NULL ? strlen(body) : 0),
		URLENCODED, "HTTP_HOST=a.org", "HTTP_ORIGIN=http://a.org", NULL
	};

	child_run(child, env, body != NULL ? body : "", body != NULL ? strlen(body) : 0,
	    run_main, &run);
	assert_int_equal(child->status, 0);
	assert_memory_equal(child->out, "Status: ", 8);
	talloc_free(ctx);
}

/* The answer's status and what stands behind its head; "" for an error's page. */
static void
answers(const char *what, const struct child *child, int status, const char *body)
{
	const char	*got = strstr(child->out, "\r\n\r\n");

	assert_non_null(got);
	if (atoi(child->out + 8) != status ||
	    (*body == '\0' ? strncmp(got + 4, "<h1>", 4) != 0 : strcmp(got + 4, body) != 0))
		fail_msg("%s: %s\nwant %d %s", what, child->out, status, body);
}

static const struct {
	const char	*uri, *query;
	int		 status;
	const char	*body;
} gets[] = {
	{ "/open",		"",		200, "show rest=" },
	{ "/open",		"a=1&b",	200, "show rest=" },
	{ "/both",		"",		200, "show rest=" },
	{ "/",			"",		404, "" },
	{ "/ope",		"",		404, "" },
	{ "/open/",		"",		404, "" },
	{ "/openx",		"",		404, "" },
	{ "/Open",		"",		404, "" },
	{ "//open",		"",		404, "" },
	{ "open",		"",		404, "" },
	/* a star is one segment that is not empty */
	{ "/case/1",		"",		200, "show rest=1" },
	{ "/case/a.b-c_d",	"",		200, "show rest=a.b-c_d" },
	{ "/case/*",		"",		200, "show rest=*" },
	{ "/case/\xC3\xB1",	"",		404, "" },
	{ "/case/",		"",		404, "" },
	{ "/case",		"",		404, "" },
	{ "/case/1/",		"",		404, "" },
	{ "/case/1/2",		"",		404, "" },
	{ "/case//1",		"",		404, "" },
	{ "/case/1/vote",	"",		405, "" },
	{ "/case//vote",	"",		404, "" },
	{ "/case/1/votes",	"",		404, "" },
	{ "/case/1/2/vote",	"",		404, "" },
	/* what is not declared does not exist; what is too long is refused */
	{ "/query",		"a=1&b=&c=3&A=4", 200, "show rest= ?a=1 ?b=" },
	{ "/query",		"c=1&a=1&c=2&a=2&c=3", 200, "show rest= ?a=1 ?a=2" },
	{ "/query",		"a=1234",	200, "show rest= ?a=1234" },
	{ "/query",		"a=12345",	422, "" },
	{ "/query",		"a=%C3%B1%C3%B1", 200, "show rest= ?a=\xC3\xB1\xC3\xB1" },
	{ "/query",		"a=%C3%B1%C3%B1x", 422, "" },
	{ "/query",		"b=x",		422, "" },
	{ "/query",		"c=1234567890",	200, "show rest=" },
	{ "/query",		"a=%zz",	400, "" },
	{ "/open",		"a=%zz",	400, "" },
	{ "/nowhere",		"a=%zz",	400, "" },
	/* without a session */
	{ "/admin/",		"",		200, "login rest=" },
	{ "/admin/token",	"",		200, "login rest=" },
	{ "/admin/act",		"",		405, "" },
	/* what a GET may write */
	{ "/write",		"",		200, "reads rest=" },
	{ "/mark",		"",		200, "writes rest=" },
	{ "/admin/mark",	"",		200, "login rest=" },
};

static void
test_gets(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(gets) / sizeof(*gets); i++) {
		ask(&child, gets[i].uri, gets[i].query, "", NULL);
		answers(gets[i].uri, &child, gets[i].status, gets[i].body);
		assert_non_null(strstr(child.out, "\r\nCache-Control: no-store\r\n"));
	}
}

static const struct { const char *method, *uri; int status; const char *allow; } methods[] = {
	{ "REQUEST_METHOD=PUT",		"DOCUMENT_URI=/open",	405, "GET, HEAD" },
	{ "REQUEST_METHOD=POST",	"DOCUMENT_URI=/open",	405, "GET, HEAD" },
	{ "REQUEST_METHOD=GET",		"DOCUMENT_URI=/form",	405, "POST" },
	{ "REQUEST_METHOD=HEAD",	"DOCUMENT_URI=/form",	405, "POST" },
	{ "REQUEST_METHOD=OPTIONS",	"DOCUMENT_URI=/form",	405, "POST" },
	{ "REQUEST_METHOD=PUT",		"DOCUMENT_URI=/both",	405, "GET, HEAD, POST" },
	{ "REQUEST_METHOD=PUT",		"DOCUMENT_URI=/case/1",	405, "GET, HEAD" },
	{ "REQUEST_METHOD=PUT",		"DOCUMENT_URI=/case/1/vote", 405, "POST" },
	{ "REQUEST_METHOD=PUT",		"DOCUMENT_URI=/nowhere", 404, NULL },
	{ "REQUEST_METHOD=HEAD",	"DOCUMENT_URI=/both",	200, NULL },
};

static void
test_methods(void **state)
{
	struct child	child;
	struct run	run = { &program, { "-c", conf } };
	char		allow[64];

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		child_run(&child, (const char *const[]){ methods[i].method, methods[i].uri,
		    NULL }, "", 0, run_main, &run);
		if (atoi(child.out + 8) != methods[i].status)
			fail_msg("%s %s: %s", methods[i].method, methods[i].uri, child.out);
		if (methods[i].allow == NULL) {
			assert_null(strstr(child.out, "Allow:"));
			continue;
		}
		snprintf(allow, sizeof(allow), "\r\nAllow: %s\r\n", methods[i].allow);
		assert_non_null(strstr(child.out, allow));
	}
}

/* ---- an outcome that is not OUT_OK ---- */

static const struct { const char *uri; int status; } failures[] = {
	{ "/fail/0", 500 }, { "/fail/2", 422 }, { "/fail/3", 403 }, { "/fail/4", 404 },
	{ "/fail/5", 409 }, { "/fail/6", 429 }, { "/fail/7", 503 }, { "/fail/8", 500 },
};

/* The whole answer becomes the error's, and nothing of the page before is left. */
static void
test_failures(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		ask(&child, failures[i].uri, "", "", NULL);
		answers(failures[i].uri, &child, failures[i].status, "");
		assert_null(strstr(child.out, "half"));
		assert_null(strstr(child.out, "X-Half"));
		assert_non_null(strstr(child.out, "\r\nCache-Control: no-store\r\n"));
		assert_int_equal(strstr(child.out, "\r\nRetry-After: ") != NULL,
		    failures[i].status == 503);
		/* the log names the route, not what was asked for */
		if (failures[i].status == 500 && i == 0)
			assert_string_equal(child.err, "level=error program=route "
			    "event=fault route=/fail/*\n");
	}
}

/* ---- tokens ---- */

/* A body with a token of `age` seconds, made with `key` for `purpose`, and `more`. */
static char *
with_token(const void *ctx, const struct key *key, const char *purpose, time_t age,
    const char *more)
{
	char	text[TOKEN_TEXT];

	token_new(text, key, purpose, time(NULL) - age);
	return talloc_asprintf(ctx, "token=%s%s", text, more);
}

static const struct {
	const char	*uri;
	time_t		 age;
	const char	*purpose, *more;
	int		 status;
	const char	*body;
} posts[] = {
	{ "/both",	100,	"route",	"",		200, "take+token rest=" },
	{ "/both",	100,	"route",	"&a=1&b=&c=3",	200, "take+token rest= a=1 b=" },
	{ "/both",	100,	"route",	"&a=12345",	422, "" },
	{ "/both",	100,	"route",	"&b=1",		422, "" },
	{ "/case/7/vote", 100,	"route",	"&a=1",		200, "take+token rest=7" },
	{ "/write",	100,	"route",	"",		200, "writes rest=" },
	/* how old */
	{ "/both",	0,	"route",	"",		200, "take+token rest=" },
	{ "/both",	3590,	"route",	"",		200, "take+token rest=" },
	{ "/both",	3610,	"route",	"",		200, "again rest=" },
	{ "/both",	-290,	"route",	"",		200, "take+token rest=" },
	{ "/both",	-400,	"route",	"",		200, "again rest=" },
	/* a token that is none: the form again with what was declared, or 403 */
	{ "/both",	100,	"join",		"&a=1&c=3",	200, "again rest= a=1" },
	{ "/both",	3610,	"route",	"&a=1&c=3",	200, "again rest= a=1" },
	{ "/both",	3610,	"route",	"&a=12345",	422, "" },
	{ "/strict",	100,	"route",	"&a=1",		200, "take+token rest= a=1" },
	{ "/strict",	100,	"join",		"&a=1",		403, "" },
	{ "/strict",	3610,	"route",	"&a=1",		403, "" },
	/* a form's body is its own to sift */
	{ "/form",	100,	"join",		"",		200, NULL },
};

static void
test_posts(void **state)
{
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(posts) / sizeof(*posts); i++) {
		void	*ctx = talloc_new(NULL);
		char	*body = with_token(ctx, &form_key, posts[i].purpose, posts[i].age,
			    posts[i].more);

		ask(&child, posts[i].uri, "", "", body);
		answers(posts[i].uri, &child, posts[i].status, posts[i].body != NULL ?
		    posts[i].body : talloc_asprintf(ctx, "again rest= %s", body));
		talloc_free(ctx);
	}
}

/* Bodies with something else than a good token. */
static void
test_bad_tokens(void **state)
{
	static const struct key	other_key = { { 9 } };
	void			*ctx = talloc_new(NULL);
	char			*good = with_token(ctx, &form_key, "route", 100, "");
	const char		*bodies[] = {
		"", "token=", "token", "a=1", "token=x", "Token=x",
		with_token(ctx, &other_key, "route", 100, ""),
		talloc_asprintf(ctx, "%sA", good),
		talloc_asprintf(ctx, "token=&%s", good),	/* the first counts */
		talloc_asprintf(ctx, "%.*s", (int)strlen(good) - 1, good),
		good + 1,
	};
	struct child		child;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		ask(&child, "/strict", "", "", bodies[i]);
		answers(bodies[i], &child, 403, "");
	}
	/* a good one in the address is none */
	ask(&child, "/strict", good, "", "a=1");
	answers("query", &child, 403, "");
	ask(&child, "/strict", "", "", good);
	answers("good", &child, 200, "take+token rest=");
	talloc_free(ctx);
}

/* A good token from another site's page. */
static const struct { const char *origin, *site; int status; } origins[] = {
	{ "HTTP_ORIGIN=http://a.org",	"X=",				200 },
	{ "X=",				"X=",				200 },
	{ "X=",				"HTTP_SEC_FETCH_SITE=same-origin", 200 },
	{ "HTTP_ORIGIN=http://b.org",	"X=",				403 },
	{ "HTTP_ORIGIN=null",		"X=",				403 },
	{ "X=",				"HTTP_SEC_FETCH_SITE=cross-site", 403 },
	{ "X=",				"HTTP_SEC_FETCH_SITE=same-site", 403 },
};

static void
test_origins(void **state)
{
	static const char *const	uris[] = { "DOCUMENT_URI=/strict",
					    "DOCUMENT_URI=/admin/act" };
	struct run			run = { &program, { "-c", conf } };
	struct child			child;

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(*origins); i++)
		for (size_t u = 0; u < 2; u++) {
			char	*body = u == 0 ? with_token(NULL, &form_key, "route", 9, "") :
				    talloc_strdup(NULL, "token=token-of-ana");
			char	 length[64];

			snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(body));
			child_run(&child, (const char *const[]){ "REQUEST_METHOD=POST",
			    uris[u], "HTTP_HOST=a.org", "HTTP_COOKIE=session=ana", URLENCODED,
			    length, origins[i].origin, origins[i].site, NULL }, body,
			    strlen(body), run_main, &run);
			answers(origins[i].origin, &child, origins[i].status,
			    origins[i].status != 200 ? "" : u == 0 ? "take+token rest=" :
			    "take rest=");
			talloc_free(body);
		}
}

/* A mail program's click (RFC 8058): from elsewhere, without a token, with a body of its own
 * kind; and none of that where another guard stands. */
static const struct { const char *uri, *query, *type, *body; int status;
	const char *said; } clicks[] = {
	{ "/click", "a=1&x=2", URLENCODED, "List-Unsubscribe=One-Click", 200, "writes rest= ?a=1" },
	{ "/click", "a=1&x=2", "CONTENT_TYPE=multipart/form-data; boundary=b",
	  "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n"
	  "One-Click\r\n--b--\r\n", 200, "writes rest= ?a=1" },
	{ "/click", "a=1", "CONTENT_TYPE=", "", 200, "writes rest= ?a=1" },
	{ "/click", "", URLENCODED, "a=1", 200, "writes rest=" },
	{ "/click", "a=12345", URLENCODED, "", 422, "" },
	{ "/click", "a=%", URLENCODED, "", 400, "" },
	{ "/strict", "", "CONTENT_TYPE=multipart/form-data; boundary=b", "--b--\r\n", 415, "" },
	{ "/open", "", "CONTENT_TYPE=text/plain", "x", 405, "" },
	{ "/nothing", "", "CONTENT_TYPE=text/plain", "x", 404, "" },
	{ "/strict", "", URLENCODED, "List-Unsubscribe=One-Click", 403, "" },
};

static void
test_clicks(void **state)
{
	struct run	run = { &program, { "-c", conf } };
	struct child	child;

	(void)state;
	for (size_t i = 0; i < sizeof(clicks) / sizeof(*clicks); i++) {
		char uri[64], query[64], length[64];

		snprintf(uri, sizeof(uri), "DOCUMENT_URI=%s", clicks[i].uri);
		snprintf(query, sizeof(query), "QUERY_STRING=%s", clicks[i].query);
		snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(clicks[i].body));
		child_run(&child, (const char *const[]){ "REQUEST_METHOD=POST", uri, query,
		    "HTTP_HOST=a.org", "HTTP_ORIGIN=https://mail.example",
		    "HTTP_SEC_FETCH_SITE=cross-site", clicks[i].type, length, NULL },
		    clicks[i].body, strlen(clicks[i].body), run_main, &run);
		answers(clicks[i].uri, &child, clicks[i].status, clicks[i].said);
	}
}

/* ---- sessions ---- */

static const struct {
	const char	*uri, *cookie, *post;
	int		 status;
	const char	*body;
} sessions[] = {
	{ "/admin/",	"session=ana",	NULL,			200, "show rest=" },
	{ "/admin/",	"session=away",	NULL,			503, "" },
	{ "/admin/",	"other=ana",	NULL,			200, "login rest=" },
	{ "/admin/token", "session=ana", NULL,			200, "token-of-ana" },
	{ "/admin/act",	"session=ana",	"token=token-of-ana",	200, "take rest=" },
	{ "/admin/act",	"session=ana",	"token=token-of-ana&a=1&c=3", 200,
	  "take rest= a=1" },
	{ "/admin/act",	"session=ana",	"token=token-of-ana&a=12345", 422, "" },
	{ "/admin/act",	"session=ana",	"token=token-of-ben",	403, "" },
	{ "/admin/act",	"session=ana",	"token=token-of-an",	403, "" },
	{ "/admin/act",	"session=ana",	"token=token-of-anaa",	403, "" },
	{ "/admin/act",	"session=ana",	"token=",		403, "" },
	{ "/admin/act",	"session=ana",	"a=1",			403, "" },
	{ "/admin/act",	"session=away",	"token=token-of-away",	503, "" },
	/* who is not logged in is asked to, before anything is looked at */
	{ "/admin/act",	"",		"token=token-of-ana&a=1", 200,
	  "login rest= token=token-of-ana a=1" },
	/* who is only entering is let to that page, and to no other */
	{ "/admin/step", "session=half", NULL,			200, "show rest=" },
	{ "/admin/step", "session=ana", NULL,			200, "show rest=" },
	{ "/admin/step", "",		NULL,			200, "login rest=" },
	{ "/admin/step", "session=away", NULL,			503, "" },
	{ "/admin/step", "session=half", "token=token-of-half&a=1&c=3", 200,
	  "take rest= a=1" },
	{ "/admin/step", "session=half", "token=token-of-ana&a=1&c=3", 200,
	  "again rest= a=1" },
	{ "/admin/step", "",		"token=token-of-half&c=3", 200,
	  "login rest= token=token-of-half c=3" },
	{ "/admin/",	"session=half",	NULL,			200, "login rest=" },
	{ "/admin/token", "session=half", NULL,			200, "login rest=" },
	{ "/admin/act",	"session=half",	"token=token-of-half&a=1", 200,
	  "login rest= token=token-of-half a=1" },
	{ "/admin/act",	"session=half",	"token=token-of-ana&a=1", 200,
	  "login rest= token=token-of-ana a=1" },
	{ "/admin/mark", "session=ana",	NULL,			200, "writes rest=" },
	{ "/admin/mark", "session=half", NULL,			200, "login rest=" },
	/* the public does not become somebody by a cookie */
	{ "/open",	"session=away",	NULL,			200, "show rest=" },
};

static void
test_sessions(void **state)
{
	struct child	child;
	void		*ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		ask(&child, sessions[i].uri, "", sessions[i].cookie, sessions[i].post);
		answers(sessions[i].uri, &child, sessions[i].status, sessions[i].body);
	}
	/* one token does not do for the other */
	ask(&child, "/admin/act", "", "session=ana", with_token(ctx, &form_key, "route", 9,
	    ""));
	answers("form's", &child, 403, "");
	ask(&child, "/admin/token", "", "session=ana", "token=token-of-ana");
	answers("session's", &child, 403, "");
	ask(&child, "/admin/token", "", "session=ana", with_token(ctx, &form_key, "route", 9,
	    ""));
	answers("form's", &child, 200, "take+token rest=");
	talloc_free(ctx);
}

/* A page's form carries a new token that is good here, or the one that it came with. */
static void
test_route_token(void **state)
{
	struct child	 child;
	struct token	 token;
	const char	*text;
	char		*body;

	(void)state;
	ask(&child, "/token", "", "", NULL);
	text = strstr(child.out, "\r\n\r\n") + 4;
	assert_int_equal(token_read(&token, &form_key, "route", text), OUT_OK);
	assert_true(labs((long)(token.at - time(NULL))) < 10);
	body = with_token(NULL, &form_key, "route", 50, "");
	ask(&child, "/token", "", "", body);
	answers("/token", &child, 200, body + strlen("token="));
	talloc_free(body);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_gets),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_posts),
		cmocka_unit_test(test_bad_tokens),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_clicks),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_route_token),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
