/* One implementation's tests on their way through a schedule: which attempt
 * comes next, what was decided, what a failed checkpoint blocks.  `check` has
 * one of these, a batch one for each student, all in one schedule. */
#ifndef CLI_JUDGE_H
#define CLI_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/lab.h"
#include "cli/place.h"
#include "cli/runs.h"
#include "cli/schedule.h"
#include "grade/results.h"

struct judge;

struct judge_test {
    const json_t *listed; /* as `suite --list` has it */
    const char *id;
    int checkpoint;
    size_t undecided; /* variants */
    bool queued;      /* its variants were handed to the schedule */
    bool failed;      /* a variant did */
    void *owner;      /* the caller's */
};

/* What is to be run for one variant; the caller may set more than the judge
 * did: seed, the suite's own id and variant, parameters. */
typedef void judge_compose_fn(struct judge *judge, struct judge_test *test,
                              struct job *job);

struct judge {
    /* Set by the caller; all must live as long as the judge. */
    const struct lab *lab;
    const struct place *place;
    const struct run_dir *run; /* where evidence goes */
    struct results *results;   /* made with the same list of tests */
    struct schedule *schedule;
    const json_t *listed; /* the tests */
    const char *impl_dir, *engine;
    const char *host_impl_dir; /* for tests that only the host can run; NULL:
                                  the same */
    uint64_t seed;
    const char *evidence;      /* run->path, as results.json names it: "tests/";
                                  NULL: results.json lies in it */
    judge_compose_fn *compose; /* NULL: as it is */
    /* A variant was decided. */
    void (*decided)(struct judge *judge, struct judge_test *test);
    void *owner;

    struct judge_test *tests;
    size_t test_count, finished;
    size_t open; /* attempts that the schedule has */
    bool broken; /* evidence cannot be written; one line is on stderr */
};

void judge_init(struct judge *judge);
void judge_fini(struct judge *judge);
/* Hands a test's variants to the schedule. */
void judge_queue(struct judge *judge, struct judge_test *test);

/* The results recall this test as decided: it is not run. */
void judge_recalled(struct judge *judge, struct judge_test *test);

/* For the schedule's events; the job must be a judge's. */
struct judge *judge_of(const struct job *job);
bool judge_wants(struct job *job);
void judge_done(struct job *job);

#endif
