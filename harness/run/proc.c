/* A program from the test's side: waiting, feeding, reading, signalling. */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/tree.h"

enum { TAIL_BYTES = 400 };

static const int64_t kill_timeout_ns = SECONDS(10);
static const int64_t feed_timeout_ns = SECONDS(10);

/* ---- Waiting ------------------------------------------------------------- */

bool runner_await_change(struct runner *runner, int64_t deadline_ns)
{
    struct timespec until = {.tv_sec = deadline_ns / 1000000000,
                             .tv_nsec = deadline_ns % 1000000000};
    return pthread_cond_timedwait(&runner->changed, &runner->lock, &until) == 0;
}

void runner_check(struct runner *runner)
{
    char trouble[TROUBLE_BYTES];
    pthread_mutex_lock(&runner->lock);
    memcpy(trouble, runner->trouble, sizeof(trouble));
    pthread_mutex_unlock(&runner->lock);
    if (trouble[0])
        infra("%s", trouble);
}

static void fill_end(const struct proc *proc, struct proc_end *end)
{
    bool exited = WIFEXITED(proc->status);
    *end = (struct proc_end){
        .ended = true,
        .exit_code = exited ? WEXITSTATUS(proc->status) : -1,
        .signal = exited ? 0 : WTERMSIG(proc->status),
        .wall_limit = proc->death == DEATH_WALL,
        .memory_limit = proc->memory_hit,
        .disk_limit = proc->death == DEATH_DISK,
        .wall_ns = proc->ended_ns - proc->started_ns,
        .cpu_ns = proc->cpu_ns,
        .peak_rss_bytes = proc->peak_rss_bytes,
    };
}

bool proc_wait(struct proc *proc, int64_t timeout_ns, struct proc_end *end)
{
    struct runner *runner = proc->runner;
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    struct proc_end unused;
    pthread_mutex_lock(&runner->lock);
    while (!proc->ended && runner_await_change(runner, deadline_ns))
        continue;
    bool ended = proc->ended;
    if (ended)
        fill_end(proc, end ? end : &unused);
    else if (end)
        *end = (struct proc_end){.exit_code = -1};
    pthread_mutex_unlock(&runner->lock);
    runner_check(runner);
    return ended;
}

static const char *death_reason(const struct proc *proc)
{
    if (proc->memory_hit)
        return ": it used more memory than it may";
    switch (proc->death) {
    case DEATH_WALL:
        return ": it ran longer than it may";
    case DEATH_DISK:
        return ": it filled the disk beyond what it may";
    case DEATH_KILLED:
        return " by the test";
    case DEATH_MEMORY:
    case DEATH_OWN:
        break;
    }
    return "";
}

void proc_describe(const struct proc *proc, char *text, size_t size)
{
    if (!proc->ended) {
        snprintf(text, size, "is still running");
    } else if (WIFEXITED(proc->status)) {
        snprintf(text, size, "exited with %d", WEXITSTATUS(proc->status));
    } else {
        int signal = WTERMSIG(proc->status);
        const char *name = sigabbrev_np(signal);
        if (name)
            snprintf(text, size, "was killed by SIG%s%s", name,
                     death_reason(proc));
        else
            snprintf(text, size, "was killed by signal %d%s", signal,
                     death_reason(proc));
    }
}

/* ---- Output and input ---------------------------------------------------- */

static const char *stream_text(struct proc *proc, int stream, size_t *bytes)
{
    pthread_mutex_lock(&proc->runner->lock);
    const char *text = output_text(&proc->output[stream], bytes);
    pthread_mutex_unlock(&proc->runner->lock);
    return text;
}

const char *proc_stdout(struct proc *proc, size_t *bytes)
{
    return stream_text(proc, STREAM_STDOUT, bytes);
}

const char *proc_stderr(struct proc *proc, size_t *bytes)
{
    return stream_text(proc, STREAM_STDERR, bytes);
}

