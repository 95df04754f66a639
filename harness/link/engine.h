/* What an engine is: the thing that moves packets from one end of a link to the
 * other.  There are two, `wire` (our own, over TUN and TAP devices) and `netem`
 * (the kernel's, over veth); links.c gives every net the one that the run
 * names.
 *
 * Calls come from the test's thread, one at a time.  What the machine refuses
 * ends the run as infra(). */
#ifndef LINK_ENGINE_H
#define LINK_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "link/capture.h"
#include "link/profile.h"
#include "topo/topo.h"

enum { LINK_MTU_BYTES = 1500 };

/* Packets that entered a link by one of its ports.  Once none is in flight,
 *      packets + duplicated = delivered + lost + cut + overflow + internal
 * where what a device's own queue dropped (part of `internal`) never became a
 * packet. */
struct link_counters {
    uint64_t packets, bytes; /* offered, copies not counted; from IP on */
    uint64_t delivered;      /* copies included */
    uint64_t lost, cut, overflow;
    uint64_t duplicated, corrupted, reordered, marked, held;
    uint64_t internal; /* our own queues overflowed: the run is void */
};

/* How punctual an engine was: actual minus due of delayed packets. */
struct link_lateness {
    uint64_t packets;
    int64_t p50_ns, p99_ns, max_ns;
    uint64_t too_late; /* by more than max(2 ms, 10 % of their delay) */
};

struct engine {
    const char *name;
    /* Starts for a net; its links come later.  Returns the engine's state. */
    void *(*start)(struct net *net, struct capture *capture);
    /* Ends it: when this returns, no packet moves and no record is added. */
    void (*stop)(void *state);
    /* Frees what is left; only after stop. */
    void (*release)(void *state);

    /* Makes the link's devices and moves its packets; `profiles` has one for
     * each port, of what enters the link there. */
    void (*open)(void *state, struct link *link,
                 const struct profile *profiles);
    /* Replaces the profile of what enters by a port. */
    void (*profile)(void *state, struct link *link, unsigned port,
                    const struct profile *profile);
    void (*down)(void *state, struct link *link, bool down);
    /* Adds a line of a fault script, whose times count from now. */
    void (*script)(void *state, struct link *link, const char *line);
    void (*fast)(void *state, struct link *link);
    /* The MTU of the link's devices has changed; `icmp`: whether the hosts at
     * its ends may tell others so. */
    void (*mtu)(void *state, struct link *link, unsigned mtu_bytes, bool icmp);
    /* From now on, drops what enters by the port with a false sender (guard.h).
     * NULL: the engine cannot. */
    void (*guard)(void *state, struct link *link, unsigned port);

    /* Records what has passed already, for an engine that only watches: before
     * a question about the capture, from any thread, also once it is stopped.
     * May be NULL. */
    void (*catch_up)(void *state);
    void (*counters)(void *state, const struct link *link, unsigned port,
                     struct link_counters *counters);
    void (*lateness)(void *state, struct link_lateness *lateness);
    /* Writes the decisions taken, as lines of fates.tsv, sorted; adds to
     * *missing how many there was no room for.  May be NULL. */
    void (*fates)(void *state, struct strbuf *lines, uint64_t *missing);
};

extern const struct engine engine_wire;
extern const struct engine engine_netem;

#endif
