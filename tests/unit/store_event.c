/*
 * store_event.c: events as the public's program reads them, under its account: what is not
 * public is in no list, every page follows on the one before, and nothing costs more because
 * there is more.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/event.h"

enum { NOW = 1790000000 /* 21 September 2026, 14:13 UTC */, HOUR = 3600, DAY = 86400 };

static const struct db_query q_reads = { "", "ss",
	"SHOW SESSION STATUS LIKE 'Handler_read%'" };

static const struct event_filter	 all_of_them = { 0 };
static const struct cursor	 begin = { 0 };
static struct db			*reader;
static void				*ctx;

static int
set_up(void **state)
{
	const struct db_set sets[] = {
		{ event_queries, event_n_queries },
		{ event_list_queries, event_list_n_queries }, { &q_reads, 1 },
	};

	(void)state;
	store_fresh(true);
	assert_non_null(ctx = talloc_new(NULL));
	assert_non_null(reader = db_new(ctx, &store, "openhall_events", sets, COUNT(sets)));
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

/* ---- rows ---- */

/* An event with words in English, or in `lang`; ids are made of slugs. */
static void
event(const char *slug, const char *lang, const char *set)
{
	store_sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes,"
	    " created_at, changed_at, changed_by, published_at) VALUES (" STORE_ID("'%s'") ","
	    " '%s', 'published', 'meeting', '%s', 'America/New_York', %d, 60, 0, 0, '', %d)", slug,
	    slug, lang, NOW, NOW);
	store_sql("INSERT INTO event_words (event, lang, title, summary, body, html) VALUES"
	    " (" STORE_ID("'%s'") ", '%s', '%s in %s', 'Come', '', '<p>%s</p>')", slug, lang, slug,
	    lang, slug);
	if (set != NULL)
		store_sql("UPDATE event SET %s WHERE slug = '%s'", set, slug);
}

/* One of its dates: from `starts` on for an hour. */
static void
date(const char *slug, int day, long starts, const char *set)
{
	store_sql("INSERT INTO occurrence (id, event, day, starts_at, ends_at, shown, kind,"
	    " changed_at) SELECT " STORE_ID("'%s-%d'") ", id, %d, %ld, %ld, 1, kind, 0 FROM event"
	    " WHERE slug = '%s'", slug, day, day, starts, starts + HOUR, slug);
	if (set != NULL)
		store_sql("UPDATE occurrence SET %s WHERE id = " STORE_ID("'%s-%d'"), set, slug,
		    day);
}

/* An event with one date. */
static void
single(const char *slug, long starts, const char *set)
{
	event(slug, "en", NULL);
	date(slug, 0, starts, set);
}

static struct listings
list(int64_t now, bool past, const struct event_filter *f, const struct cursor *from,
    size_t most)
{
	struct listings got;

	assert_int_equal(event_list(reader, ctx, "en", now, past, f, from, most, &got), OUT_OK);
	return got;
}

/* The slugs of a list, as one text. */
static const char *
slugs(const struct listings *all)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < all->n; i++)
		text = talloc_asprintf_append(text, "%s%s", i == 0 ? "" : " ",
		    all->at[i].e.slug);
	return text;
}

static void
assert_list(const char *want, int64_t now, bool past, const struct event_filter *f)
{
	struct listings got = list(now, past, f, &begin, 100);

	assert_string_equal(slugs(&got), want);
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
	{ "0-" HEX,			false },	/* would be the begin */
	{ "-1-" HEX,			false },
	{ " 1-" HEX,			false },
	{ "99999999999999999999-" HEX,	false },
};

static void
test_cursors(void **state)
{
	struct cursor	cursor;
	struct occurrence	o = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cursors); i++) {
		print_message("# \"%s\"\n", cursors[i].text);
		assert_int_equal(cursor_read(&cursor, cursors[i].text), cursors[i].fine);
		if (!cursors[i].fine)
			continue;
		o.ends_at = cursor.at;
		o.id = cursor.id;
		assert_string_equal(cursor_text(ctx, o.ends_at, &o.id), cursors[i].text);
	}
}

/* ---- lists ---- */

