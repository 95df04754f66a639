/* A program's control group, of either version; see cgroup.h. */
#include "run/cgroup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/cgfile.h"

enum { NS_PER_USEC = 1000, ENTER_TRIES = 10, KILL_TRIES = 1000 };

static const char *group_dir(const struct cgroup *group, int kind, char *dir)
{
    const struct cgroup_run *run = group->run;
    int which = run->tier == TIER_CGROUP2 ? 0 : kind;
    snprintf(dir, PATH_BYTES, "%.480s/%u", run->dir[which], group->number);
    return dir;
}

static bool exists(const struct cgroup *group)
{
    return group->run && group->run->tier != TIER_RLIMIT;
}

static int limit1(const struct cgroup *group, size_t memory_bytes,
                  int processes)
{
    char dir[PATH_BYTES];
    group_dir(group, CGROUP_MEMORY, dir);
    int result =
        cgfile_write_number(dir, "memory.limit_in_bytes", memory_bytes);
    /* Absent where the kernel does not account swap. */
    (void)cgfile_write_number(dir, "memory.memsw.limit_in_bytes", memory_bytes);
    group_dir(group, CGROUP_PIDS, dir);
    return result ? result
                  : cgfile_write_number(dir, "pids.max", (uint64_t)processes);
}

static int limit2(const struct cgroup *group, size_t memory_bytes,
                  int processes)
{
    char dir[PATH_BYTES];
    group_dir(group, CGROUP_MEMORY, dir);
    int result = cgfile_write_number(dir, "memory.max", memory_bytes);
    /* Absent where there is no swap. */
    (void)cgfile_write(dir, "memory.swap.max", "0");
    return result ? result
                  : cgfile_write_number(dir, "pids.max", (uint64_t)processes);
}

/* Makes the group's directory in a hierarchy, and the run's if it is not there
 * any more. */
static int make_group_dir(const struct cgroup *group, int kind)
{
    char dir[PATH_BYTES];
    const struct cgroup_run *run = group->run;
    int result = cgfile_make_dir(run->dir[kind]);
    if (result == 0 && run->tier == TIER_CGROUP2)
        result = cgfile_write(run->dir[kind], "cgroup.subtree_control",
                              "+memory +pids +cpu");
    return result ? result : cgfile_make_dir(group_dir(group, kind, dir));
}

static int try_entering(const struct cgroup *group, pid_t pid,
                        size_t memory_bytes, int max_processes)
{
    char dir[PATH_BYTES];
    bool v2 = group->run->tier == TIER_CGROUP2;
    int kinds = v2 ? 1 : CGROUP_KINDS, result = 0;
    for (int kind = 0; kind < kinds && result == 0; kind++)
        result = make_group_dir(group, kind);
    if (result == 0)
        result = v2 ? limit2(group, memory_bytes, max_processes)
                    : limit1(group, memory_bytes, max_processes);
    for (int kind = 0; kind < kinds && result == 0; kind++)
        result = cgfile_write_number(group_dir(group, kind, dir),
                                     "cgroup.procs", (uint64_t)pid);
    return result;
}

static bool is_gone(int result)
{
    return result == -ENOENT || result == -ENODEV;
}

/* A group that is empty may be swept by a run in another pid namespace, where
 * our owner's pid means nothing; so it is made as late as possible, and once
 * more if it went before the process was in it. */
int cgroup_enter(struct cgroup *group, const struct cgroup_run *run,
                 unsigned number, pid_t pid, size_t memory_bytes,
                 int max_processes)
{
    int result = -ENOENT;
    *group = (struct cgroup){.run = run, .number = number};
    if (!exists(group))
        return 0;
    for (int tries = 0; tries < ENTER_TRIES && is_gone(result); tries++)
        result = try_entering(group, pid, memory_bytes, max_processes);
    return result;
}

int64_t cgroup_cpu_ns(const struct cgroup *group)
{
    char dir[PATH_BYTES], text[CGFILE_BYTES];
    if (!exists(group))
        return -1;
    group_dir(group, CGROUP_CPU, dir);
    if (group->run->tier == TIER_CGROUP2) {
        int64_t usec = cgfile_key(dir, "cpu.stat", "usage_usec");
        return usec < 0 ? -1 : usec * NS_PER_USEC;
    }
    return cgfile_read(dir, "cpuacct.usage", text) > 0 ? strtoll(text, NULL, 10)
                                                       : -1;
}

int64_t cgroup_oom_kills(const struct cgroup *group)
{
    char dir[PATH_BYTES];
    if (!exists(group))
        return 0;
    group_dir(group, CGROUP_MEMORY, dir);
    const char *file = group->run->tier == TIER_CGROUP2 ? "memory.events"
                                                        : "memory.oom_control";
    int64_t kills = cgfile_key(dir, file, "oom_kill");
    return kills < 0 ? 0 : kills;
}

/* Version 2 kills all at once (Linux 5.14); before that, and in version 1, a
 * process may fork while it is being looked for: hence until none is left. */
void cgroup_kill(const struct cgroup *group)
{
    char dir[PATH_BYTES], text[CGFILE_BYTES];
    if (!exists(group))
        return;
    group_dir(group, CGROUP_PIDS, dir);
    if (group->run->tier == TIER_CGROUP2 &&
        cgfile_write(dir, "cgroup.kill", "1") == 0)
        return;
    for (int tries = 0; tries < KILL_TRIES; tries++) {
        if (cgfile_read(dir, "cgroup.procs", text) <= 0)
            return;
        for (char *at = text; *at; at += strspn(at, "\n")) {
            pid_t pid = (pid_t)strtol(at, &at, 10);
            if (pid <= 0)
                return; /* one that this pid namespace does not see */
            (void)kill(pid, SIGKILL);
        }
    }
}

int cgroup_remove(struct cgroup *group)
{
    char dir[PATH_BYTES];
    int result = 0;
    for (int kind = 0; exists(group) && kind < CGROUP_KINDS; kind++) {
        int one = cgfile_remove_dir(group_dir(group, kind, dir));
        result = one < 0 ? one : result;
    }
    if (result == 0)
        group->run = NULL;
    return result;
}
