/*
 * event_publish.c: what the public gets of an event as a whole: publishing it, making it a draft
 * again, cancelling it, and taking that back.
 */
#include <string.h>

#include "event.h"
#include "openhall/text.h"

enum { Q_PUBLISH, Q_DRAFT, Q_STATE, Q_GUESTS, Q_HIDE, Q_CANCEL, Q_REVIVE, Q_TELL, Q__COUNT };

/* What is to come of it and was not skipped. */
#define COMING	" WHERE event = ? AND ends_at > ? AND state <> 'skipped'"

const struct db_query event_publish_queries[] = {	/* takes, gives, sql */
	[Q_PUBLISH] = { "iiibb", "",
	    "UPDATE event SET state = 'published', published_at = COALESCE(published_at, ?),"
	    " version = version + 1, sequence = sequence + ?, changed_at = ?, changed_by = ?"
	    " WHERE id = ?" },
	[Q_DRAFT] = { "ibb", "",
	    "UPDATE event SET state = 'draft', version = version + 1, sequence = sequence + 1,"
	    " changed_at = ?, changed_by = ? WHERE id = ?" },
	[Q_STATE] = { "sibb", "",
	    "UPDATE event SET state = ?, version = version + 1, sequence = sequence + 1,"
	    " changed_at = ?, changed_by = ? WHERE id = ?" },
	/* Also those that were stored while we waited. */
	[Q_GUESTS] = { "b", "i",
	    "SELECT 1 FROM occurrence o JOIN rsvp r ON r.occurrence = o.id WHERE o.event = ?"
	    " LIMIT 1 FOR UPDATE" },
	[Q_HIDE] = { "b", "", "UPDATE occurrence SET shown = 0 WHERE event = ?" },
	[Q_CANCEL] = { "sibi", "",
	    "UPDATE occurrence SET state = 'cancelled', note = ?, sequence = sequence + 1,"
	    " changed_at = ?" COMING " AND state <> 'cancelled'" },
	[Q_REVIVE] = { "ibi", "",
	    "UPDATE occurrence SET state = 'planned', note = '', sequence = sequence + 1,"
	    " changed_at = ?" COMING " AND state = 'cancelled'" },
	[Q_TELL] = { "sbis", "",
	    "UPDATE rsvp r JOIN occurrence o ON o.id = r.occurrence SET r.tell = ?"
	    " WHERE o.event = ? AND o.ends_at > ? AND o.state = ? AND r.address <> ''"
	    " AND r.answer <> 'not'" },
};
const size_t event_publish_n_queries = Q__COUNT;

struct deed {
	struct request	*rq;
	struct plan	*p;
	int64_t		 version;	/* that was seen */
	const char	*note;
};

static struct db_value
id_of(const struct deed *deed)
{
	return DB_BYTES(deed->p->e.id.at, ID_LEN);
}

static struct db_value
me(const struct deed *deed)
{
	return DB_BYTES(deed->rq->session->admin.id.at, ID_LEN);
}

/* Do `work` at the event that the address names. */
static enum outcome
take(struct request *rq, const char *done, enum outcome (*work)(struct db *, void *),
    const char *note)
{
	const struct seen	refused = { .refused = true };
	struct plan		p;
	struct deed		deed = { .rq = rq, .p = &p, .note = note,
				    .version = plan_version_sent(rq) };
	enum outcome		got = plan_read(rq, &p);

	if (got != OUT_OK)
		return got;
	got = db_transaction(rq->app->db, work, &deed);
	return got == OUT_LIMITED ? event_page(rq, &p, &refused) : plan_done(rq, &p, done, got);
}

/* ---- publishing ---- */

static enum outcome
publish_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct plan	*p = deed->p;
	enum outcome	 got;

	if ((got = plan_lock(rq, p, deed->version)) != OUT_OK)
		return got;
	if (p->e.state != EVENT_DRAFT)
		return OUT_CONFLICT;
	if ((got = db_run(db, &event_publish_queries[Q_PUBLISH], NULL, DB_INT(rq->now),
	    DB_INT(p->e.published_at != 0), DB_INT(rq->now), me(deed), id_of(deed))) != OUT_OK ||
	    (got = event_spread(db, rq, &p->e.id, rq->now)) != OUT_OK)
		return got;
	return plan_note(rq, &p->e.id, "event.published", true);
}

