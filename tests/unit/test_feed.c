/*
 * test_feed.c: the three formats, read back by libxml2 and jansson.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <talloc.h>

#include "openhall/feed.h"

enum { NOON = 1795348800 };	/* 22 November 2026, 12:00 UTC */

static const struct site_words words[] = {
	{ .lang = "en", .name = "River & Co <Workers>", .tagline = "One \"tag\" line",
	    .prefix = "" },
	{ .lang = "es", .name = "R\xC3\xADo", .tagline = "", .prefix = "/es" },
};
static const struct settings settings = { .origin = "https://hall.example:8443",
	.words = words, .n_words = 2 };

static const struct statement one = {
	.id = { { 0x00, 0x01, 0xAB, 0xCD, 0xEF } }, .lang = "en", .slug = "strike",
	.title = "A strike", .summary = "We strike", .published_at = NOON,
	.html = { "<p>Text <a href=\"/join\">join</a> <img src=\"a.png\" alt=\"\" /></p>\n" },
	.note = "",
};

/* ---- reading back ---- */

/* A document made of `n` statements of language number `lang`, below `ctx`. */
static const struct buf *
write_feed(const void *ctx, enum feed_kind kind, size_t lang,
    const struct statement *statements, size_t n)
{
	struct buf	*to = buf_new(ctx, 0);
	const char	*path = talloc_asprintf(ctx, "/statements.%s", feed_types[kind].name);
	struct feed	 feed = { .settings = &settings, .words = &words[lang], .path = path };

	assert_int_equal(feed_statements(ctx, &feed, &(struct statements){ n, statements }),
	    OUT_OK);
	assert_int_equal(feed_write(kind, &feed, to), OUT_OK);
	return to;
}

/* What an XPath expression gives as text, below `ctx`. */
static const char *
xpath(const void *ctx, const struct buf *xml, const char *expression)
{
	static const struct { const char *prefix, *uri; } spaces[] = {
		{ "a", "http://www.w3.org/2005/Atom" },
		{ "content", "http://purl.org/rss/1.0/modules/content/" },
		{ "dc", "http://purl.org/dc/elements/1.1/" },
		{ "fh", "http://purl.org/syndication/history/1.0" },
	};
	xmlDoc			*doc = xmlReadMemory(xml->data, (int)xml->len, NULL, NULL,
				    XML_PARSE_NONET);
	xmlXPathContext		*in;
	xmlXPathObject		*object;
	xmlChar			*text;
	const char		*got;

	assert_non_null(doc);
	in = xmlXPathNewContext(doc);
	for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
		xmlXPathRegisterNs(in, (const xmlChar *)spaces[i].prefix,
		    (const xmlChar *)spaces[i].uri);
	object = xmlXPathEvalExpression((const xmlChar *)expression, in);
	assert_non_null(object);
	text = xmlXPathCastToString(object);
	got = talloc_strdup(ctx, (const char *)text);
	xmlFree(text);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(in);
	xmlFreeDoc(doc);
	return got;
}

/* The text at `path` ("items.0.title") of a JSON document, or NULL. */
static const char *
json(const void *ctx, const struct buf *document, const char *path)
{
	json_t		*root = json_loadb(document->data, document->len,
			    JSON_REJECT_DUPLICATES, NULL), *at = root;
	char		*parts = talloc_strdup(ctx, path), *rest = parts, *part;
	const char	*got;

	assert_non_null(root);
	while ((part = strsep(&rest, ".")) != NULL)
		at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10)) :
		    json_object_get(at, part);
	got = at == NULL ? NULL : json_is_string(at) ?
	    talloc_strdup(ctx, json_string_value(at)) :
	    talloc_asprintf(ctx, "%zu items", json_array_size(at));
	json_decref(root);
	return got;
}

/* Compare what `path` gives in a document of `kind`; NULL: there is no such thing. */
static void
check(const void *ctx, enum feed_kind kind, const struct buf *document, const char *path,
    const char *want)
{
	const char *got = kind == FEED_JSON ? json(ctx, document, path) :
	    xpath(ctx, document, path);

	if (want == NULL ? got != NULL : got == NULL || strcmp(got, want) != 0)
		fail_msg("%s\n got: %s\nwant: %s\nin: %s", path, got == NULL ? "(none)" : got,
		    want == NULL ? "(none)" : want, document->data);
}

