/*
 * dashboard_health.c: whether what works unseen does: the courier, its mail, and what waited
 * while the store was away.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "dashboard.h"
#include "lists.h"
#include "openhall/spool.h"
#include "openhall/text.h"
#include "openhall/when.h"

enum {
	MINUTE = 60, HOUR = 3600,
	SEEN_SECONDS = 10 * MINUTE,	/* the courier: one of its duties may take so long */
	LATE_SECONDS = HOUR,		/* a mail */
	FAILED_DAYS = 7,
	FAILED_FEW = 2			/* a wrong address, now and then */
};

enum { Q_SEEN, Q_WAITING, Q_OLDEST, Q_FAILED, Q__COUNT };

const struct db_query health_queries[] = {	/* takes, gives, sql */
	/* Each minute it takes this one, and says when next. */
	[Q_SEEN] = { "", "i", "SELECT next_at FROM duty WHERE name = 'census'" },
	[Q_WAITING] = { "i", "i",
	    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox WHERE state = 'waiting'"
	    " LIMIT ?) w" },
	[Q_OLDEST] = { "", "I", "SELECT MIN(due_at) FROM outbox WHERE state = 'waiting'" },
	[Q_FAILED] = { "ii", "i",
	    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox WHERE state = 'failed'"
	    " AND done_at >= ? LIMIT ?) f" },
};
const size_t health_n_queries = Q__COUNT;

enum { H_TITLE, H_TEXT, H_BAD, H__COUNT };
const struct view_name health_names[] = {
	[H_TITLE] = { "title", NULL },
	[H_TEXT] = { "text", NULL },
	[H_BAD] = { "bad", NULL },		/* somebody should look */
	[H__COUNT] = { NULL, NULL }
};

struct part {
	struct request	*rq;
	struct view	*page;
	size_t		 i;
};

static void
add(const struct part *part, const char *title, bool bad, const char *text)
{
	struct view *row = view_row(part->page, part->i);

	view_text(row, H_TITLE, text_in(part->rq->words, title));
	view_text(row, H_TEXT, text);
	view_flag(row, H_BAD, bad);
}

/* "12 minutes", "3 hours", "4 days". */
static const char *
span(struct request *rq, int64_t seconds)
{
	unsigned long n = (unsigned long)(seconds / MINUTE);

	if (n < 120)
		return talloc_asprintf(rq, text_in_n(rq->words, "%lu minute", "%lu minutes", n),
		    n);
	n = (unsigned long)(seconds / HOUR);
	if (n < 48)
		return talloc_asprintf(rq, text_in_n(rq->words, "%lu hour", "%lu hours", n), n);
	return when_age(rq, rq->words, rq->now - seconds, rq->now);
}

static enum outcome
add_courier(const struct part *part, const char **alarm)
{
	struct request	*rq = part->rq;
	struct db_row	 row;
	int64_t		 next = 0, away;
	enum outcome	 got = db_first(rq->app->db, rq, &health_queries[Q_SEEN], &row);

	if (got != OUT_OK && got != OUT_MISSING)
		return got;
	if (got == OUT_OK)
		next = row.at[0].number;
	away = rq->now - (next - MINUTE);
	if (next == 0)
		*alarm = text_in(rq->words, "It has never been seen: no mail goes out, and"
		    " nothing is filed or erased. What people send is kept meanwhile. Tell"
		    " whoever runs the server.");
	else if (away >= SEEN_SECONDS)
		*alarm = talloc_asprintf(rq, text_in(rq->words, "It has not been seen for %s: no"
		    " mail goes out, and nothing is filed or erased. What people send is kept"
		    " meanwhile. Tell whoever runs the server."), span(rq, away));
	add(part, N_("Courier"), *alarm != NULL, *alarm != NULL ? *alarm :
	    text_in(rq->words, "It sends mail, files and erases: it is at work."));
	return OUT_OK;
}

static enum outcome
number(struct request *rq, int q, const struct db_value *values, size_t n, int64_t *out)
{
	struct db_row	row;
	enum outcome	got = db_first_values(rq->app->db, rq, &health_queries[q], &row, values, n);

	if (got == OUT_OK)
		*out = row.at[0].type != 0 ? row.at[0].number : rq->now;
	return got;
}

