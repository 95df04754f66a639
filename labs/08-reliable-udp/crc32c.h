/* CRC-32C (Castagnoli), as in iSCSI, SCTP, ext4: RFC 3385 says why it is the
 * better choice beside CRC-32, RFC 7143 appendix A.4 gives examples. */
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues a CRC over more bytes; begin with 0.
 * crc32c(crc32c(0, a), b) is the CRC of a followed by b. */
uint32_t crc32c(uint32_t crc, const void *data, size_t bytes);

#endif
