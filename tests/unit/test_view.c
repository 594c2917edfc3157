/*
 * test_view.c: templates, one row a case: what each construct renders, what each place of
 * the HTML does to a value, and what stops the start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "openhall/markdown.h"
#include "openhall/text.h"
#include "openhall/view.h"

enum { KID_NAME };
static const struct view_name kid_names[] = { { "name", NULL }, { NULL, NULL } };

enum { ITEM_NAME, ITEM_ON, ITEM_KIDS, ITEM_BODY };
static const struct view_name item_names[] = {
	[ITEM_NAME] = { "name", NULL },
	[ITEM_ON] = { "on", NULL },
	[ITEM_KIDS] = { "kids", kid_names },
	[ITEM_BODY] = { "body", VIEW_MARKUP },
	{ NULL, NULL }
};

enum { L_LANG, L_SITE, L_BOTH, L_TONGUES };
static const struct view_name layout[] = {
	[L_LANG] = { "lang", NULL },
	[L_SITE] = { "site", NULL },
	[L_BOTH] = { "both", NULL },
	[L_TONGUES] = { "tongues", item_names },
	{ NULL, NULL }
};

enum { P_V, P_W, P_EMPTY, P_NULL, P_BOTH, P_NUMBER, P_FLAG, P_ITEMS, P_NONE,
	P_HTML, P_NO_HTML };
static const struct view_name page[] = {
	[P_V] = { "v", NULL },
	[P_W] = { "w", NULL },
	[P_EMPTY] = { "empty", NULL },
	[P_NULL] = { "null", NULL },
	[P_BOTH] = { "both", NULL },
	[P_NUMBER] = { "number", NULL },
	[P_FLAG] = { "flag", NULL },
	[P_ITEMS] = { "items", item_names },
	[P_NONE] = { "none", item_names },
	[P_HTML] = { "html", VIEW_MARKUP },
	[P_NO_HTML] = { "no_html", VIEW_MARKUP },
	{ NULL, NULL }
};

static const struct site_words words[] = {
	{ .lang = "en", .prefix = "" },
	{ .lang = "es", .prefix = "/es" },
};

static char			dir[] = "/tmp/test_view.XXXXXX";
static struct settings		settings = {
	.template_dir = dir, .locale_dir = dir, .words = words, .n_words = 2,
};

static void
write_file(const char *name, const char *text)
{
	char	 path[sizeof(dir) + 64];
	FILE	*file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* ---- what is rendered ---- */

static struct view *
fill_layout(const void *ctx)
{
	struct view	*view = view_new(ctx, layout), *row;

	view_text(view, L_LANG, "en");
	view_text(view, L_SITE, "Hall & Co");
	view_text(view, L_BOTH, "layout's");
	row = view_row(view, L_TONGUES);
	view_text(row, ITEM_NAME, "es");
	return view;
}

static struct view *
fill_page(const void *ctx, const char *v, const char *w)
{
	static const char	*const names[] = { "one", "two", "three" };
	struct view		*view = view_new(ctx, page), *row;

	view_text(view, P_V, v);
	view_text(view, P_W, w);
	view_text(view, P_EMPTY, "");
	view_text(view, P_BOTH, "page's");
	view_number(view, P_NUMBER, -1234567890123LL);
	view_flag(view, P_FLAG, 1);
	view_markup(view, P_HTML, markdown_stored("<b>&amp;</b>"));
	for (size_t i = 0; i < 3; i++) {
		row = view_row(view, P_ITEMS);
		view_text(row, ITEM_NAME, names[i]);
		view_flag(row, ITEM_ON, i == 1);
		view_markup(row, ITEM_BODY, markdown_stored(i == 0 ? NULL : "<i>"));
		for (size_t k = 0; k < i; k++)
			view_text(view_row(row, ITEM_KIDS), KID_NAME, names[k]);
	}
	return view;
}

/* What `text` renders as, with `v` and `w`, in language number `lang`. */
static char *
render(const void *ctx, const char *text, const char *v, const char *w, size_t lang)
{
	struct buf	*buf = buf_new(ctx, 16);
	struct template	*template;

	write_file("page.html", text);
	template = template_compile(ctx, &settings, &words[lang], "page.html", layout, page);
	assert_int_equal(template_render(template, fill_layout(ctx), fill_page(ctx, v, w),
	    buf), OUT_OK);
	return buf->data;
}

/* A file.txt is no HTML: values stand as they are, and what looks like a tag is none. */
static void
test_plain(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct buf	*buf = buf_new(ctx, 16);
	struct template	*template;

	(void)state;
	write_file("note.txt", "{{! a comment }}\n<{{v}} a=\"{{w}} {{_}}For you: {{v}}{{/_}}\n"
	    "{{#items}}\n<!-- {{name}}\n{{/items}}\n{{^none}}--{{/none}} </");
	template = template_compile(ctx, &settings, &words[0], "note.txt", layout, page);
	assert_int_equal(template_render(template, fill_layout(ctx),
	    fill_page(ctx, "<i> & \"'", "javascript:x"), buf), OUT_OK);
	assert_string_equal(buf->data, "<<i> & \"' a=\"javascript:x For you: <i> & \"'\n"
	    "<!-- one\n<!-- two\n<!-- three\n-- </");
	talloc_free(ctx);
}

/* Templates that others include. */
static const char	part[] = "[{{v}}]";
static const char	part_of_rows[] = "({{name}})";
static const char	frame[] =
	"<title>{{$title}}Untitled{{/title}} - {{site}}</title>{{both}}{{v}}\n"
	"{{#tongues}}<i>{{name}}</i>{{$row}}{{/row}}{{/tongues}}\n"
	"  {{$main}}\n"
	"<p>Nothing{{$inner}} at all{{/inner}}\n"
	"  {{/main}}\n"
	"{{$title}}again{{/title}}.\n";

