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
//> #include "lab.h"

/* BEGIN SOLUTION 2 */
/* Folds a sum of any width into 16 bits. */
static uint16_t fold(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* DOC: sum-words
 * Sums 32 bits at a time as this machine reads them, which compilers turn into
 * vector code; 2^32 such words fit into the 64 bits. */
static uint64_t sum_words(const uint8_t *data, size_t bytes)
{
    uint64_t sum = 0;
    size_t i = 0;
    for (; i + 4 <= bytes; i += 4) {
        uint32_t word;
        memcpy(&word, data + i, sizeof(word));
        sum += word;
    }
    return ntohs(fold(sum));
}

/* END SOLUTION */
/* DOC: checksum-add
 * Bytes that begin at an odd place are low bytes where they would have been
 * high ones, so their sum is turned. */
void checksum_add(struct checksum *checksum, const void *data, size_t bytes)
{
    /* BEGIN SOLUTION 2 */
    const uint8_t *at = data;
    size_t words = bytes & ~(size_t)3;
    uint64_t sum = sum_words(at, words);
    for (size_t i = words; i + 2 <= bytes; i += 2)
        sum += get_be16(at + i);
    if (bytes & 1)
        sum += (uint64_t)at[bytes - 1] << 8;
    uint16_t folded = fold(sum);
    if (checksum->odd)
        folded = (uint16_t)(folded << 8 | folded >> 8);
    checksum->sum += folded;
    checksum->odd ^= bytes & 1;
    /* END SOLUTION */
    //> (void)checksum, (void)data, (void)bytes;
    //> to_do(2, "checksum_add() in checksum.c, then checksum_result()");
}

/* DOC: pseudo-header
 * The length has 16 bits with IPv4 and 32 with IPv6, the protocol stands at
 * another place: as sums they are the same, since what is not there is zero. */
void checksum_add_pseudo(struct checksum *checksum, const uint8_t *src,
                         const uint8_t *dst, size_t address_bytes,
                         uint8_t protocol, uint32_t length)
{
    /* BEGIN SOLUTION 4 */
    uint8_t rest[8] = {[7] = protocol};
    put_be32(rest, length);
    checksum_add(checksum, src, address_bytes);
    checksum_add(checksum, dst, address_bytes);
    checksum_add(checksum, rest, sizeof(rest));
    /* END SOLUTION */
    //> (void)checksum, (void)src, (void)dst, (void)address_bytes;
    //> (void)protocol, (void)length;
    //> to_do(4, "checksum_add_pseudo() in checksum.c");
}

uint16_t checksum_result(const struct checksum *checksum)
{
    /* BEGIN SOLUTION 2 */
    return (uint16_t)~fold(checksum->sum);
    /* END SOLUTION */
    //> (void)checksum;
    //> to_do(2, "checksum_result() in checksum.c");
}

/* DOC: checksum-message */
uint16_t checksum_message(const uint8_t *src, const uint8_t *dst,
                          size_t address_bytes, uint8_t protocol,
                          const uint8_t *message, size_t bytes)
{
    /* BEGIN SOLUTION 4 */
    struct checksum sum = {0};
    if (address_bytes > 0)
        checksum_add_pseudo(&sum, src, dst, address_bytes, protocol,
                            (uint32_t)bytes);
    checksum_add(&sum, message, bytes);
    uint16_t result = checksum_result(&sum);
    return result == 0 && protocol == NEXT_UDP ? 0xffff : result;
    /* END SOLUTION */
    //> (void)src, (void)dst, (void)address_bytes;
    //> (void)protocol, (void)message, (void)bytes;
    //> to_do(4, "checksum_message() in checksum.c");
}
