/* What a program got of the CPUs and what it had to wait for, over time.
 *
 * The kernel counts both for every thread (/proc/PID/task/TID/schedstat): the
 * time it ran, and the time it was ready to run while others did.  The second
 * says what a slow answer cannot: whether the program was slow or the machine.
 * The keeper notes the sums of a tree forty times a second and when it ends.  A
 * wait is counted when it is over, so a long one is a step between two marks.
 */
#ifndef RUN_CPULOG_H
#define RUN_CPULOG_H

#include <stddef.h>
#include <stdint.h>

enum { CPULOG_MAX_MARKS = 4096 }; /* then every second one is dropped */

/* Sums since the program's start. */
struct cpu_mark {
    int64_t at_ns; /* absolute */
    int64_t ran_ns, waited_ns;
};

/* What passed in a period. */
struct cpu_share {
    int64_t period_ns, ran_ns, waited_ns;
    int64_t stall_ns; /* the most that was waited between two marks */
};

struct cpulog {
    struct cpu_mark *marks;
    size_t count;
};

/* Notes the sums of now.  They never fall: what a process had when it died
 * between two marks is not forgotten, though what came after is missing until
 * others have had as much. */
void cpulog_add(struct cpulog *log, struct cpu_mark mark);
/* The newest sums; zeros if there are none. */
struct cpu_mark cpulog_last(const struct cpulog *log);
/* Adds to `sum` what passed between the mark before `from_ns` and the one after
 * `to_ns` (or the nearest there is), so rather too much than too little; period
 * and stall become the longest. */
void cpulog_between(const struct cpulog *log, int64_t from_ns, int64_t to_ns,
                    struct cpu_share *sum);
void cpulog_fini(struct cpulog *log);

#endif
