/*
 * setup.c: from nothing to a portal that its first admin can enter.  Safe to run again:
 * what is there is left alone.
 */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openhall/audit.h"
#include "openhall/desk.h"
#include "openhall/file.h"
#include "command.h"

enum { Q_COUNTS, Q__COUNT };
static const struct db_query queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_COUNTS] = { "", "ii",
	    "SELECT (SELECT COUNT(*) FROM recovery),"
	    " (SELECT COUNT(*) FROM admin WHERE removed_at IS NULL)" },
};

static bool
make_dir(const char *path, mode_t mode)
{
	if (path == NULL || mkdir(path, mode) == 0 || errno == EEXIST)
		return true;
	complain("%s: %s", path, strerror(errno));
	return false;
}

/* What waits there is for the courier alone to read; who else may what is the operator's
 * to set (see README). */
static bool
make_spool(const struct operator *op)
{
	char	path[PATH_MAX];

	if (!make_dir(op->settings->spool_dir, 0711))
		return false;
	for (int i = 0; i < INTAKES; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", op->settings->spool_dir,
		    desks[i].name) >= (int)sizeof(path))
			return complain("%s: too long", op->settings->spool_dir) == 0;
		if (!make_dir(path, 0700))
			return false;
	}
	return true;
}

static bool
make_key(const struct operator *op, const char *name)
{
	struct key	key;
	enum outcome	got;

	randombytes_buf(key.at, KEY_LEN);
	got = file_put(op->settings->key_dir, name, 0640, key.at, KEY_LEN);
	sodium_memzero(&key, sizeof(key));
	if (got == OUT_OK)
		printf("made %s/%s\n", op->settings->key_dir, name);
	return got == OUT_OK || got == OUT_CONFLICT;
}

/* The pair of mail.key, which only the courier may read, and mail.pub.  A host that has the
 * public half alone (nothing is sent from there) is left so. */
static bool
make_mail_pair(const struct operator *op)
{
	const char	*dir = op->settings->key_dir;
	char		 path[PATH_MAX];
	struct key	 public, secret;
	enum outcome	 got;

	snprintf(path, sizeof(path), "%s/mail.pub", dir);
	if (access(path, F_OK) == 0)
		return true;
	seal_pair(&public, &secret);
	got = file_put(dir, "mail.key", 0600, secret.at, KEY_LEN);
	if (got == OUT_OK) {
		printf("made %s/mail.key\n", dir);
	} else if (got == OUT_CONFLICT) {	/* made before, and then it broke off */
		seal_read_key(&secret, dir, "mail.key");
		crypto_scalarmult_base(public.at, secret.at);
	}
	sodium_memzero(&secret, sizeof(secret));
	if (got == OUT_OK || got == OUT_CONFLICT)
		got = file_put(dir, "mail.pub", 0644, public.at, KEY_LEN);
	return got == OUT_OK || got == OUT_CONFLICT;
}

/* An audit key made now would not fit the chain of a portal that was founded before. */
static bool
make_keys(const struct operator *op, bool founded)
{
	char	path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/audit.key", op->settings->key_dir);
	if (founded && access(path, F_OK) != 0) {
		complain("%s is missing, and this portal has an audit already: copy "
		    "the keys from another web host or from the backup", path);
		return false;
	}
	return make_key(op, "form.key") && make_key(op, "audit.key") &&
	    make_mail_pair(op);
}

static int
found(const struct operator *op, struct db *db, bool admins)
{
	const char	*origin = op->settings->origin;
	struct code	 recovery, invitation;
	struct key	 audit;
	enum outcome	 got;

	seal_read_key(&audit, op->settings->key_dir, "audit.key");
	got = desk_found(db, op->settings, &audit, op->now, &recovery, &invitation);
	switch (got) {
	case OUT_OK:
		printf("\nRecovery code: %s\n"
		    "It is shown this once.  Write it on paper and keep it away from "
		    "this machine:\nwhen no admin can log in any more, it is the only "
		    "way to what was handed in\n(openhall admin recover).\n\n"
		    "The first admin chooses a name and a password here, within %d "
		    "days, once:\n%s/admin/welcome?invitation=%s\n",
		    recovery.text, INVITATION_DAYS, origin, invitation.text);
		break;
	case OUT_CONFLICT:
		printf("The portal is founded; its data is as it was.\n%s\n"
		    "When nobody can log in: openhall admin recover, with the recovery "
		    "code.\n", admins ? "Admins invite others from their pages." :
		    "Nobody has used the first invitation yet.");
		break;
	default:
		complain_store(got);
	}
	sodium_memzero(&recovery, sizeof(recovery));
	sodium_memzero(&invitation, sizeof(invitation));
	return got == OUT_OK || got == OUT_CONFLICT ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
command_setup(const struct operator *op, int argc, char **argv)
{
	const struct db_set	 sets[] = {
		{ queries, Q__COUNT },
		{ audit_queries, audit_n_queries },
		{ desk_queries, desk_n_queries },
		{ founding_queries, founding_n_queries },
	};
	struct db		*db;
	struct db_row		 counts;
	enum outcome		 got;
	int			 status;

	if (!make_dir(op->settings->key_dir, 0750) ||
	    !make_dir(op->settings->credential_dir, 0700) || !make_spool(op))
		return EXIT_FAILURE;
	if ((status = command_migrate(op, argc, argv)) != EXIT_SUCCESS)
		return status;
	db = owner_db(op, sets, sizeof(sets) / sizeof(sets[0]));
	if ((got = db_first(db, db, &queries[Q_COUNTS], &counts)) != OUT_OK)
		return complain_store(got);
	if (!make_keys(op, counts.at[0].number > 0))
		return EXIT_FAILURE;
	return found(op, db, counts.at[1].number > 0);
}
