/* labs/NN-name/lab.json. */
#include "grade/labjson.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

enum { TOTAL_POINTS = 100, MAX_MINUTES = 100000 };

/* The first thing wrong is kept, everything after it is noise. */
struct reader {
    const char *path;
    char *error;
    bool failed;
};

struct member {
    const char *name;
    json_type type;
    bool optional;
};

static const struct member lab_members[] = {
    {"id", JSON_STRING, false},       {"name", JSON_STRING, false},
    {"title", JSON_STRING, false},    {"chapter", JSON_STRING, false},
    {"programs", JSON_ARRAY, false},  {"checkpoints", JSON_ARRAY, false},
    {"topics", JSON_ARRAY, false},    {"prerequisites", JSON_ARRAY, false},
    {"minutes", JSON_INTEGER, false}, {"time_limit_s", JSON_INTEGER, false},
    {"wants", JSON_ARRAY, true},      {"build", JSON_OBJECT, true},
};

static const struct member build_members[] = {
    {"cpu_s", JSON_INTEGER, false},
    {"memory_mib", JSON_INTEGER, false},
};

static const struct member checkpoint_members[] = {
    {"number", JSON_INTEGER, false}, {"title", JSON_STRING, false},
    {"points", JSON_INTEGER, false}, {"minutes", JSON_INTEGER, false},
    {"needs", JSON_ARRAY, true},
};

static const struct member want_members[] = {
    {"tool", JSON_STRING, false},
    {"lost", JSON_STRING, false},
};

enum {
    BUILD_MEMBERS = sizeof(build_members) / sizeof(build_members[0]),
    WANT_MEMBERS = sizeof(want_members) / sizeof(want_members[0]),
    LAB_MEMBERS = sizeof(lab_members) / sizeof(lab_members[0]),
    CHECKPOINT_MEMBERS =
        sizeof(checkpoint_members) / sizeof(checkpoint_members[0]),
};

static void wrong(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void wrong(struct reader *reader, const char *format, ...)
{
    if (reader->failed)
        return;
    reader->failed = true;
    int n = snprintf(reader->error, LABJSON_ERROR_BYTES, "%s: ", reader->path);
    if (n < 0 || n >= LABJSON_ERROR_BYTES)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(reader->error + n, (size_t)(LABJSON_ERROR_BYTES - n), format,
              args);
    va_end(args);
}

static const char *type_name(json_type type)
{
    switch (type) {
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_ARRAY:
        return "an array";
    default:
        return "something else";
    }
}

static const char *nearest_member(const char *key, const struct member *members,
                                  size_t n)
{
    const char *names[LAB_MEMBERS];
    for (size_t i = 0; i < n; i++)
        names[i] = members[i].name;
    return nearest_word(key, names, n);
}

static bool is_member(const char *key, const struct member *members, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(key, members[i].name) == 0)
            return true;
    }
    return false;
}

/* Every member is there and of its type, and there are no others. `where` is ""
 * or "checkpoints[2].". */
static void check_members(struct reader *reader, json_t *object,
                          const char *where, const struct member *members,
                          size_t n)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (is_member(key, members, n))
            continue;
        const char *meant = nearest_member(key, members, n);
        wrong(reader, "%s%s is not known%s%s%s", where, key,
              meant ? "; did you mean " : "", meant ? meant : "",
              meant ? "?" : "");
    }
    for (size_t i = 0; i < n; i++) {
        value = json_object_get(object, members[i].name);
        if (value == NULL && !members[i].optional)
            wrong(reader, "%s%s is missing", where, members[i].name);
        if (value != NULL && json_typeof(value) != members[i].type)
            wrong(reader, "%s%s must be %s", where, members[i].name,
                  type_name(members[i].type));
    }
}

static void check_strings(struct reader *reader, json_t *lab, const char *name)
{
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(lab, name), i, value)
    {
        if (!json_is_string(value) || *json_string_value(value) == '\0')
            wrong(reader, "%s[%zu] must be a string", name, i);
    }
}

static int whole(struct reader *reader, const json_t *object, const char *where,
                 const char *name, int low, int high)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    if (value < low || value > high)
        wrong(reader, "%s%s is %lld; it must be between %d and %d", where, name,
              (long long)value, low, high);
    return (int)value;
}

static void read_needs(struct reader *reader, const json_t *needs,
                       const char *where, struct checkpoint *checkpoint)
{
    if (needs == NULL) { /* the one before */
        checkpoint->need_count = checkpoint->number > 1;
        checkpoint->needs[0] = checkpoint->number - 1;
        return;
    }
    size_t i;
    json_t *value;
    json_array_foreach(needs, i, value)
    {
        json_int_t number = json_integer_value(value);
        if (number < 1 || number >= checkpoint->number) {
            wrong(reader, "%sneeds[%zu] must be the number of an earlier one",
                  where, i);
            return;
        }
        checkpoint->needs[checkpoint->need_count++] = (int)number;
        if (checkpoint->need_count == LABJSON_MAX_CHECKPOINTS)
            break;
    }
}

