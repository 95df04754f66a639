/* What happens to a packet: pure functions of seed, place and name.
 *
 * No decision depends on one made before it, on time, or on the order in which
 * questions are asked; so adding jitter to a profile loses the same packets.
 * See the essay in fate.c. */
#ifndef LINK_FATE_H
#define LINK_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/capture.h>

#include "link/chain.h"
#include "link/flow.h"
#include "link/profile.h"

/* Decides for one direction of one link. */
struct fater {
    uint64_t seed; /* the net's; a profile's own goes before it */
    uint32_t link, direction;
    struct chains chains; /* saves work; no decision depends on it */
};

void fater_init(struct fater *fater, uint64_t seed, uint32_t link,
                uint32_t direction);
/* The seed that counts: the profile's if it has one. */
uint64_t fater_seed(const struct fater *fater, const struct profile *profile);

struct fate {
    unsigned bits;         /* FATE_LOST, _MARKED, _DUPLICATE (a copy follows),
                              _CORRUPT, _REORDERED; never FATE_DELIVERED */
    int64_t delay_ns;      /* at least 0; 0 if reordered */
    uint64_t corrupt_draw; /* which bit: for mangle_flip() */
    uint64_t seed;         /* that decided */
    size_t unit_count;     /* what was decided about each unit, as `bits` */
    uint8_t unit_bits[FLOW_MAX_UNITS]; /* FATE_UNIT_* */
};

enum {
    FATE_UNIT_LOST = 1 << 0,
    FATE_UNIT_CORRUPT = 1 << 1,
    FATE_UNIT_DUPLICATE = 1 << 2,
    FATE_UNIT_REORDERED = 1 << 3,
    FATE_UNIT_MARKED = 1 << 4, /* would be lost, but the packet took a mark */
};

/* Decides about a packet, whose units flows_classify() gave: what happens to
 * any of them happens to it.  With no units it is only delayed, by the mean.
 * `copy` is 0 for a packet that was sent, n for the n-th copy which the link
 * makes of it: a copy has fates of its own but is not copied again.
 * `ecn_capable`: its header allows a mark in place of a loss. */
void fate_decide(struct fater *fater, const struct profile *profile,
                 const struct unit *units, size_t count, unsigned copy,
                 bool ecn_capable, struct fate *fate);

/* Says in words why one of the fate's bits was set, for a capture's comment:
 * "lost: loss 5% seed 7 udp flow 1 unit 12",
 * "lost: loss 1% seed 7 tcp flow 1 data offset 14480 nth 2".
 * `units` are those the fate was decided with.  Returns the length, as snprintf
 * does; 0 if the bit is not set. */
int fate_reason(const struct fate *fate, unsigned bit,
                const struct profile *profile, const struct unit *units,
                char *out, size_t size);

/* What was decided about one unit: "pass", "lost", "corrupt,duplicate". */
int fate_unit_text(uint8_t unit_bits, char *out, size_t size);

#endif
