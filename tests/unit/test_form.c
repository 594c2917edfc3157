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

static const struct area areas[] = { { "north", "North Hill" }, { "south", "South <i>" } };

static struct settings settings = { .words = words, .n_words = COUNT(words),
	.areas = areas, .n_areas = COUNT(areas) };
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

#define LINE "<line name=\"l\">" LABEL "</line>"
#define BOX "<check name=\"box\">" LABEL "</check>"
#define PICK(value) "<choice value=\"" value "\">" LABEL "</choice>"
#define PICKS PICK("x") PICK("y")
#define KEEP(rest) "<keep after=" rest "/>"
#define DECLINED KEEP("\"declined\" days=\"30\"")

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
	{ FORM("<check name=\"a\">" LABEL "<page name=\"../a\">" LABEL "</page></check>"),
	    "t.xml:3: " },
	{ FORM("<check name=\"a\">" LABEL "<page name=\"a\"><label xml:lang=\"en\">L</label>"
	    "</page></check>"), "t.xml:3: " },
	{ FORM("<line name=\"a\">" LABEL "<page name=\"a\">" LABEL "</page></line>"),
	    "t.xml:3: Did not expect element page" },
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
	{ FORM("<one name=\"a\">" LABEL PICK("x") "</one>"), "t.xml:3: " },
	{ FORM("<many name=\"a\">" LABEL "</many>"), "t.xml:3: " },
	/* for how long what is kept */
	{ KEPT_FORM("", LINE), "t.xml:1: " },
	{ "<form version=\"7\" keep-days=\"30\">" DECLINED BOTH("title", "T", "T")
	    BOTH("intro", "I", "I") BOTH("send", "S", "S") BOTH("seen", "A", "B")
	    "<section>" BOTH("title", "T", "T") LINE "</section></form>",
	    "t.xml:1: Invalid attribute keep-days" },
	{ KEPT_FORM("\n" KEEP("\"lost\" days=\"9\""), LINE),
	    "t.xml:2: Element keep failed to validate attributes" },
	{ KEPT_FORM("\n" KEEP("\"erased\" days=\"9\""), LINE),
	    "t.xml:2: Element keep failed to validate attributes" },
	{ KEPT_FORM("\n" KEEP("\"declined\""), LINE), "t.xml:2: " },
	{ KEPT_FORM("\n<keep days=\"9\"/>", LINE), "t.xml:2: " },
	{ KEPT_FORM("\n" KEEP("\"declined\" days=\"-1\""), LINE),
	    "t.xml:2: Element keep failed to validate attributes" },
	{ KEPT_FORM("\n" KEEP("\"declined\" days=\"3651\""), LINE),
	    "t.xml:2: Element keep failed to validate attributes" },
	{ KEPT_FORM("\n" KEEP("\"declined\" days=\"9.5\""), LINE),
	    "t.xml:2: Type integer" },
	{ KEPT_FORM("\n" KEEP("\"declined\" days=\"9\" what=\"all\""), LINE),
	    "t.xml:2: Invalid attribute what" },
	{ KEPT_FORM("\n" KEEP("\"declined\" days=\"0\""), LINE),
	    "t.xml:2: days must be from 2 to 3650, not 0" },
	{ KEPT_FORM("\n" KEEP("\"never\" days=\"1\""), LINE),
	    "t.xml:2: days must be from 2 to 3650, not 1" },
	{ KEPT_FORM("\n" KEEP("\"withdrawn\" days=\"2\""), LINE),
	    "t.xml:2: what is withdrawn is erased at once: days must be 0, not 2" },
	{ KEPT_FORM(DECLINED "\n" KEEP("\"declined\" days=\"31\""), LINE),
	    "t.xml:2: the days after \"declined\" are given twice" },
	{ KEPT_FORM(KEEP("\"never\" days=\"9\" what=\"messages\"") "\n"
	    KEEP("\"never\" days=\"9\" what=\"messages\""), LINE),
	    "t.xml:2: the days after \"never\" are given twice" },
	{ KEPT_FORM(DECLINED "\n" KEEP("\"declined\" days=\"31\" what=\"messages\""),
	    LINE), "t.xml:2: messages cannot be kept after \"declined\" for longer than"
	    " everything" },
	{ KEPT_FORM(KEEP("\"declined\" days=\"31\" what=\"messages\"") "\n" DECLINED,
	    LINE), "t.xml:2: messages cannot be kept after \"declined\"" },
	/* where the choices come from */
	{ FORM("<line name=\"a\" from=\"areas\">" LABEL "</line>"),
	    "t.xml:3: Invalid attribute from" },
	{ FORM("<one name=\"a\" from=\"cities\">" LABEL PICKS "</one>"),
	    "t.xml:3: Invalid attribute from" },
	{ FORM("<one name=\"a\" from=\"areas\" kinds=\"city\">" LABEL "</one>"),
	    "t.xml:3: Invalid attribute kinds" },
	{ FORM("<one name=\"a\" kinds=\"city\">" LABEL PICKS "</one>"),
	    "t.xml:3: Invalid attribute kinds" },
	{ FORM("<many name=\"a\" from=\"units\" kinds=\"\">" LABEL "</many>"),
	    "t.xml:3: Invalid attribute kinds" },
	{ FORM("<many name=\"a\" from=\"units\" kinds=\"city town\">" LABEL "</many>"),
	    "t.xml:3: Invalid attribute kinds" },
	{ FORM("<many name=\"a\" from=\"areas\">" LABEL PICK("x") PICK("south")
	    "</many>"), "t.xml:3: the value \"south\" is that of an area" },
	/* what stands readable */
	{ FORM("<line name=\"a\" index=\"area\">" LABEL "</line>"),
	    "t.xml:3: Invalid attribute index" },
	{ FORM("<check name=\"a\" index=\"area\">" LABEL "</check>"),
	    "t.xml:3: Invalid attribute index" },
	{ FORM("<one name=\"a\" index=\"name\">" LABEL PICKS "</one>"),
	    "t.xml:3: Invalid attribute index" },
	{ FORM("<one name=\"a\" when=\"box\">" LABEL PICKS "</one>" BOX),
	    "t.xml:3: Invalid attribute when" },
	{ FORM("<one name=\"a\" index=\"area\">" LABEL PICKS "</one>\n"
	    "<many name=\"b\" index=\"area\">" LABEL PICKS "</many>"),
	    "t.xml:4: two questions have the index \"area\"" },
	{ FORM("<many name=\"a\" index=\"urgency\">" LABEL PICKS "</many>"),
	    "t.xml:3: the urgency is one of the choices in the file" },
	{ FORM("<one name=\"a\" index=\"urgency\" from=\"areas\">" LABEL "</one>"),
	    "t.xml:3: the urgency is one of the choices in the file" },
	{ FORM("<one name=\"a\" index=\"urgency\">" LABEL PICK("a") PICK("b") PICK("c")
	    PICK("d") PICK("e") PICK("f") PICK("g") PICK("h") PICK("i") PICK("j")
	    PICK("k") "</one>"), "t.xml:3: there are 11 urgencies, and 10 at most" },
	{ FORM(BOX "\n<one name=\"a\" index=\"area\" when=\"bax\">" LABEL PICKS "</one>"),
	    "t.xml:4: there is no other question \"bax\"" },
	{ FORM("<one name=\"a\" index=\"area\" when=\"a\">" LABEL PICKS "</one>"),
	    "t.xml:3: there is no other question \"a\"" },
	{ FORM(LINE "\n<one name=\"a\" index=\"area\" when=\"l\">" LABEL PICKS "</one>"),
	    "t.xml:4: \"l\" is not a box to tick" },
	{ FORM("<many name=\"a\" index=\"unit\" from=\"units\">" LABEL "</many>"),
	    "t.xml:1: what stands readable beside the answers could be of 19000 bytes, and "
	    "2048 are the most" },
	{ FORM("<many name=\"a\" index=\"unit\" from=\"units\" most=\"54\">" LABEL
	    "</many>"), "t.xml:1: what stands readable beside the answers could be of 2052" },
};

