/*
 * publish.c: what the public gets: publishing a statement, correcting it, withdrawing it, and
 * announcing it to subscribers.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "draft.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_ADD, Q_CORRECT, Q_REPLACE, Q_EDITION, Q_STATE, Q_PRESS, Q_REMOVE, Q_WITHDRAWN,
	Q_MAILING_ADD, Q_MAILING, Q_MAILS, Q_FAILED, Q_READERS, Q__COUNT };

const struct db_query publish_queries[] = {	/* takes, gives, sql */
	[Q_ADD] = { "bbsssssi", "",
	    "INSERT INTO published (id, work, lang, slug, title, summary, html,"
	    " published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_CORRECT] = { "sssisb", "",
	    "UPDATE published SET title = ?, summary = ?, html = ?,"
	    " corrected_at = ?, note = ? WHERE id = ?" },
	/* Before its time had come. */
	[Q_REPLACE] = { "sssib", "",
	    "UPDATE published SET title = ?, summary = ?, html = ?,"
	    " published_at = ? WHERE id = ?" },
	[Q_EDITION] = { "bissssib", "",
	    "INSERT INTO edition (statement, number, title, summary, body, note, at,"
	    " by_admin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" },
	[Q_STATE] = { "ib", "",
	    "UPDATE statement SET state = 'published', changed_at = ? WHERE id = ?" },
	[Q_PRESS] = { "", "", "UPDATE press SET number = number + 1 WHERE id = 1" },
	[Q_REMOVE] = { "b", "", "DELETE FROM published WHERE id = ?" },
	/* A correction that is being written goes on being written. */
	[Q_WITHDRAWN] = { "ib", "",
	    "UPDATE statement SET state = IF(state = 'published', 'withdrawn', state),"
	    " changed_at = ? WHERE id = ?" },
	[Q_MAILING_ADD] = { "bsibi", "",
	    "INSERT INTO mailing (id, lang, asked_at, asked_by, due_at)"
	    " VALUES (?, ?, ?, ?, ?)" },
	[Q_MAILING] = { "b", "isiI",
	    "SELECT m.asked_at, a.name, m.due_at, m.expanded_at FROM mailing m"
	    " JOIN admin a ON a.id = m.asked_by WHERE m.id = ?" },
	[Q_MAILS] = { "b", "si",
	    "SELECT state, COUNT(*) FROM outbox WHERE mailing = ? GROUP BY state" },
	[Q_FAILED] = { "b", "ii",
	    "SELECT code, COUNT(*) AS n FROM outbox WHERE mailing = ? AND state = 'failed'"
	    " GROUP BY code ORDER BY n DESC, code" },
	[Q_READERS] = { "s", "i",
	    "SELECT COUNT(*) FROM subscriber WHERE state = 'confirmed' AND lang = ?" },
};
const size_t publish_n_queries = Q__COUNT;

enum { G_ID, G_TITLE, G_LANGUAGE, G_SINCE, G__COUNT };

static const struct view_name withdraw_names[] = {
	[G_ID] = { "id", NULL },
	[G_TITLE] = { "name", NULL },
	[G_LANGUAGE] = { "language", NULL },
	[G_SINCE] = { "since", NULL },
	[G__COUNT] = { NULL, NULL }
};

void
publish_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->withdraw,
	    "admin-statement-withdraw.html", withdraw_names);
}

/* ---- publishing ---- */

struct deed {
	struct request	*rq;
	struct draft	*d;
	int64_t		 version;	/* that was seen */
	int64_t		 at;		/* when it becomes public */
	const char	*note;		/* of a correction, or "" */
	struct markup	 html;
};

/*
 * "2026-11-30 18:00", in UTC; nothing: now.  Years before the first feed and far from now are
 * slips.
 */
static bool
read_moment(const char *text, int64_t now, int64_t *out)
{
	struct tm	 tm = { .tm_sec = 0 }, back;
	const char	*end;
	time_t		 t;

	*out = now;
	if (*text == '\0')
		return true;
	if ((end = strptime(text, "%Y-%m-%d", &tm)) == NULL || (*end != ' ' && *end != 'T') ||
	    (end = strptime(end + 1, "%H:%M", &tm)) == NULL || *end != '\0')
		return false;
	back = tm;
	t = timegm(&back);
	*out = t;
	/* The 30th of February is another day. */
	return back.tm_mday == tm.tm_mday && back.tm_mon == tm.tm_mon &&
	    back.tm_year >= 70 && back.tm_year < 200;
}

