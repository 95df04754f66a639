/* wirelab watch: runs the test that the learner is at after each save.
 *
 *      a save ──► look ──► stop what still runs ──► wirelab check NN --test …
 *                                                        │ results.json
 *      the learner's turn ◄── stay ── what next? (focus.h) ◄┘
 *                                        └── go on ──► wirelab check …
 *
 * Each check is a process of its own (stage.h): a program that runs away, a
 * compiler that hangs and a harness that fails take nothing down with them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/strbuf.h"
#include "cli/changes.h"
#include "cli/focus.h"
#include "cli/lab.h"
#include "cli/object.h"
#include "cli/place.h"
#include "cli/stage.h"
#include "cli/state.h"
#include "grade/results.h"
#include "topo/topo.h"

enum {
    QUIET_MS = 40,  /* of one go of saving: editors save many files at once */
    TICK_MS = 1000, /* where nothing tells of changes */
    SIGNALS = 4,
    MAX_WORDS = 32 + 2 * CLI_MAX_LIST,
};

struct watch_options {
    const char *impl, *world, *engine;
    bool no_clear, no_color;
};

enum errand_kind { ERRAND_NONE, ERRAND_CHECK, ERRAND_HINT };

struct watch {
    const struct watch_options *options;
    struct lab lab;
    struct focus focus;
    struct changes changes;
    uv_loop_t loop;
    uv_poll_t told, keys;
    uv_timer_t quiet, tick;
    uv_signal_t signals[SIGNALS];
    struct stage stage;
    enum errand_kind running, next; /* what runs; what is to follow at once */
    bool leaving, has_keys, terminal;
    struct termios saved;
    char work_dir[256], *results_path, *shown_dir;
    int status;
};

/* ---- The screen -----------------------------------------------------------
 */

static void print_goal(const struct watch *watch)
{
    const struct focus *focus = &watch->focus;
    if (focus->goal == FOCUS_TEST)
        printf("%s", focus->test);
    else if (focus->goal == FOCUS_LAB)
        printf("all tests of lab %s", watch->lab.json.id);
    else
        printf("%s checkpoint %d, %s", focus->test ? "the others of" : "all of",
               focus->checkpoint,
               labjson_checkpoint(&watch->lab.json, focus->checkpoint)->title);
}

