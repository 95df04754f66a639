/* The grades of a batch, read back; see grades.h. */
#include "grade/grades.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "grade/shape.h"

enum { TEXT_OR_NULL = SHAPE_TEXT | SHAPE_NULL };

static const struct shape_member batch_members[] = {
    {"schema", SHAPE_WHOLE, false},
    {"wirelab", SHAPE_TEXT, false},
    {"lab", SHAPE_TEXT, false},
    {"title", SHAPE_TEXT, false},
    {"max", SHAPE_WHOLE, false},
    {"lab_digest", SHAPE_TEXT, false},
    {"harness_digest", SHAPE_TEXT, false},
    {"world", SHAPE_TEXT, false},
    {"shard", TEXT_OR_NULL, false},
    {"policy", SHAPE_OBJECT, true},
    {"students", SHAPE_ARRAY, false},
};

static const struct shape_member student_members[] = {
    {"id", SHAPE_TEXT, false},           {"name", SHAPE_TEXT, false},
    {"email", SHAPE_TEXT, false},        {"seed", SHAPE_TEXT, false},
    {"submission", SHAPE_OBJECT, false}, {"build", SHAPE_OBJECT, false},
    {"score", SHAPE_OBJECT, false},      {"tests", SHAPE_ARRAY, false},
    {"attempt", SHAPE_OBJECT, true},     {"late", SHAPE_OBJECT, true},
};

static const struct shape_member submission_members[] = {
    {"digest", TEXT_OR_NULL, false},
    {"file", TEXT_OR_NULL, false},
    {"submitted", TEXT_OR_NULL, false},
    {"problems", SHAPE_ARRAY, false},
};

static const struct shape_member build_members[] = {
    {"ok", SHAPE_BOOL, false},
    {"message", SHAPE_TEXT, false},
};

static const struct shape_member score_members[] = {
    {"points", SHAPE_WHOLE, false},     {"max", SHAPE_WHOLE, false},
    {"judged", SHAPE_WHOLE, false},     {"before", SHAPE_WHOLE, true},
    {"adjustments", SHAPE_ARRAY, true},
};

static const struct shape_member adjustment_members[] = {
    {"kind", SHAPE_TEXT, false},
    {"test", SHAPE_TEXT, true},
    {"points", SHAPE_WHOLE, false},
    {"reason", SHAPE_TEXT, false},
};

static const struct shape_member test_members[] = {
    {"id", SHAPE_TEXT, false},        {"title", SHAPE_TEXT, false},
    {"points", SHAPE_WHOLE, false},   {"checkpoint", SHAPE_WHOLE, false},
    {"max", SHAPE_WHOLE, false},      {"verdict", SHAPE_TEXT, false},
    {"message", SHAPE_TEXT, false},   {"hidden", SHAPE_BOOL, false},
    {"category", SHAPE_TEXT, true},   {"count", SHAPE_WHOLE, true},
    {"attempts", SHAPE_WHOLE, false},
};

/* Of a check, whose entries have much more (results.schema.json). */
static const struct shape_member check_members[] = {
    {"schema", SHAPE_WHOLE, false}, {"wirelab", SHAPE_TEXT, false},
    {"lab", SHAPE_TEXT, false},     {"world", SHAPE_TEXT, false},
    {"seed", SHAPE_TEXT, false},    {"score", SHAPE_OBJECT, false},
    {"tests", SHAPE_ARRAY, false},  {"student", SHAPE_TEXT, true},
    {"build", SHAPE_OBJECT, true},
};

static const struct shape_member checked_test_members[] = {
    {"id", SHAPE_TEXT, false},       {"title", SHAPE_TEXT, true},
    {"points", SHAPE_WHOLE, false},  {"checkpoint", SHAPE_WHOLE, false},
    {"max", SHAPE_WHOLE, false},     {"verdict", SHAPE_TEXT, false},
    {"message", SHAPE_TEXT, true},   {"category", SHAPE_TEXT, true},
    {"variants", SHAPE_ARRAY, true},
};

/* Two arguments at once. */
#define TABLE(list) list, sizeof(list) / sizeof((list)[0])

static void check_list(struct shape *shape, const json_t *list,
                       const char *where, const struct shape_member *members,
                       size_t n)
{
    char place[128];
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        (void)snprintf(place, sizeof(place), "%s[%zu].", where, i);
        shape_members(shape, one, place, members, n, false);
    }
}

static void check_verdicts(struct shape *shape, const json_t *tests,
                           const char *where)
{
    enum verdict verdict;
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        const char *name = json_string_value(json_object_get(test, "verdict"));
        if (name && verdict_parse(name, &verdict) < 0)
            shape_wrong(shape, "%s[%zu].verdict: '%.40s' is none", where, i,
                        name);
    }
}

/* One of a student's parts, by its name. */
static void check_part(struct shape *shape, const json_t *student,
                       const char *where, const char *name,
                       const struct shape_member *members, size_t n)
{
    char place[64];
    (void)snprintf(place, sizeof(place), "%s%s.", where, name);
    shape_members(shape, json_object_get(student, name), place, members, n,
                  false);
}

