/*
 * people.c: who serves at which desk; inviting, granting a desk, leaving one, removing an
 * admin.  A refusal comes back on the page itself, as a sentence.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/log.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_PEOPLE, Q__COUNT };

const struct db_query people_queries[] = {	/* takes, gives, sql */
	[Q_PEOPLE] = { "", "bsiS",
	    "SELECT a.id, a.name, a.created_at, k.desk FROM admin a"
	    " LEFT JOIN desk_key k ON k.admin = a.id"
	    " WHERE a.removed_at IS NULL ORDER BY a.name, a.id LIMIT 5000" },
};
const size_t people_n_queries = Q__COUNT;

enum { D_NAME, D_TITLE, D_CHECKED, D_LAST, D__COUNT };

static const struct view_name desk_view_names[] = {
	[D_NAME] = { "desk", NULL },
	[D_TITLE] = { "title", NULL },
	[D_CHECKED] = { "checked", NULL },
	[D_LAST] = { "last", NULL },
	[D__COUNT] = { NULL, NULL }
};

enum { PE_ID, PE_NAME, PE_SINCE, PE_ME, PE_DESKS, PE_CAN_GRANT, PE_GRANTS, PE_REMOVABLE,
	PE__COUNT };

static const struct view_name person_names[] = {
	[PE_ID] = { "id", NULL },
	[PE_NAME] = { "name", NULL },
	[PE_SINCE] = { "since", NULL },
	[PE_ME] = { "me", NULL },
	[PE_DESKS] = { "desks", desk_view_names },
	[PE_CAN_GRANT] = { "can_grant", NULL },
	[PE_GRANTS] = { "grants", desk_view_names },
	[PE_REMOVABLE] = { "removable", NULL },
	[PE__COUNT] = { NULL, NULL }
};

enum { S_TITLE, S_REVIEWERS, S_SERVING, S__COUNT };

static const struct view_name short_names[] = {
	[S_TITLE] = { "title", NULL },
	[S_REVIEWERS] = { "reviewers", NULL },
	[S_SERVING] = { "serving", NULL },
	[S__COUNT] = { NULL, NULL }
};

enum { P_PEOPLE, P_SHORT, P_SERVES, P_MINE, P_REFUSED, P_NO_DESK, P_MAILS, P_EMAIL, P_NO_EMAIL,
	P_WRONG, P__COUNT };

static const struct view_name people_names[] = {
	[P_PEOPLE] = { "people", person_names },
	[P_SHORT] = { "short", short_names },
	[P_SERVES] = { "serves", NULL },
	[P_MINE] = { "mine", desk_view_names },
	[P_REFUSED] = { "refused", NULL },
	[P_NO_DESK] = { "no_desk", NULL },
	[P_MAILS] = { "mails", NULL },
	[P_EMAIL] = { "email", NULL },
	[P_NO_EMAIL] = { "no_email", NULL },
	[P_WRONG] = { "wrong", NULL },		/* one of the two */
	[P__COUNT] = { NULL, NULL }
};

enum { V_LINK, V_DAYS, V_DESKS, V_EMAIL, V__COUNT };

static const struct view_name invited_names[] = {
	[V_LINK] = { "link", NULL },
	[V_DAYS] = { "days", NULL },
	[V_DESKS] = { "desks", desk_view_names },
	[V_EMAIL] = { "email", NULL },		/* where it was sent, too */
	[V__COUNT] = { NULL, NULL }
};

enum { R_ID, R_NAME, R_DESKS, R__COUNT };

static const struct view_name remove_names[] = {
	[R_ID] = { "id", NULL },
	[R_NAME] = { "name", NULL },
	[R_DESKS] = { "desks", desk_view_names },
	[R__COUNT] = { NULL, NULL }
};

void
people_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->people, "people.html",
	    people_names);
	page_compile(office, app->settings, &office->people_remove,
	    "people-remove.html", remove_names);
	page_compile(office, app->settings, &office->invited, "invited.html",
	    invited_names);
}

/* ---- who there is ---- */