static void read_checkpoint(struct reader *reader, json_t *json, size_t index,
                            struct checkpoint *checkpoint)
{
    char where[32];
    snprintf(where, sizeof(where), "checkpoints[%zu].", index);
    if (!json_is_object(json)) {
        wrong(reader, "checkpoints[%zu] must be an object", index);
        return;
    }
    check_members(reader, json, where, checkpoint_members, CHECKPOINT_MEMBERS);
    if (reader->failed)
        return;
    checkpoint->number = (int)index + 1;
    checkpoint->title = json_string_value(json_object_get(json, "title"));
    checkpoint->points = whole(reader, json, where, "points", 1, TOTAL_POINTS);
    checkpoint->minutes = whole(reader, json, where, "minutes", 1, MAX_MINUTES);
    if (json_integer_value(json_object_get(json, "number")) != (int)index + 1)
        wrong(reader, "%snumber must be %zu: they run from 1 without a gap",
              where, index + 1);
    read_needs(reader, json_object_get(json, "needs"), where, checkpoint);
}

static void read_checkpoints(struct reader *reader, const json_t *array,
                             struct labjson *lab)
{
    size_t n = json_array_size(array);
    if (n < 1 || n > LABJSON_MAX_CHECKPOINTS) {
        wrong(reader, "checkpoints holds %zu; 1 to %d are allowed", n,
              LABJSON_MAX_CHECKPOINTS);
        return;
    }
    int total = 0;
    for (size_t i = 0; i < n; i++) {
        read_checkpoint(reader, json_array_get(array, i), i,
                        &lab->checkpoints[i]);
        total += lab->checkpoints[i].points;
    }
    lab->checkpoint_count = n;
    if (total != TOTAL_POINTS)
        wrong(reader, "the checkpoints' points sum to %d; it must be %d", total,
              TOTAL_POINTS);
}

static void read_build(struct reader *reader, json_t *build,
                       struct labjson *lab)
{
    if (build == NULL)
        return;
    check_members(reader, build, "build.", build_members, BUILD_MEMBERS);
    if (reader->failed)
        return;
    lab->build_cpu_s = whole(reader, build, "build.", "cpu_s", 1, 3600);
    lab->build_memory_mib =
        whole(reader, build, "build.", "memory_mib", 64, 1 << 20);
}

/* "nft", or {"tool": "nft", "lost": "tests behind a NAT"}. */
static void read_want(struct reader *reader, json_t *json, size_t index,
                      struct want *want)
{
    char where[32];
    snprintf(where, sizeof(where), "wants[%zu].", index);
    if (json_is_object(json))
        check_members(reader, json, where, want_members, WANT_MEMBERS);
    bool named = json_is_string(json);
    want->tool =
        json_string_value(named ? json : json_object_get(json, "tool"));
    want->lost = named ? "the tests with it"
                       : json_string_value(json_object_get(json, "lost"));
    if (want->tool == NULL || *want->tool == '\0')
        wrong(reader, "wants[%zu] must name a tool", index);
}

static void read_wants(struct reader *reader, struct labjson *lab)
{
    size_t i;
    json_t *json;
    json_array_foreach(json_object_get(lab->json, "wants"), i, json)
    {
        if (i == LABJSON_MAX_WANTS) {
            wrong(reader, "wants holds more than %d", LABJSON_MAX_WANTS);
            return;
        }
        read_want(reader, json, i, &lab->wants[i]);
        lab->want_count = i + 1;
    }
}

static void read_lab(struct reader *reader, struct labjson *lab)
{
    check_members(reader, lab->json, "", lab_members, LAB_MEMBERS);
    if (reader->failed)
        return;
    lab->id = json_string_value(json_object_get(lab->json, "id"));
    lab->name = json_string_value(json_object_get(lab->json, "name"));
    lab->title = json_string_value(json_object_get(lab->json, "title"));
    lab->chapter = json_string_value(json_object_get(lab->json, "chapter"));
    if (strlen(lab->id) != 2 || !isdigit((unsigned char)lab->id[0]) ||
        !isdigit((unsigned char)lab->id[1]))
        wrong(reader, "id is \"%s\"; it must be two digits, \"08\"", lab->id);
    lab->minutes = whole(reader, lab->json, "", "minutes", 1, MAX_MINUTES);
    lab->time_limit_s = whole(reader, lab->json, "", "time_limit_s", 1, 3600);
    check_strings(reader, lab->json, "programs");
    check_strings(reader, lab->json, "topics");
    check_strings(reader, lab->json, "prerequisites");
    read_build(reader, json_object_get(lab->json, "build"), lab);
    read_wants(reader, lab);
    read_checkpoints(reader, json_object_get(lab->json, "checkpoints"), lab);
}

int labjson_load(const char *path, struct labjson *lab, char *error)
{
    *lab = (struct labjson){0};
    struct reader reader = {.path = path, .error = error};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        int rc = -errno;
        wrong(&reader, "%s", strerror(-rc));
        return rc;
    }
    json_error_t at;
    lab->json = json_loadf(file, JSON_REJECT_DUPLICATES, &at);
    fclose(file);
    if (lab->json == NULL)
        wrong(&reader, "line %d, column %d: %s", at.line, at.column, at.text);
    else if (!json_is_object(lab->json))
        wrong(&reader, "must be an object");
    else
        read_lab(&reader, lab);
    if (reader.failed) {
        labjson_fini(lab);
        return -EINVAL;
    }
    return 0;
}

void labjson_fini(struct labjson *lab)
{
    json_decref(lab->json);
    *lab = (struct labjson){0};
}

const struct checkpoint *labjson_checkpoint(const struct labjson *lab,
                                            int number)
{
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        if (lab->checkpoints[i].number == number)
            return &lab->checkpoints[i];
    }
    return NULL;
}
