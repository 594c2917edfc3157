/*
 * mime: a mail as it goes over the wire: RFC 5322, 2045 to 2047, with the headers that lists
 * (RFC 2919, 2369, 8058) and machines (RFC 3834) need.
 */
#ifndef OPENHALL_MIME_H
#define OPENHALL_MIME_H

#include <stdint.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"
#include "openhall/seal.h"

struct mime {
	const struct id	*id;		/* the same each time: so are Message-ID and boundary */
	const char	*host;		/* of the site, behind the @ of Message-ID and List-Id */
	int64_t		 at;
	const char	*from_name, *from, *to;
	const char	*subject;
	const char	*text, *html;	/* UTF-8; lines end in \n */
	const char	*list;		/* of a list: the first part of List-Id; or NULL */
	const char	*leave;		/* of a list: address of the page that takes a POST */
	const char	*leave_to;	/* of a list: whom to mail leave_subject; or NULL */
	const char	*leave_subject;
};

/*
 * Append the message, with CRLF.  OUT_INVALID: an address that is none, or a byte in what
 * stands in a header that may not stand there (CR, LF and their like), and nothing was
 * appended.  OUT_FAULT: no memory.
 */
enum outcome	 mime_write(const struct mime *, struct buf *to);

#endif
