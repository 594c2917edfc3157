/*
 * dashboard_waiting.c: what waits for the one who is logged in, and what is to be done first where
 * nothing does yet.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "dashboard.h"
#include "lists.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_ROUNDS, Q_STATEMENTS, Q_DRAFTS, Q_WRITTEN, Q_STATEMENT, Q_EVENT, Q__COUNT };

const struct db_query waiting_queries[] = {	/* takes, gives, sql */
	/* Of a desk's cases in review, by what rule_verdict() says: those that can still be decided
	 * and lack my vote; those that cannot. */
	[Q_ROUNDS] = { "ibsi", "ii",
	    "SELECT COUNT(IF(alive AND mine > 0, 1, NULL)), COUNT(IF(alive, NULL, 1)) FROM"
	    " (SELECT r.closes_at > ?"
	    "  AND SUM(e.vote IS NULL OR e.vote <> 'recused') >= GREATEST(r.quorum, r.favour)"
	    "  AND SUM(e.vote IS NULL OR e.vote = 'favour') >= r.favour AS alive,"
	    "  SUM(e.vote IS NULL AND e.admin = ?) AS mine"
	    "  FROM (SELECT id FROM submission FORCE INDEX (queue)"
	    "   WHERE desk = ? AND state = 'review' LIMIT ?) s"
	    "  STRAIGHT_JOIN round r ON r.submission = s.id AND r.ended_at IS NULL"
	    "  STRAIGHT_JOIN elector e ON e.submission = s.id AND e.number = r.number"
	    "  GROUP BY s.id, r.closes_at, r.quorum, r.favour) t" },
	[Q_STATEMENTS] = { "bi", "ii",
	    "SELECT COUNT(IF(s.state = 'review', 1, NULL)), COUNT(IF(s.state = 'ready', 1, NULL))"
	    " FROM statement s WHERE s.state = 'ready' OR (s.state = 'review' AND EXISTS"
	    "  (SELECT 1 FROM approval a WHERE a.statement = s.id AND a.version = s.version"
	    "  AND a.admin = ? AND a.vote IS NULL) AND s.closes_at > ?)" },
	[Q_DRAFTS] = { "", "i", "SELECT COUNT(*) FROM event WHERE state = 'draft'" },
	/* Whether there was ever one. */
	[Q_WRITTEN] = { "s", "i", "SELECT EXISTS (SELECT 1 FROM submission WHERE desk = ?)" },
	[Q_STATEMENT] = { "", "i", "SELECT EXISTS (SELECT 1 FROM statement)" },
	[Q_EVENT] = { "", "i", "SELECT EXISTS (SELECT 1 FROM event)" },
};
const size_t waiting_n_queries = Q__COUNT;

enum { W_HREF, W_TEXT, W_DESK, W__COUNT };
const struct view_name waiting_names[] = {
	[W_HREF] = { "href", NULL },
	[W_TEXT] = { "text", NULL },
	[W_DESK] = { "desk", NULL },		/* whose it is */
	[W__COUNT] = { NULL, NULL }
};

enum { S_HREF, S_TEXT, S_LINK, S__COUNT };
const struct view_name step_names[] = {
	[S_HREF] = { "href", NULL },
	[S_TEXT] = { "text", NULL },
	[S_LINK] = { "link", NULL },
	[S__COUNT] = { NULL, NULL }
};

/* A list of rows that is being filled. */
struct part {
	struct request	*rq;
	struct view	*page;
	size_t		 i;
	bool		*some;
};

/* ---- what waits ---- */

static void
add(const struct part *part, size_t desk, const char *href, const char *text)
{
	struct request	*rq = part->rq;
	struct view	*row = view_row(part->page, part->i);

	view_text(row, W_HREF, href);
	view_text(row, W_TEXT, text);
	view_text(row, W_DESK, text_in(rq->words, desks[desk].title));
	*part->some = true;
}

static void
add_cases(const struct part *part, size_t desk, const char *list, const char *text)
{
	add(part, desk, talloc_asprintf(part->rq, "/admin/queue?desk=%s&list=%s",
	    desks[desk].name, list), text);
}

