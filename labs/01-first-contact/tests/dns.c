/* DNS in the ladder of a failure: "DNS A? web.test", "DNS A 1 answer".
 *
 *      +--+--+--+--+--+--+--+--+--+--+--+--+
 *      |  id |flags|  qd |  an |  ns |  ar |   counts; rcode: flags & 15
 *      +--+--+--+--+--+--+--+--+--+--+--+--+
 *      |3 w e b|4 t e s t|0|  type |  class  | ...   (RFC 1035 section 4.1)
 */
#include <stdio.h>
#include <string.h>

#include "common.h"

enum {
    HEADER_BYTES = 12,
    LABEL_MAX_BYTES = 63,
    NAME_TEXT_BYTES = 64,
    RESPONSE = 0x80,
    DNS_PORT = 53,
};

static unsigned get_be16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Writes the name of the question.  Returns where it ends, or 0 if it does not,
 * or is too long to be shown. */
static size_t read_name(const uint8_t *data, size_t bytes,
                        char text[NAME_TEXT_BYTES])
{
    size_t at = HEADER_BYTES, used = 0;
    while (at < bytes && data[at] != 0) {
        size_t label = data[at++];
        if (label > LABEL_MAX_BYTES || at + label > bytes ||
            used + label + 2 > NAME_TEXT_BYTES)
            return 0;
        if (used > 0)
            text[used++] = '.';
        for (size_t i = 0; i < label; i++, at++)
            text[used++] =
                data[at] > ' ' && data[at] < 0x7f ? (char)data[at] : '?';
    }
    text[used] = '\0';
    return at < bytes ? at + 1 : 0;
}

static const char *type_name(unsigned type)
{
    return type == 1 ? "A" : type == 28 ? "AAAA" : "other";
}

static bool is_dns(const struct packet *packet)
{
    if (packet->ip == NULL || packet->payload == NULL ||
        packet->payload_bytes < HEADER_BYTES)
        return false;
    const uint8_t *udp = packet->payload - 8;
    bool udp4 = packet->ip[0] >> 4 == 4 && packet->ip[9] == 17;
    bool udp6 = packet->ip[0] >> 4 == 6 && packet->ip[6] == 17;
    return (udp4 || udp6) &&
           (get_be16(udp) == DNS_PORT || get_be16(udp + 2) == DNS_PORT);
}

static bool decode(const struct packet *packet, char *text, size_t size)
{
    char name[NAME_TEXT_BYTES];
    if (!is_dns(packet))
        return false;
    const uint8_t *data = packet->payload;
    size_t at = read_name(data, packet->payload_bytes, name);
    if (at == 0 || at + 2 > packet->payload_bytes)
        return false;
    const char *type = type_name(get_be16(data + at));
    unsigned rcode = data[3] & 0xf;
    if ((data[2] & RESPONSE) == 0)
        snprintf(text, size, "DNS %s? %s", type, name);
    else if (rcode == 3)
        snprintf(text, size, "DNS no such name");
    else if (rcode != 0)
        snprintf(text, size, "DNS error %u", rcode);
    else
        snprintf(text, size, "DNS %s: %u answers", type, get_be16(data + 6));
    return true;
}

void show_dns(void)
{
    ladder_decoder(decode);
}
