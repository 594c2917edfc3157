/*
 * fuzz_report.c: any bytes as a mail that came in.  It says one of three things; a code that it
 * holds is one; and the same with other ends of lines says the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../cgi/courier/report.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int true_)
{
	if (!true_)
		abort();
}

static void
read_exactly(const uint8_t *data, size_t len, struct report *report)
{
	char	*copy = malloc(len > 0 ? len : 1);

	must(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	report_read(copy, len, report);
	free(copy);
}

static void
must_be_same(const struct report *a, const struct report *b)
{
	must(a->kind == b->kind);
	must(a->kind != REPORT_FAILED || memcmp(&a->mail, &b->mail, sizeof(a->mail)) == 0);
	must(a->kind != REPORT_LEAVE || strcmp(a->code.text, b->code.text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t		*crlf = malloc(2 * len + 1);
	struct report	 report, again;
	struct code	 code;
	size_t		 n = 0;

	must(crlf != NULL);
	read_exactly(data, len, &report);
	must(report.kind == REPORT_OTHER || report.kind == REPORT_FAILED ||
	    report.kind == REPORT_LEAVE);
	must(report.kind != REPORT_LEAVE || code_read(&code, report.code.text) == OUT_OK);
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
			crlf[n++] = '\r';
		crlf[n++] = data[i];
	}
	read_exactly(crlf, n, &again);
	must_be_same(&report, &again);
	free(crlf);
	return 0;
}
