/* What a JSON file must look like; see shape.h. */
#include "grade/shape.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

enum { MAX_MEMBERS = 32 };

void shape_wrong(struct shape *shape, const char *format, ...)
{
    if (shape->failed)
        return;
    shape->failed = true;
    int n = snprintf(shape->error, shape->error_bytes, "%s: ", shape->path);
    if (n < 0 || (size_t)n >= shape->error_bytes)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(shape->error + n, shape->error_bytes - (size_t)n, format,
                    args);
    va_end(args);
    for (char *at = shape->error; *at; at++) { /* of a stranger's file */
        if (iscntrl((unsigned char)*at))
            *at = '?';
    }
}

int shape_load(struct shape *shape, json_t **json)
{
    json_error_t at;
    *json = NULL;
    FILE *file = fopen(shape->path, "re");
    if (file == NULL) {
        int result = -errno;
        shape_wrong(shape, "%s", strerror(-result));
        return result;
    }
    json_t *read = json_loadf(file, JSON_REJECT_DUPLICATES, &at);
    (void)fclose(file);
    if (read == NULL)
        shape_wrong(shape, "line %d, column %d: %s", at.line, at.column,
                    at.text);
    else if (!json_is_object(read))
        shape_wrong(shape, "must be an object");
    if (shape->failed) {
        json_decref(read);
        return -EINVAL;
    }
    *json = read;
    return 0;
}

static const char *types_name(unsigned types)
{
    if (types & SHAPE_TEXT)
        return types & SHAPE_NULL ? "a string or null" : "a string";
    if (types & 1 << JSON_REAL)
        return "a number";
    if (types & SHAPE_WHOLE)
        return "a whole number";
    if (types & SHAPE_BOOL)
        return "true or false";
    return types & SHAPE_ARRAY ? "an array" : "an object";
}

static void check_name(struct shape *shape, const char *where, const char *key,
                       const struct shape_member *members, size_t n)
{
    const char *names[MAX_MEMBERS];
    for (size_t i = 0; i < n && i < MAX_MEMBERS; i++) {
        names[i] = members[i].name;
        if (strcmp(key, names[i]) == 0)
            return;
    }
    const char *meant = nearest_word(key, names, n);
    shape_wrong(shape, "%s%.60s is not known%s%s%s", where, key,
                meant ? "; did you mean " : "", meant ? meant : "",
                meant ? "?" : "");
}

void shape_members(struct shape *shape, const json_t *json, const char *where,
                   const struct shape_member *members, size_t n, bool closed)
{
    const char *key;
    json_t *value;
    if (!json_is_object(json)) {
        shape_wrong(shape, "%.*s must be an object", (int)strlen(where) - 1,
                    where);
        return;
    }
    /* Iterating changes nothing, though its prototype does not say so. */
    json_object_foreach((json_t *)json, key, value)
    {
        if (closed)
            check_name(shape, where, key, members, n);
    }
    for (size_t i = 0; i < n; i++) {
        value = json_object_get(json, members[i].name);
        if (value == NULL && !members[i].optional)
            shape_wrong(shape, "%s%s is missing", where, members[i].name);
        if (value && !(members[i].types & 1U << json_typeof(value)))
            shape_wrong(shape, "%s%s must be %s", where, members[i].name,
                        types_name(members[i].types));
    }
}

int shape_whole(struct shape *shape, const json_t *object, const char *where,
                const char *name, int low, int high)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    if (value < low || value > high)
        shape_wrong(shape, "%s%s is %lld; it must be between %d and %d", where,
                    name, (long long)value, low, high);
    return (int)value;
}
