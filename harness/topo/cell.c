/* The cell: namespaces of its own for one run, and nothing left when it ends.
 *
 *      caller
 *      └─ warden   new user (unless root), mount, ipc, uts, network namespaces;
 *         │        waits, passes the exit status on
 *         └─ init  pid 1 of a new pid namespace: reaps orphans
 *            └─ the run
 *
 * The chain of deaths.  Warden and init each ask for SIGKILL when their parent
 * dies (PR_SET_PDEATHSIG), and check that it has not died before they asked.
 * When init dies the kernel kills all that is in its pid namespace, however
 * deep and whatever it ignores; with the last process the namespaces go, and
 * with these the devices and mounts.  So kill -9 of any of them is enough.
 *
 * The warden exists because a process cannot enter a new pid namespace itself,
 * only its children can, and because the caller must keep its own namespaces.
 *
 * Mounts are made private, recursively, so that nothing done inside is seen
 * outside.  For root that locks nothing: a sandbox within can still take them
 * apart.  In a user namespace the kernel locks what was inherited; bubblewrap
 * builds its own tree, so that does not hinder it. */
#include "topo/topo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topo/cell.h"
#include "topo/netns.h"
#include "topo/process.h"

#define CELL_VARIABLE "WIRELAB_CELL"

struct cell {
    int (*run)(void *context);
    void *context;
    int report_fd; /* "" and its end: it runs; else what went wrong */
    pid_t caller;
};

/* What goes through report_fd. */
struct refusal {
    int error; /* -errno */
    char text[CELL_ERROR_BYTES];
};

static void refuse(const struct cell *cell, int error, const char *what)
    __attribute__((noreturn));

static void refuse(const struct cell *cell, int error, const char *what)
{
    struct refusal refusal = {.error = error};
    snprintf(refusal.text, sizeof(refusal.text), "%s: %s", what,
             strerror(-error));
    /* If nobody reads it, nobody waits for it. */
    (void)!write(cell->report_fd, &refusal, sizeof(refusal));
    _exit(125);
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- Init and the run ---------------------------------------------------- */

/* Reaps whatever ends until `child` does; returns its exit status. */
static int reap_until(pid_t child)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid == child)
            return exit_code(status);
        if (pid < 0 && errno != EINTR)
            return 125;
    }
}

/* `warden` is a pidfd: its pid means nothing in this pid namespace. */
static void die_with_warden(const struct cell *cell, int warden)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        refuse(cell, -errno, "cannot ask to die with its parent");
    struct pollfd gone = {.fd = warden, .events = POLLIN};
    if (poll(&gone, 1, 0) != 0)
        _exit(125);
    close(warden);
}

static void init(const struct cell *cell, int warden)
{
    die_with_warden(cell, warden);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) <
        0)
        refuse(cell, -errno, "cannot mount a /proc for the new processes");
    int error = netns_loopback_up();
    if (error < 0)
        refuse(cell, error, "cannot set its loopback device up");
    pid_t child = fork();
    if (child < 0)
        refuse(cell, -errno, "cannot start a process in the cell");
    close(cell->report_fd);
    if (child == 0)
        exit(cell->run(cell->context));
    _exit(reap_until(child));
}

/* ---- Warden -------------------------------------------------------------- */

static void die_with_caller(const struct cell *cell)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        refuse(cell, -errno, "cannot ask to die with its parent");
    if (getppid() != cell->caller)
        _exit(125);
}

static void name_of(char *name, pid_t pid)
{
    snprintf(name, CELL_NAME_BYTES, "wirelab-%d-%llu-%lu", pid,
             process_start_time(pid), process_pid_namespace());
}

static void name_cell(const struct cell *cell)
{
    char name[CELL_NAME_BYTES];
    pid_t self = getpid();
    name_of(name, self);
    if (setenv(CELL_VARIABLE, name, 1) < 0)
        refuse(cell, -errno, "cannot name the cell");
}

static void warden(const struct cell *cell)
{
    die_with_caller(cell);
    name_cell(cell);
    char what[CELL_ERROR_BYTES];
    int error = cell_unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
                                 CLONE_NEWNET | CLONE_NEWPID,
                             what);
    if (error < 0)
        refuse(cell, error, what);
    /* A change of credentials takes the request back: ask again. */
    die_with_caller(cell);
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        refuse(cell, -errno, "cannot make its mounts private");
    (void)!sethostname("wirelab", 7); /* a courtesy to prompts */
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (self < 0)
        refuse(cell, -errno, "no pidfd (needs Linux 5.3)");
    pid_t child = fork();
    if (child < 0)
        refuse(cell, -errno, "cannot start the cell's first process");
    if (child == 0)
        init(cell, self);
    close(cell->report_fd);
    _exit(reap_until(child));
}

/* ---- Caller -------------------------------------------------------------- */

/* Reads until the cell runs or says why not.  Returns 0 or -errno. */
static int read_report(int fd, char *error)
{
    struct refusal refusal;
    ssize_t n;
    do
        n = read(fd, &refusal, sizeof(refusal));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return 0;
    if (n != sizeof(refusal)) {
        snprintf(error, CELL_ERROR_BYTES, "the cell said nothing sensible");
        return -EIO;
    }
    snprintf(error, CELL_ERROR_BYTES, "%s", refusal.text);
    return refusal.error;
}

static pid_t failed(char *error, const char *what)
{
    int number = errno;
    snprintf(error, CELL_ERROR_BYTES, "%s: %s", what, strerror(number));
    return -number;
}

pid_t cell_start(int (*run)(void *context), void *context, char *error)
{
    int report[2];
    error[0] = '\0';
    if (pipe2(report, O_CLOEXEC) < 0)
        return failed(error, "cannot make a pipe");
    struct cell cell = {run, context, report[1], getpid()};
    fflush(NULL); /* or each copy of the process would flush it again */
    pid_t pid = fork();
    if (pid == 0) {
        close(report[0]);
        warden(&cell);
    }
    close(report[1]);
    int result =
        pid < 0 ? failed(error, "cannot fork") : read_report(report[0], error);
    close(report[0]);
    if (result == 0)
        return pid;
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return result;
}

void cell_name(char *name)
{
    const char *known = getenv(CELL_VARIABLE);
    if (known)
        snprintf(name, CELL_NAME_BYTES, "%s", known);
    else
        name_of(name, getpid());
}
