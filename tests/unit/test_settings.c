/*
 * test_settings.c: the two files that say how a site runs: what is read from them, and
 * that every mistake is told with its file and, where it has one, its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "child.h"
#include "openhall/file.h"
#include "openhall/settings.h"

enum { LINES_MAX = 48 };
enum which { CONF, SITE };

static char	dir[] = "/tmp/test_settings.XXXXXX";

/* One element a line; the first of openhall.conf is made. */
static const char *const good[2][LINES_MAX] = {
	[CONF] = {
		"",
		"templates = \"/usr/share/openhall/www/templates\"",
		"public = '/usr/share/openhall/www/public'",
		"schema = schema	# a comment: \" and ' begin nothing here",
		"# a line of its own: \"",
		"locale = \"/l#l\"",
		"html = \"/h\\\"# h\"",
		"keys = '/k\\'# k'",
		"database {",
		"	credentials = /c",
		"}",
		"spool = \"/s\"",
		"spool_megabytes = 128",
		"mail {",
		"	server = \"smtps://mail.example.org:465\"",
		"	user = hall",
		"	password_file = \"/p\"",
		"	ca_file = \"/a\"",
		"	from = \"news@example.org\"",
		"	bounces = \"/b\"",
		"	rate = 1200",
		"}",
	},
	[SITE] = {
		"# Line 1",
		"origin = \"http://127.0.0.1:8080\"",
		"",
		"form { # Line 4",
		"	least_seconds = 5",
		"	greatest_hours = 48",
		"}",
		"rule membership {",
		"	reviewers = 5",
		"	quorum = 4",
		"	favour = 3",
		"	block = 2",
		"	days = 14",
		"}",
		"language en {",
		"	lang_name = \"English\"",
		"	name = \"Daybreak\"",
		"	tagline = \"A party\"",
		"}",
		"language es {",
		"	lang_name = \"Espa\xC3\xB1ol\"",
		"	name = \"Amanecer\"",
		"	tagline = \"Un partido\" zone_name = \"Nueva York\"",
		"}",
		"rule supporters {",
		"	reviewers = 2",
		"	quorum = 1",
		"	favour = 1",
		"	block = 2",
		"	days = 30",
		"}",
		"aid {",
		"	remind_days = 3",
		"	ask_days = 20",
		"	sink_days = 5",
		"}",
		"floor = 4",
		"second_factor = required",
		"area river-side2 {",
		"	name = \"Riverside\"",
		"}",
		"area hill { name = \"The \\\"Hill\\\"\" }",
		"rule statements { reviewers = 3 quorum = 2 favour = 2 block = 1 days = 9 }",
	},
};

