/* Names for packets that are the same in every run: flow and unit.
 *
 * A fate is a hash of a packet's name, so a name must not contain what differs
 * from run to run: ephemeral ports, initial sequence numbers, segment
 * boundaries, timing.  See the essay in flow.c. */
#ifndef LINK_FLOW_H
#define LINK_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/view.h"

enum {
    FLOW_CELL_BYTES = 1448, /* a TCP stream has a mark in each; a full segment
                               on a 1500-byte path */
    FLOW_MAX_UNITS = 64,    /* of any packet of 64 KiB */
    FLOW_NAME_BYTES = 160,
};

enum unit_kind {
    UNIT_PACKET, /* the index-th packet of a UDP, ICMP or other flow */
    UNIT_DATA,   /* a TCP segment that covers the mark of cell `index` */
    UNIT_BARE,   /* a TCP segment that covers no mark, beginning in that cell:
                    nothing happens to it by chance but a delay */
    UNIT_SYN,    /* the index-th SYN, FIN, RST, segment without data */
    UNIT_FIN,
    UNIT_RST,
    UNIT_ACK,
};

struct unit {
    enum unit_kind kind;
    uint8_t protocol;
    uint16_t nth;          /* which segment over this mark, from 0 */
    uint32_t flow;         /* number on this link, from 1, in order of
                              appearance; for people */
    uint64_t flow_label;   /* the same in every run; for the hash */
    uint64_t index;        /* from 0 */
    uint64_t offset_bytes; /* UNIT_DATA: of the mark in the stream */
};

/* "packet", "data", "bare", "syn", "fin", "rst", "ack". */
const char *unit_kind_name(enum unit_kind kind);

/* The flows of one link. */
struct flows;
struct flows *flows_new(uint32_t link);
void flows_free(struct flows *flows);

/* Finds the units of a packet: one, but for TCP segments over several marks.
 * `seed` places the marks; `direction` is the port by which it entered.
 * Returns how many there are, at most `max`: 0 for the traffic that takes no
 * index (not IP, ND, MLD, IGMP, unreadable).  Each call counts the packet. */
size_t flows_classify(struct flows *flows, uint64_t seed, unsigned direction,
                      const uint8_t *ip, size_t bytes, struct unit *units,
                      size_t max);
/* The same for a packet that was read already.  A super-packet's segments go
 * through here, each with its own tcp_seq, tcp_flags and payload_bytes. */
size_t flows_units(struct flows *flows, uint64_t seed, unsigned direction,
                   const struct view *view, struct unit *units, size_t max);

/* Writes a flow's name, which is the same in every run:
 * "udp 10.77.1.1 10.77.1.2:9000 1".  The number counts the flows of that name.
 * Returns the length, as snprintf does; 0 if there is no such flow. */
int flows_name(const struct flows *flows, uint32_t number, char *out,
               size_t size);

#endif
