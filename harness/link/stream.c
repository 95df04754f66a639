/* One half of a TCP connection as a row of bytes, with the marks in it.
 *
 * A learner's program chooses the sequence numbers here, so nothing may grow
 * with them: the ring of counters starts small, doubles while the stream is
 * young, and slides after that. */
#include "link/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum { FIRST_CELLS = 64 };

void stream_fini(struct stream *stream)
{
    free(stream->hits);
    *stream = (struct stream){0};
}

void stream_begin(struct stream *stream, uint32_t first_seq)
{
    stream_fini(stream);
    stream->known = true;
    stream->first_seq = first_seq;
}

int64_t stream_offset(const struct stream *stream, uint32_t seq)
{
    uint32_t relative = seq - stream->first_seq;
    int32_t step = (int32_t)(relative - (uint32_t)stream->end_bytes);
    return (int64_t)stream->end_bytes + step;
}

void stream_extend(struct stream *stream, uint64_t end_bytes)
{
    if (end_bytes > stream->end_bytes)
        stream->end_bytes = end_bytes;
}

static void grow(struct stream *stream, uint64_t cell)
{
    size_t size = stream->size ? stream->size : FIRST_CELLS;
    while (size <= cell && size < STREAM_WINDOW_CELLS)
        size *= 2;
    stream->hits = mem_realloc(stream->hits, size);
    memset(stream->hits + stream->size, 0, size - stream->size);
    stream->size = size;
}

/* Moves the window so that `cell` is its last. */
static void slide(struct stream *stream, uint64_t cell)
{
    uint64_t base = cell - (stream->size - 1);
    uint64_t gone = base - stream->base;
    if (gone > stream->size)
        gone = stream->size;
    for (uint64_t i = 0; i < gone; i++)
        stream->hits[(stream->base + i) & (stream->size - 1)] = 0;
    stream->base = base;
}

unsigned stream_hit(struct stream *stream, uint64_t cell)
{
    /* While it grows the window begins at cell 0, so nothing moves in it. */
    if (cell >= stream->size && stream->size < STREAM_WINDOW_CELLS)
        grow(stream, cell);
    if (cell < stream->base)
        return UINT8_MAX;
    if (cell >= stream->base + stream->size)
        slide(stream, cell);
    uint8_t *hits = &stream->hits[cell & (stream->size - 1)];
    return *hits < UINT8_MAX ? (*hits)++ : UINT8_MAX;
}
