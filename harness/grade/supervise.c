/* The process that answers for one run of one test.
 *
 *      supervisor ──┬── cell init ── test ── programs
 *                   └── reads the verdict from a pipe of its own
 *
 * The descriptor on which the caller waits for the verdict is not known inside
 * the cell: the test writes to a pipe, and the first line in it that is a
 * verdict of this test is handed on.  A test that goes wrong can thus neither
 * write twice nor write rubbish.  When there is no such line, because the cell
 * could not be made, the test's process died or had to be killed, the
 * supervisor writes one itself: `infra`, since no program under test can bring
 * that about.
 *
 * The cell dies with the supervisor, and the supervisor kills the cell when it
 * is told to stop, when the test outlives its limit and its grace, or when the
 * other end of the verdict's descriptor is closed: a scheduler that was killed
 * leaves nothing running. */
#include "grade/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "grade/body.h"
#include "grade/table.h"
#include "topo/topo.h"

enum { MAX_VERDICT_BYTES = 64 << 20 };

enum stop { STOP_ENDED, STOP_SIGNAL, STOP_LATE, STOP_FLOOD, STOP_ORPHANED };

/* What is passed into the cell. */
struct cell {
    struct testrun run; /* verdict_fd is the pipe's */
    int outer_fd;       /* the caller's, or -1 */
    int variant;
    sigset_t mask; /* as it was before the supervisor blocked signals */
};

struct supervisor {
    const struct testrun *run;
    pid_t cell;
    int pidfd, signals, verdicts;
    struct strbuf written; /* what came through the pipe */
    enum stop stop;
    int signal; /* of STOP_SIGNAL */
};

/* ---- Inside ------------------------------------------------------------- */

static int in_cell(void *context)
{
    const struct cell *cell = context;
    sigprocmask(SIG_SETMASK, &cell->mask, NULL);
    if (cell->outer_fd >= 0)
        close(cell->outer_fd);
    /* What a test prints must not get between the verdict and its reader. */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    body_run(&cell->run, cell->variant);
    return 0;
}

/* ---- Handing on --------------------------------------------------------- */

static int write_all(int fd, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(fd, text, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static void keep(const struct testrun *run, const char *text)
{
    char *path = str_format("%s/verdict.json", run->out_dir);
    int rc = file_replace(path, text, strlen(text));
    if (rc < 0) /* the caller still gets it through the descriptor */
        fprintf(stderr, "cannot write %s: %s\n", path, strerror(-rc));
    free(path);
}

/* One line for a scheduler, indented for a reader.  Returns the exit status. */
static int hand_on(const struct testrun *run, const json_t *verdict)
{
    bool reader = run->verdict_fd < 0;
    size_t layout = reader ? JSON_INDENT(2) : JSON_COMPACT;
    char *text = json_dumps(verdict, layout | JSON_PRESERVE_ORDER);
    char *line = str_format("%s\n", text ? text : "{\"verdict\":\"infra\"}");
    keep(run, line);
    int rc =
        write_all(reader ? STDOUT_FILENO : run->verdict_fd, line, strlen(line));
    if (rc < 0)
        fprintf(stderr, "cannot hand on the verdict: %s\n", strerror(-rc));
    free(line);
    free(text);
    return rc < 0 ? 3 : 0;
}

static json_t *own_verdict(const struct testrun *run, enum verdict verdict,
                           const char *message)
{
    testrun_begin(run);
    return testrun_verdict(&(struct ending){
        .verdict = verdict,
        .message = message,
    });
}

/* ---- Watching ----------------------------------------------------------- */

static bool block_signals(sigset_t *before)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGPIPE); /* a write then fails, which is looked at */
    return sigprocmask(SIG_BLOCK, &mask, before) == 0;
}

static int open_signals(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    return signalfd(-1, &mask, SFD_CLOEXEC);
}

/* Returns whether there may be more. */
static bool read_verdicts(struct supervisor *s)
{
    char chunk[65536];
    ssize_t n = read(s->verdicts, chunk, sizeof(chunk));
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    strbuf_add(&s->written, chunk, (size_t)n);
    return n > 0;
}

static int left_ms(int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns - clock_now_ns();
    return left_ns > 0 ? (int)(left_ns / MSECONDS(1) + 1) : 0;
}

/* Until the cell ends, or must be ended. */
static enum stop await_end(struct supervisor *s, int64_t deadline_ns)
{
    struct pollfd fds[] = {
        {.fd = s->verdicts, .events = POLLIN},
        {.fd = s->signals, .events = POLLIN},
        {.fd = s->pidfd, .events = POLLIN},
        {.fd = s->run->verdict_fd}, /* POLLHUP: nobody waits any more */
    };
    for (;;) {
        int n = poll(fds, 4, left_ms(deadline_ns));
        if (n == 0)
            return STOP_LATE;
        if (fds[0].revents && !read_verdicts(s))
            fds[0].fd = -1; /* closed: all writers are gone */
        if (s->written.length > MAX_VERDICT_BYTES)
            return STOP_FLOOD;
        if (fds[1].revents) {
            struct signalfd_siginfo info = {0};
            (void)!read(s->signals, &info, sizeof(info)); /* any will do */
            s->signal = (int)info.ssi_signo;
            return STOP_SIGNAL;
        }
        if (fds[2].revents)
            return STOP_ENDED;
        if (fds[3].revents)
            return STOP_ORPHANED;
    }
}

