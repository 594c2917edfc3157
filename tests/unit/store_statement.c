/*
 * store_statement.c: statements as the public's program reads them, under its account: what is
 * not public yet is nowhere, every page of the list follows on the one before, and nothing
 * costs more because there is more.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/statement.h"

enum { NOW = 1790000000 /* 21 September 2026 */, DAY = 86400 };

static const struct db_query q_reads = { "", "ss",
	"SHOW SESSION STATUS LIKE 'Handler_read%'" };

static const struct cursor	newest = { 0 };
static struct db			*reader;
static void				*ctx;

static int
set_up(void **state)
{
	const struct db_set sets[] = {
		{ statement_queries, statement_n_queries }, { &q_reads, 1 },
	};

	(void)state;
	store_fresh(true);
	assert_non_null(ctx = talloc_new(NULL));
	assert_non_null(reader = db_new(ctx, &store, "openhall_statements", sets,
	    COUNT(sets)));
	assert_int_equal(db_check(reader), OUT_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

/* One of `work`; its id is made of its slug. */
static void
publish(const char *lang, const char *slug, const char *work, long at)
{
	store_sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
	    " published_at) VALUES (" STORE_ID("'%s-%s'") ", " STORE_ID("'%s'") ", '%s',"
	    " '%s', 'Title of %s', 'Said', '<p>%s</p>', %ld)", lang, slug, work, lang, slug, slug,
	    slug, at);
	store_sql("UPDATE press SET number = number + 1");
}

static struct statements
list(const char *lang, int64_t now, const struct cursor *from, int64_t since,
    size_t most)
{
	struct statements all;

	assert_int_equal(statement_list(reader, ctx, lang, now, from, since, most, false,
	    &all), OUT_OK);
	return all;
}

/* ---- cursors ---- */

#define HEX	"00112233445566778899aabbccddeeff"

static const struct { const char *text; bool fine; } cursors[] = {
	{ "1790000000-" HEX,		true },
	{ "1-" HEX,			true },
	{ "",				false },
	{ "1790000000",			false },
	{ "1790000000-",		false },
	{ "1790000000-" HEX "0",	false },
	{ "1790000000-0" HEX,		false },
	{ "1790000000-x0112233445566778899aabbccddeeff", false },
	{ "0-" HEX,			false },	/* would be the first page */
	{ "-1-" HEX,			false },
	{ "+1-" HEX,			false },
	{ " 1-" HEX,			false },
	{ "1 -" HEX,			false },
	{ "0x10-" HEX,			false },
	{ "99999999999999999999-" HEX,	false },
};

static void
test_cursors(void **state)
{
	struct cursor	cursor;
	struct statement	s = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cursors); i++) {
		print_message("# \"%s\"\n", cursors[i].text);
		assert_int_equal(cursor_read(&cursor, cursors[i].text),
		    cursors[i].fine);
		if (!cursors[i].fine)
			continue;
		s.published_at = cursor.at;
		s.id = cursor.id;
		assert_string_equal(cursor_text(ctx, s.published_at, &s.id), cursors[i].text);
	}
}

/* ---- what is public ---- */

