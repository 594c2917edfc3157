/*
 * db.c: see openhall/db.h.
 *
 * Every way in which a statement can fail is first one of five troubles (connect.h);
 * execute() and db_transaction() alone decide what is tried again.
 */
#include "openhall/db.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/connect.h"
#include "openhall/log.h"

enum {
	VALUES_MOST = 32,	/* that one statement takes, or gives */
	PATIENCE = 10,		/* seconds for an answer */
	PATIENCE_HASTY = 3,
	DEADLOCKS_MOST = 5,
	LOSS_MOST = 1000,	/* milliseconds in which a lost connection may come back */
	HASTE_MOST = 500	/* and after which there is no haste to try again */
};

/* What the session was last told; a new connection has not been told anything. */
enum mode { MODE_UNKNOWN = 0, MODE_READ, MODE_WRITE };

struct db {
	const struct settings	 *settings;
	const char		 *account;
	struct db_set		 *sets;
	size_t			  n_sets, n_prepared;
	MYSQL_STMT		**prepared;	/* all sets in order; NULL: not yet */
	MYSQL			 *my;		/* NULL: not connected */
	enum mode		  want, mode;
	bool			  inside;	/* in a transaction */
	bool			  hasty;
	bool			  away;		/* and that was logged */
	enum trouble		  broken;	/* why it must be done again */
	unsigned		  number;	/* of the last error */
	const char		 *why;		/* the last fault, where it was ours */
};

/* Where the rows go; `most` 0: the statement gives none. */
struct answer {
	uint64_t	*changed;
	const void	*ctx;
	size_t		 most;
	struct db_rows	 rows;
};

struct retry {
	bool		hasty;
	unsigned	deadlocks, losses;
	struct timespec	since;
};

struct db_value
db_value_text(const char *text)
{
	if (text == NULL)
		return (struct db_value){ .type = 0 };
	return (struct db_value){ .type = 's', .bytes = { text, strlen(text) } };
}

size_t
db_word(const struct db_value *value, const char *const words[], size_t n)
{
	size_t i = value->type != 0 ? 0 : n;

	while (i < n && strcmp(words[i], value->bytes.data) != 0)
		i++;
	return i;
}

/* ---- the connection ---- */

/* Closed first, so that no statement is closed over a dead connection. */
static void
drop(struct db *db)
{
	size_t	i;

	if (db->my != NULL)
		mysql_close(db->my);
	db->my = NULL;
	for (i = 0; i < db->n_prepared; i++) {
		if (db->prepared[i] != NULL)
			mysql_stmt_close(db->prepared[i]);
		db->prepared[i] = NULL;
	}
	db->mode = MODE_UNKNOWN;
}

static int
destroy(struct db *db)
{
	drop(db);
	return 0;
}

struct db *
db_new(const void *ctx, const struct settings *settings, const char *account,
    const struct db_set *sets, size_t n)
{
	struct db	*db = talloc_zero(ctx, struct db);
	size_t		 i;

	if (db == NULL)
		return NULL;
	db->settings = settings;
	db->account = talloc_strdup(db, account);
	db->sets = talloc_memdup(db, sets, n * sizeof(*sets));
	for (i = 0; i < n; i++)
		db->n_prepared += sets[i].n;
	db->prepared = talloc_zero_array(db, MYSQL_STMT *, db->n_prepared);
	if (db->account == NULL || db->sets == NULL || db->prepared == NULL) {
		talloc_free(db);
		return NULL;
	}
	db->n_sets = n;
	db->want = MODE_READ;
	talloc_set_destructor(db, destroy);
	return db;
}

void
db_write(struct db *db, bool may)
{
	db->want = may ? MODE_WRITE : MODE_READ;
}

void
db_hasty(struct db *db, bool hasty)
{
	db->hasty = hasty;
}

/* A fault that the server does not know of. */
static enum trouble
fault(struct db *db, const char *why)
{
	db->number = 0;
	db->why = why;
	return TROUBLE_FAULT;
}

/* What error `number` means.  After some the connection cannot be used. */
static enum trouble
failed(struct db *db, unsigned number)
{
	enum trouble	trouble = connect_trouble(number);

	if (trouble == TROUBLE_NONE)
		return fault(db, "an error without a number");
	db->number = number;
	db->why = "refused by the server";
	if (trouble == TROUBLE_LOST || (number >= 2000 && number < 3000))
		drop(db);
	return trouble;
}

