/* A program's process tree, seen through /proc: all processes of its pid
 * namespace but the sandbox's init. */
#ifndef RUN_TREE_H
#define RUN_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The pid namespace of a process, or 0 if it is gone. */
ino_t tree_of(pid_t pid);

/* A living process that this one sees and that is in another pid namespace: in
 * a sandbox.  0 if there is none. */
pid_t tree_stray(void);

/* CPU time of the living and of those they reaped / resident memory. */
int64_t tree_cpu_ns(ino_t tree, pid_t init);
int64_t tree_rss_bytes(ino_t tree, pid_t init);
/* What the living have run, and waited for a CPU, as the kernel's scheduler
 * counts it: each thread since it began.  Zeros where the kernel does not. */
void tree_schedstat(ino_t tree, pid_t init, int64_t *ran_ns,
                    int64_t *waited_ns);
/* Whether all its processes sleep.  A tree without a living process does not:
 * it is about to go. */
bool tree_sleeps(ino_t tree, pid_t init);
/* Whether a process of the tree has this socket open. */
bool tree_holds_socket(ino_t tree, pid_t init, uint32_t inode);
/* How many descriptors a process has open, or -1 if it is gone. */
int process_fd_count(pid_t pid);

#endif
