/* Collects the verdicts of one check.
 *
 * Points are earned by tests, all or nothing; a checkpoint earns what its tests
 * do.  A checkpoint is blocked when one that it needs has earned nothing, and a
 * blocked one earns nothing itself, so the first that fails blocks the whole
 * chain behind it.  A checkpoint in which something ended as `infra` or in
 * which all was skipped blocks nothing: that was not the learner's doing. */
#include "grade/results.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "grade/tally.h"

struct results {
    char *version, *impl, *world, *engine, *started, *path;
    uint64_t seed;
    char *lab;
    json_t *lab_json; /* keeps the checkpoints' titles alive */
    struct checkpoint checkpoints[LABJSON_MAX_CHECKPOINTS];
    size_t checkpoint_count;
    struct tested *tests;
    size_t test_count;
};

static char *copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

static void tested_init(struct tested *test, json_t *listed)
{
    const json_t *names = json_object_get(listed, "variants");
    size_t n = json_array_size(names);
    test->id = copy(json_string_value(json_object_get(listed, "id")));
    test->checkpoint =
        (int)json_integer_value(json_object_get(listed, "checkpoint"));
    test->points = (int)json_integer_value(json_object_get(listed, "points"));
    test->listed = json_incref(listed);
    test->variant_count = n > 0 ? n : 1;
    test->variants = mem_zalloc(test->variant_count * sizeof(*test->variants));
    for (size_t i = 0; i < test->variant_count; i++)
        test->variants[i].name = mem_strdup(
            n > 0 ? json_string_value(json_array_get(names, i)) : "");
}

struct results *results_new(const struct results_run *run,
                            const struct labjson *lab, const json_t *tests)
{
    struct results *results = mem_zalloc(sizeof(*results));
    results->version = copy(run->version);
    results->impl = copy(run->impl);
    results->world = copy(run->world);
    results->engine = copy(run->engine);
    results->started = copy(run->started);
    results->path = copy(run->path);
    results->seed = run->seed;
    results->lab = copy(lab->id);
    results->lab_json = json_incref(lab->json);
    memcpy(results->checkpoints, lab->checkpoints, sizeof(lab->checkpoints));
    results->checkpoint_count = lab->checkpoint_count;
    results->test_count = json_array_size(tests);
    results->tests = mem_zalloc(results->test_count * sizeof(*results->tests));
    for (size_t i = 0; i < results->test_count; i++)
        tested_init(&results->tests[i], json_array_get(tests, i));
    return results;
}

static void variant_fini(struct variant *variant)
{
    free(variant->name);
    for (size_t i = 0; i < variant->attempt_count; i++) {
        json_decref(variant->attempts[i].verdict);
        free(variant->attempts[i].evidence_dir);
    }
}

void results_free(struct results *results)
{
    if (results == NULL)
        return;
    for (size_t i = 0; i < results->test_count; i++) {
        struct tested *test = &results->tests[i];
        for (size_t j = 0; j < test->variant_count; j++)
            variant_fini(&test->variants[j]);
        free(test->variants);
        free(test->id);
        json_decref(test->listed);
    }
    free(results->tests);
    json_decref(results->lab_json);
    free(results->version);
    free(results->impl);
    free(results->world);
    free(results->engine);
    free(results->started);
    free(results->path);
    free(results->lab);
    free(results);
}

static struct variant *find_variant(struct results *results, const char *id,
                                    const char *name)
{
    for (size_t i = 0; i < results->test_count; i++) {
        struct tested *test = &results->tests[i];
        if (strcmp(test->id, id) != 0)
            continue;
        for (size_t j = 0; j < test->variant_count; j++) {
            if (strcmp(test->variants[j].name, name) == 0)
                return &test->variants[j];
        }
    }
    return NULL;
}

/* An object without a verdict that a suite may give is our fault. */
static enum verdict verdict_of(const json_t *object)
{
    enum verdict verdict;
    const char *name = json_string_value(json_object_get(object, "verdict"));
    if (name == NULL || verdict_parse(name, &verdict) < 0 ||
        verdict == VERDICT_BLOCKED || verdict == VERDICT_FLAKY)
        return VERDICT_INFRA;
    return verdict;
}

