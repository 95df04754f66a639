/* The world `host`: each errand is a process of this machine.
 *
 * It is over when its process has ended and its verdict pipe is closed.
 * Somebody else may hold the pipe (a program that outlived its test): then it
 * is over a little after its process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "world/inside.h"

enum { PIPE_GRACE_MS = 2000 /* from the end of a process to its pipe's */ };

struct process {
    struct world *world;
    struct errand *errand;
    uv_process_t handle;
    uv_pipe_t pipe;
    uv_timer_t grace;
    int64_t started_ns;
    bool exited, piped_out, last_look;
    enum errand_end end;
    char *why;
    int open_handles;
    struct process *next;
};

struct host {
    struct process *processes;
};

/* ---- The end --------------------------------------------------------------
 */

static void unlink_process(struct host *host, struct process *process)
{
    struct process **at = &host->processes;
    while (*at != process)
        at = &(*at)->next;
    *at = process->next;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct process *process = handle->data;
    if (--process->open_handles > 0)
        return;
    struct world *world = process->world;
    struct host *host = world->inside;
    struct errand *errand = process->errand;
    unlink_process(host, process);
    errand->stolen_ns = 0;
    errand->guest_ns = clock_now_ns() - process->started_ns;
    errand->ended(errand, process->end, process->why ? process->why : "");
    free(process->why);
    free(process);
    if (world->closing && host->processes == NULL)
        world_free(world);
}

static void finish(struct process *process)
{
    uv_close((uv_handle_t *)&process->handle, on_handle_closed);
    uv_close((uv_handle_t *)&process->pipe, on_handle_closed);
    uv_close((uv_handle_t *)&process->grace, on_handle_closed);
}

static void finish_if_over(struct process *process)
{
    if (process->exited && process->piped_out)
        finish(process);
}

static void on_grace_over(uv_timer_t *timer)
{
    struct process *process = timer->data;
    if (!process->last_look) {
        /* The loop runs timers before it reads: on a machine that stood still
         * for a while the verdict may lie in the pipe, unread. */
        process->last_look = true;
        (void)uv_timer_start(timer, on_grace_over, 1, 0);
        return;
    }
    process->piped_out = true;
    finish(process);
}

static void on_exit_seen(uv_process_t *handle, int64_t status, int term_signal)
{
    struct process *process = handle->data;
    process->exited = true;
    process->errand->wait_status =
        term_signal ? term_signal : (int)(status << 8);
    if (!process->piped_out)
        (void)uv_timer_start(&process->grace, on_grace_over, PIPE_GRACE_MS, 0);
    finish_if_over(process);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    *buf = uv_buf_init(mem_zalloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct process *process = stream->data;
    if (n > 0)
        process->errand->verdict(process->errand, buf->base, (size_t)n);
    free(buf->base);
    if (n < 0) {
        (void)uv_read_stop(stream);
        (void)uv_timer_stop(&process->grace);
        process->piped_out = true;
        finish_if_over(process);
    }
}

/* ---- The beginning --------------------------------------------------------
 */

static int spawn(struct process *process, int log_fd)
{
    uv_stdio_flags to_file = log_fd < 0 ? UV_IGNORE : UV_INHERIT_FD;
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = to_file, .data.fd = log_fd},
        {.flags = to_file, .data.fd = log_fd},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&process->pipe},
    };
    uv_process_options_t options = {
        .file = process->errand->argv[0],
        .args = (char **)process->errand->argv,
        .exit_cb = on_exit_seen,
        .flags = UV_PROCESS_DETACHED, /* Ctrl-C is ours to hand on */
        .stdio = stdio,
        .stdio_count = ERRAND_VERDICT_FD + 1,
    };
    return uv_spawn(process->world->loop, &process->handle, &options);
}

static void host_open(struct world *world)
{
    world->inside = mem_zalloc(sizeof(struct host));
}

static void host_start(struct world *world, struct errand *errand)
{
    struct host *host = world->inside;
    struct process *process = mem_zalloc(sizeof(*process));
    *process = (struct process){.world = world,
                                .errand = errand,
                                .started_ns = clock_now_ns(),
                                .open_handles = 3,
                                .next = host->processes};
    host->processes = process;
    errand->ticket = process;
    process->handle.data = process->pipe.data = process->grace.data = process;
    (void)uv_pipe_init(world->loop, &process->pipe, 0);
    (void)uv_timer_init(world->loop, &process->grace);
    int log_fd =
        open(errand->log_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int error = spawn(process, log_fd);
    if (log_fd >= 0)
        (void)close(log_fd);
    if (error < 0) {
        process->exited = true;
        process->end = ERRAND_REFUSED;
        process->why = str_format("cannot start %s: %s", errand->argv[0],
                                  uv_strerror(error));
        finish(process);
        return;
    }
    (void)uv_read_start((uv_stream_t *)&process->pipe, on_alloc, on_read);
}

/* Everything of the test is in the session that its process leads, or in the
 * cell, which dies with its parent. */
static void host_signal(struct world *world, struct errand *errand, int signal)
{
    const struct process *process = errand->ticket;
    (void)world;
    if (!process->exited)
        (void)kill(-process->handle.pid, signal);
}

static void host_close(struct world *world)
{
    struct host *host = world->inside;
    for (struct process *p = host->processes; p; p = p->next) {
        if (!p->exited)
            (void)kill(-p->handle.pid, SIGKILL);
    }
    if (host->processes == NULL)
        world_free(world);
}

const struct world_class world_host = {
    host_open,
    host_start,
    host_signal,
    host_close,
};
