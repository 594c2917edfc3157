/*
 * test_form.c: form files, answers and their views, one row a case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "../../cgi/lib/form.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A text in both languages. */
#define BOTH(tag, en, es) \
	"<" tag " xml:lang=\"en\">" en "</" tag ">" \
	"<" tag " xml:lang=\"es\">" es "</" tag ">"
#define LABEL BOTH("label", "L", "M")
#define OWN BOTH("error", "Mend it.", "Arréglalo.")

/* The keeps stand on line 1, questions begin on line 3. */
#define FORM(questions) KEPT_FORM("<keep after=\"declined\" days=\"30\"/>", questions)
#define KEPT_FORM(keeps, questions) \
	"<form version=\"7\">" keeps BOTH("title", "T", "T") \
	BOTH("intro", "I", "I") BOTH("send", "S", "S") BOTH("seen", "A", "B") "\n" \
	"<section>" BOTH("title", "T", "T") "\n" questions "\n</section></form>"

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" }, { .lang = "es", .prefix = "/es" },
};

static struct settings settings = { .words = words, .n_words = COUNT(words) };
static xmlRelaxNG *grammar;

static const char *
source(const void *ctx, const char *path)
{
	const char *dir = getenv("SRCDIR");

	return talloc_asprintf(ctx, "%s/%s", dir == NULL ? "." : dir, path);
}

static int
set_up(void **state)
{
	char *why = NULL;

	*state = talloc_new(NULL);
	settings.schema_dir = source(*state, "schema");
	settings.template_dir = source(*state, "www/templates");
	if ((grammar = form_grammar(*state, settings.schema_dir, &why)) == NULL)
		fprintf(stderr, "%s\n", why);
	return grammar == NULL;
}

static int
tear_down(void **state)
{
	xmlRelaxNGFree(grammar);
	talloc_free(*state);
	return 0;
}

static struct form *
form_of(const void *ctx, const char *xml, char **why)
{
	return form_from(ctx, &settings, grammar, "forms/t.xml", xml, strlen(xml),
	    why);
}

/* ---- form files ---- */

