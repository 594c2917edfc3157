/*
 * test_pages.c: what a page says about itself, what a folder of pages is read as, and the menu
 * that comes of it; every mistake with its file and line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "openhall/file.h"
#include "openhall/markdown.h"
#include "openhall/menu.h"
#include "openhall/pages.h"

#define TWO	"title: T\ndescription: D\n"

/* What is told, one a line, as it would be, but without the folder. */
struct told {
	unsigned	n;
	char		all[1024];
};

static char	dir[] = "/tmp/test_pages.XXXXXX";

static void
tell(void *arg, const char *file, unsigned line, const char *reason)
{
	struct told	*told = arg;
	size_t		 len = strlen(told->all);

	told->n++;
	snprintf(told->all + len, sizeof(told->all) - len, "%s:%u: %s\n", file + strlen(dir), line,
	    reason);
}

/* Of a page that is called so. */
static bool
parse(const void *ctx, const char *text, struct site_page *page, struct told *told)
{
	*page = (struct site_page){ .file = talloc_asprintf(ctx, "%s/a1.en.md", dir),
	    .slug = "a1" };
	*told = (struct told){ 0 };
	return pages_parse(ctx, text, page, tell, told);
}

/* ---- one page ---- */

static const struct {
	const char	*text;
	const char	*title, *description, *menu;
	unsigned	 order;
	const char	*rest;
	unsigned	 line;
} good[] = {
	{ "---\n" TWO "---\nText", "T", "D", "T", 0, "Text", 5 },
	{ "---\n" TWO "---\n", "T", "D", "T", 0, "", 5 },
	{ "---\n" TWO "---", "T", "D", "T", 0, "", 5 },
	{ "---\norder: 7\nmenu: M\ndescription: D\ntitle: T\n---\n\n---\n", "T", "D", "M", 7,
	  "\n---\n", 7 },
	{ "---\n" TWO "order: 999\n---\n", "T", "D", "T", 999, "", 6 },
	{ "---\n" TWO "order: 001\n---\n", "T", "D", "T", 1, "", 6 },
	/* a value is what stands there */
	{ "---\ntitle:   \"T\": 'x' # y  \ndescription:\tD: d\n---\n", "\"T\": 'x' # y", "D: d",
	  "\"T\": 'x' # y", 0, "", 5 },
	/* an editor's ways: a mark before the first byte, and other ends of lines */
	{ "\xEF\xBB\xBF---\r\ntitle: T\r\ndescription: D\r\n---\r\nText\r\n", "T", "D", "T", 0,
	  "Text\r\n", 5 },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		void			*ctx = talloc_new(NULL);
		struct site_page	 page;
		struct told		 told;

		assert_true(parse(ctx, good[i].text, &page, &told));
		assert_int_equal(told.n, 0);
		assert_string_equal(page.title, good[i].title);
		assert_string_equal(page.description, good[i].description);
		assert_string_equal(page.menu, good[i].menu);
		assert_int_equal(page.order, good[i].order);
		assert_string_equal(page.text, good[i].rest);
		assert_int_equal(page.line, good[i].line);
		talloc_free(ctx);
	}
}

#define BEGINS	"a page begins with a line of three hyphens"
#define ENDS	"three hyphens are missing behind"
#define LIKE	"this is to be like"
#define NUMBER	"order is a number from 1 to 999"