static enum outcome
show_public(struct db *db, const struct deed *deed, bool corrects)
{
	const struct draft	*d = deed->d;
	struct db_value		 id = DB_BYTES(d->id.at, ID_LEN);

	if (corrects)
		return db_run(db, &publish_queries[Q_CORRECT], NULL,
		    DB_TEXT(d->text.title), DB_TEXT(d->text.summary),
		    DB_TEXT(deed->html.html), DB_INT(deed->rq->now), DB_TEXT(deed->note), id);
	if (d->is_public)
		return db_run(db, &publish_queries[Q_REPLACE], NULL,
		    DB_TEXT(d->text.title), DB_TEXT(d->text.summary),
		    DB_TEXT(deed->html.html), DB_INT(deed->at), id);
	return db_run(db, &publish_queries[Q_ADD], NULL, id, DB_BYTES(d->work.at, ID_LEN),
	    DB_TEXT(d->text.lang), DB_TEXT(d->text.slug), DB_TEXT(d->text.title),
	    DB_TEXT(d->text.summary), DB_TEXT(deed->html.html), DB_INT(deed->at));
}

/* All of it or nothing; whoever keeps a page made sees it by the number of the press. */
static enum outcome
publish_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct draft	*d = deed->d;
	int64_t		 from;
	bool		 corrects;
	enum outcome	 got;

	/* The HTML is of the version that was read before. */
	if ((got = draft_lock(rq, d, deed->version)) != OUT_OK)
		return got;
	corrects = draft_is_correction(rq, d);
	if (!draft_can_publish(rq, d) || corrects != (*deed->note != '\0'))
		return OUT_CONFLICT;
	from = corrects || deed->at < rq->now ? rq->now : deed->at;
	if ((got = show_public(db, deed, corrects)) != OUT_OK ||
	    (got = db_run(db, &publish_queries[Q_EDITION], NULL,
	    DB_BYTES(d->id.at, ID_LEN), DB_INT(d->editions + 1), DB_TEXT(d->text.title),
	    DB_TEXT(d->text.summary), DB_TEXT(d->text.body), DB_TEXT(deed->note),
	    DB_INT(from), DB_BYTES(rq->session->admin.id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &publish_queries[Q_STATE], NULL, DB_INT(rq->now),
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run_values(db, &publish_queries[Q_PRESS], NULL, NULL, 0)) != OUT_OK)
		return got;
	return draft_note(rq, d, corrects ? "statement.corrected" : "statement.published");
}

enum outcome
publish_take(struct request *rq)
{
	const char	*at = typed_text(rq, "at");
	struct draft	 d;
	struct deed	 deed = { .rq = rq, .d = &d, .note = typed_text(rq, "note"),
			    .version = draft_version_sent(rq) };
	struct shown	 shown = { .problems = 0 };
	enum outcome	 got;

	if ((got = draft_read(rq, &d)) != OUT_OK)
		return got;
	if (at == NULL || deed.note == NULL)
		return OUT_FAULT;
	if (deed.version != d.version || !draft_can_publish(rq, &d))
		return draft_done(rq, &d, "", OUT_CONFLICT);
	if (!draft_is_correction(rq, &d)) {
		deed.note = "";
		if (!read_moment(at, rq->now, &deed.at))
			shown.problems |= 1u << DRAFT_BAD_TIME;
	} else if (*deed.note == '\0') {
		shown.problems |= 1u << DRAFT_NO_NOTE;
	} else if (form_characters(deed.note) > STATEMENT_NOTE_MAX) {
		shown.problems |= 1u << DRAFT_LONG_NOTE;
	}
	if (shown.problems != 0)
		return statement_page(rq, &d, &shown);
	if ((got = markdown_html(rq, d.text.body, &deed.html)) != OUT_OK)
		return OUT_FAULT;	/* it was saved, so it could be rendered then */
	return draft_done(rq, &d, deed.at > rq->now ? "scheduled" : "published",
	    db_transaction(rq->app->db, publish_work, &deed));
}

/* ---- withdrawing ---- */

enum outcome
publish_withdraw_ask(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, withdraw_names);
	struct draft		 d;
	enum outcome		 got = draft_read(rq, &d);

	if (got != OUT_OK)
		return got;
	if (!d.is_public)
		return OUT_MISSING;
	view_text(v, G_ID, d.hex);
	view_text(v, G_TITLE, d.text.title);
	view_text(v, G_LANGUAGE, draft_language(rq, d.text.lang));
	view_text(v, G_SINCE, when_moment(rq, rq->words, d.published_at));
	return page_send(rq, &office->withdraw, v, 200);
}

