/*
 * test_seal.c: what is sealed opens with its own key at its own place, whole, and never
 * otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "child.h"
#include "openhall/file.h"
#include "openhall/seal.h"

static const struct key	key = { { 1, 2, 3 } }, other_key = { { 1, 2, 4 } };
static const struct id	about = { { 9, 8 } }, other_about = { { 9, 9 } };

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

/* ---- bodies ---- */

static struct bytes
body_of(const void *ctx, const void *text, size_t len)
{
	struct bytes	sealed;

	assert_int_equal(seal_body(ctx, &key, &about, "answers", text, len, &sealed),
	    OUT_OK);
	return sealed;
}

static void
test_body(void **state)
{
	static const size_t	lens[] = { 0, 1, 2, 511, 512, 513, 1023, 1024, 1025, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		void		*ctx = talloc_new(NULL);
		unsigned char	*text = talloc_size(ctx, lens[i] + 1);
		struct bytes	 sealed, again, open;

		randombytes_buf(text, lens[i] + 1);
		sealed = body_of(ctx, text, lens[i]);
		again = body_of(ctx, text, lens[i]);
		/* twice the same is not the same */
		assert_int_equal(sealed.len, again.len);
		assert_memory_not_equal(sealed.data, again.data, sealed.len);
		assert_int_equal(seal_open(ctx, &key, &about, "answers", sealed, &open),
		    OUT_OK);
		assert_int_equal(open.len, lens[i]);
		assert_memory_equal(open.data, text, lens[i]);
		/* so that text can be read as text */
		assert_int_equal(((const char *)open.data)[open.len], '\0');
		talloc_free(ctx);
	}
}

/* Of all that is sealed only the number of blocks can be seen. */
static void
test_padding_hides_lengths(void **state)
{
	unsigned char	text[3 * BODY_BLOCK] = { 0 };
	void		*ctx = talloc_new(NULL);
	size_t		 extra = body_of(ctx, text, 0).len - BODY_BLOCK;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct bytes	sealed = body_of(ctx, text, len);

		assert_int_equal(sealed.len, extra + (len / BODY_BLOCK + 1) * BODY_BLOCK);
	}
	talloc_free(ctx);
}

static void
refused(const struct key *with, const struct id *place, const char *word,
    struct bytes sealed)
{
	struct bytes	open = { NULL, 77 };

	assert_int_equal(seal_open(NULL, with, place, word, sealed, &open), OUT_FORBIDDEN);
	assert_null(open.data);
}

static void
test_body_elsewhere(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct bytes	 sealed = body_of(ctx, "text", 4);

	(void)state;
	refused(&other_key, &about, "answers", sealed);
	refused(&key, &other_about, "answers", sealed);
	refused(&key, &about, "answer", sealed);
	refused(&key, &about, "answers2", sealed);
	refused(&key, &about, "", sealed);
	talloc_free(ctx);
}

static void
test_body_changed(void **state)
{
	void		*ctx = talloc_new(NULL);
	struct bytes	 sealed = body_of(ctx, "text", 4);
	unsigned char	*changed = talloc_memdup(ctx, sealed.data, sealed.len);

	(void)state;
	for (size_t at = 0; at < sealed.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			changed[at] ^= (unsigned char)(1 << bit);
			refused(&key, &about, "answers",
			    (struct bytes){ changed, sealed.len });
			changed[at] ^= (unsigned char)(1 << bit);
		}
	for (size_t len = 0; len < sealed.len; len++) {
		/* of exactly this size, so that a sanitizer sees one byte too many */
		unsigned char	*cut = talloc_memdup(ctx, sealed.data, len);

		refused(&key, &about, "answers", (struct bytes){ cut, len });
		talloc_free(cut);
	}
	changed = talloc_zero_size(ctx, sealed.len + 1);
	memcpy(changed, sealed.data, sealed.len);
	refused(&key, &about, "answers", (struct bytes){ changed, sealed.len + 1 });
	refused(&key, &about, "answers", (struct bytes){ NULL, 0 });
	talloc_free(ctx);
}

/* ---- wrapped keys ---- */

static const struct key	secret = { { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 } };

