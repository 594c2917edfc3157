/*
 * readers.c: SQL that subscribes very many readers, each with an address that courier can
 * open, as if all had signed up and confirmed.  For `make bench`; not installed.
 *
 *	readers CONFIG READERS
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>
#include <time.h>

#include "openhall/mail.h"

enum { AT_ONCE = 500 };		/* rows in one statement */

static void
print_hex(const void *data, size_t len)
{
	const unsigned char	*at = data;

	fputs(", X'", stdout);
	for (size_t i = 0; i < len; i++)
		printf("%02x", at[i]);
	putchar('\'');
}

static bool
print_reader(struct sealer *sealer, const struct key *secret, unsigned long n)
{
	char		 address[64], hex[2 * ID_LEN + 1];
	void		*ctx = talloc_new(NULL);
	struct bytes	 sealed;
	struct code	 code;
	struct key	 hash;
	struct id	 id;
	bool		 fine;

	randombytes_buf(id.at, ID_LEN);
	randombytes_buf(hash.at, KEY_LEN);
	id_text(hex, &id);
	mail_code(&code, secret, &id);
	snprintf(address, sizeof(address), "reader.%lu@example.net", n);
	fine = mail_seal(ctx, sealer, time(NULL), &id, address, &sealed) == OUT_OK;
	if (fine) {
		printf("%s(X'%s'", n % AT_ONCE == 0 ? "INSERT INTO subscriber (id, hash,"
		    " address, token, lang, state, asked_at, confirmed_at) VALUES\n" : ",\n",
		    hex);
		print_hex(hash.at, KEY_LEN);
		print_hex(sealed.data, sealed.len);
		print_hex(code.lookup.at, KEY_LEN);
		printf(", 'en', 'confirmed', 1, 1)%s", (n + 1) % AT_ONCE == 0 ? ";\n" : "");
	}
	talloc_free(ctx);
	return fine;
}

int
main(int argc, char *argv[])
{
	const struct settings	*settings;
	struct sealer		 sealer;
	struct key		 secret;
	unsigned long		 n;

	if (argc != 3) {
		fprintf(stderr, "usage: readers CONFIG READERS\n");
		return EXIT_FAILURE;
	}
	seal_start();
	settings = settings_read(argv[1]);
	mail_start(&sealer, settings);
	seal_read_key(&secret, settings->key_dir, "mail.key");
	n = strtoul(argv[2], NULL, 10);
	for (unsigned long i = 0; i < n; i++)
		if (!print_reader(&sealer, &secret, i))
			return EXIT_FAILURE;
	puts(n % AT_ONCE == 0 ? "" : ";");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
