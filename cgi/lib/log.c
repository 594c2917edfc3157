/* log.c: see openhall/log.h. */
#include "openhall/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { LINE_MAX_ = 2048 };

static const char *program = "openhall";

void
log_program(const char *name)
{
	program = name;
}

/* Append `value`; what is not a visible ASCII byte shows as \xNN (above 0x7f are control
 * characters too, and of UTF-8 a cut could leave half). */
static void
append(char *line, size_t *len, const char *value, bool raw)
{
	for (; *value != '\0' && *len < LINE_MAX_ - 8; value++) {
		unsigned char c = (unsigned char)*value;

		if (raw || (c > ' ' && c < 0x7f && c != '\\'))
			line[(*len)++] = *value;
		else
			*len += (size_t)snprintf(line + *len, 5, "\\x%02x", c);
	}
}

static void
write_event(const char *level, const char *event, va_list ap)
{
	char		 line[LINE_MAX_];
	size_t		 len = 0;
	const char	*key, *value;

	append(line, &len, "level=", true);
	append(line, &len, level, true);
	append(line, &len, " program=", true);
	append(line, &len, program, false);
	append(line, &len, " event=", true);
	append(line, &len, event, false);
	while ((key = va_arg(ap, const char *)) != NULL &&
	    (value = va_arg(ap, const char *)) != NULL) {
		append(line, &len, " ", true);
		append(line, &len, key, false);
		append(line, &len, "=", true);
		append(line, &len, value, false);
	}
	line[len++] = '\n';
	/* One write, so that lines of several workers do not mix. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;		/* nobody is left to tell */
}

void
log_info(const char *event, ...)
{
	va_list	ap;

	va_start(ap, event);
	write_event("info", event, ap);
	va_end(ap);
}

void
log_error(const char *event, ...)
{
	va_list	ap;

	va_start(ap, event);
	write_event("error", event, ap);
	va_end(ap);
}

void
log_stop(const char *fmt, ...)
{
	va_list	ap;

	fprintf(stderr, "%s: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(EX_CONFIG);
}
