/* Programs from inside: one `struct runner` a net, one `struct proc` a program,
 * and a thread, the keeper, that looks after them.
 *
 * Who may touch what.  The test's thread starts programs and asks; the keeper
 * reads their pipes, notices their end, enforces limits.  Everything in a
 * struct proc below "kept" is written under runner->lock; `changed` is
 * signalled after each such change, so whoever awaits something sleeps on it.
 * The keeper never ends the run: what it cannot do it leaves in
 * runner->trouble. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wirelab/proc.h>

#include "run/cgroup.h"
#include "run/cpulog.h"
#include "run/disk.h"
#include "run/output.h"
#include "run/uids.h"
#include "topo/topo.h"

enum { RUN_MAX_PROCS = 1024, TROUBLE_BYTES = 256 };

enum proc_stream { STREAM_STDOUT, STREAM_STDERR, STREAMS };

enum proc_death {
    DEATH_OWN,    /* it ended by itself, or by a signal of the test */
    DEATH_KILLED, /* proc_kill, or the end of the run */
    DEATH_WALL,
    DEATH_MEMORY,
    DEATH_DISK,
};

struct proc {
    struct runner *runner;
    struct host *host;
    struct program program;
    char *name;           /* the program's, without a path */
    unsigned number;      /* among those of that name on that host, from 1 */
    char **argv;          /* as the program sees it, NULL-terminated */
    char *files[STREAMS]; /* names of the copies below out_dir, or NULL */
    int max_processes;
    size_t memory_bytes;
    uint64_t disk_bytes;
    int64_t wall_deadline_ns; /* absolute; 0: none */

    pid_t sandbox_pid; /* bubblewrap, our child */
    pid_t init_pid;    /* pid 1 of the sandbox */
    pid_t pid;         /* the program itself; all as this process sees them */
    int sandbox_pidfd, init_pidfd, pidfd;
    int control_fd;
    int stdin_fd; /* -1: closed */
    ino_t pid_ns; /* which processes are its tree */
    struct cgroup cgroup;
    int64_t started_ns;

    /* kept */
    int stream_fd[STREAMS];
    struct output output[STREAMS];
    enum proc_death death;
    bool told;  /* init said how it ended, in `status` */
    bool ended; /* all of its tree is gone, all output is read */
    int status; /* as from waitpid */
    int64_t ended_ns, cpu_ns, peak_rss_bytes;
    struct cpulog cpulog;
    bool memory_hit;
};

struct runner {
    struct net *net;
    struct cgroup_run cgroups;
    int image_fd, filter_fd;
    struct uids uids;
    bool drops; /* programs become users of their hosts' own */
    uid_t host_uids[NET_MAX_HOSTS]; /* by index; 0: not chosen yet */
    bool user_ns;                   /* such a user may make user namespaces */
    pthread_t keeper;
    int epoll_fd, wake_fd;
    bool stopping;
    struct disk_space space; /* when the runner began */
    int64_t checked_ns;      /* when all limits were looked at last */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* CLOCK_MONOTONIC */
    struct proc *procs[RUN_MAX_PROCS];
    size_t proc_count;
    char trouble[TROUBLE_BYTES]; /* what the keeper could not do; "" */
};

/* The runner of a net, made when first asked for. */
struct runner *runner_of(struct net *net);
/* The user that programs on this host become; 0: they stay who we are. */
uid_t host_uid(const struct host *host);

/* Kills all programs and awaits their end.  Returns false if one stays. */
bool runner_end_all(struct runner *runner);

/* ---- keeper.c ---- */
void keeper_start(struct runner *runner);
/* Kills what runs, awaits its end, ends the thread. */
void keeper_stop(struct runner *runner);
/* Hands a started program over to it. */
void keeper_take(struct runner *runner, struct proc *proc);

/* Kills a tree, unless it has ended; call with the lock held. */
void keeper_kill(struct proc *proc, enum proc_death why);
/* Notes what a program has got of the CPUs until now; with the lock held. */
void keeper_mark(struct proc *proc);

/* ---- proc.c ---- */
/* Waits for a change, at most until a time (absolute); call with the lock held.
 * Returns false when the time is over. */
bool runner_await_change(struct runner *runner, int64_t deadline_ns);
/* What all programs of the net together got of the CPUs in a period (absolute).
 * Zeros if there are none. */
struct cpu_share runner_cpu_between(struct net *net, int64_t from_ns,
                                    int64_t to_ns);
/* Whether all programs of the net that have not ended sleep. */
bool runner_sleeps(struct net *net);
/* Ends the run as infra if the keeper is in trouble; call without the lock. */
void runner_check(struct runner *runner);
/* Kills a tree and awaits its end.  Returns false if it does not end. */
bool proc_end_tree(struct proc *proc, enum proc_death why, int64_t timeout_ns);
/* "exited with 1", "was killed by SIGSEGV", "is still running". */
void proc_describe(const struct proc *proc, char *text, size_t size);
/* Fails because a program has not done in time what was awaited of it, or ended
 * first: `what` is "printed ...", "listened on UDP 9000". */
void proc_fail_waiting(struct proc *proc, const char *what, int64_t waited_ns)
    __attribute__((noreturn));

/* ---- ready.c ---- */
/* Waits until the program has the port (IPPROTO_TCP: listening on it), without
 * a step in the journal.  Returns false when it has ended, or in the end. */
bool proc_is_ready(struct proc *proc, int protocol, uint16_t port,
                   int64_t timeout_ns);

/* ---- witness.c ---- */
/* Makes a verdict, whatever it was, one that is not the program's fault. */
void verdict_turn_infra(json_t *verdict, const char *message);
/* Registers the run's witness of programs. */
void runner_witness(struct runner *runner);

/* Ends the run as the program's fault; `timed_out` asks for stacks and sockets.
 */
void run_fail(bool timed_out, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#endif
