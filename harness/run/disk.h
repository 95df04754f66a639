/* What a program may write to the disk in all, since a limit on the size of one
 * file does not stop one that writes many. */
#ifndef RUN_DISK_H
#define RUN_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum { DISK_MAX_FILES = 100000 };

struct disk_space {
    uint64_t free_bytes, free_files;
};

/* What the file system of a directory has left; all ones if it cannot tell. */
struct disk_space disk_space(const char *dir);
/* Whether so much is gone that it is worth looking who took it. */
bool disk_shrank(const struct disk_space *before, const struct disk_space *now,
                 uint64_t limit_bytes);
/* Walks a directory: does it hold more than that, or than DISK_MAX_FILES? */
bool disk_used_beyond(const char *dir, uint64_t limit_bytes);

#endif
