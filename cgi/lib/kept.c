/* kept.c: see openhall/kept.h. */
#include "openhall/kept.h"

#include <string.h>
#include <talloc.h>

bool
kept_send(struct request *rq, const struct kept *kept, const char *key, int64_t number)
{
	if (kept->text == NULL || kept->number != number ||
	    (kept->until != 0 && rq->now >= kept->until) ||
	    strcmp(kept->text, key) != 0)
		return false;
	buf_add(rq->out, kept->text + strlen(kept->text) + 1, kept->len);
	rq->modified = kept->modified;
	rq->etag = kept->etag;
	return true;
}

void
kept_take(const void *ctx, struct kept *kept, const struct request *rq, const char *key,
    int64_t number, int64_t until)
{
	size_t len = strlen(key) + 1;

	talloc_free(kept->text);
	kept->text = NULL;
	if (rq->out->failed || (kept->text = talloc_size(ctx, len + rq->out->len)) == NULL)
		return;
	memcpy(kept->text, key, len);
	memcpy(kept->text + len, rq->out->data, rq->out->len);
	kept->len = rq->out->len;
	kept->number = number;
	kept->until = until;
	kept->modified = rq->modified;
	http_etag(kept->etag, rq->out->data, rq->out->len);
}
