/* The policy's file; see policy.h. */
#include "grade/policy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grade/shape.h"
#include "grade/when.h"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    MAX_HOURS = 100000,
    MAX_DAYS = 3650,
    MAX_LATE_DAYS = 365,
    MAX_GRACE_MINUTES = 7 * 24 * 60,
    MAX_POINTS = 1000000,
    PLACE_BYTES = 64,
};

static const struct shape_member policy_members[] = {
    {"schema", SHAPE_WHOLE, false},    {"lab", SHAPE_TEXT, true},
    {"comment", SHAPE_TEXT, true},     {"take", SHAPE_TEXT, true},
    {"due", SHAPE_TEXT, true},         {"late", SHAPE_OBJECT, true},
    {"late_days", SHAPE_OBJECT, true}, {"extensions", SHAPE_ARRAY, true},
    {"submitted", SHAPE_OBJECT, true}, {"overrides", SHAPE_ARRAY, true},
};

static const struct shape_member late_members[] = {
    {"per", SHAPE_TEXT, false},
    {"percent", SHAPE_NUMBER, false},
    {"of", SHAPE_TEXT, true},
    {"grace_minutes", SHAPE_WHOLE, true},
    {"cap_percent", SHAPE_NUMBER, true},
    {"closes_after_hours", SHAPE_WHOLE, true},
};

static const struct shape_member late_days_members[] = {
    {"each", SHAPE_WHOLE, false},
    {"at_most", SHAPE_WHOLE, true},
};

static const struct shape_member extension_members[] = {
    {"id", SHAPE_TEXT, false},    {"until", SHAPE_TEXT, true},
    {"hours", SHAPE_WHOLE, true}, {"days", SHAPE_WHOLE, true},
    {"reason", SHAPE_TEXT, true},
};

static const struct shape_member override_members[] = {
    {"id", SHAPE_TEXT, false},
    {"test", SHAPE_TEXT, true},
    {"points", SHAPE_WHOLE, false},
    {"reason", SHAPE_TEXT, false},
};

/* Two arguments at once. */
#define TABLE(list) list, sizeof(list) / sizeof((list)[0])

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* ---- Values ---------------------------------------------------------------
 */

/* Which of two words it is: 0, the first, if it is not there. */
static bool read_choice(struct shape *shape, const json_t *object,
                        const char *where, const char *name,
                        const char *const words[2])
{
    const char *text = text_of(object, name);
    if (text == NULL || strcmp(text, words[0]) == 0)
        return false;
    if (strcmp(text, words[1]) != 0)
        shape_wrong(shape, "%s%s is \"%.40s\"; it must be \"%s\" or \"%s\"",
                    where, name, text, words[0], words[1]);
    return true;
}

/* In thousandths of a percent, so that what follows is whole. */
static int64_t read_percent(struct shape *shape, const json_t *object,
                            const char *where, const char *name)
{
    double percent = json_number_value(json_object_get(object, name));
    if (!(percent >= 0 && percent <= 100)) {
        shape_wrong(shape, "%s%s is %g; it must be between 0 and 100", where,
                    name, percent);
        return 0;
    }
    return llround(percent * 1000);
}

static int64_t read_moment(struct shape *shape, const char *where,
                           const char *name, const char *text)
{
    int64_t unix_s = 0;
    if (text && when_parse(text, &unix_s) < 0)
        shape_wrong(shape,
                    "%s%.60s is \"%.40s\"; it must be a time with its zone, "
                    "\"2026-11-20T23:59:00+01:00\"",
                    where, name, text);
    return unix_s;
}

/* ---- Parts ----------------------------------------------------------------
 */

static void read_late(struct shape *shape, const json_t *json,
                      struct late_rules *rules)
{
    static const char *const units[] = {"day", "hour"};
    static const char *const bases[] = {"earned", "max"};
    static const char where[] = "late.";
    *rules = (struct late_rules){.closes_s = -1, .cap = 100000};
    if (json == NULL)
        return;
    shape_members(shape, json, where, TABLE(late_members), true);
    rules->given = true;
    rules->unit_s =
        read_choice(shape, json, where, "per", units) ? HOUR_S : DAY_S;
    rules->per_unit = read_percent(shape, json, where, "percent");
    rules->of_max = read_choice(shape, json, where, "of", bases);
    rules->grace_s =
        60 * (int64_t)shape_whole(shape, json, where, "grace_minutes", 0,
                                  MAX_GRACE_MINUTES);
    if (json_object_get(json, "cap_percent"))
        rules->cap = read_percent(shape, json, where, "cap_percent");
    if (json_object_get(json, "closes_after_hours"))
        rules->closes_s =
            HOUR_S * (int64_t)shape_whole(shape, json, where,
                                          "closes_after_hours", 0, MAX_HOURS);
}

static void read_late_days(struct shape *shape, const json_t *json,
                           struct late_rules *rules)
{
    static const char where[] = "late_days.";
    if (json == NULL)
        return;
    if (!rules->given)
        shape_wrong(shape, "late_days is there, but no late: nothing is taken "
                           "that they could spare");
    shape_members(shape, json, where, TABLE(late_days_members), true);
    rules->days_each =
        shape_whole(shape, json, where, "each", 0, MAX_LATE_DAYS);
    rules->days_here = rules->days_each;
    if (json_object_get(json, "at_most"))
        rules->days_here =
            shape_whole(shape, json, where, "at_most", 0, MAX_LATE_DAYS);
}

