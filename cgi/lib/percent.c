/*
 * percent.c: bytes written as %XX, in runs of those that stay.
 */
#include "percent.h"

void
percent_encode(struct buf *to, const char *text, const unsigned char table[256])
{
	static const char	 hex[16] = "0123456789ABCDEF";
	const unsigned char	*at = (const unsigned char *)text, *run;

	if (text == NULL)
		return;
	for (;;) {
		for (run = at; table[*at] == PERCENT_KEEP; at++)
			;
		buf_add(to, run, (size_t)(at - run));
		if (*at == '\0')
			return;
		if (table[*at] == PERCENT_PLUS)
			buf_char(to, '+');
		else
			buf_add(to, (char[3]){ '%', hex[*at >> 4], hex[*at & 15] }, 3);
		at++;
	}
}
