/* The codec: bytes to struct wire and back, nothing else.
 *
 * The CRC covers the whole datagram with its own field taken as zero.  It is
 * checked before any field is believed: a flipped bit in the sequence number
 * would write the right bytes to the wrong place, one in the cumulative ACK
 * would make the sender forget what was never received. */
#include "wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "crc32c.h"

enum {
    AT_MAGIC = 0,
    AT_VERSION = 2,
    AT_TYPE = 3,
    AT_CONNECTION = 4,
    AT_SEQUENCE = 8,
    AT_ACK = 12,
    AT_WINDOW = 16,
    AT_TIMESTAMP = 20,
    AT_ECHO = 24,
    AT_CRC = 28,
    AT_SACK_COUNT = 32,
    AT_CODE = 33,
    AT_LENGTH = 34,
    AT_SACKS = WIRE_HEADER_BYTES,
};

/* BEGIN SOLUTION 1 */
static uint32_t datagram_crc(const uint8_t *datagram, size_t bytes)
{
    static const uint8_t zero[4];
    uint32_t crc = crc32c(0, datagram, AT_CRC);

    crc = crc32c(crc, zero, sizeof(zero));
    return crc32c(crc, datagram + AT_SACK_COUNT, bytes - AT_SACK_COUNT);
}

static void put_sacks(const struct wire *wire, uint8_t *p)
{
    for (unsigned i = 0; i < wire->sack_count; i++, p += WIRE_SACK_BYTES) {
        put_be32(p, wire->sacks[i].first);
        put_be32(p + 4, wire->sacks[i].end);
    }
}

/* Returns whether every range is one: not empty, not backwards. */
static bool get_sacks(struct wire *wire, const uint8_t *p)
{
    for (unsigned i = 0; i < wire->sack_count; i++, p += WIRE_SACK_BYTES) {
        wire->sacks[i] = (struct wire_sack){get_be32(p), get_be32(p + 4)};
        if (seq_distance(wire->sacks[i].first, wire->sacks[i].end) <= 0)
            return false;
    }
    return true;
}

static bool lengths_agree(const uint8_t *datagram, size_t bytes)
{
    if (bytes < WIRE_HEADER_BYTES || datagram[AT_SACK_COUNT] > WIRE_MAX_SACKS)
        return false;
    return bytes == WIRE_HEADER_BYTES +
                        (size_t)datagram[AT_SACK_COUNT] * WIRE_SACK_BYTES +
                        get_be16(datagram + AT_LENGTH);
}
/* END SOLUTION */

/* DOC: wire_encode */
ssize_t wire_encode(const struct wire *wire, uint8_t *datagram, size_t size)
{
    /* BEGIN SOLUTION 1 */
    size_t head_bytes =
        WIRE_HEADER_BYTES + (size_t)wire->sack_count * WIRE_SACK_BYTES;
    size_t bytes = head_bytes + wire->payload_bytes;

    assert(wire->sack_count <= WIRE_MAX_SACKS);
    if (bytes > size || wire->payload_bytes > UINT16_MAX)
        return -EMSGSIZE;
    put_be16(datagram + AT_MAGIC, WIRE_MAGIC);
    datagram[AT_VERSION] = WIRE_VERSION;
    datagram[AT_TYPE] = (uint8_t)wire->type;
    put_be32(datagram + AT_CONNECTION, wire->connection);
    put_be32(datagram + AT_SEQUENCE, wire->sequence);
    put_be32(datagram + AT_ACK, wire->ack);
    put_be32(datagram + AT_WINDOW, wire->window);
    put_be32(datagram + AT_TIMESTAMP, wire->timestamp);
    put_be32(datagram + AT_ECHO, wire->echo);
    datagram[AT_SACK_COUNT] = wire->sack_count;
    datagram[AT_CODE] = wire->code;
    put_be16(datagram + AT_LENGTH, (uint16_t)wire->payload_bytes);
    put_sacks(wire, datagram + AT_SACKS);
    if (wire->payload_bytes && wire->payload != datagram + head_bytes)
        memmove(datagram + head_bytes, wire->payload, wire->payload_bytes);
    put_be32(datagram + AT_CRC, datagram_crc(datagram, bytes));
    return (ssize_t)bytes;
    /* END SOLUTION */
    //> /* Checkpoint 1: the header of wire.h, field by field, the CRC last. */
    //> (void)wire, (void)datagram, (void)size;
    //> return -ENOSYS;
}

/* DOC: wire_decode */
ssize_t wire_decode(struct wire *wire, const uint8_t *datagram, size_t bytes)
{
    /* BEGIN SOLUTION 1 */
    if (!lengths_agree(datagram, bytes) ||
        get_be16(datagram + AT_MAGIC) != WIRE_MAGIC ||
        datagram[AT_VERSION] != WIRE_VERSION || datagram[AT_TYPE] < WIRE_OPEN ||
        datagram[AT_TYPE] > WIRE_PING)
        return -EBADMSG;
    if (get_be32(datagram + AT_CRC) != datagram_crc(datagram, bytes))
        return -EBADMSG;

    struct wire read = {
        .type = datagram[AT_TYPE],
        .connection = get_be32(datagram + AT_CONNECTION),
        .sequence = get_be32(datagram + AT_SEQUENCE),
        .ack = get_be32(datagram + AT_ACK),
        .window = get_be32(datagram + AT_WINDOW),
        .timestamp = get_be32(datagram + AT_TIMESTAMP),
        .echo = get_be32(datagram + AT_ECHO),
        .code = datagram[AT_CODE],
        .sack_count = datagram[AT_SACK_COUNT],
        .payload_bytes = get_be16(datagram + AT_LENGTH),
    };
    read.payload = datagram + bytes - read.payload_bytes;
    if (!get_sacks(&read, datagram + AT_SACKS))
        return -EBADMSG;
    *wire = read;
    return (ssize_t)bytes;
    /* END SOLUTION */
    //> /* Checkpoint 1: check everything, then believe it. */
    //> (void)wire, (void)datagram, (void)bytes;
    //> return -ENOSYS;
}
