/*
 * build_tree.c: what was built, for nginx to find.
 *
 * html_dir holds two folders, a and b, and a link `now` to the one that is served.  A build
 * makes the other one anew, brings it to the disk and then turns the link, in one step; so
 * every visitor finds a whole site, the former or the new one.  A file that has not changed is
 * the former one (a hard link), with its date; if none has changed, nothing is turned.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "build.h"

static bool
failed(const char *path)
{
	complain("%s: %s", path, strerror(errno));
	return false;
}

/* ---- folders ---- */

/* Make `dir`, for everybody to read, and those above it as far as they are missing. */
static bool
make_dirs(const char *dir)
{
	char	 path[PATH_MAX];
	char	*at = path;

	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return failed(dir);
	}
	do {
		if ((at = strchr(at + 1, '/')) != NULL)
			*at = '\0';
		if (mkdir(path, 0755) == 0 ? chmod(path, 0755) != 0 : errno != EEXIST)
			return failed(path);
		if (at != NULL)
			*at = '/';
	} while (at != NULL);
	return true;
}

/* Walk through `dir`; NULL: complained about. */
static FTS *
walk(const char *dir)
{
	char	*paths[] = { (char *)(uintptr_t)dir, NULL };
	FTS	*fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	if (fts == NULL)
		failed(dir);
	return fts;
}

/* Remove `dir` and what is in it; it need not be there. */
static bool
remove_dir(const char *dir)
{
	FTS	*fts = walk(dir);
	FTSENT	*at;
	bool	 fine = fts != NULL;

	while (fine && (at = fts_read(fts)) != NULL) {
		if (at->fts_info != FTS_D && remove(at->fts_accpath) != 0 &&
		    errno != ENOENT)
			fine = failed(at->fts_path);
	}
	if (fts != NULL)
		fts_close(fts);
	return fine;
}

/* ---- files ---- */

/* Whether the file holds just this. */
static bool
is_same(const char *path, struct bytes data)
{
	FILE	*file = fopen(path, "re");
	char	 part[4096];
	size_t	 at = 0, n;
	bool	 same = file != NULL;

	while (same && (n = fread(part, 1, sizeof(part), file)) > 0) {
		same = n <= data.len - at &&
		    memcmp(part, (const char *)data.data + at, n) == 0;
		at += n;
	}
	if (file != NULL)
		fclose(file);
	return same && at == data.len;
}

