/* The end of a program, and what it wrote until then.
 *
 * When a program has ended.  Three things come in any order: init's message
 * (how), bubblewrap's exit (its pid namespace, and with it every process of the
 * tree, is gone), the end of the pipes.  The second is what counts: then the
 * first is in the socket if it was ever sent, and what the pipes hold is read
 * without waiting for their end, since a descriptor that was passed out of the
 * sandbox over a Unix socket could keep them open for ever. */
#include "run/settle.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "run/init/init.h"

enum { CHUNK_BYTES = 64 * 1024, INIT_PATIENCE_MS = 5000 };

void runner_trouble(struct runner *runner, const char *what, int error)
{
    if (runner->trouble[0] == '\0')
        snprintf(runner->trouble, TROUBLE_BYTES, "%s: %s", what,
                 strerror(error));
}

/* ---- Output -------------------------------------------------------------- */

/* Taken out by hand: a child that another thread is just forking may hold a
 * copy, and epoll would then go on about a descriptor we no longer have. */
static void stop_watching(struct proc *proc, int *fd)
{
    if (*fd < 0)
        return;
    (void)epoll_ctl(proc->runner->epoll_fd, EPOLL_CTL_DEL, *fd, NULL);
    close(*fd);
    *fd = -1;
}

/* Reads what is there, up to a number of chunks; lock held. */
void proc_read_stream(struct proc *proc, int stream, int chunks)
{
    char data[CHUNK_BYTES];
    while (proc->stream_fd[stream] >= 0 && chunks-- > 0) {
        ssize_t n = read(proc->stream_fd[stream], data, sizeof(data));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            stop_watching(proc, &proc->stream_fd[stream]);
        else
            output_add(&proc->output[stream], data, (size_t)n);
    }
}

/* ---- The end of a program ------------------------------------------------ */

void proc_read_control(struct proc *proc)
{
    struct init_message message;
    while (proc->control_fd >= 0) {
        ssize_t n =
            recv(proc->control_fd, &message, sizeof(message), MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n != sizeof(message)) {
            stop_watching(proc, &proc->control_fd);
        } else if (message.kind == INIT_ENDED) {
            proc->told = true;
            proc->status = message.value;
            proc->ended_ns = clock_now_ns();
            proc->cpu_ns = message.cpu_ns;
            cpulog_add(&proc->cpulog,
                       (struct cpu_mark){.at_ns = proc->ended_ns,
                                         .ran_ns = message.cpu_ns,
                                         .waited_ns = message.waited_ns});
            proc->peak_rss_bytes = message.peak_rss_bytes;
        }
    }
}

static int64_t usage_ns(const struct rusage *usage)
{
    int64_t usec =
        (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
        usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
    return usec * 1000;
}

/* What is known without init's word: it was killed, with all the others.  The
 * sandbox's own figures then stand in, a few milliseconds too high. */
static void settle_untold(struct proc *proc, const struct rusage *usage)
{
    int64_t rss_bytes = (int64_t)usage->ru_maxrss * 1024;
    proc->status = SIGKILL;
    proc->ended_ns = clock_now_ns();
    if (proc->cpu_ns < usage_ns(usage))
        proc->cpu_ns = usage_ns(usage);
    if (proc->peak_rss_bytes < rss_bytes)
        proc->peak_rss_bytes = rss_bytes;
}

static void settle_cgroup(struct proc *proc)
{
    int64_t cpu_ns = cgroup_cpu_ns(&proc->cgroup);
    if (cpu_ns >= 0)
        proc->cpu_ns = cpu_ns;
    if (proc->death == DEATH_MEMORY || cgroup_oom_kills(&proc->cgroup) > 0)
        proc->memory_hit = true;
    cgroup_kill(&proc->cgroup); /* its pid namespace is dead: nobody, then */
    int result = cgroup_remove(&proc->cgroup);
    if (result < 0)
        runner_trouble(proc->runner,
                       "a program ended but its control group stays", -result);
}

/* Bubblewrap goes after its pid namespace, unless something killed it alone;
 * then init follows (it asked for that), and with it the tree. */
static void await_init(struct proc *proc)
{
    struct pollfd gone = {.fd = proc->init_pidfd, .events = POLLIN};
    int n;
    do {
        n = poll(&gone, 1, INIT_PATIENCE_MS);
    } while (n < 0 && errno == EINTR);
    if (n == 0)
        runner_trouble(proc->runner, "a sandbox outlives its launcher",
                       ETIMEDOUT);
}

/* Nobody is left to keep the program's side going. */
static void settle(struct proc *proc, const struct rusage *usage)
{
    await_init(proc);
    proc_read_control(proc);
    if (!proc->told)
        settle_untold(proc, usage);
    settle_cgroup(proc);
    for (int stream = 0; stream < STREAMS; stream++) {
        /* More than a pipe can hold, yet an end. */
        proc_read_stream(proc, stream, 64);
        stop_watching(proc, &proc->stream_fd[stream]);
        output_finish(&proc->output[stream]);
    }
    stop_watching(proc, &proc->control_fd);
    stop_watching(proc, &proc->sandbox_pidfd);
    proc->ended = true;
}

void proc_reap(struct proc *proc)
{
    struct rusage usage;
    int status;
    if (proc->ended)
        return;
    pid_t pid = wait4(proc->sandbox_pid, &status, WNOHANG, &usage);
    if (pid == proc->sandbox_pid) {
        settle(proc, &usage);
    } else if (pid < 0 && errno != EINTR) {
        /* Somebody else reaped our child. */
        runner_trouble(proc->runner, "lost track of a sandbox", errno);
        memset(&usage, 0, sizeof(usage));
        settle(proc, &usage);
    }
}
