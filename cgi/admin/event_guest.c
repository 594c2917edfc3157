/*
 * event_guest.c: one who comes to a date of an event: typed in for who phoned, changed, removed.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/log.h"
#include "openhall/text.h"

enum { Q_GUEST, Q__COUNT };

const struct db_query event_guest_queries[] = {	/* takes, gives, sql */
	[Q_GUEST] = { "bb", "bbbss",
	    "SELECT desk_key, receipt_key, body, lang, state FROM rsvp WHERE id = ?"
	    " AND occurrence = ?" },
};
const size_t event_guest_n_queries = Q__COUNT;

enum { F_DESK_KEY, F_RECEIPT_KEY, F_BODY, F_LANG, F_STATE };

/* What makes two guests two, and one that is sent twice one. */
static const char ONCE[] = "once";

enum { U_OID, U_GUEST, U_NAME, U_NAME_LANG, U_WHEN, U_ONCE, U_SEEN, U_LATE, U_ANSWERS, U_ERRORS,
	U_SECTIONS, U__COUNT };
static const struct view_name page_names[] = {
	[U_OID] = { "oid", NULL },
	[U_GUEST] = { "guest", NULL },		/* none: another */
	[U_NAME] = { "name", NULL },
	[U_NAME_LANG] = { "name_lang", NULL },
	[U_WHEN] = { "when", NULL },
	[U_ONCE] = { "once", NULL },
	[U_SEEN] = { "seen", NULL },		/* which answers the form was made of */
	[U_LATE] = { "late", NULL },		/* they changed meanwhile, so nothing was done */
	[U_ANSWERS] = { "answers", answer_section_names },	/* to these */
	[U_ERRORS] = { "errors", form_error_names },
	[U_SECTIONS] = { "sections", form_section_names },
	[U__COUNT] = { NULL, NULL }
};

enum { T_TEXT, T__COUNT };
static const struct view_name group_names[] = {
	[T_TEXT] = { "text", NULL },
	[T__COUNT] = { NULL, NULL }
};

enum { C_OID, C_NAME, C_NAME_LANG, C_WHEN, C_SEATED, C_WAITING, C_REPEATED,
	C_GROUPS, C_PLACE, C__COUNT };
static const struct view_name code_names[] = {
	[C_OID] = { "oid", NULL },
	[C_NAME] = { "name", NULL },
	[C_NAME_LANG] = { "name_lang", NULL },
	[C_WHEN] = { "when", NULL },
	[C_SEATED] = { "seated", NULL },
	[C_WAITING] = { "waiting", NULL },
	[C_REPEATED] = { "repeated", NULL },
	[C_GROUPS] = { "groups", group_names },
	[C_PLACE] = { "place", NULL },		/* where the code is entered */
	[C__COUNT] = { NULL, NULL }
};

void
event_guest_start(struct app *app)
{
	struct office *office = app->own;

	office->rsvp = rsvp_form(office, app->settings);
	if (office->rsvp != NULL)
		seal_read_key(&office->hosts.to, app->settings->key_dir, "events.pub");
	page_compile(office, app->settings, &office->guest, "admin-event-guest.html",
	    page_names);
	page_compile(office, app->settings, &office->guest_code, "admin-event-code.html",
	    code_names);
}

enum outcome
guest_form(struct request *rq, const struct form **form)
{
	struct office	*office = rq->app->own;
	struct units	 units;
	enum outcome	 got = OUT_OK;

	*form = office->rsvp;
	if (office->rsvp == NULL)
		return OUT_MISSING;
	if (form_wants_units(office->rsvp) &&
	    (got = unit_all(rq->app->db, rq, &units)) == OUT_OK)
		got = form_units(office->rsvp, &units);
	return got;
}

bool
guest_can_add(const struct date *d)
{
	return d->plan.e.state == EVENT_PUBLISHED && d->o.state == OCCURRENCE_PLANNED;
}

enum outcome
guest_done(struct request *rq, const struct date *d, const char *done)
{
	const char *to = talloc_asprintf(rq, "/admin/events/date/%s/guests?done=%s", d->hex,
	    done);

	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}

/* ---- the form ---- */