static void check_student(struct shape *shape, const json_t *student,
                          const char *where)
{
    char place[64];
    const json_t *score = json_object_get(student, "score");
    shape_members(shape, student, where, TABLE(student_members), false);
    check_part(shape, student, where, "submission", TABLE(submission_members));
    check_part(shape, student, where, "build", TABLE(build_members));
    check_part(shape, student, where, "score", TABLE(score_members));
    (void)snprintf(place, sizeof(place), "%sscore.adjustments", where);
    check_list(shape, json_object_get(score, "adjustments"), place,
               TABLE(adjustment_members));
    (void)snprintf(place, sizeof(place), "%stests", where);
    check_list(shape, json_object_get(student, "tests"), place,
               TABLE(test_members));
    check_verdicts(shape, json_object_get(student, "tests"), place);
}

static const char *id_of(const json_t *object)
{
    return json_string_value(json_object_get(object, "id"));
}

static void check_students(struct shape *shape, const json_t *students)
{
    char place[32];
    const char *before = NULL;
    size_t i;
    json_t *student;
    json_array_foreach(students, i, student)
    {
        (void)snprintf(place, sizeof(place), "students[%zu].", i);
        check_student(shape, student, place);
        if (shape->failed)
            return;
        const char *id = id_of(student);
        if (before && strcmp(before, id) >= 0)
            shape_wrong(shape,
                        "%sid: '%s' comes after '%s', but students are sorted "
                        "by id and each is there once",
                        place, id, before);
        before = id;
    }
}

/* Says it in a user's words when this is another of our files. */
static void check_kind(struct shape *shape, const json_t *json)
{
    const char *kind = json_string_value(json_object_get(json, "kind"));
    json_int_t schema = json_integer_value(json_object_get(json, "schema"));
    if (json_object_get(json, "impl"))
        shape_wrong(shape, "is the result of one check; that of a batch is "
                           "wanted, OUT/results.json of wirelab grade");
    else if (json_object_get(json, "toolchain"))
        shape_wrong(shape, "tells what was graded; the grades are in "
                           "results.json beside it");
    else if (kind == NULL || strcmp(kind, "batch") != 0)
        shape_wrong(shape, "is no batch's results.json");
    else if (schema != GRADES_SCHEMA)
        shape_wrong(shape, "is of schema %lld; this wirelab reads %d",
                    (long long)schema, GRADES_SCHEMA);
}

static void check_batch(struct shape *shape, const json_t *json)
{
    check_kind(shape, json);
    shape_members(shape, json, "", TABLE(batch_members), false);
    check_students(shape, json_object_get(json, "students"));
}

static void check_check(struct shape *shape, const json_t *json)
{
    json_int_t schema = json_integer_value(json_object_get(json, "schema"));
    const json_t *tests = json_object_get(json, "tests");
    if (schema != GRADES_SCHEMA)
        shape_wrong(shape, "is of schema %lld; this wirelab reads %d",
                    (long long)schema, GRADES_SCHEMA);
    shape_members(shape, json, "", TABLE(check_members), false);
    check_part(shape, json, "", "score", TABLE(score_members));
    check_list(shape, tests, "tests", TABLE(checked_test_members));
    check_verdicts(shape, tests, "tests");
}

static json_t *load(const char *path, bool batch_only, char *error)
{
    struct stat st;
    bool is_dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    char *file = str_format("%s%s", path, is_dir ? "/results.json" : "");
    struct shape shape = {
        .path = file, .error = error, .error_bytes = GRADES_ERROR_BYTES};
    json_t *grades = NULL;
    if (shape_load(&shape, &grades) == 0) {
        if (!batch_only && json_object_get(grades, "impl"))
            check_check(&shape, grades);
        else
            check_batch(&shape, grades);
    }
    if (shape.failed) {
        json_decref(grades);
        grades = NULL;
    }
    free(file);
    return grades;
}

json_t *grades_load(const char *path, char *error)
{
    return load(path, true, error);
}

json_t *grades_load_any(const char *path, char *error)
{
    return load(path, false, error);
}

int grades_write(const char *path, const json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    char *line = str_format("%s\n", text ? text : "");
    int result = text ? file_replace(path, line, strlen(line)) : -EINVAL;
    free(line);
    free(text);
    return result;
}

/* In an array of objects with an id. */
static json_t *find(const json_t *array, const char *id)
{
    size_t i;
    json_t *one;
    json_array_foreach(array, i, one)
    {
        if (strcmp(id_of(one), id) == 0)
            return one;
    }
    return NULL;
}

json_t *grades_student(const json_t *grades, const char *id)
{
    return find(json_object_get(grades, "students"), id);
}

json_t *grades_test(const json_t *student, const char *id)
{
    return find(json_object_get(student, "tests"), id);
}

char *grades_directory(const char *id)
{
    struct strbuf name = {0};
    for (const char *at = id; *at; at++) {
        bool plain = isalnum((unsigned char)*at) ||
                     (strchr("_-@+.", *at) && (at > id || *at != '.'));
        if (plain)
            strbuf_add(&name, at, 1);
        else
            strbuf_printf(&name, "%%%02X", (unsigned char)*at);
    }
    return name.text ? name.text : mem_strdup("%");
}
