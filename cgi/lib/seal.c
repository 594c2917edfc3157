/* seal.c: see openhall/seal.h. */
#include "openhall/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/log.h"

enum {
	NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	ABOUT_MAX = ID_LEN + 32,
	SEALER_SECONDS = 600,
	PASSWORD_PASSES = 2,
	PASSWORD_MEMORY = 19 * 1024 * 1024
};

_Static_assert(WRAP_LEN == NONCE_LEN + KEY_LEN + TAG_LEN, "a wrapped key");
_Static_assert(SEALED_KEY_LEN == crypto_box_PUBLICKEYBYTES +
    crypto_box_NONCEBYTES + KEY_LEN + crypto_box_MACBYTES, "a sealed key");
_Static_assert(KEY_LEN == crypto_box_SECRETKEYBYTES &&
    KEY_LEN == crypto_box_BEFORENMBYTES &&
    KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one length of key");

void
seal_start(void)
{
	if (sodium_init() < 0)
		log_stop("libsodium does not start");
	/* A core dump or a debugger of the same user would hold keys and answers. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		log_stop("core dumps cannot be forbidden: %s", strerror(errno));
}

void
seal_read_key(struct key *key, const char *dir, const char *name)
{
	char	path[PATH_MAX];
	int	fd;
	ssize_t	n;
	char	more;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		log_stop("%s/%s: the path is too long", dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		log_stop("%s: %s (`openhall setup` makes the keys)", path,
		    strerror(errno));
	n = read(fd, key->at, KEY_LEN);
	if (n != KEY_LEN || read(fd, &more, 1) != 0)
		log_stop("%s: is not a key of %d bytes", path, KEY_LEN);
	close(fd);
}

void
seal_derive(struct key *out, const struct key *from, const char *word,
    const void *more, size_t len)
{
	crypto_generichash_state	st;

	/* The NUL of `word` keeps it apart from what follows. */
	crypto_generichash_init(&st, from->at, KEY_LEN, KEY_LEN);
	crypto_generichash_update(&st, (const unsigned char *)word,
	    strlen(word) + 1);
	if (len > 0)
		crypto_generichash_update(&st, more, len);
	crypto_generichash_final(&st, out->at, KEY_LEN);
}

/* What a ciphertext is bound to: an id and a word. */
static size_t
about_bytes(unsigned char out[ABOUT_MAX], const struct id *about,
    const char *word)
{
	size_t len = strnlen(word, ABOUT_MAX - ID_LEN);

	memcpy(out, about->at, ID_LEN);
	memcpy(out + ID_LEN, word, len);
	return ID_LEN + len;
}

/* nonce, ciphertext, tag; `out` holds NONCE_LEN + len + TAG_LEN. */
static void
encrypt(unsigned char *out, const struct key *key, const struct id *about,
    const char *word, const void *what, size_t len)
{
	unsigned char	ad[ABOUT_MAX];
	size_t		ad_len = about_bytes(ad, about, word);

	randombytes_buf(out, NONCE_LEN);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_LEN, NULL,
	    what, len, ad, ad_len, NULL, out, key->at);
}

static bool
decrypt(unsigned char *out, const struct key *key, const struct id *about,
    const char *word, const unsigned char *sealed, size_t len)
{
	unsigned char	ad[ABOUT_MAX];
	size_t		ad_len = about_bytes(ad, about, word);

	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
	    sealed + NONCE_LEN, len - NONCE_LEN, ad, ad_len, sealed,
	    key->at) == 0;
}

enum outcome
seal_body(const void *ctx, const struct key *key, const struct id *about,
    const char *word, const void *body, size_t len, struct bytes *out)
{
	size_t		 padded, room = len + BODY_BLOCK;
	unsigned char	*plain, *sealed;

	if ((plain = talloc_size(ctx, room)) == NULL)
		return OUT_FAULT;
	memcpy(plain, body, len);
	if (sodium_pad(&padded, plain, len, BODY_BLOCK, room) != 0 ||
	    (sealed = talloc_size(ctx, NONCE_LEN + padded + TAG_LEN)) == NULL) {
		talloc_free(plain);
		return OUT_FAULT;
	}
	encrypt(sealed, key, about, word, plain, padded);
	sodium_memzero(plain, room);
	talloc_free(plain);
	*out = (struct bytes){ sealed, NONCE_LEN + padded + TAG_LEN };
	return OUT_OK;
}