static const char *
once_value(struct request *rq)
{
	const char	*got = pairs_find(&rq->body, ONCE);
	char		*text;

	if (got != NULL)
		return got;
	if ((text = talloc_size(rq, TOKEN_TEXT)) != NULL)
		token_new(text, &rq->app->form_key, ONCE, rq->now);
	return text;
}

/* One that is there. */
struct guest {
	struct rsvp	 r;
	struct key	 content;
	struct form_answers *answers;
	char		 mark[RSVP_MARK];
};

/* What it is shown with, beside what stands in the form. */
struct shown {
	const struct guest *guest;		/* NULL: another */
	const char	*seen;			/* which answers they were; NULL: as it was sent */
	bool		 late;
};

static const struct shown another;

static enum outcome
show(struct request *rq, const struct date *d, const struct shown *shown,
    const struct form_answers *answers)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, page_names);

	view_text(v, U_OID, d->hex);
	if (shown->guest != NULL) {
		view_text(v, U_GUEST, rq->second);
		view_text(v, U_SEEN, shown->seen != NULL ? shown->seen :
		    pairs_find(&rq->body, "seen"));
	}
	view_flag(v, U_LATE, shown->late);
	if (shown->late)
		form_view_answers(v, U_ANSWERS, shown->guest->answers, rq->lang);
	view_text(v, U_NAME, d->plan.called);
	view_text(v, U_NAME_LANG, d->plan.spoken);
	view_text(v, U_WHEN, plan_when(rq, d->plan.e.zone, d->o.starts_at, d->o.ends_at));
	view_text(v, U_ONCE, once_value(rq));
	form_view_errors(v, U_ERRORS, answers, rq->lang);
	form_view(v, U_SECTIONS, answers, rq->lang);
	return page_send(rq, &office->guest, v, shown->late ? 409 :
	    answers->n_errors > 0 ? 422 : 200);
}

/* What was sent, checked.  OUT_OK also when something is wrong with it. */
static enum outcome
read_answers(struct request *rq, const struct form *form, struct form_answers **answers)
{
	enum outcome got = form_parse(rq, form, &rq->body, rq->lang, answers);

	if (got == OUT_FAULT)
		return got;
	rsvp_check(*answers, rq->words, false);
	return OUT_OK;
}

static struct sealer *
mail_of(struct office *office)
{
	return office->mails ? &office->mail : NULL;
}

struct deed { struct request *rq; const struct id *id; const char *action; };

static enum outcome
note_work(struct db *db, void *arg)
{
	const struct deed *deed = arg;

	(void)db;
	/* How many seats are left, its readers see. */
	return plan_note(deed->rq, deed->id, deed->action, true);
}

static enum outcome
note(struct request *rq, const struct id *id, const char *action)
{
	struct deed deed = { rq, id, action };

	return db_transaction(rq->app->db, note_work, &deed);
}

/* There are not so many seats in all, or none any more for those who would come beside them. */
static void
complain(struct request *rq, struct form_answers *answers, enum outcome got)
{
	rsvp_complain(answers, "people", text_in(rq->words, got == OUT_INVALID ?
	    N_("So many people do not fit") :
	    N_("There is no room for more. What they have is kept.")));
}

/* ---- who phoned ---- */

/* The code, once: nothing stores it. */
static enum outcome
show_code(struct request *rq, const struct date *d, const struct rsvp *r,
    const struct code *code, bool repeated)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, code_names);
	char			*rest = talloc_strdup(rq, code->text), *group;

	if (rest == NULL)
		return OUT_FAULT;
	view_text(v, C_OID, d->hex);
	view_text(v, C_NAME, d->plan.called);
	view_text(v, C_NAME_LANG, d->plan.spoken);
	view_text(v, C_WHEN, plan_when(rq, d->plan.e.zone, d->o.starts_at, d->o.ends_at));
	view_flag(v, C_SEATED, r->state == RSVP_SEATED);
	view_flag(v, C_WAITING, r->state == RSVP_WAITING);
	view_flag(v, C_REPEATED, repeated);
	view_text(v, C_PLACE, talloc_asprintf(rq, "%s%s/rsvp", rq->settings->origin,
	    rq->words->prefix));
	while ((group = strsep(&rest, "-")) != NULL)
		view_text(view_row(v, C_GROUPS), T_TEXT, group);
	return page_send(rq, &office->guest_code, v, 200);
}

/* Whoever has skipped the date meanwhile saw nobody: then nobody is there.  Who does that from now
 * on sees them.  OUT_CONFLICT. */
