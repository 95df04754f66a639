/* Packets of the test's own making; see common.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

enum { UDP_BYTES = 8, PORT = 9999, MARKER_PORT = 7777 };

uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

static uint64_t words(const uint8_t *bytes, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
    return sum;
}

static uint16_t folded(uint64_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint16_t sum_of(const uint8_t *bytes, size_t count)
{
    return folded(words(bytes, count));
}

uint16_t sum6_of(const uint8_t *ip, unsigned protocol)
{
    size_t payload = get16(ip + 4);
    return folded(words(ip + 8, 32) + payload + protocol +
                  words(ip + IP6_BYTES, payload));
}

/* ---- Building ------------------------------------------------------------ */

static bool is_six(const struct spec *spec)
{
    return spec->destination && strchr(spec->destination, ':');
}

static size_t put_payload(const struct spec *spec, uint8_t *at)
{
    if (spec->payload) {
        memcpy(at, spec->payload, spec->payload_bytes);
        return spec->payload_bytes;
    }
    size_t bytes = UDP_BYTES + spec->payload_bytes;
    put16(at, 40000);
    put16(at + 2, PORT);
    put16(at + 4, (unsigned)bytes);
    put16(at + 6, 0); /* IPv4 may do without; IPv6 tests bring their own */
    for (size_t i = UDP_BYTES; i < bytes; i++)
        at[i] = (uint8_t)i;
    return bytes;
}

static size_t put_ip4(const struct path *path, const struct spec *spec,
                      uint8_t *ip)
{
    size_t header = IP4_BYTES + spec->option_bytes;
    size_t total = header + put_payload(spec, ip + header);
    memset(ip, 0, IP4_BYTES);
    ip[0] = (uint8_t)(0x40 | header / 4);
    put16(ip + 2, (unsigned)total);
    put16(ip + 4, spec->id);
    put16(ip + 6, spec->fragment);
    ip[8] = spec->ttl ? spec->ttl : 64;
    ip[9] = spec->protocol ? spec->protocol : PROTO_UDP;
    inet_pton(AF_INET, spec->source ? spec->source : host_addr(path->a),
              ip + 12);
    inet_pton(AF_INET,
              spec->destination ? spec->destination : host_addr(path->b),
              ip + 16);
    if (spec->options)
        memcpy(ip + IP4_BYTES, spec->options, spec->option_bytes);
    put16(ip + 10, sum_of(ip, header));
    return total;
}

/* Checksums of UDP and ICMPv6 are put in their place. */
static size_t put_ip6(const struct path *path, const struct spec *spec,
                      uint8_t *ip)
{
    uint8_t protocol = spec->protocol ? spec->protocol : PROTO_UDP;
    size_t bytes = put_payload(spec, ip + IP6_BYTES);
    size_t field = protocol == PROTO_ICMP6 ? 2 : 6;
    put32(ip, 0x60000000);
    put16(ip + 4, (unsigned)bytes);
    ip[6] = protocol;
    ip[7] = spec->ttl ? spec->ttl : 64;
    inet_pton(AF_INET6, spec->source ? spec->source : host_addr6(path->a),
              ip + 8);
    inet_pton(AF_INET6, spec->destination, ip + 24);
    if (protocol == PROTO_ICMP6 || protocol == PROTO_UDP) {
        put16(ip + IP6_BYTES + field, 0);
        put16(ip + IP6_BYTES + field, sum6_of(ip, protocol));
    }
    return IP6_BYTES + bytes;
}

size_t make_packet(const struct path *path, const struct spec *spec,
                   uint8_t *frame)
{
    bool six = is_six(spec);
    host_mac(path->router, path->left, frame);
    host_mac(path->a, path->left, frame + 6);
    put16(frame + 12, six ? 0x86dd : 0x0800);
    uint8_t *ip = frame + ETHER_BYTES;
    return ETHER_BYTES +
           (six ? put_ip6(path, spec, ip) : put_ip4(path, spec, ip));
}

size_t make_icmp(uint8_t *icmp, unsigned type, unsigned code, size_t bytes)
{
    memset(icmp, 0, bytes);
    icmp[0] = (uint8_t)type;
    icmp[1] = (uint8_t)code;
    for (size_t i = UDP_BYTES; i < bytes; i++)
        icmp[i] = (uint8_t)(i * 3);
    put16(icmp + 2, sum_of(icmp, bytes));
    return bytes;
}

/* ---- Sending ------------------------------------------------------------- */

void send_raw(struct path *path, const uint8_t *frame, size_t bytes)
{
    if (path->port == NULL)
        path->port = frame_open(path->a, path->left);
    int error = frame_send(path->port, frame, bytes);
    if (error < 0)
        test_infra("a frame of %zu bytes cannot be sent: %s", bytes,
                   strerror(-error));
}

void send_packet(struct path *path, const struct spec *spec)
{
    uint8_t frame[FRAME_ROOM];
    send_raw(path, frame, make_packet(path, spec, frame));
}

/* Sends one good packet; returns it as it crossed the left link. */
static struct packet cross(struct path *path)
{
    uint8_t udp[UDP_BYTES] = {0};
    char filter[64];
    struct packet packet;
    put16(udp, 40000 + (unsigned)++path->markers);
    put16(udp + 2, MARKER_PORT);
    put16(udp + 4, UDP_BYTES);
    send_packet(path,
                &(struct spec){.payload = udp, .payload_bytes = sizeof(udp)});
    snprintf(filter, sizeof(filter), "udp dst port %d and src port %d",
             MARKER_PORT, 40000 + path->markers);
    await_delivered(path->net, filter, 2,
                    "a good packet should cross both links");
    capture_nth(path->net, filter, 1, &packet);
    return packet;
}

/* A link whose delay varies lets packets overtake others.  Whether this one
 * did; if so, waits until those have arrived, too. */
static bool overtook(const struct path *path, const struct packet *marker)
{
    struct packet earlier = {0};
    bool any = false;
    while (capture_next(path->net, "", earlier.number, &earlier) &&
           earlier.number < marker->number)
        any |= earlier.from == path->a &&
               (earlier.fate & FATE_IN_FLIGHT ||
                earlier.delivered_ns > marker->delivered_ns);
    if (any)
        await_settled(path->net);
    return any;
}

void send_marker(struct path *path)
{
    struct packet marker;
    step("send a good packet from a to b");
    do
        marker = cross(path);
    while (overtook(path, &marker));
}