struct person {
	struct id	 id;
	const char	*name;
	int64_t		 since;
	unsigned	 desks;		/* bits by number */
};

struct staff {
	size_t		 n;
	struct person	*at;
	unsigned	 mine;		/* the desks of who is logged in */
	unsigned	 serving[DESKS];	/* how many do */
};

static bool
is_me(const struct request *rq, const struct id *id)
{
	return memcmp(id->at, rq->session->admin.id.at, ID_LEN) == 0;
}

/* Every admin once, below the request. */
static enum outcome
staff_read(struct request *rq, struct staff *staff)
{
	struct person	*p = NULL;
	struct db_rows	 rows;
	enum outcome	 got;

	*staff = (struct staff){ 0 };
	got = db_all(rq->app->db, rq, &people_queries[Q_PEOPLE], &rows);
	if (got != OUT_OK)
		return got;
	staff->at = talloc_zero_array(rq, struct person, rows.n + 1);
	if (staff->at == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		const struct desk	*desk;

		if (p == NULL || memcmp(p->id.at, at[0].bytes.data, ID_LEN) != 0) {
			p = &staff->at[staff->n++];
			memcpy(p->id.at, at[0].bytes.data, ID_LEN);
			p->name = at[1].bytes.data;
			p->since = at[2].number;
		}
		if (at[3].type == 0 || (desk = desk_named(at[3].bytes.data)) == NULL)
			continue;
		p->desks |= 1u << (desk - desks);
		staff->serving[desk - desks]++;
		if (is_me(rq, &p->id))
			staff->mine |= 1u << (desk - desks);
	}
	return OUT_OK;
}

/* The one whom the address names, or NULL. */
static const struct person *
staff_find(const struct request *rq, const struct staff *staff)
{
	struct id id;

	if (!id_read(&id, rq->rest))
		return NULL;
	for (size_t i = 0; i < staff->n; i++)
		if (memcmp(staff->at[i].id.at, id.at, ID_LEN) == 0)
			return &staff->at[i];
	return NULL;
}

static bool
removable(const struct request *rq, const struct staff *staff, const struct person *p)
{
	return !is_me(rq, &p->id) && staff->mine != 0 &&
	    (p->desks & ~staff->mine) == 0;
}

/* ---- the page ---- */

/* Rows for the desks in `which`; those of them in `checked` are ticked. */
static void
add_desks(struct request *rq, struct view *v, size_t list, const struct staff *staff,
    unsigned which, unsigned checked)
{
	for (size_t i = 0; i < DESKS; i++) {
		struct view *row;

		if ((which & 1u << i) == 0)
			continue;
		row = view_row(v, list);
		view_text(row, D_NAME, desks[i].name);
		view_text(row, D_TITLE, text_in(rq->words, desks[i].title));
		view_flag(row, D_CHECKED, (checked & 1u << i) != 0);
		view_flag(row, D_LAST, staff != NULL && staff->serving[i] == 1);
	}
}

static void
add_person(struct request *rq, struct view *v, const struct staff *staff,
    const struct person *p)
{
	unsigned	 grants = staff->mine & ~p->desks;
	struct view	*row = view_row(v, P_PEOPLE);
	char		*id = talloc_size(rq, 2 * ID_LEN + 1);

	if (id != NULL)
		id_text(id, &p->id);
	view_text(row, PE_ID, id);
	view_text(row, PE_NAME, p->name);
	view_text(row, PE_SINCE, when_day(rq, rq->words, p->since));
	view_flag(row, PE_ME, is_me(rq, &p->id));
	add_desks(rq, row, PE_DESKS, NULL, p->desks, 0);
	view_flag(row, PE_CAN_GRANT, grants != 0);
	add_desks(rq, row, PE_GRANTS, NULL, grants, 0);
	view_flag(row, PE_REMOVABLE, removable(rq, staff, p));
}

