/* For tests that run the programs of harness/attacks as if a learner had
 * written them.  Functions stand in a header because every test program is one
 * source file. */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include "incell.h"

#include <dirent.h>
#include <libgen.h>
#include <limits.h>

#include <wirelab/proc.h>

#include "run/run.h"
#include "run/tree.h"

static char attack_dir[PATH_MAX];
static struct net *attack_net;
static struct host *attack_host;

/* The built programs: ../attacks of the directory this program is in. */
static inline void attack_find(void)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(attack_dir, sizeof(attack_dir), "%.3900s/attacks",
             dirname(dirname(self)));
}

/* A checked fixture: a run in which they are the tested implementation, and a
 * net of one host without a link. */
static inline void attack_setup(void)
{
    incell_setup();
    struct testrun run = *testrun();
    run.impl_dir = run.reference_dir = attack_dir;
    testrun_begin(&run);
    testrun_witness(incell_ended, NULL);
    attack_net = net_new(1);
    attack_host = net_host(attack_net, "victim");
}

static inline struct proc_end attack_await(struct proc *proc,
                                           int64_t timeout_ns)
{
    struct proc_end end;
    ck_assert_msg(proc_wait(proc, timeout_ns, &end), "%s has not ended",
                  proc_name(proc));
    return end;
}

/* Nothing of it is left: no process, no control group. */
static inline void attack_is_gone(const struct proc *proc)
{
    struct dirent *entry;
    DIR *processes = opendir("/proc");
    while ((entry = readdir(processes)) != NULL) {
        int pid = atoi(entry->d_name);
        ck_assert_msg(pid == 0 || tree_of(pid) != proc->pid_ns,
                      "process %d of %s is left", pid, proc_name(proc));
    }
    closedir(processes);
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%zu", proc->runner->cgroups.dir[kind],
                 proc->runner->proc_count);
        ck_assert_msg(proc->runner->cgroups.dir[kind][0] == '\0' ||
                          access(path, F_OK) < 0,
                      "%s is left", path);
    }
}

#endif
