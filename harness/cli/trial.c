/* Runs a lab's chosen tests once; see trial.h.
 *
 * A checkpoint that may still turn out to be blocked is not waited for: its
 * tests use what the machine has left, and are taken down when the answer is
 * no.  What they came to is shown only once their checkpoint is known to count,
 * and results.json says `blocked` in either case, so nothing that is reported
 * depends on the order in which tests happened to run. */
#include "cli/trial.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wirelab/suite.h>

#include "base/strbuf.h"
#include "cli/object.h"
#include "cli/progress.h"
#include "cli/schedule.h"

struct trial;

struct trial_test {
    const char *id;
    int checkpoint;
    size_t undecided; /* variants */
    bool failed, shown;
};

struct attempt {
    struct job job;
    struct trial_test *test;
    int number; /* from 1 */
};

struct trial {
    const struct lab *lab;
    const struct run_dir *run;
    const struct trial_options *options;
    struct results *results;
    struct schedule *schedule;
    struct progress progress;
    struct trial_test *tests;
    size_t test_count, finished;
    int told_checkpoint; /* the last whose first failure was told in full */
    bool broken;
};

/* ---- What is shown --------------------------------------------------------
 */

static void show_test(struct trial *trial, struct trial_test *test)
{
    FILE *out = trial->options->out;
    struct report_style style = trial->options->style;
    json_t *whole = results_json(trial->results, 0);
    const json_t *entry = results_find(whole, test->id);
    test->shown = true;
    progress_clear(&trial->progress);
    if (test->failed) {
        style.brief = test->checkpoint == trial->told_checkpoint;
        trial->told_checkpoint = test->checkpoint;
        report_failure(out, entry, &style);
    } else {
        report_progress(out, entry, &style);
    }
    (void)fflush(out);
    json_decref(whole);
}

static void show_decided(struct trial *trial)
{
    for (size_t i = 0; i < trial->test_count; i++) {
        struct trial_test *test = &trial->tests[i];
        bool decided = test->failed || test->undecided == 0;
        if (decided && !test->shown &&
            results_gate(trial->results, test->checkpoint, NULL) == GATE_OPEN)
            show_test(trial, test);
    }
}

static void on_tick(void *context)
{
    struct trial *trial = context;
    progress_show(&trial->progress,
                  "  %zu of %zu tests done, %zu running, "
                  "%.0f s",
                  trial->finished, trial->test_count,
                  schedule_running(trial->schedule),
                  progress_seconds(&trial->progress));
}

/* ---- What is run ----------------------------------------------------------
 */

static void free_attempt(struct attempt *attempt)
{
    json_decref(attempt->job.verdict);
    free((char *)attempt->job.out_dir);
    free(attempt);
}

/* Queues one attempt: the first ones in order, later ones before all others. */
static void add_attempt(struct trial *trial, struct trial_test *test,
                        const struct job *like, int number)
{
    struct attempt *attempt = mem_zalloc(sizeof(*attempt));
    attempt->job = *like;
    attempt->job.verdict = NULL;
    if (number > 1 && like->world == WORLD_UML)
        attempt->job.load = LOAD_ALONE; /* a guest is easily late */
    attempt->job.owner = attempt;
    attempt->test = test;
    attempt->number = number;
    attempt->job.out_dir =
        run_dir_test(trial->run, like->id, like->variant, number);
    if (attempt->job.out_dir == NULL) {
        trial->broken = true;
        free_attempt(attempt);
    } else if (number > 1) {
        schedule_add_first(trial->schedule, &attempt->job);
    } else {
        schedule_add(trial->schedule, &attempt->job);
    }
}

static bool is_blocked(struct job *job, void *context)
{
    struct trial *trial = context;
    const struct attempt *attempt = job->owner;
    return trial->broken ||
           results_gate(trial->results, attempt->test->checkpoint, NULL) ==
               GATE_BLOCKED;
}

static bool on_wanted(struct job *job, void *context)
{
    return !is_blocked(job, context);
}