/* The kernel kills all that live in the cell when its init dies.  Then reads
 * what was left in the pipe; nobody can write to it any more. */
static void end_cell(struct supervisor *s)
{
    kill(s->cell, SIGKILL);
    while (waitpid(s->cell, NULL, 0) < 0 && errno == EINTR)
        ;
    while (s->written.length <= MAX_VERDICT_BYTES && read_verdicts(s))
        ;
}

/* Parses a line from where a verdict of this test begins; what a test that went
 * wrong wrote before it is passed over. */
static json_t *parse_verdict(const struct testrun *run, const char *line,
                             size_t length)
{
    char *beginning = str_format("{\"id\":\"%s\"", run->test->id);
    const char *at = memmem(line, length, beginning, strlen(beginning));
    free(beginning);
    if (at == NULL)
        return NULL;
    json_t *object = json_loadb(at, length - (size_t)(at - line), 0, NULL);
    if (json_is_string(json_object_get(object, "verdict")))
        return object;
    json_decref(object);
    return NULL;
}

/* The first verdict of this test, or NULL. */
static json_t *find_verdict(const struct testrun *run,
                            const struct strbuf *written)
{
    const char *line = strbuf_text(written);
    const char *end = line + written->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline == NULL)
            return NULL;
        json_t *verdict = parse_verdict(run, line, (size_t)(newline - line));
        if (verdict)
            return verdict;
        line = newline + 1;
    }
    return NULL;
}

static char *explain(const struct supervisor *s)
{
    int limit_s = test_limit_s(s->run->test);
    switch (s->stop) {
    case STOP_SIGNAL:
        return str_format("was stopped by signal %d (%s)", s->signal,
                          strsignal(s->signal));
    case STOP_LATE:
        return str_format("the test did not end within %d s after its limit of "
                          "%d s and was killed",
                          BODY_GRACE_S, limit_s);
    case STOP_ORPHANED:
        return str_format("whoever waited for the verdict is gone");
    case STOP_FLOOD:
        return str_format("the test wrote more than %d MiB instead of a "
                          "verdict",
                          MAX_VERDICT_BYTES >> 20);
    default:
        return str_format("the test ended without a verdict, which no test "
                          "should be able to");
    }
}

static json_t *watch(struct supervisor *s)
{
    int64_t limit_ns = SECONDS(test_limit_s(s->run->test) + BODY_GRACE_S);
    s->stop = await_end(s, s->run->started_ns + limit_ns);
    end_cell(s);
    json_t *verdict = find_verdict(s->run, &s->written);
    if (verdict == NULL) {
        char *message = explain(s);
        verdict = own_verdict(s->run, VERDICT_INFRA, message);
        free(message);
    }
    return verdict;
}

/* ---- From outside ------------------------------------------------------- */

/* Starts the cell.  Returns 0, or -errno with a reason. */
static int start(struct supervisor *s, int variant, char *error)
{
    struct cell cell = {
        .run = *s->run,
        .outer_fd = s->run->verdict_fd,
        .variant = variant,
    };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0 || !block_signals(&cell.mask)) {
        snprintf(error, 256, "cannot make a pipe: %s", strerror(errno));
        return -errno;
    }
    cell.run.verdict_fd = ends[1];
    s->verdicts = ends[0];
    s->signals = open_signals();
    s->cell = cell_start(in_cell, &cell, error);
    close(ends[1]);
    if (s->cell < 0)
        return s->cell;
    s->pidfd = pidfd_open(s->cell, 0);
    return s->pidfd < 0 || s->signals < 0 ? -errno : 0;
}

int supervise(struct testrun *run, int variant)
{
    struct supervisor s = {.run = run, .pidfd = -1, .signals = -1};
    char work_dir[256], error[256] = "";
    int rc = work_dir_make(work_dir, sizeof(work_dir));
    if (rc < 0) {
        snprintf(error, sizeof(error), "cannot make a work directory: %s",
                 strerror(-rc));
        return hand_on(run, own_verdict(run, VERDICT_INFRA, error));
    }
    run->work_dir = work_dir;
    run->started_ns = clock_now_ns();
    run->deadline_ns = run->started_ns + SECONDS(test_limit_s(run->test));
    rc = start(&s, variant, error);
    json_t *verdict =
        rc == 0 ? watch(&s) : own_verdict(run, VERDICT_INFRA, error);
    work_dir_remove(work_dir);
    if (access(work_dir, F_OK) == 0) {
        json_decref(verdict);
        verdict = own_verdict(run, VERDICT_INFRA,
                              "what the programs wrote cannot be removed");
    }
    rc = hand_on(run, verdict);
    json_decref(verdict);
    strbuf_fini(&s.written);
    return rc;
}

int supervise_skip(const struct testrun *run, const char *reason)
{
    json_t *verdict = own_verdict(run, VERDICT_SKIP, reason);
    int rc = hand_on(run, verdict);
    json_decref(verdict);
    return rc;
}
