/* IPv4, IPv6 and its extension headers are written; see writing.h. */
#include "writing.h"

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
//> #include "lab.h"

/* DOC: write-ip
 * The checksum comes last: it covers every other field. */
void write_ip(struct header *header)
{
    /* BEGIN SOLUTION 2 */
    uint8_t *at = header->at;
    uint32_t ihl = field_number(header, "ihl", 15, (uint32_t)header->bytes / 4);
    at[0] = (uint8_t)(4 << 4 | ihl);
    at[1] = (uint8_t)(field_number(header, "dscp", 63, 0) << 2 |
                      field_number(header, "ecn", 3, 0));
    put_be16(at + 2, field_number16(header, "len", (uint32_t)header->whole));
    put_be16(at + 4, field_number16(header, "id", 0));
    uint8_t flags = field_letters(header, "flags", "MDR", 0);
    put_be16(at + 6,
             (uint16_t)(flags << 13 | field_number(header, "frag", 0x1fff, 0)));
    at[8] = field_number8(header, "ttl", 64);
    at[9] = field_number8(header, "proto", field_protocol(header));
    field_address(header, "src", at + 12, 4);
    field_address(header, "dst", at + 16, 4);
    size_t room = MAX_OPTION_BYTES;
    if (header->error == 0)
        header->error = spec_hex(header->spec, header->layer, "opt",
                                 at + IPV4_HEADER_BYTES, &room);
    struct checksum sum = {0};
    checksum_add(&sum, at, header->bytes);
    put_be16(at + 10, field_number16(header, "sum", checksum_result(&sum)));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(2, "write_ip() in writeip.c");
}

void write_ip6(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    uint8_t *at = header->at;
    put_be32(at, (uint32_t)6 << 28 | field_number(header, "dscp", 63, 0) << 22 |
                     field_number(header, "ecn", 3, 0) << 20 |
                     field_number(header, "flow", 0xfffff, 0));
    put_be16(at + 4, field_number16(header, "len",
                                    (uint32_t)(header->whole - header->bytes)));
    at[6] = field_number8(header, "next", field_protocol(header));
    at[7] = field_number8(header, "hlim", 64);
    field_address(header, "src", at + 8, 16);
    field_address(header, "dst", at + 24, 16);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_ip6() in writeip.c");
}

/* DOC: write-extension
 * What the options leave of the last eight bytes is one PadN, or a Pad1 where
 * there is room for no more (RFC 8200 section 4.2). */
void write_extension(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    uint8_t *at = header->at;
    size_t option_bytes = MAX_EXTENSION_BYTES;
    header->error =
        spec_hex(header->spec, header->layer, "opt", at + 2, &option_bytes);
    at[0] = field_number8(header, "next", field_protocol(header));
    at[1] = field_number8(header, "len", (uint32_t)(header->bytes / 8 - 1));
    size_t used = 2 + option_bytes, pad = header->bytes - used;
    if (pad >= 2) {
        at[used] = 1;
        at[used + 1] = (uint8_t)(pad - 2);
    }
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_extension() in writeip.c");
}

void write_frag(struct header *header)
{
    /* BEGIN SOLUTION 3 */
    header->at[0] = field_number8(header, "next", field_protocol(header));
    put_be16(header->at + 2,
             (uint16_t)(field_number(header, "off", 0x1fff, 0) << 3 |
                        field_number(header, "more", 1, 0)));
    put_be32(header->at + 4, field_number(header, "id", UINT32_MAX, 0));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(3, "write_frag() in writeip.c");
}
