/* The end of a program; everything here is called by the keeper with the
 * runner's lock held. */
#ifndef RUN_SETTLE_H
#define RUN_SETTLE_H

#include "run/run.h"

/* Notes what the keeper could not do; the first is kept. */
void runner_trouble(struct runner *runner, const char *what, int error);

/* Reads what there is of a stream, up to a number of chunks. */
void proc_read_stream(struct proc *proc, int stream, int chunks);
/* Hears what init has to say. */
void proc_read_control(struct proc *proc);
/* Sees whether the sandbox is gone, and settles everything if it is. */
void proc_reap(struct proc *proc);

#endif
