/*
 * test_spool.c: what waits in files: written whole or not at all, and read as what a
 * stranger wrote.  (That it is filed once, test_store sees.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"
#include "openhall/spool.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static char		dir[] = "/tmp/openhall-spool-XXXXXX";
static struct settings	settings;
static struct db	*away;		/* a store that nobody finds */
static struct key	lookup;
static char		name[2 * KEY_LEN + 1];

static const char *
path(const char *desk, const char *file, const char *more)
{
	static char	at[PATH_MAX];

	snprintf(at, sizeof(at), "%s/%s/%s%s", dir, desk, file, more);
	return at;
}

static bool
there(const char *desk, const char *file, const char *more)
{
	struct stat	st;

	return lstat(path(desk, file, more), &st) == 0;
}

static int
set_up(void **state)
{
	char	command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s && mkdir -p %s/membership "
	    "%s/supporters %s/aid", dir, dir, dir, dir);
	settings.spool_most = 1 << 20;
	return system(command);
}

static struct submission
sample(const struct desk *desk)
{
	static unsigned char	body[BODY_BLOCK];
	struct submission	s = {
		.desk = desk, .state = "needed", .kind = "ask", .urgency = 2,
		.suspect = true, .received_day = 86400,
		.body = { body, sizeof(body) }, .facets = "area=north&need=food",
	};

	memset(s.id.at, 'i', sizeof(s.id.at));
	memset(s.desk_key, 'd', sizeof(s.desk_key));
	memset(s.receipt_key, 'r', sizeof(s.receipt_key));
	memcpy(s.receipt, lookup.at, KEY_LEN);
	return s;
}

static void
put(void)
{
	struct submission	s = sample(&desks[DESK_AID]);

	assert_int_equal(spool_put(&settings, &s), OUT_OK);
}

static void
counts(unsigned long waiting, unsigned long bad)
{
	struct spool_report	report;

	assert_int_equal(spool_count(&settings, &report), OUT_OK);
	assert_int_equal(report.waiting, waiting);
	assert_int_equal(report.bad, bad);
}