enum outcome
event_publish(struct request *rq)
{
	return take(rq, "published", publish_work, NULL);
}

/* Back to a draft.  OUT_LIMITED: somebody said whether they come. */
static enum outcome
draft_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct plan	*p = deed->p;
	struct db_row	 row;
	enum outcome	 got;

	if ((got = plan_lock(rq, p, deed->version)) != OUT_OK)
		return got;
	if (p->e.state != EVENT_PUBLISHED)
		return OUT_CONFLICT;
	/* Who answers now waits for the row of the date, and then finds that it takes none. */
	if ((got = db_run(db, &event_publish_queries[Q_HIDE], NULL, id_of(deed))) != OUT_OK)
		return got;
	got = db_first(db, rq, &event_publish_queries[Q_GUESTS], &row, id_of(deed));
	if (got != OUT_MISSING)
		return got == OUT_OK ? OUT_LIMITED : got;
	if ((got = db_run(db, &event_publish_queries[Q_DRAFT], NULL, DB_INT(rq->now), me(deed),
	    id_of(deed))) != OUT_OK)
		return got;
	return plan_note(rq, &p->e.id, "event.drafted", true);
}

enum outcome
event_draft(struct request *rq)
{
	return take(rq, "drafted", draft_work, NULL);
}

/* ---- cancelling ---- */

static enum outcome
set_state(struct db *db, struct deed *deed, enum event_state from, enum event_state to)
{
	enum outcome got = plan_lock(deed->rq, deed->p, deed->version);

	if (got != OUT_OK)
		return got;
	return deed->p->e.state != from ? OUT_CONFLICT :
	    db_run(db, &event_publish_queries[Q_STATE], NULL, DB_TEXT(event_state_names[to]),
	    DB_INT(deed->rq->now), me(deed), id_of(deed));
}

static enum outcome
cancel_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct db_value	 now = DB_INT(deed->rq->now);
	enum outcome	 got;

	/* Those whose date was cancelled before know it already. */
	if ((got = set_state(db, deed, EVENT_PUBLISHED, EVENT_CANCELLED)) != OUT_OK ||
	    (got = db_run(db, &event_publish_queries[Q_TELL], NULL, DB_TEXT("cancelled"),
	    id_of(deed), now, DB_TEXT("planned"))) != OUT_OK ||
	    (got = db_run(db, &event_publish_queries[Q_TELL], NULL, DB_TEXT("cancelled"),
	    id_of(deed), now, DB_TEXT("postponed"))) != OUT_OK ||
	    (got = db_run(db, &event_publish_queries[Q_CANCEL], NULL, DB_TEXT(deed->note), now,
	    id_of(deed), now)) != OUT_OK)
		return got;
	return plan_note(deed->rq, &deed->p->e.id, "event.cancelled", true);
}

enum outcome
event_cancel(struct request *rq)
{
	const char	*note = typed_text(rq, "note");
	struct seen	 seen = { .version = plan_version_sent(rq) };
	struct plan	 p;
	enum outcome	 got;

	if (note == NULL)
		return OUT_FAULT;
	if (form_characters(note) <= EVENT_NOTE_MAX)
		return take(rq, "cancelled", cancel_work, note);
	seen.bad_note = text_in(rq->words, "Shorten it to 600 characters");
	got = plan_read(rq, &p);
	return got == OUT_OK ? event_page(rq, &p, &seen) : got;
}

static enum outcome
revive_work(struct db *db, void *arg)
{
	struct deed	*deed = arg;
	struct request	*rq = deed->rq;
	struct db_value	 now = DB_INT(rq->now);
	enum outcome	 got;

	if ((got = set_state(db, deed, EVENT_CANCELLED, EVENT_PUBLISHED)) != OUT_OK ||
	    (got = db_run(db, &event_publish_queries[Q_TELL], NULL, DB_TEXT("changed"),
	    id_of(deed), now, DB_TEXT("cancelled"))) != OUT_OK ||
	    (got = db_run(db, &event_publish_queries[Q_REVIVE], NULL, now, id_of(deed),
	    now)) != OUT_OK ||
	    (got = event_spread(db, rq, &deed->p->e.id, rq->now)) != OUT_OK)
		return got;
	return plan_note(rq, &deed->p->e.id, "event.revived", true);
}

enum outcome
event_revive(struct request *rq)
{
	return take(rq, "revived", revive_work, NULL);
}
