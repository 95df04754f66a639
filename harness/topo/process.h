/* Which process a pid means. */
#ifndef TOPO_PROCESS_H
#define TOPO_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* When a process started, in clock ticks since boot: with its pid it names one
 * process for ever.  Returns 0 if there is none. */
unsigned long long process_start_time(pid_t pid);

/* Names the pid namespace of the caller, where such pids mean something. */
unsigned long process_pid_namespace(void);

/* How long its first thread has waited for a CPU, ever.  Returns 0 if there is
 * none, or the kernel does not count that (CONFIG_SCHED_INFO). */
int64_t process_waited_ns(pid_t pid);

#endif
