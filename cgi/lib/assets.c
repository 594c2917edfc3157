/* assets.c: see openhall/assets.h. */
#include "openhall/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"

static int
is_asset(const struct dirent *entry)
{
	static const char *const ends[] = { ".css", ".js", ".svg", ".png", ".jpg", ".jpeg",
	    ".webp", ".ico", ".woff2" };
	const char *end = strrchr(entry->d_name, '.');

	if (end == NULL || entry->d_name[0] == '.')
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (strcmp(end, ends[i]) == 0)
			return 1;
	}
	return 0;
}

static void
read_asset(struct assets *assets, const char *dir, const char *name)
{
	char		*path = talloc_asprintf(assets->at, "%s/%s", dir, name), *data = NULL;
	struct asset	*asset = (struct asset *)(uintptr_t)assets_find(assets, name,
			    strlen(name));
	struct stat	 st;
	int		 fd = -1;

	/* A pipe nobody writes to would be waited for. */
	if (path == NULL || (fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0 ||
	    fstat(fd, &st) != 0)
		log_stop("%s/%s: %s", dir, name, strerror(errno));
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return;
	}
	if ((data = talloc_size(assets->at, (size_t)st.st_size + 1)) == NULL)
		log_stop("no memory");
	if (read(fd, data, (size_t)st.st_size) != st.st_size)
		log_stop("%s: cannot be read", path);
	close(fd);
	data[st.st_size] = '\0';
	if (asset == NULL)
		asset = &assets->at[assets->n++];
	*asset = (struct asset){ talloc_strdup(assets->at, name), data, (size_t)st.st_size };
	if (asset->name == NULL)
		log_stop("no memory");
}

static void
read_dir(const void *ctx, struct assets *assets, const char *dir)
{
	struct dirent	**entries;
	int		  n = scandir(dir, &entries, is_asset, alphasort);

	if (n < 0)
		log_stop("%s: %s", dir, strerror(errno));
	assets->at = talloc_realloc(ctx, assets->at, struct asset, assets->n + (size_t)n + 1);
	if (assets->at == NULL)
		log_stop("no memory");
	for (int i = 0; i < n; i++) {
		read_asset(assets, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static int
compare(const void *a, const void *b)
{
	const struct asset *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
assets_read(const void *ctx, const struct settings *s, struct assets *assets)
{
	crypto_generichash_state	st;
	unsigned char			hash[crypto_generichash_BYTES_MIN];

	*assets = (struct assets){ NULL, 0, "" };
	read_dir(ctx, assets, s->public_dir);
	read_dir(ctx, assets, s->site_dir);
	qsort(assets->at, assets->n, sizeof(*assets->at), compare);
	crypto_generichash_init(&st, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < assets->n; i++) {
		const struct asset *asset = &assets->at[i];

		crypto_generichash_update(&st, (const unsigned char *)asset->name,
		    strlen(asset->name) + 1);
		crypto_generichash_update(&st, (const unsigned char *)&asset->len,
		    sizeof(asset->len));
		crypto_generichash_update(&st, (const unsigned char *)asset->data, asset->len);
	}
	crypto_generichash_final(&st, hash, sizeof(hash));
	sodium_bin2hex(assets->fingerprint, sizeof(assets->fingerprint), hash,
	    ASSETS_FINGERPRINT / 2);
}

const struct asset *
assets_find(const struct assets *assets, const char *name, size_t len)
{
	for (size_t i = 0; i < assets->n; i++) {
		if (strlen(assets->at[i].name) == len &&
		    memcmp(assets->at[i].name, name, len) == 0)
			return &assets->at[i];
	}
	return NULL;
}
