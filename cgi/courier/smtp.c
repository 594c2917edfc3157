/*
 * smtp.c: mails to the site's mail server.  See smtp.h.
 *
 * libcurl speaks SMTP (RFC 5321) and TLS.  What it does not say is at which command the server
 * refused; the commands it sends are watched for that.
 */
#include "smtp.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "openhall/log.h"

enum {
	CONNECT_SECONDS = 30,	/* with the greeting, TLS and the log-in */
	ANSWER_SECONDS = 600,	/* a server may take this long to say it has it: 4.5.3.2.6 */
	BUFFER = 16384,		/* of three such: larger ones would be mapped for each mail */
	LAST_SECONDS = 8	/* and this long where we have been asked to leave */
};

struct smtp {
	CURL			*easy;
	bool			(*leaving)(void);
	time_t			 looked_at;	/* whether we are */
	time_t			 leave_at;	/* 0: nobody asked */
	struct curl_slist	*to;
	char			*password;
	const struct buf	*mail;
	size_t			 sent;
	enum { BEFORE = 0, AT_SENDER, AT_RECIPIENT, AT_DATA } stage;
	bool			 stale;		/* the last connection was */
	char			 why[96];
};

/* ---- setting up ---- */

static char *
read_password(const void *ctx, const char *path)
{
	char	*line = NULL, *password;
	size_t	 size = 0;
	FILE	*file = fopen(path, "re");

	if (file == NULL || getline(&line, &size, file) < 0)
		log_stop("%s: the mail server's password: %s", path,
		    file == NULL ? strerror(errno) : "it is empty");
	fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	if (*line == '\0')
		log_stop("%s: the mail server's password: the first line is empty", path);
	if ((password = talloc_strdup(ctx, line)) == NULL)
		log_stop("no memory");
	explicit_bzero(line, size);
	free(line);
	return password;
}

/* A mail server on this machine may do without TLS: nobody is in between. */
static bool
is_here(const char *server)
{
	static const char *const	here[] = { "smtp://localhost", "smtp://127.0.0.1",
					    "smtp://[::1]" };

	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++) {
		size_t	len = strlen(here[i]);

		if (strncmp(server, here[i], len) == 0 && strchr(":", server[len]) != NULL)
			return true;
	}
	return false;
}

/* More of the mail (CURLOPT_READFUNCTION). */
static size_t
read_more(char *to, size_t size, size_t n, void *arg)
{
	struct smtp	*s = arg;
	size_t		 len = s->mail->len - s->sent, most = size * n;

	len = len < most ? len : most;
	memcpy(to, s->mail->data + s->sent, len);
	s->sent += len;
	return len;
}

/* libcurl starts anew with the same mail (CURLOPT_SEEKFUNCTION). */
static int
seek(void *arg, curl_off_t offset, int origin)
{
	struct smtp	*s = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > s->mail->len)
		return CURL_SEEKFUNC_FAIL;
	s->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* How far it has got: the last command sent (CURLOPT_DEBUGFUNCTION). */
static int
watch(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
	struct smtp	*s = arg;

	(void)easy;
	if (type != CURLINFO_HEADER_OUT || len < 4)
		return 0;
	if (strncmp(data, "MAIL", 4) == 0)
		s->stage = AT_SENDER;
	else if (strncmp(data, "RCPT", 4) == 0)
		s->stage = AT_RECIPIENT;
	else if (strncmp(data, "DATA", 4) == 0)
		s->stage = AT_DATA;
	return 0;
}

/* At least once a second while it waits (CURLOPT_XFERINFOFUNCTION): nonzero ends it. */
static int
look_up(void *arg, curl_off_t total, curl_off_t got, curl_off_t to_send, curl_off_t sent)
{
	struct smtp	*s = arg;

	time_t		 now = time(NULL);

	(void)total, (void)got, (void)to_send, (void)sent;
	if (now == s->looked_at)
		return 0;
	s->looked_at = now;
	if (s->leave_at == 0 && s->leaving())
		s->leave_at = now + LAST_SECONDS;
	return s->leave_at != 0 && now >= s->leave_at;
}

static int
tear_down(struct smtp *s)
{
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->to);
	if (s->password != NULL)
		explicit_bzero(s->password, strlen(s->password));
	return 0;
}

