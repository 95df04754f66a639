/* What comes out of the workshop: the lab's programs, by name, and nothing
 * else.
 *
 * Whatever made them is dead by now, but may have left traps: links, pipes, a
 * folder in the place of a file, more than fits. */
#include "run/workbench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "base/tree.h"

enum { MIB = 1 << 20, CHUNK_BYTES = 1 << 16 };

static int copy_out(int from, int to, uint64_t limit_bytes)
{
    char chunk[CHUNK_BYTES];
    uint64_t total_bytes = 0;
    for (;;) {
        ssize_t n = read(from, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        total_bytes += (uint64_t)n;
        if (total_bytes > limit_bytes)
            return -EFBIG;
        if (write(to, chunk, (size_t)n) != n)
            return errno ? -errno : -EIO;
    }
}

/* A regular file of that name in a folder below `root`, or -1.  No part of the
 * way is followed if it is a link. */
static int open_program(int root, const char *folder, const char *name)
{
    struct stat st;
    int dir =
        openat(root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int fd = dir < 0 ? -1
                     : openat(dir, name,
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (dir >= 0)
        close(dir);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* It appears whole or not at all, also to a reader beside us. */
static void collect_one(const struct job *job, int from, const char *name)
{
    char *path = str_format("%s/%s", job->order->out, name);
    char *new = str_format("%s/.%s.new", job->order->out, name);
    (void)unlink(new);
    int to =
        open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
    int result = to < 0 ? -errno : copy_out(from, to, job->limits.disk_bytes);
    if (to >= 0 && result == 0 && fchmod(to, 0755) < 0)
        result = -errno;
    if (to >= 0)
        close(to);
    if (result == 0 && rename(new, path) < 0)
        result = -errno;
    if (result == -EFBIG)
        job_refuse("%s is larger than %llu MiB", name,
                   (unsigned long long)(job->limits.disk_bytes / MIB));
    if (result < 0)
        infra("cannot write %s: %s", path, strerror(-result));
    free(path);
    free(new);
}

void job_collect(const struct job *job, const char *made, bool ready_made)
{
    int root = open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        infra("cannot open %s: %s", made, strerror(errno));
    for (size_t i = 0; i < job->order->program_count; i++) {
        const char *name = job->order->programs[i];
        int fd = open_program(root, "out", name);
        if (fd < 0)
            fd = open_program(root, "src", name);
        if (fd < 0 && ready_made)
            job_refuse("it holds neither *.c files nor a program named %s",
                       name);
        if (fd < 0)
            job_refuse("it was built, but there is no program %s", name);
        collect_one(job, fd, name);
        close(fd);
    }
    close(root);
}

/* What an earlier build left is not this one's. */
void job_clear_out(const struct job *job)
{
    const struct workshop_order *order = job->order;
    if (tree_make(order->out) < 0)
        infra("cannot make %s: %s", order->out, strerror(errno));
    for (size_t i = 0; i < order->program_count; i++) {
        char *path = str_format("%s/%s", order->out, order->programs[i]);
        if (unlink(path) < 0 && errno != ENOENT)
            infra("cannot remove %s: %s", path, strerror(errno));
        free(path);
    }
}
