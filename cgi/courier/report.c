/* report.c: see report.h.  Nothing is allocated: what is longer than it may be is cut off. */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MOST = 64, VALUE_MOST = 998 /* RFC 5322, 2.1.1 */, BOUNDARY_MOST = 70 };

struct line { const char *at; size_t len; };	/* without its end */

struct reader {
	const char	*at, *end;
	char		 boundary[BOUNDARY_MOST + 1];	/* between the parts; "": none */
};

struct field { char name[NAME_MOST + 1], value[VALUE_MOST + 1]; };

/* ---- lines ---- */

static bool
peek(const struct reader *r, struct line *line, const char **next)
{
	const char	*lf;

	if (r->at >= r->end)
		return false;
	lf = memchr(r->at, '\n', (size_t)(r->end - r->at));
	*next = lf != NULL ? lf + 1 : r->end;
	*line = (struct line){ r->at, (size_t)((lf != NULL ? lf : r->end) - r->at) };
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Whether parts are divided here (RFC 2046, 5.1.1), and whether that was the last. */
static bool
is_delimiter(const struct reader *r, const struct line *line, bool *last)
{
	size_t	n = strlen(r->boundary);

	if (n == 0 || line->len < n + 2 || memcmp(line->at, "--", 2) != 0 ||
	    memcmp(line->at + 2, r->boundary, n) != 0)
		return false;
	*last = line->len >= n + 4 && memcmp(line->at + 2 + n, "--", 2) == 0;
	for (size_t i = n + 2 + (*last ? 2 : 0); i < line->len; i++)
		if (line->at[i] != ' ' && line->at[i] != '\t')
			return false;
	return true;
}

/* Go behind the next delimiter.  false: there is no other part. */
static bool
next_part(struct reader *r)
{
	const char	*next;
	struct line	 line;
	bool		 last = false;

	while (peek(r, &line, &next)) {
		r->at = next;
		if (is_delimiter(r, &line, &last))
			return !last;
	}
	return false;
}

/* ---- fields ---- */

static void
append(char *to, size_t size, const char *text, size_t len)
{
	size_t	had = strlen(to);

	for (size_t i = 0; i < len && had + 1 < size; i++)
		to[had++] = text[i] != '\0' ? text[i] : ' ';
	to[had] = '\0';
}

/* The next field of a header, unfolded.  false: the header is over (an empty line, which is
 * gone behind; a delimiter, which is not; or the end). */
static bool
next_field(struct reader *r, struct field *f)
{
	const char	*next, *colon;
	struct line	 line;
	bool		 last;

	*f = (struct field){ .name = "" };
	if (!peek(r, &line, &next) || is_delimiter(r, &line, &last))
		return false;
	r->at = next;
	if (line.len == 0)
		return false;
	if ((colon = memchr(line.at, ':', line.len)) == NULL)
		return true;	/* of no name */
	append(f->name, sizeof(f->name), line.at, (size_t)(colon - line.at));
	append(f->value, sizeof(f->value), colon + 1,
	    line.len - (size_t)(colon + 1 - line.at));
	while (peek(r, &line, &next) && line.len > 0 && (*line.at == ' ' || *line.at == '\t')) {
		append(f->value, sizeof(f->value), line.at, line.len);
		r->at = next;
	}
	memmove(f->value, f->value + strspn(f->value, " \t"),
	    strlen(f->value + strspn(f->value, " \t")) + 1);
	return true;
}

static bool
is(const struct field *f, const char *name)
{
	return strcasecmp(f->name, name) == 0;
}

/* The media type of a Content-Type is `type`. */
static bool
is_type(const char *value, const char *type)
{
	size_t	n = strlen(type);

	return strncasecmp(value, type, n) == 0 &&
	    (value[n] == '\0' || strchr("; \t", value[n]) != NULL);
}

/* A parameter's value; false: there is none, or it does not fit. */
static bool
parameter(const char *value, const char *name, char *out, size_t size)
{
	size_t	n = strlen(name), len;

	while ((value = strchr(value, ';')) != NULL) {
		value++;
		value += strspn(value, " \t");
		if (strncasecmp(value, name, n) != 0 || value[n] != '=')
			continue;
		value += n + 1;
		len = *value == '"' ? strcspn(++value, "\"") : strcspn(value, "; \t");
		if (len == 0 || len >= size)
			return false;
		memcpy(out, value, len);
		out[len] = '\0';
		return true;
	}
	return false;
}

/* ---- what it says ---- */

/* Blocks of fields: of the message, then of each recipient (RFC 3464, 2.1). */
static bool
has_failed(struct reader *r)
{
	const char	*at;
	struct field	 f;

	do {
		bool	failed = false, lasting = false;

		at = r->at;
		while (next_field(r, &f)) {
			failed = failed || (is(&f, "Action") &&
			    strncasecmp(f.value, "failed", 6) == 0);
			lasting = lasting || (is(&f, "Status") &&
			    strncmp(f.value, "5.", 2) == 0);
		}
		if (failed && lasting)
			return true;
	} while (r->at != at);
	return false;
}

/* Of the mail that came back, the identity that outbox gave it. */
static bool
find_id(struct reader *r, struct id *id)
{
	char		text[2 * ID_LEN + 1] = "";
	struct field	f;

	while (next_field(r, &f))
		if (is(&f, "Message-ID") && *f.value == '<' &&
		    f.value[strcspn(f.value, "@")] == '@' &&
		    strcspn(f.value, "@") == 1 + 2 * ID_LEN) {
			memcpy(text, f.value + 1, 2 * ID_LEN);
			return id_read(id, text);
		}
	return false;
}

static void
read_parts(struct reader *r, struct report *report)
{
	bool	failed = false, known = false;

	while (next_part(r)) {
		char		type[VALUE_MOST + 1] = "";
		struct field	f;

		while (next_field(r, &f))
			if (is(&f, "Content-Type"))
				snprintf(type, sizeof(type), "%s", f.value);
		if (is_type(type, "message/delivery-status"))
			failed = failed || has_failed(r);
		else if (is_type(type, "message/rfc822") ||
		    is_type(type, "text/rfc822-headers"))
			known = known || find_id(r, &report->mail);
	}
	if (failed && known)
		report->kind = REPORT_FAILED;
}

/* The code is the last word. */
static bool
find_code(char *subject, struct code *code)
{
	size_t	len = strlen(subject);
	char	*word;

	while (len > 0 && strchr(" \t", subject[len - 1]) != NULL)
		subject[--len] = '\0';
	word = subject + len;
	while (word > subject && word[-1] != ' ' && word[-1] != '\t')
		word--;
	return code_read(code, word) == OUT_OK;
}

void
report_read(const char *mail, size_t len, struct report *report)
{
	struct reader	r = { .at = mail, .end = mail + len };
	char		subject[VALUE_MOST + 1] = "", type[VALUE_MOST + 1] = "", kind[32];
	struct field	f;

	*report = (struct report){ .kind = REPORT_OTHER };
	while (next_field(&r, &f)) {
		if (is(&f, "Subject"))
			snprintf(subject, sizeof(subject), "%s", f.value);
		else if (is(&f, "Content-Type"))
			snprintf(type, sizeof(type), "%s", f.value);
	}
	if (!is_type(type, "multipart/report")) {
		if (find_code(subject, &report->code))
			report->kind = REPORT_LEAVE;
	} else if (parameter(type, "report-type", kind, sizeof(kind)) &&
	    strcasecmp(kind, "delivery-status") == 0 &&
	    parameter(type, "boundary", r.boundary, sizeof(r.boundary))) {
		read_parts(&r, report);
	}
}