struct retry results_add(struct results *results, const char *id,
                         const char *variant, const char *evidence_dir,
                         const json_t *verdict)
{
    struct variant *tried = find_variant(results, id, variant);
    assert(tried != NULL);
    assert(tried->attempt_count < RETRY_MAX_ATTEMPTS);
    size_t n = tried->attempt_count++;
    tried->history[n] = verdict_of(verdict);
    tried->attempts[n] = (struct attempt){
        .verdict = json_deep_copy(verdict),
        .evidence_dir = copy(evidence_dir),
    };
    return retry_next(tried->history, tried->attempt_count);
}

json_t *results_history(const struct results *results, const char *id)
{
    json_t *history = json_array();
    for (size_t i = 0; i < results->test_count; i++) {
        const struct tested *test = &results->tests[i];
        if (strcmp(test->id, id) != 0)
            continue;
        for (size_t j = 0; j < test->variant_count; j++) {
            const struct variant *variant = &test->variants[j];
            for (size_t k = 0; k < variant->attempt_count; k++)
                (void)json_array_append_new(
                    history,
                    json_pack("{s:s, s:s?, s:O}", "variant", variant->name,
                              "dir", variant->attempts[k].evidence_dir,
                              "verdict", variant->attempts[k].verdict));
        }
    }
    return history;
}

/* Says whether this history decides all variants, each by its last attempt. */
static bool decides(const struct tested *test, const json_t *history)
{
    size_t used = 0;
    for (size_t j = 0; j < test->variant_count; j++) {
        enum verdict verdicts[RETRY_MAX_ATTEMPTS];
        size_t i, n = 0;
        json_t *entry;
        json_array_foreach(history, i, entry)
        {
            const char *name =
                json_string_value(json_object_get(entry, "variant"));
            if (name == NULL || strcmp(name, test->variants[j].name) != 0)
                continue;
            if (n == RETRY_MAX_ATTEMPTS ||
                (n > 0 && !retry_next(verdicts, n).again))
                return false;
            verdicts[n++] = verdict_of(json_object_get(entry, "verdict"));
        }
        if (n == 0 || retry_next(verdicts, n).again)
            return false;
        used += n;
    }
    return used == json_array_size(history);
}

int results_recall(struct results *results, const char *id,
                   const json_t *history)
{
    for (size_t i = 0; i < results->test_count; i++) {
        const struct tested *test = &results->tests[i];
        if (strcmp(test->id, id) != 0)
            continue;
        if (!decides(test, history))
            return -EBADMSG;
        size_t k;
        json_t *entry;
        json_array_foreach(history, k, entry)
        {
            (void)results_add(
                results, id,
                json_string_value(json_object_get(entry, "variant")),
                json_string_value(json_object_get(entry, "dir")),
                json_object_get(entry, "verdict"));
        }
        return 0;
    }
    return -EBADMSG;
}

static bool earns(enum verdict verdict)
{
    return verdict == VERDICT_PASS || verdict == VERDICT_FLAKY;
}

/* How a single checkpoint stands in the way of those that need it, whatever
 * stands in its own way. */
static enum gate checkpoint_gate(const struct results *results, int number)
{
    bool chosen = false, failed = false, infra = false, waiting = false;
    for (size_t i = 0; i < results->test_count; i++) {
        if (results->tests[i].checkpoint != number)
            continue;
        struct outcome outcome = tested_outcome(&results->tests[i]);
        chosen = true;
        if (outcome.decided && earns(outcome.verdict))
            return GATE_OPEN;
        waiting |= !outcome.decided;
        failed |= outcome.decided && outcome.verdict == VERDICT_FAIL;
        infra |= outcome.decided && outcome.verdict == VERDICT_INFRA;
    }
    if (!chosen)
        return GATE_OPEN;
    if (waiting)
        return GATE_WAIT;
    return failed && !infra ? GATE_BLOCKED : GATE_OPEN;
}

