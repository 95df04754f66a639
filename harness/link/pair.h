/* Fates read off a wire: which packet that left a link is which that entered.
 *
 * The kernel's netem does not say what it does to a packet.  A pairing sees the
 * packets of one direction before and after it, and concludes: what comes out
 * as it went in was delivered, what never comes out was lost, what comes out
 * twice was duplicated, what comes out with one bit flipped was corrupted. */
#ifndef LINK_PAIR_H
#define LINK_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/capture.h"
#include "link/engine.h"
#include "link/frame.h"
#include "link/lateness.h"
#include "link/profile.h"

/* What a pairing may be asked about; times are absolute, CLOCK_MONOTONIC. */
struct pairing;

/* Begins one for what enters `link` by `port`.  `lateness` is shared. */
struct pairing *pairing_new(struct capture *capture, const struct link *link,
                            unsigned port, struct lateness *lateness);
void pairing_free(struct pairing *pairing);

/* Says what the direction does from now on: its profile, and whether it is
 * down, so that what is lost then was cut. */
void pairing_profile(struct pairing *pairing, const struct profile *profile);
void pairing_down(struct pairing *pairing, bool down);
/* Whether "packet too big" of ICMP is dropped on the way. */
void pairing_silence(struct pairing *pairing, bool silent);

/* A frame has entered / left.  Of a link that is not Ethernet, only IP is
 * looked at. */
void pairing_enter(struct pairing *pairing, const struct frame *frame,
                   unsigned to);
void pairing_leave(struct pairing *pairing, const struct frame *frame);
/* Frames went by unseen: the run is void. */
void pairing_missed(struct pairing *pairing, uint64_t frames);

/* Settles what is certainly lost by now.  Returns when to call again, or
 * INT64_MAX. */
int64_t pairing_expire(struct pairing *pairing, int64_t now_ns);
/* Settles all: what could have come out by now and has not is lost. */
void pairing_end(struct pairing *pairing, int64_t now_ns);

const struct link_counters *pairing_counters(const struct pairing *pairing);

#endif
