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

/* It is written under a name that begins with a dot, which no reader of a Maildir looks at. */
enum outcome
maildir_put(const char *folder, const struct id *id, const struct buf *mail)
{
	char	path[PATH_MAX], name[2 * ID_LEN + 1];

	if (snprintf(path, sizeof(path), "%s/new", folder) >= (int)sizeof(path))
		return OUT_FAULT;
	id_text(name, id);
	return file_replace(path, name, 0600, mail->data, mail->len);
}
