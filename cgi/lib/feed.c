/*
 * feed.c: see openhall/feed.h.  What every format says is gathered in one place; each then
 * writes it in its own words.
 */
#include "openhall/feed.h"

#include <jansson.h>
#include <libxml/xmlwriter.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/text.h"
#include "openhall/when.h"
#include "xml_text.h"

#define ATOM	"http://www.w3.org/2005/Atom"
#define HISTORY	"http://purl.org/syndication/history/1.0"

const struct feed_type feed_types[FEEDS] = {
	[FEED_RSS] = { "rss", "application/rss+xml", "application/rss+xml; charset=utf-8" },
	[FEED_ATOM] = { "atom", "application/atom+xml",
	    "application/atom+xml; charset=utf-8" },
	[FEED_JSON] = { "json", "application/feed+json", "application/feed+json" },
};

/* ---- what there is to say ---- */

/* The document, and an item of it, in text that XML and JSON can hold and with whole
 * addresses. */
struct head {
	const char	*title, *tagline, *name, *lang;
	const char	*home, *self;		/* the page with the list; this document */
	const char	*older, *newer, *newest;	/* NULL: as in struct feed */
	int64_t		 changed;		/* 0: there is no item */
};

struct entry {
	const char	*id, *url, *lang, *title, *html;
	const char	*summary;		/* NULL: it has none */
	int64_t		 published, changed;
};

int64_t
feed_changed(const struct feed_items *items)
{
	int64_t last = 0;

	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].changed_at > last)
			last = items->at[i].changed_at;
	return last;
}

