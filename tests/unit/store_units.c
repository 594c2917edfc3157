/*
 * store_units.c: the units and who keeps them; and counts, of which none below the floor is
 * ever written down.
 */
#include "handler.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "openhall/census.h"
#include "openhall/unit.h"

/* ---- slugs ---- */

static const struct { const char *name; unsigned number; const char *want; } slugs[] = {
	{ "Harbour Workers",			0, "harbour-workers" },
	{ "Harbour Workers",			1, "harbour-workers-2" },
	{ "Harbour Workers",			11, "harbour-workers-12" },
	{ "  Mill   Quarter -- East!  ",	0, "mill-quarter-east" },
	{ "Ñandú & Ærø Straße",			0, "nandu-aro-strase" },
	{ "Łódź Śródmieście Žižkov",		0, "lodz-srodmiescie-zizkov" },
	{ "Ana’s and Ben's",			0, "anas-and-bens" },
	{ "5th Street",				0, "unit-5th-street" },
	{ "وحدة",				0, "unit" },
	{ "وحدة",				4, "unit-5" },
	{ "北 North 3",				0, "north-3" },
	{ "",					0, "unit" },
	{ "'",					0, "unit" },
	{ "abcdefghijklmnopqrstuvwxyz0123456789", 0, "abcdefghijklmnopqrstuvwxyz012345" },
	{ "abcdefghijklmnopqrstuvwxyz0123456789", 1, "abcdefghijklmnopqrstuvwxyz0123-2" },
	{ "abcdefghijklmnopqrstuvwxyz01234 6789", 0, "abcdefghijklmnopqrstuvwxyz01234" },
	{ "x\xc3",				0, "x" },	/* cut short */
	{ "x\xe2\x80",				0, "x" },
	{ "New",				0, "new" },	/* who adds leaves it out */
};

static void
test_slugs(void **state)
{
	char	slug[UNIT_SLUG_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(slugs); i++) {
		memset(slug, 'z', sizeof(slug));
		unit_slug(slug, slugs[i].name, slugs[i].number);
		assert_string_equal(slug, slugs[i].want);
	}
}

/* ---- keeping them ---- */

static struct reply
keep(int who, const char *slug, const char *body)
{
	return call(units_take, who, "/admin/units/x", slug, body);
}

static long
units(const char *where)
{
	return store_number("SELECT COUNT(*) FROM unit WHERE %s", where);
}

static void
test_units(void **state)
{
	static const char	fine[] = "name=+Harbour+Side+&kind=workplace&state=forming"
				    "&area=riverside&about=One%0D%0Atwo%0D%0A&step=save";
	static const struct { const char *body, *says; } wrong[] = {
		{ "name=+&kind=city&state=active&area=", "Give it a name" },
		{ "kind=city&state=active&area=", "Give it a name" },
		{ "name=a%0Ab&kind=city&state=active&area=", "Give it a name" },
		{ "name=a&state=active&area=", "Choose what kind" },
		{ "name=a&kind=party&state=active&area=", "Choose what kind" },
		{ "name=a&kind=city&state=asleep&area=", "Choose the state" },
		{ "name=a&kind=city&state=active&area=moon", "Choose one of the areas" },
	};
	struct unit	unit;
	struct reply	got;

	(void)state;
	assert_int_equal(keep(BEN, "new", fine).got, OUT_FORBIDDEN);
	assert_int_equal(call(units_edit, BEN, "/admin/units/new", "new", NULL).got,
	    OUT_FORBIDDEN);
	assert_int_equal(keep(CARLA, "new", fine).status, 303);
	assert_int_equal(unit_find(desk_db, desk_db, "harbour-side", &unit), OUT_OK);
	assert_string_equal(unit.name, "Harbour Side");
	assert_string_equal(unit.about, "One\ntwo");
	assert_string_equal(unit.area, "riverside");
	assert_int_equal(unit.kind, UNIT_WORKPLACE);
	assert_int_equal(unit.state, UNIT_FORMING);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		print_message("# %s\n", wrong[i].body);
		got = keep(ANA, "new", wrong[i].body);
		assert_int_equal(got.status, 422);
		assert_non_null(strstr(got.page, wrong[i].says));
		got = keep(ANA, "harbour-side", wrong[i].body);
		assert_int_equal(got.status, 422);
	}
	assert_int_equal(units("1"), 1);

	/* another of that name, and one whose slug would be the address of the form */
	assert_int_equal(keep(ANA, "new", fine).status, 303);
	assert_int_equal(keep(ANA, "new", fine).status, 303);
	assert_int_equal(keep(ANA, "new", "name=NEW&kind=city&state=active&area=").status,
	    303);
	assert_int_equal(units("slug IN ('harbour-side', 'harbour-side-2', 'harbour-side-3',"
	    " 'new-2')"), 4);
	assert_int_equal(units("1"), 4);

	/* another name; the slug stays */
	assert_int_equal(keep(ANA, "harbour-side-2",
	    "name=Docks&kind=city&state=resting&area=&step=save").status, 303);
	assert_int_equal(units("slug = 'harbour-side-2' AND name = 'Docks' AND kind = 'city'"
	    " AND state = 'resting' AND area = ''"), 1);
	assert_int_equal(keep(ANA, "nowhere",
	    "name=Docks&kind=city&state=resting&area=&step=save").got, OUT_MISSING);
	assert_int_equal(units("1"), 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'unit.added'"), 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit c JOIN audit a"
	    " ON a.subject = c.subject WHERE c.action = 'unit.changed'"
	    " AND a.action = 'unit.added'"), 1);
}

