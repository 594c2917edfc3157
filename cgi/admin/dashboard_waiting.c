/*
 * dashboard_waiting.c: what waits for the one who is logged in, by desk, and what is to be done
 * first where nothing does yet.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "dashboard.h"
#include "lists.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum {
	LINES_MAX = 32,
	SOON_DAYS = 3		/* before a vote closes */
};

enum { Q_ROUNDS, Q_URGENT, Q_STATEMENTS, Q_DRAFTS, Q_WRITTEN, Q_STATEMENT, Q_EVENT, Q__COUNT };

const struct db_query waiting_queries[] = {	/* takes, gives, sql */
	/* Of a desk's cases in review, by what rule_verdict() says: those that can still be decided
	 * and lack my vote; those that cannot; when the first of the former closes. */
	[Q_ROUNDS] = { "ibsi", "iiI",
	    "SELECT COUNT(IF(alive AND mine > 0, 1, NULL)), COUNT(IF(alive, NULL, 1)),"
	    " MIN(IF(alive AND mine > 0, closes_at, NULL)) FROM"
	    " (SELECT r.closes_at, r.closes_at > ?"
	    "  AND SUM(e.vote IS NULL OR e.vote <> 'recused') >= GREATEST(r.quorum, r.favour)"
	    "  AND SUM(e.vote IS NULL OR e.vote = 'favour') >= r.favour AS alive,"
	    "  SUM(e.vote IS NULL AND e.admin = ?) AS mine"
	    "  FROM (SELECT id FROM submission FORCE INDEX (queue)"
	    "   WHERE desk = ? AND state = 'review' LIMIT ?) s"
	    "  STRAIGHT_JOIN round r ON r.submission = s.id AND r.ended_at IS NULL"
	    "  STRAIGHT_JOIN elector e ON e.submission = s.id AND e.number = r.number"
	    "  GROUP BY s.id, r.closes_at, r.quorum, r.favour) t" },
	/* The most urgent that a form offers is its first choice. */
	[Q_URGENT] = { "si", "i",
	    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM submission FORCE INDEX (open)"
	    " WHERE desk = ? AND kind = 'ask' AND ended_day IS NULL AND suspect = 0"
	    " AND sunk = 0 AND urgency = 0 LIMIT ?) u" },
	[Q_STATEMENTS] = { "bi", "iiI",
	    "SELECT COUNT(IF(s.state = 'review', 1, NULL)),"
	    " COUNT(IF(s.state = 'ready', 1, NULL)),"
	    " MIN(IF(s.state = 'review', s.closes_at, NULL))"
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

enum { W_HREF, W_COUNT, W_WORDS, W_TAG, W_NOW, W__COUNT };
static const struct view_name line_names[] = {
	[W_HREF] = { "href", NULL },
	[W_COUNT] = { "count", NULL },
	[W_WORDS] = { "words", NULL },		/* what stands behind the number */
	[W_TAG] = { "tag", NULL },
	[W_NOW] = { "now", NULL },		/* urgent */
	[W__COUNT] = { NULL, NULL }
};

enum { G_DESK, G_KEY, G_LINES, G__COUNT };
const struct view_name waiting_names[] = {
	[G_DESK] = { "desk", NULL },
	[G_KEY] = { "key", NULL },
	[G_LINES] = { "lines", line_names },
	[G__COUNT] = { NULL, NULL }
};

enum { S_HREF, S_TEXT, S_LINK, S__COUNT };
const struct view_name step_names[] = {
	[S_HREF] = { "href", NULL },
	[S_TEXT] = { "text", NULL },
	[S_LINK] = { "link", NULL },
	[S__COUNT] = { NULL, NULL }
};

/* ---- what waits ---- */

/* How soon somebody should look. */
enum rank { NOW, MINE, OURS };

struct line {
	size_t		 desk;
	enum rank	 rank;
	const char	*href, *count, *words;
	const char	*tag;		/* why now; NULL: there is no more to say */
};

/* What was found, before it is put in order. */
struct found {
	struct request	*rq;
	size_t		 n;
	struct line	 at[LINES_MAX];
};

static void
add(struct found *all, const struct line *line)
{
	if (all->n < LINES_MAX)
		all->at[all->n++] = *line;
}

static const char *
list_href(struct request *rq, size_t desk, const char *list)
{
	return talloc_asprintf(rq, "/admin/queue?desk=%s&list=%s", desks[desk].name, list);
}

/* "by 24 November 2026", of what ends soon; NULL: it does not. */
static const char *
soon(struct request *rq, const struct db_value *closes_at)
{
	if (closes_at->type == 0 || closes_at->number > rq->now + SOON_DAYS * DAY)
		return NULL;
	return talloc_asprintf(rq, text_in(rq->words, "by %s"),
	    when_day(rq, rq->words, closes_at->number));
}

/* What a list of the queue says here, behind its number; NULL: nothing. */
static const char *
list_words(struct request *rq, const struct list *l, int64_t n)
{
	unsigned long many = (unsigned long)n;

	if (strcmp(l->key, "received") == 0)
		return text_in_n(rq->words, "case to be opened for decision",
		    "cases to be opened for decision", many);
	if (strcmp(l->key, "ask") == 0)
		return text_in_n(rq->words, "open request for help",
		    "open requests for help", many);
	if (strcmp(l->key, "mine") == 0)
		return text_in_n(rq->words, "case that you took on",
		    "cases that you took on", many);
	if (strcmp(l->key, "unread") == 0)
		return text_in_n(rq->words, "case with messages that nobody has read",
		    "cases with messages that nobody has read", many);
	if (l->by == BY_STILL)
		return talloc_asprintf(rq, text_in_n(rq->words,
		    "case that has not moved for %u days or more",
		    "cases that have not moved for %u days or more", many),
		    rq->settings->remind_days);
	return NULL;
}

/* What a form calls the most urgent that it offers; NULL: it does not ask. */
static const char *
most_urgent(const struct form *form, size_t lang)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		if (field->index != NULL && strcmp(field->index, "urgency") == 0 &&
		    field->n_choices > 0)
			return field->choices[0].label.in[lang];
	}
	return NULL;
}

