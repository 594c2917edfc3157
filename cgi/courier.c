/*
 * courier.c: the daemon that carries.  It files what was spooled, keeps what cases are found
 * by and counted by, asks whether help is still needed, sends mail, and erases what was kept
 * as long as promised.  Any number may run, on any number of hosts.  Sending is done by a process
 * of its own, because a mail server may take minutes to answer.
 * Database account: openhall_courier.  It holds no desk's key: what it opens is addresses.
 *
 * Every piece is one transaction, or can be done twice, so it may be ended at any moment.
 */
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <talloc.h>
#include <time.h>

#include "courier/courier.h"
#include "courier/hands.h"
#include "courier/letter.h"
#include "courier/outbox.h"
#include "openhall/audit.h"
#include "openhall/census.h"
#include "openhall/desk.h"
#include "openhall/erase.h"
#include "openhall/event.h"
#include "openhall/log.h"
#include "openhall/retain.h"
#include "openhall/spool.h"
#include "openhall/submission.h"
#include "openhall/when.h"

enum {
	SPOOL_PAGE = 50,		/* files in one go, a desk */
	MINUTE = 60, HOUR = 3600,
	PAUSE_MOST = 10			/* seconds, while the store is away */
};

struct courier {
	const struct settings	*settings;
	struct db		*db;
	struct key		 audit;
	struct post		 post;		/* the mail key */
	struct outbox		*outbox;
	sigset_t		 leave;		/* what asks it to */
	int64_t			 now;
};

/* ---- what is timed ---- */

static enum outcome
census(struct courier *c)
{
	return census_take(c->db, c->settings);
}

static enum outcome
remind(struct courier *c)
{
	return remind_holders(c->db, c->settings, c->now);
}

static enum outcome
spread(struct courier *c)
{
	return guests_spread(c->db, c->now);
}

static enum outcome
guests(struct courier *c)
{
	return guests_remind(c->db, c->settings, c->now);
}

static enum outcome
tidy(struct courier *c)
{
	return subscriber_tidy(c->db, c->now);
}

static void
say(void *arg, const char *what, int64_t n)
{
	char	number[32];

	(void)arg;
	snprintf(number, sizeof(number), "%lld", (long long)n);
	if (n > 0)
		log_info("erased", "what", what, "n", number, NULL);
}

static enum outcome
retain(struct courier *c)
{
	enum outcome	got = retain_run(c->db, c->settings, &c->audit, c->now, false, say,
			    NULL);

	return got == OUT_INVALID ? OUT_OK : got;	/* it was complained about */
}

static const struct duty {
	const char	*name;
	unsigned	 period;	/* seconds */
	enum outcome	(*run)(struct courier *);
} duties[] = {
	{ "census", MINUTE, census },
	{ "guests", MINUTE, guests },
	{ "remind", HOUR,   remind },
	{ "retain", HOUR,   retain },
	{ "tidy",   HOUR,   tidy },
	{ "spread", DAY,    spread },
};

static enum outcome
do_duty(struct courier *c, const struct duty *duty)
{
	enum outcome	got = duty_take(c->db, duty->name, c->now, duty->period);

	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_OK : got;
	/* It may take long, and what is cut short is rolled back. */
	sigprocmask(SIG_UNBLOCK, &c->leave, NULL);
	got = duty->run(c);
	sigprocmask(SIG_BLOCK, &c->leave, NULL);
	if (got != OUT_OK)
		duty_give_back(c->db, duty->name, c->now);
	return got;
}

/* ---- the round ---- */

/* What is to be sent, and what came back.  `more`: at once again. */
static enum outcome
go_round_mail(struct courier *c, bool *more)
{
	enum outcome	first, got;
	bool		expanding = false;
	unsigned	signed_up, returned, told;

	first = signup_take(c->db, &c->post, c->now, &signed_up);
	if (first != OUT_AWAY) {
		got = bounces_take(c->db, c->settings->mail_bounces, &returned);
		*more = *more || signed_up == SIGNUP_PAGE || returned == BOUNCES_PAGE;
		first = first == OUT_OK ? got : first;
	}
	if (first != OUT_AWAY) {
		got = guests_tell(c->db, &c->post, c->now, &told);
		*more = *more || told == GUESTS_PAGE;
		first = first == OUT_OK ? got : first;
	}
	if (first != OUT_AWAY) {
		got = mailing_expand(c->db, c->now, &expanding);
		first = first == OUT_OK ? got : first;
	}
	*more = *more || expanding;
	return first;
}

