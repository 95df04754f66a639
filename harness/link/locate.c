/* Where the parts of a packet are: RFC 791, RFC 8200, RFC 9293, RFC 768. */
#include "link/locate.h"

enum {
    IPV4_MIN_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_MIN_BYTES = 20,
    UDP_BYTES = 8,
    IPV6_HOP_BY_HOP = 0,
    IPV6_ROUTING = 43,
    IPV6_FRAGMENT = 44,
    IPV6_DESTINATION = 60,
    IPV6_MAX_EXTENSIONS = 8,
};

uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

void put_be16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, (uint16_t)(value >> 16));
    put_be16(p + 2, (uint16_t)value);
}

/* Fills in the payload once `transport` and its bytes are known. */
static void locate_transport(struct located *out, size_t offset)
{
    if (offset >= out->ip_bytes)
        return;
    const uint8_t *p = out->ip + offset;
    size_t bytes = out->ip_bytes - offset, header = 0;
    out->transport = p;
    if (out->protocol == PROTOCOL_TCP && bytes >= TCP_MIN_BYTES)
        header = (size_t)(p[12] >> 4) * 4;
    else if (out->protocol == PROTOCOL_UDP)
        header = UDP_BYTES;
    if (header == 0 || header > bytes)
        return;
    out->payload = p + header;
    out->payload_bytes = bytes - header;
}

static void locate_v4(struct located *out)
{
    const uint8_t *ip = out->ip;
    size_t header = (size_t)(ip[0] & 0x0f) * 4, total = get_be16(ip + 2);
    if (header < IPV4_MIN_BYTES || header > out->ip_bytes)
        return;
    if (total >= header && total < out->ip_bytes)
        out->ip_bytes = total; /* the rest is Ethernet padding */
    out->protocol = ip[9];
    if ((get_be16(ip + 6) & 0x1fff) == 0)
        locate_transport(out, header);
}

static void locate_v6(struct located *out)
{
    const uint8_t *ip = out->ip;
    size_t total = IPV6_BYTES + (size_t)get_be16(ip + 4), at = IPV6_BYTES;
    if (total < out->ip_bytes)
        out->ip_bytes = total;
    out->protocol = ip[6];
    for (int i = 0; i < IPV6_MAX_EXTENSIONS; i++) {
        unsigned type = out->protocol;
        if (type != IPV6_HOP_BY_HOP && type != IPV6_ROUTING &&
            type != IPV6_FRAGMENT && type != IPV6_DESTINATION)
            break;
        if (at + 8 > out->ip_bytes)
            return;
        const uint8_t *extension = ip + at;
        out->protocol = extension[0];
        if (type == IPV6_FRAGMENT && (get_be16(extension + 2) & 0xfff8) != 0)
            return; /* a later fragment has no transport header */
        at += type == IPV6_FRAGMENT ? 8 : 8 + (size_t)extension[1] * 8;
    }
    locate_transport(out, at);
}

void packet_locate(const uint8_t *data, size_t bytes, bool ethernet,
                   struct located *out)
{
    *out = (struct located){0};
    if (ethernet) {
        if (bytes < ETHERNET_BYTES)
            return;
        unsigned type = get_be16(data + ETHERTYPE_OFFSET);
        if (type != 0x0800 && type != 0x86dd)
            return;
        data += ETHERNET_BYTES;
        bytes -= ETHERNET_BYTES;
    }
    if (bytes < IPV4_MIN_BYTES)
        return;
    unsigned version = data[0] >> 4;
    if (version != 4 && (version != 6 || bytes < IPV6_BYTES))
        return;
    *out = (struct located){.ip = data, .ip_bytes = bytes, .version = version};
    if (version == 4)
        locate_v4(out);
    else
        locate_v6(out);
}
