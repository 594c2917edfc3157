/*
 * when: moments as people write them, in the language of the page.
 */
#ifndef OPENHALL_WHEN_H
#define OPENHALL_WHEN_H

#include <stdint.h>

#include "openhall/settings.h"

enum { DAY = 86400 };		/* seconds */

/* The midnight (UTC) of the day in which `at` lies: all that is stored of some moments. */
int64_t		 when_day_of(int64_t at);

/* "22 November 2026"; "22 November"; "November 2026"; "22 November 2026, 14:05 UTC"; below
 * `ctx`, NULL: no memory. */
const char	*when_day(const void *ctx, const struct site_words *, int64_t at);
const char	*when_date(const void *ctx, const struct site_words *, int64_t at);
const char	*when_month(const void *ctx, const struct site_words *, int64_t at);
const char	*when_moment(const void *ctx, const struct site_words *, int64_t at);

/* "2026-11-22T14:05:00Z" (RFC 3339), for machines. */
const char	*when_iso(const void *ctx, int64_t at);

/* How long ago: "today", "1 day", "12 days". */
const char	*when_age(const void *ctx, const struct site_words *, int64_t at, int64_t now);

#endif
