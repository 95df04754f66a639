/* RIP version 2 (RFC 2453): routers tell each other how far each prefix is. */
#ifndef RIP_H
#define RIP_H

#include "iface.h"

struct router;

/*
 *      +---------------+---------------+-------------------------------+
 *    0 | command (1-2) |  version = 2  |               0               |
 *      +---------------+---------------+-------------------------------+
 *    4 |       family = 2 (IPv4)       |           route tag           |
 *    8 |                            address                            |
 *   12 |                              mask                             |
 *   16 |                            next hop                           |
 *   20 |                             metric                            |
 *      +---------------------------------------------------------------+
 *        the last five words up to 25 times
 */
enum {
    RIP_PORT = 520,
    RIP_INFINITY = 16,
    RIP_MAX_ENTRIES = 25,
    RIP_HEADER_BYTES = 4,
    RIP_ENTRY_BYTES = 20,
    RIP_MAX_LEARNT = 1024,
    RIP_REQUEST = 1,
    RIP_RESPONSE = 2,
    RIP_VERSION = 2,
};

/* What a neighbour told. */
struct rip_learnt {
    struct prefix prefix;
    struct addr via;
    struct iface *iface;
    unsigned metric;    /* our own: the neighbour's and 1 */
    int64_t timeout_ms; /* then it is unreachable ... */
    int64_t flush_ms;   /* ... and from here on forgotten; 0: reachable */
};

struct rip {
    unsigned update_ms, timeout_ms, flush_ms; /* update 0: RIP is off */
    uint32_t chance;                          /* for jitter; never 0 */
    int64_t due_ms;                           /* next update */
    int64_t trigger_ms;                       /* sooner, for news; 0: none */
    int64_t sent_ms;                          /* the last one */
    struct rip_learnt *learnt;
    size_t count;
};

/* One entry of a message. */
struct rip_entry {
    struct prefix prefix;
    struct addr via; /* bits 0: the sender itself */
    unsigned metric;
};

/* Reads a message: its command and up to RIP_MAX_ENTRIES entries; those that
 * make no sense are left out.  Returns how many, or -EBADMSG. */
int rip_parse(const uint8_t *bytes, size_t count, unsigned *command,
              struct rip_entry *entries);
/* Writes one.  Returns its length; `bytes` holds that of RIP_MAX_ENTRIES. */
size_t rip_format(uint8_t *bytes, unsigned command,
                  const struct rip_entry *entries, size_t count);

/* Where a message goes: to one router that asked, or to all on a link. */
struct rip_target {
    struct iface *iface;
    const struct addr *to; /* NULL: all */
    uint16_t port;
};
/* Sends the table as that link may hear it, in as many messages as it needs. */
void rip_send_table(struct router *router, const struct rip_target *target);
/* Sends it on all links; news are then out, too. */
void rip_send_updates(struct router *router);
/* Asks all neighbours for their tables. */
void rip_send_requests(struct router *router);

/* Begins: asks the neighbours for their tables.  Returns 0 or -ENOMEM. */
int rip_start(struct router *router);
/* A datagram to port 520. */
void rip_input(struct router *router, struct iface *in,
               const struct addr *source, uint16_t source_port,
               const uint8_t *bytes, size_t count);
/* Updates, time-outs.  Returns when it is to be called next. */
int64_t rip_tick(struct router *router);
void rip_fini(struct rip *rip);

#endif
