/* A batch: many students' submissions of one lab, judged in one schedule.
 *
 *      OUT/batch.json              what was graded, by what: fixed at the start
 *      OUT/results.json            the grades; nothing in it differs between
 *                                  two runs of the same batch
 *      OUT/students/ID/submission/ what was handed in, unpacked
 *      OUT/students/ID/tests/T.json    a test that was decided: its attempts
 *      OUT/students/ID/tests/T[.V][.N]/    their evidence
 *      OUT/students/ID/results.json    as `wirelab check --json` writes it
 *
 * Each file is replaced as a whole and synced, so a batch that was killed goes
 * on where it was: a test whose file has the right key is not run again.  The
 * key is a digest of all that a verdict depends on. */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/boxed.h"
#include "cli/cli.h"
#include "cli/judge.h"
#include "cli/lab.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "grade/digest.h"
#include "grade/handin.h"
#include "grade/studentseed.h"

enum { BATCH_SCHEMA = 1, PUBLIC_SEED = 1 };

struct batch_options {
    const char *lab, *submissions, *roster, *secret, *out, *hidden;
    const char *world, *engine, *cache, *shard;
    struct seed_option seed;
    long jobs;
    bool resume, no_cache;
};

struct grading;

struct batch {
    const struct batch_options *options;
    struct lab lab;
    struct place place;
    struct roster roster;
    bool has_roster;
    struct handins handins;
    struct secret secret;
    bool has_secret;
    json_t *listed; /* the lab's tests, and the hidden ones */
    json_t *about;  /* what batch.json holds */
    char *out;      /* absolute */
    char *cache;    /* absolute; NULL: none */
    char *programs; /* where they are built */
    int lock_fd;
    bool host_too; /* some tests need the host, and programs built for it */
    unsigned shard, shards; /* from 1; 0 of 0: all */

    struct grading *gradings;
    size_t count, next, active, done, unjudged;
    struct schedule *schedule;
    struct progress progress;
    bool broken; /* something could not be written; one line is on stderr */
};

/* One student's. */
struct grading {
    struct batch *batch;
    const struct handin *handin;
    char *dir;    /* OUT/students/ID */
    char *source; /* the submission in it */
    json_t *problems;
    bool refused; /* there is nothing to judge */
    char digest[DIGEST_BYTES];
    uint64_t seed;
    char *programs, *host_programs;
    char *build_error; /* NULL: it builds, or was not built */
    char *infra;       /* why it could not be built, by our own fault */
    struct job build;
    struct workshop workshop;
    int builds; /* that were started */
    struct run_dir tests_dir;
    struct results *results;
    struct judge judge;
    json_t *entry; /* in OUT/results.json; made when it is over */
};

/* ---- batchrun.c -----------------------------------------------------------
 */
/* Judges everybody.  Returns 0, or the signal that interrupted it. */
int batch_run(struct batch *batch);

/* ---- batchstore.c ---------------------------------------------------------
 */
/* Makes OUT, or goes on with what is in it, and locks it.  Returns 0 or an exit
 * status after one line on stderr. */
int batch_store_open(struct batch *batch);
void batch_store_close(struct batch *batch);
/* Writes one JSON file, or marks the batch as broken. */
void batch_write(struct batch *batch, const char *path, const json_t *json);
/* Looks for the test's attempts, here and in the cache; NULL: it is to be run.
 * Ownership: the caller's reference. */
json_t *batch_recall(const struct grading *grading, const json_t *listed);
/* Keeps them. */
void batch_keep(const struct grading *grading, const json_t *listed,
                const json_t *history);
/* Removes evidence that no kept file speaks of. */
void batch_drop_evidence(const struct grading *grading, const char *id);

/* ---- batchabout.c ---------------------------------------------------------
 */
/* Fills batch->about.  Returns 0 or an exit status after one line on stderr. */
int batch_describe(struct batch *batch);
/* The first member that must agree and does not; NULL if all do. */
const char *batch_difference(const json_t *a, const json_t *b);

/* ---- batchresults.c -------------------------------------------------------
 */
/* The student's entry in OUT/results.json. */
json_t *grading_entry(const struct grading *grading, const json_t *whole);
/* OUT/results.json; `students` is sorted by id. */
json_t *batch_results(const json_t *about, json_t *students);

#endif
