/*
 * event.c: reading an event for its hosts.
 */
#include "event.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { Q_PLAN, Q_WORDS, Q_LOCK, Q_PRESS, Q__COUNT };

const struct db_query plan_queries[] = {	/* takes, gives, sql */
	[Q_PLAN] = { "b", "ssssssssiisbssissiiIiiisIi",
	    "SELECT e.slug, e.state, e.visibility, e.kind, e.unit, e.area, e.lang, e.zone,"
	    " e.starts_wall, e.minutes, e.rule, e.whereabouts, e.address_for, e.link_for,"
	    " e.online, e.access, e.contact, e.rsvp, e.rsvp_hours, e.capacity, e.version,"
	    " e.sequence, e.changed_at, a.name, e.published_at,"
	    " EXISTS (SELECT 1 FROM occurrence o JOIN rsvp r ON r.occurrence = o.id"
	    " WHERE o.event = e.id) FROM event e JOIN admin a ON a.id = e.changed_by"
	    " WHERE e.id = ?" },
	[Q_WORDS] = { "b", "ssss",
	    "SELECT lang, title, summary, body FROM event_words WHERE event = ?" },
	[Q_LOCK] = { "b", "i", "SELECT version FROM event WHERE id = ? FOR UPDATE" },
	[Q_PRESS] = { "", "", "UPDATE press SET number = number + 1 WHERE id = 2" },
};
const size_t plan_n_queries = Q__COUNT;

/* The columns of Q_PLAN. */
enum { F_SLUG, F_STATE, F_VISIBILITY, F_KIND, F_UNIT, F_AREA, F_LANG, F_ZONE, F_STARTS,
	F_MINUTES, F_RULE, F_WHEREABOUTS, F_ADDRESS_FOR, F_LINK_FOR, F_ONLINE, F_ACCESS,
	F_CONTACT, F_RSVP, F_HOURS, F_CAPACITY, F_VERSION, F_SEQUENCE, F_CHANGED, F_BY,
	F_PUBLISHED, F_GUESTS };

const struct event_tag event_tags[EVENT_STATES] = {
	[EVENT_DRAFT] = { N_("Draft"), "" },
	[EVENT_PUBLISHED] = { N_("Published"), "good" },
	[EVENT_CANCELLED] = { N_("Cancelled"), "bad" },
};

const struct event_tag date_tags[OCCURRENCE_STATES] = {
	[OCCURRENCE_PLANNED] = { NULL, NULL },
	[OCCURRENCE_CANCELLED] = { N_("Cancelled"), "bad" },
	[OCCURRENCE_POSTPONED] = { N_("Postponed"), "wait" },
	[OCCURRENCE_SKIPPED] = { N_("Skipped"), "soft" },
};

bool
plan_may(const struct request *rq)
{
	return (rq->session->desks & 1u << DESK_EVENTS) != 0;
}

/* ---- reading ---- */

static enum outcome
fill(struct plan *p, const struct db_value *at)
{
	struct event	*e = &p->e;
	size_t		 state = db_word(&at[F_STATE], event_state_names, EVENT_STATES);
	size_t		 kind = db_word(&at[F_KIND], event_kind_names, EVENT_KINDS);

	if (state == EVENT_STATES || kind == EVENT_KINDS)
		return OUT_FAULT;	/* of a later version: not to be judged */
	e->state = (enum event_state)state;
	e->kind = (enum event_kind)kind;
	e->slug = at[F_SLUG].bytes.data;
	e->by_link = strcmp(at[F_VISIBILITY].bytes.data, "link") == 0;
	e->unit = at[F_UNIT].bytes.data;
	e->area = at[F_AREA].bytes.data;
	e->lang = at[F_LANG].bytes.data;
	e->zone = at[F_ZONE].bytes.data;
	e->starts_wall = at[F_STARTS].number;
	e->minutes = (int)at[F_MINUTES].number;
	e->rule = at[F_RULE].bytes.data;
	e->whereabouts = at[F_WHEREABOUTS].bytes;
	e->address_coming = strcmp(at[F_ADDRESS_FOR].bytes.data, "coming") == 0;
	e->link_coming = strcmp(at[F_LINK_FOR].bytes.data, "coming") == 0;
	e->online = at[F_ONLINE].number != 0;
	e->access = at[F_ACCESS].bytes.data;
	e->contact = at[F_CONTACT].bytes.data;
	e->rsvp = at[F_RSVP].number != 0;
	e->rsvp_hours = (int)at[F_HOURS].number;
	e->capacity = at[F_CAPACITY].type != 0 ? at[F_CAPACITY].number : -1;
	e->sequence = at[F_SEQUENCE].number;
	e->changed_at = at[F_CHANGED].number;
	e->published_at = at[F_PUBLISHED].number;
	p->version = at[F_VERSION].number;
	p->changed_by = at[F_BY].bytes.data;
	p->has_guests = at[F_GUESTS].number != 0;
	return OUT_OK;
}

