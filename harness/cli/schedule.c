/* Runs many tests; see schedule.h.  libuv's loop is the only thread. */
#include "cli/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>
#include <wirelab/suite.h>
#include <wirelab/time.h>

#include "base/strbuf.h"

enum {
    LOADS_PER_CORE = 4,
    VERDICT_FD = 3,
    VERDICT_MAX_BYTES = 64 << 20,
    GRACE_MS = 15000,     /* the suite's own supervisor is to end it first */
    PIPE_GRACE_MS = 2000, /* from the end of the process to that of the pipe */
    KILL_AFTER_MS = 3000, /* from SIGTERM to SIGKILL */
    TICK_MS = 200,
    DEFAULT_LIMIT_S = 30,
};

struct running {
    struct schedule *schedule;
    struct job *job;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t limit;
    struct strbuf text;
    int64_t started_ns;
    bool exited, piped_out, last_look, timed_out, cancelled;
    int64_t exit_status;
    int term_signal, open_handles;
    struct running *next;
};

struct queue_node {
    struct job *job;
    struct queue_node *next;
};

struct schedule {
    struct schedule_events events;
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t tick, killer;
    struct queue_node *head, *tail;
    struct running *running;
    size_t running_count;
    long max_jobs;
    int budget, used, interrupted;
    bool starting;
};

static void start_more(struct schedule *schedule);

json_t *infra_verdict(const char *id, const char *variant, uint64_t seed,
                      const char *format, ...)
{
    struct strbuf message = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&message, format, args);
    va_end(args);
    char seed_text[32];
    snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)seed);
    json_t *verdict = json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", "id", id, "variant", variant, "seed",
        seed_text, "verdict", "infra", "message", strbuf_text(&message));
    strbuf_fini(&message);
    return verdict;
}

/* ---- One running test -----------------------------------------------------
 */

/* What the suite would have said, had it been able to. */
static json_t *explain(const struct running *run)
{
    const struct job *job = run->job;
    if (run->timed_out)
        return infra_verdict(job->id, job->variant, job->seed,
                             "the test's process did not end within %d s and "
                             "was killed",
                             job->time_limit_s + GRACE_MS / 1000);
    if (run->term_signal)
        return infra_verdict(job->id, job->variant, job->seed,
                             "the test's process was killed by %s before it "
                             "gave a verdict",
                             strsignal(run->term_signal));
    return infra_verdict(job->id, job->variant, job->seed,
                         "the test's process ended with status %d and %s; see "
                         "suite.log in its evidence",
                         (int)run->exit_status,
                         run->text.length ? "a verdict that is not JSON"
                                          : "no verdict");
}

static json_t *parse_verdict(const struct running *run)
{
    json_error_t error;
    json_t *verdict =
        json_loadb(strbuf_text(&run->text), run->text.length, 0, &error);
    if (json_is_object(verdict) &&
        json_is_string(json_object_get(verdict, "verdict")))
        return verdict;
    json_decref(verdict);
    return explain(run);
}

/* What the suite printed is evidence only if there is any. */
static void drop_empty_log(const struct job *job)
{
    char *path = str_format("%s/suite.log", job->out_dir);
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size == 0)
        (void)unlink(path);
    free(path);
}

static void unlink_running(struct running *run)
{
    struct running **at = &run->schedule->running;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    run->schedule->running_count--;
    run->schedule->used -= run->job->load;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct running *run = handle->data;
    if (--run->open_handles > 0)
        return;
    struct schedule *schedule = run->schedule;
    struct job *job = run->job;
    unlink_running(run);
    drop_empty_log(job);
    if (!schedule->interrupted) {
        job->wall_ms = (double)(clock_now_ns() - run->started_ns) / 1e6;
        job->verdict = run->cancelled ? NULL : parse_verdict(run);
        schedule->events.done(job, schedule->events.context);
    }
    strbuf_fini(&run->text);
    free(run);
    start_more(schedule);
}

static void finish(struct running *run)
{
    uv_close((uv_handle_t *)&run->process, on_handle_closed);
    uv_close((uv_handle_t *)&run->pipe, on_handle_closed);
    uv_close((uv_handle_t *)&run->limit, on_handle_closed);
}

static void finish_if_over(struct running *run)
{
    if (run->exited && run->piped_out)
        finish(run);
}

/* Everything of the test is in the session that its process leads, or in the
 * cell, which dies with its parent. */
static void kill_group(struct running *run, int signal)
{
    if (!run->exited)
        (void)kill(-run->process.pid, signal);
}