static const struct { const char *text, *want; } constructs[] = {
	{ "",					"" },
	{ "<p>as it stands</p>\n",		"<p>as it stands</p>\n" },
	{ "{{v}}",				"V" },
	{ "a{{v}}b{{w}}c",			"aVbWc" },
	{ "{{v}}{{w}}",				"VW" },
	{ "{{null}}|{{empty}}",			"|" },
	{ "{{number}} {{flag}}",		"-1234567890123 1" },
	{ "{ {v} } {{v}}",			"{ {v} } V" },
	{ "a{{! a comment }}b",			"ab" },
	{ "a{{!}}b",				"ab" },

	/* texts as conditions */
	{ "{{#v}}yes{{/v}}",			"yes" },
	{ "{{#empty}}yes{{/empty}}",		"" },
	{ "{{#null}}yes{{/null}}",		"" },
	{ "{{^v}}no{{/v}}",			"" },
	{ "{{^empty}}no{{/empty}}",		"no" },
	{ "{{^null}}no{{/null}}",		"no" },
	{ "{{#v}}{{v}}{{/v}}{{^v}}-{{/v}}{{w}}", "VW" },
	{ "{{#v}}{{/v}}{{^v}}{{/v}}.",		"." },
	{ "{{#v}}a{{#w}}b{{#empty}}c{{/empty}}d{{/w}}e{{/v}}f", "abdef" },
	{ "{{#empty}}a{{#v}}b{{/v}}{{/empty}}c", "c" },

	/* lists */
	{ "{{#items}}{{name}},{{/items}}",	"one,two,three," },
	{ "{{#items}}{{name}}{{#on}}!{{/on}}{{^on}}.{{/on}}{{/items}}", "one.two!three." },
	{ "{{#items}}{{v}}{{/items}}",		"VVV" },
	{ "{{#items}}{{name}}:{{#kids}}{{name}}{{v}},{{/kids}};{{/items}}",
	  "one:;two:oneV,;three:oneV,twoV,;" },
	{ "{{#items}}{{#kids}}k{{/kids}}{{^kids}}-{{/kids}} {{/items}}", "- k kk " },
	{ "{{#items}}{{/items}}{{#items}}x{{/items}}", "xxx" },
	{ "{{#none}}{{name}}{{/none}}.",	"." },
	{ "{{^none}}none{{/none}}{{^items}}none{{/items}}", "none" },
	{ "{{#items}}{{#items}}{{name}}{{/items}} {{/items}}",
	  "onetwothree onetwothree onetwothree " },

	/* markup */
	{ "{{html}}|{{no_html}}|",		"<b>&amp;</b>||" },
	{ "{{#html}}<p>{{html}}{{/html}}{{^html}}no{{/html}}", "<p><b>&amp;</b>" },
	{ "{{#no_html}}yes{{/no_html}}{{^no_html}}no{{/no_html}}", "no" },
	{ "{{#items}}{{name}}{{#body}}{{body}}{{/body}}{{/items}}", "onetwo<i>three<i>" },
	{ "<textarea></textarea>{{html}}<p title=\"{{v}}\">{{html}}",
	  "<textarea></textarea><b>&amp;</b><p title=\"V\"><b>&amp;</b>" },
	{ "{{_}}Read {{html}}{{/_}}",		"Read <b>&amp;</b>" },

	/* a tag alone on its line leaves no line */
	{ "a\n{{#v}}\nb\n{{/v}}\nc\n",		"a\nb\nc\n" },
	{ "a\n \t{{#v}} \r\nb\n  {{/v}}",	"a\nb\n" },
	{ "a\n{{#items}}\n{{name}}\n{{/items}}\nb\n", "a\none\ntwo\nthree\nb\n" },
	{ "{{! this }}\nx\n{{!\n that\n}}\ny",	"x\ny" },
	{ "a\n {{v}} \nb",			"a\n V \nb" },
	{ "a {{#v}}\nb\n{{/v}} c",		"a \nb\n c" },
	{ "{{#v}}{{/v}}\n",			"\n" },

	/* includes */
	{ "a{{>part.html}}b",			"a[V]b" },
	{ "a\n  {{>part.html}}\nb",		"a\n[V]b" },
	{ "{{#items}}{{>rows.html}}{{/items}}",	"(one)(two)(three)" },
	{ "<a title=\"{{>part.html}}\">",	"<a title=\"[V]\">" },
	{ "{{>part.html}}{{>part.html}}",	"[V][V]" },

	/* names: the page's own before the layout's, rows before both */
	{ "{{site}} {{both}}",			"Hall &amp; Co page&#39;s" },
	{ "{{#tongues}}{{name}}{{v}}{{/tongues}}", "esV" },

	/* layouts: there its own names come first */
	{ "{{<frame.html}}\n{{$title}}{{v}}{{/title}}\n{{$main}}\n<p>{{both}}\n{{/main}}\n",
	  "<title>V - Hall &amp; Co</title>layout&#39;sV\n<i>es</i>\n<p>page&#39;s\nV.\n" },
	{ "{{! purpose }}\n\n{{<frame.html}}{{! more }}",
	  "<title>Untitled - Hall &amp; Co</title>layout&#39;sV\n<i>es</i>\n"
	  "<p>Nothing at all\nagain.\n" },
	{ "{{<frame.html}}{{$row}}{{name}}{{v}}{{both}}{{/row}}{{$inner}}!{{/inner}}",
	  "<title>Untitled - Hall &amp; Co</title>layout&#39;sV\n<i>es</i>esVpage&#39;s\n"
	  "<p>Nothing!\nagain.\n" },
	{ "{{<frame.html}}{{$title}}{{#v}}{{v}}{{/v}}{{/title}}"
	  "{{$main}}{{>part.html}}{{_}}Hello{{/_}}{{/main}}",
	  "<title>V - Hall &amp; Co</title>layout&#39;sV\n<i>es</i>\n[V]HelloV.\n" },
};

