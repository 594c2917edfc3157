/*
 * spool.c: see openhall/spool.h.
 *
 * A file is: MAGIC; id, receipt, desk_key, receipt_key; the day in 8 bytes, urgency and
 * suspect in one each; desk, state, kind and facets, each after its length in 2 bytes; the
 * body after its length in 4; and BLAKE2b of all that.  Numbers are big-endian.  It is read
 * as what a stranger wrote: each length against what is left, each text against what it may
 * be.
 */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "openhall/file.h"
#include "openhall/log.h"

static const char	MAGIC[] = "openhall spool 1\n", BAD[] = ".bad";

enum {
	NAME_LEN = 2 * KEY_LEN,			/* the receipt's lookup in hexadecimal */
	WORD_MOST = 32, FACETS_MOST = 2048, BODY_MOST = 2 * 1024 * 1024,
	FILE_MOST = BODY_MOST + 8192,
	URGENCY_MOST = 99,
	HALF_SECONDS = 3600			/* after which nobody writes a file any more */
};

static bool
folder(char path[PATH_MAX], const struct settings *settings, const struct desk *desk)
{
	return snprintf(path, PATH_MAX, "%s/%s", settings->spool_dir, desk->name) < PATH_MAX;
}

static bool
is_name(const char *name)
{
	return strlen(name) == NAME_LEN &&
	    strspn(name, "0123456789abcdef") == NAME_LEN;
}

/* Whether it is that of a file that was set aside. */
static bool
is_bad(const char *name)
{
	return strspn(name, "0123456789abcdef") == NAME_LEN &&
	    strcmp(name + NAME_LEN, BAD) == 0;
}

static void
complain(const char *event, const struct desk *desk, const char *name)
{
	log_error(event, "desk", desk->name, "file", name != NULL ? name : "",
	    "reason", strerror(errno), NULL);
}

/* ---- to bytes ---- */

static void
put_number(struct buf *to, uint64_t number, int bytes)
{
	while (bytes-- > 0)
		buf_char(to, (char)(number >> (8 * bytes) & 0xff));
}

static void
put_text(struct buf *to, const char *text)
{
	put_number(to, strlen(text), 2);
	buf_str(to, text);
}

struct buf *
spool_encode(const void *ctx, const struct submission *s)
{
	unsigned char	 hash[SPOOL_HASH_LEN];
	struct buf	*to;

	if (s->body.len > BODY_MOST || strlen(s->facets) > FACETS_MOST ||
	    (to = buf_new(ctx, s->body.len + 1024)) == NULL)
		return NULL;
	buf_str(to, MAGIC);
	buf_add(to, s->id.at, ID_LEN);
	buf_add(to, s->receipt, KEY_LEN);
	buf_add(to, s->desk_key, SEALED_KEY_LEN);
	buf_add(to, s->receipt_key, WRAP_LEN);
	put_number(to, (uint64_t)s->received_day, 8);
	put_number(to, s->urgency, 1);
	put_number(to, s->suspect, 1);
	put_text(to, s->desk->name);
	put_text(to, s->state);
	put_text(to, s->kind);
	put_text(to, s->facets);
	put_number(to, s->body.len, 4);
	buf_add(to, s->body.data, s->body.len);
	if (!to->failed) {
		crypto_generichash(hash, SPOOL_HASH_LEN, (unsigned char *)to->data, to->len,
		    NULL, 0);
		buf_add(to, hash, SPOOL_HASH_LEN);
	}
	if (to->failed)
		TALLOC_FREE(to);
	return to;
}

/* ---- and back ---- */

/* What is still to be read; `cut`: something was longer than that. */
struct reader {
	const unsigned char	*at;
	size_t			 left;
	bool			 cut;
};

static const unsigned char *
get(struct reader *in, size_t len)
{
	const unsigned char	*at = in->at;

	if (in->cut || len > in->left) {
		in->cut = true;
		return NULL;
	}
	in->at += len;
	in->left -= len;
	return at;
}

