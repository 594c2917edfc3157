/* test_report.c: what mail that came in says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../cgi/courier/report.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

#define CODE	"0123-4567-89AB-CDEF-GHJK-MNP2"
#define ID	"00112233445566778899aabbccddeeff"

#define HEAD	"Subject: Undelivered\n" \
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b=1\"\n\n"
#define STATUS	"--b=1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; m\n\n" \
		"Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n\n"
#define OURS	"--b=1\nContent-Type: message/rfc822\n\nMessage-ID: <" ID "@x>\n\ntext\n"
#define END	"--b=1--\n"

static const struct { const char *mail; int kind; } cases[] = {
	{ HEAD "--b=1\n\nSorry.\n" STATUS OURS END, REPORT_FAILED },
	{ HEAD OURS STATUS END, REPORT_FAILED },
	{ HEAD STATUS OURS, REPORT_FAILED },		/* cut off at its end */
	{ HEAD STATUS "--b=1  \nContent-Type: text/rfc822-headers; charset=us-ascii\n\n"
	    "From: x\nMESSAGE-ID:\n <" ID "@x>\n" END, REPORT_FAILED },
	{ "content-type: Multipart/Report;\n\tBoundary=b ; Report-Type=\"Delivery-Status\"\n\n"
	    "--b\nContent-Type: message/delivery-status\n\nx: y\n\n\n\nStatus: 5.0.0 (x)\n"
	    "Action: Failed\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <" ID "@x>\n",
	    REPORT_FAILED },
	/* action and status of two recipients */
	{ HEAD "--b=1\nContent-Type: message/delivery-status\n\nx: y\n\nAction: failed\n"
	    "Status: 4.4.7\n\nAction: delayed\nStatus: 5.0.0\n\n" OURS END, REPORT_OTHER },
	{ HEAD "--b=1\nContent-Type: message/delivery-status\n\nx: y\n\nAction: delivered\n"
	    "Status: 2.0.0\n\nAction: failed\nStatus: 5.2.1\n\n" OURS END, REPORT_FAILED },
	{ HEAD STATUS END, REPORT_OTHER },
	{ HEAD OURS END, REPORT_OTHER },
	{ HEAD STATUS END OURS, REPORT_OTHER },		/* behind the end */
	{ HEAD "--b=11\n" STATUS "--b\nContent-Type: message/rfc822\n\nMessage-ID: <" ID
	    "@x>\n" END, REPORT_OTHER },
	{ HEAD STATUS "--b=1\nContent-Type: message/rfc822\n\nSubject: x\n\nMessage-ID: <" ID
	    "@x>\n" END, REPORT_OTHER },		/* in the text of another */
	{ HEAD STATUS "--b=1\nContent-Type: message/rfc822\n\nMessage-ID: <" ID "0@x>\n",
	    REPORT_OTHER },
	{ HEAD STATUS "--b=1\nContent-Type: message/rfc822\n\nMessage-ID: <" ID ">\n",
	    REPORT_OTHER },
	{ HEAD STATUS "--b=1\nContent-Type: message/rfc822\n\nMessage-ID: " ID "@x\n",
	    REPORT_OTHER },
	{ HEAD STATUS "--b=1\nContent-Type: message/rfc822\n\nIn-Reply-To: <" ID "@x>\n",
	    REPORT_OTHER },
	{ "Content-Type: multipart/mixed; report-type=delivery-status; boundary=\"b=1\"\n\n"
	    STATUS OURS END, REPORT_OTHER },
	{ "Content-Type: multipart/report; report-type=disposition-notification;"
	    " boundary=\"b=1\"\n\n" STATUS OURS END, REPORT_OTHER },
	{ "Content-Type: multipart/report; report-type=delivery-status\n\n" STATUS OURS END,
	    REPORT_OTHER },
	{ "\n" HEAD STATUS OURS END, REPORT_OTHER },

	{ "Subject: leave " CODE "\n\n", REPORT_LEAVE },
	{ "Subject: leave " CODE, REPORT_LEAVE },
	{ "From: x\r\nSUBJECT:leave\r\n " CODE " \r\n\r\ntext", REPORT_LEAVE },
	{ "Subject: Re: Leave 0123456789abcdefghjkmnp2\n\n", REPORT_LEAVE },
	{ "Subject: leave " CODE "\nContent-Type: multipart/alternative; boundary=x\n\n",
	    REPORT_LEAVE },
	{ "Subject: leave 0123-4567-89AB-CDEF-GHJK-MNP3\n\n", REPORT_OTHER },
	{ "Subject: " CODE " leave\n\n", REPORT_OTHER },
	{ "Subject: leave\n\n" CODE, REPORT_OTHER },
	{ "Subject: leave\n\nSubject: " CODE, REPORT_OTHER },
	{ "X-Subject: " CODE "\n\n", REPORT_OTHER },
	{ "Subject: " CODE "\n" HEAD, REPORT_OTHER },
	{ "Subject:\n\n", REPORT_OTHER },
	{ "Subject", REPORT_OTHER },
	{ ":\n", REPORT_OTHER },
	{ "\r", REPORT_OTHER },
	{ "", REPORT_OTHER },
};

/* Each from memory of just its length, so that a byte too far is seen. */
static void
test_cases(void **state)
{
	struct report	report;
	struct code	code;
	struct id	id;

	(void)state;
	assert_int_equal(code_read(&code, CODE), OUT_OK);
	assert_true(id_read(&id, ID));
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t	 len = strlen(cases[i].mail);
		char	*copy = malloc(len > 0 ? len : 1);

		assert_non_null(copy);
		memcpy(copy, cases[i].mail, len);
		report_read(copy, len, &report);
		free(copy);
		if ((int)report.kind != cases[i].kind)
			fail_msg("%zu: %d\n%s", i, (int)report.kind, cases[i].mail);
		if (report.kind == REPORT_FAILED)
			assert_memory_equal(report.mail.at, id.at, ID_LEN);
		if (report.kind == REPORT_LEAVE)
			assert_string_equal(report.code.text, code.text);
	}
}

/* Wherever it is cut off, it says no more than it did; and a line may have any length. */
static void
test_lengths(void **state)
{
	enum { LONG = 100000 };
	static const char	mail[] = HEAD STATUS OURS;
	struct report		report;
	char			*line = malloc(LONG);

	(void)state;
	assert_non_null(line);
	for (size_t len = 0; len < strlen(mail); len++) {
		char	*copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, mail, len);
		report_read(copy, len, &report);
		free(copy);
		if (report.kind != REPORT_OTHER && len < strlen(mail) - strlen(">\n\ntext\n") - 1)
			fail_msg("%zu: %d", len, (int)report.kind);
	}
	memset(line, 'x', LONG);
	memcpy(line, "Subject: ", 9);
	memcpy(line + LONG - sizeof(CODE), " " CODE, sizeof(CODE));
	report_read(line, LONG, &report);
	assert_int_equal(report.kind, REPORT_OTHER);
	memset(line, 0, LONG);
	memcpy(line, "Content-Type: multipart/report; report-type=delivery-status; boundary=", 70);
	report_read(line, LONG, &report);
	assert_int_equal(report.kind, REPORT_OTHER);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