static enum outcome
withdraw_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct draft	*d = deed->d;
	enum outcome	 got;

	if ((got = draft_lock(deed->rq, d, 0)) != OUT_OK)
		return got;
	if (!d->is_public)
		return OUT_CONFLICT;
	if ((got = db_run(db, &publish_queries[Q_REMOVE], NULL,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run(db, &publish_queries[Q_WITHDRAWN], NULL, DB_INT(deed->rq->now),
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = db_run_values(db, &publish_queries[Q_PRESS], NULL, NULL, 0)) != OUT_OK)
		return got;
	return draft_note(deed->rq, d, "statement.withdrawn");
}

enum outcome
publish_withdraw(struct request *rq)
{
	struct draft	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = draft_read(rq, &d);

	return got != OUT_OK ? got : draft_done(rq, &d, "withdrawn",
	    db_transaction(rq->app->db, withdraw_work, &deed));
}

/* ---- announcing ---- */

/* Once: its row is there already the second time. */
static enum outcome
announce_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct draft	*d = deed->d;
	enum outcome	 got;

	if ((got = draft_lock(rq, d, 0)) != OUT_OK)
		return got;
	if (!d->is_public)
		return OUT_CONFLICT;
	got = db_run(db, &publish_queries[Q_MAILING_ADD], NULL, DB_BYTES(d->id.at, ID_LEN),
	    DB_TEXT(d->text.lang), DB_INT(rq->now),
	    DB_BYTES(rq->session->admin.id.at, ID_LEN),
	    DB_INT(d->published_at > rq->now ? d->published_at : rq->now));
	return got == OUT_OK ? draft_note(rq, d, "statement.announced") : got;
}

enum outcome
publish_announce(struct request *rq)
{
	struct draft	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = draft_read(rq, &d);

	return got != OUT_OK ? got : draft_done(rq, &d, "announced",
	    db_transaction(rq->app->db, announce_work, &deed));
}

enum { W_N, W_CODE, W_WORDS, W_FIRST, W_LAST, W__COUNT };

static const struct view_name failure_names[] = {
	[W_N] = { "n", NULL },
	[W_CODE] = { "code", NULL },		/* the last answer, if there was one */
	[W_WORDS] = { "words", NULL },
	[W_FIRST] = { "first", NULL },
	[W_LAST] = { "last", NULL },
	[W__COUNT] = { NULL, NULL }
};

enum { M_ASKED, M_BY, M_DUE, M_WAITING, M_SENT, M_FAILED, M_DROPPED, M_FAILURES, M_OTHERS,
	M_COUNTING, M_READERS, M__COUNT };

const struct view_name mailing_names[] = {
	[M_ASKED] = { "asked", NULL },		/* none: it was not announced yet */
	[M_BY] = { "by", NULL },
	[M_DUE] = { "due", NULL },		/* not before */
	[M_WAITING] = { "waiting", NULL },
	[M_SENT] = { "sent", NULL },
	[M_FAILED] = { "failed", NULL },
	[M_DROPPED] = { "dropped", NULL },	/* their readers had left meanwhile */
	[M_FAILURES] = { "failures", failure_names },
	[M_OTHERS] = { "others", NULL },	/* failed in rarer ways */
	[M_COUNTING] = { "counting", NULL },	/* not all are in the numbers yet */
	[M_READERS] = { "readers", NULL },
	[M__COUNT] = { NULL, NULL }
};

