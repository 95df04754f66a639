/* Commands that the host wants run, several at once.
 *
 * An errand is over when its process has ended and its verdict pipe is closed.
 * Somebody else may hold the pipe (a program that outlived its test): then it
 * is over a little after its process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum {
    MAX_ERRANDS = 64,
    MAX_WORDS = 64,
    VERDICT_FD = 3,
    PIPE_GRACE_MS = 2000, /* from the end of a process to that of its pipe */
    CHUNK_BYTES = 16 << 10,
    STATUS_UNSTARTED = 127 << 8, /* as wait status: what a shell would say */
};

struct errand {
    bool used, exited;
    uint32_t number;
    pid_t pid;
    int pipe_fd, wait_status;
    int64_t started_ns, exited_ns;
};

static struct errand errands[MAX_ERRANDS];

static void say_ended(const struct errand *errand)
{
    uint8_t payload[12];
    frame_put32(payload, (uint32_t)errand->wait_status);
    frame_put64(payload + 4, (uint64_t)(now_ns() - errand->started_ns));
    line_send(FRAME_ENDED, errand->number, payload, sizeof(payload));
}

static void end(struct errand *errand)
{
    if (errand->pipe_fd >= 0)
        (void)close(errand->pipe_fd);
    if (errand->pid > 0)
        (void)kill(-errand->pid, SIGKILL); /* what it left in its session */
    say_ended(errand);
    errand->used = false;
}

static void end_if_over(struct errand *errand)
{
    if (errand->used && errand->exited && errand->pipe_fd < 0)
        end(errand);
}

/* ---- Starting -------------------------------------------------------------
 */

static void child(const char *log, char *const *argv, int verdict)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setsid();
    int in = open("/dev/null", O_RDONLY);
    int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (out < 0)
        out = open("/dev/null", O_WRONLY);
    /* All of these are below the descriptors that are dup'ed over. */
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
    (void)dup2(verdict, VERDICT_FD);
    (void)close_range(VERDICT_FD + 1, ~0U, 0);
    execv(argv[0], argv);
    _exit(127);
}

static bool read_words(const struct frame *frame, const char **log,
                       const char **argv)
{
    size_t at = 0, n = 0;
    *log = frame_text(frame, &at);
    while (n < MAX_WORDS - 1 && (argv[n] = frame_text(frame, &at)) != NULL)
        n++;
    argv[n] = NULL;
    return n > 0;
}

static struct errand *free_slot(void)
{
    for (size_t i = 0; i < MAX_ERRANDS; i++) {
        if (!errands[i].used)
            return &errands[i];
    }
    return NULL;
}

static void refuse(uint32_t number)
{
    struct errand none = {.number = number,
                          .wait_status = STATUS_UNSTARTED,
                          .started_ns = now_ns()};
    say_ended(&none);
}

void errand_start(const struct frame *frame)
{
    const char *log, *argv[MAX_WORDS];
    int pipe_fds[2];
    struct errand *errand = free_slot();
    if (errand == NULL || !read_words(frame, &log, argv) ||
        pipe2(pipe_fds, O_CLOEXEC) < 0) {
        refuse(frame->errand);
        return;
    }
    if (virtual_clock())
        virtual_begin(argv);
    *errand = (struct errand){.used = true,
                              .number = frame->errand,
                              .pipe_fd = pipe_fds[0],
                              .wait_status = STATUS_UNSTARTED,
                              .started_ns = now_ns()};
    errand->pid = fork();
    if (errand->pid == 0)
        child(log, (char *const *)argv, pipe_fds[1]);
    (void)close(pipe_fds[1]);
    if (errand->pid < 0)
        end(errand);
}

void errand_signal(const struct frame *frame)
{
    int signal = (int)frame_get32(frame->payload);
    for (size_t i = 0; i < MAX_ERRANDS; i++) {
        const struct errand *errand = &errands[i];
        if (errand->used && errand->number == frame->errand && !errand->exited)
            (void)kill(-errand->pid, signal);
    }
}

/* ---- Following ------------------------------------------------------------
 */

void errand_reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < MAX_ERRANDS; i++) {
            struct errand *errand = &errands[i];
            if (!errand->used || errand->exited || errand->pid != pid)
                continue;
            errand->exited = true;
            errand->exited_ns = now_ns();
            errand->wait_status = status;
            end_if_over(errand);
        }
    }
}

size_t errand_watch(struct pollfd *fds, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < MAX_ERRANDS && n < size; i++) {
        if (errands[i].used && errands[i].pipe_fd >= 0)
            fds[n++] =
                (struct pollfd){.fd = errands[i].pipe_fd, .events = POLLIN};
    }
    return n;
}

static void take(struct errand *errand)
{
    uint8_t bytes[CHUNK_BYTES];
    ssize_t n = read(errand->pipe_fd, bytes, sizeof(bytes));
    if (n > 0) {
        line_send(FRAME_VERDICT, errand->number, bytes, (size_t)n);
    } else if (n == 0 || errno != EINTR) {
        (void)close(errand->pipe_fd);
        errand->pipe_fd = -1;
        end_if_over(errand);
    }
}

void errand_readable(int fd)
{
    for (size_t i = 0; i < MAX_ERRANDS; i++) {
        if (errands[i].used && errands[i].pipe_fd == fd) {
            take(&errands[i]);
            return;
        }
    }
}

int errand_expire(void)
{
    int64_t now = now_ns(), next = -1;
    for (size_t i = 0; i < MAX_ERRANDS; i++) {
        struct errand *errand = &errands[i];
        if (!errand->used || !errand->exited)
            continue;
        int64_t left_ms = PIPE_GRACE_MS - (now - errand->exited_ns) / 1000000;
        if (left_ms <= 0)
            end(errand);
        else if (next < 0 || left_ms < next)
            next = left_ms;
    }
    return (int)next;
}