static void
test_constructs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(constructs) / sizeof(*constructs); i++) {
		void	*ctx = talloc_new(NULL);

		assert_string_equal(render(ctx, constructs[i].text, "V", "W", 0),
		    constructs[i].want);
		talloc_free(ctx);
	}
}

/* What a value becomes where it stands. */
static const struct { const char *text, *v, *w, *want; } places[] = {
	/* text */
	{ "<p>{{v}}</p>", "<script>alert('1')</script> & \"more\"", "",
	  "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;</p>" },
	{ "{{v}}", "&lt;", "", "&amp;lt;" },
	{ "{{v}}", "\xC3\xB1 \xE2\x82\xAC", "", "\xC3\xB1 \xE2\x82\xAC" },
	{ "<title>{{v}}</title>", "</title><script>", "",
	  "<title>&lt;/title&gt;&lt;script&gt;</title>" },
	{ "<TextArea>\n{{v}}</textarea\n>{{w}}", "</textarea>", "<",
	  "<TextArea>\n&lt;/textarea&gt;</textarea\n>&lt;" },
	{ "<script src=\"/x.js\"></script>{{v}}", "<", "",
	  "<script src=\"/x.js\"></script>&lt;" },
	{ "<style>a>b{}</sty</style >{{v}}", "<", "", "<style>a>b{}</sty</style >&lt;" },
	{ "<script>a<b</SCRIPT>{{v}}", "<", "", "<script>a<b</SCRIPT>&lt;" },
	{ "<!-- <p title=x --->{{v}}", "<", "", "<!-- <p title=x --->&lt;" },
	{ "<!-->{{v}}<!--->{{v}}", "<", "", "<!-->&lt;<!--->&lt;" },
	{ "<!DOCTYPE html>{{v}}", "<", "", "<!DOCTYPE html>&lt;" },
	{ "<br/>{{v}}<br />{{v}}", "<", "", "<br/>&lt;<br />&lt;" },

	/* attributes */
	{ "<p title=\"{{v}}\">", "\" onclick=\"alert(1)", "",
	  "<p title=\"&quot; onclick=&quot;alert(1)\">" },
	{ "<p title='{{v}}'>", "' onclick='alert(1)", "",
	  "<p title='&#39; onclick=&#39;alert(1)'>" },
	{ "<p title = \"{{v}}\" id=\"a{{w}}b\">", "><", "&",
	  "<p title = \"&gt;&lt;\" id=\"a&amp;b\">" },
	{ "<p hidden id=x title=\"{{v}}\">", "<", "", "<p hidden id=x title=\"&lt;\">" },
	{ "<input value=\"{{v}}\"{{#w}} checked{{/w}}>", "a", "1",
	  "<input value=\"a\" checked>" },
	{ "<input{{#w}} checked{{/w}}{{#v}} title=\"{{v}}\"{{/v}}/>", "a", "",
	  "<input title=\"a\"/>" },
	{ "<input {{#w}}checked{{/w}}>", "", "1", "<input checked>" },
	{ "<input disabled {{#w}}checked {{/w}}>", "", "1", "<input disabled checked >" },
	{ "<input{{#w}} checked {{/w}}>", "", "1", "<input checked >" },
	{ "<p class=\"a{{#items}} {{name}}{{/items}}\">", "", "",
	  "<p class=\"a one two three\">" },
	{ "<p {{^w}}class=\"{{v}}\"{{/w}}>", "b", "", "<p class=\"b\">" },
	{ "<p title=\"javascript:{{v}}\">", "a:b", "", "<p title=\"javascript:a:b\">" },

	/* addresses: the scheme */
	{ "<a href=\"{{v}}\">", "/join?a=1&b=2#c", "",
	  "<a href=\"/join?a=1&amp;b=2#c\">" },
	{ "<a href=\"{{v}}\">", "https://example.org/", "", "<a href=\"https://example.org/\">" },
	{ "<a href=\"{{v}}\">", "HTTP://example.org/", "", "<a href=\"HTTP://example.org/\">" },
	{ "<a href='{{v}}'>", "mailto:a@b", "", "<a href='mailto:a@b'>" },
	{ "<a href=\"{{v}}\">", "tel:+1", "", "<a href=\"tel:+1\">" },
	{ "<a href=\"{{v}}\">", "a/b:c", "", "<a href=\"a/b:c\">" },
	{ "<a href=\"{{v}}\">", "?a:b", "", "<a href=\"?a:b\">" },
	{ "<a href=\"{{v}}\">", "#a:b", "", "<a href=\"#a:b\">" },
	{ "<a href=\"{{v}}\">", "", "", "<a href=\"\">" },
	{ "<a href=\"{{v}}\">", "javascript:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "JaVaScRiPt:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", " javascript:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "\x01javascript:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "java\tscript:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "java\r\nscript:alert(1)", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "\n/join", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "vbscript:x", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "data:text/html,x", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "httpx:x", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", ":x", "", "<a href=\"#\">" },
	{ "<a href=\"{{v}}\">", "\" onclick=\"x", "", "<a href=\"&quot; onclick=&quot;x\">" },
	{ "<a href=\"{{v}}\">", "java&#115;cript:x", "", "<a href=\"java&amp;#115;cript:x\">" },
	{ "<img src=\"{{v}}\">", "javascript:x", "", "<img src=\"#\">" },
	{ "<form ACTION=\"{{v}}\">", "javascript:x", "", "<form ACTION=\"#\">" },
	{ "<button formaction='{{v}}'>", "javascript:x", "", "<button formaction='#'>" },
	{ "<a xlink:href=\"{{v}}\">", "javascript:x", "", "<a xlink:href=\"#\">" },
	/* of several pieces */
	{ "<a href=\"{{v}}{{w}}\">", "/es", "/join", "<a href=\"/es/join\">" },
	{ "<a href=\"{{v}}{{w}}\">", "javascript", ":x", "<a href=\"#\">" },
	{ "<a href=\"{{v}}script{{w}}\">", "java", ":x", "<a href=\"#\">" },
	{ "<a href=\"{{v}}/join\">", "", "", "<a href=\"/join\">" },
	{ "<a href=\"{{v}}/join\">", "javascript:x", "", "<a href=\"#/join\">" },
	{ "<a href=\"{{#v}}{{v}}{{/v}}{{^v}}/none{{/v}}\">", "javascript:x", "",
	  "<a href=\"#\">" },
	{ "<a href=\"{{#v}}{{v}}{{/v}}{{^v}}/none{{/v}}\">", "", "", "<a href=\"/none\">" },
	{ "<a href=\"{{#v}}/es{{/v}}{{w}}\">", "", "javascript:x", "<a href=\"#\">" },
	{ "<a href=\"{{#v}}/es{{/v}}{{w}}\">", "1", "/x", "<a href=\"/es/x\">" },
	{ "<a href=\"{{#v}}/es{{/v}}/join?x={{w}}\">", "", "a&b", "<a href=\"/join?x=a%26b\">" },
	{ "<a href=\"{{#items}}{{w}}{{/items}}\">", "", "javascript",
	  "<a href=\"javascriptjavascriptjavascript\">" },
	{ "<a href=\"{{#items}}{{w}}{{/items}}\">", "", "java:", "<a href=\"#java:java:\">" },
	/* path, query, fragment */
	{ "<a href=\"/case/{{v}}\">", "a b/c?d#e%f&g'h\"i<", "",
	  "<a href=\"/case/a%20b/c%3Fd%23e%25f%26g%27h%22i%3C\">" },
	{ "<a href=\"mailto:{{v}}\">", "a+b@example.org?bcc=c", "",
	  "<a href=\"mailto:a+b@example.org%3Fbcc=c\">" },
	{ "<a href=\"tel:{{v}}\">", "+1 2", "", "<a href=\"tel:+1%202\">" },
	{ "<a href=\"/a?b={{v}}&amp;c={{w}}\">", "x&y=z/#", "javascript:\xC3\xB1",
	  "<a href=\"/a?b=x%26y%3Dz%2F%23&amp;c=javascript%3A%C3%B1\">" },
	{ "<a href=\"{{v}}?b={{w}}\">", "/a", "&", "<a href=\"/a?b=%26\">" },
	{ "<a href=\"#{{v}}\">", "f 1\"", "", "<a href=\"#f%201%22\">" },
	{ "<a href=\"/?a=b#{{v}}\">", "c", "", "<a href=\"/?a=b#c\">" },
	/* and the next attribute is judged on its own */
	{ "<a href=\"/x?\" title=\"{{v}}\" href='{{w}}'>", "a b", "x:y",
	  "<a href=\"/x?\" title=\"a b\" href='#'>" },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		void	*ctx = talloc_new(NULL);

		assert_string_equal(render(ctx, places[i].text, places[i].v, places[i].w, 0),
		    places[i].want);
		talloc_free(ctx);
	}
}

