/* A wirelab that another wirelab runs, and may have to stop: on this terminal,
 * beside a libuv loop.
 *
 * It has a session of its own, so Ctrl-C reaches the caller alone, who decides.
 * It is told to stop by SIGTERM to all of its group (the compiler, too), upon
 * which a check takes its tests down; when that takes long it is killed, and
 * the kernel takes down what it held.  It is told as well when the caller is
 * killed. */
#ifndef CLI_STAGE_H
#define CLI_STAGE_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

struct stage;
/* `status` is its exit status, 128 + n after a signal.  The stage may be
 * started again from within. */
typedef void stage_ended_fn(struct stage *stage, int status);

struct stage {
    uv_poll_t end; /* its pidfd is readable */
    uv_timer_t patience;
    pid_t pid; /* 0: none runs */
    int pidfd;
    bool stopping;
    int open_handles;
    stage_ended_fn *ended;
    void *owner;
};

void stage_init(struct stage *stage, stage_ended_fn *ended, void *owner);
/* Starts this very program with these arguments (argv[0] included).  Returns 0
 * or -errno.  None may run. */
int stage_start(struct stage *stage, uv_loop_t *loop, char *const *argv);
/* Has it stopped; `ended` is called when it is gone. */
void stage_stop(struct stage *stage);

#endif
