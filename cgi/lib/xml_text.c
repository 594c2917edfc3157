/*
 * xml_text.c: text as XML 1.0 may hold it.
 */
#include "xml_text.h"

#include <libxml/chvalid.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlstring.h>
#include <string.h>

/* How many bytes from here on are plain characters of ASCII, as nearly all are. */
static size_t
plain(const char *at)
{
	size_t n = 0;

	while (((unsigned char)at[n] >= ' ' && (unsigned char)at[n] < 0x80) ||
	    at[n] == '\t' || at[n] == '\n')
		n++;
	return n;
}

void
xml_text(struct buf *to, const char *text)
{
	const char *end = text == NULL ? NULL : strchr(text, '\0');

	while (text != end) {
		size_t	 n = plain(text);
		int	 len, c;
		xmlChar	 bytes[8];

		buf_add(to, text, n);
		text += n;
		if (text == end)
			break;
		len = end - text > 4 ? 4 : (int)(end - text);
		c = xmlGetUTF8Char((const unsigned char *)text, &len);
		if (c < 0 || len <= 0) {
			text++;
			continue;
		}
		/* Written anew, so that no longer form of a character gets through. */
		if (xmlIsCharQ(c))
			buf_add(to, bytes, (size_t)xmlCopyCharMultiByte(bytes, c));
		text += len;
	}
}
