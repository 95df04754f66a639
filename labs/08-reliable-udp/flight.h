/* What the sender has sent and not yet seen acknowledged: its scoreboard
 * (RFC 6675), judged by time (RFC 8985).
 *
 * Segments are known by index here: 64 bits, from 0, never wrapping.  Sequence
 * numbers are made of them only at the border, in sender.c. */
#ifndef FLIGHT_H
#define FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum segment_state {
    SEGMENT_SENT,  /* under way, as far as we know */
    SEGMENT_LOST,  /* believed lost, waits to be sent again */
    SEGMENT_TAKEN, /* the receiver has it */
};

struct segment {
    int64_t sent_us; /* last transmission */
    uint64_t order;  /* that transmission's number among all, from 1 */
    uint32_t sends;
    enum segment_state state;
};

struct flight {
    struct segment *slots; /* of segment i: slots[i & mask] */
    uint64_t mask;
    uint64_t first; /* lowest not cumulatively acknowledged (SND.UNA) */
    uint64_t next;  /* first never sent (SND.NXT) */
    unsigned under_way, lost, taken; /* how many are in which state */
    uint64_t order;                  /* transmissions so far */
    uint64_t newest_order; /* of the latest transmission that was delivered */
};

/* What one ACK told. */
struct flight_news {
    unsigned delivered; /* segments of which this is the first word */
    unsigned spurious;  /* of these: declared lost, and the first copy came */
    unsigned overtaken; /* of these: later ones had arrived before */
    bool advanced;      /* the cumulative acknowledgement moved */
    uint64_t newest_before; /* newest_order when the ACK came */
};

/* A run of segments [first, end). */
struct flight_range {
    uint64_t first, end;
};

/* Makes room for `window` segments.  Returns 0 or -ENOMEM. */
int flight_init(struct flight *flight, unsigned window);
void flight_fini(struct flight *flight);

/* Notes a transmission: of `next`, which then advances, or of a lost one. */
void flight_sent(struct flight *flight, uint64_t index, int64_t now_us);

/* Takes in an acknowledgement of everything before `first` and of the ranges.
 * `echo` is the timestamp the ACK answers, 0 if it answers none.
 * Returns -EINVAL, having changed nothing, if it speaks of what was never
 * sent. */
int flight_acked(struct flight *flight, uint64_t first,
                 const struct flight_range *ranges, size_t count, uint32_t echo,
                 struct flight_news *news);

/* Declares lost what is older than `patience_us` while something sent later
 * has arrived.  `*recheck_us` becomes the time at which the next such segment
 * will be due, or INT64_MAX.  Returns how many were declared. */
unsigned flight_detect(struct flight *flight, int64_t now_us,
                       int64_t patience_us, int64_t *recheck_us);
/* Declares the first outstanding segment lost: its timer has expired. */
void flight_expire(struct flight *flight);

/* The lowest lost segment.  Returns false if there is none. */
bool flight_first_lost(const struct flight *flight, uint64_t *index);

/* The 32 bits of a send time which a datagram carries; never 0. */
static inline uint32_t flight_timestamp(int64_t sent_us)
{
    return (uint32_t)sent_us | 1;
}

#endif
