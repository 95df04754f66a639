/* Where a guest's memory lies. */
#ifndef WORLD_MEMORY_H
#define WORLD_MEMORY_H

#include <stddef.h>

/* Chooses a directory for the file that is a guest's memory: it must let a file
 * be mapped for execution, and have `mib` free.  Best first: /dev/shm, then
 * $XDG_RUNTIME_DIR, $TMPDIR, /tmp, /var/tmp, $XDG_CACHE_HOME, ~/.cache.
 * Returns 0 with its path, and in `passed_over` ("" if none) a sentence why it
 * is not /dev/shm; or -errno with the reason there: one for each directory. */
int memory_dir_choose(unsigned mib, char *path, size_t size, char *passed_over,
                      size_t passed_over_bytes);

#endif