static struct retry add_verdict(struct trial *trial,
                                const struct attempt *attempt)
{
    const struct job *job = &attempt->job;
    const char *dir = strrchr(job->out_dir, '/') + 1;
    return results_add(trial->results, job->id, job->variant, dir,
                       job->verdict);
}

static void decide(struct trial *trial, struct trial_test *test,
                   enum verdict verdict)
{
    test->undecided--;
    if (verdict == VERDICT_FAIL)
        test->failed = true;
    if (test->undecided == 0)
        trial->finished++;
    show_decided(trial);
    schedule_cancel(trial->schedule, is_blocked);
}

static void on_done(struct job *job, void *context)
{
    struct trial *trial = context;
    struct attempt *attempt = job->owner;
    if (job->verdict) {
        struct retry retry = add_verdict(trial, attempt);
        if (retry.again)
            add_attempt(trial, attempt->test, job, attempt->number + 1);
        else
            decide(trial, attempt->test, retry.verdict);
    }
    free_attempt(attempt);
}

/* ---- The whole ------------------------------------------------------------
 */

static void add_test(struct trial *trial, struct trial_test *test,
                     const json_t *listed)
{
    const json_t *variants = json_object_get(listed, "variants");
    size_t n = json_array_size(variants);
    *test = (struct trial_test){.id = object_text(listed, "id"),
                                .checkpoint = object_int(listed, "checkpoint"),
                                .undecided = n ? n : 1};
    struct job job = {.suite = trial->lab->dir->suite,
                      .id = test->id,
                      .variant = "",
                      .seed = trial->options->seed,
                      .engine = trial->options->engine,
                      .impl_dir = trial->lab->impl_dir,
                      .reference_dir = trial->lab->reference_dir,
                      .load = object_int(listed, "load"),
                      .time_limit_s = object_int(listed, "time_limit_s")};
    place_assign(trial->options->place, trial->lab, listed, &job);
    for (size_t i = 0; i < test->undecided; i++) {
        if (n)
            job.variant = json_string_value(json_array_get(variants, i));
        add_attempt(trial, test, &job, 1);
    }
}

/* When a test's turn is.  The first checkpoint shows whether anything works at
 * all; what lasts is mostly waiting, and goes beside the rest; an idle machine
 * is had once, at the end. */
enum turn { TURN_FIRST, TURN_LONG, TURN_REST, TURN_ALONE, TURNS };

static enum turn turn_of(const struct trial *trial, const json_t *listed)
{
    const json_t *first = json_array_get(trial->lab->tests, 0);
    if (object_int(listed, "load") >= LOAD_ALONE)
        return TURN_ALONE;
    if (object_int(listed, "checkpoint") == object_int(first, "checkpoint"))
        return TURN_FIRST;
    return object_int(listed, "lasts_s") > 0 ? TURN_LONG : TURN_REST;
}

static void add_tests(struct trial *trial, enum turn turn)
{
    for (size_t i = 0; i < trial->test_count; i++) {
        const json_t *listed = json_array_get(trial->lab->tests, i);
        if (turn_of(trial, listed) == turn)
            add_test(trial, &trial->tests[i], listed);
    }
}

int trial_run(const struct lab *lab, const struct run_dir *run,
              struct results *results, const struct trial_options *options)
{
    struct trial trial = {.lab = lab,
                          .run = run,
                          .options = options,
                          .results = results,
                          .test_count = json_array_size(lab->tests)};
    const struct schedule_events events = {.wanted = on_wanted,
                                           .done = on_done,
                                           .tick = on_tick,
                                           .context = &trial};
    trial.schedule =
        schedule_new(&events, &options->place->guests, options->jobs);
    trial.tests = mem_zalloc(trial.test_count * sizeof(*trial.tests));
    progress_init(&trial.progress, options->out);
    for (enum turn turn = TURN_FIRST; turn < TURNS; turn++)
        add_tests(&trial, turn);
    int signal = trial.broken ? 0 : schedule_run(trial.schedule);
    progress_clear(&trial.progress);
    show_decided(&trial);
    schedule_free(trial.schedule);
    free(trial.tests);
    return trial.broken ? -EIO : signal;
}
