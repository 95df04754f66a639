/* Hidden variants; see hidden.h. */
#include "cli/hidden.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/object.h"

enum { MAX_COUNT = 20 };

/* One of the file's members, and where to say what is wrong with it. */
struct spec {
    const json_t *json;
    const char *path;
    size_t index;
    char *error;
};

static int wrong(const struct spec *spec, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int wrong(const struct spec *spec, const char *format, ...)
{
    char what[HIDDEN_ERROR_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    (void)snprintf(spec->error, HIDDEN_ERROR_BYTES,
                   "%.150s: hidden[%zu]: %.300s", spec->path, spec->index,
                   what);
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
        char name[12];
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

/* "loss, segments", for a line about a name that is none of them. */
static char *figures_text(const json_t *public)
{
    struct strbuf text = {0};
    size_t i;
    json_t *figure;
    json_array_foreach(json_object_get(public, "figures"), i, figure)
    {
        strbuf_printf(&text, "%s%s", i ? ", " : "", json_string_value(figure));
    }
    if (i == 0)
        strbuf_printf(&text, "none");
    return text.text;
}

static bool reads_figure(const json_t *public, const char *name, size_t bytes)
{
    size_t i;
    json_t *figure;
    json_array_foreach(json_object_get(public, "figures"), i, figure)
    {
        const char *text = json_string_value(figure);
        if (strlen(text) == bytes && strncmp(text, name, bytes) == 0)
            return true;
    }
    return false;
}

/* "loss=7,segments=90": names that the test reads, and whole numbers. */
static int check_assignments(const struct spec *spec, const json_t *public,
                             const char *text)
{
    for (const char *at = text;; at++) {
        char *end;
        size_t n = strcspn(at, "=,");
        if (at[n] != '=')
            return wrong(spec,
                         "its params must be \"NAME=NUMBER,...\", not "
                         "'%.60s'",
                         text);
        if (!reads_figure(public, at, n)) {
            char *figures = figures_text(public);
            int result = wrong(spec,
                               "its test reads no figure '%.*s'; it "
                               "reads: %.150s",
                               (int)(n < 40 ? n : 40), at, figures);
            free(figures);
            return result;
        }
        (void)strtol(at + n + 1, &end, 10);
        if (end == at + n + 1 || (*end && *end != ','))
            return wrong(spec, "'%.*s' wants a whole number: '%.60s'",
                         (int)(n < 40 ? n : 40), at, text);
        if (*end == '\0')
            return 0;
        at = end;
    }
}

static int check_params(const struct spec *spec, const json_t *public)
{
    const json_t *params = json_object_get(spec->json, "params");
    size_t i;
    json_t *text;
    if (params && (!json_is_array(params) || json_array_size(params) == 0))
        return wrong(spec, "its params must be a list of \"NAME=NUMBER,...\"");
    json_array_foreach(params, i, text)
    {
        const char *assignments = json_string_value(text);
        int result =
            check_assignments(spec, public, assignments ? assignments : "");
        if (result < 0)
            return result;
    }
    return 0;
}

static int check_spec(const struct spec *spec, const json_t *public, int points)
{
    int count = object_int(spec->json, "count");
    int max = object_int(public, "points");
    if (*object_text(spec->json, "category") == '\0')
        return wrong(spec, "it has no category");
    if (public == NULL || hidden_is(public))
        return wrong(spec, "its test is none of the lab's");
    if (count < 1 || count > MAX_COUNT)
        return wrong(spec, "its count must be 1 to %d", MAX_COUNT);
    if (points < 0 || points > max)
        return wrong(spec, "its points must be some of the public test's %d",
                     max);
    return check_params(spec, public);
}

static int add_one(json_t *listed, const struct spec *spec)
{
    size_t at = find(listed, object_text(spec->json, "test"));
    json_t *public = json_array_get(listed, at);
    int max = object_int(public, "points");
    int points = json_object_get(spec->json, "points")
                     ? object_int(spec->json, "points")
                     : max / 2;
    int result = check_spec(spec, public, points);
    if (result < 0)
        return result;
    char *id = make_id(public, object_text(spec->json, "category"));
    if (find(listed, id) < json_array_size(listed)) {
        result = wrong(spec, "this category is used twice in its checkpoint");
    } else {
        int count = object_int(spec->json, "count");
        (void)json_array_insert_new(
            listed, at + 1, make_listed(public, spec->json, id, count, points));
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
    struct spec spec = {.path = path, .error = error};
    json_t *one;
    json_array_foreach(all, spec.index, one)
    {
        spec.json = one;
        if (result == 0)
            result = add_one(listed, &spec);
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