static const struct { const char *xml, *want; } refused[] = {
	{ "", "t.xml:1: " },
	{ "<form", "t.xml:1: " },
	{ FORM("<line name=\"a\">\n" LABEL "\n</lime>"), "t.xml:5: Opening and" },
	{ "<forms/>", "t.xml:1: " },
	{ "\n<!DOCTYPE form><form/>", "t.xml:2: a DOCTYPE is not allowed" },
	{ "<!DOCTYPE f [<!ENTITY x SYSTEM \"/etc/passwd\">]><f>&x;</f>",
	    "t.xml:1: a DOCTYPE is not allowed" },
	/* the grammar */
	{ FORM("<lime name=\"a\">" LABEL "</lime>"),
	    "t.xml:3: Did not expect element lime" },
	{ FORM("\n<line>" LABEL "</line>"), "t.xml:4: " },
	{ FORM("\n<line name=\"A\">" LABEL "</line>"), "t.xml:4: " },
	{ FORM("\n<line name=\"a-b\">" LABEL "</line>"), "t.xml:4: " },
	{ FORM("<line name=\"a\" size=\"3\">" LABEL "</line>"),
	    "t.xml:3: Invalid attribute size" },
	{ FORM("<line name=\"a\" required=\"no\">" LABEL "</line>"),
	    "t.xml:3: Invalid attribute required" },
	{ FORM("<line name=\"a\" most=\"0\">" LABEL "</line>"),
	    "t.xml:3: Invalid attribute most" },
	{ FORM("<text name=\"a\" autocomplete=\"off\">" LABEL "</text>"),
	    "t.xml:3: Invalid attribute autocomplete" },
	{ FORM("<amount name=\"a\" currency=\"$\" least=\"5.5\">" LABEL
	    "</amount>"), "t.xml:3: Invalid attribute least" },
	{ FORM("<line name=\"a\"><label xml:lang=\"en\"> </label></line>"),
	    "t.xml:3: " },
	{ FORM("<line name=\"a\"><label>L</label></line>"), "t.xml:3: " },
	{ FORM("<one name=\"a\">" LABEL "</one>"), "t.xml:3: " },
	{ FORM(""), "t.xml:2: " },
	/* what the grammar cannot say */
	{ FORM("<line name=\"a\">\n<label xml:lang=\"en\">L</label></line>"),
	    "t.xml:4: <label> is missing in \"es\"" },
	{ FORM("<line name=\"a\">" LABEL "\n<hint xml:lang=\"es\">H</hint></line>"),
	    "t.xml:4: <hint> is missing in \"en\"" },
	{ FORM("<line name=\"a\">" LABEL "\n" LABEL "</line>"),
	    "t.xml:4: <label> is given twice in \"en\"" },
	{ FORM("<line name=\"a\">" LABEL "</line>\n<text name=\"a\">" LABEL
	    "</text>"), "t.xml:4: two questions have the name \"a\"" },
	{ FORM("<line name=\"token\">" LABEL "</line>"),
	    "t.xml:3: the name \"token\" is taken" },
	{ FORM("<line name=\"a\" unless=\"b\">" LABEL "</line>"),
	    "t.xml:3: there is no other question \"b\"" },
	{ FORM("<line name=\"a\" unless=\"a\">" LABEL "</line>"),
	    "t.xml:3: there is no other question \"a\"" },
	{ FORM("<line name=\"a\" pattern=\"[a\">" LABEL "</line>"),
	    "t.xml:3: the pattern of \"a\" does not compile: missing terminating ]"
	    " for character class, at character 3" },
	{ FORM("<line name=\"a\" least=\"9\" most=\"3\">" LABEL "</line>"),
	    "t.xml:3: no answer to \"a\" can be of 9 to 3" },
	{ FORM("<many name=\"a\" most=\"3\">" LABEL "<choice value=\"x\">" LABEL
	    "</choice></many>"), "t.xml:3: no answer to \"a\" can be" },
	{ FORM("<one name=\"a\">" LABEL "<choice value=\"x\">" LABEL "</choice>\n"
	    "<choice value=\"x\">" LABEL "</choice></one>"),
	    "t.xml:4: the value \"x\" is given twice" },
};

static void
test_refused(void **state)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		void	*ctx = talloc_new(*state);
		char	*why;

		assert_null(form_of(ctx, refused[i].xml, &why));
		assert_non_null(why);
		if (strncmp(why, "forms/", 6) != 0 ||
		    strncmp(why + 6, refused[i].want, strlen(refused[i].want)) != 0)
			fail_msg("%zu: %s, not %s", i, why, refused[i].want);
		assert_null(strchr(why, '\n'));
		talloc_free(ctx);
	}
}

/* A site of three languages needs the third as well. */
static void
test_languages(void **state)
{
	static const struct site_words	three[] = {
		{ .lang = "en" }, { .lang = "es" }, { .lang = "fr" } };
	static const char		xml[] = FORM("<line name=\"a\">" LABEL
					    "</line>");
	struct settings	 s = settings;
	struct form	*form;
	char		*why;

	s.words = three;
	s.n_words = 3;
	assert_null(form_from(*state, &s, grammar, "t.xml", xml, strlen(xml), &why));
	assert_string_equal(why, "t.xml:1: <title> is missing in \"fr\"");
	/* One of fewer leaves the others alone. */
	s.words = three + 1;
	s.n_words = 1;
	form = form_from(*state, &s, grammar, "t.xml", xml, strlen(xml), &why);
	assert_non_null(form);
	assert_string_equal(form->fields[0].label.in[0], "M");
	talloc_free(form);
}