/* How many requests are of the most urgent kind that their form offers, as it calls it; NULL:
 * none is, or it does not ask. */
static enum outcome
urgent(struct request *rq, size_t desk, const char **tag)
{
	const char	*label = most_urgent(answers_form(rq, &desks[desk]), rq->lang);
	struct db_row	 row;
	enum outcome	 got;

	*tag = NULL;
	if (label == NULL)
		return OUT_OK;
	got = db_first(rq->app->db, rq, &waiting_queries[Q_URGENT], &row,
	    DB_TEXT(desks[desk].name), DB_INT(LIST_COUNTED + 1));
	if (got == OUT_OK && row.at[0].number > 0)
		*tag = talloc_asprintf(rq, "%s: %s", label,
		    dashboard_count(rq, row.at[0].number));
	return got;
}

static enum outcome
find_list(struct found *all, size_t desk, const struct lists *ls, const struct list *l)
{
	struct request	*rq = all->rq;
	struct line	 line = { .desk = desk, .rank = OURS };
	int64_t		 n;
	enum outcome	 got = lists_count(ls, l, &n);

	if (got != OUT_OK || n == 0)
		return got;
	line.href = list_href(rq, desk, l->key);
	line.count = dashboard_count(rq, n);
	line.words = list_words(rq, l, n);
	if (l->by == BY_UNREAD)
		line.rank = NOW;
	else if (l->by == BY_ASSIGNEE)
		line.rank = MINE;
	else if (strcmp(l->key, "ask") == 0)
		got = urgent(rq, desk, &line.tag);
	if (line.tag != NULL)
		line.rank = NOW;
	add(all, &line);
	return got;
}

static enum outcome
find_lists(struct found *all, size_t desk)
{
	struct request		*rq = all->rq;
	enum outcome		 got = OUT_OK;
	const struct lists	 ls = {
		.db = rq->app->db, .desk = &desks[desk], .admin = &rq->session->admin.id,
		.today = when_day_of(rq->now), .remind_days = rq->settings->remind_days,
	};

	for (const struct list *l = lists_of(ls.desk); got == OUT_OK && l->key != NULL; l++) {
		if (list_words(rq, l, 0) != NULL)
			got = find_list(all, desk, &ls, l);
	}
	return got;
}

/* What only I can do about what is being decided. */
static void
add_votes(struct found *all, size_t desk, const char *href, int64_t n, const char *words,
    const struct db_value *closes_at)
{
	struct line line = { .desk = desk, .rank = MINE, .href = href, .words = words };

	line.count = dashboard_count(all->rq, n);
	if ((line.tag = soon(all->rq, closes_at)) != NULL)
		line.rank = NOW;
	if (n > 0)
		add(all, &line);
}

static void
add_ours(struct found *all, size_t desk, const char *href, int64_t n, const char *words)
{
	struct line line = { .desk = desk, .rank = OURS, .href = href, .words = words };

	line.count = dashboard_count(all->rq, n);
	if (n > 0)
		add(all, &line);
}

