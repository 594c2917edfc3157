/*
 * letter.c: where the links in our mails lead: to confirm, and to leave.  A link alone does
 * nothing, since programs follow links too; each page has one button.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/code.h"

enum { B_CODE, B_EXPIRED };

static const struct view_name button_names[] = {
	[B_CODE] = { "code", NULL },
	[B_EXPIRED] = { "expired", NULL },
	{ NULL, NULL }
};

void
letter_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->confirm, "subscribe-confirm.html",
	    button_names);
	page_compile(own, app->settings, &own->leave, "subscribe-leave.html",
	    button_names);
}

/* The code that came; OUT_MISSING: none that could be one of ours. */
static enum outcome
read_code(const struct pairs *from, struct code *out)
{
	const char *text = pairs_find(from, "code");

	return text != NULL && code_read(out, text) == OUT_OK ? OUT_OK : OUT_MISSING;
}

/* How it stands with the subscriber of that code: "pending", ... ; "" when there is none. */
static enum outcome
find_state(struct request *rq, const struct code *code, const char **state)
{
	struct db_row	row;
	enum outcome	got;

	*state = "";
	got = db_first(rq->app->db, rq, &subscribe_queries[Q_STATE], &row,
	    DB_BYTES(code->lookup.at, KEY_LEN));
	if (got == OUT_OK)
		*state = row.at[0].bytes.data;
	return got == OUT_MISSING ? OUT_OK : got;
}

/* The page with the button; in the other languages too it has the code, which is for nobody
 * else to follow. */
static enum outcome
show_button(struct request *rq, const struct page *page, const char *path,
    const struct code *code, bool expired)
{
	struct view	*v = view_new(rq, button_names);
	const char	*text = talloc_strdup(rq, code->text);
	const char	*link = talloc_asprintf(rq, "%s?code=%s", path, code->text);

	if (text == NULL || link == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rq->settings->n_words; i++) {
		rq->path_in[i] = link;
		rq->missing_in[i] = true;
	}
	view_text(v, B_CODE, text);
	view_flag(v, B_EXPIRED, expired);
	return page_send(rq, page, v, expired ? 422 : 200);
}

/* ---- confirming ---- */

static enum outcome
confirm_show(struct request *rq, const struct pairs *from, bool expired)
{
	const struct own	*own = rq->app->own;
	struct code		 code;
	const char		*state;
	enum outcome		 got;

	if (read_code(from, &code) != OUT_OK)
		return subscribe_done(rq, DONE_GONE);
	if ((got = find_state(rq, &code, &state)) != OUT_OK)
		return got;
	if (strcmp(state, "confirmed") == 0)
		return subscribe_done(rq, DONE_CONFIRMED);
	if (strcmp(state, "pending") != 0)
		return subscribe_done(rq, DONE_GONE);
	return show_button(rq, &own->confirm, "/subscribe/confirm", &code, expired);
}

enum outcome
confirm_ask(struct request *rq)
{
	return confirm_show(rq, &rq->query, false);
}

enum outcome
confirm_again(struct request *rq)
{
	return confirm_show(rq, &rq->body, true);
}

enum outcome
confirm_take(struct request *rq)
{
	struct code	 code;
	const char	*state;
	enum outcome	 got;

	if (read_code(&rq->body, &code) != OUT_OK)
		return subscribe_done(rq, DONE_GONE);
	got = db_run(rq->app->db, &subscribe_queries[Q_CONFIRM], NULL,
	    DB_INT(rq->now), DB_BYTES(code.lookup.at, KEY_LEN));
	if (got != OUT_OK || (got = find_state(rq, &code, &state)) != OUT_OK)
		return got;
	return strcmp(state, "confirmed") == 0 ?
	    http_see_other(rq, "/subscribe/confirmed") :
	    subscribe_done(rq, DONE_GONE);
}

enum outcome
confirm_done(struct request *rq)
{
	return subscribe_done(rq, DONE_CONFIRMED);
}

/* ---- leaving ---- */

/* Who is not on the list is as good as gone: nothing is asked of the store. */
static enum outcome
leave_show(struct request *rq, const struct pairs *from, bool expired)
{
	const struct own	*own = rq->app->own;
	struct code		 code;

	if (read_code(from, &code) != OUT_OK)
		return subscribe_done(rq, DONE_GONE);
	return show_button(rq, &own->leave, "/subscribe/leave", &code, expired);
}

enum outcome
leave_ask(struct request *rq)
{
	return leave_show(rq, &rq->query, false);
}

enum outcome
leave_again(struct request *rq)
{
	return leave_show(rq, &rq->body, true);
}

static enum outcome
leave(struct request *rq, const struct code *code)
{
	return db_run(rq->app->db, &subscribe_queries[Q_LEAVE], NULL,
	    DB_BYTES(code->lookup.at, KEY_LEN));
}

enum outcome
leave_take(struct request *rq)
{
	struct code	code;
	enum outcome	got;

	if (read_code(&rq->body, &code) != OUT_OK)
		return subscribe_done(rq, DONE_GONE);
	got = leave(rq, &code);
	return got == OUT_OK ? http_see_other(rq, "/subscribe/left") : got;
}

/* Pressed in a mail program (RFC 8058, 3.2), which follows no redirect. */
enum outcome
leave_one_click(struct request *rq)
{
	struct code	code;
	enum outcome	got;

	if (read_code(&rq->query, &code) != OUT_OK)
		return subscribe_done(rq, DONE_GONE);
	got = leave(rq, &code);
	return got == OUT_OK ? subscribe_done(rq, DONE_LEFT) : got;
}

enum outcome
leave_done(struct request *rq)
{
	return subscribe_done(rq, DONE_LEFT);
}