/* ---- texts of the catalogue ---- */

static const char	catalogue[] =
	"msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
	"\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n"
	"msgid \"Hello\"\nmsgstr \"Hola\"\n"
	"msgctxt \"list\"\nmsgid \"Hello\"\nmsgstr \"Holas\"\n"
	"msgid \"Good day to {{v}} and {{w}}\"\n"
	"msgstr \"<b>{{w}}</b> y {{v}}: a\xC3\xB1o\"\n"
	"msgid \"Read <a href=\\\"{{v}}\\\">this</a>.\"\n"
	"msgstr \"Lea <a lang=\\\"en\\\" href=\\\"{{v}}\\\">esto</a>.\"\n"
	"msgid \"stray name\"\nmsgstr \"{{stranger}}\"\n"
	"msgid \"stray quote\"\nmsgstr \"a\\\" b\"\n"
	"msgid \"stray tag\"\nmsgstr \"a <b title=\\\"\"\n"
	"msgid \"stray include\"\nmsgstr \"{{>part.html}}\"\n"
	"msgid \"{{#v}}some{{/v}}\"\nmsgstr \"{{#v}}algo{{/v}}\"\n"
	"msgid \"a case\"\nmsgid_plural \"%lu cases\"\nmsgstr[0] \"un caso\"\n"
	"msgstr[1] \"%lu casos\"\n";

