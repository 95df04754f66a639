/* Neighbours: which hardware address an IP address has, for both families. */
#ifndef NEIGH_H
#define NEIGH_H

#include "iface.h"

struct router;

enum {
    NEIGH_BUCKETS = 256,
    NEIGH_MAX = 1024,   /* entries: a scan must not eat the memory (RFC 6583) */
    NEIGH_MAX_WAIT = 32 /* packets that wait for one neighbour */
};

/* A packet that waits, with room for its Ethernet header. */
struct waiting {
    struct waiting *next;
    size_t ip_bytes;
    uint8_t frame[];
};

struct neigh {
    struct neigh *next; /* in its bucket */
    struct addr addr;
    struct iface *iface;
    bool known;     /* mac is right; else it is being asked for */
    unsigned tries; /* questions that were sent */
    int64_t due_ms; /* next question, or, if known, the end of the entry */
    uint8_t mac[MAC_BYTES];
    struct waiting *first, **last;
    unsigned waiting;
};

struct neighbours {
    struct neigh *buckets[NEIGH_BUCKETS];
    unsigned count;
    unsigned retry_ms, tries, keep_ms; /* of the configuration */
};

/* Sends an IP packet (ETHER_BYTES of room before it) to a neighbour, at once
 * or when its hardware address is known.  At most NEIGH_MAX_WAIT packets wait
 * for one; then the oldest is lost. */
void neigh_send(struct router *router, struct iface *iface,
                const struct addr *to, uint8_t *frame, size_t ip_bytes);
/* Somebody said which hardware address a neighbour has.  An entry is changed if
 * it exists, and made only if `make` is true.  What waits for it is sent. */
void neigh_learn(struct router *router, struct iface *iface,
                 const struct addr *addr, const uint8_t *mac, bool make);
/* Asks again, gives up (each packet that waited earns its sender a "host
 * unreachable"), forgets.  Returns when it is to be called next. */
int64_t neigh_tick(struct router *router);
void neigh_fini(struct neighbours *neighbours);

#endif