static void
test_list(void **state)
{
	struct listings		got;
	const struct listing	*first;

	(void)state;
	single("over", NOW - HOUR, NULL);		/* it ends now */
	single("goes-on", NOW - HOUR + 1, NULL);
	single("soon", NOW + 60, "state = 'cancelled', note = 'Ill', capacity = 5, taken = 2,"
	    " area = 'riverside', online = 1");
	single("hidden", NOW + 70, "shown = 0");	/* a draft, by link, or skipped */
	event("weekly", "es", "rule = 'FREQ=WEEKLY;BYDAY=MO', rsvp = 1, rsvp_hours = 3");
	date("weekly", 20260922, NOW + DAY, NULL);
	date("weekly", 20260915, NOW - 6 * DAY, NULL);
	date("weekly", 20260929, NOW + 8 * DAY, "state = 'postponed'");

	assert_list("goes-on soon weekly weekly", NOW, false, &all_of_them);
	assert_list("over weekly", NOW, true, &all_of_them);
	assert_list("goes-on over weekly", NOW + 1, true, &all_of_them);
	assert_list("weekly", NOW + 5 * DAY, false, &all_of_them);
	assert_list("", NOW + 50 * DAY, false, &all_of_them);

	got = list(NOW, false, &all_of_them, &begin, 100);
	first = &got.at[1];
	assert_int_equal(first->o.starts_at, NOW + 60);
	assert_int_equal(first->o.ends_at, NOW + 60 + HOUR);
	assert_int_equal(first->o.state, OCCURRENCE_CANCELLED);
	assert_string_equal(first->o.note, "Ill");
	assert_string_equal(first->o.area, "riverside");
	assert_true(first->o.online);
	assert_int_equal(first->o.capacity, 5);
	assert_int_equal(first->o.taken, 2);
	assert_string_equal(first->e.title, "soon in en");
	assert_string_equal(first->e.zone, "America/New_York");
	assert_string_equal(event_path(ctx, &first->e, &first->o), "/events/soon");
	assert_int_equal(got.at[0].o.capacity, -1);
	/* in the words that there are */
	first = &got.at[2];
	assert_string_equal(first->e.lang, "es");
	assert_string_equal(first->e.title, "weekly in es");
	assert_true(first->e.rsvp);
	assert_int_equal(first->e.rsvp_hours, 3);
	assert_string_equal(event_path(ctx, &first->e, &first->o), "/events/weekly/2026-09-22");
	assert_int_equal(got.at[3].o.state, OCCURRENCE_POSTPONED);
	/* and in those of the page, once they are there */
	store_sql("INSERT INTO event_words (event, lang, title, body, html)"
	    " SELECT id, 'en', 'Every week', '', '' FROM event WHERE slug = 'weekly'");
	got = list(NOW, false, &all_of_them, &begin, 100);
	assert_string_equal(got.at[2].e.title, "Every week");
	assert_string_equal(got.at[2].e.lang, "en");
	assert_string_equal(got.at[2].e.summary, "");
}

static const struct { struct event_filter f; const char *coming, *past; } filters[] = {
	{ { 0 },					"a b c d", "g f e" },
	{ { .unit = "north" },				"a c", "e" },
	{ { .kind = "talk" },				"a b", "g" },
	{ { .area = "riverside" },			"b c", "g" },
	{ { .online = true },				"c d", "e" },
	{ { .unit = "north", .kind = "talk" },		"a", "" },
	{ { .unit = "north", .online = true },		"c", "e" },
	{ { .kind = "talk", .area = "riverside" },	"b", "g" },
	{ { .area = "riverside", .online = true },	"c", "" },
	{ { .unit = "north", .area = "riverside", .kind = "meeting", .online = true }, "c", "" },
	{ { .unit = "south" },				"", "" },
	{ { .unit = "North" },				"", "" },
};

