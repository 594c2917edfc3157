/*
 * editions.c: the versions of a statement that were public, and how they differ.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "draft.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum { EDITIONS_SHOWN = 100, CONTEXT = 160 /* bytes of what is the same */ };

enum { Q_LIST, Q_ONE, Q__COUNT };

const struct db_query edition_queries[] = {	/* takes, gives, sql */
	[Q_LIST] = { "bi", "isis",
	    "SELECT e.number, e.note, e.at, a.name FROM edition e"
	    " JOIN admin a ON a.id = e.by_admin WHERE e.statement = ?"
	    " ORDER BY e.number DESC LIMIT ?" },
	[Q_ONE] = { "bi", "sss",
	    "SELECT title, summary, body FROM edition WHERE statement = ?"
	    " AND number = ?" },
};
const size_t edition_n_queries = Q__COUNT;

enum { R_NUMBER, R_NOTE, R_AT, R_BY };

enum { E_NUMBER, E_BEFORE, E_MOMENT, E_WHO, E_NOTE, E_NEVER, E__COUNT };

const struct view_name edition_names[] = {
	[E_NUMBER] = { "number", NULL },
	[E_BEFORE] = { "before", NULL },	/* the number of the one before */
	[E_MOMENT] = { "moment", NULL },
	[E_WHO] = { "who", NULL },
	[E_NOTE] = { "note", NULL },
	[E_NEVER] = { "never", NULL },		/* replaced before its time had come */
	[E__COUNT] = { NULL, NULL }
};

enum { P_SAME, P_GONE, P_NEW, P_LEFT_OUT, P_END, P__COUNT };

static const struct view_name piece_names[] = {
	[P_SAME] = { "same", NULL },
	[P_GONE] = { "gone", NULL },
	[P_NEW] = { "added", NULL },
	[P_LEFT_OUT] = { "left_out", NULL },	/* the middle of what is the same */
	[P_END] = { "end", NULL },
	[P__COUNT] = { NULL, NULL }
};

enum { D_TITLE, D_SUMMARY, D_BODY, D_TITLE_CHANGED, D_SUMMARY_CHANGED, D_BODY_CHANGED, D_ALIKE,
	D__COUNT };

const struct view_name difference_names[] = {
	[D_TITLE] = { "title", piece_names },
	[D_SUMMARY] = { "summary", piece_names },
	[D_BODY] = { "body", piece_names },
	[D_TITLE_CHANGED] = { "changed_title", NULL },
	[D_SUMMARY_CHANGED] = { "changed_summary", NULL },
	[D_BODY_CHANGED] = { "changed_body", NULL },
	[D_ALIKE] = { "alike", NULL },
	[D__COUNT] = { NULL, NULL }
};

enum { X_ID, X_NAME, X_FROM, X_TO, X_DIFFERENCE, X__COUNT };

static const struct view_name page_names[] = {
	[X_ID] = { "id", NULL },
	[X_NAME] = { "name", NULL },
	[X_FROM] = { "from", NULL },
	[X_TO] = { "to", NULL },		/* none: as it is being written */
	[X_DIFFERENCE] = { "difference", difference_names },
	[X__COUNT] = { NULL, NULL }
};

void
editions_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->difference,
	    "admin-statement-difference.html", page_names);
}

enum outcome
editions_part(struct request *rq, const struct draft *d, struct view *v, size_t i)
{
	struct db_rows	rows;
	int64_t		after = INT64_MAX;
	enum outcome	got;

	got = db_all(rq->app->db, rq, &edition_queries[Q_LIST], &rows,
	    DB_BYTES(d->id.at, ID_LEN), DB_INT(EDITIONS_SHOWN));
	for (size_t k = 0; got == OUT_OK && k < rows.n; k++) {
		const struct db_value	*at = rows.at[k].at;
		struct view		*row = view_row(v, i);

		view_number(row, E_NUMBER, at[R_NUMBER].number);
		if (at[R_NUMBER].number > 1)
			view_number(row, E_BEFORE, at[R_NUMBER].number - 1);
		view_text(row, E_MOMENT, when_moment(rq, rq->words, at[R_AT].number));
		view_text(row, E_WHO, at[R_BY].bytes.data);
		view_text(row, E_NOTE, at[R_NOTE].bytes.data);
		view_flag(row, E_NEVER, at[R_AT].number >= after);
		after = at[R_AT].number;
	}
	return got;
}

