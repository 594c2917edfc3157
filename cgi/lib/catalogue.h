/*
 * catalogue.h: one language's texts, from the file that msgfmt makes (GNU gettext manual,
 * "The Format of GNU MO Files").
 *
 * Not the C library's gettext: since glibc 2.41 that translates nothing in the locales
 * "C" and "C.UTF-8", and a minimal system has no other.
 */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include "openhall/outcome.h"

struct catalogue;

/*
 * Read the file at `path`, below `ctx`.  OUT_OK; OUT_MISSING: it cannot be read (see
 * errno); OUT_INVALID: it is no such file, or of another byte order, or its
 * Plural-Forms cannot be understood; OUT_FAULT: no memory.
 */
enum outcome	 catalogue_read(const void *ctx, const char *path,
		    struct catalogue **out);

/* The translation of `msgid`, or NULL.  Lives as long as the catalogue. */
const char	*catalogue_find(const struct catalogue *, const char *msgid);

/* That of the message with plural forms whose singular is `msgid`, for `n`; or NULL. */
const char	*catalogue_find_n(const struct catalogue *, const char *msgid,
		    unsigned long n);

/*
 * The value of a plural expression for `n` ("n != 1", "n%10==1 && n%100!=11 ? 0 : 1"): C's
 * operators ?: || && == != < > <= >= + - * / % ! and parentheses (manual, "Plural forms").
 * OUT_INVALID: it is none, or divides by nought.
 */
enum outcome	 plural_form(const char *expression, unsigned long n,
		    unsigned long *form);

#endif
