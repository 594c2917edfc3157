/*
 * journal.c: which mails were sent and have no mark yet.  See journal.h.
 *
 * A file in the spool, of ids one after another and zeros behind them, that is there only while
 * it holds something.  Who writes it, as memory, has it locked; what is not locked was left by
 * who was killed.
 */
#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"

enum { SIZE = JOURNAL_MOST * sizeof(struct id) };

struct journal {
	char		 folder[PATH_MAX - NAME_MAX - 1], path[PATH_MAX];
	int		 fd;		/* -1: it is not there */
	struct id	*ids;		/* what is in it; NULL: it is not there */
	size_t		 n;
};

static enum outcome
complain(const char *what)
{
	log_error("journal", "reason", what, "error", strerror(errno), NULL);
	return OUT_FAULT;
}

static int
shut(struct journal *j)
{
	if (j->ids != NULL)
		munmap(j->ids, SIZE);
	if (j->fd >= 0)
		close(j->fd);
	j->ids = NULL;
	j->n = 0;
	j->fd = -1;
	return 0;
}

struct journal *
journal_new(const void *ctx, const struct settings *settings)
{
	struct journal	*j = talloc_zero(ctx, struct journal);

	if (j == NULL)
		log_stop("no memory");
	j->fd = -1;
	talloc_set_destructor(j, shut);
	if (snprintf(j->folder, sizeof(j->folder), "%s/sent", settings->spool_dir) >=
	    (int)sizeof(j->folder))
		log_stop("%s: the path is too long", settings->spool_dir);
	return j;
}

/* Locked, and still there: nobody has taken it for one that was left. */
static bool
is_ours(int fd)
{
	struct stat	st;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* A new one.  Its place on the disk is taken now: memory that has none ends a process. */
static enum outcome
begin(struct journal *j)
{
	void	*at = MAP_FAILED;

	snprintf(j->path, sizeof(j->path), "%s/XXXXXX", j->folder);
	if ((j->fd = mkostemp(j->path, O_CLOEXEC)) >= 0 && is_ours(j->fd) &&
	    (errno = posix_fallocate(j->fd, 0, SIZE)) == 0)
		at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);
	if (at != MAP_FAILED) {
		j->ids = at;
		return OUT_OK;
	}
	(void)complain("cannot be begun");
	journal_end(j);
	return OUT_FAULT;
}

enum outcome
journal_note(struct journal *j, const struct id *id)
{
	if (j->ids == NULL && begin(j) != OUT_OK)
		return OUT_FAULT;
	if (j->n == JOURNAL_MOST)
		return OUT_FAULT;
	j->ids[j->n++] = *id;
	return OUT_OK;
}

void
journal_end(struct journal *j)
{
	if (j->fd >= 0 && unlink(j->path) != 0)
		(void)complain("cannot be ended");
	shut(j);
}

enum outcome
journal_find(struct journal *j, struct id ids[JOURNAL_MOST], size_t *n)
{
	DIR		*dir;
	struct dirent	*entry;
	ssize_t		 len;

	*n = 0;
	if ((mkdir(j->folder, 0700) != 0 && errno != EEXIST) ||
	    (dir = opendir(j->folder)) == NULL)
		return complain("has no place");
	while (j->fd < 0 && (entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		snprintf(j->path, sizeof(j->path), "%s/%s", j->folder, entry->d_name);
		j->fd = open(j->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (j->fd >= 0 && !is_ours(j->fd))
			shut(j);
	}
	closedir(dir);
	if (j->fd < 0)
		return OUT_MISSING;
	if ((len = read(j->fd, ids, JOURNAL_MOST * sizeof(*ids))) < 0) {
		shut(j);
		return complain("cannot be read");
	}
	*n = (size_t)len / sizeof(*ids);
	while (*n > 0 && sodium_is_zero(ids[*n - 1].at, ID_LEN))
		--*n;
	return OUT_OK;
}
