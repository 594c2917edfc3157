/* receipt.c: see openhall/receipt.h. */
#include "openhall/receipt.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "openhall/cookie.h"

/* What the cookie says, in the room of one key: the code's symbols, when, and how. */
enum { TIME_LEN = 7, HOW_AT = CODE_SYMBOLS + TIME_LEN };

_Static_assert(HOW_AT + 1 == KEY_LEN, "a receipt cookie is as long as a key");

enum outcome
receipt_remember(struct request *rq, const struct key *form_key, const char *cookie,
    const struct code *code, enum receipt_how how)
{
	struct key	says;
	uint64_t	until = (uint64_t)rq->now + RECEIPT_SECONDS;
	size_t		n = 0;
	enum outcome	got;

	for (const char *at = code->text; *at != '\0'; at++) {
		if (*at != '-' && n < CODE_SYMBOLS)
			says.at[n++] = (unsigned char)*at;
	}
	for (int i = 0; i < TIME_LEN; i++)
		says.at[n++] = (unsigned char)(until >> (8 * i));
	says.at[HOW_AT] = (unsigned char)how;
	got = cookie_put(rq, form_key, cookie, &says, 0);
	sodium_memzero(&says, sizeof(says));
	return got;
}

enum outcome
receipt_recall(struct request *rq, const struct key *form_key, const char *cookie,
    struct code *code, enum receipt_how *how)
{
	char		symbols[CODE_SYMBOLS + 1] = "";
	struct key	says;
	uint64_t	until = 0;
	enum outcome	got;

	if (cookie_get(rq, form_key, cookie, &says) != OUT_OK)
		return OUT_MISSING;
	memcpy(symbols, says.at, CODE_SYMBOLS);
	for (int i = TIME_LEN - 1; i >= 0; i--)
		until = until << 8 | says.at[CODE_SYMBOLS + i];
	*how = (enum receipt_how)says.at[HOW_AT];
	got = (uint64_t)rq->now < until && code_read(code, symbols) == OUT_OK ?
	    OUT_OK : OUT_MISSING;
	sodium_memzero(&says, sizeof(says));
	sodium_memzero(symbols, sizeof(symbols));
	return got;
}

void
receipt_forget(struct request *rq, const char *cookie)
{
	http_set_cookie(rq, cookie, NULL, 0);
}

enum outcome
receipt_mark(struct request *rq, const struct key *form_key, const struct code *code)
{
	const char	*sent = pairs_find(&rq->body, "shown");
	char		*hex = talloc_size(rq, 2 * ID_LEN + 1);
	struct key	 derived;
	struct id	 id;

	if (hex == NULL)
		return OUT_FAULT;
	seal_derive(&derived, form_key, "shown", code->lookup.at, KEY_LEN);
	memcpy(id.at, derived.at, ID_LEN);
	id_text(hex, &id);
	rq->shown = hex;
	return sent != NULL && strcmp(sent, hex) != 0 ? OUT_CONFLICT : OUT_OK;
}

/* ---- what is carried along ---- */

enum { C_NAME, C_VALUE };

const struct view_name receipt_carried_names[] = {
	[C_NAME] = { "name", NULL },
	[C_VALUE] = { "value", NULL },
	{ NULL, NULL }
};

void
receipt_carry(const struct request *rq, struct view *v, size_t i)
{
	for (size_t n = 0; n < rq->body.n; n++) {
		const struct pair	*pair = &rq->body.at[n];
		struct view		*row;

		if (strcmp(pair->name, "token") == 0 || strcmp(pair->name, "code") == 0)
			continue;
		row = view_row(v, i);
		view_text(row, C_NAME, pair->name);
		view_text(row, C_VALUE, pair->value);
	}
}
