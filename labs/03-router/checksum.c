/* The Internet checksum; see checksum.h.
 *
 * It is a sum in one's complement: what overflows 16 bits is added again at the
 * bottom.  Such a sum does not care in which order the words come, nor how many
 * are added before the overflow is folded in; so a change of one word can be
 * undone and done otherwise in the sum alone. */
#include "checksum.h"

#include "bytes.h"
#include "say.h"

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t count)
{
    (void)bytes, (void)count;
    UNWRITTEN_HERE(3, "checksum_add() in checksum.c");
    return sum;
}

uint32_t checksum_add_pseudo6(uint32_t sum, const uint8_t *ip,
                              uint32_t payload_bytes, uint8_t next_header)
{
    sum = checksum_add(sum, ip + 8, 32); /* both addresses */
    return sum + (payload_bytes >> 16) + (payload_bytes & 0xffff) + next_header;
}

uint16_t checksum_finish(uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffff);
    sum += sum >> 16; /* the first fold may carry once more */
    return (uint16_t)~sum;
}

/* DOC: checksum-update
 * HC' = ~(~HC + ~m + m').  The form of RFC 1141, which saves a complement, is
 * wrong where the result is a zero: there are two of them (RFC 1624 section 3).
 */
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after)
{
    (void)before, (void)after;
    UNWRITTEN_HERE(3, "checksum_update() in checksum.c");
    return checksum;
}