/* What is near to that, and well. */
static const char *const taken[] = {
	FORM(LINE),
	KEPT_FORM(KEEP("\"never\" days=\"2\"") KEEP("\"withdrawn\" days=\"0\"")
	    KEEP("\"declined\" days=\"3650\""), LINE),
	KEPT_FORM(DECLINED KEEP("\"declined\" days=\"30\" what=\"messages\""), LINE),
	KEPT_FORM(DECLINED KEEP("\"accepted\" days=\"31\" what=\"messages\""), LINE),
	FORM("<one name=\"a\" from=\"areas\">" LABEL "</one>"),
	FORM("<one name=\"a\" from=\"areas\">" LABEL PICK("x") "</one>"),
	FORM("<many name=\"a\" from=\"areas\" least=\"1\" most=\"9\">" LABEL "</many>"),
	FORM("<many name=\"a\" from=\"units\" kinds=\" city  workplace \">" LABEL "</many>"),
	FORM("<one name=\"a\" from=\"units\" index=\"unit\">" LABEL "</one>"),
	FORM("<many name=\"a\" index=\"unit\" from=\"units\" most=\"53\">" LABEL
	    "</many>"),
	FORM("<one name=\"a\" index=\"area\" when=\"box\">" LABEL PICKS "</one>" BOX),
};