/* What answers of a mail server mean (RFC 5321, 4.2.3; RFC 7504), the first that fits. */
static const struct { int64_t from, to; const char *words; } answers[] = {
	{ 521, 521, N_("The mail server there takes no mail") },
	{ 550, 551, N_("There is no such mailbox, or it takes nothing from us") },
	{ 552, 552, N_("The mailbox is full") },
	{ 553, 553, N_("No mailbox can have such an address") },
	{ 554, 554, N_("The mail server there does not want our mail") },
	{ 556, 556, N_("The mail server there takes no mail") },
	{ 530, 538, N_("Our own mail server did not let us in, until we gave up") },
	{ 500, 599, N_("A mail server refused it for good") },
	{ 400, 499, N_("A mail server put it off again and again, until we gave up") },
	{ INT64_MIN, INT64_MAX,
	    N_("No mail server answered until we gave up, or the address could not be read") },
};

enum { FAILURES_SHOWN = 20 };

/* By the last answer, the most frequent first: to whom it was does not matter, and is not
 * known here. */
static enum outcome
add_failures(struct request *rq, const struct draft *d, struct view *row)
{
	struct db_rows	rows;
	int64_t		others = 0;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &publish_queries[Q_FAILED], &rows,
	    DB_BYTES(d->id.at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
		int64_t		 code = rows.at[i].at[0].number, n = rows.at[i].at[1].number;
		struct view	*why;
		size_t		 k = 0;

		if (i >= FAILURES_SHOWN) {
			others += n;
			continue;
		}
		while (code < answers[k].from || code > answers[k].to)
			k++;
		why = view_row(row, M_FAILURES);
		view_number(why, W_N, n);
		if (code > 0)
			view_number(why, W_CODE, code);
		view_text(why, W_WORDS, text_in(rq->words, answers[k].words));
		view_flag(why, W_FIRST, i == 0);
		view_flag(why, W_LAST, i + 1 == rows.n || i + 1 == FAILURES_SHOWN);
	}
	if (others > 0)
		view_number(row, M_OTHERS, others);
	return got;
}

static enum outcome
add_progress(struct request *rq, const struct draft *d, struct view *row)
{
	static const struct { const char *state; size_t name; } names[] = {
		{ "waiting", M_WAITING }, { "sent", M_SENT }, { "failed", M_FAILED },
		{ "dropped", M_DROPPED },
	};
	struct db_rows	rows;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &publish_queries[Q_MAILS], &rows,
	    DB_BYTES(d->id.at, ID_LEN));
	for (size_t n = 0; got == OUT_OK && n < sizeof(names) / sizeof(names[0]); n++) {
		int64_t count = 0;

		for (size_t i = 0; i < rows.n; i++) {
			if (strcmp(rows.at[i].at[0].bytes.data, names[n].state) == 0)
				count = rows.at[i].at[1].number;
		}
		if (count > 0 || names[n].name != M_DROPPED)
			view_number(row, names[n].name, count);
	}
	return got == OUT_OK ? add_failures(rq, d, row) : got;
}

enum outcome
mailing_part(struct request *rq, const struct draft *d, struct view *v, size_t i)
{
	const struct office	*office = rq->app->own;
	struct view		*row;
	struct db_row		 is;
	enum outcome		 got;

	got = db_first(rq->app->db, rq, &publish_queries[Q_MAILING], &is,
	    DB_BYTES(d->id.at, ID_LEN));
	if (got != OUT_OK && got != OUT_MISSING)
		return got;
	if (got == OUT_OK) {
		row = view_row(v, i);
		view_text(row, M_ASKED, when_moment(rq, rq->words, is.at[0].number));
		view_text(row, M_BY, is.at[1].bytes.data);
		if (is.at[2].number > rq->now)
			view_text(row, M_DUE, when_moment(rq, rq->words, is.at[2].number));
		view_flag(row, M_COUNTING, is.at[3].type == 0);
		return add_progress(rq, d, row);
	}
	if (!d->is_public || !office->mails)
		return OUT_OK;
	if ((got = db_first(rq->app->db, rq, &publish_queries[Q_READERS], &is,
	    DB_TEXT(d->text.lang))) != OUT_OK)
		return got;
	row = view_row(v, i);
	view_number(row, M_READERS, is.at[0].number);
	return OUT_OK;
}