static void
test_not_public(void **state)
{
	struct statement	s;
	struct statements	all;
	struct cursor	late = { .at = NOW + 100 * DAY };

	(void)state;
	memset(late.id.at, 0xff, ID_LEN);
	publish("en", "past", "a", NOW - DAY);
	publish("en", "just-now", "b", NOW);
	publish("en", "soon", "c", NOW + 1);
	publish("es", "pasado", "a", NOW + DAY);

	all = list("en", NOW, &newest, 0, 10);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.at[0].slug, "just-now");
	assert_string_equal(all.at[1].slug, "past");
	assert_string_equal(all.at[1].title, "Title of past");
	assert_null(strstr(all.at[0].html.html != NULL ? all.at[0].html.html : "", "<p>"));
	/* nor by a cursor that lies in the future */
	assert_int_equal(list("en", NOW, &late, 0, 10).n, 2);
	assert_int_equal(list("es", NOW, &newest, 0, 10).n, 0);
	assert_int_equal(list("fr", NOW, &newest, 0, 10).n, 0);

	assert_int_equal(statement_find(reader, ctx, "en", "past", NOW, &s), OUT_OK);
	assert_string_equal(s.html.html, "<p>past</p>");
	assert_int_equal(s.corrected_at, 0);
	assert_int_equal(statement_find(reader, ctx, "en", "soon", NOW, &s), OUT_MISSING);
	assert_int_equal(statement_find(reader, ctx, "en", "soon", NOW + 1, &s), OUT_OK);
	assert_int_equal(statement_find(reader, ctx, "es", "past", NOW, &s), OUT_MISSING);
	assert_int_equal(statement_find(reader, ctx, "en", "PAST", NOW, &s), OUT_MISSING);
	assert_int_equal(statement_find(reader, ctx, "en", "", NOW, &s), OUT_MISSING);

	assert_int_equal(statement_find(reader, ctx, "en", "past", NOW, &s), OUT_OK);
	assert_int_equal(statement_translations(reader, ctx, &s, NOW, &all), OUT_OK);
	assert_int_equal(all.n, 0);
	assert_int_equal(statement_translations(reader, ctx, &s, NOW + DAY, &all), OUT_OK);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.at[0].slug, "pasado");
	assert_string_equal(all.at[0].lang, "es");

	store_sql("UPDATE published SET corrected_at = %d, note = 'Typo' WHERE slug = 'past'",
	    NOW - 5);
	assert_int_equal(statement_find(reader, ctx, "en", "past", NOW, &s), OUT_OK);
	assert_int_equal(s.corrected_at, NOW - 5);
	assert_string_equal(s.note, "Typo");
}

/* ---- page after page ---- */

/* Go through all of it by threes; what was there is there once, and what comes meanwhile does
 * not shift it. */
static void
test_pages(void **state)
{
	enum { ALL = 20, PAGE = 3 };
	struct cursor	at = newest;
	char			slug[32], seen[ALL + 1] = "";
	size_t			n = 0;

	(void)state;
	/* seven at each second, so that pages end in the middle of one */
	for (long i = 0; i < ALL; i++) {
		snprintf(slug, sizeof(slug), "number-%ld", i);
		publish("en", slug, slug, NOW - i / 7);
	}
	for (;;) {
		struct statements page = list("en", at.at == 0 ? NOW : NOW + 10, &at, 0, PAGE);

		for (size_t i = 0; i < page.n; i++) {
			long number = strtol(page.at[i].slug + strlen("number-"), NULL, 10);

			assert_in_range(number, 0, ALL - 1);
			assert_int_equal(seen[number], 0);
			seen[number] = 1;
			n++;
		}
		if (page.n < PAGE)
			break;
		assert_true(cursor_read(&at, cursor_text(ctx,
		    page.at[PAGE - 1].published_at, &page.at[PAGE - 1].id)));
		snprintf(slug, sizeof(slug), "meanwhile-%zu", n);
		publish("en", slug, slug, NOW + 5);
	}
	assert_int_equal(n, ALL);
}

static const char *
newer(const struct cursor *from, int64_t now, size_t most)
{
	const char *text;

	assert_int_equal(statement_newer(reader, ctx, "en", now, from, most, &text), OUT_OK);
	return text;
}

/* The way back leads over the same pages, however many come meanwhile and though one is gone;
 * only the newest, which is not full for good, has no page before it. */
static void
test_newer(void **state)
{
	enum { ALL = 20, PAGE = 3, PAGES = 5 };
	const char		*ends[PAGES];
	struct cursor	 at = newest;
	char			 slug[32];

	(void)state;
	for (long i = 0; i < ALL; i++) {
		snprintf(slug, sizeof(slug), "number-%ld", i);
		publish("en", slug, slug, NOW - i / 7);
		publish("es", slug, slug, NOW - i / 7);
	}
	for (size_t i = 0; i < PAGES; i++) {
		struct statements page = list("en", NOW, &at, 0, PAGE);

		ends[i] = cursor_text(ctx, page.at[PAGE - 1].published_at,
		    &page.at[PAGE - 1].id);
		assert_true(cursor_read(&at, ends[i]));
	}
	for (size_t i = 0; i < PAGES; i++) {
		assert_true(cursor_read(&at, ends[i]));
		if (i == 0)
			assert_null(newer(&at, NOW, PAGE));
		else
			assert_string_equal(newer(&at, NOW, PAGE), ends[i - 1]);
	}
	/* in time there is one before the first; it is public only then */
	publish("en", "soon", "soon", NOW + 60);
	assert_true(cursor_read(&at, ends[0]));
	assert_null(newer(&at, NOW, PAGE));
	assert_non_null(newer(&at, NOW + 60, PAGE));
	assert_true(cursor_read(&at, newer(&at, NOW + 60, PAGE)));
	assert_int_equal(at.at, NOW + 60);
	/* where a page began with one that was withdrawn */
	assert_true(cursor_read(&at, ends[2]));
	store_sql("DELETE FROM published WHERE CONCAT(published_at, '-', LOWER(HEX(id))) ="
	    " '%s' AND lang = 'en'", ends[2]);
	assert_string_not_equal(newer(&at, NOW, PAGE), ends[1]);
	assert_non_null(newer(&at, NOW, PAGE));
	/* of what is to come there is nothing */
	at.at = NOW + 100 * DAY;
	assert_null(newer(&at, NOW, PAGE));
}

