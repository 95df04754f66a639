/* What a process is doing: the stack of each of its threads. */
#ifndef RUN_STACK_H
#define RUN_STACK_H

#include <sys/types.h>

#include "base/strbuf.h"

/* Adds the stacks, by gdb if there is one, else what the kernel tells: the
 * system call and where it waits.  `uid` is the user to look as, 0 for ours.
 * Takes 5 s at most. */
void stack_describe(pid_t pid, uid_t uid, struct strbuf *text);

#endif
