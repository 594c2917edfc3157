/*
 * test_markdown.c: what Markdown becomes, one row a case; what never gets through it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <talloc.h>

#include "openhall/markdown.h"

/* ---- HTML ---- */

static const struct { const char *text, *want; } pages[] = {
	{ "",			"" },
	{ "a *b* **c** `d`",	"<p>a <em>b</em> <strong>c</strong> <code>d</code></p>\n" },
	{ "1 < 2 & \"3\" > '0'", "<p>1 &lt; 2 &amp; &quot;3&quot; &gt; '0'</p>\n" },
	{ "- a\n- b\n",		"<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" },
	{ "a  \nb\n\n---\n",	"<p>a<br />\nb</p>\n<hr />\n" },
	{ "> a",		"<blockquote>\n<p>a</p>\n</blockquote>\n" },
	{ "ma\xC3\xB1" "ana \xF0\x9F\x8C\xB9", "<p>ma\xC3\xB1" "ana \xF0\x9F\x8C\xB9</p>\n" },

	/* headings, one level lower */
	{ "# a",		"<h2>a</h2>\n" },
	{ "a\n===\n\nb\n---\n",	"<h2>a</h2>\n<h3>b</h3>\n" },
	{ "##### a\n###### b",	"<h6>a</h6>\n<h6>b</h6>\n" },

	/* addresses */
	{ "[a](/join)",		"<p><a href=\"/join\">a</a></p>\n" },
	{ "[a](strike#b)",	"<p><a href=\"strike#b\">a</a></p>\n" },
	{ "[a](https://x.example/?b&c \"d\")",
	  "<p><a href=\"https://x.example/?b&amp;c\" title=\"d\">a</a></p>\n" },
	{ "<https://x.example> <a@x.example>",
	  "<p><a href=\"https://x.example\">https://x.example</a> "
	  "<a href=\"mailto:a@x.example\">a@x.example</a></p>\n" },
	{ "[a <b@x.example>](/c)", "<p><a href=\"/c\">a b@x.example</a></p>\n" },
	{ "[a](tel:+1)",	"<p><a href=\"tel:+1\">a</a></p>\n" },
	{ "[a](javascript:b)",	"<p>a</p>\n" },
	{ "[a](JavaScript:b)",	"<p>a</p>\n" },
	{ "[a](&#32;javascript:b)", "<p>a</p>\n" },
	{ "[a](java&#10;script:b)", "<p>a</p>\n" },
	{ "[a](&#1;javascript:b)", "<p>a</p>\n" },
	{ "[a](j&#97;vascript&colon;b)", "<p>a</p>\n" },
	{ "[*a*][b]\n\n[b]: vbscript:c", "<p><em>a</em></p>\n" },
	{ "[a](data:text/html,b)", "<p>a</p>\n" },
	{ "[a](file:///etc/passwd)", "<p>a</p>\n" },
	{ "[a](unknown:b)",	"<p>a</p>\n" },
	{ "<javascript:b>",	"<p>javascript:b</p>\n" },
	{ "[a](/b \"\\\" onclick=\\\"c\")",
	  "<p><a href=\"/b\" title=\"&quot; onclick=&quot;c\">a</a></p>\n" },
	{ "[a](</b\" onclick=\"c>)", "<p><a href=\"/b%22%20onclick=%22c\">a</a></p>\n" },

	/* pictures */
	{ "![a](/b.png)",	"<p><img src=\"/b.png\" alt=\"a\" /></p>\n" },
	{ "![a](b/c.png \"d\")", "<p><img src=\"b/c.png\" alt=\"a\" title=\"d\" /></p>\n" },
	{ "![a *b*](https://x.example/c.png \"d\")",
	  "<p><a href=\"https://x.example/c.png\" title=\"d\">a <em>b</em></a></p>\n" },
	{ "![a](//x.example/b.png)", "<p><a href=\"//x.example/b.png\">a</a></p>\n" },
	{ "![](https://x.example/b.png)",
	  "<p><a href=\"https://x.example/b.png\">https://x.example/b.png</a></p>\n" },
	{ "[![a](https://x.example/b.png)](/c)", "<p><a href=\"/c\">a</a></p>\n" },
	{ "![a [b](/c) ![d](/e)](https://x.example/f)",
	  "<p><a href=\"https://x.example/f\">a b d</a></p>\n" },
	{ "![a](data:image/png,b)", "<p>a</p>\n" },
	{ "![a](javascript:b)",	"<p>a</p>\n" },

	/* HTML is text, its comments are nothing */
	{ "a <b onclick=\"c\">d</b>", "<p>a &lt;b onclick=&quot;c&quot;&gt;d&lt;/b&gt;</p>\n" },
	{ "<script>\nalert(1)\n</script>\n",
	  "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;\n</p>\n" },
	{ "a <!-- b --> c",	"<p>a  c</p>\n" },
	{ "<!-- a\n\nb -->\nc",	"<p>c</p>\n" },
	{ "<!-- a --><!-- b --> c", "<p>c\n</p>\n" },
	{ "<!-- a --><script>\nb", "<p>&lt;script&gt;\n</p>\n<p>b</p>\n" },
	{ "<!-- a",		"" },
	{ "<!DOCTYPE a>",	"<p>&lt;!DOCTYPE a&gt;\n</p>\n" },
	{ "- <div>\n- a",	"<ul>\n<li>&lt;div&gt;\n</li>\n<li>a</li>\n</ul>\n" },
	{ "```\"><script>\na\n```",
	  "<pre><code class=\"language-&quot;&gt;&lt;script&gt;\">a\n</code></pre>\n" },

	/* what neither HTML nor XML can hold */
	{ "a\x01" "b\x1B&#2;c",	"<p>abc</p>\n" },
	{ "a\xFF" "b",		"<p>a\xEF\xBF\xBD" "b</p>\n" },
	{ "a&#0;b&#xD800;",	"<p>a\xEF\xBF\xBD" "b\xEF\xBF\xBD</p>\n" },
	{ "a&#xFFFE;\xEF\xBF\xBF" "b", "<p>ab</p>\n" },
	{ "]]> a ]]\\>",	"<p>]]&gt; a ]]&gt;</p>\n" },
};

