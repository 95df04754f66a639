/* Runs many tests in a world; see schedule.h.  libuv's loop is the only thread.
 */
#include "cli/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>
#include <wirelab/suite.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "world/calm.h"

enum {
    VERDICT_MAX_BYTES = 64 << 20,
    GRACE_MS = 15000,     /* the suite's own supervisor is to end it first */
    KILL_AFTER_MS = 3000, /* from SIGTERM to SIGKILL */
    TICK_MS = 200,
    DEFAULT_LIMIT_S = 30,
    /* A guest's own clock stands still meanwhile if it is a virtual one, and in
     * any case it may have to boot first. */
    GUEST_LIMIT_FACTOR = 4,
    STOLEN_MAX_PERCENT = 20,
    GUEST_GRACE_MS = 120000,
    MAX_WORDS = 20,
};

/* Beside the worlds that one can ask for: virtual time in which a program that
 * spins lets time pass, but takes as long as it would on the host. */
enum { WORLD_VIRTUAL_SLOW = WORLD_VIRTUAL + 1, WORLDS };

struct running {
    struct schedule *schedule;
    struct job *job;
    struct world *world;
    struct errand errand;
    const char *argv[MAX_WORDS];
    char *which, *log_file;
    char seed[32], verdict_fd[16];
    uv_timer_t limit;
    struct strbuf text;
    int64_t started_ns;
    bool timed_out, cancelled;
    uv_poll_t work; /* of the job's own process */
    int work_fd;
    enum errand_end end;
    char *why;
    struct running *next;
};

struct queue_node {
    struct job *job;
    struct queue_node *next;
};

