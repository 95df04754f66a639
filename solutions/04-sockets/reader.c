/* Bytes that have arrived but are not used yet; see reader.h. */
#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "io.h"
//> #include "cli.h"

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
    /* BEGIN SOLUTION 5 */
    size_t count = reader_count(reader);
    memmove(reader->bytes, reader_data(reader), count);
    reader->start = 0;
    reader->end = count;
    if (count == sizeof(reader->bytes))
        return -ENOBUFS;
    ssize_t n = read_some(reader->fd, reader->bytes + count,
                          sizeof(reader->bytes) - count);
    if (n > 0)
        reader->end += (size_t)n;
    return n;
    /* END SOLUTION */
    //> (void)reader;
    //> not_done(5, "reader_fill() in reader.c");
}

void reader_use(struct reader *reader, size_t bytes)
{
    assert(bytes <= reader_count(reader));
    reader->start += bytes;
}

/* BEGIN SOLUTION 5 */
/* Takes the next piece of at most `limit` bytes out of the stream. */
static ssize_t take(struct reader *reader, int64_t limit, const char **piece)
{
    ssize_t n = (ssize_t)reader_count(reader);
    if (n == 0)
        n = reader_fill(reader);
    if (n <= 0)
        return n;
    if (n > limit)
        n = (ssize_t)limit;
    *piece = reader_data(reader);
    reader_use(reader, (size_t)n);
    return n;
}

/* END SOLUTION */
int reader_copy(struct reader *reader, int file_fd, int64_t bytes,
                int *file_error)
{
    /* BEGIN SOLUTION 5 */
    *file_error = 0;
    while (bytes > 0) {
        const char *piece;
        ssize_t n = take(reader, bytes, &piece);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return -ENODATA;
        bytes -= n;
        if (file_fd >= 0 && *file_error == 0)
            *file_error = write_full(file_fd, piece, (size_t)n);
    }
    return 0;
    /* END SOLUTION */
    //> (void)reader, (void)file_fd, (void)bytes, (void)file_error;
    //> not_done(5, "reader_copy() in reader.c");
}
