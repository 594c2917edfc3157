/*
 * load.c: sends one request again and again over several connections that stay open, and
 * tells how long each answer took.  The generator of `make bench`; not installed.
 *
 *	load PORT CONNECTIONS COUNT STATUS REQUEST [TOKENS]	send, print times
 *	load -t PORT CONNECTIONS COUNT STATUS REQUEST		send, print tokens
 *
 * REQUEST is a file with the whole request.  TOKENS is a file of form tokens, one a line:
 * each request then has the next of them in the place of the first run of '@'s that is as
 * long as a token.  With -t the token of each page that came is printed, for that file.
 * Otherwise the seconds that all took are printed, and then how many microseconds each
 * answer took.  An answer with another status than STATUS, or without its length, ends
 * it with a failure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "openhall/token.h"

enum { CONNECTIONS_MOST = 256, ANSWER_MOST = 256 * 1024, TOKEN = TOKEN_TEXT - 1 };

struct connection {
	double	since;			/* when its request was sent */
	size_t	got;			/* bytes of the answer */
	size_t	wanted;			/* all of them; 0: not known yet */
	bool	last;			/* the server closes it after this one */
	char	answer[ANSWER_MOST + 1];
};

struct load {
	int	 port;
	size_t	 n, count, sent, done;
	char	*status;		/* "HTTP/1.1 200" */
	char	*request, *place;	/* where its token goes, or NULL */
	size_t	 len;
	char	*tokens;		/* TOKEN bytes and a line feed each */
	bool	 take;			/* print tokens */
	double	*took;
};

static void __attribute__((format(printf, 1, 2), noreturn))
stop(const char *fmt, ...)
{
	va_list	ap;

	fputs("load: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static double
now(void)
{
	struct timespec	at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* A whole file, with a NUL behind it. */
static char *
read_whole(const char *path, size_t *len)
{
	FILE	*file = fopen(path, "r");
	char	*text;
	long	 size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		stop("%s: %s", path, strerror(errno));
	*len = (size_t)size;
	if ((text = malloc(*len + 1)) == NULL)
		stop("no memory");
	if (fread(text, 1, *len, file) != *len)
		stop("%s: %s", path, strerror(errno));
	text[*len] = '\0';
	fclose(file);
	return text;
}

static int
connect_to(int port)
{
	struct sockaddr_in	to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int			fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int			one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		stop("connect: %s", strerror(errno));
	return fd;
}

/* Send the next request.  It is so small that the socket takes it whole. */
static void
ask(struct load *load, struct connection *c, int fd)
{
	if (load->place != NULL)
		memcpy(load->place, load->tokens + load->sent * (TOKEN + 1), TOKEN);
	load->sent++;
	c->got = c->wanted = 0;
	c->since = now();
	if (write(fd, load->request, load->len) != (ssize_t)load->len)
		stop("the connection takes no request: %s", strerror(errno));
}

static void
print_token(const char *answer)
{
	static const char	mark[] = "name=\"token\" value=\"";
	const char		*at = strstr(answer, mark);

	if (at == NULL || strcspn(at + sizeof(mark) - 1, "\"") != TOKEN)
		stop("a page came without a token");
	printf("%.*s\n", TOKEN, at + sizeof(mark) - 1);
}

/* Whether the answer is there whole. */
static bool
whole(const struct load *load, struct connection *c)
{
	static const char	 length[] = "\r\nContent-Length: ";
	const char		*end, *at, *closes;

	c->answer[c->got] = '\0';
	if (c->wanted == 0) {
		if ((end = strstr(c->answer, "\r\n\r\n")) == NULL)
			return false;
		if (strncmp(c->answer, load->status, strlen(load->status)) != 0)
			stop("an answer is not %s:\n%s", load->status, c->answer);
		if ((at = strstr(c->answer, length)) == NULL || at > end)
			stop("an answer has no length:\n%s", c->answer);
		c->wanted = (size_t)(end + 4 - c->answer) +
		    strtoul(at + sizeof(length) - 1, NULL, 10);
		if (c->wanted > ANSWER_MOST)
			stop("an answer is too long");
		closes = strstr(c->answer, "\r\nConnection: close\r\n");
		c->last = closes != NULL && closes < end;
	}
	return c->got >= c->wanted;
}

static void
run(struct load *load)
{
	struct connection	*all = calloc(load->n, sizeof(*all));
	struct pollfd		*polled = calloc(load->n, sizeof(*polled));

	if (all == NULL || polled == NULL)
		stop("no memory");
	for (size_t i = 0; i < load->n; i++)
		polled[i] = (struct pollfd){ connect_to(load->port), POLLIN, 0 };
	for (size_t i = 0; i < load->n; i++)
		ask(load, &all[i], polled[i].fd);
	while (load->done < load->count) {
		if (poll(polled, load->n, 30000) <= 0)
			stop("no answer came for 30 seconds");
		for (size_t i = 0; i < load->n; i++) {
			struct connection	*c = &all[i];
			ssize_t			 n;

			if (polled[i].revents == 0)
				continue;
			n = read(polled[i].fd, c->answer + c->got,
			    ANSWER_MOST - c->got);
			if (n <= 0)
				stop("a connection was closed");
			c->got += (size_t)n;
			if (!whole(load, c))
				continue;
			load->took[load->done++] = now() - c->since;
			if (load->take)
				print_token(c->answer);
			if (load->sent == load->count) {
				polled[i].events = 0;
				continue;
			}
			if (c->last) {
				close(polled[i].fd);
				polled[i].fd = connect_to(load->port);
			}
			ask(load, c, polled[i].fd);
		}
	}
	for (size_t i = 0; i < load->n; i++)
		close(polled[i].fd);
	free(polled);
	free(all);
}

int
main(int argc, char *argv[])
{
	struct load	load = { 0 };
	char		marks[TOKEN + 1], status[32];
	size_t		len;
	double		since;

	if (argc > 1 && strcmp(argv[1], "-t") == 0) {
		load.take = true;
		argc--;
		argv++;
	}
	if (argc < 6 || argc > 7)
		stop("see tests/bench/load.c for what it takes");
	load.port = atoi(argv[1]);
	load.n = strtoul(argv[2], NULL, 10);
	load.count = strtoul(argv[3], NULL, 10);
	snprintf(status, sizeof(status), "HTTP/1.1 %s", argv[4]);
	load.status = status;
	load.request = read_whole(argv[5], &load.len);
	load.took = calloc(load.count, sizeof(*load.took));
	if (load.took == NULL || load.n == 0 || load.n > CONNECTIONS_MOST ||
	    load.n > load.count)
		stop("more connections than that cannot be");
	if (argc == 7) {
		load.tokens = read_whole(argv[6], &len);
		memset(marks, '@', TOKEN);
		marks[TOKEN] = '\0';
		load.place = strstr(load.request, marks);
		if (load.place == NULL || len < load.count * (TOKEN + 1))
			stop("no place for a token, or too few of them");
	}
	since = now();
	run(&load);
	if (!load.take) {
		printf("%.6f\n", (now() - since) / 1e6);
		for (size_t i = 0; i < load.done; i++)
			printf("%.1f\n", load.took[i]);
	}
	return EXIT_SUCCESS;
}
