/* Judges everybody in one schedule.
 *
 * Only so many students are under way at once that the machine is kept busy:
 * each is built, then tested.  A test waits until the checkpoints that it
 * builds on are known to have earned something, for there is always somebody
 * else's to be run meanwhile; so a batch, unlike a check, runs nothing in vain.
 * What an earlier run of the batch has decided is recalled, and a student of
 * whom all is recalled is not even built. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wirelab/suite.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/batch.h"
#include "cli/gradebuild.h"
#include "cli/hidden.h"
#include "base/object.h"
#include "cli/seed.h"
#include "cli/version.h"

enum { STUDENTS_PER_CORE = 4 };

/* ---- One student ends -----------------------------------------------------
 */

static void tell(struct batch *batch, const struct grading *grading)
{
    const json_t *score = json_object_get(grading->entry, "score");
    const json_t *build = json_object_get(grading->entry, "build");
    size_t n = json_array_size(grading->problems);
    const char *note = json_is_true(json_object_get(build, "ok"))
                           ? json_string_value(json_array_get(grading->problems,
                                                              n ? n - 1 : 0))
                           : object_text(build, "message");
    progress_clear(&batch->progress);
    if (grading->refused && n > 0)
        note = json_string_value(json_array_get(grading->problems, n - 1));
    printf("  %-24s %3d of %d%s%s\n", grading->handin->id,
           object_int(score, "points"), object_int(score, "max"),
           note ? "  " : "", note ? note : "");
    (void)fflush(stdout);
}

static void write_results(struct grading *grading, json_t *whole)
{
    char *path = str_format("%s/results.json", grading->dir);
    (void)json_object_set_new(whole, "directory", json_string(grading->dir));
    (void)json_object_set_new(whole, "student",
                              json_string(grading->handin->id));
    batch_write(grading->batch, path, whole);
    free(path);
}

static void count_unjudged(struct grading *grading)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(grading->entry, "tests"), i, test)
    {
        if (strcmp(object_text(test, "verdict"), "infra") == 0)
            grading->batch->unjudged++;
    }
}

static void end_student(struct grading *grading)
{
    struct batch *batch = grading->batch;
    json_t *whole = grading->results ? results_json(grading->results, 0) : NULL;
    if (grading->infra || grading->build_error || grading->refused) {
        json_decref(whole);
        whole = NULL;
    }
    grading->entry = grading_entry(grading, whole);
    if (whole)
        write_results(grading, whole);
    json_decref(whole);
    judge_fini(&grading->judge);
    results_free(grading->results);
    grading->results = NULL;
    if (grading->programs)
        (void)tree_remove(grading->programs);
    if (grading->host_programs)
        (void)tree_remove(grading->host_programs);
    count_unjudged(grading);
    batch->active--;
    batch->done++;
    if (!batch->broken)
        tell(batch, grading);
}

/* ---- Testing --------------------------------------------------------------
 */

/* Queues what has become worth running.  Ends the student if nothing is left.
 */
static void go_on(struct grading *grading)
{
    struct judge *judge = &grading->judge;
    bool waiting = false;
    for (size_t i = 0; i < judge->test_count; i++) {
        struct judge_test *test = &judge->tests[i];
        if (test->queued)
            continue;
        enum gate gate = results_gate(judge->results, test->checkpoint, NULL);
        waiting |= gate == GATE_WAIT;
        if (gate == GATE_OPEN) {
            batch_drop_evidence(grading, test->id);
            judge_queue(judge, test);
        }
    }
    if (judge->broken)
        grading->batch->broken = true;
    if (judge->open == 0 && !waiting && grading->entry == NULL)
        end_student(grading);
}

/* What is ours (infra) or the machine's (skip) is tried again by the next run.
 */
static bool is_final(const struct judge *judge, const char *id)
{
    json_t *whole = results_json(judge->results, 0);
    const char *verdict = object_text(results_find(whole, id), "verdict");
    bool final = strcmp(verdict, "pass") == 0 || strcmp(verdict, "fail") == 0 ||
                 strcmp(verdict, "flaky") == 0;
    json_decref(whole);
    return final;
}

/* Captures of what went well fill a disk, and nobody looks at them. */
static void drop_passed(const struct grading *grading, json_t *history)
{
    size_t i;
    json_t *run;
    json_array_foreach(history, i, run)
    {
        const char *verdict =
            object_text(json_object_get(run, "verdict"), "verdict");
        const char *dir = json_string_value(json_object_get(run, "dir"));
        if (strcmp(verdict, "pass") != 0 || dir == NULL)
            continue;
        char *path = str_format("%s/%s", grading->dir, dir);
        (void)tree_remove(path); /* what stays is only room */
        free(path);
    }
}

static void on_decided(struct judge *judge, struct judge_test *test)
{
    struct grading *grading = judge->owner;
    if (test->undecided > 0 || !is_final(judge, test->id))
        return;
    json_t *history = results_history(judge->results, test->id);
    batch_keep(grading, test->listed, history);
    drop_passed(grading, history);
    json_decref(history);
}

static void compose(struct judge *judge, struct judge_test *test,
                    struct job *job)
{
    const struct grading *grading = judge->owner;
    if (!hidden_is(test->listed))
        return;
    const char *number = job->variant;
    hidden_compose(test->listed, (size_t)atoi(number) - 1, job);
    const char *const parts[] = {judge->lab->json.id, grading->handin->id,
                                 test->id, number, NULL};
    job->seed = secret_seed(&grading->batch->secret, parts);
}

