/* labs/NN-name/lab.json. */
#include "grade/labjson.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "grade/shape.h"

enum { TOTAL_POINTS = 100, MAX_MINUTES = 100000 };

static const struct shape_member lab_members[] = {
    {"id", SHAPE_TEXT, false},        {"name", SHAPE_TEXT, false},
    {"title", SHAPE_TEXT, false},     {"chapter", SHAPE_TEXT, false},
    {"programs", SHAPE_ARRAY, false}, {"checkpoints", SHAPE_ARRAY, false},
    {"topics", SHAPE_ARRAY, false},   {"prerequisites", SHAPE_ARRAY, false},
    {"minutes", SHAPE_WHOLE, false},  {"time_limit_s", SHAPE_WHOLE, false},
    {"wants", SHAPE_ARRAY, true},     {"build", SHAPE_OBJECT, true},
};

static const struct shape_member build_members[] = {
    {"cpu_s", SHAPE_WHOLE, false},
    {"memory_mib", SHAPE_WHOLE, false},
};

static const struct shape_member checkpoint_members[] = {
    {"number", SHAPE_WHOLE, false}, {"title", SHAPE_TEXT, false},
    {"points", SHAPE_WHOLE, false}, {"minutes", SHAPE_WHOLE, false},
    {"needs", SHAPE_ARRAY, true},
};

static const struct shape_member want_members[] = {
    {"tool", SHAPE_TEXT, false},
    {"lost", SHAPE_TEXT, false},
};

enum {
    BUILD_MEMBERS = sizeof(build_members) / sizeof(build_members[0]),
    WANT_MEMBERS = sizeof(want_members) / sizeof(want_members[0]),
    LAB_MEMBERS = sizeof(lab_members) / sizeof(lab_members[0]),
    CHECKPOINT_MEMBERS =
        sizeof(checkpoint_members) / sizeof(checkpoint_members[0]),
};

static void check_strings(struct shape *shape, json_t *lab, const char *name)
{
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(lab, name), i, value)
    {
        if (!json_is_string(value) || *json_string_value(value) == '\0')
            shape_wrong(shape, "%s[%zu] must be a string", name, i);
    }
}

static void read_needs(struct shape *shape, const json_t *needs,
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
            shape_wrong(shape,
                        "%sneeds[%zu] must be the number of an earlier one",
                        where, i);
            return;
        }
        checkpoint->needs[checkpoint->need_count++] = (int)number;
        if (checkpoint->need_count == LABJSON_MAX_CHECKPOINTS)
            break;
    }
}

static void read_checkpoint(struct shape *shape, json_t *json, size_t index,
                            struct checkpoint *checkpoint)
{
    char where[32];
    snprintf(where, sizeof(where), "checkpoints[%zu].", index);
    shape_members(shape, json, where, checkpoint_members, CHECKPOINT_MEMBERS,
                  true);
    if (shape->failed)
        return;
    checkpoint->number = (int)index + 1;
    checkpoint->title = json_string_value(json_object_get(json, "title"));
    checkpoint->points =
        shape_whole(shape, json, where, "points", 1, TOTAL_POINTS);
    checkpoint->minutes =
        shape_whole(shape, json, where, "minutes", 1, MAX_MINUTES);
    if (json_integer_value(json_object_get(json, "number")) != (int)index + 1)
        shape_wrong(shape,
                    "%snumber must be %zu: they run from 1 without a gap",
                    where, index + 1);
    read_needs(shape, json_object_get(json, "needs"), where, checkpoint);
}

static void read_checkpoints(struct shape *shape, const json_t *array,
                             struct labjson *lab)
{
    size_t n = json_array_size(array);
    if (n < 1 || n > LABJSON_MAX_CHECKPOINTS) {
        shape_wrong(shape, "checkpoints holds %zu; 1 to %d are allowed", n,
                    LABJSON_MAX_CHECKPOINTS);
        return;
    }
    int total = 0;
    for (size_t i = 0; i < n; i++) {
        read_checkpoint(shape, json_array_get(array, i), i,
                        &lab->checkpoints[i]);
        total += lab->checkpoints[i].points;
    }
    lab->checkpoint_count = n;
    if (total != TOTAL_POINTS)
        shape_wrong(shape, "the checkpoints' points sum to %d; it must be %d",
                    total, TOTAL_POINTS);
}

static void read_build(struct shape *shape, json_t *build, struct labjson *lab)
{
    if (build == NULL)
        return;
    shape_members(shape, build, "build.", build_members, BUILD_MEMBERS, true);
    if (shape->failed)
        return;
    lab->build_cpu_s = shape_whole(shape, build, "build.", "cpu_s", 1, 3600);
    lab->build_memory_mib =
        shape_whole(shape, build, "build.", "memory_mib", 64, 1 << 20);
}

/* "nft", or {"tool": "nft", "lost": "tests behind a NAT"}. */
static void read_want(struct shape *shape, json_t *json, size_t index,
                      struct want *want)
{
    char where[32];
    snprintf(where, sizeof(where), "wants[%zu].", index);
    if (json_is_object(json))
        shape_members(shape, json, where, want_members, WANT_MEMBERS, true);
    bool named = json_is_string(json);
    want->tool =
        json_string_value(named ? json : json_object_get(json, "tool"));
    want->lost = named ? "the tests with it"
                       : json_string_value(json_object_get(json, "lost"));
    if (want->tool == NULL || *want->tool == '\0')
        shape_wrong(shape, "wants[%zu] must name a tool", index);
}

static void read_wants(struct shape *shape, struct labjson *lab)
{
    size_t i;
    json_t *json;
    json_array_foreach(json_object_get(lab->json, "wants"), i, json)
    {
        if (i == LABJSON_MAX_WANTS) {
            shape_wrong(shape, "wants holds more than %d", LABJSON_MAX_WANTS);
            return;
        }
        read_want(shape, json, i, &lab->wants[i]);
        lab->want_count = i + 1;
    }
}

static void read_lab(struct shape *shape, struct labjson *lab)
{
    shape_members(shape, lab->json, "", lab_members, LAB_MEMBERS, true);
    if (shape->failed)
        return;
    lab->id = json_string_value(json_object_get(lab->json, "id"));
    lab->name = json_string_value(json_object_get(lab->json, "name"));
    lab->title = json_string_value(json_object_get(lab->json, "title"));
    lab->chapter = json_string_value(json_object_get(lab->json, "chapter"));
    if (strlen(lab->id) != 2 || !isdigit((unsigned char)lab->id[0]) ||
        !isdigit((unsigned char)lab->id[1]))
        shape_wrong(shape, "id is \"%s\"; it must be two digits, \"08\"",
                    lab->id);
    lab->minutes = shape_whole(shape, lab->json, "", "minutes", 1, MAX_MINUTES);
    lab->time_limit_s =
        shape_whole(shape, lab->json, "", "time_limit_s", 1, 3600);
    check_strings(shape, lab->json, "programs");
    check_strings(shape, lab->json, "topics");
    check_strings(shape, lab->json, "prerequisites");
    read_build(shape, json_object_get(lab->json, "build"), lab);
    read_wants(shape, lab);
    read_checkpoints(shape, json_object_get(lab->json, "checkpoints"), lab);
}

int labjson_load(const char *path, struct labjson *lab, char *error)
{
    *lab = (struct labjson){0};
    struct shape shape = {
        .path = path, .error = error, .error_bytes = LABJSON_ERROR_BYTES};
    int result = shape_load(&shape, &lab->json);
    if (result < 0)
        return result;
    read_lab(&shape, lab);
    if (shape.failed) {
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
