/* The directory that fetchd serves. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "newfile.h"

#define STORE_MAX_BYTES ((int64_t)1 << 40)

struct store {
    int dir_fd;
};

/* Opens a directory and removes what a killed server left in it.
 * Returns 0, or -errno. */
int store_open(struct store *store, const char *path);
void store_close(struct store *store);

/* Says whether a name may be served: 1 to NAME_MAX_BYTES bytes, the first not
 * '.', none of them '/', space, DEL, or below space (NUL is). */
bool store_allows(const char *name, size_t name_bytes);

/* Opens a file for reading.  Returns the fd and its size; -EPERM for a name
 * that is not allowed, -ENOENT if there is no regular file, or -errno. */
int store_get(const struct store *store, const char *name, size_t name_bytes,
              int64_t *size_bytes);

/* Begins to replace a file; end with newfile_commit or newfile_abort.
 * Returns 0; -EPERM for a name that is not allowed or belongs to something that
 * is no regular file; or -errno. */
int store_put(const struct store *store, const char *name, size_t name_bytes,
              struct newfile *file);

#endif
