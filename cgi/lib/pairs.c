/*
 * pairs.c: the codec for form bodies, query strings and the text that is sealed.
 *
 * uriparser decodes, and what it would let pass (a broken escape) or cut short (%00)
 * is refused before.
 */
#include "openhall/pairs.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <talloc.h>
#include <uriparser/Uri.h>

#include "percent.h"

/* Whether each '%' begins the escape of a byte that is not NUL. */
static bool
escapes_whole(const char *text)
{
	static const char	hex[] = "0123456789ABCDEFabcdef";

	for (; (text = strchr(text, '%')) != NULL; text += 3)
		if (text[1] == '\0' || strchr(hex, text[1]) == NULL ||
		    text[2] == '\0' || strchr(hex, text[2]) == NULL ||
		    (text[1] == '0' && text[2] == '0'))
			return false;
	return true;
}

/* Whether `text` is UTF-8: no overlong form, no surrogate, none above U+10FFFF (the table
 * of RFC 3629, section 4).  The NUL at the end is no continuation, so none reads on. */
static bool
is_utf8(const char *text)
{
	const unsigned char	*at = (const unsigned char *)text;

	while (*at != '\0') {
		unsigned char	first = *at++, least = 0x80, most = 0xBF;
		int		more;

		if (first < 0x80)
			continue;
		if (first < 0xC2 || first > 0xF4)
			return false;
		more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
		if (first == 0xE0)
			least = 0xA0;
		else if (first == 0xED)
			most = 0x9F;
		else if (first == 0xF0)
			least = 0x90;
		else if (first == 0xF4)
			most = 0x8F;
		for (; more > 0; more--, at++, least = 0x80, most = 0xBF)
			if (*at < least || *at > most)
				return false;
	}
	return true;
}

/* Decode a name or a value where it stands. */
static bool
decode(char *text)
{
	if (!escapes_whole(text))
		return false;
	uriUnescapeInPlaceExA(text, URI_TRUE, URI_BR_DONT_TOUCH);
	return is_utf8(text);
}

/* How many pairs there are; between two `&` there may be nothing. */
static size_t
count(const char *raw, size_t len)
{
	size_t	n = 0;

	for (size_t i = 0; i < len; i++)
		n += raw[i] != '&' && (i == 0 || raw[i - 1] == '&');
	return n;
}

enum outcome
pairs_decode(const void *ctx, const char *raw, size_t len, size_t most,
    struct pairs *out)
{
	size_t		 n = count(raw, len);
	struct pair	*at;
	char		*text, *part;

	*out = (struct pairs){ 0 };
	if (n == 0)
		return OUT_OK;
	if (n > most || memchr(raw, '\0', len) != NULL)
		return OUT_INVALID;
	at = talloc_array(ctx, struct pair, n);
	text = at == NULL ? NULL : talloc_strndup(at, raw, len);
	if (text == NULL) {
		talloc_free(at);
		return OUT_FAULT;
	}
	n = 0;
	while ((part = strsep(&text, "&")) != NULL) {
		char	*name = strsep(&part, "=");
		char	*value = part == NULL ? strchr(name, '\0') : part;

		if (part == NULL && *name == '\0')
			continue;
		if (!decode(name) || !decode(value)) {
			talloc_free(at);
			return OUT_INVALID;
		}
		at[n++] = (struct pair){ name, value };
	}
	*out = (struct pairs){ n, at };
	return OUT_OK;
}

void
pairs_encode(struct buf *to, const char *name, const char *value)
{
	/* The set of WHATWG URL, 5.2. */
	static const unsigned char	table[256] = {
		['0' ... '9'] = PERCENT_KEEP, ['A' ... 'Z'] = PERCENT_KEEP,
		['a' ... 'z'] = PERCENT_KEEP, ['*'] = PERCENT_KEEP,
		['-'] = PERCENT_KEEP, ['.'] = PERCENT_KEEP,
		['_'] = PERCENT_KEEP, [' '] = PERCENT_PLUS,
	};

	if (to->len > 0)
		buf_char(to, '&');
	percent_encode(to, name, table);
	buf_char(to, '=');
	percent_encode(to, value, table);
}

const char *
pairs_find(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->at[i].name, name) == 0)
			return pairs->at[i].value;
	return NULL;
}