const char *
feed_identity(const void *ctx, const struct id *of)
{
	struct id	id = *of;
	char		hex[2 * ID_LEN + 1];

	id.at[6] = (unsigned char)(0x40 | (id.at[6] & 0x0f));	/* version 4 */
	id.at[8] = (unsigned char)(0x80 | (id.at[8] & 0x3f));	/* the RFC's variant */
	id_text(hex, &id);
	return talloc_asprintf(ctx, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}

/* `text` as XML and JSON can hold it; NULL: no memory. */
static const char *
clean(const void *ctx, const char *text)
{
	struct buf *to = buf_new(ctx, 256);

	if (to == NULL)
		return NULL;
	xml_text(to, text);
	return to->failed ? NULL : to->data;
}

/* A path of this site as a whole address. */
static const char *
whole(const void *ctx, const struct feed *feed, const char *path)
{
	const char *url = talloc_asprintf(ctx, "%s%s%s", feed->settings->origin,
	    feed->words->prefix, path);

	return url == NULL ? NULL : clean(ctx, url);
}

static bool
gather_head(const void *ctx, const struct feed *feed, struct head *head)
{
	const struct site_words *words = feed->words;

	*head = (struct head){
		.title = clean(ctx, feed->title),
		.tagline = clean(ctx, words->tagline),
		.name = clean(ctx, words->name),
		.lang = words->lang,
		.home = whole(ctx, feed, feed->page),
		.self = whole(ctx, feed, feed->path),
		.changed = feed_changed(&feed->items),
	};
	if (feed->older != NULL && (head->older = whole(ctx, feed, feed->older)) == NULL)
		return false;
	if (feed->newer != NULL && (head->newer = whole(ctx, feed, feed->newer)) == NULL)
		return false;
	if (feed->newest != NULL && (head->newest = whole(ctx, feed, feed->newest)) == NULL)
		return false;
	return head->title != NULL && head->tagline != NULL && head->name != NULL &&
	    head->home != NULL && head->self != NULL;
}

/* The whole text: what is noted, and what the page shows. */
static const char *
content(const void *ctx, const struct feed *feed, const struct feed_item *item)
{
	struct buf	*html = buf_new(ctx, 8192);
	const char	*page = talloc_asprintf(ctx, "%s%s", feed->words->prefix, item->path);

	if (html == NULL || page == NULL)
		return NULL;
	if (item->label != NULL) {
		buf_str(html, "<p><strong>");
		escape_text(html, item->label);
		buf_str(html, "</strong> ");
		escape_text(html, item->note);
		buf_str(html, "</p>\n");
	}
	markdown_absolute(html, item->html, feed->settings->origin, page);
	return html->failed ? NULL : clean(ctx, html->data);
}

static bool
gather(const void *ctx, const struct feed *feed, const struct feed_item *item,
    struct entry *entry)
{
	*entry = (struct entry){
		.id = feed_identity(ctx, &item->id),
		.url = whole(ctx, feed, item->path),
		.lang = item->lang,
		.title = clean(ctx, item->title),
		.html = content(ctx, feed, item),
		.published = item->published_at,
		.changed = item->changed_at,
	};
	if (item->summary != NULL && *item->summary != '\0' &&
	    (entry->summary = clean(ctx, item->summary)) == NULL)
		return false;
	return entry->id != NULL && entry->url != NULL && entry->title != NULL &&
	    entry->html != NULL;
}

/* ---- statements ---- */

static bool
statement_item(const void *ctx, const struct site_words *words, const struct statement *s,
    struct feed_item *item)
{
	const char *day = when_day(ctx, words, s->corrected_at);

	*item = (struct feed_item){
		.id = s->id,
		.path = talloc_asprintf(ctx, "/statements/%s", s->slug),
		.lang = s->lang,
		.title = s->title,
		.summary = s->summary,
		.html = s->html,
		.published_at = s->published_at,
		.changed_at = s->corrected_at > s->published_at ? s->corrected_at :
		    s->published_at,
	};
	if (s->corrected_at != 0 && s->note != NULL && *s->note != '\0') {
		/* TRANSLATORS: %s is a day; the reason follows */
		item->label = day == NULL ? NULL : talloc_asprintf(ctx,
		    text_in(words, "Corrected on %s:"), day);
		item->note = s->note;
		if (item->label == NULL)
			return false;
	}
	return item->path != NULL;
}

enum outcome
feed_statements(const void *ctx, struct feed *feed, const struct statements *statements)
{
	struct feed_item *items = talloc_array(ctx, struct feed_item, statements->n);

	/* TRANSLATORS: %s is the organisation */
	feed->title = talloc_asprintf(ctx, text_in(feed->words, "%s: statements"),
	    feed->words->name);
	feed->page = "/statements";
	if (feed->title == NULL || items == NULL)
		return OUT_FAULT;
	for (size_t i = 0; i < statements->n; i++)
		if (!statement_item(ctx, feed->words, &statements->at[i], &items[i]))
			return OUT_FAULT;
	feed->items = (struct feed_items){ statements->n, items };
	return OUT_OK;
}

/* ---- moments, in UTC ---- */

enum { MOMENT = 40 };

/* RFC 822 as RFC 1123 has it, with the year whole.  No program asks for a locale, so the
 * names are English. */
static const char *
rfc822(char text[MOMENT], int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, MOMENT, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		return NULL;
	return text;
}

static const char *
rfc3339(char text[MOMENT], int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, MOMENT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return text;
}

/* ---- XML ---- */

/* What fails sticks, and is asked for once at the end. */
struct xml {
	xmlTextWriter	*to;
	const void	*ctx;
	bool		 failed;
};

static void
begin(struct xml *xml, const char *element)
{
	if (xmlTextWriterStartElement(xml->to, BAD_CAST element) < 0)
		xml->failed = true;
}

static void
end(struct xml *xml)
{
	/* Never as an empty tag, which some readers do not expect. */
	if (xmlTextWriterFullEndElement(xml->to) < 0)
		xml->failed = true;
}

static void
attribute(struct xml *xml, const char *name, const char *value)
{
	if (xmlTextWriterWriteAttribute(xml->to, BAD_CAST name, BAD_CAST value) < 0)
		xml->failed = true;
}

/* Characters that XML could take for markup are written by their numbers, which readers
 * that decode twice leave alone (RSS Best Practices Profile, "Character Data"). */
static void
text(struct xml *xml, const char *what)
{
	struct buf *to = buf_new(xml->ctx, 256);

	if (to == NULL || what == NULL) {
		xml->failed = true;
		return;
	}
	for (size_t n; *what != '\0'; what += n) {
		if ((n = strcspn(what, "&<>")) > 0)
			buf_add(to, what, n);
		else {
			buf_str(to, *what == '&' ? "&#x26;" : *what == '<' ? "&#x3C;" : "&#x3E;");
			n = 1;
		}
	}
	if (to->failed || xmlTextWriterWriteRaw(xml->to, BAD_CAST to->data) < 0)
		xml->failed = true;
	talloc_free(to);
}

static void
element(struct xml *xml, const char *name, const char *what)
{
	begin(xml, name);
	text(xml, what);
	end(xml);
}

/* "]]>" ends a CDATA section wherever it stands: it goes into two of them. */
static void
cdata(struct xml *xml, const char *what)
{
	struct buf	*to = buf_new(xml->ctx, strlen(what) + 16);
	const char	*at;

	if (to == NULL) {
		xml->failed = true;
		return;
	}
	buf_str(to, "<![CDATA[");
	while ((at = strstr(what, "]]>")) != NULL) {
		buf_add(to, what, (size_t)(at + 2 - what));
		buf_str(to, "]]><![CDATA[");
		what = at + 2;
	}
	buf_str(to, what);
	buf_str(to, "]]>");
	if (to->failed || xmlTextWriterWriteRaw(xml->to, BAD_CAST to->data) < 0)
		xml->failed = true;
	talloc_free(to);
}

/* An Atom link, by its prefixed name in RSS. */
static void
link_to(struct xml *xml, const char *name, const char *rel, const char *mime,
    const char *href)
{
	if (href == NULL)
		return;
	begin(xml, name);
	attribute(xml, "rel", rel);
	attribute(xml, "type", mime);
	attribute(xml, "href", href);
	if (xmlTextWriterEndElement(xml->to) < 0)
		xml->failed = true;
}

/* Where this document stands among its archives (RFC 5005, 4). */
static void
links_of(struct xml *xml, const char *name, const char *mime, const struct head *head)
{
	link_to(xml, name, "self", mime, head->self);
	link_to(xml, name, "current", mime, head->newest);
	link_to(xml, name, "prev-archive", mime, head->older);
	link_to(xml, name, "next-archive", mime, head->newer);
	if (head->newest == NULL)
		return;
	begin(xml, "fh:archive");
	if (xmlTextWriterEndElement(xml->to) < 0)
		xml->failed = true;
}

/* ---- RSS ---- */

static void
rss_head(struct xml *xml, const struct head *head)
{
	char at[MOMENT];

	begin(xml, "rss");
	attribute(xml, "version", "2.0");
	attribute(xml, "xmlns:atom", ATOM);
	attribute(xml, "xmlns:content", "http://purl.org/rss/1.0/modules/content/");
	attribute(xml, "xmlns:dc", "http://purl.org/dc/elements/1.1/");
	attribute(xml, "xmlns:fh", HISTORY);
	begin(xml, "channel");
	element(xml, "title", head->title);
	element(xml, "link", head->home);
	element(xml, "description", *head->tagline == '\0' ? head->name : head->tagline);
	element(xml, "language", head->lang);
	if (head->changed != 0)
		element(xml, "lastBuildDate", rfc822(at, head->changed));
	element(xml, "ttl", "30");		/* minutes */
	links_of(xml, "atom:link", feed_types[FEED_RSS].mime, head);
}

static void
rss_item(struct xml *xml, const struct head *head, const struct entry *entry)
{
	struct buf	*summary = buf_new(xml->ctx, 256);
	char		 at[MOMENT];

	begin(xml, "item");
	element(xml, "title", entry->title);
	element(xml, "link", entry->url);
	if (entry->summary != NULL && summary != NULL) {
		/* A description is HTML. */
		escape_text(summary, entry->summary);
		element(xml, "description", summary->failed ? NULL : summary->data);
	}
	xml->failed |= summary == NULL;
	begin(xml, "content:encoded");
	cdata(xml, entry->html);
	end(xml);
	begin(xml, "guid");
	attribute(xml, "isPermaLink", "false");
	text(xml, entry->id);
	end(xml);
	element(xml, "pubDate", rfc822(at, entry->published));
	element(xml, "dc:creator", head->name);
	if (entry->changed != entry->published)
		element(xml, "atom:updated", rfc3339(at, entry->changed));
	end(xml);
}

/* ---- Atom ---- */

static void
atom_head(struct xml *xml, const struct head *head)
{
	char at[MOMENT];

	begin(xml, "feed");
	attribute(xml, "xmlns", ATOM);
	attribute(xml, "xmlns:fh", HISTORY);
	attribute(xml, "xml:lang", head->lang);
	element(xml, "title", head->title);
	if (*head->tagline != '\0')
		element(xml, "subtitle", head->tagline);
	/* Archives are of the same feed, and so is the list it is made of. */
	element(xml, "id", head->home);
	element(xml, "updated", rfc3339(at, head->changed));
	begin(xml, "author");
	element(xml, "name", head->name);
	end(xml);
	links_of(xml, "link", feed_types[FEED_ATOM].mime, head);
	link_to(xml, "link", "alternate", "text/html", head->home);
}

static void
atom_entry(struct xml *xml, const struct head *head, const struct entry *entry)
{
	char at[MOMENT];

	(void)head;
	begin(xml, "entry");
	attribute(xml, "xml:lang", entry->lang);
	element(xml, "title", entry->title);
	element(xml, "id", entry->id);
	element(xml, "published", rfc3339(at, entry->published));
	element(xml, "updated", rfc3339(at, entry->changed));
	link_to(xml, "link", "alternate", "text/html", entry->url);
	if (entry->summary != NULL)
		element(xml, "summary", entry->summary);
	begin(xml, "content");
	attribute(xml, "type", "html");
	text(xml, entry->html);
	end(xml);
	end(xml);
}

static const struct {
	void	(*head)(struct xml *, const struct head *);
	void	(*entry)(struct xml *, const struct head *, const struct entry *);
} formats[FEEDS] = {
	[FEED_RSS] = { rss_head, rss_item },
	[FEED_ATOM] = { atom_head, atom_entry },
};

static enum outcome
write_xml(const void *ctx, enum feed_kind kind, const struct feed *feed,
    const struct head *head, struct buf *to)
{
	xmlBuffer	*bytes = xmlBufferCreate();
	struct xml	 xml = { .ctx = ctx };
	enum outcome	 got = OUT_FAULT;

	if (bytes == NULL || (xml.to = xmlNewTextWriterMemory(bytes, 0)) == NULL)
		goto done;
	/* An element a line, not moved in. */
	if (xmlTextWriterSetIndent(xml.to, 1) < 0 ||
	    xmlTextWriterSetIndentString(xml.to, BAD_CAST "") < 0 ||
	    xmlTextWriterStartDocument(xml.to, NULL, "UTF-8", NULL) < 0)
		goto done;
	formats[kind].head(&xml, head);
	for (size_t i = 0; i < feed->items.n; i++) {
		struct entry	 entry;
		void		*own = talloc_new(ctx);

		if (own == NULL || !gather(own, feed, &feed->items.at[i], &entry))
			goto done;
		xml.ctx = own;
		formats[kind].entry(&xml, head, &entry);
		xml.ctx = ctx;
		talloc_free(own);
	}
	/* Ends what is open, and writes it out. */
	if (xmlTextWriterEndDocument(xml.to) < 0 || xml.failed)
		goto done;
	buf_add(to, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
	got = to->failed ? OUT_FAULT : OUT_OK;
done:
	if (xml.to != NULL)
		xmlFreeTextWriter(xml.to);
	if (bytes != NULL)
		xmlBufferFree(bytes);
	return got;
}

/* ---- JSON Feed ---- */

static json_t *
json_item(const struct entry *entry)
{
	char at[MOMENT], again[MOMENT];

	return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s, s:s*, s:s}", "id", entry->id,
	    "url", entry->url, "title", entry->title, "summary", entry->summary,
	    "content_html", entry->html,
	    "date_published", rfc3339(at, entry->published),
	    "date_modified",
	    entry->changed == entry->published ? NULL : rfc3339(again, entry->changed),
	    "language", entry->lang);
}