/* ---- years ---- */

static void
test_years(void **state)
{
	int			years[STATEMENT_YEARS_MAX];
	struct cursor	end = { 0 };
	struct statements	all;
	size_t			n;

	(void)state;
	assert_int_equal(statement_year_start(1970), 0);
	assert_int_equal(statement_year_start(2026), 1767225600);
	assert_int_equal(statement_years(reader, ctx, "en", NOW, years, &n), OUT_OK);
	assert_int_equal(n, 0);
	publish("en", "last-second", "a", 1767225599);
	publish("en", "first-second", "b", 1767225600);
	publish("en", "old", "c", statement_year_start(2003));
	publish("en", "to-come", "d", statement_year_start(2027));
	publish("es", "otro", "e", statement_year_start(2011));
	assert_int_equal(statement_years(reader, ctx, "en", NOW, years, &n), OUT_OK);
	assert_int_equal(n, 3);
	assert_int_equal(years[0], 2026);
	assert_int_equal(years[1], 2025);
	assert_int_equal(years[2], 2003);

	end.at = statement_year_start(2026);
	all = list("en", NOW, &end, statement_year_start(2025), 10);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.at[0].slug, "last-second");
	end.at = statement_year_start(2027);
	all = list("en", NOW, &end, statement_year_start(2026), 10);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.at[0].slug, "first-second");
}

/* ---- the press ---- */

static struct statement_press
press(const char *lang, int64_t now)
{
	struct statement_press got;

	assert_int_equal(statement_press(reader, lang, now, &got), OUT_OK);
	return got;
}

static void
test_press(void **state)
{
	struct statement_press	before = press("en", NOW), after;
	int64_t			number;

	(void)state;
	assert_int_equal(before.next, 0);
	assert_int_equal(statement_number(reader, &number), OUT_OK);
	assert_int_equal(number, before.number);
	publish("en", "soon", "a", NOW + 60);
	publish("en", "later", "b", NOW + 90);
	after = press("en", NOW);
	assert_int_equal(after.number, before.number + 2);
	assert_int_equal(after.next, NOW + 60);
	/* A day of the clock is no change: the pair stays until the time has come. */
	assert_int_equal(press("en", NOW + 59).next, NOW + 60);
	assert_int_equal(press("en", NOW + 60).next, NOW + 90);
	assert_int_equal(press("en", NOW + 90).next, 0);
	assert_int_equal(press("es", NOW).next, 0);

	/* when it last changed: by a deed, or because a time had come */
	store_sql("UPDATE press SET at = '2026-01-01 00:00:00'");
	assert_int_equal(press("en", NOW).at, 1767225600);
	assert_int_equal(press("en", NOW + 60).at, NOW + 60);
	store_sql("UPDATE press SET number = number + 1");
	assert_in_range(press("en", NOW).at, (uintmax_t)time(NULL) - 60,
	    (uintmax_t)time(NULL) + 60);
	assert_int_equal(statement_number(reader, &number), OUT_OK);
	assert_int_equal(number, press("en", NOW).number);
	store_sql("DELETE FROM press");
	assert_int_equal(statement_press(reader, "en", NOW, &after), OUT_FAULT);
	assert_int_equal(statement_number(reader, &number), OUT_FAULT);
}

