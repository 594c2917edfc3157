/*
 * file: small files that are there whole and durable, or not at all.
 */
#ifndef OPENHALL_FILE_H
#define OPENHALL_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "openhall/outcome.h"

/*
 * Write dir/name with `mode` (whatever the umask), unless there is such a file.  OUT_OK: it
 * is on the disk; OUT_CONFLICT: there is one, and it was left alone; OUT_LIMITED:
 * the disk is full, or a limit of it is reached; OUT_FAULT (both logged).
 */
enum outcome	 file_put(const char *dir, const char *name, mode_t mode,
		    const void *data, size_t len);

/* The same, in the place of what is there.  OUT_OK, OUT_LIMITED, OUT_FAULT. */
enum outcome	 file_replace(const char *dir, const char *name, mode_t mode,
		    const void *data, size_t len);

/* Move `path` to dir/name, on the same disk, in the place of what is there, durably.  OUT_OK,
 * OUT_LIMITED, OUT_FAULT. */
enum outcome	 file_move(const char *path, const char *dir, const char *name);

#endif
