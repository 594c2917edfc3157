/*
 * review.c: the page of a case: the answers, who has voted and what is still missing.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/person.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_REVISIONS, Q__COUNT };

const struct db_query review_queries[] = {	/* takes, gives, sql */
	[Q_REVISIONS] = { "b", "iib",
	    "SELECT number, day, body FROM revision WHERE submission = ?"
	    " ORDER BY number DESC LIMIT 20" },
};
const size_t review_n_queries = Q__COUNT;

enum { X_NAME, X_VALUE, X__COUNT };

static const struct view_name stray_names[] = {
	[X_NAME] = { "name", NULL },
	[X_VALUE] = { "value", NULL },
	[X__COUNT] = { NULL, NULL }
};

enum { RV_DAY, RV_ANSWERS, RV__COUNT };

/* Answers as they were before a correction. */
static const struct view_name revision_names[] = {
	[RV_DAY] = { "day", NULL },
	[RV_ANSWERS] = { "answers", answer_section_names },
	[RV__COUNT] = { NULL, NULL }
};

enum { PR_FIELD, PR_TEXT, PR__COUNT };

static const struct view_name problem_names[] = {
	[PR_FIELD] = { "field", NULL },
	[PR_TEXT] = { "text", NULL },
	[PR__COUNT] = { NULL, NULL }
};

/* What to do about what was sent, and at which field. */
static const struct { const char *field, *text; } problems[] = {
	[CASE_NO_VOTE] = { "vote", N_("Choose how you vote") },
	[CASE_NO_REASON] = { "reason", N_("Give the others a reason") },
	[CASE_LONG_REASON] = { "reason",
	    N_("Shorten the reason to 2000 characters") },
	[CASE_NO_MESSAGE] = { "message", N_("Write something before you send it") },
	[CASE_LONG_MESSAGE] = { "message",
	    N_("Shorten the message to 4000 characters") },
	[CASE_FULL] = { "message",
	    N_("This conversation is full: 200 messages are the most it holds") },
	[CASE_NO_NOTE] = { "note", N_("Write what happened") },
	[CASE_LONG_NOTE] = { "note", N_("Shorten the note to 4000 characters") },
	[CASE_FULL_LOG] = { "note",
	    N_("This log is full: 200 notes are the most it holds") },
	[CASE_NO_STATE] = { "state", N_("Choose the state it is in now") },
};

/* What was done, as the address of the page says afterwards. */
static const struct { const char *done, *text; } deeds[] = {
	{ "open", N_("It is open for decision. Everybody who serves at this desk is asked.") },
	{ "vote", N_("Your vote was taken.") },
	{ "recuse", N_("You leave this decision to the others.") },
	{ "message", N_("Your message is sent.") },
	{ "state", N_("Its state is changed.") },
	{ "assign", N_("Who takes it on is changed.") },
	{ "note", N_("It is written down.") },
};

enum { C_ID, C_DESK, C_DESK_TITLE, C_NAME, C_STATE, C_KIND, C_SUSPECT, C_RECEIVED, C_AGE, C_ENDED,
	C_ERASED, C_ANSWERS, C_HAS_STRAYS, C_STRAYS, C_PANEL, C_CAN_OPEN, C_TOO_FEW, C_SERVING,
	C_REVIEWERS, C_DAYS, C_ROUND, C_AGAIN, C_VOTES, C_BAD_VOTE, C_BAD_REASON, C_PROBLEM, C_LATE,
	C_CHANNEL, C_ENTERED_BY, C_SAME, C_WORK, C_TALK, C_REVISIONS, C_PROBLEMS, C_WALK,
	C_DONE, C_OPEN_AT, C_MESSAGE_AT, C_STATE_AT, C_ASSIGN_AT, C_NOTE_AT, C__COUNT };

