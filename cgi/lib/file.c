/* file.c: see openhall/file.h. */
#include "openhall/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openhall/log.h"

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
sync_dir(const char *dir)
{
	int	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool	fine = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return fine;
}

/* Logged; a full disk is told apart, because what was to be written can be kept elsewhere. */
static enum outcome
failed(const char *path)
{
	bool	full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

	log_error("file", "path", path, "reason", strerror(errno), NULL);
	return full ? OUT_LIMITED : OUT_FAULT;
}

static enum outcome
put(const char *dir, const char *name, mode_t mode, const void *data,
    size_t len, bool replace)
{
	char		path[PATH_MAX], temp[PATH_MAX];
	enum outcome	got;
	int		fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path) ||
	    snprintf(temp, sizeof(temp), "%s/.%s.XXXXXX", dir, name) >=
	    (int)sizeof(temp)) {
		errno = ENAMETOOLONG;
		return failed(path);
	}
	if (!replace && access(path, F_OK) == 0)
		return OUT_CONFLICT;
	if ((fd = mkostemp(temp, O_CLOEXEC)) < 0)
		return failed(path);
	/* Unlike a rename, a link does not replace what another made meanwhile. */
	if (!write_all(fd, data, len) || fchmod(fd, mode) != 0 || fsync(fd) != 0)
		got = failed(path);
	else if ((replace ? rename(temp, path) : link(temp, path)) == 0)
		got = OUT_OK;
	else
		got = errno == EEXIST ? OUT_CONFLICT : failed(path);
	close(fd);
	unlink(temp);
	if (got == OUT_OK && !sync_dir(dir))
		got = failed(path);
	return got;
}

enum outcome
file_put(const char *dir, const char *name, mode_t mode, const void *data,
    size_t len)
{
	return put(dir, name, mode, data, len, false);
}

enum outcome
file_replace(const char *dir, const char *name, mode_t mode, const void *data,
    size_t len)
{
	return put(dir, name, mode, data, len, true);
}

enum outcome
file_move(const char *path, const char *dir, const char *name)
{
	char	to[PATH_MAX];

	if (snprintf(to, sizeof(to), "%s/%s", dir, name) >= (int)sizeof(to)) {
		errno = ENAMETOOLONG;
		return failed(path);
	}
	return rename(path, to) == 0 && sync_dir(dir) ? OUT_OK : failed(to);
}
