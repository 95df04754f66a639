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

#include "headers.h"
#include "writing.h"

typedef void write_fn(struct header *header);

static write_fn *const writers[SPEC_TEXT] = {
    [SPEC_ETH] = write_eth,       [SPEC_VLAN] = write_vlan,
    [SPEC_ARP] = write_arp,       [SPEC_IP] = write_ip,
    [SPEC_IP6] = write_ip6,       [SPEC_HOP] = write_extension,
    [SPEC_DST] = write_extension, [SPEC_FRAG] = write_frag,
    [SPEC_ICMP] = write_icmp,     [SPEC_ICMP6] = write_icmp,
    [SPEC_UDP] = write_udp,       [SPEC_TCP] = write_tcp,
};

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
        n = write_tcp_options(header, options);
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
