/*
 * seal: who can read what.  libsodium only.
 *
 * A submission has a content key.  Its body is encrypted under that key; the key is
 * sealed to the desk's public key, and wrapped under a key derived from the receipt
 * code.  Every ciphertext is bound to what it belongs to (its `about`: an id and a
 * word), so that none can be moved to another place.
 */
#ifndef OPENHALL_SEAL_H
#define OPENHALL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "openhall/buf.h"
#include "openhall/outcome.h"

enum {
	ID_LEN = 16,
	KEY_LEN = 32,			/* symmetric, public and secret keys alike */
	WRAP_LEN = 24 + 32 + 16,	/* seal_wrap() of a key */
	SEALED_KEY_LEN = 32 + 24 + 32 + 16,	/* seal_to() of a key */
	SALT_LEN = 16,
	BODY_BLOCK = 512		/* bodies are padded to a multiple of it */
};

struct id { unsigned char at[ID_LEN]; };
struct key { unsigned char at[KEY_LEN]; };

/* Start libsodium, forbid core dumps.  log_stop() when that fails. */
void		 seal_start(void);

/* Read a key file of exactly KEY_LEN bytes; log_stop() with its path and the reason. */
void		 seal_read_key(struct key *, const char *dir, const char *name);

/* Derive a key (or hash) from `from` for the purpose `word`, with `more` mixed in (may be
 * NULL, 0).  BLAKE2b, keyed (RFC 7693). */
void		 seal_derive(struct key *out, const struct key *from, const char *word,
		    const void *more, size_t len);

/* Encrypt `body`, padded to BODY_BLOCK, under `key` (XChaCha20-Poly1305), and back.
 * `about` and `word` bind it.  seal_open: OUT_FORBIDDEN when it does not open. */
enum outcome	 seal_body(const void *ctx, const struct key *, const struct id *about,
		    const char *word, const void *body, size_t len, struct bytes *out);
enum outcome	 seal_open(const void *ctx, const struct key *, const struct id *about,
		    const char *word, struct bytes sealed, struct bytes *out);

/* Wrap a key under a key, and back. */
void		 seal_wrap(unsigned char out[WRAP_LEN], const struct key *under,
		    const struct id *about, const char *word, const struct key *what);
enum outcome	 seal_unwrap(struct key *out, const struct key *under,
		    const struct id *about, const char *word, struct bytes wrapped);

/* Seal keys to a public key.  The sender's ephemeral pair serves this process for at
 * most ten minutes, so that one seal costs microseconds. */
struct sealer {
	struct key	to, ephemeral, shared;
	time_t		until;
};
void		 seal_to(unsigned char out[SEALED_KEY_LEN], struct sealer *, time_t now,
		    const struct id *about, const struct key *what);
enum outcome	 seal_from(struct key *out, const struct key *secret,
		    const struct id *about, struct bytes sealed);

/* A new key pair; the pair that belongs to a seed. */
void		 seal_pair(struct key *public, struct key *secret);
void		 seal_pair_from(struct key *public, struct key *secret,
		    const struct key *seed);

/* The key that a password gives (argon2id, RFC 9106: 19 MiB, 2 passes).  About 40 ms.
 * OUT_FAULT: no memory. */
enum outcome	 seal_password(struct key *out, const char *password,
		    const unsigned char salt[SALT_LEN]);

/* Hexadecimal, lower case, of an id; false when `text` is not one. */
void		 id_text(char out[2 * ID_LEN + 1], const struct id *);
bool		 id_read(struct id *, const char *text);

#endif
