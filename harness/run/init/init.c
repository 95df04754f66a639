/* The first process of a sandbox: starts the program, reaps what it leaves,
 * and tells the test how it ended.
 *
 * Why bubblewrap's own init does not do.  It turns "killed by signal n" into
 * the exit status 128+n, which a program can also return by itself, and it does
 * not say which pid the program has.  A learner who is told "exited with 139"
 * has lost a lesson; one who is told "killed by SIGSEGV" has not.
 *
 * Why the program cannot forge what this process says.  The control socket is
 * closed on exec.  The process is not dumpable, so its memory and descriptors
 * are out of reach of ptrace and /proc; and the kernel lets no process of a pid
 * namespace kill that namespace's pid 1.
 *
 * When the program ends, everything it started is killed: a background process
 * has nobody left to serve, and it would keep the test waiting for its pipes.
 *
 * It is linked statically and lives in a memfd (see image.c): nothing of it has
 * to exist in the sandbox's file system. */
#include "run/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOFT_FILES = 1024, HARD_FILES = 65536, NANO_PER_USEC = 1000 };

static void tell(int control, const struct init_message *message)
{
    /* Nobody to tell means that the test is gone; the kernel ends us next. */
    (void)!send(control, message, sizeof(*message), MSG_NOSIGNAL);
}

static void limit(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return; /* unknown to this kernel */
    now.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
    now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
    (void)setrlimit(resource, &now); /* lowering is never refused */
}

/* Makes the program the first to go when the machine itself runs short. */
static void offer_to_oom_killer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!write(fd, "500", 3);
    close(fd);
}

/* No address randomisation: a wild pointer then fails alike in every run, and
 * AddressSanitizer of gcc 12 does not trip over kernels that randomise more
 * bits than it expects. */
static void restrain(char **argv)
{
    rlim_t processes = (rlim_t)strtoul(argv[INIT_ARG_PROCESSES], NULL, 10);
    rlim_t file_bytes = (rlim_t)strtoull(argv[INIT_ARG_FILE], NULL, 10);
    rlim_t cpu_s = (rlim_t)strtoul(argv[INIT_ARG_CPU], NULL, 10);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_NPROC, processes, processes);
    limit(RLIMIT_FSIZE, file_bytes, file_bytes);
    limit(RLIMIT_NOFILE, SOFT_FILES, HARD_FILES);
    if (cpu_s > 0) /* SIGXCPU, then SIGKILL for whoever ignores that */
        limit(RLIMIT_CPU, cpu_s, cpu_s + 1);
    (void)personality(ADDR_NO_RANDOMIZE);
    offer_to_oom_killer();
}

/* In the child: waits for the word, becomes the program.  An errno goes to
 * `error_fd`; a successful exec closes it. */
static void become_program(int control, int error_fd, char **argv)
{
    struct init_message message = {.kind = INIT_WAITING};
    tell(control, &message);
    if (recv(control, &message, sizeof(message), 0) <= 0)
        _exit(127); /* the test is gone */
    restrain(argv);
    execv(argv[INIT_ARG_PROG], &argv[INIT_ARG_PROG]);
    int error = errno;
    (void)!write(error_fd, &error, sizeof(error));
    _exit(127);
}

/* Returns the program's pid after it has been executed, or exits. */
static pid_t start(int control, char **argv)
{
    int report[2], error = 0;
    if (pipe2(report, O_CLOEXEC) < 0)
        exit(1);
    pid_t pid = fork();
    if (pid < 0)
        exit(1);
    if (pid == 0)
        become_program(control, report[1], argv);
    close(report[1]);
    ssize_t n = read(report[0], &error, sizeof(error));
    close(report[0]);
    bool failed = n == sizeof(error);
    tell(control,
         &(struct init_message){
             .kind = failed ? INIT_EXEC_FAILED : INIT_STARTED, .value = error});
    if (failed)
        exit(1);
    return pid;
}

static int64_t timeval_ns(struct timeval tv)
{
    return ((int64_t)tv.tv_sec * 1000000 + tv.tv_usec) * NANO_PER_USEC;
}

static void add_usage(struct init_message *end, const struct rusage *usage)
{
    int64_t rss_bytes = (int64_t)usage->ru_maxrss * 1024;
    end->cpu_ns += timeval_ns(usage->ru_utime) + timeval_ns(usage->ru_stime);
    if (rss_bytes > end->peak_rss_bytes)
        end->peak_rss_bytes = rss_bytes;
}

/* How long a process that has ended had been ready to run while others did: the
 * second number of its schedstat, which is there until it is reaped.  Of its
 * first thread only; 0 where the kernel does not count. */
static int64_t waited_ns(pid_t pid)
{
    char path[64], text[64] = "";
    long long ran, waited = 0;
    snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    return n > 0 && sscanf(text, "%lld %lld", &ran, &waited) == 2 ? waited : 0;
}

/* Reaps until there is nobody left; kills all when the program itself ends. */
static void reap(pid_t program, struct init_message *end)
{
    struct rusage usage;
    siginfo_t child;
    int status;
    for (;;) {
        int rc = waitid(P_ALL, 0, &child, WEXITED | WNOWAIT);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc < 0)
            return;
        int64_t child_waited_ns = waited_ns(child.si_pid);
        pid_t pid = wait4(child.si_pid, &status, 0, &usage);
        if (pid < 0)
            continue; /* EINTR: it is still there */
        add_usage(end, &usage);
        end->waited_ns += child_waited_ns;
        if (pid == program) {
            end->value = status;
            kill(-1, SIGKILL);
        }
    }
}

/* Where user namespaces are refused, privilege could not be dropped earlier.
 * With the last user id 0, every capability goes too. */
static bool drop_privilege(uid_t uid)
{
    gid_t gid = uid;
    return uid == 0 ||
           (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
            setresuid(uid, uid, uid) == 0);
}

int main(int argc, char **argv)
{
    if (argc <= INIT_ARG_PROG)
        return 1;
    if (!drop_privilege((uid_t)strtoul(argv[INIT_ARG_UID], NULL, 10)) ||
        chdir("/work") < 0)
        return 1;
    prctl(PR_SET_DUMPABLE, 0);
    int control = atoi(argv[INIT_ARG_CONTROL]);
    fcntl(control, F_SETFD, FD_CLOEXEC);
    close_range((unsigned)control + 1, ~0U, 0);
    tell(control, &(struct init_message){.kind = INIT_UP});
    pid_t program = start(control, argv);
    /* The program's pipes are not ours to keep open. */
    close_range(0, (unsigned)control - 1, 0);
    struct init_message end = {.kind = INIT_ENDED};
    reap(program, &end);
    tell(control, &end);
    return 0;
}
