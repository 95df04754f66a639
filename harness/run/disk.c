/* Watching the disk; see disk.h. */
#include "run/disk.h"

#include <fts.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct disk_space disk_space(const char *dir)
{
    struct statvfs fs;
    if (statvfs(dir, &fs) < 0)
        return (struct disk_space){UINT64_MAX, UINT64_MAX};
    return (struct disk_space){(uint64_t)fs.f_bavail * fs.f_frsize, fs.f_ffree};
}

bool disk_shrank(const struct disk_space *before, const struct disk_space *now,
                 uint64_t limit_bytes)
{
    uint64_t bytes = before->free_bytes > now->free_bytes
                         ? before->free_bytes - now->free_bytes
                         : 0;
    uint64_t files = before->free_files > now->free_files
                         ? before->free_files - now->free_files
                         : 0;
    return bytes >= limit_bytes / 2 || files >= DISK_MAX_FILES / 2;
}

bool disk_used_beyond(const char *dir, uint64_t limit_bytes)
{
    char path[4096];
    char *const roots[] = {path, NULL};
    uint64_t bytes = 0, files = 0;
    FTSENT *entry;
    strncpy(path, dir, sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (walk == NULL)
        return false;
    while (bytes <= limit_bytes && files <= DISK_MAX_FILES &&
           (entry = fts_read(walk)) != NULL) {
        if (entry->fts_info == FTS_DP || entry->fts_info == FTS_NS)
            continue;
        bytes += (uint64_t)entry->fts_statp->st_blocks * 512;
        files++;
    }
    fts_close(walk);
    return bytes > limit_bytes || files > DISK_MAX_FILES;
}
