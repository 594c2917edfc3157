/* buf.c: see openhall/buf.h. */
#include "openhall/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <talloc.h>

struct buf *
buf_new(const void *ctx, size_t expected)
{
	struct buf *buf = talloc(ctx, struct buf);

	if (buf == NULL)
		return NULL;
	*buf = (struct buf){ .size = expected + 1 };
	if ((buf->data = talloc_size(buf, buf->size)) == NULL) {
		talloc_free(buf);
		return NULL;
	}
	buf->data[0] = '\0';
	return buf;
}

/* Make room for `len` bytes and the NUL. */
static bool
room(struct buf *buf, size_t len)
{
	size_t	 size = buf->size;
	char	*data;

	if (buf->failed)
		return false;
	if (len < size - buf->len)
		return true;
	while (size - buf->len <= len && size <= SIZE_MAX / 2)
		size *= 2;
	/* Not talloc_realloc(), whose count is an unsigned int. */
	data = size - buf->len > len ?
	    talloc_realloc_size(buf, buf->data, size) : NULL;
	if (data == NULL) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->size = size;
	return true;
}

void
buf_add(struct buf *buf, const void *data, size_t len)
{
	if (len == 0 || !room(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_str(struct buf *buf, const char *text)
{
	if (text != NULL)
		buf_add(buf, text, strlen(text));
}

void
buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void
buf_fmt(struct buf *buf, const char *fmt, ...)
{
	va_list	ap;
	int	n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		buf->failed = true;
		return;
	}
	if (!room(buf, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)n;
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->data[0] = '\0';
	buf->failed = false;
}