/* A program with a bad file stops with 78, and says which. */
static void
test_stops(void **state)
{
	struct settings	s = settings;
	int		out[2], status;
	char		said[512] = "";
	size_t		len = 0;
	pid_t		child;

	s.site_dir = "/nonexistent";
	s.n_words = 1;		/* English needs no catalogue */
	assert_int_equal(pipe(out), 0);
	if ((child = fork()) == 0) {
		dup2(out[1], STDERR_FILENO);
		(void)form_read(*state, &s, "join");
		_exit(0);
	}
	assert_true(child > 0);
	close(out[1]);
	for (ssize_t n; (n = read(out[0], said + len, sizeof(said) - 1 - len)) > 0;)
		len += (size_t)n;
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 78);
	assert_non_null(strstr(said, "/nonexistent/forms/join.xml: No such file"));
}

/* ---- answers ---- */

#define CHOICES \
	"<choice value=\"x\">" BOTH("label", "Ex", "Equis") "</choice>" \
	"<choice value=\"y\">" BOTH("label", "Why", "Ye") "</choice>" \
	"<choice value=\"z\">" BOTH("label", "Zed", "Zeta") "</choice>"

static const char all_kinds[] = FORM(
    "<line name=\"line\" least=\"2\" most=\"5\">" LABEL "</line>"
    "<text name=\"text\" most=\"8\">" LABEL OWN "</text>"
    "<email name=\"email\" unless=\"tel\">" LABEL "</email>"
    "<tel name=\"tel\" unless=\"email\">" LABEL "</tel>"
    "<one name=\"one\">" LABEL CHOICES "</one>"
    "<many name=\"many\" most=\"2\">" LABEL CHOICES "</many>"
    "<check name=\"check\">" LABEL OWN "</check>"
    "<amount name=\"amount\" currency=\"$\" least=\"5\">" LABEL "</amount>"
    "<line name=\"code\" pattern=\"[A-Z]{2}|\\p{Lu}\\d+\">" LABEL "</line>");

/* A whole body; what is then answered; the messages by field.  What is asked of all is put
 * in front of each. */
