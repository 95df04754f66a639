/* Members of JSON objects that may be absent. */
#ifndef BASE_OBJECT_H
#define BASE_OBJECT_H

#include <jansson.h>

/* The text, or "" if there is no such text; lives as long as the object. */
const char *object_text(const json_t *object, const char *key);
/* The whole number, or 0. */
int object_int(const json_t *object, const char *key);

#endif