/* One time round all there is to do.  OUT_OK; what went wrong first; `more`: at once again. */
static enum outcome
go_round(struct courier *c, bool *more)
{
	enum outcome	first = OUT_OK, got;
	unsigned	n;

	*more = false;
	c->now = (int64_t)time(NULL);
	for (int i = 0; i < INTAKES && !hands_leaving(); i++) {
		got = spool_file(c->db, c->settings, &desks[i], SPOOL_PAGE, &n);
		*more = *more || n == SPOOL_PAGE;
		first = first == OUT_OK ? got : first;
	}
	if (first != OUT_AWAY && !hands_leaving()) {
		got = facets_file(c->db, &n);
		*more = *more || n == FACETS_PAGE;
		first = first == OUT_OK ? got : first;
	}
	if (first != OUT_AWAY && !hands_leaving()) {
		got = go_round_mail(c, more);
		first = first == OUT_OK ? got : first;
	}
	for (size_t i = 0; i < sizeof(duties) / sizeof(*duties) && first != OUT_AWAY &&
	    !hands_leaving(); i++) {
		got = do_duty(c, &duties[i]);
		first = first == OUT_OK ? got : first;
	}
	*more = *more && first == OUT_OK;
	return first;
}

static enum outcome
go_send(struct courier *c, bool *more)
{
	*more = false;
	return outbox_send(c->outbox, c->db);
}

/* A second between rounds; more and more while something is wrong. */
static void
go_on(struct courier *c, enum outcome (*round)(struct courier *, bool *))
{
	struct timespec	pause = { .tv_sec = 0 };
	enum outcome	got;
	bool		more;

	while (sigtimedwait(&c->leave, NULL, &pause) < 0) {
		got = round(c, &more);
		if (got == OUT_OK)
			pause.tv_sec = more ? 0 : 1;
		else if ((pause.tv_sec = 2 * pause.tv_sec + 1) > PAUSE_MOST)
			pause.tv_sec = PAUSE_MOST;
	}
}

static void
carry(void *arg)
{
	go_on(arg, go_round);
}

static void
send_mail(void *arg)
{
	struct courier	*c = arg;

	sodium_memzero(&c->audit, sizeof(c->audit));
	go_on(c, go_send);
	outbox_stop(c->outbox, c->db);
}

/* One process carries, and one sends over each connection. */
static void
work(struct courier *c)
{
	struct hand	hands[HANDS_MOST] = { { "carry", carry } };
	size_t		n = 1;

	while (c->settings->mail_from != NULL && n < 1 + c->settings->mail_connections)
		hands[n++] = (struct hand){ "send", send_mail };
	hands_work(hands, n, c, &c->leave);
}

/* ---- the process ---- */

static void
start(struct courier *c, const char *conf)
{
	const struct db_set sets[] = {
		{ duty_queries, duty_n_queries },
		{ facets_queries, facets_n_queries },
		{ remind_queries, remind_n_queries },
		{ signup_queries, signup_n_queries },
		{ subscriber_queries, subscriber_n_queries },
		{ mailing_queries, mailing_n_queries },
		{ mail_queries, mail_n_queries },
		{ guests_queries, guests_n_queries },
		{ event_spread_queries, event_spread_n_queries },
		{ bound_queries, bound_n_queries },
		{ letter_queries, letter_n_queries },
		{ outbox_queries, outbox_n_queries },
		{ submission_queries, submission_n_queries },
		{ census_maker_queries, census_maker_n_queries },
		{ retain_queries, retain_n_queries },
		{ erase_queries, erase_n_queries },
		{ audit_queries, audit_n_queries },
	};

	seal_start();
	c->settings = settings_read(conf);
	seal_read_key(&c->audit, c->settings->key_dir, "audit.key");
	seal_read_key(&c->post.secret, c->settings->key_dir, "mail.key");
	mail_start(&c->post.sealer, c->settings);
	c->outbox = outbox_new(c, c->settings, &c->post.secret, hands_leaving);
	c->db = db_new(c, c->settings, "openhall_courier", sets,
	    sizeof(sets) / sizeof(*sets));
	if (c->db == NULL)
		log_stop("no memory");
	db_write(c->db, true);
	sigemptyset(&c->leave);
	sigaddset(&c->leave, SIGTERM);
	sigaddset(&c->leave, SIGINT);
	sigprocmask(SIG_BLOCK, &c->leave, NULL);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 }
	};
	struct courier	*c;
	const char	*conf = NULL;
	bool		 check = false;
	int		 option, status = EXIT_SUCCESS;

	log_program("courier");
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1)
		switch (option) {
		case 'c':
			conf = optarg;
			break;
		case 'k':
			check = true;
			break;
		default:
			fputs("usage: courier [-c FILE] [--check]\n", stderr);
			return EX_USAGE;
		}
	if ((c = talloc_zero(NULL, struct courier)) == NULL)
		log_stop("no memory");
	start(c, conf);
	if (check)
		status = db_check(c->db) == OUT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	else
		work(c);
	talloc_free(c);
	return status;
}
