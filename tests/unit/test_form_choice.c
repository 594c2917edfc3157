/*
 * test_form_choice.c: areas and units as choices: what is offered, what is taken of
 * it, and what stays of a unit that is gone.
 */
#include "forms.h"

/* The values and labels that a question offers. */
static const char *
offered(const void *ctx, const struct form *form, size_t at)
{
	const struct form_field	*field = &form->fields[at];
	char			*text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < field->n_choices; i++)
		text = talloc_asprintf_append(text, "%s%s=%s", i > 0 ? " " : "",
		    field->choices[i].value, field->choices[i].label.in[1]);
	return text;
}

static void
test_offered(void **state)
{
	void		*ctx = talloc_new(*state);
	struct unit	*copy = talloc_memdup(ctx, all_units, sizeof(all_units));
	char		*slug = talloc_strdup(ctx, "dock"), *why;
	struct units	 units = { COUNT(all_units), copy }, none = { 0, NULL };
	struct form	*form = form_of(ctx, offering, &why);

	assert_non_null(form);
	assert_true(form_wants_units(form));
	assert_string_equal(offered(ctx, form, 1), "north=North Hill south=South <i> "
	    "elsewhere=M");
	assert_string_equal(offered(ctx, form, 2), "");
	assert_string_equal(offered(ctx, form, 3), "start=M");
	copy[0].slug = slug;
	assert_int_equal(form_units(form, &units), OUT_OK);
	/* They are copied. */
	slug[0] = '?';
	assert_string_equal(offered(ctx, form, 1), "north=North Hill south=South <i> "
	    "elsewhere=M");
	assert_string_equal(offered(ctx, form, 2), "dock=Dock <4> mill=Mill hill=Hill "
	    "town=Town start=Called like a choice friends=Friends");
	assert_string_equal(offered(ctx, form, 3), "town=Town friends=Friends start=M");
	assert_string_equal(offered(ctx, form, 4), "dock=Dock <4> mill=Mill");
	/* Others in their place, as often as one likes. */
	units.at = all_units + 1;
	units.n = 3;
	assert_int_equal(form_units(form, &units), OUT_OK);
	assert_string_equal(offered(ctx, form, 2), "mill=Mill hill=Hill town=Town");
	assert_string_equal(offered(ctx, form, 3), "town=Town start=M");
	assert_string_equal(offered(ctx, form, 4), "mill=Mill");
	assert_int_equal(form_units(form, &none), OUT_OK);
	assert_string_equal(offered(ctx, form, 2), "");
	assert_string_equal(offered(ctx, form, 3), "start=M");
	talloc_free(form);
	form = form_of(ctx, all_kinds, &why);
	assert_false(form_wants_units(form));
	assert_int_equal(form_units(form, &units), OUT_OK);
	assert_string_equal(offered(ctx, form, 4), "x=Equis y=Ye z=Zeta");
	talloc_free(ctx);
}

/* What is taken while so many of the units are known. */
static const struct { size_t n; const char *body, *want, *errors; } offers[] = {
	/* with none, what has no choice is not asked */
	{ 0, "where=north", "where=north", "" },
	{ 0, "where=elsewhere&any=dock&work=mill", "where=elsewhere", "" },
	{ 0, "where=north&some=start", "where=north&some=start", "" },
	{ 0, "where=north&some=town", "where=north&some=town", "some: Mend it." },
	{ 0, "", "", "where: Mend it." },
	{ 0, "where=east&l=typed", "l=typed&where=east", "where: Mend it." },
	/* with the two of work */
	{ 2, "where=north", "where=north", "any: Mend it.; work: Mend it." },
	{ 2, "where=south&any=mill&work=dock&work=mill",
	    "where=south&any=mill&work=dock&work=mill", "" },
	{ 2, "where=south&any=town&work=town&l=typed",
	    "l=typed&where=south&any=town&work=town", "any: Mend it.; work: Mend it." },
	{ 2, "where=south&any=mill&work=dock&some=start",
	    "where=south&any=mill&some=start&work=dock", "" },
	/* with all: two of them at least, as the file says */
	{ 6, "where=south&any=mill&work=dock&some=start",
	    "where=south&any=mill&some=start&work=dock", "some: Mend it." },
	{ 6, "where=south&any=hill&work=dock&some=start&some=friends&some=town",
	    "where=south&any=hill&some=start&some=friends&some=town&work=dock", "" },
	{ 6, "where=south&any=hill&work=hill", "where=south&any=hill&work=hill",
	    "work: Mend it." },
};

static void
test_offers(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, offering, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(offers); i++) {
		void			*ctx = talloc_new(*state);
		const struct units	 units = { offers[i].n, all_units };
		struct buf		*given = buf_new(ctx, 64);
		struct buf		*errors = buf_new(ctx, 64);
		struct pairs		 body;
		struct form_answers	*answers;
		enum outcome		 got;

		assert_int_equal(form_units(form, &units), OUT_OK);
		assert_int_equal(pairs_decode(ctx, offers[i].body,
		    strlen(offers[i].body), 99, &body), OUT_OK);
		got = form_parse(ctx, form, &body, 0, &answers);
		describe(answers, given, errors);
		if (strcmp(given->data, offers[i].want) != 0 ||
		    strcmp(errors->data, offers[i].errors) != 0)
			fail_msg("%s: %s [%s], not %s [%s]", offers[i].body,
			    given->data, errors->data, offers[i].want,
			    offers[i].errors);
		assert_int_equal(got, errors->len == 0 ? OUT_OK : OUT_INVALID);
		talloc_free(ctx);
	}
	talloc_free(form);
}

/* A unit that is gone is no stray: what was answered stays. */
static void
test_gone(void **state)
{
	static const char	 raw[] = "form=t&version=7&lang=en&where=east&any=mill&"
				    "some=town&some=friends&work=dock";
	const struct units	 units = { 2, all_units }, none = { 0, NULL };
	void			*ctx = talloc_new(*state);
	struct form_answers	*answers;
	struct form_facets	 facets;
	struct pairs		 strays;
	struct buf		*text = buf_new(ctx, 64);
	char			*why;
	struct form		*form = form_of(ctx, offering, &why);

	assert_non_null(form);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(form_units(form, i == 0 ? &units : &none), OUT_OK);
		assert_int_equal(form_load(ctx, form, raw, strlen(raw), &answers,
		    &strays), OUT_OK);
		assert_int_equal(strays.n, 0);
		buf_reset(text);
		form_store(answers, "en", text);
		assert_string_equal(text->data, raw);
		assert_int_equal(form_facets(ctx, answers, &facets), OUT_OK);
		assert_string_equal(facets.text, i == 0 ? "unit=mill" : "");
	}
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offered),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
