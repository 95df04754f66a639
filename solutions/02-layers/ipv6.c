/* IPv6 and its extension headers; see headers.h. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
//> #include "lab.h"

/* DOC: ipv6-parse */
int ipv6_parse(const struct view *view, struct ipv6 *ipv6)
{
    /* BEGIN SOLUTION 3 */
    int error = view_need(view, IPV6_HEADER_BYTES);
    if (error != 0)
        return error;
    const uint8_t *at = view->at;
    uint32_t first = get_be32(at);
    if (first >> 28 != 6)
        return -EBADMSG;
    *ipv6 = (struct ipv6){
        .dscp = first >> 22 & 63,
        .ecn = first >> 20 & 3,
        .flow_label = first & 0xfffff,
        .payload_length = get_be16(at + 4),
        .next_header = at[6],
        .hop_limit = at[7],
        .src = at + 8,
        .dst = at + 24,
    };
    return IPV6_HEADER_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)ipv6;
    //> to_do(3, "ipv6_parse() in ipv6.c");
}

/* BEGIN SOLUTION 3 */
static size_t extension_bytes(uint8_t kind, uint8_t length)
{
    switch (kind) {
    case NEXT_FRAGMENT:
        return 8;
    case NEXT_AH:
        return (length + (size_t)2) * 4;
    default:
        return (length + (size_t)1) * 8;
    }
}

static void read_fragment(const uint8_t *at, struct extension *extension)
{
    uint16_t offset = get_be16(at + 2);
    extension->length = 0;
    extension->fragment_offset = offset >> 3;
    extension->more_fragments = (offset & 1) != 0;
    extension->identification = get_be32(at + 4);
}

/* DOC: read-routing
 * Types 0 and 2 list the addresses still to be visited, the last one last (RFC
 * 2460, RFC 6275); a segment routing header (type 4, RFC 8754) lists them
 * backwards.  Without segments left the packet has arrived. */
static int read_routing(const uint8_t *at, size_t bytes,
                        struct extension *extension)
{
    enum { FIXED = 8, ADDRESS = 16 };
    extension->routing_type = at[2];
    extension->segments_left = at[3];
    bool listed = at[2] == 0 || at[2] == 2 || at[2] == 4;
    if (!listed || at[3] == 0)
        return 0;
    if (bytes < FIXED + (size_t)ADDRESS)
        return -EBADMSG; /* segments are left, and none is there */
    extension->final =
        at[2] == 4 ? at + FIXED
                   : at + (bytes - FIXED) / ADDRESS * ADDRESS + FIXED - ADDRESS;
    return 0;
}

static int read_rest(const uint8_t *at, size_t bytes, uint8_t kind,
                     struct extension *extension)
{
    switch (kind) {
    case NEXT_FRAGMENT:
        read_fragment(at, extension);
        return 0;
    case NEXT_ROUTING:
        return read_routing(at, bytes, extension);
    case NEXT_AH:
        if (bytes < 12)
            return -EBADMSG;
        extension->spi = get_be32(at + 4);
        extension->sequence = get_be32(at + 8);
        return 0;
    default:
        extension->options = at + 2;
        extension->option_bytes = bytes - 2;
        return options_check(OPTIONS_IPV6, at + 2, bytes - 2);
    }
}

/* END SOLUTION */
/* DOC: extension-parse
 * All of them have at least eight bytes, so the length field can be read before
 * it is believed. */
int extension_parse(const struct view *view, uint8_t kind,
                    struct extension *extension)
{
    /* BEGIN SOLUTION 3 */
    int error = view_need(view, 8);
    if (error != 0)
        return error;
    *extension =
        (struct extension){.next_header = view->at[0], .length = view->at[1]};
    size_t bytes = extension_bytes(kind, view->at[1]);
    error = view_need(view, bytes);
    if (error == 0)
        error = read_rest(view->at, bytes, kind, extension);
    return error != 0 ? error : (int)bytes;
    /* END SOLUTION */
    //> (void)view, (void)kind, (void)extension;
    //> to_do(3, "extension_parse() in ipv6.c");
}
