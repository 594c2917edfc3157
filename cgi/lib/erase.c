/* erase.c: see openhall/erase.h.  Runs as receipt, as courier and as the schema's owner. */
#include "openhall/erase.h"

enum { Q_MESSAGES, Q_NOTES, Q_REVISIONS, Q_CONTACTS, Q_FACETS, Q_REASONS, Q_CONTENT, Q_UNREAD,
	Q__COUNT };

const struct db_query erase_queries[] = {	/* takes, gives, sql */
	[Q_MESSAGES] = { "b", "", "DELETE FROM message WHERE submission = ?" },
	[Q_NOTES] = { "b", "", "DELETE FROM note WHERE submission = ?" },
	[Q_REVISIONS] = { "b", "", "DELETE FROM revision WHERE submission = ?" },
	[Q_CONTACTS] = { "b", "", "DELETE FROM contact WHERE submission = ?" },
	[Q_FACETS] = { "b", "", "DELETE FROM facet WHERE submission = ?" },
	[Q_REASONS] = { "b", "",
	    "UPDATE elector SET reason = NULL WHERE submission = ?" },
	[Q_CONTENT] = { "b", "",
	    "UPDATE submission SET body = '', desk_key = '', receipt_key = '',"
	    " facets = '', filed = 1, desk_unread = 0, holder_unread = 0"
	    " WHERE id = ?" },
	[Q_UNREAD] = { "b", "",
	    "UPDATE submission SET desk_unread = 0, holder_unread = 0"
	    " WHERE id = ?" },
};
const size_t erase_n_queries = Q__COUNT;

static enum outcome
run_all(struct db *db, const struct id *id, const int *which, size_t n)
{
	enum outcome got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < n; i++)
		got = db_run(db, &erase_queries[which[i]], NULL,
		    DB_BYTES(id->at, ID_LEN));
	return got;
}

/* The submission first: who has its lock has all that hangs on it. */
enum outcome
erase_content(struct db *db, const struct id *id)
{
	static const int which[] = { Q_CONTENT, Q_MESSAGES, Q_NOTES,
	    Q_REVISIONS, Q_CONTACTS, Q_FACETS, Q_REASONS };

	return run_all(db, id, which, sizeof(which) / sizeof(*which));
}

enum outcome
erase_messages(struct db *db, const struct id *id)
{
	static const int which[] = { Q_UNREAD, Q_MESSAGES, Q_NOTES };

	return run_all(db, id, which, sizeof(which) / sizeof(*which));
}
