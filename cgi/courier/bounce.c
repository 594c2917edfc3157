/*
 * bounce.c: the Maildir into which the site's mail server puts what is sent to the address that
 * our mail comes from: reports of what did not arrive, and mail of readers who want no more.
 * What was read goes from new to cur, where the operator may look at it or let it be erased.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "courier.h"
#include "openhall/log.h"
#include "report.h"

/* A mail of which only the beginning is read says what it has to say there, or nothing. */
enum { MAIL_READ = 128 * 1024 };

static enum outcome
complain(const char *folder, const char *what)
{
	log_error("bounces", "folder", folder, "reason", what, "error", strerror(errno), NULL);
	return OUT_FAULT;
}

/* OUT_MISSING: another courier was first; OUT_INVALID: it is no file. */
static enum outcome
read_mail(const char *path, char *mail, size_t *len)
{
	struct stat	st;
	ssize_t		n = 0;
	int		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum outcome	got = OUT_OK;

	*len = 0;
	if (fd < 0)
		return errno == ENOENT ? OUT_MISSING : OUT_INVALID;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		got = OUT_INVALID;
	while (got == OUT_OK && *len < MAIL_READ &&
	    ((n = read(fd, mail + *len, MAIL_READ - *len)) > 0 || (n < 0 && errno == EINTR)))
		*len += n > 0 ? (size_t)n : 0;
	if (n < 0)
		got = OUT_INVALID;
	close(fd);
	return got;
}

static enum outcome
heed(struct db *db, const char *mail, size_t len)
{
	struct report	report;

	report_read(mail, len, &report);
	return report.kind == REPORT_FAILED ? subscriber_bounced(db, &report.mail) :
	    report.kind == REPORT_LEAVE ? subscriber_leave(db, &report.code) : OUT_OK;
}

/* What is done may be done again: so it is done first, and then put away. */
static enum outcome
take(struct db *db, const char *folder, const char *name, char *mail)
{
	char		from[PATH_MAX], to[PATH_MAX];
	size_t		len;
	enum outcome	got;

	if (snprintf(from, sizeof(from), "%s/new/%s", folder, name) >= (int)sizeof(from) ||
	    snprintf(to, sizeof(to), "%s/cur/%s:2,S", folder, name) >= (int)sizeof(to)) {
		errno = ENAMETOOLONG;
		return complain(folder, "name");
	}
	got = read_mail(from, mail, &len);
	if (got == OUT_INVALID) {
		(void)complain(folder, "cannot be read");
		got = OUT_OK;
	} else if (got == OUT_OK) {
		got = heed(db, mail, len);
	}
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	return rename(from, to) == 0 || errno == ENOENT ? OUT_OK :
	    complain(folder, "cannot be put away");
}

enum outcome
bounces_take(struct db *db, const char *folder, unsigned *n)
{
	char		 path[PATH_MAX], *mail;
	struct dirent	*entry;
	DIR		*dir;
	enum outcome	 got = OUT_OK;

	*n = 0;
	if (folder == NULL)
		return OUT_OK;
	if (snprintf(path, sizeof(path), "%s/new", folder) >= (int)sizeof(path) ||
	    (dir = opendir(path)) == NULL)
		return complain(folder, "cannot be opened");
	if ((mail = talloc_size(db, MAIL_READ)) == NULL)
		got = OUT_FAULT;
	while (got == OUT_OK && *n < BOUNCES_PAGE && (entry = readdir(dir)) != NULL)
		if (*entry->d_name != '.') {
			got = take(db, folder, entry->d_name, mail);
			++*n;
		}
	talloc_free(mail);
	closedir(dir);
	return got;
}