static const struct { const char *text; unsigned line; const char *said; } bad[] = {
	{ "",					1, BEGINS },
	{ "\n---\n" TWO "---\n",		1, BEGINS },
	{ "Text",				1, BEGINS },
	{ "--\n" TWO "---\n",			1, BEGINS },
	{ "----\n" TWO "---\n",			1, BEGINS },
	{ " ---\n" TWO "---\n",			1, BEGINS },
	{ "---\n",				2, ENDS },
	{ "---",				2, ENDS },
	{ "---\n" TWO,				4, ENDS },
	{ "---\n" TWO "Text",			4, LIKE },
	{ "---\n" TWO "\n---\n",		4, LIKE },
	{ "---\n" TWO "----\n---\n",		4, LIKE },
	{ "---\ntitle: T\n---\n",		3, "description is missing" },
	{ "---\ndescription: D\n---\n",		3, "title is missing" },
	{ "---\ntitle:\ndescription: D\n---\n",	2, "title is empty" },
	{ "---\ntitle: \t\ndescription: D\n---\n", 2, "title is empty" },
	{ "---\ntitle:T\ndescription: D\n---\n", 2, "a space belongs behind \"title:\"" },
	{ "---\ntitle : T\n" TWO "---\n",	2, "no \"title \"" },
	{ "---\nTitle: T\n" TWO "---\n",	2, "no \"Title\"" },
	{ "---\n" TWO "language: en\n---\n",	4, "no \"language\"" },
	{ "---\n title: T\n" TWO "---\n",	2, "no \" title\"" },
	{ "---\n" TWO "title: U\n---\n",	4, "title stands here twice" },
	{ "---\n" TWO "order: 0\n---\n",	4, NUMBER ", not \"0\"" },
	{ "---\n" TWO "order: 1000\n---\n",	4, NUMBER ", not \"1000\"" },
	{ "---\n" TWO "order: 4294967297\n---\n", 4, NUMBER },
	{ "---\n" TWO "order: -1\n---\n",	4, NUMBER },
	{ "---\n" TWO "order: 1.5\n---\n",	4, NUMBER },
	{ "---\n" TWO "order: first\n---\n",	4, NUMBER },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		void			*ctx = talloc_new(NULL);
		struct site_page	 page;
		struct told		 told;
		const char		*begins = talloc_asprintf(ctx, "/a1.en.md:%u: ",
					    bad[i].line);

		if (parse(ctx, bad[i].text, &page, &told) || told.n != 1 ||
		    strncmp(told.all, begins, strlen(begins)) != 0 ||
		    strstr(told.all, bad[i].said) == NULL)
			fail_msg("%s: %s", bad[i].text, told.all);
		talloc_free(ctx);
	}
}

/* All of it at once; and nothing of a text that begins before its heading has ended. */
static void
test_several(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct site_page	 page;
	struct told		 told;

	(void)state;
	assert_false(parse(ctx, "---\nTitle: T\ndescription:\norder: x\norder: 1\n---\n",
	    &page, &told));
	assert_string_equal(told.all,
	    "/a1.en.md:2: there is title, description, menu and order, no \"Title\"\n"
	    "/a1.en.md:3: description is empty\n"
	    "/a1.en.md:4: order is a number from 1 to 999, not \"x\"\n"
	    "/a1.en.md:5: order stands here twice\n"
	    "/a1.en.md:6: title is missing\n");
	assert_false(parse(ctx, "---\n---\n", &page, &told));
	assert_string_equal(told.all, "/a1.en.md:2: title is missing\n"
	    "/a1.en.md:2: description is missing\n");
	assert_false(parse(ctx, "---\n" TWO "\nNote: one\nNote: two\n", &page, &told));
	assert_int_equal(told.n, 1);
	talloc_free(ctx);
}

/* A value of the most bytes, and one more. */
static void
test_long(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct site_page	 page;
	struct told		 told;
	char			 many[PAGE_LINE_MAX + 2] = "";

	(void)state;
	memset(many, 'a', PAGE_LINE_MAX);
	assert_true(parse(ctx, talloc_asprintf(ctx, "---\n" TWO "menu: %s\n---\n", many),
	    &page, &told));
	many[PAGE_LINE_MAX] = 'a';
	assert_false(parse(ctx, talloc_asprintf(ctx, "---\n" TWO "menu: %s\n---\n", many),
	    &page, &told));
	assert_string_equal(told.all, "/a1.en.md:4: menu has more than 300 bytes\n");
	talloc_free(ctx);
}

/* ---- a folder ---- */

