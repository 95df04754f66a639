/* One half of a TCP connection as a row of bytes, with the marks in it. */
#ifndef LINK_STREAM_H
#define LINK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_WINDOW_CELLS = 1 << 16,
};

/* Zero-initialised is a stream of which nothing was seen. */
struct stream {
    bool known;         /* whether first_seq is */
    uint32_t first_seq; /* of the byte with offset 0 */
    uint64_t end_bytes; /* behind the highest byte seen */
    uint8_t *hits;      /* a ring: segments over the mark of cell c, at c modulo
                           size; of cells base .. base + size - 1 */
    uint64_t base;
    size_t size; /* a power of two, or 0 */
};

void stream_fini(struct stream *stream);
/* Begins with this number: a SYN's is one below its first byte's. */
void stream_begin(struct stream *stream, uint32_t first_seq);

/* Offset of a sequence number: of the two billion candidates, that nearest to
 * the end of what was seen.  Negative: before the stream (a keep-alive). */
int64_t stream_offset(const struct stream *stream, uint32_t seq);
/* Notes that bytes up to this offset were seen. */
void stream_extend(struct stream *stream, uint64_t end_bytes);

/* Counts one more segment over the mark of a cell.  Returns how many there were
 * before, at most 255; 255 too for a cell left behind by more than
 * STREAM_WINDOW_CELLS (95 MB), where no retransmission can come from. */
unsigned stream_hit(struct stream *stream, uint64_t cell);

#endif