static const struct { const char *text, *english, *spanish; } texts[] = {
	{ "{{_}}Hello{{/_}}", "Hello", "Hola" },
	{ "<p>{{_}}\n\t Hello \r\n{{/_}}</p>", "<p>Hello</p>", "<p>Hola</p>" },
	{ "{{_}}Good day\n\tto  {{v}}\nand {{w}}{{/_}}!", "Good day to &lt; and W!",
	  "<b>W</b> y &lt;: a\xC3\xB1o!" },
	{ "{{_}}Read <a href=\"{{v}}\">this</a>.{{/_}}", "Read <a href=\"&lt;\">this</a>.",
	  "Lea <a lang=\"en\" href=\"&lt;\">esto</a>." },
	{ "<a title=\"{{_}}Hello{{/_}}\">", "<a title=\"Hello\">", "<a title=\"Hola\">" },
	{ "{{_}}Not translated {{v}}{{/_}}", "Not translated &lt;", "Not translated &lt;" },
	{ "{{_}}{{#v}}some{{/v}}{{/_}}", "some", "algo" },
	{ "{{#items}}{{_}}Hello{{/_}} {{/items}}", "Hello Hello Hello ", "Hola Hola Hola " },
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		void	*ctx = talloc_new(NULL);

		assert_string_equal(render(ctx, texts[i].text, "<", "W", 0), texts[i].english);
		assert_string_equal(render(ctx, texts[i].text, "<", "W", 1), texts[i].spanish);
		talloc_free(ctx);
	}
	assert_string_equal(text_in(&words[0], "Hello"), "Hello");
	assert_string_equal(text_in(&words[1], "Hello"), "Hola");
	assert_string_equal(text_in(&words[1], "Unknown"), "Unknown");
	assert_string_equal(text_in(&words[0], NC_("list", "Hello")), "Hello");
	assert_string_equal(text_in(&words[1], NC_("list", "Hello")), "Holas");
	assert_string_equal(text_in(&words[1], NC_("list", "Unknown")), "Unknown");
	assert_string_equal(text_in(&words[1], ""), "");
	assert_string_equal(text_in_n(&words[0], "a case", "%lu cases", 1), "a case");
	assert_string_equal(text_in_n(&words[0], "a case", "%lu cases", 0), "%lu cases");
	assert_string_equal(text_in_n(&words[1], "a case", "%lu cases", 1), "un caso");
	assert_string_equal(text_in_n(&words[1], "a case", "%lu cases", 2), "%lu casos");
}

/* ---- what stops the start ---- */