/* ---- one statement ---- */

#define HTML "<p>Text <a href=\"https://hall.example:8443/join\">join</a> " \
	"<img src=\"https://hall.example:8443/statements/a.png\" alt=\"\" /></p>\n"
#define IDENTITY "urn:uuid:0001abcd-ef00-4000-8000-000000000000"

static const struct { enum feed_kind kind; const char *path, *want; } fields[] = {
	{ FEED_RSS, "string(/rss/@version)", "2.0" },
	{ FEED_RSS, "count(/rss/channel)", "1" },
	{ FEED_RSS, "/rss/channel/title", "River & Co <Workers>: statements" },
	{ FEED_RSS, "/rss/channel/link", "https://hall.example:8443/statements" },
	{ FEED_RSS, "/rss/channel/description", "One \"tag\" line" },
	{ FEED_RSS, "/rss/channel/language", "en" },
	{ FEED_RSS, "/rss/channel/lastBuildDate", "Sun, 22 Nov 2026 12:00:00 GMT" },
	{ FEED_RSS, "number(/rss/channel/ttl) > 0", "true" },
	{ FEED_RSS, "/rss/channel/a:link[@rel='self']/@href",
	  "https://hall.example:8443/statements.rss" },
	{ FEED_RSS, "/rss/channel/a:link[@rel='self']/@type", "application/rss+xml" },
	{ FEED_RSS, "count(/rss/channel/a:link)", "1" },
	{ FEED_RSS, "count(//fh:archive)", "0" },
	{ FEED_RSS, "count(//item)", "1" },
	{ FEED_RSS, "//item/title", "A strike" },
	{ FEED_RSS, "//item/link", "https://hall.example:8443/statements/strike" },
	{ FEED_RSS, "//item/guid", IDENTITY },
	{ FEED_RSS, "//item/guid/@isPermaLink", "false" },
	{ FEED_RSS, "//item/pubDate", "Sun, 22 Nov 2026 12:00:00 GMT" },
	{ FEED_RSS, "//item/description", "We strike" },
	{ FEED_RSS, "//item/content:encoded", HTML },
	{ FEED_RSS, "//item/dc:creator", "River & Co <Workers>" },
	{ FEED_RSS, "count(//item/a:updated)", "0" },

	{ FEED_ATOM, "/a:feed/a:title", "River & Co <Workers>: statements" },
	{ FEED_ATOM, "/a:feed/a:subtitle", "One \"tag\" line" },
	{ FEED_ATOM, "/a:feed/a:id", "https://hall.example:8443/statements" },
	{ FEED_ATOM, "/a:feed/@xml:lang", "en" },
	{ FEED_ATOM, "/a:feed/a:updated", "2026-11-22T12:00:00Z" },
	{ FEED_ATOM, "/a:feed/a:author/a:name", "River & Co <Workers>" },
	{ FEED_ATOM, "/a:feed/a:link[@rel='self']/@href",
	  "https://hall.example:8443/statements.atom" },
	{ FEED_ATOM, "/a:feed/a:link[@rel='self']/@type", "application/atom+xml" },
	{ FEED_ATOM, "/a:feed/a:link[@rel='alternate']/@href",
	  "https://hall.example:8443/statements" },
	{ FEED_ATOM, "count(/a:feed/a:link)", "2" },
	{ FEED_ATOM, "count(//fh:archive)", "0" },
	{ FEED_ATOM, "count(//a:entry)", "1" },
	{ FEED_ATOM, "//a:entry/a:title", "A strike" },
	{ FEED_ATOM, "//a:entry/a:id", IDENTITY },
	{ FEED_ATOM, "//a:entry/@xml:lang", "en" },
	{ FEED_ATOM, "//a:entry/a:published", "2026-11-22T12:00:00Z" },
	{ FEED_ATOM, "//a:entry/a:updated", "2026-11-22T12:00:00Z" },
	{ FEED_ATOM, "//a:entry/a:link[@rel='alternate']/@href",
	  "https://hall.example:8443/statements/strike" },
	{ FEED_ATOM, "//a:entry/a:summary", "We strike" },
	{ FEED_ATOM, "//a:entry/a:content[@type='html']", HTML },

	{ FEED_JSON, "version", "https://jsonfeed.org/version/1.1" },
	{ FEED_JSON, "title", "River & Co <Workers>: statements" },
	{ FEED_JSON, "home_page_url", "https://hall.example:8443/statements" },
	{ FEED_JSON, "feed_url", "https://hall.example:8443/statements.json" },
	{ FEED_JSON, "description", "One \"tag\" line" },
	{ FEED_JSON, "language", "en" },
	{ FEED_JSON, "authors.0.name", "River & Co <Workers>" },
	{ FEED_JSON, "next_url", NULL },
	{ FEED_JSON, "items", "1 items" },
	{ FEED_JSON, "items.0.id", IDENTITY },
	{ FEED_JSON, "items.0.url", "https://hall.example:8443/statements/strike" },
	{ FEED_JSON, "items.0.title", "A strike" },
	{ FEED_JSON, "items.0.summary", "We strike" },
	{ FEED_JSON, "items.0.content_html", HTML },
	{ FEED_JSON, "items.0.date_published", "2026-11-22T12:00:00Z" },
	{ FEED_JSON, "items.0.date_modified", NULL },
	{ FEED_JSON, "items.0.language", "en" },
};

