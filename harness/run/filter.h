/* The system calls that a program under test does without. */
#ifndef RUN_FILTER_H
#define RUN_FILTER_H

/* Returns a descriptor of the filter as a BPF program, close-on-exec, at offset
 * 0, for `bwrap --seccomp`; or -errno. */
int filter_open(void);

#endif
