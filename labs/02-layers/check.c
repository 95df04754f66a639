/* Checksums of a packet, verified; see walk.h. */
#include "walk.h"

#include "checksum.h"
#include "lab.h"

struct check check_header(const uint8_t *at, size_t bytes, uint16_t is)
{
    (void)at, (void)bytes, (void)is;
    to_do(2, "check_header() in check.c");
}

/* DOC: check-transport
 * Over the transport's header and payload, and the pseudo-header unless it is
 * ICMP's of IPv4 (`protocol` 0). */
struct check check_transport(const struct walk *walk, uint8_t protocol,
                             uint16_t is)
{
    (void)walk, (void)protocol, (void)is;
    to_do(4, "check_transport() in check.c");
}