static void on_limit(uv_timer_t *timer)
{
    struct running *run = timer->data;
    if (run->exited && !run->last_look) {
        /* The loop runs timers before it reads: on a machine that stood still
         * for a while the verdict may lie in the pipe, unread. */
        run->last_look = true;
        uv_timer_start(timer, on_limit, 1, 0);
        return;
    }
    if (run->exited) { /* somebody else still holds the pipe */
        run->piped_out = true;
        finish(run);
        return;
    }
    run->timed_out = true;
    kill_group(run, SIGKILL);
}

static void on_process_exit(uv_process_t *process, int64_t status,
                            int term_signal)
{
    struct running *run = process->data;
    run->exited = true;
    run->exit_status = status;
    run->term_signal = term_signal;
    if (!run->piped_out)
        uv_timer_start(&run->limit, on_limit, PIPE_GRACE_MS, 0);
    finish_if_over(run);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    *buf = uv_buf_init(mem_zalloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct running *run = stream->data;
    if (n > 0 && run->text.length + (size_t)n <= VERDICT_MAX_BYTES)
        strbuf_add(&run->text, buf->base, (size_t)n);
    free(buf->base);
    if (n < 0) {
        (void)uv_read_stop(stream);
        run->piped_out = true;
        finish_if_over(run);
    }
}

/* ---- Starting -------------------------------------------------------------
 */

static int open_log(const struct job *job)
{
    char *path = str_format("%s/suite.log", job->out_dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    free(path);
    return fd;
}

static int spawn(struct running *run, int log_fd)
{
    struct job *job = run->job;
    char seed[32], verdict_fd[16];
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)job->seed);
    snprintf(verdict_fd, sizeof(verdict_fd), "%d", VERDICT_FD);
    char *which = *job->variant ? str_format("%s/%s", job->id, job->variant)
                                : mem_strdup(job->id);
    const char *argv[] = {job->suite,
                          "--run",
                          which,
                          "--seed",
                          seed,
                          "--out",
                          job->out_dir,
                          "--impl",
                          job->impl_dir,
                          "--reference",
                          job->reference_dir,
                          "--engine",
                          job->engine,
                          "--verdict-fd",
                          verdict_fd,
                          NULL};
    uv_stdio_flags to_file = log_fd < 0 ? UV_IGNORE : UV_INHERIT_FD;
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = to_file, .data.fd = log_fd},
        {.flags = to_file, .data.fd = log_fd},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&run->pipe},
    };
    uv_process_options_t options = {
        .file = job->suite,
        .args = (char **)argv,
        .exit_cb = on_process_exit,
        .flags = UV_PROCESS_DETACHED, /* Ctrl-C is ours to hand on */
        .stdio = stdio,
        .stdio_count = VERDICT_FD + 1,
    };
    int error = uv_spawn(&run->schedule->loop, &run->process, &options);
    free(which);
    return error;
}

static void start(struct schedule *schedule, struct job *job)
{
    struct running *run = mem_zalloc(sizeof(*run));
    run->schedule = schedule;
    run->job = job;
    run->open_handles = 3;
    run->started_ns = clock_now_ns();
    run->process.data = run->pipe.data = run->limit.data = run;
    (void)uv_pipe_init(&schedule->loop, &run->pipe, 0);
    (void)uv_timer_init(&schedule->loop, &run->limit);
    run->next = schedule->running;
    schedule->running = run;
    schedule->running_count++;
    schedule->used += job->load;
    int log_fd = open_log(job);
    int error = spawn(run, log_fd);
    if (log_fd >= 0)
        (void)close(log_fd);
    if (error < 0) {
        run->exited = true;
        run->exit_status = 127;
        finish(run);
        return;
    }
    if (schedule->events.started)
        schedule->events.started(job, schedule->events.context);
    (void)uv_read_start((uv_stream_t *)&run->pipe, on_alloc, on_read);
    uint64_t limit_ms = (uint64_t)job->time_limit_s * 1000 + GRACE_MS;
    uv_timer_start(&run->limit, on_limit, limit_ms, 0);
}

static bool fits(const struct schedule *schedule, const struct job *job)
{
    if (schedule->running_count == 0)
        return true;
    if (schedule->max_jobs > 0 &&
        schedule->running_count >= (size_t)schedule->max_jobs)
        return false;
    return schedule->used + job->load <= schedule->budget;
}