static enum outcome
read_words(struct request *rq, struct plan *p)
{
	const struct settings	*s = rq->settings;
	struct db_rows		 rows;
	enum outcome		 got;

	for (size_t i = 0; i < LANGUAGES_MAX; i++)
		p->words[i] = (struct wording){ "", "", "" };
	p->e.title = p->e.slug;		/* its language is none of the site's any more */
	p->e.summary = "";
	p->called = NULL;
	got = db_all(rq->app->db, rq, &plan_queries[Q_WORDS], &rows,
	    DB_BYTES(p->e.id.at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		const char		*lang = at[0].bytes.data;

		for (size_t k = 0; k < s->n_words; k++) {
			if (strcmp(lang, s->words[k].lang) == 0)
				p->words[k] = (struct wording){ at[1].bytes.data,
				    at[2].bytes.data, at[3].bytes.data };
		}
		if (strcmp(lang, p->e.lang) == 0) {
			p->e.title = at[1].bytes.data;
			p->e.summary = at[2].bytes.data;
		}
		if (strcmp(lang, rq->words->lang) == 0)
			p->called = at[1].bytes.data;
	}
	p->spoken = p->called != NULL ? rq->words->lang : p->e.lang;
	if (p->called == NULL)
		p->called = p->e.title;
	return got;
}

enum outcome
plan_read_id(struct request *rq, const struct id *id, struct plan *p)
{
	const struct id	 about = *id;
	struct db_row	 row;
	enum outcome	 got;

	*p = (struct plan){ .e.id = about };
	id_text(p->hex, &about);
	if ((got = db_first(rq->app->db, rq, &plan_queries[Q_PLAN], &row,
	    DB_BYTES(about.at, ID_LEN))) != OUT_OK ||
	    (got = fill(p, row.at)) != OUT_OK ||
	    (got = read_words(rq, p)) != OUT_OK)
		return got;
	got = event_place_open(rq, &rq->app->form_key, &about, p->e.whereabouts, &p->place);
	return got == OUT_FORBIDDEN ? OUT_FAULT : got;
}

enum outcome
plan_read(struct request *rq, struct plan *p)
{
	struct id id;

	return plan_may(rq) && id_read(&id, rq->rest) ? plan_read_id(rq, &id, p) :
	    OUT_MISSING;
}

/* ---- within a transaction ---- */

enum outcome
plan_lock(struct request *rq, struct plan *p, int64_t version)
{
	const struct id	id = p->e.id;
	struct db_row	row;
	enum outcome	got;

	if ((got = db_first(rq->app->db, rq, &plan_queries[Q_LOCK], &row,
	    DB_BYTES(id.at, ID_LEN))) != OUT_OK ||
	    (got = plan_read_id(rq, &id, p)) != OUT_OK)
		return got;
	return version != 0 && version != p->version ? OUT_CONFLICT : OUT_OK;
}

enum outcome
plan_note(struct request *rq, const struct id *id, const char *action, bool seen)
{
	const struct office	*office = rq->app->own;
	enum outcome		 got = OUT_OK;

	if (seen)
		got = db_run_values(rq->app->db, &plan_queries[Q_PRESS], NULL, NULL, 0);
	return got != OUT_OK ? got : audit_add(rq->app->db, &office->audit, rq->now,
	    &rq->session->admin.id, action, id);
}

/* ---- the rest ---- */

int64_t
plan_version_sent(const struct request *rq)
{
	const char	*text = pairs_find(&rq->body, "version");
	int64_t		 version = text != NULL ? strtol(text, NULL, 10) : 0;

	return version > 0 ? version : -1;
}

enum outcome
plan_done(struct request *rq, struct plan *p, const char *done, enum outcome got)
{
	const struct seen	 late = { .late = true };
	const char		*to;

	if (got == OUT_CONFLICT)
		return (got = plan_read_id(rq, &p->e.id, p)) == OUT_OK ?
		    event_page(rq, p, &late) : got;
	if (got != OUT_OK)
		return got;
	to = talloc_asprintf(rq, "/admin/events/%s?done=%s", p->hex, done);
	return to != NULL ? http_see_other(rq, to) : OUT_FAULT;
}

const char *
plan_when(struct request *rq, const char *zone, int64_t starts, int64_t ends)
{
	struct event_when when;

	return event_when(rq, rq->words, zone, starts, ends, &when) != OUT_OK ? NULL :
	    talloc_asprintf(rq, "%s, %s %s", when.day, when.hours, when.zone);
}

const char *
plan_hex(struct request *rq, const void *id)
{
	char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
	struct id	 copy;

	memcpy(copy.at, id, ID_LEN);
	if (hex != NULL)
		id_text(hex, &copy);
	return hex;
}

const char *
plan_fresh_id(struct request *rq)
{
	struct id id;

	randombytes_buf(id.at, ID_LEN);
	return plan_hex(rq, id.at);
}
