/*
 * status_built.c: whether what nginx serves as it stands is there, is what the site's files say,
 * and will be good for a while.
 */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>

#include "command.h"

enum { DAY = 86400 };

static bool
is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Of all that pages are made of, the file or folder that changed last, and after `since`; NULL:
 * there is none.  A folder changes when something is added to it or taken away; and by the time
 * of the change, which, unlike that of the text, no copy brings along. */
static const char *
find_changed(const struct operator *op, struct timespec since)
{
	const struct settings	*s = op->settings;
	char			*dirs[] = {
		(char *)(uintptr_t)s->site_dir, (char *)(uintptr_t)s->template_dir,
		(char *)(uintptr_t)s->public_dir, NULL
	};
	FTS			*fts = fts_open(dirs, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	FTSENT			*at;
	const char		*found = NULL;

	while (fts != NULL && (at = fts_read(fts)) != NULL) {
		if ((at->fts_info != FTS_F && at->fts_info != FTS_D) ||
		    !is_later(at->fts_statp->st_ctim, since))
			continue;
		since = at->fts_statp->st_ctim;
		found = talloc_strdup(op->ctx, at->fts_path);
	}
	if (fts != NULL)
		fts_close(fts);
	return found;
}

/* What was changed since may be a draft: it is told, and is no fault. */
static bool
show_pages(const struct operator *op)
{
	const char	*dir = op->settings->html_dir, *changed;
	struct stat	 st;
	char		 path[PATH_MAX], day[32];
	struct tm	 tm;

	snprintf(path, sizeof(path), "%s/now/", dir);
	if (stat(path, &st) != 0) {
		printf("pages\tmissing: openhall build\n");
		return false;
	}
	snprintf(path, sizeof(path), "%s/lock", dir);
	if (stat(path, &st) != 0 || gmtime_r(&st.st_mtim.tv_sec, &tm) == NULL) {
		printf("pages\t%s: %s\n", path, strerror(errno));
		return false;
	}
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M UTC", &tm);
	printf("pages\tbuilt %s", day);
	if ((changed = find_changed(op, st.st_mtim)) != NULL)
		printf("; %s has changed since: openhall build", changed);
	putchar('\n');
	return true;
}

/* The moment behind "Expires: " (RFC 9116, 2.5.5), as the build writes it; 0: there is none. */
static int64_t
expires_at(const char *path)
{
	FILE	*file = fopen(path, "re");
	char	 line[256];
	struct tm tm = { 0 };
	int64_t	 at = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "Expires: ", 9) == 0 &&
		    strptime(line + 9, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL)
			at = (int64_t)timegm(&tm);
	}
	if (file != NULL)
		fclose(file);
	return at;
}

/* A build leaves at least half of the days that site.conf says; this warns in the last quarter. */
static bool
show_security(const struct operator *op)
{
	const struct settings	*s = op->settings;
	char			 path[PATH_MAX];
	int64_t			 left;
	bool			 fine;

	if (s->security_contact == NULL)
		return true;
	snprintf(path, sizeof(path), "%s/now/.well-known/security.txt", s->html_dir);
	left = expires_at(path) - op->now;
	fine = left >= (int64_t)s->security_days * DAY / 4;
	if (left == -op->now)
		printf("security\tsecurity.txt is missing: openhall build\n");
	else if (left <= 0)
		printf("security\tsecurity.txt has expired: openhall build\n");
	else
		printf("security\tsecurity.txt expires in %" PRId64 " days%s\n", left / DAY,
		    fine ? "" : ": openhall build");
	return fine;
}

bool
status_built(const struct operator *op)
{
	return show_pages(op) && show_security(op);
}
