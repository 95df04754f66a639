/* Directories and whole files. */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <stddef.h>
#include <sys/types.h>

/* mkdir -p.  Returns 0, or -1 with errno. */
int tree_make(const char *path);
/* rm -r; what is absent is no error.  Returns 0, or -1 with errno. */
int tree_remove(const char *path);
/* Reads a file whole; NUL-terminated, malloc'd.  NULL with errno. */
char *file_load(const char *path, size_t *bytes);

#endif