static void
test_filters(void **state)
{
	struct listings		month;
	struct events		events;
	struct event_facets	facets;

	(void)state;
	single("a", NOW + 1 * DAY, "unit = 'north', kind = 'talk'");
	single("b", NOW + 2 * DAY, "area = 'riverside', kind = 'talk'");
	single("c", NOW + 3 * DAY, "unit = 'north', area = 'riverside', online = 1");
	single("d", NOW + 4 * DAY, "online = 1");
	single("e", NOW - 4 * DAY, "unit = 'north', online = 1");
	single("f", NOW - 3 * DAY, NULL);
	single("g", NOW - 2 * DAY, "area = 'riverside', kind = 'talk'");
	for (size_t i = 0; i < COUNT(filters); i++) {
		print_message("# %zu: %s\n", i, filters[i].coming);
		assert_list(filters[i].coming, NOW, false, &filters[i].f);
		assert_list(filters[i].past, NOW, true, &filters[i].f);
		assert_int_equal(event_between(reader, ctx, "en", NOW, NOW + 30 * DAY,
		    &filters[i].f, 100, &month), OUT_OK);
		assert_string_equal(slugs(&month), filters[i].coming);
		assert_int_equal(event_for_calendar(reader, ctx, "en", NOW, &filters[i].f, 100,
		    &events), OUT_OK);
		assert_int_equal(events.n, month.n);
	}
	/* what there is to filter by */
	assert_int_equal(event_facets(reader, ctx, FACET_KIND, 10, &facets), OUT_OK);
	assert_int_equal(facets.n, 2);
	assert_string_equal(facets.at[1].name, "talk");
	assert_int_equal(facets.at[1].first, NOW - 2 * DAY + HOUR);
	assert_int_equal(facets.at[1].last, NOW + 2 * DAY + HOUR);
	assert_int_equal(event_facets(reader, ctx, FACET_UNIT, 10, &facets), OUT_OK);
	assert_int_equal(facets.n, 1);
	assert_string_equal(facets.at[0].name, "north");
	assert_int_equal(event_facets(reader, ctx, FACET_ONLINE, 10, &facets), OUT_OK);
	assert_int_equal(facets.n, 1);
	assert_int_equal(facets.at[0].last, NOW + 4 * DAY + HOUR);
	store_sql("UPDATE occurrence SET shown = 0 WHERE online = 1");
	assert_int_equal(event_facets(reader, ctx, FACET_ONLINE, 10, &facets), OUT_OK);
	assert_int_equal(facets.n, 0);
	store_sql("UPDATE occurrence SET shown = 1");
	/* a month holds what begins in it */
	assert_int_equal(event_between(reader, ctx, "en", NOW + DAY, NOW + 4 * DAY, &all_of_them,
	    100, &month), OUT_OK);
	assert_string_equal(slugs(&month), "a b c");
	assert_int_equal(event_between(reader, ctx, "en", NOW + DAY, NOW + 4 * DAY, &all_of_them,
	    2, &month), OUT_OK);
	assert_string_equal(slugs(&month), "a b");
}

/* Go through all of it by threes, in both directions: each is there once, in its order. */
static void
test_pages(void **state)
{
	enum { ALL = 20, PAGE = 3 };
	char name[32];

	(void)state;
	/* seven end at each second, so that pages end in the middle of one */
	for (int i = 0; i < ALL; i++) {
		snprintf(name, sizeof(name), "number-%02d", i);
		single(name, NOW + i / 7, NULL);
	}
	for (int past = 0; past < 2; past++) {
		int64_t			now = past ? NOW + DAY : NOW;
		struct cursor	at = begin;
		char			seen[ALL + 1] = "";
		int64_t			last = past ? INT64_MAX : 0;
		size_t			n = 0;

		for (;;) {
			struct listings page = list(now, past != 0, &all_of_them, &at, PAGE);

			for (size_t i = 0; i < page.n; i++, n++) {
				long number = strtol(page.at[i].e.slug + strlen("number-"), NULL,
				    10);

				assert_int_equal(seen[number]++, 0);
				assert_true(past ? page.at[i].o.ends_at <= last :
				    page.at[i].o.ends_at >= last);
				last = page.at[i].o.ends_at;
			}
			if (page.n < PAGE)
				break;
			assert_true(cursor_read(&at, cursor_text(ctx,
			    page.at[PAGE - 1].o.ends_at, &page.at[PAGE - 1].o.id)));
		}
		assert_int_equal(n, ALL);
		/* A cursor of another time shows neither what is over nor what is to come. */
		at = (struct cursor){ .at = past ? NOW + 9 * DAY : NOW - 9 * DAY };
		assert_int_equal(list(NOW, past != 0, &all_of_them, &at, 100).n,
		    past ? 0 : ALL);
	}
}