static struct job *take_first(struct schedule *schedule)
{
    struct queue_node *node = schedule->head;
    struct job *job = node->job;
    schedule->head = node->next;
    if (schedule->head == NULL)
        schedule->tail = NULL;
    free(node);
    return job;
}

static void stop_watching(struct schedule *schedule)
{
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&schedule->signals[i], NULL);
    uv_close((uv_handle_t *)&schedule->tick, NULL);
    uv_close((uv_handle_t *)&schedule->killer, NULL);
}

static void start_more(struct schedule *schedule)
{
    const struct schedule_events *events = &schedule->events;
    if (schedule->starting)
        return; /* `done` added a job from within this loop */
    schedule->starting = true;
    while (!schedule->interrupted && schedule->head &&
           fits(schedule, schedule->head->job)) {
        struct job *job = take_first(schedule);
        if (events->wanted && !events->wanted(job, events->context))
            events->done(job, events->context);
        else
            start(schedule, job);
    }
    schedule->starting = false;
    if (schedule->running_count == 0 &&
        !uv_is_closing((uv_handle_t *)&schedule->tick))
        stop_watching(schedule);
}

/* ---- The whole ------------------------------------------------------------
 */

static void kill_all(struct schedule *schedule, int signal)
{
    for (struct running *run = schedule->running; run; run = run->next)
        kill_group(run, signal);
}

static void on_killer(uv_timer_t *timer)
{
    kill_all(timer->data, SIGKILL);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct schedule *schedule = handle->data;
    kill_all(schedule, schedule->interrupted ? SIGKILL : SIGTERM);
    if (schedule->interrupted == 0)
        uv_timer_start(&schedule->killer, on_killer, KILL_AFTER_MS, 0);
    schedule->interrupted = signal;
}

static void on_tick(uv_timer_t *timer)
{
    struct schedule *schedule = timer->data;
    if (schedule->events.tick)
        schedule->events.tick(schedule->events.context);
}

struct schedule *schedule_new(const struct schedule_events *events,
                              long max_jobs)
{
    struct schedule *schedule = mem_zalloc(sizeof(*schedule));
    schedule->events = *events;
    schedule->max_jobs = max_jobs;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    schedule->budget = LOADS_PER_CORE * (int)(cores > 0 ? cores : 1);
    return schedule;
}

static struct queue_node *new_node(struct job *job)
{
    if (job->load <= 0)
        job->load = LOAD_LIGHT;
    if (job->time_limit_s <= 0)
        job->time_limit_s = DEFAULT_LIMIT_S;
    struct queue_node *node = mem_zalloc(sizeof(*node));
    node->job = job;
    return node;
}

void schedule_add(struct schedule *schedule, struct job *job)
{
    struct queue_node *node = new_node(job);
    if (schedule->tail)
        schedule->tail->next = node;
    else
        schedule->head = node;
    schedule->tail = node;
}

void schedule_add_first(struct schedule *schedule, struct job *job)
{
    struct queue_node *node = new_node(job);
    node->next = schedule->head;
    schedule->head = node;
    if (schedule->tail == NULL)
        schedule->tail = node;
}

int schedule_run(struct schedule *schedule)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    (void)uv_loop_init(&schedule->loop);
    for (size_t i = 0; i < 3; i++) {
        (void)uv_signal_init(&schedule->loop, &schedule->signals[i]);
        schedule->signals[i].data = schedule;
        (void)uv_signal_start(&schedule->signals[i], on_signal, caught[i]);
    }
    (void)uv_timer_init(&schedule->loop, &schedule->tick);
    (void)uv_timer_init(&schedule->loop, &schedule->killer);
    schedule->tick.data = schedule->killer.data = schedule;
    (void)uv_timer_start(&schedule->tick, on_tick, TICK_MS, TICK_MS);
    start_more(schedule);
    (void)uv_run(&schedule->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&schedule->loop);
    return schedule->interrupted;
}

void schedule_cancel(struct schedule *schedule,
                     bool (*condemned)(struct job *job, void *context))
{
    for (struct running *run = schedule->running; run; run = run->next) {
        if (!run->cancelled && condemned(run->job, schedule->events.context)) {
            run->cancelled = true;
            kill_group(run, SIGTERM);
            if (!run->exited) /* and with SIGKILL, if that does not do */
                uv_timer_start(&run->limit, on_limit, KILL_AFTER_MS, 0);
        }
    }
}

size_t schedule_running(const struct schedule *schedule)
{
    return schedule->running_count;
}

void schedule_free(struct schedule *schedule)
{
    while (schedule->head)
        (void)take_first(schedule);
    free(schedule);
}