static int
start(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
stop(void **state)
{
	char	path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/site.conf", dir);
	unlink(path);
	return rmdir(dir);
}

/* Write both files, with line `at` (from 1) of `which` changed to `line`; 0: none. */
static void
write_files(enum which which, size_t at, const char *line)
{
	for (enum which w = CONF; w <= SITE; w++) {
		char	*text = talloc_strdup(NULL, "");

		for (size_t i = 0; i < LINES_MAX && good[w][i] != NULL; i++)
			text = talloc_asprintf_append(text, "%s\n",
			    w == which && i + 1 == at ? line : w == CONF && i == 0 ?
			    talloc_asprintf(text, "site = \"%s\"", dir) : good[w][i]);
		assert_int_equal(file_replace(dir, w == CONF ? "openhall.conf" : "site.conf",
		    0600, text, strlen(text)), OUT_OK);
		talloc_free(text);
	}
}

static const struct settings *
read_files(void)
{
	char	path[128];

	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	return settings_read(path);
}

/* ---- what is read ---- */

static void
test_all(void **state)
{
	const struct settings	*s;

	(void)state;
	write_files(CONF, 0, NULL);
	s = read_files();
	assert_string_equal(s->site_dir, dir);
	assert_string_equal(s->template_dir, "/usr/share/openhall/www/templates");
	assert_string_equal(s->public_dir, "/usr/share/openhall/www/public");
	assert_string_equal(s->schema_dir, "schema");
	assert_string_equal(s->locale_dir, "/l#l");
	assert_string_equal(s->html_dir, "/h\"# h");
	assert_string_equal(s->key_dir, "/k'# k");
	assert_string_equal(s->credential_dir, "/c");
	assert_string_equal(s->mail_server, "smtps://mail.example.org:465");
	assert_string_equal(s->mail_user, "hall");
	assert_string_equal(s->mail_password_file, "/p");
	assert_string_equal(s->mail_ca_file, "/a");
	assert_string_equal(s->mail_from, "news@example.org");
	assert_string_equal(s->mail_bounces, "/b");
	assert_int_equal(s->mail_rate, 1200);
	assert_null(s->mail_folder);
	assert_string_equal(s->origin, "http://127.0.0.1:8080");
	assert_int_equal(s->membership.reviewers, 5);
	assert_int_equal(s->membership.quorum, 4);
	assert_int_equal(s->membership.favour, 3);
	assert_int_equal(s->membership.block, 2);
	assert_int_equal(s->membership.days, 14);
	assert_int_equal(s->supporters.reviewers, 2);
	assert_int_equal(s->supporters.quorum, 1);
	assert_int_equal(s->supporters.favour, 1);
	assert_int_equal(s->supporters.block, 2);
	assert_int_equal(s->supporters.days, 30);
	assert_int_equal(s->statements.reviewers, 3);
	assert_int_equal(s->statements.quorum, 2);
	assert_int_equal(s->statements.favour, 2);
	assert_int_equal(s->statements.block, 1);
	assert_int_equal(s->statements.days, 9);
	assert_string_equal(s->spool_dir, "/s");
	assert_true(s->spool_most == 128 * UINT64_C(1048576));
	assert_int_equal(s->remind_days, 3);
	assert_int_equal(s->ask_days, 20);
	assert_int_equal(s->sink_days, 5);
	assert_int_equal(s->floor, 4);
	assert_true(s->second_factor);
	assert_int_equal(s->n_areas, 2);
	assert_string_equal(s->areas[0].slug, "river-side2");
	assert_string_equal(s->areas[0].name, "Riverside");
	assert_string_equal(s->areas[1].slug, "hill");
	assert_string_equal(s->areas[1].name, "The \"Hill\"");
	assert_int_equal(s->form_least, 5);
	assert_int_equal(s->form_greatest, 48 * 3600);
	assert_int_equal(s->n_words, 2);
	assert_string_equal(s->words[0].lang, "en");
	assert_string_equal(s->words[0].lang_name, "English");
	assert_string_equal(s->words[0].name, "Daybreak");
	assert_string_equal(s->words[0].tagline, "A party");
	assert_string_equal(s->words[0].prefix, "");
	assert_string_equal(s->words[1].lang, "es");
	assert_string_equal(s->words[1].lang_name, "Espa\xC3\xB1ol");
	assert_string_equal(s->words[1].name, "Amanecer");
	assert_string_equal(s->words[1].tagline, "Un partido");
	assert_string_equal(s->words[1].prefix, "/es");
	assert_null(s->words[0].zone_name);
	assert_string_equal(s->words[1].zone_name, "Nueva York");
	assert_ptr_equal(settings_words(s, "es"), &s->words[1]);
	assert_ptr_equal(settings_words(s, "en"), &s->words[0]);
	assert_null(settings_words(s, "fr"));
	assert_null(settings_words(s, ""));
	assert_null(settings_words(s, "e"));
	assert_null(settings_words(s, "EN"));
	/* what was not said */
	assert_string_equal(s->db_socket, "/run/mysqld/mysqld.sock");
	assert_string_equal(s->db_name, "openhall");
	assert_string_equal(s->db_owner, "openhall");
	assert_true(s->secure);
}

/* What one line more or less gives. */
static void
test_defaults(void **state)
{
	const struct settings	*s;

	(void)state;
	write_files(CONF, 10, "");
	s = read_files();
	assert_null(s->credential_dir);
	assert_true(s->secure);

	write_files(CONF, 10, "socket = s\nname = n\nowner = o");
	s = read_files();
	assert_string_equal(s->db_socket, "s");
	assert_string_equal(s->db_name, "n");
	assert_string_equal(s->db_owner, "o");

	write_files(CONF, 5, "secure = false");
	assert_false(read_files()->secure);

	/* the operator's origin goes before the organisation's */
	write_files(CONF, 5, "origin = \"https://hall.example\"");
	assert_string_equal(read_files()->origin, "https://hall.example");

	write_files(SITE, 6, "");
	s = read_files();
	assert_int_equal(s->form_least, 5);
	assert_int_equal(s->form_greatest, 24 * 3600);
	write_files(SITE, 5, "");
	assert_int_equal(read_files()->form_least, 3);
	write_files(SITE, 13, "");
	assert_int_equal(read_files()->membership.days, 21);

	write_files(CONF, 13, "");
	assert_true(read_files()->spool_most == 64 * UINT64_C(1048576));
	write_files(CONF, 21, "");
	assert_int_equal(read_files()->mail_rate, 600);
	assert_int_equal(read_files()->mail_connections, 1);
	write_files(CONF, 21, "connections = 3");
	assert_int_equal(read_files()->mail_connections, 3);
	write_files(CONF, 15, "folder = \"/f\"");
	s = read_files();
	assert_null(s->mail_server);
	assert_string_equal(s->mail_folder, "/f");
	/* neither: nothing need be said */
	write_files(CONF, 15, "");
	s = read_files();
	assert_null(s->mail_server);
	assert_null(s->mail_folder);
	write_files(SITE, 33, "");
	assert_int_equal(read_files()->remind_days, 7);
	write_files(SITE, 34, "");
	assert_int_equal(read_files()->ask_days, 14);
	write_files(SITE, 35, "");
	assert_int_equal(read_files()->sink_days, 7);
	write_files(SITE, 37, "");
	assert_int_equal(read_files()->floor, 3);
	write_files(SITE, 38, "");
	assert_false(read_files()->second_factor);
	write_files(SITE, 38, "second_factor = \"optional\"");
	assert_false(read_files()->second_factor);
	write_files(SITE, 42, "");
	assert_int_equal(read_files()->n_areas, 1);

	write_files(SITE, 3, "");
	s = read_files();
	assert_int_equal(s->menu[MENU_JOIN], 10);
	assert_int_equal(s->menu[MENU_RECEIPT], 90);
	assert_null(s->security_contact);
	write_files(SITE, 3, "menu { join = 0 statements = 5 }"
	    " security { contact = \"https://example.org/hole\" days = 30 }");
	s = read_files();
	assert_int_equal(s->menu[MENU_JOIN], 0);
	assert_int_equal(s->menu[MENU_SUPPORT], 20);
	assert_int_equal(s->menu[MENU_STATEMENTS], 5);
	assert_string_equal(s->security_contact, "https://example.org/hole");
	assert_int_equal(s->security_days, 30);
}

/* The most areas, and one more. */
static void
write_areas(size_t n)
{
	char	*text = talloc_strdup(NULL, "");

	for (size_t i = 0; i < n; i++)
		text = talloc_asprintf_append(text, "area a%zu { name = b } ", i);
	write_files(SITE, 42, text);
	talloc_free(text);
}

/* The ends of each range, and other things that are well. */
static const struct { enum which which; size_t at; const char *line; } fine[] = {
	{ SITE, 2, "origin = \"https://example.org\"" },
	{ SITE, 2, "origin = https://example.org:8443" },
	{ SITE, 3, "menu { aid = 999 }" },
	{ SITE, 3, "security { contact = \"mailto:a@b.example\" days = 365 }" },
	{ SITE, 3, "security { contact = \"tel:+1-555-0100\" }" },
	{ SITE, 5, "least_seconds = 0" },
	{ SITE, 5, "least_seconds = 60" },
	{ SITE, 6, "greatest_hours = 1" },
	{ SITE, 6, "greatest_hours = 168" },
	{ SITE, 9, "reviewers = 99" },
	{ SITE, 10, "quorum = 1" },
	{ SITE, 10, "quorum = 5" },
	{ SITE, 11, "favour = 5" },
	{ SITE, 12, "block = 5" },
	{ SITE, 13, "days = 1" },
	{ SITE, 13, "days = 365" },
	{ SITE, 15, "language pt-br {" },
	{ SITE, 20, "language pt-abcde {" },
	{ CONF, 5, "secure = no" },
	{ CONF, 13, "spool_megabytes = 1" },
	{ CONF, 13, "spool_megabytes = 4096" },
	{ CONF, 15, "server = \"smtp://localhost\"" },
	{ CONF, 15, "server = \"smtp://[::1]:25\"" },
	{ CONF, 15, "" },
	{ CONF, 21, "rate = 1" },
	{ CONF, 21, "rate = 36000000" },
	{ CONF, 21, "connections = 8" },
	{ SITE, 30, "days = 365" },
	{ SITE, 33, "remind_days = 1" },
	{ SITE, 33, "remind_days = 90" },
	{ SITE, 34, "ask_days = 1" },
	{ SITE, 34, "ask_days = 365" },
	{ SITE, 35, "sink_days = 1" },
	{ SITE, 35, "sink_days = 90" },
	{ SITE, 37, "floor = 2" },
	{ SITE, 37, "floor = 99" },
	{ SITE, 39, "area a {" },
	{ SITE, 39, "area abcdefghijklmnopqrstuvwxyz-12345 {" },
};

static int
only_read(void *arg)
{
	const struct settings	*s = settings_read(arg);

	return s == NULL;
}

static void
test_fine(void **state)
{
	struct child	child;
	char		path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		write_files(fine[i].which, fine[i].at, fine[i].line);
		child_run(&child, (const char *const[]){ NULL }, "", 0, only_read, path);
		if (child.status != 0 || child.err_len > 0)
			fail_msg("%s: %d %s", fine[i].line, child.status, child.err);
	}
}

