/* child.c: see child.h. */
#include "child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A file in memory takes any amount, so neither side ever waits for the other. */
static int
memory_file(const void *data, size_t len)
{
	int fd = memfd_create("child", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static size_t
read_all(int fd, char out[CHILD_SAID])
{
	ssize_t n = pread(fd, out, CHILD_SAID - 1, 0);

	assert_true(n >= 0 && n < CHILD_SAID - 1);
	close(fd);
	out[n] = '\0';
	return (size_t)n;
}

void
child_run(struct child *child, const char *const *env, const void *input, size_t len,
    int (*work)(void *), void *arg)
{
	int	fds[3] = { memory_file(input, len), memory_file("", 0), memory_file("", 0) };
	int	status;
	pid_t	pid;

	fflush(NULL);		/* or the child would write it too */
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			if (dup2(fds[i], i) != i)
				_exit(99);
		clearenv();
		for (; *env != NULL; env++)
			putenv((char *)*env);
		status = work(arg);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(fds[0]);
	child->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	child->out_len = read_all(fds[1], child->out);
	child->err_len = read_all(fds[2], child->err);
}