static bool
write_file(const char *path, struct bytes data)
{
	const char	*at = data.data;
	size_t		 left = data.len;
	int		 fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return failed(path);
	while (left > 0) {
		ssize_t n = write(fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	if (left > 0 || fchmod(fd, 0644) != 0) {
		failed(path);
		close(fd);
		return false;
	}
	return close(fd) == 0 || failed(path);
}

/* Put `file` below `to`: as it stands below `from` where it is the same. */
static bool
put(struct build *b, const struct built_file *file, const char *from, const char *to,
    struct built_tree *tree)
{
	char	*old = talloc_asprintf(b->ctx, "%s%s", from, file->path);
	char	*new = talloc_asprintf(b->ctx, "%s%s", to, file->path);
	char	*slash = new != NULL ? strrchr(new, '/') : NULL;
	bool	 same, fine;

	if (old == NULL || slash == NULL)
		return complain("no memory") == 0;
	*slash = '\0';
	fine = make_dirs(new);
	*slash = '/';
	same = fine && is_same(old, file->data);
	/* There are file systems without hard links. */
	if (fine && (!same || link(old, new) != 0))
		fine = write_file(new, file->data);
	if (!file->derived)
		(*(same ? &tree->kept : &tree->written))++;
	tree->changed |= !same;
	talloc_free(old);
	talloc_free(new);
	return fine;
}

/* ---- the whole ---- */

static bool
is_built(const struct build *b, const char *path)
{
	for (size_t i = 0; i < b->n_files; i++) {
		if (strcmp(b->files[i].path, path) == 0)
			return true;
	}
	return false;
}

/* Count the files of `from` that are not there any more; what is derived goes with its like. */
static bool
count_removed(const struct build *b, const char *from, struct built_tree *tree)
{
	FTS	*fts = walk(from);
	FTSENT	*at;

	if (fts == NULL)
		return false;
	while ((at = fts_read(fts)) != NULL)
		tree->removed += at->fts_info == FTS_F &&
		    (at->fts_namelen < 3 || strcmp(at->fts_name + at->fts_namelen - 3,
		    ".gz") != 0) && !is_built(b, at->fts_path + strlen(from));
	fts_close(fts);
	return true;
}

/* Everything is on the disk before it is served. */
static bool
sync_all(const char *dir)
{
	int	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool	fine = fd >= 0 && syncfs(fd) == 0;

	if (fd >= 0)
		close(fd);
	return fine || failed(dir);
}

/* Where everything is; NULL: no memory. */
struct places {
	const char	*dir, *now, *next;	/* html_dir, the link, one that is to be it */
	const char	*from, *to;		/* the folder that is served, the other one */
	const char	*name;			/* of that: "a" or "b" */
};

static bool
find_places(struct build *b, struct places *p)
{
	char	target[8];
	ssize_t	n;

	p->dir = b->settings->html_dir;
	p->now = talloc_asprintf(b->ctx, "%s/now", p->dir);
	p->next = talloc_asprintf(b->ctx, "%s/.now", p->dir);
	if (p->now == NULL || p->next == NULL)
		return complain("no memory") == 0;
	if ((n = readlink(p->now, target, sizeof(target))) < 0 && errno == EINVAL)
		return complain("%s is not the link that a build makes: take it away", p->now) ==
		    0;
	if (n < 0 && errno != ENOENT)
		return failed(p->now);
	p->name = n == 1 && *target == 'a' ? "b" : "a";
	p->from = talloc_asprintf(b->ctx, "%s/%s", p->dir, *p->name == 'a' ? "b" : "a");
	p->to = talloc_asprintf(b->ctx, "%s/%s", p->dir, p->name);
	return (p->from != NULL && p->to != NULL) || complain("no memory") == 0;
}

/* From here on what was built is served. */
static bool
turn(const struct places *p, struct built_tree *tree)
{
	if ((unlink(p->next) != 0 && errno != ENOENT) || symlink(p->name, p->next) != 0 ||
	    rename(p->next, p->now) != 0)
		return failed(p->now);
	tree->turned = true;
	return sync_all(p->dir);
}

static bool
make(struct build *b, const struct places *p, struct built_tree *tree)
{
	if (!remove_dir(p->to) || !make_dirs(p->to))
		return false;
	for (size_t i = 0; i < b->n_files; i++) {
		if (!put(b, &b->files[i], p->from, p->to, tree))
			return false;
	}
	if (!count_removed(b, p->from, tree))
		return false;
	return (!tree->changed && tree->removed == 0) ||
	    (sync_all(p->to) && turn(p, tree));
}

bool
build_tree(struct build *b, struct built_tree *tree)
{
	struct places	 p = { 0 };
	const char	*lock;
	int		 fd;
	bool		 fine;
	/* Whoever asks later what has changed since. */
	struct timespec	 times[] = { { .tv_nsec = UTIME_OMIT }, b->began };

	*tree = (struct built_tree){ 0 };
	if (!make_dirs(b->settings->html_dir))
		return false;
	lock = talloc_asprintf(b->ctx, "%s/lock", b->settings->html_dir);
	if (lock == NULL)
		return complain("no memory") == 0;
	/* One build at a time. */
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		return failed(lock);
	if ((fine = find_places(b, &p))) {
		fine = make(b, &p, tree);
		/* The one that is not served any more, or never was. */
		remove_dir(tree->turned ? p.from : p.to);
	}
	if (fine && futimens(fd, times) != 0)
		fine = failed(lock);
	close(fd);
	return fine;
}
