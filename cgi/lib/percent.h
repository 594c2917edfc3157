/*
 * percent: bytes written as %XX (RFC 3986, 2.1), for whoever knows which ones.
 */
#ifndef OPENHALL_LIB_PERCENT_H
#define OPENHALL_LIB_PERCENT_H

#include "openhall/buf.h"

/* What becomes of a byte. */
enum percent { PERCENT_ENCODE = 0, PERCENT_KEEP, PERCENT_PLUS };

/* Append `text` (NULL adds nothing), each byte as `table` says. */
void	percent_encode(struct buf *, const char *text, const unsigned char table[256]);

#endif