static enum outcome
stays(struct request *rq, const struct id *id)
{
	struct date	d;
	enum outcome	got = date_read(rq, &d);

	if (got != OUT_OK || guest_can_add(&d))
		return got;
	got = rsvp_remove(rq->app->db, id, NULL);
	return got == OUT_OK || got == OUT_MISSING ? OUT_CONFLICT : got;
}

static enum outcome
add(struct request *rq, const struct date *d, struct form_answers *answers)
{
	struct office	*office = rq->app->own;
	struct token	 once;
	struct key	 secret;
	struct rsvp	 r;
	struct code	 code;
	enum outcome	 got;

	if (token_read(&once, &rq->app->form_key, ONCE,
	    pairs_find(&rq->body, ONCE)) != OUT_OK)
		return OUT_FORBIDDEN;
	seal_derive(&secret, &rq->app->form_key, "rsvp", once.nonce, sizeof(once.nonce));
	got = rsvp_seal(rq, &r, &secret, &office->hosts, answers, rq->words->lang,
	    mail_of(office), rq->now, &code);
	sodium_memzero(&secret, sizeof(secret));
	if (got != OUT_OK)
		return got;
	r.occurrence = d->o.id;
	r.channel = "phone";
	r.entered_by = &rq->session->admin.id;
	got = rsvp_add(rq->app->db, &r, rq->now);
	if (got == OUT_INVALID) {
		complain(rq, answers, got);
		return show(rq, d, &another, answers);
	}
	if (got == OUT_CONFLICT)
		return show_code(rq, d, &r, &code, true);
	if (got != OUT_OK || (got = stays(rq, &r.id)) != OUT_OK ||
	    (got = note(rq, &r.id, "rsvp.entered")) != OUT_OK)
		return got;
	return show_code(rq, d, &r, &code, false);
}

/* ---- one that is there ---- */

/* The one that the address names, opened with the desk's key; sodium_memzero() its content key
 * when done. */