/* ---- one ---- */

static void
test_one(void **state)
{
	struct event		e, same;
	struct occurrence	o, again;
	struct occurrences	all;

	(void)state;
	event("class", "en", "rule = 'FREQ=WEEKLY;BYDAY=TU', address_for = 'coming',"
	    " visibility = 'link', capacity = 20, contact = 'a@example.org', spread_to = 77,"
	    " whereabouts = 'sealed', rsvp = 1, rsvp_hours = 2, sequence = 4");
	date("class", 20260922, NOW + DAY, "placed = 1, own = 1, sequence = 2");
	date("class", 20260929, NOW + 8 * DAY, "state = 'skipped', shown = 0");
	date("class", 20260915, NOW - 6 * DAY, NULL);
	event("draft", "en", "state = 'draft', published_at = NULL");
	event("called-off", "en", "state = 'cancelled'");
	event("taken-back", "en", "state = 'draft'");

	assert_int_equal(event_find(reader, ctx, "en", "class", &e), OUT_OK);
	assert_int_equal(e.state, EVENT_PUBLISHED);
	assert_true(e.by_link && e.address_coming && !e.link_coming && e.rsvp);
	assert_string_equal(e.html.html, "<p>class</p>");
	assert_string_equal(e.title, "class in en");
	assert_string_equal(e.rule, "FREQ=WEEKLY;BYDAY=TU");
	assert_int_equal(e.starts_wall, NOW);
	assert_int_equal(e.minutes, 60);
	assert_int_equal(e.capacity, 20);
	assert_int_equal(e.sequence, 4);
	assert_int_equal(e.spread_to, 77);
	assert_int_equal(e.published_at, NOW);
	assert_string_equal(e.contact, "a@example.org");
	assert_memory_equal(e.whereabouts.data, "sealed", 6);
	assert_int_equal(event_find(reader, ctx, "es", "class", &same), OUT_OK);
	assert_string_equal(same.lang, "en");
	assert_string_equal(same.title, "class in en");
	assert_int_equal(event_find_id(reader, ctx, "en", &e.id, &same), OUT_OK);
	assert_string_equal(same.slug, "class");

	assert_int_equal(event_find(reader, ctx, "en", "called-off", &same), OUT_OK);
	assert_int_equal(same.state, EVENT_CANCELLED);
	assert_int_equal(event_find(reader, ctx, "en", "draft", &same), OUT_MISSING);
	assert_int_equal(event_find(reader, ctx, "en", "taken-back", &same), OUT_MISSING);
	assert_int_equal(event_find(reader, ctx, "en", "CLASS", &same), OUT_MISSING);
	assert_int_equal(event_find(reader, ctx, "en", "", &same), OUT_MISSING);

	assert_int_equal(occurrence_find(reader, ctx, &e.id, 20260922, &o), OUT_OK);
	assert_true(o.placed && o.own);
	assert_int_equal(o.sequence, 2);
	assert_int_equal(occurrence_find_id(reader, ctx, &o.id, &again), OUT_OK);
	assert_int_equal(again.day, 20260922);
	assert_int_equal(occurrence_find(reader, ctx, &e.id, 20260923, &o), OUT_MISSING);
	assert_int_equal(occurrence_find_id(reader, ctx, &e.id, &o), OUT_MISSING);
	assert_int_equal(occurrence_all(reader, ctx, &e.id, 0, INT64_MAX, 100, &all), OUT_OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(all.at[0].day, 20260915);
	assert_int_equal(all.at[2].state, OCCURRENCE_SKIPPED);
	assert_int_equal(occurrence_all(reader, ctx, &e.id, NOW, NOW + 2 * DAY, 100, &all), OUT_OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(occurrence_all(reader, ctx, &e.id, 0, INT64_MAX, 2, &all), OUT_OK);
	assert_int_equal(all.n, 2);
	assert_int_equal(occurrence_past(reader, ctx, &e.id, INT64_MAX, 2, &all), OUT_OK);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.at[0].state, OCCURRENCE_SKIPPED);
	assert_int_equal(all.at[1].day, 20260922);
	assert_int_equal(occurrence_past(reader, ctx, &e.id, NOW, 2, &all), OUT_OK);
	for (size_t i = 0; i < all.n; i++)
		assert_true(all.at[i].ends_at <= NOW);
}

/* Who waits comes first, unless there can never be room for them. */
static const struct { int capacity, taken; const char *wait; bool line; int64_t left; } lines[] = {
	{ 5,  2, "",	 false, 3 },
	{ 5,  5, "",	 false, 0 },
	{ 5,  3, "4",	 true,  0 },
	{ 5,  3, "6",	 false, 2 },
	{ 5,  3, "6 9",	 false, 2 },
	{ 5,  3, "6 5",	 true,  0 },
	{ 5,  5, "6",	 true,  0 },
	{ -1, 3, "",	 false, -1 },
	{ -1, 3, "6",	 false, -1 },
};

static void
test_line(void **state)
{
	struct occurrence	o;
	struct event		e;
	struct listings		got;
	int64_t			number, left;

	(void)state;
	single("class", NOW, NULL);
	assert_int_equal(event_find(reader, ctx, "en", "class", &e), OUT_OK);
	for (size_t i = 0; i < COUNT(lines); i++) {
		print_message("# %zu\n", i);
		store_sql("DELETE FROM rsvp");
		store_sql("UPDATE occurrence SET waiting = 0, taken = %d, capacity ="
		    " NULLIF(%d, -1)", lines[i].taken, lines[i].capacity);
		for (const char *c = lines[i].wait; *c != '\0'; c++) {
			if (*c == ' ')
				continue;
			store_sql("INSERT INTO rsvp (id, occurrence, number, answer, state, people,"
			    " lang, receipt, desk_key, receipt_key, body) SELECT REPEAT('%c', 16), id,"
			    " %d, 'coming', 'waiting', %c, 'en', REPEAT('%c', 32), '', '', '' FROM"
			    " occurrence", *c, *c, *c, *c);
			store_sql("UPDATE occurrence SET waiting = waiting + %c", *c);
		}
		assert_int_equal(occurrence_find(reader, ctx, &e.id, 0, &o), OUT_OK);
		assert_int_equal(o.line, lines[i].line);
		got = list(NOW, false, &all_of_them, &begin, 9);
		assert_int_equal(got.n, 1);
		assert_int_equal(got.at[0].o.line, lines[i].line);
		assert_int_equal(event_press_of(reader, &o.id, &number, &left), OUT_OK);
		assert_int_equal(left, lines[i].left);
	}
}

/* ---- for programs ---- */

/* Of many events at once the same dates as of each alone, however many there are. */
static void
test_many(void **state)
{
	enum { EVENTS = 70 };
	static const size_t	mosts[] = { 4000, 60, 40, 7, 1 };
	struct event		events[EVENTS];
	char			slug[16];

	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		snprintf(slug, sizeof(slug), "e%d", i * 9 % EVENTS);
		event(slug, "en", NULL);
		for (int k = 0; k < i % 5; k++)
			date(slug, k, NOW + (i * 31 + k * 17) % 40 * HOUR,
			    k % 3 == 0 ? "shown = 0" : "note = 'N', area = 'north'");
		assert_int_equal(event_find(reader, ctx, "en", slug, &events[i]), OUT_OK);
	}
	for (size_t i = 0; i < COUNT(mosts); i++) {
		size_t n, batches = 0;

		print_message("# %zu\n", mosts[i]);
		for (size_t at = 0; at < EVENTS; at += n, batches++) {
			struct occurrences	out[EVENTS], one;
			size_t			rows = 0;

			n = EVENTS - at;
			assert_int_equal(occurrence_of_many(reader, ctx, &events[at], &n,
			    mosts[i], out), OUT_OK);
			assert_in_range(n, 1, EVENTS - at);
			for (size_t k = 0; k < n; k++) {
				assert_int_equal(occurrence_all(reader, ctx, &events[at + k].id, 0,
				    INT64_MAX, mosts[i], &one), OUT_OK);
				assert_int_equal(out[k].n, one.n);
				rows += one.n;
				for (size_t d = 0; d < one.n; d++) {
					assert_memory_equal(&out[k].at[d].id, &one.at[d].id, ID_LEN);
					assert_string_equal(out[k].at[d].note, one.at[d].note);
					assert_string_equal(out[k].at[d].area, one.at[d].area);
				}
			}
			assert_true(rows <= mosts[i]);
		}
		assert_true(mosts[i] < 4000 || batches <= 3);
		assert_true(mosts[i] > 1 || batches >= 56);
	}
}

