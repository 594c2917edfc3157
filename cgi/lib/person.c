/* person.c: see openhall/person.h. */
#include "openhall/person.h"

#include <sodium.h>
#include <string.h>

enum { Q_NOTE, Q_FIND, Q__COUNT };

const struct db_query person_queries[] = {	/* takes, gives, sql */
	/* Locked, so that nothing is written of what is being erased. */
	[Q_NOTE] = { "bb", "",
	    "INSERT INTO contact (hash, submission)"
	    " SELECT ?, id FROM submission WHERE id = ? AND body <> ''"
	    " LOCK IN SHARE MODE" },
	[Q_FIND] = { "bbbbbbbbb", "bssi",
	    "SELECT DISTINCT s.id, s.desk, s.state, s.received_day"
	    " FROM contact c JOIN submission s ON s.id = c.submission"
	    " WHERE c.hash IN (?, ?, ?, ?, ?, ?, ?, ?) AND c.submission <> ?"
	    " ORDER BY s.received_day DESC, s.id LIMIT 50" },
};
const size_t person_n_queries = Q__COUNT;

enum {
	ADDRESS_MOST = 254,	/* RFC 5321, 4.5.3.1.3 */
	TEL_LEAST = 7, TEL_MOST = 15,	/* E.164 */
	TEL_COMPARED = 10
};

/* An address in lower case; 0: it is not one. */
static size_t
address(const char *typed, size_t len, char out[ADDRESS_MOST])
{
	const char	*at = memchr(typed, '@', len);
	size_t		 before = at != NULL ? (size_t)(at - typed) : 0;

	if (before == 0 || before + 1 == len || len > ADDRESS_MOST ||
	    memchr(at + 1, '@', len - before - 1) != NULL)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)typed[i];

		if (c <= ' ' || c == 0x7f)
			return 0;
		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	return len;
}

/* The last digits of a number; 0: it is not one. */
static size_t
number(const char *typed, size_t len, char out[ADDRESS_MOST])
{
	char	digits[2 + TEL_MOST];
	size_t	n = 0, prefix = 0;
	bool	plus = len > 0 && *typed == '+';

	for (size_t i = plus; i < len; i++) {
		if (typed[i] >= '0' && typed[i] <= '9') {
			if (n == sizeof(digits))
				return 0;
			digits[n++] = typed[i];
			if (n == 2 && !plus && memcmp(digits, "00", 2) == 0)
				prefix = 2;
		} else if ((plus || prefix > 0) && len - i >= 3 &&
		    strncmp(typed + i, "(0)", 3) == 0) {
			i += 2;
		} else if (strchr(" \t-./()", typed[i]) == NULL) {
			return 0;
		}
	}
	n -= prefix;
	if (n < TEL_LEAST || n > TEL_MOST)
		return 0;
	if (n > TEL_COMPARED) {
		prefix += n - TEL_COMPARED;
		n = TEL_COMPARED;
	}
	memcpy(out, digits + prefix, n);
	return n;
}

enum outcome
person_hash(const struct key *match, const char *typed, struct key *out)
{
	static const char	white[] = " \t\r\n";
	char			plain[ADDRESS_MOST];
	size_t			len, n;

	typed += strspn(typed, white);
	for (len = strlen(typed); len > 0 && strchr(white, typed[len - 1]) != NULL; )
		len--;
	n = memchr(typed, '@', len) != NULL ? address(typed, len, plain) :
	    number(typed, len, plain);
	if (n == 0)
		return OUT_INVALID;
	seal_derive(out, match, "person", plain, n);
	sodium_memzero(plain, sizeof(plain));
	return OUT_OK;
}

size_t
person_hashes(const struct key *match, const struct form_answers *answers,
    struct key out[PERSON_HASHES_MAX])
{
	const struct form	*form = answers->form;
	size_t			 n = 0;

	for (size_t i = 0; i < form->n_fields && n < PERSON_HASHES_MAX; i++) {
		enum field_kind	 kind = form->fields[i].kind;
		const char	*typed = answers->values[i][0];
		size_t		 same = 0;

		if ((kind != FIELD_EMAIL && kind != FIELD_TEL) || typed == NULL ||
		    person_hash(match, typed, &out[n]) != OUT_OK)
			continue;
		while (memcmp(&out[same], &out[n], sizeof(*out)) != 0)
			same++;
		n += same == n;
	}
	return n;
}

enum outcome
person_note(struct db *db, const struct id *id, const struct key *hashes, size_t n)
{
	enum outcome got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < n; i++) {
		got = db_run(db, &person_queries[Q_NOTE], NULL,
		    DB_BYTES(hashes[i].at, KEY_LEN), DB_BYTES(id->at, ID_LEN));
		if (got == OUT_CONFLICT)	/* it was written down before */
			got = OUT_OK;
	}
	return got;
}

enum outcome
person_find(struct db *db, const void *ctx, const struct key *hashes, size_t n,
    const struct id *but, struct db_rows *rows)
{
	static const struct id	none;	/* no submission has it */
	struct db_value		values[PERSON_HASHES_MAX + 1];

	*rows = (struct db_rows){ 0 };
	if (n == 0)
		return OUT_OK;
	if (n > PERSON_HASHES_MAX)
		return OUT_FAULT;
	/* The rest repeat the first, which the server reads once. */
	for (size_t i = 0; i < PERSON_HASHES_MAX; i++)
		values[i] = DB_BYTES(hashes[i < n ? i : 0].at, KEY_LEN);
	values[PERSON_HASHES_MAX] = DB_BYTES((but != NULL ? but : &none)->at, ID_LEN);
	return db_all_values(db, ctx, &person_queries[Q_FIND], rows, values,
	    PERSON_HASHES_MAX + 1);
}