static enum trouble
command(struct db *db, const char *sql)
{
	if (mysql_real_query(db->my, sql, strlen(sql)) != 0) /* allowed: a literal */
		return failed(db, mysql_errno(db->my));
	return TROUBLE_NONE;
}

/* Connected, and in the mode that is wanted.  Costs nothing when it is so already. */
static enum trouble
ready(struct db *db)
{
	enum trouble	trouble;

	if (db->my == NULL) {
		db->my = connect_open(db->settings, db->account,
		    db->settings->db_name, db->hasty ? PATIENCE_HASTY : PATIENCE);
		if (db->my == NULL)
			return fault(db, "no memory");
		if (mysql_errno(db->my) != 0) {
			trouble = failed(db, mysql_errno(db->my));
			drop(db);
			return trouble;
		}
	}
	if (db->mode == db->want || db->inside)
		return TROUBLE_NONE;
	trouble = command(db, db->want == MODE_WRITE ?
	    "SET SESSION TRANSACTION READ WRITE" :
	    "SET SESSION TRANSACTION READ ONLY");
	if (trouble == TROUBLE_NONE)
		db->mode = db->want;
	return trouble;
}

/* ---- one statement ---- */

/* Does a column of the server's fit the letter that the signature gives it? */
static bool
column_fits(const MYSQL_FIELD *field, char letter)
{
	enum { BINARY_CHARSET = 63 };

	switch (field->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
		return letter == 'i';
	case MYSQL_TYPE_STRING:
	case MYSQL_TYPE_VAR_STRING:
	case MYSQL_TYPE_VARCHAR:
	case MYSQL_TYPE_TINY_BLOB:
	case MYSQL_TYPE_BLOB:
	case MYSQL_TYPE_MEDIUM_BLOB:
	case MYSQL_TYPE_LONG_BLOB:
		return letter == (field->charsetnr == BINARY_CHARSET ? 'b' : 's');
	default:
		return false;
	}
}

/* The server's idea of a statement is the one that its signature gives. */
static enum trouble
signature_check(struct db *db, const struct db_query *q, MYSQL_STMT *stmt)
{
	size_t		 n = strlen(q->gives), i;
	enum trouble	 trouble = TROUBLE_NONE;
	MYSQL_RES	*meta;

	if (strlen(q->takes) > VALUES_MOST || n > VALUES_MOST)
		return fault(db, "more values than db.c allows");
	if (mysql_stmt_param_count(stmt) != strlen(q->takes))
		return fault(db, "takes another number of values");
	if (mysql_stmt_field_count(stmt) != n)
		return fault(db, "gives another number of values");
	if (n == 0)
		return TROUBLE_NONE;
	if ((meta = mysql_stmt_result_metadata(stmt)) == NULL)
		return fault(db, "no memory");
	for (i = 0; i < n; i++)
		if (!column_fits(mysql_fetch_field_direct(meta, (unsigned)i),
		    (char)tolower((unsigned char)q->gives[i])))
			trouble = fault(db, "gives a value of another kind");
	mysql_free_result(meta);
	return trouble;
}

/* Where the prepared form of `q` is kept.  NULL: in none of the sets. */
static MYSQL_STMT **
place(struct db *db, const struct db_query *q)
{
	MYSQL_STMT	**base = db->prepared;
	size_t		  i;

	for (i = 0; i < db->n_sets; base += db->sets[i++].n)
		if ((uintptr_t)q >= (uintptr_t)db->sets[i].queries &&
		    (uintptr_t)q < (uintptr_t)(db->sets[i].queries + db->sets[i].n))
			return base + (q - db->sets[i].queries);
	return NULL;
}

static enum trouble
prepare(struct db *db, const struct db_query *q, MYSQL_STMT **out)
{
	MYSQL_STMT	**at = place(db, q), *stmt;
	enum trouble	  trouble;

	if (at == NULL)
		return fault(db, "not among the sets of this connection");
	if ((*out = *at) != NULL)
		return TROUBLE_NONE;
	if ((stmt = mysql_stmt_init(db->my)) == NULL)
		return fault(db, "no memory");
	if (mysql_stmt_prepare(stmt, q->sql, strlen(q->sql)) != 0)
		trouble = failed(db, mysql_stmt_errno(stmt));
	else
		trouble = signature_check(db, q, stmt);
	if (trouble != TROUBLE_NONE) {
		mysql_stmt_close(stmt);
		return trouble;
	}
	*out = *at = stmt;
	return TROUBLE_NONE;
}

