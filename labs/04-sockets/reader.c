/* Bytes that have arrived but are not used yet; see reader.h. */
#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "io.h"
#include "cli.h"

void reader_init(struct reader *reader, int fd)
{
    reader->fd = fd;
    reader->start = reader->end = 0;
}

const char *reader_data(const struct reader *reader)
{
    return reader->bytes + reader->start;
}

size_t reader_count(const struct reader *reader)
{
    return reader->end - reader->start;
}

ssize_t reader_fill(struct reader *reader)
{
    (void)reader;
    not_done(5, "reader_fill() in reader.c");
}

void reader_use(struct reader *reader, size_t bytes)
{
    assert(bytes <= reader_count(reader));
    reader->start += bytes;
}

int reader_copy(struct reader *reader, int file_fd, int64_t bytes,
                int *file_error)
{
    (void)reader, (void)file_fd, (void)bytes, (void)file_error;
    not_done(5, "reader_copy() in reader.c");
}