struct schedule {
    struct schedule_events events;
    uv_loop_t loop;
    struct world_options guests;
    struct world *worlds[WORLDS]; /* opened when needed */
    uv_signal_t signals[3];
    uv_timer_t tick, killer;
    struct queue_node *head, *tail;
    struct running *running;
    size_t running_count;
    long max_jobs;
    int budget, used, interrupted;
    bool starting;
    struct calm calm;
    bool waited;  /* for the job that is the first now … */
    bool is_calm; /* … and not in vain */
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

static json_t *infra_of(const struct job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static json_t *infra_of(const struct job *job, const char *format, ...)
{
    struct strbuf message = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&message, format, args);
    va_end(args);
    json_t *verdict = infra_verdict(job->id, job->variant, job->seed, "%s",
                                    strbuf_text(&message));
    strbuf_fini(&message);
    return verdict;
}

static uint64_t limit_ms(const struct running *run)
{
    uint64_t ms = (uint64_t)run->job->time_limit_s * 1000;
    return run->job->world == WORLD_HOST
               ? ms + GRACE_MS
               : ms * GUEST_LIMIT_FACTOR + GUEST_GRACE_MS;
}

/* What the suite would have said, had it been able to. */
static json_t *explain(const struct running *run)
{
    const struct job *job = run->job;
    int status = run->errand.wait_status;
    if (run->timed_out)
        return infra_of(job,
                        "the test's process did not end within %d s and was "
                        "killed",
                        (int)(limit_ms(run) / 1000));
    if (run->end != ERRAND_EXITED)
        return infra_of(job, "%s", run->why);
    if (WIFSIGNALED(status))
        return infra_of(job,
                        "the test's process was killed by %s before it gave a "
                        "verdict",
                        strsignal(WTERMSIG(status)));
    return infra_of(job,
                    "the test's process ended with status %d and %s; see "
                    "suite.log in its evidence",
                    WEXITSTATUS(status),
                    run->text.length ? "a verdict that is not JSON"
                                     : "no verdict");
}

/* In a guest no test sees that the host is busy.  A program that failed there
 * may have been given no time. */
static bool is_robbed(const struct running *run, const char *said)
{
    return strcmp(said, "fail") == 0 &&
           run->errand.stolen_ns * 100 >
               run->errand.guest_ns * STOLEN_MAX_PERCENT;
}

static json_t *parse_verdict(const struct running *run)
{
    const struct errand *errand = &run->errand;
    json_error_t error;
    json_t *verdict =
        json_loadb(strbuf_text(&run->text), run->text.length, 0, &error);
    const char *said = json_string_value(json_object_get(verdict, "verdict"));
    if (said && !is_robbed(run, said))
        return verdict;
    if (said) {
        json_t *busy = infra_of(
            run->job,
            "the machine is too busy: of %.1f s the guest waited %.1f s for a "
            "CPU; the test said: %s",
            (double)errand->guest_ns / 1e9, (double)errand->stolen_ns / 1e9,
            json_string_value(json_object_get(verdict, "message"))
                ? json_string_value(json_object_get(verdict, "message"))
                : "fail");
        json_decref(verdict);
        return busy;
    }
    json_decref(verdict);
    return explain(run);
}

/* What the suite printed is evidence only if there is any. */
static void drop_empty_log(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size == 0)
        (void)unlink(path);
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

static void free_running(struct running *run)
{
    strbuf_fini(&run->text);
    free(run->why);
    free(run->which);
    free(run->log_file);
    free(run);
}

/* What a world knows of a run, and the suite in it does not. */
static void add_world(const struct running *run)
{
    const struct job *job = run->job;
    if (job->world != WORLD_HOST)
        (void)json_object_set_new(job->verdict, "guest_ms",
                                  json_real(job->guest_ms));
    if (job->slow)
        (void)json_object_set_new(
            job->verdict, "polls",
            json_string(*job->spins_in ? job->spins_in : "computing"));
}

static void finish(const struct running *run)
{
    struct job *job = run->job;
    job->wall_ms = (double)(clock_now_ns() - run->started_ns) / 1e6;
    job->guest_ms = (double)run->errand.guest_ns / 1e6;
    job->verdict = run->cancelled || job->work ? NULL : parse_verdict(run);
    if (job->verdict)
        add_world(run);
    run->schedule->events.done(job, run->schedule->events.context);
}

/* A program that spins is judged where that lets time pass. */
static void run_slowly(const struct running *run)
{
    struct job *job = run->job;
    job->slow = true;
    (void)snprintf(job->spins_in, sizeof(job->spins_in), "%s", run->why);
    schedule_add_first(run->schedule, job);
}

static void on_limit_closed(uv_handle_t *handle)
{
    struct running *run = handle->data;
    struct schedule *schedule = run->schedule;
    unlink_running(run);
    if (run->log_file)
        drop_empty_log(run->log_file);
    if (!schedule->interrupted && !run->cancelled && run->end == ERRAND_SPINS)
        run_slowly(run);
    else if (!schedule->interrupted)
        finish(run);
    free_running(run);
    start_more(schedule);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct running *run = handle->data;
    (void)close(run->work_fd);
    run->work_fd = -1;
    uv_close((uv_handle_t *)&run->limit, on_limit_closed);
}

static void on_ended(struct errand *errand, enum errand_end end,
                     const char *why)
{
    struct running *run = errand->owner;
    run->end = end;
    run->why = mem_strdup(why);
    uv_close((uv_handle_t *)&run->limit, on_limit_closed);
}

static void on_verdict(struct errand *errand, const char *bytes, size_t n)
{
    struct running *run = errand->owner;
    if (run->text.length + n <= VERDICT_MAX_BYTES)
        strbuf_add(&run->text, bytes, n);
}

static void kill_one(struct running *run, int signal)
{
    if (run->job->work && run->work_fd >= 0)
        (void)syscall(SYS_pidfd_send_signal, run->work_fd, SIGKILL, NULL, 0);
    else if (!run->job->work && !uv_is_closing((uv_handle_t *)&run->limit))
        world_signal(run->world, &run->errand, signal);
}

static void on_limit(uv_timer_t *timer)
{
    struct running *run = timer->data;
    run->timed_out = true;
    kill_one(run, SIGKILL);
}

/* ---- Starting -------------------------------------------------------------
 */

static void compose(struct running *run)
{
    const struct job *job = run->job;
    snprintf(run->seed, sizeof(run->seed), "%llu",
             (unsigned long long)job->seed);
    snprintf(run->verdict_fd, sizeof(run->verdict_fd), "%d", ERRAND_VERDICT_FD);
    run->which = *job->variant ? str_format("%s/%s", job->id, job->variant)
                               : mem_strdup(job->id);
    run->log_file = str_format("%s/suite.log", job->out_dir);
    const char *const argv[] = {
        job->suite,         "--run",
        run->which,         "--seed",
        run->seed,          "--out",
        job->out_dir,       "--impl",
        job->impl_dir,      "--reference",
        job->reference_dir, "--engine",
        job->engine,        "--verdict-fd",
        run->verdict_fd,    job->params ? "--params" : NULL,
        job->params,        NULL};
    _Static_assert(sizeof(argv) <= sizeof(run->argv), "MAX_WORDS");
    memcpy(run->argv, argv, sizeof(argv));
    run->errand = (struct errand){.argv = run->argv,
                                  .log_file = run->log_file,
                                  .load = job->load,
                                  .verdict = on_verdict,
                                  .ended = on_ended,
                                  .owner = run};
}

static struct world *world_of(struct schedule *schedule, const struct job *job)
{
    struct world **world =
        &schedule->worlds[job->slow ? WORLD_VIRTUAL_SLOW : (int)job->world];
    if (*world == NULL) {
        struct world_options options = schedule->guests;
        options.kind = job->world;
        if (job->slow)
            options.guest.time = GUEST_TIME_SKIPS_IDLE;
        *world = world_open(&schedule->loop, &options);
    }
    return *world;
}

static void on_work_over(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events; /* whatever it is, the caller waits for it */
    uv_close((uv_handle_t *)poll, on_poll_closed);
}

static void start_work(struct running *run)
{
    run->work_fd = run->job->work(run->job);
    if (run->work_fd < 0) {
        uv_close((uv_handle_t *)&run->limit, on_limit_closed);
        return;
    }
    run->work.data = run;
    (void)uv_poll_init(&run->schedule->loop, &run->work, run->work_fd);
    (void)uv_poll_start(&run->work, UV_READABLE, on_work_over);
}

static void start(struct schedule *schedule, struct job *job)
{
    struct running *run = mem_zalloc(sizeof(*run));
    run->schedule = schedule;
    run->job = job;
    run->started_ns = clock_now_ns();
    run->limit.data = run;
    (void)uv_timer_init(&schedule->loop, &run->limit);
    run->next = schedule->running;
    schedule->running = run;
    schedule->running_count++;
    schedule->used += job->load;
    if (schedule->events.started)
        schedule->events.started(job, schedule->events.context);
    if (job->work) {
        start_work(run);
        return;
    }
    compose(run);
    uv_timer_start(&run->limit, on_limit, limit_ms(run), 0);
    run->world = world_of(schedule, job);
    world_start(run->world, &run->errand);
}

static void on_calm(struct calm *calm, bool is_calm)
{
    struct schedule *schedule = calm->owner;
    schedule->waited = true;
    schedule->is_calm = is_calm;
    start_more(schedule);
}

static bool fits(struct schedule *schedule, const struct job *job)
{
    if (schedule->calm.waits)
        return false;
    if (schedule->running_count == 0 && job->calm && !schedule->waited) {
        calm_wait(&schedule->calm, &schedule->loop);
        return false;
    }
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
    job->found_calm = job->calm && schedule->waited && schedule->is_calm;
    schedule->waited = false;
    return job;
}

static void close_worlds(struct schedule *schedule, enum world_kind first)
{
    for (int kind = (int)first; kind < WORLDS; kind++) {
        if (schedule->worlds[kind])
            world_close(schedule->worlds[kind]);
        schedule->worlds[kind] = NULL;
    }
}

static void stop_watching(struct schedule *schedule)
{
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&schedule->signals[i], NULL);
    uv_close((uv_handle_t *)&schedule->tick, NULL);
    uv_close((uv_handle_t *)&schedule->killer, NULL);
    close_worlds(schedule, WORLD_HOST);
}

