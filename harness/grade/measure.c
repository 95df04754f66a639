/* One measurement of a bench, in a cell of its own.
 *
 * The figure comes back through a page of shared memory.  A measurement that
 * cannot be made ends as a test does, with a verdict; that goes to a file in
 * memory, from which the reason is taken. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/testrun.h"
#include "grade/bench.h"
#include "topo/topo.h"

enum { TIME_LIMIT_S = 300 };

struct measurement {
    const struct bench_job *job;
    double *rate; /* shared */
    int verdict_fd;
};

static int run(void *context)
{
    const struct measurement *measurement = context;
    const struct bench_job *job = measurement->job;
    const struct lab_test test = {.id = job->name, .title = job->name};
    struct testrun run = *testrun();
    run.test = &test;
    run.seed = job->seed;
    run.work_dir = run.out_dir = job->work_dir;
    run.impl_dir = run.reference_dir = job->programs_dir;
    run.verdict_fd = measurement->verdict_fd;
    run.started_ns = clock_now_ns();
    run.deadline_ns = run.started_ns + SECONDS(TIME_LIMIT_S);
    testrun_begin(&run);
    *measurement->rate = job->fn(job->context);
    testrun_end(&(struct ending){.verdict = VERDICT_PASS, .message = ""});
}

/* Waits for the cell, killing it at the time limit.  Returns whether it ended
 * by itself. */
static bool await(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int ready = poll(&end, 1, TIME_LIMIT_S * 1000);
    if (ready <= 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(pidfd);
    return ready > 0;
}

static void explain(const struct measurement *measurement)
{
    const char *name = measurement->job->name;
    lseek(measurement->verdict_fd, 0, SEEK_SET);
    json_t *verdict =
        json_loadfd(measurement->verdict_fd, JSON_DISABLE_EOF_CHECK, NULL);
    const char *message =
        json_string_value(json_object_get(verdict, "message"));
    if (message && *message)
        fprintf(stderr, "\n%s: %s\n", name, message);
    else
        fprintf(stderr, "\n%s: no figure came back; the bench crashed?\n",
                name);
    json_decref(verdict);
}

static int measure_in_cell(struct measurement *measurement)
{
    char error[CELL_ERROR_BYTES];
    pid_t pid = cell_start(run, measurement, error);
    if (pid < 0) {
        fprintf(stderr, "\n%s: no cell to measure in: %s\n",
                measurement->job->name, error);
        return (int)pid;
    }
    if (!await(pid)) {
        fprintf(stderr, "\n%s: still running after %d s, killed\n",
                measurement->job->name, TIME_LIMIT_S);
        return -ETIMEDOUT;
    }
    if (isfinite(*measurement->rate) && *measurement->rate > 0)
        return 0;
    explain(measurement);
    return -EIO;
}

int bench_measure(const struct bench_job *job, double *rate)
{
    double *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int verdict_fd = memfd_create("verdict", MFD_CLOEXEC);
    int result = -ENOMEM;
    if (shared != MAP_FAILED && verdict_fd >= 0) {
        *shared = NAN;
        struct measurement measurement = {job, shared, verdict_fd};
        result = measure_in_cell(&measurement);
        *rate = *shared;
    }
    if (shared != MAP_FAILED)
        munmap(shared, sizeof(*shared));
    if (verdict_fd >= 0)
        close(verdict_fd);
    return result;
}
