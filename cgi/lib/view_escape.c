/*
 * view_escape.c: a value as it may be written in text, in an attribute, in an address.
 */
#include "view.h"

#include <string.h>
#include <strings.h>

#include "percent.h"

/* The characters that RFC 3986 never gives a meaning. */
#define UNRESERVED \
	['0' ... '9'] = PERCENT_KEEP, ['A' ... 'Z'] = PERCENT_KEEP, \
	['a' ... 'z'] = PERCENT_KEEP, ['-'] = PERCENT_KEEP, ['.'] = PERCENT_KEEP, \
	['_'] = PERCENT_KEEP, ['~'] = PERCENT_KEEP

void
escape_text(struct buf *to, const char *text)
{
	size_t	run;

	if (text == NULL)
		return;
	for (;; text++) {
		run = strcspn(text, "&<>\"'");
		buf_add(to, text, run);
		text += run;
		switch (*text) {
		case '&':
			buf_add(to, "&amp;", 5);
			break;
		case '<':
			buf_add(to, "&lt;", 4);
			break;
		case '>':
			buf_add(to, "&gt;", 4);
			break;
		case '"':
			buf_add(to, "&quot;", 6);
			break;
		case '\'':
			buf_add(to, "&#39;", 5);
			break;
		default:
			return;
		}
	}
}

/* Everything but unreserved characters, also "/". */
void
escape_component(struct buf *to, const char *text)
{
	static const unsigned char	table[256] = { UNRESERVED };

	percent_encode(to, text, table);
}

/* What a path may hold (RFC 3986, 3.3) but "&" and "'", which HTML would want escaped. */
void
escape_path(struct buf *to, const char *text)
{
	static const unsigned char	table[256] = {
		UNRESERVED,
		['!'] = PERCENT_KEEP, ['$'] = PERCENT_KEEP, ['('] = PERCENT_KEEP,
		[')'] = PERCENT_KEEP, ['*'] = PERCENT_KEEP, ['+'] = PERCENT_KEEP,
		[','] = PERCENT_KEEP, ['/'] = PERCENT_KEEP, [':'] = PERCENT_KEEP,
		[';'] = PERCENT_KEEP, ['='] = PERCENT_KEEP, ['@'] = PERCENT_KEEP,
	};

	percent_encode(to, text, table);
}

/*
 * Whether what a browser makes of this address is relative or has a scheme of ours.  It
 * drops white space at the start, and tabs and line ends anywhere; then letters, digits
 * and "+-." up to a colon are a scheme (WHATWG URL, 4.4).  Escaping has changed none
 * of these.
 */
bool
escape_is_ours(const char *address)
{
	static const char	*const schemes[] = { "http:", "https:", "mailto:", "tel:" };
	static const char	 letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";

	if (*address == ' ')
		return false;
	for (const char *at = address; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F)
			return false;
	if (address[strspn(address, letters)] != ':')
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (strncasecmp(address, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

void
escape_settle(struct buf *to, size_t mark)
{
	if (to->failed || escape_is_ours(to->data + mark))
		return;
	to->len = mark;
	buf_char(to, '#');
}

void
escape_url(struct buf *to, const char *address)
{
	size_t	mark = to->len;

	escape_text(to, address);
	escape_settle(to, mark);
}
