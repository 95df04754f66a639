/* The system calls that a program under test does without. */
#ifndef RUN_FILTER_H
#define RUN_FILTER_H

#include <stdbool.h>

/* Returns a descriptor of the filter as a BPF program, close-on-exec, at offset
 * 0, for `bwrap --seccomp`; or -errno.  `io_uring` allows that, and with it
 * whatever a ring can be asked for, since no filter sees those requests. */
int filter_open(bool io_uring);

/* Puts the calling process behind it (without io_uring), and whatever it
 * starts, for good; new privileges by execve(2) are gone, too.  Returns 0 or
 * -errno. */
int filter_enter(void);

#endif