static void
test_fields(void **state)
{
	void			*ctx = talloc_new(NULL);
	const struct buf	*documents[FEEDS];

	(void)state;
	for (size_t kind = 0; kind < FEEDS; kind++)
		documents[kind] = write_feed(ctx, kind, 0, &one, 1);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		check(ctx, fields[i].kind, documents[fields[i].kind], fields[i].path,
		    fields[i].want);
	/* exactly what the Profile recommends for characters of markup */
	assert_non_null(strstr(documents[FEED_RSS]->data,
	    "<title>River &#x26; Co &#x3C;Workers&#x3E;: statements</title>"));
	talloc_free(ctx);
}

/* ---- a correction ---- */

#define NOTE "<p><strong>Corrected on 23 November 2026:</strong> " \
	"Not &lt;two&gt; &amp; three</p>\n"

static const struct { enum feed_kind kind; const char *path, *want; } corrections[] = {
	{ FEED_RSS, "//item/guid", IDENTITY },
	{ FEED_RSS, "//item/pubDate", "Sun, 22 Nov 2026 12:00:00 GMT" },
	{ FEED_RSS, "//item/a:updated", "2026-11-23T12:00:01Z" },
	{ FEED_RSS, "/rss/channel/lastBuildDate", "Mon, 23 Nov 2026 12:00:01 GMT" },
	{ FEED_RSS, "//item/content:encoded", NOTE HTML },
	{ FEED_ATOM, "//a:entry/a:id", IDENTITY },
	{ FEED_ATOM, "//a:entry/a:published", "2026-11-22T12:00:00Z" },
	{ FEED_ATOM, "//a:entry/a:updated", "2026-11-23T12:00:01Z" },
	{ FEED_ATOM, "/a:feed/a:updated", "2026-11-23T12:00:01Z" },
	{ FEED_ATOM, "//a:entry/a:content", NOTE HTML },
	{ FEED_JSON, "items.0.id", IDENTITY },
	{ FEED_JSON, "items.0.date_published", "2026-11-22T12:00:00Z" },
	{ FEED_JSON, "items.0.date_modified", "2026-11-23T12:00:01Z" },
	{ FEED_JSON, "items.0.content_html", NOTE HTML },
};

static void
test_corrections(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct statement	 s = one;
	const struct buf	*documents[FEEDS];

	(void)state;
	s.corrected_at = NOON + 86401;
	s.note = "Not <two> & three";
	for (size_t kind = 0; kind < FEEDS; kind++)
		documents[kind] = write_feed(ctx, kind, 0, &s, 1);
	for (size_t i = 0; i < sizeof(corrections) / sizeof(*corrections); i++)
		check(ctx, corrections[i].kind, documents[corrections[i].kind],
		    corrections[i].path, corrections[i].want);
	/* without a reason there is nothing to say but when */
	s.note = "";
	check(ctx, FEED_RSS, write_feed(ctx, FEED_RSS, 0, &s, 1), "//item/content:encoded",
	    HTML);
	/* a note that is not about a correction is not shown */
	s.note = "stray";
	s.corrected_at = 0;
	check(ctx, FEED_RSS, write_feed(ctx, FEED_RSS, 0, &s, 1), "//item/content:encoded",
	    HTML);
	talloc_free(ctx);
}