static void
add_case(char name, const char *more)
{
	store_sql("INSERT INTO submission (id, desk, form, state, received_day, receipt,"
	    " desk_key, receipt_key, body) VALUES (REPEAT('%c', 16), 'membership', 'join',"
	    " 'received', 86400, REPEAT('%c', 32), 'k', 'r', 'b')", name, name);
	if (*more != '\0')
		store_sql("UPDATE submission SET %s WHERE id = REPEAT('%c', 16)", more, name);
}

/* A unit that somebody has chosen stays until they have an answer. */
static void
test_removing(void **state)
{
	static const char	fine[] = "name=Docks&kind=city&state=active&area=";
	struct reply		got;

	(void)state;
	assert_int_equal(keep(ANA, "new", fine).status, 303);
	add_case('a', "filed = 1, facets = 'unit=docks'");
	store_sql("INSERT INTO facet VALUES (REPEAT('a', 16), 'unit', 'docks', '')");
	got = keep(ANA, "docks", "step=remove");
	assert_int_equal(got.status, 409);
	assert_non_null(strstr(got.page, "Let it rest instead"));
	store_sql("UPDATE submission SET state = 'accepted', ended_day = 1");
	/* handed in, and not filed yet */
	add_case('b', "facets = 'area=north&unit=docks&near=north'");
	assert_int_equal(keep(ANA, "docks", "step=remove").status, 409);
	store_sql("UPDATE submission SET facets = 'unit=docks-2' WHERE filed = 0");
	assert_int_equal(keep(BEN, "docks", "step=remove").got, OUT_FORBIDDEN);
	assert_int_equal(units("1"), 1);
	assert_int_equal(keep(ANA, "docks", "step=remove").status, 303);
	assert_int_equal(units("1"), 0);
	assert_int_equal(keep(ANA, "docks", "step=remove").got, OUT_MISSING);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'unit.removed'"), 1);
}