static const struct { const char *text, *why; } stops[] = {
	/* names */
	{ "a\nb {{nobody}}",		"page.html:2: unknown name \"nobody\"" },
	{ "{{name}}",			"page.html:1: unknown name" },
	{ "{{#nobody}}{{/nobody}}",	"page.html:1: unknown name" },
	{ "{{^nobody}}{{/nobody}}",	"page.html:1: unknown name" },
	{ "{{^items}}{{name}}{{/items}}", "page.html:1: unknown name" },
	{ "{{items}}",			"page.html:1: \"items\" is a list" },
	{ "\n\n{{ v }}",		"page.html:3: no name within the braces" },
	{ "{{V}}",			"page.html:1: no name within the braces" },
	{ "{{}}",			"page.html:1: no name within the braces" },
	{ "{{{v}}}",			"page.html:1: no name within the braces" },
	{ "{{&v}}",			"page.html:1: no name within the braces" },
	{ "{{v.w}}",			"page.html:1: no name within the braces" },
	/* braces and sections */
	{ "\n{{v",			"page.html:2: \"{{\" without \"}}\"" },
	{ "\n{v}}",			"page.html:2: \"}}\" without \"{{\"" },
	{ "\n{{#v}}\n\n",		"page.html:2: {{#v}} is not closed" },
	{ "{{^v}}",			"page.html:1: {{^v}} is not closed" },
	{ "\n{{/v}}",			"page.html:2: {{/v}} closes nothing" },
	{ "{{#v}}\n{{#w}}\n{{/v}}\n{{/w}}", "page.html:3: {{/v}} closes nothing" },
	{ "{{#v}}{{>open.html}}{{/v}}",	"open.html:1: {{#v}} is not closed" },
	{ "{{#v}}{{>shut.html}}",	"shut.html:2: {{/v}} closes nothing" },
	/* includes */
	{ "\n{{>missing.html}}",	"page.html:2: missing.html: No such file" },
	{ "{{>../page.html}}",		"page.html:1: no file.html within the braces" },
	{ "{{>part}}",			"page.html:1: no file.html within the braces" },
	{ "{{>page.html}}",		"page.html:1: page.html includes itself" },
	{ "\n{{>round.html}}",		"round.html:1: page.html includes itself" },
	{ "{{>wrong.html}}",		"wrong.html:3: unknown name \"nobody\"" },
	/* layouts */
	{ "x{{<frame.html}}",		"page.html:1: a layout is named at the very start" },
	{ "{{<frame.html}}\nstray",	"page.html:2: a page with a layout holds nothing" },
	{ "{{<frame.html}}\n{{v}}",	"page.html:2: a page with a layout holds nothing" },
	{ "{{<missing.html}}",		"page.html:1: missing.html: No such file" },
	{ "{{<page.html}}",		"page.html:1: page.html includes itself" },
	{ "{{<frame.html}}\n{{$nobody}}{{/nobody}}",
	  "page.html:2: frame.html has no block \"nobody\"" },
	{ "{{<frame.html}}{{$main}}{{/main}}\n{{$main}}{{/main}}",
	  "page.html:2: a second block \"main\"" },
	{ "{{<frame.html}}\n{{$main}}",	"page.html:2: {{$main}} is not closed" },
	{ "{{<frame.html}}{{$main}}\n{{nobody}}{{/main}}",
	  "page.html:2: unknown name \"nobody\"" },
	{ "{{<frame.html}}{{$main}}{{name}}{{/main}}",	"page.html:1: unknown name" },
	{ "{{<frame.html}}{{$main}}\n{{#v}}{{/main}}",	"page.html:2: {{#v}} is not closed" },
	{ "{{$main}}{{/main}}",		"page.html:1: a block outside of a layout" },
	{ "{{<frame.html}}{{$main}}{{$inner}}{{/inner}}{{/main}}",
	  "page.html:1: a block outside of a layout" },
	{ "{{<chain.html}}",		"chain.html:1: a layout is named at the very start" },
	/* texts */
	{ "\n{{_}}Hello",		"page.html:2: {{_}} is not closed" },
	{ "{{/_}}",			"page.html:1: {{/_}} closes nothing" },
	{ "{{_}} \n {{/_}}",		"page.html:1: an empty text" },
	{ "\n{{_}}{{nobody}}{{/_}}",
	  "page.html:2: unknown name \"nobody\" (in the text of language \"en\")" },
	{ "{{_}}a{{_}}b{{/_}}",		"page.html:1: {{_ in a text" },
	{ "{{_}}{{>part.html}}{{/_}}",	"page.html:1: {{> in a text" },
	{ "{{_}}{{#v}}{{/_}}{{/v}}",	"page.html:1: {{#v}} is not closed" },
	{ "{{_}}<b title=\"{{/_}}\">",	"page.html:1: the text ends in another place" },
	/* markup where it may not stand */
	{ "<p title=\"{{html}}\">",	"page.html:1: markup may stand in text only" },
	{ "<p title='{{html}}'>",	"page.html:1: markup may stand in text only" },
	{ "<p title={{html}}>",		"page.html:1: markup may stand in text only" },
	{ "<a href=\"{{html}}\">",	"page.html:1: markup may stand in text only" },
	{ "<a href=\"/{{html}}\">",	"page.html:1: markup may stand in text only" },
	{ "<p {{html}}>",		"page.html:1: markup may stand in text only" },
	{ "<{{html}}>",			"page.html:1: markup may stand in text only" },
	{ "<title>\n{{html}}</title>",	"page.html:2: markup may stand in text only" },
	{ "<textarea>{{html}}</textarea>", "page.html:1: markup may stand in text only" },
	{ "<script>{{html}}</script>",	"page.html:1: markup may stand in text only" },
	{ "<style>{{html}}</style>",	"page.html:1: markup may stand in text only" },
	{ "<!-- {{html}} -->",		"page.html:1: markup may stand in text only" },
	{ "{{#items}}<p title=\"{{body}}\">{{/items}}",
	  "page.html:1: markup may stand in text only" },
	{ "{{_}}<i title=\"{{html}}\">{{/_}}", "page.html:1: markup may stand in text only" },
	/* values where they may not stand */
	{ "<p\n title={{v}}>",		"page.html:2: a value in an unquoted attribute" },
	{ "<p title=a{{v}}>",		"page.html:1: a value in an unquoted attribute" },
	{ "<p title= {{v}}>",		"page.html:1: a value in an unquoted attribute" },
	{ "<p {{v}}=\"\">",		"page.html:1: a value in an attribute's name" },
	{ "<p data-{{v}}=\"\">",	"page.html:1: a value in an attribute's name" },
	{ "<p title=\"\"{{v}}>",	"page.html:1: a value in an attribute's name" },
	{ "<p hidden {{v}}>",		"page.html:1: a value in an attribute's name" },
	{ "<{{v}}>",			"page.html:1: a value in a tag's name" },
	{ "<h{{v}}>",			"page.html:1: a value in a tag's name" },
	{ "</{{v}}>",			"page.html:1: a value in a tag's name" },
	{ "<!-- {{v}} -->",		"page.html:1: a value in a comment" },
	{ "<!-- -- {{v}} -->",		"page.html:1: a value in a comment" },
	{ "<!DOCTYPE {{v}}>",		"page.html:1: a value in a comment or declaration" },
	{ "<script>\n{{v}}</script>",	"page.html:2: a value in a script" },
	{ "<SCRIPT type='x' >{{v}}",	"page.html:1: a value in a script" },
	{ "<script/>{{v}}",		"page.html:1: a value in a script" },
	{ "<script></script x{{v}}",	"page.html:1: a value in an attribute's name" },
	{ "<script></scriptx>{{v}}",	"page.html:1: a value in a script" },
	{ "<style>{{v}}</style>",	"page.html:1: a value in a script or style" },
	{ "<iframe>{{v}}",		"page.html:1: a value in a script or style" },
	{ "<title></{{v}}",		"page.html:1: a value in a tag's name" },
	{ "<p onclick=\"{{v}}\">",	"page.html:1: a value in an attribute that holds" },
	{ "<p OnClick='{{v}}'>",	"page.html:1: a value in an attribute that holds" },
	{ "<p style=\"color: {{v}}\">",	"page.html:1: a value in an attribute that holds" },
	{ "<iframe srcdoc=\"{{v}}\">",	"page.html:1: a value in an attribute that holds" },
	{ "<img srcset=\"{{v}}\">",	"page.html:1: a value in an attribute that holds" },
	/* addresses */
	{ "<a href=\"java{{v}}\">",	"page.html:1: a value in an address must begin it" },
	{ "<a href=\"javascript:{{v}}\">", "page.html:1: a value in an address whose scheme" },
	{ "<a href=\"javascript&colon;{{v}}\">", "page.html:1: a value in an address whose" },
	{ "<a href=\" {{v}}\">",	"page.html:1: a value in an address whose scheme" },
	{ "<a href=\"{{v}}:x\">",	"page.html:1: a value cannot be the scheme" },
	{ "<a href=\"{{v}}&#58;x\">",	"page.html:1: a value cannot be the scheme" },
	{ "<a href=\"/{{#v}}?{{/v}}{{w}}\">", "page.html:1: a value in an address, behind" },
	{ "<a href=\"{{#v}}x{{/v}}:{{w}}\">", "page.html:1: a value cannot be the scheme" },
	/* sections that lead to two places */
	{ "\n{{#v}}<p title=\"{{/v}}\">", "page.html:2: the section ends in another place" },
	{ "{{#v}}<script>{{/v}}",	"page.html:1: the section ends in another place" },
	{ "<p title={{#v}}a{{/v}}>",	"page.html:1: a section begins or ends in an unquoted" },
	{ "<{{#v}}p{{/v}}>",		"page.html:1: a section begins or ends behind" },
	{ "<h{{#v}}1{{/v}}>",		"page.html:1: white space is missing" },
	{ "<p{{#v}} hidden {{/v}}id=x>", "page.html:1: white space is missing" },
	{ "<p {{#v}}data{{/v}}-x=\"\">", "page.html:1: white space is missing" },
	{ "<p {{#v}}on{{/v}}=\"{{w}}\">", "page.html:1: white space is missing" },
	{ "<p {{#v}}on{{/v}} =\"{{w}}\">", "page.html:1: an attribute's name is missing" },
	{ "<p{{#items}} a {{/items}}>",	"page.html:1: the section ends in another place" },
	{ "<p {{#v}}title=\"{{/v}}{{^v}}href=\"{{/v}}{{w}}\">",
	  "page.html:1: the section ends in another place" },
	{ "<a href=\"/{{#items}}?{{/items}}\">", "page.html:1: the section ends in another" },
	{ "<!-{{#v}}-{{/v}}",		"page.html:1: a section begins or ends behind" },
	{ "<a {{#v}}href=\"{{/v}}{{^v}}title=\"{{/v}}javascript:\">",
	  "page.html:1: the section ends in another place" },
	/* HTML that browsers would have to guess at */
	{ "\na < b",			"page.html:2: \"<\" begins no tag" },
	{ "</ p>",			"page.html:1: \"<\" begins no tag" },
	{ "<?xml?>",			"page.html:1: \"<\" begins no tag" },
	{ "<p title=\"a\"id=\"b\">",	"page.html:1: white space is missing" },
	{ "<p title=>",			"page.html:1: an attribute's value is missing" },
	{ "<p =a>",			"page.html:1: an attribute's name is missing" },
	{ "<p a\"b>",			"page.html:1: a quote or \"<\" in an attribute's name" },
	{ "<p a=b\"c>",			"page.html:1: a quote, \"<\" or \"=\" in an unquoted" },
	{ "<p<b>",			"page.html:1: a quote, \"<\" or \"=\" in a tag's name" },
	{ "<!-- a --!>",		"page.html:1: \"--!\" in a comment" },
	{ "<!->",			"page.html:1: \"<!-\" begins no comment" },
	{ "<!>",			"page.html:1: \"<!>\" is no declaration" },
	{ "<title><b></title>",		"page.html:1: \"<\" in title or textarea" },
	{ "<meta http-equiv=\"refresh\">", "page.html:1: http-equiv" },
	{ "\n\n<p title=\"",		"page.html:3: the page ends within a tag" },
	{ "<!-- ",			"page.html:1: the page ends within a tag, a comment" },
	{ "<title>",			"page.html:1: the page ends within a tag" },
	{ "a <",			"page.html:1: the page ends within a tag" },
};

