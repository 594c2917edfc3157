/*
 * typed.c: what somebody typed into a form, tidied.
 */
#include <string.h>
#include <talloc.h>

#include "admin.h"

const char *
typed_text(struct request *rq, const char *name)
{
	const char	*got = pairs_find(&rq->body, name);
	char		*text, *to;
	size_t		 n;

	if (got == NULL)
		return "";
	got += strspn(got, " \t\r\n");
	if ((text = talloc_strdup(rq, got)) == NULL)
		return NULL;
	for (to = text; *got != '\0'; got++) {
		if (*got != '\r')
			*to++ = *got;
	}
	*to = '\0';
	for (n = (size_t)(to - text); n > 0 &&
	    strchr(" \t\n", text[n - 1]) != NULL; n--)
		text[n - 1] = '\0';
	return text;
}

bool
typed_has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}
