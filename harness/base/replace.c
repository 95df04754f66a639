/* Replacing a file as a whole: written under another name in the same
 * directory, synced, renamed over the old one, and the directory synced too, so
 * that the new name survives a power cut as well. */
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

static int write_all(int fd, const char *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(fd, data, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static int write_file(const char *path, const void *data, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, data, bytes);
    if (rc == 0 && fsync(fd) < 0)
        rc = -errno;
    if (close(fd) < 0 && rc == 0) /* NFS tells of a full disk only here */
        rc = -errno;
    return rc;
}

static int sync_dir_of(const char *path)
{
    char *dir = mem_strdup(path);
    char *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -errno : 0;
    if (fd >= 0 && fsync(fd) < 0 && errno != EINVAL) /* some cannot sync one */
        rc = -errno;
    if (fd >= 0)
        (void)close(fd); /* nothing was written through it */
    free(dir);
    return rc;
}

int file_replace(const char *path, const void *data, size_t bytes)
{
    char *temporary = str_format("%s.%d.tmp", path, (int)getpid());
    int rc = write_file(temporary, data, bytes);
    if (rc == 0 && rename(temporary, path) < 0)
        rc = -errno;
    if (rc < 0)
        (void)unlink(temporary); /* it may never have been made */
    else
        rc = sync_dir_of(path);
    free(temporary);
    return rc;
}

static int write_special(const char *path, const void *data, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, data, bytes);
    (void)close(fd); /* a device keeps nothing back */
    return rc;
}

int file_put(const char *path, const void *data, size_t bytes)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return write_special(path, data, bytes);
    char *real = realpath(path, NULL);
    int rc = file_replace(real ? real : path, data, bytes);
    free(real);
    return rc;
}
