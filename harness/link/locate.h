/* Where the parts of a captured packet are. */
#ifndef LINK_LOCATE_H
#define LINK_LOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ETHERNET_BYTES = 14,
    ETHERTYPE_OFFSET = 12,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP = 1,
    PROTOCOL_ICMP6 = 58,
};

struct located {
    const uint8_t *ip;        /* the IP header, or NULL (ARP and others) */
    size_t ip_bytes;          /* captured, from the IP header on; no padding */
    unsigned version;         /* 4 or 6 */
    unsigned protocol;        /* after IPv6 extension headers */
    const uint8_t *transport; /* NULL in a later fragment, or if cut off */
    const uint8_t *payload;   /* of TCP or UDP, or NULL */
    size_t payload_bytes;     /* captured ones */
};

/* Finds the headers of `data`, which begins with an Ethernet header if
 * `ethernet`, else with IP.  What is malformed or cut off stays NULL; nothing
 * outside `bytes` is ever looked at. */
void packet_locate(const uint8_t *data, size_t bytes, bool ethernet,
                   struct located *out);

uint16_t get_be16(const uint8_t *p);
uint32_t get_be32(const uint8_t *p);
void put_be16(uint8_t *p, uint16_t value);
void put_be32(uint8_t *p, uint32_t value);

#endif