static void
test_taken(void **state)
{
	for (size_t i = 0; i < COUNT(taken); i++) {
		char		*why;
		struct form	*form = form_of(*state, taken[i], &why);

		if (form == NULL)
			fail_msg("%zu: %s", i, why);
		talloc_free(form);
	}
}

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
    "<check name=\"check\">" LABEL OWN
    "<page name=\"our-points\">" BOTH("label", "Read &lt;it&gt;", "Leer") "</page></check>"
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

/* ---- for how long what is kept ---- */

static const struct { const char *keeps, *want; } kept[] = {
	{ DECLINED, "What you send is erased 30 days after it was declined." },
	{ KEEP("\"withdrawn\" days=\"0\""), "What you send is erased at once if you withdraw." },
	{ KEEP("\"accepted\" days=\"180\"") DECLINED KEEP("\"withdrawn\" days=\"0\""),
	    "What you send is erased at once if you withdraw; 30 days after it was declined; "
	    "180 days after it was accepted." },
	{ KEEP("\"accepted\" days=\"14\"") DECLINED, "What you send is erased 14 days after it "
	    "was accepted; 30 days after it was declined." },
	{ KEEP("\"accepted\" days=\"30\"") DECLINED,
	    "What you send is erased 30 days after it was accepted or declined." },
	{ KEEP("\"complete\" days=\"60\"") KEEP("\"duplicate\" days=\"14\"")
	    KEEP("\"passedon\" days=\"60\"") KEEP("\"outofarea\" days=\"60\"")
	    KEEP("\"never\" days=\"60\""),
	    "What you send is erased 14 days after it was found to have come twice; 60 days "
	    "after it was completed, passed on or found to be outside our area; after 60 days "
	    "in which nothing happened, if it is still open." },
	{ DECLINED KEEP("\"declined\" days=\"7\" what=\"messages\""),
	    "What you send is erased 30 days after it was declined. Messages and notes are "
	    "erased 7 days after it was declined; later ones as long after they were "
	    "written." },
	{ KEEP("\"never\" days=\"9\" what=\"messages\""), "Messages and notes are erased after 9 "
	    "days in which nothing happened, if it is still open." },
};

static void
test_kept(void **state)
{
	for (size_t i = 0; i < COUNT(kept); i++) {
		const char	*xml = talloc_asprintf(*state, KEPT_FORM("%s", LINE),
				    kept[i].keeps);
		char		*why;
		struct form	*form = form_of(*state, xml, &why);

		assert_non_null(form);
		assert_string_equal(form->kept.in[0], kept[i].want);
		assert_non_null(form->kept.in[1]);
		talloc_free(form);
	}
}

