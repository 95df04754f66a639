/* Work directories: made, locked, removed, and swept when their owner is gone.
 *
 * The lock is flock(2) on the directory itself, held by the open descriptor of
 * whoever made it and of those it forked: it ends with the last of them,
 * however they end.  Who gets the lock of another's directory may therefore
 * remove it.  Between mkdir and flock a sweep may come first; the maker then
 * sees that its directory has no links any more, and takes another.
 *
 * Removal trusts nothing below the directory, since a program under test wrote
 * there: links are never followed, and a tree of any depth needs two
 * descriptors, because a directory that is not empty is moved up to the top and
 * met again there. */
#include "topo/topo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topo/sweep.h"

#define PREFIX "wirelab-"
enum { MAX_BASES = 3, MAX_TRIES = 100 };

/* Directories in which work directories may be, best first. */
static size_t list_bases(const char *bases[MAX_BASES])
{
    const char *candidates[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"),
                                "/tmp"};
    size_t n = 0;
    for (size_t i = 0; i < MAX_BASES; i++) {
        const char *base = candidates[i];
        if (base && base[0] == '/' && access(base, W_OK | X_OK) == 0)
            bases[n++] = base;
    }
    return n;
}

/* ---- Removing ------------------------------------------------------------ */

/* Opens a directory, never through a link; one that forbids us is allowed. */
static int open_dir(int parent, const char *name)
{
    int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int path = openat(parent, name, flags | O_PATH);
    if (path < 0)
        return -1;
    char self[32];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", path);
    struct stat st;
    if (fstat(path, &st) == 0 && (st.st_mode & 0700) != 0700)
        (void)chmod(self, 0700); /* if it fails, so does the open */
    int fd = openat(path, ".", O_RDONLY | flags);
    int error = errno;
    close(path);
    errno = error;
    return fd;
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Empties the directory `fd`: files are removed, directories that are not empty
 * move into `top` under names of their own. */
static void empty_into(int fd, int top, unsigned *serial)
{
    DIR *dir = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (is_dot(name) || unlinkat(fd, name, 0) == 0 ||
            unlinkat(fd, name, AT_REMOVEDIR) == 0)
            continue;
        char up[32];
        do /* until a name is free: the tree may hold such names itself */
            snprintf(up, sizeof(up), ".gone-%u", ++*serial);
        while (faccessat(top, up, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
        int child = open_dir(fd, name); /* its ".." changes: it must allow */
        if (child >= 0)
            close(child);
        (void)renameat(fd, name, top, up); /* what stays is met again */
    }
    closedir(dir);
}

/* Removes one entry of the top directory.  Returns whether it is gone. */
static bool remove_entry(int top, const char *name, unsigned *serial)
{
    if (unlinkat(top, name, 0) == 0 || unlinkat(top, name, AT_REMOVEDIR) == 0)
        return true;
    int fd = open_dir(top, name);
    if (fd < 0)
        return false;
    empty_into(fd, top, serial);
    close(fd);
    return unlinkat(top, name, AT_REMOVEDIR) == 0;
}

/* One pass over the top directory.  Returns whether anything went. */
static bool pass(int top, unsigned *serial)
{
    bool progress = false;
    int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!is_dot(entry->d_name))
            progress |= remove_entry(top, entry->d_name, serial);
    }
    closedir(dir);
    return progress;
}

void work_dir_remove(const char *path)
{
    int top = open_dir(AT_FDCWD, path);
    if (top < 0)
        return;
    unsigned serial = 0;
    while (pass(top, &serial))
        continue;
    close(top);
    (void)rmdir(path); /* what is left is met by the next sweep */
}

/* ---- Making -------------------------------------------------------------- */

/* Returns 0 when the directory is locked and still there; -EAGAIN when a sweep
 * was faster. */
static int lock_dir(const char *path)
{
    int fd = open_dir(AT_FDCWD, path);
    if (fd < 0)
        return errno == ENOENT ? -EAGAIN : -errno;
    struct stat st;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0 ||
        st.st_nlink == 0) {
        close(fd);
        return -EAGAIN;
    }
    return 0; /* fd stays open: it is the lock */
}

static int make_in(const char *base, char *path, size_t size)
{
    for (int i = 0; i < MAX_TRIES; i++) {
        int n = snprintf(path, size, "%s/" PREFIX "%d-XXXXXX", base, getpid());
        if (n < 0 || (size_t)n >= size)
            return -ENAMETOOLONG;
        if (mkdtemp(path) == NULL)
            return -errno;
        int error = lock_dir(path);
        if (error != -EAGAIN)
            return error;
    }
    return -EAGAIN;
}

int work_dir_make(char *path, size_t size)
{
    const char *bases[MAX_BASES];
    size_t n = list_bases(bases);
    int error = -EACCES;
    for (size_t i = 0; i < n && error < 0; i++)
        error = make_in(bases[i], path, size);
    return error;
}

/* ---- Sweeping ------------------------------------------------------------ */

static bool sweep_one(int base, const char *base_path, const char *name)
{
    struct stat st;
    int fd =
        openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool removed = false;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
        flock(fd, LOCK_EX | LOCK_NB) == 0) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", base_path, name);
        work_dir_remove(path);
        removed = faccessat(base, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
    }
    close(fd);
    return removed;
}

/* Only what make_in has named: a directory of somebody's own that happens to
 * begin alike ("wirelab-notes") is nobody's leftover. */
static bool is_work_dir(const char *name)
{
    int pid, tail = 0;
    return sscanf(name, PREFIX "%d-%n", &pid, &tail) == 1 && tail > 0 &&
           strlen(name + tail) == strlen("XXXXXX");
}

static int sweep_base(const char *path)
{
    int removed = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (is_work_dir(entry->d_name))
            removed += sweep_one(dirfd(dir), path, entry->d_name);
    }
    closedir(dir);
    return removed;
}

int cell_sweep(void)
{
    const char *bases[MAX_BASES];
    size_t n = list_bases(bases);
    int removed = 0;
    for (size_t i = 0; i < n; i++)
        removed += sweep_base(bases[i]);
    return removed + sweep_cgroups();
}
