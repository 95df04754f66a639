/* What `watch` runs; see round.h. */
#include "cli/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/object.h"
#include "cli/state.h"
#include "grade/results.h"
#include "topo/topo.h"

enum { MAX_WORDS = 32 + 2 * CLI_MAX_LIST };

/* ---- Starting -------------------------------------------------------------
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
    if (value == NULL || *value == '\0')
        return;
    add_word(words, name);
    add_word(words, value);
}

static void add_tests(const struct round *round, struct words *words)
{
    size_t i, n = 0;
    json_t *test;
    if (round->focus.goal == FOCUS_LAB)
        return;
    json_array_foreach(round->lab->tests, i, test)
    {
        if (focus_wants(&round->focus, test) && n++ < CLI_MAX_LIST)
            add_option(words, "--test", object_text(test, "id"));
    }
}

static void start(struct round *round, enum round_kind kind,
                  struct words *words)
{
    round->runs = kind;
    (void)fflush(stdout);
    int error = stage_start(&round->stage, round->loop, words->argv);
    if (error < 0) {
        (void)infra_error("cannot start another wirelab: %s", strerror(-error));
        round->runs = ROUND_NONE;
        round->events->rests(round);
    }
}

static void start_check(struct round *round)
{
    const struct round_options *options = round->options;
    struct words words = {0};
    add_word(&words, "wirelab");
    add_word(&words, "check");
    add_word(&words, round->lab->json.id);
    add_word(&words, "--terse");
    add_option(&words, "--json", round->results_path);
    add_option(&words, "--seed", round->seed);
    add_option(&words, "--impl", options->impl);
    add_option(&words, "--world", options->world);
    add_option(&words, "--engine", options->engine);
    if (options->no_color)
        add_word(&words, "--no-color");
    add_tests(round, &words);
    (void)unlink(round->results_path); /* none are read from an older check */
    start(round, ROUND_CHECK, &words);
}

/* Of the checkpoint that the learner is at. */
static void start_hint(struct round *round)
{
    const char *id = round->lab->json.id;
    char *which = round->focus.goal == FOCUS_LAB
                      ? mem_strdup(id)
                      : str_format("%s.%d", id, round->focus.checkpoint);
    struct words words = {0};
    add_word(&words, "wirelab");
    add_word(&words, "hint");
    add_word(&words, which);
    start(round, ROUND_HINT, &words);
    free(which);
}

/* ---- Ending ---------------------------------------------------------------
 */

static json_t *load_results(const struct round *round)
{
    char error[RESULTS_ERROR_BYTES];
    if (access(round->results_path, R_OK) != 0)
        return NULL; /* the check has said why */
    json_t *results = results_load(round->results_path, error);
    if (results == NULL)
        (void)infra_error("%s", error);
    return results;
}

/* Progress is remembered of the learner's own programs alone. */
static json_t *load_state(const struct round *round)
{
    return round->options->impl ? json_object() : state_read(round->lab->dir);
}

static enum focus_step advance(struct round *round)
{
    json_t *results = load_results(round);
    json_t *state = load_state(round);
    enum focus_step step = focus_advance(&round->focus, results, state);
    bool failed = step == FOCUS_STAY && round->status == EXIT_FAILED;
    (void)snprintf(round->seed, sizeof(round->seed), "%s",
                   failed ? object_text(results, "seed") : "");
    json_decref(results);
    json_decref(state);
    return step;
}

static void on_check_ended(struct round *round, int status)
{
    round->status = status;
    enum focus_step step = advance(round);
    round->done = step == FOCUS_DONE;
    if (step == FOCUS_GO) {
        round->events->goes_on(round);
        start_check(round);
    } else {
        round->events->rests(round);
    }
}

static void on_ended(struct stage *stage, int status)
{
    struct round *round = stage->owner;
    enum round_kind ended = round->runs, next = round->next;
    bool stopped = stage->stopping;
    round->runs = round->next = ROUND_NONE;
    if (next == ROUND_CHECK)
        start_check(round);
    else if (next == ROUND_HINT)
        start_hint(round);
    else if (ended == ROUND_CHECK && !stopped)
        on_check_ended(round, status);
    else
        round->events->rests(round);
}

/* ---- The whole ------------------------------------------------------------
 */

int round_init(struct round *round)
{
    stage_init(&round->stage, on_ended, round);
    json_t *state = load_state(round);
    focus_begin(&round->focus, round->lab->tests, state);
    json_decref(state);
    int error = work_dir_make(round->work_dir, sizeof(round->work_dir));
    if (error < 0)
        return error;
    round->results_path = str_format("%s/results.json", round->work_dir);
    return 0;
}

void round_fini(struct round *round)
{
    if (round->results_path)
        work_dir_remove(round->work_dir);
    free(round->results_path);
    round->results_path = NULL;
}

void round_begin(struct round *round, enum round_kind kind)
{
    round->next = kind;
    if (round->stage.pid)
        stage_stop(&round->stage);
    else
        on_ended(&round->stage, 0);
}

char *round_goal(const struct round *round)
{
    const struct focus *focus = &round->focus;
    if (focus->goal == FOCUS_TEST)
        return mem_strdup(focus->test);
    if (focus->goal == FOCUS_LAB)
        return str_format("all tests of lab %s", round->lab->json.id);
    return str_format(
        "%s checkpoint %d, %s", focus->test ? "the others of" : "all of",
        focus->checkpoint,
        labjson_checkpoint(&round->lab->json, focus->checkpoint)->title);
}