enum outcome
seal_open(const void *ctx, const struct key *key, const struct id *about,
    const char *word, struct bytes sealed, struct bytes *out)
{
	unsigned char	*plain;
	size_t		 len, padded;

	if (sealed.len < NONCE_LEN + TAG_LEN)
		return OUT_FORBIDDEN;
	padded = sealed.len - NONCE_LEN - TAG_LEN;
	if ((plain = talloc_size(ctx, padded + 1)) == NULL)
		return OUT_FAULT;
	if (!decrypt(plain, key, about, word, sealed.data, sealed.len) ||
	    sodium_unpad(&len, plain, padded, BODY_BLOCK) != 0) {
		talloc_free(plain);
		return OUT_FORBIDDEN;
	}
	plain[len] = '\0';
	*out = (struct bytes){ plain, len };
	return OUT_OK;
}

void
seal_wrap(unsigned char out[WRAP_LEN], const struct key *under,
    const struct id *about, const char *word, const struct key *what)
{
	encrypt(out, under, about, word, what->at, KEY_LEN);
}

enum outcome
seal_unwrap(struct key *out, const struct key *under, const struct id *about,
    const char *word, struct bytes wrapped)
{
	if (wrapped.len != WRAP_LEN ||
	    !decrypt(out->at, under, about, word, wrapped.data, WRAP_LEN))
		return OUT_FORBIDDEN;
	return OUT_OK;
}

/*
 * A sealed key is: the sender's ephemeral public key, a nonce, and a crypto_box of the
 * key.  A box has no associated data, so the id is mixed into the box's key.
 */
static void
bind_shared(struct key *out, const struct key *shared, const struct id *about)
{
	seal_derive(out, shared, "sealed key", about->at, ID_LEN);
}

void
seal_to(unsigned char out[SEALED_KEY_LEN], struct sealer *sealer, time_t now,
    const struct id *about, const struct key *what)
{
	unsigned char	*nonce = out + KEY_LEN;
	struct key	 bound;

	if (now >= sealer->until) {
		struct key secret;

		seal_pair(&sealer->ephemeral, &secret);
		/* Fails for a public key of small order only: nobody could open
		 * what is sealed to it, and desk_found() does not make one. */
		if (crypto_box_beforenm(sealer->shared.at, sealer->to.at,
		    secret.at) != 0)
			log_stop("the desk's public key is not a key");
		sodium_memzero(&secret, sizeof(secret));
		sealer->until = now + SEALER_SECONDS;
	}
	memcpy(out, sealer->ephemeral.at, KEY_LEN);
	randombytes_buf(nonce, crypto_box_NONCEBYTES);
	bind_shared(&bound, &sealer->shared, about);
	crypto_box_easy_afternm(nonce + crypto_box_NONCEBYTES, what->at,
	    KEY_LEN, nonce, bound.at);
	sodium_memzero(&bound, sizeof(bound));
}

enum outcome
seal_from(struct key *out, const struct key *secret, const struct id *about,
    struct bytes sealed)
{
	const unsigned char	*at = sealed.data;
	struct key		 shared, bound;
	enum outcome		 got = OUT_OK;

	if (sealed.len != SEALED_KEY_LEN ||
	    crypto_box_beforenm(shared.at, at, secret->at) != 0)
		return OUT_FORBIDDEN;
	bind_shared(&bound, &shared, about);
	if (crypto_box_open_easy_afternm(out->at,
	    at + KEY_LEN + crypto_box_NONCEBYTES, KEY_LEN + crypto_box_MACBYTES,
	    at + KEY_LEN, bound.at) != 0)
		got = OUT_FORBIDDEN;
	sodium_memzero(&shared, sizeof(shared));
	sodium_memzero(&bound, sizeof(bound));
	return got;
}

void
seal_pair(struct key *public, struct key *secret)
{
	crypto_box_keypair(public->at, secret->at);
}

void
seal_pair_from(struct key *public, struct key *secret, const struct key *seed)
{
	crypto_box_seed_keypair(public->at, secret->at, seed->at);
}

enum outcome
seal_password(struct key *out, const char *password,
    const unsigned char salt[SALT_LEN])
{
	_Static_assert(SALT_LEN == crypto_pwhash_SALTBYTES, "argon2id's salt");

	return crypto_pwhash(out->at, KEY_LEN, password, strlen(password), salt,
	    PASSWORD_PASSES, PASSWORD_MEMORY,
	    crypto_pwhash_ALG_ARGON2ID13) == 0 ? OUT_OK : OUT_FAULT;
}

void
id_text(char out[2 * ID_LEN + 1], const struct id *id)
{
	sodium_bin2hex(out, 2 * ID_LEN + 1, id->at, ID_LEN);
}

bool
id_read(struct id *id, const char *text)
{
	size_t len;

	return strlen(text) == 2 * (size_t)ID_LEN &&
	    sodium_hex2bin(id->at, ID_LEN, text, 2 * ID_LEN, NULL, &len,
	    NULL) == 0 && len == ID_LEN;
}
