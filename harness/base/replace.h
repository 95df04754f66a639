/* Replacing a file as a whole. */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stddef.h>

/* Makes `path` hold these bytes: a reader sees the old file or the whole new
 * one, whatever happens, and on a full disk the old one stays.
 * Returns 0 or -errno. */
int file_replace(const char *path, const void *data, size_t bytes);

/* The same for a path that a user named: a pipe or a device is written to, for
 * it must not be replaced, and a link stays one. */
int file_put(const char *path, const void *data, size_t bytes);

#endif
