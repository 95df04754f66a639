/* results.json as a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replace.h"
#include "grade/results.h"

int results_write(const json_t *results_json, const char *path, char *error)
{
    char *text = json_dumps(results_json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    int rc = text ? file_replace(path, text, strlen(text)) : -ENOMEM;
    if (rc < 0)
        snprintf(error, RESULTS_ERROR_BYTES, "cannot write %s: %s", path,
                 strerror(-rc));
    free(text);
    return rc;
}

json_t *results_load(const char *path, char *error)
{
    json_error_t at;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(error, RESULTS_ERROR_BYTES, "cannot read %s: %s", path,
                 strerror(errno));
        return NULL;
    }
    json_t *json = json_loadf(file, 0, &at);
    fclose(file);
    int schema = 0;
    if (json == NULL) {
        snprintf(error, RESULTS_ERROR_BYTES, "%s: line %d, column %d: %s", path,
                 at.line, at.column, at.text);
    } else if (json_unpack(json, "{s:i}", "schema", &schema) < 0 ||
               schema != RESULTS_SCHEMA) {
        snprintf(error, RESULTS_ERROR_BYTES,
                 "%s is not a results.json of schema %d", path, RESULTS_SCHEMA);
        json_decref(json);
        return NULL;
    }
    return json;
}

const json_t *results_find(const json_t *results_json, const char *id)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(results_json, "tests"), i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "id"));
        if (name && strcmp(name, id) == 0)
            return entry;
    }
    return NULL;
}