static enum outcome
find_rounds(struct found *all, size_t desk)
{
	struct request	*rq = all->rq;
	const char	*href = list_href(rq, desk, "review");
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
	add_votes(all, desk, href, votes, text_in_n(rq->words, "case awaits your vote",
	    "cases await your vote", (unsigned long)votes), &row.at[2]);
	add_ours(all, desk, href, over, text_in_n(rq->words,
	    "case was not decided and can be opened again",
	    "cases were not decided and can be opened again", (unsigned long)over));
	return OUT_OK;
}

static enum outcome
find_statements(struct found *all)
{
	struct request	*rq = all->rq;
	struct db_row	 row;
	int64_t		 votes, ready;
	enum outcome	 got;

	if ((got = db_first(rq->app->db, rq, &waiting_queries[Q_STATEMENTS], &row,
	    DB_BYTES(rq->session->admin.id.at, ID_LEN), DB_INT(rq->now))) != OUT_OK)
		return got;
	votes = row.at[0].number;
	ready = row.at[1].number;
	add_votes(all, DESK_STATEMENTS, "/admin/statements?list=review", votes,
	    text_in_n(rq->words, "statement awaits your vote", "statements await your vote",
	    (unsigned long)votes), &row.at[2]);
	add_ours(all, DESK_STATEMENTS, "/admin/statements?list=ready", ready,
	    text_in_n(rq->words, "statement ready to be published",
	    "statements ready to be published", (unsigned long)ready));
	return OUT_OK;
}

static enum outcome
find_events(struct found *all)
{
	struct request	*rq = all->rq;
	struct db_row	 row;
	enum outcome	 got = db_first(rq->app->db, rq, &waiting_queries[Q_DRAFTS], &row);

	if (got == OUT_OK)
		add_ours(all, DESK_EVENTS, "/admin/events?list=drafts", row.at[0].number,
		    text_in_n(rq->words, "event is a draft that nobody outside sees",
		    "events are drafts that nobody outside sees",
		    (unsigned long)row.at[0].number));
	return got;
}

static enum outcome
find_all(struct found *all)
{
	struct request	*rq = all->rq;
	enum outcome	 got = OUT_OK;

	for (size_t desk = 0; got == OUT_OK && desk < INTAKES; desk++) {
		if (dashboard_serves(rq, desk) && (got = find_rounds(all, desk)) == OUT_OK)
			got = find_lists(all, desk);
	}
	if (got == OUT_OK && dashboard_serves(rq, DESK_STATEMENTS))
		got = find_statements(all);
	if (got == OUT_OK && dashboard_serves(rq, DESK_EVENTS))
		got = find_events(all);
	return got;
}

/* A desk's lines, those that are urgent first. */
static void
show_desk(const struct found *all, size_t desk, struct view *page, size_t i)
{
	struct request	*rq = all->rq;
	struct view	*group = view_row(page, i);

	view_text(group, G_DESK, text_in(rq->words, desks[desk].title));
	view_text(group, G_KEY, desks[desk].name);
	for (unsigned rank = NOW; rank <= OURS; rank++) {
		for (size_t at = 0; at < all->n; at++) {
			const struct line	*line = &all->at[at];
			struct view		*row;

			if (line->desk != desk || line->rank != rank)
				continue;
			row = view_row(group, G_LINES);
			view_text(row, W_HREF, line->href);
			view_text(row, W_COUNT, line->count);
			view_text(row, W_WORDS, line->words);
			view_text(row, W_TAG, line->tag);
			view_flag(row, W_NOW, rank == NOW);
		}
	}
}

/* The most urgent that waits at a desk; OURS + 1: nothing does. */
static unsigned
first_rank(const struct found *all, size_t desk)
{
	unsigned first = OURS + 1;

	for (size_t at = 0; at < all->n; at++) {
		if (all->at[at].desk == desk && all->at[at].rank < first)
			first = all->at[at].rank;
	}
	return first;
}

enum outcome
waiting_part(struct request *rq, struct view *page, size_t i, bool *some)
{
	struct found	*all = talloc_zero(rq, struct found);
	enum outcome	 got;

	if (all == NULL)
		return OUT_FAULT;
	all->rq = rq;
	if ((got = find_all(all)) != OUT_OK)
		return got;
	for (unsigned rank = NOW; rank <= OURS; rank++) {
		for (size_t desk = 0; desk < DESKS; desk++) {
			if (first_rank(all, desk) == rank)
				show_desk(all, desk, page, i);
		}
	}
	*some = all->n > 0;
	return OUT_OK;
}

/* ---- what is to be done first ---- */

/* A list of rows that is being filled. */
struct part {
	struct request	*rq;
	struct view	*page;
	size_t		 i;
	bool		*some;
};

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
