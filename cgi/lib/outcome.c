/* outcome.c: see openhall/outcome.h. */
#include "openhall/outcome.h"

static const struct {
	int		 status;
	const char	*word;
} outcomes[OUT__COUNT] = {
	[OUT_FAULT]	= { 500, "fault" },
	[OUT_OK]	= { 200, "ok" },
	[OUT_INVALID]	= { 422, "invalid" },
	[OUT_FORBIDDEN]	= { 403, "forbidden" },
	[OUT_MISSING]	= { 404, "missing" },
	[OUT_CONFLICT]	= { 409, "conflict" },
	[OUT_LIMITED]	= { 429, "limited" },
	[OUT_AWAY]	= { 503, "away" },
};

int
outcome_status(enum outcome got)
{
	return outcomes[got < OUT__COUNT ? got : OUT_FAULT].status;
}

const char *
outcome_word(enum outcome got)
{
	return outcomes[got < OUT__COUNT ? got : OUT_FAULT].word;
}
