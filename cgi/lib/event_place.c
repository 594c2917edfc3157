/*
 * event_place.c: where an event takes place, sealed.  See openhall/event.h.
 */
#include "openhall/event.h"

#include <string.h>
#include <talloc.h>

static void
place_key(struct key *out, const struct key *form_key)
{
	seal_derive(out, form_key, "event place", NULL, 0);
}

/* Address and link, each with its NUL. */
enum outcome
event_place_seal(const void *ctx, const struct key *form_key, const struct id *about,
    const struct place *place, struct bytes *out)
{
	size_t		 address = strlen(place->address) + 1, link = strlen(place->link) + 1;
	struct key	 key;
	char		*both;
	enum outcome	 got;

	*out = (struct bytes){ "", 0 };
	if (address + link == 2)
		return OUT_OK;
	if ((both = talloc_size(ctx, address + link)) == NULL)
		return OUT_FAULT;
	memcpy(both, place->address, address);
	memcpy(both + address, place->link, link);
	place_key(&key, form_key);
	got = seal_body(ctx, &key, about, "place", both, address + link, out);
	talloc_free(both);
	return got;
}

enum outcome
event_place_open(const void *ctx, const struct key *form_key, const struct id *about,
    struct bytes sealed, struct place *out)
{
	struct key	 key;
	struct bytes	 plain;
	const char	*link;
	enum outcome	 got;

	*out = (struct place){ "", "" };
	if (sealed.len == 0)
		return OUT_OK;
	place_key(&key, form_key);
	if ((got = seal_open(ctx, &key, about, "place", sealed, &plain)) != OUT_OK)
		return got;
	link = memchr(plain.data, '\0', plain.len);
	if (link == NULL || ++link == (const char *)plain.data + plain.len)
		return OUT_FAULT;
	*out = (struct place){ plain.data, link };
	return OUT_OK;
}
