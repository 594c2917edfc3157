/*
 * mime.c: a mail as it goes over the wire.  See mime.h.
 */
#include "mime.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "openhall/mail.h"

enum {
	PLAIN_MOST = 60,	/* bytes of a header's text that fit on its line as they are */
	WORD_BYTES = 39,	/* in one encoded word, of at most 76 with its header's name */
	LINE_MOST = 76		/* RFC 2045, 6.7 (5) */
};

/* ---- what is refused ---- */

/* Printable, or UTF-8 beyond ASCII: no line ends here, and no header begins. */
static bool
is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* What may stand between < and >: no space either. */
static bool
is_token(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text >= 0x7f || strchr("<>,\"\\", *text) != NULL)
			return false;
	return true;
}

static bool
may_stand(const struct mime *m)
{
	if (!mail_is_address(m->from) || !mail_is_address(m->to) || !is_token(m->host) ||
	    !is_one_line(m->from_name) || !is_one_line(m->subject))
		return false;
	return m->list == NULL || (is_token(m->list) && is_token(m->leave) &&
	    (m->leave_to == NULL || (mail_is_address(m->leave_to) &&
	    is_token(m->leave_subject))));
}

/* ---- headers ---- */

/* Encoded words (RFC 2047), each of whole characters, on lines of their own. */
static void
encoded(struct buf *to, const char *text)
{
	char	base64[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	size_t	left = strlen(text), len;

	for (; left > 0; text += len, left -= len) {
		len = left < WORD_BYTES ? left : WORD_BYTES;
		while (len < left && len > WORD_BYTES - 4 &&
		    ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
		sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)text, len,
		    sodium_base64_VARIANT_ORIGINAL);
		buf_fmt(to, "=?UTF-8?B?%s?=%s", base64, len < left ? "\r\n " : "");
	}
}

/* Text as it is where `letters` allow that. */
static void
words(struct buf *to, const char *text, const char *letters)
{
	size_t	len = strlen(text);

	if (len <= PLAIN_MOST && strspn(text, letters) == len && *text != ' ' &&
	    strstr(text, "=?") == NULL)
		buf_str(to, text);
	else
		encoded(to, text);
}

#define ATEXT	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
		"!#$%&'*+-/=?^_`{|}~"

static void
headers(struct buf *to, const struct mime *m, const char *id)
{
	char		date[64];
	struct tm	tm;
	time_t		at = (time_t)m->at;

	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_fmt(to, "Date: %s\r\nFrom: ", date);
	words(to, m->from_name, ATEXT " ");
	buf_fmt(to, "\r\n <%s>\r\nTo: %s\r\nSubject: ", m->from, m->to);
	words(to, m->subject, ATEXT " ()<>[]:;@\\,.\"");
	buf_fmt(to, "\r\nMessage-ID: <%s@%s>\r\nAuto-Submitted: auto-generated\r\n", id,
	    m->host);
	if (m->list != NULL) {
		buf_fmt(to, "List-Id: <%s.%s>\r\nList-Unsubscribe: <%s>", m->list, m->host,
		    m->leave);
		if (m->leave_to != NULL)
			buf_fmt(to, ",\r\n <mailto:%s?subject=%s>", m->leave_to,
			    m->leave_subject);
		buf_str(to, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	}
	/* "=_" stands in no quoted-printable text. */
	buf_fmt(to, "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n boundary=\"=_%s\"\r\n\r\n", id);
}

/* ---- bodies ---- */

/* Quoted-printable (RFC 2045, 6.7).  Every line ends in CRLF, the last one too. */
static void
quoted(struct buf *to, const char *text)
{
	size_t	column = 0;

	for (; *text != '\0'; text++) {
		unsigned char	c = (unsigned char)*text;
		bool		ends = text[1] == '\n' || text[1] == '\0';
		bool		plain = (c > ' ' && c < 0x7f && c != '=') ||
				    ((c == ' ' || c == '\t') && !ends);

		if (c == '\n') {
			buf_str(to, "\r\n");
			column = 0;
			continue;
		}
		/* The last column is for the mark of a soft break. */
		if (column + (plain ? 1 : 3) > LINE_MOST - 1) {
			buf_str(to, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_char(to, (char)c);
		else
			buf_fmt(to, "=%02X", c);
		column += plain ? 1 : 3;
	}
	if (column > 0)
		buf_str(to, "\r\n");
}

static void
part(struct buf *to, const char *id, const char *type, const char *text)
{
	buf_fmt(to, "--=_%s\r\nContent-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n", id, type);
	quoted(to, text);
	buf_str(to, "\r\n");
}

enum outcome
mime_write(const struct mime *m, struct buf *to)
{
	char	id[2 * ID_LEN + 1];

	if (!may_stand(m))
		return OUT_INVALID;
	id_text(id, m->id);
	headers(to, m, id);
	/* What a reader can show best comes last (RFC 2046, 5.1.4). */
	part(to, id, "text/plain", m->text);
	part(to, id, "text/html", m->html);
	buf_fmt(to, "--=_%s--\r\n", id);
	return to->failed ? OUT_FAULT : OUT_OK;
}
