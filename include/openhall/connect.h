/*
 * connect: the way to the database server, and what its error numbers mean.  For db
 * and for the operator's command (DDL cannot be prepared); all else goes through db.
 */
#ifndef OPENHALL_CONNECT_H
#define OPENHALL_CONNECT_H

#include <mysql.h>
#include <stdbool.h>

#include "openhall/settings.h"

#ifndef MARIADB_BASE_VERSION	/* MySQL's own client has no such type any more */
typedef bool my_bool;
#endif

enum trouble {
	TROUBLE_NONE = 0,
	TROUBLE_FAULT,		/* our bug: a wrong statement, a missing right */
	TROUBLE_CONFLICT,	/* a key is there already */
	TROUBLE_AGAIN,		/* a deadlock: the whole transaction again, at once */
	TROUBLE_LOST,		/* this connection is no use any more */
	TROUBLE_AWAY		/* the server answers, and can do nothing now */
};

enum { CREDENTIAL_MOST = 255 };

/* The credential of `account`, without its newline.  False: it has none (or it cannot be
 * read: logged). */
bool		 connect_credential(char out[CREDENTIAL_MOST + 1],
		    const struct settings *, const char *account);

/* What error `number` of client or server means for the one who asked. */
enum trouble	 connect_trouble(unsigned number);

/*
 * Connect `account` over the Unix socket, with the credential in its file or, where
 * there is none, with what the socket says.  `database` may be NULL.  The session is
 * strict, utf8mb4 and in UTC.  `patience` is how many seconds an answer may take.
 * Whatever comes back is given to mysql_close(); it is connected when its
 * mysql_errno() is 0.  NULL: no memory.
 */
MYSQL		*connect_open(const struct settings *, const char *account,
		    const char *database, unsigned patience);

#endif
