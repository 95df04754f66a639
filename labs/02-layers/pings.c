/* pinger's book; see pings.h.
 *
 * A raw socket for ICMP is given a copy of every ICMP packet that comes to the
 * host: the replies of all other pings, the errors of all other programs, and
 * those that were damaged on the way, for the kernel does not verify ICMP's
 * checksum before it copies (raw(7)).  So the book trusts nothing but what it
 * has verified, and an id and a sequence number are the only thing which ties a
 * reply to its request. */
#include "pings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
#include "lab.h"

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8, ANSWERED = -1 };

int pings_init(struct pings *pings, uint32_t count, uint16_t id,
               const uint8_t peer[4])
{
    *pings = (struct pings){.id = id, .count = count, .rtt_min_ns = INT64_MAX};
    memcpy(pings->peer, peer, sizeof(pings->peer));
    pings->sent_ns = calloc(count, sizeof(*pings->sent_ns));
    return pings->sent_ns == NULL ? -ENOMEM : 0;
}

void pings_fini(struct pings *pings)
{
    free(pings->sent_ns);
    pings->sent_ns = NULL;
}

/* DOC: pings-next */
void pings_next(struct pings *pings, uint8_t message[PING_BYTES],
                int64_t now_ns)
{
    (void)pings, (void)message, (void)now_ns;
    to_do(7, "pings_next() in pings.c");
}

/* DOC: pings-packet */
enum ping_verdict pings_packet(struct pings *pings, const uint8_t *packet,
                               size_t bytes, int64_t now_ns)
{
    (void)pings, (void)packet, (void)bytes, (void)now_ns;
    to_do(7, "pings_packet() in pings.c");
}