static void
test_put(void **state)
{
	struct spool_report	 report;
	const struct desk	*desk = NULL;
	struct key		 other = lookup;
	struct stat		 st;
	DIR			*folder;
	int			 entries = 0;

	(void)state;
	counts(0, 0);
	assert_int_equal(spool_find(&settings, &lookup, &desk), OUT_MISSING);
	put();
	put();		/* the same again takes the place of the first */
	counts(1, 0);
	assert_int_equal(spool_find(&settings, &lookup, &desk), OUT_OK);
	assert_ptr_equal(desk, &desks[DESK_AID]);
	other.at[31] ^= 1;
	assert_int_equal(spool_find(&settings, &other, &desk), OUT_MISSING);
	assert_int_equal(stat(path("aid", name, ""), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	spool_count(&settings, &report);
	assert_int_equal(report.bytes, st.st_size);
	assert_non_null(folder = opendir(path("aid", "", "")));
	while (readdir(folder) != NULL)
		entries++;
	closedir(folder);
	assert_int_equal(entries, 3);
}

static void
test_refused(void **state)
{
	struct submission	s = sample(&desks[DESK_AID]);
	struct rlimit		was, limit;
	char			command[256];

	(void)state;
	settings.spool_most = 700;
	assert_int_equal(spool_put(&settings, &s), OUT_LIMITED);
	counts(0, 0);
	settings.spool_most = 1500;
	assert_int_equal(spool_put(&settings, &s), OUT_OK);
	s.receipt[0] ^= 1;
	assert_int_equal(spool_put(&settings, &s), OUT_LIMITED);
	/* another desk has room of its own */
	s.desk = &desks[DESK_MEMBERSHIP];
	assert_int_equal(spool_put(&settings, &s), OUT_OK);
	counts(2, 0);

	/* a disk without room: as much of it is written as fits */
	settings.spool_most = 1 << 20;
	s.receipt[1] ^= 1;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = was;
	limit.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(spool_put(&settings, &s), OUT_LIMITED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	counts(2, 0);
	snprintf(command, sizeof(command), "test -z \"$(find %s -name '.*.*')\"", dir);
	assert_int_equal(system(command), 0);

	s.desk = &desks[DESK_SUPPORTERS];
	assert_int_equal(rmdir(path("supporters", "", "")), 0);
	assert_int_equal(spool_put(&settings, &s), OUT_FAULT);
	counts(2, 0);
}

static void
test_away(void **state)
{
	unsigned	filed = 7;

	(void)state;
	assert_int_equal(spool_file(away, &settings, &desks[DESK_AID], 10, &filed), OUT_OK);
	put();
	assert_int_equal(spool_file(away, &settings, &desks[DESK_AID], 10, &filed), OUT_AWAY);
	assert_int_equal(filed, 0);
	counts(1, 0);
	assert_int_equal(rmdir(path("supporters", "", "")), 0);
	assert_int_equal(spool_file(away, &settings, &desks[DESK_SUPPORTERS], 10, &filed),
	    OUT_OK);
}

/* ---- what is odd ---- */

static size_t
read_back(unsigned char *data, size_t most)
{
	FILE	*from = fopen(path("aid", name, ""), "r");
	size_t	 n;

	assert_non_null(from);
	n = fread(data, 1, most, from);
	fclose(from);
	return n;
}

static void
write_again(const unsigned char *data, size_t len)
{
	FILE	*to = fopen(path("aid", name, ""), "w");

	assert_non_null(to);
	assert_int_equal(fwrite(data, 1, len, to), len);
	assert_int_equal(fclose(to), 0);
}

/* Set aside, or with `good` as far as the store. */
static void
judged(const char *what, size_t at, bool good)
{
	const struct desk	*desk;
	unsigned		 filed;
	enum outcome		 got;

	got = spool_file(away, &settings, &desks[DESK_AID], 10, &filed);
	if (got != (good ? OUT_AWAY : OUT_OK) || filed != 0 ||
	    there("aid", name, ".bad") == good || there("aid", name, "") != good ||
	    spool_find(&settings, &lookup, &desk) != OUT_OK)
		fail_msg("%s at %zu: %s", what, at, outcome_word(got));
	unlink(path("aid", name, ".bad"));
}

static void
test_damaged(void **state)
{
	unsigned char	data[4096], one[4096];
	size_t		len;

	(void)state;
	put();
	len = read_back(data, sizeof(data));
	assert_in_range(len, 700, 1000);
	for (size_t i = 0; i < len; i += i < 400 ? 3 : 41) {
		write_again(data, i);
		judged("cut", i, false);
		memcpy(one, data, len);
		one[i] ^= 1;
		write_again(one, len);
		judged("another byte", i, false);
	}
	memcpy(one, data, len);
	memset(one + len, 0, 64);
	write_again(one, len + 1);
	judged("longer", len, false);
	write_again(data, len);
	judged("whole", 0, true);
}

/* Whole, with the right hash, and still nothing that was handed in. */
static void
test_lies(void **state)
{
	enum { AT = 17 + 16 + 32 + 104 + 72 };	/* of the day */
	static const struct { const char *what; size_t at; const char *bytes; size_t n; } lies[] = {
		{ "as it is",	 0,	  "openhall",		8 },
		{ "version",	 15,	  "2",			1 },
		{ "receipt",	 17 + 16, "x",			1 },
		{ "day",	 AT,	  "\x80",		1 },
		{ "urgency",	 AT + 8,  "\xff",		1 },
		{ "suspect",	 AT + 9,  "\x02",		1 },
		{ "desk",	 AT + 12, "aib",		3 },
		{ "desk's length", AT + 10, "\xff\xff",		2 },
		{ "state",	 AT + 17, "erased",		6 },
		{ "a space",	 AT + 17, "need d",		6 },
		{ "a NUL",	 AT + 17, "\0",			1 },
		{ "kind",	 AT + 25, "axe",		3 },
		{ "facets",	 AT + 30, "\xff",		1 },
		{ "facets' length", AT + 28, "\x00\x13",	2 },
		{ "body's length", AT + 50, "\xff\xff\xff\xff",	4 },
	};
	unsigned char	data[4096], one[4096];
	size_t		len;

	(void)state;
	put();
	len = read_back(data, sizeof(data));
	assert_memory_equal(data + AT + 12, "aid", 3);
	assert_memory_equal(data + AT + 17, "needed", 6);
	assert_memory_equal(data + AT + 25, "ask", 3);
	for (size_t i = 0; i < COUNT(lies); i++) {
		memcpy(one, data, len);
		memcpy(one + lies[i].at, lies[i].bytes, lies[i].n);
		crypto_generichash(one + len - 32, 32, one, len - 32, NULL, 0);
		write_again(one, len);
		judged(lies[i].what, lies[i].at, i == 0);
	}
}

static void
test_no_file(void **state)
{
	struct submission	s = sample(&desks[DESK_SUPPORTERS]);
	char			from[PATH_MAX];

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path("aid", name, "")), 0);
	judged("a link", 0, false);
	assert_int_equal(mkfifo(path("aid", name, ""), 0600), 0);
	judged("a pipe", 0, false);
	assert_int_equal(mkdir(path("aid", name, ""), 0700), 0);
	judged("a folder", 0, false);
	rmdir(path("aid", name, ".bad"));
	write_again((const unsigned char *)"", 0);
	assert_int_equal(truncate(path("aid", name, ""), 64 << 20), 0);
	judged("a large one", 0, false);

	/* a good one that another desk's program put there */
	assert_int_equal(spool_put(&settings, &s), OUT_OK);
	snprintf(from, sizeof(from), "%s", path("supporters", name, ""));
	assert_int_equal(rename(from, path("aid", name, "")), 0);
	judged("another desk's", 0, false);
}

/* What a writer left half-way goes after an hour; what is being written stays. */
static void
test_half(void **state)
{
	const struct timespec	old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	unsigned		filed;

	(void)state;
	put();
	assert_int_equal(close(creat(path("aid", ".young.XXXXXX", ""), 0600)), 0);
	assert_int_equal(close(creat(path("aid", ".old.XXXXXX", ""), 0600)), 0);
	assert_int_equal(close(creat(path("aid", "stranger", ""), 0600)), 0);
	assert_int_equal(utimensat(AT_FDCWD, path("aid", ".old.XXXXXX", ""), old, 0), 0);
	assert_int_equal(unlink(path("aid", name, "")), 0);
	assert_int_equal(spool_file(away, &settings, &desks[DESK_AID], 10, &filed), OUT_OK);
	assert_true(there("aid", ".young.XXXXXX", ""));
	assert_false(there("aid", ".old.XXXXXX", ""));
	assert_true(there("aid", "stranger", ""));
	counts(0, 1);
}

/* What was set aside is somebody's: it is not kept for longer than what is stored. */
static void
test_aside(void **state)
{
	const long		day = 86400, now = (long)time(NULL);
	const struct { long days; bool stays; } ages[] = {
		{ 0, true }, { SPOOL_BAD_DAYS - 1, true }, { SPOOL_BAD_DAYS + 1, false },
	};
	unsigned		filed;

	(void)state;
	for (size_t i = 0; i < COUNT(ages); i++) {
		struct timespec	when[2] = { { .tv_sec = now - ages[i].days * day } };

		when[1] = when[0];
		put();
		assert_int_equal(truncate(path("aid", name, ""), 300), 0);
		assert_int_equal(utimensat(AT_FDCWD, path("aid", name, ""), when, 0), 0);
		for (int round = 0; round < 2; round++)
			assert_int_equal(spool_file(away, &settings, &desks[DESK_AID], 10,
			    &filed), OUT_OK);
		assert_int_equal(there("aid", name, ".bad"), ages[i].stays);
		unlink(path("aid", name, ".bad"));
	}
}

static int
start(void **state)
{
	const struct db_set	set = { submission_queries, submission_n_queries };

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	settings = (struct settings){ .spool_dir = dir, .db_socket = "/nonexistent/db.sock",
	    .db_name = "openhall" };
	memset(lookup.at, 0xab, KEY_LEN);
	sodium_bin2hex(name, sizeof(name), lookup.at, KEY_LEN);
	away = db_new(NULL, &settings, "openhall_courier", &set, 1);
	if (away == NULL)
		return -1;
	db_hasty(away, true);
	return 0;
}

static int
stop(void **state)
{
	char	command[256];

	(void)state;
	talloc_free(away);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup(test_put, set_up),
		cmocka_unit_test_setup(test_refused, set_up),
		cmocka_unit_test_setup(test_away, set_up),
		cmocka_unit_test_setup(test_damaged, set_up),
		cmocka_unit_test_setup(test_lies, set_up),
		cmocka_unit_test_setup(test_no_file, set_up),
		cmocka_unit_test_setup(test_half, set_up),
		cmocka_unit_test_setup(test_aside, set_up),
	};

	log_program("test_spool");
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("spool", tests, start, stop);
}
