/* wirelab watch: runs the test that the learner is at after each save.
 *
 *      a save ──► look ──► stop what still runs ──► wirelab check NN --test …
 *   (changes.h)                                          │ results.json
 *      the learner's turn ◄── stay ── what next? (focus.h) ◄┘
 *                                        └── go on ──► wirelab check …
 *                                                        (round.h) */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "cli/changes.h"
#include "cli/keys.h"
#include "cli/lab.h"
#include "cli/place.h"
#include "cli/round.h"

enum {
    QUIET_MS = 40,  /* of one go of saving: editors save many files at once */
    TICK_MS = 1000, /* where nothing tells of changes */
    SIGNALS = 4,
};

struct watch_options {
    struct round_options round;
    bool no_clear;
};

struct watch {
    const struct watch_options *options;
    struct lab lab;
    struct changes changes;
    struct round round;
    struct keys keys;
    uv_loop_t loop;
    uv_poll_t told, typed;
    uv_timer_t quiet, tick;
    uv_signal_t signals[SIGNALS];
    bool leaving, terminal;
    char *shown_dir;
    int status;
};

/* ---- The screen -----------------------------------------------------------
 */

static void print_head(const struct watch *watch, const char *why)
{
    char clock[16];
    time_t now = time(NULL);
    struct tm local;
    (void)localtime_r(&now, &local);
    (void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
    char *goal = round_goal(&watch->round);
    printf("\n---- %s  %s: %s\n\n", clock, why, goal);
    free(goal);
}

/* What came before goes out of the way, off the screen, or above the line. */
static void restart(struct watch *watch, const char *why)
{
    if (watch->terminal && !watch->options->no_clear)
        printf("\033[H\033[2J");
    print_head(watch, why);
    round_begin(&watch->round, ROUND_CHECK);
}

static void on_goes_on(struct round *round)
{
    print_head(round->owner, "next");
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void on_rests(struct round *round)
{
    struct watch *watch = round->owner;
    if (watch->leaving) {
        if (watch->terminal)
            printf("\r\033[K"); /* what a check was about to show */
        uv_walk(&watch->loop, close_handle, NULL);
        return;
    }
    char *goal = round_goal(round);
    printf("\nwatching %s: a save runs %s", watch->shown_dir, goal);
    if (watch->keys.fd >= 0)
        printf("\n  r run it now   a run all tests   h hint   q leave");
    printf("\n");
    (void)fflush(stdout);
    free(goal);
}

static const struct round_events round_events = {on_goes_on, on_rests};

static void leave(struct watch *watch, int status)
{
    if (watch->leaving)
        return;
    watch->leaving = true;
    watch->status = status;
    round_begin(&watch->round, ROUND_NONE);
}

/* ---- What happens ---------------------------------------------------------
 */

static void look(struct watch *watch, bool settled)
{
    char why[80];
    const char *name = changes_look(&watch->changes, settled);
    if (name == NULL || watch->leaving)
        return;
    (void)snprintf(why, sizeof(why), "saved %s", name);
    restart(watch, why);
}

static void on_quiet(uv_timer_t *timer)
{
    look(timer->data, true);
}

static void on_tick(uv_timer_t *timer)
{
    look(timer->data, false);
}

/* The first of a burst starts the clock; the others do not put it off. */
static void on_told(uv_poll_t *poll, int error, int events)
{
    struct watch *watch = poll->data;
    (void)error, (void)events;
    if (changes_told(&watch->changes) &&
        !uv_is_active((uv_handle_t *)&watch->quiet))
        (void)uv_timer_start(&watch->quiet, on_quiet, QUIET_MS, 0);
}

static void on_key(struct watch *watch, char key)
{
    switch (key) {
    case 'q':
        leave(watch, watch->round.status);
        break;
    case 'a':
        focus_whole_lab(&watch->round.focus);
        restart(watch, "key a");
        break;
    case 'r':
    case '\n':
        restart(watch, "once more");
        break;
    case 'h':
        printf("\n");
        round_begin(&watch->round, ROUND_HINT);
        break;
    default:
        break;
    }
}

static void on_typed(uv_poll_t *poll, int error, int events)
{
    struct watch *watch = poll->data;
    char keys[64];
    (void)events;
    ssize_t n = error < 0 ? 0 : read(watch->keys.fd, keys, sizeof(keys));
    if (n <= 0)
        (void)uv_poll_stop(poll);
    if (n > 0 && !watch->leaving)
        on_key(watch, keys[n - 1]); /* of many typed at once, the last */
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct watch *watch = handle->data;
    if (signal == SIGCONT) /* the shell has had the terminal meanwhile */
        keys_take(&watch->keys);
    else
        leave(watch, EXIT_INTERRUPTED);
}

/* ---- The whole ------------------------------------------------------------
 */

static void listen_to_signals(struct watch *watch)
{
    static const int caught[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGCONT};
    for (size_t i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(&watch->loop, &watch->signals[i]);
        watch->signals[i].data = watch;
        (void)uv_signal_start(&watch->signals[i], on_signal, caught[i]);
    }
}

static void listen_to_all(struct watch *watch)
{
    listen_to_signals(watch);
    (void)uv_timer_init(&watch->loop, &watch->quiet);
    (void)uv_timer_init(&watch->loop, &watch->tick);
    watch->quiet.data = watch->tick.data = watch;
    watch->told.data = watch->typed.data = watch;
    (void)uv_timer_start(&watch->tick, on_tick, TICK_MS, TICK_MS);
    if (watch->changes.fd >= 0 &&
        uv_poll_init(&watch->loop, &watch->told, watch->changes.fd) == 0)
        (void)uv_poll_start(&watch->told, UV_READABLE, on_told);
    if (watch->keys.fd >= 0 &&
        uv_poll_init(&watch->loop, &watch->typed, watch->keys.fd) == 0)
        (void)uv_poll_start(&watch->typed, UV_READABLE, on_typed);
}

static void run(struct watch *watch)
{
    (void)uv_loop_init(&watch->loop);
    keys_open(&watch->keys);
    listen_to_all(watch);
    keys_take(&watch->keys);
    watch->terminal = isatty(STDOUT_FILENO);
    restart(watch, "first");
    (void)uv_run(&watch->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&watch->loop);
    keys_give_back(&watch->keys);
    keys_close(&watch->keys);
}

static int watch_dir(struct watch *watch, const char *dir, bool sources)
{
    watch->round = (struct round){.options = &watch->options->round,
                                  .events = &round_events,
                                  .lab = &watch->lab,
                                  .loop = &watch->loop,
                                  .owner = watch};
    int error = changes_open(&watch->changes, dir, sources);
    if (error == 0)
        error = round_init(&watch->round);
    if (error == 0) {
        watch->shown_dir = path_shown(dir);
        run(watch);
    }
    free(watch->shown_dir);
    round_fini(&watch->round);
    changes_close(&watch->changes);
    return error < 0 ? infra_error("cannot watch %s: %s", dir, strerror(-error))
                     : watch->status;
}

static bool parse(struct watch_options *o, int argc, char **argv, int *status)
{
    const struct command_option options[] = {
        {"--impl", OPTION_TEXT, &o->round.impl, "IMPL",
         "'solution', or a folder of C sources or executables", NULL},
        {"--world", OPTION_TEXT, &o->round.world, "WORLD", PLACE_WORLD_HELP,
         world_names},
        {"--engine", OPTION_TEXT, &o->round.engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--no-clear", OPTION_FLAG, &o->no_clear, NULL,
         "leaves on the screen what was printed before", NULL},
        {"--no-color", OPTION_FLAG, &o->round.no_color, NULL, "plain text",
         NULL},
    };
    const struct command command = {
        .name = "watch",
        .usage = "NN [--impl IMPL] [options]",
        .summary = "Runs the first failing test again after each save, and "
                   "goes on when it passes",
        .text = "When it passes, the others of its checkpoint are run, then "
                "the next checkpoint,\nand at last all tests.  A test that "
                "failed meets the same faults again.  A save\nstops what still "
                "runs.  Keys: r runs it again, a runs all tests, h gives a "
                "hint,\nq leaves, with the last check's exit status.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    return command_parse(&command, argc, argv, &operands, status);
}

int cli_watch(int argc, char **argv)
{
    struct watch_options options = {0};
    bool sources;
    char *dir = NULL;
    int status;
    if (!parse(&options, argc, argv, &status))
        return status;
    struct watch watch = {.options = &options};
    status = lab_open(&watch.lab, argv[1]);
    if (status == 0)
        status = lab_files(&watch.lab, options.round.impl, &dir, &sources);
    if (status == 0)
        status = lab_suite(&watch.lab);
    if (status == 0)
        status = watch_dir(&watch, dir, sources);
    free(dir);
    lab_close(&watch.lab);
    return status;
}