/* Where fewer serve than the rule needs to decide. */
static void
add_short(struct request *rq, struct view *v, const struct staff *staff)
{
	for (size_t i = 0; i < DESKS; i++) {
		const struct rule	*rule = case_rule(rq, &desks[i]);
		struct view		*row;

		if (!desks[i].decides || staff->serving[i] >= rule->reviewers)
			continue;
		row = view_row(v, P_SHORT);
		view_text(row, S_TITLE, text_in(rq->words, desks[i].title));
		view_number(row, S_REVIEWERS, rule->reviewers);
		view_number(row, S_SERVING, staff->serving[i]);
	}
}

/* The address to which an invitation is to go; NULL: to none.  OUT_INVALID: it is none. */
static enum outcome
sent_email(const struct request *rq, const char **email)
{
	const struct office *office = rq->app->own;

	*email = pairs_find(&rq->body, "email");
	if (!office->mails || (*email != NULL && **email == '\0'))
		*email = NULL;
	return *email == NULL || mail_is_address(*email) ? OUT_OK : OUT_INVALID;
}

/* The page as it is now.  `got`: what became of the deed; `refused`: why, or NULL; `ticked`:
 * the desks of the invitation. */
static enum outcome
people_page(struct request *rq, enum outcome got, const char *refused, unsigned ticked)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, people_names);
	const char		*email;
	struct staff		 staff;
	enum outcome		 read = staff_read(rq, &staff);

	if (read != OUT_OK)
		return read;
	for (size_t i = 0; i < staff.n; i++)
		add_person(rq, v, &staff, &staff.at[i]);
	add_short(rq, v, &staff);
	view_flag(v, P_SERVES, staff.mine != 0);
	add_desks(rq, v, P_MINE, &staff, staff.mine, ticked);
	if (refused != NULL)
		view_text(v, P_REFUSED, text_in(rq->words, refused));
	if (got == OUT_INVALID) {
		view_flag(v, P_WRONG, 1);
		view_flag(v, P_NO_DESK, ticked == 0);
		view_flag(v, P_NO_EMAIL, sent_email(rq, &email) != OUT_OK);
		view_text(v, P_EMAIL, email);
	}
	view_flag(v, P_MAILS, office->mails);
	return page_send(rq, &office->people, v, outcome_status(got));
}

enum outcome
people_show(struct request *rq)
{
	return people_page(rq, OUT_OK, NULL, ~0u);
}

/* After a deed: the page (303), or, when it was refused, the page with the reason. */
static enum outcome
done(struct request *rq, enum outcome got, const char *forbidden,
    const char *conflict, const char *missing)
{
	switch (got) {
	case OUT_OK:
		return http_see_other(rq, "/admin/people");
	case OUT_FORBIDDEN:
		return people_page(rq, got, forbidden, ~0u);
	case OUT_CONFLICT:
		return people_page(rq, got, conflict, ~0u);
	case OUT_MISSING:
		return people_page(rq, got, missing, ~0u);
	default:
		return got;
	}
}

static const char removed_already[] =
    N_("They have been removed already, or never were here.");

/* ---- inviting ---- */

/* The desks ticked in what was sent; false: one that there is not. */
static bool
ticked_desks(const struct request *rq, unsigned *which)
{
	*which = 0;
	for (size_t i = 0; i < rq->body.n; i++) {
		const struct desk *desk;

		if (strcmp(rq->body.at[i].name, "desk") != 0)
			continue;
		if ((desk = desk_named(rq->body.at[i].value)) == NULL)
			return false;
		*which |= 1u << (desk - desks);
	}
	return true;
}

/* Send it by mail, too.  Where that fails, it is shown still. */
static bool
mail_invitation(struct request *rq, const struct code *code, const char *email)
{
	struct office	*office = rq->app->own;
	struct key	 derived;
	struct id	 id;
	enum outcome	 got;

	seal_derive(&derived, &code->key, "invitation mail", NULL, 0);
	memcpy(id.at, derived.at, ID_LEN);
	got = mail_add(rq->app->db, &office->mail, rq->now, &id, MAIL_INVITATION,
	    rq->words->lang, email, code->text);
	if (got != OUT_OK && got != OUT_CONFLICT)
		log_error("invitation", "reason", outcome_word(got), NULL);
	return got == OUT_OK || got == OUT_CONFLICT;
}

