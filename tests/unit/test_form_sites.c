/*
 * test_form_sites.c: the sites' own forms: what they ask, that it stands there in both
 * languages, and that every id of the page is found.
 */
#include "forms.h"

static const char *const sites[] = { "www/sites/party", "www/sites/caucus" };

/* What every application asks, and whether it must be answered. */
static const struct { const char *name; enum field_kind kind; bool required; } asked[] = {
	{ "name", FIELD_LINE, true }, { "pronouns", FIELD_LINE, false },
	{ "adult", FIELD_CHECK, true }, { "email", FIELD_EMAIL, true },
	{ "phone", FIELD_TEL, true }, { "texts", FIELD_CHECK, false },
	{ "reach", FIELD_LINE, false }, { "language", FIELD_ONE, false },
	{ "town", FIELD_LINE, true }, { "region", FIELD_LINE, false },
	{ "postcode", FIELD_LINE, false }, { "work", FIELD_LINE, false },
	{ "employer", FIELD_LINE, false }, { "site", FIELD_LINE, false },
	{ "unit", FIELD_ONE, true }, { "why", FIELD_TEXT, true },
	{ "organisations", FIELD_TEXT, false }, { "heard", FIELD_LINE, false },
	{ "meetings", FIELD_CHECK, true }, { "building", FIELD_CHECK, true },
	{ "signature", FIELD_LINE, true }, { "more", FIELD_TEXT, false },
};

static const struct form_field *
field_called(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		if (strcmp(form->fields[i].name, name) == 0)
			return &form->fields[i];
	}
	return NULL;
}

/* A text is there in both languages, and is not the same one. */
static void
assert_texts(const struct form_words *text, bool needed)
{
	if (!needed && text->in[0] == NULL && text->in[1] == NULL)
		return;
	assert_non_null(text->in[0]);
	assert_non_null(text->in[1]);
	assert_string_not_equal(text->in[0], "");
	assert_string_not_equal(text->in[0], text->in[1]);
}

/* The form `name` of a site, in both languages, its own sentences in English. */
static struct form *
form_of_site(const void *ctx, const char *site, const char *name)
{
	char		*why = NULL;
	const char	*path = talloc_asprintf(ctx, "%s/forms/%s.xml",
			    source(ctx, site), name);
	struct form	*form = form_from(ctx, &settings, grammar, path, NULL, 0,
			    &why);

	if (form == NULL)
		fail_msg("%s", why);
	return form;
}

/* What a form says stands there in both languages. */
static void
check_texts(const struct form *form)
{
	assert_texts(&form->title, true);
	assert_texts(&form->intro, true);
	assert_texts(&form->send, true);
	assert_texts(&form->seen, true);
	for (size_t n = 0; n < form->n_sections; n++) {
		assert_texts(&form->sections[n].title, true);
		assert_texts(&form->sections[n].intro, false);
		assert_texts(&form->sections[n].seen, true);
	}
	for (size_t n = 0; n < form->n_fields; n++) {
		const struct form_field *field = &form->fields[n];

		assert_texts(&field->label, true);
		assert_texts(&field->hint, false);
		assert_texts(&field->page, false);
		assert_texts(&field->page_label, field->page.in[0] != NULL);
		/* Who must answer is told what to do. */
		assert_texts(&field->error, field->required);
		/* Areas and units are called the same everywhere. */
		for (size_t c = field->n_choices - field->n_own;
		    c < field->n_choices; c++)
			assert_texts(&field->choices[c].label, true);
	}
}

static void
test_join(void **state)
{
	for (size_t i = 0; i < COUNT(sites); i++) {
		const struct form *form = form_of_site(*state, sites[i], "join");

		assert_string_equal(form->name, "join");
		for (size_t n = 0; n < COUNT(asked); n++) {
			const struct form_field *field =
			    field_called(form, asked[n].name);

			if (field == NULL || field->kind != asked[n].kind ||
			    field->required != asked[n].required)
				fail_msg("%s: %s", sites[i], asked[n].name);
		}
		assert_int_equal(field_called(form, "pledge")->kind, FIELD_AMOUNT);
		assert_int_equal(field_called(form, "pledge")->amount_least,
		    i == 0 ? 500 : 100);
	}
}

/* By what the queue of each form is found, the ends it has, and how many questions must be
 * answered, at least. */
