/*
 * child.h: code that ends its process, or answers on standard output, run in another
 * process.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stddef.h>

enum { CHILD_SAID = 256 * 1024 };

/* What became of it.  Both texts end in a NUL that is not counted. */
struct child {
	int	status;			/* of its exit; -1: a signal ended it */
	char	out[CHILD_SAID], err[CHILD_SAID];
	size_t	out_len, err_len;
};

/*
 * Run `work` with `env` ("NAME=value", ended by NULL) as its whole environment and `len`
 * bytes of `input` as its standard input; what it returns is its exit status.  A child
 * that cannot be run fails the test.  `work` itself must not assert anything: that would
 * return into the test, in the child.
 */
void	child_run(struct child *, const char *const *env, const void *input, size_t len,
	    int (*work)(void *), void *arg);

#endif