/* ---- differences ---- */

/* Where the last `most` bytes of a text begin, or the first end, at a whole word. */
static size_t
word_border(const char *text, size_t at, int step)
{
	while (at > 0 && text[at] != '\0' && strchr(" \n", text[at]) == NULL)
		at += (size_t)step;
	return at;
}

/* What is the same stands for itself when it is short; of more, its ends, next to a change. */
static void
add_same(struct request *rq, struct view *row, const char *text, bool first, bool last)
{
	size_t	len = strlen(text), head = first ? 0 : CONTEXT, tail = last ? 0 : CONTEXT;

	if (len <= 3 * CONTEXT) {
		view_text(row, P_SAME, text);
		return;
	}
	head = word_border(text, head, -1);
	tail = len - word_border(text, len - tail, 1);
	view_text(row, P_SAME, talloc_strndup(rq, text, head));
	view_flag(row, P_LEFT_OUT, 1);
	view_text(row, P_END, text + len - tail);
}

static enum outcome
add_pieces(struct request *rq, struct view *v, size_t list, const char *from, const char *to,
    bool *alike)
{
	struct diff	diff;
	enum outcome	got = diff_texts(rq, from, to, &diff);

	if (got != OUT_OK || diff_alike(&diff))
		return got;
	*alike = false;
	view_flag(v, list - D_TITLE + D_TITLE_CHANGED, 1);
	for (size_t i = 0; i < diff.n; i++) {
		struct view *row = view_row(v, list);

		if (diff.at[i].kind == DIFF_SAME)
			add_same(rq, row, diff.at[i].text, i == 0, i + 1 == diff.n);
		else
			view_text(row, diff.at[i].kind == DIFF_GONE ? P_GONE : P_NEW,
			    diff.at[i].text);
	}
	return OUT_OK;
}

enum outcome
difference_part(struct request *rq, const struct written *from, const struct written *to,
    struct view *v, size_t i)
{
	struct view	*row = view_row(v, i);
	bool		 alike = true;
	enum outcome	 got;

	if ((got = add_pieces(rq, row, D_TITLE, from->title, to->title, &alike)) != OUT_OK ||
	    (got = add_pieces(rq, row, D_SUMMARY, from->summary, to->summary,
	    &alike)) != OUT_OK ||
	    (got = add_pieces(rq, row, D_BODY, from->body, to->body, &alike)) != OUT_OK)
		return got;
	view_flag(row, D_ALIKE, alike);
	return OUT_OK;
}

static enum outcome
read_edition(struct request *rq, const struct draft *d, int64_t number, struct written *out)
{
	struct db_row	row;
	enum outcome	got;

	got = db_first(rq->app->db, rq, &edition_queries[Q_ONE], &row,
	    DB_BYTES(d->id.at, ID_LEN), DB_INT(number));
	if (got == OUT_OK)
		*out = (struct written){ .title = row.at[0].bytes.data,
		    .summary = row.at[1].bytes.data, .body = row.at[2].bytes.data };
	return got;
}

/* ?from=NUMBER and, unless it is the text that is being written, &to=NUMBER. */
enum outcome
editions_difference(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*from = pairs_find(&rq->query, "from");
	const char		*to = pairs_find(&rq->query, "to");
	struct view		*v = view_new(rq, page_names);
	struct draft		 d;
	struct written		 old, new;
	enum outcome		 got;

	if ((got = draft_read(rq, &d)) != OUT_OK)
		return got;
	if (from == NULL)
		return OUT_MISSING;
	new = d.text;
	if ((got = read_edition(rq, &d, strtol(from, NULL, 10), &old)) != OUT_OK ||
	    (to != NULL && (got = read_edition(rq, &d, strtol(to, NULL, 10),
	    &new)) != OUT_OK) ||
	    (got = difference_part(rq, &old, &new, v, X_DIFFERENCE)) != OUT_OK)
		return got;
	view_text(v, X_ID, d.hex);
	view_text(v, X_NAME, d.text.title);
	view_text(v, X_FROM, from);
	view_text(v, X_TO, to);
	return page_send(rq, &office->difference, v, 200);
}
