/* A packet put together; see build.h.
 *
 * Headers are put before what is there already, so that the buffer is filled
 * from its end:
 *
 *                                                  "hello"
 *                                         UDP      "hello"     length, checksum
 *                                IP       UDP      "hello"     length, checksum
 *                      Ethernet  IP       UDP      "hello"     type
 *
 * Two things a header must know of its neighbours: the kind of the one inside
 * it, for its type or protocol field, and the addresses of the IP layer outside
 * it, for the pseudo-header.  Both are in the spec. */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
//> #include "lab.h"

enum {
    EXPERIMENTAL_TYPE = 0x88b5,    /* IEEE 802, for local use */
    EXPERIMENTAL_PROTOCOL = 253,   /* RFC 3692 */
    MAX_OPTION_BYTES = 40,         /* IPv4's and TCP's headers have room */
    MAX_EXTENSION_BYTES = 256 * 8, /* of an IPv6 extension header */
};

/* Where a header is written: `layer` describes it, `at` is its first byte. */
struct header {
    struct spec *spec;
    const struct spec_layer *layer;
    unsigned index; /* of the layer in the spec */
    uint8_t *at;
    size_t bytes; /* of the header alone */
    size_t whole; /* with all that is inside it */
    int error;    /* the first that happened; spec->error tells it */
};

/* ---- Fields: what the spec states, else what is given -------------------- */

static uint32_t number(struct header *header, const char *name, uint32_t limit,
                       uint32_t otherwise)
{
    uint32_t value = otherwise;
    if (header->error == 0)
        header->error =
            spec_number(header->spec, header->layer, name, limit, &value);
    return value;
}

static uint8_t number8(struct header *header, const char *name,
                       uint32_t otherwise)
{
    return (uint8_t)number(header, name, UINT8_MAX, otherwise);
}

static uint16_t number16(struct header *header, const char *name,
                         uint32_t otherwise)
{
    return (uint16_t)number(header, name, UINT16_MAX, otherwise);
}

static void address(struct header *header, const char *name, uint8_t *at,
                    size_t bytes)
{
    if (header->error == 0)
        header->error =
            spec_address(header->spec, header->layer, name, at, bytes);
}

/* A number made of letters; without the field, `otherwise`. */
static uint8_t letters(struct header *header, const char *name,
                       const char *known, uint32_t otherwise)
{
    uint32_t value = otherwise;
    if (header->error == 0)
        header->error =
            spec_letters(header->spec, header->layer, name, known, &value);
    return (uint8_t)value;
}

/* ---- Neighbours ---------------------------------------------------------- */

/* The kind inside a header; SPEC_KINDS where there is nothing. */
static enum spec_kind inside(const struct header *header)
{
    unsigned next = header->index + 1;
    return next < header->spec->layer_count ? header->spec->layers[next].kind
                                            : SPEC_KINDS;
}

/* DOC: type-inside */
static uint16_t type_inside(const struct header *header)
{
    /* BEGIN SOLUTION 1 */
    switch (inside(header)) {
    case SPEC_IP:
        return TYPE_IPV4;
    case SPEC_IP6:
        return TYPE_IPV6;
    case SPEC_ARP:
        return TYPE_ARP;
    case SPEC_VLAN: {
        uint32_t tpid = TYPE_VLAN; /* a bad one is told of when it is built */
        (void)spec_number(header->spec, header->layer + 1, "tpid", UINT16_MAX,
                          &tpid);
        return (uint16_t)tpid;
    }
    default:
        return EXPERIMENTAL_TYPE;
    }
    /* END SOLUTION */
    //> (void)header, (void)inside;
    //> to_do(1, "type_inside() in build.c");
}

static uint8_t protocol_inside(const struct header *header)
{
    /* BEGIN SOLUTION 2 */
    static const uint8_t protocols[SPEC_KINDS + 1] = {
        [SPEC_IP] = 4,
        [SPEC_IP6] = 41,
        [SPEC_HOP] = NEXT_HOP_BY_HOP,
        [SPEC_DST] = NEXT_DESTINATION,
        [SPEC_FRAG] = NEXT_FRAGMENT,
        [SPEC_ICMP] = NEXT_ICMP,
        [SPEC_ICMP6] = NEXT_ICMPV6,
        [SPEC_UDP] = NEXT_UDP,
        [SPEC_TCP] = NEXT_TCP,
        [SPEC_TEXT] = EXPERIMENTAL_PROTOCOL,
        [SPEC_KINDS] = NEXT_NONE,
    };
    return protocols[inside(header)];
    /* END SOLUTION */
    //> (void)header, (void)inside;
    //> to_do(2, "protocol_inside() in build.c");
}

/* ---- Checksums ----------------------------------------------------------- */

