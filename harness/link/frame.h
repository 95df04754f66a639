/* Frames as they are seen on a wire, and when two are the same. */
#ifndef LINK_FRAME_H
#define LINK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ethernet header first; the time is of CLOCK_MONOTONIC. */
struct frame {
    const uint8_t *data;
    size_t captured_bytes, length_bytes;
    int64_t time_ns;
};

/* Where the IP header begins; 0 if the frame carries none. */
size_t frame_ip_offset(const struct frame *frame);
/* The bits of explicit congestion notification (RFC 3168); 0 without IP. */
uint8_t frame_ecn(const struct frame *frame);
/* A hash of the bytes but for what a link may rightly change: ECN, and the
 * checksum of the IPv4 header, which is over it. */
uint64_t frame_hash(const struct frame *frame);
/* Whether the two differ in exactly one bit. */
bool frame_differs_by_bit(const struct frame *a, const struct frame *b);

#endif
