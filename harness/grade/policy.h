/* What a course makes of the points: deadlines, penalties, overrides.
 *
 * Judging a submission says what its program does, and nothing else; what that
 * is worth when it came late is a policy's, a JSON file (policy.schema.json):
 *
 *      {"schema": 1, "lab": "08", "take": "best",
 *       "due": "2026-11-20T23:59:00+01:00",
 *       "late": {"per": "day", "percent": 10, "grace_minutes": 15,
 *                "cap_percent": 50, "closes_after_hours": 168},
 *       "late_days": {"each": 5, "at_most": 2},
 *       "extensions": [{"id": "ada", "days": 3, "reason": "ill"}],
 *       "submitted": {"eve": "2026-11-20T20:15:00+01:00"},
 *       "overrides": [{"id": "bob", "test": "08.4.reorder_no_storm",
 *                      "points": 6, "reason": "shown in the lab"},
 *                     {"id": "mal", "points": 0, "reason": "copied"}]}
 *
 * One student's points go through it in this order:
 *  1. overrides of single tests;
 *  2. being late.  Who hands in within the grace is in time; who exceeds it is
 *     late since the deadline, and each day or hour that has begun costs so
 *     many percent, up to the cap.  A late day moves the deadline by a day; as
 *     many are spent as make the penalty smallest, and no more.  What came
 *     after the closing has 0 points, late days or not;
 *  3. the override of the whole score.
 * Points stay whole: a penalty is rounded down.  A submission whose time nobody
 * knows is in time.
 *
 * Over several batches (attempts) each is treated so, and then one is taken for
 * each student: that which was handed in last, or the best. */
#ifndef GRADE_POLICY_H
#define GRADE_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POLICY_SCHEMA = 1, POLICY_ERROR_BYTES = 512 };

struct late_rules {
    bool given;
    int64_t unit_s;               /* an hour or a day; 0: nothing is taken */
    int64_t per_unit, cap;        /* thousandths of a percent */
    bool of_max;                  /* or of the points earned */
    int64_t grace_s, closes_s;    /* closes_s -1: never */
    int64_t days_each, days_here; /* late days: in all, and for this lab */
};

struct policy {
    json_t *json;
    const char *path;
    bool best, has_due;
    int64_t due_s;
    struct late_rules late;
};

/* Reads and checks a policy.  Returns 0, or a negative errno with one line in
 * `error` (POLICY_ERROR_BYTES): what is wrong, and where in the file.
 * Ownership: policy_fini releases what a success has made. */
int policy_load(struct policy *policy, const char *path, char *error);
void policy_fini(struct policy *policy);

/* Checks that whoever and whatever it names is in these batches, and that they
 * are of its lab.  Returns 0, or -EINVAL and a line, as above. */
int policy_fits(const struct policy *policy, json_t *const *batches, size_t n,
                char *error);

/* A student's extension, or NULL; and when that makes the work due. */
const json_t *policy_extension(const struct policy *policy, const char *id);
int64_t policy_due(const struct policy *policy, const char *id);

/* Says what a delay costs somebody who has `days_left` late days: out of
 * `points` of `max`.  `*days_spent` is set. */
int64_t policy_penalty(const struct late_rules *rules, int64_t points,
                       int64_t max, int64_t late_s, int64_t days_left,
                       int64_t *days_spent);
/* Says that in words, for the student; malloc'd. */
char *policy_late_reason(const struct late_rules *rules, int64_t late_s,
                         int64_t days_spent, int64_t penalty);

/* Applies it.  `batches` (at least one) hold the same lab's grades, in the
 * order in which they were collected; `spent` maps ids to late days spent for
 * other labs.  Returns the final results, the caller's. */
json_t *policy_apply(const struct policy *policy, json_t *const *batches,
                     size_t n, const json_t *spent);

#endif