static void
test_wrap(void **state)
{
	unsigned char	wrapped[WRAP_LEN + 1] = { 0 };
	struct key	got = { { 0 } };
	struct bytes	whole = { wrapped, WRAP_LEN };

	(void)state;
	seal_wrap(wrapped, &key, &about, "receipt", &secret);
	assert_int_equal(seal_unwrap(&got, &key, &about, "receipt", whole), OUT_OK);
	assert_memory_equal(&got, &secret, KEY_LEN);
	assert_int_equal(seal_unwrap(&got, &other_key, &about, "receipt", whole),
	    OUT_FORBIDDEN);
	assert_memory_not_equal(&got, &secret, KEY_LEN);
	assert_int_equal(seal_unwrap(&got, &key, &other_about, "receipt", whole),
	    OUT_FORBIDDEN);
	assert_int_equal(seal_unwrap(&got, &key, &about, "session", whole), OUT_FORBIDDEN);
	for (size_t len = 0; len < WRAP_LEN; len++)
		assert_int_equal(seal_unwrap(&got, &key, &about, "receipt",
		    (struct bytes){ wrapped, len }), OUT_FORBIDDEN);
	assert_int_equal(seal_unwrap(&got, &key, &about, "receipt",
	    (struct bytes){ wrapped, WRAP_LEN + 1 }), OUT_FORBIDDEN);
	for (size_t bit = 0; bit < 8 * WRAP_LEN; bit++) {
		wrapped[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(seal_unwrap(&got, &key, &about, "receipt", whole),
		    OUT_FORBIDDEN);
		wrapped[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_int_equal(seal_unwrap(&got, &key, &about, "receipt", whole), OUT_OK);
}

/* ---- keys sealed to a public key ---- */

static void
test_sealed_key(void **state)
{
	unsigned char	sealed[SEALED_KEY_LEN + 1] = { 0 };
	struct bytes	whole = { sealed, SEALED_KEY_LEN };
	struct sealer	sealer = { 0 };
	struct key	desk, stranger, stranger_public, got = { { 0 } };

	(void)state;
	seal_pair(&sealer.to, &desk);
	seal_pair(&stranger_public, &stranger);
	assert_memory_not_equal(&desk, &stranger, KEY_LEN);
	seal_to(sealed, &sealer, 1000, &about, &secret);
	assert_int_equal(seal_from(&got, &desk, &about, whole), OUT_OK);
	assert_memory_equal(&got, &secret, KEY_LEN);
	assert_int_equal(seal_from(&got, &stranger, &about, whole), OUT_FORBIDDEN);
	assert_int_equal(seal_from(&got, &sealer.to, &about, whole), OUT_FORBIDDEN);
	assert_int_equal(seal_from(&got, &desk, &other_about, whole), OUT_FORBIDDEN);
	for (size_t len = 0; len < SEALED_KEY_LEN; len++)
		assert_int_equal(seal_from(&got, &desk, &about,
		    (struct bytes){ sealed, len }), OUT_FORBIDDEN);
	assert_int_equal(seal_from(&got, &desk, &about,
	    (struct bytes){ sealed, SEALED_KEY_LEN + 1 }), OUT_FORBIDDEN);
	for (size_t at = 0; at < SEALED_KEY_LEN; at++)
		for (int bit = 0; bit < 8; bit++) {
			/* X25519 ignores the highest bit of a public key: RFC 7748, 5 */
			enum outcome	want = at == KEY_LEN - 1 && bit == 7 ? OUT_OK :
					    OUT_FORBIDDEN;

			sealed[at] ^= (unsigned char)(1 << bit);
			assert_int_equal(seal_from(&got, &desk, &about, whole), want);
			sealed[at] ^= (unsigned char)(1 << bit);
		}
	/* a sender's key of small order would give a key that anybody knows */
	memset(sealed, 0, KEY_LEN);
	assert_int_equal(seal_from(&got, &desk, &about, whole), OUT_FORBIDDEN);
}

/* How long one ephemeral pair serves, in seconds from the first seal. */
static const struct { time_t after; int renewed; } moments[] = {
	{ 0, 0 }, { 1, 0 }, { 599, 0 }, { 600, 1 }, { 601, 0 }, { 1199, 0 }, { 1200, 1 },
	{ 100000, 1 },
};

static void
test_sealer_renews(void **state)
{
	unsigned char	first[SEALED_KEY_LEN], sealed[SEALED_KEY_LEN];
	struct sealer	sealer = { 0 };
	struct key	desk, got;

	(void)state;
	seal_pair(&sealer.to, &desk);
	seal_to(first, &sealer, 5000, &about, &secret);
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		seal_to(sealed, &sealer, 5000 + moments[i].after, &about, &secret);
		if ((memcmp(sealed, first, KEY_LEN) != 0) != moments[i].renewed)
			fail_msg("after %ld s", (long)moments[i].after);
		/* no nonce comes twice, whoever the sender */
		assert_memory_not_equal(sealed + KEY_LEN, first + KEY_LEN, 24);
		assert_int_equal(seal_from(&got, &desk, &about,
		    (struct bytes){ sealed, SEALED_KEY_LEN }), OUT_OK);
		assert_memory_equal(&got, &secret, KEY_LEN);
		memcpy(first, sealed, sizeof(first));
	}
}

static int
seal_to_nobody(void *arg)
{
	unsigned char	sealed[SEALED_KEY_LEN];
	struct sealer	sealer = { 0 };

	(void)arg;
	seal_to(sealed, &sealer, 1000, &about, &secret);
	return 0;
}

static void
test_no_key_to_seal_to(void **state)
{
	struct child	child;

	(void)state;
	child_run(&child, (const char *const[]){ NULL }, "", 0, seal_to_nobody, NULL);
	assert_int_equal(child.status, 78);
	assert_non_null(strstr(child.err, "the desk's public key is not a key"));
}

static void
test_pair_from(void **state)
{
	struct key	public, first, second, other, other_public;

	(void)state;
	seal_pair_from(&public, &first, &key);
	seal_pair_from(&public, &second, &key);
	assert_memory_equal(&first, &second, KEY_LEN);
	seal_pair_from(&other_public, &other, &other_key);
	assert_memory_not_equal(&first, &other, KEY_LEN);
	assert_memory_not_equal(&public, &other_public, KEY_LEN);
	assert_int_equal(crypto_scalarmult_base(other.at, first.at), 0);
	assert_memory_equal(&public, &other, KEY_LEN);
}

/* ---- derived keys ---- */

/* BLAKE2b of 32 bytes, keyed with 0, 1, 2 ... 31, of what is given and a NUL behind the
 * word: computed with Python's hashlib.blake2b(). */
static const struct { const char *word, *more, *want; } derived[] = {
	{ "",		"",
	  "41ff93a4eaeebd3b78a93438a6f62a92"
	  "ab5959c859e682b72c7def406197ca4d" },
	{ "code",	"",
	  "ed08e7a46a11ff01bd12047970ec3a61"
	  "a28091a096629fd326d7a4011c18b638" },
	{ "code",	"abc",
	  "e7988c50bdaa3c199e8475d03731d84a"
	  "035a5709505fab32187b032526e829a3" },
	{ "codeabc",	"",
	  "b94ea59e69ee231806692834ef1fe6e1"
	  "3d86fb629a0cbe5e1ed2d72eb1d9bda0" },
};

static void
test_derive(void **state)
{
	struct key	from, out;
	char		hex[2 * KEY_LEN + 1];

	(void)state;
	for (int i = 0; i < KEY_LEN; i++)
		from.at[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(derived) / sizeof(*derived); i++) {
		seal_derive(&out, &from, derived[i].word, derived[i].more,
		    strlen(derived[i].more));
		sodium_bin2hex(hex, sizeof(hex), out.at, KEY_LEN);
		assert_string_equal(hex, derived[i].want);
	}
	seal_derive(&out, &from, "code", NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), out.at, KEY_LEN);
	assert_string_equal(hex, derived[1].want);
}

/* ---- passwords ---- */

/* argon2id, 2 passes, 19456 KiB, 1 lane: computed with the reference program argon2. */
static const struct { const char *password, *salt, *want; } passwords[] = {
	{ "correct horse",	"0123456789abcdef",
	  "ae4d8c8b713876044c8347c76986a9b5"
	  "655944aaacfffe9bea4dff9e7b6a1899" },
	{ "correct horse",	"0123456789abcdeg",
	  "e3b2dc4bd1aa27c624e70ecdf8252670"
	  "31c3ddd9c6e56405fbc24110c080d5a3" },
	{ "correct horsf",	"0123456789abcdef",
	  "5b64e21259162ccf6b26390e35e1f926"
	  "b5cf05d2bc35640d07dec9036da7a752" },
	{ "contrase\xC3\xB1" "a", "0123456789abcdef",
	  "02070ee61bdfc185f82e2ea482e67807"
	  "d54a889421edbde5cbdc7247e511fee1" },
};

static void
test_password(void **state)
{
	struct key	out;
	char		hex[2 * KEY_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(passwords) / sizeof(*passwords); i++) {
		assert_int_equal(seal_password(&out, passwords[i].password,
		    (const unsigned char *)passwords[i].salt), OUT_OK);
		sodium_bin2hex(hex, sizeof(hex), out.at, KEY_LEN);
		assert_string_equal(hex, passwords[i].want);
	}
}

/* ---- ids ---- */

static void
test_ids(void **state)
{
	static const char *const	wrong[] = {
		"", "0", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
		"0123456789abcdef0123456789abcdef00", "0123456789abcdef0123456789abcdeg",
		"g123456789abcdef0123456789abcdef", "0123456789abcdef-123456789abcdef",
		" 123456789abcdef0123456789abcdef", "0x23456789abcdef0123456789abcdef",
		"01:3456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde\xC3",
	};
	struct id	id;
	char		text[2 * ID_LEN + 1];

	(void)state;
	assert_true(id_read(&id, "00017f80ff0123456789abcdef000001"));
	assert_memory_equal(&id, "\x00\x01\x7f\x80\xff\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x00"
	    "\x01", ID_LEN);
	id_text(text, &id);
	assert_string_equal(text, "00017f80ff0123456789abcdef000001");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (id_read(&id, wrong[i]))
			fail_msg("%s is an id", wrong[i]);
}

/* ---- the start, and key files ---- */

static int
undumpable(void *arg)
{
	(void)arg;
	seal_start();
	return prctl(PR_GET_DUMPABLE);
}

static void
test_start(void **state)
{
	struct child	child;

	(void)state;
	assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
	child_run(&child, (const char *const[]){ NULL }, "", 0, undumpable, NULL);
	assert_int_equal(child.status, 0);
}

struct key_file { const char *dir, *name; };

static int
read_key(void *arg)
{
	const struct key_file	*file = arg;
	struct key		 got;

	seal_read_key(&got, file->dir, file->name);
	return memcmp(&got, &key, KEY_LEN) != 0;
}

static void
test_key_files(void **state)
{
	static const struct { size_t len; int status; const char *said; } files[] = {
		{ KEY_LEN, 0, "" },
		{ KEY_LEN - 1, 78, ": is not a key of 32 bytes\n" },
		{ KEY_LEN + 1, 78, ": is not a key of 32 bytes\n" },
		{ 0, 78, ": is not a key of 32 bytes\n" },
	};
	char		dir[] = "/tmp/test_seal.XXXXXX", path[64], bytes[KEY_LEN + 1] = "";
	struct key_file	file = { dir, "form.key" };
	struct child	child;

	(void)state;
	memcpy(bytes, &key, KEY_LEN);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/form.key", dir);
	child_run(&child, (const char *const[]){ NULL }, "", 0, read_key, &file);
	assert_int_equal(child.status, 78);
	assert_non_null(strstr(child.err, path));
	assert_non_null(strstr(child.err, "No such file"));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		assert_int_equal(file_replace(dir, "form.key", 0600, bytes, files[i].len),
		    OUT_OK);
		child_run(&child, (const char *const[]){ NULL }, "", 0, read_key, &file);
		assert_int_equal(child.status, files[i].status);
		assert_non_null(strstr(child.err, files[i].said));
		assert_true(files[i].status == 0 || strstr(child.err, path) != NULL);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_padding_hides_lengths),
		cmocka_unit_test(test_body_elsewhere),
		cmocka_unit_test(test_body_changed),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_sealed_key),
		cmocka_unit_test(test_sealer_renews),
		cmocka_unit_test(test_no_key_to_seal_to),
		cmocka_unit_test(test_pair_from),
		cmocka_unit_test(test_derive),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_key_files),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
