/* Where a guest's memory lies; see memory.h.
 *
 * UML's physical memory is a file that it unlinks at once and maps into all its
 * processes, some of it executable.  So a directory will do if such a mapping
 * is allowed (not on a filesystem mounted noexec) and if the file may grow to
 * its full size: what is short is met late and cruelly, as SIGBUS in the middle
 * of a test.  Both are tried and looked up beforehand. */
#include "world/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_BYTES = 512, PAGE_BYTES = 4096, MIB = 1 << 20 };

struct refusals {
    char *text;
    size_t size, used;
};

static void refuse(struct refusals *refusals, const char *dir, const char *why)
{
    size_t left = refusals->size - refusals->used;
    int n = snprintf(refusals->text + refusals->used, left, "%s%s %s",
                     refusals->used ? ", " : "", dir, why);
    if (n > 0)
        refusals->used += (size_t)n < left ? (size_t)n : left - 1;
}

/* Returns 0 or -errno. */
static int try_mapping(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s/wirelab-probe-XXXXXX", dir);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            (void)unlink(path);
    }
    if (fd < 0)
        return -errno;
    int result = ftruncate(fd, PAGE_BYTES) < 0 ? -errno : 0;
    void *page = MAP_FAILED;
    if (result == 0)
        page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_SHARED, fd, 0);
    if (result == 0 && page == MAP_FAILED)
        result = -errno;
    if (page != MAP_FAILED)
        (void)munmap(page, PAGE_BYTES);
    (void)close(fd);
    return result;
}

static bool is_fit(const char *dir, unsigned mib, struct refusals *refusals)
{
    struct statvfs fs;
    if (statvfs(dir, &fs) < 0)
        return false; /* it is not there: nothing to tell */
    char why[64];
    uint64_t free_mib = (uint64_t)fs.f_bavail * fs.f_frsize / MIB;
    if (free_mib < mib) {
        (void)snprintf(why, sizeof(why), "has %llu MiB free of %u needed",
                       (unsigned long long)free_mib, mib);
        refuse(refusals, dir, why);
        return false;
    }
    int error = try_mapping(dir);
    if (error < 0)
        refuse(refusals, dir,
               error == -EPERM ? "is mounted noexec" : strerror(-error));
    return error == 0;
}

struct candidate {
    const char *dir, *below;
};

/* Often enough $TMPDIR is /tmp: one refusal of it will do. */
static bool was_tried(const struct candidate *candidates, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (candidates[j].dir &&
            strcmp(candidates[j].dir, candidates[i].dir) == 0 &&
            strcmp(candidates[j].below, candidates[i].below) == 0)
            return true;
    }
    return false;
}

int memory_dir_choose(unsigned mib, char *path, size_t size, char *passed_over,
                      size_t passed_over_bytes)
{
    const struct candidate candidates[] = {
        {"/dev/shm", ""},
        {getenv("XDG_RUNTIME_DIR"), ""},
        {getenv("TMPDIR"), ""},
        {"/tmp", ""},
        {"/var/tmp", ""},
        {getenv("XDG_CACHE_HOME"), ""},
        {getenv("HOME"), "/.cache"},
    };
    struct refusals refusals = {passed_over, passed_over_bytes, 0};
    passed_over[0] = '\0';
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        const char *dir = candidates[i].dir;
        if (dir == NULL || dir[0] != '/' || was_tried(candidates, i))
            continue;
        (void)snprintf(path, size, "%s%s", dir, candidates[i].below);
        if (is_fit(path, mib, &refusals))
            return 0;
    }
    return -ENOSPC;
}