/* json_dump_callback_t */
static int
append(const char *bytes, size_t len, void *to)
{
	buf_add(to, bytes, len);
	return 0;
}

static enum outcome
write_json(const void *ctx, const struct feed *feed, const struct head *head,
    struct buf *to)
{
	json_t		*items = json_array();
	json_t		*all = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:[{s:s, s:s}],"
			    " s:s*, s:O}", "version", "https://jsonfeed.org/version/1.1",
			    "title", head->title, "home_page_url", head->home,
			    "feed_url", head->self,
			    "description", *head->tagline == '\0' ? NULL : head->tagline,
			    "language", head->lang,
			    "authors", "name", head->name, "url", head->home,
			    "next_url", head->older, "items", items);
	enum outcome	 got = OUT_FAULT;

	if (all == NULL)
		goto done;
	for (size_t i = 0; i < feed->items.n; i++) {
		struct entry	 entry;
		void		*own = talloc_new(ctx);

		if (own == NULL || !gather(own, feed, &feed->items.at[i], &entry) ||
		    json_array_append_new(items, json_item(&entry)) != 0)
			goto done;
		talloc_free(own);
	}
	if (json_dump_callback(all, append, to, JSON_COMPACT) == 0 && !to->failed)
		got = OUT_OK;
done:
	json_decref(all);
	json_decref(items);
	return got;
}

enum outcome
feed_write(enum feed_kind kind, const struct feed *feed, struct buf *to)
{
	void		*ctx = talloc_new(to);
	struct head	 head;
	enum outcome	 got = OUT_FAULT;

	if (ctx != NULL && gather_head(ctx, feed, &head))
		got = kind == FEED_JSON ? write_json(ctx, feed, &head, to) :
		    write_xml(ctx, kind, feed, &head, to);
	talloc_free(ctx);
	return got;
}
