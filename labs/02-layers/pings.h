/* pinger's book: which echo requests are out, and what became of them. */
#ifndef PINGS_H
#define PINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

enum { PINGS_MAX = 65536, PING_DATA_BYTES = 56 };

/* An echo message with PING_DATA_BYTES of data, in the order of the wire:
 *      type 1 | code 1 | checksum 2 | identifier 2 | sequence number 2 | data
 * Byte i of the data is i. */
enum { PING_BYTES = 8 + PING_DATA_BYTES };

enum ping_verdict {
    PING_FIRST,     /* the first reply to its request */
    PING_LATE,      /* the first too, but behind one to a later request */
    PING_DUPLICATE, /* its request has been answered before */
    PING_FOREIGN,   /* no reply to us: other type, id, sender, or damaged */
};

struct pings {
    uint16_t id;
    uint8_t peer[4];        /* whom we ask */
    uint32_t sent;          /* sequence numbers below this went out */
    uint32_t next_expected; /* one more than the highest that was answered */
    int64_t *sent_ns;       /* [count]; of an answered one: -1 */
    uint32_t count;
    uint32_t received, duplicates, reordered, ignored;
    int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

/* Returns 0, or -ENOMEM.  Ownership: pings_fini frees. */
int pings_init(struct pings *pings, uint32_t count, uint16_t id,
               const uint8_t peer[4]);
void pings_fini(struct pings *pings);

/* Writes the next request and books it as sent at `now_ns`. */
void pings_next(struct pings *pings, uint8_t message[PING_BYTES],
                int64_t now_ns);

/* Books a packet that came in: from its IPv4 header on, as a raw socket gives
 * it.  A reply is reordered when one to a later request came before it (RFC
 * 4737 section 3); duplicates do not count again. */
enum ping_verdict pings_packet(struct pings *pings, const uint8_t *packet,
                               size_t bytes, int64_t now_ns);

#endif
