/* The keeper: a thread that looks after all programs of a net.
 *
 * It reads their output (so that nobody ever blocks on a full pipe while the
 * test waits for something else), hears from each sandbox's init how its
 * program ended, and kills a tree that is over its wall, memory or disk limit.
 */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/testrun.h"
#include "run/disk.h"
#include "run/settle.h"
#include "run/tree.h"

enum {
    KEEPER_EVENTS = 32,
    /* How often limits are looked at which nothing signals. */
    TICK_MS = 100,
    /* How often what a program gets of the CPUs is noted. */
    MARK_MS = 25,
    /* Chunks a stream may have in a row before others get their turn. */
    CHUNKS_IN_A_ROW = 4,
};

/* What an event is about: the proc's index and a watch, packed in its data. */
enum watch { WATCH_STDOUT, WATCH_STDERR, WATCH_CONTROL, WATCH_EXIT, WATCHES };
static const uint64_t watch_wake = UINT64_MAX;

/* ---- Limits -------------------------------------------------------------- */

/* Measures a tree that no control group measures.  Returns its memory. */
static int64_t sample(struct proc *proc)
{
    int64_t cpu_ns = tree_cpu_ns(proc->pid_ns, proc->init_pid);
    int64_t rss_bytes = tree_rss_bytes(proc->pid_ns, proc->init_pid);
    if (!proc->told && cpu_ns > proc->cpu_ns)
        proc->cpu_ns = cpu_ns;
    if (!proc->told && rss_bytes > proc->peak_rss_bytes)
        proc->peak_rss_bytes = rss_bytes;
    return rss_bytes;
}

void keeper_mark(struct proc *proc)
{
    struct cpu_mark mark = {.at_ns = clock_now_ns()};
    if (proc->ended || proc->told)
        return;
    tree_schedstat(proc->pid_ns, proc->init_pid, &mark.ran_ns, &mark.waited_ns);
    cpulog_add(&proc->cpulog, mark);
}

/* Pid 1 of a pid namespace takes all the others with it; the kernel then throws
 * away what they used, so that is looked at first. */
static void kill_tree(struct proc *proc, enum proc_death why)
{
    keeper_mark(proc);
    if (proc->runner->cgroups.tier == TIER_RLIMIT)
        sample(proc);
    if (proc->death == DEATH_OWN && !proc->told)
        proc->death = why;
    (void)pidfd_send_signal(proc->init_pidfd, SIGKILL, NULL, 0); /* or gone */
}

static bool over_memory(struct proc *proc)
{
    return proc->runner->cgroups.tier == TIER_RLIMIT &&
           sample(proc) > (int64_t)proc->memory_bytes;
}

static bool over_disk(const struct proc *proc)
{
    struct disk_space now = disk_space(proc->host->dir);
    return disk_shrank(&proc->runner->space, &now, proc->disk_bytes) &&
           disk_used_beyond(proc->host->dir, proc->disk_bytes);
}

static void check_limits(struct proc *proc, bool all, int64_t now_ns)
{
    if (proc->wall_deadline_ns && now_ns >= proc->wall_deadline_ns)
        kill_tree(proc, DEATH_WALL);
    else if (all && over_memory(proc))
        kill_tree(proc, DEATH_MEMORY);
    else if (all && over_disk(proc))
        kill_tree(proc, DEATH_DISK);
}

/* Where time is simulated nobody waits for a CPU, and looking is dear. */
static bool has_marks(void)
{
    return !clock_is_virtual();
}

static void tend(struct runner *runner, int64_t now_ns)
{
    bool all = now_ns - runner->checked_ns >= MSECONDS(TICK_MS - 1);
    for (size_t i = 0; i < runner->proc_count; i++) {
        struct proc *proc = runner->procs[i];
        if (proc->ended || proc->death != DEATH_OWN)
            continue;
        int64_t marked_ns = cpulog_last(&proc->cpulog).at_ns;
        if (has_marks() && now_ns - marked_ns >= MSECONDS(MARK_MS - 1))
            keeper_mark(proc);
        check_limits(proc, all, now_ns);
    }
    if (all)
        runner->checked_ns = now_ns;
}

/* Until when to sleep if nothing happens, in ms; -1: for ever. */
static int sleep_ms(const struct runner *runner, int64_t now_ns)
{
    int64_t next_ns = -1, tick_ns = MSECONDS(has_marks() ? MARK_MS : TICK_MS);
    for (size_t i = 0; i < runner->proc_count; i++) {
        const struct proc *proc = runner->procs[i];
        if (proc->ended || proc->death != DEATH_OWN)
            continue;
        int64_t left_ns = proc->wall_deadline_ns - now_ns;
        if (proc->wall_deadline_ns == 0 || left_ns > tick_ns)
            left_ns = tick_ns;
        if (next_ns < 0 || left_ns < next_ns)
            next_ns = left_ns;
    }
    return next_ns < 0 ? -1 : (int)(next_ns / MSECONDS(1)) + 1;
}

