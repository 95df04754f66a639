/* Ethernet, its tags and ARP are written; see writing.h. */
#include "writing.h"

#include <string.h>

#include "bytes.h"
//> #include "lab.h"

void write_eth(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    memset(header->at, 0xff, 6);
    field_address(header, "dst", header->at, 6);
    field_address(header, "src", header->at + 6, 6);
    put_be16(header->at + 12,
             field_number16(header, "type", field_type(header)));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(1, "write_eth() in writelink.c");
}

void write_vlan(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    uint32_t tag = field_number(header, "pcp", 7, 0) << 13 |
                   field_number(header, "dei", 1, 0) << 12 |
                   field_number(header, "vid", 4095, 0);
    put_be16(header->at, (uint16_t)tag);
    /* Checked here; the layer outside has it. */
    (void)field_number16(header, "tpid", 0);
    put_be16(header->at + 2,
             field_number16(header, "type", field_type(header)));
    /* END SOLUTION */
    //> (void)header;
    //> to_do(1, "write_vlan() in writelink.c");
}

void write_arp(struct header *header)
{
    /* BEGIN SOLUTION 1 */
    static const uint8_t ethernet_ipv4[] = {0, 1, 8, 0, 6, 4};
    memcpy(header->at, ethernet_ipv4, sizeof(ethernet_ipv4));
    put_be16(header->at + 6, field_number16(header, "op", 1));
    field_address(header, "sha", header->at + 8, 6);
    field_address(header, "spa", header->at + 14, 4);
    field_address(header, "tha", header->at + 18, 6);
    field_address(header, "tpa", header->at + 24, 4);
    /* END SOLUTION */
    //> (void)header;
    //> to_do(1, "write_arp() in writelink.c");
}