static void
test_fresh(void **state)
{
	struct listings	got;
	struct events	events;
	int64_t		before, after;
	char		set[64];

	(void)state;
	for (int i = 0; i < 4; i++) {
		char slug[] = { (char)('a' + i), '\0' };

		snprintf(set, sizeof(set), "published_at = %d", NOW - i * DAY);
		event(slug, "en", set);
	}
	store_sql("UPDATE event SET state = 'cancelled' WHERE slug = 'b'");
	store_sql("UPDATE event SET visibility = 'link' WHERE slug = 'c'");
	event("empty", "en", NULL);			/* no date, or all are skipped */
	date("a", 1, NOW - DAY, NULL);
	date("a", 2, NOW + DAY, "shown = 0");
	date("a", 3, NOW + 2 * DAY, NULL);
	date("a", 4, NOW + 3 * DAY, NULL);
	date("b", 1, NOW - 2 * DAY, NULL);
	date("b", 2, NOW - DAY, NULL);
	date("c", 0, NOW + DAY, "shown = 0");
	date("d", 0, NOW + DAY, NULL);

	assert_int_equal(event_fresh(reader, ctx, "en", NOW, 10, &got), OUT_OK);
	assert_string_equal(slugs(&got), "a b d");
	assert_int_equal(got.at[0].o.day, 3);		/* the first to come */
	assert_int_equal(got.at[1].o.day, 2);		/* the last that was */
	assert_int_equal(got.at[1].e.state, EVENT_CANCELLED);
	assert_string_equal(got.at[2].e.html.html, "<p>d</p>");
	assert_int_equal(got.at[2].e.published_at, NOW - 3 * DAY);
	assert_int_equal(event_fresh(reader, ctx, "en", NOW, 2, &got), OUT_OK);
	assert_true(got.n <= 2);

	/* one calendar has each event once, however many dates it has */
	assert_int_equal(event_for_calendar(reader, ctx, "es", NOW, &all_of_them, 10, &events),
	    OUT_OK);
	assert_int_equal(events.n, 2);
	for (size_t i = 0; i < events.n; i++)
		assert_true(strcmp(events.at[i].slug, "a") == 0 ||
		    strcmp(events.at[i].slug, "d") == 0);
	assert_string_not_equal(events.at[0].slug, events.at[1].slug);
	assert_string_equal(events.at[0].lang, "en");

	assert_int_equal(event_press(reader, &before), OUT_OK);
	store_sql("UPDATE press SET number = number + 1 WHERE id = 2");
	assert_int_equal(event_press(reader, &after), OUT_OK);
	assert_int_equal(after, before + 1);
	store_sql("UPDATE press SET number = number + 1 WHERE id = 1");
	assert_int_equal(event_press(reader, &after), OUT_OK);
	assert_int_equal(after, before + 1);
	store_sql("DELETE FROM press WHERE id = 2");
	assert_int_equal(event_press(reader, &after), OUT_FAULT);
}