/* ---- what stops the start ---- */

/* Line `at` of a file changed, and what is said behind the file's name. */
static const struct {
	enum which	 which;
	size_t		 at;
	const char	*line, *said;
} stops[] = {
	/* openhall.conf */
	{ CONF, 1, "",				": site is missing" },
	{ CONF, 2, "",				": templates is missing" },
	{ CONF, 3, "",				": public is missing" },
	{ CONF, 4, "",				": schema is missing" },
	{ CONF, 6, "",				": locale is missing" },
	{ CONF, 7, "",				": html is missing" },
	{ CONF, 8, "",				": keys is missing" },
	{ CONF, 8, "keys = \"\"",		": keys is missing" },
	{ CONF, 8, "kays = x",			":8: no such option 'kays'" },
	{ CONF, 8, "keys = ",			":9: unexpected token" },
	{ CONF, 8, "keys",			":9: missing equal sign after option 'keys'" },
	{ CONF, 8, "keys = { }",		":8: unexpected token '{'" },
	{ CONF, 8, "secure = perhaps",		":8: invalid boolean value for option 'secure'" },
	{ CONF, 8, "origin = x",		":8: origin is to be like "
						"https://example.org, not x" },
	{ CONF, 10, "sockets = x",		":10: no such option 'sockets'" },
	{ CONF, 11, "} }",			":11: unexpected closing brace" },
	{ CONF, 11, "",				":9: the section that begins here is not closed" },
	{ SITE, 24, "",				":20: the section that begins here is not closed" },
	{ SITE, 24, "# }",			":20: the section that begins here is not closed" },
	{ SITE, 23, "tagline = \"}\" }",	":24: unexpected closing brace" },
	/* site.conf: addresses */
	{ SITE, 2, "",				": origin is missing" },
	{ SITE, 2, "origin = example.org",	":2: origin is to be like" },
	{ SITE, 2, "origin = \"\"",		":2: origin is to be like" },
	{ SITE, 2, "origin = \"ftp://a.org\"",	":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://\"",	":2: origin is to be like" },
	{ SITE, 2, "origin = \"http:/a.org\"",	":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org/\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org/b\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org?b\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org#b\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a@b.org\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org \"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org\\n\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"https://a.org\\\"\"", ":2: origin is to be like" },
	{ SITE, 2, "origin = \"HTTPS://a.org\"", ":2: origin is to be like" },
	/* the menu, and who hears of holes */
	{ SITE, 3, "menu { programme = 1 }",	":3: no such option 'programme'" },
	{ SITE, 3, "menu { join = 1000 }",	":3: join must be from 0 to 999, not 1000" },
	{ SITE, 3, "menu { receipt = -1 }",	":3: receipt must be from 0 to 999, not -1" },
	{ SITE, 3, "security { contact = a@b.example }",
						":3: contact is to be like mailto:" },
	{ SITE, 3, "security { contact = \"http://a.example\" }", ":3: contact is to be like" },
	{ SITE, 3, "security { contact = \"tel:1\\nContact: a\" }", ":3: contact is to be like" },
	{ SITE, 3, "security { days = 366 }",	":3: days must be from 1 to 365, not 366" },
	/* numbers */
	{ SITE, 5, "least_seconds = -1",	":5: least_seconds must be from 0 to 60, not -1" },
	{ SITE, 5, "least_seconds = 61",	":5: least_seconds must be from 0 to 60, not 61" },
	{ SITE, 6, "greatest_hours = 0",	":6: greatest_hours must be from 1 to 168, not 0" },
	{ SITE, 6, "greatest_hours = 169",	":6: greatest_hours must be from 1 to 168" },
	{ SITE, 9, "reviewers = 0",		":9: reviewers must be from 1 to 99, not 0" },
	{ SITE, 9, "reviewers = 100",		":9: reviewers must be from 1 to 99, not 100" },
	{ SITE, 10, "quorum = 0",		":10: quorum must be from 1 to 99, not 0" },
	{ SITE, 10, "quorum = 100",		":10: quorum must be from 1 to 99, not 100" },
	{ SITE, 11, "favour = 0",		":11: favour must be from 1 to 99, not 0" },
	{ SITE, 11, "favour = 4294967297",	":11: favour must be from 1 to 99" },
	{ SITE, 12, "block = 0",		":12: block must be from 1 to 99, not 0" },
	{ SITE, 12, "block = 100",		":12: block must be from 1 to 99, not 100" },
	{ SITE, 13, "days = 0",			":13: days must be from 1 to 365, not 0" },
	{ SITE, 13, "days = 366",		":13: days must be from 1 to 365, not 366" },
	{ SITE, 13, "days = many",		":13: invalid integer value for option 'days'" },
	{ SITE, 13, "days = 3d",		":13: invalid integer value for option 'days'" },
	{ SITE, 13, "days = 99999999999999999999",
	  ":13: integer value for option 'days' is out of range" },
	/* a rule that the least electorate could not meet */
	{ SITE, 10, "quorum = 6",		": rule membership: quorum, favour and block may "
						"not be more than reviewers (5)" },
	{ SITE, 11, "favour = 6",		": rule membership: quorum, favour and block" },
	{ SITE, 12, "block = 6",		": rule membership: quorum, favour and block" },
	{ SITE, 9, "reviewers = 3",		": rule membership: quorum, favour and block" },
	{ SITE, 8, "rule members {",		": rule membership is missing" },
	{ SITE, 8, "rule {",			":8: missing title for section 'rule'" },
	{ SITE, 8, "rules membership {",	":8: no such option 'rules'" },
	/* languages */
	{ SITE, 15, "language {",		":15: missing title for section 'language'" },
	{ SITE, 15, "language EN {",		": language EN is not one" },
	{ SITE, 15, "language e {",		": language e is not one" },
	{ SITE, 15, "language abcdefghi {",	": language abcdefghi is not one" },
	{ SITE, 15, "language \"e/\" {",	": language e/ is not one" },
	/* which nginx would not take for one */
	{ SITE, 15, "language ast {",		": language ast is not one" },
	{ SITE, 15, "language pt- {",		": language pt- is not one" },
	{ SITE, 15, "language pt-b-c {",	": language pt-b-c is not one" },
	{ SITE, 20, "language en {",		":20: found duplicate title 'en'" },
	{ SITE, 16, "",				": lang_name is missing" },
	{ SITE, 17, "name = ''",		": name is missing" },
	{ SITE, 23, "",				": tagline is missing" },
	{ SITE, 23, "slogan = x",		":23: no such option 'slogan'" },
	{ SITE, 24, "} language aa { lang_name = a name = a tagline = a }"
	  " language bb { lang_name = a name = a tagline = a }"
	  " language cc { lang_name = a name = a tagline = a }"
	  " language dd { lang_name = a name = a tagline = a }"
	  " language ee { lang_name = a name = a tagline = a }"
	  " language ff { lang_name = a name = a tagline = a }"
	  " language gg { lang_name = a name = a tagline = a }",
	  ": a site has from 1 to 8 languages, not 9" },
	/* the spool */
	{ CONF, 12, "",				": spool is missing" },
	{ CONF, 12, "spool = ''",		": spool is missing" },
	{ CONF, 13, "spool_megabytes = 0",	":13: spool_megabytes must be from 1 to 4096, "
						"not 0" },
	{ CONF, 13, "spool_megabytes = 4097",	":13: spool_megabytes must be from 1 to 4096" },
	/* mail */
	{ CONF, 15, "server = \"mail.example.org\"", ":15: server is to be like "
						"smtps://mail.example.org, not mail.example.org" },
	{ CONF, 15, "server = \"https://a.org\"", ":15: server is to be like" },
	{ CONF, 15, "server = \"smtp://\"",	":15: server is to be like" },
	{ CONF, 15, "server = ''",		":15: server is to be like" },
	{ CONF, 15, "server = \"smtp://a.org/b\"", ":15: server is to be like" },
	{ CONF, 15, "server = \"smtp://u:p@a.org\"", ":15: server is to be like" },
	{ CONF, 15, "server = \"smtp://a.org\\r\"", ":15: server is to be like" },
	{ CONF, 15, "server = \"smtp://a.org\"\nfolder = \"/f\"",
	  ": mail goes to a server or into a folder, not both" },
	{ CONF, 16, "",				": mail: user and password_file go together" },
	{ CONF, 17, "",				": mail: user and password_file go together" },
	{ CONF, 17, "password = x",		":17: no such option 'password'" },
	{ CONF, 19, "",				": mail: from is missing" },
	{ CONF, 19, "from = ''",		":19: from is to be like news@example.org, not " },
	{ CONF, 19, "from = news",		":19: from is to be like" },
	{ CONF, 19, "from = \"@a\"",		":19: from is to be like" },
	{ CONF, 19, "from = \"a@\"",		":19: from is to be like" },
	{ CONF, 19, "from = \"Us <a@b>\"",	":19: from is to be like" },
	{ CONF, 19, "from = \"a@b\\n\"",	":19: from is to be like" },
	{ CONF, 21, "rate = 0",			":21: rate must be from 1 to 36000000, not 0" },
	{ CONF, 21, "connections = 9",		":21: connections must be from 1 to 8" },
	{ CONF, 21, "rate = 36000001",		":21: rate must be from 1 to 36000000" },
	/* the supporters' rule */
	{ SITE, 25, "rule sympathisers {",	": rule supporters is missing" },
	{ SITE, 25, "rule membership {",	":25: found duplicate title 'membership'" },
	{ SITE, 26, "reviewers = 100",		":26: reviewers must be from 1 to 99, not 100" },
	{ SITE, 29, "block = 3",		": rule supporters: quorum, favour and block may "
						"not be more than reviewers (2)" },
	/* the statements' rule */
	{ SITE, 43, "",				": rule statements is missing" },
	{ SITE, 43, "rule statements { reviewers = 1 }", ": rule statements: quorum, favour "
						"and block may not be more than reviewers (1)" },
	/* aid */
	{ SITE, 33, "remind_days = 0",		":33: remind_days must be from 1 to 90, not 0" },
	{ SITE, 33, "remind_days = 91",		":33: remind_days must be from 1 to 90, not 91" },
	{ SITE, 34, "ask_days = 0",		":34: ask_days must be from 1 to 365, not 0" },
	{ SITE, 34, "ask_days = 366",		":34: ask_days must be from 1 to 365, not 366" },
	{ SITE, 35, "sink_days = 0",		":35: sink_days must be from 1 to 90, not 0" },
	{ SITE, 35, "sink_days = 91",		":35: sink_days must be from 1 to 90, not 91" },
	{ SITE, 35, "float_days = 9",		":35: no such option 'float_days'" },
	/* the floor, the second factor */
	{ SITE, 37, "floor = 1",		":37: floor must be from 2 to 99, not 1" },
	{ SITE, 37, "floor = 100",		":37: floor must be from 2 to 99, not 100" },
	{ SITE, 37, "floor = none",		":37: invalid integer value for option 'floor'" },
	{ SITE, 38, "second_factor = yes",	":38: second_factor must be optional or "
						"required, not yes" },
	{ SITE, 38, "second_factor = ''",	":38: second_factor must be optional or "
						"required, not " },
	/* areas */
	{ SITE, 39, "area Hill {",		": area Hill is not one (like \"old-town\", at "
						"most 32 characters)" },
	{ SITE, 39, "area 1st {",		": area 1st is not one" },
	{ SITE, 39, "area -a {",		": area -a is not one" },
	{ SITE, 39, "area '' {",		": area  is not one" },
	{ SITE, 39, "area a_b {",		": area a_b is not one" },
	{ SITE, 39, "area a\xC3\xB1 {",		": area a\xC3\xB1 is not one" },
	{ SITE, 39, "area abcdefghijklmnopqrstuvwxyz-123456 {",
	  ": area abcdefghijklmnopqrstuvwxyz-123456 is not one" },
	{ SITE, 39, "area {",			":39: missing title for section 'area'" },
	{ SITE, 39, "area hill {",		":42: found duplicate title 'hill'" },
	{ SITE, 40, "",				": area river-side2: name is missing" },
	{ SITE, 40, "name = ''",		": area river-side2: name is missing" },
	{ SITE, 40, "nom = x",			":40: no such option 'nom'" },
};

static void
stops_with(const char *path, const char *said)
{
	struct child	child;
	char		want[512];

	snprintf(want, sizeof(want), "openhall: %s", said);
	child_run(&child, (const char *const[]){ NULL }, "", 0, only_read, (void *)path);
	if (child.status != 78 || strncmp(child.err, want, strlen(want)) != 0)
		fail_msg("want: %s\nsaid (%d): %s", want, child.status, child.err);
}

static void
test_stops(void **state)
{
	char	path[128], said[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
		write_files(stops[i].which, stops[i].at, stops[i].line);
		snprintf(said, sizeof(said), "%s/%s%s", dir, stops[i].which == CONF ?
		    "openhall.conf" : "site.conf", stops[i].said);
		stops_with(path, said);
	}
}

static void
test_areas(void **state)
{
	char	path[128], said[512];

	(void)state;
	write_areas(99);
	assert_int_equal(read_files()->n_areas, 100);
	write_areas(100);
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	snprintf(said, sizeof(said), "%s/site.conf: a site has at most 100 areas, not 101", dir);
	stops_with(path, said);
}

static void
test_no_languages(void **state)
{
	static const char	text[] = "origin = \"https://a.org\"\nrule membership { }\n"
				    "rule supporters { }\nrule statements { }\n";
	char			path[128], said[512];

	(void)state;
	write_files(CONF, 0, NULL);
	assert_int_equal(file_replace(dir, "site.conf", 0600, text, strlen(text)), OUT_OK);
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	snprintf(said, sizeof(said), "%s/site.conf: a site has from 1 to 8 languages, not 0",
	    dir);
	stops_with(path, said);
}

/* Files that are not there, or are none. */
static void
test_no_files(void **state)
{
	char	path[128], said[512];

	(void)state;
	stops_with("/nowhere/openhall.conf",
	    "/nowhere/openhall.conf: No such file or directory");
	snprintf(said, sizeof(said), "%s: Is a directory", dir);
	stops_with(dir, said);
	snprintf(path, sizeof(path), "%s/openhall.conf", dir);
	write_files(CONF, 1, "site = \"/nowhere\"");
	stops_with(path, "/nowhere/site.conf: No such file or directory");
	assert_int_equal(file_replace(dir, "openhall.conf", 0600, "a\0b", 3), OUT_OK);
	snprintf(said, sizeof(said), "%s: is not text", path);
	stops_with(path, said);
	assert_int_equal(file_replace(dir, "openhall.conf", 0600, "", 0), OUT_OK);
	snprintf(said, sizeof(said), "%s: is empty", path);
	stops_with(path, said);
	assert_int_equal(file_replace(dir, "openhall.conf", 0600, "#", 1), OUT_OK);
	snprintf(said, sizeof(said), "%s: site is missing", path);
	stops_with(path, said);
}

/* ---- where it is ---- */

static void
test_environment(void **state)
{
	char		 said[256], env[256];
	struct child	 child;

	(void)state;
	write_files(CONF, 0, NULL);
	snprintf(env, sizeof(env), "OPENHALL_CONF=%s/openhall.conf", dir);
	child_run(&child, (const char *const[]){ env, NULL }, "", 0, only_read, NULL);
	assert_int_equal(child.status, 0);
	/* what is asked for goes before it */
	child_run(&child, (const char *const[]){ env, NULL }, "", 0, only_read, "/nowhere");
	assert_int_equal(child.status, 78);
	snprintf(said, sizeof(said), "openhall: /nowhere: ");
	assert_memory_equal(child.err, said, strlen(said));
	child_run(&child, (const char *const[]){ "OPENHALL_CONF=/not/there", NULL }, "", 0,
	    only_read, NULL);
	assert_int_equal(child.status, 78);
	snprintf(said, sizeof(said), "openhall: /not/there: ");
	assert_memory_equal(child.err, said, strlen(said));
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_no_languages),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