static enum outcome
read_guest(struct request *rq, const struct date *d, const struct form *form, struct guest *g)
{
	struct desk_keys	keys;
	struct pairs		strays;
	struct db_row		row;
	enum outcome		got;

	*g = (struct guest){ .r.occurrence = d->o.id };
	if (!id_read(&g->r.id, rq->second))
		return OUT_MISSING;
	if ((got = db_first(rq->app->db, rq, &event_guest_queries[Q_GUEST], &row,
	    DB_BYTES(g->r.id.at, ID_LEN), DB_BYTES(d->o.id.at, ID_LEN))) != OUT_OK)
		return got;
	rsvp_mark(g->mark, row.at[F_BODY].bytes);
	got = desk_open(rq->app->db, &rq->session->admin, &desks[DESK_EVENTS], &keys);
	if (got != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_MISSING : got;
	g->r.desk_key = row.at[F_DESK_KEY].bytes;
	g->r.receipt_key = row.at[F_RECEIPT_KEY].bytes;
	g->r.lang = row.at[F_LANG].bytes.data;
	got = answers_key(&keys.secret, &g->r.id, g->r.desk_key, &g->content);
	sodium_memzero(&keys, sizeof(keys));
	if (got == OUT_OK)
		got = rsvp_open(rq, &g->r.id, &g->content, row.at[F_BODY].bytes, form,
		    &g->answers, &strays);
	return got == OUT_OK ? OUT_OK : OUT_FAULT;
}

/* Whether they say the same, as they are stored. */
static bool
are_alike(const void *ctx, const struct form_answers *a, const struct form_answers *b)
{
	struct buf *one = buf_new(ctx, 1024), *other = buf_new(ctx, 1024);

	if (one == NULL || other == NULL)
		return false;
	form_store(a, "", one);
	form_store(b, "", other);
	return !one->failed && !other->failed && strcmp(one->data, other->data) == 0;
}

/* What was sent stays in the form, and how it stands now is shown. */
static enum outcome
late(struct request *rq, const struct date *d, const struct form_answers *answers, bool removes)
{
	struct guest	now;
	struct shown	shown = { .guest = &now, .seen = now.mark, .late = true };
	enum outcome	got = read_guest(rq, d, answers->form, &now);

	sodium_memzero(&now.content, sizeof(now.content));
	if (got != OUT_OK)
		return got;
	/* The button was pressed twice. */
	if (!removes && are_alike(rq, answers, now.answers))
		return guest_done(rq, d, "changed");
	return show(rq, d, &shown, answers);
}

static enum outcome
change(struct request *rq, const struct date *d, struct guest *g, struct form_answers *answers)
{
	const struct shown	 same = { .guest = g };
	struct office		*office = rq->app->own;
	enum outcome		 got;

	got = rsvp_answer(rq, &g->r, &g->content, answers, g->r.lang, mail_of(office), rq->now);
	if (got != OUT_OK)
		return got;
	g->r.entered_by = &rq->session->admin.id;
	got = rsvp_change(rq->app->db, &g->r, rq->now);
	if (got == OUT_CONFLICT)
		return late(rq, d, answers, false);
	if (got == OUT_INVALID || got == OUT_LIMITED) {
		complain(rq, answers, got);
		return show(rq, d, &same, answers);
	}
	if (got != OUT_OK || (got = note(rq, &g->r.id, "rsvp.changed")) != OUT_OK)
		return got;
	return guest_done(rq, d, "changed");
}

static enum outcome
take_back(struct request *rq, const struct date *d, const struct guest *g,
    const struct form_answers *answers)
{
	enum outcome got = rsvp_remove(rq->app->db, &g->r.id, g->r.seen);

	if (got == OUT_CONFLICT)
		return late(rq, d, answers, true);
	if (got == OUT_OK)
		got = note(rq, &g->r.id, "rsvp.removed");
	return got != OUT_OK && got != OUT_MISSING ? got : guest_done(rq, d, "removed");
}

/* ---- pages ---- */

static const char NEW[] = "new";	/* in the place of an id */

enum outcome
event_guest_show(struct request *rq)
{
	const struct form	*form;
	struct form_answers	*empty;
	struct date		 d;
	struct guest		 g;
	enum outcome		 got;

	if ((got = date_read(rq, &d)) != OUT_OK || (got = guest_form(rq, &form)) != OUT_OK)
		return got;
	if (strcmp(rq->second, NEW) == 0) {
		if (!guest_can_add(&d))
			return OUT_MISSING;
		empty = form_empty(rq, form);
		return empty != NULL ? show(rq, &d, &another, empty) : OUT_FAULT;
	}
	got = read_guest(rq, &d, form, &g);
	sodium_memzero(&g.content, sizeof(g.content));
	return got == OUT_OK ? show(rq, &d, &(struct shown){ .guest = &g, .seen = g.mark },
	    g.answers) : got;
}

/* One that is there, or was when the form was made, is changed or removed. */
static enum outcome
take_one(struct request *rq, const struct date *d, const struct form *form,
    struct form_answers *answers)
{
	const char	*step = pairs_find(&rq->body, "step");
	const char	*seen = pairs_find(&rq->body, "seen");
	bool		 removes = step != NULL && strcmp(step, "remove") == 0;
	struct guest	 g;
	enum outcome	 got = read_guest(rq, d, form, &g);

	g.r.seen = seen != NULL ? seen : "";
	if (got == OUT_OK && removes)
		got = take_back(rq, d, &g, answers);
	else if (got == OUT_OK && answers->n_errors > 0)
		got = show(rq, d, &(struct shown){ .guest = &g }, answers);
	else if (got == OUT_OK)
		got = change(rq, d, &g, answers);
	else if (got == OUT_MISSING && seen != NULL && *g.mark == '\0')
		got = guest_done(rq, d, removes ? "removed" : "gone");
	sodium_memzero(&g.content, sizeof(g.content));
	return got;
}

enum outcome
event_guest_take(struct request *rq)
{
	const struct form	*form;
	struct form_answers	*answers;
	struct date		 d;
	enum outcome		 got;

	if ((got = date_read(rq, &d)) != OUT_OK || (got = guest_form(rq, &form)) != OUT_OK ||
	    (got = read_answers(rq, form, &answers)) != OUT_OK)
		return got;
	if (strcmp(rq->second, NEW) != 0)
		return take_one(rq, &d, form, answers);
	if (!guest_can_add(&d))
		return OUT_MISSING;
	return answers->n_errors > 0 ? show(rq, &d, &another, answers) : add(rq, &d, answers);
}