/* Whether an earlier one of the list has the same values of these members. */
static bool is_twice(const json_t *list, size_t index, const char *const *names,
                     size_t n)
{
    const json_t *one = json_array_get(list, index);
    for (size_t i = 0; i < index; i++) {
        const json_t *other = json_array_get(list, i);
        size_t same = 0;
        for (size_t k = 0; k < n; k++) {
            const json_t *a = json_object_get(one, names[k]);
            const json_t *b = json_object_get(other, names[k]);
            same += a == b || json_equal(a, b);
        }
        if (same == n)
            return true;
    }
    return false;
}

static void read_extension(struct shape *shape, const json_t *list,
                           size_t index)
{
    static const char *const key[] = {"id"};
    const json_t *json = json_array_get(list, index);
    char where[PLACE_BYTES];
    (void)snprintf(where, sizeof(where), "extensions[%zu].", index);
    shape_members(shape, json, where, TABLE(extension_members), true);
    bool until = json_object_get(json, "until") != NULL;
    bool hours = json_object_get(json, "hours") != NULL;
    bool days = json_object_get(json, "days") != NULL;
    if (until + hours + days != 1)
        shape_wrong(shape,
                    "extensions[%zu] must have one of until, hours, "
                    "days",
                    index);
    (void)read_moment(shape, where, "until", text_of(json, "until"));
    if (hours)
        (void)shape_whole(shape, json, where, "hours", 1, MAX_HOURS);
    if (days)
        (void)shape_whole(shape, json, where, "days", 1, MAX_DAYS);
    if (is_twice(list, index, key, 1))
        shape_wrong(shape, "%sid: '%.60s' has an extension already", where,
                    text_of(json, "id"));
}

static void read_override(struct shape *shape, const json_t *list, size_t index)
{
    static const char *const key[] = {"id", "test"};
    const json_t *json = json_array_get(list, index);
    char where[PLACE_BYTES];
    (void)snprintf(where, sizeof(where), "overrides[%zu].", index);
    shape_members(shape, json, where, TABLE(override_members), true);
    (void)shape_whole(shape, json, where, "points", 0, MAX_POINTS);
    const char *reason = text_of(json, "reason");
    if (reason && *reason == '\0')
        shape_wrong(shape, "%sreason is empty: the student will ask", where);
    if (is_twice(list, index, key, 2))
        shape_wrong(shape,
                    "overrides[%zu] is of the same points as an earlier "
                    "one",
                    index);
}

static void read_lists(struct shape *shape, const struct policy *policy)
{
    const json_t *extensions = json_object_get(policy->json, "extensions");
    const json_t *overrides = json_object_get(policy->json, "overrides");
    const char *id;
    json_t *moment;
    if (json_array_size(extensions) > 0 && !policy->has_due)
        shape_wrong(shape, "extensions are there, but no due: there is no "
                           "deadline to be extended");
    for (size_t i = 0; i < json_array_size(extensions); i++)
        read_extension(shape, extensions, i);
    for (size_t i = 0; i < json_array_size(overrides); i++)
        read_override(shape, overrides, i);
    json_object_foreach(json_object_get(policy->json, "submitted"), id, moment)
    {
        if (!json_is_string(moment))
            shape_wrong(shape, "submitted.%.60s must be a string", id);
        (void)read_moment(shape, "submitted.", id, json_string_value(moment));
    }
}

static void read_policy(struct shape *shape, struct policy *policy)
{
    static const char *const takes[] = {"last", "best"};
    const json_t *json = policy->json;
    json_int_t schema = json_integer_value(json_object_get(json, "schema"));
    shape_members(shape, json, "", TABLE(policy_members), true);
    if (schema != POLICY_SCHEMA)
        shape_wrong(shape, "schema is %lld; this wirelab reads %d",
                    (long long)schema, POLICY_SCHEMA);
    policy->best = read_choice(shape, json, "", "take", takes);
    policy->has_due = json_object_get(json, "due") != NULL;
    policy->due_s = read_moment(shape, "", "due", text_of(json, "due"));
    read_late(shape, json_object_get(json, "late"), &policy->late);
    if (policy->late.given && !policy->has_due)
        shape_wrong(shape, "late is there, but no due: late for what?");
    read_late_days(shape, json_object_get(json, "late_days"), &policy->late);
    read_lists(shape, policy);
}

int policy_load(struct policy *policy, const char *path, char *error)
{
    struct shape shape = {
        .path = path, .error = error, .error_bytes = POLICY_ERROR_BYTES};
    *policy = (struct policy){.path = path};
    int result = shape_load(&shape, &policy->json);
    if (result < 0)
        return result;
    read_policy(&shape, policy);
    if (shape.failed) {
        policy_fini(policy);
        return -EINVAL;
    }
    return 0;
}

void policy_fini(struct policy *policy)
{
    json_decref(policy->json);
    *policy = (struct policy){0};
}

/* ---- Deadlines ------------------------------------------------------------
 */

const json_t *policy_extension(const struct policy *policy, const char *id)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(policy->json, "extensions"), i, one)
    {
        if (strcmp(text_of(one, "id"), id) == 0)
            return one;
    }
    return NULL;
}

/* An extension never shortens anything. */
int64_t policy_due(const struct policy *policy, const char *id)
{
    const json_t *extension = policy_extension(policy, id);
    int64_t due_s = policy->due_s;
    if (extension == NULL)
        return due_s;
    if (text_of(extension, "until"))
        (void)when_parse(text_of(extension, "until"), &due_s);
    due_s += HOUR_S * json_integer_value(json_object_get(extension, "hours"));
    due_s += DAY_S * json_integer_value(json_object_get(extension, "days"));
    return due_s > policy->due_s ? due_s : policy->due_s;
}
