/* The grades of a batch: OUT/results.json.
 *
 * Nothing in it may differ between two runs of the same batch: no time, no
 * duration, no path, no count of void attempts.  Messages lose their measured
 * numbers (report_normalise); students/ID/results.json has them in full.  A
 * hidden test says how many of its variants passed, and no more. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/batch.h"
#include "cli/hidden.h"
#include "base/object.h"
#include "cli/version.h"
#include "report/text.h"

static json_t *text_or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

/* Attempts that were judged, of the variant that needed most. */
static size_t judged_attempts(const json_t *entry)
{
    size_t i, most = 0;
    json_t *variant;
    json_array_foreach(json_object_get(entry, "variants"), i, variant)
    {
        size_t k, n = 0;
        json_t *verdict;
        json_array_foreach(json_object_get(variant, "history"), k, verdict)
        {
            n += strcmp(json_string_value(verdict), "infra") != 0;
        }
        most = n > most ? n : most;
    }
    return most;
}

static char *hidden_message(const json_t *entry)
{
    size_t i, passed = 0;
    json_t *variant;
    const json_t *all = json_object_get(entry, "variants");
    json_array_foreach(all, i, variant)
    {
        const char *verdict = object_text(variant, "verdict");
        passed += strcmp(verdict, "pass") == 0 || strcmp(verdict, "flaky") == 0;
    }
    return str_format("%zu of %zu variants passed", passed, i);
}

static char *steady_message(const json_t *entry)
{
    char *text = report_normalise(object_text(entry, "message"));
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    return text;
}

static char *message_of(const json_t *entry, bool hidden)
{
    const char *verdict = object_text(entry, "verdict");
    if (strcmp(verdict, "infra") == 0)
        return mem_strdup("it could not be judged: the machine was not up to "
                          "it, and no points are lost");
    if (strcmp(verdict, "blocked") == 0)
        return mem_strdup(object_text(entry, "message"));
    if (strcmp(verdict, "pass") == 0 && !hidden)
        return mem_strdup("");
    return hidden ? hidden_message(entry) : steady_message(entry);
}

static json_t *test_entry(const json_t *listed, const json_t *entry)
{
    bool hidden = hidden_is(listed);
    const char *verdict = object_text(entry, "verdict");
    bool blocked = strcmp(verdict, "blocked") == 0;
    char *message = message_of(entry, hidden);
    json_t *test = json_pack(
        "{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:b, s:I}", "id",
        object_text(listed, "id"), "title", object_text(listed, "title"),
        "checkpoint", object_int(listed, "checkpoint"), "points",
        object_int(entry, "points"), "max", object_int(listed, "points"),
        "verdict", verdict, "message", message, "hidden", hidden, "attempts",
        (json_int_t)(blocked ? 0 : judged_attempts(entry)));
    if (hidden) {
        (void)json_object_set(test, "category",
                              json_object_get(listed, "category"));
        (void)json_object_set_new(test, "count",
                                  json_integer((json_int_t)json_array_size(
                                      json_object_get(listed, "variants"))));
    }
    free(message);
    return test;
}

/* Everything failed, or could not be judged, for one reason. */
static json_t *same_for_all(const json_t *listed, const char *verdict,
                            const char *message)
{
    bool hidden = hidden_is(listed);
    json_t *entry = json_pack("{s:s, s:s, s:i}", "verdict", verdict, "message",
                              message, "points", 0);
    json_t *test = test_entry(listed, entry);
    (void)json_object_set_new(test, "message", json_string(message));
    (void)hidden;
    json_decref(entry);
    return test;
}

static json_t *tests_of(const struct grading *grading, const json_t *whole)
{
    const struct batch *batch = grading->batch;
    json_t *tests = json_array();
    size_t i;
    json_t *listed;
    json_array_foreach(batch->listed, i, listed)
    {
        json_t *test;
        if (whole)
            test = test_entry(listed,
                              results_find(whole, object_text(listed, "id")));
        else if (grading->infra)
            test = same_for_all(listed, "infra", grading->infra);
        else if (grading->build_error)
            test = same_for_all(listed, "fail", "it does not compile");
        else
            test = same_for_all(listed, "fail", "there was nothing to judge");
        (void)json_array_append_new(tests, test);
    }
    return tests;
}

static json_t *score_of(const json_t *tests)
{
    int points = 0, max = 0, judged = 0;
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        const char *verdict = object_text(test, "verdict");
        points += object_int(test, "points");
        max += object_int(test, "max");
        if (strcmp(verdict, "infra") != 0 && strcmp(verdict, "skip") != 0)
            judged += object_int(test, "max");
    }
    return json_pack("{s:i, s:i, s:i}", "points", points, "max", max, "judged",
                     judged);
}

json_t *grading_entry(const struct grading *grading, const json_t *whole)
{
    const struct handin *handin = grading->handin;
    json_t *tests = tests_of(grading, whole);
    json_t *score = score_of(tests);
    const char *why = grading->infra         ? grading->infra
                      : grading->build_error ? grading->build_error
                      : grading->refused     ? "there was nothing to build"
                                             : "";
    return json_pack(
        "{s:s, s:s, s:s, s:{s:o, s:o, s:o, s:O}, s:{s:b, s:s}, s:o, s:o, s:o}",
        "id", handin->id, "name", handin->name, "email", handin->email,
        "submission", "digest", text_or_null(grading->digest), "file",
        text_or_null(handin->label), "submitted",
        text_or_null(handin->submitted), "problems", grading->problems, "build",
        "ok", *why == '\0', "message", why, "seed",
        json_sprintf("%llu", (unsigned long long)grading->seed), "score", score,
        "tests", tests);
}

json_t *batch_results(const json_t *about, json_t *students)
{
    return json_pack("{s:i, s:s, s:O, s:O, s:O, s:i, s:O, s:O, s:O, s:O, s:o}",
                     "schema", BATCH_SCHEMA, "kind", "batch", "wirelab",
                     json_object_get(about, "wirelab"), "lab",
                     json_object_get(about, "lab"), "title",
                     json_object_get(about, "title"), "max", 100, "lab_digest",
                     json_object_get(about, "lab_digest"), "harness_digest",
                     json_object_get(about, "harness_digest"), "world",
                     json_object_get(about, "world"), "shard",
                     json_object_get(about, "shard"), "students", students);
}
