/* What host and guest say to each other, over one line of bytes.
 *
 *       0                   4                   8                  12
 *      +-------------------+-------------------+-------------------+------
 *      |   payload bytes   |       kind        |      errand       | payload
 *      +-------------------+-------------------+-------------------+------
 *
 * All numbers are big-endian.  The guest speaks first (HELLO), since what is
 * sent to a terminal that is not yet in raw mode would be mangled; the host
 * answers with SETUP, once; the guest says READY, or FAILED and why.  From then
 * on the host sends RUN and SIGNAL, the guest VERDICT (any number of them) and
 * ENDED.  A payload of several texts ends each with a NUL. */
#ifndef WORLD_FRAME_H
#define WORLD_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    FRAME_HEADER_BYTES = 12,
    FRAME_MAX_PAYLOAD_BYTES = 64 << 10,
    FRAME_VERSION = 1, /* of all this; the payload of HELLO */
};

enum frame_kind {
    FRAME_HELLO = 1, /* guest: FRAME_VERSION as 4 bytes */
    FRAME_SETUP,     /* host: texts "word=value", see agent/setup.h */
    FRAME_READY,     /* guest */
    FRAME_FAILED,    /* guest: one text; it can do nothing */
    FRAME_RUN,       /* host: texts: log file, argv... */
    FRAME_SIGNAL,    /* host: the signal's number as 4 bytes */
    FRAME_VERDICT,   /* guest: bytes of the errand's descriptor 3 */
    FRAME_ENDED,     /* guest: wait status, 4 bytes; duration in ns, 8 bytes */
};

struct frame {
    enum frame_kind kind;
    uint32_t errand;
    const uint8_t *payload; /* into the caller's buffer */
    size_t payload_bytes;
};

void frame_put32(uint8_t *to, uint32_t value);
uint32_t frame_get32(const uint8_t *from);
void frame_put64(uint8_t *to, uint64_t value);
uint64_t frame_get64(const uint8_t *from);

/* Writes the header of a frame; the payload follows it on the line. */
void frame_header(uint8_t header[FRAME_HEADER_BYTES], enum frame_kind kind,
                  uint32_t errand, size_t payload_bytes);

/* Reads the frame that begins at `bytes`.  Returns how many bytes it takes,
 * -EAGAIN if there are not enough yet, or -EBADMSG if this is no frame. */
ssize_t frame_parse(struct frame *frame, const uint8_t *bytes, size_t n);

/* The next text of a payload of several, from `*at` (0 to begin); moves `*at`
 * on.  NULL at the end, or where a text does not end. */
const char *frame_text(const struct frame *frame, size_t *at);

#endif
