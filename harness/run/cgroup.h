/* Control groups: what a program's process tree uses, and may use.
 *
 * Three tiers, by what the machine allows:
 *   cgroup2   one hierarchy; memory, pids, cpu
 *   cgroup1   the memory, pids and cpuacct hierarchies
 *   rlimit    none: the keeper measures through /proc (tree.h) instead
 *
 * In each hierarchy a run has one directory, called after its cell (so that
 * cell_sweep can tell whose owner is gone) and its process; and in it one for
 * each program:
 *
 *      wirelab-4711-123456-2.0/        the run
 *      ├─ 1/                           its first program
 *      └─ 2/ */
#ifndef RUN_CGROUP_H
#define RUN_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_tier { TIER_RLIMIT, TIER_CGROUP1, TIER_CGROUP2 };
enum { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_KINDS };

/* A run's directories; of cgroup2 only the first is used. */
struct cgroup_run {
    enum cgroup_tier tier;
    char name[96];
    char dir[CGROUP_KINDS][512];
};

/* A program's group.  Zero-initialised is none. */
struct cgroup {
    const struct cgroup_run *run;
    unsigned number;
};

/* Makes the run's directories in the best tier that works here.  `number` tells
 * the runs of one process apart. */
void cgroup_run_init(struct cgroup_run *run, unsigned number);
/* Removes them.  Returns 0, or -EBUSY if a process is in one. */
int cgroup_run_fini(struct cgroup_run *run);
const char *cgroup_tier_name(enum cgroup_tier tier);

/* Makes a program's group with its limits and moves a process into it.  Returns
 * 0 or -errno; in the tier `rlimit` 0, and the functions below do nothing. */
int cgroup_enter(struct cgroup *group, const struct cgroup_run *run,
                 unsigned number, pid_t pid, size_t memory_bytes,
                 int max_processes);
/* CPU time used so far, or -1 if it is not known here. */
int64_t cgroup_cpu_ns(const struct cgroup *group);
/* How many processes the kernel killed because of the memory limit. */
int64_t cgroup_oom_kills(const struct cgroup *group);
/* Kills every process in it, whatever pid namespace it hides in. */
void cgroup_kill(const struct cgroup *group);
/* Removes it.  Returns 0, or -EBUSY if a process is in it even 2 s later. */
int cgroup_remove(struct cgroup *group);

#endif