static const struct view_name review_names[] = {
	[C_ID] = { "id", NULL },
	[C_DESK] = { "desk", NULL },
	[C_DESK_TITLE] = { "desk_title", NULL },
	[C_NAME] = { "name", NULL },
	[C_STATE] = { "state", NULL },
	[C_KIND] = { "kind", NULL },
	[C_SUSPECT] = { "suspect", NULL },
	[C_RECEIVED] = { "received", NULL },
	[C_AGE] = { "age", NULL },
	[C_ENDED] = { "ended", NULL },
	[C_ERASED] = { "erased", NULL },
	[C_ANSWERS] = { "answers", answer_section_names },
	[C_HAS_STRAYS] = { "has_strays", NULL },
	[C_STRAYS] = { "strays", stray_names },
	[C_PANEL] = { "panel", NULL },	/* there is something to decide, or was */
	[C_CAN_OPEN] = { "can_open", NULL },
	[C_TOO_FEW] = { "too_few", NULL },
	[C_SERVING] = { "serving", NULL },
	[C_REVIEWERS] = { "reviewers", NULL },
	[C_DAYS] = { "days", NULL },
	[C_ROUND] = { "round", NULL },
	[C_AGAIN] = { "again", NULL },		/* not the first round */
	[C_VOTES] = { "votes", votes_names },
	[C_BAD_VOTE] = { "bad_vote", NULL },	/* what is wrong with it */
	[C_BAD_REASON] = { "bad_reason", NULL },
	[C_PROBLEM] = { "problem", NULL },
	[C_LATE] = { "late", NULL },	/* it was decided or closed meanwhile */
	[C_CHANNEL] = { "channel", NULL },	/* how it came, if not by the web */
	[C_ENTERED_BY] = { "entered_by", NULL },
	[C_SAME] = { "same", same_names },
	[C_WORK] = { "work", work_names },
	[C_TALK] = { "talk", talk_names },
	[C_REVISIONS] = { "revisions", revision_names },
	[C_PROBLEMS] = { "problems", problem_names },
	[C_WALK] = { "walk", walk_names },
	[C_DONE] = { "done", NULL },
	[C_OPEN_AT] = { "open_at", NULL },	/* where its forms lead */
	[C_MESSAGE_AT] = { "message_at", NULL },
	[C_STATE_AT] = { "state_at", NULL },
	[C_ASSIGN_AT] = { "assign_at", NULL },
	[C_NOTE_AT] = { "note_at", NULL },
	[C__COUNT] = { NULL, NULL }
};

void
review_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->review, "case.html",
	    review_names);
}

static void
add_answers(struct request *rq, const struct dossier *d, struct view *v)
{
	view_flag(v, C_ERASED, !d->opened);
	if (!d->opened)
		return;
	form_view_answers(v, C_ANSWERS, d->answers, rq->lang);
	view_text(v, C_NAME, answers_name(d->answers));
	view_flag(v, C_HAS_STRAYS, d->strays.n > 0);
	for (size_t i = 0; i < d->strays.n; i++) {
		struct view *row = view_row(v, C_STRAYS);

		view_text(row, X_NAME, d->strays.at[i].name);
		view_text(row, X_VALUE, d->strays.at[i].value);
	}
}

