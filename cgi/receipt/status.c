/*
 * status.c: where a submission stands: what its state means, the conversation with its
 * desk, what was sent, and what can be done about it.
 */
#include <string.h>
#include <talloc.h>

#include "holder.h"
#include "openhall/census.h"
#include "openhall/talk.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { M_OURS, M_WHEN, M_NEW, M_TEXT, M_CORRECTED, M_NEEDED, M_SETTLED, M__COUNT };

static const struct view_name message_rows[] = {
	[M_OURS] = { "ours", NULL },		/* the holder's own */
	[M_WHEN] = { "when", NULL },
	[M_NEW] = { "new", NULL },
	[M_TEXT] = { "text", NULL },
	[M_CORRECTED] = { "corrected", NULL },
	[M_NEEDED] = { "needed", NULL },
	[M_SETTLED] = { "settled", NULL },
	[M__COUNT] = { NULL, NULL }
};

enum { S_TITLE, S_RECEIVED, S_OPENED, S_CLOSES, S_LAPSED, S_ACCEPTED, S_DECLINED,
	S_WITHDRAWN, S_ENDED, S_OPEN, S_ANSWERED, S_ANSWERS, S_DECIDES,
	S_APPLICATION, S_AID, S_OFFER, S_SAID, S_MORE, S_GOOD, S_ASKED, S_NEAR, S_UNREAD,
	S_TALK, S_MESSAGES, S_MAY_WRITE, S_READERS, S_TYPED, S_NO_TEXT, S_LONG,
	S_FULL, S_EXPIRED, S_LATE, S__COUNT };

static const struct view_name status_names[] = {
	[S_TITLE] = { "title", NULL },
	[S_RECEIVED] = { "received", NULL },
	[S_OPENED] = { "opened", NULL },
	[S_CLOSES] = { "closes", NULL },
	[S_LAPSED] = { "lapsed", NULL },
	[S_ACCEPTED] = { "accepted", NULL },
	[S_DECLINED] = { "declined", NULL },
	[S_WITHDRAWN] = { "withdrawn", NULL },
	[S_ENDED] = { "ended", NULL },
	[S_OPEN] = { "open", NULL },		/* can be corrected and withdrawn */
	[S_ANSWERED] = { "answered", NULL },
	[S_ANSWERS] = { "answers", answer_section_names },
	[S_DECIDES] = { "decides", NULL },	/* its desk decides by a rule */
	[S_APPLICATION] = { "application", NULL },
	[S_AID] = { "aid", NULL },
	[S_OFFER] = { "offer", NULL },
	[S_SAID] = { "said", NULL },
	[S_MORE] = { "more", NULL },
	[S_GOOD] = { "good", NULL },
	[S_ASKED] = { "asked", NULL },		/* is it still needed? */
	[S_NEAR] = { "near", NULL },
	[S_UNREAD] = { "unread", NULL },
	[S_TALK] = { "talk", NULL },		/* there is one, or can be */
	[S_MESSAGES] = { "messages", message_rows },
	[S_MAY_WRITE] = { "may_write", NULL },
	[S_READERS] = { "readers", NULL },
	[S_TYPED] = { "typed", NULL },
	[S_NO_TEXT] = { "no_text", NULL },
	[S_LONG] = { "long", NULL },
	[S_FULL] = { "full", NULL },
	[S_EXPIRED] = { "expired", NULL },
	[S_LATE] = { "late", NULL },
	[S__COUNT] = { NULL, NULL }
};

enum { A_READERS, A_TYPED, A_NO_TEXT, A_LONG, A_FULL, A__COUNT };

/* What receipt-write.html names, and nothing else. */
static const struct view_name again_names[] = {
	[A_READERS] = { "readers", NULL },
	[A_TYPED] = { "typed", NULL },
	[A_NO_TEXT] = { "no_text", NULL },
	[A_LONG] = { "long", NULL },
	[A_FULL] = { "full", NULL },
	[A__COUNT] = { NULL, NULL }
};

void
status_start(struct app *app)
{
	struct own *own = app->own;

	page_compile(own, app->settings, &own->status, "receipt.html",
	    status_names);
	page_compile(own, app->settings, &own->again, "receipt-again.html",
	    again_names);
}

