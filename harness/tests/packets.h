/* Packets made by hand, and what flow.h calls them. */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "link/flow.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { SEED = 7, MAX_PACKET = 2048 };

struct packet_spec {
    size_t data_bytes;
    uint32_t seq;
    uint16_t src_port, dst_port;
    uint16_t fragment; /* IPv4's flags and offset */
    uint8_t src, dst;  /* hosts 10.77.1.N or fd77:1::N */
    uint8_t protocol;
    uint8_t flags;
    bool v6;
};

static inline void put_be16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, value >> 16);
    put_be16(p + 2, value & 0xffff);
}

static inline size_t put_ip(uint8_t *p, const struct packet_spec *spec,
                            size_t bytes)
{
    if (!spec->v6) {
        p[0] = 0x45;
        put_be16(p + 2, 20 + bytes);
        put_be16(p + 6, spec->fragment);
        p[9] = spec->protocol;
        memcpy(p + 12, (uint8_t[]){10, 77, 1, spec->src}, 4);
        memcpy(p + 16, (uint8_t[]){10, 77, 1, spec->dst}, 4);
        return 20;
    }
    p[0] = 0x60;
    put_be16(p + 4, bytes);
    p[6] = spec->protocol;
    memcpy(p + 8, (uint8_t[]){0xfd, 0x77, 0, 1}, 4);
    memcpy(p + 24, (uint8_t[]){0xfd, 0x77, 0, 1}, 4);
    p[23] = spec->src;
    p[39] = spec->dst;
    return 40;
}

static inline size_t build(uint8_t *p, const struct packet_spec *spec)
{
    memset(p, 0, MAX_PACKET);
    bool tcp = spec->protocol == IPPROTO_TCP;
    size_t header = tcp ? 20 : 8;
    size_t at = put_ip(p, spec, header + spec->data_bytes);
    put_be16(p + at, spec->src_port);
    put_be16(p + at + 2, spec->dst_port);
    if (tcp) {
        put_be32(p + at + 4, spec->seq);
        p[at + 12] = 0x50;
        p[at + 13] = spec->flags;
    } else {
        put_be16(p + at + 4, 8 + spec->data_bytes);
    }
    return at + header + spec->data_bytes;
}

/* Classifies a packet; `units` holds FLOW_MAX_UNITS. */
static inline size_t classify(struct flows *flows,
                              const struct packet_spec *spec,
                              struct unit *units)
{
    uint8_t packet[MAX_PACKET];
    size_t bytes = build(packet, spec);
    return flows_classify(flows, SEED, spec->src > spec->dst, packet, bytes,
                          units, FLOW_MAX_UNITS);
}

static inline struct unit only_unit(struct flows *flows,
                                    struct packet_spec spec)
{
    struct unit units[FLOW_MAX_UNITS];
    ck_assert_uint_eq(classify(flows, &spec, units), 1);
    return units[0];
}

static inline struct packet_spec udp(uint16_t src_port, uint16_t dst_port)
{
    return (struct packet_spec){.protocol = IPPROTO_UDP,
                                .src = 1,
                                .dst = 2,
                                .src_port = src_port,
                                .dst_port = dst_port,
                                .data_bytes = 100};
}

/* A segment of a connection from 1:port to 2:80. */
static inline struct packet_spec tcp(uint16_t port, uint8_t flags, uint32_t seq,
                                     size_t data_bytes)
{
    return (struct packet_spec){.protocol = IPPROTO_TCP,
                                .src = 1,
                                .dst = 2,
                                .src_port = port,
                                .dst_port = 80,
                                .flags = flags,
                                .seq = seq,
                                .data_bytes = data_bytes};
}

static inline struct packet_spec backwards(struct packet_spec spec)
{
    struct packet_spec back = spec;
    back.src = spec.dst;
    back.dst = spec.src;
    back.src_port = spec.dst_port;
    back.dst_port = spec.src_port;
    return back;
}

#endif
