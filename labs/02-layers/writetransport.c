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
#include "lab.h"

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
    (void)header, (void)put_checksum;
    to_do(4, "write_icmp() in writetransport.c");
}

void write_udp(struct header *header)
{
    (void)header;
    to_do(4, "write_udp() in writetransport.c");
}

/* Writes the TCP options of the spec in a fixed order.  Returns their bytes,
 * not padded; `at` has room for MAX_OPTION_BYTES. */
size_t write_tcp_options(struct header *header, uint8_t *at)
{
    (void)header, (void)at;
    to_do(4, "write_tcp_options() in writetransport.c");
}

void write_tcp(struct header *header)
{
    (void)header;
    to_do(4, "write_tcp() in writetransport.c");
}