static struct results *begin_results(const struct grading *grading)
{
    const struct batch *batch = grading->batch;
    char *path = str_format("%s/results.json", grading->dir);
    char *shown = path_shown(path);
    const struct results_run about = {.version = WIRELAB_VERSION,
                                      .impl = grading->source,
                                      .world = world_names[batch->place.world],
                                      .engine = batch->options->engine,
                                      .started =
                                          object_text(batch->about, "started"),
                                      .seed = grading->seed,
                                      .path = shown};
    struct results *results =
        results_new(&about, &batch->lab.json, batch->listed);
    free(path);
    free(shown);
    return results;
}

static void begin_judging(struct grading *grading)
{
    struct batch *batch = grading->batch;
    grading->judge = (struct judge){.lab = &batch->lab,
                                    .place = &batch->place,
                                    .run = &grading->tests_dir,
                                    .results = grading->results,
                                    .schedule = batch->schedule,
                                    .listed = batch->listed,
                                    .engine = batch->options->engine,
                                    .seed = grading->seed,
                                    .compose = compose,
                                    .evidence = "tests/",
                                    .decided = on_decided,
                                    .owner = grading};
    judge_init(&grading->judge);
}

/* Returns whether anything is left to be run. */
static bool recall(struct grading *grading)
{
    struct judge *judge = &grading->judge;
    bool left = false;
    for (size_t i = 0; i < judge->test_count; i++) {
        struct judge_test *test = &judge->tests[i];
        json_t *history = batch_recall(grading, test->listed);
        if (history && results_recall(judge->results, test->id, history) == 0)
            judge_recalled(judge, test);
        json_decref(history);
    }
    for (size_t i = 0; i < judge->test_count; i++) {
        const struct judge_test *test = &judge->tests[i];
        left |= !test->queued && results_gate(judge->results, test->checkpoint,
                                              NULL) != GATE_BLOCKED;
    }
    return left;
}

/* ---- Building -------------------------------------------------------------
 */

static void queue_build(struct grading *grading);

static int start_build(struct job *job)
{
    struct grading *grading = job->owner;
    const struct batch *batch = grading->batch;
    bool host = grading->builds++ > 0;
    return submission_build(&grading->workshop, &batch->lab, grading->source,
                            host ? grading->host_programs : grading->programs,
                            host ? "san" : place_flavour(&batch->place));
}

/* Builds for the host, too, if some tests want that. */
static void on_built(struct grading *grading)
{
    const struct batch *batch = grading->batch;
    char *error = NULL;
    int status = submission_built(&grading->workshop, &error);
    if (status == EXIT_FAILED)
        grading->build_error = error;
    else if (status)
        grading->infra = error;
    if (status)
        end_student(grading);
    else if (batch->host_too && grading->builds == 1)
        queue_build(grading);
    else
        go_on(grading);
}

static void queue_build(struct grading *grading)
{
    grading->build = (struct job){
        .load = LOAD_MEDIUM, .work = start_build, .owner = grading};
    schedule_add(grading->batch->schedule, &grading->build);
}

/* ---- All of them ----------------------------------------------------------
 */

static void start_student(struct grading *grading)
{
    grading->batch->active++;
    if (grading->refused) {
        end_student(grading);
        return;
    }
    grading->results = begin_results(grading);
    begin_judging(grading);
    if (!recall(grading)) {
        go_on(grading);
        return;
    }
    size_t number = (size_t)(grading - grading->batch->gradings);
    const char *dir = grading->batch->programs;
    grading->programs = str_format("%s/%zu", dir, number);
    grading->host_programs = str_format("%s/%zu-host", dir, number);
    grading->judge.impl_dir = grading->programs;
    if (grading->batch->host_too)
        grading->judge.host_impl_dir = grading->host_programs;
    queue_build(grading);
}

static void admit(struct batch *batch)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = STUDENTS_PER_CORE * (size_t)(cores > 0 ? cores : 1);
    while (!batch->broken && batch->active < most && batch->next < batch->count)
        start_student(&batch->gradings[batch->next++]);
}

static bool any_job(struct job *job, void *context)
{
    (void)job;
    (void)context;
    return true;
}

static void on_done(struct job *job, void *context)
{
    struct batch *batch = context;
    if (job->work) {
        if (!batch->broken)
            on_built(job->owner);
    } else {
        struct judge *judge = judge_of(job);
        judge_done(job);
        if (!batch->broken)
            go_on(judge->owner);
    }
    admit(batch);
    if (batch->broken)
        schedule_cancel(batch->schedule, any_job);
}

static bool on_wanted(struct job *job, void *context)
{
    const struct batch *batch = context;
    return !batch->broken && (job->work || judge_wants(job));
}

static void on_tick(void *context)
{
    struct batch *batch = context;
    double seconds = progress_seconds(&batch->progress);
    double left = batch->done ? seconds * (double)(batch->count - batch->done) /
                                    (double)batch->done
                              : 0;
    progress_show(&batch->progress,
                  "  %zu of %zu students, %zu tests running, %.0f s, about "
                  "%.0f s to go%s",
                  batch->done, batch->count, schedule_running(batch->schedule),
                  seconds, left,
                  schedule_waits(batch->schedule) ? PROGRESS_WAITS : "");
}

int batch_run(struct batch *batch)
{
    const struct schedule_events events = {.wanted = on_wanted,
                                           .done = on_done,
                                           .tick = on_tick,
                                           .context = batch};
    batch->schedule =
        schedule_new(&events, &batch->place.guests, batch->options->jobs);
    progress_init(&batch->progress, stdout);
    admit(batch);
    int signal = schedule_run(batch->schedule);
    progress_clear(&batch->progress);
    schedule_free(batch->schedule);
    return signal;
}