#define MAIL "email=a%40b.c"
static const struct { const char *body, *want, *errors; } bodies[] = {
	{ MAIL, MAIL, "" },
	/* what was not declared does not exist */
	{ MAIL "&id=1&LINE=abc&line%20=abc", MAIL, "" },
	/* one line */
	{ MAIL "&line=abc", "line=abc&" MAIL, "" },
	{ MAIL "&line=+%09abc%0D%0A", "line=abc&" MAIL, "" },
	{ MAIL "&line=a%09b", "line=a+b&" MAIL, "" },
	{ MAIL "&line=", MAIL, "" },
	{ MAIL "&line=+%0A+", MAIL, "" },
	{ MAIL "&line=%C3%B1%C3%B1%C3%B1%C3%B1%C3%B1",
	    "line=%C3%B1%C3%B1%C3%B1%C3%B1%C3%B1&" MAIL, "" },
	{ MAIL "&line=%F0%9F%8C%B9%F0%9F%8C%B9", "line=%F0%9F%8C%B9%F0%9F%8C%B9&" MAIL,
	    "" },
	{ MAIL "&line=a", "line=a&" MAIL, "line: Write an answer here." },
	{ MAIL "&line=+a", "line=+a&" MAIL, "line: Write an answer here." },
	{ MAIL "&line=abcdef", "line=abcdef&" MAIL,
	    "line: Shorten this by 1 character." },
	{ MAIL "&line=abcdefgh%C3%B1", "line=abcdefgh%C3%B1&" MAIL,
	    "line: Shorten this by 4 characters." },
	{ MAIL "&line=a%0Ab", "line=a%0Ab&" MAIL, "line: Write this on one line, "
	    "without characters that cannot be shown." },
	{ MAIL "&line=a%1Bb", "line=a%1Bb&" MAIL, "line: Write this on one line, "
	    "without characters that cannot be shown." },
	{ MAIL "&line=a%7Fb", "line=a%7Fb&" MAIL, "line: Write this on one line, "
	    "without characters that cannot be shown." },
	{ MAIL "&line=a%C2%85b", "line=a%C2%85b&" MAIL, "line: Write this on one "
	    "line, without characters that cannot be shown." },
	{ MAIL "&line=a%C2%A0b", "line=a%C2%A0b&" MAIL, "" },
	{ MAIL "&line=abc&line=abc", "line=abc&line=abc&" MAIL,
	    "line: Write an answer here." },
	/* several lines: CRLF counts and is kept as LF */
	{ MAIL "&text=a%0D%0Ab%0Dc%0Ad", "text=a%0Ab%0Ac%0Ad&" MAIL, "" },
	{ MAIL "&text=abcd%0D%0Aefg", "text=abcd%0Aefg&" MAIL, "" },
	{ MAIL "&text=abcd%0D%0Aefgh", "text=abcd%0D%0Aefgh&" MAIL,
	    "text: Shorten this by 1 character." },
	{ MAIL "&text=a%00b", NULL, NULL },
	{ MAIL "&text=a%01b", "text=a%01b&" MAIL,
	    "text: Take out the characters that cannot be shown." },
	{ MAIL "&text=a&text=b", "text=a&text=b&" MAIL, "text: Mend it." },
	/* one of the choices */
	{ MAIL "&one=y", MAIL "&one=y", "" },
	{ MAIL "&one=q", MAIL "&one=q", "one: Choose one of the answers." },
	{ MAIL "&one=x&one=y", MAIL "&one=x&one=y",
	    "one: Choose one of the answers." },
	{ MAIL "&one=x&one=x", MAIL "&one=x&one=x",
	    "one: Choose one of the answers." },
	/* any of them */
	{ MAIL "&many=z&many=x", MAIL "&many=z&many=x", "" },
	{ MAIL "&many=x&many=x&many=y&many=x", MAIL "&many=x&many=y", "" },
	{ MAIL "&many=x&many=q", MAIL "&many=x&many=q",
	    "many: Choose from the answers." },
	{ MAIL "&many=x&many=y&many=z", MAIL "&many=x&many=y&many=z",
	    "many: Choose at most 2." },
	/* a box */
	{ MAIL "&check=yes", MAIL "&check=yes", "" },
	{ MAIL "&check=on", MAIL "&check=on", "check: Mend it." },
	/* money */
	{ MAIL "&amount=5", MAIL "&amount=5", "" },
	{ MAIL "&amount=5.00", MAIL "&amount=5", "" },
	{ MAIL "&amount=7%2C50", MAIL "&amount=7.50", "" },
	{ MAIL "&amount=%245", MAIL "&amount=5", "" },
	{ MAIL "&amount=+%24+12.05+", MAIL "&amount=12.05", "" },
	{ MAIL "&amount=6+%24", MAIL "&amount=6", "" },
	{ MAIL "&amount=005", MAIL "&amount=5", "" },
#define AMOUNT "amount: Write an amount as a number, such as 5 or 7.50."
	{ MAIL "&amount=4.99", MAIL "&amount=4.99", AMOUNT },
	{ MAIL "&amount=-5", MAIL "&amount=-5", AMOUNT },
	{ MAIL "&amount=5.5", MAIL "&amount=5.5", AMOUNT },
	{ MAIL "&amount=5.", MAIL "&amount=5.", AMOUNT },
	{ MAIL "&amount=.50", MAIL "&amount=.50", AMOUNT },
	{ MAIL "&amount=5.000", MAIL "&amount=5.000", AMOUNT },
	{ MAIL "&amount=5e3", MAIL "&amount=5e3", AMOUNT },
	{ MAIL "&amount=%24", MAIL "&amount=%24", AMOUNT },
	{ MAIL "&amount=12345678", MAIL "&amount=12345678", AMOUNT },
	{ MAIL "&amount=99999999999999999", MAIL "&amount=99999999999999999",
	    "amount: Shorten this by 1 character." },
	/* a pattern is of the whole */
	{ MAIL "&code=AB", MAIL "&code=AB", "" },
	{ MAIL "&code=%C3%9112", MAIL "&code=%C3%9112", "" },
	{ MAIL "&code=ABC", MAIL "&code=ABC", "code: Write an answer here." },
	{ MAIL "&code=xAB", MAIL "&code=xAB", "code: Write an answer here." },
	/* one of two: the first alone complains */
	{ "", "", "email: Give an e-mail address such as name@example.org." },
	{ "email=+&tel=", "", "email: Give an e-mail address such as "
	    "name@example.org." },
	{ "tel=2125550100", "tel=2125550100", "" },
	{ "email=a", "email=a", "email: Give an e-mail address such as "
	    "name@example.org." },
	{ "tel=1", "tel=1",
	    "tel: Give a telephone number in digits, such as 212 555 0100." },
};

