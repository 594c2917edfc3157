/*
 * sink.c: a mail server that takes every mail and keeps none, for `make bench`.  Not installed.
 *
 *	sink FILE
 *
 * Prints the port on which it listens.  The first mail is written to FILE.  HELP is answered
 * with how many there were.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAIL_MOST = 256 * 1024, EVENTS = 16 };

struct client {
	int	fd;
	bool	data;		/* behind DATA */
	size_t	len;
	char	in[MAIL_MOST];
};

struct sink {
	int		 epoll, listening;
	unsigned long	 mails;
	const char	*first;
};

static bool
say(const struct client *c, const char *line)
{
	ssize_t	len = (ssize_t)strlen(line);

	return send(c->fd, line, (size_t)len, MSG_NOSIGNAL) == len;
}

/* One mail, up to its dot. */
static bool
take_mail(struct sink *sink, struct client *c, size_t len)
{
	FILE	*file;

	c->data = false;
	if (sink->mails++ == 0) {
		if ((file = fopen(sink->first, "w")) == NULL ||
		    fwrite(c->in, 1, len, file) != len || fclose(file) != 0)
			return false;
	}
	return say(c, "250 taken\r\n");
}

/* One command.  False: the client goes. */
static bool
heed(struct sink *sink, struct client *c)
{
	char	line[64];

	if (strncmp(c->in, "DATA", 4) == 0) {
		c->data = true;
		return say(c, "354 go on\r\n");
	}
	if (strncmp(c->in, "HELP", 4) == 0) {
		snprintf(line, sizeof(line), "214 %lu\r\n", sink->mails);
		return say(c, line);
	}
	if (strncmp(c->in, "QUIT", 4) == 0) {
		(void)say(c, "221 bye\r\n");
		return false;
	}
	return say(c, "250 ok\r\n");
}

/* All that is here whole.  False: the client goes. */
static bool
heed_all(struct sink *sink, struct client *c)
{
	const char	*ends = c->data ? "\r\n.\r\n" : "\r\n", *end;
	size_t		 used;

	while ((end = memmem(c->in, c->len, ends, strlen(ends))) != NULL) {
		used = (size_t)(end - c->in) + strlen(ends);
		if (!(c->data ? take_mail(sink, c, used - 3) : heed(sink, c)))
			return false;
		memmove(c->in, c->in + used, c->len -= used);
		ends = c->data ? "\r\n.\r\n" : "\r\n";
	}
	return c->len < sizeof(c->in);
}

static void
welcome(struct sink *sink)
{
	struct epoll_event	event = { .events = EPOLLIN };
	struct client		*c = calloc(1, sizeof(*c));

	if (c == NULL)
		return;
	event.data.ptr = c;
	if ((c->fd = accept(sink->listening, NULL, NULL)) < 0 || !say(c, "220 here\r\n") ||
	    epoll_ctl(sink->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
	}
}

static void
hear(struct sink *sink, struct client *c)
{
	ssize_t	n = recv(c->fd, c->in + c->len, sizeof(c->in) - c->len, 0);

	if (n > 0) {
		c->len += (size_t)n;
		if (heed_all(sink, c))
			return;
	}
	close(c->fd);
	free(c);
}

static bool
start(struct sink *sink)
{
	struct sockaddr_in	at = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event	event = { .events = EPOLLIN };
	socklen_t		len = sizeof(at);

	if ((sink->epoll = epoll_create1(0)) < 0 ||
	    (sink->listening = socket(AF_INET, SOCK_STREAM, 0)) < 0 ||
	    bind(sink->listening, (struct sockaddr *)&at, len) != 0 ||
	    listen(sink->listening, EVENTS) != 0 ||
	    getsockname(sink->listening, (struct sockaddr *)&at, &len) != 0 ||
	    epoll_ctl(sink->epoll, EPOLL_CTL_ADD, sink->listening, &event) != 0)
		return false;
	printf("%d\n", ntohs(at.sin_port));
	return fflush(stdout) == 0;
}

int
main(int argc, char *argv[])
{
	struct epoll_event	events[EVENTS];
	struct sink		sink = { .mails = 0 };
	int			n;

	if (argc != 2) {
		fprintf(stderr, "usage: sink FILE\n");
		return EXIT_FAILURE;
	}
	sink.first = argv[1];
	if (!start(&sink)) {
		perror("sink");
		return EXIT_FAILURE;
	}
	while ((n = epoll_wait(sink.epoll, events, EVENTS, -1)) >= 0)
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				welcome(&sink);
			else
				hear(&sink, events[i].data.ptr);
		}
	perror("sink");
	return EXIT_FAILURE;
}