/* ---- what authors write ---- */

/* Each as title, summary and text at once. */
static const struct { const char *raw, *want; } nasty[] = {
	{ "Bread & roses",		"Bread & roses" },
	{ "a < b > c",			"a < b > c" },
	{ "<script>alert(1)</script>",	"<script>alert(1)</script>" },
	{ "&amp; &#60;",		"&amp; &#60;" },
	{ "]]>",			"]]>" },
	{ "a]]]>b]]>]]>c]]",		"a]]]>b]]>]]>c]]" },
	{ "<![CDATA[ a ]]>",		"<![CDATA[ a ]]>" },
	{ "<!-- a --> <?b?>",		"<!-- a --> <?b?>" },
	{ "\"a\" 'b' \\c/ \\u0041",	"\"a\" 'b' \\c/ \\u0041" },
	{ "\xF0\x9F\x8C\xB9 \xE2\x9C\x8A", "\xF0\x9F\x8C\xB9 \xE2\x9C\x8A" },
	{ "\xD8\xA5\xD8\xB6\xD8\xB1\xD8\xA7\xD8\xA8 \xE2\x80\xAE" "abc",
	  "\xD8\xA5\xD8\xB6\xD8\xB1\xD8\xA7\xD8\xA8 \xE2\x80\xAE" "abc" },
	{ "a\x01\x02\x08\x0B\x0C\x1F" "b", "ab" },
	{ "a\xEF\xBF\xBE\xEF\xBF\xBF" "b", "ab" },
	{ "a\xFF\xC3(\xED\xA0\x80" "b",	"a(b" },
	{ "a\tb\nc",			"a\tb\nc" },
	{ "%s %n",			"%s %n" },
};

static void
test_nasty(void **state)
{
	static const struct { enum feed_kind kind; const char *title, *text; } places[] = {
		{ FEED_RSS, "//item/title", "//item/content:encoded" },
		{ FEED_ATOM, "//a:entry/a:title", "//a:entry/a:content" },
		{ FEED_ATOM, "//a:entry/a:summary", "//a:entry/a:content" },
		{ FEED_JSON, "items.0.title", "items.0.content_html" },
		{ FEED_JSON, "items.0.summary", "items.0.content_html" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nasty) / sizeof(*nasty); i++) {
		void			*ctx = talloc_new(NULL);
		struct statement	 s = one;
		struct buf		*escaped = buf_new(ctx, 0);

		s.title = s.summary = nasty[i].raw;
		s.html = (struct markup){ nasty[i].raw };
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
			const struct buf *document = write_feed(ctx, places[k].kind, 0, &s, 1);

			check(ctx, places[k].kind, document, places[k].title, nasty[i].want);
			check(ctx, places[k].kind, document, places[k].text, nasty[i].want);
		}
		/* what readers of RSS take for HTML shows as what was written */
		escape_text(escaped, nasty[i].want);
		check(ctx, FEED_RSS, write_feed(ctx, FEED_RSS, 0, &s, 1),
		    "//item/description", escaped->data);
		talloc_free(ctx);
	}
}

/* ---- none, many, another language, archives ---- */

static void
test_none(void **state)
{
	void			*ctx = talloc_new(NULL);
	const struct buf	*rss = write_feed(ctx, FEED_RSS, 0, NULL, 0);
	const struct buf	*atom = write_feed(ctx, FEED_ATOM, 0, NULL, 0);

	(void)state;
	check(ctx, FEED_RSS, rss, "count(//item)", "0");
	check(ctx, FEED_RSS, rss, "count(//lastBuildDate)", "0");
	check(ctx, FEED_RSS, rss, "/rss/channel/title", "River & Co <Workers>: statements");
	check(ctx, FEED_ATOM, atom, "count(//a:entry)", "0");
	check(ctx, FEED_ATOM, atom, "count(/a:feed/a:updated)", "1");
	check(ctx, FEED_JSON, write_feed(ctx, FEED_JSON, 0, NULL, 0), "items", "0 items");
	talloc_free(ctx);
}