static void
get_bytes(struct reader *in, void *to, size_t len)
{
	const unsigned char	*at = get(in, len);

	if (at != NULL)
		memcpy(to, at, len);
}

static uint64_t
get_number(struct reader *in, size_t bytes)
{
	const unsigned char	*at = get(in, bytes);
	uint64_t		 number = 0;

	for (size_t i = 0; at != NULL && i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

/* Visible ASCII, of at most `most` bytes. */
static const char *
get_text(struct reader *in, const void *ctx, size_t most)
{
	size_t			 len = (size_t)get_number(in, 2);
	const unsigned char	*at = len <= most ? get(in, len) : NULL;
	char			*text;

	in->cut = in->cut || at == NULL;
	for (size_t i = 0; !in->cut && i < len; i++)
		in->cut = at[i] <= ' ' || at[i] > '~';
	if (in->cut || (text = talloc_strndup(ctx, (const char *)at, len)) == NULL) {
		in->cut = true;
		return "";
	}
	return text;
}

static bool
is_one_of(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

const char *
spool_decode(const void *ctx, const char *name, const struct desk *desk,
    const unsigned char *data, size_t len, struct submission *s)
{
	static const char *const	states[] = { "received", "needed", "offered" };
	static const char *const	kinds[] = { "", "ask", "offer" };
	struct reader			in = { data, len, false };
	unsigned char			hash[SPOOL_HASH_LEN];
	char				lookup[NAME_LEN + 1];
	const char			*where;
	uint64_t			suspect, day;

	if (len < sizeof(MAGIC) - 1 + SPOOL_HASH_LEN ||
	    memcmp(get(&in, sizeof(MAGIC) - 1), MAGIC, sizeof(MAGIC) - 1) != 0)
		return "no spool file of this version";
	in.left -= SPOOL_HASH_LEN;
	crypto_generichash(hash, SPOOL_HASH_LEN, data, len - SPOOL_HASH_LEN, NULL, 0);
	if (memcmp(hash, data + len - SPOOL_HASH_LEN, SPOOL_HASH_LEN) != 0)
		return "damaged";

	*s = (struct submission){ .desk = desk };
	get_bytes(&in, s->id.at, ID_LEN);
	get_bytes(&in, s->receipt, KEY_LEN);
	get_bytes(&in, s->desk_key, SEALED_KEY_LEN);
	get_bytes(&in, s->receipt_key, WRAP_LEN);
	day = get_number(&in, 8);
	s->received_day = (int64_t)day;
	s->urgency = (unsigned)get_number(&in, 1);
	suspect = get_number(&in, 1);
	s->suspect = suspect == 1;
	where = get_text(&in, ctx, WORD_MOST);
	s->state = get_text(&in, ctx, WORD_MOST);
	s->kind = get_text(&in, ctx, WORD_MOST);
	s->facets = get_text(&in, ctx, FACETS_MOST);
	s->body.len = (size_t)get_number(&in, 4);
	s->body.data = get(&in, s->body.len);
	if (in.cut || in.left != 0 || s->body.len == 0 || s->body.len > BODY_MOST)
		return "lengths that do not fit";
	if (strcmp(where, desk->name) != 0)
		return "of another desk";
	sodium_bin2hex(lookup, sizeof(lookup), s->receipt, KEY_LEN);
	if (strcmp(lookup, name) != 0)
		return "under another name";
	if (day > INT64_MAX || suspect > 1 || s->urgency > URGENCY_MOST ||
	    !is_one_of(s->state, states, sizeof(states) / sizeof(*states)) ||
	    !is_one_of(s->kind, kinds, sizeof(kinds) / sizeof(*kinds)))
		return "values that nobody hands in";
	return NULL;
}

/* ---- the folder ---- */

/* NULL: there is none (errno 0), or it cannot be read (logged). */
static DIR *
open_folder(const struct settings *settings, const struct desk *desk)
{
	char	path[PATH_MAX];
	DIR	*dir;

	if (!folder(path, settings, desk))
		errno = ENAMETOOLONG;
	else if ((dir = opendir(path)) != NULL)
		return dir;
	else if (errno == ENOENT)
		errno = 0;
	if (errno != 0)
		complain("spool.folder", desk, NULL);
	return NULL;
}

/* Add up what is in the folder.  A file that another took away meanwhile counts nothing. */
static enum outcome
count(const struct settings *settings, const struct desk *desk,
    struct spool_report *report)
{
	DIR		*dir = open_folder(settings, desk);
	struct dirent	*entry;
	struct stat	 st;

	if (dir == NULL)
		return errno == 0 ? OUT_OK : OUT_FAULT;
	while ((entry = readdir(dir)) != NULL) {
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		report->bytes += (unsigned long)st.st_size;
		if (is_name(entry->d_name))
			report->waiting++;
		else if (entry->d_name[0] != '.')
			report->bad++;
	}
	closedir(dir);
	return OUT_OK;
}

enum outcome
spool_count(const struct settings *settings, struct spool_report *report)
{
	enum outcome	got = OUT_OK;

	*report = (struct spool_report){ 0 };
	for (int i = 0; i < INTAKES; i++)
		if (count(settings, &desks[i], report) != OUT_OK)
			got = OUT_FAULT;
	return got;
}

enum outcome
spool_put(const struct settings *settings, const struct submission *s)
{
	struct spool_report	 there = { 0 };
	char			 path[PATH_MAX], name[NAME_LEN + 1];
	struct buf		*data;
	enum outcome		 got;

	if (!folder(path, settings, s->desk) ||
	    count(settings, s->desk, &there) != OUT_OK)
		return OUT_FAULT;
	if ((data = spool_encode(NULL, s)) == NULL) {
		log_error("spool.put", "desk", s->desk->name, "reason",
		    "no memory, or too long", NULL);
		return OUT_FAULT;
	}
	if (there.bytes + data->len > settings->spool_most) {
		log_error("spool.full", "desk", s->desk->name, NULL);
		got = OUT_LIMITED;
	} else {
		sodium_bin2hex(name, sizeof(name), s->receipt, KEY_LEN);
		got = file_replace(path, name, 0640, data->data, data->len);
	}
	talloc_free(data);
	return got;
}

/* What was set aside is not filed either, so it still waits: for somebody to look. */
enum outcome
spool_find(const struct settings *settings, const struct key *lookup,
    const struct desk **desk)
{
	char		name[NAME_LEN + 1], path[PATH_MAX];
	struct stat	st;

	sodium_bin2hex(name, sizeof(name), lookup->at, KEY_LEN);
	for (int i = 0; i < 2 * INTAKES; i++) {
		const struct desk	*at = &desks[i / 2];

		if (snprintf(path, sizeof(path), "%s/%s/%s%s", settings->spool_dir,
		    at->name, name, i % 2 == 0 ? "" : BAD) >= (int)sizeof(path))
			return OUT_MISSING;
		if (stat(path, &st) == 0) {
			*desk = at;
			return OUT_OK;
		}
		if (errno != ENOENT)
			complain("spool.find", at, NULL);
	}
	return OUT_MISSING;
}

/* ---- filing ---- */

/* OUT_OK; OUT_INVALID: `why`; OUT_MISSING: somebody else has filed it; OUT_FAULT (logged):
 * it cannot be read now. */
static enum outcome
read_file(const void *ctx, int dir, const char *name, const struct desk *desk,
    struct submission *s, const char **why)
{
	int		 fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char	*data = NULL;
	size_t		 len = 0;
	struct stat	 st;
	ssize_t		 n = 0;

	*why = "no file, or too long";
	if (fd < 0 && errno == ENOENT)
		return OUT_MISSING;
	if (fd < 0 && errno == ELOOP)
		return OUT_INVALID;
	if (fd < 0 || fstat(fd, &st) != 0)
		goto failed;
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MOST) {
		close(fd);
		return OUT_INVALID;
	}
	if ((data = talloc_size(ctx, (size_t)st.st_size + 1)) == NULL) {
		errno = ENOMEM;
		goto failed;
	}
	while (len < (size_t)st.st_size) {
		n = read(fd, data + len, (size_t)st.st_size - len);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto failed;
		len += (size_t)n;
	}
	close(fd);
	*why = spool_decode(ctx, name, desk, data, len, s);
	return *why == NULL ? OUT_OK : OUT_INVALID;
failed:
	complain("spool.read", desk, name);
	if (fd >= 0)
		close(fd);
	return OUT_FAULT;
}

static enum outcome
set_aside(int dir, const char *name, const struct desk *desk, const char *why)
{
	char	bad[NAME_LEN + sizeof(BAD)];

	log_error("spool.bad", "desk", desk->name, "file", name, "reason", why, NULL);
	snprintf(bad, sizeof(bad), "%s%s", name, BAD);
	if (renameat(dir, name, dir, bad) == 0)
		return OUT_OK;
	complain("spool.aside", desk, name);
	return OUT_FAULT;
}

static enum outcome
take_away(int dir, const char *name, const struct desk *desk)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return OUT_OK;
	complain("spool.unlink", desk, name);
	return OUT_FAULT;
}

/*
 * Take away what has been no use for long enough: a file that was being written when its
 * writer ended, for which nobody has a receipt; and what was set aside and never put right.
 */
static void
sweep(int dir, const char *name, const struct desk *desk)
{
	bool		half = name[0] == '.';
	struct stat	st;

	if ((!half && !is_bad(name)) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(st.st_mode) ||
	    st.st_mtime >= time(NULL) - (half ? HALF_SECONDS : SPOOL_BAD_DAYS * 86400))
		return;
	if (!half)
		log_error("spool.erased", "desk", desk->name, "file", name, NULL);
	(void)unlinkat(dir, name, 0);
}

static enum outcome
file_one(struct db *db, int dir, const char *name, const struct desk *desk,
    unsigned *filed)
{
	void			*ctx = talloc_new(NULL);
	struct submission	 s;
	const char		*why;
	enum outcome		 got;

	if (ctx == NULL)
		return OUT_FAULT;
	got = read_file(ctx, dir, name, desk, &s, &why);
	if (got == OUT_OK) {
		got = submission_add(db, &s);
		if (got == OUT_OK || got == OUT_CONFLICT) {
			got = take_away(dir, name, desk);
			*filed += got == OUT_OK;
		}
	} else if (got == OUT_INVALID) {
		got = set_aside(dir, name, desk, why);
	} else if (got == OUT_MISSING) {
		got = OUT_OK;
	}
	talloc_free(ctx);
	return got;
}

/* What cannot be filed does not keep the others waiting. */
enum outcome
spool_file(struct db *db, const struct settings *settings, const struct desk *desk,
    unsigned most, unsigned *filed)
{
	DIR		*dir = open_folder(settings, desk);
	unsigned	 tried = 0, refused = 0;
	enum outcome	 got = OUT_OK;
	struct dirent	*entry;

	*filed = 0;
	if (dir == NULL)
		return errno == 0 ? OUT_OK : OUT_FAULT;
	while (got != OUT_AWAY && tried < most && refused < most &&
	    (entry = readdir(dir)) != NULL) {
		if (!is_name(entry->d_name)) {
			sweep(dirfd(dir), entry->d_name, desk);
			continue;
		}
		got = file_one(db, dirfd(dir), entry->d_name, desk, filed);
		tried += got == OUT_OK;
		refused += got == OUT_FAULT;
	}
	if (tried > 0 && fsync(dirfd(dir)) != 0)
		complain("spool.sync", desk, NULL);
	closedir(dir);
	return got == OUT_AWAY ? OUT_AWAY : refused > 0 ? OUT_FAULT : OUT_OK;
}