/* What came of a body, as two texts. */
static void
describe(const struct form_answers *answers, struct buf *given, struct buf *errors)
{
	for (size_t i = 0; i < answers->form->n_fields; i++) {
		const char *name = answers->form->fields[i].name;

		for (const char **v = answers->values[i]; *v != NULL; v++)
			pairs_encode(given, name, *v);
		if (answers->errors[i] != NULL)
			buf_fmt(errors, "%s%s: %s", errors->len > 0 ? "; " : "",
			    name, answers->errors[i]);
	}
}

static void
test_bodies(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, all_kinds, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(bodies); i++) {
		void			*ctx = talloc_new(*state);
		struct buf		*given = buf_new(ctx, 64);
		struct buf		*errors = buf_new(ctx, 64);
		struct pairs		 body;
		struct form_answers	*answers;
		enum outcome		 got;

		got = pairs_decode(ctx, bodies[i].body, strlen(bodies[i].body), 99,
		    &body);
		if (bodies[i].want == NULL) {
			assert_int_equal(got, OUT_INVALID);
			talloc_free(ctx);
			continue;
		}
		assert_int_equal(got, OUT_OK);
		got = form_parse(ctx, form, &body, 0, &answers);
		describe(answers, given, errors);
		if (strcmp(given->data, bodies[i].want) != 0 ||
		    strcmp(errors->data, bodies[i].errors) != 0)
			fail_msg("%s: %s [%s], not %s [%s]", bodies[i].body,
			    given->data, errors->data, bodies[i].want,
			    bodies[i].errors);
		assert_int_equal(got, *bodies[i].errors == '\0' ? OUT_OK :
		    OUT_INVALID);
		assert_int_equal(answers->n_errors, got == OUT_INVALID);
		talloc_free(ctx);
	}
	talloc_free(form);
}

#define LONG63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

/* One value each; `want` NULL: refused. */
static const struct { const char *name, *raw, *want; } values[] = {
	{ "email", "a@b", "a@b" },
	{ "email", "ana.maria+x@sub.example.org", "ana.maria+x@sub.example.org" },
	{ "email", "!#$%&'*+/=?^_`{|}~-.@b.c", "!#$%&'*+/=?^_`{|}~-.@b.c" },
	{ "email", "a@1-2.c3", "a@1-2.c3" },
	{ "email", "a@" LONG63 ".org", "a@" LONG63 ".org" },
	{ "email", "a@" LONG63 "x.org", NULL },
	{ "email", "@b.c", NULL },
	{ "email", "a", NULL },
	{ "email", "a@", NULL },
	{ "email", "a@.b", NULL },
	{ "email", "a@b.", NULL },
	{ "email", "a@b..c", NULL },
	{ "email", "a@-b.c", NULL },
	{ "email", "a@b-.c", NULL },
	{ "email", "a@b.c-", NULL },
	{ "email", "a@b@c.d", NULL },
	{ "email", "a b@c.d", NULL },
	{ "email", "a@b c.d", NULL },
	{ "email", "a@b_c.d", NULL },
	{ "email", "<a@b.c>", NULL },
	{ "email", "\"a\"@b.c", NULL },
	{ "email", "a,b@c.d", NULL },
	{ "email", "ñ@b.c", NULL },
	{ "email", "a@b.c\nBcc: d@e.f", NULL },
	{ "tel", "212 555 0100", "2125550100" },
	{ "tel", "(212) 555-0100", "2125550100" },
	{ "tel", "+1 212.555.0100", "+12125550100" },
	{ "tel", "+44 (0)20 7946 0000", "+442079460000" },
	{ "tel", "030/1234567", "0301234567" },
	{ "tel", "5550100", "5550100" },
	{ "tel", "555010", NULL },
	{ "tel", "+123456789012345", "+123456789012345" },
	{ "tel", "+1234567890123456", NULL },
	{ "tel", "1+2125550100", NULL },
	{ "tel", "++12125550100", NULL },
	{ "tel", "2125550100 x12", NULL },
	{ "tel", "call me", NULL },
	{ "tel", "+", NULL },
};