static const struct site_words words[] = {
	{ "en", "English", "Hall", "A hall", "", NULL },
	{ "es", "Espa\xC3\xB1ol", "Sala", "Una sala", "/es", NULL },
};
static const struct settings settings = {
	.site_dir = dir, .words = words, .n_words = 2,
	.menu = { [MENU_JOIN] = 10, [MENU_AID] = 20, [MENU_STATEMENTS] = 10 },
};

static int
start(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static const char *
pages_dir(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/pages", dir);
	return path;
}

static void
put(const char *name, const char *text, size_t len)
{
	assert_int_equal(file_replace(pages_dir(), name, 0600, text, len), OUT_OK);
}

static void
take(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", pages_dir(), name);
	assert_int_equal(unlink(path), 0);
}

static int
stop(void **state)
{
	(void)state;
	rmdir(pages_dir());
	return rmdir(dir);
}

#define PAGE	"---\n" TWO "---\n"

static const struct { const char *name, *text, *said; } faults[] = {
	{ "Programme.en.md", PAGE, ":0: a page's file is called like programme.en.md" },
	{ "1st.en.md", PAGE, ":0: a page's file is called like" },
	{ "our_aims.en.md", PAGE, ":0: a page's file is called like" },
	{ ".en.md", PAGE, NULL },
	{ "notes.txt", "x", NULL },
	{ "programme.en.md~", "x", NULL },
	{ "programme.en.MD", PAGE, ":0: a page's file is called like programme.en.md" },
	{ "programme.en.md.txt", PAGE, ":0: a page's file is called like programme.en.md" },
	{ "programme.en.markdown", PAGE, ":0: a page's file is called like programme.en.md" },
	{ "a23456789-123456789-123456789-123456789-123456789-123456789-1.en.md", PAGE,
	  ":0: its name has more than 60 letters" },
	{ "programme.md", PAGE, ":0: its language is missing (as in programme.en.md)" },
	{ "programme.fr.md", PAGE, ":0: \"fr\" is no language of this site" },
	{ "programme.en.es.md", PAGE, ":0: \"en.es\" is no language of this site" },
	{ "join.en.md", PAGE, ":0: /join is another's address already" },
	{ "assets.es.md", PAGE, ":0: /assets is another's address already" },
	{ "us.en.md", PAGE, ":0: /us could be a language" },
	{ "we-are.en.md", PAGE, ":0: /we-are could be a language" },
	{ "home.en.md", "---\n" TWO "order: 1\n---\n", ":0: the home page comes first" },
	{ "a1.en.md", "Text", ":1: a page begins with" },
	{ "a1.en.md", PAGE "one\ntw\xFF", ":6: this is not UTF-8" },
	{ "a1.en.md", PAGE "\xC3", ":5: this is not UTF-8" },
	{ "a1.en.md", PAGE "\xED\xA0\x80", ":5: this is not UTF-8" },
	{ "a1.en.md", PAGE "\xF4\x90\x80\x80", ":5: this is not UTF-8" },
	{ "a1.en.md", PAGE "a\x1B", ":5: there is a control character in this line" },
};

static void
test_faults(void **state)
{
	(void)state;
	assert_int_equal(mkdir(pages_dir(), 0700), 0);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		void			*ctx = talloc_new(NULL);
		struct site_pages	 pages;
		struct told		 told = { 0 };

		put("fine.es.md", PAGE, strlen(PAGE));
		put(faults[i].name, faults[i].text, strlen(faults[i].text));
		assert_true(pages_read(ctx, &settings, &pages, tell, &told));
		if (faults[i].said == NULL ? told.n > 0 : told.n != 1 ||
		    strncmp(told.all, "/pages/", 7) != 0 ||
		    strncmp(told.all + 7, faults[i].name, strlen(faults[i].name)) != 0 ||
		    strstr(told.all, faults[i].said) == NULL)
			fail_msg("%s: %s", faults[i].name, told.all);
		/* the others are there all the same */
		assert_int_equal(pages.n, 1);
		assert_string_equal(pages.at[0].path, "/fine");
		assert_int_equal(pages.at[0].lang, 1);
		take(faults[i].name);
		talloc_free(ctx);
	}
	take("fine.es.md");
}