static bool
is_well_formed(const void *ctx, const char *html)
{
	char	*whole = talloc_asprintf(ctx, "<div>%s</div>", html);
	xmlDoc	*doc = xmlReadMemory(whole, (int)strlen(whole), NULL, "UTF-8",
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	bool	 fine = doc != NULL;

	xmlFreeDoc(doc);
	return fine;
}

static void
test_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		void		*ctx = talloc_new(NULL);
		struct markup	 markup;

		assert_int_equal(markdown_html(ctx, pages[i].text, &markup), OUT_OK);
		assert_string_equal(markup.html, pages[i].want);
		assert_true(is_well_formed(ctx, markup.html));
		talloc_free(ctx);
	}
	assert_string_equal(markdown_stored("<p>a</p>").html, "<p>a</p>");
}

/* `n` times `piece`. */
static char *
times(const void *ctx, const char *piece, size_t n)
{
	size_t	 len = strlen(piece);
	char	*text = talloc_size(ctx, n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, piece, len);
	text[n * len] = '\0';
	return text;
}

static const struct { const char *piece; size_t n; enum outcome want; } sizes[] = {
	{ "a",		MARKDOWN_MOST,		OUT_OK },
	{ "a",		MARKDOWN_MOST + 1,	OUT_INVALID },
	{ "> ",		90,			OUT_OK },
	{ "> ",		1000,			OUT_INVALID },
	{ ">",		MARKDOWN_MOST,		OUT_INVALID },
	{ "1. ",	500,			OUT_INVALID },
	{ "*a _b ",	2000,			OUT_OK },
	/* what takes cmark long is not begun */
	{ "[a](",	5000,			OUT_OK },
	{ "[a](",	5001,			OUT_INVALID },
	{ "![[]()",	2500,			OUT_OK },
	{ "![[]()",	MARKDOWN_MOST / 6,	OUT_INVALID },
	{ "`a``b",	MARKDOWN_MOST / 5,	OUT_OK },
};

static void
test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		void		*ctx = talloc_new(NULL);
		struct markup	 markup;
		enum outcome	 got = markdown_html(ctx, times(ctx, sizes[i].piece,
				    sizes[i].n), &markup);

		if (got != sizes[i].want)
			fail_msg("%zu of \"%s\": %s", sizes[i].n, sizes[i].piece,
			    outcome_word(got));
		assert_true((markup.html != NULL) == (got == OUT_OK));
		talloc_free(ctx);
	}
}

/* ---- whole addresses ---- */

