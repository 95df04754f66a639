/* Hidden variants; see hidden.h. */
#include "cli/hidden.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/object.h"

enum { MAX_COUNT = 20 };

static int wrong(char *error, const char *path, size_t index, const char *what)
{
    (void)snprintf(error, HIDDEN_ERROR_BYTES, "%.200s: hidden[%zu]: %s", path,
                   index, what);
    return -EINVAL;
}

static size_t find(const json_t *listed, const char *id)
{
    size_t i = 0;
    while (i < json_array_size(listed) &&
           strcmp(object_text(json_array_get(listed, i), "id"), id) != 0)
        i++;
    return i;
}

/* "08.4.hidden_reordering": a name that says no more than the category. */
static char *make_id(const json_t *public, const char *category)
{
    const char *id = object_text(public, "id");
    char *made = str_format("%.*s.hidden_%s", (int)(strrchr(id, '.') - id), id,
                            category);
    for (char *at = made + (strrchr(id, '.') - id) + 1; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)tolower((unsigned char)*at)
                                          : '_';
    return made;
}

static json_t *make_listed(const json_t *public, const json_t *spec,
                           const char *id, int count, int points)
{
    json_t *variants = json_array();
    for (int i = 1; i <= count; i++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "%d", i);
        (void)json_array_append_new(variants, json_string(name));
    }
    char *title = str_format("Hidden: %s", object_text(spec, "category"));
    json_t *listed = json_pack(
        "{s:s, s:s, s:i, s:i, s:o, s:O, s:O, s:O*, s:O*, s:O*, s:O*, s:O*}",
        "id", id, "title", title, "checkpoint",
        object_int(public, "checkpoint"), "points", points, "variants",
        variants, "category", json_object_get(spec, "category"), "of",
        json_object_get(public, "id"), "of_variants",
        json_object_get(public, "variants"), "params",
        json_object_get(spec, "params"), "load",
        json_object_get(public, "load"), "time_limit_s",
        json_object_get(public, "time_limit_s"), "needs",
        json_object_get(public, "needs"));
    free(title);
    return listed;
}

static bool are_texts(const json_t *array)
{
    size_t i;
    json_t *text;
    json_array_foreach(array, i, text)
    {
        if (!json_is_string(text))
            return false;
    }
    return array == NULL || (json_is_array(array) && i > 0);
}

static int add_one(json_t *listed, const json_t *spec, const char *path,
                   size_t index, char *error)
{
    size_t at = find(listed, object_text(spec, "test"));
    json_t *public = json_array_get(listed, at);
    int count = object_int(spec, "count"), max = object_int(public, "points");
    const json_t *wanted = json_object_get(spec, "points");
    int points = wanted ? object_int(spec, "points") : max / 2;
    if (*object_text(spec, "category") == '\0')
        return wrong(error, path, index, "it has no category");
    if (public == NULL || hidden_is(public))
        return wrong(error, path, index, "its test is none of the lab's");
    if (count < 1 || count > MAX_COUNT)
        return wrong(error, path, index, "its count must be 1 to 20");
    if (points < 0 || points > max)
        return wrong(error, path, index,
                     "its points must be some of the public test's");
    if (!are_texts(json_object_get(spec, "params")))
        return wrong(error, path, index,
                     "its params must be a list of \"NAME=VALUE\"");
    char *id = make_id(public, object_text(spec, "category"));
    int result = 0;
    if (find(listed, id) < json_array_size(listed))
        result = wrong(error, path, index,
                       "this category is used twice in its checkpoint");
    if (result == 0) {
        (void)json_array_insert_new(
            listed, at + 1, make_listed(public, spec, id, count, points));
        (void)json_object_set_new(public, "points", json_integer(max - points));
    }
    free(id);
    return result;
}

int hidden_add(json_t *listed, const char *lab, const char *path, char *error)
{
    json_error_t fault;
    json_t *file = json_load_file(path, 0, &fault);
    const json_t *all = json_object_get(file, "hidden");
    int result = 0;
    if (file == NULL)
        (void)snprintf(error, HIDDEN_ERROR_BYTES, "%.200s: %.200s", path,
                       fault.text);
    else if (strcmp(object_text(file, "lab"), lab) != 0 || !json_is_array(all))
        (void)snprintf(error, HIDDEN_ERROR_BYTES,
                       "%.200s: its members must be \"lab\": \"%s\" and the "
                       "list \"hidden\"",
                       path, lab);
    else
        result = 1;
    result = result == 1 ? 0 : -EINVAL;
    size_t i;
    json_t *spec;
    json_array_foreach(all, i, spec)
    {
        if (result == 0)
            result = add_one(listed, spec, path, i, error);
    }
    json_decref(file);
    return result;
}

bool hidden_is(const json_t *listed)
{
    return json_object_get(listed, "of") != NULL;
}

void hidden_compose(const json_t *listed, size_t number, struct job *job)
{
    const json_t *variants = json_object_get(listed, "of_variants");
    const json_t *params = json_object_get(listed, "params");
    size_t n = json_array_size(variants), k = json_array_size(params);
    job->id = object_text(listed, "of");
    job->variant =
        n ? json_string_value(json_array_get(variants, number % n)) : "";
    job->params =
        k ? json_string_value(json_array_get(params, number % k)) : NULL;
}
