/* Bytes that have arrived but are not used yet: what lies between a stream,
 * which has no boundaries, and a parser, which looks for some. */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { READER_BYTES = 64 * 1024 };

struct reader {
    int fd;
    size_t start, end; /* bytes[start..end) are here and unused */
    char bytes[READER_BYTES];
};

void reader_init(struct reader *reader, int fd);

/* What is here and unused: an address, and how many bytes. */
const char *reader_data(const struct reader *reader);
size_t reader_count(const struct reader *reader);

/* Waits for at least one more byte.  Addresses from reader_data() are then no
 * longer valid.  Returns the count of new bytes, 0 at the end of the stream,
 * -ENOBUFS when there is no room, or -errno of the read. */
ssize_t reader_fill(struct reader *reader);

/* Marks the first `bytes` as used; there must be so many. */
void reader_use(struct reader *reader, size_t bytes);

/* Moves the next `bytes` of the stream to a file, beginning with those already
 * here; `file_fd` -1 throws them away.  When the file cannot be written the
 * stream is still read to the end of them, so that it stays in step.
 * Returns 0; -ENODATA if the stream ended too soon, -errno of the stream; or
 * `*file_error` is set to the -errno of the file and 0 is returned. */
int reader_copy(struct reader *reader, int file_fd, int64_t bytes,
                int *file_error);

#endif
