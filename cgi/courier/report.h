/*
 * report: what mail that came in says: that one of ours did not arrive (RFC 3464), or that its
 * reader wants no more.
 */
#ifndef OPENHALL_REPORT_H
#define OPENHALL_REPORT_H

#include <stddef.h>

#include "openhall/code.h"
#include "openhall/seal.h"

struct report {
	enum { REPORT_OTHER, REPORT_FAILED, REPORT_LEAVE } kind;
	struct id	 mail;		/* REPORT_FAILED: which, as its Message-ID says */
	struct code	 code;		/* REPORT_LEAVE: of the reader */
};

/*
 * Read the `len` bytes of a mail, which anybody may have written.  REPORT_FAILED: a
 * multipart/report (RFC 6522) of a delivery that failed for good (action "failed", status
 * 5.x.x), with the header of a mail of ours; REPORT_LEAVE: another mail, whose subject ends in
 * a code; else REPORT_OTHER.
 */
void		 report_read(const char *mail, size_t len, struct report *);

#endif
