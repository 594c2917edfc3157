/*
 * test_form_view.c: a form's parts of a page: what they hold, and what they do not.
 */
#include "forms.h"

/* What the page of a file must and must not hold. */
#define BAD "line=%22%3E%3Cb%3E&text=%0A%3C%2Ftextarea%3E&email=a&one=y&many=x&many=z&" \
	"check=yes&amount=3"
static const struct { const char *file, *body, *has, *lacks; } parts[] = {
	{ "form.html", "", "<input class=\"input input--short\" type=\"text\" "
	    "name=\"line\" id=\"f-line\" autocomplete=\"off\" maxlength=\"5\" "
	    "spellcheck=\"false\">", " checked" },
	{ "form.html", "", "<span class=\"optional\">(optional)</span>", "value=\"\"" },
	{ "form.html", BAD, "value=\"&quot;&gt;&lt;b&gt;\"", "<b>" },
	{ "form.html", BAD, "\n&lt;/textarea&gt;</textarea>", "></textarea>" },
	{ "form.html", BAD, "id=\"f-one-y\" checked>", "id=\"f-one\" checked>" },
	{ "form.html", BAD, "value=\"x\" id=\"f-many\" checked>", "f-many-y\" checked>" },
	{ "form.html", BAD, "value=\"yes\" id=\"f-check\" checked>", "f-many-x" },
	{ "form.html", BAD, "<p class=\"error\" id=\"e-email\">Give an e-mail address "
	    "such as name@example.org.</p>", "id=\"e-tel\"" },
	{ "form.html", BAD, "aria-invalid=\"true\" aria-describedby=\"e-email",
	    "aria-describedby=\"\"" },
	{ "form.html", BAD, "<span>$</span> <input", "e-check" },
	{ "form.html", BAD, "<legend>T</legend>", "class=\"seen\"" },
	{ "form.html", "", "<a href=\"/our-points\" target=\"_blank\">Read &lt;it&gt;</a>",
	    "Leer" },
	{ "answers.html", BAD, "<dt>L</dt>", "our-points" },
	{ "errors.html", BAD, "<li><a href=\"#f-email\">L \xE2\x80\x93 Give an e-mail", "f-line-" },
	{ "errors.html", BAD, "role=\"alert\" tabindex=\"-1\"", "#f-many" },
	{ "errors.html", MAIL "&check=on", "<li><a href=\"#f-check\">Mend it.</a></li>",
	    "L" },
	{ "errors.html", MAIL, "", "<" },
	{ "answers.html", BAD, "<dd>Why</dd>", "<dd>y</dd>" },
	{ "answers.html", BAD, "<dd>Ex</dd><dd>Zed</dd>", "<b>" },
	{ "answers.html", BAD, "<dd>Yes</dd>", "<dd></dd>" },
	{ "answers.html", MAIL, "<span class=\"muted\">Not answered</span>", "Yes" },
	{ "answers.html", MAIL "&amount=7.5&amount=8", "<dd>$7.5</dd>", "Yes" },
	{ "hidden.html", BAD, "<input type=\"hidden\" name=\"many\" value=\"z\">",
	    "name=\"code\"" },
	{ "hidden.html", "", "", "<" },
};

static void
test_parts(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, all_kinds, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(parts); i++) {
		void		*ctx = talloc_new(*state);
		const char	*page = rendered(ctx, form, parts[i].body,
				    parts[i].file);

		if (strstr(page, parts[i].has) == NULL)
			fail_msg("%s, %s: no %s in\n%s", parts[i].file,
			    parts[i].body, parts[i].has, page);
		if (strstr(page, parts[i].lacks) != NULL)
			fail_msg("%s, %s: %s is in\n%s", parts[i].file,
			    parts[i].body, parts[i].lacks, page);
		talloc_free(ctx);
	}
	talloc_free(form);
}

/* With no unit known the questions of units are left out, and a section with them; what was
 * answered is shown, as it was sent. */
static void
test_left_out(void **state)
{
	static const char	 full[] = "form=t&version=7&lang=en&where=east&any=mill&"
				    "work=dock";
	static const char	 bare[] = "form=t&version=7&lang=en&where=east";
	static const struct { size_t n; const char *raw, *file, *has, *lacks; } want[] = {
		{ 0, full, "form.html", "name=\"where\" value=\"elsewhere\"", "name=\"any\"" },
		{ 0, full, "form.html", "South &lt;i&gt;</label>", "Units of work" },
		{ 0, full, "form.html", "name=\"some\" value=\"start\"", "name=\"work\"" },
		{ 0, full, "form.html", "<legend>T</legend>", " checked" },
		{ 2, full, "form.html", "<p class=\"seen\">Read by two.</p>", "class=\"part\"" },
		{ 0, full, "hidden.html", "name=\"any\" value=\"mill\"", "some" },
		{ 0, full, "answers.html", "<dd>mill</dd>", "Dock" },
		{ 0, full, "answers.html", "<dd>east</dd>", "Mill" },
		{ 0, full, "answers.html", "Units of work", "Mill" },
		{ 0, bare, "answers.html", "<dd>east</dd>", "Units of work" },
		{ 2, bare, "answers.html", "Units of work", "<dd>Mill</dd>" },
		{ 2, full, "form.html", "Units of work", "Town" },
		{ 2, full, "form.html", "name=\"any\" value=\"mill\" id=\"f-any-mill\" "
		    "checked",
		    "id=\"f-any\" checked" },
		{ 2, full, "form.html", "Dock &lt;4&gt;</label>", "Dock <4>" },
		{ 2, full, "answers.html", "<dd>Mill</dd>", "<dd>mill</dd>" },
		{ 2, full, "answers.html", "<dd>Dock &lt;4&gt;</dd>", "<dd>dock</dd>" },
	};
	char		*why;
	struct form	*form = form_of(*state, offering, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(want); i++) {
		void			*ctx = talloc_new(*state);
		const struct units	 units = { want[i].n, all_units };
		struct form_answers	*answers;
		struct pairs		 strays;
		const char		*page;

		assert_int_equal(form_units(form, &units), OUT_OK);
		assert_int_equal(form_load(ctx, form, want[i].raw,
		    strlen(want[i].raw), &answers, &strays), OUT_OK);
		page = shown(ctx, answers, want[i].file);
		if (strstr(page, want[i].has) == NULL)
			fail_msg("%zu: no %s in\n%s", i, want[i].has, page);
		if (strstr(page, want[i].lacks) != NULL)
			fail_msg("%zu: %s is in\n%s", i, want[i].lacks, page);
		talloc_free(ctx);
	}
	talloc_free(form);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_left_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
