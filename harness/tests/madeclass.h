/* Made-up classes for the tests of their page: grades as a batch would leave
 * them, from nothing but hashes, so that the same ones come out everywhere.
 *
 *      json_t *grades = class_new();
 *      json_t *student = class_student(grades, "s001", "Ada");
 *      class_test(student, "08.1.first", 5, "fail", "it did not");
 *      class_end(student);                     their sum
 *
 *      class_made(students, tests)             a whole one */
#ifndef TESTS_MADECLASS_H
#define TESTS_MADECLASS_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"

#define CLASS_DIGEST                                                           \
    "sha256:"                                                                  \
    "0000000000000000000000000000000000000000000000000000000000000000"

static inline json_t *class_new(void)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:n, s:[]}",
                     "schema", 1, "kind", "batch", "wirelab", "0.1.0", "lab",
                     "08", "title", "From fire-and-forget to reliable delivery",
                     "max", 100, "lab_digest", CLASS_DIGEST, "harness_digest",
                     CLASS_DIGEST, "world", "host", "shard", "students");
}

static inline json_t *class_student(json_t *grades, const char *id,
                                    const char *name)
{
    json_t *student = json_pack(
        "{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:[]}, s:{s:b, s:s}, s:s,"
        " s:{s:i, s:i, s:i}, s:[]}",
        "id", id, "name", name, "email", "", "submission", "digest",
        CLASS_DIGEST, "file", "submission.zip", "submitted",
        "2026-11-20T10:15:02Z", "problems", "build", "ok", 1, "message", "",
        "seed", "7", "score", "points", 0, "max", 0, "judged", 0, "tests");
    (void)json_array_append_new(json_object_get(grades, "students"), student);
    return student;
}

/* Like a submission that was not built: "broken", "nothing" or "infra". */
static inline void class_unbuilt(json_t *student, const char *state,
                                 const char *message)
{
    json_t *build = json_object_get(student, "build");
    json_t *submission = json_object_get(student, "submission");
    (void)json_object_set_new(build, "ok", json_false());
    (void)json_object_set_new(build, "message", json_string(message));
    if (strcmp(state, "nothing") == 0) {
        (void)json_object_set_new(submission, "digest", json_null());
        (void)json_object_set_new(submission, "submitted", json_null());
    }
}

static inline json_t *class_test(json_t *student, const char *id, int max,
                                 const char *verdict, const char *message)
{
    int checkpoint = 1,
        good = strcmp(verdict, "pass") == 0 || strcmp(verdict, "flaky") == 0;
    (void)sscanf(id, "%*2s.%d", &checkpoint);
    json_t *test = json_pack(
        "{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:b, s:i}", "id", id, "title",
        id + 3, "checkpoint", checkpoint, "points", good ? max : 0, "max", max,
        "verdict", verdict, "message", message, "hidden", 0, "attempts", 1);
    (void)json_array_append_new(json_object_get(student, "tests"), test);
    return test;
}

static inline void class_end(json_t *student)
{
    int points = 0, max = 0, judged = 0;
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(student, "tests"), i, test)
    {
        int worth = (int)json_integer_value(json_object_get(test, "max"));
        const char *verdict =
            json_string_value(json_object_get(test, "verdict"));
        points += (int)json_integer_value(json_object_get(test, "points"));
        max += worth;
        judged += strcmp(verdict, "infra") != 0 && strcmp(verdict, "skip") != 0
                      ? worth
                      : 0;
    }
    json_t *score = json_object_get(student, "score");
    (void)json_object_set_new(score, "points", json_integer(points));
    (void)json_object_set_new(score, "max", json_integer(max));
    (void)json_object_set_new(score, "judged", json_integer(judged));
}

/* ---- A whole class --------------------------------------------------------
 */

enum { CLASS_CHECKPOINTS = 5, CLASS_HARDEST = 4 };

static inline double class_chance(uint64_t student, uint64_t test,
                                  uint64_t kind)
{
    const uint64_t words[] = {student, test, kind};
    return hash_unit(hash_words(words, 3));
}

/* Of one test: most fail the hardest, some each third one. */
static inline const char *class_verdict(size_t student, size_t test)
{
    double chance = class_chance(student, test, 1);
    double failing = test == CLASS_HARDEST ? 0.7 : test % 3 == 1 ? 0.2 : 0.02;
    if (chance < failing)
        return "fail";
    if (chance > 0.995)
        return "infra";
    return chance > 0.985 ? "flaky" : "pass";
}

static inline void class_tests(json_t *student, size_t index, size_t tests,
                               const char *all)
{
    static const char *const names[] = {"one_segment", "window_slides",
                                        "reorder_no_storm", "timer_backs_off",
                                        "close_is_clean"};
    size_t reach = (size_t)(1 + 9 * class_chance(index, 0, 2));
    for (size_t i = 0; i < tests; i++) {
        size_t checkpoint = 1 + i * CLASS_CHECKPOINTS / tests;
        const char *verdict = all                  ? all
                              : checkpoint > reach ? "blocked"
                                                   : class_verdict(index, i);
        const char *told = strcmp(verdict, "fail") != 0 ? ""
                           : class_chance(index, i, 3) < 0.7
                               ? "attempt N came TIME after the one before"
                               : "N bytes differ from what was sent";
        char *id = str_format("08.%zu.%s_%zu", checkpoint, names[i % 5], i);
        (void)class_test(student, id, 2, verdict,
                         strcmp(verdict, "blocked") == 0
                             ? "checkpoint 1 has no points yet"
                             : told);
        free(id);
    }
}

static inline json_t *class_made(size_t students, size_t tests)
{
    static const char *const names[] = {"Ada", "Ben", "Chloé", "Dmitri",
                                        "Ελένη"};
    json_t *grades = class_new();
    for (size_t i = 0; i < students; i++) {
        char *id = str_format("s%03zu", i);
        char *when =
            str_format("2026-11-%02zuT%02zu:15:02Z",
                       10 + (size_t)(13 * class_chance(i, 0, 4)), i % 24);
        json_t *student = class_student(grades, id, names[i % 5]);
        (void)json_object_set_new(json_object_get(student, "submission"),
                                  "submitted", json_string(when));
        if (i % 12 == 7)
            class_unbuilt(student, "broken", "rsend.c:14: error: expected ';'");
        else if (i % 20 == 11)
            class_unbuilt(student, "nothing", "there was nothing to build");
        class_tests(student, i, tests,
                    i % 12 == 7 || i % 20 == 11 ? "fail" : NULL);
        class_end(student);
        free(id);
        free(when);
    }
    return grades;
}

#endif
