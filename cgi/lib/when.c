/* when.c: see openhall/when.h. */
#include "openhall/when.h"

#include <talloc.h>
#include <time.h>

#include "openhall/text.h"

static const char *const months[12] = {
	N_("January"), N_("February"), N_("March"), N_("April"), N_("May"),
	N_("June"), N_("July"), N_("August"), N_("September"), N_("October"),
	N_("November"), N_("December")
};

int64_t
when_day_of(int64_t at)
{
	int64_t into = at % DAY;

	return at - into - (into < 0 ? DAY : 0);	/* before 1970 too */
}

const char *
when_day(const void *ctx, const struct site_words *words, int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL)
		return NULL;
	/* TRANSLATORS: day, month, year: "22 November 2026" */
	return talloc_asprintf(ctx, text_in(words, "%1$d %2$s %3$d"),
	    tm.tm_mday, text_in(words, months[tm.tm_mon]), tm.tm_year + 1900);
}

const char *
when_date(const void *ctx, const struct site_words *words, int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL)
		return NULL;
	/* TRANSLATORS: day, month: "22 November" */
	return talloc_asprintf(ctx, text_in(words, "%1$d %2$s"),
	    tm.tm_mday, text_in(words, months[tm.tm_mon]));
}

const char *
when_month(const void *ctx, const struct site_words *words, int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL)
		return NULL;
	/* TRANSLATORS: month, year: "November 2026" */
	return talloc_asprintf(ctx, text_in(words, "%1$s %2$d"),
	    text_in(words, months[tm.tm_mon]), tm.tm_year + 1900);
}

const char *
when_moment(const void *ctx, const struct site_words *words, int64_t at)
{
	int		 minutes = (int)((at - when_day_of(at)) / 60);
	const char	*day = when_day(ctx, words, at);

	return day == NULL ? NULL : talloc_asprintf(ctx, "%s, %02d:%02d UTC",
	    day, minutes / 60, minutes % 60);
}

const char *
when_iso(const void *ctx, int64_t at)
{
	char		text[sizeof("-2147483648-11-22T14:05:00Z")];
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return talloc_strdup(ctx, text);
}

const char *
when_age(const void *ctx, const struct site_words *words, int64_t at,
    int64_t now)
{
	long days = (long)((when_day_of(now) - when_day_of(at)) / DAY);

	if (days <= 0)
		return text_in(words, "today");
	return talloc_asprintf(ctx, text_in_n(words, "%ld day", "%ld days",
	    (unsigned long)days), days);
}