static void
test_most(void **state)
{
	struct units	all;
	struct reply	got;

	(void)state;
	store_sql("INSERT INTO unit VALUES ('u0', 'U 1000', 'city', 'active', '', '', 0)");
	for (int i = 1; i < UNITS_MAX; i *= 2)
		store_sql("INSERT INTO unit SELECT CONCAT(slug, 'x', %d), CONCAT('U ',"
		    " SUBSTR(name, 3) + %d), ELT(1 + %d %% 3, 'supporters', 'workplace', kind),"
		    " state, area, about, 0 FROM unit LIMIT %d", i, i, i, UNITS_MAX - i);
	got = keep(ANA, "new", "name=Docks&kind=city&state=active&area=");
	assert_int_equal(got.status, 409);
	assert_int_equal(units("1"), UNITS_MAX);
	assert_int_equal(unit_all(desk_db, desk_db, &all), OUT_OK);
	assert_int_equal(all.n, UNITS_MAX);
	for (size_t i = 1; i < all.n; i++)
		assert_true(all.at[i - 1].kind < all.at[i].kind ||
		    (all.at[i - 1].kind == all.at[i].kind &&
		    strcmp(all.at[i - 1].name, all.at[i].name) < 0));
}

/* ---- counts ---- */

static const struct area	north[] = { { "north", "North End" } };
static struct settings	floors;
static struct db	*courier, *public;

static struct db *
open_as(const char *account, const struct db_query *queries, size_t n)
{
	const struct db_set	 set = { queries, n };
	struct db		*opened = db_new(NULL, &store, account, &set, 1);

	assert_non_null(opened);
	assert_int_equal(db_check(opened), OUT_OK);
	return opened;
}

static int
count_set_up(void **state)
{
	(void)state;
	store_fresh(true);
	floors = store;
	floors.floor = 3;
	floors.areas = north;
	floors.n_areas = 1;
	courier = open_as("openhall_courier", census_maker_queries, census_maker_n_queries);
	db_write(courier, true);
	public = open_as("openhall_units", census_queries, census_n_queries);
	return 0;
}

static int
count_tear_down(void **state)
{
	(void)state;
	talloc_free(courier);
	talloc_free(public);
	return 0;
}

static void
add_facet(char name, const char *facet, const char *value, const char *area)
{
	store_sql("INSERT INTO facet VALUES (REPEAT('%c', 16), '%s', '%s', '%s')", name, facet,
	    value, area);
}

/* Who would start a unit in the north. */
static int64_t
near(bool counted)
{
	int64_t	others = -1;

	assert_int_equal(census_take(courier, &floors), OUT_OK);
	assert_int_equal(census_near(public, &floors, "north", counted, &others), OUT_OK);
	return others;
}

