/*
 * test_form_file.c: form files: which are taken, what is said of the others, and
 * for how long what is sent is kept.  One row a case.
 */
#include "forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOX "<check name=\"box\">" LABEL "</check>"
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_keep_days),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