static void
test_values(void **state)
{
	char		*why;
	struct form	*form = form_of(*state, all_kinds, &why);

	assert_non_null(form);
	for (size_t i = 0; i < COUNT(values); i++) {
		struct pair		 pair = { values[i].name, values[i].raw };
		struct pairs		 body = { 1, &pair };
		const size_t		 at = values[i].name[0] == 'e' ? 2 : 3;
		struct form_answers	*answers;
		enum outcome		 got;
		const char		*want = values[i].want;

		got = form_parse(*state, form, &body, 0, &answers);
		if (got != (want == NULL ? OUT_INVALID : OUT_OK))
			fail_msg("%s: %d", values[i].raw, (int)got);
		/* What is wrong stays as it was typed. */
		assert_string_equal(answers->values[at][0],
		    want == NULL ? values[i].raw : want);
		talloc_free(answers);
	}
	talloc_free(form);
}

/* Messages come in the language of the page, the form's own before ours. */
static void
test_own_words(void **state)
{
	static const char	 xml[] = FORM(
	    "<check name=\"a\" required=\"yes\">" LABEL OWN "</check>"
	    "<many name=\"b\" required=\"yes\" least=\"2\">" LABEL CHOICES "</many>");
	struct pair		 one = { "b", "x" };
	struct pairs		 body = { 1, &one };
	struct form_answers	*answers;
	char			*why;
	struct form		*form = form_of(*state, xml, &why);

	assert_non_null(form);
	assert_int_equal(form_parse(*state, form, &body, 1, &answers), OUT_INVALID);
	assert_int_equal(answers->n_errors, 2);
	assert_string_equal(answers->errors[0], "Arréglalo.");
	assert_string_equal(answers->errors[1], "Choose from the answers.");
	talloc_free(form);
	talloc_free(answers);
}

/* A pattern that explodes is cut short and has not matched: about 0.1 ms, against 14 with
 * the limits of PCRE2 itself. */
static void
test_explosion(void **state)
{
	static const char	 xml[] = FORM(
	    "<line name=\"a\" most=\"2000\" pattern=\"(a+)+\">" LABEL "</line>");
	char			*why, hostile[1001];
	struct form		*form = form_of(*state, xml, &why);
	struct pair		 pair = { "a", hostile };
	struct pairs		 body = { 1, &pair };
	struct form_answers	*answers;
	clock_t			 began;

	assert_non_null(form);
	memset(hostile, 'a', 1000);
	hostile[1000] = '\0';
	hostile[999] = 'c';
	began = clock();
	assert_int_equal(form_parse(*state, form, &body, 0, &answers), OUT_INVALID);
	assert_true(clock() - began < CLOCKS_PER_SEC / 200);
	hostile[3] = 'a';
	hostile[4] = '\0';
	assert_int_equal(form_parse(*state, form, &body, 0, &answers), OUT_OK);
	talloc_free(form);
}

