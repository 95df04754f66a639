/* The process between wirelab and a guest's kernel; see warden.h.
 *
 *      wirelab ── leash, report ── warden ── kernel ── its threads and helpers
 *
 * UML is several processes.  When its main one is killed the kernel of the host
 * takes down those it traces, but its helpers (for disks, for signals) live on,
 * and there is nothing by which they would notice.  All are in one session, and
 * the warden, to whom the orphans come (a subreaper), sees to it that
 *
 *   - when wirelab ends, in whatever way, its end of the leash closes: the
 *     warden kills the session;
 *   - when the kernel ends by itself, or is killed, so are its helpers;
 *   - when the warden is killed, the kernel's main process dies with it
 *     (PR_SET_PDEATHSIG).
 *
 * It is a copy of wirelab, made by fork(2), that keeps no descriptor but its
 * own: an inherited end of another guest's leash would keep that one alive. */
#include "world/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"

/* Descriptors of the warden, after 0, 1 and 2. */
enum { LINE = WARDEN_LINE_FD, LEASH, REPORT, FIRST_FREE };

/* ---- The kernel -----------------------------------------------------------
 */

static void pin(int cpu)
{
    cpu_set_t set;
    if (cpu < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set); /* only costs speed */
}

/* The kernel finds its memory around its own code and heap.  Were those placed
 * by chance, so would its size be, and what it derives from that: the limits of
 * TCP's buffers, say, and by them which segment is sent when. */
static void fix_addresses(void)
{
    int now = personality(0xffffffff);
    if (now >= 0) /* some containers refuse: see agent/virtual.c */
        (void)personality((unsigned long)now | ADDR_NO_RANDOMIZE);
}

static _Noreturn void become_kernel(const struct warden_orders *orders,
                                    pid_t warden)
{
    const struct rlimit no_core = {0, 0};
    sigset_t none;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != warden)
        _exit(125);
    (void)setsid();
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setrlimit(RLIMIT_CORE, &no_core); /* a panic ends in abort(3) */
    fix_addresses();
    pin(orders->cpu);
    char *place = str_format("TMPDIR=%s", orders->memory_dir);
    char path[] = "PATH=/usr/bin:/bin";
    char *environment[] = {place, path, NULL};
    (void)close_range(LINE + 1, ~0U, 0);
    execve(orders->argv[0], orders->argv, environment);
    _exit(127);
}

/* ---- The warden -----------------------------------------------------------
 */

/* Moves descriptors to their numbers, by way of numbers that none of them has.
 */
static int arrange(const int fds[3])
{
    int high[3];
    for (int i = 0; i < 3; i++) {
        high[i] = fcntl(fds[i], F_DUPFD, 64);
        if (high[i] < 0)
            return -errno;
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(high[i], LINE + i) < 0)
            return -errno;
    }
    return close_range(FIRST_FREE, ~0U, 0) < 0 ? -errno : 0;
}

static void redirect(const char *console)
{
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int out = open(console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (in < 0 || out < 0)
        _exit(125);
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
}

/* Waits until wirelab or the kernel has ended. */
static void watch(pid_t kernel)
{
    struct pollfd fds[] = {
        {.fd = LEASH, .events = POLLIN},
        {.fd = (int)syscall(SYS_pidfd_open, kernel, 0), .events = POLLIN},
    };
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    (void)close(fds[1].fd);
}

/* Kills the session until nobody of it is left.  Returns the kernel's status.
 */
static int end_all(pid_t kernel)
{
    int status = 0, one;
    pid_t pid;
    (void)kill(kernel, SIGKILL); /* it need not have come to setsid yet */
    do {
        (void)kill(-kernel, SIGKILL);
        pid = waitpid(-1, &one, 0);
        if (pid == kernel)
            status = one;
    } while (pid > 0 || errno == EINTR);
    return status;
}

static void tell(const struct warden_report *report)
{
    /* If wirelab is gone there is nobody to tell. */
    (void)!write(REPORT, report, sizeof(*report));
}

static _Noreturn void serve(const struct warden_orders *orders)
{
    pid_t self = getpid();
    (void)setsid(); /* Ctrl-C is not for it */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    redirect(orders->console);
    struct warden_report report = {.kernel = fork()};
    if (report.kernel == 0)
        become_kernel(orders, self);
    (void)close(LINE);
    tell(&report);
    if (report.kernel > 0) {
        watch(report.kernel);
        report.status = end_all(report.kernel);
        tell(&report);
    }
    _exit(0);
}

/* ---- wirelab --------------------------------------------------------------
 */

static void close_pair(const int fds[2])
{
    (void)close(fds[0]);
    (void)close(fds[1]);
}

int warden_start(struct warden *warden, const struct warden_orders *orders)
{
    int leash[2], report[2];
    if (pipe2(leash, O_CLOEXEC) < 0)
        return -errno;
    if (pipe2(report, O_CLOEXEC) < 0) {
        int error = -errno;
        close_pair(leash);
        return error;
    }
    pid_t pid = fork();
    if (pid == 0) {
        const int fds[] = {orders->line_fd, leash[0], report[1]};
        if (arrange(fds) < 0)
            _exit(125);
        serve(orders);
    }
    int error = pid < 0 ? -errno : 0;
    (void)close(leash[0]);
    (void)close(report[1]);
    *warden = (struct warden){pid, leash[1], report[0]};
    if (error < 0) {
        (void)close(leash[1]);
        (void)close(report[0]);
    }
    return error;
}
