/*
 * talk.c: the conversation of a case as its desk sees it, and writing to who holds the
 * receipt.
 */
#include <string.h>
#include <talloc.h>

#include "case.h"
#include "openhall/talk.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { Q_AUTHORS, Q_LAST, Q__COUNT };

const struct db_query author_queries[] = {	/* takes, gives, sql */
	/* Also those who were removed: the name stays. */
	[Q_AUTHORS] = { "b", "bs",
	    "SELECT id, name FROM admin WHERE id IN"
	    " (SELECT author FROM message WHERE submission = ?)" },
	[Q_LAST] = { "b", "I",
	    "SELECT MAX(number) FROM message WHERE submission = ? AND author IS NOT NULL" },
};
const size_t author_n_queries = Q__COUNT;

enum { M_NAME, M_ME, M_OURS, M_WHEN, M_NEW, M_TEXT, M_CORRECTED, M_NEEDED, M_SETTLED,
	M__COUNT };

static const struct view_name message_rows[] = {
	[M_NAME] = { "name", NULL },		/* an admin's; none: the holder */
	[M_ME] = { "me", NULL },
	[M_OURS] = { "ours", NULL },
	[M_WHEN] = { "when", NULL },
	[M_NEW] = { "new", NULL },
	[M_TEXT] = { "text", NULL },
	[M_CORRECTED] = { "corrected", NULL },
	[M_NEEDED] = { "needed", NULL },
	[M_SETTLED] = { "settled", NULL },
	[M__COUNT] = { NULL, NULL }
};

enum { T_UNREAD, T_MESSAGES, T_MAY_WRITE, T_TYPED, T_NO_MESSAGE, T_LONG_MESSAGE, T_FULL, T__COUNT };

const struct view_name talk_names[] = {
	[T_UNREAD] = { "unread", NULL },
	[T_MESSAGES] = { "messages", message_rows },
	[T_MAY_WRITE] = { "may_write", NULL },
	[T_TYPED] = { "typed", NULL },
	[T_NO_MESSAGE] = { "no_message", NULL },
	[T_LONG_MESSAGE] = { "long_message", NULL },
	[T_FULL] = { "full", NULL },
	[T__COUNT] = { NULL, NULL }
};

/* ---- showing it ---- */

static const char *
author_name(const struct db_rows *authors, const struct id *author)
{
	for (size_t i = 0; i < authors->n; i++) {
		const struct db_value *at = authors->at[i].at;

		if (memcmp(at[0].bytes.data, author->at, ID_LEN) == 0)
			return at[1].bytes.data;
	}
	return NULL;
}

static void
add_message(struct request *rq, const struct talk_message *message,
    const struct db_rows *authors, bool fresh, struct view *v)
{
	struct view *row = view_row(v, T_MESSAGES);

	if (message->from_desk) {
		view_text(row, M_NAME, author_name(authors, &message->author));
		view_flag(row, M_ME, memcmp(message->author.at,
		    rq->session->admin.id.at, ID_LEN) == 0);
	}
	view_flag(row, M_OURS, message->from_desk);
	view_text(row, M_WHEN, when_moment(rq, rq->words, message->at));
	view_flag(row, M_NEW, fresh);
	view_text(row, M_TEXT, message->text);
	view_flag(row, M_CORRECTED, strcmp(message->kind, "corrected") == 0);
	view_flag(row, M_NEEDED, strcmp(message->kind, "needed") == 0);
	view_flag(row, M_SETTLED, strcmp(message->kind, "settled") == 0);
}

/* The last of the holder's messages, as many as were unread, are new. */
static void
add_messages(struct request *rq, const struct talk *talk,
    const struct db_rows *authors, int64_t unread, struct view *v)
{
	int64_t old = 0;

	for (size_t i = 0; i < talk->n; i++)
		old += !talk->at[i].from_desk;
	old -= unread;
	for (size_t i = 0; i < talk->n; i++) {
		bool theirs = !talk->at[i].from_desk;

		add_message(rq, &talk->at[i], authors, theirs && old <= 0, v);
		old -= theirs;
	}
}

enum outcome
talk_part(struct request *rq, struct dossier *d, struct view *page, size_t i,
    enum case_problem problem)
{
	int64_t		 unread = d->row.at[CF_DESK_UNREAD].number;
	struct db_rows	 authors;
	struct talk	 talk;
	struct view	*v;
	enum outcome	 got = OUT_OK;

	if (!d->opened)
		return OUT_OK;
	if (unread > 0 && rq->method == GET && !rq->head)
		got = talk_seen(rq->app->db, &d->id, true);
	if (got != OUT_OK || (got = talk_read(rq->app->db, rq, &d->id,
	    &d->content, &talk)) != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_FAULT : got;
	if ((got = db_all(rq->app->db, rq, &author_queries[Q_AUTHORS], &authors,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK)
		return got;
	v = view_row(page, i);
	if (unread > 0)
		view_text(v, T_UNREAD, talloc_asprintf(rq, text_in_n(rq->words,
		    "There is %lld new message.", "There are %lld new messages.",
		    (unsigned long)unread), (long long)unread));
	add_messages(rq, &talk, &authors, unread, v);
	view_flag(v, T_MAY_WRITE, 1);
	if (problem == CASE_NO_MESSAGE || problem == CASE_LONG_MESSAGE ||
	    problem == CASE_FULL)
		view_text(v, T_TYPED, pairs_find(&rq->body, "text"));
	view_flag(v, T_NO_MESSAGE, problem == CASE_NO_MESSAGE);
	view_flag(v, T_LONG_MESSAGE, problem == CASE_LONG_MESSAGE);
	view_flag(v, T_FULL, problem == CASE_FULL);
	return OUT_OK;
}

/* ---- writing ---- */

struct deed {
	struct request	*rq;
	struct dossier	*d;
	const char	*text;
};

static enum outcome
send_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct dossier	*d = deed->d;
	struct db_row	 last;
	enum outcome	 got;

	if ((got = case_lock(rq, d)) != OUT_OK)
		return got;
	if ((got = talk_add(db, rq, &d->id, &d->content, &rq->session->admin.id,
	    "text", deed->text, rq->now)) != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_FAULT : got;
	if ((got = db_first(db, rq, &author_queries[Q_LAST], &last,
	    DB_BYTES(d->id.at, ID_LEN))) != OUT_OK ||
	    (got = case_tell(rq, d, MAIL_MESSAGE, last.at[0].number)) != OUT_OK)
		return got;
	return case_note(rq, d, "case.message");
}

static enum outcome
send(struct deed *deed)
{
	struct request	*rq = deed->rq;
	enum outcome	 got;

	got = talk_take(rq, pairs_find(&rq->body, "text"), &deed->text);
	if (got == OUT_INVALID)
		return review_page(rq, deed->d, CASE_NO_MESSAGE);
	if (got == OUT_LIMITED)
		return review_page(rq, deed->d, CASE_LONG_MESSAGE);
	if (got != OUT_OK)
		return got;
	got = db_transaction(rq->app->db, send_work, deed);
	return got == OUT_LIMITED ? review_page(rq, deed->d, CASE_FULL) :
	    case_done(rq, deed->d, got);
}

enum outcome
talk_send(struct request *rq)
{
	struct dossier	d;
	struct deed	deed = { .rq = rq, .d = &d };
	enum outcome	got = case_read(rq, &d);

	if (got == OUT_OK)
		got = d.opened ? send(&deed) : review_page(rq, &d, CASE_LATE);
	case_close(&d);
	return got;
}
