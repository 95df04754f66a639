/* Addresses of both families.
 *
 * An address is a row of bits, and a prefix is the beginning of such a row.  So
 * IPv4 and IPv6 are kept alike, left-aligned in 128 bits: what is written for
 * one family serves the other.
 *
 *       high, bit 63 first                 low
 *      +----------------+----------------+--------------------------------+
 *      | 192.0.2.1      | 0              | 0                              |
 *      | 2001:0db8:0000:0000             | 0000:0000:0000:0001            |
 *      +----------------+----------------+--------------------------------+
 */
#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDR4_BITS = 32, ADDR6_BITS = 128, ADDR_TEXT_BYTES = 48 };

struct addr {
    uint64_t high, low;
    unsigned bits; /* ADDR4_BITS, ADDR6_BITS; 0 is no address */
};

/* Reads an address in text.  Returns 0, or -EINVAL: what inet_pton(3) takes is
 * one, so 010.0.0.1 and 10.1 are none. */
int addr_parse(const char *text, struct addr *addr);

/* Writes an address: dotted decimal, or RFC 5952 section 4's one form.  `text`
 * holds ADDR_TEXT_BYTES. */
void addr_format(char *text, const struct addr *addr);

/* Reads from, writes to a packet: 4 or 16 bytes. */
struct addr addr_get(const uint8_t *bytes, unsigned bits);
void addr_put(uint8_t *bytes, const struct addr *addr);

/* The i-th bit, 0 is the first and most significant. */
bool addr_bit(const struct addr *addr, unsigned i);
void addr_set_bit(struct addr *addr, unsigned i);

bool addr_equal(const struct addr *a, const struct addr *b);
/* By family, then by value, as qsort(3) wants it. */
int addr_compare(const struct addr *a, const struct addr *b);

#endif