/* The answers before each correction, latest first. */
static enum outcome
add_revisions(struct request *rq, const struct dossier *d, struct view *v)
{
	struct db_rows	rows;
	enum outcome	got;

	if (!d->opened)
		return OUT_OK;
	got = db_all(rq->app->db, rq, &review_queries[Q_REVISIONS], &rows,
	    DB_BYTES(d->id.at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		const struct db_value	*at = rows.at[i].at;
		struct view		*row = view_row(v, C_REVISIONS);
		struct form_answers	*answers;
		struct pairs		 strays;
		char			 word[REVISION_WORD];

		submission_revision(word, at[0].number);
		view_text(row, RV_DAY, when_day(rq, rq->words, at[1].number));
		got = answers_open_as(rq, d->desk, &d->content, &d->id, word,
		    at[2].bytes, &answers, &strays) == OUT_OK ? OUT_OK : OUT_FAULT;
		if (got == OUT_OK)
			form_view_answers(row, RV_ANSWERS, answers, rq->lang);
	}
	return got;
}

static void
add_round(struct request *rq, const struct dossier *d, const char *hex, struct view *v)
{
	struct votes	votes = {
		.where = talloc_asprintf(rq, "/admin/case/%s", hex),
		.dossier = d,
		.tally = &d->tally,
		.electors = &d->electors,
		.in = walk_query(rq, d->desk),
		.opened_at = d->round.at[O_OPENED].number,
		.open = d->round.at[O_ENDED].type == 0,
	};

	votes.may_vote = case_may_vote(rq, d, &votes.vote, &votes.reason);
	view_number(v, C_ROUND, d->round.at[O_NUMBER].number);
	view_flag(v, C_AGAIN, d->round.at[O_NUMBER].number > 1);
	votes_part(rq, &votes, v, C_VOTES);
}

static enum outcome
add_opening(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct rule	*rule = case_rule(rq, d->desk);
	int64_t			 serving;
	enum outcome		 got;

	if (!case_can_open(rq, d))
		return OUT_OK;
	if ((got = case_serving(rq, d->desk, &serving)) != OUT_OK)
		return got;
	view_flag(v, serving < rule->reviewers ? C_TOO_FEW :
	    C_CAN_OPEN, 1);
	view_number(v, C_SERVING, serving);
	view_number(v, C_REVIEWERS, rule->reviewers);
	view_number(v, C_DAYS, rule->days);
	return OUT_OK;
}

/* Its desk, its state and its days. */
static void
add_head(struct request *rq, const struct dossier *d, struct view *v)
{
	const struct db_value	*at = d->row.at;
	const char		*state = at[CF_STATE].bytes.data;

	view_text(v, C_DESK, d->desk->name);
	view_text(v, C_DESK_TITLE, text_in(rq->words, d->desk->title));
	view_text(v, C_STATE, words_state(rq->words, state));
	view_text(v, C_KIND, words_state_kind(state));
	view_flag(v, C_SUSPECT, at[CF_SUSPECT].number != 0);
	view_text(v, C_RECEIVED, when_day(rq, rq->words, at[CF_RECEIVED].number));
	view_text(v, C_AGE, when_age(rq, rq->words, at[CF_RECEIVED].number,
	    rq->now));
	if (at[CF_ENDED].type != 0)
		view_text(v, C_ENDED, when_day(rq, rq->words,
		    at[CF_ENDED].number));
	view_text(v, C_CHANNEL, words_channel(rq->words,
	    at[CF_CHANNEL].bytes.data));
	view_text(v, C_ENTERED_BY, at[CF_ENTERED_BY].bytes.data);
}

static void
add_problem(struct request *rq, struct view *v, enum case_problem problem)
{
	struct view	*row;
	const char	*text;

	view_flag(v, C_LATE, problem == CASE_LATE);
	if (problem == CASE_FINE || problem == CASE_LATE)
		return;
	text = text_in(rq->words, problems[problem].text);
	view_flag(v, C_PROBLEM, 1);
	row = view_row(v, C_PROBLEMS);
	view_text(row, PR_FIELD, problems[problem].field);
	view_text(row, PR_TEXT, text);
	if (problem == CASE_NO_VOTE)
		view_text(v, C_BAD_VOTE, text);
	if (problem == CASE_NO_REASON || problem == CASE_LONG_REASON)
		view_text(v, C_BAD_REASON, text);
}

/* Where the forms of the page lead; those of a round, votes_part() says. */
static void
add_forms(struct request *rq, const struct dossier *d, const char *hex, struct view *v)
{
	static const struct { size_t i; const char *deed; } forms[] = {
		{ C_OPEN_AT, "open" }, { C_MESSAGE_AT, "message" }, { C_STATE_AT, "state" },
		{ C_ASSIGN_AT, "assign" }, { C_NOTE_AT, "note" },
	};
	const char *in = walk_query(rq, d->desk);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		view_text(v, forms[i].i, talloc_asprintf(rq, "/admin/case/%s/%s%s", hex,
		    forms[i].deed, in != NULL ? in : ""));
}

static void
add_done(struct request *rq, struct view *v)
{
	const char *done = pairs_find(&rq->query, "done");

	for (size_t i = 0; done != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(done, deeds[i].done) == 0)
			view_text(v, C_DONE, text_in(rq->words, deeds[i].text));
	}
}

enum outcome
review_page(struct request *rq, struct dossier *d, enum case_problem problem)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, review_names);
	char			*hex = talloc_size(rq, 2 * ID_LEN + 1);
	enum outcome		 got;

	if (hex == NULL)
		return OUT_FAULT;
	id_text(hex, &d->id);
	view_text(v, C_ID, hex);
	add_head(rq, d, v);
	add_answers(rq, d, v);
	add_problem(rq, v, problem);
	if (problem == CASE_FINE)
		add_done(rq, v);
	add_forms(rq, d, hex, v);
	if ((got = walk_part(rq, d, v, C_WALK)) != OUT_OK ||
	    (got = add_revisions(rq, d, v)) != OUT_OK ||
	    (got = add_opening(rq, d, v)) != OUT_OK ||
	    (got = same_part(rq, d, v, C_SAME)) != OUT_OK ||
	    (got = work_part(rq, d, v, C_WORK, problem)) != OUT_OK ||
	    (got = talk_part(rq, d, v, C_TALK, problem)) != OUT_OK)
		return got;
	view_flag(v, C_PANEL, d->has_round || case_can_open(rq, d));
	if (d->has_round)
		add_round(rq, d, hex, v);
	return page_send(rq, &office->review, v, problem == CASE_FINE ? 200 :
	    problem == CASE_LATE ? 409 : 422);
}

/* What looking at a case leaves behind: by what its person is known again.  That its messages
 * were seen is for talk_part() to say. */
static enum outcome
mark(struct request *rq, const struct dossier *d)
{
	struct key hashes[PERSON_HASHES_MAX];

	if (!d->opened)
		return OUT_OK;
	return person_note(rq->app->db, &d->id, hashes,
	    person_hashes(&d->match, d->answers, hashes));
}

enum outcome
review_show(struct request *rq)
{
	struct dossier	d;
	enum outcome	got = case_read(rq, &d);

	if (got == OUT_OK && (got = review_page(rq, &d, CASE_FINE)) == OUT_OK)
		got = mark(rq, &d);
	case_close(&d);
	return got;
}
