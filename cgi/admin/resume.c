/*
 * resume.c: what was being sent when a session had ended goes along through the log-in, so
 * that nothing that was typed is lost.
 */
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"

enum { RE_VALUE, RE_NAME, RE_LONG, RE__COUNT };

static const struct view_name value_names[] = {
	[RE_VALUE] = { "value", NULL },
	[RE_NAME] = { "name", NULL },
	[RE_LONG] = { "long", NULL },
	[RE__COUNT] = { NULL, NULL }
};

enum { R_TO, R_VALUES, R_MORE, R__COUNT };

static const struct view_name resume_names[] = {
	[R_TO] = { "to", NULL },
	[R_VALUES] = { "values", value_names },
	[R_MORE] = { "more", NULL },
	[R__COUNT] = { NULL, NULL }
};

enum { SHORT_MOST = 24 };	/* bytes of what is a choice rather than a text */

void
resume_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->resume, "resume.html",
	    resume_names);
}

struct resume
resume_carried(const struct request *rq)
{
	return (struct resume){ pairs_find(&rq->body, "to"),
	    pairs_find(&rq->body, "carried") };
}

/* Pages whose forms hold passwords and one-time codes: these go into no other page. */
static bool
is_secret(const char *path)
{
	static const char *const paths[] = { "/admin/code", "/admin/factor",
	    "/admin/account" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (strncmp(path, paths[i], strlen(paths[i])) == 0)
			return true;
	}
	return false;
}

struct resume
resume_pack(struct request *rq)
{
	struct buf *packed = buf_new(rq, 1024);

	if (is_secret(rq->path))
		return resume_carried(rq);
	for (size_t i = 0; packed != NULL && i < rq->body.n; i++) {
		const struct pair *pair = &rq->body.at[i];

		if (strcmp(pair->name, "token") != 0)
			pairs_encode(packed, pair->name, pair->value);
	}
	if (packed == NULL || packed->failed || packed->len == 0)
		return (struct resume){ NULL, NULL };
	return (struct resume){ rq->path, packed->data };
}

/* A text that somebody typed is shown; a choice or a number says nothing by itself. */
static bool
is_long(const char *value)
{
	return strlen(value) > SHORT_MOST || strpbrk(value, " \n") != NULL;
}

enum outcome
resume_show(struct request *rq, struct resume what)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, resume_names);
	struct pairs		 pairs;
	unsigned long		 more = 0;

	if (what.to == NULL || what.packed == NULL || *what.packed == '\0' ||
	    strncmp(what.to, "/admin/", 7) != 0 ||
	    pairs_decode(rq, what.packed, strlen(what.packed), BODY_PAIRS_MAX,
	    &pairs) != OUT_OK)
		return http_see_other(rq, "/admin/");
	view_text(v, R_TO, what.to);
	for (size_t i = 0; i < pairs.n; i++) {
		const struct pair	*pair = &pairs.at[i];
		struct view		*row = view_row(v, R_VALUES);

		view_text(row, RE_NAME, pair->name);
		view_text(row, RE_VALUE, pair->value);
		view_flag(row, RE_LONG, is_long(pair->value));
		if (!is_long(pair->value) && *pair->value != '\0')
			more++;
	}
	if (more > 0)
		view_text(v, R_MORE, talloc_asprintf(rq, text_in_n(rq->words,
		    "%lu choice or short answer goes with it.",
		    "%lu choices or short answers go with it.", more), more));
	return page_send(rq, &office->resume, v, 200);
}