/* DOC: build-checksum */
uint16_t build_checksum(const uint8_t *src, const uint8_t *dst,
                        size_t address_bytes, uint8_t protocol,
                        const uint8_t *message, size_t bytes)
{
    /* BEGIN SOLUTION 4 */
    struct checksum sum = {0};
    if (address_bytes > 0)
        checksum_add_pseudo(&sum, src, dst, address_bytes, protocol,
                            (uint32_t)bytes);
    checksum_add(&sum, message, bytes);
    uint16_t result = checksum_result(&sum);
    return result == 0 && protocol == NEXT_UDP ? 0xffff : result;
    /* END SOLUTION */
    //> (void)src, (void)dst, (void)address_bytes;
    //> (void)protocol, (void)message, (void)bytes;
    //> to_do(4, "build_checksum() in build.c");
}

/* Writes a transport's checksum: `at` is its field, still zero. */
static void put_checksum(struct header *header, uint8_t *at, uint8_t protocol)
{
    uint8_t src[16] = {0}, dst[16] = {0};
    size_t address_bytes = 0;
    for (unsigned i = header->index; i-- > 0 && address_bytes == 0;) {
        const struct spec_layer *outer = &header->spec->layers[i];
        if (outer->kind != SPEC_IP && outer->kind != SPEC_IP6)
            continue;
        address_bytes = outer->kind == SPEC_IP ? 4 : 16;
        /* What does not parse is told of when that layer is built. */
        (void)spec_address(header->spec, outer, "src", src, address_bytes);
        (void)spec_address(header->spec, outer, "dst", dst, address_bytes);
    }
    if (protocol == NEXT_ICMP)
        address_bytes = 0;
    uint16_t sum = build_checksum(src, dst, address_bytes, protocol, header->at,
                                  header->whole);
    put_be16(at, number16(header, "sum", sum));
}

/* ---- Layers: each writes the header at header->at, which is zero ----------
 */

static void write_eth(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    memset(header->at, 0xff, 6);
    address(header, "dst", header->at, 6);
    address(header, "src", header->at + 6, 6);
    put_be16(header->at + 12, number16(header, "type", type_inside(header)));
    /* END SOLUTION */
    //> (void)header, (void)type_inside, (void)address;
    //> to_do(1, "write_eth() in build.c");
}

static void write_vlan(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    uint32_t tag = number(header, "pcp", 7, 0) << 13 |
                   number(header, "dei", 1, 0) << 12 |
                   number(header, "vid", 4095, 0);
    put_be16(header->at, (uint16_t)tag);
    (void)number16(header, "tpid", 0); /* checked; the layer outside has it */
    put_be16(header->at + 2, number16(header, "type", type_inside(header)));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(1, "write_vlan() in build.c");
}

static void write_arp(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    static const uint8_t ethernet_ipv4[] = {0, 1, 8, 0, 6, 4};
    memcpy(header->at, ethernet_ipv4, sizeof(ethernet_ipv4));
    put_be16(header->at + 6, number16(header, "op", 1));
    address(header, "sha", header->at + 8, 6);
    address(header, "spa", header->at + 14, 4);
    address(header, "tha", header->at + 18, 6);
    address(header, "tpa", header->at + 24, 4);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(1, "write_arp() in build.c");
}

/* DOC: write-ip
 * The checksum comes last: it covers every other field. */
static void write_ip(struct header *header)
{
    /* BEGIN SOLUTION 2 */
    uint8_t *at = header->at;
    uint32_t ihl = number(header, "ihl", 15, (uint32_t)header->bytes / 4);
    at[0] = (uint8_t)(4 << 4 | ihl);
    at[1] = (uint8_t)(number(header, "dscp", 63, 0) << 2 |
                      number(header, "ecn", 3, 0));
    put_be16(at + 2, number16(header, "len", (uint32_t)header->whole));
    put_be16(at + 4, number16(header, "id", 0));
    uint8_t flags = letters(header, "flags", "MDR", 0);
    put_be16(at + 6,
             (uint16_t)(flags << 13 | number(header, "frag", 0x1fff, 0)));
    at[8] = number8(header, "ttl", 64);
    at[9] = number8(header, "proto", protocol_inside(header));
    address(header, "src", at + 12, 4);
    address(header, "dst", at + 16, 4);
    size_t room = MAX_OPTION_BYTES;
    if (header->error == 0)
        header->error = spec_hex(header->spec, header->layer, "opt",
                                 at + IPV4_HEADER_BYTES, &room);
    struct checksum sum = {0};
    checksum_add(&sum, at, header->bytes);
    put_be16(at + 10, number16(header, "sum", checksum_result(&sum)));
    /* END SOLUTION */
    //> (void)header, (void)letters, (void)number8, (void)protocol_inside;
    //> to_do(2, "write_ip() in build.c");
}

