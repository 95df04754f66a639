/* The Internet checksum; see checksum.h.
 *
 * One's complement addition is addition in which a carry out of the top comes
 * back in at the bottom: arithmetic modulo 2^16 - 1.  Two things follow that
 * make it fast (RFC 1071 section 2).  Carries may be put off: the words are
 * added into something wider, and folded at the end.  And since 2^32 - 1 and
 * 2^64 - 1 are multiples of 2^16 - 1, wider words may be added as well, in
 * whichever byte order: turning each word's bytes turns the sum's. */
#include "checksum.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes.h"
#include "headers.h"
#include "lab.h"

/* DOC: checksum-add
 * Bytes that begin at an odd place are low bytes where they would have been
 * high ones, so their sum is turned. */
void checksum_add(struct checksum *checksum, const void *data, size_t bytes)
{
    (void)checksum, (void)data, (void)bytes;
    to_do(2, "checksum_add() in checksum.c, then checksum_result()");
}

/* DOC: pseudo-header
 * The length has 16 bits with IPv4 and 32 with IPv6, the protocol stands at
 * another place: as sums they are the same, since what is not there is zero. */
void checksum_add_pseudo(struct checksum *checksum, const uint8_t *src,
                         const uint8_t *dst, size_t address_bytes,
                         uint8_t protocol, uint32_t length)
{
    (void)checksum, (void)src, (void)dst, (void)address_bytes;
    (void)protocol, (void)length;
    to_do(4, "checksum_add_pseudo() in checksum.c");
}

uint16_t checksum_result(const struct checksum *checksum)
{
    (void)checksum;
    to_do(2, "checksum_result() in checksum.c");
}

/* DOC: checksum-message */
uint16_t checksum_message(const uint8_t *src, const uint8_t *dst,
                          size_t address_bytes, uint8_t protocol,
                          const uint8_t *message, size_t bytes)
{
    (void)src, (void)dst, (void)address_bytes;
    (void)protocol, (void)message, (void)bytes;
    to_do(4, "checksum_message() in checksum.c");
}