static void
test_many(void **state)
{
	enum { MANY = 20 };
	void			*ctx = talloc_new(NULL);
	struct statement	 many[MANY];
	const struct buf	*documents[FEEDS];
	struct feed		 feed = { .settings = &settings, .words = &words[0] };

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		many[i] = one;
		many[i].id.at[0] = (unsigned char)i;
		many[i].published_at = NOON - (int64_t)i * 86400;
		many[i].slug = talloc_asprintf(ctx, "slug-%zu", i);
		many[i].summary = i % 2 == 0 ? "" : "Summary";
	}
	/* an old one is corrected last of all */
	many[MANY - 1].corrected_at = NOON + 60;
	for (size_t kind = 0; kind < FEEDS; kind++)
		documents[kind] = write_feed(ctx, kind, 0, many, MANY);
	check(ctx, FEED_RSS, documents[FEED_RSS], "count(//item)", "20");
	check(ctx, FEED_RSS, documents[FEED_RSS], "count(//item[description])", "10");
	check(ctx, FEED_RSS, documents[FEED_RSS], "//item[20]/link",
	    "https://hall.example:8443/statements/slug-19");
	check(ctx, FEED_RSS, documents[FEED_RSS], "//lastBuildDate",
	    "Sun, 22 Nov 2026 12:01:00 GMT");
	check(ctx, FEED_ATOM, documents[FEED_ATOM], "count(//a:entry)", "20");
	check(ctx, FEED_ATOM, documents[FEED_ATOM], "count(//a:entry[a:summary])", "10");
	check(ctx, FEED_ATOM, documents[FEED_ATOM],
	    "count(//a:id[not(. = preceding::a:id)])", "21");
	check(ctx, FEED_ATOM, documents[FEED_ATOM], "//a:entry[2]/a:published",
	    "2026-11-21T12:00:00Z");
	check(ctx, FEED_JSON, documents[FEED_JSON], "items", "20 items");
	check(ctx, FEED_JSON, documents[FEED_JSON], "items.0.summary", NULL);
	check(ctx, FEED_JSON, documents[FEED_JSON], "items.1.summary", "Summary");
	assert_int_equal(feed_statements(ctx, &feed, &(struct statements){ MANY, many }), OUT_OK);
	assert_int_equal(feed_changed(&feed.items), NOON + 60);
	/* made again, it is the same to the byte */
	for (size_t kind = 0; kind < FEEDS; kind++)
		assert_string_equal(write_feed(ctx, kind, 0, many, MANY)->data,
		    documents[kind]->data);
	talloc_free(ctx);
}

static void
test_language(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct statement	 s = one;
	const struct buf	*rss, *atom, *json_feed;

	(void)state;
	s.lang = "es";
	s.slug = "huelga";
	rss = write_feed(ctx, FEED_RSS, 1, &s, 1);
	atom = write_feed(ctx, FEED_ATOM, 1, &s, 1);
	json_feed = write_feed(ctx, FEED_JSON, 1, &s, 1);
	check(ctx, FEED_RSS, rss, "/rss/channel/link",
	    "https://hall.example:8443/es/statements");
	check(ctx, FEED_RSS, rss, "/rss/channel/language", "es");
	check(ctx, FEED_RSS, rss, "//a:link/@href",
	    "https://hall.example:8443/es/statements.rss");
	check(ctx, FEED_RSS, rss, "//item/link",
	    "https://hall.example:8443/es/statements/huelga");
	check(ctx, FEED_RSS, rss, "substring-before(substring-after(//content:encoded,"
	    " 'src=\"'), '\"')", "https://hall.example:8443/es/statements/a.png");
	/* a channel must be described; the other formats leave it out */
	check(ctx, FEED_RSS, rss, "/rss/channel/description", "R\xC3\xADo");
	check(ctx, FEED_ATOM, atom, "count(//a:subtitle)", "0");
	check(ctx, FEED_ATOM, atom, "//a:entry/@xml:lang", "es");
	check(ctx, FEED_ATOM, atom, "/a:feed/a:id", "https://hall.example:8443/es/statements");
	check(ctx, FEED_JSON, json_feed, "description", NULL);
	check(ctx, FEED_JSON, json_feed, "language", "es");
	talloc_free(ctx);
}

