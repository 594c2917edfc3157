/*
 * entry.c: what was asked by phone or on paper, typed in by an admin under the rules of the
 * public form, with a receipt to read out.  It is never spooled: the desk is at hand and can
 * send it again.
 */
#include <string.h>
#include <talloc.h>

#include "admin.h"
#include "openhall/text.h"

enum { E_DESK, E_TITLE, E_FORM, E__COUNT };

static const struct view_name entry_names[] = {
	[E_DESK] = { "desk", NULL },
	[E_TITLE] = { "desk_title", NULL },
	[E_FORM] = { "form", NULL },
	[E__COUNT] = { NULL, NULL }
};

enum { G_TEXT, G__COUNT };

static const struct view_name group_names[] = {
	[G_TEXT] = { "text", NULL },
	[G__COUNT] = { NULL, NULL }
};

enum { D_DESK, D_TITLE, D_ID, D_GROUPS, D_REPEATED, D_CHANNEL, D__COUNT };

static const struct view_name entered_names[] = {
	[D_DESK] = { "desk", NULL },
	[D_TITLE] = { "desk_title", NULL },
	[D_ID] = { "id", NULL },
	[D_GROUPS] = { "groups", group_names },
	[D_REPEATED] = { "repeated", NULL },
	[D_CHANNEL] = { "channel", NULL },
	[D__COUNT] = { NULL, NULL }
};

void
entry_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->entry, "entry.html",
	    entry_names);
	page_compile(office, app->settings, &office->entered, "entry-done.html",
	    entered_names);
}

/* The desk that the address names; NULL: there is none, or none of theirs. */
static const struct desk *
find_desk(const struct request *rq)
{
	const struct desk *desk = desk_named(rq->rest);

	return desk != NULL && desk->form != NULL &&
	    (rq->session->desks & 1u << (desk - desks)) != 0 ? desk : NULL;
}

static struct intake *
find_intake(const struct request *rq, const struct desk *desk)
{
	const struct office *office = rq->app->own;

	return office->intakes[desk - desks];
}

/* How it came: "phone" or "paper", as the address says. */
static const char *
channel_of(const struct request *rq)
{
	return strncmp(rq->path, "/admin/entry/paper/", 19) == 0 ? "paper" :
	    "phone";
}

enum outcome
entry_choose(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const struct desk	*desk = find_desk(rq);
	struct view		*v = view_new(rq, entry_names);

	if (desk == NULL)
		return OUT_MISSING;
	view_text(v, E_DESK, desk->name);
	view_text(v, E_TITLE, text_in(rq->words, desk->title));
	view_text(v, E_FORM, intake_form(rq, find_intake(rq, desk))->
	    title.in[rq->lang]);
	return page_send(rq, &office->entry, v, 200);
}

enum outcome
entry_show(struct request *rq)
{
	const struct desk *desk = find_desk(rq);

	return desk == NULL ? OUT_MISSING :
	    intake_ask(rq, find_intake(rq, desk), NULL);
}

/* The code, once: nothing stores it. */
static enum outcome
show_code(struct request *rq, const struct submission *s,
    const struct code *code, bool repeated)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, entered_names);
	char			*hex = talloc_size(rq, 2 * ID_LEN + 1);
	char			*rest = talloc_strdup(rq, code->text), *group;

	if (hex == NULL || rest == NULL)
		return OUT_FAULT;
	id_text(hex, &s->id);
	view_text(v, D_DESK, s->desk->name);
	view_text(v, D_TITLE, text_in(rq->words, s->desk->title));
	view_text(v, D_ID, hex);
	view_text(v, D_CHANNEL, channel_of(rq));
	view_flag(v, D_REPEATED, repeated);
	while ((group = strsep(&rest, "-")) != NULL)
		view_text(view_row(v, D_GROUPS), G_TEXT, group);
	return page_send(rq, &office->entered, v, 200);
}

struct deed {
	struct request		*rq;
	struct submission	 s;
};

static enum outcome
enter_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	const struct request	*rq = deed->rq;
	const struct office	*office = rq->app->own;
	enum outcome		 got;

	got = submission_enter(db, &deed->s);
	return got != OUT_OK ? got : audit_add(db, &office->audit, rq->now,
	    &rq->session->admin.id, "case.entered", &deed->s.id);
}

static enum outcome
enter(struct request *rq, struct intake *in, const struct form_answers *answers)
{
	struct deed	deed = { .rq = rq };
	struct code	code;
	enum outcome	got;

	if ((got = intake_seal(rq, in, answers, &deed.s, &code)) != OUT_OK)
		return got;
	deed.s.channel = channel_of(rq);
	deed.s.entered_by = &rq->session->admin.id;
	deed.s.suspect = false;		/* a person has looked at it */
	got = db_transaction(rq->app->db, enter_work, &deed);
	return got == OUT_OK || got == OUT_CONFLICT ?
	    show_code(rq, &deed.s, &code, got == OUT_CONFLICT) : got;
}

enum outcome
entry_take(struct request *rq)
{
	const struct desk *desk = find_desk(rq);

	return desk == NULL ? OUT_MISSING :
	    intake_answer(rq, find_intake(rq, desk), enter);
}

enum outcome
entry_again(struct request *rq)
{
	const struct desk *desk = find_desk(rq);

	return desk == NULL ? OUT_MISSING :
	    intake_late(rq, find_intake(rq, desk));
}
