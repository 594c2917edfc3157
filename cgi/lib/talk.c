/* talk.c: see openhall/talk.h.  Runs as admin and as receipt. */
#include "openhall/talk.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/form.h"
#include "openhall/pairs.h"
#include "openhall/when.h"

enum { Q_ALL, Q_LAST, Q_ADD, Q_TO_DESK, Q_TO_HOLDER, Q_DESK_SAW, Q_HOLDER_SAW, Q__COUNT };

const struct db_query talk_queries[] = {	/* takes, gives, sql */
	[Q_ALL] = { "b", "iBsb",
	    "SELECT number, author, kind, body FROM message"
	    " WHERE submission = ? ORDER BY number LIMIT 200" },
	[Q_LAST] = { "b", "iBsb",
	    "SELECT number, author, kind, body FROM message"
	    " WHERE submission = ? ORDER BY number DESC LIMIT 1" },
	[Q_ADD] = { "biBsib", "",
	    "INSERT INTO message (submission, number, author, kind, day, body)"
	    " VALUES (?, ?, ?, ?, ?, ?)" },
	/* Whatever the holder says, they are there: nothing to be asked about. */
	[Q_TO_DESK] = { "ib", "",
	    "UPDATE submission SET desk_unread = desk_unread + 1,"
	    " moved_day = ?, asked_day = NULL, sunk = 0"
	    " WHERE id = ? AND body <> ''" },
	[Q_TO_HOLDER] = { "ib", "",
	    "UPDATE submission SET holder_unread = holder_unread + 1,"
	    " moved_day = ? WHERE id = ? AND body <> ''" },
	[Q_DESK_SAW] = { "b", "",
	    "UPDATE submission SET desk_unread = 0"
	    " WHERE id = ? AND desk_unread > 0" },
	[Q_HOLDER_SAW] = { "b", "",
	    "UPDATE submission SET holder_unread = 0"
	    " WHERE id = ? AND holder_unread > 0" },
};
const size_t talk_n_queries = Q__COUNT;

_Static_assert(TALK_MESSAGES_MAX == 200, "the limit of Q_ALL");

enum { F_NUMBER, F_AUTHOR, F_KIND, F_BODY };

/* The same text again within so many seconds is a second press of the button. */
enum { REPEAT_SECONDS = 600 };

enum outcome
talk_take(const void *ctx, const char *typed, const char **text)
{
	static const char	white[] = " \t\r\n";
	char			*out;
	size_t			 len = 0;

	if (typed == NULL)
		return OUT_INVALID;
	typed += strspn(typed, white);
	if ((*text = out = talloc_size(ctx, strlen(typed) + 1)) == NULL)
		return OUT_FAULT;
	for (; *typed != '\0'; typed++) {
		if (typed[0] != '\r' || typed[1] != '\n')
			out[len++] = *typed;
	}
	while (len > 0 && strchr(white, out[len - 1]) != NULL)
		len--;
	out[len] = '\0';
	return len == 0 ? OUT_INVALID :
	    form_characters(out) > TALK_MOST ? OUT_LIMITED : OUT_OK;
}

/* What message `number` is bound to beside its case. */
static void
word_of(char out[32], int64_t number)
{
	snprintf(out, 32, "message %" PRId64, number);
}

/* Who wrote, as it is sealed: the admin's id, or "" for the holder. */
static void
author_text(char out[2 * ID_LEN + 1], const struct id *author)
{
	out[0] = '\0';
	if (author != NULL)
		id_text(out, author);
}

/*
 * Who wrote and what kind it is stand sealed beside the text, so that nobody can put the
 * words of one side into the mouth of the other.
 */
static enum outcome
seal(const void *ctx, const struct key *content, const struct id *id,
    int64_t number, const struct id *author, const char *kind,
    const char *text, int64_t now, struct bytes *out)
{
	struct buf	*plain = buf_new(ctx, 3 * strlen(text) + 128);
	char		 word[32], at[24], from[2 * ID_LEN + 1];
	enum outcome	 got = OUT_FAULT;

	if (plain == NULL)
		return OUT_FAULT;
	word_of(word, number);
	author_text(from, author);
	snprintf(at, sizeof(at), "%" PRId64, now);
	pairs_encode(plain, "at", at);
	pairs_encode(plain, "from", from);
	pairs_encode(plain, "kind", kind);
	pairs_encode(plain, "text", text);
	if (!plain->failed)
		got = seal_body(ctx, content, id, word, plain->data, plain->len,
		    out);
	sodium_memzero(plain->data, plain->len);
	return got;
}

