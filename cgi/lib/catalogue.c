/* catalogue.c: see catalogue.h. */
#include "catalogue.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { CATALOGUE_MOST = 16 * 1024 * 1024, FORMS_MOST = 16 };

/* The file's head and the two tables to which it points, in the machine's byte order. */
struct head {
	uint32_t	magic, revision, n, msgids, msgstrs;
};
static const uint32_t mo_magic = 0x950412de;

struct entry {
	uint32_t	len, at;	/* of a text that ends in a NUL, not counted */
};

struct catalogue {
	char		*data;
	size_t		 len;
	struct head	 head;
	const char	*plural;	/* the expression, or NULL */
	unsigned long	 forms;
};

static struct entry
entry_at(const struct catalogue *c, uint32_t table, uint32_t i)
{
	struct entry	entry;

	memcpy(&entry, c->data + table + (size_t)i * sizeof(entry), sizeof(entry));
	return entry;
}

/* Whether each text lies in the file and ends there: lookups need not ask again. */
static bool
is_sound(const struct catalogue *c, uint32_t table)
{
	if (table > c->len || c->head.n > (c->len - table) / sizeof(struct entry))
		return false;
	for (uint32_t i = 0; i < c->head.n; i++) {
		struct entry	entry = entry_at(c, table, i);

		if (entry.at >= c->len || entry.len >= c->len - entry.at ||
		    c->data[entry.at + entry.len] != '\0')
			return false;
	}
	return true;
}

/* The catalogue's texts are sorted by their msgid. */
static bool
find(const struct catalogue *c, const char *msgid, struct entry *out)
{
	uint32_t	low = 0, high = c->head.n;

	while (low < high) {
		uint32_t	middle = low + (high - low) / 2;
		int		order = strcmp(msgid, c->data +
				    entry_at(c, c->head.msgids, middle).at);

		if (order == 0) {
			*out = entry_at(c, c->head.msgstrs, middle);
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* "Plural-Forms: nplurals=2; plural=(n != 1);", a line of the header, msgid "". */
static bool
read_plural(struct catalogue *c)
{
	struct entry	 header;
	const char	*at, *end;

	if (!find(c, "", &header) ||
	    (at = strstr(c->data + header.at, "Plural-Forms:")) == NULL)
		return true;
	if ((at = strstr(at, "nplurals=")) == NULL ||
	    (c->forms = strtoul(at + 9, NULL, 10)) < 1 || c->forms > FORMS_MOST ||
	    (at = strchr(at, ';')) == NULL || (at = strstr(at, "plural=")) == NULL ||
	    (end = strchr(at, ';')) == NULL)
		return false;
	at += 7;
	if ((c->plural = talloc_strndup(c, at, (size_t)(end - at))) == NULL)
		return false;
	/* Every form it names must be one of those there are. */
	for (unsigned long n = 0; n < 200; n++) {
		unsigned long	form;

		if (plural_form(c->plural, n, &form) != OUT_OK || form >= c->forms)
			return false;
	}
	return true;
}

static enum outcome
read_file(struct catalogue *c, const char *path)
{
	FILE		*file = fopen(path, "re");
	long		 len;
	enum outcome	 got = OUT_MISSING;

	if (file == NULL)
		return OUT_MISSING;
	if (fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0)
		goto out;
	got = OUT_INVALID;
	if (len > CATALOGUE_MOST)
		goto out;
	got = OUT_FAULT;
	c->len = (size_t)len;
	if ((c->data = talloc_size(c, c->len + 1)) == NULL)
		goto out;
	got = fread(c->data, 1, c->len, file) == c->len ? OUT_OK : OUT_MISSING;
out:
	fclose(file);
	return got;
}

enum outcome
catalogue_read(const void *ctx, const char *path, struct catalogue **out)
{
	struct catalogue	*c = talloc_zero(ctx, struct catalogue);
	enum outcome		 got;

	if (c == NULL)
		return OUT_FAULT;
	if ((got = read_file(c, path)) != OUT_OK)
		goto undo;
	got = OUT_INVALID;
	if (c->len < sizeof(c->head))
		goto undo;
	memcpy(&c->head, c->data, sizeof(c->head));
	if (c->head.magic != mo_magic || c->head.revision >> 16 > 1 ||
	    !is_sound(c, c->head.msgids) || !is_sound(c, c->head.msgstrs) ||
	    !read_plural(c))
		goto undo;
	*out = c;
	return OUT_OK;
undo:
	talloc_free(c);
	return got;
}

const char *
catalogue_find(const struct catalogue *c, const char *msgid)
{
	struct entry	text;

	return find(c, msgid, &text) && text.len > 0 ? c->data + text.at : NULL;
}

const char *
catalogue_find_n(const struct catalogue *c, const char *msgid, unsigned long n)
{
	struct entry	 text;
	unsigned long	 form;
	const char	*at, *end;

	if (!find(c, msgid, &text) || text.len == 0 || c->plural == NULL ||
	    plural_form(c->plural, n, &form) != OUT_OK)
		return NULL;
	/* The forms follow each other, each with its NUL. */
	at = c->data + text.at;
	end = at + text.len;
	while (form-- > 0)
		if ((at += strlen(at) + 1) > end)
			return NULL;
	return at;
}
