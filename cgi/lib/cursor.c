/* cursor.c: see openhall/cursor.h. */
#include "openhall/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <talloc.h>

bool
cursor_read(struct cursor *out, const char *text)
{
	char *end;

	/* strtoll() forgives what an address of ours never has. */
	if (*text < '1' || *text > '9')
		return false;
	errno = 0;
	out->at = strtoll(text, &end, 10);
	return errno == 0 && *end == '-' && id_read(&out->id, end + 1);
}

const char *
cursor_text(const void *ctx, int64_t at, const struct id *id)
{
	char hex[2 * ID_LEN + 1];

	id_text(hex, id);
	return talloc_asprintf(ctx, "%" PRId64 "-%s", at, hex);
}
