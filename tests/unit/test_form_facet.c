/*
 * test_form_facet.c: what stands readable beside the sealed answers.
 */
#include "forms.h"

static const char aid[] = FORM(
    "<many name=\"needs\" unless=\"gives\" index=\"need\">" LABEL OWN PICK("food")
    PICK("rides") "</many>"
    "<many name=\"gives\" unless=\"needs\" index=\"offer\">" LABEL OWN PICK("food")
    PICK("rides") "</many>"
    "<one name=\"soon\" index=\"urgency\">" LABEL PICK("today") PICK("week") PICK("whenever")
    "</one>"
    "<one name=\"where\" from=\"areas\" index=\"area\" when=\"counted\">" LABEL "</one>"
    "<line name=\"secret\">" LABEL "</line>"
    "<check name=\"counted\">" LABEL "</check>"
    "<one name=\"tongue\">" LABEL PICK("en") PICK("es") "</one>");

/* `errors` stands for what is said of it, the rest for what comes of it all the same. */
static const struct { const char *body, *errors, *text, *kind; unsigned urgency; } facets[] = {
	{ "needs=food&soon=today", "", "need=food&urgency=today", "ask", 0 },
	{ "needs=food&needs=rides&soon=week", "", "need=food&need=rides&urgency=week", "ask",
	    1 },
	{ "gives=rides", "", "offer=rides", "offer", 2 },
	{ "gives=rides&soon=today", "", "offer=rides&urgency=today", "offer", 0 },
	{ "gives=rides&needs=food&soon=whenever", "", "need=food&offer=rides&urgency=whenever",
	    "ask", 2 },
	{ "secret=x", "needs: Mend it.", "", "", 2 },
	{ "needs=cash", "needs: Mend it.", "", "", 2 },
	{ "needs=cash&gives=food", "needs: Mend it.", "offer=food", "offer", 2 },
	/* only with the box */
	{ "needs=food&where=south", "", "need=food", "ask", 2 },
	{ "needs=food&where=south&counted=yes", "", "need=food&area=south", "ask", 2 },
	{ "needs=food&counted=yes", "", "need=food", "ask", 2 },
	{ "needs=food&where=south&counted=on", "counted: Tick this box to go on.", "need=food",
	    "ask", 2 },
	{ "needs=food&where=east&counted=yes", "where: Choose one of the answers.",
	    "need=food", "ask", 2 },
	/* what has no index stays sealed */
	{ "needs=food&secret=x&tongue=es", "", "need=food", "ask", 2 },
};

static void
test_facets(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, aid, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(facets); i++) {
		void			*ctx = talloc_new(*state);
		struct buf		*given = buf_new(ctx, 64);
		struct buf		*errors = buf_new(ctx, 64);
		struct form_facets	 got;
		struct form_answers	*answers;
		struct pairs		 body;

		assert_int_equal(pairs_decode(ctx, facets[i].body,
		    strlen(facets[i].body), 99, &body), OUT_OK);
		assert_int_not_equal(form_parse(ctx, form, &body, 0, &answers),
		    OUT_FAULT);
		describe(answers, given, errors);
		assert_int_equal(form_facets(ctx, answers, &got), OUT_OK);
		if (strcmp(errors->data, facets[i].errors) != 0 ||
		    strcmp(got.text, facets[i].text) != 0 ||
		    strcmp(got.kind, facets[i].kind) != 0 ||
		    got.urgency != facets[i].urgency)
			fail_msg("%s: [%s] %s %s %u", facets[i].body, errors->data,
			    got.text, got.kind, got.urgency);
		talloc_free(ctx);
	}
	talloc_free(form);
}

/* A form without any. */
static void
test_no_facets(void **state)
{
	struct pair		 pair = { "email", "a@b.c" };
	struct pairs		 body = { 1, &pair };
	struct form_answers	*answers;
	struct form_facets	 got;
	char			*why;
	struct form		*form = form_of(*state, all_kinds, &why);

	assert_int_equal(form_parse(*state, form, &body, 0, &answers), OUT_OK);
	assert_int_equal(form_facets(*state, answers, &got), OUT_OK);
	assert_string_equal(got.text, "");
	assert_string_equal(got.kind, "");
	assert_int_equal(got.urgency, 0);
	talloc_free(form);
}

static const struct { const char *text, *name, *want; } single[] = {
	{ "area=north&need=food&need=rides", "area", "north" },
	{ "area=north&need=food&need=rides", "need", "food" },
	{ "area=north&need=food", "offer", NULL },
	{ "area=north", "are", NULL },
	{ "area=north", "north", NULL },
	{ "", "area", NULL },
	{ "area=%zz", "area", NULL },
};

static const struct { const char *facet, *value; size_t lang; const char *want; } labels[] = {
	{ "need", "food", 0, "L" },
	{ "need", "food", 1, "M" },
	{ "area", "south", 1, "South <i>" },
	{ "area", "east", 0, "east" },
	{ "unit", "dock", 0, "dock" },
	{ "tongue", "en", 0, "en" },
};

static void
test_facet(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, aid, &why);

	for (size_t i = 0; i < COUNT(single); i++) {
		const char *got = form_facet(form, single[i].text, single[i].name);

		if (single[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, single[i].want);
	}
	for (size_t i = 0; i < COUNT(labels); i++)
		assert_string_equal(form_facet_label(form, labels[i].facet,
		    labels[i].value, labels[i].lang), labels[i].want);
	talloc_free(form);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facets),
		cmocka_unit_test(test_no_facets),
		cmocka_unit_test(test_facet),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