static void
test_sizes(void **state)
{
	void			*ctx = talloc_new(NULL);
	char			*text = talloc_zero_size(ctx, MARKDOWN_MOST + 1);
	struct site_pages	 pages;
	struct told		 told = { 0 };

	(void)state;
	memset(text, 'a', MARKDOWN_MOST + 1);
	memcpy(text, PAGE, strlen(PAGE));
	put("a1.en.md", text, MARKDOWN_MOST);
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_int_equal(pages.n, 1);
	put("a1.en.md", text, MARKDOWN_MOST + 1);
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_int_equal(pages.n, 0);
	assert_non_null(strstr(told.all, "a1.en.md:0: this is longer than the 200000 bytes"));
	put("a1.en.md", PAGE "\0a", strlen(PAGE) + 2);
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_non_null(strstr(told.all, "a1.en.md:0: this is not UTF-8"));
	assert_int_equal(told.n, 2);
	take("a1.en.md");
	/* what is no file, and would be waited for */
	assert_int_equal(mkfifo(talloc_asprintf(ctx, "%s/a1.en.md", pages_dir()), 0600), 0);
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_non_null(strstr(told.all, "a1.en.md:0: this is no file"));
	take("a1.en.md");
	talloc_free(ctx);
}

/* ---- the menu ---- */

static void
test_menu(void **state)
{
	static const struct { const char *name, *text; } files[] = {
		{ "home.en.md", PAGE }, { "home.es.md", PAGE },
		{ "z1.en.md", "---\ntitle: Zed\ndescription: D\norder: 5\n---\n" },
		{ "z1.es.md", "---\ntitle: Zeta\ndescription: D\nmenu: Z\norder: 15\n---\n" },
		{ "b1.en.md", "---\ntitle: Bee\ndescription: D\norder: 10\n---\n" },
		{ "y1.en.md", "---\ntitle: Small print\nmenu: Print\ndescription: D\n---\n" },
	};
	static const char *const want[] = { "/z1 Zed", "/b1 Bee", "/join Join",
	    "/statements Statements", "/aid Mutual aid" };
	void			*ctx = talloc_new(NULL), *own = talloc_new(NULL);
	struct site_pages	 pages;
	struct told		 told = { 0 };
	struct menu		 menu;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		put(files[i].name, files[i].text, strlen(files[i].text));
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_int_equal(told.n, 0);
	assert_int_equal(pages.n, 6);
	assert_string_equal(pages_find(&pages, "/z1", 1)->title, "Zeta");
	assert_string_equal(pages_find(&pages, "/", 0)->slug, "home");
	assert_null(pages_find(&pages, "/b1", 1));
	assert_null(pages_find(&pages, "/z", 0));

	assert_true(menu_make(own, &settings, &pages, 0, &menu));
	assert_true(menu_make(own, &settings, &pages, 1, &(struct menu){ 0 }));
	talloc_free(ctx);		/* the menu is a copy */
	assert_int_equal(menu.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < menu.n; i++)
		assert_string_equal(talloc_asprintf(own, "%s %s", menu.at[i].path,
		    menu.at[i].title), want[i]);
	assert_int_equal(menu.n_foot, 1);
	assert_string_equal(menu.foot[0].path, "/y1");
	assert_string_equal(menu.foot[0].title, "Print");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		take(files[i].name);
	talloc_free(own);
}

/* A site without the folder has no pages, and a menu all the same. */
static void
test_none(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct site_pages	 pages;
	struct told		 told = { 0 };
	struct menu		 menu;

	(void)state;
	assert_int_equal(rmdir(pages_dir()), 0);
	assert_true(pages_read(ctx, &settings, &pages, tell, &told));
	assert_int_equal(pages.n, 0);
	assert_int_equal(told.n, 0);
	assert_true(menu_make(ctx, &settings, &pages, 0, &menu));
	assert_int_equal(menu.n, 3);
	assert_int_equal(menu.n_foot, 0);
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_menu),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
