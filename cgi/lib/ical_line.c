/* ical_line.c: content lines; see ical_line.h. */
#include "ical_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openhall/calendar.h"
#include "openhall/when.h"

enum { LINE = 75 };		/* octets, CRLF not counted */

static void
fold(struct ical_lines *lines)
{
	buf_str(lines->to, "\r\n ");
	lines->column = 1;
}

static bool
is_within_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void
put(struct ical_lines *lines, const char *text, size_t len)
{
	while (len > LINE - lines->column) {
		size_t n = LINE - lines->column;

		while (n > 0 && is_within_character(text[n]))
			n--;
		/* No character is that long. */
		if (n == 0 && lines->column == 1)
			n = LINE - 1;
		buf_add(lines->to, text, n);
		text += n;
		len -= n;
		fold(lines);
	}
	buf_add(lines->to, text, len);
	lines->column += len;
}

/* What no line may hold, but for the tab (3.1, CONTROL). */
#define CONTROLS	"\1\2\3\4\5\6\7\10\13\14\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34" \
    "\35\36\37\177"

void
ical_put(struct ical_lines *lines, const char *text)
{
	for (size_t n; *text != '\0'; text += n) {
		n = strcspn(text, CONTROLS "\r\n");
		put(lines, text, n);
		n += text[n] != '\0';
	}
}

/* A mark behind a backslash; the two are not put on two lines. */
static void
put_mark(struct ical_lines *lines, char mark)
{
	if (LINE - lines->column < 2)
		fold(lines);
	put(lines, (char[]){ '\\', mark }, 2);
}

void
ical_put_text(struct ical_lines *lines, const char *text)
{
	for (size_t n; *text != '\0'; text += n) {
		n = strcspn(text, CONTROLS "\r\n\\;,");
		put(lines, text, n);
		if (text[n] == '\n')
			put_mark(lines, 'n');
		else if (text[n] != '\0' && strchr("\\;,", text[n]) != NULL)
			put_mark(lines, text[n]);
		n += text[n] != '\0';
	}
}

void
ical_end_line(struct ical_lines *lines)
{
	buf_str(lines->to, "\r\n");
	lines->column = 0;
}

void
ical_line(struct ical_lines *lines, const char *name, const char *value)
{
	ical_put(lines, name);
	ical_put(lines, ":");
	ical_put(lines, value);
	ical_end_line(lines);
}

void
ical_text(struct ical_lines *lines, const char *name, const char *text)
{
	ical_put(lines, name);
	ical_put(lines, ":");
	ical_put_text(lines, text);
	ical_end_line(lines);
}

void
ical_number(struct ical_lines *lines, const char *name, int64_t n)
{
	char text[sizeof("-9223372036854775808")];

	snprintf(text, sizeof(text), "%" PRId64, n);
	ical_line(lines, name, text);
}

/* The last `width` digits of `n`. */
static char *
digits(char *to, int n, int width)
{
	for (int i = width; i-- > 0; n /= 10)
		to[i] = (char)('0' + n % 10);
	return to + width;
}

void
ical_time_text(char out[ICAL_TIME], int64_t wall)
{
	struct calendar_date d;

	calendar_date(&d, wall);
	out = digits(digits(digits(out, d.year, 4), d.month, 2), d.day, 2);
	*out++ = 'T';
	out = digits(digits(digits(out, d.hour, 2), d.minute, 2),
	    (int)(wall - when_day_of(wall)) % 60, 2);
	*out = '\0';
}

void
ical_time(struct ical_lines *lines, const char *name, const char *tzid, int64_t wall)
{
	char text[ICAL_TIME];

	ical_time_text(text, wall);
	ical_put(lines, name);
	if (tzid != NULL) {
		ical_put(lines, ";TZID=");
		ical_put(lines, tzid);
	}
	ical_put(lines, ":");
	ical_put(lines, text);
	if (tzid == NULL)
		ical_put(lines, "Z");
	ical_end_line(lines);
}
