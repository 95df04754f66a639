/* Writes beside, verifies, renames.
 *
 * rename(2) replaces a name in one step: whoever opens OUTFILE sees the old
 * file or the new one, never a half.  fsync(2) comes first, since a name that
 * survives a power cut while its bytes do not is worse than neither. */
#include "outfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"

static const char suffix[] = ".part";

int outfile_open(struct outfile *out, const char *path)
{
    *out = (struct outfile){.fd = -1, .path = path};
    int n = snprintf(out->part, sizeof(out->part), "%s.XXXXXX%s", path, suffix);
    if (n < 0 || (size_t)n >= sizeof(out->part))
        return -ENAMETOOLONG;
    out->fd = mkstemps(out->part, sizeof(suffix) - 1);
    if (out->fd < 0)
        return -errno;
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(out->fd, 0666 & ~mask); /* mkstemps made it 0600: still ours */
    return 0;
}

/* Steps over what writev took; *vectors and *count then say what is left. */
static void advance(struct iovec **vectors, int *count, size_t bytes)
{
    while (*count && bytes >= (*vectors)->iov_len) {
        bytes -= (*vectors)->iov_len;
        ++*vectors;
        --*count;
    }
    if (*count) {
        (*vectors)->iov_base = (char *)(*vectors)->iov_base + bytes;
        (*vectors)->iov_len -= bytes;
    }
}

int outfile_append(struct outfile *out, struct iovec *vectors, int count)
{
    for (int i = 0; i < count; i++) {
        out->crc = crc32c(out->crc, vectors[i].iov_base, vectors[i].iov_len);
        out->bytes += vectors[i].iov_len;
    }
    while (count) {
        ssize_t n = writev(out->fd, vectors, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        advance(&vectors, &count, (size_t)n);
    }
    return 0;
}

/* DOC: outfile_commit */
int outfile_commit(struct outfile *out, uint64_t bytes, uint32_t crc)
{
    int rc = 0;

    /* Checkpoint 2: compare, fsync, close, rename; on failure unlink. */
    (void)out, (void)bytes, (void)crc;
    rc = -ENOSYS;
    return rc;
}

void outfile_discard(struct outfile *out)
{
    if (out->fd >= 0)
        (void)close(out->fd); /* nobody wants these bytes any more */
    if (out->part[0])
        (void)unlink(out->part);
    out->fd = -1;
    out->part[0] = '\0';
}