/* The values are those that the statement says it takes. */
static bool
takes_fit(const char *takes, const struct db_value *values, size_t n)
{
	size_t	i;

	for (i = 0; i < n && takes[i] != '\0'; i++)
		if (values[i].type == 0 ? !isupper((unsigned char)takes[i]) :
		    values[i].type != tolower((unsigned char)takes[i]))
			return false;
	return i == n && takes[i] == '\0';
}

static void
bind_value(MYSQL_BIND *bind, const struct db_value *value)
{
	switch (value->type) {
	case 'i':
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = (void *)(uintptr_t)&value->number;
		break;
	case 's':
	case 'b':
		bind->buffer_type = value->type == 's' ?
		    MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		bind->buffer = (void *)(uintptr_t)value->bytes.data;
		bind->buffer_length = value->bytes.len;
		break;
	default:
		bind->buffer_type = MYSQL_TYPE_NULL;
	}
}

/* A text or a blob, of which so far only the length was fetched. */
static enum trouble
fetch_bytes(struct db *db, const void *ctx, MYSQL_STMT *stmt, unsigned column,
    unsigned long len, struct bytes *out)
{
	my_bool		 null = 0, cut = 0;
	char		*data = talloc_size(ctx, len + 1);
	MYSQL_BIND	 bind = { .buffer_type = MYSQL_TYPE_BLOB, .buffer = data,
			    .buffer_length = len, .length = &len, .is_null = &null,
			    .error = &cut };

	if (data == NULL)
		return fault(db, "no memory");
	if (len > 0 && mysql_stmt_fetch_column(stmt, &bind, column, 0) != 0)
		return failed(db, mysql_stmt_errno(stmt));
	if (cut)
		return fault(db, "a value was cut");
	data[len] = '\0';
	*out = (struct bytes){ data, len };
	return TROUBLE_NONE;
}

/* Store the whole result and copy it out below `answer->ctx`. */
static enum trouble
collect(struct db *db, const struct db_query *q, MYSQL_STMT *stmt,
    struct answer *answer)
{
	size_t		 n = strlen(q->gives), row, i;
	unsigned long	 length[VALUES_MOST];
	my_bool		 null[VALUES_MOST], cut[VALUES_MOST];
	long long	 number[VALUES_MOST];
	MYSQL_BIND	 bind[VALUES_MOST];
	struct db_rows	*rows = &answer->rows;
	struct db_value	*values, *value;
	enum trouble	 trouble;

	memset(bind, 0, n * sizeof(bind[0]));
	for (i = 0; i < n; i++) {
		if (tolower((unsigned char)q->gives[i]) == 'i') {
			bind[i].buffer_type = MYSQL_TYPE_LONGLONG;
			bind[i].buffer = &number[i];
			bind[i].buffer_length = sizeof(number[i]);
		} else {
			bind[i].buffer_type = MYSQL_TYPE_BLOB;
		}
		bind[i].length = &length[i];
		bind[i].is_null = &null[i];
		bind[i].error = &cut[i];
	}
	if (mysql_stmt_bind_result(stmt, bind) != 0 ||
	    mysql_stmt_store_result(stmt) != 0)
		return failed(db, mysql_stmt_errno(stmt));
	rows->n = (size_t)mysql_stmt_num_rows(stmt);
	if (rows->n > answer->most)
		rows->n = answer->most;
	if (rows->n == 0)
		return TROUBLE_NONE;
	rows->at = talloc_array(answer->ctx, struct db_row, rows->n);
	if (rows->at == NULL ||
	    (values = talloc_zero_array(rows->at, struct db_value, rows->n * n)) == NULL)
		return fault(db, "no memory");
	value = values;
	for (row = 0; row < rows->n; row++) {
		rows->at[row].at = value;
		/* Cut: what has a length is fetched below, whole. */
		switch (mysql_stmt_fetch(stmt)) {
		case 0:
		case MYSQL_DATA_TRUNCATED:
			break;
		case MYSQL_NO_DATA:
			return fault(db, "fewer rows than were promised");
		default:
			return failed(db, mysql_stmt_errno(stmt));
		}
		for (i = 0; i < n; i++, value++) {
			if (null[i]) {
				if (islower((unsigned char)q->gives[i]))
					return fault(db, "gives NULL");
				continue;
			}
			value->type = (char)tolower((unsigned char)q->gives[i]);
			if (value->type == 'i') {
				if (cut[i])
					return fault(db, "a number was cut");
				value->number = number[i];
			} else if ((trouble = fetch_bytes(db, values, stmt,
			    (unsigned)i, length[i], &value->bytes)) != TROUBLE_NONE) {
				return trouble;
			}
		}
	}
	return TROUBLE_NONE;
}

