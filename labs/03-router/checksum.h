/* The Internet checksum (RFC 1071, RFC 1624). */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* Adds bytes to a sum that begins with 0; all parts but the last have an even
 * length. */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t count);
/* Adds IPv6's pseudo-header (RFC 8200 section 8.1). */
uint32_t checksum_add_pseudo6(uint32_t sum, const uint8_t *ip,
                              uint32_t payload_bytes, uint8_t next_header);
/* The field's value for a sum.  A range that contains its right checksum gives
 * 0. */
uint16_t checksum_finish(uint32_t sum);

/* What the checksum becomes when one 16-bit word changes (RFC 1624, eqn. 3). */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after);

#endif
