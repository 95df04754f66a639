/* The lab's generator; see generate.h.
 *
 * Headers are written in their order; lengths, and checksums that cover what
 * follows, are put in when the end is reached.  Nothing here is shared with the
 * programs under test. */
#include "generate.h"

#include <string.h>

enum {
    MIN_FRAME = 60, /* what an Ethernet device pads to */
    MAX_PAYLOAD = 200,
    MAX_EXTENSIONS = 4,
};

/* A packet under construction. */
struct maker {
    struct generated *out;
    uint64_t state;           /* of the generator of chance */
    const uint8_t *src, *dst; /* of the pseudo-header */
    size_t address_bytes;
    bool fragment; /* no transport checksum can be right */
};

/* ---- Chance -------------------------------------------------------------- */

/* splitmix64: a counter and a hash of it. */
static uint64_t next_random(struct maker *maker)
{
    uint64_t z = maker->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(struct maker *maker, uint32_t limit)
{
    return (uint32_t)(next_random(maker) % limit);
}

static bool one_in(struct maker *maker, uint32_t n)
{
    return below(maker, n) == 0;
}

/* ---- Bytes --------------------------------------------------------------- */

static uint8_t *room(struct maker *maker, size_t bytes)
{
    uint8_t *at = maker->out->frame + maker->out->bytes;
    maker->out->bytes += bytes;
    memset(at, 0, bytes);
    return at;
}

static void set16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put8(struct maker *maker, unsigned value)
{
    *room(maker, 1) = (uint8_t)value;
}

static void put16(struct maker *maker, unsigned value)
{
    set16(room(maker, 2), value);
}

static void put32(struct maker *maker, uint32_t value)
{
    put16(maker, value >> 16);
    put16(maker, value & 0xffff);
}

static void put_random(struct maker *maker, size_t bytes)
{
    uint8_t *at = room(maker, bytes);
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)next_random(maker);
}

