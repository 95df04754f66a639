/* Frames between host and guest; see frame.h.  Linked into both. */
#include "world/frame.h"

#include <errno.h>
#include <string.h>

void frame_put32(uint8_t *to, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        to[i] = (uint8_t)value;
}

uint32_t frame_get32(const uint8_t *from)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | from[i];
    return value;
}

void frame_put64(uint8_t *to, uint64_t value)
{
    frame_put32(to, (uint32_t)(value >> 32));
    frame_put32(to + 4, (uint32_t)value);
}

uint64_t frame_get64(const uint8_t *from)
{
    return (uint64_t)frame_get32(from) << 32 | frame_get32(from + 4);
}

void frame_header(uint8_t header[FRAME_HEADER_BYTES], enum frame_kind kind,
                  uint32_t errand, size_t payload_bytes)
{
    frame_put32(header, (uint32_t)payload_bytes);
    frame_put32(header + 4, (uint32_t)kind);
    frame_put32(header + 8, errand);
}

/* Kinds whose payload has one length. */
static int wrong_length(uint32_t kind, uint32_t bytes)
{
    switch (kind) {
    case FRAME_HELLO:
    case FRAME_SIGNAL:
        return bytes != 4;
    case FRAME_READY:
        return bytes != 0;
    case FRAME_ENDED:
        return bytes != 12;
    default:
        return bytes > FRAME_MAX_PAYLOAD_BYTES;
    }
}

ssize_t frame_parse(struct frame *frame, const uint8_t *bytes, size_t n)
{
    if (n < 8)
        return -EAGAIN;
    uint32_t payload = frame_get32(bytes);
    uint32_t kind = frame_get32(bytes + 4);
    if (kind < FRAME_HELLO || kind > FRAME_ENDED || wrong_length(kind, payload))
        return -EBADMSG;
    if (n < FRAME_HEADER_BYTES + (size_t)payload)
        return -EAGAIN;
    *frame = (struct frame){.kind = (enum frame_kind)kind,
                            .errand = frame_get32(bytes + 8),
                            .payload = bytes + FRAME_HEADER_BYTES,
                            .payload_bytes = payload};
    return (ssize_t)(FRAME_HEADER_BYTES + (size_t)payload);
}

const char *frame_text(const struct frame *frame, size_t *at)
{
    const uint8_t *from = frame->payload + *at;
    const uint8_t *end = *at < frame->payload_bytes
                             ? memchr(from, 0, frame->payload_bytes - *at)
                             : NULL;
    if (end == NULL)
        return NULL;
    *at += (size_t)(end - from) + 1;
    return (const char *)from;
}