/* What came before goes out of the way: off the screen, or above a line. */
static void print_head(const struct watch *watch, const char *why, bool clear)
{
    char clock[16];
    time_t now = time(NULL);
    struct tm local;
    (void)localtime_r(&now, &local);
    (void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
    if (clear && watch->terminal && !watch->options->no_clear)
        printf("\033[H\033[2J");
    printf("\n---- %s  %s: ", clock, why);
    print_goal(watch);
    printf("\n\n");
    (void)fflush(stdout);
}

static void print_waiting(const struct watch *watch)
{
    printf("\nwatching %s: a save runs ", watch->shown_dir);
    print_goal(watch);
    if (watch->has_keys)
        printf("\n  r run it now   a run all tests   h hint   q leave");
    printf("\n");
    (void)fflush(stdout);
}

/* ---- Keys -----------------------------------------------------------------
 */

/* Only the foreground may set the terminal up; anybody else would be stopped.
 */
static void take_keys(struct watch *watch)
{
    struct termios raw = watch->saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (watch->has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void give_keys_back(const struct watch *watch)
{
    if (watch->has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &watch->saved);
}

/* ---- Stages ---------------------------------------------------------------
 */

struct words {
    char *argv[MAX_WORDS];
    size_t count;
};

/* Words are borrowed; argv's type is older than const. */
static void add_word(struct words *words, const char *word)
{
    words->argv[words->count++] = (char *)word;
}

static void add_option(struct words *words, const char *name, const char *value)
{
    if (value) {
        add_word(words, name);
        add_word(words, value);
    }
}

static void add_tests(const struct watch *watch, struct words *words)
{
    size_t i;
    json_t *test;
    if (watch->focus.goal == FOCUS_LAB)
        return;
    json_array_foreach(watch->lab.tests, i, test)
    {
        if (focus_wants(&watch->focus, test) &&
            words->count + 2 < sizeof(words->argv) / sizeof(words->argv[0]))
            add_option(words, "--test", object_text(test, "id"));
    }
}

static void start_check(struct watch *watch)
{
    const struct watch_options *options = watch->options;
    struct words words = {0};
    add_word(&words, "wirelab");
    add_word(&words, "check");
    add_word(&words, watch->lab.json.id);
    add_option(&words, "--json", watch->results_path);
    add_option(&words, "--impl", options->impl);
    add_option(&words, "--world", options->world);
    add_option(&words, "--engine", options->engine);
    if (options->no_color)
        add_word(&words, "--no-color");
    add_tests(watch, &words);
    (void)unlink(watch->results_path); /* none are read from an older check */
    watch->running = ERRAND_CHECK;
    int error = stage_start(&watch->stage, &watch->loop, words.argv);
    if (error < 0)
        (void)infra_error("cannot start a check: %s", strerror(-error));
}

/* Of the checkpoint that the learner is at. */
static void start_hint(struct watch *watch)
{
    char *which =
        watch->focus.goal == FOCUS_LAB
            ? mem_strdup(watch->lab.json.id)
            : str_format("%s.%d", watch->lab.json.id, watch->focus.checkpoint);
    struct words words = {0};
    add_word(&words, "wirelab");
    add_word(&words, "hint");
    add_word(&words, which);
    watch->running = ERRAND_HINT;
    int error = stage_start(&watch->stage, &watch->loop, words.argv);
    if (error < 0)
        (void)infra_error("cannot start a hint: %s", strerror(-error));
    free(which);
}

/* Stops what runs; the end of that starts what is to follow. */
static void begin(struct watch *watch, enum errand_kind errand)
{
    watch->next = errand;
    if (watch->stage.pid)
        stage_stop(&watch->stage);
    else
        watch->stage.ended(&watch->stage, 0);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static json_t *load_results(const struct watch *watch)
{
    char error[RESULTS_ERROR_BYTES];
    if (access(watch->results_path, R_OK) != 0)
        return NULL; /* the check has said why */
    json_t *results = results_load(watch->results_path, error);
    if (results == NULL)
        (void)infra_error("%s", error);
    return results;
}

/* Progress is remembered of the learner's own programs alone. */
static json_t *load_state(const struct watch *watch)
{
    return watch->options->impl ? json_object() : state_read(watch->lab.dir);
}

static enum focus_step advance(struct watch *watch)
{
    json_t *results = load_results(watch);
    json_t *state = load_state(watch);
    enum focus_step step = focus_advance(&watch->focus, results, state);
    json_decref(results);
    json_decref(state);
    return step;
}

static void on_stage_ended(struct stage *stage, int status)
{
    struct watch *watch = stage->owner;
    enum errand_kind ended = watch->running, next = watch->next;
    watch->running = watch->next = ERRAND_NONE;
    if (watch->leaving) {
        uv_walk(&watch->loop, close_handle, NULL);
    } else if (next == ERRAND_CHECK) {
        start_check(watch);
    } else if (next == ERRAND_HINT) {
        start_hint(watch);
    } else if (ended == ERRAND_CHECK) {
        watch->status = status;
        if (advance(watch) == FOCUS_GO) {
            print_head(watch, "next", false);
            start_check(watch);
            return;
        }
        print_waiting(watch);
    } else {
        print_waiting(watch);
    }
}

static void leave(struct watch *watch)
{
    if (watch->leaving)
        return;
    watch->leaving = true;
    begin(watch, ERRAND_NONE);
}

/* ---- What happens ---------------------------------------------------------
 */

static void look(struct watch *watch, bool settled)
{
    const char *name = changes_look(&watch->changes, settled);
    if (name == NULL || watch->leaving)
        return;
    char *why = str_format("saved %s", name);
    print_head(watch, why, true);
    begin(watch, ERRAND_CHECK);
    free(why);
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
        leave(watch);
        break;
    case 'a':
        focus_whole_lab(&watch->focus);
        print_head(watch, "key a", true);
        begin(watch, ERRAND_CHECK);
        break;
    case 'r':
    case '\n':
        print_head(watch, "once more", true);
        begin(watch, ERRAND_CHECK);
        break;
    case 'h':
        printf("\n");
        (void)fflush(stdout);
        begin(watch, ERRAND_HINT);
        break;
    default:
        break;
    }
}

static void on_keys(uv_poll_t *poll, int error, int events)
{
    struct watch *watch = poll->data;
    char keys[64];
    (void)events;
    ssize_t n = error < 0 ? 0 : read(STDIN_FILENO, keys, sizeof(keys));
    if (n <= 0)
        (void)uv_poll_stop(poll);
    if (n > 0 && !watch->leaving)
        on_key(watch, keys[n - 1]); /* of many typed at once, the last */
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct watch *watch = handle->data;
    if (signal == SIGCONT) { /* the shell has had the terminal meanwhile */
        take_keys(watch);
        return;
    }
    watch->status = EXIT_INTERRUPTED;
    leave(watch);
}

/* ---- The whole ------------------------------------------------------------
 */

static void listen_to_all(struct watch *watch)
{
    static const int caught[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGCONT};
    for (size_t i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(&watch->loop, &watch->signals[i]);
        watch->signals[i].data = watch;
        (void)uv_signal_start(&watch->signals[i], on_signal, caught[i]);
    }
    (void)uv_timer_init(&watch->loop, &watch->quiet);
    (void)uv_timer_init(&watch->loop, &watch->tick);
    watch->quiet.data = watch->tick.data = watch;
    watch->told.data = watch->keys.data = watch;
    (void)uv_timer_start(&watch->tick, on_tick, TICK_MS, TICK_MS);
    if (watch->changes.fd >= 0 &&
        uv_poll_init(&watch->loop, &watch->told, watch->changes.fd) == 0)
        (void)uv_poll_start(&watch->told, UV_READABLE, on_told);
    if (watch->has_keys &&
        uv_poll_init(&watch->loop, &watch->keys, STDIN_FILENO) == 0)
        (void)uv_poll_start(&watch->keys, UV_READABLE, on_keys);
}

static void run(struct watch *watch)
{
    json_t *state = load_state(watch);
    focus_begin(&watch->focus, watch->lab.tests, state);
    json_decref(state);
    watch->terminal = isatty(STDOUT_FILENO);
    watch->has_keys =
        isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &watch->saved) == 0;
    (void)uv_loop_init(&watch->loop);
    stage_init(&watch->stage, on_stage_ended, watch);
    listen_to_all(watch);
    take_keys(watch);
    print_head(watch, "first", true);
    start_check(watch);
    (void)uv_run(&watch->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&watch->loop);
    give_keys_back(watch);
}

static int watch_lab(struct watch *watch)
{
    bool sources;
    char *dir = NULL;
    int status = lab_files(&watch->lab, watch->options->impl, &dir, &sources);
    if (status == 0)
        status = lab_suite(&watch->lab);
    int error = status ? 0 : changes_open(&watch->changes, dir, sources);
    if (error == 0 && status == 0)
        error = work_dir_make(watch->work_dir, sizeof(watch->work_dir));
    if (error < 0)
        status = infra_error("cannot watch %s: %s", dir, strerror(-error));
    if (status == 0) {
        watch->results_path = str_format("%s/results.json", watch->work_dir);
        watch->shown_dir = path_shown(dir);
        run(watch);
        status = watch->status;
        work_dir_remove(watch->work_dir);
    }
    changes_close(&watch->changes);
    free(watch->results_path);
    free(watch->shown_dir);
    free(dir);
    return status;
}

static bool parse(struct watch_options *o, int argc, char **argv, int *status)
{
    const struct command_option options[] = {
        {"--impl", OPTION_TEXT, &o->impl, "IMPL",
         "'solution', or a folder of C sources or executables", NULL},
        {"--world", OPTION_TEXT, &o->world, "WORLD", PLACE_WORLD_HELP,
         world_names},
        {"--engine", OPTION_TEXT, &o->engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--no-clear", OPTION_FLAG, &o->no_clear, NULL,
         "leaves what was printed on the screen", NULL},
        {"--no-color", OPTION_FLAG, &o->no_color, NULL, "plain text", NULL},
    };
    const struct command command = {
        .name = "watch",
        .usage = "NN [--impl IMPL] [options]",
        .summary = "Runs the first failing test again after each save, and "
                   "goes on when it passes",
        .text = "When it passes, the others of its checkpoint are run, then "
                "the next checkpoint,\nand at last all tests.  A save stops "
                "what still runs.  Keys: r runs it again,\na runs all tests, "
                "h gives a hint, q leaves.  Exit status: that of the last "
                "check.",
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
    int status;
    if (!parse(&options, argc, argv, &status))
        return status;
    struct watch watch = {.options = &options,
                          .changes = {.fd = -1, .watch = -1}};
    status = lab_open(&watch.lab, argv[1]);
    if (status == 0)
        status = watch_lab(&watch);
    lab_close(&watch.lab);
    return status;
}