static void write_ip6(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    uint8_t *at = header->at;
    put_be32(at, (uint32_t)6 << 28 | number(header, "dscp", 63, 0) << 22 |
                     number(header, "ecn", 3, 0) << 20 |
                     number(header, "flow", 0xfffff, 0));
    put_be16(at + 4, number16(header, "len",
                              (uint32_t)(header->whole - header->bytes)));
    at[6] = number8(header, "next", protocol_inside(header));
    at[7] = number8(header, "hlim", 64);
    address(header, "src", at + 8, 16);
    address(header, "dst", at + 24, 16);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_ip6() in build.c");
}

/* DOC: write-extension
 * What the options leave of the last eight bytes is one PadN, or a Pad1 where
 * there is room for no more (RFC 8200 section 4.2). */
static void write_extension(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    uint8_t *at = header->at;
    size_t option_bytes = MAX_EXTENSION_BYTES;
    header->error =
        spec_hex(header->spec, header->layer, "opt", at + 2, &option_bytes);
    at[0] = number8(header, "next", protocol_inside(header));
    at[1] = number8(header, "len", (uint32_t)(header->bytes / 8 - 1));
    size_t used = 2 + option_bytes, pad = header->bytes - used;
    if (pad >= 2) {
        at[used] = 1;
        at[used + 1] = (uint8_t)(pad - 2);
    }
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_extension() in build.c");
}

static void write_frag(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    header->at[0] = number8(header, "next", protocol_inside(header));
    put_be16(header->at + 2, (uint16_t)(number(header, "off", 0x1fff, 0) << 3 |
                                        number(header, "more", 1, 0)));
    put_be32(header->at + 4, number(header, "id", UINT32_MAX, 0));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_frag() in build.c");
}

static void write_icmp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    bool v6 = header->layer->kind == SPEC_ICMP6;
    header->at[0] = number8(header, "type", v6 ? 128 : 8);
    header->at[1] = number8(header, "code", 0);
    uint32_t rest =
        (uint32_t)number16(header, "id", 0) << 16 | number16(header, "seq", 0);
    put_be32(header->at + 4, number(header, "rest", UINT32_MAX, rest));
    put_checksum(header, header->at + 2, v6 ? NEXT_ICMPV6 : NEXT_ICMP);
    /* END SOLUTION */
    //> (void)header, (void)put_checksum;
    //> to_do(4, "write_icmp() in build.c");
}

static void write_udp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    put_be16(header->at, number16(header, "sport", 40000));
    put_be16(header->at + 2, number16(header, "dport", 40000));
    put_be16(header->at + 4, number16(header, "len", (uint32_t)header->whole));
    put_checksum(header, header->at + 6, NEXT_UDP);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(4, "write_udp() in build.c");
}

/* Writes the TCP options of the spec in a fixed order.  Returns their bytes,
 * not padded; `at` has room for MAX_OPTION_BYTES. */
static size_t put_tcp_options(struct header *header, uint8_t *at)
{
    /* BEGIN SOLUTION 4 */
    const struct spec_layer *layer = header->layer;
    size_t n = 0;
    if (spec_has(layer, "mss")) {
        memcpy(at + n, (uint8_t[]){2, 4}, 2);
        put_be16(at + n + 2, number16(header, "mss", 0));
        n += 4;
    }
    if (number(header, "sackok", 1, 0) == 1) {
        memcpy(at + n, (uint8_t[]){4, 2}, 2);
        n += 2;
    }
    if (spec_has(layer, "tsval") || spec_has(layer, "tsecr")) {
        memcpy(at + n, (uint8_t[]){8, 10}, 2);
        put_be32(at + n + 2, number(header, "tsval", UINT32_MAX, 0));
        put_be32(at + n + 6, number(header, "tsecr", UINT32_MAX, 0));
        n += 10;
    }
    if (spec_has(layer, "wscale")) {
        memcpy(at + n, (uint8_t[]){3, 3, number8(header, "wscale", 0)}, 3);
        n += 3;
    }
    size_t more = header->error == 0 ? MAX_OPTION_BYTES - n : 0;
    if (header->error == 0)
        header->error = spec_hex(header->spec, layer, "opt", at + n, &more);
    return n + more;
    /* END SOLUTION */
    //> (void)header, (void)at;
    //> to_do(4, "put_tcp_options() in build.c");
}

static void write_tcp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    uint8_t *at = header->at;
    put_be16(at, number16(header, "sport", 40000));
    put_be16(at + 2, number16(header, "dport", 40000));
    put_be32(at + 4, number(header, "seq", UINT32_MAX, 0));
    put_be32(at + 8, number(header, "ack", UINT32_MAX, 0));
    at[12] =
        (uint8_t)(number(header, "off", 15, (uint32_t)header->bytes / 4) << 4);
    at[13] = letters(header, "flags", "FSRPAUEC", TCP_SYN);
    put_be16(at + 14, number16(header, "win", 65535));
    put_be16(at + 18, number16(header, "urg", 0));
    uint8_t options[MAX_OPTION_BYTES];
    memcpy(at + TCP_HEADER_BYTES, options, put_tcp_options(header, options));
    put_checksum(header, at + 16, NEXT_TCP);
    /* END SOLUTION */
    //> (void)header, (void)put_tcp_options;
    //> to_do(4, "write_tcp() in build.c");
}