/* Open what `row` holds, below `ctx`.  OUT_FORBIDDEN: it is not what stands beside it. */
static enum outcome
open_row(const void *ctx, const struct id *id, const struct key *content,
    const struct db_row *row, struct talk_message *out)
{
	const struct db_value	*at = row->at;
	const char		*text, *when, *from, *kind;
	struct pairs		 pairs;
	struct bytes		 plain;
	char			 word[32], author[2 * ID_LEN + 1];
	enum outcome		 got;

	word_of(word, at[F_NUMBER].number);
	if ((got = seal_open(ctx, content, id, word, at[F_BODY].bytes,
	    &plain)) != OUT_OK ||
	    (got = pairs_decode(ctx, plain.data, plain.len, 8, &pairs)) != OUT_OK)
		return got == OUT_FAULT ? OUT_FAULT : OUT_FORBIDDEN;
	*out = (struct talk_message){ .from_desk = at[F_AUTHOR].type != 0 };
	if (out->from_desk) {
		if (at[F_AUTHOR].bytes.len != ID_LEN)
			return OUT_FORBIDDEN;
		memcpy(out->author.at, at[F_AUTHOR].bytes.data, ID_LEN);
	}
	author_text(author, out->from_desk ? &out->author : NULL);
	text = pairs_find(&pairs, "text");
	when = pairs_find(&pairs, "at");
	from = pairs_find(&pairs, "from");
	kind = pairs_find(&pairs, "kind");
	if (text == NULL || when == NULL || from == NULL || kind == NULL ||
	    strcmp(from, author) != 0 ||
	    strcmp(kind, at[F_KIND].bytes.data) != 0)
		return OUT_FORBIDDEN;
	out->kind = kind;
	out->text = text;
	out->at = strtoll(when, NULL, 10);
	return OUT_OK;
}

enum outcome
talk_read(struct db *db, const void *ctx, const struct id *id,
    const struct key *content, struct talk *out)
{
	struct talk_message	*messages;
	struct db_rows		 rows;
	enum outcome		 got;

	*out = (struct talk){ .n = 0 };
	if ((got = db_all(db, ctx, &talk_queries[Q_ALL], &rows,
	    DB_BYTES(id->at, ID_LEN))) != OUT_OK || rows.n == 0)
		return got;
	if ((messages = talloc_array(ctx, struct talk_message, rows.n)) == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < rows.n; i++) {
		if ((got = open_row(ctx, id, content, &rows.at[i],
		    &messages[i])) != OUT_OK)
			return got;
	}
	*out = (struct talk){ .n = rows.n, .at = messages };
	return OUT_OK;
}

/* Whether `last` is what is being said now. */
static bool
is_repeated(const struct talk_message *last, const struct id *author,
    const char *kind, const char *text, int64_t now)
{
	return strcmp(kind, "text") == 0 && strcmp(last->kind, kind) == 0 &&
	    last->from_desk == (author != NULL) &&
	    (author == NULL ||
	    memcmp(last->author.at, author->at, ID_LEN) == 0) &&
	    now - last->at < REPEAT_SECONDS && strcmp(last->text, text) == 0;
}

/* The numbers have no gaps, because messages go all at once; and whoever has the lock on
 * the submission is alone in counting them. */
enum outcome
talk_add(struct db *db, const void *ctx, const struct id *id,
    const struct key *content, const struct id *author, const char *kind,
    const char *text, int64_t now)
{
	struct talk_message	last;
	struct db_row		row;
	struct bytes		body;
	int64_t			number = 1;
	uint64_t		changed;
	enum outcome		got;

	got = db_first(db, ctx, &talk_queries[Q_LAST], &row,
	    DB_BYTES(id->at, ID_LEN));
	if (got == OUT_OK) {
		if ((got = open_row(ctx, id, content, &row, &last)) != OUT_OK)
			return got;
		if (is_repeated(&last, author, kind, text, now))
			return OUT_OK;
		number = row.at[F_NUMBER].number + 1;
	} else if (got != OUT_MISSING) {
		return got;
	}
	if (number > TALK_MESSAGES_MAX)
		return OUT_LIMITED;
	if ((got = seal(ctx, content, id, number, author, kind, text, now,
	    &body)) != OUT_OK ||
	    (got = db_run(db, &talk_queries[author == NULL ? Q_TO_DESK :
	    Q_TO_HOLDER], &changed, DB_INT(when_day_of(now)),
	    DB_BYTES(id->at, ID_LEN))) != OUT_OK)
		return got;
	if (changed == 0)
		return OUT_CONFLICT;
	return db_run(db, &talk_queries[Q_ADD], NULL, DB_BYTES(id->at, ID_LEN),
	    DB_INT(number), author == NULL ? DB_TEXT(NULL) :
	    DB_BYTES(author->at, ID_LEN), DB_TEXT(kind),
	    DB_INT(when_day_of(now)), DB_BYTES(body.data, body.len));
}

enum outcome
talk_seen(struct db *db, const struct id *id, bool desk)
{
	return db_run(db, &talk_queries[desk ? Q_DESK_SAW : Q_HOLDER_SAW], NULL,
	    DB_BYTES(id->at, ID_LEN));
}
