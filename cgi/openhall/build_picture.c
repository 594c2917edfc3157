/*
 * build_picture.c: how large a picture is, so that a page can leave room for it before it has
 * arrived, and nothing jumps when it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

/* The number of `n` bytes at `at`, the first of which weighs most. */
static unsigned
big(const unsigned char *at, size_t n)
{
	unsigned number = 0;

	while (n-- > 0)
		number = number << 8 | *at++;
	return number;
}

/* The same, the last of which weighs most. */
static unsigned
little(const unsigned char *at, size_t n)
{
	unsigned number = 0;

	while (n-- > 0)
		number = number << 8 | at[n];
	return number;
}

/* PNG (W3C, 11.2.2): the first chunk. */
static bool
read_png(const unsigned char *at, size_t len, struct markdown_size *out)
{
	if (len < 24 || memcmp(at, "\x89PNG\r\n\x1a\n", 8) != 0)
		return false;
	*out = (struct markdown_size){ big(at + 16, 4), big(at + 20, 4) };
	return true;
}

/* JPEG (ITU T.81, B.2.2): the segment with which a frame begins, behind others. */
static bool
read_jpeg(const unsigned char *at, size_t len, struct markdown_size *out)
{
	size_t i = 2;

	if (len < 4 || memcmp(at, "\xff\xd8\xff", 3) != 0)
		return false;
	while (i + 9 <= len && at[i] == 0xff) {
		unsigned char kind = at[i + 1];

		if (kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 &&
		    kind != 0xcc) {
			*out = (struct markdown_size){ big(at + i + 7, 2), big(at + i + 5, 2) };
			return true;
		}
		i += kind == 0xff ? 1 : 2 + big(at + i + 2, 2);
	}
	return false;
}

/* WebP (RFC 9649, 2.5 to 2.7): of each of its three kinds the first chunk. */
static bool
read_webp(const unsigned char *at, size_t len, struct markdown_size *out)
{
	if (len < 30 || memcmp(at, "RIFF", 4) != 0 || memcmp(at + 8, "WEBP", 4) != 0)
		return false;
	if (memcmp(at + 12, "VP8 ", 4) == 0)
		*out = (struct markdown_size){ little(at + 26, 2) & 0x3fff,
			little(at + 28, 2) & 0x3fff };
	else if (memcmp(at + 12, "VP8L", 4) == 0)
		*out = (struct markdown_size){ (little(at + 21, 4) & 0x3fff) + 1,
			(little(at + 21, 4) >> 14 & 0x3fff) + 1 };
	else if (memcmp(at + 12, "VP8X", 4) == 0)
		*out = (struct markdown_size){ little(at + 24, 3) + 1, little(at + 27, 3) + 1 };
	else
		return false;
	return true;
}

/* SVG (2, 8.2): what its viewBox is wide and high.  `at` ends in a NUL. */
static bool
read_svg(const char *at, struct markdown_size *out)
{
	const char	*tag = strstr(at, "<svg"), *box = NULL;
	double		 size[4];
	size_t		 n = 0;

	if (tag == NULL || (box = strstr(tag, "viewBox=")) == NULL ||
	    box > tag + strcspn(tag, ">"))
		return false;
	box += strlen("viewBox=");
	for (box += *box != '\0'; n < 4; n++) {
		char *end;

		box += strspn(box, " ,\t\r\n");
		size[n] = strtod(box, &end);
		if (end == box)
			return false;
		box = end;
	}
	if (!(size[2] >= 1 && size[2] < 1e5 && size[3] >= 1 && size[3] < 1e5))
		return false;
	*out = (struct markdown_size){ (unsigned)size[2], (unsigned)size[3] };
	return true;
}

bool
build_picture(const struct asset *asset, struct markdown_size *out)
{
	const unsigned char *at = (const unsigned char *)asset->data;

	return (read_png(at, asset->len, out) || read_jpeg(at, asset->len, out) ||
	    read_webp(at, asset->len, out) || read_svg(asset->data, out)) &&
	    out->width > 0 && out->height > 0;
}