static json_t *skip_verdict(const struct job *job)
{
    char seed[32];
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)job->seed);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", job->id, "variant",
                     job->variant, "seed", seed, "verdict", "skip", "message",
                     job->skip);
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
        bool wanted =
            events->wanted == NULL || events->wanted(job, events->context);
        if (wanted && job->skip == NULL) {
            start(schedule, job);
            continue;
        }
        job->verdict = wanted ? skip_verdict(job) : NULL;
        events->done(job, events->context);
    }
    schedule->starting = false;
    if (schedule->running_count == 0 && !schedule->calm.waits &&
        !uv_is_closing((uv_handle_t *)&schedule->tick))
        stop_watching(schedule);
}

/* ---- The whole ------------------------------------------------------------
 */

static void kill_all(struct schedule *schedule, int signal)
{
    for (struct running *run = schedule->running; run; run = run->next)
        kill_one(run, signal);
}

static void on_killer(uv_timer_t *timer)
{
    kill_all(timer->data, SIGKILL);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct schedule *schedule = handle->data;
    kill_all(schedule, schedule->interrupted ? SIGKILL : SIGTERM);
    close_worlds(schedule, WORLD_UML); /* a guest leaves nothing behind */
    calm_stop(&schedule->calm);
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
                              const struct world_options *guests, long max_jobs)
{
    struct schedule *schedule = mem_zalloc(sizeof(*schedule));
    schedule->events = *events;
    schedule->calm.over = on_calm;
    schedule->calm.owner = schedule;
    schedule->max_jobs = max_jobs;
    if (guests)
        schedule->guests = *guests;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    schedule->budget = WORLD_LOADS_PER_CORE * (int)(cores > 0 ? cores : 1);
    return schedule;
}

static struct queue_node *new_node(struct job *job)
{
    if (job->load <= 0)
        job->load = LOAD_LIGHT;
    if (job->calm)
        job->load = LOAD_ALONE;
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
            kill_one(run, SIGTERM);
            if (run->job->work == NULL &&
                !uv_is_closing((uv_handle_t *)&run->limit))
                uv_timer_start(&run->limit, on_limit, KILL_AFTER_MS, 0);
        }
    }
}

size_t schedule_running(const struct schedule *schedule)
{
    return schedule->running_count;
}

bool schedule_waits(const struct schedule *schedule)
{
    return schedule->calm.waits;
}

void schedule_free(struct schedule *schedule)
{
    while (schedule->head)
        (void)take_first(schedule);
    free(schedule);
}
