/*
 * test_totp.c: one-time codes against the vectors of RFC 6238 (appendix B, SHA-1, their last
 * six digits), which of them still count, and what a telephone is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "openhall/totp.h"

static const unsigned char	secret[TOTP_SECRET + 1] = "12345678901234567890";

static const struct { int64_t now; const char *code; } vectors[] = {
	{ 59,		"287082" },
	{ 1111111109,	"081804" },
	{ 1111111111,	"050471" },
	{ 1234567890,	"005924" },
	{ 2000000000,	"279037" },
	{ 20000000000,	"353130" },
};

static void
test_vectors(void **state)
{
	unsigned char	other[TOTP_SECRET];
	int64_t		step = -1;

	(void)state;
	memcpy(other, secret, TOTP_SECRET);
	other[TOTP_SECRET - 1] ^= 1;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		assert_true(totp_check(secret, vectors[i].code, vectors[i].now, 0, &step));
		assert_int_equal(step, vectors[i].now / 30);
		step = -1;
		assert_false(totp_check(other, vectors[i].code, vectors[i].now, 0, &step));
		assert_int_equal(step, -1);
	}
}

/* 081804 is of step 37037036, which lasts from 1111111080 to 1111111109. */
static const struct {
	const char	*typed;
	int64_t		 now, last;
	bool		 good;
} cases[] = {
	{ "081804",	1111111080,	0,		true },
	{ "081804",	1111111109,	0,		true },
	/* a step early, a step late, and not more */
	{ "081804",	1111111050,	0,		true },
	{ "081804",	1111111049,	0,		false },
	{ "081804",	1111111139,	0,		true },
	{ "081804",	1111111140,	0,		false },
	/* none twice, and none from before the last */
	{ "081804",	1111111109,	37037035,	true },
	{ "081804",	1111111109,	37037036,	false },
	{ "081804",	1111111109,	37037037,	false },
	{ "081804",	1111111109,	INT64_MAX - 1,	false },
	/* how it is typed */
	{ "081 804",	1111111109,	0,		true },
	{ " 0 8 1 8 0 4\t", 1111111109,	0,		true },
	{ "81804",	1111111109,	0,		false },
	{ "0081804",	1111111109,	0,		false },
	{ "0818040",	1111111109,	0,		false },
	{ "081805",	1111111109,	0,		false },
	{ "181804",	1111111109,	0,		false },
	{ "081804x",	1111111109,	0,		false },
	{ "081-804",	1111111109,	0,		false },
	{ "+81804",	1111111109,	0,		false },
	{ "07081804",	1111111109,	0,		false },	/* the RFC's eight */
	{ "\xD9\xA0\xD9\xA8\xD9\xA1", 1111111109, 0,	false },
	{ "      ",	1111111109,	0,		false },
	{ "",		1111111109,	0,		false },
	{ NULL,		1111111109,	0,		false },
};

static void
test_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t step = -1;

		if (totp_check(secret, cases[i].typed, cases[i].now, cases[i].last,
		    &step) != cases[i].good ||
		    step != (cases[i].good ? 37037036 : -1))
			fail_msg("row %zu: step %lld", i, (long long)step);
	}
}

static void
test_texts(void **state)
{
	void	*ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(totp_secret_text(ctx, secret),
	    "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
	assert_string_equal(totp_address(ctx, secret, "Comité & Co", "Ana: a/b?"),
	    "otpauth://totp/Comit%C3%A9%20%26%20Co:Ana%3A%20a%2Fb%3F"
	    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Comit%C3%A9%20%26%20Co");
	talloc_free(ctx);
}

/* Draw the path on a board; every square once and within. */
static int
draw(const char *path, int side, char *board)
{
	int	x, y, run, back, dark = 0, n;

	memset(board, '.', (size_t)(side * side));
	for (; *path != '\0'; path += n) {
		n = 0;
		assert_int_equal(sscanf(path, "M%d %dh%dv1h-%dz%n", &x, &y, &run, &back, &n),
		    4);
		assert_true(n > 0 && run > 0 && run == back);
		assert_true(x >= 0 && x + run <= side && y >= 0 && y < side);
		for (int i = x; i < x + run; i++, dark++) {
			assert_int_equal(board[y * side + i], '.');
			board[y * side + i] = '#';
		}
	}
	return dark;
}

/* The three finders of a QR code (ISO/IEC 18004, 6.3.3), and the timing between them. */
static void
test_qr(void **state)
{
	static const char *const	finder[] = { "#######.", "#.....#.", "#.###.#.",
					    "#.###.#.", "#.###.#.", "#.....#.", "#######.",
					    "........" };
	void				*ctx = talloc_new(NULL);
	const char			*path;
	char				*board;
	int				 side, dark;

	(void)state;
	assert_int_equal(totp_qr(ctx, totp_address(ctx, secret, "Neighbours", "Ana"), &path,
	    &side), OUT_OK);
	assert_true(side >= 21 && (side - 17) % 4 == 0);
	board = talloc_size(ctx, (size_t)(side * side));
	dark = draw(path, side, board);
	assert_true(dark > side * side / 3 && dark < side * side * 2 / 3);
	for (int y = 0; y < 8; y++)
		for (int x = 0; x < 8; x++) {
			assert_int_equal(board[y * side + x], finder[y][x]);
			assert_int_equal(board[y * side + side - 1 - x], finder[y][x]);
			assert_int_equal(board[(side - 1 - y) * side + x], finder[y][x]);
		}
	for (int i = 8; i < side - 8; i++)
		assert_int_equal(board[6 * side + i], i % 2 == 0 ? '#' : '.');
	/* more than a QR code can hold */
	board = talloc_zero_size(ctx, 4001);
	memset(board, 'a', 4000);
	assert_int_equal(totp_qr(ctx, board, &path, &side), OUT_FAULT);
	talloc_free(ctx);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_qr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