static void
test_keep_days(void **state)
{
	static const char	 xml[] = KEPT_FORM(DECLINED
	    KEEP("\"withdrawn\" days=\"0\"") KEEP("\"never\" days=\"365\"")
	    KEEP("\"declined\" days=\"7\" what=\"messages\""), LINE);
	static const struct { const char *state; int all, messages; } want[] = {
		{ "declined", 30, 7 }, { "withdrawn", 0, -1 }, { "never", 365, -1 },
		{ "accepted", -1, -1 }, { "", -1, -1 }, { "decline", -1, -1 },
	};
	char			*why;
	struct form		*form = form_of(*state, xml, &why);

	assert_non_null(form);
	assert_int_equal(form->n_keeps, 4);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(form_keep_days(form, want[i].state, false), want[i].all);
		assert_int_equal(form_keep_days(form, want[i].state, true),
		    want[i].messages);
	}
	talloc_free(form);
}

/* ---- what is offered ---- */

static const char offering[] = FORM(
    LINE
    "<one name=\"where\" required=\"yes\" from=\"areas\" index=\"area\">" LABEL OWN
    PICK("elsewhere") "</one>"
    "<one name=\"any\" required=\"yes\" from=\"units\" index=\"unit\">" LABEL OWN "</one>"
    "<many name=\"some\" least=\"2\" from=\"units\" kinds=\"city  supporters\">" LABEL
    OWN PICK("start") "</many></section>\n<section>" BOTH("title", "Units of work", "T")
    "<many name=\"work\" required=\"yes\" from=\"units\" kinds=\"workplace\">" LABEL OWN
    "</many>");

static const struct unit all_units[] = {
	{ .slug = "dock", .name = "Dock <4>", .kind = UNIT_WORKPLACE },
	{ .slug = "mill", .name = "Mill", .kind = UNIT_WORKPLACE },
	{ .slug = "hill", .name = "Hill", .kind = UNIT_NEIGHBOURHOOD },
	{ .slug = "town", .name = "Town", .kind = UNIT_CITY },
	{ .slug = "start", .name = "Called like a choice", .kind = UNIT_CITY },
	{ .slug = "friends", .name = "Friends", .kind = UNIT_SUPPORTERS },
};

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

/* ---- what stands readable ---- */

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

/* ---- views ---- */

enum { P_SECTIONS, P_ERRORS, P_ANSWERS, P_HIDDEN };
static const struct view_name page_names[] = {
	[P_SECTIONS] = { "sections", form_section_names },
	[P_ERRORS] = { "errors", form_error_names },
	[P_ANSWERS] = { "answers", answer_section_names },
	[P_HIDDEN] = { "hidden", form_hidden_names },
	{ NULL, NULL }
};

/* One part of a page, with these answers. */
static const char *
shown(void *ctx, const struct form_answers *answers, const char *file)
{
	struct settings		 s = settings;
	struct view		*page = view_new(ctx, page_names);
	struct buf		*out = buf_new(ctx, 65536);
	struct template		*template;

	s.n_words = 1;		/* English needs no catalogue */
	template = template_compile(ctx, &s, words, file, NULL, page_names);
	form_view(page, P_SECTIONS, answers, 0);
	form_view_errors(page, P_ERRORS, answers, 0);
	form_view_answers(page, P_ANSWERS, answers, 0);
	form_view_hidden(page, P_HIDDEN, answers);
	assert_int_equal(template_render(template, NULL, page, out), OUT_OK);
	return out->data;
}

/* The same of a body. */
static const char *
rendered(void *ctx, const struct form *form, const char *raw, const char *file)
{
	struct form_answers	*answers;
	struct pairs		 body;

	assert_int_equal(pairs_decode(ctx, raw, strlen(raw), 99, &body), OUT_OK);
	assert_int_not_equal(form_parse(ctx, form, &body, 0, &answers), OUT_FAULT);
	return shown(ctx, answers, file);
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
	{ "form.html", BAD, "<p class=\"seen\">A</p>", "rased" },
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
		{ 0, full, "form.html", "<p class=\"seen\">", " checked" },
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
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_own_words),
		cmocka_unit_test(test_explosion),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_keep_days),
		cmocka_unit_test(test_offered),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_facets),
		cmocka_unit_test(test_no_facets),
		cmocka_unit_test(test_facet),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
