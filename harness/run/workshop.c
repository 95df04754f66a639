/* Building what a stranger has handed in; see workshop.h.
 *
 *      caller
 *      └─ clerk                 owns a work directory; passes the outcome on
 *         └─ cell               namespaces of its own (topo/cell.c)
 *            ├─ intake          copies the submission into the work directory
 *            ├─ sandbox         make, in the box; a net of one host, no link
 *            └─ collection      takes the lab's programs out, by name
 *
 * What the box shows (all but /work is read-only):
 *
 *      /usr /bin /lib ...       the compiler; of /dev only null; no /etc
 *      /lab/labs/NN-name        the lab's Makefile and headers, and
 *      /lab/harness/lab.mk      the rules: the same as `wirelab check` goes by
 *      /lab/src                 the copy of the submission
 *      /work/out                where programs are made
 *
 * So there is nothing that an #include, an .incbin or a message could tell, and
 * no code of the submission runs at all unless its own Makefile is asked for.
 * A bomb (a header that includes itself twice, macros that grow, an array of a
 * gigabyte) meets a limit: CPU time, since wall time would depend on what else
 * the machine does, memory, the size of files; wall time is a last resort.
 *
 * All that is said goes to one memory file: in the cell, to stderr. */
#include "run/workshop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "run/workbench.h"
#include "topo/topo.h"

enum {
    MIB = 1 << 20,
    DEFAULT_CPU_S = 30,
    DEFAULT_WALL_S = 180,
    DEFAULT_MEMORY_BYTES = 1024 * MIB,
    DEFAULT_DISK_BYTES = 256 * MIB,
    EXIT_INFRA = 3, /* what infra() exits with */
};

static struct workshop_limits with_defaults(struct workshop_limits limits)
{
    if (limits.cpu_s == 0)
        limits.cpu_s = DEFAULT_CPU_S;
    if (limits.wall_s == 0)
        limits.wall_s = DEFAULT_WALL_S;
    if (limits.memory_bytes == 0)
        limits.memory_bytes = DEFAULT_MEMORY_BYTES;
    if (limits.disk_bytes == 0)
        limits.disk_bytes = DEFAULT_DISK_BYTES;
    return limits;
}

/* ---- The processes ------------------------------------------------------- */

static int in_cell(void *job)
{
    umask(022);
    job_run(job);
    return WORKSHOP_BUILT;
}

/* Returns the exit status. */
static int clerk(const struct workshop_order *order)
{
    struct job job = {.order = order, .limits = with_defaults(order->limits)};
    char work_dir[256], error[CELL_ERROR_BYTES];
    int status, result = work_dir_make(work_dir, sizeof(work_dir));
    if (result < 0) {
        (void)fprintf(stderr, "cannot make a work directory: %s\n",
                      strerror(-result));
        return EXIT_INFRA;
    }
    job.work_dir = work_dir;
    pid_t cell = cell_start(in_cell, &job, error);
    if (cell < 0) {
        (void)fprintf(stderr, "cannot make a box to build in: %s\n", error);
        status = EXIT_INFRA;
    } else {
        while (waitpid(cell, &status, 0) < 0 && errno == EINTR)
            continue;
        status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_INFRA;
    }
    work_dir_remove(work_dir);
    return status;
}

static void become_clerk(const struct workshop_order *order, int said_fd,
                         pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)signal(SIGCHLD, SIG_DFL); /* a caller's event loop may look at it */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
        dup2(said_fd, STDOUT_FILENO) < 0 || dup2(said_fd, STDERR_FILENO) < 0)
        _exit(EXIT_INFRA);
    int status = clerk(order);
    (void)fflush(NULL);
    _exit(status);
}

int workshop_start(struct workshop *workshop,
                   const struct workshop_order *order)
{
    pid_t parent = getpid();
    workshop->said_fd = memfd_create("workshop", MFD_CLOEXEC);
    if (workshop->said_fd < 0)
        return -errno;
    (void)fflush(NULL); /* or the clerk would flush it again */
    workshop->pid = fork();
    if (workshop->pid == 0)
        become_clerk(order, workshop->said_fd, parent);
    if (workshop->pid > 0)
        return 0;
    int result = -errno;
    close(workshop->said_fd);
    return result;
}

static char *read_back(int fd)
{
    struct stat st;
    size_t bytes = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
    char *text = mem_zalloc(bytes + 1);
    ssize_t n = pread(fd, text, bytes, 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return text;
}

enum workshop_outcome workshop_finish(struct workshop *workshop, int status,
                                      char **said)
{
    *said = read_back(workshop->said_fd);
    size_t length = strlen(*said);
    if (length > 0 && (*said)[length - 1] == '\n')
        (*said)[length - 1] = '\0';
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_INFRA;
    if (code == WORKSHOP_BUILT || code == WORKSHOP_REFUSED)
        return (enum workshop_outcome)code;
    if (**said == '\0') {
        free(*said);
        *said = mem_strdup("the process that builds was killed");
    }
    return WORKSHOP_INFRA;
}

enum workshop_outcome workshop_wait(struct workshop *workshop, char **said)
{
    int status = 0;
    pid_t pid;
    do
        pid = waitpid(workshop->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    return workshop_finish(workshop, pid < 0 ? EXIT_INFRA << 8 : status, said);
}

enum workshop_outcome workshop_build(const struct workshop_order *order,
                                     char **said)
{
    struct workshop workshop = {.pid = -1, .said_fd = -1};
    int result = workshop_start(&workshop, order);
    if (result == 0)
        return workshop_wait(&workshop, said);
    *said = str_format("cannot start a process: %s", strerror(-result));
    return WORKSHOP_INFRA;
}
