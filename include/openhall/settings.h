/*
 * settings: the operator's file (openhall.conf) and the organisation's
 * (site.conf), read once at start with libconfuse.  An unknown option, a wrong
 * type or a value out of range stops the start with file, line and reason.
 */
#ifndef OPENHALL_SETTINGS_H
#define OPENHALL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANGUAGES_MAX = 8, AREAS_MAX = 100, AREA_SLUG_MAX = 32 };

/* What the programs have to show in the menu, beside the site's own pages. */
enum {
	MENU_JOIN, MENU_SUPPORT, MENU_EVENTS, MENU_AID, MENU_UNITS, MENU_STATEMENTS,
	MENU_RECEIPT, MENU__COUNT
};

/* How reviewers of one desk decide together. */
struct rule {
	unsigned	reviewers;	/* least size of the electorate, 1-99 */
	unsigned	quorum;		/* least number of votes, 1-99 */
	unsigned	favour;		/* votes in favour needed, 1-99 */
	unsigned	block;		/* votes against that decline, 1-99 */
	unsigned	days;		/* how long a round stays open, 1-365 */
};

/* The organisation's own words in one language of its site. */
struct site_words {
	const char	*lang;		/* BCP 47, lower case: "en", "es" */
	const char	*lang_name;	/* in itself: "English", "Español" */
	const char	*name;		/* of the organisation */
	const char	*tagline;	/* one sentence */
	const char	*prefix;	/* of addresses: "" for the first, then "/es" */
	const char	*zone_name;	/* what people call the zone of the site, or NULL */
};

/* A part of the town that forms and units name.  A proper name: the same in every language. */
struct area {
	const char	*slug;		/* [a-z][a-z0-9-]*, at most AREA_SLUG_MAX */
	const char	*name;
};

struct settings {
	/* openhall.conf */
	const char	*site_dir;	/* www/sites/party */
	const char	*template_dir;	/* www/templates */
	const char	*public_dir;	/* www/public: what is fingerprinted */
	const char	*schema_dir;	/* migrations, grants, form.rng */
	const char	*locale_dir;	/* es/LC_MESSAGES/openhall-es.mo below it */
	const char	*html_dir;	/* where `openhall build` writes */
	const char	*key_dir;	/* form.key, audit.key, membership.pub */
	const char	*db_socket;
	const char	*db_name;
	const char	*db_owner;	/* account of the schema's owner */
	const char	*credential_dir; /* one file an account; NULL: socket
					    authentication, no password at all */
	const char	*spool_dir;	/* one folder a desk below it */
	uint64_t	 spool_most;	/* bytes that wait at one desk, 1-4096 MB */
	bool		 secure;	/* served over TLS: Secure and __Host- cookies */

	/* openhall.conf, section mail: a server or a folder; neither: mail waits */
	const char	*mail_server;	/* "smtps://mail.example.org", "smtp://..." (STARTTLS) */
	const char	*mail_user;	/* NULL: no log-in */
	const char	*mail_password_file; /* its first line; set where mail_user is */
	const char	*mail_ca_file;	/* who vouches for the server; NULL: the system's
					   authorities */
	const char	*mail_folder;	/* a Maildir, in place of a server */
	const char	*mail_from;	/* set where server or folder is */
	const char	*mail_bounces;	/* the Maildir where mail to mail_from arrives, or NULL */
	unsigned	 mail_rate;	/* mails an hour, of all couriers, 1-36000000 */
	unsigned	 mail_connections; /* of one courier, 1-8 */

	/* site.conf */
	const struct site_words *words;	/* words[0] is the default language */
	size_t		 n_words;
	const char	*origin;	/* "https://example.org", no slash at the end */
	struct rule	 membership, supporters, statements;
	const struct area *areas;
	size_t		 n_areas;
	unsigned	 menu[MENU__COUNT]; /* its place among the pages, 1-999; 0: not shown */
	const char	*security_contact; /* of security.txt, a URI; NULL: there is none */
	unsigned	 security_days;	/* for which that is good, 1-365 */
	unsigned	 floor;		/* the least count that is told to anybody, 2-99 */
	bool		 second_factor;	/* every admin must have one */
	unsigned	 remind_days;	/* without a move, until the desk is reminded, 1-90 */
	unsigned	 ask_days;	/* until its holder is asked if it is needed still, 1-365 */
	unsigned	 sink_days;	/* without an answer, until it sinks, 1-90 */
	const char	*zone;		/* of events, unless they name another */
	unsigned	 rsvp_remind_hours; /* before it begins, 1-168 */
	unsigned	 form_least;	/* seconds a form must have been open, 0-60 */
	unsigned	 form_greatest;	/* seconds after which it has expired, 60-604800 */
};

/*
 * Read `path` (NULL: $OPENHALL_CONF, else SYSCONFDIR/openhall.conf) and the site.conf
 * of the site it names.  What comes back lives as long as the process.  Anything
 * wrong ends the process through log_stop().
 */
const struct settings	*settings_read(const char *path);

/* The words of language `lang`; NULL when the site does not have it. */
const struct site_words	*settings_words(const struct settings *, const char *lang);

#endif
