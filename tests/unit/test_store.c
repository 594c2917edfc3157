/*
 * test_store.c: everything that needs a real server: db, audit, desk, the operator's
 * command, and what each account may not do.
 *
 * From the environment: SRCDIR (default .), BUILDDIR (.), TEST_DB_SOCKET, TEST_DB_OWNER.
 */
#include "store.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openhall/log.h"
#include "openhall/seal.h"

struct settings		store;
static char		dir[PATH_MAX], conf[PATH_MAX], text[7][PATH_MAX];
static pid_t		server;
static unsigned		databases;

const char *
store_dir(void)
{
	return dir;
}

const char *
store_conf(void)
{
	return conf;
}

static const char *
from_environment(const char *name, const char *otherwise)
{
	const char	*got = getenv(name);

	return got != NULL && *got != '\0' ? got : otherwise;
}

const char *
store_src(void)
{
	return from_environment("SRCDIR", ".");
}

const char *
store_build(void)
{
	return from_environment("BUILDDIR", ".");
}

void
store_shell(const char *fmt, ...)
{
	char	command[4 * PATH_MAX];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

MYSQL *
store_raw(const char *account)
{
	MYSQL	*my = connect_open(&store, account != NULL ? account : store.db_owner,
		    store.db_name, 30);

	assert_non_null(my);
	if (mysql_errno(my) != 0)
		fail_msg("%s", mysql_error(my));
	return my;
}

static long
ask(const char *sql)
{
	MYSQL		*my = store_raw(NULL);
	MYSQL_RES	*rows;
	MYSQL_ROW	 row;
	long		 number = 0;

	if (mysql_query(my, sql) != 0)
		fail_msg("%s: %s", sql, mysql_error(my));
	if ((rows = mysql_store_result(my)) != NULL) {
		row = mysql_fetch_row(rows);
		number = row != NULL && row[0] != NULL ? strtol(row[0], NULL, 10) : 0;
		mysql_free_result(rows);
	}
	mysql_close(my);
	return number;
}

void
store_sql(const char *fmt, ...)
{
	char	sql[4096];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	(void)ask(sql);
}

long
store_number(const char *fmt, ...)
{
	char	sql[4096];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	return ask(sql);
}

struct db *
store_db(const struct db_query *q, size_t n)
{
	const struct db_set	 set = { q, n };
	struct db		*db = db_new(NULL, &store, store.db_owner, &set, 1);

	assert_non_null(db);
	db_write(db, true);
	return db;
}

int
store_openhall(const char *input, char out[8192], const char *args)
{
	char	command[4 * PATH_MAX];
	FILE	*pipe, *in;
	size_t	 n;
	int	 status;

	snprintf(command, sizeof(command), "%s/input", dir);
	assert_non_null(in = fopen(command, "w"));
	fputs(input, in);
	assert_int_equal(fclose(in), 0);
	snprintf(command, sizeof(command), "%s/openhall -c %s %s <%s/input 2>&1",
	    store_build(), conf, args, dir);
	assert_non_null(pipe = popen(command, "r"));
	n = fread(out, 1, 8191, pipe);
	out[n] = '\0';
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
write_conf(void)
{
	FILE	*to = fopen(conf, "w");

	assert_non_null(to);
	fprintf(to, "site = \"%s\"\ntemplates = \"%s/www/templates\"\n"
	    "public = \"%s/www/public\"\nschema = \"%s\"\nlocale = \"%s/locale\"\n"
	    "html = \"%s/html\"\nkeys = \"%s\"\nspool = \"%s/spool\"\n"
	    "origin = \"https://example.org\"\n"
	    "database {\n\tsocket = \"%s\"\n\tname = \"%s\"\n\towner = \"%s\"\n"
	    "\tcredentials = \"%s\"\n}\n", store.site_dir, store_src(), store_src(),
	    store.schema_dir, store_build(), dir, store.key_dir, dir, store.db_socket,
	    store.db_name, store.db_owner, store.credential_dir);
	assert_int_equal(fclose(to), 0);
}

void
store_fresh(bool migrated)
{
	const char	*last = store.db_name;
	char		 out[8192];

	snprintf(text[0], sizeof(text[0]), "openhall_test_%d_%u", (int)getpid(),
	    ++databases);
	store.db_name = NULL;		/* the one that is not there yet */
	if (last != NULL)
		store_sql("DROP DATABASE IF EXISTS openhall_test_%d_%u",
		    (int)getpid(), databases - 1);
	store.db_name = text[0];
	write_conf();
	store_shell("rm -rf %s/keys %s/spool %s/html && mkdir %s/keys", dir, dir, dir, dir);
	if (migrated && store_openhall("", out, "migrate") != 0)
		fail_msg("%s", out);
}

/* ---- the server ---- */

static void
start_server(const char *owner)
{
	const char	*root = getuid() == 0 ? "--user=root" : "";
	char		 data[PATH_MAX + 32], socket[PATH_MAX + 32];
	MYSQL		*my;
	bool		 up = false;

	store_shell("TMPDIR=%s PATH=$PATH:/usr/sbin mariadb-install-db --no-defaults %s "
	    "--datadir=%s/data --skip-test-db --force "
	    "--auth-root-authentication-method=socket --auth-root-socket-user=%s "
	    ">%s/install.log 2>&1", dir, root, dir, owner, dir);
	snprintf(data, sizeof(data), "--datadir=%s/data", dir);
	snprintf(socket, sizeof(socket), "--socket=%s/db.sock", dir);
	if ((server = fork()) == 0) {
		char log[PATH_MAX + 16];

		/* It ends with this program, however that ends. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("PATH", "/usr/bin:/bin:/usr/sbin", 1);
		snprintf(log, sizeof(log), "%s/server.log", dir);
		if (freopen(log, "w", stderr) == NULL)
			_exit(127);
		execlp("mariadbd", "mariadbd", "--no-defaults", data, socket,
		    "--skip-networking", "--innodb-buffer-pool-size=32M",
		    "--innodb-log-file-size=8M", root[0] != '\0' ? root : NULL,
		    (char *)NULL);
		_exit(127);
	}
	assert_true(server > 0);
	for (int i = 0; i < 300 && !up; i++) {
		usleep(100000);
		my = connect_open(&store, owner, NULL, 5);
		up = my != NULL && mysql_errno(my) == 0;
		mysql_close(my);
	}
	if (!up)
		fail_msg("the server does not start: see %s/server.log", dir);
}

static int
start(void **state)
{
	const struct passwd	*me = getpwuid(getuid());
	const char		*given = getenv("TEST_DB_SOCKET");

	(void)state;
	assert_non_null(me);
	snprintf(dir, sizeof(dir), "%s/openhall-store-XXXXXX",
	    from_environment("TMPDIR", "/tmp"));
	assert_non_null(mkdtemp(dir));
	snprintf(conf, sizeof(conf), "%.4000s/openhall.conf", dir);
	snprintf(text[1], PATH_MAX, "%.4000s/db.sock", dir);
	snprintf(text[2], PATH_MAX, "%.4000s/keys", dir);
	snprintf(text[3], PATH_MAX, "%.4000s/credentials", dir);
	snprintf(text[4], PATH_MAX, "%.4000s/schema", dir);
	snprintf(text[5], PATH_MAX, "%.4000s/www/sites/party", store_src());
	snprintf(text[6], PATH_MAX, "%.4000s/spool", dir);
	store = (struct settings){
		.site_dir = text[5], .schema_dir = text[4], .key_dir = text[2],
		.credential_dir = text[3], .spool_dir = text[6], .spool_most = 1 << 20,
		.origin = "https://example.org",
		.db_socket = given != NULL && *given != '\0' ? given : text[1],
		.db_owner = given != NULL && *given != '\0' ?
		    from_environment("TEST_DB_OWNER", "root") : me->pw_name,
	};
	assert_int_equal(mkdir(store.credential_dir, 0700), 0);
	store_shell("cp -R %s/schema %s/schema", store_src(), dir);
	if (given == NULL || *given == '\0')
		start_server(me->pw_name);
	store_fresh(false);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	store.db_name = NULL;
	store_sql("DROP DATABASE IF EXISTS openhall_test_%d_%u", (int)getpid(), databases);
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, NULL, 0);
	}
	store_shell("rm -rf %s", dir);
	return 0;
}

int
main(void)
{
	static const struct {
		const struct CMUnitTest	*tests;
		const size_t		*n;
	} parts[] = {
		{ store_db_tests, &store_db_n },
		{ store_desk_tests, &store_desk_n },
		{ store_roles_tests, &store_roles_n },
		{ store_session_tests, &store_session_n },
		{ store_audit_tests, &store_audit_n },
		{ store_operator_tests, &store_operator_n },
		{ store_grants_tests, &store_grants_n },
		{ store_retain_tests, &store_retain_n },
		{ store_courier_tests, &store_courier_n },
		{ store_talk_tests, &store_talk_n },
		{ store_queue_tests, &store_queue_n },
		{ store_work_tests, &store_work_n },
		{ store_units_tests, &store_units_n },
		{ store_rsvp_tests, &store_rsvp_n },
		{ store_guests_tests, &store_guests_n },
		{ store_spread_tests, &store_spread_n },
		{ store_statement_tests, &store_statement_n },
		{ store_statement_editor_tests, &store_statement_editor_n },
		{ store_mailing_tests, &store_mailing_n },
		{ store_outbox_tests, &store_outbox_n },
		{ store_event_tests, &store_event_n },
		{ store_events_admin_tests, &store_events_admin_n },
	};
	struct CMUnitTest	all[256];
	size_t			n = 0;

	/* What is wrong on purpose is logged; errors of the tests are not on there. */
	log_program("test_store");
	seal_start();
	for (size_t i = 0; i < COUNT(parts); i++)
		for (size_t j = 0; j < *parts[i].n && n < COUNT(all); j++)
			all[n++] = parts[i].tests[j];
	return _cmocka_run_group_tests("store", all, n, start, stop);
}
