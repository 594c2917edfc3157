/*
 * maildir.c: mail into a folder.  See maildir.h.
 */
#include "maildir.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "openhall/file.h"
#include "openhall/log.h"

void
maildir_make(const char *folder)
{
	static const char *const	parts[] = { "", "/tmp", "/new", "/cur" };
	char				path[PATH_MAX];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (snprintf(path, sizeof(path), "%s%s", folder, parts[i]) >=
		    (int)sizeof(path))
			log_stop("%s: the path is too long", folder);
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			log_stop("%s: %s", path, strerror(errno));
	}
}

/* Written in tmp, and seen in new when it is whole.  What a crash leaves in tmp is overwritten
 * by the same mail, which then goes out again. */
enum outcome
maildir_put(const char *folder, const struct id *id, const struct buf *mail)
{
	char		tmp[PATH_MAX], new[PATH_MAX], path[PATH_MAX], name[2 * ID_LEN + 1];
	enum outcome	got;

	id_text(name, id);
	if (snprintf(path, sizeof(path), "%s/tmp/%s", folder, name) >= (int)sizeof(path) ||
	    snprintf(tmp, sizeof(tmp), "%s/tmp", folder) >= (int)sizeof(tmp) ||
	    snprintf(new, sizeof(new), "%s/new", folder) >= (int)sizeof(new))
		return OUT_FAULT;
	got = file_replace(tmp, name, 0600, mail->data, mail->len);
	return got == OUT_OK ? file_move(path, new, name) : got;
}