/* ---- without the store ---- */

static void
test_place(void **state)
{
	const struct key	key = { "portal" }, other = { "another" };
	const struct id		id = { "event" }, another = { "else" };
	const struct place	both = { "12 Mill Street\nring twice", "https://meet.example/x" },
				address = { "12 Mill Street", "" }, link = { "", "tel:+1" },
				none = { "", "" };
	const struct place	*places[] = { &both, &address, &link, &none };
	struct bytes		 sealed;
	struct place		 got;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		assert_int_equal(event_place_seal(ctx, &key, &id, places[i], &sealed), OUT_OK);
		assert_int_equal(event_place_open(ctx, &key, &id, sealed, &got), OUT_OK);
		assert_string_equal(got.address, places[i]->address);
		assert_string_equal(got.link, places[i]->link);
		if (places[i] == &none)
			continue;
		assert_null(memmem(sealed.data, sealed.len, "Mill", 4));
		assert_int_equal(event_place_open(ctx, &other, &id, sealed, &got), OUT_FORBIDDEN);
		assert_int_equal(event_place_open(ctx, &key, &another, sealed, &got),
		    OUT_FORBIDDEN);
		assert_string_equal(got.address, "");
	}
	assert_int_equal(sealed.len, 0);
	sealed = (struct bytes){ "x", 1 };
	assert_int_equal(event_place_open(ctx, &key, &id, sealed, &got), OUT_FORBIDDEN);
}