/* The link is shown in the answer itself and nowhere else, but in the mail: nothing stores it. */
enum outcome
people_invite(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, invited_names);
	const char		*email;
	struct code		 code;
	unsigned		 which;
	enum outcome		 got = OUT_FORBIDDEN;

	if (ticked_desks(rq, &which)) {
		if (sent_email(rq, &email) != OUT_OK || which == 0)
			return people_page(rq, OUT_INVALID, NULL, which);
		got = desk_invite(rq->app->db, &office->audit, rq->now,
		    &rq->session->admin, which, &code);
	}
	if (got != OUT_OK)
		return done(rq, got, N_("You do not serve at every desk that you "
		    "ticked, so no invitation was made."), NULL, NULL);
	view_text(v, V_LINK, talloc_asprintf(rq,
	    "%s%s/admin/welcome?invitation=%s", rq->settings->origin,
	    rq->words->prefix, code.text));
	view_number(v, V_DAYS, INVITATION_DAYS);
	add_desks(rq, v, V_DESKS, NULL, which, 0);
	if (email != NULL && mail_invitation(rq, &code, email))
		view_text(v, V_EMAIL, email);
	return page_send(rq, &office->invited, v, 200);
}

/* ---- granting and leaving ---- */

/* The desk in what was sent, or NULL. */
static const struct desk *
sent_desk(const struct request *rq)
{
	const char *name = pairs_find(&rq->body, "desk");

	return name != NULL ? desk_named(name) : NULL;
}

enum outcome
people_grant(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const struct desk	*desk = sent_desk(rq);
	struct id		 to;
	enum outcome		 got;

	if (!id_read(&to, rq->rest))
		got = OUT_MISSING;
	else if (desk == NULL)
		got = OUT_FORBIDDEN;
	else
		got = desk_grant(rq->app->db, &office->audit, rq->now,
		    &rq->session->admin, desk, &to);
	return done(rq, got, N_("Only somebody who serves at a desk can add others to "
	    "it, and you do not serve there."), NULL, removed_already);
}

enum outcome
people_leave(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const struct desk	*desk = sent_desk(rq);
	enum outcome		 got = desk == NULL ? OUT_MISSING :
				    desk_leave(rq->app->db, &office->audit, rq->now,
				    &rq->session->admin.id, desk);

	return done(rq, got, NULL, N_("Nobody else serves at that desk, so nobody could "
	    "open what is handed in there. Add somebody before you leave."),
	    N_("You do not serve at that desk any more."));
}

/* ---- removing ---- */

static enum outcome
remove_done(struct request *rq, enum outcome got)
{
	struct id id;

	return done(rq, got, N_("They serve at a desk where you do not. Only somebody "
	    "who serves at all of their desks can remove them."),
	    id_read(&id, rq->rest) && is_me(rq, &id) ?
	    N_("You cannot remove yourself. Leave your desks, and ask another to remove "
	    "you.") :
	    N_("Nobody else serves at one of their desks, so nobody could open what is "
	    "handed in there. Add somebody first."), removed_already);
}

enum outcome
people_remove_ask(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, remove_names);
	const struct person	*p;
	struct staff		 staff;
	enum outcome		 got = staff_read(rq, &staff);

	if (got != OUT_OK)
		return got;
	if ((p = staff_find(rq, &staff)) == NULL)
		return remove_done(rq, OUT_MISSING);
	if (!removable(rq, &staff, p))
		return remove_done(rq, is_me(rq, &p->id) ? OUT_CONFLICT : OUT_FORBIDDEN);
	view_text(v, R_ID, rq->rest);
	view_text(v, R_NAME, p->name);
	add_desks(rq, v, R_DESKS, NULL, p->desks, 0);
	return page_send(rq, &office->people_remove, v, 200);
}

enum outcome
people_remove(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct id		 who;

	return remove_done(rq, !id_read(&who, rq->rest) ? OUT_MISSING :
	    desk_remove(rq->app->db, &office->audit, rq->now, &rq->session->admin,
	    &who));
}
