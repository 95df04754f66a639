/* The lab's datagrams as the tests read and write them: a second, independent
 * reading of the handout, bit by bit where the reference is clever. */
#include <stdio.h>
#include <string.h>

#include "common.h"

uint32_t message_crc(uint32_t crc, const void *data, size_t bytes)
{
    const uint8_t *p = data;

    crc = ~crc;
    while (bytes--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static uint32_t crc_of(const uint8_t *datagram, size_t bytes)
{
    uint32_t crc = message_crc(0, datagram, 28);

    crc = message_crc(crc, "\0\0\0", 4);
    return message_crc(crc, datagram + 32, bytes - 32);
}

size_t message_write(const struct wire *wire, uint8_t *datagram)
{
    size_t at = WIRE_HEADER_BYTES;

    put_be16(datagram, WIRE_MAGIC);
    datagram[2] = WIRE_VERSION;
    datagram[3] = (uint8_t)wire->type;
    put_be32(datagram + 4, wire->connection);
    put_be32(datagram + 8, wire->sequence);
    put_be32(datagram + 12, wire->ack);
    put_be32(datagram + 16, wire->window);
    put_be32(datagram + 20, wire->timestamp);
    put_be32(datagram + 24, wire->echo);
    datagram[32] = wire->sack_count;
    datagram[33] = wire->code;
    put_be16(datagram + 34, (uint16_t)wire->payload_bytes);
    for (unsigned i = 0; i < wire->sack_count; i++, at += WIRE_SACK_BYTES) {
        put_be32(datagram + at, wire->sacks[i].first);
        put_be32(datagram + at + 4, wire->sacks[i].end);
    }
    if (wire->payload_bytes)
        memcpy(datagram + at, wire->payload, wire->payload_bytes);
    put_be32(datagram + 28, crc_of(datagram, at + wire->payload_bytes));
    return at + wire->payload_bytes;
}

static void read_header(struct wire *wire, const uint8_t *datagram)
{
    *wire = (struct wire){
        .type = datagram[3],
        .connection = get_be32(datagram + 4),
        .sequence = get_be32(datagram + 8),
        .ack = get_be32(datagram + 12),
        .window = get_be32(datagram + 16),
        .timestamp = get_be32(datagram + 20),
        .echo = get_be32(datagram + 24),
        .sack_count = datagram[32],
        .code = datagram[33],
        .payload_bytes = get_be16(datagram + 34),
    };
}

bool message_shape(struct wire *wire, const uint8_t *datagram, size_t bytes)
{
    if (bytes < WIRE_HEADER_BYTES || get_be16(datagram) != WIRE_MAGIC ||
        datagram[2] != WIRE_VERSION)
        return false;
    read_header(wire, datagram);
    size_t head =
        WIRE_HEADER_BYTES + (size_t)wire->sack_count * WIRE_SACK_BYTES;
    if (wire->sack_count > WIRE_MAX_SACKS ||
        head + wire->payload_bytes != bytes)
        return false;
    for (unsigned i = 0; i < wire->sack_count; i++) {
        const uint8_t *at = datagram + WIRE_HEADER_BYTES + i * WIRE_SACK_BYTES;
        wire->sacks[i] = (struct wire_sack){get_be32(at), get_be32(at + 4)};
    }
    wire->payload = datagram + head;
    return true;
}

bool message_read(struct wire *wire, const uint8_t *datagram, size_t bytes)
{
    return message_shape(wire, datagram, bytes) &&
           get_be32(datagram + 28) == crc_of(datagram, bytes);
}

/* The number of OPEN of that connection, so that the ladder may count from it:
 * "DATA 12" is the twelfth segment of the file. */
static uint32_t initial_of(uint32_t connection)
{
    static uint32_t known_connection, known;
    struct packet open = {0};
    char filter[96];

    if (connection == known_connection)
        return known;
    snprintf(filter, sizeof(filter), OPEN " and udp[12:4] = %u", connection);
    known_connection = connection;
    known = 0;
    if (capture_nth(rig_net(), filter, 1, &open) && open.payload_bytes >= 12)
        known = get_be32(open.payload + 8);
    return known;
}

static int describe_sacks(const struct wire *wire, uint32_t initial, char *text,
                          size_t size)
{
    size_t used = 0;

    for (unsigned i = 0; i < wire->sack_count && used < size; i++)
        used += (size_t)snprintf(
            text + used, size - used, "%s%u-%u", i ? "," : " sack ",
            wire->sacks[i].first - initial, wire->sacks[i].end - 1 - initial);
    return (int)used;
}

static void describe(const struct wire *wire, char *text, size_t size)
{
    static const char *const names[] = {"?",   "OPEN", "DATA",  "ACK",
                                        "FIN", "DONE", "RESET", "PING"};
    uint32_t initial = initial_of(wire->connection);
    const char *name = names[wire->type <= WIRE_PING ? wire->type : 0];
    char sacks[80] = "";

    describe_sacks(wire, initial, sacks, sizeof(sacks));
    if (wire->type == WIRE_ACK)
        snprintf(text, size, "ACK %u win %u%s", wire->ack - initial,
                 wire->window, sacks);
    else if (wire->type == WIRE_RESET)
        snprintf(text, size, "RESET code %u", wire->code);
    else
        snprintf(text, size, "%s %u", name, wire->sequence - initial);
}

bool message_describe(const struct packet *packet, char *text, size_t size)
{
    struct wire wire;

    if (!packet->payload ||
        !message_shape(&wire, packet->payload, packet->payload_bytes))
        return false;
    describe(&wire, text, size);
    if (!message_read(&wire, packet->payload, packet->payload_bytes))
        strncat(text, " bad CRC", size - strlen(text) - 1);
    return true;
}
