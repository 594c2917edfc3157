/*
 * xml_text.h: text as XML 1.0 may hold it.
 */
#ifndef OPENHALL_LIB_XML_TEXT_H
#define OPENHALL_LIB_XML_TEXT_H

#include "openhall/buf.h"

/* Append `text` (NULL: nothing) without what is no character of XML (1.0, 2.2: control
 * characters, U+FFFE, U+FFFF) and what is no UTF-8. */
void		 xml_text(struct buf *to, const char *text);

#endif
