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
#include "cli/judge.h"
#include "base/object.h"
#include "cli/progress.h"
#include "cli/schedule.h"

struct trial {
    const struct trial_options *options;
    struct judge judge;
    struct progress progress;
    bool *shown;         /* by test */
    int told_checkpoint; /* the last whose first failure was told in full */
};

/* ---- What is shown --------------------------------------------------------
 */

static void show_test(struct trial *trial, const struct judge_test *test)
{
    FILE *out = trial->options->out;
    struct report_style style = trial->options->style;
    json_t *whole = results_json(trial->judge.results, 0);
    const json_t *entry = results_find(whole, test->id);
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
    for (size_t i = 0; i < trial->judge.test_count; i++) {
        const struct judge_test *test = &trial->judge.tests[i];
        bool decided = test->failed || test->undecided == 0;
        if (decided && !trial->shown[i] &&
            results_gate(trial->judge.results, test->checkpoint, NULL) ==
                GATE_OPEN) {
            trial->shown[i] = true;
            show_test(trial, test);
        }
    }
}

static void on_decided(struct judge *judge, struct judge_test *test)
{
    (void)test;
    show_decided(judge->owner);
}

static void on_tick(void *context)
{
    struct trial *trial = context;
    progress_show(&trial->progress,
                  "  %zu of %zu tests done, %zu running, %.0f s%s",
                  trial->judge.finished, trial->judge.test_count,
                  schedule_running(trial->judge.schedule),
                  progress_seconds(&trial->progress),
                  schedule_waits(trial->judge.schedule) ? PROGRESS_WAITS : "");
}

static bool on_wanted(struct job *job, void *context)
{
    (void)context;
    return judge_wants(job);
}

static void on_done(struct job *job, void *context)
{
    (void)context;
    judge_done(job);
}

/* ---- The whole ------------------------------------------------------------
 */

/* When a test's turn is.  The first checkpoint shows whether anything works at
 * all; what lasts is mostly waiting, and goes beside the rest; an idle machine
 * is had once, at the end. */
enum turn { TURN_FIRST, TURN_LONG, TURN_REST, TURN_ALONE, TURNS };

static enum turn turn_of(const struct trial *trial, const json_t *listed)
{
    const json_t *first = trial->judge.tests[0].listed;
    if (object_int(listed, "load") >= LOAD_ALONE)
        return TURN_ALONE;
    if (object_int(listed, "checkpoint") == object_int(first, "checkpoint"))
        return TURN_FIRST;
    return object_int(listed, "lasts_s") > 0 ? TURN_LONG : TURN_REST;
}

static void queue_tests(struct trial *trial, enum turn turn)
{
    for (size_t i = 0; i < trial->judge.test_count; i++) {
        struct judge_test *test = &trial->judge.tests[i];
        if (turn_of(trial, test->listed) == turn)
            judge_queue(&trial->judge, test);
    }
}

int trial_run(const struct lab *lab, const struct run_dir *run,
              struct results *results, const struct trial_options *options)
{
    struct trial trial = {.options = options};
    const struct schedule_events events = {.wanted = on_wanted,
                                           .done = on_done,
                                           .tick = on_tick,
                                           .context = &trial};
    struct schedule *schedule =
        schedule_new(&events, &options->place->guests, options->jobs);
    trial.judge = (struct judge){.lab = lab,
                                 .place = options->place,
                                 .run = run,
                                 .results = results,
                                 .schedule = schedule,
                                 .listed = lab->tests,
                                 .impl_dir = lab->impl_dir,
                                 .engine = options->engine,
                                 .seed = options->seed,
                                 .decided = on_decided,
                                 .owner = &trial};
    judge_init(&trial.judge);
    trial.shown = mem_zalloc(trial.judge.test_count * sizeof(*trial.shown));
    progress_init(&trial.progress, options->out);
    for (enum turn turn = TURN_FIRST; turn < TURNS; turn++)
        queue_tests(&trial, turn);
    int signal = trial.judge.broken ? 0 : schedule_run(schedule);
    progress_clear(&trial.progress);
    show_decided(&trial);
    schedule_free(schedule);
    bool broken = trial.judge.broken;
    judge_fini(&trial.judge);
    free(trial.shown);
    return broken ? -EIO : signal;
}