/* ---- what it costs ---- */

static long
reads(void)
{
	struct db_rows	rows;
	long		sum = 0;

	assert_int_equal(db_all_values(reader, ctx, &q_reads, &rows, NULL, 0), OUT_OK);
	assert_true(rows.n > 4);
	for (size_t i = 0; i < rows.n; i++)
		sum += strtol(rows.at[i].at[1].bytes.data, NULL, 10);
	return sum;
}

enum work { NOTHING, FIRST, MIDDLE, FULL, NEWER, YEAR, YEARS, ONE, PRESS, WORKS };

static void
do_work(enum work what)
{
	struct cursor	middle = { .at = NOW - 300 * DAY }, end = {
					.at = statement_year_start(2026) };
	int			years[STATEMENT_YEARS_MAX];
	struct statement	one;
	struct statements	all;
	size_t			n;

	switch (what) {
	case FIRST:
		assert_int_equal(list("en", NOW, &newest, 0, 11).n, 11);
		break;
	case MIDDLE:
		assert_int_equal(list("en", NOW, &middle, 0, 11).n, 11);
		break;
	case FULL:
		assert_int_equal(statement_list(reader, ctx, "en", NOW, &newest, 0, 21, true,
		    &all), OUT_OK);
		assert_int_equal(all.n, 21);
		break;
	case NEWER:
		assert_non_null(newer(&middle, NOW, 20));
		break;
	case YEAR:
		assert_int_equal(list("en", NOW, &end, statement_year_start(2025), 21).n, 21);
		break;
	case YEARS:
		assert_int_equal(statement_years(reader, ctx, "en", NOW, years, &n), OUT_OK);
		assert_int_equal(n, 2);
		break;
	case ONE:
		assert_int_equal(statement_find(reader, ctx, "en", "number-50", NOW, &one),
		    OUT_OK);
		assert_int_equal(statement_translations(reader, ctx, &one, NOW, &all), OUT_OK);
		break;
	case PRESS:
		(void)press("en", NOW);
		break;
	case NOTHING:
	case WORKS:
		break;
	}
}

/* Fill up to `n`, over 500 days. */
static void
fill(long n)
{
#define DIGITS	"(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3" \
    " UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7" \
    " UNION ALL SELECT 8 UNION ALL SELECT 9)"
	store_sql("DELETE FROM published");
	store_sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
	    " published_at) SELECT " STORE_ID("i") ", " STORE_ID("i") ", 'en', CONCAT('number-', i),"
	    " 'Title', 'Said', REPEAT('<p>Much</p>', 100), %d - FLOOR(i * %f) FROM"
	    " (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS i FROM " DIGITS " a, "
	    DIGITS " b, " DIGITS " c, " DIGITS " e) n WHERE i < %ld", NOW, 500.0 * DAY / (double)n,
	    n);
	store_sql("ANALYZE TABLE published");
	assert_int_equal(store_number("SELECT COUNT(*) FROM published"), n);
}

/* What the server reads for each is the same for a hundred as for ten thousand. */
static void
test_cost(void **state)
{
	static const char *const names[WORKS] = { "nothing", "first page", "middle page",
	    "feed", "newer", "year", "years", "one", "press" };
	static const long	 sizes[] = { 100, 10000 };
	long			 cost[COUNT(sizes)][WORKS];

	(void)state;
	for (size_t size = 0; size < COUNT(sizes); size++) {
		fill(sizes[size]);
		for (int i = 0; i < WORKS; i++) {
			long before;

			do_work((enum work)i);		/* prepared by now */
			before = reads();
			do_work((enum work)i);
			cost[size][i] = reads() - before;
		}
	}
	for (int i = 1; i < WORKS; i++) {
		long few = cost[0][i] - cost[0][NOTHING], many = cost[1][i] - cost[1][NOTHING];

		print_message("# %s: %ld, %ld\n", names[i], few, many);
		assert_in_range(many, 1, (uintmax_t)few + 4);
		assert_in_range(many, 1, 60);
	}
}

const struct CMUnitTest store_statement_tests[] = {
	cmocka_unit_test_setup_teardown(test_cursors, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_not_public, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_newer, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_years, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_press, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_cost, set_up, tear_down),
};
const size_t store_statement_n = COUNT(store_statement_tests);