static void
test_archives(void **state)
{
	static const struct { enum feed_kind kind; const char *path, *want; } rows[] = {
		{ FEED_RSS, "//a:link[@rel='self']/@href",
		  "https://hall.example:8443/statements.x?before=5-ab&c" },
		{ FEED_RSS, "//a:link[@rel='current']/@href",
		  "https://hall.example:8443/statements.x" },
		{ FEED_RSS, "//a:link[@rel='prev-archive']/@href",
		  "https://hall.example:8443/statements.x?before=4-ab" },
		{ FEED_RSS, "//a:link[@rel='next-archive']/@href",
		  "https://hall.example:8443/statements.x?before=6-ab" },
		{ FEED_RSS, "count(/rss/channel/fh:archive)", "1" },
		{ FEED_ATOM, "//a:link[@rel='self']/@href",
		  "https://hall.example:8443/statements.x?before=5-ab&c" },
		{ FEED_ATOM, "//a:link[@rel='current']/@href",
		  "https://hall.example:8443/statements.x" },
		{ FEED_ATOM, "//a:link[@rel='prev-archive']/@href",
		  "https://hall.example:8443/statements.x?before=4-ab" },
		{ FEED_ATOM, "//a:link[@rel='next-archive']/@href",
		  "https://hall.example:8443/statements.x?before=6-ab" },
		{ FEED_ATOM, "//a:link[@rel='next-archive']/@type", "application/atom+xml" },
		{ FEED_ATOM, "count(/a:feed/fh:archive)", "1" },
		/* one feed, whichever document of it */
		{ FEED_ATOM, "/a:feed/a:id", "https://hall.example:8443/statements" },
		{ FEED_JSON, "next_url", "https://hall.example:8443/statements.x?before=4-ab" },
		{ FEED_JSON, "feed_url",
		  "https://hall.example:8443/statements.x?before=5-ab&c" },
	};
	void		*ctx = talloc_new(NULL);
	struct feed	 feed = { .settings = &settings, .words = &words[0],
			    .path = "/statements.x?before=5-ab&c",
			    .older = "/statements.x?before=4-ab",
			    .newer = "/statements.x?before=6-ab", .newest = "/statements.x" };
	struct buf	*documents[FEEDS];

	(void)state;
	assert_int_equal(feed_statements(ctx, &feed, &(struct statements){ 1, &one }), OUT_OK);
	for (size_t kind = 0; kind < FEEDS; kind++) {
		documents[kind] = buf_new(ctx, 0);
		assert_int_equal(feed_write(kind, &feed, documents[kind]), OUT_OK);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(ctx, rows[i].kind, documents[rows[i].kind], rows[i].path, rows[i].want);
	talloc_free(ctx);
}

/* ---- identity, failure ---- */

/* It is of the id alone, and always of version 4. */
static void
test_identity(void **state)
{
	static const struct { unsigned char byte; const char *want; } rows[] = {
		{ 0x00, "urn:uuid:00000000-0000-4000-8000-000000000000" },
		{ 0xff, "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff" },
		{ 0x5a, "urn:uuid:5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a" },
	};
	void	*ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct statement s = one;

		memset(s.id.at, rows[i].byte, ID_LEN);
		assert_string_equal(feed_identity(ctx, &s.id), rows[i].want);
		/* published anew in another year, under another name */
		s.published_at += 366 * 86400;
		s.slug = s.title = "other";
		check(ctx, FEED_RSS, write_feed(ctx, FEED_RSS, 0, &s, 1), "//guid", rows[i].want);
	}
	talloc_free(ctx);
}

static void
test_failed(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct feed	 feed = { .settings = &settings, .words = &words[0],
			    .path = "/statements.x" };

	(void)state;
	assert_int_equal(feed_statements(ctx, &feed, &(struct statements){ 1, &one }), OUT_OK);
	for (size_t kind = 0; kind < FEEDS; kind++) {
		struct buf *to = buf_new(NULL, 0);

		to->failed = true;
		assert_int_equal(feed_write(kind, &feed, to), OUT_FAULT);
		talloc_free(to);
	}
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_corrections),
		cmocka_unit_test(test_nasty),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_archives),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