static void
add_late(const struct part *part, int64_t waiting, int64_t late)
{
	struct request	*rq = part->rq;
	bool		 bad = late >= LATE_SECONDS;
	const char	*text;

	text = talloc_asprintf(rq, text_in_n(rq->words,
	    "%1$s letter is waiting, due for %2$s.",
	    "%1$s letters are waiting, the oldest due for %2$s.", (unsigned long)waiting),
	    dashboard_count(rq, waiting), span(rq, late));
	add(part, N_("Mail"), bad, !bad ? text : talloc_asprintf(rq, "%s %s", text,
	    text_in(rq->words, "None is lost: they go out once the mail server takes them."
	    " Tell whoever runs the server.")));
}

static void
add_failed(const struct part *part, int64_t failed)
{
	struct request	*rq = part->rq;
	bool		 bad = failed > FAILED_FEW;
	const char	*text;

	text = talloc_asprintf(rq, text_in_n(rq->words,
	    "%1$s letter could not be delivered in the last %2$d days.",
	    "%1$s letters could not be delivered in the last %2$d days.",
	    (unsigned long)failed), dashboard_count(rq, failed), FAILED_DAYS);
	add(part, N_("Mail"), bad, talloc_asprintf(rq, "%s %s", text, bad ?
	    text_in(rq->words, "Tell whoever runs the server.") :
	    text_in(rq->words, "An address was wrong, or is not read any more.")));
}

static enum outcome
add_mail(const struct part *part)
{
	const struct office	*office = part->rq->app->own;
	struct request		*rq = part->rq;
	struct db_value		 limit = DB_INT(LIST_COUNTED + 1);
	struct db_value		 since[] = { DB_INT(rq->now - FAILED_DAYS * DAY), limit };
	int64_t			 waiting, oldest, failed;
	enum outcome		 got;

	if ((got = number(rq, Q_WAITING, &limit, 1, &waiting)) != OUT_OK ||
	    (got = number(rq, Q_OLDEST, NULL, 0, &oldest)) != OUT_OK ||
	    (got = number(rq, Q_FAILED, since, 2, &failed)) != OUT_OK)
		return got;
	if (!office->mails)
		add(part, N_("Mail"), true, text_in(rq->words, "None is sent: the operator has"
		    " not set a mail server."));
	else if (waiting == 0)
		add(part, N_("Mail"), false, text_in(rq->words, "None is waiting."));
	else if (oldest > rq->now - MINUTE)
		add(part, N_("Mail"), false, talloc_asprintf(rq, text_in_n(rq->words,
		    "%s letter is on its way.", "%s letters are on their way.",
		    (unsigned long)waiting), dashboard_count(rq, waiting)));
	else
		add_late(part, waiting, rq->now - oldest);
	if (failed > 0)
		add_failed(part, failed);
	return OUT_OK;
}

/* Whether this process may look into every folder there is. */
static bool
may_look(const struct settings *s)
{
	for (size_t i = 0; i < INTAKES; i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", s->spool_dir, desks[i].name) >=
		    (int)sizeof(path) || access(path, R_OK | X_OK) != 0)
			return false;
	}
	return true;
}

static void
add_spool(const struct part *part)
{
	struct request		*rq = part->rq;
	struct spool_report	 report;

	if (!may_look(rq->settings) || spool_count(rq->settings, &report) != OUT_OK)
		return;
	if (report.bad > 0)
		add(part, N_("Spool"), true, talloc_asprintf(rq, text_in_n(rq->words,
		    "%lu file could not be read and was set aside. Tell whoever runs the"
		    " server.", "%lu files could not be read and were set aside. Tell whoever"
		    " runs the server.", report.bad), report.bad));
	if (report.waiting > 0)
		add(part, N_("Spool"), false, talloc_asprintf(rq, text_in_n(rq->words,
		    "%lu file came while the database was away, and is being filed.",
		    "%lu files came while the database was away, and are being filed.",
		    report.waiting), report.waiting));
	if (report.bad == 0 && report.waiting == 0)
		add(part, N_("Spool"), false, text_in(rq->words, "Nothing waits to be filed."));
}

enum outcome
health_part(struct request *rq, struct view *page, size_t i, const char **alarm)
{
	const struct part	part = { rq, page, i };
	enum outcome		got;

	if ((got = add_courier(&part, alarm)) == OUT_OK)
		got = add_mail(&part);
	if (got == OUT_OK)
		add_spool(&part);
	return got;
}
