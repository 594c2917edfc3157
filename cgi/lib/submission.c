/*
 * submission.c: see openhall/submission.h.  Runs under the account of the program that
 * takes a form in, which may insert submissions and read nothing back; under
 * openhall_courier for what was spooled; and under openhall_admin for what was told.
 */
#include "openhall/submission.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "openhall/when.h"

enum { Q_ADD, Q__COUNT };

const struct db_query submission_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_ADD] = { "bssssiiiibbbbs", "",
	    "INSERT INTO submission (id, desk, form, state, kind, urgency,"
	    " suspect, received_day, moved_day, receipt, desk_key,"
	    " receipt_key, body, facets)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
};
const size_t submission_n_queries = Q__COUNT;

enum { Q_ENTER, Q__ENTRY_COUNT };

const struct db_query submission_entry_queries[Q__ENTRY_COUNT] = {
	[Q_ENTER] = { "bssssiiiibbbbssb", "",
	    "INSERT INTO submission (id, desk, form, state, kind, urgency,"
	    " suspect, received_day, moved_day, receipt, desk_key,"
	    " receipt_key, body, facets, channel, entered_by)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
};
const size_t submission_entry_n_queries = Q__ENTRY_COUNT;

static const char *
first_state(const struct desk *desk, const char *kind)
{
	if (desk->decides)
		return "received";
	return strcmp(kind, "offer") == 0 ? "offered" : "needed";
}

enum outcome
submission_seal(const void *ctx, struct submission *s, const struct desk *desk,
    struct sealer *sealer, const struct key *secret,
    const struct form_answers *answers, const char *lang, time_t now,
    struct code *receipt)
{
	struct buf		*text = buf_new(ctx, 4096);
	struct form_facets	 facets;
	struct key		 derived, content;
	enum outcome		 got;

	if (text == NULL)
		return OUT_FAULT;
	form_store(answers, lang, text);
	if (text->failed || form_facets(ctx, answers, &facets) != OUT_OK)
		return OUT_FAULT;
	*s = (struct submission){
		.desk = desk,
		.state = first_state(desk, facets.kind),
		.kind = facets.kind,
		.urgency = facets.urgency,
		.received_day = when_day_of(now),
		.facets = facets.text,
	};
	seal_derive(&derived, secret, "id", NULL, 0);
	memcpy(s->id.at, derived.at, ID_LEN);
	seal_derive(&derived, secret, "receipt", NULL, 0);
	code_from(receipt, &derived);
	memcpy(s->receipt, receipt->lookup.at, KEY_LEN);

	randombytes_buf(content.at, KEY_LEN);
	got = seal_body(ctx, &content, &s->id, "answers", text->data, text->len,
	    &s->body);
	if (got == OUT_OK) {
		seal_to(s->desk_key, sealer, now, &s->id, &content);
		seal_wrap(s->receipt_key, &receipt->key, &s->id, "receipt",
		    &content);
	}
	sodium_memzero(&content, sizeof(content));
	sodium_memzero(&derived, sizeof(derived));
	sodium_memzero(text->data, text->len);
	return got;
}

#define COLUMNS(s) \
	DB_BYTES((s)->id.at, ID_LEN), DB_TEXT((s)->desk->name), \
	DB_TEXT((s)->desk->form), DB_TEXT((s)->state), DB_TEXT((s)->kind), \
	DB_INT((s)->urgency), DB_INT((s)->suspect), \
	DB_INT((s)->received_day), DB_INT((s)->received_day), \
	DB_BYTES((s)->receipt, KEY_LEN), \
	DB_BYTES((s)->desk_key, SEALED_KEY_LEN), \
	DB_BYTES((s)->receipt_key, WRAP_LEN), \
	DB_BYTES((s)->body.data, (s)->body.len), DB_TEXT((s)->facets)

enum outcome
submission_add(struct db *db, const struct submission *s)
{
	return db_run(db, &submission_queries[Q_ADD], NULL, COLUMNS(s));
}

enum outcome
submission_enter(struct db *db, const struct submission *s)
{
	return db_run(db, &submission_entry_queries[Q_ENTER], NULL, COLUMNS(s),
	    DB_TEXT(s->channel), DB_BYTES(s->entered_by->at, ID_LEN));
}

void
submission_revision(char word[REVISION_WORD], int64_t number)
{
	snprintf(word, REVISION_WORD, "revision %" PRId64, number);
}