static const struct {
	bool rsvp; enum event_state event; enum occurrence_state date; int hours;
	int64_t starts; bool takes;
} seats[] = {
	{ true,  EVENT_PUBLISHED, OCCURRENCE_PLANNED,   0, NOW + 1,		true },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_PLANNED,   0, NOW,			false },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_PLANNED,   2, NOW + 2 * HOUR + 1,	true },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_PLANNED,   2, NOW + 2 * HOUR,	false },
	{ false, EVENT_PUBLISHED, OCCURRENCE_PLANNED,   0, NOW + DAY,		false },
	{ true,  EVENT_CANCELLED, OCCURRENCE_PLANNED,   0, NOW + DAY,		false },
	{ true,  EVENT_DRAFT,     OCCURRENCE_PLANNED,   0, NOW + DAY,		false },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_CANCELLED, 0, NOW + DAY,		false },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_POSTPONED, 0, NOW + DAY,		false },
	{ true,  EVENT_PUBLISHED, OCCURRENCE_SKIPPED,   0, NOW + DAY,		false },
};

static void
test_takes_rsvp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(seats); i++) {
		struct event e = { .rsvp = seats[i].rsvp, .state = seats[i].event,
			.rsvp_hours = seats[i].hours };
		struct occurrence o = { .state = seats[i].date, .starts_at = seats[i].starts };

		print_message("# %zu\n", i);
		assert_int_equal(event_takes_rsvp(&e, &o, NOW), seats[i].takes);
	}
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

enum { PAGE = 21, NOTHING = 0, MONTH, FRESH, CALENDAR, ONE, PRESS, FACETS,
	LISTS };

/* Lists come behind the others: each filter, coming and past, from the begin and from later on. */
static const struct event_filter costly[] = {
	{ 0 }, { .unit = "unit-3" }, { .area = "area-3" }, { .kind = "talk" }, { .online = true },
};
enum { WORKS = LISTS + 4 * COUNT(costly) };

static void
do_work(size_t what)
{
	struct listings		got;
	struct events		events;
	struct event		e;
	struct occurrences	dates;
	struct event_facets	facets;
	int64_t			number;

	if (what >= LISTS) {
		const size_t		n = what - LISTS;
		const bool		past = n & 1;
		struct cursor	from = { .at = n & 2 ? past ? NOW - 100 * DAY :
					    NOW + 100 * DAY : 0 };

		assert_int_equal(list(NOW, past, &costly[n / 4], &from, PAGE).n, PAGE);
	} else if (what == MONTH) {
		assert_int_equal(event_between(reader, ctx, "en", NOW + 60 * DAY, NOW + 90 * DAY,
		    &all_of_them, PAGE, &got), OUT_OK);
		assert_int_equal(got.n, PAGE);
	} else if (what == FRESH) {
		assert_int_equal(event_fresh(reader, ctx, "en", NOW, 10, &got), OUT_OK);
		assert_int_equal(got.n, 10);
	} else if (what == CALENDAR) {
		assert_int_equal(event_for_calendar(reader, ctx, "en", NOW, &all_of_them, 10,
		    &events), OUT_OK);
		assert_int_equal(events.n, 10);
	} else if (what == ONE) {
		assert_int_equal(event_find(reader, ctx, "en", "event-7", &e), OUT_OK);
		assert_int_equal(occurrence_all(reader, ctx, &e.id, NOW, INT64_MAX, 10, &dates),
		    OUT_OK);
		assert_int_equal(dates.n, 10);
	} else if (what == FACETS) {
		for (int of = 0; of < EVENT_FACETS; of++)
			assert_int_equal(event_facets(reader, ctx, (enum event_facet_of)of, 500,
			    &facets), OUT_OK);
	} else if (what == PRESS) {
		assert_int_equal(event_press(reader, &number), OUT_OK);
	}
}