static bool output_has(struct proc *proc, const char *text)
{
    for (int stream = 0; stream < STREAMS; stream++) {
        size_t bytes;
        const char *have = output_text(&proc->output[stream], &bytes);
        if (memmem(have, bytes, text, strlen(text)))
            return true;
    }
    return false;
}

void proc_fail_waiting(struct proc *proc, const char *what, int64_t waited_ns)
{
    char state[128];
    pthread_mutex_lock(&proc->runner->lock);
    bool ended = proc->ended;
    proc_describe(proc, state, sizeof(state));
    char *tail = output_tail(&proc->output[STREAM_STDERR], TAIL_BYTES);
    pthread_mutex_unlock(&proc->runner->lock);
    size_t length = strlen(tail);
    while (length > 0 && tail[length - 1] == '\n')
        tail[--length] = '\0';
    const char *says = length ? "; its stderr ends: " : "; its stderr is empty";
    if (ended)
        run_fail(false, "%s %s before it %s%s%s", proc->name, state, what, says,
                 tail);
    run_fail(true, "%s has not %s within %.1f s%s%s", proc->name, what,
             (double)waited_ns / 1e9, says, tail);
}

void proc_await_output(struct proc *proc, const char *text, int64_t timeout_ns)
{
    struct runner *runner = proc->runner;
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    journal_step("await \"%s\" from %s", text, proc->name);
    pthread_mutex_lock(&runner->lock);
    bool found = output_has(proc, text);
    while (!found && !proc->ended && runner_await_change(runner, deadline_ns))
        found = output_has(proc, text);
    /* Its last words may have come with its end. */
    found = found || output_has(proc, text);
    pthread_mutex_unlock(&runner->lock);
    runner_check(runner);
    if (found)
        return;
    char *what = str_format("printed \"%s\"", text);
    proc_fail_waiting(proc, what, timeout_ns);
}

/* Waits until stdin takes more.  A program that ended will not; what the test
 * then expects of it says so better than a failure here. */
static bool await_writable(struct proc *proc, int64_t deadline_ns)
{
    struct pollfd fd = {.fd = proc->stdin_fd, .events = POLLOUT};
    int64_t left_ns = deadline_ns - clock_now_ns();
    if (left_ns <= 0)
        return false;
    int n = poll(&fd, 1, (int)(left_ns / 1000000) + 1);
    return n != 0;
}

void proc_feed(struct proc *proc, const void *data, size_t bytes)
{
    int64_t deadline_ns = clock_now_ns() + feed_timeout_ns;
    const char *from = data;
    size_t left = bytes;
    if (proc->stdin_fd < 0)
        infra("%s was not started with stdin_open, or it is closed",
              proc->name);
    while (left > 0) {
        ssize_t n = write(proc->stdin_fd, from, left);
        if (n > 0) {
            from += n;
            left -= (size_t)n;
        } else if (n < 0 && errno == EPIPE) {
            return; /* it reads no more, as it may */
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            infra("cannot write to %s: %s", proc->name, strerror(errno));
        } else if (!await_writable(proc, deadline_ns)) {
            run_fail(true,
                     "%s has read %zu of the %zu bytes on its standard input "
                     "within %.0f s",
                     proc->name, bytes - left, bytes,
                     (double)feed_timeout_ns / 1e9);
        }
    }
}

void proc_close_stdin(struct proc *proc)
{
    if (proc->stdin_fd >= 0)
        close(proc->stdin_fd);
    proc->stdin_fd = -1;
}

/* ---- Ending -------------------------------------------------------------- */

void proc_signal(struct proc *proc, int signal)
{
    if (pidfd_send_signal(proc->pidfd, signal, NULL, 0) < 0 && errno != ESRCH)
        infra("cannot send SIG%s to %s: %s", sigabbrev_np(signal), proc->name,
              strerror(errno));
}

