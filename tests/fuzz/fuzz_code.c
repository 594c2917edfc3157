/*
 * fuzz_code.c: whatever somebody types as a code.  What is taken is shown in one form only,
 * which is taken too and is the same code; what is not, is not for spaces or hyphens.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "openhall/code.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int true_)
{
	if (!true_)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char		*typed = malloc(len + 1), *bare = malloc(len + 1), *to = bare;
	struct code	 code, again;
	enum outcome	 got;

	must(typed != NULL && bare != NULL);
	memcpy(typed, data, len);
	typed[len] = '\0';
	for (const char *at = typed; *at != '\0'; at++)
		if (strchr(" -\t\r\n", *at) == NULL)
			*to++ = *at;
	*to = '\0';

	got = code_read(&code, typed);
	must(got == OUT_OK || got == OUT_INVALID);
	must(code_read(&again, bare) == got);
	if (got == OUT_OK) {
		must(strlen(code.text) == CODE_TEXT - 1);
		must(code_read(&again, code.text) == OUT_OK);
		must(memcmp(&again, &code, sizeof(code)) == 0);
	}
	free(typed);
	free(bare);
	return 0;
}
