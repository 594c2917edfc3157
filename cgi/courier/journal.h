/*
 * journal: which mails were sent and have no mark in the store yet, on the disk of this host,
 * so that marks can be written many at a time, and yet who is killed repeats none of them.
 */
#ifndef OPENHALL_JOURNAL_H
#define OPENHALL_JOURNAL_H

#include "openhall/outcome.h"
#include "openhall/seal.h"
#include "openhall/settings.h"

enum { JOURNAL_MOST = 200 };	/* mails in one */

struct journal;

/* Nothing is noted yet. */
struct journal	*journal_new(const void *ctx, const struct settings *);

/* Note a mail.  It outlives this process, not this host.  OUT_OK, OUT_FAULT (logged). */
enum outcome	 journal_note(struct journal *, const struct id *);

/* What was noted has its mark. */
void		 journal_end(struct journal *);

/* To be called before the first note: make its place, and go on with the journal of a process
 * that has ended, if there is one: at most JOURNAL_MOST ids, and how many;
 * journal_end() when they have their marks.  OUT_OK; OUT_MISSING: there is none; OUT_FAULT
 * (logged). */
enum outcome	 journal_find(struct journal *, struct id ids[JOURNAL_MOST], size_t *n);

#endif
