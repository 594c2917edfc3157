/*
 * form.h: what the files of the module share beside openhall/form.h, and the parts
 * of them that tests reach for.
 */
#ifndef OPENHALL_LIB_FORM_H
#define OPENHALL_LIB_FORM_H

#include <libxml/relaxng.h>

#include "openhall/form.h"

/* The value that a ticked single box is sent with. */
#define FORM_YES "yes"

/*
 * Compile the grammar schema_dir/form.rng, to be freed with xmlRelaxNGFree().
 * NULL: `*why`, below `ctx`, has file, line and reason.
 */
xmlRelaxNG	*form_grammar(const void *ctx, const char *schema_dir, char **why);

/*
 * The form that the `len` bytes of `xml` declare, below `ctx`; messages call them `path`, and
 * the form has its name without folder and ".xml".  `xml` NULL: read the file `path`.
 * NULL: `*why`, below `ctx`, has file, line and reason.
 */
struct form	*form_from(const void *ctx, const struct settings *, xmlRelaxNG *,
		    const char *path, const char *xml, size_t len, char **why);

/* Whether it is asked at all: a question that has no choice (yet) is left out. */
bool		 form_asks(const struct form_field *);

/* The choice `value` of a question; NULL: there is none. */
const struct form_choice *form_choice(const struct form_field *, const char *value);

/* Put the areas, or those of `units` (may be NULL) that it wants, before the question's own
 * choices.  OUT_OK or OUT_FAULT. */
enum outcome	 form_offer(struct form *, struct form_field *, const struct units *);

/*
 * Read an amount of money: "5", "5.00", "5,00", with `currency` before or behind it.
 * False when `text` is not one, or is more than seven digits long.
 */
bool		 form_cents(const char *text, const char *currency, long *cents);

#endif
