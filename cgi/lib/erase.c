/* erase.c: see openhall/erase.h.  Runs as receipt, as courier and as the schema's owner. */
#include "openhall/erase.h"

enum { Q_CONTENT, Q_MESSAGES, Q_NOTES, Q_REVISIONS, Q_CONTACTS, Q_FACETS, Q_REASONS,
	Q__COUNT };

const struct db_query erase_queries[] = {	/* takes, gives, sql */
	/* First: who has the lock on the submission has all that hangs on it. */
	[Q_CONTENT] = { "b", "",
	    "UPDATE submission SET body = '', desk_key = '', receipt_key = '',"
	    " facets = '', filed = 1, desk_unread = 0, holder_unread = 0"
	    " WHERE id = ?" },
	[Q_MESSAGES] = { "b", "", "DELETE FROM message WHERE submission = ?" },
	[Q_NOTES] = { "b", "", "DELETE FROM note WHERE submission = ?" },
	[Q_REVISIONS] = { "b", "", "DELETE FROM revision WHERE submission = ?" },
	[Q_CONTACTS] = { "b", "", "DELETE FROM contact WHERE submission = ?" },
	[Q_FACETS] = { "b", "", "DELETE FROM facet WHERE submission = ?" },
	[Q_REASONS] = { "b", "",
	    "UPDATE elector SET reason = NULL WHERE submission = ?" },
};
const size_t erase_n_queries = Q__COUNT;

enum outcome
erase_content(struct db *db, const struct id *id)
{
	enum outcome got = OUT_OK;

	for (size_t i = 0; got == OUT_OK && i < Q__COUNT; i++)
		got = db_run(db, &erase_queries[i], NULL, DB_BYTES(id->at, ID_LEN));
	return got;
}
