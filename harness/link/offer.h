/* A packet that has just entered a link, while it is decided upon. */
#ifndef LINK_OFFER_H
#define LINK_OFFER_H

#include "link/wire.h"

enum { OFFER_NOTE_BYTES = 320 };

struct offer {
    struct wire *wire;
    struct wire_link *link;
    struct direction *direction;
    struct flight *flight;
    uint8_t *ip;     /* in the flight */
    size_t ip_bytes; /* 0 if there is no IP header */
    unsigned to;     /* port, or CAPTURE_TO_ALL */
    bool readable;   /* `view` is filled */
    struct view view;
    struct unit units[FLOW_MAX_UNITS];
    size_t unit_count;
    struct script_verdict script;
    struct fate fate;
};

/* Records the packet, or the copy of it that `copy_of` has the number of the
 * original for.  Returns the record's number. */
uint32_t offer_record(const struct offer *offer, unsigned fate, int64_t due_ns,
                      uint32_t copy_of, const char *note);
/* Decides the fate of the packet (copy 0) or of one of its copies. */
void offer_decide(struct offer *offer, unsigned copy, struct fate *fate);
/* Sends the packet and the copies which its fate and the script ask for, now or
 * when they are due.  Owns the flight. */
void offer_send(struct offer *offer);

#endif
