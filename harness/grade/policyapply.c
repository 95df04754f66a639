/* Applies a policy to grades; see policy.h for the order of things. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "grade/digest.h"
#include "grade/grades.h"
#include "grade/policy.h"
#include "grade/when.h"

/* One batch's entry of a student, treated. */
struct attempt {
    json_t *entry; /* NULL: there is none */
    size_t number; /* of the batch, from 1 */
    json_int_t points, late_days;
    bool handed_in, has_time;
    int64_t submitted_s;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static json_int_t whole_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void set_whole(json_t *object, const char *name, json_int_t value)
{
    (void)json_object_set_new(object, name, json_integer(value));
}

/* ---- One student's entry --------------------------------------------------
 */

struct treatment {
    const struct policy *policy;
    json_t *entry; /* a copy, ours */
    json_t *adjustments;
    json_int_t points, judged, max;
    int64_t late_days;
};

static void adjust(struct treatment *t, const char *kind, const char *test,
                   json_int_t points, const char *reason)
{
    json_t *one = json_pack("{s:s, s:s*, s:I, s:s}", "kind", kind, "test", test,
                            "points", points, "reason", reason);
    (void)json_array_append_new(t->adjustments, one);
    t->points += points;
}

static bool was_judged(const json_t *test)
{
    const char *verdict = text_of(test, "verdict");
    return strcmp(verdict, "infra") != 0 && strcmp(verdict, "skip") != 0;
}

static void override_test(struct treatment *t, const json_t *override)
{
    const char *id = text_of(override, "test");
    json_t *test = grades_test(t->entry, id);
    if (test == NULL) /* this attempt was judged without it */
        return;
    json_int_t points = whole_of(override, "points");
    adjust(t, "test", id, points - whole_of(test, "points"),
           text_of(override, "reason"));
    if (!was_judged(test))
        t->judged += whole_of(test, "max");
    set_whole(test, "points", points);
}

static void override_total(struct treatment *t, const json_t *override)
{
    adjust(t, "total", NULL, whole_of(override, "points") - t->points,
           text_of(override, "reason"));
    t->judged = t->max;
}

/* Those of single tests, or that of the whole. */
static void override(struct treatment *t, bool total)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(t->policy->json, "overrides"), i, one)
    {
        if (strcmp(text_of(one, "id"), text_of(t->entry, "id")) != 0 ||
            (json_object_get(one, "test") == NULL) != total)
            continue;
        if (total)
            override_total(t, one);
        else
            override_test(t, one);
    }
}

/* The deadline as it was written, if it was written. */
static json_t *due_text(const struct policy *policy, const char *id)
{
    char text[WHEN_TEXT_BYTES];
    const json_t *extension = policy_extension(policy, id);
    int64_t due_s = policy_due(policy, id);
    if (due_s == policy->due_s)
        return json_string(text_of(policy->json, "due"));
    if (json_object_get(extension, "until"))
        return json_string(text_of(extension, "until"));
    when_text(due_s, text);
    return json_string(text);
}

static void be_late(struct treatment *t, int64_t submitted_s, int64_t days_left)
{
    const struct late_rules *rules = &t->policy->late;
    const char *id = text_of(t->entry, "id");
    int64_t late_s = submitted_s - policy_due(t->policy, id);
    if (!t->policy->has_due || late_s <= 0)
        return;
    json_int_t penalty = policy_penalty(rules, t->points, t->max, late_s,
                                        days_left, &t->late_days);
    (void)json_object_set_new(
        t->entry, "late",
        json_pack("{s:o, s:I, s:I}", "due", due_text(t->policy, id), "by_s",
                  (json_int_t)late_s, "late_days", (json_int_t)t->late_days));
    if (penalty == 0 && t->late_days == 0)
        return;
    char *reason = policy_late_reason(rules, late_s, t->late_days, penalty);
    adjust(t, "late", NULL, -penalty, reason);
    free(reason);
}

/* When it was handed in; the policy knows better of the newest batch. */
static void find_time(const struct treatment *t, bool newest,
                      struct attempt *attempt)
{
    json_t *submission = json_object_get(t->entry, "submission");
    json_t *known = json_object_get(
        json_object_get(t->policy->json, "submitted"), text_of(t->entry, "id"));
    if (known && newest)
        (void)json_object_set(submission, "submitted", known);
    attempt->handed_in = json_is_string(json_object_get(submission, "file"));
    attempt->has_time = when_parse(text_of(submission, "submitted"),
                                   &attempt->submitted_s) == 0;
}