/* Once, on the connection there is or on a new one. */
static enum trouble
attempt(struct db *db, const struct db_query *q, const struct db_value *values,
    size_t n, struct answer *answer)
{
	MYSQL_BIND	 bind[VALUES_MOST];
	MYSQL_STMT	*stmt;
	enum trouble	 trouble;
	size_t		 i;

	if ((trouble = ready(db)) != TROUBLE_NONE ||
	    (trouble = prepare(db, q, &stmt)) != TROUBLE_NONE)
		return trouble;
	memset(bind, 0, n * sizeof(bind[0]));
	for (i = 0; i < n; i++)
		bind_value(&bind[i], &values[i]);
	if ((n > 0 && mysql_stmt_bind_param(stmt, bind) != 0) ||
	    mysql_stmt_execute(stmt) != 0)
		return failed(db, mysql_stmt_errno(stmt));
	if (answer->most == 0) {
		if (answer->changed != NULL)
			*answer->changed = mysql_stmt_affected_rows(stmt);
		return TROUBLE_NONE;
	}
	trouble = collect(db, q, stmt, answer);
	if (db->my != NULL)
		mysql_stmt_free_result(stmt);
	if (trouble != TROUBLE_NONE) {
		talloc_free(answer->rows.at);
		answer->rows = (struct db_rows){ 0 };
	}
	return trouble;
}

/* ---- what is tried again ---- */

static long
milliseconds(const struct timespec *since)
{
	struct timespec	now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)(now.tv_sec - since->tv_sec) * 1000 +
	    (now.tv_nsec - since->tv_nsec) / 1000000;
}

static struct retry
retry_new(const struct db *db)
{
	struct retry	retry = { .hasty = db->hasty };

	clock_gettime(CLOCK_MONOTONIC, &retry.since);
	return retry;
}

/* Whether to try again, after the wait that is due.  The first loss is free: most often
 * the server closed a connection that had been idle. */
static bool
again(struct retry *retry, enum trouble trouble)
{
	static const long	 waits[] = { 0, 50, 100, 200, 200, 200 };
	struct timespec		 wait = { 0 };

	if (retry->hasty && (retry->deadlocks + retry->losses > 0 ||
	    milliseconds(&retry->since) > HASTE_MOST))
		return false;
	if (trouble == TROUBLE_AGAIN)
		return retry->deadlocks++ < DEADLOCKS_MOST;
	if (trouble != TROUBLE_LOST ||
	    retry->losses == sizeof(waits) / sizeof(waits[0]))
		return false;
	if (retry->losses == 0)
		clock_gettime(CLOCK_MONOTONIC, &retry->since);
	wait.tv_nsec = waits[retry->losses++] * 1000000;
	if (milliseconds(&retry->since) + wait.tv_nsec / 1000000 > LOSS_MOST)
		return false;
	nanosleep(&wait, NULL);
	return true;
}

/* The last word on a trouble, logged where somebody should look into it: the number and
 * the statement's first words, which hold no values (the server's text may).  That the
 * store is away is said once, until it is back. */
static enum outcome
settle(struct db *db, const char *sql, enum trouble trouble)
{
	char	number[16], words[64];

	if (trouble == TROUBLE_CONFLICT)
		return OUT_CONFLICT;
	if (trouble != TROUBLE_FAULT && db->away)
		return OUT_AWAY;
	db->away = db->away || trouble != TROUBLE_FAULT;
	snprintf(number, sizeof(number), "%u", db->number);
	snprintf(words, sizeof(words), "%s", sql);
	log_error(trouble == TROUBLE_FAULT ? "store.fault" : "store.away",
	    "account", db->account, "number", number, "statement", words,
	    "reason", db->why, NULL);
	return trouble == TROUBLE_FAULT ? OUT_FAULT : OUT_AWAY;
}

/*
 * In a transaction that is broken nothing more is sent: after a deadlock the server has
 * rolled it back, and what came then would stand alone.
 */
