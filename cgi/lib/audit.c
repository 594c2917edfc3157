/* audit.c: see openhall/audit.h. */
#include "openhall/audit.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

enum { ACTION_MOST = 32, PAGE = 500 };

enum { Q_HEAD_LOCK, Q_HEAD, Q_HEAD_SET, Q_ADD, Q_PAGE, Q__COUNT };

const struct db_query audit_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_HEAD_LOCK] = { "", "ib",
	    "SELECT number, mac FROM audit_head WHERE id = 1 FOR UPDATE" },
	[Q_HEAD] = { "", "ib",
	    "SELECT number, mac FROM audit_head WHERE id = 1" },
	[Q_HEAD_SET] = { "ib", "",
	    "UPDATE audit_head SET number = ?, mac = ? WHERE id = 1" },
	[Q_ADD] = { "iiBsBb", "",
	    "INSERT INTO audit (number, at, admin, action, subject, mac)"
	    " VALUES (?, ?, ?, ?, ?, ?)" },
	[Q_PAGE] = { "ii", "iiBsBb",
	    "SELECT number, at, admin, action, subject, mac FROM audit"
	    " WHERE number > ? ORDER BY number LIMIT ?" },
};
const size_t audit_n_queries = Q__COUNT;

/* What a row's mac is made of: fields of fixed length, so that no two rows read alike. */
struct link {
	unsigned char	former[KEY_LEN], number[8], at[8], has_admin, has_subject;
	unsigned char	admin[ID_LEN], subject[ID_LEN], action[ACTION_MOST];
};

static void
put_number(unsigned char to[8], int64_t number)
{
	for (int i = 0; i < 8; i++)
		to[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

/* The mac of the row after the one with mac `former`.  `admin`, `subject`: may be NULL. */
static void
chain(struct key *mac, const struct key *key, const struct key *former,
    int64_t number, int64_t at, const void *admin, const char *action,
    const void *subject)
{
	struct link	link = { .has_admin = admin != NULL,
			    .has_subject = subject != NULL };

	memcpy(link.former, former->at, KEY_LEN);
	put_number(link.number, number);
	put_number(link.at, at);
	if (admin != NULL)
		memcpy(link.admin, admin, ID_LEN);
	if (subject != NULL)
		memcpy(link.subject, subject, ID_LEN);
	memcpy(link.action, action, strnlen(action, ACTION_MOST));
	seal_derive(mac, key, "audit", &link, sizeof(link));
}

enum outcome
audit_add(struct db *db, const struct key *key, int64_t now,
    const struct id *admin, const char *action, const struct id *subject)
{
	const struct db_value	 none = { .type = 0 };
	struct db_row		 head;
	struct key		 former, mac;
	int64_t			 number;
	enum outcome		 got;

	got = db_first(db, db, &audit_queries[Q_HEAD_LOCK], &head);
	if (got != OUT_OK)
		return got == OUT_MISSING ? OUT_FAULT : got;
	number = head.at[0].number + 1;
	memcpy(former.at, head.at[1].bytes.data, KEY_LEN);
	talloc_free(head.at);

	chain(&mac, key, &former, number, now, admin, action, subject);
	got = db_run(db, &audit_queries[Q_ADD], NULL, DB_INT(number), DB_INT(now),
	    admin == NULL ? none : DB_BYTES(admin->at, ID_LEN), DB_TEXT(action),
	    subject == NULL ? none : DB_BYTES(subject->at, ID_LEN),
	    DB_BYTES(mac.at, KEY_LEN));
	if (got != OUT_OK)	/* a number twice: somebody tampered with the head */
		return got == OUT_CONFLICT ? OUT_FAULT : got;
	return db_run(db, &audit_queries[Q_HEAD_SET], NULL, DB_INT(number),
	    DB_BYTES(mac.at, KEY_LEN));
}

struct walk {
	const struct key	*key;
	struct audit_report	*report;
};

/* The next row as it stands in the store is the one that follows `report->head`. */
static bool
fits(const struct walk *walk, const struct db_value *row)
{
	const struct bytes	*admin = &row[2].bytes, *subject = &row[4].bytes;
	struct key		 mac;

	if (row[0].number != walk->report->rows + 1 ||
	    (row[2].type != 0 && admin->len != ID_LEN) ||
	    (row[4].type != 0 && subject->len != ID_LEN) ||
	    row[5].bytes.len != KEY_LEN)
		return false;
	chain(&mac, walk->key, &walk->report->head, row[0].number, row[1].number,
	    admin->data, row[3].bytes.data, subject->data);
	if (sodium_memcmp(mac.at, row[5].bytes.data, KEY_LEN) != 0)
		return false;
	walk->report->head = mac;
	return true;
}

/* In one transaction, so that rows and head are of one moment. */
static enum outcome
walk_all(struct db *db, void *arg)
{
	const struct walk	*walk = arg;
	struct audit_report	*report = walk->report;
	TALLOC_CTX		*ctx = talloc_new(db);
	struct db_rows		 rows;
	struct db_row		 head;
	enum outcome		 got;

	*report = (struct audit_report){ 0 };
	if ((got = db_first(db, ctx, &audit_queries[Q_HEAD], &head)) != OUT_OK)
		goto out;
	do {
		/* Also a row before the first would be one too many. */
		got = db_all(db, ctx, &audit_queries[Q_PAGE], &rows,
		    DB_INT(report->rows > 0 ? report->rows : INT64_MIN),
		    DB_INT(PAGE));
		for (size_t i = 0; got == OUT_OK && i < rows.n; i++) {
			if (!fits(walk, rows.at[i].at)) {
				report->broken = report->rows + 1;
				goto out;
			}
			report->rows++;
		}
		talloc_free(rows.at);
	} while (got == OUT_OK && rows.n == PAGE);
	/* The rows hold together; rows cut from the end show in the head. */
	if (got == OUT_OK && (head.at[0].number != report->rows ||
	    sodium_memcmp(head.at[1].bytes.data, report->head.at, KEY_LEN) != 0))
		report->broken = report->rows + 1;
out:
	talloc_free(ctx);
	return got == OUT_MISSING ? OUT_FAULT : got;
}

enum outcome
audit_verify(struct db *db, const struct key *key, struct audit_report *report)
{
	struct walk	walk = { key, report };

	return db_transaction(db, walk_all, &walk);
}
