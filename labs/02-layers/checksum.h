/* The Internet checksum (RFC 1071): the complement of the one's complement sum
 * of all 16-bit words.  A last odd byte counts as if a zero followed it.
 *
 *      struct checksum sum = {0};
 *      checksum_add(&sum, header, 20);
 *      checksum_result(&sum) is 0 if the header holds its right checksum. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checksum {
    uint64_t sum;
    bool odd; /* an odd number of bytes was added: the next is a low one */
};

/* Adds bytes, as if all that is ever added lay in one piece. */
void checksum_add(struct checksum *checksum, const void *data, size_t bytes);

/* Adds the pseudo-header of UDP, TCP and ICMPv6: RFC 9293 section 3.1 with
 * addresses of 4 bytes, RFC 8200 section 8.1 with addresses of 16.  `length` is
 * that of the transport header and what follows it. */
void checksum_add_pseudo(struct checksum *checksum, const uint8_t *src,
                         const uint8_t *dst, size_t address_bytes,
                         uint8_t protocol, uint32_t length);

/* The 16 bits for the checksum field, in host order. */
uint16_t checksum_result(const struct checksum *checksum);

/* The checksum of a UDP, TCP or ICMPv6 message, its checksum field zero, for
 * addresses of 4 or 16 bytes; of ICMP with `address_bytes` 0.  A UDP checksum
 * of 0 would mean "none", so that it is sent as 0xffff (RFC 768). */
uint16_t checksum_message(const uint8_t *src, const uint8_t *dst,
                          size_t address_bytes, uint8_t protocol,
                          const uint8_t *message, size_t bytes);

#endif
