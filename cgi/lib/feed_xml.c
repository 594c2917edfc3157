/*
 * feed_xml.c: RSS and Atom.  See openhall/feed.h.
 */
#include "feed.h"

#include <libxml/xmlwriter.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#define ATOM	"http://www.w3.org/2005/Atom"
#define HISTORY	"http://purl.org/syndication/history/1.0"

/* RFC 822 as RFC 1123 has it, with the year whole.  No program asks for a locale, so the
 * names are English. */
static const char *
rfc822(char text[FEED_MOMENT], int64_t at)
{
	time_t		t = (time_t)at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, FEED_MOMENT, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
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
links_of(struct xml *xml, const char *name, const char *mime, const struct feed_head *head)
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
rss_head(struct xml *xml, const struct feed_head *head)
{
	char at[FEED_MOMENT];

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
rss_item(struct xml *xml, const struct feed_head *head, const struct feed_entry *entry)
{
	struct buf	*summary = buf_new(xml->ctx, 256);
	char		 at[FEED_MOMENT];

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
		element(xml, "atom:updated", feed_rfc3339(at, entry->changed));
	end(xml);
}

/* ---- Atom ---- */

static void
atom_head(struct xml *xml, const struct feed_head *head)
{
	char at[FEED_MOMENT];

	begin(xml, "feed");
	attribute(xml, "xmlns", ATOM);
	attribute(xml, "xmlns:fh", HISTORY);
	attribute(xml, "xml:lang", head->lang);
	element(xml, "title", head->title);
	if (*head->tagline != '\0')
		element(xml, "subtitle", head->tagline);
	/* Archives are of the same feed, and so is the list it is made of. */
	element(xml, "id", head->home);
	element(xml, "updated", feed_rfc3339(at, head->changed));
	begin(xml, "author");
	element(xml, "name", head->name);
	end(xml);
	links_of(xml, "link", feed_types[FEED_ATOM].mime, head);
	link_to(xml, "link", "alternate", "text/html", head->home);
}

static void
atom_entry(struct xml *xml, const struct feed_head *head, const struct feed_entry *entry)
{
	char at[FEED_MOMENT];

	(void)head;
	begin(xml, "entry");
	attribute(xml, "xml:lang", entry->lang);
	element(xml, "title", entry->title);
	element(xml, "id", entry->id);
	element(xml, "published", feed_rfc3339(at, entry->published));
	element(xml, "updated", feed_rfc3339(at, entry->changed));
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
	void	(*head)(struct xml *, const struct feed_head *);
	void	(*entry)(struct xml *, const struct feed_head *, const struct feed_entry *);
} formats[FEEDS] = {
	[FEED_RSS] = { rss_head, rss_item },
	[FEED_ATOM] = { atom_head, atom_entry },
};

static enum outcome
write_xml(const void *ctx, enum feed_kind kind, const struct feed *feed,
    const struct feed_head *head, struct buf *to)
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
		struct feed_entry	 entry;
		void			*own = talloc_new(ctx);

		if (own == NULL || !feed_gather(own, feed, &feed->items.at[i], &entry))
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

static enum outcome
rss(const void *ctx, const struct feed *feed, const struct feed_head *head, struct buf *to)
{
	return write_xml(ctx, FEED_RSS, feed, head, to);
}

static enum outcome
atom(const void *ctx, const struct feed *feed, const struct feed_head *head, struct buf *to)
{
	return write_xml(ctx, FEED_ATOM, feed, head, to);
}

enum outcome
feed_write_rss(const struct feed *feed, struct buf *to)
{
	return feed_document(feed, to, rss);
}

enum outcome
feed_write_atom(const struct feed *feed, struct buf *to)
{
	return feed_document(feed, to, atom);
}
