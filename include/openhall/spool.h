/*
 * spool: where a submission waits while the store is away.  One file each, in the folder
 * of its desk below settings->spool_dir: what the store would hold, sealed in the same way,
 * under the name that its receipt is looked up by.
 *
 * A program that takes a form in may write to the folder of its own desk; receipt may look
 * whether a name is there, and list nothing; courier files what is there.
 */
#ifndef OPENHALL_SPOOL_H
#define OPENHALL_SPOOL_H

#include "openhall/submission.h"

enum { SPOOL_BAD_DAYS = 30 };

/*
 * Write it: a file of its own, synced, renamed, and the folder synced (rename(2), fsync(2)).
 * The same submission again takes the place of the first.  OUT_OK: it is on the disk;
 * OUT_LIMITED: the folder holds settings->spool_most bytes, or the disk is full; OUT_FAULT
 * (logged).
 */
enum outcome	 spool_put(const struct settings *, const struct submission *);

/* Whether a submission with this receipt waits in any folder, and at which desk.  OUT_OK or
 * OUT_MISSING. */
enum outcome	 spool_find(const struct settings *, const struct key *lookup,
		    const struct desk **);

/*
 * File what waits at `desk`, at most `most`: read, store (what is stored already is as
 * good), take away.  What cannot be read is set aside as NAME.bad and logged, and erased
 * SPOOL_BAD_DAYS after it was handed in.  `filed` counts.
 * OUT_OK; OUT_AWAY: the store is, and what is left waits; OUT_FAULT.
 */
enum outcome	 spool_file(struct db *, const struct settings *, const struct desk *,
		    unsigned most, unsigned *filed);

/* How many wait, over all desks, how many bytes, how many were set aside. */
struct spool_report { unsigned long waiting, bytes, bad; };
enum outcome	 spool_count(const struct settings *, struct spool_report *);

#endif
