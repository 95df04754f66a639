/* Members of JSON objects that may be absent. */
#include "base/object.h"

const char *object_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int object_int(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}
