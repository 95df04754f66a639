/* Whether a policy fits the grades that it is to be applied to; see policy.h.
 */
#include "grade/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/strbuf.h"
#include "grade/grades.h"
#include "grade/shape.h"

enum { PLACE_BYTES = 64 };

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

struct fitting {
    struct shape shape;
    json_t *const *batches;
    size_t n;
};

/* The newest batch's entry of this student. */
static const json_t *find_student(const struct fitting *fitting, const char *id)
{
    const json_t *student = NULL;
    for (size_t i = fitting->n; i > 0 && student == NULL; i--)
        student = grades_student(fitting->batches[i - 1], id);
    return student;
}

/* "did you mean" among the ids of an array's objects. */
static void unknown(struct fitting *fitting, const char *where,
                    const char *what, const char *id, const json_t *array)
{
    size_t n = json_array_size(array);
    const char **ids = mem_zalloc((n + 1) * sizeof(*ids));
    for (size_t i = 0; i < n; i++)
        ids[i] = text_of(json_array_get(array, i), "id");
    const char *meant = nearest_word(id, ids, n);
    shape_wrong(&fitting->shape, "%s: there is no %s '%.60s'%s%.60s%s", where,
                what, id, meant ? "; did you mean '" : "", meant ? meant : "",
                meant ? "'?" : "");
    free(ids);
}

static const json_t *fit_student(struct fitting *fitting, const char *where,
                                 const char *id)
{
    const json_t *student = find_student(fitting, id);
    if (student == NULL)
        unknown(fitting, where, "student", id,
                json_object_get(fitting->batches[fitting->n - 1], "students"));
    return student;
}

static void fit_override(struct fitting *fitting, const json_t *override,
                         size_t index)
{
    char where[PLACE_BYTES];
    const char *id = text_of(override, "test");
    (void)snprintf(where, sizeof(where), "overrides[%zu].id", index);
    const json_t *student =
        fit_student(fitting, where, text_of(override, "id"));
    if (student == NULL)
        return;
    const json_t *of =
        id ? grades_test(student, id) : json_object_get(student, "score");
    (void)snprintf(where, sizeof(where), "overrides[%zu].test", index);
    if (of == NULL) {
        unknown(fitting, where, "test", id, json_object_get(student, "tests"));
        return;
    }
    json_int_t points = json_integer_value(json_object_get(override, "points"));
    json_int_t max = json_integer_value(json_object_get(of, "max"));
    if (points > max)
        shape_wrong(&fitting->shape,
                    "overrides[%zu].points is %lld, but %s gives %lld at most",
                    index, (long long)points, id ? id : "the lab",
                    (long long)max);
}

static void fit_lists(struct fitting *fitting, const struct policy *policy)
{
    char where[PLACE_BYTES];
    size_t i;
    json_t *one;
    const char *id;
    json_array_foreach(json_object_get(policy->json, "extensions"), i, one)
    {
        (void)snprintf(where, sizeof(where), "extensions[%zu].id", i);
        (void)fit_student(fitting, where, text_of(one, "id"));
    }
    json_object_foreach(json_object_get(policy->json, "submitted"), id, one)
    {
        (void)fit_student(fitting, "submitted", id);
    }
    json_array_foreach(json_object_get(policy->json, "overrides"), i, one)
    {
        fit_override(fitting, one, i);
    }
}

int policy_fits(const struct policy *policy, json_t *const *batches, size_t n,
                char *error)
{
    struct fitting fitting = {.shape = {.path = policy->path,
                                        .error = error,
                                        .error_bytes = POLICY_ERROR_BYTES},
                              .batches = batches,
                              .n = n};
    const char *lab = text_of(policy->json, "lab");
    if (lab && strcmp(lab, text_of(batches[0], "lab")) != 0)
        shape_wrong(&fitting.shape,
                    "lab is \"%.20s\", but these are grades of lab %s", lab,
                    text_of(batches[0], "lab"));
    fit_lists(&fitting, policy);
    return fitting.shape.failed ? -EINVAL : 0;
}