static void
test_store(void **state)
{
	static const char	 raw[] = "tel=212+555+0100&many=x&many=z&text=a%0D%0Ab";
	static const char	 want[] = "form=t&version=7&lang=es&text=a%0Ab&"
				    "tel=2125550100&many=x&many=z";
	static const char	 old[] = "form=t&version=6&lang=en&line=q&gone=1&"
				    "gone=2&one=former";
	void			*ctx = talloc_new(*state);
	struct buf		*text = buf_new(ctx, 64), *again = buf_new(ctx, 64);
	struct pairs		 body, strays;
	struct form_answers	*answers;
	char			*why;
	struct form		*form = form_of(ctx, all_kinds, &why);

	assert_non_null(form);
	assert_int_equal(pairs_decode(ctx, raw, strlen(raw), 9, &body), OUT_OK);
	assert_int_equal(form_parse(ctx, form, &body, 1, &answers), OUT_OK);
	form_store(answers, "es", text);
	assert_string_equal(text->data, want);
	assert_int_equal(form_load(ctx, form, text->data, text->len, &answers,
	    &strays), OUT_OK);
	assert_int_equal(strays.n, 0);
	form_store(answers, "es", again);
	assert_string_equal(again->data, want);
	/* An older form: what it asked and this one does not. */
	assert_int_equal(form_load(ctx, form, old, strlen(old), &answers, &strays),
	    OUT_OK);
	assert_int_equal(strays.n, 2);
	assert_string_equal(strays.at[1].name, "gone");
	assert_string_equal(strays.at[1].value, "2");
	assert_string_equal(answers->values[0][0], "q");
	assert_string_equal(answers->values[4][0], "former");
	assert_int_equal(answers->n_errors, 0);
	/* Not one of ours. */
	assert_int_equal(form_load(ctx, form, "form=u&version=7&lang=en", 24,
	    &answers, &strays), OUT_INVALID);
	assert_int_equal(form_load(ctx, form, "line=q", 6, &answers, &strays),
	    OUT_INVALID);
	assert_int_equal(form_load(ctx, form, "", 0, &answers, &strays),
	    OUT_INVALID);
	assert_int_equal(form_load(ctx, form, "form=t&version=7&lang=%f", 24,
	    &answers, &strays), OUT_INVALID);
	talloc_free(ctx);
}

/* ---- the sites' own forms ---- */

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

static void
test_sites(void **state)
{
	for (size_t i = 0; i < COUNT(sites); i++) {
		const struct form	*form;

		form = form_of_site(*state, sites[i], "join");
		assert_string_equal(form->name, "join");
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
			/* Who must answer is told what to do. */
			assert_texts(&field->error, field->required);
			for (size_t c = 0; c < field->n_choices; c++)
				assert_texts(&field->choices[c].label, true);
		}
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

/* ---- views ---- */

enum { P_SECTIONS, P_ERRORS, P_ANSWERS, P_HIDDEN };
static const struct view_name page_names[] = {
	[P_SECTIONS] = { "sections", form_section_names },
	[P_ERRORS] = { "errors", form_error_names },
	[P_ANSWERS] = { "answers", answer_section_names },
	[P_HIDDEN] = { "hidden", form_hidden_names },
	{ NULL, NULL }
};

/* All four parts of one body. */
static const char *
rendered(void *ctx, const struct form *form, const char *raw, const char *file)
{
	struct settings		 s = settings;
	struct view		*page = view_new(ctx, page_names);
	struct buf		*out = buf_new(ctx, 65536);
	struct form_answers	*answers;
	struct template		*template;
	struct pairs		 body;

	s.n_words = 1;		/* English needs no catalogue */
	template = template_compile(ctx, &s, words, file, NULL, page_names);
	assert_int_equal(pairs_decode(ctx, raw, strlen(raw), 99, &body), OUT_OK);
	assert_int_not_equal(form_parse(ctx, form, &body, 0, &answers), OUT_FAULT);
	form_view(page, P_SECTIONS, answers, 0);
	form_view_errors(page, P_ERRORS, answers, 0);
	form_view_answers(page, P_ANSWERS, answers, 0);
	form_view_hidden(page, P_HIDDEN, answers);
	assert_int_equal(template_render(template, NULL, page, out), OUT_OK);
	return out->data;
}

static size_t
times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

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
	{ "form.html", BAD, "A Erased 30 days after it was declined.", "e-many" },
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

	for (size_t i = 0; i < COUNT(sites); i++) {
		void			*ctx = talloc_new(*state);
		const struct form	*form;
		const char		*page;

		form = form_of_site(ctx, sites[i], "join");
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
		assert_true(times(page, "class=\"error\"") >= 12);
		talloc_free(ctx);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_own_words),
		cmocka_unit_test(test_explosion),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
