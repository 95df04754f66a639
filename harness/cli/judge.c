/* One implementation's tests on their way through a schedule; see judge.h. */
#include "cli/judge.h"

#include <stdlib.h>
#include <string.h>
#include <wirelab/suite.h>

#include "base/strbuf.h"
#include "base/object.h"
#include "grade/blame.h"

/* So many attempts are made beside other tests. */
enum { VOID_BESIDE = 2 };

struct attempt {
    struct job job;
    struct judge *judge;
    struct judge_test *test;
    char *variant; /* as results know it */
    int number;    /* from 1 */
};

static void free_attempt(struct attempt *attempt)
{
    json_decref(attempt->job.verdict);
    free((char *)attempt->job.out_dir);
    free(attempt->variant);
    free(attempt);
}

/* Also if the program was found to be to blame for it: so it must be twice. */
static bool was_void(const json_t *verdict)
{
    return strcmp(object_text(verdict, "verdict"),
                  verdict_name(VERDICT_INFRA)) == 0 ||
           json_object_get(verdict, "excused") != NULL;
}

/* Queues one attempt: the first ones in order, later ones before all others. */
static void add_attempt(struct judge *judge, struct judge_test *test,
                        const struct job *like, const char *variant, int number)
{
    struct attempt *attempt = mem_zalloc(sizeof(*attempt));
    attempt->job = *like;
    attempt->job.verdict = NULL;
    if ((number > 1 && like->world == WORLD_UML) || number > VOID_BESIDE) {
        attempt->job.load = LOAD_ALONE;
        attempt->job.calm =
            like->world != WORLD_VIRTUAL && was_void(like->verdict);
    }
    attempt->job.owner = attempt;
    attempt->judge = judge;
    attempt->test = test;
    attempt->variant = mem_strdup(variant);
    attempt->number = number;
    attempt->job.out_dir = run_dir_test(judge->run, test->id, variant, number);
    if (attempt->job.out_dir == NULL) {
        judge->broken = true;
        free_attempt(attempt);
        return;
    }
    judge->open++;
    if (number > 1)
        schedule_add_first(judge->schedule, &attempt->job);
    else
        schedule_add(judge->schedule, &attempt->job);
}

static bool is_blocked(const struct attempt *attempt)
{
    return attempt->judge->broken ||
           results_gate(attempt->judge->results, attempt->test->checkpoint,
                        NULL) == GATE_BLOCKED;
}

static bool is_condemned(struct job *job, void *context)
{
    (void)context;
    return job->work == NULL && is_blocked(job->owner);
}

struct judge *judge_of(const struct job *job)
{
    const struct attempt *attempt = job->owner;
    return attempt->judge;
}

bool judge_wants(struct job *job)
{
    return !is_blocked(job->owner);
}

static void decide(struct judge *judge, struct judge_test *test,
                   enum verdict verdict)
{
    test->undecided--;
    if (verdict == VERDICT_FAIL)
        test->failed = true;
    if (test->undecided == 0)
        judge->finished++;
    judge->decided(judge, test);
    schedule_cancel(judge->schedule, is_condemned);
}

void judge_done(struct job *job)
{
    struct attempt *attempt = job->owner;
    struct judge *judge = attempt->judge;
    judge->open--;
    if (job->verdict) {
        char *dir = str_format("%s%s", judge->evidence ? judge->evidence : "",
                               strrchr(job->out_dir, '/') + 1);
        if (job->world == WORLD_HOST ? job->found_calm
                                     : job->world == WORLD_VIRTUAL)
            (void)blame_program(job->verdict);
        struct retry retry = results_add(judge->results, attempt->test->id,
                                         attempt->variant, dir, job->verdict);
        free(dir);
        /* With this one chance would spare the program again. */
        if (json_is_true(json_object_get(job->verdict, "other_seed")))
            job->seed++;
        if (retry.again)
            add_attempt(judge, attempt->test, job, attempt->variant,
                        attempt->number + 1);
        else
            decide(judge, attempt->test, retry.verdict);
    }
    free_attempt(attempt);
}

void judge_queue(struct judge *judge, struct judge_test *test)
{
    const json_t *variants = json_object_get(test->listed, "variants");
    size_t n = json_array_size(variants);
    struct job job = {.suite = judge->lab->dir->suite,
                      .id = test->id,
                      .variant = "",
                      .seed = judge->seed,
                      .engine = judge->engine,
                      .impl_dir = judge->impl_dir,
                      .reference_dir = judge->lab->reference_dir,
                      .load = object_int(test->listed, "load"),
                      .time_limit_s = object_int(test->listed, "time_limit_s")};
    place_assign(judge->place, judge->lab, test->listed, &job);
    if (job.world != judge->place->world && judge->host_impl_dir)
        job.impl_dir = judge->host_impl_dir;
    test->queued = true;
    for (size_t i = 0; i < (n ? n : 1); i++) {
        struct job one = job;
        if (n)
            one.variant = json_string_value(json_array_get(variants, i));
        const char *variant = one.variant;
        if (judge->compose)
            judge->compose(judge, test, &one);
        add_attempt(judge, test, &one, variant, 1);
    }
}

void judge_recalled(struct judge *judge, struct judge_test *test)
{
    test->undecided = 0;
    test->queued = true;
    judge->finished++;
}

static void init_test(struct judge_test *test, const json_t *listed)
{
    size_t n = json_array_size(json_object_get(listed, "variants"));
    *test = (struct judge_test){.listed = listed,
                                .id = object_text(listed, "id"),
                                .checkpoint = object_int(listed, "checkpoint"),
                                .undecided = n ? n : 1};
}

void judge_init(struct judge *judge)
{
    judge->test_count = json_array_size(judge->listed);
    judge->tests = mem_zalloc((judge->test_count + 1) * sizeof(*judge->tests));
    for (size_t i = 0; i < judge->test_count; i++)
        init_test(&judge->tests[i], json_array_get(judge->listed, i));
}

void judge_fini(struct judge *judge)
{
    free(judge->tests);
    judge->tests = NULL;
}
