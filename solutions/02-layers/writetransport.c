/* ICMP, UDP and TCP are written; see writing.h.
 *
 * Their checksums are about all that is inside, which is there already, and
 * about the addresses of the IP layer outside, which is not: those are looked
 * up in the spec. */
#include "writing.h"

#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
//> #include "lab.h"

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
    uint16_t sum = checksum_message(src, dst, address_bytes, protocol,
                                    header->at, header->whole);
    put_be16(at, field_number16(header, "sum", sum));
}

void write_icmp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    bool v6 = header->layer->kind == SPEC_ICMP6;
    header->at[0] = field_number8(header, "type", v6 ? 128 : 8);
    header->at[1] = field_number8(header, "code", 0);
    uint32_t rest = (uint32_t)field_number16(header, "id", 0) << 16 |
                    field_number16(header, "seq", 0);
    put_be32(header->at + 4, field_number(header, "rest", UINT32_MAX, rest));
    put_checksum(header, header->at + 2, v6 ? NEXT_ICMPV6 : NEXT_ICMP);
    /* END SOLUTION */
    //> (void)header, (void)put_checksum;
    //> to_do(4, "write_icmp() in writetransport.c");
}

void write_udp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    put_be16(header->at, field_number16(header, "sport", 40000));
    put_be16(header->at + 2, field_number16(header, "dport", 40000));
    put_be16(header->at + 4,
             field_number16(header, "len", (uint32_t)header->whole));
    put_checksum(header, header->at + 6, NEXT_UDP);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(4, "write_udp() in writetransport.c");
}

/* Writes the TCP options of the spec in a fixed order.  Returns their bytes,
 * not padded; `at` has room for MAX_OPTION_BYTES. */
size_t write_tcp_options(struct header *header, uint8_t *at)
{
    /* BEGIN SOLUTION 4 */
    const struct spec_layer *layer = header->layer;
    size_t n = 0;
    if (spec_has(layer, "mss")) {
        memcpy(at + n, (uint8_t[]){2, 4}, 2);
        put_be16(at + n + 2, field_number16(header, "mss", 0));
        n += 4;
    }
    if (field_number(header, "sackok", 1, 0) == 1) {
        memcpy(at + n, (uint8_t[]){4, 2}, 2);
        n += 2;
    }
    if (spec_has(layer, "tsval") || spec_has(layer, "tsecr")) {
        memcpy(at + n, (uint8_t[]){8, 10}, 2);
        put_be32(at + n + 2, field_number(header, "tsval", UINT32_MAX, 0));
        put_be32(at + n + 6, field_number(header, "tsecr", UINT32_MAX, 0));
        n += 10;
    }
    if (spec_has(layer, "wscale")) {
        memcpy(at + n, (uint8_t[]){3, 3, field_number8(header, "wscale", 0)},
               3);
        n += 3;
    }
    size_t more = header->error == 0 ? MAX_OPTION_BYTES - n : 0;
    if (header->error == 0)
        header->error = spec_hex(header->spec, layer, "opt", at + n, &more);
    return n + more;
    /* END SOLUTION */
    //> (void)header, (void)at;
    //> to_do(4, "write_tcp_options() in writetransport.c");
}

void write_tcp(struct header *header)
{
    /* BEGIN SOLUTION 4 */
    uint8_t *at = header->at;
    put_be16(at, field_number16(header, "sport", 40000));
    put_be16(at + 2, field_number16(header, "dport", 40000));
    put_be32(at + 4, field_number(header, "seq", UINT32_MAX, 0));
    put_be32(at + 8, field_number(header, "ack", UINT32_MAX, 0));
    at[12] =
        (uint8_t)(field_number(header, "off", 15, (uint32_t)header->bytes / 4)
                  << 4);
    at[13] = field_letters(header, "flags", "FSRPAUEC", TCP_SYN);
    put_be16(at + 14, field_number16(header, "win", 65535));
    put_be16(at + 18, field_number16(header, "urg", 0));
    uint8_t options[MAX_OPTION_BYTES];
    memcpy(at + TCP_HEADER_BYTES, options, write_tcp_options(header, options));
    put_checksum(header, at + 16, NEXT_TCP);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(4, "write_tcp() in writetransport.c");
}