static const struct { const char *html, *want; } addresses[] = {
	{ "",				"" },
	{ "<p>a</p>\n",			"<p>a</p>\n" },
	{ "<a href=\"/b\">",		"<a href=\"https://x.example/b\">" },
	{ "<a href=\"b\">",		"<a href=\"https://x.example/es/statements/b\">" },
	{ "<a href=\"b:c/d\">",		"<a href=\"b:c/d\">" },
	{ "<a href=\"b/c:d\">",		"<a href=\"https://x.example/es/statements/b/c:d\">" },
	{ "<a href=\"../b?c\">",	"<a href=\"https://x.example/es/statements/../b?c\">" },
	{ "<a href=\"#b\">",		"<a href=\"https://x.example/es/statements/strike#b\">" },
	{ "<a href=\"?b\">",		"<a href=\"https://x.example/es/statements/strike?b\">" },
	{ "<a href=\"\">",		"<a href=\"https://x.example/es/statements/strike\">" },
	{ "<a href=\"//y.example/b\">",	"<a href=\"https://y.example/b\">" },
	{ "<a href=\"https://y.example\" title=\"/c\">",
	  "<a href=\"https://y.example\" title=\"/c\">" },
	{ "<a href=\"mailto:a@b\">",	"<a href=\"mailto:a@b\">" },
	{ "<img src=\"/b\" alt=\"/c\" /><a href=\"/d\">",
	  "<img src=\"https://x.example/b\" alt=\"/c\" />"
	  "<a href=\"https://x.example/d\">" },
	/* in text, quotes are never bare */
	{ "<p> href=&quot;/b&quot;</p>", "<p> href=&quot;/b&quot;</p>" },
	{ "<a title=\"a href=\" href=\"/b\">",
	  "<a title=\"a href=\" href=\"https://x.example/b\">" },
	{ "\"",				"\"" },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		struct buf	*to = buf_new(NULL, 0);

		markdown_absolute(to, markdown_stored(addresses[i].html),
		    "https://x.example", "/es/statements/strike");
		assert_false(to->failed);
		assert_string_equal(to->data, addresses[i].want);
		talloc_free(to);
	}
}

static void
test_addresses_of_nothing(void **state)
{
	struct buf	*to = buf_new(NULL, 0);

	(void)state;
	markdown_absolute(to, (struct markup){ NULL }, "https://x.example", "/");
	assert_string_equal(to->data, "");
	talloc_free(to);
}

/* ---- words ---- */

static const struct { const char *text; size_t most; const char *want; } words[] = {
	{ "",			10,	"" },
	{ "# A *b*\n\nc `d`\ne",	20,	"A b c d e" },
	{ "[a](/b) ![c](/d)",	20,	"a c" },
	{ "- a\n- b\n\n      c",	20,	"a b c" },
	{ "a <b>c</b> <!-- d -->",	20,	"a c" },
	{ "&lt;b&gt; &amp;",	20,	"<b> &" },
	{ "one two three",	13,	"one two three" },
	{ "one two three",	12,	"one two\xE2\x80\xA6" },
	{ "one two three",	8,	"one two\xE2\x80\xA6" },
	{ "one two three",	7,	"one\xE2\x80\xA6" },
	{ "one two three",	2,	"o\xE2\x80\xA6" },
	{ "one two three",	1,	"\xE2\x80\xA6" },
	/* characters, not bytes */
	{ "\xC3\xB1\xC3\xB1\xC3\xB1",	3,	"\xC3\xB1\xC3\xB1\xC3\xB1" },
	{ "\xC3\xB1\xC3\xB1\xC3\xB1",	2,	"\xC3\xB1\xE2\x80\xA6" },
	{ "\xF0\x9F\x8C\xB9\xF0\x9F\x8C\xB9\xF0\x9F\x8C\xB9",	2,
	  "\xF0\x9F\x8C\xB9\xE2\x80\xA6" },
	{ "a\x01&#2;\xFF",	10,	"a\xEF\xBF\xBD" },
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		void	*ctx = talloc_new(NULL);

		assert_string_equal(markdown_plain(ctx, words[i].text, words[i].most),
		    words[i].want);
		talloc_free(ctx);
	}
}

static void
test_words_of_too_much(void **state)
{
	void	*ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(markdown_plain(ctx, times(ctx, "a", MARKDOWN_MOST), 3),
	    "aa\xE2\x80\xA6");
	assert_string_equal(markdown_plain(ctx, times(ctx, "a", MARKDOWN_MOST + 1), 3), "");
	assert_string_equal(markdown_plain(ctx, times(ctx, "![[]()", 5000), 3), "");
	talloc_free(ctx);
}

/* ---- whoever reads along ---- */

enum { NOTED = 1024 };

/* What was met, one a line; every address becomes "/x", and "taken" is no free name. */
static const char *
note_address(void *arg, const char *address, bool picture, unsigned line)
{
	char *notes = arg;

	snprintf(notes + strlen(notes), NOTED - strlen(notes), "%u%s %s\n", line,
	    picture ? "!" : "", address);
	return "/x";
}

