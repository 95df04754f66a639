/* What results.c collects and entry.c turns into JSON. */
#ifndef GRADE_TALLY_H
#define GRADE_TALLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "grade/results.h"

struct attempt {
    json_t *verdict;    /* the object the suite wrote */
    char *evidence_dir; /* relative to results.json */
};

/* One variant of a test with its attempts; "" is a test without variants. */
struct variant {
    char *name;
    struct attempt attempts[RETRY_MAX_ATTEMPTS];
    enum verdict history[RETRY_MAX_ATTEMPTS];
    size_t attempt_count;
};

struct tested {
    char *id;
    int checkpoint, points;
    json_t *listed; /* its element of `suite --list` */
    struct variant *variants;
    size_t variant_count;
};

/* What is known of a test by now. */
struct outcome {
    bool decided;
    enum verdict verdict;
    const struct variant *teller; /* the variant that decided */
};

/* A test passes if every variant does: the worst of them is its verdict, and
 * one that failed decides at once. */
struct outcome tested_outcome(const struct tested *test);
/* The attempt worth telling of: the newest that ended as the variant did; of a
 * flaky one the newest that failed.  NULL if there was none. */
const struct attempt *variant_attempt(const struct variant *variant);

/* A test's entry in results.json.  `blocker` is the checkpoint that blocks it,
 * or 0; `path` is that of results.json, or NULL. */
json_t *tested_json(const struct tested *test, int blocker, const char *path);

/* Orders verdicts: of two that must both hold, which is told. */
enum verdict verdict_worst(enum verdict a, enum verdict b);

#endif
