/* The sending side of one transfer: everything but socket and clock.
 *
 *      ACKs ──> sender_receive ──┐
 *      clock ─> sender_tick ─────┼──> state ──> sender_fill ──> datagrams
 *      file ─────────────────────┘
 *
 * Time is a parameter: the loop in rsend.c, a fuzzer or a debugger's user may
 * drive it alike. */
#ifndef SENDER_H
#define SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "congestion.h"
#include "flight.h"
#include "rtt.h"
#include "udp.h"
#include "wire.h"

enum {
    SENDER_MAX_WINDOW = 65536,            /* segments, for -w */
    SENDER_DEFAULT_WINDOW = 4096,         /* 4.8 MB under way */
    SENDER_PATIENCE_US = 10 * 1000 * 1000 /* of a silent receiver */
};

enum sender_state {
    SENDER_RUNNING,
    SENDER_DONE,    /* the receiver has the file */
    SENDER_REFUSED, /* it sent RESET: see `code` */
    SENDER_DEAD,    /* it is silent */
};

struct sender {
    enum sender_state state;
    uint8_t code; /* of the RESET */

    int file;
    uint64_t file_bytes;
    uint64_t segments; /* DATA only */
    uint32_t crc;      /* of all DATA sent so far */
    uint32_t connection;
    uint32_t initial; /* sequence number of OPEN, which is index 0 */

    struct flight flight;
    struct rtt rtt;
    struct congestion congestion;
    uint64_t peer_limit;  /* first index the receiver has no room for */
    unsigned window;      /* -w */
    unsigned tolerance;   /* of reordering, in RTTVARs: see sender.c */
    uint64_t round_order; /* the round is over when this order has arrived */
    int64_t round_us;     /* and a round-trip time has passed since then */

    int64_t heard_us;   /* last valid datagram of the receiver */
    int64_t timer_us;   /* the retransmission timer runs since then */
    int64_t recheck_us; /* a segment will then be overdue; or INT64_MAX */
    bool ping;          /* ask the receiver for its window */
    bool timed_out;     /* one segment may go out whatever the window says */
    bool may_undo;      /* the time-out may turn out to have been wrong */
    bool limited;       /* the congestion window, nothing else, held us back */
};

/* Prepares to send the open file.  Returns 0, -errno, or -EINVAL if it is not a
 * regular file.
 * Ownership: the descriptor stays the caller's; sender_fini frees the rest. */
int sender_init(struct sender *sender, int file, unsigned window,
                uint32_t connection, uint32_t initial, int64_t now_us);
void sender_fini(struct sender *sender);

/* Takes in a datagram which has been decoded; what follows from it is for
 * sender_tick. */
void sender_receive(struct sender *sender, const struct wire *wire,
                    int64_t now_us);
/* Judges what is lost and lets the timers run that are due.  All that had come
 * in by `now_us` has been taken in: read the clock, then empty the socket, then
 * call this. */
void sender_tick(struct sender *sender, int64_t now_us);
/* Adds what may be sent now.  Returns how many datagrams it added, or -errno if
 * the file cannot be read as it was. */
int sender_fill(struct sender *sender, struct udp_out *out, int64_t now_us);
/* When sender_tick wants to be called, at the latest. */
int64_t sender_deadline_us(const struct sender *sender);
/* Adds the datagram that ends it: DONE, or RESET with a code. */
void sender_finish(struct sender *sender, struct udp_out *out, uint8_t code);

#endif