static bool
note_anchor(void *arg, const char *id)
{
	char *notes = arg;

	snprintf(notes + strlen(notes), NOTED - strlen(notes), "#%s\n", id);
	return strcmp(id, "taken") != 0;
}

static void
note_odd(void *arg, enum markdown_odd odd, unsigned line)
{
	char *notes = arg;

	snprintf(notes + strlen(notes), NOTED - strlen(notes), "%u?%d\n", line, (int)odd);
}

static bool
know_size(void *arg, const char *address, struct markdown_size *out)
{
	(void)arg;
	*out = (struct markdown_size){ 3, 4 };
	return strcmp(address, "/known") == 0;
}

static const struct { const char *text, *notes, *want; } read_along[] = {
	{ "[a](/b)\nc [d](#e)\n\n> f\n> g <https://h>", "1 /b\n2 #e\n5 https://h\n",
	  "<p><a href=\"/x\">a</a>\nc <a href=\"/x\">d</a></p>\n<blockquote>\n"
	  "<p>f\ng <a href=\"/x\">https://h</a></p>\n</blockquote>\n" },
	{ "- a [b][c]\n  ![d](e.png)\n\n[c]: /f", "1 /f\n2! e.png\n",
	  "<ul>\n<li>a <a href=\"/x\">b</a>\n<img src=\"/x\" alt=\"d\" /></li>\n</ul>\n" },
	/* what would not be let through is met first */
	{ "[a](javascript:b)", "1 javascript:b\n", "<p><a href=\"/x\">a</a></p>\n" },
	{ "# A *b*'s <i>c</i>", "1?0\n1?0\n#a-bs-i-c-i\n",
	  "<h2 id=\"a-bs-i-c-i\">\nA <em>b</em>'s &lt;i&gt;c&lt;/i&gt;\n</h2>\n" },
	{ "## Taken\n### 1. A\xC3\xB1o\n# !", "#taken\n#taken-2\n#1-ano\n#part\n",
	  "<h3 id=\"taken-2\">\nTaken\n</h3>\n<h4 id=\"1-ano\">\n1. A\xC3\xB1o\n</h4>\n"
	  "<h2 id=\"part\">\n!\n</h2>\n" },
	/* what hardly can be meant: HTML (but a comment is a note), and nothing to see */
	{ "a\n[](/b)\n\n![](/c)\n[![](/d)](/e)", "2?1\n2 /b\n4?2\n4! /c\n5?2\n5! /d\n5 /e\n",
	  "<p>a\n<a href=\"/x\"></a></p>\n<p><img src=\"/x\" alt=\"\" />\n"
	  "<a href=\"/x\"><img src=\"/x\" alt=\"\" /></a></p>\n" },
	{ "a\n\n<!-- b -->\n<p>\n\nc <!-- d --> `<e>` \\<f>", "4?0\n",
	  "<p>a</p>\n<p>&lt;p&gt;\n</p>\n<p>c  <code>&lt;e&gt;</code> &lt;f&gt;</p>\n" },
	/* room for a picture */
	{ "[![a *b* \"&](/known \"c\")](/d) ![![e](/known)](/f)", "1! /known\n1 /d\n1! /known\n1! /f\n",
	  "<p><a href=\"/x\"><img src=\"/x\" alt=\"a b &quot;&amp;\" width=\"3\" height=\"4\" />"
	  "</a> <img src=\"/x\" alt=\"e\" /></p>\n" },
	{ "a\n#", "2?3\n#part\n", "<p>a</p>\n<h2 id=\"part\">\n</h2>\n" },
	{ "# [a](/b)", "1 /b\n#a\n", "<h2 id=\"a\">\n<a href=\"/x\">a</a>\n</h2>\n" },
};

static void
test_read_along(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(read_along) / sizeof(*read_along); i++) {
		void				*ctx = talloc_new(NULL);
		char				 notes[NOTED] = "";
		const struct markdown_reader	 reader = { notes, note_address,
						    note_anchor, note_odd, know_size };
		struct markup			 markup;

		assert_int_equal(markdown_page(ctx, read_along[i].text, &reader, &markup),
		    OUT_OK);
		assert_string_equal(notes, read_along[i].notes);
		assert_string_equal(markup.html, read_along[i].want);
		assert_true(is_well_formed(ctx, markup.html));
		talloc_free(ctx);
	}
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_addresses_of_nothing),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_of_too_much),
		cmocka_unit_test(test_read_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
