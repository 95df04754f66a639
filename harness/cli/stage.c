/* A wirelab that another wirelab runs; see stage.h. */
#include "cli/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 500 };

void stage_init(struct stage *stage, stage_ended_fn *ended, void *owner)
{
    *stage = (struct stage){.pidfd = -1, .ended = ended, .owner = owner};
}

static void become(char *const *argv, pid_t caller)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || setsid() < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
        _exit(126);
    if (getppid() != caller) /* it went before it could be noticed */
        _exit(126);
    (void)execv("/proc/self/exe", argv);
    _exit(127);
}

/* libuv gives handles back one by one, and the last of them ends the stage. */
static void on_closed(uv_handle_t *handle)
{
    struct stage *stage = handle->data;
    int status;
    if (--stage->open_handles > 0)
        return;
    while (waitpid(stage->pid, &status, 0) < 0 && errno == EINTR)
        ;
    (void)close(stage->pidfd);
    stage->pidfd = -1;
    stage->pid = 0;
    stage->ended(stage, WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                            : WEXITSTATUS(status));
}

static void on_end(uv_poll_t *poll, int error, int events)
{
    struct stage *stage = poll->data;
    (void)error, (void)events;
    if (stage->stopping) /* what has outlived it, in its group */
        (void)kill(-stage->pid, SIGKILL);
    uv_close((uv_handle_t *)&stage->end, on_closed);
    uv_close((uv_handle_t *)&stage->patience, on_closed);
}

static void on_impatience(uv_timer_t *timer)
{
    const struct stage *stage = timer->data;
    (void)kill(-stage->pid, SIGKILL);
}

static int watch_end(struct stage *stage, uv_loop_t *loop)
{
    stage->pidfd = (int)syscall(SYS_pidfd_open, stage->pid, 0);
    if (stage->pidfd < 0)
        return -errno;
    (void)uv_timer_init(loop, &stage->patience);
    int error = uv_poll_init(loop, &stage->end, stage->pidfd);
    if (error < 0)
        return error;
    stage->end.data = stage->patience.data = stage;
    stage->open_handles = 2;
    stage->stopping = false;
    return uv_poll_start(&stage->end, UV_READABLE, on_end);
}

int stage_start(struct stage *stage, uv_loop_t *loop, char *const *argv)
{
    pid_t caller = getpid();
    stage->pid = fork();
    if (stage->pid < 0) {
        stage->pid = 0;
        return -errno;
    }
    if (stage->pid == 0)
        become(argv, caller);
    int error = watch_end(stage, loop);
    if (error < 0) { /* nobody would see its end */
        (void)kill(stage->pid, SIGKILL);
        (void)waitpid(stage->pid, NULL, 0);
        stage->pid = 0;
    }
    return error;
}

void stage_stop(struct stage *stage)
{
    if (stage->pid == 0 || stage->stopping)
        return;
    stage->stopping = true;
    (void)kill(-stage->pid, SIGTERM);
    (void)uv_timer_start(&stage->patience, on_impatience, PATIENCE_MS, 0);
}
