/*
 * log: one event a line on standard error, `level=... program=... event=... key=value`.
 * Control bytes and spaces in values are made visible.  Nothing personal is ever
 * passed here: no address, no name, no code, no query string.
 */
#ifndef OPENHALL_LOG_H
#define OPENHALL_LOG_H

/* Name the program once, at start.  `name` must live as long as the process. */
void	log_program(const char *name);

/*
 * Write one event.  `event` is a literal word; the rest are pairs of a key and its
 * value, both text, ended by NULL (a value that is NULL ends the line too):
 *	log_info("started", "workers", "4", NULL);
 */
void	log_info(const char *event, ...) __attribute__((sentinel));
void	log_error(const char *event, ...) __attribute__((sentinel));

/* Say why this program cannot start, on standard error, and exit with 78
 * (EX_CONFIG).  For start-up only. */
void	log_stop(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), noreturn));

#endif
