/* The queue of one direction: when does a packet leave? */
#ifndef LINK_LINE_H
#define LINK_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "link/fate.h"
#include "link/profile.h"

struct line {
    uint64_t seed;
    uint32_t link, direction;
    uint32_t queued_pkts; /* admitted and not yet left */
    int64_t
        last_due_ns; /* of the packet that leaves last, in the rate's order */
    int64_t slot_ns; /* when the newest slot opens */
    uint64_t slot_number;           /* how many were opened */
    uint64_t slot_pkts, slot_bytes; /* that went into it */
};

void line_init(struct line *line, uint64_t seed, uint32_t link,
               uint32_t direction);

/* Admits a packet that enters at `now_ns`; `bytes` counts from the device's
 * first header on.  Packets leave in the order of (due, order of admission).
 * The caller first lets go (line_leave) what is due by now, so that `limit`
 * counts what really waits.
 * Returns 0 and `*due_ns` (not before now_ns), or -ENOBUFS: the profile's limit
 * is reached, the packet is lost by overflow. */
int line_admit(struct line *line, const struct profile *profile, int64_t now_ns,
               size_t bytes, const struct fate *fate, int64_t *due_ns);
/* Notes that an admitted packet has left. */
void line_leave(struct line *line);

/* How long a packet occupies the wire, at the profile's rate: with overhead and
 * cells.  0 if there is no rate. */
int64_t line_serialise_ns(const struct profile *profile, size_t bytes);

#endif
