/*
 * test_mime.c: mails as they go over the wire, and the addresses they may go to: what is
 * written, that no line is too long, and that nothing in a header can begin another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "../../cgi/courier/mime.h"
#include "openhall/mail.h"

static const struct id	id = { { 0x0F, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xA0 } };
#define HEX	"0f0102030405060708090a0b0c0d0ea0"

static const struct mime	plain = {
	.id = &id, .host = "example.org", .at = 1795346120, .from_name = "Daybreak",
	.from = "news@example.org", .to = "reader@example.net", .subject = "A word",
	.text = "One\nTwo\n", .html = "<p>One</p>\n",
};

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

/* ---- the whole of one ---- */

static void
test_whole(void **state)
{
	struct buf	*to = buf_new(NULL, 10);

	(void)state;
	buf_str(to, "before");
	assert_int_equal(mime_write(&plain, to), OUT_OK);
	assert_string_equal(to->data, "before"
	    "Date: Sun, 22 Nov 2026 11:15:20 +0000\r\n"
	    "From: Daybreak\r\n <news@example.org>\r\n"
	    "To: reader@example.net\r\n"
	    "Subject: A word\r\n"
	    "Message-ID: <" HEX "@example.org>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n boundary=\"=_" HEX "\"\r\n"
	    "\r\n"
	    "--=_" HEX "\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "One\r\nTwo\r\n"
	    "\r\n"
	    "--=_" HEX "\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "<p>One</p>\r\n"
	    "\r\n"
	    "--=_" HEX "--\r\n");
	talloc_free(to);
}

/* What stands in the message. */
static void
holds(const struct mime *mime, const char *what, bool there)
{
	struct buf	*to = buf_new(NULL, 10);

	assert_int_equal(mime_write(mime, to), OUT_OK);
	if ((strstr(to->data, what) != NULL) != there)
		fail_msg("%s: %s\n%s", there ? "not there" : "there", what, to->data);
	talloc_free(to);
}

static void
test_list(void **state)
{
	struct mime	mime = plain;

	(void)state;
	holds(&mime, "List-", false);
	mime.list = "statements-en";
	mime.leave = "https://example.org/subscribe/leave?code=A-B";
	holds(&mime, "\r\nList-Id: <statements-en.example.org>\r\n"
	    "List-Unsubscribe: <https://example.org/subscribe/leave?code=A-B>\r\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", true);
	mime.leave_to = "news@example.org";
	mime.leave_subject = "leave%20A-B";
	holds(&mime, "\r\nList-Unsubscribe: <https://example.org/subscribe/leave?code=A-B>,\r\n"
	    " <mailto:news@example.org?subject=leave%20A-B>\r\nList-Unsubscribe-Post: ", true);
}

/* ---- headers ---- */

#define TEN	"0123456789"

static const struct { const char *subject, *want; } subjects[] = {
	{ "",			"" },
	{ "It's (a) \"word\", <so>; no?",	"It's (a) \"word\", <so>; no?" },
	{ TEN TEN TEN TEN TEN TEN,		TEN TEN TEN TEN TEN TEN },
	{ TEN TEN TEN TEN TEN TEN "1",
	  "=?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4?=\r\n"
	  " =?UTF-8?B?OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MQ==?=" },
	{ "ma\xC3\xB1""ana",			"=?UTF-8?B?bWHDsWFuYQ==?=" },
	/* what would be taken for an encoded word, and what folding would lose */
	{ "=?x?=",				"=?UTF-8?B?PT94Pz0=?=" },
	{ " x",					"=?UTF-8?B?IHg=?=" },
	/* no character is cut: the 39th byte is the first of two, or the third of four */
	{ TEN TEN TEN "01234567\xC3\xB1",
	  "=?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=?=\r\n"
	  " =?UTF-8?B?w7E=?=" },
	{ TEN TEN TEN "012345\xF0\x9F\x8C\x85",
	  "=?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1?=\r\n"
	  " =?UTF-8?B?8J+MhQ==?=" },
};

static void
test_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		struct mime	 mime = plain;
		char		*line = talloc_asprintf(NULL, "\r\nSubject: %s\r\nMessage-ID",
				    subjects[i].want);

		mime.subject = subjects[i].subject;
		holds(&mime, line, true);
		talloc_free(line);
	}
}

static void
test_names(void **state)
{
	struct mime	mime = plain;

	(void)state;
	mime.from_name = "Workers' Party";
	holds(&mime, "\r\nFrom: Workers' Party\r\n <news@example.org>\r\n", true);
	/* a phrase may not hold these as they are */
	mime.from_name = "A, B <c@d>";
	holds(&mime, "\r\nFrom: =?UTF-8?B?QSwgQiA8Y0BkPg==?=\r\n <news@example.org>\r\n", true);
}