/* Mistakes that only a translation makes. */
static const struct { const char *text, *why; } stops_spanish[] = {
	{ "\n{{_}}stray name{{/_}}",
	  "page.html:2: unknown name \"stranger\" (in the text of language \"es\")" },
	{ "<p title=\"{{_}}stray quote{{/_}}\">", "page.html:1: the text ends in another" },
	{ "{{_}}stray tag{{/_}}",	"page.html:1: the text ends in another place" },
	{ "{{_}}stray include{{/_}}",	"page.html:1: {{> in a text" },
};

/* Compile page.html in another process, which must end with 78 and say `why` first. */
static void
stops_with(const char *text, size_t lang, const char *why)
{
	char	 said[1024] = "", want[1024];
	size_t	 len = 0;
	ssize_t	 got;
	int	 ends[2], status;
	pid_t	 pid;

	snprintf(want, sizeof(want), "openhall: %s/%s", dir, why);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		template_compile(NULL, &settings, &words[lang], "page.html", layout, page);
		_exit(0);
	}
	close(ends[1]);
	while (len < sizeof(said) - 1 &&
	    (got = read(ends[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)got;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 78 ||
	    strncmp(said, want, strlen(want)) != 0)
		fail_msg("%s\nstatus %x, said: %s\nwant: %s", text, (unsigned)status, said, want);
}

static void
test_stops(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
		write_file("page.html", stops[i].text);
		stops_with(stops[i].text, 0, stops[i].why);
	}
	for (size_t i = 0; i < sizeof(stops_spanish) / sizeof(*stops_spanish); i++) {
		void	*ctx = talloc_new(NULL);

		/* The same template is fine in English. */
		render(ctx, stops_spanish[i].text, "", "", 0);
		stops_with(stops_spanish[i].text, 1, stops_spanish[i].why);
		talloc_free(ctx);
	}
}

static void
test_stops_deep(void **state)
{
	char	text[64 * 14 + 1] = "";

	(void)state;
	for (size_t i = 0; i < 64; i++)
		strcat(text, "{{#v}}");
	for (size_t i = 0; i < 64; i++)
		strcat(text, "{{/v}}");
	write_file("page.html", text);
	stops_with(text, 0, "page.html:1: nested too deeply");
	*text = '\0';
	for (size_t i = 0; i < 16; i++)
		strcat(text, "{{#items}}\n");
	for (size_t i = 0; i < 16; i++)
		strcat(text, "{{/items}}\n");
	write_file("page.html", text);
	stops_with(text, 0, "page.html:11: lists within lists too deeply");
}