typedef void write_fn(struct header *header);

static write_fn *const writers[SPEC_TEXT] = {
    [SPEC_ETH] = write_eth,       [SPEC_VLAN] = write_vlan,
    [SPEC_ARP] = write_arp,       [SPEC_IP] = write_ip,
    [SPEC_IP6] = write_ip6,       [SPEC_HOP] = write_extension,
    [SPEC_DST] = write_extension, [SPEC_FRAG] = write_frag,
    [SPEC_ICMP] = write_icmp,     [SPEC_ICMP6] = write_icmp,
    [SPEC_UDP] = write_udp,       [SPEC_TCP] = write_tcp,
};

/* ---- The frame ----------------------------------------------------------- */

static size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/* DOC: header-bytes
 * IPv4 and TCP count their headers in words of 4 bytes, IPv6 extensions in 8:
 * options are padded with zeros, which is OPTION_END and Pad1. */
static size_t header_bytes(struct header *header)
{
    static const size_t fixed[SPEC_TEXT] = {
        [SPEC_ETH] = 14,
        [SPEC_VLAN] = 4,
        [SPEC_ARP] = 28,
        [SPEC_IP] = IPV4_HEADER_BYTES,
        [SPEC_IP6] = IPV6_HEADER_BYTES,
        [SPEC_HOP] = 2,
        [SPEC_DST] = 2,
        [SPEC_FRAG] = 8,
        [SPEC_ICMP] = ICMP_HEADER_BYTES,
        [SPEC_ICMP6] = ICMP_HEADER_BYTES,
        [SPEC_UDP] = UDP_HEADER_BYTES,
        [SPEC_TCP] = TCP_HEADER_BYTES,
    };
    uint8_t options[MAX_EXTENSION_BYTES];
    enum spec_kind kind = header->layer->kind;
    size_t n = kind == SPEC_IP || kind == SPEC_TCP ? MAX_OPTION_BYTES
                                                   : sizeof(options) - 2;
    if (kind == SPEC_TCP)
        n = put_tcp_options(header, options);
    else if (kind == SPEC_IP || kind == SPEC_HOP || kind == SPEC_DST)
        header->error =
            spec_hex(header->spec, header->layer, "opt", options, &n);
    else
        n = 0;
    bool extension = kind == SPEC_HOP || kind == SPEC_DST;
    return kind == SPEC_ETH ? fixed[kind]
                            : round_up(fixed[kind] + n, extension ? 8 : 4);
}

/* What a length field of 16 bits can tell; frames have none. */
static size_t limit_of(enum spec_kind kind)
{
    return kind == SPEC_ETH || kind == SPEC_VLAN ? BUILD_MAX_BYTES : UINT16_MAX;
}

static int too_long(struct spec *spec)
{
    snprintf(spec->error, sizeof(spec->error),
             "the packet would be longer than its length field can tell, %d "
             "bytes",
             UINT16_MAX);
    return -EINVAL;
}

static int put_text(struct build *build, const struct spec_layer *layer)
{
    uint8_t text[BUILD_MAX_BYTES];
    if (layer->text_bytes > build->start)
        return too_long(build->spec);
    size_t bytes = spec_text(layer, text);
    build->start -= bytes;
    memcpy(build->bytes + build->start, text, bytes);
    return 0;
}

static int put_header(struct build *build, unsigned index)
{
    struct header header = {.spec = build->spec,
                            .layer = &build->spec->layers[index],
                            .index = index};
    header.bytes = header_bytes(&header);
    if (header.error != 0)
        return header.error;
    header.whole = BUILD_MAX_BYTES - build->start + header.bytes;
    if (header.whole > limit_of(header.layer->kind))
        return too_long(build->spec);
    build->start -= header.bytes;
    header.at = build->bytes + build->start;
    memset(header.at, 0, header.bytes);
    writers[header.layer->kind](&header);
    return header.error;
}

int build_frame(struct build *build, struct spec *spec)
{
    build->spec = spec;
    build->start = BUILD_MAX_BYTES;
    for (unsigned i = spec->layer_count; i-- > 0;) {
        const struct spec_layer *layer = &spec->layers[i];
        int error = layer->kind == SPEC_TEXT ? put_text(build, layer)
                                             : put_header(build, i);
        if (error != 0)
            return error;
    }
    return (int)(BUILD_MAX_BYTES - build->start);
}
