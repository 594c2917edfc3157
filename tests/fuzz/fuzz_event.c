/*
 * fuzz_event.c: behind which date an address says that a list begins; a time that was typed; and
 * the rule by which an event recurs.  Whatever is taken is written in one way only, which is
 * taken, too, and means the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/event.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int true_)
{
	if (!true_)
		abort();
}

/* An id may be in capitals; the rest is as we write it. */
static void
check_cursor(void *ctx, const char *text)
{
	struct cursor	 at = { 0 }, again;
	const char		*written;

	if (!cursor_read(&at, text))
		return;
	must(at.at > 0);
	written = cursor_text(ctx, at.at, &at.id);
	must(written != NULL && strlen(written) == strlen(text));
	must(cursor_read(&again, written));
	must(again.at == at.at && memcmp(&again.id, &at.id, sizeof(at.id)) == 0);
}

static void
check_time(void *ctx, const char *text)
{
	struct calendar_date	d;
	int64_t			wall, again;

	if (!calendar_read(text, &wall))
		return;
	calendar_date(&d, wall);
	must(d.year >= 2000 && d.year <= 2100 && strlen(text) == strlen("2026-12-08 18:30"));
	must(calendar_at(d.year, d.month, d.day, d.hour, d.minute) == wall);
	must(calendar_read(talloc_asprintf(ctx, "%04d-%02d-%02dT%02d:%02d", d.year, d.month,
	    d.day, d.hour, d.minute), &again) && again == wall);
}

/* Its dates come one after the other, and none before the first. */
static void
check_rule(void *ctx, const char *text)
{
	const int64_t		 starts = calendar_at(2026, 12, 8, 18, 30);
	struct recurrence	 rule, again;
	struct walls		 walls;
	const char		*written;

	if (recurrence_read(&rule, text) != OUT_OK)
		return;
	written = recurrence_text(ctx, &rule);
	must(written != NULL && strlen(written) <= CALENDAR_RULE_MAX);
	must(recurrence_read(&again, written) == OUT_OK);
	must(strcmp(recurrence_text(ctx, &again), written) == 0);
	must(recurrence_dates(ctx, &rule, starts, INT64_MIN, INT64_MAX, 20, &walls) == OUT_OK);
	must(walls.n >= 1 && walls.n <= 20 && walls.at[0] == starts);
	must(rule.count == 0 || walls.n <= rule.count);
	for (size_t i = 1; i < walls.n; i++)
		must(walls.at[i] > walls.at[i - 1] && (rule.until == 0 ||
		    walls.at[i] <= rule.until));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void	*ctx = talloc_new(NULL);
	char	*text = talloc_strndup(ctx, (const char *)data, len);

	must(text != NULL);
	check_cursor(ctx, text);
	check_time(ctx, text);
	check_rule(ctx, text);
	talloc_free(ctx);
	return 0;
}
