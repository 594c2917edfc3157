/*
 * resume.c: what was being sent when a session had ended goes along through the log-in, so
 * that nothing that was typed is lost.
 */
#include <string.h>

#include "admin.h"

enum { RE_VALUE, RE_NAME, RE__COUNT };

static const struct view_name value_names[] = {
	[RE_VALUE] = { "value", NULL },
	[RE_NAME] = { "name", NULL },
	[RE__COUNT] = { NULL, NULL }
};

enum { R_TO, R_VALUES, R__COUNT };

static const struct view_name resume_names[] = {
	[R_TO] = { "to", NULL },
	[R_VALUES] = { "values", value_names },
	[R__COUNT] = { NULL, NULL }
};

void
resume_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->resume, "resume.html",
	    resume_names);
}

const char *
resume_pack(struct request *rq)
{
	struct buf *packed = buf_new(rq, 1024);

	if (packed == NULL)
		return NULL;
	for (size_t i = 0; i < rq->body.n; i++) {
		const struct pair *pair = &rq->body.at[i];

		if (strcmp(pair->name, "token") != 0)
			pairs_encode(packed, pair->name, pair->value);
	}
	return packed->failed || packed->len == 0 ? NULL : packed->data;
}

enum outcome
resume_show(struct request *rq, const char *to, const char *packed)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, resume_names);
	struct pairs		 pairs;

	if (to == NULL || packed == NULL || *packed == '\0' ||
	    strncmp(to, "/admin/", 7) != 0 ||
	    pairs_decode(rq, packed, strlen(packed), BODY_PAIRS_MAX, &pairs) !=
	    OUT_OK)
		return http_see_other(rq, "/admin/");
	view_text(v, R_TO, to);
	for (size_t i = 0; i < pairs.n; i++) {
		struct view *row = view_row(v, R_VALUES);

		view_text(row, RE_NAME, pairs.at[i].name);
		view_text(row, RE_VALUE, pairs.at[i].value);
	}
	return page_send(rq, &office->resume, v, 200);
}
