/* test_text.c: catalogues and plural forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "../../cgi/lib/catalogue.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* The expressions of the GNU gettext manual, "Plural forms", and what is none. */
static const struct { const char *expression; unsigned long n; int want; } plurals[] = {
	{ "0", 7, 0 },
	{ "n != 1", 1, 0 },
	{ "n != 1", 0, 1 },
	{ "(n > 1)", 1, 0 },
	{ " n>1 ", 2, 1 },
	{ "n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2", 21, 0 },
	{ "n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2", 11, 1 },
	{ "n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2", 0, 2 },
	{ "n==1 ? 0 : n==2 ? 1 : 2", 2, 1 },
	{ "n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2", 119, 1 },
	{ "n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2", 120, 2 },
	{ "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2",
	  22, 1 },
	{ "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2",
	  12, 2 },
	{ "!n", 0, 1 },
	{ "!(n - 2) + 2 * 3 / 2", 2, 4 },
	{ "10 - 4 - 3", 0, 3 },
	{ "1 || 0 && 0", 0, 1 },
	{ "", 1, -1 },
	{ "n != ", 1, -1 },
	{ "(n", 1, -1 },
	{ "n)", 1, -1 },
	{ "n ? 1", 1, -1 },
	{ "n = 1", 1, -1 },
	{ "m", 1, -1 },
	{ "1 / n", 0, -1 },
	{ "1 % n", 0, -1 },
};

static void
test_plurals(void **state)
{
	char	deep[400];

	(void)state;
	for (size_t i = 0; i < COUNT(plurals); i++) {
		unsigned long	form;
		enum outcome	got = plural_form(plurals[i].expression, plurals[i].n, &form);
		int		have = got == OUT_OK ? (int)form : -1;

		if (have != plurals[i].want)
			fail_msg("%s for %lu: %d, not %d", plurals[i].expression,
			    plurals[i].n, have, plurals[i].want);
	}
	for (const char *each = "(!"; *each != '\0'; each++) {
		unsigned long	form;

		memset(deep, *each, sizeof(deep) - 1);
		deep[sizeof(deep) - 1] = '\0';
		assert_int_equal(plural_form(deep, 1, &form), OUT_INVALID);
	}
}

/* ---- files, byte by byte ---- */

struct mo {
	unsigned char	data[1024];
	size_t		len;
};

static void
put(struct mo *mo, size_t at, uint32_t n)
{
	memcpy(mo->data + at, &n, sizeof(n));
}

/* Texts in the order of their msgids; a NUL within is written as '|'. */
static void
make(struct mo *mo, const char *const (*texts)[2], uint32_t n)
{
	size_t	free_at = 28 + 16 * (size_t)n;

	memset(mo, 0, sizeof(*mo));
	put(mo, 0, 0x950412de);
	put(mo, 8, n);
	put(mo, 12, 28);
	put(mo, 16, 28 + 8 * n);
	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < n; i++) {
			const char	*text = texts[i][side];
			size_t		 len = strlen(text);

			put(mo, 28 + 8 * ((size_t)side * n + i), (uint32_t)len);
			put(mo, 32 + 8 * ((size_t)side * n + i), (uint32_t)free_at);
			for (size_t k = 0; k < len; k++)
				mo->data[free_at + k] = text[k] == '|' ? '\0' :
				    (unsigned char)text[k];
			free_at += len + 1;
		}
	mo->len = free_at;
}

static enum outcome
read_back(const void *ctx, const struct mo *mo, struct catalogue **out)
{
	char		path[] = "/tmp/test_text.XXXXXX";
	int		fd = mkstemp(path);
	enum outcome	got;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, mo->data, mo->len), mo->len);
	close(fd);
	got = catalogue_read(ctx, path, out);
	unlink(path);
	return got;
}

static const char *const fine[][2] = {
	{ "", "Content-Type: text/plain\nPlural-Forms: nplurals=2; plural=(n != 1);\n" },
	{ "Hello", "Hola" },
	{ "a case|%lu cases", "un caso|%lu casos" },
	{ "empty", "" },
	{ "one|%lu ones", "uno" },
};

static void
test_find(void **state)
{
	void			*ctx = talloc_new(NULL);
	struct mo		 mo;
	struct catalogue	*c;

	(void)state;
	make(&mo, fine, COUNT(fine));
	assert_int_equal(read_back(ctx, &mo, &c), OUT_OK);
	assert_string_equal(catalogue_find(c, "Hello"), "Hola");
	assert_null(catalogue_find(c, "Hell"));
	assert_null(catalogue_find(c, "Hello "));
	assert_null(catalogue_find(c, "zebra"));
	assert_null(catalogue_find(c, "empty"));
	assert_string_equal(catalogue_find_n(c, "a case", 1), "un caso");
	assert_string_equal(catalogue_find_n(c, "a case", 0), "%lu casos");
	assert_null(catalogue_find_n(c, "no case", 1));
	/* A form that the translator left out. */
	assert_string_equal(catalogue_find_n(c, "one", 1), "uno");
	assert_null(catalogue_find_n(c, "one", 2));
	talloc_free(ctx);
}

static void
test_broken(void **state)
{
	static const char *const headers[] = {
		"Plural-Forms: nplurals=2; plural=n;\n",
		"Plural-Forms: nplurals=0; plural=0;\n",
		"Plural-Forms: nplurals=2; plural=(n;\n",
		"Plural-Forms: nplurals=2;\n",
		"Plural-Forms: plural=0;\n",
	};
	void			*ctx = talloc_new(NULL);
	struct mo		 mo;
	struct catalogue	*c = NULL;

	(void)state;
	assert_int_equal(catalogue_read(ctx, "/nonexistent/x.mo", &c), OUT_MISSING);
	assert_int_equal(errno, ENOENT);
	for (size_t i = 0; i < COUNT(headers); i++) {
		const char *const	texts[][2] = { { "", headers[i] } };

		make(&mo, texts, 1);
		if (read_back(ctx, &mo, &c) != OUT_INVALID)
			fail_msg("taken: %s", headers[i]);
	}
	/* Cut anywhere, it is refused; so is every other magic, and each wild offset. */
	make(&mo, fine, COUNT(fine));
	for (size_t len = mo.len; mo.len > 0;) {
		mo.len = --len;
		assert_int_equal(read_back(ctx, &mo, &c), OUT_INVALID);
	}
	for (size_t at = 0; at < 28 + 16 * COUNT(fine); at += 4) {
		if (at == 4 || at == 20 || at == 24)
			continue;
		make(&mo, fine, COUNT(fine));
		put(&mo, at, 0xfffffff0);
		if (read_back(ctx, &mo, &c) != OUT_INVALID)
			fail_msg("taken with a wild number at %zu", at);
	}
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plurals),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