static void
test_stops_without(void **state)
{
	char	path[sizeof(dir) + 64];

	(void)state;
	snprintf(path, sizeof(path), "%s/page.html", dir);
	assert_int_equal(unlink(path), 0);
	stops_with("no file", 0, "page.html:1: page.html: No such file");
	write_file("page.html", "fine");
	settings.words = (struct site_words[]){ { .lang = "en" }, { .lang = "xx" } };
	stops_with("no catalogue", 0, "xx/LC_MESSAGES/openhall-xx.mo: ");
	settings.words = words;
}

/* ---- values ---- */

static enum outcome
render_with(const struct view *outer, const struct view *view)
{
	struct buf	*buf = buf_new(NULL, 16);
	struct template	*template;
	enum outcome	 got;

	template = template_compile(buf, &settings, &words[0], "page.html", layout, page);
	got = template_render(template, outer, view, buf);
	talloc_free(buf);
	return got;
}

static void
test_values(void **state)
{
	void		*ctx = talloc_pool(NULL, 16384);
	struct view	*outer = fill_layout(ctx), *view;

	(void)state;
	write_file("page.html", "{{v}}{{#items}}{{name}}{{/items}}");
	assert_int_equal(render_with(outer, fill_page(ctx, "", "")), OUT_OK);
	/* what is missing, or of another kind */
	assert_int_equal(render_with(outer, NULL), OUT_FAULT);
	assert_int_equal(render_with(NULL, fill_page(ctx, "", "")), OUT_FAULT);
	assert_int_equal(render_with(outer, outer), OUT_FAULT);
	assert_int_equal(render_with(outer, view_new(ctx, item_names)), OUT_FAULT);
	/* an index that the names do not have; a list taken for a text, and the reverse */
	view = view_new(ctx, page);
	view_text(view, P_NO_HTML + 1, "x");
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	view_text(view, P_ITEMS, "x");
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	assert_null(view_row(view, P_V));
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	/* a text taken for markup, which would go out as it is; the reverse; a list */
	view = view_new(ctx, page);
	view_markup(view, P_V, markdown_stored("x"));
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	view_text(view, P_HTML, "x");
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	view_markup(view, P_ITEMS, markdown_stored("x"));
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	assert_null(view_row(view, P_HTML));
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	view = view_new(ctx, page);
	view_markup(view, P_NO_HTML + 1, markdown_stored("x"));
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	/* a mistake in a row is one of the page */
	view = view_new(ctx, page);
	view_number(view_row(view, P_ITEMS), ITEM_KIDS + 1, 1);
	assert_int_equal(render_with(outer, view), OUT_FAULT);
	/* without memory, nothing happens */
	view_text(NULL, 0, "x");
	view_flag(NULL, 0, 1);
	view_number(NULL, 0, 1);
	view_markup(NULL, 0, markdown_stored("x"));
	assert_null(view_row(NULL, 0));
	talloc_free(ctx);
}

static void
test_without_names(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct buf	*buf = buf_new(ctx, 16);
	struct template	*template;

	(void)state;
	write_file("page.html", "<p>");
	template = template_compile(ctx, &settings, &words[0], "page.html", NULL, NULL);
	assert_int_equal(template_render(template, NULL, NULL, buf), OUT_OK);
	assert_int_equal(template_render(template, NULL, view_new(ctx, NULL), buf), OUT_OK);
	assert_string_equal(buf->data, "<p><p>");
	buf->failed = true;
	assert_int_equal(template_render(template, NULL, NULL, buf), OUT_FAULT);
	talloc_free(ctx);
}

/* ---- the escapes ---- */

static const struct { const char *raw, *text, *url, *component; } escapes[] = {
	{ "",			"",			"",			"" },
	{ NULL,			"",			"",			"" },
	{ "<b>",		"&lt;b&gt;",		"&lt;b&gt;",		"%3Cb%3E" },
	{ "' onclick=\"x",	"&#39; onclick=&quot;x", "&#39; onclick=&quot;x",
	  "%27%20onclick%3D%22x" },
	{ "&amp;",		"&amp;amp;",		"&amp;amp;",		"%26amp%3B" },
	{ "javascript:x",	"javascript:x",		"#",			"javascript%3Ax" },
	{ "az09-._~",		"az09-._~",		"az09-._~",		"az09-._~" },
	{ "\xC3\xB1\x7F",	"\xC3\xB1\x7F",		"#",			"%C3%B1%7F" },
};

static void
test_escapes(void **state)
{
	struct buf	*buf = buf_new(NULL, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		buf_reset(buf);
		escape_text(buf, escapes[i].raw);
		assert_string_equal(buf->data, escapes[i].text);
		buf_reset(buf);
		buf_str(buf, "javascript:");
		escape_url(buf, escapes[i].raw);
		assert_string_equal(buf->data + 11, escapes[i].url);
		buf_reset(buf);
		escape_component(buf, escapes[i].raw);
		assert_string_equal(buf->data, escapes[i].component);
	}
	talloc_free(buf);
}

/* ---- */

static int
set_up(void **state)
{
	char	command[4 * sizeof(dir) + 128];

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	write_file("part.html", part);
	write_file("rows.html", part_of_rows);
	write_file("frame.html", frame);
	write_file("open.html", "{{#v}}");
	write_file("shut.html", "\n{{/v}}");
	write_file("round.html", "{{>page.html}}");
	write_file("wrong.html", "\n\n{{nobody}}");
	write_file("chain.html", "{{<frame.html}}");
	write_file("es.po", catalogue);
	snprintf(command, sizeof(command), "cd %s && mkdir -p es/LC_MESSAGES && "
	    "msgfmt -o es/LC_MESSAGES/openhall-es.mo es.po", dir);
	return system(command);
}

static int
tear_down(void **state)
{
	char	command[sizeof(dir) + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_constructs),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_stops_deep),
		cmocka_unit_test(test_stops_without),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_without_names),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
