/* A test's entry in results.json, out of the verdicts of its attempts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "grade/tally.h"

enum verdict verdict_worst(enum verdict a, enum verdict b)
{
    static const int rank[] = {
        [VERDICT_SKIP] = 0,  [VERDICT_PASS] = 1,    [VERDICT_FLAKY] = 2,
        [VERDICT_INFRA] = 3, [VERDICT_BLOCKED] = 4, [VERDICT_FAIL] = 5,
    };
    return rank[a] >= rank[b] ? a : b;
}

struct outcome tested_outcome(const struct tested *test)
{
    struct outcome outcome = {.decided = true};
    for (size_t i = 0; i < test->variant_count; i++) {
        const struct variant *variant = &test->variants[i];
        struct retry now = retry_next(variant->history, variant->attempt_count);
        if (now.again)
            outcome.decided = false;
        if (outcome.teller == NULL ||
            (now.verdict != outcome.verdict &&
             verdict_worst(outcome.verdict, now.verdict) == now.verdict)) {
            outcome.verdict = now.verdict;
            outcome.teller = variant;
        }
    }
    if (outcome.verdict == VERDICT_FAIL)
        outcome.decided = true;
    return outcome;
}

const struct attempt *variant_attempt(const struct variant *variant)
{
    size_t n = variant->attempt_count;
    enum verdict told = retry_next(variant->history, n).verdict;
    if (told == VERDICT_FLAKY)
        told = VERDICT_FAIL;
    for (size_t i = n; i-- > 0;) {
        if (variant->history[i] == told)
            return &variant->attempts[i];
    }
    return n > 0 ? &variant->attempts[n - 1] : NULL;
}

/* Files are named relative to the test's own directory in its verdict object,
 * and relative to results.json in the entry. */
static void set_path(json_t *evidence, const char *key, const char *dir,
                     const json_t *file)
{
    if (!json_is_string(file) || dir == NULL)
        return;
    char *path = str_format("%s/%s", dir, json_string_value(file));
    json_object_set_new(evidence, key, json_string(path));
    free(path);
}

/* The stderr to look at first: of a tested program that ended badly, else of
 * any tested one. */
static const json_t *telling_stderr(const json_t *programs)
{
    const json_t *found = NULL;
    size_t i;
    json_t *program;
    json_array_foreach(programs, i, program)
    {
        const char *role = json_string_value(json_object_get(program, "role"));
        if (role == NULL || strcmp(role, "tested") != 0)
            continue;
        bool bad =
            json_integer_value(json_object_get(program, "exit_code")) != 0 ||
            json_integer_value(json_object_get(program, "signal")) != 0;
        const json_t *file = json_object_get(program, "stderr");
        if (bad)
            return file;
        found = found ? found : file;
    }
    return found;
}

/* The directory of results.json as the learner would type it. */
static void set_root(json_t *evidence, const char *results_path)
{
    const char *slash = results_path ? strrchr(results_path, '/') : NULL;
    if (slash)
        json_object_set_new(
            evidence, "root",
            json_stringn(results_path, (size_t)(slash - results_path)));
}

static json_t *evidence_json(const struct attempt *attempt)
{
    const json_t *verdict = attempt->verdict;
    const char *dir = attempt->evidence_dir;
    json_t *evidence = json_object();
    if (dir)
        json_object_set_new(evidence, "dir", json_string(dir));
    set_path(evidence, "capture", dir, json_object_get(verdict, "capture"));
    set_path(evidence, "fates", dir, json_object_get(verdict, "fates"));
    set_path(evidence, "packets", dir,
             json_object_get(verdict, "packets_file"));
    set_path(evidence, "stderr", dir,
             telling_stderr(json_object_get(verdict, "programs")));
    return evidence;
}

/* "delay 20ms", or "sender-router: delay 20ms; router-receiver: loss 1%". */
static json_t *profile_json(const json_t *links)
{
    struct strbuf text = {0};
    size_t i;
    json_t *link;
    json_array_foreach(links, i, link)
    {
        const char *name = json_string_value(json_object_get(link, "name"));
        const char *profile =
            json_string_value(json_object_get(link, "profile"));
        if (json_array_size(links) > 1)
            strbuf_printf(&text, "%s%s: ", i ? "; " : "", name ? name : "?");
        strbuf_printf(&text, "%s", profile ? profile : "");
    }
    json_t *json = json_string(strbuf_text(&text));
    strbuf_fini(&text);
    return json;
}

/* Members that are taken over as they are; the second list only for a test that
 * did not pass, to keep the file small. */
