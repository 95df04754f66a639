/* Fuzzes wire_decode(): any datagram, any length.
 *
 * What must hold: what is refused leaves `struct wire` as it was; what is
 * accepted is, byte for byte, what wire_encode() writes; no prefix of it is
 * accepted, nor is it with any one bit flipped. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "wire.h"

enum { AT_CRC = 28, SOME_BITS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads a copy of exactly so many bytes: what lies behind them is poisoned. */
static ssize_t decode_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    uint8_t before[sizeof(struct wire)], after[sizeof(struct wire)];
    struct wire wire;

    assert(copy);
    memcpy(copy, data, size);
    memset(before, 0xa5, sizeof(before));
    memcpy(&wire, before, sizeof(wire));
    ssize_t used = wire_decode(&wire, copy, size);
    assert(used == -EBADMSG || used == (ssize_t)size);
    memcpy(after, &wire, sizeof(wire));
    if (used < 0)
        assert(memcmp(after, before, sizeof(after)) == 0);
    free(copy);
    return used;
}

static void check_accepted(const uint8_t *data, size_t size)
{
    uint8_t *again = malloc(size);
    struct wire wire;

    assert(again && wire_decode(&wire, data, size) == (ssize_t)size);
    assert(wire.sack_count <= WIRE_MAX_SACKS);
    assert(wire.payload_bytes <= size - WIRE_HEADER_BYTES);
    assert(wire.payload + wire.payload_bytes == data + size);
    for (unsigned i = 0; i < wire.sack_count; i++)
        assert(seq_distance(wire.sacks[i].first, wire.sacks[i].end) > 0);
    assert(wire_encode(&wire, again, size) == (ssize_t)size);
    assert(memcmp(again, data, size) == 0);
    assert(wire_encode(&wire, again, size - 1) == -EMSGSIZE);
    free(again);
}

/* CRC-32C finds every error of one bit, and no datagram begins another. */
static void check_neighbours(const uint8_t *data, size_t size)
{
    uint8_t *other = malloc(size);
    size_t bits = size * 8 < SOME_BITS ? size * 8 : SOME_BITS;

    assert(other);
    for (size_t i = 0; i < bits; i++) {
        size_t bit = size * 8 / bits * i + data[AT_CRC] % (size * 8 / bits);
        memcpy(other, data, size);
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert(decode_copy(other, size) == -EBADMSG);
    }
    free(other);
    for (size_t i = 0; i < size; i += 1 + size / SOME_BITS)
        assert(decode_copy(data, i) == -EBADMSG);
}

/* A CRC is not met by chance: puts in the one that fits. */
static uint8_t *with_crc(const uint8_t *data, size_t size)
{
    uint8_t *fit = malloc(size);

    assert(fit);
    memcpy(fit, data, size);
    memset(fit + AT_CRC, 0, 4);
    put_be32(fit + AT_CRC, crc32c(0, fit, size));
    return fit;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (decode_copy(data, size) > 0)
        check_accepted(data, size);
    if (size < WIRE_HEADER_BYTES)
        return 0;
    uint8_t *fit = with_crc(data, size);
    if (decode_copy(fit, size) > 0) {
        check_accepted(fit, size);
        check_neighbours(fit, size);
    }
    free(fit);
    return 0;
}
