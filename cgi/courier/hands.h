/*
 * hands: the courier's processes.  What waits for one thing does not hold up the rest.
 */
#ifndef OPENHALL_HANDS_H
#define OPENHALL_HANDS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

enum { HANDS_MOST = 9 };

/* What is done in a process of its own, until hands_leaving(). */
struct hand {
	const char	*name;		/* for the log */
	void		(*work)(void *);
};

/*
 * Begin each of the `n` with a copy of this process, in which `leave` (SIGTERM and SIGINT) is
 * blocked.  One that ends is begun again; once one of those signals comes they get SIGTERM, and
 * who has not ended after some seconds is killed.  They do not live longer than this process.
 * Comes back in each process when its work is done.
 */
void	hands_work(const struct hand *, size_t n, void *arg, const sigset_t *leave);

/* Whether this process was asked to leave. */
bool	hands_leaving(void);

#endif