static const char *const	breaks[] = { "\r\nBcc: x@y", "\nBcc: x@y", "\r", "\x01", "\x7f",
				    "\x1b[2J", "\t" };

static void
refused(const struct mime *mime, const char *what)
{
	struct buf	*to = buf_new(NULL, 10);

	if (mime_write(mime, to) != OUT_INVALID || to->len > 0)
		fail_msg("%s", what);
	talloc_free(to);
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(*breaks); i++) {
		char		*text = talloc_asprintf(NULL, "a%s", breaks[i]);
		char		*address = talloc_asprintf(text, "a@b%s", breaks[i]);
		struct mime	 list = plain;

		list.list = "s";
		list.leave = "https://a/b";
		list.leave_to = "a@b";
		list.leave_subject = "c";
		holds(&list, "List-Id", true);
#define WITH(from, member, value) \
		do { \
			struct mime	mime = from; \
			mime.member = value; \
			refused(&mime, #member); \
		} while (0)
		WITH(plain, subject, text);
		WITH(plain, from_name, text);
		WITH(plain, host, text);
		WITH(plain, from, address);
		WITH(plain, to, address);
		WITH(list, list, text);
		WITH(list, leave, text);
		WITH(list, leave_to, address);
		WITH(list, leave_subject, text);
		WITH(list, leave, "https://a/b> <c");
		talloc_free(text);
	}
}

/* ---- bodies ---- */

#define SEVENTY	TEN TEN TEN TEN TEN TEN TEN

static const struct { const char *text, *want; } bodies[] = {
	{ "",			"" },
	{ "a",			"a\r\n" },
	{ "a\n\nb\n",		"a\r\n\r\nb\r\n" },
	{ "1=2",		"1=3D2\r\n" },
	{ "a \nb\t\nc d ",	"a=20\r\nb=09\r\nc d=20\r\n" },
	{ "-- \n",		"--=20\r\n" },
	{ "a\rb",		"a=0Db\r\n" },
	{ ".\n..\n",		".\r\n..\r\n" },	/* the dots are doubled by who sends it */
	{ "--=_" HEX "--\n",	"--=3D_" HEX "--\r\n" },
	{ "\xC3\xB1",		"=C3=B1\r\n" },
	{ "\x7f",		"=7F\r\n" },
	{ SEVENTY "12345",	SEVENTY "12345\r\n" },
	{ SEVENTY "12345\n6",	SEVENTY "12345\r\n6\r\n" },
	{ SEVENTY "123456",	SEVENTY "12345=\r\n6\r\n" },
	{ SEVENTY "123=",	SEVENTY "123=\r\n=3D\r\n" },
	{ SEVENTY "12=",	SEVENTY "12=3D\r\n" },
	{ SEVENTY "1234 \nb",	SEVENTY "1234=\r\n=20\r\nb\r\n" },
};

static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct mime	 mime = plain;
		char		*part = talloc_asprintf(NULL, "text/plain; charset=utf-8\r\n"
				    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
				    "%s\r\n--=_" HEX "\r\n", bodies[i].want);

		mime.text = bodies[i].text;
		holds(&mime, part, true);
		talloc_free(part);
	}
}

/* Whatever is in it: no line of a body above 76, none of a header above 78, no bare CR or LF,
 * nothing but ASCII. */
static void
test_lines(void **state)
{
	struct mime	 mime = plain;
	char		 text[2001];
	struct buf	*to = buf_new(NULL, 10);
	size_t		 column = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)(i % 251 == 0 ? '\n' : 1 + i % 255);
	text[sizeof(text) - 1] = '\0';
	mime.text = mime.html = text;
	mime.subject = mime.from_name = "\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1"
	    "\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1"
	    "\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1";
	assert_int_equal(mime_write(&mime, to), OUT_OK);
	for (size_t i = 0; i < to->len; i++, column++) {
		assert_in_range((unsigned char)to->data[i], 1, 126);
		if (to->data[i] == '\r') {
			assert_int_equal(to->data[i + 1], '\n');
			assert_in_range(column, 0, 78);
			i++;
			column = (size_t)-1;
		} else {
			assert_int_not_equal(to->data[i], '\n');
		}
	}
	talloc_free(to);
}

/* ---- addresses ---- */

#define LOCAL	"0123456789012345678901234567890123456789012345678901234567890123"
#define LABEL	"012345678901234567890123456789012345678901234567890123456789012"