static const struct checkpoint *find_checkpoint(const struct results *results,
                                                int number)
{
    for (size_t i = 0; i < results->checkpoint_count; i++) {
        if (results->checkpoints[i].number == number)
            return &results->checkpoints[i];
    }
    return NULL;
}

/* Recursion ends: `needs` point to earlier checkpoints only. */
enum gate results_gate(const struct results *results, int checkpoint,
                       int *blocker)
{
    const struct checkpoint *gated = find_checkpoint(results, checkpoint);
    enum gate gate = GATE_OPEN;
    int who = 0;
    for (size_t i = 0; gated && i < gated->need_count; i++) {
        int need = gated->needs[i], before = 0;
        enum gate one = results_gate(results, need, &before);
        if (one != GATE_BLOCKED) {
            before = need;
            one = checkpoint_gate(results, need);
        }
        if (one > gate) {
            gate = one;
            who = before;
        }
    }
    if (blocker)
        *blocker = who;
    return gate;
}

/* ---- results.json ------------------------------------------------------- */

static int blocker_of(const struct results *results, int checkpoint)
{
    int blocker = 0;
    if (results_gate(results, checkpoint, &blocker) != GATE_BLOCKED)
        return 0;
    return blocker;
}

/* Adds up the entries of one checkpoint, or of all (number 0). */
struct sum {
    int points, max, judged, tests;
    enum verdict verdict;
};

static struct sum sum_entries(const json_t *entries, int number)
{
    struct sum sum = {.verdict = VERDICT_SKIP};
    size_t i;
    json_t *entry;
    json_array_foreach(entries, i, entry)
    {
        int max = 0, points = 0, checkpoint = 0;
        const char *name = NULL;
        enum verdict verdict = VERDICT_INFRA;
        json_unpack(entry, "{s:i, s:i, s:i, s:s}", "checkpoint", &checkpoint,
                    "points", &points, "max", &max, "verdict", &name);
        if (number != 0 && checkpoint != number)
            continue;
        (void)verdict_parse(name, &verdict); /* we wrote it ourselves */
        sum.points += points;
        sum.max += max;
        if (verdict != VERDICT_INFRA && verdict != VERDICT_SKIP)
            sum.judged += max;
        sum.verdict =
            sum.tests++ ? verdict_worst(sum.verdict, verdict) : verdict;
    }
    return sum;
}

static json_t *checkpoints_json(const struct results *results,
                                const json_t *entries)
{
    json_t *array = json_array();
    for (size_t i = 0; i < results->checkpoint_count; i++) {
        const struct checkpoint *c = &results->checkpoints[i];
        struct sum sum = sum_entries(entries, c->number);
        if (sum.tests > 0)
            json_array_append_new(
                array,
                json_pack("{s:i, s:s, s:i, s:i, s:s}", "number", c->number,
                          "title", c->title, "points", sum.points, "max",
                          sum.max, "verdict", verdict_name(sum.verdict)));
    }
    return array;
}

json_t *results_json(const struct results *results, int64_t duration_ms)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < results->test_count; i++) {
        const struct tested *test = &results->tests[i];
        int blocker = blocker_of(results, test->checkpoint);
        json_array_append_new(entries,
                              tested_json(test, blocker, results->path));
    }
    struct sum sum = sum_entries(entries, 0);
    char seed[32];
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)results->seed);
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I,"
                     " s:{s:i, s:i, s:i}, s:o, s:o}",
                     "schema", RESULTS_SCHEMA, "wirelab", results->version,
                     "lab", results->lab, "impl", results->impl, "world",
                     results->world, "engine", results->engine, "seed", seed,
                     "started", results->started, "duration_ms",
                     (json_int_t)duration_ms, "score", "points", sum.points,
                     "max", sum.max, "judged", sum.judged, "checkpoints",
                     checkpoints_json(results, entries), "tests", entries);
}

int results_status(const json_t *results_json)
{
    struct sum sum = sum_entries(json_object_get(results_json, "tests"), 0);
    switch (sum.verdict) {
    case VERDICT_FAIL:
    case VERDICT_BLOCKED:
        return 1;
    case VERDICT_INFRA:
        return 3;
    default:
        return 0;
    }
}
