/* How far a learner is; see standing.h. */
#include "cli/standing.h"

#include <string.h>

#include "base/object.h"
#include "cli/state.h"

struct recording {
    const json_t *results;
    bool compiles;
};

static bool is_one_of(const char *verdict, const char *const *verdicts)
{
    while (*verdicts && strcmp(*verdicts, verdict) != 0)
        verdicts++;
    return *verdicts != NULL;
}

static bool passes(const json_t *test)
{
    static const char *const passing[] = {"pass", "flaky", "skip", NULL};
    return is_one_of(object_text(test, "verdict"), passing);
}

/* `infra` says nothing of the program, `skip` only what was known before. */
static bool is_news(const json_t *test, const json_t *known)
{
    static const char *const judged[] = {"pass", "fail", "flaky", "blocked",
                                         NULL};
    const char *verdict = object_text(test, "verdict");
    return is_one_of(verdict, judged) ||
           (known == NULL && strcmp(verdict, "skip") == 0);
}

/* ---- Writing --------------------------------------------------------------
 */

static void record_tests(json_t *state, const json_t *results, bool whole)
{
    size_t i;
    json_t *test;
    json_t *before = json_incref(json_object_get(state, "tests"));
    json_t *now = !whole && before ? json_incref(before) : json_object();
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        const char *id = object_text(test, "id");
        json_t *known = json_object_get(before, id);
        if (is_news(test, known))
            json_object_set_new(now, id,
                                json_pack("{s:i, s:i, s:i, s:s}", "checkpoint",
                                          object_int(test, "checkpoint"),
                                          "points", object_int(test, "points"),
                                          "max", object_int(test, "max"),
                                          "verdict",
                                          object_text(test, "verdict")));
        else if (known)
            json_object_set(now, id, known);
    }
    json_object_set_new(state, "tests", now);
    json_decref(before);
}

static void record_score(json_t *state, const struct recording *recording)
{
    const json_t *score = json_object_get(recording->results, "score");
    const json_t *best = json_object_get(state, "best");
    json_t *last =
        json_pack("{s:i, s:s}", "points", object_int(score, "points"),
                  "started", object_text(recording->results, "started"));
    if (!recording->compiles)
        json_object_set_new(last, "compiles", json_false());
    if (best == NULL || object_int(best, "points") < object_int(last, "points"))
        json_object_set(state, "best", last);
    json_object_set_new(state, "last", last);
}

static void record(json_t *state, void *context)
{
    const struct recording *recording = context;
    const json_t *results = recording->results;
    const json_t *score = json_object_get(results, "score");
    bool whole = object_int(score, "max") == WHOLE_LAB &&
                 !json_is_true(json_object_get(results, "interrupted"));
    if (whole)
        record_score(state, recording);
    if (recording->compiles) /* else no test was run */
        record_tests(state, results, whole);
}

void standing_record(const struct lab_dir *lab, const json_t *results,
                     bool compiles)
{
    struct recording recording = {.results = results, .compiles = compiles};
    if (strcmp(object_text(results, "impl"), "skeleton") == 0)
        state_change(lab, record, &recording);
}

static void forget(json_t *state, void *context)
{
    (void)context;
    (void)json_object_del(state, "last");
    (void)json_object_del(state, "tests");
}

void standing_forget(const struct lab_dir *lab)
{
    state_change(lab, forget, NULL);
}

/* ---- Reading --------------------------------------------------------------
 */

int standing_points(const json_t *state, int checkpoint)
{
    const char *id;
    json_t *test;
    int points = 0;
    json_object_foreach(json_object_get(state, "tests"), id, test)
    {
        if (checkpoint == 0 || object_int(test, "checkpoint") == checkpoint)
            points += object_int(test, "points");
    }
    return points;
}

bool standing_passed(const json_t *state, const char *test)
{
    return passes(json_object_get(json_object_get(state, "tests"), test));
}