static void
test_near(void **state)
{
	static const char	accepted[] = "state = 'accepted', ended_day = 1";
	MYSQL			*admin = store_raw(NULL);

	(void)state;
	for (char c = 'a'; c <= 'b'; c++) {
		add_case(c, accepted);
		add_facet(c, "near", "north", "north");
	}
	/* a third that does not count: elsewhere, a machine's, not accepted (yet, or at all) */
	add_case('c', accepted);
	add_facet('c', "near", "south", "south");
	add_case('d', "state = 'accepted', ended_day = 1, suspect = 1");
	add_facet('d', "near", "north", "north");
	add_case('e', "");
	add_facet('e', "near", "north", "north");
	add_case('f', "state = 'declined', ended_day = 1");
	add_facet('f', "near", "north", "north");
	add_case('g', accepted);
	add_facet('g', "area", "north", "north");
	assert_int_equal(near(false), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM census"), 0);
	store_sql("UPDATE submission SET state = 'accepted', ended_day = 1"
	    " WHERE id = REPEAT('e', 16)");
	assert_int_equal(near(false), 3);
	assert_int_equal(near(true), 0);	/* two others: below the floor */
	store_sql("UPDATE submission SET suspect = 0");
	/* a case that somebody is at work on is not waited for */
	assert_int_equal(mysql_query(admin, "START TRANSACTION"), 0);
	assert_int_equal(mysql_query(admin, "UPDATE submission SET moved_day = 9"), 0);
	assert_int_equal(near(false), 4);
	assert_int_equal(mysql_query(admin, "ROLLBACK"), 0);
	mysql_close(admin);
	assert_int_equal(near(true), 3);
	{	/* what is no area of the site is near to nothing */
		int64_t	others = -1;

		store_sql("UPDATE census SET value = 'south' WHERE name = 'near'");
		assert_int_equal(census_near(public, &floors, "south", false, &others),
		    OUT_OK);
		assert_int_equal(others, 0);
		assert_int_equal(near(false), 4);
	}
	floors.floor = 5;			/* raised since the count was made */
	store_sql("UPDATE census SET n = 4");
	{
		int64_t	others = -1;

		assert_int_equal(census_near(public, &floors, "north", false, &others),
		    OUT_OK);
		assert_int_equal(others, 0);
	}
	/* who left is not counted any more */
	floors.floor = 3;
	store_sql("DELETE FROM facet WHERE submission IN (REPEAT('a', 16), REPEAT('b', 16))");
	assert_int_equal(near(false), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM census"), 0);
}

/* "food north 3" and so on, as the public reads them. */
static const char *
told(const char *name)
{
	static char	text[512];
	struct census	all;
	size_t		n = 0;

	assert_int_equal(census_take(courier, &floors), OUT_OK);
	assert_int_equal(census_all(public, public, name, &all), OUT_OK);
	*text = '\0';
	for (size_t i = 0; i < all.n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %lld;",
		    all.at[i].value, all.at[i].area, (long long)all.at[i].n);
	return text;
}

static void
test_aid_counts(void **state)
{
	static const char	started[] = "desk = 'aid', form = 'aid', state = 'started'";

	(void)state;
	for (char c = 'a'; c <= 'c'; c++) {
		add_case(c, started);
		add_facet(c, "need", "food", "north");
		add_facet(c, "need", "rides", "north");
		add_facet(c, "language", "es", "north");
	}
	/* two in the south and one in the east: no cell, and no sum that would tell them */
	for (char c = 'd'; c <= 'e'; c++) {
		add_case(c, started);
		add_facet(c, "need", "food", "south");
		add_facet(c, "offer", "food", "north");
	}
	add_case('f', started);
	add_facet('f', "need", "food", "east");
	add_facet('f', "offer", "food", "north");
	assert_string_equal(told("need"), "food north 3;rides north 3;");
	assert_string_equal(told("offer"), "food north 3;");
	assert_string_equal(told("language"), "");

	/* what no coordinator has looked at, what has ended, what a machine sent */
	store_sql("UPDATE submission SET state = 'needed' WHERE id = REPEAT('a', 16)");
	assert_string_equal(told("need"), "");
	store_sql("UPDATE submission SET state = 'offered' WHERE id = REPEAT('f', 16)");
	assert_string_equal(told("offer"), "");
	store_sql("UPDATE submission SET state = 'assigned'");
	assert_string_equal(told("need"), "food north 3;rides north 3;");
	/* corrected since: nobody finds out so where two others are */
	store_sql("UPDATE submission SET desk_unread = 1 WHERE id = REPEAT('b', 16)");
	assert_string_equal(told("need"), "");
	store_sql("UPDATE submission SET desk_unread = 0");
	assert_string_equal(told("need"), "food north 3;rides north 3;");
	store_sql("UPDATE submission SET state = 'complete', ended_day = 1"
	    " WHERE id = REPEAT('b', 16)");
	assert_string_equal(told("need"), "");
	store_sql("UPDATE submission SET state = 'started', ended_day = NULL");
	store_sql("UPDATE submission SET suspect = 1 WHERE id = REPEAT('c', 16)");
	assert_string_equal(told("need"), "");
	store_sql("UPDATE submission SET suspect = 0, desk = 'membership'"
	    " WHERE id = REPEAT('c', 16)");
	assert_string_equal(told("need"), "");
	floors.floor = 2;
	assert_string_equal(told("need"), "food north 2;food south 2;rides north 2;");
}

#define TEST(f)		cmocka_unit_test_setup_teardown(f, handler_set_up, handler_tear_down)
#define COUNTS(f)	cmocka_unit_test_setup_teardown(f, count_set_up, count_tear_down)

const struct CMUnitTest store_units_tests[] = {
	cmocka_unit_test(test_slugs),
	TEST(test_units),
	TEST(test_removing),
	TEST(test_most),
	COUNTS(test_near),
	COUNTS(test_aid_counts),
};
const size_t store_units_n = COUNT(store_units_tests);