uint16_t plain_checksum(const uint8_t *data, size_t bytes, uint32_t start)
{
    uint32_t sum = start;
    for (size_t i = 0; i < bytes; i++)
        sum += (uint32_t)(i % 2 == 0 ? data[i] << 8 : data[i]);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t pseudo_sum(const uint8_t *src, const uint8_t *dst,
                    size_t address_bytes, uint8_t protocol, size_t bytes)
{
    uint32_t sum = protocol + (uint32_t)bytes;
    for (size_t i = 0; i < address_bytes; i += 2)
        sum += (uint32_t)(src[i] << 8 | src[i + 1]) +
               (uint32_t)(dst[i] << 8 | dst[i + 1]);
    return sum;
}

/* One checksum in eight is wrong. */
static void put_checksum(struct maker *maker, uint8_t *field, uint16_t sum)
{
    set16(field, one_in(maker, 8) ? sum ^ (1u + below(maker, 0xfffe)) : sum);
}

/* ---- Link ---------------------------------------------------------------- */

static void put_ethernet(struct maker *maker)
{
    put_random(maker, 12);
    maker->out->frame[0] &= 0xfe; /* to one station, */
    maker->out->frame[6] &= 0xfe; /* and from one */
}

static void put_tag(struct maker *maker, unsigned tpid)
{
    put16(maker, tpid);
    put16(maker, below(maker, 0x10000));
}

static void put_type(struct maker *maker, unsigned type)
{
    put16(maker, type);
    maker->out->link_bytes = maker->out->bytes;
    maker->out->type = (uint16_t)type;
}

static void put_arp(struct maker *maker)
{
    put16(maker, 1);
    put16(maker, 0x0800);
    put8(maker, 6);
    put8(maker, 4);
    put16(maker, 1 + below(maker, 2));
    put_random(maker, 20);
    maker->out->whole_bytes = maker->out->bytes;
}

static void make_link(struct maker *maker)
{
    put_ethernet(maker);
    if (one_in(maker, 3))
        put_tag(maker, 0x88a8);
    if (!one_in(maker, 3))
        put_tag(maker, 0x8100);
    if (one_in(maker, 4)) {
        put_type(maker, 0x88b5); /* for local experiments */
        put_random(maker, 50 + below(maker, 50));
    } else {
        put_type(maker, 0x0806);
        put_arp(maker);
    }
}

/* ---- Transport ----------------------------------------------------------- */

static void finish_transport(struct maker *maker, size_t start, size_t field,
                             uint8_t protocol)
{
    uint8_t *at = maker->out->frame + start;
    size_t bytes = maker->out->bytes - start;
    uint32_t pseudo = 0;
    if (protocol != 1)
        pseudo = pseudo_sum(maker->src, maker->dst, maker->address_bytes,
                            protocol, bytes);
    uint16_t sum = plain_checksum(at, bytes, pseudo);
    put_checksum(maker, at + field, protocol == 17 && sum == 0 ? 0xffff : sum);
}

static void put_payload(struct maker *maker)
{
    put_random(maker, below(maker, MAX_PAYLOAD));
}

/* A port that no protocol Wireshark knows is at home at. */
static void put_port(struct maker *maker)
{
    put16(maker, 61000 + below(maker, 1000));
}

static void put_udp(struct maker *maker)
{
    size_t start = maker->out->bytes;
    put_port(maker);
    put_port(maker);
    put32(maker, 0);
    put_payload(maker);
    set16(maker->out->frame + start + 4, maker->out->bytes - start);
    if (maker->address_bytes == 16 || !one_in(maker, 6))
        finish_transport(maker, start, 6, 17);
}

static void put_tcp_options(struct maker *maker)
{
    size_t start = maker->out->bytes;
    if (one_in(maker, 2)) {
        put16(maker, 0x0204);
        put16(maker, 500 + below(maker, 1000));
    }
    if (one_in(maker, 2)) {
        put16(maker, 0x0101);
        put16(maker, 0x080a);
        put_random(maker, 8);
    }
    if (one_in(maker, 3)) {
        put8(maker, 1);
        put16(maker, 0x0303);
        put8(maker, below(maker, 15));
    }
    if (one_in(maker, 4))
        put16(maker, 0x0402);
    if (one_in(maker, 3)) {
        put16(maker, 0x050a);
        put_random(maker, 8);
    }
    while ((maker->out->bytes - start) % 4 != 0)
        put8(maker, 1);
}

static void put_tcp(struct maker *maker)
{
    size_t start = maker->out->bytes;
    put_port(maker);
    put_port(maker);
    put_random(maker, 8);
    put8(maker, 0);
    put8(maker, below(maker, 256));
    put_random(maker, 2);
    put16(maker, 0);
    put16(maker, below(maker, 0x10000));
    put_tcp_options(maker);
    maker->out->frame[start + 12] =
        (uint8_t)((maker->out->bytes - start) / 4 << 4);
    put_payload(maker);
    finish_transport(maker, start, 16, 6);
}

static void put_icmp(struct maker *maker)
{
    static const uint8_t types[] = {0, 8, 8, 13};
    size_t start = maker->out->bytes;
    put8(maker, types[below(maker, 4)]);
    put8(maker, 0);
    put16(maker, 0);
    put_random(maker, 4);
    put_random(maker, 12); /* a timestamp message has three */
    finish_transport(maker, start, 2, 1);
}

static void put_icmp6(struct maker *maker)
{
    size_t start = maker->out->bytes;
    put8(maker, 128 + below(maker, 2));
    put8(maker, 0);
    put16(maker, 0);
    put_random(maker, 4);
    put_payload(maker);
    finish_transport(maker, start, 2, 58);
}

static void put_transport(struct maker *maker, uint8_t protocol)
{
    switch (protocol) {
    case 1:
        put_icmp(maker);
        break;
    case 6:
        put_tcp(maker);
        break;
    case 17:
        put_udp(maker);
        break;
    case 58:
        put_icmp6(maker);
        break;
    default:
        put_random(maker, 8 + below(maker, 40));
    }
}

static uint8_t any_transport(struct maker *maker)
{
    uint8_t icmp = maker->address_bytes == 4 ? 1 : 58;
    return (uint8_t[]){icmp, 6, 17, 6, 17}[below(maker, 5)];
}

/* ---- IPv4 ---------------------------------------------------------------- */

static void put_ipv4_options(struct maker *maker)
{
    static const uint8_t alert[] = {148, 4, 0, 0};
    switch (below(maker, 5)) {
    case 0: /* record route: three addresses, room for them */
        put16(maker, 0x0707 + 8);
        put8(maker, 4);
        put_random(maker, 12);
        put8(maker, 0);
        break;
    case 1:
        memcpy(room(maker, 4), alert, 4);
        break;
    case 2: /* a timestamp with one empty slot */
        put32(maker, 0x440c0500);
        put_random(maker, 8);
        break;
    case 3: /* one that nobody has defined, between no-ops */
        put16(maker, 0x0101);
        put16(maker, 0x9e06);
        put_random(maker, 4);
        break;
    default:
        break;
    }
}

static void put_fragment_word(struct maker *maker, bool fragments)
{
    unsigned word = 0;
    if (fragments && one_in(maker, 4))
        word = below(maker, 3) == 0 ? 0x2000 : 0x2000 | (1 + below(maker, 90));
    else if (fragments && one_in(maker, 6))
        word = 1 + below(maker, 180); /* the last one */
    else if (one_in(maker, 2))
        word = 0x4000;
    maker->fragment = (word & 0x3fff) != 0;
    put16(maker, word);
}

static void make_ipv4(struct maker *maker, bool fragments)
{
    maker->address_bytes = 4;
    uint8_t protocol = fragments && one_in(maker, 4)
                           ? (uint8_t)(150 + below(maker, 100))
                           : any_transport(maker);
    put_type(maker, 0x0800);
    size_t start = maker->out->bytes;
    uint8_t *at = maker->out->frame + start;
    put8(maker, 0x45);
    put8(maker, below(maker, 256));
    put16(maker, 0);
    put16(maker, below(maker, 0x10000));
    put_fragment_word(maker, fragments);
    put8(maker, 1 + below(maker, 255));
    put8(maker, protocol);
    put16(maker, 0);
    put_random(maker, 8);
    at[12] = at[16] = 10;
    maker->src = at + 12;
    maker->dst = at + 16;
    put_ipv4_options(maker);
    size_t header = maker->out->bytes - start;
    at[0] = (uint8_t)(0x40 | header / 4);
    put_transport(maker, protocol);
    set16(at + 2, maker->out->bytes - start);
    put_checksum(maker, at + 10, plain_checksum(at, header, 0));
}

/* ---- IPv6 ---------------------------------------------------------------- */

/* Options of 6 or 14 bytes, so that the header is 8 or 16 long. */
static void put_ipv6_options(struct maker *maker, bool hop_by_hop)
{
    bool longer = one_in(maker, 2);
    put8(maker, longer);
    if (hop_by_hop) {
        put32(maker, 0x05020000); /* router alert: MLD */
        put16(maker, 0x0100);
    } else {
        put16(maker, 0x1e04); /* for experiments: to be skipped */
        put_random(maker, 4);
    }
    if (longer) {
        put16(maker, 0x0106);
        room(maker, 6);
    }
}

/* Type 4 has arrived (no segments left), so that its last address is the one
 * that counts already. */
static void put_routing(struct maker *maker)
{
    put8(maker, 2);
    put8(maker, 4);
    put8(maker, 0);
    put32(maker, 0);
    put_random(maker, 16);
}

static void put_extension(struct maker *maker, uint8_t kind)
{
    switch (kind) {
    case 43:
        put_routing(maker);
        break;
    case 44: {
        unsigned offset = one_in(maker, 2) ? 0 : below(maker, 100) << 3;
        unsigned more = below(maker, 2);
        maker->fragment = offset != 0 || more != 0;
        put8(maker, 0);
        put16(maker, offset | more);
        put_random(maker, 4);
        break;
    }
    case 51:
        put8(maker, 4); /* 24 bytes: fixed ones and 12 of an ICV */
        put16(maker, 0);
        put_random(maker, 20);
        break;
    default:
        put_ipv6_options(maker, kind == 0);
    }
}

/* In the order which RFC 8200 section 4.1 recommends. */
static unsigned choose_chain(struct maker *maker, uint8_t chain[])
{
    static const uint8_t order[] = {0, 43, 44, 51, 60};
    unsigned n = 0;
    for (unsigned i = 0; i < sizeof(order) && n < MAX_EXTENSIONS; i++) {
        if (one_in(maker, 2))
            chain[n++] = order[i];
    }
    return n;
}

static void make_ipv6(struct maker *maker, bool extensions)
{
    uint8_t chain[MAX_EXTENSIONS + 1];
    maker->address_bytes = 16;
    unsigned n = extensions ? choose_chain(maker, chain) : 0;
    chain[n] = extensions && one_in(maker, 5) ? 59 : any_transport(maker);
    put_type(maker, 0x86dd);
    size_t start = maker->out->bytes;
    uint8_t *at = maker->out->frame + start;
    put32(maker, 6u << 28 | below(maker, 1u << 28));
    put16(maker, 0);
    put8(maker, chain[0]);
    put8(maker, 1 + below(maker, 255));
    put_random(maker, 32);
    at[8] = at[24] = 0xfd;
    maker->src = at + 8;
    maker->dst = at + 24;
    for (unsigned i = 0; i < n; i++) {
        put8(maker, chain[i + 1]);
        put_extension(maker, chain[i]);
    }
    if (chain[n] != 59)
        put_transport(maker, chain[n]);
    set16(at + 4, maker->out->bytes - start - 40);
}

/* ---- A packet -------------------------------------------------------------
 */

static void make_ip(struct maker *maker, enum subject subject)
{
    put_ethernet(maker);
    if (one_in(maker, 8))
        put_tag(maker, 0x8100);
    if (subject == SUBJECT_IPV4)
        make_ipv4(maker, true);
    else if (subject == SUBJECT_IPV6)
        make_ipv6(maker, true);
    else if (one_in(maker, 2))
        make_ipv4(maker, false);
    else
        make_ipv6(maker, false);
    maker->out->whole_bytes = maker->out->bytes;
}

void generate(struct generated *packet, enum subject subject, uint64_t seed)
{
    struct maker maker = {.out = packet,
                          .state = seed * SUBJECTS + (uint64_t)subject};
    memset(packet, 0, sizeof(*packet));
    if (subject == SUBJECT_LINK)
        make_link(&maker);
    else
        make_ip(&maker, subject);
    if (packet->bytes < MIN_FRAME)
        room(&maker, MIN_FRAME - packet->bytes);
}