static enum outcome
execute(struct db *db, const struct db_query *q, const struct db_value *values,
    size_t n, struct answer *answer)
{
	struct retry	retry = retry_new(db);
	enum trouble	trouble;

	if (!takes_fit(q->takes, values, n) || n > VALUES_MOST ||
	    (answer->most == 0) != (q->gives[0] == '\0'))
		return settle(db, q->sql,
		    fault(db, "called with other values than it takes or gives"));
	if (db->inside && db->broken != TROUBLE_NONE)
		return OUT_AWAY;
	while ((trouble = attempt(db, q, values, n, answer)) != TROUBLE_NONE) {
		if (db->inside && (trouble == TROUBLE_AGAIN || trouble == TROUBLE_LOST)) {
			db->broken = trouble;
			return OUT_AWAY;
		}
		if (!again(&retry, trouble))
			return settle(db, q->sql, trouble);
	}
	if (db->away)
		log_info("store.back", "account", db->account, NULL);
	db->away = false;
	return OUT_OK;
}

/* As one that may write: a read-only session refuses even to prepare an INSERT. */
enum outcome
db_check(struct db *db)
{
	enum mode	 want = db->want;
	struct retry	 retry = retry_new(db);
	MYSQL_STMT	*stmt;
	enum trouble	 trouble;
	size_t		 set, i;

	db->want = MODE_WRITE;
	for (set = 0; set < db->n_sets; set++)
		for (i = 0; i < db->sets[set].n; i++) {
			const struct db_query	*q = &db->sets[set].queries[i];

			while ((trouble = ready(db)) != TROUBLE_NONE ||
			    (trouble = prepare(db, q, &stmt)) != TROUBLE_NONE)
				if (!again(&retry, trouble)) {
					db->want = want;
					return settle(db, q->sql, trouble);
				}
		}
	db->want = want;
	return OUT_OK;
}

enum outcome
db_run_values(struct db *db, const struct db_query *q, uint64_t *changed,
    const struct db_value *values, size_t n)
{
	struct answer	answer = { .changed = changed };

	return execute(db, q, values, n, &answer);
}

enum outcome
db_all_values(struct db *db, const void *ctx, const struct db_query *q,
    struct db_rows *rows, const struct db_value *values, size_t n)
{
	struct answer	answer = { .ctx = ctx, .most = SIZE_MAX };
	enum outcome	got = execute(db, q, values, n, &answer);

	*rows = answer.rows;
	return got;
}

enum outcome
db_first_values(struct db *db, const void *ctx, const struct db_query *q,
    struct db_row *row, const struct db_value *values, size_t n)
{
	struct answer	answer = { .ctx = ctx, .most = 1 };
	enum outcome	got = execute(db, q, values, n, &answer);

	*row = (struct db_row){ 0 };
	if (got != OUT_OK)
		return got;
	if (answer.rows.n == 0)
		return OUT_MISSING;
	row->at = talloc_steal(ctx, answer.rows.at[0].at);
	talloc_free(answer.rows.at);
	return OUT_OK;
}

/* ---- transactions ---- */

static void
undo(struct db *db)
{
	if (db->my != NULL && command(db, "ROLLBACK") != TROUBLE_NONE)
		drop(db);
}

/* A COMMIT that was lost on the way may have arrived: it is not sent again. */
static enum outcome
uncertain(struct db *db, enum trouble trouble)
{
	char	number[16];

	drop(db);
	if (trouble == TROUBLE_FAULT)
		return settle(db, "COMMIT", trouble);
	snprintf(number, sizeof(number), "%u", db->number);
	log_error("store.unknown", "account", db->account, "number", number,
	    "statement", "COMMIT", NULL);
	return OUT_AWAY;
}

enum outcome
db_transaction(struct db *db, enum outcome (*work)(struct db *, void *), void *arg)
{
	struct retry	retry = retry_new(db);
	enum trouble	trouble;
	enum outcome	got;

	if (db->inside)
		return settle(db, "START TRANSACTION",
		    fault(db, "a transaction within a transaction"));
	do {
		if ((trouble = ready(db)) != TROUBLE_NONE ||
		    (trouble = command(db, "START TRANSACTION")) != TROUBLE_NONE)
			continue;
		db->broken = TROUBLE_NONE;
		db->inside = true;
		got = work(db, arg);
		db->inside = false;
		if ((trouble = db->broken) == TROUBLE_NONE && got == OUT_OK) {
			if ((trouble = command(db, "COMMIT")) == TROUBLE_NONE)
				return OUT_OK;
			if (trouble != TROUBLE_AGAIN)
				return uncertain(db, trouble);
		}
		undo(db);
		if (trouble == TROUBLE_NONE)
			return got;
	} while (again(&retry, trouble));
	return settle(db, "START TRANSACTION", trouble);
}
