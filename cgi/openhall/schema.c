/*
 * schema.c: the files of schema_dir, with their checksums.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "command.h"

enum { FILE_MOST = 1 << 20 };

static char *
read_text(const void *ctx, const char *path)
{
	struct stat	 st;
	char		*text = NULL;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0) {
		complain("%s: %s", path, strerror(errno));
	} else if (st.st_size > FILE_MOST) {
		complain("%s: larger than %d bytes", path, FILE_MOST);
	} else if ((text = talloc_zero_size(ctx, (size_t)st.st_size + 1)) == NULL ||
	    read(fd, text, (size_t)st.st_size) != st.st_size) {
		complain("%s: cannot be read", path);
		talloc_free(text);
		text = NULL;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

static bool
read_one(struct schema_file *out, const void *ctx, const char *dir, const char *name)
{
	unsigned char	hash[(CHECKSUM_TEXT - 1) / 2];
	char		path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path)) {
		complain("%s/%s: the path is too long", dir, name);
		return false;
	}
	if ((out->text = read_text(ctx, path)) == NULL ||
	    (out->name = talloc_strdup(ctx, name)) == NULL)
		return false;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)out->text,
	    strlen(out->text), NULL, 0);
	sodium_bin2hex(out->checksum, CHECKSUM_TEXT, hash, sizeof(hash));
	return true;
}

bool
schema_read(const struct operator *op, const char *below,
    bool (*wanted)(const char *name), struct schema_files *out)
{
	struct dirent	**entries;
	char		  dir[PATH_MAX];
	bool		  fine = true;
	int		  n;

	*out = (struct schema_files){ 0 };
	snprintf(dir, sizeof(dir), "%s%s", op->settings->schema_dir, below);
	if ((n = scandir(dir, &entries, NULL, alphasort)) < 0) {
		complain("%s: %s", dir, strerror(errno));
		return false;
	}
	out->at = talloc_zero_array(op->ctx, struct schema_file, (size_t)n);
	fine = out->at != NULL;
	for (int i = 0; i < n; i++) {
		if (fine && wanted(entries[i]->d_name))
			fine = read_one(&out->at[out->n++], out->at, dir,
			    entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return fine;
}