static const struct { const char *name, *facets[5], *ends[7]; size_t errors; } site_forms[] = {
	{ "join", { "unit", "near" }, { "accepted", "declined", "never", "withdrawn" }, 12 },
	{ "support", { "unit", "near" }, { "accepted", "declined", "never", "withdrawn" }, 1 },
	{ "aid", { "need", "offer", "area", "urgency", "language" }, { "complete", "duplicate",
	    "outofarea", "passedon", "never", "withdrawn" }, 3 },
};

static const char *
facet_field(const struct form *form, const char *facet)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		if (form->fields[i].index != NULL &&
		    strcmp(form->fields[i].index, facet) == 0)
			return form->fields[i].name;
	}
	return NULL;
}

static void
test_sites(void **state)
{
	for (size_t i = 0; i < COUNT(sites) * COUNT(site_forms); i++) {
		const size_t		 at = i / COUNT(sites);
		const char		*name = site_forms[at].name;
		const struct form	*form = form_of_site(*state,
					    sites[i % COUNT(sites)], name);

		assert_string_equal(form->name, name);
		check_texts(form);
		for (size_t n = 0; n < 5 && site_forms[at].facets[n] != NULL; n++) {
			if (facet_field(form, site_forms[at].facets[n]) == NULL)
				fail_msg("%s: %s", name, site_forms[at].facets[n]);
		}
		/* Whatever becomes of it, it is erased one day. */
		for (size_t n = 0; site_forms[at].ends[n] != NULL; n++) {
			if (form_keep_days(form, site_forms[at].ends[n], false) < 0)
				fail_msg("%s: %s", name, site_forms[at].ends[n]);
		}
	}
}

static size_t
times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

static size_t
optional(const struct form *form)
{
	size_t n = 0;

	for (size_t i = 0; i < form->n_fields; i++)
		n += !form->fields[i].required;
	return n;
}

/* Each id stands once, and what points at one finds it. */
static void
test_ids(void **state)
{
	static const char *const points[] = { " for=\"", " href=\"#" };
	const struct units	 units = { COUNT(all_units), all_units };

	for (size_t i = 0; i < COUNT(sites) * COUNT(site_forms); i++) {
		void		*ctx = talloc_new(*state);
		struct form	*form = form_of_site(ctx, sites[i % COUNT(sites)],
				    site_forms[i / COUNT(sites)].name);
		const char	*page;

		assert_int_equal(form_units(form, &units), OUT_OK);
		/* Everything required is missing. */
		page = talloc_asprintf(ctx, "%s%s",
		    rendered(ctx, form, "phone=1", "form.html"),
		    rendered(ctx, form, "phone=1", "errors.html"));
		for (const char *at = page; (at = strstr(at, " id=\"")) != NULL;
		    at += 5) {
			const char *id = talloc_strndup(ctx, at,
			    strcspn(at + 5, "\"") + 6);

			if (times(page, id) != 1)
				fail_msg("%s: %zu", id, times(page, id));
		}
		for (size_t p = 0; p < COUNT(points); p++) {
			const char *at = page;

			while ((at = strstr(at, points[p])) != NULL) {
				const char *id;

				at += strlen(points[p]);
				id = talloc_asprintf(ctx, " id=\"%.*s\"",
				    (int)strcspn(at, "\""), at);
				if (times(page, id) != 1)
					fail_msg("%s: none", id);
			}
		}
		for (const char *at = page;
		    (at = strstr(at, "aria-describedby=\"")) != NULL;) {
			size_t left;

			at += strlen("aria-describedby=\"");
			for (left = strcspn(at, "\""); left > 0;) {
				const size_t	 len = strcspn(at, " \"");
				const char	*id = talloc_asprintf(ctx,
						    " id=\"%.*s\"", (int)len, at);

				if (len > 0 && times(page, id) != 1)
					fail_msg("%s: none", id);
				at += len + (at[len] == ' ');
				left -= len + (at[-1] == ' ');
			}
		}
		assert_int_equal(times(page, "<ul>"), 1);
		assert_int_equal(times(page, "</ul>"), 1);
		/* What must be answered is not marked. */
		assert_int_equal(times(page, "class=\"optional\""), optional(form));
		/* One message beside each required question and one in the summary. */
		assert_int_equal(times(page, "<li><a href=\"#f-"),
		    times(page, "class=\"error\""));
		assert_true(times(page, "class=\"error\"") >=
		    site_forms[i / COUNT(sites)].errors);
		talloc_free(ctx);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