/* Fill up to `n` dates, over 500 days before and after, 50 of each event. */
static void
fill(long n)
{
#define DIGITS	"(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3" \
    " UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7" \
    " UNION ALL SELECT 8 UNION ALL SELECT 9)"
#define NUMBERS	"(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS i FROM " DIGITS \
    " a, " DIGITS " b, " DIGITS " c, " DIGITS " e, " DIGITS " f) n"
	store_sql("DELETE FROM event");
	store_sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes,"
	    " created_at, changed_at, changed_by, published_at) SELECT " STORE_ID("i") ","
	    " CONCAT('event-', i), 'published', 'talk', 'en', 'UTC', 0, 60, 0, 0, '', %d - i"
	    " FROM " NUMBERS " WHERE i < %ld", NOW, n / 50);
	store_sql("INSERT INTO event_words (event, lang, title, summary, body, html)"
	    " SELECT id, IF(starts_wall = 0, 'en', 'es'), 'Title', 'Said', '', REPEAT('x', 1000)"
	    " FROM event");
	store_sql("INSERT INTO occurrence (id, event, day, starts_at, ends_at, shown, kind, unit,"
	    " area, online, changed_at) SELECT " STORE_ID("-1 - i") ", "
	    STORE_ID("i %% %ld") ", 1 + i,"
	    " %d + FLOOR((i - %ld) * %f), %d + FLOOR((i - %ld) * %f), 1,"
	    " ELT(1 + i %% 7, 'meeting', 'education', 'action', 'talk', 'work', 'social',"
	    " 'other'), CONCAT('unit-', i %% 10), CONCAT('area-', i %% 6), i %% 3 = 0, 0"
	    " FROM " NUMBERS " WHERE i < %ld", n / 50, NOW, n / 2, 1000.0 * DAY / (double)n,
	    NOW + HOUR, n / 2, 1000.0 * DAY / (double)n, n);
	store_sql("ANALYZE TABLE event, event_words, occurrence");
	assert_int_equal(store_number("SELECT COUNT(*) FROM occurrence"), n);
}

/* What the server reads for each is the same for a thousand dates as for a hundred thousand. */
static void
test_cost(void **state)
{
	static const long		sizes[] = { 1000, 100000 };
	const struct event_filter	both = { .unit = "unit-3", .kind = "talk" };
	long				cost[COUNT(sizes)][WORKS], before;

	(void)state;
	for (size_t size = 0; size < COUNT(sizes); size++) {
		fill(sizes[size]);
		for (size_t i = 0; i < WORKS; i++) {
			do_work(i);		/* prepared by now */
			before = reads();
			do_work(i);
			cost[size][i] = reads() - before;
		}
	}
	for (size_t i = 1; i < WORKS; i++) {
		long few = cost[0][i] - cost[0][NOTHING], many = cost[1][i] - cost[1][NOTHING];

		print_message("# %zu: %ld, %ld\n", i, few, many);
		assert_in_range(many, 1, (uintmax_t)few + 4);
		assert_in_range(many, 1, 200);
	}
	/* Of two filters one is read through until there is enough, and only what is to come. */
	(void)list(NOW, false, &both, &begin, PAGE);
	before = reads();
	assert_int_equal(list(NOW, false, &both, &begin, PAGE).n, PAGE);
	assert_in_range(reads() - before - cost[1][NOTHING], 1, 7 * PAGE + 4 * PAGE);
}

const struct CMUnitTest store_event_tests[] = {
	cmocka_unit_test_setup_teardown(test_cursors, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_one, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_line, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_fresh, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_place, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_takes_rsvp, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_cost, set_up, tear_down),
};
const size_t store_event_n = COUNT(store_event_tests);
