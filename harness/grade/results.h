/* Collects the verdicts of one check into results.json.
 *
 * The scheduler tells what it has run; this module knows what that means: which
 * attempt decides, which checkpoints are blocked, how many points there are.
 *
 *      struct results *results = results_new(&run, &lab, tests);
 *      while (a test is to be run) {
 *          switch (results_gate(results, checkpoint, NULL)) …
 *          if (results_add(results, id, variant, dir, verdict).again)
 *              run it again, with the same seed;
 *      }
 *      json_t *json = results_json(results, duration_ms);
 *      results_write(json, "build/runs/08/…/results.json", error);
 *
 * The format is documented by results.schema.json beside this file. */
#ifndef GRADE_RESULTS_H
#define GRADE_RESULTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "grade/labjson.h"
#include "grade/retry.h"

enum { RESULTS_SCHEMA = 1, RESULTS_ERROR_BYTES = 512 };

struct results;

/* What holds for the whole run.  All strings are copied. */
struct results_run {
    const char *version; /* of wirelab */
    const char *impl;    /* "skeleton", "solution" or a path */
    const char *world, *engine;
    const char *started; /* RFC 3339 */
    uint64_t seed;
    const char *path; /* of results.json, as the learner would type it;
                         it goes into each test's replay command */
};

/* Begins with every test undecided.  `tests` is the array "tests" of `suite
 * --list`, or those elements of it that were chosen: checkpoints of which none
 * was chosen block nothing.  Neither `lab` nor `tests` is kept. */
struct results *results_new(const struct results_run *run,
                            const struct labjson *lab, const json_t *tests);
void results_free(struct results *results);

/* Takes the verdict object of one attempt.  `variant` is "" for a test without
 * variants; `evidence_dir` is relative to where results.json will lie.  Both
 * the object and the strings are copied.  Returns what retry_next says of this
 * variant's attempts; an unknown test or variant is a programmer's error. */
struct retry results_add(struct results *results, const char *id,
                         const char *variant, const char *evidence_dir,
                         const json_t *verdict);

/* All attempts at one test, for keeping: an array of {"variant", "dir",
 * "verdict"}, oldest first.  Ownership: the caller's reference. */
json_t *results_history(const struct results *results, const char *id);
/* Adds what results_history() once told.  Returns 0 if the test is decided by
 * it in all its variants; -EBADMSG, having added nothing, if it is not. */
int results_recall(struct results *results, const char *id,
                   const json_t *history);

enum gate {
    GATE_OPEN,    /* run its tests */
    GATE_WAIT,    /* not known before more tests have ended */
    GATE_BLOCKED, /* a checkpoint it needs has earned no points */
};
/* Says whether a checkpoint's tests are worth running.  `*blocker` (may be
 * NULL) is the checkpoint that blocks or is waited for.  A needed checkpoint
 * which earned nothing through no fault of the learner (infra, skip) does not
 * block. */
enum gate results_gate(const struct results *results, int checkpoint,
                       int *blocker);

/* The whole as results.json: tests in the order of the list; those of a blocked
 * checkpoint are `blocked` whether they were run or not, so that the score does
 * not depend on the scheduler; those never decided are `infra`.
 * Ownership: the caller's reference. */
json_t *results_json(const struct results *results, int64_t duration_ms);

/* 0 all passed (or were flaky, or skipped), 1 a test failed or is blocked, 3
 * nothing failed but some test is `infra`. */
int results_status(const json_t *results_json);

/* Writes atomically: a reader sees the old file or the whole new one, and a
 * full disk leaves the old one.  Returns 0 or -errno with one line in `error`
 * (RESULTS_ERROR_BYTES). */
int results_write(const json_t *results_json, const char *path, char *error);

/* Reads a results.json.  Returns NULL with one line in `error`. */
json_t *results_load(const char *path, char *error);
/* Finds a test's entry by its id; NULL if there is none.  Borrowed. */
const json_t *results_find(const json_t *results_json, const char *id);

#endif
