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
//> #include "say.h"

/* BEGIN SOLUTION 3 */
static unsigned bucket_of(const struct addr *addr)
{
    uint64_t mixed = (addr->high ^ addr->low) * 0x9e3779b97f4a7c15u;
    return (unsigned)(mixed >> 56);
}

static struct neigh *find(const struct neighbours *all,
                          const struct iface *iface, const struct addr *addr)
{
    struct neigh *neigh = all->buckets[bucket_of(addr)];
    while (neigh && !(neigh->iface == iface && addr_equal(&neigh->addr, addr)))
        neigh = neigh->next;
    return neigh;
}

static struct neigh *add(struct neighbours *all, struct iface *iface,
                         const struct addr *addr)
{
    struct neigh *neigh = NULL;
    if (all->count < NEIGH_MAX)
        neigh = calloc(1, sizeof(*neigh));
    if (neigh == NULL)
        return NULL;
    struct neigh **bucket = &all->buckets[bucket_of(addr)];
    neigh->addr = *addr;
    neigh->iface = iface;
    neigh->last = &neigh->first;
    neigh->next = *bucket;
    *bucket = neigh;
    all->count++;
    return neigh;
}

static void ask(struct router *router, struct neigh *neigh)
{
    neigh->tries++;
    neigh->due_ms = router->now_ms + router->neighbours.retry_ms;
    if (neigh->addr.bits == ADDR4_BITS)
        arp_request(neigh->iface, &neigh->addr);
    else
        ndp_solicit(neigh->iface, &neigh->addr);
}

static struct waiting *take_first(struct neigh *neigh)
{
    struct waiting *packet = neigh->first;
    if (packet == NULL)
        return NULL;
    neigh->first = packet->next;
    if (neigh->first == NULL)
        neigh->last = &neigh->first;
    neigh->waiting--;
    return packet;
}

/* DOC: keep-waiting
 * Who comes last is more likely still wanted than who came first. */
static void keep_waiting(struct router *router, struct neigh *neigh,
                         const uint8_t *frame, size_t ip_bytes)
{
    struct waiting *packet = malloc(sizeof(*packet) + ETHER_BYTES + ip_bytes);
    if (packet == NULL)
        return;
    packet->next = NULL;
    packet->ip_bytes = ip_bytes;
    memcpy(packet->frame, frame, ETHER_BYTES + ip_bytes);
    *neigh->last = packet;
    neigh->last = &packet->next;
    if (++neigh->waiting > NEIGH_MAX_WAIT) {
        free(take_first(neigh));
        router->counters.unresolved++;
    }
}

static void send_to(const struct neigh *neigh, uint8_t *frame, size_t ip_bytes)
{
    iface_send(neigh->iface, neigh->mac,
               neigh->addr.bits == ADDR4_BITS ? TYPE_IP4 : TYPE_IP6, frame,
               ETHER_BYTES + ip_bytes);
}

/* END SOLUTION */
/* DOC: neigh-send */
void neigh_send(struct router *router, struct iface *iface,
                const struct addr *to, uint8_t *frame, size_t ip_bytes)
{
    /* BEGIN SOLUTION 3 */
    struct neigh *neigh = find(&router->neighbours, iface, to);
    bool is_new = neigh == NULL;
    if (is_new)
        neigh = add(&router->neighbours, iface, to);
    if (neigh == NULL) {
        router->counters.unresolved++;
        return;
    }
    if (neigh->known) {
        send_to(neigh, frame, ip_bytes);
        return;
    }
    keep_waiting(router, neigh, frame, ip_bytes);
    if (is_new)
        ask(router, neigh);
    /* END SOLUTION */
    //> (void)router, (void)iface, (void)to, (void)frame, (void)ip_bytes;
    //> UNWRITTEN_HERE(3, "neigh_send() in neigh.c");
}

/* DOC: neigh-learn
 * An answer that nobody asked for makes no entry: whoever could make one could
 * make a thousand. */
void neigh_learn(struct router *router, struct iface *iface,
                 const struct addr *addr, const uint8_t *mac, bool make)
{
    /* BEGIN SOLUTION 3 */
    struct neigh *neigh = find(&router->neighbours, iface, addr);
    if (mac[0] & 1 || iface_has(iface, addr))
        return; /* a group is nobody's address; and ours is ours */
    if (neigh == NULL && make)
        neigh = add(&router->neighbours, iface, addr);
    if (neigh == NULL)
        return;
    memcpy(neigh->mac, mac, MAC_BYTES);
    neigh->known = true;
    neigh->tries = 0;
    neigh->due_ms = router->now_ms + router->neighbours.keep_ms;
    struct waiting *packet;
    while ((packet = take_first(neigh)) != NULL) {
        send_to(neigh, packet->frame, packet->ip_bytes);
        free(packet);
    }
    /* END SOLUTION */
    //> (void)router, (void)iface, (void)addr, (void)mac, (void)make;
    //> UNWRITTEN_HERE(3, "neigh_learn() in neigh.c");
}

/* BEGIN SOLUTION 3 */
static void tell_unreachable(struct router *router,
                             const struct waiting *packet, unsigned bits)
{
    const uint8_t *ip = packet->frame + ETHER_BYTES;
    router->counters.unresolved++;
    if (bits == ADDR4_BITS)
        icmp4_error(router, ICMP4_UNREACHABLE, ICMP4_HOST, 0, ip,
                    packet->ip_bytes);
    else
        icmp6_error(router, ICMP6_UNREACHABLE, ICMP6_ADDRESS, 0, ip,
                    packet->ip_bytes);
}

/* Takes an entry out of its list, then frees it.  An error message may need a
 * neighbour itself, and so change the table: the entry goes first. */
static void give_up(struct router *router, struct neigh **at)
{
    struct neigh *neigh = *at;
    struct waiting *packet;
    *at = neigh->next;
    router->neighbours.count--;
    while ((packet = take_first(neigh)) != NULL) {
        tell_unreachable(router, packet, neigh->addr.bits);
        free(packet);
    }
    free(neigh);
}

/* Finds an entry that is due, or NULL; *next_ms is when the next will be. */
static struct neigh **find_due(struct router *router, int64_t *next_ms)
{
    *next_ms = INT64_MAX;
    for (unsigned i = 0; i < NEIGH_BUCKETS; i++) {
        struct neigh **at = &router->neighbours.buckets[i];
        for (; *at; at = &(*at)->next) {
            if ((*at)->due_ms <= router->now_ms)
                return at;
            if ((*at)->due_ms < *next_ms)
                *next_ms = (*at)->due_ms;
        }
    }
    return NULL;
}

/* END SOLUTION */
int64_t neigh_tick(struct router *router)
{
    /* BEGIN SOLUTION 3 */
    struct neigh **due;
    int64_t next_ms;
    while ((due = find_due(router, &next_ms)) != NULL) {
        if ((*due)->known || (*due)->tries >= router->neighbours.tries)
            give_up(router, due);
        else
            ask(router, *due);
    }
    return next_ms;
    /* END SOLUTION */
    //> (void)router;
    //> return INT64_MAX; /* checkpoint 3 */
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