/* Where it is in the hands of a desk that decides. */
static enum outcome
add_round(struct request *rq, const struct holding *h, struct view *v)
{
	struct db_row	round;
	enum outcome	got;

	if ((got = holding_round(rq, h, &round)) != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	view_text(v, S_OPENED, when_day(rq, rq->words, round.at[R_OPENED].number));
	view_text(v, S_CLOSES, when_day(rq, rq->words, round.at[R_CLOSES].number));
	view_flag(v, S_LAPSED, rq->now >= round.at[R_CLOSES].number);
	return OUT_OK;
}

static void
add_state(struct request *rq, const struct holding *h, struct view *v)
{
	const struct db_value	*at = h->row.at;
	const char		*kind = at[F_KIND].bytes.data;
	struct words		 words = words_of(rq->words, h->desk, kind,
				     at[F_STATE].bytes.data);
	bool			 open = holding_is_open(h);

	view_text(v, S_RECEIVED, when_day(rq, rq->words, at[F_RECEIVED].number));
	view_flag(v, S_DECIDES, h->desk->decides);
	view_flag(v, S_APPLICATION, h->desk == &desks[DESK_MEMBERSHIP]);
	view_flag(v, S_AID, h->desk == &desks[DESK_AID]);
	view_flag(v, S_OFFER, strcmp(kind, "offer") == 0);
	view_flag(v, S_ACCEPTED, holding_is(h, "accepted"));
	view_flag(v, S_DECLINED, holding_is(h, "declined"));
	view_flag(v, S_WITHDRAWN, holding_is(h, "withdrawn"));
	view_text(v, S_SAID, words.said);
	view_text(v, S_MORE, words.more);
	view_flag(v, S_GOOD, words.good);
	view_flag(v, S_OPEN, open);
	view_flag(v, S_ASKED, open && at[F_ASKED].type != 0);
	if (!open)
		view_text(v, S_ENDED, when_day(rq, rq->words,
		    at[F_ENDED].number));
}

/* How many others near by would start a unit too: for who agreed to be counted, and only
 * where there are enough of them. */
static enum outcome
add_near(struct request *rq, const struct holding *h, struct view *v)
{
	const char	*area = form_facet(rq, h->row.at[F_FACETS].bytes.data, "near");
	int64_t		 others = 0;
	enum outcome	 got;

	if (area == NULL)
		return OUT_OK;
	got = census_near(rq->app->db, rq->settings, area,
	    holding_is(h, "accepted"), &others);
	if (got == OUT_OK && others > 0)
		view_text(v, S_NEAR, talloc_asprintf(rq, text_in_n(rq->words,
		    "%lld other near you would start a Unit too.",
		    "%lld others near you would start a Unit too.",
		    (unsigned long)others), (long long)others));
	return got;
}

static void
add_message(struct request *rq, const struct talk_message *message, bool fresh,
    struct view *v)
{
	struct view *row = view_row(v, S_MESSAGES);

	view_flag(row, M_OURS, !message->from_desk);
	view_text(row, M_WHEN, when_moment(rq, rq->words, message->at));
	view_flag(row, M_NEW, fresh);
	view_text(row, M_TEXT, message->text);
	view_flag(row, M_CORRECTED, strcmp(message->kind, "corrected") == 0);
	view_flag(row, M_NEEDED, strcmp(message->kind, "needed") == 0);
	view_flag(row, M_SETTLED, strcmp(message->kind, "settled") == 0);
}

/* The conversation; the last of the desk's messages, as many as were unread, are new. */
static enum outcome
add_talk(struct request *rq, const struct holding *h, struct view *v)
{
	int64_t		 unread = h->row.at[F_UNREAD].number, old = 0;
	struct talk	 talk;
	enum outcome	 got = OUT_OK;

	if (!h->opened)
		return OUT_OK;
	if (unread > 0 && rq->method == GET && !rq->head)
		got = talk_seen(rq->app->db, &h->id, false);
	if (got != OUT_OK || (got = talk_read(rq->app->db, rq, &h->id,
	    &h->content, &talk)) != OUT_OK)
		return got == OUT_FORBIDDEN ? OUT_FAULT : got;
	for (size_t i = 0; i < talk.n; i++)
		old += talk.at[i].from_desk;
	old -= unread;
	for (size_t i = 0; i < talk.n; i++) {
		bool theirs = talk.at[i].from_desk;

		add_message(rq, &talk.at[i], theirs && old <= 0, v);
		old -= theirs;
	}
	view_flag(v, S_TALK, 1);
	view_flag(v, S_MAY_WRITE, 1);
	view_text(v, S_READERS, words_readers(rq->words, h->desk));
	if (unread > 0)
		view_text(v, S_UNREAD, talloc_asprintf(rq, text_in_n(rq->words,
		    "There is %lld new message for you.",
		    "There are %lld new messages for you.",
		    (unsigned long)unread), (long long)unread));
	return OUT_OK;
}

/* What was sent, opened with the receipt's own key.  Erased answers add nothing. */
static enum outcome
add_answers(struct request *rq, const struct holding *h, struct view *v)
{
	struct form_answers	*answers;
	enum outcome		 got;

	if (!h->opened)
		return OUT_OK;
	if ((got = holding_answers(rq, h, &answers)) != OUT_OK)
		return got;
	view_flag(v, S_ANSWERED, 1);
	form_view_answers(v, S_ANSWERS, answers, rq->lang);
	return OUT_OK;
}

enum outcome
status_page(struct request *rq, struct holding *h, enum status problem)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, status_names);
	enum outcome		 got;

	view_text(v, S_TITLE, intake_form(rq,
	    holding_intake(rq, h))->title.in[rq->lang]);
	add_state(rq, h, v);
	if ((got = add_round(rq, h, v)) != OUT_OK ||
	    (got = add_near(rq, h, v)) != OUT_OK ||
	    (got = add_talk(rq, h, v)) != OUT_OK ||
	    (got = add_answers(rq, h, v)) != OUT_OK)
		return got;
	view_text(v, S_TYPED, pairs_find(&rq->body, "text"));
	view_flag(v, S_NO_TEXT, problem == STATUS_NO_TEXT);
	view_flag(v, S_LONG, problem == STATUS_LONG);
	view_flag(v, S_FULL, problem == STATUS_FULL);
	view_flag(v, S_EXPIRED, problem == STATUS_EXPIRED);
	view_flag(v, S_LATE, problem == STATUS_LATE);
	return page_send(rq, &own->status, v, problem == STATUS_FINE ? 200 :
	    problem == STATUS_LATE ? 409 : 422);
}

enum outcome
status_away(struct request *rq)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, again_names);

	view_text(v, A_TYPED, pairs_find(&rq->body, "text"));
	http_header(rq, "Retry-After", "30");
	return page_send(rq, &own->again, v, 503);
}