static struct attempt treat(const struct policy *policy, const json_t *entry,
                            size_t number, bool newest, int64_t days_left)
{
    struct attempt attempt = {.entry = json_deep_copy(entry), .number = number};
    json_t *score = json_object_get(attempt.entry, "score");
    json_int_t before = whole_of(score, "points");
    struct treatment t = {.policy = policy,
                          .entry = attempt.entry,
                          .adjustments = json_array(),
                          .points = before,
                          .judged = whole_of(score, "judged"),
                          .max = whole_of(score, "max")};
    find_time(&t, newest, &attempt);
    override(&t, false);
    if (attempt.has_time)
        be_late(&t, attempt.submitted_s, days_left);
    override(&t, true);
    set_whole(score, "points", t.points);
    set_whole(score, "judged", t.judged);
    set_whole(score, "before", before);
    (void)json_object_set_new(score, "adjustments", t.adjustments);
    attempt.points = t.points;
    attempt.late_days = t.late_days;
    return attempt;
}

/* ---- Everybody ------------------------------------------------------------
 */

/* Whether `b`, of a later batch, is to be taken instead of `a`. */
static bool is_better(const struct policy *policy, const struct attempt *a,
                      const struct attempt *b)
{
    if (a->handed_in != b->handed_in)
        return b->handed_in;
    if (policy->best && a->points != b->points)
        return b->points > a->points;
    if (policy->best && a->late_days != b->late_days)
        return b->late_days < a->late_days;
    return !a->has_time || !b->has_time || b->submitted_s >= a->submitted_s;
}

static json_t *finish_student(const struct policy *policy,
                              json_t *const *batches, size_t n, const char *id,
                              int64_t days_left)
{
    struct attempt taken = {0};
    for (size_t i = 0; i < n; i++) {
        const json_t *entry = grades_student(batches[i], id);
        if (entry == NULL)
            continue;
        struct attempt next =
            treat(policy, entry, i + 1, i + 1 == n, days_left);
        bool better = taken.entry == NULL || is_better(policy, &taken, &next);
        json_decref(better ? taken.entry : next.entry);
        if (better)
            taken = next;
    }
    if (n > 1)
        (void)json_object_set_new(taken.entry, "attempt",
                                  json_pack("{s:I, s:I}", "taken",
                                            (json_int_t)taken.number, "of",
                                            (json_int_t)n));
    return taken.entry;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Everybody's id, each once, sorted; malloc'd, the texts are the batches'. */
static const char **all_ids(json_t *const *batches, size_t n, size_t *count)
{
    const char **ids = NULL;
    size_t all = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k;
        json_t *student;
        json_array_foreach(json_object_get(batches[i], "students"), k, student)
        {
            ids = mem_realloc(ids, (all + 1) * sizeof(*ids));
            ids[all++] = text_of(student, "id");
        }
    }
    if (all > 0)
        qsort(ids, all, sizeof(*ids), by_text);
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || strcmp(ids[kept - 1], ids[i]) != 0)
            ids[kept++] = ids[i];
    }
    *count = kept;
    return ids;
}

static json_t *about_policy(const struct policy *policy, size_t n)
{
    char text[DIGEST_BYTES];
    char *content = json_dumps(policy->json, JSON_SORT_KEYS | JSON_COMPACT);
    struct digest *digest = digest_new("wirelab policy 1");
    digest_text(digest, "policy", content);
    digest_end(digest, text);
    free(content);
    return json_pack("{s:s, s:O?, s:I, s:s}", "digest", text, "due",
                     json_object_get(policy->json, "due"), "attempts",
                     (json_int_t)n, "take", policy->best ? "best" : "last");
}

json_t *policy_apply(const struct policy *policy, json_t *const *batches,
                     size_t n, const json_t *spent)
{
    size_t count;
    assert(n > 0);
    const char **ids = all_ids(batches, n, &count);
    json_t *finals = json_copy(batches[n - 1]), *students = json_array();
    for (size_t i = 0; i < count; i++) {
        int64_t left = policy->late.days_each - whole_of(spent, ids[i]);
        json_t *entry = finish_student(policy, batches, n, ids[i], left);
        (void)json_array_append_new(students, entry);
    }
    (void)json_object_set_new(finals, "policy", about_policy(policy, n));
    (void)json_object_set_new(finals, "students", students);
    free(ids);
    return finals;
}
