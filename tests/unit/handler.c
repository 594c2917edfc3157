/* handler.c: see handler.h. */
#include "handler.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/audit.h"
#include "openhall/event.h"
#include "openhall/person.h"
#include "openhall/rsvp.h"
#include "openhall/submission.h"
#include "openhall/when.h"

struct admin		people[PEOPLE];
struct db		*desk_db;

static const char	required[] = "urgency=week&whom=myself&reach=receipt"
			    "&visible=coordinators";
struct settings		 desk_settings;
static struct app	*app;
static struct request	*last;
static int		 shown;
static unsigned		 handed_in;

/* In the place of the page itself, which shows what all files of the back office know. */
enum outcome
review_page(struct request *rq, struct dossier *d, enum case_problem problem)
{
	(void)d;
	shown = (int)problem;
	rq->status = problem == CASE_LATE ? 409 : 422;
	return OUT_OK;
}

static void
open_office(void)
{
	const struct db_set	 sets[] = {
		{ case_queries, case_n_queries },
		{ work_queries, work_n_queries },
		{ suggest_queries, suggest_n_queries },
		{ units_queries, units_n_queries },
		{ unit_queries, unit_n_queries },
		{ draft_queries, draft_n_queries },
		{ statements_queries, statements_n_queries },
		{ statement_page_queries, statement_page_n_queries },
		{ edit_queries, edit_n_queries },
		{ approve_queries, approve_n_queries },
		{ publish_queries, publish_n_queries },
		{ edition_queries, edition_n_queries },
		{ plan_queries, plan_n_queries },
		{ events_queries, events_n_queries },
		{ event_edit_queries, event_edit_n_queries },
		{ event_publish_queries, event_publish_n_queries },
		{ event_dates_queries, event_dates_n_queries },
		{ event_spread_queries, event_spread_n_queries },
		{ rsvp_queries, rsvp_n_queries },
		{ submission_queries, submission_n_queries },
		{ submission_entry_queries, submission_entry_n_queries },
		{ desk_queries, desk_n_queries },
		{ person_queries, person_n_queries },
		{ audit_queries, audit_n_queries },
	};
	static const struct settings	*read;
	struct office			*own;

	if (read == NULL)
		read = settings_read(store_conf());
	desk_settings = *read;
	desk_settings.db_name = store.db_name;
	desk_db = db_new(NULL, &desk_settings, "openhall_admin", sets, COUNT(sets));
	assert_non_null(desk_db);
	db_write(desk_db, true);
	assert_int_equal(db_check(desk_db), OUT_OK);
	assert_non_null(app = talloc_zero(NULL, struct app));
	assert_non_null(app->own = own = talloc_zero(app, struct office));
	app->settings = &desk_settings;
	app->db = desk_db;
	memset(&app->form_key, 5, sizeof(app->form_key));
	own->audit = audit;
	for (size_t i = 0; i < INTAKES; i++)
		own->intakes[i] = intake_new(own, app, &desks[i]);
	entry_start(app);
	units_start(app);
	statements_start(app);
	statement_start(app);
	publish_start(app);
	editions_start(app);
	events_start(app);
	event_start(app);
	event_dates_start(app);
}

int
handler_set_up(void **state)
{
	set_up(state);
	accept_as(&people[ANA], &invitation, "Ana");
	invite(&people[ANA], A, &people[BEN], "Ben");
	invite(&people[ANA], M, &people[CARLA], "Carla");
	invite(&people[ANA], T, &people[DORA], "Dora");
	open_office();
	return 0;
}

int
handler_tear_down(void **state)
{
	talloc_free(last);
	last = NULL;
	talloc_free(app);
	talloc_free(desk_db);
	return tear_down(state);
}

/* A new request of `who`. */
static struct request *
request_new(int who, const char *body)
{
	static const unsigned	 serves[PEOPLE] = { ALL, A, M, T };
	struct request		*rq = talloc_zero(NULL, struct request);

	assert_non_null(rq);
	*rq = (struct request){
		.method = body != NULL ? POST : GET, .status = 200, .now = NOW,
		.settings = &desk_settings, .words = &desk_settings.words[0], .app = app,
		.session = talloc_zero(rq, struct session), .token_text = "token",
		.headers = buf_new(rq, 256), .out = buf_new(rq, 4096),
	};
	rq->session->stage = STAGE_FULL;
	rq->session->desks = serves[who];
	rq->session->admin = people[who];
	rq->who = people[who].name;
	if (body != NULL)
		assert_int_equal(pairs_decode(rq, body, strlen(body),
		    BODY_PAIRS_MAX, &rq->body), OUT_OK);
	return rq;
}

struct reply
call(enum outcome (*run)(struct request *), int who, const char *path,
    const char *rest, const char *body)
{
	const char	*query;
	struct reply	 reply;

	talloc_free(last);
	last = request_new(who, body);
	last->path = talloc_strndup(last, path, strcspn(path, "?"));
	last->rest = rest;
	if ((query = strchr(path, '?')) != NULL)
		assert_int_equal(pairs_decode(last, query + 1, strlen(query + 1),
		    BODY_PAIRS_MAX, &last->query), OUT_OK);
	shown = -1;
	db_write(desk_db, body != NULL);
	reply = (struct reply){ .got = run(last) };
	reply.status = last->status;
	reply.problem = shown;
	reply.page = last->out->data;
	db_write(desk_db, true);
	return reply;
}

void
ask_for(const char *answers, struct id *id, struct key *content, struct code *receipt)
{
	struct office		*own = app->own;
	struct sealer		 sealer = { .until = 0 };
	struct key		 secret;
	struct request		*rq;
	struct form_answers	*parsed;
	struct submission	 s;
	char			 body[1024];
	const char		*area;

	snprintf(body, sizeof(body), "%s&%s", answers, required);
	rq = request_new(ANA, body);
	seal_read_key(&sealer.to, desk_settings.key_dir, "aid.pub");
	memset(&secret, 0, sizeof(secret));
	memcpy(secret.at, &(unsigned){ ++handed_in }, sizeof(unsigned));
	assert_int_equal(form_parse(rq, intake_form(rq, own->intakes[DESK_AID]),
	    &rq->body, 0, &parsed), OUT_OK);
	assert_int_equal(submission_seal(rq, &s, &desks[DESK_AID], &sealer, &secret,
	    parsed, "en", NOW, receipt), OUT_OK);
	assert_int_equal(submission_add(desk_db, &s), OUT_OK);
	assert_int_equal(seal_unwrap(content, &receipt->key, &s.id, "receipt",
	    (struct bytes){ s.receipt_key, WRAP_LEN }), OUT_OK);
	*id = s.id;
	/* as the courier files it */
	area = pairs_find(&rq->body, "area");
	for (size_t i = 0; i < rq->body.n; i++) {
		const struct pair	*at = &rq->body.at[i];
		char			 hex[2 * ID_LEN + 1];

		if (strcmp(at->name, "needs") != 0 && strcmp(at->name, "offers") != 0)
			continue;
		id_text(hex, id);
		store_sql("INSERT INTO facet VALUES (UNHEX('%s'), '%s', '%s', '%s')", hex,
		    *at->name == 'n' ? "need" : "offer", at->value, area);
	}
	talloc_free(rq);
}