static const struct { const char *text; bool is; } addresses[] = {
	{ "a@b",			true },
	{ "first.last+tag@mail.example.org", true },
	{ "o'brien_{x}!#$%&*/=?^`|~-@x-y.org", true },
	{ LOCAL "@b",			true },
	{ LOCAL "x@b",			false },
	{ "a@" LABEL ".org",		true },
	{ "a@" LABEL "x.org",		false },
	{ "a@" LABEL "." LABEL "." LABEL ".012345678901234567890123456789012345678901234567890123456789",
	  true },
	{ "a@" LABEL "." LABEL "." LABEL ".0123456789012345678901234567890123456789012345678901234567890",
	  false },
	{ "",				false },
	{ "a",				false },
	{ "@b",				false },
	{ "a@",				false },
	{ "a@b@c",			false },
	{ ".a@b",			false },
	{ "a.@b",			false },
	{ "a..b@c",			false },
	{ "a@b.",			false },
	{ "a@.b",			false },
	{ "a@b..c",			false },
	{ "a@-b",			false },
	{ "a@b-",			false },
	{ "a@b.-c",			false },
	{ "a@b-.c",			false },
	{ "a@b_c",			false },
	{ "a b@c",			false },
	{ " a@b",			false },
	{ "a@b ",			false },
	{ "a@b\n",			false },
	{ "a@b\r\nRCPT TO:<c@d>",	false },
	{ "a@b>",			false },
	{ "<a@b>",			false },
	{ "a,b@c",			false },
	{ "\"a b\"@c",			false },
	{ "a@[127.0.0.1]",		false },
	{ "a@b,c@d",			false },
	{ "ma\xC3\xB1""ana@b",		false },
	{ "a@ma\xC3\xB1""ana",		false },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (mail_is_address(addresses[i].text) != addresses[i].is)
			fail_msg("%s", addresses[i].text);
}

/* ---- sealing ---- */

static void
test_sealing(void **state)
{
	struct sealer	 sealer = { .until = 0 };
	struct key	 secret, other, none;
	struct id	 another = id;
	struct bytes	 sealed, again;
	const char	*text;
	void		*ctx = talloc_new(NULL);
	char		 most[MAIL_TEXT_MAX + 2];

	(void)state;
	another.at[0]++;
	seal_pair(&sealer.to, &secret);
	seal_pair(&none, &other);
	assert_int_equal(mail_seal(ctx, &sealer, 1, &id, "a@example.org", &sealed), OUT_OK);
	assert_null(memmem(sealed.data, sealed.len, "example", 7));
	assert_int_equal(mail_open(ctx, &secret, &id, sealed, &text), OUT_OK);
	assert_string_equal(text, "a@example.org");
	/* with another key, about something else, as something else, cut short, changed */
	assert_int_equal(mail_open(ctx, &other, &id, sealed, &text), OUT_FORBIDDEN);
	assert_int_equal(mail_open(ctx, &secret, &another, sealed, &text), OUT_FORBIDDEN);
	assert_int_equal(mail_open_code(ctx, &secret, &id, sealed, &text), OUT_FORBIDDEN);
	for (size_t len = 0; len < sealed.len; len += 50)
		assert_int_equal(mail_open(ctx, &secret, &id,
		    (struct bytes){ sealed.data, len }, &text), OUT_FORBIDDEN);
	((unsigned char *)sealed.data)[sealed.len - 1] ^= 1;
	assert_int_equal(mail_open(ctx, &secret, &id, sealed, &text), OUT_FORBIDDEN);
	/* its length says nothing, and fits its column */
	memset(most, 'x', sizeof(most));
	most[MAIL_TEXT_MAX] = '\0';
	assert_int_equal(mail_seal(ctx, &sealer, 1, &id, most, &again), OUT_OK);
	assert_int_equal(again.len, sealed.len);
	assert_true(again.len <= 768);
	most[MAIL_TEXT_MAX] = 'x';
	most[MAIL_TEXT_MAX + 1] = '\0';
	assert_int_equal(mail_seal(ctx, &sealer, 1, &id, most, &again), OUT_INVALID);
	talloc_free(ctx);
}

/* The same for the same subscriber, another for another and under another key. */
static void
test_codes(void **state)
{
	struct key	key = { { 1 } }, other = { { 2 } };
	struct id	another = id;
	struct code	one, two;

	(void)state;
	another.at[15]++;
	mail_code(&one, &key, &id);
	mail_code(&two, &key, &id);
	assert_string_equal(one.text, two.text);
	assert_int_equal(code_read(&two, one.text), OUT_OK);
	assert_memory_equal(&one.lookup, &two.lookup, KEY_LEN);
	mail_code(&two, &key, &another);
	assert_string_not_equal(one.text, two.text);
	mail_code(&two, &other, &id);
	assert_string_not_equal(one.text, two.text);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_sealing),
		cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