/* What a list of the queue says here; NULL: nothing. */
static const char *
sentence(struct request *rq, const struct list *l, int64_t n)
{
	const char	*count = dashboard_count(rq, n);
	unsigned long	 many = (unsigned long)n;

	if (strcmp(l->key, "received") == 0)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case is to be opened for decision",
		    "%s cases are to be opened for decision", many), count);
	if (strcmp(l->key, "ask") == 0)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%s request for help is open",
		    "%s requests for help are open", many), count);
	if (strcmp(l->key, "mine") == 0)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case is assigned to you",
		    "%s cases are assigned to you", many), count);
	if (strcmp(l->key, "unread") == 0)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case has messages that nobody has read",
		    "%s cases have messages that nobody has read", many), count);
	if (l->by == BY_STILL)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "%1$s case has not moved for %2$u days or more",
		    "%1$s cases have not moved for %2$u days or more", many), count,
		    rq->settings->remind_days);
	return NULL;
}

static enum outcome
add_lists(const struct part *part, size_t desk)
{
	struct request		*rq = part->rq;
	const struct lists	 ls = {
		.db = rq->app->db, .desk = &desks[desk], .admin = &rq->session->admin.id,
		.today = when_day_of(rq->now), .remind_days = rq->settings->remind_days,
	};

	for (const struct list *l = lists_of(ls.desk); l->key != NULL; l++) {
		enum outcome	got;
		int64_t		n;

		if (sentence(rq, l, 0) == NULL)
			continue;
		if ((got = lists_count(&ls, l, &n)) != OUT_OK)
			return got;
		if (n > 0)
			add_cases(part, desk, l->key, sentence(rq, l, n));
	}
	return OUT_OK;
}

static enum outcome
add_rounds(const struct part *part, size_t desk)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	int64_t		 votes, over;
	enum outcome	 got;

	if (!desks[desk].decides)
		return OUT_OK;
	if ((got = db_first(rq->app->db, rq, &waiting_queries[Q_ROUNDS], &row, DB_INT(rq->now),
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_TEXT(desks[desk].name),
	    DB_INT(LIST_COUNTED + 1))) != OUT_OK)
		return got;
	votes = row.at[0].number;
	over = row.at[1].number;
	if (votes > 0)
		add_cases(part, desk, "review", talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case awaits your vote", "%s cases await your vote",
		    (unsigned long)votes), dashboard_count(rq, votes)));
	if (over > 0)
		add_cases(part, desk, "review", talloc_asprintf(rq, text_in_n(rq->words,
		    "%s case was not decided and can be opened again",
		    "%s cases were not decided and can be opened again",
		    (unsigned long)over), dashboard_count(rq, over)));
	return OUT_OK;
}

static enum outcome
add_statements(const struct part *part)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	int64_t		 votes, ready;
	enum outcome	 got;

	if ((got = db_first(rq->app->db, rq, &waiting_queries[Q_STATEMENTS], &row,
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_INT(rq->now))) != OUT_OK)
		return got;
	votes = row.at[0].number;
	ready = row.at[1].number;
	if (votes > 0)
		add(part, DESK_STATEMENTS, "/admin/statements?list=review", talloc_asprintf(rq,
		    text_in_n(rq->words, "%lld statement awaits your vote",
		    "%lld statements await your vote", (unsigned long)votes), (long long)votes));
	if (ready > 0)
		add(part, DESK_STATEMENTS, "/admin/statements?list=ready", talloc_asprintf(rq,
		    text_in_n(rq->words, "%lld statement is ready to be published",
		    "%lld statements are ready to be published", (unsigned long)ready),
		    (long long)ready));
	return OUT_OK;
}

static enum outcome
add_events(const struct part *part)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	int64_t		 n;
	enum outcome	 got = db_first(rq->app->db, rq, &waiting_queries[Q_DRAFTS], &row);

	if (got != OUT_OK)
		return got;
	if ((n = row.at[0].number) > 0)
		add(part, DESK_EVENTS, "/admin/events?list=drafts", talloc_asprintf(rq,
		    text_in_n(rq->words, "%lld event is a draft that nobody else sees",
		    "%lld events are drafts that nobody else sees", (unsigned long)n),
		    (long long)n));
	return OUT_OK;
}