#define SET(s, option, value) \
	(curl_easy_setopt((s)->easy, CURLOPT_##option, value) == CURLE_OK)

/* What is the same for every mail. */
static bool
prepare(struct smtp *s, const struct settings *settings)
{
	bool	bare = is_here(settings->mail_server) && settings->mail_ca_file == NULL;

	return SET(s, URL, settings->mail_server) &&
	    SET(s, PROTOCOLS_STR, "smtp,smtps") &&
	    SET(s, PROXY, "") &&
	    SET(s, USE_SSL, bare ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL) &&
	    (settings->mail_ca_file == NULL || SET(s, CAINFO, settings->mail_ca_file)) &&
	    (settings->mail_user == NULL || (SET(s, USERNAME, settings->mail_user) &&
	    SET(s, PASSWORD, s->password))) &&
	    SET(s, MAIL_FROM, settings->mail_from) &&
	    SET(s, UPLOAD, 1L) &&
	    SET(s, UPLOAD_BUFFERSIZE, (long)BUFFER) &&
	    SET(s, READFUNCTION, read_more) && SET(s, READDATA, s) &&
	    SET(s, SEEKFUNCTION, seek) && SET(s, SEEKDATA, s) &&
	    SET(s, VERBOSE, 1L) &&
	    SET(s, DEBUGFUNCTION, watch) && SET(s, DEBUGDATA, s) &&
	    SET(s, NOPROGRESS, 0L) &&
	    SET(s, XFERINFOFUNCTION, look_up) && SET(s, XFERINFODATA, s) &&
	    SET(s, NOSIGNAL, 1L) &&
	    SET(s, CONNECTTIMEOUT, (long)CONNECT_SECONDS) &&
	    SET(s, SERVER_RESPONSE_TIMEOUT, (long)ANSWER_SECONDS) &&
	    SET(s, TIMEOUT, (long)SMTP_SECONDS);
}

struct smtp *
smtp_new(const void *ctx, const struct settings *settings, bool (*leaving)(void))
{
	struct smtp	*s = talloc_zero(ctx, struct smtp);

	if (s == NULL)
		log_stop("no memory");
	s->leaving = leaving;
	if (settings->mail_user != NULL)
		s->password = read_password(s, settings->mail_password_file);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (s->easy = curl_easy_init()) == NULL)
		log_stop("libcurl does not start");
	talloc_set_destructor(s, tear_down);
	if (!prepare(s, settings))
		log_stop("libcurl cannot send mail to %s", settings->mail_server);
	return s;
}

/* ---- sending ---- */

static enum smtp_fate
fate_of(const struct smtp *s, CURLcode got, long code, long connects)
{
	/* Otherwise the code is that of a command before. */
	bool	answered = got != CURLE_OPERATION_TIMEDOUT && got != CURLE_RECV_ERROR &&
		    got != CURLE_GOT_NOTHING;

	if (got == CURLE_OK)
		return SMTP_TAKEN;
	if (got == CURLE_ABORTED_BY_CALLBACK)
		return s->stage < AT_DATA ? SMTP_STALE : SMTP_CUT;
	if (connects == 0 && !s->stale && s->stage <= AT_SENDER &&
	    (!answered || code < 400 || code == 421))
		return SMTP_STALE;
	if (s->stage < AT_RECIPIENT || code == 421)
		return SMTP_BROKEN;
	if (!answered || code < 500)
		return SMTP_AGAIN;
	return SMTP_REFUSED;
}

static void
answer(struct smtp *s, CURLcode got, struct smtp_answer *a)
{
	static const char *const	stages[] = { "at the start", "at MAIL", "at RCPT",
					    "at DATA" };
	long				code = 0, connects = 1;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(s->easy, CURLINFO_NUM_CONNECTS, &connects);
	*a = (struct smtp_answer){ .fate = fate_of(s, got, code, connects),
	    .code = (int)code, .why = s->why };
	/* What the server says may name the recipient: it is not repeated. */
	snprintf(s->why, sizeof(s->why), "%.70s, %s",
	    code >= 400 ? "refused" : curl_easy_strerror(got), stages[s->stage]);
	s->stale = a->fate == SMTP_STALE;
}

bool
smtp_send(struct smtp *s, const char *to, const struct buf *mail, struct smtp_answer *a)
{
	curl_slist_free_all(s->to);
	s->to = curl_slist_append(NULL, to);
	s->mail = mail;
	s->sent = 0;
	s->stage = BEFORE;
	if (s->to == NULL || !SET(s, MAIL_RCPT, s->to) ||
	    !SET(s, FRESH_CONNECT, s->stale ? 1L : 0L))
		return false;
	answer(s, curl_easy_perform(s->easy), a);
	return true;
}
