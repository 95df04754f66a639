/* RIP's messages go out; see rip.h.
 *
 * A table may be longer than a message, which has at most 25 entries: it is
 * written like letters, of which one is posted when it is full and the next
 * begun.  Those to all on a link go to a group, 224.0.0.9, whose hardware
 * address follows from it; nobody has to be asked for that. */
#include "rip.h"

#include <string.h>

#include "bytes.h"
#include "ip4.h"
#include "router.h"
//> #include "say.h"

/* BEGIN SOLUTION 6 */
enum {
    UDP_BYTES = 8,
    MESSAGE_MAX_BYTES = RIP_HEADER_BYTES + RIP_MAX_ENTRIES * RIP_ENTRY_BYTES,
};
static const uint8_t group_mac[MAC_BYTES] = {0x01, 0x00, 0x5e, 0, 0, 9};
static const struct addr group = {(uint64_t)0xe0000009 << 32, 0, ADDR4_BITS};

static void write_headers(uint8_t *ip, const struct addr *from,
                          const struct addr *to, uint16_t to_port,
                          size_t message_bytes)
{
    uint8_t *udp = ip + IP4_BYTES;
    size_t udp_bytes = UDP_BYTES + message_bytes;
    memset(ip, 0, IP4_BYTES + UDP_BYTES);
    ip[0] = 0x45;
    put_be16(ip + 2, (uint16_t)(IP4_BYTES + udp_bytes));
    ip[8] = 1; /* it is for the neighbours and nobody else */
    ip[9] = PROTO_UDP;
    addr_put(ip + 12, from);
    addr_put(ip + 16, to);
    put_be16(udp, RIP_PORT);
    put_be16(udp + 2, to_port);
    put_be16(udp + 4, (uint16_t)udp_bytes); /* IPv4 may do without checksum */
}

static void send_message(struct router *router, const struct rip_target *target,
                         unsigned command, const struct rip_entry *entries,
                         size_t count)
{
    uint8_t frame[ETHER_BYTES + IP4_BYTES + UDP_BYTES + MESSAGE_MAX_BYTES];
    uint8_t *ip = frame + ETHER_BYTES;
    const struct addr *to = target->to ? target->to : &group;
    const struct addr *from = iface_source(target->iface, to);
    if (from == NULL)
        return; /* an interface without IPv4 */
    size_t bytes =
        rip_format(ip + IP4_BYTES + UDP_BYTES, command, entries, count);
    write_headers(ip, from, to, target->port, bytes);
    put_be16(ip + 4, router->next_id++);
    ip4_seal(ip);
    bytes += IP4_BYTES + UDP_BYTES;
    if (target->to)
        neigh_send(router, target->iface, target->to, frame, bytes);
    else
        iface_send(target->iface, group_mac, TYPE_IP4, frame,
                   ETHER_BYTES + bytes);
}

/* A message that is filled entry by entry, and sent when full. */
struct letter {
    struct router *router;
    const struct rip_target *target;
    struct rip_entry entries[RIP_MAX_ENTRIES];
    size_t count;
};

static void post(struct letter *letter)
{
    if (letter->count > 0)
        send_message(letter->router, letter->target, RIP_RESPONSE,
                     letter->entries, letter->count);
    letter->count = 0;
}

static void tell(struct letter *letter, const struct prefix *prefix,
                 unsigned metric)
{
    letter->entries[letter->count++] =
        (struct rip_entry){.prefix = *prefix, .metric = metric};
    if (letter->count == RIP_MAX_ENTRIES)
        post(letter);
}

/* END SOLUTION */
/* DOC: send-table
 * What leads out by this very link: our own subnets are left out, what we have
 * learnt is poisoned. */
void rip_send_table(struct router *router, const struct rip_target *target)
{
    /* BEGIN SOLUTION 6 */
    struct letter letter = {.router = router, .target = target};
    for (size_t i = 0; i < router->routes.count; i++) {
        const struct route *route = &router->routes.list[i];
        if (route->prefix.base.bits == ADDR4_BITS &&
            route->origin != ORIGIN_RIP && route->iface != target->iface)
            tell(&letter, &route->prefix, 1);
    }
    for (size_t i = 0; i < router->rip.count; i++) {
        const struct rip_learnt *learnt = &router->rip.learnt[i];
        bool reverse = learnt->iface == target->iface;
        tell(&letter, &learnt->prefix, reverse ? RIP_INFINITY : learnt->metric);
    }
    post(&letter);
    /* END SOLUTION */
    //> (void)router, (void)target;
    //> UNWRITTEN_HERE(6, "rip_send_table() in ripsend.c");
}

void rip_send_updates(struct router *router)
{
    for (unsigned i = 0; i < router->iface_count; i++) {
        struct rip_target target = {&router->ifaces[i], NULL, RIP_PORT};
        if (target.iface->rip)
            rip_send_table(router, &target);
    }
    router->rip.sent_ms = router->now_ms;
    router->rip.trigger_ms = 0;
}

void rip_send_requests(struct router *router)
{
    /* BEGIN SOLUTION 6 */
    struct rip_entry all = {.metric = RIP_INFINITY}; /* the whole table */
    for (unsigned i = 0; i < router->iface_count; i++) {
        struct rip_target target = {&router->ifaces[i], NULL, RIP_PORT};
        if (target.iface->rip)
            send_message(router, &target, RIP_REQUEST, &all, 1);
    }
    /* END SOLUTION */
    //> (void)router; /* checkpoint 6: one entry, whose metric is infinite */
}
