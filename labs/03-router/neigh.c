/* Neighbours; see neigh.h.
 *
 *   (none) ──a packet──► asking ──an answer──► known ──keep_ms──► (none)
 *                         │  ▲
 *                         └──┘ retry_ms, up to `tries` questions; then what
 *                              waited is given up with "host unreachable"
 *
 * A packet to a neighbour that is being asked for waits.  Dropping it instead
 * looks harmless, for somebody will send it again; but it is the first SYN of
 * each connection, and the first second of each. */
#include "neigh.h"

#include <stdlib.h>
#include <string.h>

#include "arp.h"
#include "icmp4.h"
#include "icmp6.h"
#include "ndp.h"
#include "router.h"
#include "say.h"

/* DOC: neigh-send */
void neigh_send(struct router *router, struct iface *iface,
                const struct addr *to, uint8_t *frame, size_t ip_bytes)
{
    (void)router, (void)iface, (void)to, (void)frame, (void)ip_bytes;
    UNWRITTEN_HERE(3, "neigh_send() in neigh.c");
}

/* DOC: neigh-learn
 * An answer that nobody asked for makes no entry: whoever could make one could
 * make a thousand. */
void neigh_learn(struct router *router, struct iface *iface,
                 const struct addr *addr, const uint8_t *mac, bool make)
{
    (void)router, (void)iface, (void)addr, (void)mac, (void)make;
    UNWRITTEN_HERE(3, "neigh_learn() in neigh.c");
}

int64_t neigh_tick(struct router *router)
{
    (void)router;
    return INT64_MAX; /* checkpoint 3 */
}

void neigh_fini(struct neighbours *neighbours)
{
    for (unsigned i = 0; i < NEIGH_BUCKETS; i++) {
        struct neigh *neigh = neighbours->buckets[i];
        while (neigh) {
            struct neigh *next = neigh->next;
            while (neigh->first) {
                struct waiting *packet = neigh->first;
                neigh->first = packet->next;
                free(packet);
            }
            free(neigh);
            neigh = next;
        }
        neighbours->buckets[i] = NULL;
    }
}