enum outcome
waiting_part(struct request *rq, struct view *page, size_t i, bool *some)
{
	const struct part	part = { rq, page, i, some };
	enum outcome		got = OUT_OK;

	/* First what nobody else can do. */
	for (size_t desk = 0; got == OUT_OK && desk < INTAKES; desk++) {
		if (dashboard_serves(rq, desk))
			got = add_rounds(&part, desk);
	}
	if (got == OUT_OK && dashboard_serves(rq, DESK_STATEMENTS))
		got = add_statements(&part);
	for (size_t desk = 0; got == OUT_OK && desk < INTAKES; desk++) {
		if (dashboard_serves(rq, desk))
			got = add_lists(&part, desk);
	}
	if (got == OUT_OK && dashboard_serves(rq, DESK_EVENTS))
		got = add_events(&part);
	return got;
}

/* ---- what is to be done first ---- */

static void
add_step(const struct part *part, const char *href, const char *text, const char *link)
{
	struct view *row = view_row(part->page, part->i);

	view_text(row, S_HREF, href);
	view_text(row, S_TEXT, text);
	view_text(row, S_LINK, text_in(part->rq->words, link));
	*part->some = true;
}

/* Fewer serve at a desk than its rule needs to decide anything. */
static enum outcome
add_short(const struct part *part, size_t desk)
{
	struct request		*rq = part->rq;
	const struct rule	*rule = case_rule(rq, &desks[desk]);
	int64_t			 serving;
	enum outcome		 got;

	if (!desks[desk].decides)
		return OUT_OK;
	if ((got = case_serving(rq, &desks[desk], &serving)) == OUT_OK &&
	    serving < rule->reviewers)
		add_step(part, "/admin/people", talloc_asprintf(rq, text_in(rq->words,
		    "%1$s: the rule asks for %2$u reviewers, and %3$lld can open its cases."),
		    text_in(rq->words, desks[desk].title), rule->reviewers, (long long)serving),
		    N_("Invite another reviewer"));
	return got;
}

/* Unless the statement finds one. */
static enum outcome
add_first(const struct part *part, int q, const char *href, const char *text,
    const char *link)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	enum outcome	 got = db_first(rq->app->db, rq, &waiting_queries[q], &row);

	if (got == OUT_OK && row.at[0].number == 0)
		add_step(part, href, text_in(rq->words, text), link);
	return got;
}

/* Nobody has written to the desk yet. */
static enum outcome
add_form(const struct part *part, size_t desk)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	enum outcome	 got;

	got = db_first(rq->app->db, rq, &waiting_queries[Q_WRITTEN], &row,
	    DB_TEXT(desks[desk].name));
	if (got == OUT_OK && row.at[0].number == 0)
		add_step(part, talloc_asprintf(rq, "/%s", desks[desk].form),
		    talloc_asprintf(rq, text_in(rq->words, "%s: nobody has written yet."),
		    text_in(rq->words, desks[desk].title)),
		    N_("Open the form as visitors see it"));
	return got;
}

enum outcome
steps_part(struct request *rq, struct view *page, size_t i, bool *some)
{
	const struct part	part = { rq, page, i, some };
	enum outcome		got = OUT_OK;

	for (size_t desk = 0; got == OUT_OK && desk < INTAKES; desk++) {
		if (dashboard_serves(rq, desk))
			got = add_short(&part, desk);
	}
	if (got == OUT_OK && dashboard_serves(rq, DESK_STATEMENTS))
		got = add_first(&part, Q_STATEMENT, "/admin/statements/new",
		    N_("Nothing was said in public yet."), N_("Write the first statement"));
	if (got == OUT_OK && dashboard_serves(rq, DESK_EVENTS))
		got = add_first(&part, Q_EVENT, "/admin/events/new",
		    N_("No event is in the calendar yet."), N_("Describe the first event"));
	for (size_t desk = 0; got == OUT_OK && desk < INTAKES; desk++) {
		if (dashboard_serves(rq, desk))
			got = add_form(&part, desk);
	}
	return got;
}
