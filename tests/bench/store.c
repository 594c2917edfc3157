/*
 * store.c: durable commits of single rows, from as many connections at once as a site has
 * workers.  What the store itself can do, for `make bench`; not installed.
 *
 *	store CONNECTIONS ROWS BYTES
 *
 * Prints the seconds that all took, and then how many microseconds each commit took.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "row.h"

enum { CONNECTIONS_MOST = 99 };

/* What the threads share. */
struct work {
	atomic_ulong	 next;		/* row to be added */
	atomic_bool	 failed;
	unsigned long	 rows, bytes;
	const char	*body;
	double		*took;		/* [rows] */
	struct row	 connection[CONNECTIONS_MOST];
	atomic_uint	 started;
};

static double
now(void)
{
	struct timespec	at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void *
commit(void *arg)
{
	struct work	*work = arg;
	struct row	*row = &work->connection[atomic_fetch_add(&work->started, 1)];
	unsigned long	 i;

	mysql_thread_init();
	while ((i = atomic_fetch_add(&work->next, 1)) < work->rows) {
		double since = now();

		if (!row_add(row, "Ana Example", "ana@example.org",
		    "Springfield", work->body, work->bytes)) {
			atomic_store(&work->failed, true);
			break;
		}
		work->took[i] = now() - since;
	}
	mysql_thread_end();
	return NULL;
}

int
main(int argc, char *argv[])
{
	static struct work	 work;
	pthread_t		 threads[CONNECTIONS_MOST];
	unsigned long		 n = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long		 running = 0;
	char			*body;
	double			 since;

	if (n == 0 || n > CONNECTIONS_MOST) {
		fprintf(stderr, "usage: store CONNECTIONS ROWS BYTES\n");
		return EXIT_FAILURE;
	}
	work.rows = strtoul(argv[2], NULL, 10);
	work.bytes = strtoul(argv[3], NULL, 10);
	work.took = calloc(work.rows, sizeof(*work.took));
	body = malloc(work.bytes);
	if (work.took == NULL || body == NULL) {
		fprintf(stderr, "store: no memory\n");
		return EXIT_FAILURE;
	}
	memset(body, 'x', work.bytes);
	work.body = body;
	for (unsigned long i = 0; i < n; i++)
		if (!row_open(&work.connection[i], ROW_ADD))
			return EXIT_FAILURE;
	since = now();
	while (running < n && pthread_create(&threads[running], NULL, commit,
	    &work) == 0)
		running++;
	for (unsigned long i = 0; i < running; i++)
		pthread_join(threads[i], NULL);
	if (running < n || work.failed) {
		fprintf(stderr, "store: not every row was added\n");
		return EXIT_FAILURE;
	}
	printf("%.6f\n", (now() - since) / 1e6);
	for (unsigned long i = 0; i < work.rows; i++)
		printf("%.1f\n", work.took[i]);
	for (unsigned long i = 0; i < n; i++)
		row_close(&work.connection[i]);
	return EXIT_SUCCESS;
}