static const char *const always[] = {
    "variant", "seed",     "lateness_us", "tier",   "trace",
    "packets", "message",  "expected",    "actual", "cause",
    "steps",   "guest_ms", "comparisons", "polls",
};
static const char *const unless_passed[] = {"links", "programs", "ladder"};

static void take(json_t *entry, const json_t *verdict, const char *const *keys,
                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *value = json_object_get(verdict, keys[i]);
        if (value)
            json_object_set(entry, keys[i], value);
    }
}

static double duration_of(const struct variant *variant)
{
    const struct attempt *attempt = variant_attempt(variant);
    if (attempt == NULL)
        return 0;
    return json_number_value(json_object_get(attempt->verdict, "duration_ms"));
}

static json_t *history_json(const struct variant *variant)
{
    json_t *array = json_array();
    for (size_t i = 0; i < variant->attempt_count; i++)
        json_array_append_new(array,
                              json_string(verdict_name(variant->history[i])));
    return array;
}

static json_t *variant_json(const struct variant *variant)
{
    const struct attempt *attempt = variant_attempt(variant);
    struct retry now = retry_next(variant->history, variant->attempt_count);
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:f}", "name", variant->name, "verdict",
                  verdict_name(now.verdict), "history", history_json(variant),
                  "duration_ms", duration_of(variant));
    if (attempt == NULL)
        return json;
    static const char *const keys[] = {"seed",    "message", "trace",
                                       "packets", "polls",   "guest_ms"};
    take(json, attempt->verdict, keys, sizeof(keys) / sizeof(keys[0]));
    json_object_set_new(json, "evidence", evidence_json(attempt));
    return json;
}

/* Puts the variants side by side, adding up their times. */
static void add_variants(json_t *entry, const struct tested *test)
{
    size_t attempts = 0;
    double duration_ms = 0;
    json_t *variants = json_array();
    for (size_t i = 0; i < test->variant_count; i++) {
        const struct variant *variant = &test->variants[i];
        json_array_append_new(variants, variant_json(variant));
        duration_ms += duration_of(variant);
        if (variant->attempt_count > attempts)
            attempts = variant->attempt_count;
    }
    json_object_set_new(entry, "attempts", json_integer((json_int_t)attempts));
    json_object_set_new(entry, "duration_ms", json_real(duration_ms));
    json_object_set_new(entry, "variants", variants);
}

static void add_story(json_t *entry, const struct attempt *attempt, bool passed,
                      const char *path)
{
    const json_t *verdict = attempt->verdict;
    take(entry, verdict, always, sizeof(always) / sizeof(always[0]));
    if (!passed)
        take(entry, verdict, unless_passed,
             sizeof(unless_passed) / sizeof(unless_passed[0]));
    json_object_set_new(entry, "profile",
                        profile_json(json_object_get(verdict, "links")));
    json_t *evidence = evidence_json(attempt);
    set_root(evidence, path);
    json_object_set_new(entry, "evidence", evidence);
}

static void set_message(json_t *entry, char *message)
{
    json_object_set_new(entry, "message", json_string(message));
    free(message);
}

static void add_replay(json_t *entry, const struct tested *test,
                       const struct variant *teller, const char *path)
{
    bool named = teller && *teller->name;
    char *command = str_format("./wirelab replay %s %s%s%s", path, test->id,
                               named ? "/" : "", named ? teller->name : "");
    json_object_set_new(entry, "replay", json_string(command));
    free(command);
}

json_t *tested_json(const struct tested *test, int blocker, const char *path)
{
    struct outcome outcome = tested_outcome(test);
    const struct attempt *attempt =
        outcome.teller ? variant_attempt(outcome.teller) : NULL;
    if (blocker)
        outcome.verdict = VERDICT_BLOCKED;
    bool passed = outcome.verdict == VERDICT_PASS;
    bool earned = passed || outcome.verdict == VERDICT_FLAKY;
    json_t *entry =
        json_pack("{s:s, s:O*, s:i, s:i, s:i, s:s}", "id", test->id, "title",
                  json_object_get(test->listed, "title"), "checkpoint",
                  test->checkpoint, "points", earned ? test->points : 0, "max",
                  test->points, "verdict", verdict_name(outcome.verdict));
    static const char *const listed[] = {"why", "see", "category"};
    take(entry, test->listed, listed, sizeof(listed) / sizeof(listed[0]));
    add_variants(entry, test);
    if (blocker)
        set_message(entry, str_format("checkpoint %d has earned no points yet, "
                                      "and this one builds on it",
                                      blocker));
    else if (attempt)
        add_story(entry, attempt, passed, path);
    else
        set_message(entry, str_format("was not run: the check ended early"));
    if (attempt && path && !blocker)
        add_replay(entry, test, outcome.teller, path);
    return entry;
}
