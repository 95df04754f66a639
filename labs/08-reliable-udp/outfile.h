/* A file that is there whole or not at all: written under another name, checked
 * and only then given its own. */
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { OUTFILE_PATH_BYTES = 4096 };

struct outfile {
    int fd; /* -1: not open */
    const char *path;
    char part[OUTFILE_PATH_BYTES]; /* the name while it is not whole */
    uint64_t bytes;
    uint32_t crc; /* of all bytes so far */
};

/* Makes the file "PATH.xxxxxx.part" beside the one that is wanted.
 * Returns 0, -ENAMETOOLONG, or what mkstemps(3) said. */
int outfile_open(struct outfile *out, const char *path);

/* Appends all bytes of all vectors (it may change these).
 * Returns 0 or -errno. */
int outfile_append(struct outfile *out, struct iovec *vectors, int count);

/* Verifies length and CRC, puts the bytes on the disk and the file in its
 * place.  Returns 0, -EBADMSG if it is not what was announced, or -errno; on
 * failure nothing is left. */
int outfile_commit(struct outfile *out, uint64_t bytes, uint32_t crc);

/* Removes what was written.  Harmless after a commit or without an open. */
void outfile_discard(struct outfile *out);

#endif
