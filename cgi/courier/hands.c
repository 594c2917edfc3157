/* hands.c: see hands.h. */
#include "hands.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "openhall/log.h"

enum {
	AGAIN_SECONDS = 5,	/* at least, between one beginning and the next */
	LEAVE_SECONDS = 12	/* less than who started us waits */
};

/* The first process, which does no work itself: it has no connection that others inherit. */
struct keeper {
	const struct hand	*hands;
	size_t			 n;
	pid_t			 self, pids[HANDS_MOST];	/* 0: it does not run */
	time_t			 begun[HANDS_MOST];
};

bool
hands_leaving(void)
{
	sigset_t	asked;

	return sigpending(&asked) == 0 &&
	    (sigismember(&asked, SIGTERM) == 1 || sigismember(&asked, SIGINT) == 1);
}

/* Begin what does not run.  The hand as which this process goes on, or NULL: the keeper. */
static const struct hand *
begin(struct keeper *k)
{
	time_t	now = time(NULL);

	for (size_t i = 0; i < k->n; i++) {
		if (k->pids[i] > 0 || (k->begun[i] != 0 && now >= k->begun[i] &&
		    now < k->begun[i] + AGAIN_SECONDS))
			continue;
		k->begun[i] = now;
		if ((k->pids[i] = fork()) == 0)
			return &k->hands[i];
		if (k->pids[i] < 0)
			log_error("fork", "part", k->hands[i].name, NULL);
	}
	return NULL;
}

/* Who has ended.  Gives how many still run. */
static size_t
count(struct keeper *k, bool complain)
{
	char	number[16];
	size_t	running = 0;
	int	status;

	for (size_t i = 0; i < k->n; i++) {
		if (k->pids[i] > 0 && waitpid(k->pids[i], &status, WNOHANG) != 0) {
			k->pids[i] = 0;
			snprintf(number, sizeof(number), "%d",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
			if (complain)
				log_error("ended", "part", k->hands[i].name,
				    WIFSIGNALED(status) ? "signal" : "status", number, NULL);
		}
		running += k->pids[i] > 0;
	}
	return running;
}

static void
tell(const struct keeper *k, int what)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->pids[i] > 0)
			(void)kill(k->pids[i], what);
}

static void
end(struct keeper *k, const sigset_t *child)
{
	const struct timespec	second = { .tv_sec = 1 };
	time_t			until = time(NULL) + LEAVE_SECONDS;

	tell(k, SIGTERM);
	while (count(k, false) > 0) {
		if (time(NULL) >= until)
			tell(k, SIGKILL);
		(void)sigtimedwait(child, NULL, &second);
	}
}

void
hands_work(const struct hand *hands, size_t n, void *arg, const sigset_t *leave)
{
	const struct timespec	 second = { .tv_sec = 1 };
	struct keeper		 k = { .hands = hands, .n = n, .self = getpid() };
	const struct hand	*own;
	sigset_t		 child, any = *leave;
	int			 came;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigaddset(&any, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (;;) {
		if ((own = begin(&k)) != NULL) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == k.self)
				own->work(arg);
			return;
		}
		came = sigtimedwait(&any, NULL, &second);
		if (came > 0 && came != SIGCHLD)
			break;
		(void)count(&k, true);
	}
	end(&k, &child);
}
