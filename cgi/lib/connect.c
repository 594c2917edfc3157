/* connect.c: see openhall/connect.h. */
#include "openhall/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "openhall/log.h"

enum { CONNECT_SECONDS = 2 };

/* A lock is waited for less long than an answer, so that it has a number of its own. */
static const char session[] = "SET SESSION sql_mode='STRICT_ALL_TABLES,"
    "ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION', time_zone='+00:00', innodb_lock_wait_timeout=2";

/* By number: the names differ between the two client libraries. */
static const struct { unsigned number; enum trouble trouble; } troubles[] = {
	{    0, TROUBLE_NONE },
	{ 1062, TROUBLE_CONFLICT },	/* duplicate entry */
	{ 1586, TROUBLE_CONFLICT },	/* duplicate entry, with the key's name */
	{ 1205, TROUBLE_AGAIN },	/* waited too long for a lock */
	{ 1213, TROUBLE_AGAIN },	/* deadlock, or failed certification */
	{ 1047, TROUBLE_LOST },		/* a cluster node that is not ready */
	{ 1053, TROUBLE_LOST },		/* server shutdown in progress */
	{ 1152, TROUBLE_LOST },		/* aborted connection */
	{ 1158, TROUBLE_LOST },		/* errors and interruptions of the network */
	{ 1159, TROUBLE_LOST },
	{ 1160, TROUBLE_LOST },
	{ 1161, TROUBLE_LOST },
	{ 1184, TROUBLE_LOST },
	{ 1927, TROUBLE_LOST },		/* connection was killed */
	{ 2002, TROUBLE_LOST },		/* cannot connect to the socket */
	{ 2003, TROUBLE_LOST },
	{ 2006, TROUBLE_LOST },		/* server has gone away */
	{ 2013, TROUBLE_LOST },		/* lost in the middle of a statement */
	{ 2012, TROUBLE_LOST },		/* stopped while it was saying hello */
	{ 2027, TROUBLE_LOST },		/* or in the middle of an answer */
	{ 2055, TROUBLE_LOST },
	{ 4031, TROUBLE_LOST },		/* was idle for too long */
	{ 1021, TROUBLE_AWAY },		/* disk full */
	{ 1026, TROUBLE_AWAY },		/* error writing a file */
	{ 1030, TROUBLE_AWAY },		/* an error of the storage engine: its disk is full, too */
	{ 1037, TROUBLE_AWAY },		/* out of memory */
	{ 1040, TROUBLE_AWAY },		/* too many connections */
	{ 1041, TROUBLE_AWAY },
	{ 1114, TROUBLE_AWAY },		/* the table is full */
	{ 1135, TROUBLE_AWAY },		/* cannot create a thread */
	{ 1180, TROUBLE_AWAY },		/* error during COMMIT */
	{ 1203, TROUBLE_AWAY },		/* too many connections of this account */
	{ 1226, TROUBLE_AWAY },
	{ 1290, TROUBLE_AWAY },		/* the server is read-only */
	{ 1317, TROUBLE_AWAY },		/* the statement was killed */
	{ 1637, TROUBLE_AWAY },		/* too many transactions */
	{ 1461, TROUBLE_AWAY },		/* too many prepared statements */
	{ 1836, TROUBLE_AWAY },
	{ 1969, TROUBLE_AWAY },		/* took longer than the server allows */
	{ 3024, TROUBLE_AWAY },		/* the same, of MySQL */
	{ 3032, TROUBLE_AWAY },		/* offline mode */
};

enum trouble
connect_trouble(unsigned number)
{
	size_t	i;

	for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (troubles[i].number == number)
			return troubles[i].trouble;
	return TROUBLE_FAULT;
}

bool
connect_credential(char out[CREDENTIAL_MOST + 1],
    const struct settings *settings, const char *account)
{
	char	path[PATH_MAX];
	ssize_t	n = -1;
	int	fd, len;

	if (settings->credential_dir == NULL)
		return false;
	len = snprintf(path, sizeof(path), "%s/%s", settings->credential_dir,
	    account);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		if (errno != ENOENT)
			log_error("credential", "file", path, "reason",
			    strerror(errno), NULL);
		return false;
	}
	n = read(fd, out, CREDENTIAL_MOST);
	close(fd);
	if (n < 0) {
		log_error("credential", "file", path, "reason", strerror(errno), NULL);
		return false;
	}
	out[n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

MYSQL *
connect_open(const struct settings *settings, const char *account,
    const char *database, unsigned patience)
{
	unsigned	 protocol = MYSQL_PROTOCOL_SOCKET, no = 0;
	unsigned	 hurry = CONNECT_SECONDS;
	char		 secret[CREDENTIAL_MOST + 1];
	bool		 has_secret;
	MYSQL		*my;

	if ((my = mysql_init(NULL)) == NULL)
		return NULL;
	/* MYSQL_OPT_RECONNECT is off by default, and stays so. */
	mysql_options(my, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &no);
	mysql_options(my, MYSQL_OPT_CONNECT_TIMEOUT, &hurry);
	mysql_options(my, MYSQL_OPT_READ_TIMEOUT, &patience);
	mysql_options(my, MYSQL_OPT_WRITE_TIMEOUT, &patience);
	mysql_options(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(my, MYSQL_INIT_COMMAND, session);

	has_secret = connect_credential(secret, settings, account);
	(void)mysql_real_connect(my, NULL, account, has_secret ? secret : NULL,
	    database, 0, settings->db_socket, CLIENT_FOUND_ROWS);
	explicit_bzero(secret, sizeof(secret));
	return my;
}