bool proc_end_tree(struct proc *proc, enum proc_death why, int64_t timeout_ns)
{
    struct runner *runner = proc->runner;
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    pthread_mutex_lock(&runner->lock);
    keeper_kill(proc, why);
    while (!proc->ended && runner_await_change(runner, deadline_ns))
        continue;
    bool ended = proc->ended;
    pthread_mutex_unlock(&runner->lock);
    return ended;
}

void proc_kill(struct proc *proc)
{
    if (!proc_end_tree(proc, DEATH_KILLED, kill_timeout_ns))
        infra("%s does not die, though it was killed %.0f s ago", proc->name,
              (double)kill_timeout_ns / 1e9);
    runner_check(proc->runner);
}

/* ---- Measuring ----------------------------------------------------------- */

int64_t proc_cpu_ns(struct proc *proc)
{
    pthread_mutex_lock(&proc->runner->lock);
    int64_t cpu_ns = proc->cpu_ns;
    if (!proc->ended) {
        int64_t now_ns = cgroup_cpu_ns(&proc->cgroup);
        if (now_ns < 0)
            now_ns = tree_cpu_ns(proc->pid_ns, proc->init_pid);
        cpu_ns = now_ns;
    }
    pthread_mutex_unlock(&proc->runner->lock);
    return cpu_ns;
}

int64_t proc_run_delay_ns(struct proc *proc)
{
    pthread_mutex_lock(&proc->runner->lock);
    keeper_mark(proc);
    int64_t waited_ns = cpulog_last(&proc->cpulog).waited_ns;
    pthread_mutex_unlock(&proc->runner->lock);
    return waited_ns;
}

/* The lock is held. */
static void add_cpu_between(struct proc *proc, int64_t from_ns, int64_t to_ns,
                            struct cpu_share *sum)
{
    if (cpulog_last(&proc->cpulog).at_ns < to_ns)
        keeper_mark(proc);
    cpulog_between(&proc->cpulog, from_ns, to_ns, sum);
}

int64_t proc_run_delay_between(struct proc *proc, int64_t from_ns,
                               int64_t to_ns)
{
    int64_t zero_ns = proc->host->net->started_ns;
    struct cpu_share share = {0};
    pthread_mutex_lock(&proc->runner->lock);
    add_cpu_between(proc, zero_ns + from_ns, zero_ns + to_ns, &share);
    pthread_mutex_unlock(&proc->runner->lock);
    return share.waited_ns;
}

struct cpu_share runner_cpu_between(struct net *net, int64_t from_ns,
                                    int64_t to_ns)
{
    struct runner *runner = net->runner;
    struct cpu_share sum = {0};
    if (runner == NULL)
        return sum;
    pthread_mutex_lock(&runner->lock);
    for (size_t i = 0; i < runner->proc_count; i++) {
        add_cpu_between(runner->procs[i], from_ns, to_ns, &sum);
    }
    pthread_mutex_unlock(&runner->lock);
    return sum;
}

bool runner_sleeps(struct net *net)
{
    struct runner *runner = net->runner;
    bool sleeps = true;
    if (runner == NULL)
        return true;
    pthread_mutex_lock(&runner->lock);
    for (size_t i = 0; i < runner->proc_count && sleeps; i++) {
        const struct proc *proc = runner->procs[i];
        sleeps = proc->ended || tree_sleeps(proc->pid_ns, proc->init_pid);
    }
    pthread_mutex_unlock(&runner->lock);
    return sleeps;
}

int64_t proc_rss_bytes(struct proc *proc)
{
    return tree_rss_bytes(proc->pid_ns, proc->init_pid);
}

int proc_fd_count(struct proc *proc)
{
    int count = process_fd_count(proc->pid);
    return count < 0 ? 0 : count;
}

int proc_pid(const struct proc *proc)
{
    return proc->pid;
}

const char *proc_name(const struct proc *proc)
{
    return proc->name;
}

struct host *proc_host(const struct proc *proc)
{
    return proc->host;
}