/* ---- The thread ---------------------------------------------------------- */

static void watch(struct runner *runner, size_t index, enum watch what, int fd)
{
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u64 = index * WATCHES + what};
    if (epoll_ctl(runner->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        runner_trouble(runner, "cannot watch a program", errno);
}

static void drain_wake(const struct runner *runner)
{
    uint64_t count;
    (void)!read(runner->wake_fd, &count, sizeof(count));
}

/* Events of a program that was settled earlier in the batch find closed
 * descriptors, which all of these take for nothing to do. */
static void handle(struct runner *runner, uint64_t data)
{
    if (data == watch_wake) {
        drain_wake(runner);
        return;
    }
    struct proc *proc = runner->procs[data / WATCHES];
    switch ((enum watch)(data % WATCHES)) {
    case WATCH_STDOUT:
        proc_read_stream(proc, STREAM_STDOUT, CHUNKS_IN_A_ROW);
        break;
    case WATCH_STDERR:
        proc_read_stream(proc, STREAM_STDERR, CHUNKS_IN_A_ROW);
        break;
    case WATCH_CONTROL:
        proc_read_control(proc);
        break;
    case WATCH_EXIT:
    case WATCHES:
        proc_reap(proc);
        break;
    }
}

static bool all_ended(const struct runner *runner)
{
    for (size_t i = 0; i < runner->proc_count; i++) {
        if (!runner->procs[i]->ended)
            return false;
    }
    return true;
}

static void *keep(void *context)
{
    struct runner *runner = context;
    struct epoll_event events[KEEPER_EVENTS];
    pthread_mutex_lock(&runner->lock);
    while (!runner->stopping || !all_ended(runner)) {
        int timeout_ms = sleep_ms(runner, clock_now_ns());
        pthread_mutex_unlock(&runner->lock);
        int n = epoll_wait(runner->epoll_fd, events, KEEPER_EVENTS, timeout_ms);
        pthread_mutex_lock(&runner->lock);
        for (int i = 0; i < n; i++)
            handle(runner, events[i].data.u64);
        tend(runner, clock_now_ns());
        if (n > 0)
            pthread_cond_broadcast(&runner->changed);
    }
    pthread_mutex_unlock(&runner->lock);
    return NULL;
}

/* Signals are for the test's thread. */
static int start_thread(struct runner *runner)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&runner->keeper, NULL, keep, runner);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void keeper_start(struct runner *runner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = watch_wake};
    runner->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    runner->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (runner->epoll_fd < 0 || runner->wake_fd < 0 ||
        epoll_ctl(runner->epoll_fd, EPOLL_CTL_ADD, runner->wake_fd, &event) < 0)
        infra("cannot watch programs: %s", strerror(errno));
    int error = start_thread(runner);
    if (error)
        infra("cannot start a thread: %s", strerror(error));
}

static void wake(struct runner *runner)
{
    uint64_t one = 1;
    (void)!write(runner->wake_fd, &one, sizeof(one)); /* full means awake */
}

void keeper_take(struct runner *runner, struct proc *proc)
{
    pthread_mutex_lock(&runner->lock);
    size_t index = runner->proc_count++;
    runner->procs[index] = proc;
    cpulog_add(&proc->cpulog, (struct cpu_mark){.at_ns = proc->started_ns});
    watch(runner, index, WATCH_STDOUT, proc->stream_fd[STREAM_STDOUT]);
    watch(runner, index, WATCH_STDERR, proc->stream_fd[STREAM_STDERR]);
    watch(runner, index, WATCH_CONTROL, proc->control_fd);
    watch(runner, index, WATCH_EXIT, proc->sandbox_pidfd);
    pthread_mutex_unlock(&runner->lock);
    wake(runner);
}

void keeper_kill(struct proc *proc, enum proc_death why)
{
    if (!proc->ended)
        kill_tree(proc, why);
}

void keeper_stop(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->stopping = true;
    for (size_t i = 0; i < runner->proc_count; i++)
        keeper_kill(runner->procs[i], DEATH_KILLED);
    pthread_mutex_unlock(&runner->lock);
    wake(runner);
    pthread_join(runner->keeper, NULL);
    close(runner->epoll_fd);
    close(runner->wake_fd);
}
