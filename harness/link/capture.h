/* The records behind <wirelab/capture.h>, as those who make them see them.
 *
 * A net has one capture.  The thread of its link engine is the only one that
 * adds records; any thread may read them at any time without a lock, since a
 * record never moves and only the newest count says which are complete.  What
 * changes later in a record (its fate, its delivery) is atomic.
 *
 * Memory has a budget: whole packets until CAPTURE_WHOLE_BYTES are kept, then
 * CAPTURE_HEADER_BYTES of each, then, after CAPTURE_MAX_RECORDS, packets are
 * only counted; capture_uncaptured() says how many those were, and whoever asks
 * for a count then is told so instead of getting a wrong one. */
#ifndef LINK_CAPTURE_H
#define LINK_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/capture.h>

#include "topo/topo.h"

enum {
    CAPTURE_WHOLE_BYTES = 64 << 20,
    CAPTURE_HEADER_BYTES = 160,
    CAPTURE_MAX_RECORDS = 500000,
    CAPTURE_TO_ALL = 255, /* a LAN's broadcast */
};

struct capture;

/* The net's capture, made when it is first asked for. */
struct capture *capture_of(struct net *net);
/* Makes the link's directions known: one capture interface for each port, named
 * "sender->receiver (eth0)".  Call before any of its packets is added. */
void capture_add_link(struct capture *capture, const struct link *link);

/* One packet as it enters a link. */
struct capture_entry {
    const struct link *link;
    unsigned from, to; /* indexes of ports; `to` may be CAPTURE_TO_ALL */
    unsigned fate;     /* FATE_IN_FLIGHT until it is settled */
    uint32_t copy_of;
    int64_t sent_ns, due_ns; /* absolute, CLOCK_MONOTONIC */
    const uint8_t *data;
    size_t captured_bytes, length_bytes;
    const uint8_t *rest; /* more of it that lies elsewhere, or NULL */
    size_t rest_bytes;
    const char *note; /* "lost: …"; copied; NULL: told from the fate */
};

/* Adds a record.  Returns its number, or 0 if it was only counted (`entry` is
 * then not looked at).  To be called by the engine's thread alone. */
uint32_t capture_add(struct capture *capture,
                     const struct capture_entry *entry);
/* Says how a record that was in flight ended.  `delivered_ns` is absolute, 0 if
 * it was not delivered.  Number 0 is ignored. */
void capture_settle(struct capture *capture, uint32_t number, unsigned fate,
                    int64_t delivered_ns);
/* Tells readers and the file's writer, if any of them sleeps, that there is
 * news.  The engine calls this when it has nothing else to do. */
void capture_kick(struct capture *capture);

/* Whether another packet would only be counted. */
bool capture_is_full(const struct capture *capture);
uint32_t capture_records(const struct capture *capture);
uint64_t capture_uncaptured(const struct capture *capture);
/* Reads record `number`, which must exist.  Its `note` is filled if `notes`. */
void capture_get(struct capture *capture, uint32_t number, bool notes,
                 struct packet *packet);

#endif
