/* The memory of a learning switch: which station is behind which port. */
#ifndef LINK_SWITCH_H
#define LINK_SWITCH_H

#include <stddef.h>
#include <stdint.h>

enum { SWITCH_SLOTS = 1024, SWITCH_ALL = 255 };

struct station {
    uint8_t mac[6];
    uint8_t port;
    uint8_t used;
};

/* Zero-initialised is empty.  A full table forgets, and so floods: a switch is
 * allowed to. */
struct switch_table {
    struct station slots[SWITCH_SLOTS];
};

/* Learns where a frame's sender is and says where the frame goes: a port, or
 * SWITCH_ALL for every other one (broadcast, multicast, stations not seen
 * yet).  A frame too short for its header goes nowhere: -EBADMSG. */
int switch_forward(struct switch_table *table, unsigned from,
                   const uint8_t *frame, size_t bytes);

#endif
