/*
 * store.h: what the parts of test_store share: a server of their own, or the one at
 * TEST_DB_SOCKET (owner TEST_DB_OWNER, default root), which must hold nothing else.
 */
#ifndef STORE_H
#define STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mysql.h>
#include <stdbool.h>

#include "openhall/connect.h"
#include "openhall/db.h"
#include "openhall/settings.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* The settings that the configuration file at store_conf() holds too. */
extern struct settings	 store;

/* The folder of this run, which is removed in the end, with a configuration in it; where
 * the sources are, and where the programs were built. */
const char	*store_dir(void);
const char	*store_conf(void);
const char	*store_src(void);
const char	*store_build(void);

/* A new empty database, with the schema when `migrated`; `store` names it from now on. */
void		 store_fresh(bool migrated);

/* Connected as `account` (NULL: the owner) to the database, or the test fails. */
MYSQL		*store_raw(const char *account);

/* As the owner.  A statement that fails fails the test. */
void		 store_sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
long		 store_number(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* SQL: an id made of `of`.  (MySQL 9.6 has no MD5() any more.) */
#define STORE_ID(of)	"LEFT(UNHEX(SHA2(" of ", 256)), 16)"

/* The owner's statements of `q`, which may write. */
struct db	*store_db(const struct db_query *q, size_t n);

/* Run the operator's command with `args` (shell words) and `input`; what it wrote on both
 * outputs is in `out`.  Gives its exit status. */
int		 store_openhall(const char *input, char out[8192], const char *args);

/* Run a shell command that must succeed. */
void		 store_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

extern const struct CMUnitTest	store_db_tests[], store_desk_tests[], store_roles_tests[],
				store_audit_tests[], store_operator_tests[],
				store_retain_tests[], store_courier_tests[],
				store_grants_tests[], store_talk_tests[], store_queue_tests[],
				store_session_tests[], store_work_tests[],
				store_units_tests[], store_rsvp_tests[],
				store_guests_tests[], store_spread_tests[],
				store_statement_tests[],
				store_statement_editor_tests[], store_mailing_tests[],
				store_outbox_tests[], store_event_tests[],
				store_events_admin_tests[];
extern const size_t		store_db_n, store_desk_n, store_roles_n, store_audit_n,
				store_retain_n, store_courier_n,
				store_operator_n, store_grants_n, store_talk_n, store_queue_n,
				store_session_n, store_work_n, store_units_n, store_rsvp_n,
				store_guests_n, store_spread_n,
				store_statement_n,
				store_statement_editor_n,
				store_mailing_n, store_outbox_n, store_event_n,
				store_events_admin_n;

#endif
