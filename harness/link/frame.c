/* Frames as they are seen on a wire; see frame.h. */
#include "link/frame.h"

#include <string.h>

#include "base/hash.h"
#include "link/view.h"

enum { HASHED_BYTES = 2048 }; /* more of a frame is not looked at */

size_t frame_ip_offset(const struct frame *frame)
{
    int offset = view_ethernet(frame->data, frame->captured_bytes);
    return offset < 0 ? 0 : (size_t)offset;
}

/* Clears what a link may rightly change: ECN, and the checksum over it. */
static void clear_ecn(uint8_t *ip, size_t bytes)
{
    if (bytes >= 20 && ip[0] >> 4 == 4) {
        ip[1] &= 0xfc;
        ip[10] = ip[11] = 0;
    } else if (bytes >= 40 && ip[0] >> 4 == 6) {
        ip[1] &= 0xcf;
    }
}

uint64_t frame_hash(const struct frame *frame)
{
    uint64_t words[HASHED_BYTES / sizeof(uint64_t) + 1] = {0};
    size_t bytes = frame->captured_bytes < HASHED_BYTES ? frame->captured_bytes
                                                        : HASHED_BYTES;
    memcpy(words + 1, frame->data, bytes < HASHED_BYTES ? bytes : HASHED_BYTES);
    words[0] = frame->length_bytes;
    size_t ip = frame_ip_offset(frame);
    if (ip > 0 && ip < bytes)
        clear_ecn((uint8_t *)(words + 1) + ip, bytes - ip);
    return hash_words(words, 1 + (bytes + 7) / sizeof(uint64_t));
}

bool frame_differs_by_bit(const struct frame *a, const struct frame *b)
{
    int bits = 0;
    if (a->length_bytes != b->length_bytes ||
        a->captured_bytes != b->captured_bytes)
        return false;
    for (size_t i = 0; i < a->captured_bytes && bits < 2; i++)
        bits += __builtin_popcount(a->data[i] ^ b->data[i]);
    return bits == 1;
}

uint8_t frame_ecn(const struct frame *frame)
{
    size_t ip = frame_ip_offset(frame);
    if (ip == 0 || ip + 1 >= frame->captured_bytes)
        return 0;
    const uint8_t *header = frame->data + ip;
    return header[0] >> 4 == 4 ? header[1] & 3 : (header[1] >> 4) & 3;
}
