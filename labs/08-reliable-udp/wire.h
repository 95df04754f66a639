/* What travels: one header, seven kinds of datagram, big-endian throughout.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+---------------+---------------+
 * |        magic "RU" 0x5255      |  version = 1  |     type      |  0
 * +-------------------------------+---------------+---------------+
 * |                         connection id                         |  4
 * +---------------------------------------------------------------+
 * |                        sequence number                        |  8
 * +---------------------------------------------------------------+
 * |                         cumulative ACK                        | 12
 * +---------------------------------------------------------------+
 * |                   receive window (segments)                   | 16
 * +---------------------------------------------------------------+
 * |                    timestamp (microseconds)                   | 20
 * +---------------------------------------------------------------+
 * |                        timestamp echo                         | 24
 * +---------------------------------------------------------------+
 * |           CRC-32C of the datagram, this field zero            | 28
 * +---------------+---------------+-------------------------------+
 * |  SACK ranges  |      code     |         payload bytes         | 32
 * +---------------+---------------+-------------------------------+
 * |        SACK range: first sequence number of the range         | 36
 * +---------------------------------------------------------------+   0..4
 * times |             SACK range: first number beyond the range         |
 * +---------------------------------------------------------------+
 * |                            payload ...
 *
 * The handout's section "The protocol" says what each field means where. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    WIRE_MAGIC = 0x5255,
    WIRE_VERSION = 1,
    WIRE_HEADER_BYTES = 36,
    WIRE_SACK_BYTES = 8,
    WIRE_MAX_SACKS = 4,
    WIRE_MAX_BYTES = 1200, /* of a datagram: what every path carries */
    WIRE_SEGMENT_BYTES = WIRE_MAX_BYTES - WIRE_HEADER_BYTES,
    WIRE_FIN_BYTES = 12, /* FIN's payload: file length (8), CRC-32C (4) */
};

enum wire_type {
    WIRE_OPEN = 1, /* takes the first sequence number */
    WIRE_DATA = 2, /* one segment of the file each */
    WIRE_ACK = 3,
    WIRE_FIN = 4,  /* takes the last sequence number; says what the file is */
    WIRE_DONE = 5, /* the sender has seen the ACK of its FIN */
    WIRE_RESET = 6,
    WIRE_PING = 7, /* please answer; any payload is padding */
};

/* Why a transfer was reset (the field `code`, zero in all other types). */
enum wire_code {
    WIRE_UNKNOWN = 1, /* no such connection: the receiver was restarted */
    WIRE_BUSY = 2,    /* it has another transfer in hand */
    WIRE_STORAGE = 3, /* the file cannot be written */
    WIRE_DAMAGED = 4, /* its length or CRC is not what FIN said */
    WIRE_ABORTED = 5, /* the sender gave up */
};

/* Segments [first, end) have arrived. */
struct wire_sack {
    uint32_t first, end;
};

struct wire {
    enum wire_type type;
    uint32_t connection;
    uint32_t sequence;
    uint32_t ack;    /* next sequence number that is wanted */
    uint32_t window; /* segments from `ack` on that would be taken */
    uint32_t timestamp, echo;
    uint8_t code;
    uint8_t sack_count;
    struct wire_sack sacks[WIRE_MAX_SACKS];
    const uint8_t *payload;
    size_t payload_bytes;
};

/* Writes the datagram.  The payload may already stand in its place behind the
 * header; it is then not copied.
 *
 * Returns its length, or -EMSGSIZE if `size` is too small. */
ssize_t wire_encode(const struct wire *wire, uint8_t *datagram, size_t size);

/* Reads a datagram.  Everything is checked (magic, version, type, lengths,
 * ranges, CRC) before anything is believed; `wire` is untouched on failure.
 *
 * Returns its length, or -EBADMSG.
 * Ownership: `payload` points into the datagram. */
ssize_t wire_decode(struct wire *wire, const uint8_t *datagram, size_t bytes);

/* Sequence numbers live on a circle (RFC 1982): how far is it from a to b, the
 * shorter way round?  Negative if b lies before a. */
static inline int32_t seq_distance(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a);
}

static inline uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static inline uint64_t get_be64(const uint8_t *p)
{
    return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static inline void put_be16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, (uint16_t)(value >> 16));
    put_be16(p + 2, (uint16_t)value);
}

static inline void put_be64(uint8_t *p, uint64_t value)
{
    put_be32(p, (uint32_t)(value >> 32));
    put_be32(p + 4, (uint32_t)value);
}

#endif
