/* How many segments may be under way, so that the path is full and its queues
 * are not.  Counts in segments; the caller says when a round trip is over. */
#ifndef CONGESTION_H
#define CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONGESTION_INITIAL = 10, /* segments, RFC 6928 */
    CONGESTION_MIN = 2,
    CONGESTION_SAMPLES = 64, /* the newest are kept */
};

/* What was seen since the round trip began. */
struct congestion_round {
    unsigned delivered, lost;
    bool limited; /* the window, not the file or the peer, held us back */
};

/* Round-trip times that wait to be made one figure. */
struct congestion_samples {
    unsigned count; /* all; the newest CONGESTION_SAMPLES are kept */
    int64_t us[CONGESTION_SAMPLES];
};

struct congestion {
    double window;    /* cwnd */
    double threshold; /* ssthresh: below it, slow start */
    bool settling;    /* cut just now: the losses still to come are older */
    struct congestion_round round;
    struct congestion_samples all, in_order;
    int64_t rtt_us;  /* median of `all`, last time they were enough */
    int64_t base_us; /* what it is without a queue; 0: not known yet */
    bool overtaking; /* this path does not keep order */
    double undo_window, undo_threshold; /* before the last time-out */
};

void congestion_init(struct congestion *cc);
/* Segments were delivered, while the window held us back or not. */
void congestion_delivered(struct congestion *cc, unsigned segments,
                          bool limited);
/* A round-trip time was measured, of a segment that may have overtaken
 * others. */
void congestion_sample(struct congestion *cc, int64_t rtt_us, bool in_order);
/* A segment arrived after one that was sent later. */
void congestion_overtaken(struct congestion *cc);
/* Segments were declared lost / had not been lost after all. */
void congestion_lost(struct congestion *cc, unsigned segments);
void congestion_spurious(struct congestion *cc, unsigned segments);
/* Ends a round: the one place where the window is cut or grown by one. */
void congestion_round_end(struct congestion *cc);
/* The retransmission timer expired / had been wrong. */
void congestion_timeout(struct congestion *cc);
void congestion_undo(struct congestion *cc);
unsigned congestion_window(const struct congestion *cc);

#endif
