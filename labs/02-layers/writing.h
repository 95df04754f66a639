/* Layers written: each writes the header at header->at, which is zero.  What it
 * holds is there already, behind it (build.c draws that). */
#ifndef WRITING_H
#define WRITING_H

#include "field.h"

enum {
    MAX_OPTION_BYTES = 40,         /* IPv4's and TCP's headers have room */
    MAX_EXTENSION_BYTES = 256 * 8, /* of an IPv6 extension header */
};

void write_eth(struct header *header);
void write_vlan(struct header *header);
void write_arp(struct header *header);

void write_ip(struct header *header);
void write_ip6(struct header *header);
void write_extension(struct header *header);
void write_frag(struct header *header);

void write_icmp(struct header *header);
void write_udp(struct header *header);
void write_tcp(struct header *header);
/* Writes the TCP options of the spec in a fixed order.  Returns their bytes,
 * not padded; `at` has room for MAX_OPTION_BYTES. */
size_t write_tcp_options(struct header *header, uint8_t *at);

#endif
